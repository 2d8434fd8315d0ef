"""Records as Lambda gives them: what fits into an event, what filters see, and that Powertools reads them."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel.testing.local_lambda.invocation import MAX_PAYLOAD_BYTES
from dynamodel.testing.local_lambda.sources.events import (
    change_record,
    count_that_fits,
    event_of,
    is_wanted_kinesis_record,
    is_wanted_message,
    json_text,
    kinesis_record,
    queue_message,
)

WHEN = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
STREAM = "arn:aws:dynamodb:us-east-1:123456789012:table/Things/stream/2026"
CHANGE = {
    "eventID": "e1",
    "eventName": "REMOVE",
    "eventVersion": "1.1",
    "eventSource": "aws:dynamodb",
    "awsRegion": "ddblocal",
    "dynamodb": {
        "ApproximateCreationDateTime": WHEN,
        "Keys": {"pk": {"B": b"\xff\x00"}},
        "OldImage": {"pk": {"B": b"\xff\x00"}, "n": {"NS": ["1", "2"]}},
        "SequenceNumber": "100",
        "SizeBytes": 12,
        "StreamViewType": "OLD_IMAGE",
    },
    "userIdentity": {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"},
}
MESSAGE = {"MessageId": "m1", "ReceiptHandle": "r1", "Body": "text", "MD5OfBody": "0" * 32}


@given(st.lists(st.integers(1, MAX_PAYLOAD_BYTES + 10), max_size=30), st.integers(1, 12))
def test_a_batch_is_as_large_as_it_may_be(sizes, most):
    count = count_that_fits(sizes, most)
    assert count <= min(len(sizes), most)
    assert count >= 1 or not sizes

    def size(number):
        return len(event_of([])) + sum(sizes[:number]) + max(number - 1, 0)

    assert size(count) <= MAX_PAYLOAD_BYTES or count == 1
    if count < min(len(sizes), most):
        assert size(count + 1) > MAX_PAYLOAD_BYTES - 2, "one more would have fitted"


@given(st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.none()), max_size=5))
def test_an_event_is_the_json_of_its_records(records):
    event = event_of([json_text(record) for record in records])
    assert json.loads(event) == {"Records": records}


def test_a_deletion_by_time_to_live_says_who_did_it():
    record = change_record(CHANGE, STREAM, "us-east-1")
    assert record["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert record["awsRegion"] == "us-east-1"
    assert record["dynamodb"]["ApproximateCreationDateTime"] == 1767323045
    assert "userIdentity" not in change_record({**CHANGE, "userIdentity": None}, STREAM, "us-east-1")


@pytest.mark.parametrize(
    ("body", "pattern", "wanted"),
    [
        ('{"a": 1}', {"body": {"a": [1]}}, True),
        ('{"a": 2}', {"body": {"a": [1]}}, False),
        ("plain", {"body": {"a": [{"exists": False}]}}, False),
        ("plain", {"body": ["plain"]}, True),
        ('{"a": 1}', {"body": ['{"a": 1}']}, False),
        ("[1]", {"body": {"a": [1]}}, False),
        ("[" * 100_000, {"body": {"a": [1]}}, False),
        ("anything", {"messageId": ["m1"]}, True),
        ('{"a": 1}', {"messageId": ["m1"]}, True),
    ],
)
def test_formats_of_bodies_and_patterns_have_to_agree(body, pattern, wanted):
    """The table of "Using event filtering with an Amazon SQS event source"."""
    message = queue_message({**MESSAGE, "Body": body}, "arn", "us-east-1")
    assert is_wanted_message(message, [pattern]) is wanted
    assert is_wanted_message(message, [{"messageId": ["nobody"]}, pattern]) is wanted
    assert is_wanted_message(message, [])


def test_binary_kinesis_data_matches_no_pattern_about_data():
    raw = {
        "PartitionKey": "k",
        "SequenceNumber": "1",
        "Data": b"\xff\xfe",
        "ApproximateArrivalTimestamp": WHEN,
    }
    record = kinesis_record(raw, "shardId-0", "arn", "us-east-1", "role")
    assert not is_wanted_kinesis_record(record, [{"data": {"a": [{"exists": False}]}}])
    assert is_wanted_kinesis_record(record, [{"partitionKey": ["k"]}])
    assert record["kinesis"]["approximateArrivalTimestamp"] == 1767323045.678


def test_powertools_reads_the_events():
    pytest.importorskip("aws_lambda_powertools", reason="its data classes judge the events")
    from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent, KinesisStreamEvent, SQSEvent

    def through_json(record):
        return json.loads(event_of([json_text(record)]))

    [change] = DynamoDBStreamEvent(through_json(change_record(CHANGE, STREAM, "us-east-1"))).records
    assert change.event_name is not None
    assert change.event_name.name == "REMOVE"
    assert change.event_source_arn == STREAM
    assert change.dynamodb is not None
    assert base64.b64decode(change.dynamodb.keys["pk"]) == b"\xff\x00"
    assert change.user_identity == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}

    raw = {
        "PartitionKey": "k",
        "SequenceNumber": "1",
        "Data": b'{"a": 1}',
        "ApproximateArrivalTimestamp": WHEN,
    }
    [record] = KinesisStreamEvent(
        through_json(kinesis_record(raw, "shardId-0", "arn", "us-east-1", "role"))
    ).records
    assert record.kinesis.data_as_json() == {"a": 1}

    attributes = {"MessageAttributes": {"n": {"DataType": "String", "StringValue": "x"}}}
    [message] = SQSEvent(through_json(queue_message({**MESSAGE, **attributes}, "arn", "us-east-1"))).records
    assert message.message_id == "m1"
    found = message.message_attributes["n"]
    assert found is not None
    assert (found.string_value, found.data_type) == ("x", "String")
