"""What all tests share: no way to a real AWS account, one DynamoDB Local, one way to run hypothesis."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from dynamodel.testing.environment import offline_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamodel.testing import DynamoDBLocal

settings.register_profile("desk", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


@pytest.fixture(scope="session", autouse=True)
def no_real_account() -> Iterator[None]:
    """Takes the developer's credentials, profile and endpoints away for the length of the run."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in offline_settings("us-east-1").items():
            if value is None:
                patch.delenv(name, raising=False)
            else:
                patch.setenv(name, value)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        yield


@pytest.fixture(scope="session")
def dynamodb_local_client(dynamodb_local: DynamoDBLocal) -> Iterator[DynamoDBClient]:
    """A boto3 client of DynamoDB Local. A test removes the tables it makes, or names them uniquely."""
    client = dynamodb_local.boto3_client()
    yield client
    client.close()
