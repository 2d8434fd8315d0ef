"""A deployed table: described by DynamoDB Local, written as source, and the same again."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from dynamodel import Client, connect
from dynamodel.entity.schema import schema_of
from dynamodel.infra.importing import from_description, python_source
from dynamodel.operations.table_description import describe_table
from dynamodel.schema import (
    BillingMode,
    Projection,
    StreamViewType,
    Throughput,
    WarmThroughput,
    create_requests,
)
from tests.schema.cases import global_index, key, local_index, table

from .modules import classes, tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

THREAD = table(
    local_index("byPost", "lastPost", projection=Projection.KEYS_ONLY, partition="forum"),
    global_index("by-user", "user", "lastPost", projection=Projection.include("replies")),
    key=key("forum", "subject"),
    stream=StreamViewType.NEW_IMAGE,
)


@pytest.mark.dynamodb_local
def test_a_deployed_table(dynamodb_local_client: DynamoDBClient) -> None:
    definition = evolve(THREAD, name=f"Thread-{uuid.uuid4()}")
    client: Any = dynamodb_local_client
    [create, *_] = create_requests(definition)
    client.create_table(**create.parameters)
    try:
        item = {"forum": {"S": "S3"}, "subject": {"S": "?"}, "replies": {"N": "3"}, "photo": {"B": b"\x00"}}
        client.put_item(TableName=definition.name, Item=item)
        deployed = _client(client).run(describe_table(definition.name))
        assert deployed is not None
        items = client.scan(TableName=definition.name)["Items"]
        imported = from_description(deployed, items)
        source = python_source(imported)
        assert tables(source) == {definition.name: definition}
        assert any("point_in_time_recovery" in note for note in imported.notes)
        [thread] = classes(source).values()
        assert schema_of(thread).item_of(schema_of(thread).decode(items[0]), {}) == items[0]
    finally:
        client.delete_table(TableName=definition.name)


def _client(client: Any) -> Client:
    return connect(endpoint_url=client.meta.endpoint_url, region=client.meta.region_name)


@pytest.mark.parametrize(
    ("settings", "warm", "kept"),
    [
        ({}, WarmThroughput(12_000, 4_000), None),
        ({}, WarmThroughput(15_000, 4_000), WarmThroughput(15_000, 4_000)),
        (
            {"billing_mode": BillingMode.PROVISIONED, "throughput": Throughput(5, 6)},
            WarmThroughput(5, 6),
            None,
        ),
    ],
)
def test_warm_throughput_that_nobody_asked_for(
    settings: dict[str, Any], warm: WarmThroughput, kept: object
) -> None:
    definition = table(
        global_index(warm_throughput=warm, throughput=settings.get("throughput")),
        warm_throughput=warm,
        **settings,
    )
    [imported] = from_description(definition).tables
    assert imported.definition.settings.warm_throughput == kept
    assert imported.definition.global_indexes[0].warm_throughput == kept
