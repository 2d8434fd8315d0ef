"""Handlers of asynchronous events: each record once, and failures that make Lambda deliver again."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from dynamodel.aws_lambda import db
from dynamodel.aws_lambda.event_errors import EventError, EventFailedError
from dynamodel.aws_lambda.events import (
    BusEvent,
    Notification,
    ObjectEvent,
    on_event,
    on_notification,
    on_object,
)
from dynamodel.aws_lambda.idempotency import IdempotencyStore
from tests.aws_lambda.event_models import forum
from tests.aws_lambda.models import Context, Movie
from tests.aws_lambda.samples import sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamodel import Client

store = IdempotencyStore(forum)
seen: list[Any] = []
broken: set[str] = set()


@attrs.frozen
class Released:
    """The detail of an event."""

    movie_id: int
    title: str
    rating: Decimal | None = None


@on_object(store=store, patterns=[Movie.by_id.get])
def load(event: ObjectEvent, context: Any) -> None:
    """Loads an object."""
    seen.append(event)
    if event.key in broken:
        raise KeyError("s3cr3t")


@on_notification(str, store=store)
def notified(event: Notification[str], context: Any) -> None:
    seen.append(event)


@on_event(dict[str, Any], store=store)
def happened(event: BusEvent[dict[str, Any]], context: Any) -> None:
    seen.append(event)


@pytest.fixture(autouse=True)
def tables(embedded_db: Client) -> Iterator[None]:
    seen.clear()
    broken.clear()
    embedded_db.create_table(forum)
    with db.replaced(embedded_db):
        yield


def objects(*keys: str) -> dict[str, Any]:
    """An event of several objects, as S3 may send it."""
    [record] = sample("sam/S3Put.json")["Records"]
    records = [deepcopy(record) for _ in keys]
    for number, (key, each) in enumerate(zip(keys, records, strict=True)):
        each["s3"]["object"] |= {"key": key, "sequencer": f"0{number}"}
    return {"Records": records}


def test_the_samples_of_s3() -> None:
    load(sample("sam/S3Put.json"), Context())
    load(sample("sam/S3Delete.json"), Context())
    load(sample("documented/s3_versioned_put.json"), Context())
    start = datetime(1970, 1, 1, tzinfo=UTC)
    put = ObjectEvent(
        kind="ObjectCreated:Put",
        bucket="example-bucket",
        key="test/key",
        size=1024,
        version_id=None,
        sequencer="0A1B2C3D4E5F678901",
        at=start,
    )
    deleted = attrs.evolve(put, kind="ObjectRemoved:Delete", size=None)
    versioned = ObjectEvent(
        kind="ObjectCreated:Put",
        bucket="movie-imports",
        key="2026/Amélie Poulain.json",
        size=1024,
        version_id="wtBnOz6WF1z9bAM3yXb6cXlzTJgpb5aq",
        sequencer="0C0F6F405D6ED209E1",
        at=datetime(2026, 3, 9, 10, 20, 30, 123000, UTC),
    )
    assert seen == [put, deleted, versioned]
    assert "Poulain" not in repr(seen)


def test_the_event_with_which_s3_tests_is_passed_over() -> None:
    load(sample("documented/s3_test_event.json"), Context())
    assert seen == []


def test_the_sample_of_sns() -> None:
    notified(sample("sam/Sns.json"), Context())
    [got] = seen
    assert got == Notification(
        message="example message",
        message_id="95df01b4-ee98-5cb9-9903-4c221d41eb5e",
        subject="example subject",
        topic_arn="arn:aws:sns:us-east-1:123456789012:ExampleTopic",
        at=datetime(1970, 1, 1, tzinfo=UTC),
        attributes=sample("sam/Sns.json")["Records"][0]["Sns"]["MessageAttributes"],
    )
    assert "example" not in repr(got.message_id) + repr(got).replace(got.topic_arn, "")


def test_the_samples_of_eventbridge() -> None:
    happened(sample("sam/ScheduledEvent.json"), Context())
    happened(sample("documented/eventbridge_custom.json"), Context())
    scheduled, custom = seen
    assert (scheduled.source, scheduled.detail_type, scheduled.detail) == (
        "aws.events",
        "Scheduled Event",
        {},
    )
    assert scheduled.resources == ("arn:aws:events:us-east-1:123456789012:rule/ExampleRule",)
    assert scheduled.time == datetime(1970, 1, 1, tzinfo=UTC)
    assert custom.id == "17793124-05d4-b198-2fde-7ededc63b103"
    assert custom.detail == {"movieId": 1234, "title": "Brazil", "rating": Decimal("7.9")}
    assert type(custom.detail["rating"]) is Decimal


def test_the_detail_of_eventbridge_scheduler_is_a_text() -> None:
    """Without an input of its own, a schedule sends `"detail": "{}"`; no rule of a bus does that."""
    event = {**sample("sam/ScheduledEvent.json"), "source": "aws.scheduler", "detail": "{}"}
    happened(event, Context())
    assert [(got.source, got.detail) for got in seen] == [("aws.scheduler", {})]
    with pytest.raises(EventFailedError):
        happened({**event, "id": "another", "source": "com.example"}, Context())


def test_a_typed_detail() -> None:
    got: list[Any] = []

    @on_event(Released, store=store)
    def handler(event: BusEvent[Released], context: Any) -> None:
        got.append(event.detail)

    event = sample("documented/eventbridge_custom.json")
    event["detail"] = {"movie_id": 1234, "title": "Brazil", "rating": 7.9, "added": 0.1}
    handler(event, Context())
    assert got == [Released(1234, "Brazil", Decimal("7.9"))]
    event = event | {"id": "another", "detail": {"movie_id": "s3cr3t"}}
    with pytest.raises(EventFailedError, match=r"1 of 1 records failed \(MarshalError: 1\)") as failed:
        handler(event, Context())
    assert "s3cr3t" not in str(failed.value.__cause__)


@pytest.mark.parametrize(
    ("handler", "name"),
    [
        (load, "sam/S3Put.json"),
        (load, "documented/s3_versioned_put.json"),
        (notified, "sam/Sns.json"),
        (happened, "documented/eventbridge_custom.json"),
    ],
)
def test_an_event_that_is_delivered_again_is_not_done_again(handler: Any, name: str) -> None:
    for _ in range(3):
        handler(sample(name), Context())
    assert len(seen) == 1


def test_what_makes_two_objects_events_two() -> None:
    event = sample("documented/s3_versioned_put.json")
    changes: list[tuple[tuple[str, ...], str]] = [
        (("s3", "bucket", "name"), "other"),
        (("s3", "object", "key"), "other"),
        (("s3", "object", "versionId"), "other"),
        (("s3", "object", "sequencer"), "0D"),
        (("eventName",), "ObjectRemoved:Delete"),
    ]
    load(event, Context())
    for path, value in changes:
        other = deepcopy(event)
        place = other["Records"][0]
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        load(other, Context())
    assert len(seen) == 1 + len(changes)


def test_without_a_sequencer_the_request_tells_objects_events_apart() -> None:
    event = sample("sam/S3Put.json")
    [record] = event["Records"]
    del record["s3"]["object"]["sequencer"]
    record["eventName"] = "ObjectTagging:Put"
    load(event, Context())
    load(event, Context())
    assert len(seen) == 1
    record["responseElements"]["x-amz-request-id"] = "OTHER"
    load(event, Context())
    assert len(seen) == 2


def test_an_event_that_is_replayed_on_purpose_is_another_one() -> None:
    event = sample("documented/eventbridge_custom.json")
    happened(event, Context())
    happened(event | {"replay-name": "again"}, Context())
    happened(event | {"replay-name": "again"}, Context())
    assert len(seen) == 2


def test_every_record_is_tried_and_what_is_done_is_not_done_again(caplog: pytest.LogCaptureFixture) -> None:
    broken.update({"b", "d"})
    event = objects("a", "b", "c", "d")
    with pytest.raises(EventFailedError, match=r"^2 of 4 records failed \(KeyError: 2\)$") as failed:
        load(event, Context())
    assert [got.key for got in seen] == ["a", "b", "c", "d"]
    assert [type(error) for error in failed.value.errors.values()] == [KeyError, KeyError]
    assert [record.getMessage() for record in caplog.records] == [
        "Records[1] failed: KeyError",
        "Records[3] failed: KeyError",
    ]
    broken.discard("b")
    with pytest.raises(EventFailedError, match=r"^1 of 4"):
        load(event, Context())
    broken.clear()
    load(event, Context())
    assert [got.key for got in seen] == ["a", "b", "c", "d", "b", "d", "d"]


def test_changes_that_nothing_numbers_are_told_by_their_times() -> None:
    event = objects("a", "a")
    for each, time in zip(event["Records"], ("2026-03-09T10:20:30Z", "2026-03-09T10:20:31Z"), strict=True):
        each |= {"eventName": "ObjectTagging:Put", "eventTime": time}
        del each["s3"]["object"]["sequencer"], each["responseElements"]
    for _ in range(2):
        load(event, Context())
    assert len(seen) == 2


def test_two_handlers_of_one_event_do_both_their_work() -> None:
    others: list[Any] = []

    @on_object(store=store)
    def another(event: ObjectEvent, context: Any) -> None:
        others.append(event)

    for _ in range(2):
        load(sample("sam/S3Put.json"), Context())
        another(sample("sam/S3Put.json"), Context())
    assert len(seen) == len(others) == 1


@pytest.mark.parametrize("handler", [load, notified, happened])
@pytest.mark.parametrize(
    "event",
    [
        {},
        [],
        None,
        {"Records": [{}]},
        {"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": "k"}}}]},
        {"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": "b"}, "object": {"key": ""}}}]},
        {"Records": [{"EventSource": "aws:sns", "Sns": {"MessageId": ""}}]},
        sample("sam/Sqs.json"),
    ],
)
def test_an_event_of_another_source_is_refused_whole(handler: Any, event: Any) -> None:
    with pytest.raises(EventError):
        handler(event, Context())


@pytest.mark.parametrize(
    ("handler", "name", "path", "value"),
    [
        (load, "sam/S3Put.json", ("eventTime",), "yesterday"),
        (load, "sam/S3Put.json", ("eventTime",), "2026-03-09T10:20:30"),
        (notified, "sam/Sns.json", ("Sns", "Message"), None),
    ],
)
def test_a_malformed_record_fails(handler: Any, name: str, path: tuple[str, ...], value: Any) -> None:
    event = sample(name)
    place = event["Records"][0]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(EventFailedError, match="EventError: 1"):
        handler(event, Context())


def test_what_a_declaration_learns_from_a_handler() -> None:
    assert load.patterns[0] is not None
    assert len(load.patterns) == 1 + len(store.patterns)
    assert not load.partial_batch_responses
    assert load.entry_point == f"{__name__}.load"
    assert load.__doc__ == "Loads an object."
