"""Streams of real tables, in moto and DynamoDB Local: what a function gets, and what becomes of failures."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from attrs import evolve

from dynamodel.infra.filters import Changes
from dynamodel.infra.functions import StartingPosition, StreamSource
from dynamodel.testing.local_lambda.sources import SettleTimeoutError, SourceError, poller_of
from dynamodel.testing.local_lambda.sources.problems import UnsupportedSourceError

from .fakes import FUNCTION_ARN, FakeFunction, Poison, Thing, mapping_of, reading, settle

OLDEST = StartingPosition.TRIM_HORIZON


def numbers(records):
    return [int(record["dynamodb"]["NewImage"]["number"]["N"]) for record in records]


def sequence(record):
    return record["dynamodb"]["SequenceNumber"]


@pytest.fixture
def clients(aws, streams):
    return evolve(aws, dynamodbstreams=streams.streams)


def test_the_event_is_lambdas(streams, clients):
    table, arn = streams.create()
    function = FakeFunction(lambda event: None)
    with reading(mapping_of(StreamSource(Thing, starting_position=OLDEST), arn), function, clients) as poller:
        streams.put(table, "a", 1, data={"B": b"\x00\xff"}, parts={"BS": [b"x"]})
        streams.put(table, "a", 2, deep={"M": {"list": {"L": [{"B": b"y"}, {"NULL": True}]}}})
        streams.dynamodb.delete_item(TableName=table, Key={"thing_id": {"S": "a"}})
        settle(poller)
    records = [record for batch in function.batches for record in batch]
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    first, second, third = (record["dynamodb"] for record in records)
    assert first["Keys"] == {"thing_id": {"S": "a"}}
    assert first["NewImage"]["data"] == {"B": "AP8="}
    assert first["NewImage"]["parts"] == {"BS": ["eA=="]}
    assert "OldImage" not in first
    assert second["NewImage"]["deep"] == {"M": {"list": {"L": [{"B": "eQ=="}, {"NULL": True}]}}}
    assert second["OldImage"] == first["NewImage"]
    assert third["OldImage"] == second["NewImage"]
    assert "NewImage" not in third
    for record in records:
        assert record["eventSource"] == "aws:dynamodb"
        assert record["eventSourceARN"] == arn
        assert record["awsRegion"] == "us-east-1"
        assert record["eventID"]
        assert record["eventVersion"]
        change = record["dynamodb"]
        assert isinstance(change["ApproximateCreationDateTime"], int)
        assert change["SizeBytes"] > 0
        assert change["StreamViewType"] == "NEW_AND_OLD_IMAGES"


@pytest.mark.parametrize(("position", "expected"), [(OLDEST, [1, 2]), (StartingPosition.LATEST, [2])])
def test_where_reading_begins(streams, clients, position, expected):
    table, arn = streams.create()
    streams.put(table, "before", 1)
    function = FakeFunction(lambda event: None)
    with reading(
        mapping_of(StreamSource(Thing, starting_position=position), arn), function, clients
    ) as poller:
        streams.put(table, "after", 2)
        settle(poller)
    assert [number for batch in function.batches for number in numbers(batch)] == expected


def test_a_thousand_writes_in_odd_batches_lose_nothing_and_keep_each_items_order(local_streams, aws):
    streams, clients = local_streams, evolve(aws, dynamodbstreams=local_streams.streams)
    table, arn = streams.create()
    function = FakeFunction(lambda event: None)
    source = StreamSource(Thing, starting_position=OLDEST, batch_size=7)
    with reading(mapping_of(source, arn), function, clients) as poller:
        writers = [
            threading.Thread(
                target=lambda name=name: [streams.put(table, f"{name}{n % 5}", n) for n in range(250)]
            )
            for name in "abcd"
        ]
        for writer in writers:
            writer.start()
        for _ in range(3):  # each time some of it is handled, and some is not even written
            settle(poller)
            poller.stop()
            poller.start()
        for writer in writers:
            writer.join()
        settle(poller)
    seen: dict[str, list[int]] = {}
    for batch in function.batches:
        assert 1 <= len(batch) <= 7
        for record, number in zip(batch, numbers(batch), strict=True):
            seen.setdefault(record["dynamodb"]["Keys"]["thing_id"]["S"], []).append(number)
    assert seen == {f"{name}{k}": list(range(k, 250, 5)) for name in "abcd" for k in range(5)}


def test_a_batch_has_at_most_six_megabytes(local_streams, aws):
    streams, clients = local_streams, evolve(aws, dynamodbstreams=local_streams.streams)
    table, arn = streams.create()
    for number in range(20):
        streams.put(table, str(number), number, data={"S": "x" * 390_000})
    function = FakeFunction(lambda event: None)
    source = StreamSource(Thing, starting_position=OLDEST, batch_size=10_000)
    with reading(mapping_of(source, arn), function, clients) as poller:
        settle(poller)
    assert [number for batch in function.batches for number in numbers(batch)] == list(range(20))
    sizes = [len(json.dumps(event, separators=(",", ":"))) for event in function.events]
    assert all(size <= 6 * 1024 * 1024 for size in sizes)
    assert max(sizes) > 5 * 1024 * 1024, "a batch is as large as it may be"


def test_a_window_gathers_what_comes_in_small_parts(streams, clients):
    table, arn = streams.create()
    function = FakeFunction(lambda event: None)
    source = StreamSource(Thing, batch_size=5, window=timedelta(seconds=60))
    with reading(mapping_of(source, arn, time_scale=1.0), function, clients):
        full = threading.Event()
        function.handler = lambda event: full.set()
        for number in range(5):
            streams.put(table, "a", number)
        assert full.wait(30), "a full batch does not wait for the window's end"
    assert [numbers(batch) for batch in function.batches] == [[0, 1, 2, 3, 4]]


def test_a_window_ends(streams, clients):
    table, arn = streams.create()
    function = FakeFunction(lambda event: None)
    source = StreamSource(Thing, batch_size=100, window=timedelta(seconds=100))
    with reading(mapping_of(source, arn), function, clients) as poller:
        streams.put(table, "a", 1)
        settle(poller)
    assert [numbers(batch) for batch in function.batches] == [[1]]


def test_filters_pass_over_what_does_not_match(streams, clients):
    table, arn = streams.create()
    function = FakeFunction(lambda event: None)
    wanted = {"dynamodb": {"NewImage": {"number": {"N": ["3", "8"]}}}}
    source = StreamSource(Thing, filters=[wanted])
    with reading(mapping_of(source, arn), function, clients) as poller:
        for number in range(10):
            streams.put(table, "a", number)
        settle(poller)
    assert [number for batch in function.batches for number in numbers(batch)] == [3, 8]
    assert all(function.batches), "no invocation without a record"


def test_filters_of_conditions(streams, clients):
    table, arn = streams.create()
    function = FakeFunction(lambda event: None)
    source = StreamSource(Thing, filters=[Changes(Thing, kinds=["REMOVE"])])
    with reading(mapping_of(source, arn), function, clients) as poller:
        streams.put(table, "a", 1)
        streams.dynamodb.delete_item(TableName=table, Key={"thing_id": {"S": "a"}})
        settle(poller)
    assert [record["eventName"] for batch in function.batches for record in batch] == ["REMOVE"]


def fails_at(*poison):
    def handler(event):
        if set(poison) & set(numbers(event["Records"])):
            raise Poison

    return handler


def test_a_poison_record_ends_alone_in_the_destination(streams, clients, queues):
    table, arn = streams.create()
    dead = queues.create("dead")
    for number in range(10):
        streams.put(table, str(number), number)
    function = FakeFunction(fails_at(6))
    source = StreamSource(
        Thing, starting_position=OLDEST, bisect_on_error=True, max_retries=2, on_failure=dead
    )
    with reading(mapping_of(source, arn, on_failure=dead), function, clients) as poller:
        settle(poller)
    succeeded = [numbers(batch) for batch in function.batches if 6 not in numbers(batch)]
    assert [number for batch in succeeded for number in batch] == [0, 1, 2, 3, 4, 5, 7, 8, 9]
    poisoned = [batch for batch in function.batches if 6 in numbers(batch)]
    assert [len(batch) for batch in poisoned][-3:] == [1, 1, 1], "one attempt of it alone, and two retries"
    [text] = queues.bodies(dead)
    record = json.loads(text)
    [[bad]] = poisoned[-1:]
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["requestContext"]["functionArn"] == FUNCTION_ARN
    assert record["requestContext"]["approximateInvokeCount"] == len(poisoned)
    assert record["requestContext"]["requestId"] in function.request_ids
    assert record["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    }
    assert record["version"] == "1.0"
    info = record["DDBStreamBatchInfo"]
    assert info["batchSize"] == 1
    assert info["startSequenceNumber"] == info["endSequenceNumber"] == sequence(bad)
    assert info["streamArn"] == arn
    assert info["shardId"].startswith("shardId-")
    assert info["approximateArrivalOfFirstRecord"].endswith("Z")
    assert "payload" not in record, "the record itself stays in the stream"


def test_the_destinations_record_leads_back_to_the_stream(local_streams, aws, queues):
    """What AWS says to do with it: read the shard from the sequence number on."""
    streams, clients = local_streams, evolve(aws, dynamodbstreams=local_streams.streams)
    table, arn = streams.create()
    dead = queues.create("dead")
    for number in range(3):
        streams.put(table, str(number), number)
    source = StreamSource(Thing, starting_position=OLDEST, batch_size=1, max_retries=0, on_failure=dead)
    function = FakeFunction(fails_at(1))
    with reading(mapping_of(source, arn, on_failure=dead), function, clients) as poller:
        settle(poller)
    info = json.loads(queues.bodies(dead)[0])["DDBStreamBatchInfo"]
    iterator = streams.streams.get_shard_iterator(
        StreamArn=info["streamArn"],
        ShardId=info["shardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=info["startSequenceNumber"],
    )["ShardIterator"]
    found = streams.streams.get_records(ShardIterator=iterator, Limit=1)["Records"]
    assert numbers(found) == [1]


def test_a_bucket_gets_the_records_too(streams, clients):
    table, arn = streams.create()
    clients.s3.create_bucket(Bucket="failures")
    streams.put(table, "a", 1)
    bucket = "arn:aws:s3:::failures"
    source = StreamSource(Thing, starting_position=OLDEST, max_retries=0, on_failure=bucket)
    mapping = mapping_of(source, arn, on_failure=bucket)
    function = FakeFunction(fails_at(1))
    with reading(mapping, function, clients) as poller:
        settle(poller)
    [found] = clients.s3.list_objects_v2(Bucket="failures")["Contents"]
    assert found["Key"].startswith(f"aws/lambda/{mapping.id}/shardId-")
    record = json.loads(clients.s3.get_object(Bucket="failures", Key=found["Key"])["Body"].read())
    assert json.loads(record["payload"]) == function.events[0]


def test_without_bisecting_the_whole_batch_is_dropped(streams, clients, queues):
    table, arn = streams.create()
    dead = queues.create("dead")
    for number in range(4):
        streams.put(table, str(number), number)
    function = FakeFunction(fails_at(1))
    source = StreamSource(Thing, starting_position=OLDEST, max_retries=1, on_failure=dead)
    with reading(mapping_of(source, arn, on_failure=dead), function, clients) as poller:
        settle(poller)
        streams.put(table, "later", 9)
        settle(poller)
    assert [numbers(batch) for batch in function.batches] == [[0, 1, 2, 3], [0, 1, 2, 3], [9]]
    [text] = queues.bodies(dead)
    assert json.loads(text)["DDBStreamBatchInfo"]["batchSize"] == 4


def test_partial_responses_go_on_from_the_lowest_failed_record(streams, clients):
    table, arn = streams.create()
    for number in range(6):
        streams.put(table, str(number), number)
    seen: list[list[int]] = []

    def handler(event):
        seen.append(numbers(event["Records"]))
        if len(seen) > 2:
            return {"batchItemFailures": []}
        failed = [r for r in event["Records"] if numbers([r])[0] >= 2 * len(seen)]
        return {"batchItemFailures": [{"itemIdentifier": sequence(each)} for each in reversed(failed)]}

    source = StreamSource(Thing, starting_position=OLDEST, partial_batch_responses=True)
    with reading(mapping_of(source, arn), FakeFunction(handler), clients) as poller:
        settle(poller)
    assert seen == [[0, 1, 2, 3, 4, 5], [2, 3, 4, 5], [4, 5]]


def test_partial_responses_count_only_where_they_are_declared(streams, clients):
    table, arn = streams.create()
    streams.put(table, "a", 1)
    function = FakeFunction(
        lambda event: {"batchItemFailures": [{"itemIdentifier": sequence(event["Records"][0])}]}
    )
    source = StreamSource(Thing, starting_position=OLDEST)
    with reading(mapping_of(source, arn), function, clients) as poller:
        settle(poller)
    assert len(function.events) == 1


def test_a_response_that_means_nothing_fails_the_batch(streams, clients, queues):
    table, arn = streams.create()
    dead = queues.create("dead")
    streams.put(table, "a", 1)
    streams.put(table, "b", 2)
    function = FakeFunction(lambda event: {"batchItemFailures": [{"itemIdentifier": "nobody"}]})
    source = StreamSource(
        Thing, starting_position=OLDEST, partial_batch_responses=True, max_retries=1, on_failure=dead
    )
    with reading(mapping_of(source, arn, on_failure=dead), function, clients) as poller:
        settle(poller)
    assert [numbers(batch) for batch in function.batches] == [[1, 2], [1, 2]]
    [text] = queues.bodies(dead)
    assert "functionError" not in json.loads(text)["responseContext"]


def test_throttles_are_no_attempts(streams, clients):
    table, arn = streams.create()
    streams.put(table, "a", 1)
    function = FakeFunction(lambda event: None, throttled=8)
    source = StreamSource(Thing, starting_position=OLDEST, max_retries=0)
    with reading(mapping_of(source, arn), function, clients) as poller:
        settle(poller)
    assert [numbers(batch) for batch in function.batches] == [[1]]


def test_records_that_are_too_old_are_dropped(streams, clients, queues):
    table, arn = streams.create()
    dead = queues.create("dead")
    streams.put(table, "a", 1)
    function = FakeFunction(fails_at(1))
    source = StreamSource(Thing, starting_position=OLDEST, max_age=timedelta(seconds=60), on_failure=dead)
    with reading(mapping_of(source, arn, on_failure=dead), function, clients) as poller:
        settle(poller)
        streams.put(table, "b", 2)
        settle(poller)
    assert numbers(function.batches[-1]) == [2]
    record = json.loads(queues.bodies(dead)[0])
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"
    assert record["requestContext"]["approximateInvokeCount"] == len(function.batches) - 1


def test_stopping_keeps_what_is_not_handled(streams, clients):
    table, arn = streams.create()
    function = FakeFunction(fails_at(1))
    mapping = mapping_of(StreamSource(Thing, bisect_on_error=True), arn, time_scale=60.0)
    with reading(mapping, function, clients) as poller:
        streams.put(table, "a", 1)
        with pytest.raises(SettleTimeoutError, match="1 records in hand"):
            poller.settle(timeout=1.5)
        poller.stop()  # at once, though the next attempt is a minute away
        streams.put(table, "b", 2)
        function.handler = lambda event: None
        poller.start()
        settle(poller)
    assert numbers(function.batches[0]) == [1]
    assert [number for batch in function.batches for number in numbers(batch) if number != 1] == [2]
    assert numbers(function.batches[-2]) == [1]


def test_a_destination_that_is_not_there_is_told(streams, clients):
    table, arn = streams.create()
    streams.put(table, "a", 1)
    nowhere = "arn:aws:sqs:us-east-1:123456789012:nowhere"
    source = StreamSource(Thing, starting_position=OLDEST, max_retries=0, on_failure=nowhere)
    with (
        reading(mapping_of(source, arn, on_failure=nowhere), FakeFunction(fails_at(1)), clients) as poller,
        pytest.raises(Exception, match="nowhere did not take a message"),
    ):
        settle(poller)


def test_a_stream_that_is_not_there(streams, clients):
    arn = "arn:aws:dynamodb:us-east-1:123456789012:table/None/stream/2026-01-01T00:00:00.000"
    poller = poller_of(mapping_of(StreamSource(Thing), arn), FakeFunction(lambda event: None), clients)
    with pytest.raises(SourceError, match="cannot be read"):
        poller.start()


def test_a_deleted_table_ends_quietly(streams, clients):
    table, arn = streams.create()
    function = FakeFunction(lambda event: None)
    with reading(mapping_of(StreamSource(Thing), arn), function, clients) as poller:
        streams.put(table, "a", 1)
        settle(poller)
        streams.dynamodb.delete_table(TableName=table)
        settle(poller)
    assert [numbers(batch) for batch in function.batches] == [[1]]


def test_tumbling_windows_are_refused(streams):
    source = StreamSource(Thing, tumbling_window=timedelta(seconds=10))
    with pytest.raises(UnsupportedSourceError, match="tumbling"):
        mapping_of(source, "arn:aws:dynamodb:us-east-1:1:table/a/stream/b")
