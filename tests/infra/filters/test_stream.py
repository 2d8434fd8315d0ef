"""From end to end: a single table's real stream on DynamoDB Local, filtered by the patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest

from dynamodel.infra.filters import Changes
from dynamodel.schema import StreamViewType

from .models import forum

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamodel import Client
    from dynamodel.testing import DynamoDBLocal

pytestmark = pytest.mark.dynamodb_local


@pytest.fixture
def records(
    dynamodb_local: DynamoDBLocal, dynamodb_local_client: DynamoDBClient
) -> Iterator[Callable[[str], list[dict[str, Any]]]]:
    """A function that reads the whole stream of a table."""
    session = boto3.Session("streams", "streams", region_name="us-east-1")
    client = session.client("dynamodbstreams", endpoint_url=dynamodb_local.endpoint_url)

    def read(table: str) -> list[dict[str, Any]]:
        # The streams of removed tables of this name are listed, too.
        described: Any = dynamodb_local_client.describe_table(TableName=table)
        arn = described["Table"]["LatestStreamArn"]
        found: list[dict[str, Any]] = []
        for shard in client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
            iterator = client.get_shard_iterator(
                StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            found += cast("Any", client.get_records(ShardIterator=iterator)["Records"])
        return found

    yield read
    client.close()


@pytest.mark.parametrize("view", StreamViewType)
def test_the_records_of_an_entity_are_told_from_all_others(
    view: StreamViewType, dynamodb_local_db: Client, records: Callable[[str], list[dict[str, Any]]]
) -> None:
    entities = cast("Any", forum(view))
    forum_, thread, reply = entities
    db = dynamodb_local_db
    db.create_table(Changes(thread).table)
    written = [forum_(name="f"), thread(forum="f", subject="s"), reply(thread="s", number=1)]
    for each in written:
        db.run(each.put())
    db.run(thread.main.update("f", "s").apply(thread.replies.add(1)))
    for each in written:
        db.run(each.delete())

    found = records("filters.forum")
    assert len(found) == 7
    for entity in entities:
        told = [record["eventName"] for record in found if Changes(entity).matches(record)]
        assert told == (["INSERT", "MODIFY", "REMOVE"] if entity is thread else ["INSERT", "REMOVE"])
        removed = Changes(entity, kinds=["REMOVE"])
        assert [record["eventName"] for record in found if removed.matches(record)] == ["REMOVE"]


def test_the_moment_in_which_a_condition_comes_true(
    dynamodb_local_db: Client, records: Callable[[str], list[dict[str, Any]]]
) -> None:
    _, thread, _ = cast("Any", forum(StreamViewType.NEW_AND_OLD_IMAGES))
    db = dynamodb_local_db
    db.create_table(Changes(thread).table)
    db.run(thread(forum="f", subject="s", replies=9).put())
    for _ in range(3):
        db.run(thread.main.update("f", "s").apply(thread.replies.add(1)))
    db.run(thread.main.delete("f", "s"))

    found = records("filters.forum")
    came_true = Changes(thread, new=thread.replies > 10, old=thread.replies <= 10)
    images = [record["dynamodb"]["NewImage"]["replies"] for record in found if came_true.matches(record)]
    assert images == [{"N": "11"}]
    is_true = Changes(thread, new=thread.replies > 10)
    assert [
        record["dynamodb"]["NewImage"]["replies"]["N"] for record in found if is_true.matches(record)
    ] == ["11", "12"]
    gone = Changes(thread, old=thread.replies > 10)
    assert [record["eventName"] for record in found if gone.matches(record)] == ["MODIFY", "REMOVE"]
