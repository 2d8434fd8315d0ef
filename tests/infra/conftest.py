"""What tests of infrastructure share: the CDK where it is installed, and cfn-lint.

The CDK needs node. Where either is missing, the tests that ask for `cdk` are skipped; with CDK_REQUIRED=1
they fail instead.
"""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

_REQUIRED = "CDK_REQUIRED"
_QUIET = {
    "CDK_VALIDATION": "false",  # saves the first synthesis 1.7 s
    "CDK_DISABLE_VERSION_CHECK": "1",
    "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
    "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
    "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
}


@pytest.fixture(scope="session")
def cdk() -> Iterator[ModuleType]:
    """`aws_cdk`, imported."""
    if shutil.which("node") is None:
        _without("node is not installed; the CDK needs it: https://nodejs.org")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _QUIET.items():
            patch.setenv(name, value)
        try:
            import aws_cdk
        except ImportError:
            _without("aws-cdk-lib is not installed: pip install 'dynamodel-orm[cdk]'")
        yield aws_cdk


def _without(reason: str) -> None:
    if os.environ.get(_REQUIRED) == "1":
        pytest.fail(f"{reason}\n{_REQUIRED}=1 makes this a failure", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def lint() -> Callable[[dict[str, Any]], list[str]]:
    """A function that gives what cfn-lint says of a template: errors and warnings, each as one line."""
    from cfnlint import api

    def said_of(template: dict[str, Any]) -> list[str]:
        return [
            f"{match.rule.id} {match.message}"
            for match in api.lint(json.dumps(template), regions=["us-east-1"])
        ]

    return said_of
