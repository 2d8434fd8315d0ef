"""Programs that import a handler: in an environment as Lambda's, with no real account."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Final

from dynamodel.packaging.problems import PackagingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["run_as_in_lambda"]

_MOST_SECONDS: Final = 120.0
"""How long an import may take here. Lambda gives the init phase 10 seconds, and does it again in the first
invocation if that was too short (AWS Lambda developer guide, Execution environment lifecycle)."""


def run_as_in_lambda(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end.

    Args:
        command: the program, and its arguments.
        folder: the current directory.

    Raises:
        PackagingError: it does not end.
    """
    try:
        return subprocess.run(  # noqa: S603 - a Python, and a program of our own
            command,
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        text = f"the import of the handler did not end within {_MOST_SECONDS:.0f} seconds"
        hint = "what does it wait for? In Lambda, the init phase has 10 seconds"
        raise PackagingError(text, hint) from None


def _environment() -> Mapping[str, str]:
    """The environment variables of this process, with those that Lambda sets.

    Nothing listens where DynamoDB is: a client that connects as it is opened does not wait for AWS.
    """
    return {
        **{name: value for name, value in os.environ.items() if name != "AWS_PROFILE"},
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_SESSION_TOKEN": "testing",
        "AWS_REGION": os.environ.get("AWS_REGION", "us-east-1"),
        "AWS_DEFAULT_REGION": os.environ.get("AWS_REGION", "us-east-1"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL_DYNAMODB": "https://localhost:1",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_FUNCTION_NAME": "packaged",
        "POWERTOOLS_SERVICE_NAME": os.environ.get("POWERTOOLS_SERVICE_NAME", "packaged"),
    }
