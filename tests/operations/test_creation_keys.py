"""Index keys that follow from the moment of creation, and from what an upsert keeps."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dynamodel import (
    Attr,
    ConditionFailedError,
    Entity,
    Table,
    attribute,
    backfill,
    computed,
    global_index,
    key,
    primary_key,
)
from dynamodel.operations import updates as module

from .single_table import fresh_table, raw

app = Table("creation.keys", partition_key="pk", sort_key="sk")
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
NOW_TEXT = "2026-05-01T12:00:00.000000Z"
OLD_TEXT = "2020-01-01T00:00:00.000000Z"


class File(Entity, table=app):
    name: Attr[str] = attribute()
    owner: Attr[str | None] = attribute(default=None)
    reads: Attr[int] = attribute(default=0)
    size: Attr[int] = attribute(default=0)
    slug: Attr[str] = computed(str.lower, name)
    kind: Attr[str | None] = attribute(default=None, read_only=True)
    created: Attr[datetime] = attribute(created=True)
    main = primary_key(key("FILE", name), key("FILE"))
    by_creation = global_index("gsi1", key("FILES"), key("AT", created))
    by_slug = global_index("gsi2", key("SLUG", slug), key("AT", created))
    by_owner = global_index("gsi3", key("OWNER", owner), key("AT", created))
    by_kind = global_index("gsi4", key("KIND", kind), key("SIZE", size))


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "now", lambda: NOW)


@pytest.fixture(scope="module")
def engine(dynamodb_local):
    yield from fresh_table(dynamodb_local, app)


def stored(wire, name):
    return raw(wire, app, f"FILE#{name}", "FILE")


def texts(item, *names):
    return {name: item[name]["S"] for name in names if name in item}


@pytest.mark.dynamodb_local
def test_an_item_that_an_update_makes_is_in_the_indexes_of_its_creation(engine):
    db, wire = engine
    db.run(File.main.update("New").apply(File.reads.add(1)))
    item = stored(wire, "New")
    assert texts(item, "created", "slug", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk", "gsi3pk", "gsi3sk") == {
        "created": NOW_TEXT,
        "slug": "new",
        "gsi1pk": "FILES",
        "gsi1sk": f"AT#{NOW_TEXT}",
        "gsi2pk": "SLUG#new",
        "gsi2sk": f"AT#{NOW_TEXT}",
    }


@pytest.mark.dynamodb_local
def test_an_item_that_is_there_keeps_its_creation_and_its_keys(engine):
    db, wire = engine
    file = File(name="Kept", owner="ann", created=datetime(2020, 1, 1, tzinfo=UTC))
    db.run(file.put())
    before = stored(wire, "Kept")
    db.run(File.main.update("Kept").apply(File.reads.add(1)))
    assert stored(wire, "Kept") == before | {"reads": {"N": "1"}}
    leave = File.main.update("Kept").apply(File.owner.remove()).given(File.owner == "ann")
    db.run(leave)
    assert texts(stored(wire, "Kept"), "gsi1sk", "gsi3pk", "gsi3sk") == {"gsi1sk": f"AT#{OLD_TEXT}"}


@pytest.mark.dynamodb_local
def test_an_item_older_than_the_index_gets_no_key_of_now(engine):
    """The update fails until a backfill has given it its own keys, unless it says must_exist()."""
    db, wire = engine
    item = {**File(name="Older", created=datetime(2020, 1, 1, tzinfo=UTC)).put().item}
    for name in ("gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk"):
        del item[name]
    wire.put_item(TableName=app.name, Item=item)
    update = File.main.update("Older").apply(File.reads.add(1))
    with pytest.raises(ConditionFailedError):
        db.run(update)
    assert stored(wire, "Older") == item
    db.run(update.must_exist())
    assert "gsi1sk" not in stored(wire, "Older")
    db.run(backfill(File))
    db.run(update)
    assert texts(stored(wire, "Older"), "gsi1sk", "gsi2sk") == {
        "gsi1sk": f"AT#{OLD_TEXT}",
        "gsi2sk": f"AT#{OLD_TEXT}",
    }


@pytest.mark.dynamodb_local
def test_an_upsert_keeps_what_its_keys_follow_from(engine):
    db, wire = engine
    file = File(name="Upserted", kind="text", size=1)
    db.run(file.upsert())
    made = stored(wire, "Upserted")
    assert made["gsi4pk"] == {"S": "KIND#text"}
    file.size = 2
    db.run(file.upsert())
    assert stored(wire, "Upserted")["gsi4sk"] == {"S": "SIZE#p500.2"}
    with pytest.raises(ConditionFailedError):
        db.run(File(name="Upserted", kind="image", created=file.created).upsert())
    assert stored(wire, "Upserted")["gsi4pk"] == {"S": "KIND#text"}
