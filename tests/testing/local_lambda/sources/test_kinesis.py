"""Kinesis streams of moto; and shards that split or fail, which no local engine does on request."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from dynamodel.infra.functions import KinesisSource, StartingPosition, StreamSource
from dynamodel.testing.local_lambda.sources.shard_poller import ShardPoller
from dynamodel.testing.local_lambda.sources.streams import Reading, Shard, ShardRecord

from .fakes import FakeFunction, Poison, Thing, mapping_of, reading, settle

OLDEST = StartingPosition.TRIM_HORIZON
ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"


@pytest.fixture
def kinesis(aws):
    aws.kinesis.create_stream(StreamName="clicks", ShardCount=3)
    return aws.kinesis


def put(kinesis, data: str, key: str = "k") -> None:
    kinesis.put_record(StreamName="clicks", Data=data.encode(), PartitionKey=key)


def data(function):
    records = [record for batch in function.batches for record in batch]
    return [base64.b64decode(record["kinesis"]["data"]).decode() for record in records]


def test_the_event_is_lambdas(aws, kinesis):
    function = FakeFunction(lambda event: None)
    source = KinesisSource(ARN, starting_position=OLDEST)
    with reading(mapping_of(source, ARN), function, aws) as poller:
        put(kinesis, "hello")
        settle(poller)
    [[record]] = function.batches
    fields = record.pop("kinesis")
    assert fields["data"] == "aGVsbG8="
    assert fields["partitionKey"] == "k"
    assert fields["kinesisSchemaVersion"] == "1.0"
    assert isinstance(fields["approximateArrivalTimestamp"], float)
    shard, _, number = record["eventID"].partition(":")
    assert shard.startswith("shardId-")
    assert number == fields["sequenceNumber"]
    del record["eventID"]
    assert record == {
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "arn:aws:iam::123456789012:role/handler",
        "awsRegion": "us-east-1",
        "eventSourceARN": ARN,
    }


def test_all_shards_are_read_and_each_key_keeps_its_order(aws, kinesis):
    function = FakeFunction(lambda event: None)
    source = KinesisSource(ARN, starting_position=OLDEST, batch_size=7)
    keys = [f"key{number}" for number in range(12)]
    with reading(mapping_of(source, ARN), function, aws) as poller:
        for number in range(10):
            for key in keys:
                put(kinesis, f"{key} {number}", key)
        settle(poller)
    shards = {record["eventID"].partition(":")[0] for batch in function.batches for record in batch}
    assert len(shards) == 3
    assert all(len({r["eventID"].partition(":")[0] for r in batch}) == 1 for batch in function.batches)
    seen: dict[str, list[int]] = {}
    for each in data(function):
        key, number = each.split()
        seen.setdefault(key, []).append(int(number))
    assert seen == {key: list(range(10)) for key in keys}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"starting_position": OLDEST}, ["before", "after"]),
        ({"starting_position": StartingPosition.LATEST}, ["after"]),
        (
            {
                "starting_position": StartingPosition.AT_TIMESTAMP,
                "starting_time": datetime.now(UTC) - timedelta(hours=1),
            },
            ["before", "after"],
        ),
    ],
)
def test_where_reading_begins(aws, kinesis, settings, expected):
    put(kinesis, "before")
    function = FakeFunction(lambda event: None)
    with reading(mapping_of(KinesisSource(ARN, **settings), ARN), function, aws) as poller:
        put(kinesis, "after")
        settle(poller)
    assert data(function) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"data": {"kind": ["buy"]}}, ['{"kind": "buy"}']),
        ({"partitionKey": ["k"]}, ['{"kind": "buy"}', '{"kind": "sell"}', "no JSON"]),
        ({"data": {"kind": [{"exists": False}]}}, []),
    ],
)
def test_filters_speak_of_the_data(aws, kinesis, pattern, expected):
    function = FakeFunction(lambda event: None)
    source = KinesisSource(ARN, filters=[pattern])
    with reading(mapping_of(source, ARN), function, aws) as poller:
        for each in ('{"kind": "buy"}', '{"kind": "sell"}', "no JSON"):
            put(kinesis, each)
        settle(poller)
    assert data(function) == expected


def test_a_failure_is_told_with_its_place(aws, kinesis, queues):
    dead = queues.create("dead")

    def handler(event):
        raise Poison

    source = KinesisSource(ARN, starting_position=OLDEST, max_retries=0, on_failure=dead)
    put(kinesis, "a")
    function = FakeFunction(handler)
    with reading(mapping_of(source, ARN, on_failure=dead), function, aws) as poller:
        settle(poller)
    [[record]] = function.batches
    info = json.loads(queues.bodies(dead)[0])["KinesisBatchInfo"]
    assert info["streamArn"] == ARN
    assert f"{info['shardId']}:{info['startSequenceNumber']}" == record["eventID"]


def test_a_consumers_arn_reads_its_stream(aws, kinesis):
    consumer = f"{ARN}/consumer/fast:1700000000"
    put(kinesis, "a")
    function = FakeFunction(lambda event: None)
    source = KinesisSource(consumer, starting_position=OLDEST)
    with reading(mapping_of(source, consumer), function, aws) as poller:
        settle(poller)
    assert data(function) == ["a"]
    assert function.batches[0][0]["eventSourceARN"] == consumer


# --- what no local engine does on request ---


class Scripted:
    """A stream in memory, whose shards split and whose iterators expire when a test says so."""

    batch_info = "DDBStreamBatchInfo"
    arn = "arn:aws:dynamodb:us-east-1:123456789012:table/Things/stream/now"

    def __init__(self, shards: list[Shard], records: dict[str, list[str]]) -> None:
        self.listed = shards
        self.records = records
        self.faults: list[str] = []
        self.positions: list[tuple[str, str, str | None]] = []

    def shards(self):
        return self.listed

    def iterator(self, shard_id, position):
        self.positions.append((shard_id, position.kind, position.sequence_number))
        numbers = self.records[shard_id]
        after = numbers.index(position.sequence_number) + 1 if position.sequence_number else 0
        return f"{shard_id}|{len(numbers) if position.kind == 'LATEST' else after}"

    def read(self, iterator):
        if self.faults:
            raise ClientError({"Error": {"Code": self.faults.pop()}}, "GetRecords")
        shard_id, _, place = iterator.partition("|")
        found = self.records[shard_id][int(place) : int(place) + 2]
        end = int(place) + len(found)
        [shard] = [each for each in self.listed if each.id == shard_id]
        is_over = shard.is_closed and end == len(self.records[shard_id])
        return Reading([{"number": each} for each in found], None if is_over else f"{shard_id}|{end}")

    def record(self, raw, shard_id):
        event = {"number": raw["number"], "shard": shard_id}
        return ShardRecord(raw["number"], 0.0, 0.0, event, json.dumps(event))

    def is_wanted(self, record):
        return True


def poller_of_script(stream: Scripted, function: FakeFunction, aws, position=OLDEST) -> ShardPoller:
    mapping = mapping_of(StreamSource(Thing, starting_position=position), stream.arn)
    return ShardPoller(mapping, function, aws, stream)


def seen(function):
    return [record["number"] for batch in function.batches for record in batch]


def test_children_come_after_their_parents(aws):
    """Listed the wrong way round, and with a parent that is long gone."""
    shards = [
        Shard("grandchild", ("child1", "child2")),
        Shard("child2", ("parent",), is_closed=True),
        Shard("child1", ("parent",), is_closed=True),
        Shard("parent", ("expired",), is_closed=True),
    ]
    records = {"parent": ["1", "2", "3"], "child1": ["4"], "child2": ["5"], "grandchild": ["6", "7", "8"]}
    function = FakeFunction(lambda event: None)
    poller = poller_of_script(Scripted(shards, records), function, aws)
    poller.start()
    settle(poller)
    poller.stop()
    found = seen(function)
    assert found[:3] == ["1", "2", "3"]
    assert sorted(found[3:5]) == ["4", "5"]
    assert found[5:] == ["6", "7", "8"]


def test_a_failing_parent_holds_up_its_children(aws):
    shards = [Shard("child", ("parent",)), Shard("parent", is_closed=True)]
    attempts = []

    def handler(event):
        attempts.append(event["Records"][0]["number"])
        if attempts.count("1") < 4 and attempts[-1] == "1":
            raise Poison

    poller = poller_of_script(Scripted(shards, {"parent": ["1"], "child": ["2"]}), FakeFunction(handler), aws)
    poller.start()
    settle(poller)
    poller.stop()
    assert attempts == ["1", "1", "1", "1", "2"]


def test_latest_misses_nothing_of_shards_that_appear_later(aws):
    shards = [Shard("old", is_closed=True), Shard("parent", ("old",))]
    stream = Scripted(shards, {"old": ["1"], "parent": ["2"]})
    function = FakeFunction(lambda event: None)
    poller = poller_of_script(stream, function, aws, StartingPosition.LATEST)
    poller.start()
    stream.records["parent"].append("3")
    settle(poller)
    stream.records |= {"child": ["4", "5"]}
    stream.listed = [shards[0], Shard("parent", ("old",), is_closed=True), Shard("child", ("parent",))]
    settle(poller)
    poller.stop()
    assert seen(function) == ["3", "4", "5"]


@pytest.mark.parametrize(
    ("fault", "position"),
    [
        ("ExpiredIteratorException", ("s", "AFTER_SEQUENCE_NUMBER", "2")),
        ("TrimmedDataAccessException", ("s", "TRIM_HORIZON", None)),
    ],
)
def test_iterators_are_renewed_where_reading_stood(aws, fault, position):
    stream = Scripted([Shard("s")], {"s": ["1", "2"]})
    function = FakeFunction(lambda event: None)
    poller = poller_of_script(stream, function, aws)
    poller.start()
    settle(poller)
    if fault == "TrimmedDataAccessException":
        stream.records["s"].clear()
    stream.faults.append(fault)
    stream.records["s"].append("3")
    settle(poller)
    poller.stop()
    assert seen(function) == ["1", "2", "3"]
    assert stream.positions[-1] == position


def test_a_service_that_fails_for_a_moment_loses_nothing(aws):
    stream = Scripted([Shard("s")], {"s": ["1", "2"]})
    stream.faults += ["InternalServerError", "ThrottlingException"]
    function = FakeFunction(lambda event: None)
    poller = poller_of_script(stream, function, aws)
    poller.start()
    settle(poller)
    poller.stop()
    assert seen(function) == ["1", "2"]
