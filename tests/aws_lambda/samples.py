"""Events for handlers: AWS's samples, and events that are made of given records."""

from __future__ import annotations

import base64
import json
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from dynamodel.entity.schema import schema_of
from dynamodel.testing.local_lambda.sources.events import change_record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel import Entity
    from dynamodel.testing import DynamoDBLocal

FOLDER = Path(__file__).parent.parent / "data" / "lambda_events"
ARN = "arn:aws:dynamodb:eu-central-1:111122223333:table/T/stream/2026-03-09T10:00:00.000"


def sample(name: str) -> dict[str, Any]:
    """An event of the folder, such as `sam/Sqs.json`."""
    event: dict[str, Any] = json.loads((FOLDER / name).read_text())
    return event


def image(entity: Entity) -> dict[str, Any]:
    """What is stored of an entity that has no binary values."""
    return schema_of(type(entity)).item_of(entity, {})


def changed(
    number: int, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, **more: Any
) -> dict[str, Any]:
    """A record of a stream: what an item was, and what it is."""
    kind = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
    body: dict[str, Any] = {
        "ApproximateCreationDateTime": 1773051630,
        "Keys": {},
        "SequenceNumber": str(number),
        "SizeBytes": 10,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    images = {"OldImage": old, "NewImage": new}
    body |= {name: image for name, image in images.items() if image is not None}
    record = {
        "eventID": f"id-{number}",
        "eventName": kind,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "dynamodb": body,
        "eventSourceARN": ARN,
    }
    return deepcopy(record | more)


def message(number: int, body: str, queue: str = "imports", **attributes: Any) -> dict[str, Any]:
    """A message of a queue."""
    record = deepcopy(sample("sam/Sqs.json")["Records"][0])
    record |= {
        "messageId": f"m-{number}",
        "body": body,
        "eventSourceARN": f"arn:aws:sqs:eu-central-1:1:{queue}",
    }
    record["attributes"] |= attributes
    return record


def kinesis_record(number: int, data: bytes) -> dict[str, Any]:
    """A record of a Kinesis data stream."""
    record = deepcopy(sample("sam/Kinesis.json")["Records"][0])
    record["eventID"] = f"shardId-000000000000:{number}"
    record["kinesis"] |= {"sequenceNumber": str(number), "data": base64.b64encode(data).decode()}
    return record


def event_of(*records: dict[str, Any]) -> dict[str, Any]:
    """An event of these records, as it comes out of JSON."""
    event: dict[str, Any] = json.loads(json.dumps({"Records": records}))
    return event


def failed(*identifiers: object) -> dict[str, Any]:
    """The answer that names these records."""
    return {"batchItemFailures": [{"itemIdentifier": str(identifier)} for identifier in identifiers]}


def stream_event(engine: DynamoDBLocal, table: str) -> dict[str, Any]:
    """The event of all that the stream of a table has, from DynamoDB Local's real stream."""
    key = "dynamodbLocal"
    session = boto3.Session(aws_access_key_id=key, aws_secret_access_key=key, region_name="us-east-1")
    streams = session.client("dynamodbstreams", endpoint_url=engine.endpoint_url)
    arn = streams.list_streams(TableName=table)["Streams"][0]["StreamArn"]
    records: list[dict[str, Any]] = []
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        iterator: str | None = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while iterator:
            page = streams.get_records(ShardIterator=iterator)
            records += [change_record(record, arn, "us-east-1") for record in page["Records"]]
            iterator = page.get("NextShardIterator") if page["Records"] else None
    return event_of(*records)
