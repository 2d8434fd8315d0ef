"""Rewriting one item: what it should be, and that the update asks for every attribute that was read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel import (
    Attr,
    Entity,
    Table,
    UnreadableItemError,
    attribute,
    computed,
    global_index,
    key,
    primary_key,
    upgrade_from,
)
from dynamodel.entity.schema import schema_of
from dynamodel.errors import ServiceError, service_error
from dynamodel.operations.rewrite import (
    MAX_ATTEMPTS,
    MAX_ATTRIBUTES,
    Outcome,
    renewed,
    rewrite,
    rewrite_request,
)

from .single_table import filled_in, fresh_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamodel import Client, Request
    from dynamodel.testing import DynamoDBLocal
    from dynamodel.types import Item

library = Table("rewrites.library", partition_key="pk", sort_key="sk")


class Book(Entity, table=library):
    """Version 1 had the author's `first` and `last` name."""

    code: Attr[str] = attribute()
    title: Attr[str] = attribute()
    author: Attr[str | None] = attribute(default=None)
    pages: Attr[int] = attribute(default=0)
    upper: Attr[str] = computed(str.upper, title)
    version: Attr[int] = attribute(version=True)
    main = primary_key(key("BOOK", code), key("BOOK"))
    by_author = global_index("gsi1", key("AUTHOR", author), key("BOOK", upper))

    @upgrade_from(1)
    @staticmethod
    def join(values: dict[str, Any]) -> dict[str, Any]:
        values["author"] = f"{values.pop('first')} {values.pop('last', '')}".strip()
        return values


BOOK = schema_of(Book)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)


def current(author: str | None = "ann", **more: Any) -> Item:
    item = dict(Book(code="c", title="Tea", author=author, version=6).put().item)
    return item | {"_write": {"S": "mark"}} | more


def without(item: Item, *names: str) -> Item:
    return {name: value for name, value in item.items() if name not in names}


OLD = without(current(), "_schema", "author", "gsi1pk", "gsi1sk", "upper") | {"first": {"S": "ann"}}


# --- what an item should be ---


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        pytest.param(current(), current(), id="current"),
        pytest.param(current(None), current(None), id="not in the index"),
        pytest.param(OLD, without(current(), "first"), id="upgraded"),
        pytest.param(without(current(), "_type"), current(), id="discriminator"),
        pytest.param(without(current(), "upper", "gsi1sk"), current(), id="computed, and its key"),
        pytest.param(current(upper={"N": "1"}), current(), id="computed, of a wrong type"),
        pytest.param(without(current(), "author"), current(None), id="no author any more"),
        pytest.param(current(more={"SS": ["b", "a"]}), current(more={"SS": ["b", "a"]}), id="unknown"),
        pytest.param(without(current(), "_write"), without(current(), "_write"), id="never marked"),
        pytest.param(without(current(), "title"), None, id="no title"),
        pytest.param(current(pages={"S": "many"}), None, id="wrong type"),
        pytest.param(current(code={"S": "d"}), None, id="another key"),
        pytest.param(without(OLD, "first"), None, id="no upgrade"),
        pytest.param(current(_schema={"N": "3"}), None, id="a later version"),
        pytest.param(current(_schema={"S": "2"}), None, id="no version of an item"),
    ],
)
def test_renewed(item, expected):
    before = dict(item)
    if expected is None:
        with pytest.raises(UnreadableItemError) as caught:
            renewed(BOOK, item)
        assert caught.value.item == item
        assert str(caught.value).startswith("Book")
    else:
        assert renewed(BOOK, item) == expected
    assert item == before


@given(
    title=TEXTS,
    author=st.none() | TEXTS,
    stale=st.dictionaries(st.sampled_from(["upper", "gsi1pk", "gsi1sk"]), TEXTS),
    removed=st.sets(st.sampled_from(["upper", "gsi1pk", "gsi1sk", "_type"])),
    unknown=st.dictionaries(st.sampled_from(["x", "y", "#z"]), TEXTS),
)
def test_what_is_renewed_is_what_a_put_would_write(title, author, stale, removed, unknown):
    written = dict(Book(code="c", title=title, author=author).put().item)
    others = {name: {"S": text} for name, text in unknown.items()}
    spoilt = without(written | {name: {"S": text} for name, text in stale.items()}, *removed) | others
    complete = renewed(BOOK, spoilt)
    assert complete == written | others
    assert renewed(BOOK, complete) == complete


# --- the request ---


def terms(request: Request) -> set[str]:
    return set(filled_in(request, "ConditionExpression").split(" AND "))


@pytest.mark.parametrize(
    "item",
    [
        pytest.param(OLD, id="old"),
        pytest.param(without(current(), "gsi1pk", "gsi1sk"), id="no index key"),
        pytest.param(without(current(), "author"), id="a key too much"),
        pytest.param(without(current(), "upper") | {"first": {"S": "x"}}, id="unknown"),
    ],
)
def test_the_request_asks_for_all_that_was_read(item):
    complete = renewed(BOOK, item)
    request = rewrite_request(BOOK, item, complete)
    assert request.operation == "UpdateItem"
    assert request.parameters["Key"] == {name: item[name] for name in ("pk", "sk")}
    assert request.parameters["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"
    equal = {f"{name} = {kind}:{text}" for name, value in item.items() for kind, text in value.items()}
    absent = {f"attribute_not_exists({name})" for name in complete.keys() - item.keys()}
    assert equal | absent <= terms(request)


@pytest.mark.parametrize(
    ("item", "update"),
    [
        pytest.param(without(current(), "gsi1sk"), "SET gsi1sk = S:BOOK#TEA", id="set"),
        pytest.param(without(current(None), "x") | {"gsi1sk": {"S": "y"}}, "REMOVE gsi1sk", id="remove"),
        pytest.param(
            current(None, upper={"S": "x"}, gsi1pk={"S": "y"}), "SET upper = S:TEA REMOVE gsi1pk", id="both"
        ),
    ],
)
def test_only_what_differs_is_written(item, update):
    request = rewrite_request(BOOK, item, renewed(BOOK, item))
    assert filled_in(request, "UpdateExpression") == update


def test_the_mark_and_the_version_are_not_written():
    request = rewrite_request(BOOK, OLD, renewed(BOOK, OLD))
    written = filled_in(request, "UpdateExpression")
    assert re.findall(r"(\w+) =", written) != []
    assert not {"_write", "version", "code", "pk", "sk"} & set(re.findall(r"\w+", written))


def test_an_attribute_that_another_adds_is_asked_for():
    """The item had none of it when it was read: what the class knows of must still be absent."""
    item = without(current(None), "upper", "pages")
    request = rewrite_request(BOOK, item, renewed(BOOK, item))
    assert {"attribute_not_exists(author)", "attribute_not_exists(pages)"} <= terms(request)


# --- too many attributes ---


def large(count: int, **more: Any) -> Item:
    item = current(**more)
    return item | {f"x{n}": {"N": "1"} for n in range(count - len(item))}


def test_as_many_attributes_as_a_condition_can_ask_for():
    item = without(large(MAX_ATTRIBUTES), "gsi1sk")
    assert rewrite_request(BOOK, item, renewed(BOOK, item))
    too_many = without(large(MAX_ATTRIBUTES + 1), "gsi1sk")
    with pytest.raises(UnreadableItemError, match=f"more than {MAX_ATTRIBUTES} attributes"):
        renewed(BOOK, too_many)
    assert renewed(BOOK, large(MAX_ATTRIBUTES + 1)) == large(MAX_ATTRIBUTES + 1)  # which needs nothing


# --- the flow ---


def outcome(
    item: Item, *answers: Item | ServiceError | None, is_dry_run: bool = False
) -> tuple[Outcome, int]:
    """What becomes of it, and how many requests that took. An answer: another item is there; None: done."""
    flow = rewrite(BOOK, item, is_dry_run=is_dry_run)
    sent = 0
    try:
        next(flow)
        for answer in answers:
            sent += 1
            if answer is None:
                flow.send({})
            elif isinstance(answer, ServiceError):
                flow.throw(answer)
            else:
                details = {"Item": answer} if answer else {}
                flow.throw(
                    service_error("ConditionalCheckFailedException", "no", "UpdateItem", details=details)
                )
    except StopIteration as end:
        return end.value, sent
    raise AssertionError("it asks for more")


@pytest.mark.parametrize(
    ("item", "answers", "expected"),
    [
        pytest.param(current(), [], (Outcome.CURRENT, 0), id="current"),
        pytest.param(OLD, [None], (Outcome.REWRITTEN, 1), id="rewritten"),
        pytest.param(OLD, [{}], (Outcome.GONE, 1), id="gone"),
        pytest.param(OLD, [current()], (Outcome.CURRENT, 1), id="by another"),
        pytest.param(OLD, [OLD | {"x": {"S": "y"}}, None], (Outcome.REWRITTEN, 2), id="once more"),
        pytest.param(OLD, [OLD] * (MAX_ATTEMPTS - 1) + [None], (Outcome.REWRITTEN, 10), id="in the end"),
        pytest.param(OLD, [OLD] * MAX_ATTEMPTS, (Outcome.CONTENDED, 10), id="contended"),
    ],
)
def test_outcomes(item, answers, expected):
    assert outcome(item, *answers) == expected


@pytest.mark.parametrize(("item", "expected"), [(OLD, Outcome.REWRITTEN), (current(), Outcome.CURRENT)])
def test_a_dry_run_sends_nothing(item, expected):
    assert outcome(item, is_dry_run=True) == (expected, 0)


def test_errors_are_raised():
    denied = service_error("AccessDeniedException", "no", "UpdateItem")
    with pytest.raises(type(denied)) as caught:
        outcome(OLD, denied)
    assert caught.value.entity == "Book"
    with pytest.raises(UnreadableItemError):
        outcome(OLD, without(current(), "title"))


# --- the engine ---


@pytest.fixture(scope="module")
def engine(dynamodb_local: DynamoDBLocal) -> Iterator[tuple[Client, DynamoDBClient]]:
    yield from fresh_table(dynamodb_local, library)


EVERY_TYPE: Item = {
    "a binary": {"B": b"\x00\xff"},
    "a set": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2.5"]},
    "binaries": {"BS": [b"1"]},
    "list": {"L": [{"S": ""}, {"NULL": True}, {"BOOL": False}]},
    "map": {"M": {"x.y": {"N": "1E+50"}}},
    "null": {"NULL": True},
    "bool": {"BOOL": True},
    "#strange:name": {"S": ""},
}


@pytest.mark.dynamodb_local
def test_the_engine_takes_attributes_of_every_type(engine):
    client, wire = engine
    wire.put_item(TableName=library.name, Item=OLD | EVERY_TYPE)
    item = wire.get_item(TableName=library.name, Key=BOOK.key_of(OLD))["Item"]
    complete = renewed(BOOK, item)
    client._transport.send(rewrite_request(BOOK, item, complete))
    assert wire.get_item(TableName=library.name, Key=BOOK.key_of(OLD))["Item"] == complete
    assert complete.keys() == current().keys() | EVERY_TYPE.keys()


@pytest.mark.dynamodb_local
@pytest.mark.parametrize("change", ["changed", "removed"])
@pytest.mark.parametrize("name", sorted({*OLD, *EVERY_TYPE} - {"pk", "sk"}))
def test_the_engine_refuses_where_an_attribute_is_another_one(engine, name, change):
    client, wire = engine
    item = OLD | EVERY_TYPE
    theirs = without(item, name) | ({name: {"S": "another"}} if change == "changed" else {})
    wire.put_item(TableName=library.name, Item=theirs)
    with pytest.raises(ServiceError, match="ConditionalCheckFailed") as caught:
        client._transport.send(rewrite_request(BOOK, item, renewed(BOOK, item)))
    assert caught.value.details["Item"] == theirs
    assert wire.get_item(TableName=library.name, Key=BOOK.key_of(OLD))["Item"] == theirs


@pytest.mark.dynamodb_local
def test_the_engine_takes_as_many_attributes_as_are_allowed(engine):
    client, wire = engine
    item = without(large(MAX_ATTRIBUTES), "gsi1sk")
    wire.put_item(TableName=library.name, Item=item)
    client._transport.send(rewrite_request(BOOK, item, renewed(BOOK, item)))
    assert wire.get_item(TableName=library.name, Key=BOOK.key_of(OLD))["Item"] == large(MAX_ATTRIBUTES)


@pytest.mark.dynamodb_local
def test_the_engine_does_not_bring_back_what_was_deleted(engine):
    client, wire = engine
    wire.delete_item(TableName=library.name, Key=BOOK.key_of(OLD))
    with pytest.raises(ServiceError, match="ConditionalCheckFailed") as caught:
        client._transport.send(rewrite_request(BOOK, OLD, renewed(BOOK, OLD)))
    assert "Item" not in caught.value.details
