"""Handlers of streams: typed changes, whose they are, and what becomes of a batch when one fails."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel import (
    Attr,
    DeclarationError,
    Entity,
    Request,
    RequestError,
    StreamViewType,
    Table,
    Update,
    attribute,
    primary_key,
    transaction,
    unknown_attributes,
)
from dynamodel.aws_lambda.event_errors import EventError
from dynamodel.aws_lambda.streams import (
    Change,
    ChangeHandler,
    Inserted,
    Modified,
    Removed,
    UnknownRecord,
    on_change,
)
from dynamodel.entity.schema import schema_of
from dynamodel.testing.local_lambda.sources.events import change_record
from tests.aws_lambda.event_models import Door, Example, Place, Reply, Thread, User, Window, example, forum
from tests.aws_lambda.models import Context
from tests.aws_lambda.samples import changed, event_of, failed, image, sample, stream_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamodel import Client
    from dynamodel.testing import DynamoDBLocal

E = TypeVar("E", bound=Entity)
DONE = failed()


def collecting(entity: type[E]) -> tuple[ChangeHandler, list[Change[E]]]:
    """A handler that keeps what it gets."""
    found: list[Change[E]] = []

    @on_change(entity)
    def keep(change: Change[E], context: Any) -> None:
        found.append(change)

    return keep, found


def failing(entity: type[E], fails: Callable[[E], bool]) -> tuple[ChangeHandler, list[E]]:
    """A handler of new items, which raises for some of them."""
    found: list[E] = []

    @on_change(entity)
    def keep(change: Change[E], context: Any) -> None:
        assert isinstance(change, Inserted)
        if fails(change.new):
            raise KeyError("poison")
        found.append(change.new)

    return keep, found


def new_thread(number: int, **attributes: Any) -> dict[str, Any]:
    return changed(number, None, image(Thread(forum="F", subject=str(number), **attributes)))


# --- the images ---


def test_the_sample_of_aws() -> None:
    handler, found = collecting(Example)
    assert handler(sample("sam/DynamoDBUpdate.json"), Context()) == DONE
    inserted, modified, removed = found
    new, later = (
        Example(number=101, message="New item!"),
        Example(number=101, message="This item has changed"),
    )
    assert isinstance(inserted, Inserted)
    assert inserted.new == new
    assert inserted.changed == {"number", "message"}
    assert isinstance(modified, Modified)
    assert (modified.old, modified.new) == (new, later)
    assert modified.changed == {"message"}
    assert modified.has_changed(Example.message)
    assert not modified.has_changed(Example.number)
    assert isinstance(removed, Removed)
    assert removed.old == later
    assert removed.event_id == "eccbc87e4b5ce2fe28308fd9f2a7baf3"
    assert removed.sequence_number == "4421584500000000017450439093"
    assert removed.at == datetime(2015, 4, 9, tzinfo=UTC)
    assert not removed.by_time_to_live


def test_a_deletion_by_time_to_live_is_told() -> None:
    handler, found = collecting(Example)
    assert handler(sample("documented/dynamodb_time_to_live.json"), Context()) == DONE
    [removed] = found
    assert removed.by_time_to_live
    assert isinstance(removed, Removed)
    assert removed.old.message == "Gone"


def test_match_takes_changes_apart() -> None:
    seen: list[str] = []

    @on_change(Example)
    def handler(change: Change[Example], context: Any) -> None:
        match change:
            case Inserted(new=item):
                seen.append(f"+{item.number}")
            case Removed(old=item):
                seen.append(f"-{item.number}")
            case Modified(old=_, new=item):
                seen.append(f"~{item.number}")

    handler(sample("sam/DynamoDBUpdate.json"), Context())
    assert seen == ["+101", "~101", "-101"]


THREADS = [
    Thread(forum="F", subject="plain"),
    Thread(
        forum="F",
        subject="all",
        replies=-3,
        score=Decimal("1234567890123456789012345678901234567.8"),
        picture=b"\x00\xff",
        pictures={b"a", b"\xfe"},
        tags={"x", "ü"},
        numbers={1, -2},
        closed=True,
        place=Place("Köln", b"\x01"),
        history=["a", 1, None, [b"x"], {"deep": Decimal("0.1")}],
        more={"set": {b"\x02"}, "none": None, "empty": ""},
        posted_at=datetime(2026, 3, 9, 10, 20, 30, 123456, UTC),
    ),
    Thread(forum="F", subject="empty", picture=b"", posted_by="", place=Place("", b"")),
]


@pytest.fixture
def local(dynamodb_local_db: Client) -> Client:
    dynamodb_local_db.create_table(forum)
    return dynamodb_local_db


def test_images_of_a_real_stream_are_what_was_written(local: Client, dynamodb_local: DynamoDBLocal) -> None:
    for thread in THREADS:
        local.run(thread.put())
        after = {"replies": thread.replies + 1, "pictures": {b"new"}}
        local.run(Thread(**{name: getattr(thread, name) for name in vars(thread)} | after).put())
        local.run(thread.delete())
    handler, found = collecting(Thread)
    assert handler(stream_event(dynamodb_local, "ForumEvents"), Context()) == DONE
    assert [type(change) for change in found] == [Inserted, Modified, Removed] * len(THREADS)
    for thread, inserted, modified, removed in zip(
        THREADS, found[::3], found[1::3], found[2::3], strict=True
    ):
        assert isinstance(inserted, Inserted)
        assert isinstance(modified, Modified)
        assert isinstance(removed, Removed)
        assert inserted.new == thread == modified.old
        assert modified.new == removed.old != thread
        assert modified.changed == {"replies", "pictures"}
        assert removed.old.pictures == {b"new"}
        assert not unknown_attributes(inserted.new)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
PLACES = st.builds(Place, TEXTS, st.none() | st.binary(max_size=3))


@given(
    thread=st.builds(
        Thread,
        forum=TEXTS.filter(bool),
        subject=TEXTS.filter(bool),
        posted_by=TEXTS,
        replies=st.integers(-(10**37), 10**37),
        score=st.none() | st.decimals(-1000, 1000, places=3),
        picture=st.none() | st.binary(max_size=5),
        pictures=st.sets(st.binary(min_size=1, max_size=3), max_size=3),
        tags=st.sets(TEXTS.filter(bool), max_size=3),
        closed=st.none() | st.booleans(),
        place=st.none() | PLACES,
        history=st.lists(TEXTS | st.integers() | st.binary(max_size=3) | st.none(), max_size=3),
    )
)
def test_whatever_is_written_is_what_a_change_has(thread: Thread) -> None:
    handler, found = collecting(Thread)
    record = change_record({**RAW, "dynamodb": {**RAW["dynamodb"], "NewImage": image(thread)}}, "arn", "here")
    assert handler(event_of(record), Context()) == DONE
    [change] = found
    assert isinstance(change, Inserted)
    assert change.new == thread


RAW: dict[str, Any] = {
    "eventID": "1",
    "eventName": "INSERT",
    "eventVersion": "1.1",
    "dynamodb": {
        "ApproximateCreationDateTime": datetime(2026, 3, 9, tzinfo=UTC),
        "SequenceNumber": "1",
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    },
}
"""A record as boto3 returns it."""


def test_order_in_a_real_stream_is_the_order_of_writes(local: Client, dynamodb_local: DynamoDBLocal) -> None:
    for number in range(20):
        local.run(Thread(forum="F", subject="s", replies=number).put())
    handler, found = collecting(Thread)
    event = stream_event(dynamodb_local, "ForumEvents")
    event["Records"].reverse()
    assert handler(event, Context()) == DONE
    assert [change.new.replies for change in found if not isinstance(change, Removed)] == list(range(20))


def test_old_versions_are_upgraded_and_unknown_attributes_are_kept() -> None:
    handler, found = collecting(Reply)
    old = {
        "pk": {"S": "FORUM#F"},
        "sk": {"S": image(Reply(forum="F", number=1, text=""))["sk"]["S"]},
        "_type": {"S": "Reply"},
        "forum": {"S": "F"},
        "number": {"N": "1"},
        "message": {"S": "hello"},
        "extra": {"B": "AP8="},
    }
    new = image(Reply(forum="F", number=1, text="hello"))
    assert handler(event_of(changed(1, old, new)), Context()) == DONE
    [change] = found
    assert isinstance(change, Modified)
    assert change.old.text == change.new.text == "hello"
    assert unknown_attributes(change.old)["extra"] == {"B": b"\x00\xff"}
    assert change.changed == {"text"}


def test_sets_have_no_order_and_documents_have_parts() -> None:
    handler, found = collecting(Thread)
    old = image(Thread(forum="F", subject="s", place=Place("Köln"))) | {
        "tags": {"SS": ["a", "b"]},
        "history": {"L": [{"NS": ["1", "2"]}, {"S": "x"}]},
        "more": {"M": {"x": {"BS": ["AA==", "AQ=="]}}},
    }
    new = old | {
        "tags": {"SS": ["b", "a"]},
        "history": {"L": [{"NS": ["2", "1"]}, {"S": "y"}]},
        "more": {"M": {"x": {"BS": ["AQ==", "AA=="]}}},
    }
    handler(event_of(changed(1, old, new)), Context())
    [change] = found
    assert change.changed == {"history"}
    assert not change.has_changed(Thread.tags)
    assert not change.has_changed(Thread.history[0])
    assert change.has_changed(Thread.history[1])
    assert not change.has_changed(Thread.history[2])
    with pytest.raises(RequestError, match=r"Reply.text is not an attribute of Thread"):
        change.has_changed(Reply.text)


def test_a_change_shows_no_data() -> None:
    handler, found = collecting(Example)
    handler(sample("sam/DynamoDBUpdate.json"), Context())
    assert "item" not in repr(found)
    assert "101" not in repr(found)


# --- whose items they are ---


def test_each_entity_has_its_function_and_what_nobody_asked_for_is_passed_over() -> None:
    handler, threads = collecting(Thread)
    replies: list[Change[Reply]] = []

    @handler.on_change(Reply)
    def reply(change: Change[Reply], context: Any) -> None:
        replies.append(change)

    assert not isinstance(reply, ChangeHandler)  # the function stays as it is
    event = event_of(
        new_thread(1),
        changed(2, None, image(Reply(forum="F", number=1, text="t"))),
        changed(3, None, image(User(name="ann", email="a@b"))),
    )
    assert handler(event, Context()) == DONE
    assert [change.sequence_number for change in threads] == ["1"]
    assert [change.sequence_number for change in replies] == ["2"]


def test_claims_and_records_of_what_was_done_are_passed_over(
    local: Client, dynamodb_local: DynamoDBLocal
) -> None:
    local.run(User(name="ann", email="a@b").create())
    local.run(transaction(User(name="bob", email="b@b").create(), Thread(forum="F", subject="s").create()))
    done = {"pk": {"S": "IDEMPOTENCY#x"}, "sk": {"S": "IDEMPOTENCY"}, "_type": {"S": "IDEMPOTENCY"}}
    local.transport.send(Request("PutItem", {"TableName": "ForumEvents", "Item": done}))
    handler, found = collecting(User)
    event = stream_event(dynamodb_local, "ForumEvents")
    assert len(event["Records"]) == 6
    assert handler(event, Context()) == DONE
    assert sorted(change.new.name for change in found if isinstance(change, Inserted)) == ["ann", "bob"]


def test_without_a_discriminator_keys_tell_whose_an_item_is() -> None:
    handler, found = collecting(Door)
    window = Window(house="h", number=1, email="w@h")
    [constraint] = schema_of(Window).uniques
    claim = constraint.claim(image(window), ("pk", "sk")) or {}
    event = event_of(
        changed(1, None, image(Door(house="h", number=1))),
        changed(2, None, image(window)),
        changed(3, None, claim | {"_owner": {"M": {}}}),
        changed(4, None, {"pk": {"S": "IDEMPOTENCY#f#1"}, "sk": {"S": "IDEMPOTENCY"}}),
    )
    assert handler(event, Context()) == DONE
    assert [change.new for change in found if isinstance(change, Inserted)] == [Door(house="h", number=1)]
    stranger = {"pk": {"S": "HOUSE#h"}, "sk": {"S": "ROOF#1"}}
    assert handler(event_of(changed(5, None, stranger)), Context()) == failed(5)


STRANGER = {"pk": {"S": "X"}, "sk": {"S": "Y"}, "_type": {"S": "Poll"}, "secret": {"S": "s3cr3t"}}


def test_an_unknown_item_fails_and_the_log_says_how_to_mend_it(caplog: pytest.LogCaptureFixture) -> None:
    handler, found = collecting(Thread)
    event = event_of(new_thread(1), changed(2, None, STRANGER), new_thread(3))
    assert handler(event, Context()) == failed(2)
    assert [change.sequence_number for change in found] == ["1"]
    [record] = caplog.records
    text = record.getMessage()
    assert "change 2 of Table 'ForumEvents' failed: UnknownItemError" in text
    assert "import the module that declares it" in text
    assert "@handler.on_unknown" in text
    assert "s3cr3t" not in caplog.text


def test_unknown_items_go_to_their_function() -> None:
    handler, _ = collecting(Thread)
    unknown: list[UnknownRecord] = []

    @handler.on_unknown
    def keep(record: UnknownRecord, context: Any) -> None:
        unknown.append(record)

    blob = STRANGER | {"blob": {"B": "AP8="}}
    assert handler(event_of(changed(1, STRANGER, blob), changed(2, blob, None)), Context()) == DONE
    assert [(record.kind, record.sequence_number) for record in unknown] == [("MODIFY", "1"), ("REMOVE", "2")]
    assert unknown[0].new_item == STRANGER | {"blob": {"B": b"\x00\xff"}}
    assert unknown[1].new_item is None
    assert "s3cr3t" not in repr(unknown)


def test_an_item_that_becomes_an_entitys_is_inserted_and_one_that_ceases_to_be_one_is_removed() -> None:
    handler, found = collecting(Thread)
    marked = image(Thread(forum="F", subject="s"))
    bare = {name: value for name, value in marked.items() if name != "_type"}
    assert handler(event_of(changed(1, bare, marked), changed(2, marked, bare)), Context()) == DONE
    assert [type(change) for change in found] == [Inserted, Removed]


# --- failures ---


def test_an_image_that_does_not_fit_fails_and_nothing_after_it_is_run(
    caplog: pytest.LogCaptureFixture,
) -> None:
    handler, found = collecting(Thread)
    bad = image(Thread(forum="F", subject="s3cr3t")) | {"replies": {"S": "many"}}
    event = event_of(new_thread(1), changed(2, None, bad), new_thread(3))
    assert handler(event, Context()) == failed(2)
    assert [change.sequence_number for change in found] == ["1"]
    assert (
        "change 2 of Table 'ForumEvents' (Thread) failed: UnreadableItemError: Thread.replies" in caplog.text
    )
    assert "s3cr3t" not in caplog.text
    assert "many" not in caplog.text


@pytest.mark.parametrize("poison", [1, 5, 10])
def test_it_stops_at_the_first_failure_and_goes_on_from_there(
    poison: int, caplog: pytest.LogCaptureFixture
) -> None:
    broken = [True]
    handler, found = failing(Thread, lambda thread: thread.subject == str(poison) and broken[0])
    records = [new_thread(number) for number in range(1, 11)]
    assert handler(event_of(*records), Context()) == failed(poison)
    assert len(found) == poison - 1
    assert f"change {poison} of Table 'ForumEvents' (Thread) failed: KeyError" in caplog.text
    broken[0] = False  # Lambda delivers everything from the lowest failed sequence number again
    assert handler(event_of(*records[poison - 1 :]), Context()) == DONE
    assert [thread.subject for thread in found] == [str(number) for number in range(1, 11)]


def test_a_batch_out_of_order_is_run_in_order() -> None:
    numbers = [900, 1000, 99, 5, 4421584500000000017450439091, 4421584500000000017450439089]
    handler, found = failing(Thread, lambda thread: thread.subject == "1000")
    assert handler(event_of(*(new_thread(number) for number in numbers)), Context()) == failed(1000)
    assert [thread.subject for thread in found] == ["5", "99", "900"]


@given(st.lists(st.integers(1, 10**30), unique=True, max_size=8), st.data())
def test_any_batch_is_run_in_order_up_to_the_lowest_failure(numbers: list[int], data: st.DataObject) -> None:
    poison = set(data.draw(st.lists(st.sampled_from(numbers)) if numbers else st.just([])))
    handler, found = failing(Thread, lambda thread: int(thread.subject) in poison)
    answer = handler(event_of(*map(new_thread, numbers)), Context())
    assert answer == (failed(min(poison)) if poison else DONE)
    expected = [number for number in sorted(numbers) if not poison or number < min(poison)]
    assert [int(thread.subject) for thread in found] == expected


def test_a_huge_batch() -> None:
    records = [new_thread(number, replies=number) for number in range(10_000)]
    handler, found = failing(Thread, lambda thread: thread.replies == 9_990)
    assert handler(event_of(*records), Context()) == failed(9_990)
    assert len(found) == 9_990


def test_an_invocation_knows_nothing_of_the_one_before() -> None:
    handler, found = failing(Thread, lambda thread: thread.subject == "1")
    assert handler(event_of(new_thread(1)), Context()) == failed(1)
    assert handler(event_of(new_thread(2)), Context()) == DONE
    assert len(found) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"eventName": "UPSERT"}, "an INSERT, a MODIFY or a REMOVE"),
        ({"eventName": "MODIFY"}, "without its images"),
        ({"eventID": None}, "has an eventID"),
        (
            {"dynamodb": {"SequenceNumber": "2", "StreamViewType": "KEYS_ONLY"}},
            "stream carries KEYS_ONLY",
        ),
        (
            {"dynamodb": {"SequenceNumber": "2", "NewImage": {"a": "s3cr3t"}}},
            "NewImage of a record",
        ),
        ({"dynamodb": {"SequenceNumber": "2", "NewImage": {"a": {"S": "s3cr3t"}}}}, "epoch seconds"),
    ],
)
def test_a_malformed_record_fails(
    change: dict[str, Any], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    handler, found = collecting(Thread)
    event = event_of(new_thread(1), changed(2, None, STRANGER, **change), new_thread(3))
    assert handler(event, Context()) == failed(2)
    assert [item.sequence_number for item in found] == ["1"]
    assert told in caplog.text
    assert "s3cr3t" not in caplog.text


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({}, "without Records"),
        ([], "without Records"),
        (None, "without Records"),
        ({"Records": {}}, "without Records"),
        ({"Records": [1]}, r"Records\[0\] is of something else; this handler is for aws:dynamodb"),
        (sample("sam/Sqs.json"), r"Records\[0\] is of aws:sqs; this handler is for aws:dynamodb"),
        (sample("sam/Sns.json"), r"Records\[0\] is of something else"),
        ({"Records": [{"eventSource": "aws:dynamodb"}]}, r"Records\[0\] has no id"),
        ({"Records": [{"eventSource": "aws:dynamodb", "dynamodb": {"SequenceNumber": ""}}]}, "has no id"),
        ({"Records": [{"eventSource": "aws:dynamodb", "dynamodb": {"SequenceNumber": "x"}}]}, "no number"),
    ],
)
def test_an_event_of_another_source_is_refused_whole(event: Any, told: str) -> None:
    handler, _ = collecting(Thread)
    with pytest.raises(EventError, match=told):
        handler(event, Context())


def test_an_empty_batch_is_done() -> None:
    handler, _ = collecting(Thread)
    assert handler({"Records": []}, Context()) == DONE


# --- declarations ---


def test_a_table_without_both_images_is_refused() -> None:
    class Silent(Entity, table=Table("Silent")):
        number: Attr[int] = attribute()
        by_id = primary_key(number)

    class Half(Entity, table=Table("Half", stream=StreamViewType.NEW_IMAGE)):
        number: Attr[int] = attribute()
        by_id = primary_key(number)

    for entity in (Silent, Half):
        with pytest.raises(DeclarationError, match=r"stream=StreamViewType.NEW_AND_OLD_IMAGES"):
            on_change(entity)


def test_another_table_and_the_same_entity_twice_are_refused() -> None:
    handler, _ = collecting(Thread)
    with pytest.raises(DeclarationError, match=r"on_change\(Example\): .*one table, Table 'ForumEvents'"):
        handler.on_change(Example)
    with pytest.raises(DeclarationError, match=r"on_change\(Thread\): the handler has a function for this"):
        handler.on_change(Thread)


def test_two_entities_that_nothing_tells_apart_are_refused() -> None:
    table = Table("Blurred", stream=StreamViewType.NEW_AND_OLD_IMAGES)

    class One(Entity, table=table):
        number: Attr[int] = attribute()
        by_id = primary_key(number)

    class Two(Entity, table=table):
        number: Attr[int] = attribute()
        by_id = primary_key(number)

    handler, _ = collecting(One)
    with pytest.raises(DeclarationError, match="nothing tells its items from those of One"):
        handler.on_change(Two)


def test_what_a_declaration_learns_from_a_handler() -> None:
    @on_change(Thread, patterns=[Thread.main.update])
    def handler(change: Change[Thread], context: Any) -> None:
        """Counts."""

    assert handler.partial_batch_responses
    [pattern] = handler.patterns
    assert isinstance(pattern("F", "s"), Update)  # type: ignore[operator]  # this pattern is a method
    assert handler.__doc__ == "Counts."
    assert handler.table is forum
    assert example.settings.stream is StreamViewType.NEW_AND_OLD_IMAGES


def test_importing_streams_imports_neither_boto3_nor_the_idempotency_of_powertools() -> None:
    code = (
        "import sys, json; import dynamodel.aws_lambda.streams, dynamodel.aws_lambda.queues, "
        "dynamodel.aws_lambda.kinesis; print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = json.loads(done.stdout)
    assert "aws_lambda_powertools.utilities.batch" in modules
    assert not {"boto3", "botocore.session", "aws_lambda_powertools.utilities.idempotency"} & set(modules)


def test_the_log_is_that_of_the_module(caplog: pytest.LogCaptureFixture) -> None:
    handler, _ = failing(Thread, lambda thread: True)
    handler(event_of(new_thread(1)), Context())
    assert [(record.name, record.levelno) for record in caplog.records] == [
        ("dynamodel.aws_lambda.event_records", logging.ERROR)
    ]
    assert caplog.records[0].exc_info is not None
