"""The embedded engine: moto, in this process.

Guarantees: each `with` starts with no tables and ends without a trace, in the environment as in boto3;
nothing is sent to AWS while it is open. moto accepts much that DynamoDB refuses (DynamoDB Local is the
stricter judge), so a test that passes here shows what a program does, not that AWS will agree.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from itertools import count
from typing import TYPE_CHECKING
from unittest.mock import patch

from dynamodel.errors import MissingExtraError
from dynamodel.testing.environment import changed_environment, offline_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamodel.client import Client

__all__ = ["embedded"]

_accounts = count(210_000_000_000)
"""Numbers for the accounts of engines that share moto with somebody; never moto's own 123456789012."""


@contextmanager
def embedded(region: str = "us-east-1") -> Iterator[Client]:
    """A client on an empty DynamoDB inside this process.

    While it is open, every boto3 client that is made in this process works against moto, with fake
    credentials, and sees the same tables. An engine may be opened inside another one, or in a test that
    uses moto itself: it is empty all the same, because it then has an AWS account of its own.

    Args:
        region: the AWS region, as it shows in the tables' ARNs.

    Raises:
        MissingExtraError: moto is not installed (the extra `local`).
    """
    try:
        from moto import mock_aws
        from moto.core.models import botocore_stubber
    except ImportError as error:
        raise MissingExtraError("The embedded engine", "local") from error
    # Not at the top: the pytest plugin imports this package in every run of the user's tests.
    from dynamodel.client import connect

    with ExitStack() as stack:
        stack.enter_context(changed_environment(offline_settings(region)))
        shared = botocore_stubber.enabled
        stack.enter_context(mock_aws())
        # boto3's default session keeps the credentials it found first: an outer engine's, or real ones.
        stack.enter_context(patch("boto3.DEFAULT_SESSION", None))
        if shared:
            stack.enter_context(changed_environment(_own_account(region)))
        yield stack.enter_context(connect(region=region))


def _own_account(region: str) -> dict[str, str | None]:
    """Credentials of an account that nobody else uses: moto keeps the accounts' data apart."""
    import boto3

    sts = boto3.Session().client("sts", region_name=region)
    role = f"arn:aws:iam::{next(_accounts)}:role/dynamodel"
    credentials = sts.assume_role(RoleArn=role, RoleSessionName="dynamodel")["Credentials"]
    sts.close()
    return {
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["SessionToken"],
    }
