"""One table of boxes in DynamoDB Local, for each module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .models import Box

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamodel import Client
    from dynamodel.testing import DynamoDBLocal


@pytest.fixture(scope="module")
def db(dynamodb_local: DynamoDBLocal) -> Iterator[Client]:
    before = dynamodb_local.table_names()
    with dynamodb_local.connect() as client:
        client.create_table(Box)
        yield client
    dynamodb_local.reset(keep=before)


@pytest.fixture(scope="module")
def wire(dynamodb_local: DynamoDBLocal) -> Iterator[DynamoDBClient]:
    """A boto3 client of the same engine."""
    client = dynamodb_local.boto3_client()
    yield client
    client.close()
