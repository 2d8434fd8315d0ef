"""Updates in single-table design: what they write beside the actions, and what they refuse."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from dynamodel import (
    Attr,
    ConditionFailedError,
    Entity,
    RequestError,
    Table,
    attribute,
    computed,
    global_index,
    key,
    primary_key,
    upgrade_from,
)
from dynamodel.operations import updates as module

from .models import Song
from .single_table import filled_in, fresh_table, raw

app = Table("updates.app", partition_key="pk", sort_key="sk")
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
NOW_TEXT = "2026-05-01T12:00:00.000000Z"


class Plain(Entity, table=app):
    forum: Attr[str] = attribute()
    subject: Attr[str] = attribute("topic")
    replies: Attr[int] = attribute(default=0)
    author: Attr[str | None] = attribute(default=None)
    posted_at: Attr[int | None] = attribute(default=None, read_only=True)
    title: Attr[str | None] = attribute(default=None)
    slug: Attr[str | None] = computed(lambda title: title, title)
    labels: Attr[dict[str, str]] = attribute(factory=dict)
    main = primary_key(key("FORUM", forum), key("THREAD", subject))
    by_author = global_index("gsi1", key("AUTHOR", author), key("REPLIES", replies))


class Kept(Entity, table=app):
    """All that dynamodel keeps itself."""

    name: Attr[str] = attribute()
    hits: Attr[int] = attribute(default=0)
    version: Attr[int] = attribute("v", version=True)
    created: Attr[datetime] = attribute(created=True)
    updated: Attr[datetime] = attribute("changed", updated=True)
    main = primary_key(key("KEPT", name), key("KEPT"))


class Renamed(Entity, table=app, discriminator="old"):
    name: Attr[str] = attribute()
    full_name: Attr[str] = attribute("full", default="")
    main = primary_key(key("RENAMED", name), key("RENAMED"))

    @upgrade_from(1)
    @staticmethod
    def join(values: dict[str, Any]) -> dict[str, Any]:
        values["full"] = f"{values.pop('first')} {values.pop('last')}"
        return values


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "now", lambda: NOW)


@pytest.fixture(scope="module")
def engine(dynamodb_local):
    yield from fresh_table(dynamodb_local, app)


def update(*actions):
    return Plain.main.update("f", "s").apply(*actions)


# --- requests ---


def test_an_update_that_may_create_the_item_writes_what_an_item_needs():
    request = update(Plain.labels["de"].set("x")).request()
    assert request.operation == "UpdateItem"
    assert request.parameters["Key"] == {"pk": {"S": "FORUM#f"}, "sk": {"S": "THREAD#s"}}
    assert "ConditionExpression" not in request.parameters
    assert (
        filled_in(request, "UpdateExpression")
        == "SET labels.de = S:x, forum = S:f, topic = S:s, _type = S:Plain"
    )


def test_an_update_that_creates_nothing_writes_what_is_asked_for():
    request = update(Plain.replies.add(1)).given(Plain.author.not_exists()).must_exist().request()
    assert filled_in(request, "UpdateExpression") == "REMOVE gsi1pk, gsi1sk ADD replies N:1"
    condition = filled_in(request, "ConditionExpression")
    assert condition == "attribute_not_exists(author) AND attribute_exists(pk)"


def test_the_discriminator_and_the_version_of_the_class():
    request = Renamed.main.update("a").apply(Renamed.full_name.set("b")).request()
    assert (
        filled_in(request, "UpdateExpression") == "SET full = S:b, name = S:a, _type = S:old, _schema = N:2"
    )
    assert filled_in(request, "ConditionExpression") == "_schema = N:2 OR attribute_not_exists(pk)"


def test_version_and_timestamps():
    operation = Kept.main.update("a").apply(Kept.hits.set(3))
    request = operation.request()
    assert filled_in(request, "UpdateExpression") == (
        f"SET hits = N:3, changed = S:{NOW_TEXT}, name = S:a, _type = S:Kept, "
        f"created = if_not_exists(created, S:{NOW_TEXT}) ADD v N:1"
    )
    assert request == operation.request()
    there = operation.must_exist().request()
    assert filled_in(there, "UpdateExpression") == f"SET hits = N:3, changed = S:{NOW_TEXT} ADD v N:1"


def test_each_run_of_a_versioned_update_leaves_its_own_mark():
    operation = Kept.main.update("a").apply(Kept.hits.add(1))
    requests = [next(operation.flow(None)) for _ in range(20)]
    marks = {_mark(request) for request in requests}
    assert len(marks) == 20
    for request in requests:  # a run that is sent twice is done once
        assert filled_in(request, "ConditionExpression") == f"_write <> S:{_mark(request)}"
    assert "_write" not in repr(next(update(Plain.labels.set({})).flow(None)))


def _mark(request) -> str:
    expression = filled_in(request, "UpdateExpression")
    return expression.split("_write = S:")[1].split(",")[0].split(" ")[0]


# --- given ---


def test_what_is_given_becomes_a_condition():
    request = update(Plain.author.set("ann")).given(Plain.replies == 3).request()
    assert filled_in(request, "ConditionExpression") == "replies = N:3"
    assert "gsi1pk = S:AUTHOR#ann, gsi1sk = S:REPLIES#p500.3" in filled_in(request, "UpdateExpression")
    assert request.parameters["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"


def test_when_gives_as_well_and_in_any_order():
    one = Plain.main.update("f", "s").when(Plain.replies == 3).apply(Plain.author.set("ann"))
    other = update(Plain.author.set("ann")).given(Plain.replies == 3)
    assert one.request() == other.request()


@pytest.mark.parametrize(
    "condition",
    [
        Plain.replies > 3,
        Plain.replies.exists(),
        (Plain.replies == 3) | (Plain.replies == 4),
        ~(Plain.replies == 3),
        Plain.author == Plain.title,
    ],
    ids=str,
)
def test_given_refuses_what_tells_no_value(condition):
    with pytest.raises(RequestError, match=r"given\(\) takes what an attribute is: Plain\.<attribute> == "):
        update(Plain.author.set("ann")).given(condition)


@pytest.mark.parametrize(
    ("condition", "words"),
    [(Song.plays == 3, r"Song\.plays"), (True, "condition"), (None, "condition")],
)
def test_given_takes_conditions_of_the_entity(condition, words):
    with pytest.raises(RequestError, match=words):
        update(Plain.author.set("ann")).given(condition)


def test_what_is_missing_is_told_when_the_request_is_made():
    operation = update(Plain.author.set("ann"))
    with pytest.raises(RequestError) as caught:
        operation.request()
    message = str(caught.value)
    assert message.startswith("Plain.by_author follows from replies, whose value is not known here")
    assert "set replies to a value" in message
    assert ".given(Plain.replies == ...)" in message
    operation.given(Plain.replies == 3).request()


# --- what cannot be updated ---


@pytest.mark.parametrize(
    ("action", "rule"),
    [
        (Plain.forum.set("x"), "Plain.forum is part of the table's key, which cannot be updated"),
        (Plain.subject.remove(), "Plain.subject is part of the table's key"),
        (Plain.slug.set("x"), "Plain.slug is computed"),
        (Plain.slug.remove(), "Plain.slug is computed"),
        (Plain.posted_at.set(3), "Plain.posted_at is read-only"),
        (Plain.posted_at.set_if_not_exists(3), "Plain.posted_at is read-only"),
    ],
)
def test_fixed_attributes(action, rule):
    with pytest.raises(RequestError) as caught:
        update(action)
    assert str(caught.value).startswith(rule)


@pytest.mark.parametrize(
    ("action", "role"),
    [
        (Kept.version.add(1), "version"),
        (Kept.version.set(3), "version"),
        (Kept.created.remove(), "created"),
        (Kept.updated.set(NOW), "updated"),
    ],
)
def test_attributes_that_dynamodel_keeps(action, role):
    with pytest.raises(RequestError, match=rf"Kept\.{role} is kept by dynamodel \({role}=True\)"):
        Kept.main.update("a").apply(action)


# --- on the engine ---


@pytest.mark.dynamodb_local
def test_an_item_that_an_update_makes_is_read_as_its_entity(engine):
    db, wire = engine
    db.run(Plain.main.update("new", "s").apply(Plain.replies.set(2), Plain.author.set("ann")))
    assert raw(wire, app, "FORUM#new", "THREAD#s") == {
        "pk": {"S": "FORUM#new"},
        "sk": {"S": "THREAD#s"},
        "_type": {"S": "Plain"},
        "forum": {"S": "new"},
        "topic": {"S": "s"},
        "replies": {"N": "2"},
        "author": {"S": "ann"},
        "gsi1pk": {"S": "AUTHOR#ann"},
        "gsi1sk": {"S": "REPLIES#p500.2"},
    }
    expected = Plain(forum="new", subject="s", replies=2, author="ann")
    assert db.run(Plain.main.get("new", "s")) == expected
    assert list(db.run(Plain.by_author.query("ann"))) == [expected]


@pytest.mark.dynamodb_local
def test_each_update_adds_one_to_the_version(engine):
    db, wire = engine
    for version in (1, 2):
        after = db.run(Kept.main.update("counted").apply(Kept.hits.add(1)).returning("ALL_NEW"))
        assert (after.version, after.hits) == (version, version)
        assert after.created == after.updated == NOW
    assert set(raw(wire, app, "KEPT#counted", "KEPT")) == {
        *("pk", "sk", "_type", "_write", "name", "hits", "v", "created", "changed"),
    }


@pytest.mark.dynamodb_local
def test_created_stays_and_updated_moves(engine, monkeypatch):
    db, _ = engine
    operation = Kept.main.update("timed").apply(Kept.hits.add(1))
    db.run(operation)
    later = datetime(2027, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(module, "now", lambda: later)
    after = db.run(Kept.main.update("timed").apply(Kept.hits.add(1)).returning("ALL_NEW"))
    assert (after.created, after.updated) == (NOW, later)


@pytest.mark.dynamodb_local
def test_a_wrong_given_writes_nothing(engine):
    db, _ = engine
    stored = Plain(forum="given", subject="s", replies=5)
    db.run(stored.put())
    with pytest.raises(ConditionFailedError) as caught:
        db.run(Plain.main.update("given", "s").apply(Plain.author.set("ann")).given(Plain.replies == 4))
    assert caught.value.old_item == stored
    assert db.run(Plain.main.get("given", "s")) == stored


@pytest.mark.dynamodb_local
def test_an_item_of_an_earlier_class_is_not_updated(engine):
    db, wire = engine
    old = {"name": {"S": "a"}, "first": {"S": "Ann"}, "last": {"S": "Lee"}, "_type": {"S": "old"}}
    table_key = {"pk": {"S": "RENAMED#a"}, "sk": {"S": "RENAMED"}}
    wire.put_item(TableName=app.name, Item=old | table_key)
    operation = Renamed.main.update("a").apply(Renamed.full_name.set("Bob"))
    with pytest.raises(ConditionFailedError) as caught:
        db.run(operation)
    assert caught.value.old_item == Renamed(name="a", full_name="Ann Lee")
    assert raw(wire, app, "RENAMED#a", "RENAMED") == old | table_key
    db.run(caught.value.old_item.put())
    db.run(operation)
    assert db.run(Renamed.main.get("a")) == Renamed(name="a", full_name="Bob")


@pytest.mark.dynamodb_local
@pytest.mark.parametrize("conditions", [(), (Kept.hits == 1,)], ids=["plain", "conditional"])
def test_a_versioned_update_that_is_sent_twice_is_done_once(engine, conditions):
    """The first attempt was done, but its answer was lost; the second one meets its own mark."""
    db, _ = engine
    db.run(Kept.main.delete("lost"))
    db.run(Kept(name="lost", hits=1).put())
    operation = Kept.main.update("lost").apply(Kept.hits.add(1)).when(*conditions)
    flow = operation.flow(None)
    request = next(flow)
    db._transport.send(request)
    with pytest.raises(ConditionFailedError) as caught:
        db._transport.send(request)
    with pytest.raises(StopIteration):
        flow.throw(caught.value)
    after = db.run(Kept.main.get("lost"))
    assert (after.hits, after.version) == (2, 2)


@pytest.mark.dynamodb_local
def test_an_operation_that_is_run_twice_is_done_twice(engine):
    db, _ = engine
    db.run(Kept(name="twice").put())
    operation = Kept.main.update("twice").apply(Kept.hits.add(1))
    db.run(operation)
    db.run(operation)
    assert db.run(Kept.main.get("twice")).hits == 2
    once = operation.when(Kept.hits == 2)
    db.run(once)
    with pytest.raises(ConditionFailedError):
        db.run(once)
    assert db.run(Kept.main.get("twice")).hits == 3
