"""The tables in the real engine, anew for each test, and what is stored there as boto3 reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .models import TABLES

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamodel import Client
    from dynamodel.types import Item

    from .models import Stored


@pytest.fixture
def db(dynamodb_local_db: Client) -> Client:
    for entity in TABLES:
        dynamodb_local_db.create_table(entity)
    return dynamodb_local_db


@pytest.fixture
def stored(dynamodb_local_client: DynamoDBClient) -> Stored:
    def scan(index: str | None = None, *, table: str = "traps.app") -> list[Item]:
        parameters: dict[str, Any] = {"TableName": table, "ConsistentRead": index is None}
        if index is not None:
            parameters["IndexName"] = index
        items: Any = dynamodb_local_client.scan(**parameters)["Items"]
        return list(items)

    return scan
