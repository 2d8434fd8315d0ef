"""The process's environment variables that boto3 reads, changed for a while.

Guarantee: at the end every variable named is as it was before, absent ones absent again; no other
variable is touched. The environment belongs to the whole process, so its threads share the change.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["changed_environment", "offline_settings"]


@contextmanager
def changed_environment(settings: Mapping[str, str | None]) -> Iterator[None]:
    """Sets variables, or removes those that are None; puts all of them back at the end."""
    before = {name: os.environ.get(name) for name in settings}
    _apply(settings)
    try:
        yield
    finally:
        _apply(before)


def _apply(settings: Mapping[str, str | None]) -> None:
    for name, value in settings.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def offline_settings(region: str) -> dict[str, str | None]:
    """Settings under which boto3 finds fake credentials at once and nothing of the developer's account.

    A profile would be loaded (or be missing) before the fake keys are looked at; an account number or a
    configured endpoint would send requests past the engine, and so would a proxy.
    """
    # The name in lower case counts where there are both (urllib.request.getproxies_environment).
    bypassed = os.environ.get("no_proxy", os.environ.get("NO_PROXY", ""))
    return {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_SESSION_TOKEN": "testing",
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "AWS_PROFILE": None,
        "AWS_DEFAULT_PROFILE": None,
        "AWS_ACCOUNT_ID": None,
        "no_proxy": ",".join(filter(None, (bypassed, "127.0.0.1", "localhost"))),
    }
