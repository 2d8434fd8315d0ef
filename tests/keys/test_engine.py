"""DynamoDB Local finds by the ranges of keys what the values say, in the order of the values."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from dynamodel.keys import Exactly, KeyRange, KeyTemplate, StartsWith

from .test_templates import all_ranges, wires

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.dynamodb_local
TABLE = "keys.ranges"
NEIGHBOURS = ["T", "T ", "T!#a", "T%#a", "TA#a", "S#a", "U#a", "T\x00#a", "T\U0010ffff#a"]
"""Keys of other tags in the same partition."""


@pytest.fixture(scope="module")
def wire_client(dynamodb_local_client: DynamoDBClient) -> Iterator[DynamoDBClient]:
    dynamodb_local_client.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    yield dynamodb_local_client
    dynamodb_local_client.delete_table(TableName=TABLE)


def found(client: DynamoDBClient, partition: str, keys: KeyRange) -> list[str]:
    """The sort keys that a query finds, in its order."""
    values: dict[str, Any] = {":pk": {"S": partition}, ":low": {"S": keys.low}}
    if isinstance(keys, Exactly):
        condition = "sk = :low"
    elif isinstance(keys, StartsWith):
        condition = "begins_with(sk, :low)"
    else:
        condition, values[":high"] = "sk BETWEEN :low AND :high", {"S": keys.high}
    page = client.query(
        TableName=TABLE,
        KeyConditionExpression=f"pk = :pk AND {condition}",
        ExpressionAttributeValues=values,
    )
    return [item["sk"]["S"] for item in page["Items"]]


SAMPLES: dict[str, list[Any]] = {
    "S": ["", "\x00", " ", "#", "$", "$#", "%", "a", "a b", "a#", "a#b", "a$", "ab", "\uffff", "\U0001f600"],
    "N": [-100, -10, -9, -1, 0, 1, 9, 10, 100, 10**37],
    "B": [b"", b"\x00", b"\x00\xff", b"\x7f", b"\x80", b"\xff"],
    "BOOL": [False, True],
}


@pytest.mark.parametrize("parts", [("S", "S"), ("N", "BOOL", "S"), ("B", "N"), ("S",)])
def test_queries_find_what_the_values_say(wire_client, parts):
    chance = random.Random(len(parts))
    template, partition = KeyTemplate("T", parts), "-".join(parts)
    stored = {tuple(chance.choice(SAMPLES[part]) for part in parts) for _ in range(60)}
    texts = {values: template.text(wires(template, values)) for values in stored}
    for text in [*texts.values(), *NEIGHBOURS]:
        wire_client.put_item(TableName=TABLE, Item={"pk": {"S": partition}, "sk": {"S": text}})
    in_order = sorted(stored)
    bounds = [
        tuple(SAMPLES[part][0] for part in parts),  # below which there is nothing
        *(tuple(chance.choice(SAMPLES[part]) for part in parts) for _ in range(12)),
    ]
    for given_values in bounds:
        for name, keys, holds in all_ranges(template, given_values, chance.choice(in_order)):
            expected = [texts[values] for values in in_order if holds(values)]
            assert found(wire_client, partition, keys) == expected, (name, given_values)
