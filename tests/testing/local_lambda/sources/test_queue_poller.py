"""Queues of moto: what a function gets of them, and where messages end."""

from __future__ import annotations

import json
import threading
import time
from datetime import timedelta

import pytest

from dynamodel.infra.functions import QueueSource
from dynamodel.testing.local_lambda.sources import SettleTimeoutError, SourceError, poller_of

from .fakes import FakeFunction, Poison, mapping_of, reading, settle


def bodies(batch):
    return [record["body"] for record in batch]


def all_bodies(function):
    return [body for batch in function.batches for body in bodies(batch)]


def test_the_event_is_lambdas(aws, queues):
    arn = queues.create("work")
    function = FakeFunction(lambda event: None)
    with reading(mapping_of(QueueSource(arn), arn), function, aws) as poller:
        queues.send(
            arn,
            "Grüße",
            MessageAttributes={
                "count": {"DataType": "Number", "StringValue": "3"},
                "blob": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
            },
        )
        settle(poller)
    [[record]] = function.batches
    assert record["body"] == "Grüße"
    assert record["messageId"]
    assert record["receiptHandle"]
    assert len(record["md5OfBody"]) == 32
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"] == arn
    assert record["awsRegion"] == "us-east-1"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert {"SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"} <= set(record["attributes"])
    lists = {"stringListValues": [], "binaryListValues": []}
    assert record["messageAttributes"] == {
        "count": {"dataType": "Number", "stringValue": "3", **lists},
        "blob": {"dataType": "Binary", "binaryValue": "AP8=", **lists},
    }
    assert queues.bodies(arn) == []


def test_many_messages_in_batches_each_once(aws, queues):
    arn = queues.create("work")
    sent = [str(number) for number in range(63)]
    function = FakeFunction(lambda event: None)
    for start in range(0, len(sent), 10):
        entries = [{"Id": body, "MessageBody": body} for body in sent[start : start + 10]]
        aws.sqs.send_message_batch(QueueUrl=queues.url(arn), Entries=entries)
    with reading(mapping_of(QueueSource(arn, batch_size=7), arn), function, aws) as poller:
        settle(poller)
        assert poller.is_idle
    assert sorted(all_bodies(function)) == sorted(sent)
    assert all(1 <= len(batch) <= 7 for batch in function.batches)


def test_a_window_gathers_more_than_one_request_gives(aws, queues):
    arn = queues.create("work")
    function = FakeFunction(lambda event: None)
    for number in range(25):
        queues.send(arn, str(number))
    source = QueueSource(arn, batch_size=20, window=timedelta(seconds=300))
    with reading(mapping_of(source, arn), function, aws) as poller:
        settle(poller)
    assert [len(batch) for batch in function.batches] == [20, 5]


def test_a_poison_message_goes_to_the_dead_letter_queue(aws, queues):
    dead = queues.create("dead")
    policy = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": "3"})
    arn = queues.create("work", RedrivePolicy=policy, VisibilityTimeout="30")

    def handler(event):
        if "poison" in bodies(event["Records"]):
            raise Poison

    function = FakeFunction(handler)
    for body in ("one", "poison", "two"):
        queues.send(arn, body)
    with reading(mapping_of(QueueSource(arn, batch_size=1), arn), function, aws) as poller:
        settle(poller)
    assert queues.bodies(dead) == ["poison"]
    assert queues.bodies(arn) == []
    seen = all_bodies(function)
    assert (seen.count("one"), seen.count("poison"), seen.count("two")) == (1, 3, 1)


def test_a_failed_batch_comes_back_whole(aws, queues):
    arn = queues.create("work")
    calls = []

    def handler(event):
        calls.append(sorted(bodies(event["Records"])))
        if len(calls) == 1:
            raise Poison

    for body in "abc":
        queues.send(arn, body)
    with reading(mapping_of(QueueSource(arn), arn), FakeFunction(handler), aws) as poller:
        settle(poller)
    assert calls[0] == ["a", "b", "c"]
    assert sorted(body for call in calls[1:] for body in call) == ["a", "b", "c"]


def test_partial_responses_delete_the_others(aws, queues):
    arn = queues.create("work")

    def handler(event):
        first = [r for r in event["Records"] if r["attributes"]["ApproximateReceiveCount"] == "1"]
        failed = [each for each in first if each["body"] in "bd"]
        return {"batchItemFailures": [{"itemIdentifier": each["messageId"]} for each in failed]}

    function = FakeFunction(handler)
    for body in "abcde":
        queues.send(arn, body)
    source = QueueSource(arn, partial_batch_responses=True)
    with reading(mapping_of(source, arn), function, aws) as poller:
        settle(poller)
    assert sorted(all_bodies(function)) == sorted("abcde" + "bd")


def test_a_response_that_means_nothing_fails_the_batch(aws, queues):
    dead = queues.create("dead")
    policy = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": "1"})
    arn = queues.create("work", RedrivePolicy=policy)
    function = FakeFunction(lambda event: {"batchItemFailures": [{"itemIdentifier": "nobody"}]})
    queues.send(arn, "a")
    source = QueueSource(arn, partial_batch_responses=True)
    with reading(mapping_of(source, arn), function, aws) as poller:
        settle(poller)
    assert queues.bodies(dead) == ["a"]


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ({"body": {"kind": ["post"]}}, ['{"kind": "post"}']),
        ({"body": ["plain"]}, ["plain"]),
        ({"body": [{"prefix": "other"}]}, ["other text"]),
        ({"eventSource": ["aws:sqs"]}, ['{"kind": "post"}', '{"kind": "like"}', "plain", "other text"]),
    ],
)
def test_filters_delete_what_nobody_wants(aws, queues, pattern, wanted):
    arn = queues.create("work")
    function = FakeFunction(lambda event: None)
    for body in ('{"kind": "post"}', '{"kind": "like"}', "plain", "other text"):
        queues.send(arn, body)
    with reading(mapping_of(QueueSource(arn, filters=[pattern]), arn), function, aws) as poller:
        settle(poller)
    assert sorted(all_bodies(function)) == sorted(wanted)
    assert queues.bodies(arn) == []


def test_max_concurrency_is_kept_and_used(aws, queues):
    arn = queues.create("work")
    both = threading.Barrier(2)
    function = FakeFunction(lambda event: both.wait(30) and None)  # two at once, or it breaks
    for number in range(8):
        queues.send(arn, str(number))
    source = QueueSource(arn, batch_size=1, max_concurrency=2)
    with reading(mapping_of(source, arn), function, aws) as poller:
        settle(poller)
    assert function.most_at_once == 2
    assert len(function.events) == 8


def test_throttled_messages_are_tried_again_without_being_received_again(aws, queues):
    dead = queues.create("dead")
    policy = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": "1"})
    arn = queues.create("work", RedrivePolicy=policy)
    function = FakeFunction(lambda event: None, throttled=6)
    queues.send(arn, "a")
    with reading(mapping_of(QueueSource(arn), arn), function, aws) as poller:
        settle(poller)
    assert all_bodies(function) == ["a"]
    assert queues.bodies(dead) == []


def test_what_is_throttled_at_the_end_goes_back(aws, queues):
    arn = queues.create("work")
    function = FakeFunction(lambda event: None, throttled=10**9)
    queues.send(arn, "a")
    with (
        reading(mapping_of(QueueSource(arn), arn), function, aws) as poller,
        pytest.raises(SettleTimeoutError, match="1 given to a consumer"),
    ):
        poller.settle(timeout=1)
    assert queues.bodies(arn) == ["a"], "visible at once, not after 30 seconds"


def test_a_message_that_always_fails_needs_a_redrive_policy(aws, queues):
    arn = queues.create("work")

    def handler(event):
        raise Poison

    queues.send(arn, "a")
    with (
        reading(mapping_of(QueueSource(arn), arn), FakeFunction(handler), aws) as poller,
        pytest.raises(SettleTimeoutError, match="with no redrive policy, a message that always fails"),
    ):
        poller.settle(timeout=1)


def test_stopping_waits_for_invocations_that_run(aws, queues):
    arn = queues.create("work")
    running, finish, done = threading.Event(), threading.Event(), []

    def handler(event):
        running.set()
        finish.wait(30)
        done.append(event)

    queues.send(arn, "a")
    poller = poller_of(mapping_of(QueueSource(arn), arn), FakeFunction(handler), aws)
    poller.start()
    assert running.wait(30)
    stopping = threading.Thread(target=poller.stop)
    stopping.start()
    finish.set()
    stopping.join(30)
    assert not stopping.is_alive()
    assert len(done) == 1
    assert queues.bodies(arn) == []


# --- FIFO ---


def test_fifo_keeps_the_order_of_each_group(aws, queues):
    arn = queues.create("work.fifo")
    seen: dict[str, list[int]] = {"a": [], "b": [], "c": []}
    running: set[str] = set()
    overlaps: list[str] = []
    lock = threading.Lock()

    def handler(event):
        groups = {record["attributes"]["MessageGroupId"] for record in event["Records"]}
        with lock:
            overlaps.extend(running & groups)
            running.update(groups)
            for record in event["Records"]:
                seen[record["attributes"]["MessageGroupId"]].append(int(record["body"].split()[1]))
        time.sleep(0.005)
        with lock:
            running.difference_update(groups)

    for number in range(20):
        for group in seen:
            queues.send(arn, f"{group} {number}", MessageGroupId=group)
    with reading(mapping_of(QueueSource(arn, batch_size=4), arn), FakeFunction(handler), aws) as poller:
        settle(poller)
    assert seen == {group: list(range(20)) for group in "abc"}
    assert overlaps == []


def test_fifo_messages_that_failed_come_again_in_order(aws, queues):
    arn = queues.create("work.fifo")
    seen: list[str] = []
    failures = [3, 3]

    def handler(event):
        records = event["Records"]
        for place, record in enumerate(records):
            if int(record["body"]) in failures:
                failures.remove(int(record["body"]))
                return {"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in records[place:]]}
            seen.append(record["body"])
        return None

    for number in range(9):
        queues.send(arn, str(number), MessageGroupId="g")
    source = QueueSource(arn, batch_size=5, partial_batch_responses=True)
    with reading(mapping_of(source, arn), FakeFunction(handler), aws) as poller:
        settle(poller)
    assert failures == []
    assert seen == [str(number) for number in range(9)]


def test_fifo_poison_blocks_its_group_until_it_is_dead(aws, queues):
    dead = queues.create("dead.fifo")
    policy = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": "2"})
    arn = queues.create("work.fifo", RedrivePolicy=policy)
    seen: list[str] = []

    def handler(event):
        [record] = event["Records"]
        if record["body"] == "poison":
            raise Poison
        seen.append(record["body"])

    for body in ("before", "poison", "after"):
        queues.send(arn, body, MessageGroupId="g")
    with reading(mapping_of(QueueSource(arn, batch_size=1), arn), FakeFunction(handler), aws) as poller:
        settle(poller)
    assert seen == ["before", "after"]
    assert queues.bodies(dead) == ["poison"]


def test_fifo_messages_that_do_not_fit_into_an_event_do_not_overtake_it(aws, queues):
    arn = queues.create("work.fifo")
    failed: list[str] = []
    seen: list[str] = []

    def handler(event):
        numbers = [record["body"][0] for record in event["Records"]]
        if "0" in numbers and not failed:
            failed.extend(numbers)
            raise Poison
        seen.extend(numbers)

    for number in range(10):
        queues.send(arn, f"{number}{'ü' * 125_000}", MessageGroupId="g")
    with reading(mapping_of(QueueSource(arn), arn), FakeFunction(handler), aws) as poller:
        settle(poller)
    assert 1 < len(failed) < 10, "ten of them have more than 6 MB"
    assert seen == list("0123456789")


def test_a_queue_that_is_not_there(aws):
    arn = "arn:aws:sqs:us-east-1:123456789012:nowhere"
    poller = poller_of(mapping_of(QueueSource(arn), arn), FakeFunction(lambda event: None), aws)
    with pytest.raises(SourceError, match="cannot be read"):
        poller.start()
