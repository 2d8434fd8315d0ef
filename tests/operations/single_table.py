"""What the tests of writes in single-table design share: a table on the engine, and readable requests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamodel import Client, Request, Table
    from dynamodel.testing import DynamoDBLocal
    from dynamodel.types import Item


def fresh_table(local: DynamoDBLocal, table: Table) -> Iterator[tuple[Client, DynamoDBClient]]:
    """A client, and a boto3 client, of DynamoDB Local with the table; afterwards the table is gone."""
    before = local.table_names()
    wire = local.boto3_client()
    with local.connect() as client:
        client.create_table(table)
        yield client, wire
    wire.close()
    local.reset(keep=before)


def raw(wire: DynamoDBClient, table: Table, partition: str, sort: str) -> Item | None:
    """What is stored under a key."""
    key = {"pk": {"S": partition}, "sk": {"S": sort}}
    return wire.get_item(TableName=table.name, Key=key, ConsistentRead=True).get("Item")


def filled_in(request: Request | dict[str, Any], expression: str) -> str:
    """An expression of a request with its names and values put in: `SET hits = N:3`."""
    parameters = request if isinstance(request, dict) else request.parameters
    put_in = dict(parameters.get("ExpressionAttributeNames", {}))
    for alias, value in parameters.get("ExpressionAttributeValues", {}).items():
        [(kind, content)] = value.items()
        put_in[alias] = f"{kind}:{content}"
    # In one pass: a value may look like a placeholder.
    return re.sub(r"[#:]\w+", lambda found: put_in[found[0]], parameters[expression])
