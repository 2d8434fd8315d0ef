"""Writing instances: optimistic locking in every write, timestamps, and upsert."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from dynamodel import (
    Attr,
    ConditionFailedError,
    Entity,
    MarshalError,
    Table,
    attribute,
    computed,
    global_index,
    key,
    primary_key,
    unknown_attributes,
    upgrade_from,
)
from dynamodel.operations import instances as module
from dynamodel.operations import updates

from .single_table import filled_in, fresh_table, raw

app = Table("instances.app", partition_key="pk", sort_key="sk")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 5, 2, 12, tzinfo=UTC)


class Locked(Entity, table=app):
    name: Attr[str] = attribute()
    hits: Attr[int] = attribute(default=0)
    version: Attr[int] = attribute("v", version=True)
    main = primary_key(key("LOCKED", name), key("LOCKED"))


class Dated(Entity, table=app):
    name: Attr[str] = attribute()
    created: Attr[datetime] = attribute(created=True)
    updated: Attr[datetime] = attribute(updated=True)
    main = primary_key(key("DATED", name), key("DATED"))


class Note(Entity, table=app):
    name: Attr[str] = attribute()
    author: Attr[str | None] = attribute(default=None)
    title: Attr[str | None] = attribute(default=None)
    hits: Attr[int] = attribute(default=0)
    source: Attr[str | None] = attribute(default=None, read_only=True)
    tags: Attr[set[str]] = attribute(factory=set)
    slug: Attr[str | None] = computed(lambda title: title and title.lower(), title)
    main = primary_key(key("NOTE", name), key("NOTE"))
    by_author = global_index("gsi1", key("AUTHOR", author), key("HITS", hits))


class Moved(Entity, table=app):
    name: Attr[str] = attribute()
    text: Attr[str] = attribute()
    main = primary_key(key("MOVED", name), key("MOVED"))

    @upgrade_from(1)
    @staticmethod
    def shout(values: dict[str, Any]) -> dict[str, Any]:
        values["text"] += "!"
        return values


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    monkeypatch.setattr(module, "now", lambda: LATER)
    monkeypatch.setattr(updates, "now", lambda: LATER)


@pytest.fixture(scope="module")
def engine(dynamodb_local):
    yield from fresh_table(dynamodb_local, app)


def condition(operation) -> str | None:
    parameters = operation.request().parameters
    return filled_in(parameters, "ConditionExpression") if "ConditionExpression" in parameters else None


# --- what a versioned write asks for ---


@pytest.mark.parametrize(
    ("write", "new", "stored"),
    [
        ("put", "attribute_not_exists(v)", "v = N:3"),
        ("upsert", "attribute_not_exists(v)", "v = N:3"),
        ("create", "attribute_not_exists(pk)", "attribute_not_exists(pk)"),
        ("delete", "attribute_not_exists(v)", "v = N:3 OR attribute_not_exists(pk)"),
    ],
)
def test_the_lock(write, new, stored):
    assert condition(getattr(Locked(name="a"), write)()) == new
    instance = Locked(name="a")
    instance.version = 3
    assert condition(getattr(instance, write)()) == stored


def test_a_lock_stands_beside_a_condition():
    instance = Locked(name="a")
    instance.version = 3
    assert condition(instance.put().when(Locked.hits == 1)) == "hits = N:1 AND v = N:3"
    both = instance.delete().when((Locked.hits == 1) | (Locked.hits == 2))
    assert condition(both) == "(hits = N:1 OR hits = N:2) AND (v = N:3 OR attribute_not_exists(pk))"


def test_entities_without_a_version_are_not_locked():
    for operation in (Note(name="a").put(), Note(name="a").upsert(), Note(name="a").delete()):
        assert condition(operation) is None


def test_the_next_version_is_written():
    instance = Locked(name="a")
    instance.version = 3
    assert instance.put().request().parameters["Item"]["v"] == {"N": "4"}
    assert "v = N:4" in filled_in(instance.upsert().request(), "UpdateExpression")
    assert instance.version == 3  # it is 4 once the write is done


def test_each_run_leaves_its_own_mark():
    operation = Locked(name="a").put()
    marks = {next(operation.flow(None)).parameters["Item"]["_write"]["S"] for _ in range(20)}
    assert len(marks) == 20
    assert "_write" not in next(Note(name="a").put().flow(None)).parameters["Item"]


@pytest.mark.parametrize("version", ["1", 1.0, None, True])
def test_a_version_is_an_int(version):
    instance = Locked(name="a")
    instance.version = version
    for write in (instance.put, instance.create, instance.upsert, instance.delete):
        with pytest.raises(MarshalError):
            write()


# --- optimistic locking, on the engine ---


def stored_version(wire, name: str) -> str | None:
    item = raw(wire, app, f"LOCKED#{name}", "LOCKED")
    return item and item["v"]["N"]


@pytest.mark.dynamodb_local
@pytest.mark.parametrize("write", ["put", "upsert"])
def test_an_instance_can_be_written_again_and_again(engine, write):
    db, wire = engine
    instance = Locked(name=f"again {write}")
    for number in (1, 2, 3):
        instance.hits = number
        db.run(getattr(instance, write)())
        assert instance.version == number
        assert stored_version(wire, instance.name) == str(number)
    assert db.run(Locked.main.get(instance.name)) == instance


@pytest.mark.dynamodb_local
@pytest.mark.parametrize("write", ["put", "upsert", "delete"])
@pytest.mark.parametrize("between", ["put", "update", "upsert"])
def test_whoever_comes_later_is_refused(engine, write, between):
    db, wire = engine
    name = f"race {write} {between}"
    db.run(Locked(name=name).create())
    mine, theirs = db.run(Locked.main.get(name)), db.run(Locked.main.get(name))
    theirs.hits = 7
    bump = Locked.main.update(name).apply(Locked.hits.set(7))
    db.run(bump if between == "update" else getattr(theirs, between)())
    with pytest.raises(ConditionFailedError) as caught:
        db.run(getattr(mine, write)())
    assert (caught.value.old_item.hits, caught.value.old_item.version) == (7, 2)
    assert mine.version == 1  # so that it is refused the next time, too
    assert stored_version(wire, name) == "2"
    db.run(getattr(caught.value.old_item, write)())  # read again, and it passes
    assert stored_version(wire, name) == (None if write == "delete" else "3")


@pytest.mark.dynamodb_local
@pytest.mark.parametrize("write", ["put", "create", "upsert", "delete"])
def test_a_new_instance_does_not_replace_or_delete_an_item(engine, write):
    db, wire = engine
    name = f"new {write}"
    db.run(Locked(name=name, hits=7).put())
    again = Locked(name=name)
    with pytest.raises(ConditionFailedError) as caught:
        db.run(getattr(again, write)())
    assert caught.value.old_item == db.run(Locked.main.get(name))
    assert (again.version, stored_version(wire, name)) == (0, "1")


@pytest.mark.dynamodb_local
def test_a_stored_instance_does_not_come_back_after_its_deletion(engine):
    db, wire = engine
    instance = Locked(name="gone")
    db.run(instance.put())
    db.run(Locked.main.delete("gone"))
    for write in (instance.put, instance.upsert):
        with pytest.raises(ConditionFailedError) as caught:
            db.run(write())
        assert caught.value.old_item is None
    assert stored_version(wire, "gone") is None
    db.run(instance.delete())  # deleting what is not there succeeds
    db.run(instance.create())  # and who means it, says so
    assert stored_version(wire, "gone") == "2"


@pytest.mark.dynamodb_local
def test_a_lost_answer_of_a_versioned_put_is_a_success(engine):
    db, wire = engine
    instance = Locked(name="lost")
    operation = instance.put()
    flow = operation.flow(None)
    request = next(flow)
    db._transport.send(request)  # it was done, but nobody heard of it
    with pytest.raises(ConditionFailedError) as caught:
        db._transport.send(request)
    with pytest.raises(StopIteration):
        flow.throw(caught.value)
    assert (instance.version, stored_version(wire, "lost")) == (1, "1")


@pytest.mark.dynamodb_local
def test_a_condition_that_fails_leaves_the_version_alone(engine):
    db, wire = engine
    instance = Locked(name="condition")
    db.run(instance.put())
    with pytest.raises(ConditionFailedError):
        db.run(instance.put().when(Locked.hits == 99))
    assert (instance.version, stored_version(wire, "condition")) == (1, "1")


# --- timestamps ---


@pytest.mark.dynamodb_local
def test_created_and_updated(engine, monkeypatch):
    db, wire = engine
    dated = Dated(name="a")
    dated.created = NOON
    db.run(dated.put())
    assert (dated.created, dated.updated) == (NOON, LATER)
    assert raw(wire, app, "DATED#a", "DATED")["created"] == {"S": "2026-05-01T12:00:00.000000Z"}
    read = db.run(Dated.main.get("a"))
    assert read == dated
    last = datetime(2027, 1, 1, tzinfo=UTC)
    for at in (module, updates):
        monkeypatch.setattr(at, "now", lambda: last)
    db.run(read.put())
    assert (read.created, read.updated) == (NOON, last)
    assert db.run(Dated.main.get("a")) == read
    db.run(Dated(name="a").upsert())  # a new instance, which was made later
    assert db.run(Dated.main.get("a")).created == NOON


def test_a_put_hands_over_the_time_once_it_is_done():
    dated = Dated(name="a")
    before = dated.updated
    operation = dated.put()
    assert operation.item["updated"] == {"S": "2026-05-02T12:00:00.000000Z"}
    assert dated.updated == before
    operation.settle()
    assert dated.updated == LATER


# --- upsert ---


def test_an_upsert_assigns_every_attribute_of_the_class():
    note = Note(name="a", author="ann", title="Hi", hits=2, source="web")
    request = note.upsert().request()
    assert request.operation == "UpdateItem"
    assert filled_in(request, "UpdateExpression") == (
        "SET author = S:ann, title = S:Hi, hits = N:2, source = if_not_exists(source, S:web), name = S:a, "
        "_type = S:Note, slug = S:hi, gsi1pk = S:AUTHOR#ann, gsi1sk = S:HITS#p500.2 REMOVE tags"
    )


def test_an_upsert_removes_what_is_none_with_its_index_key():
    expression = filled_in(Note(name="a").upsert().request(), "UpdateExpression")
    removed = expression.partition(" REMOVE ")[2].split(", ")
    assert {"author", "title", "tags", "slug", "gsi1pk", "gsi1sk"} <= set(removed)


@pytest.mark.dynamodb_local
@pytest.mark.parametrize("source", ["mail", None])
def test_an_upsert_keeps_what_is_read_only_and_what_it_does_not_know(engine, source):
    db, wire = engine
    name = f"kept {source}"
    db.run(Note(name=name, source="web", author="ann", tags={"x"}).put())
    table_key = {"pk": {"S": f"NOTE#{name}"}, "sk": {"S": "NOTE"}}
    wire.update_item(
        TableName=app.name,
        Key=table_key,
        UpdateExpression="SET colour = :c",
        ExpressionAttributeValues={":c": {"S": "red"}},
    )
    db.run(Note(name=name, source=source, hits=5).upsert())
    after = db.run(Note.main.get(name))
    assert after == Note(name=name, source="web", hits=5)
    assert unknown_attributes(after) == {"colour": {"S": "red"}}
    assert list(db.run(Note.by_author.query("ann"))) == []


@pytest.mark.dynamodb_local
def test_an_upsert_makes_what_a_put_makes(engine):
    db, wire = engine
    note = Note(name="same", author="ann", title="Hi", source="web")
    db.run(note.upsert())
    upserted = raw(wire, app, "NOTE#same", "NOTE")
    db.run(attrs.evolve(note).put())
    assert raw(wire, app, "NOTE#same", "NOTE") == upserted


@pytest.mark.dynamodb_local
@pytest.mark.parametrize("must_exist", [False, True])
def test_an_upsert_brings_an_old_item_up_to_date(engine, must_exist):
    db, wire = engine
    name = f"old {must_exist}"
    table_key = {"pk": {"S": f"MOVED#{name}"}, "sk": {"S": "MOVED"}}
    old = {"name": {"S": name}, "text": {"S": "Hi"}, "_type": {"S": "Moved"}}
    wire.put_item(TableName=app.name, Item=table_key | old)
    moved = db.run(Moved.main.get(name))
    assert moved.text == "Hi!"
    db.run(moved.upsert().must_exist() if must_exist else moved.upsert())
    assert db.run(Moved.main.get(name)).text == "Hi!"
    assert raw(wire, app, f"MOVED#{name}", "MOVED")["_schema"] == {"N": "2"}


# --- delete ---


def test_a_delete_needs_the_key_alone():
    note = Note(name="a")
    note.hits = "wrong"
    assert note.delete().request().parameters["Key"] == {"pk": {"S": "NOTE#a"}, "sk": {"S": "NOTE"}}
