"""Records of streams and messages of queues as Lambda gives them to a function, and the filters on them.

Guarantee: what is made here is JSON with the names and types of Lambda's events; binary values are base64.

Sources: AWS Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB", "... Kinesis", "... SQS", and
"Control which events Lambda sends to your function" with its pages on each source.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from dynamodel.infra.filters import matches
from dynamodel.testing.local_lambda.invocation import MAX_PAYLOAD_BYTES

__all__ = [
    "Record",
    "change_record",
    "count_that_fits",
    "event_of",
    "is_wanted_change",
    "is_wanted_kinesis_record",
    "is_wanted_message",
    "json_text",
    "kinesis_record",
    "queue_message",
]

Record: TypeAlias = dict[str, Any]
"""One of an event's `Records`."""

Patterns: TypeAlias = Sequence[Mapping[str, Any]]
"""A record is wanted if one of them matches it, or if there are none."""

_ENVELOPE_BYTES = len(b'{"Records":[]}')


def json_text(value: object) -> str:
    """Compact JSON."""
    return json.dumps(value, separators=(",", ":"))


def event_of(texts: Sequence[str]) -> bytes:
    """The event of some records, each as JSON."""
    return f'{{"Records":[{",".join(texts)}]}}'.encode()


def count_that_fits(sizes: Sequence[int], most: int) -> int:
    """How many of the first records make one event: at most `most`, and 6 MB; but always one.

    Args:
        sizes: the bytes of each record's JSON.
        most: the batch size.
    """
    total = _ENVELOPE_BYTES
    for count, size in enumerate(sizes[:most]):
        total += size + 1
        if total > MAX_PAYLOAD_BYTES and count:
            return count
    return min(len(sizes), most)


# --- DynamoDB streams ---


def change_record(raw: Mapping[str, Any], arn: str, region: str) -> Record:
    """A record as `GetRecords` of DynamoDB Streams returns it, as Lambda gives it to functions.

    Args:
        raw: what boto3 returned.
        arn: the stream's.
        region: where the function runs; DynamoDB Local calls its own `ddblocal`.
    """
    change = dict(raw["dynamodb"])
    created = change.get("ApproximateCreationDateTime")
    if isinstance(created, datetime):
        change["ApproximateCreationDateTime"] = int(created.timestamp())
    record = {
        "eventID": raw["eventID"],
        "eventName": raw["eventName"],
        "eventVersion": raw["eventVersion"],
        "eventSource": "aws:dynamodb",
        "awsRegion": region,
        "dynamodb": _plain(change),
        "eventSourceARN": arn,
    }
    identity = raw.get("userIdentity")
    if identity:  # time to live deleted the item
        record["userIdentity"] = {"type": identity["Type"], "principalId": identity["PrincipalId"]}
    return record


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def is_wanted_change(record: Record, patterns: Patterns) -> bool:
    """Whether a DynamoDB stream's record goes to the function."""
    return not patterns or any(matches(pattern, record) for pattern in patterns)


# --- Kinesis ---


def kinesis_record(raw: Mapping[str, Any], shard_id: str, arn: str, region: str, role: str) -> Record:
    """A record as `GetRecords` of Kinesis returns it, as Lambda gives it to functions."""
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": raw["PartitionKey"],
            "sequenceNumber": raw["SequenceNumber"],
            "data": base64.b64encode(raw["Data"]).decode(),
            "approximateArrivalTimestamp": round(raw["ApproximateArrivalTimestamp"].timestamp(), 3),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard_id}:{raw['SequenceNumber']}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": role,
        "awsRegion": region,
        "eventSourceARN": arn,
    }


def is_wanted_kinesis_record(record: Record, patterns: Patterns) -> bool:
    """Whether a Kinesis record goes to the function.

    Patterns speak of `data`, parsed, and of the other fields beside it. Data that is no JSON matches no
    pattern that speaks of it.
    """
    if not patterns:
        return True
    fields = record["kinesis"]
    data = _parsed(base64.b64decode(fields["data"]))
    seen = {**record, **fields, "data": data}
    return any(_fits(pattern, "data", data) and matches(pattern, seen) for pattern in patterns)


# --- SQS ---


def queue_message(raw: Mapping[str, Any], arn: str, region: str) -> Record:
    """A message as `ReceiveMessage` returns it, as Lambda gives it to functions."""
    message = {
        "messageId": raw["MessageId"],
        "receiptHandle": raw["ReceiptHandle"],
        "body": raw["Body"],
        "attributes": dict(raw.get("Attributes", {})),
        "messageAttributes": {
            name: _message_attribute(value) for name, value in raw.get("MessageAttributes", {}).items()
        },
        "md5OfBody": raw["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": region,
    }
    if "MD5OfMessageAttributes" in raw:
        message["md5OfMessageAttributes"] = raw["MD5OfMessageAttributes"]
    return message


def _message_attribute(raw: Mapping[str, Any]) -> dict[str, Any]:
    # SQS has kept the two lists for later, and Lambda's events carry them empty.
    attribute: dict[str, Any] = {"stringListValues": [], "binaryListValues": [], "dataType": raw["DataType"]}
    if "StringValue" in raw:
        attribute["stringValue"] = raw["StringValue"]
    if "BinaryValue" in raw:
        attribute["binaryValue"] = base64.b64encode(raw["BinaryValue"]).decode()
    return attribute


def is_wanted_message(message: Record, patterns: Patterns) -> bool:
    """Whether a message goes to the function; one that does not is deleted.

    A pattern whose `body` is an object matches bodies that are JSON objects, one whose `body` is a list
    of values matches plain texts; there is no match between the two.
    """
    if not patterns:
        return True
    body = _parsed(message["body"])
    seen = {**message, "body": message["body"] if body is None else body}
    return any(_fits(pattern, "body", body) and matches(pattern, seen) for pattern in patterns)


def _parsed(text: str | bytes) -> dict[str, Any] | None:
    """The JSON object that a text is; else None."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):  # the latter: nested a thousand levels deep
        return None
    return found if isinstance(found, dict) else None


def _fits(pattern: Mapping[str, Any], name: str, found: dict[str, Any] | None) -> bool:
    """Whether a pattern and the data are of one format, in as far as the pattern speaks of the data."""
    wanted = pattern.get(name)
    return wanted is None or isinstance(wanted, Mapping) == (found is not None)
