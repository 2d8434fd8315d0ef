"""`key`: what a template takes, and what a class makes of it."""

from __future__ import annotations

import pytest

from dynamodel import Attr, DeclarationError, Entity, Key, Table, attribute, global_index, key, primary_key
from dynamodel.keys import KeyTemplate


class Stamped(Entity):
    at: Attr[int] = attribute("createdAt")


def test_a_key_keeps_what_it_was_given():
    part, other = attribute(), attribute()
    made = key("THREAD", part, other)
    assert isinstance(made, Key)
    assert (made.tag, made.parts) == ("THREAD", (part, other))
    assert (key("#META").tag, key("#META").parts) == ("#META", ())


def test_the_templates_of_a_class():
    app = Table("keys.app", partition_key="pk", sort_key="sk")

    class Thread(Stamped, table=app):
        forum: Attr[str] = attribute()
        number: Attr[int] = attribute()
        raw: Attr[bytes | None] = attribute(default=None)
        flag: Attr[bool] = attribute(default=False)
        main = primary_key(key("FORUM", forum), key("#META"))
        by_all = global_index("gsi1", key("A", number, raw, flag), key("AT", Stamped.at))

    primary, by_all = (Thread.main._schema.paths[name].key for name in ("main", "by_all"))
    assert [side.template for side in primary.built] == [KeyTemplate("FORUM", ("S",)), KeyTemplate("#META")]
    assert [side.template for side in by_all.built] == [
        KeyTemplate("A", ("N", "B", "BOOL")),
        KeyTemplate("AT", ("N",)),
    ]
    assert by_all.built[1].part_names == ("createdAt",)
    thread = Thread(forum="a", number=-1, raw=b"", at=3)
    assert thread.put().item == {
        "pk": {"S": "FORUM#a"},
        "sk": {"S": "#META"},
        "gsi1pk": {"S": "A#n499.8~##false"},
        "gsi1sk": {"S": "AT#p500.3"},
        "_type": {"S": "Thread"},
        "forum": {"S": "a"},
        "number": {"N": "-1"},
        "raw": {"B": b""},
        "flag": {"BOOL": False},
        "createdAt": {"N": "3"},
    }


def test_the_names_of_keys_follow_those_of_the_table():
    class Thing(Entity, table=Table("keys.named", partition_key="PK", sort_key="SK")):
        name: Attr[str] = attribute()
        main = primary_key(key("T", name), key("T"))
        other = global_index("GSI1", key("T"), key("T", name))

    assert {n: v["S"] for n, v in Thing(name="a").put().item.items()} == {
        "name": "a",
        "_type": "Thing",
        "PK": "T#a",
        "SK": "T",
        "GSI1PK": "T",
        "GSI1SK": "T#a",
    }


def test_an_index_of_a_table_without_generic_keys_may_be_built():
    class Thing(Entity, table=Table("keys.classic")):
        name: Attr[str] = attribute()
        kind: Attr[str] = attribute()
        by_name = primary_key(name)
        by_kind = global_index("gsi1", key("KIND", kind), name)

    assert Thing(name="a", kind="b").put().item == {
        "name": {"S": "a"},
        "kind": {"S": "b"},
        "gsi1pk": {"S": "KIND#b"},
    }


@pytest.mark.parametrize("tag", ["A", "#META", "é", "a b", "A#B", "a" * 99])
def test_tags(tag):
    class Thing(Entity, table=Table("keys.tags", partition_key="pk")):
        name: Attr[str] = attribute()
        main = primary_key(key(tag, name))

    assert Thing(name="x").put().item["pk"] == {"S": f"{tag}#x"}


@pytest.mark.parametrize(
    ("tag", "rule"),
    [
        ("", "the tag of key() is a text that is not empty"),
        (None, "the tag of key() is a text that is not empty"),
        (7, "the tag of key() is a text that is not empty"),
        ("A$", "the tag of key() cannot have '$', which escapes what stands in values"),
        ("\ud800", "the tag of key() must be valid Unicode; a lone surrogate has no UTF-8 form"),
    ],
)
def test_tags_that_are_none(tag, rule):
    with pytest.raises(DeclarationError) as caught:

        class Thing(Entity, table=Table("keys.wrong", partition_key="pk")):
            name: Attr[str] = attribute()
            main = primary_key(key(tag, name))

    assert [tuple(fault) for fault in caught.value.faults] == [("Thing.main", rule)]
