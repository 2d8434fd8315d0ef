"""`collection`: what may be read together, and every fault of what may not."""

from __future__ import annotations

from typing import Any

import pytest

from dynamodel import (
    Attr,
    DeclarationError,
    Entity,
    MarshalError,
    RequestError,
    Table,
    attribute,
    collection,
    global_index,
    key,
    local_index,
    primary_key,
)

table = Table("collecting.forum", partition_key="pk", sort_key="sk")
other = Table("collecting.other", partition_key="pk", sort_key="sk")
unmarked = Table("collecting.unmarked", partition_key="pk", sort_key="sk", discriminator=False)


class Thread(Entity, table=table):
    forum: Attr[str] = attribute()
    subject: Attr[str] = attribute()
    author: Attr[str | None] = attribute(default=None)
    year: Attr[int] = attribute(default=2000)
    main = primary_key(key("FORUM", forum), key("THREAD", subject))
    by_author = global_index("gsi1", key("USER", author), key("THREAD", year))
    by_year = global_index("gsi2", key("YEAR", year), key("THREAD", subject))
    raw = global_index("gsi3", author)
    latest = local_index("lsi1", main, key("YEAR", year))


class Reply(Entity, table=table):
    forum: Attr[str] = attribute()
    number: Attr[int] = attribute()
    author: Attr[str] = attribute()
    year: Attr[str] = attribute(default="2000")
    main = primary_key(key("FORUM", forum), key("REPLY", number))
    by_author = global_index("gsi1", key("USER", author), key("REPLY", number))
    by_year = global_index("gsi2", key("YEAR", year), key("REPLY", number))
    raw = global_index("gsi3", author)
    latest = local_index("lsi1", main, key("REPLYYEAR", year))


class Forum(Entity, table=table):
    name: Attr[str] = attribute()
    author: Attr[str] = attribute()
    main = primary_key(key("FORUM", name), key("FORUM"))
    by_author = global_index("gsi1", key("OWNER", author), key("FORUM", name))


class Elsewhere(Entity, table=other):
    forum: Attr[str] = attribute()
    main = primary_key(key("FORUM", forum), key("ELSE"))


class Nameless(Entity, table=unmarked):
    forum: Attr[str] = attribute()
    main = primary_key(key("FORUM", forum), key("A"))


class Anonymous(Entity, table=unmarked):
    forum: Attr[str] = attribute()
    main = primary_key(key("FORUM", forum), key("B"))


@pytest.mark.parametrize(
    "indexes",
    [
        pytest.param((Thread.main, Reply.main), id="the table's key"),
        pytest.param((Thread.by_author, Reply.by_author), id="a global index"),
        pytest.param((Thread.raw, Reply.raw), id="attributes that are keys themselves"),
        pytest.param((Thread.latest, Reply.latest), id="a local index"),
        pytest.param((Thread.main, Reply.main, Forum.main), id="three"),
    ],
)
def test_what_is_read_together(indexes):
    found = collection(*indexes).query("x")
    assert found.entity == " | ".join(index._schema.name for index in indexes)
    assert found.request().operation == "Query"


WRONG: list[Any] = [
    pytest.param((), ["takes two entities or more"], id="none"),
    pytest.param((Thread.main,), ["takes two entities or more"], id="one"),
    pytest.param((Thread.main, Thread.main), ["names an entity twice"], id="the same twice"),
    pytest.param(
        (Thread.main, Elsewhere.main),
        ["collection(Thread.main, Elsewhere.main): the entities are in diff"],
        id="tables",
    ),
    pytest.param(
        (Thread.main, Reply.by_author), ["found the table's key and index gsi1"], id="a key and an index"
    ),
    pytest.param((Thread.by_author, Reply.by_year), ["found index gsi1 and index gsi2"], id="two indexes"),
    pytest.param((Thread.by_author, Forum.by_author), ["partition keys are built differently"], id="tags"),
    pytest.param((Thread.by_year, Reply.by_year), ["partition keys are built differently"], id="types"),
    pytest.param((Nameless.main, Anonymous.main), ["needs discriminator="], id="no discriminator"),
    pytest.param(
        (Thread.main, Elsewhere.main, Reply.by_author, Thread.main),
        ["collection(Thread.main, Elsewhere.main)", "collection(Thread.main, Reply.by_author)", "twice"],
        id="all faults at once",
    ),
]


@pytest.mark.parametrize(("indexes", "rules"), WRONG)
def test_wrong_declarations(indexes, rules):
    with pytest.raises(DeclarationError) as caught:
        collection(*indexes)
    assert len(caught.value.faults) == len(rules)
    for fault, rule in zip(caught.value.faults, rules, strict=True):
        assert fault.place.startswith("collection(")
        assert rule in str(fault)


@pytest.mark.parametrize("wrong", [Thread, Thread(forum="a", subject="b"), None, "gsi1", Thread.scan()])
def test_what_is_no_index(wrong):
    with pytest.raises(DeclarationError, match=r"collection\("):
        collection(Thread.main, wrong)


@pytest.mark.parametrize("values", [(), ("a", "b"), (None,)])
def test_wrong_partitions(values):
    with pytest.raises(RequestError):
        collection(Thread.by_author, Reply.by_author).query(*values)


def test_a_value_that_no_key_can_have():
    with pytest.raises(MarshalError) as caught:
        collection(Thread.main, Reply.main).query(1)
    assert "forum" in str(caught.value)
