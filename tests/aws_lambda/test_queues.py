"""Handlers of queues: typed bodies, and which messages the queue delivers again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import attrs
import pytest

from dynamodel import DeclarationError
from dynamodel.aws_lambda.event_errors import EventError
from dynamodel.aws_lambda.queues import Message, MessageHandler, on_message
from tests.aws_lambda.event_models import Example, Place, Thread
from tests.aws_lambda.models import Context
from tests.aws_lambda.samples import event_of, failed, message, sample

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
DONE = failed()


@attrs.frozen
class Actor:
    """A document in a body."""

    name: str
    year: int | None = None


@attrs.frozen
class Studio:
    """Another document."""

    town: str


@attrs.frozen
class Rented:
    """Told from others by a number."""

    state: Literal[1]


@attrs.frozen
class Sold:
    """Likewise."""

    state: Literal[2]
    price: int


@attrs.frozen
class Movie:
    """A body."""

    title: str
    rating: Decimal | None = None
    score: float = 0.0
    picture: bytes = b""
    genres: set[str] = attrs.field(factory=set)
    cast: list[Actor] = attrs.field(factory=list)
    maker: Actor | Studio | None = None
    place: Actor | str | None = None
    by_role: dict[str, Actor] = attrs.field(factory=dict)
    pair: tuple[int, Actor] | None = None


def collecting(
    body: type[T], fails: Callable[[Message[T]], bool] = lambda _: False
) -> tuple[MessageHandler[T], list[Message[T]]]:
    """A handler that keeps what it gets, and raises for some."""
    found: list[Message[T]] = []

    @on_message(body)
    def keep(message: Message[T], context: Any) -> None:
        if fails(message):
            raise KeyError("poison")
        found.append(message)

    return keep, found


def test_the_sample_of_aws() -> None:
    handler, found = collecting(str)
    assert handler(sample("sam/Sqs.json"), Context()) == DONE
    assert found == [
        Message(
            body="Hello from SQS!",
            message_id="19dd0b57-b21e-4ac1-bd88-01bbb068cb78",
            sent_at=datetime(2018, 4, 9, tzinfo=UTC),
            receive_count=1,
            group=None,
            attributes={},
        )
    ]
    assert "Hello" not in repr(found)


BODIES: list[tuple[Any, str, Any]] = [
    (str, '{"a": 1}', '{"a": 1}'),
    (bytes, "ü", b"\xc3\xbc"),
    (dict[str, Any], '{"a": 1.10, "b": [true, null, "x"]}', {"a": Decimal("1.10"), "b": [True, None, "x"]}),
    (list[int], "[1, 2]", [1, 2]),
    (int, "12345678901234567890123456789012345678", 12345678901234567890123456789012345678),
    (Movie, '{"title": "Brazil"}', Movie("Brazil")),
    (
        Movie,
        '{"title": "Ran", "rating": 8.20, "score": 1.5, "picture": "AP8=", "genres": ["war", "drama"]}',
        Movie("Ran", Decimal("8.2"), 1.5, b"\x00\xff", {"war", "drama"}),
    ),
    (
        Movie,
        '{"title": "M", "cast": [{"name": "P", "year": 1904}], "by_role": {"x": {"name": "Q"}}}',
        Movie("M", cast=[Actor("P", 1904)], by_role={"x": Actor("Q")}),
    ),
    # What the sender adds one day is ignored, wherever it stands.
    (
        Movie,
        '{"title": "N", "new": 1.5, "pair": [1, {"name": "R", "n": []}]}',
        Movie("N", pair=(1, Actor("R"))),
    ),
    (
        Movie,
        '{"title": "N", "maker": {"_type": "Studio", "town": "B", "n": 1}}',
        Movie("N", maker=Studio("B")),
    ),
    (Movie, '{"title": "N", "place": {"name": "P", "n": 1}}', Movie("N", place=Actor("P"))),
    (Movie, '{"title": "N", "place": "here"}', Movie("N", place="here")),
    (Rented | Sold, '{"state": 2, "price": 1, "n": 1}', Sold(2, 1)),
    (list[Rented | Sold], '[{"state": 1, "n": {}}]', [Rented(1)]),
    (Movie, '{"title": "N", "cast": [{"name": "P", "new": {}}]}', Movie("N", cast=[Actor("P")])),
    (Movie, '{"title": "N", "by_role": {"x": {"name": "Q", "n": 1}}}', Movie("N", by_role={"x": Actor("Q")})),
    (Example, '{"Id": 7, "Message": "m", "pk": "whatever", "number": 8}', Example(number=7, message="m")),
    (Example, '{"Id": 7, "Message": null}', Example(number=7)),
    (
        Thread,
        '{"forum": "F", "subject": "s", "postedBy": "bob", "place": {"town": "K"}, "tags": []}',
        Thread(forum="F", subject="s", posted_by="bob", place=Place("K")),
    ),
]


@pytest.mark.parametrize(("body", "text", "value"), BODIES)
def test_bodies(body: Any, text: str, value: Any) -> None:
    handler, found = collecting(body)
    assert handler(event_of(message(1, text)), Context()) == DONE
    [got] = found
    assert got.body == value


@pytest.mark.parametrize(
    ("body", "text", "told"),
    [
        (Movie, "s3cr3t", "the body is no JSON: Expecting value (character 0)"),
        (Movie, "", "the body is no JSON"),
        (Movie, "{}", "Movie.title"),
        (Movie, "[]", "Movie"),
        (Movie, "null", "Movie"),
        (Movie, '{"title": "s3cr3t", "rating": "s3cr3t"}', "Movie.rating"),
        (Movie, '{"title": 5}', "Movie.title: str is needed, found number"),
        (Movie, '{"title": "x", "cast": [{"name": "y"}, {"year": 1}]}', "Movie.cast[1].name"),
        (Movie, '{"title": "x", "pair": [1]}', "Movie.pair"),
        (Movie, '{"title": "x", "score": NaN}', "NaN"),
        (Movie, '{"title": "x", "title": "s3cr3t"}', "two entries of one name"),
        (int, "[" * 100_000, "nested too deep"),
        (int, "9" * 5_000, "more digits than those of DynamoDB"),
        (int, "1e99999999999999999999", "beyond those of DynamoDB"),
        (int, "\ufeff1", "no JSON"),
        (int, "", "no JSON"),
        (int, "9" * 39, "digits"),
        (Example, "[]", "Example is read from a JSON object"),
        (Example, '{"Id": "7"}', "Example.number"),
        (Example, "{}", "Example.number"),
        (Example, '{"Id": null}', "Example.number"),
    ],
)
def test_a_body_that_does_not_fit_fails_that_message_alone(
    body: Any, text: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    good = {Movie: '{"title": "Ran"}', int: "1", Example: '{"Id": 1}'}[body]
    handler, found = collecting(body)
    event = event_of(message(1, good), message(2, text), message(3, good))
    assert handler(event, Context()) == failed("m-2")
    assert [got.message_id for got in found] == ["m-1", "m-3"]
    [record] = caplog.records
    assert "message m-2 failed" in record.getMessage()
    assert told in record.getMessage()
    assert "s3cr3t" not in caplog.text


def test_each_message_that_raises_fails(caplog: pytest.LogCaptureFixture) -> None:
    handler, found = collecting(int, lambda got: got.body % 2 == 1)
    event = event_of(*(message(number, str(number)) for number in range(6)))
    assert handler(event, Context()) == failed("m-1", "m-3", "m-5")
    assert [got.body for got in found] == [0, 2, 4]
    assert [record.getMessage() for record in caplog.records] == [
        f"message m-{number} failed: KeyError" for number in (1, 3, 5)
    ]


def test_a_batch_that_fails_whole_is_told_by_the_answer() -> None:
    handler, _ = collecting(int, lambda _: True)
    assert handler(event_of(message(1, "1"), message(2, "2")), Context()) == failed("m-1", "m-2")


def test_a_fifo_queue_keeps_the_order_of_each_group(caplog: pytest.LogCaptureFixture) -> None:
    handler, found = collecting(int, lambda got: got.body in (2, 3))
    groups = {1: "a", 2: "a", 3: "b", 4: "a", 5: "c", 6: "b", 7: "c"}
    event = event_of(*(message(n, str(n), "q.fifo", MessageGroupId=group) for n, group in groups.items()))
    assert handler(event, Context()) == failed("m-2", "m-3", "m-4", "m-6")
    assert [(got.body, got.group) for got in found] == [(1, "a"), (5, "c"), (7, "c")]
    assert "message m-4 was not run: an earlier one of its group failed" in caplog.text
    assert handler(event_of(message(4, "4", "imports.fifo", MessageGroupId="a")), Context()) == DONE


def test_a_fifo_queue_of_which_all_fail() -> None:
    handler, _ = collecting(int, lambda _: True)
    event = event_of(
        message(1, "1", "q.fifo", MessageGroupId="a"), message(2, "2", "q.fifo", MessageGroupId="a")
    )
    assert handler(event, Context()) == failed("m-1", "m-2")


def test_the_documented_fifo_event() -> None:
    handler, found = collecting(Movie)
    assert handler(sample("documented/sqs_fifo.json"), Context()) == DONE
    assert [(got.body.title, got.group) for got in found] == [("Brazil", "a"), ("Ran", "b"), ("Alien", "a")]


def test_groups_of_a_standard_queue_promise_no_order() -> None:
    handler, found = collecting(int, lambda got: got.body == 1)
    event = event_of(message(1, "1", MessageGroupId="tenant"), message(2, "2", MessageGroupId="tenant"))
    assert handler(event, Context()) == failed("m-1")
    assert [got.body for got in found] == [2]


def test_a_huge_batch() -> None:
    handler, found = collecting(Movie, lambda got: got.body.title == "9999")
    bodies = [json.dumps({"title": str(number)}) for number in range(10_000)]
    event = event_of(*(message(number, body) for number, body in enumerate(bodies)))
    assert handler(event, Context()) == failed("m-9999")
    assert len(found) == 9_999


@pytest.mark.parametrize(
    "change",
    [{"body": None}, {"attributes": None}, {"attributes": {}}, {"attributes": {"SentTimestamp": "s3cr3t"}}],
)
def test_a_malformed_message_fails(change: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    handler, _ = collecting(str)
    assert handler(event_of(message(1, "a") | change, message(2, "b")), Context()) == failed("m-1")
    assert "EventError" in caplog.text
    assert "s3cr3t" not in caplog.text


@pytest.mark.parametrize("attributes", [None, [], "a"])
def test_a_message_without_a_group_stops_a_fifo_queue_before_anything_is_done(attributes: Any) -> None:
    handler, found = collecting(str)
    first = message(1, "a", "q.fifo", MessageGroupId="a")
    with pytest.raises(EventError, match="tell its group"):
        handler(event_of(first, message(2, "b", "q.fifo") | {"attributes": attributes}), Context())
    assert found == []


@pytest.mark.parametrize(
    "event",
    [{}, {"Records": [{}]}, sample("sam/DynamoDBUpdate.json"), {"Records": [{"eventSource": "aws:sqs"}]}],
)
def test_an_event_of_another_source_is_refused_whole(event: dict[str, Any]) -> None:
    handler, _ = collecting(str)
    with pytest.raises(EventError):
        handler(event, Context())


def test_a_type_that_cannot_be_read_is_refused_where_it_is_declared() -> None:
    with pytest.raises(DeclarationError, match="complex"):
        on_message(complex)


def test_it_answers_partial_batches() -> None:
    handler, _ = collecting(str)
    assert handler.partial_batch_responses
