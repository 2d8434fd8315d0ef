"""`Attr`: a path on the class, a plain value on the instance."""

from __future__ import annotations

from datetime import UTC, datetime

import attrs
import pytest

from dynamodel import (
    Attr,
    Entity,
    MarshalError,
    RequestError,
    Table,
    attribute,
    computed,
    global_index,
    primary_key,
)
from dynamodel.entity.schema import schema_of
from dynamodel.expressions.path import Path


class Part(Entity, table=Table("entity.parts")):
    maker: Attr[str] = attribute()
    number: Attr[int] = attribute("no")
    colour: Attr[str | None] = attribute(default=None)
    note: Attr[str | None] = attribute(default=None, null=True)
    by_maker = primary_key(maker, number)
    by_colour = global_index("by-colour", colour, number)


SCHEMA = Part.by_maker._schema
PRIMARY, BY_COLOUR = SCHEMA.paths.values()


def test_a_path_on_the_class():
    assert isinstance(Part.number, Path)
    assert Part.number.node.steps == ("no",)
    assert str(Part.number.node) == "number"
    assert repr(Part.number) == "<Path Part: number>"


def test_a_plain_value_on_the_instance():
    part = Part(maker="a", number=1)
    assert (part.maker, part.number, part.colour) == ("a", 1, None)
    assert vars(part)["number"] == 1  # a dictionary read: the descriptor is not asked
    part.number = 2
    assert part.number == 2
    del part.number
    with pytest.raises(AttributeError, match=r"Part\.number was not loaded"):
        part.number


def test_none_is_absence_unless_it_is_null():
    assert Part(maker="a", number=1).put().item == {
        "maker": {"S": "a"},
        "no": {"N": "1"},
        "note": {"NULL": True},
    }


def test_keys_are_marshalled_by_their_attributes():
    assert PRIMARY.marshal_key(("a", 1)) == {"maker": {"S": "a"}, "no": {"N": "1"}}
    assert PRIMARY.marshal_partition(("a",)) == {"maker": {"S": "a"}}
    assert BY_COLOUR.marshal_partition(("red",)) == {"colour": {"S": "red"}}
    assert SCHEMA.key_of({"maker": {"S": "a"}, "no": {"N": "1"}, "x": {"S": ""}}) == PRIMARY.marshal_key(
        ("a", 1)
    )
    assert (PRIMARY.is_global, BY_COLOUR.is_global) == (False, True)
    assert (PRIMARY.name, BY_COLOUR.name, SCHEMA.name) == ("Part.by_maker", "Part.by_colour", "Part")


@pytest.mark.parametrize(
    ("marshal", "values", "error", "words"),
    [
        (PRIMARY.marshal_key, ("a",), RequestError, r"Part\.by_maker\(maker, number\) was given 1 value$"),
        (PRIMARY.marshal_key, (), RequestError, "given 0 values"),
        (PRIMARY.marshal_partition, ("a", 1), RequestError, "maker.*given 2 values"),
        (PRIMARY.marshal_key, ("a", "1"), MarshalError, r"Part\.by_maker\(number\)"),
        (PRIMARY.marshal_key, ("a", 1.0), MarshalError, r"Part\.by_maker\(number\)"),
        (PRIMARY.marshal_key, ("a", True), MarshalError, "number"),
        (PRIMARY.marshal_key, ("", 1), MarshalError, "empty"),
        (PRIMARY.marshal_key, ("\ud800", 1), MarshalError, "maker"),
        (BY_COLOUR.marshal_partition, (None,), RequestError, "colour.*None"),
        (BY_COLOUR.marshal_partition, ("",), MarshalError, "empty"),
    ],
)
def test_keys_that_are_refused(marshal, values, error, words):
    with pytest.raises(error, match=words):
        marshal(values)


# --- read-only attributes, roles ---


class Kept(Entity, table=Table("entity.kept")):
    name: Attr[str] = attribute()
    source: Attr[str] = attribute(read_only=True)
    colour: Attr[str | None] = attribute(default=None, read_only=True)
    version: Attr[int] = attribute(version=True)
    created: Attr[datetime] = attribute(created=True)
    updated: Attr[datetime] = attribute("changed", updated=True)
    upper: Attr[str] = computed(str.upper, name)
    by_name = primary_key(name)


def test_a_read_only_attribute_is_set_once():
    kept = Kept(name="a", source="web")
    assert (kept.source, kept.colour) == ("web", None)
    for name in ("source", "colour"):
        with pytest.raises(AttributeError, match=rf"^Kept\.{name} is read-only$"):
            setattr(kept, name, "x")
    assert kept.source == "web"
    assert attrs.evolve(kept, source="mail").source == "mail"  # another instance


def test_a_read_only_attribute_of_a_read_item():
    kept = Kept(name="a", source="web")
    read = Kept.by_name._schema.decode(kept.put().item)
    assert read.source == "web"
    with pytest.raises(AttributeError, match="read-only"):
        read.source = "x"
    part = Kept.by_name._schema.decoder(Kept.by_name._access, frozenset({"name"}))({"name": {"S": "a"}})
    with pytest.raises(AttributeError, match=r"Kept\.source was not loaded"):
        part.source


def test_the_roles_have_their_defaults():
    before = datetime.now(UTC)
    kept = Kept(name="a", source="web")
    assert kept.version == 0
    assert before <= kept.created <= kept.updated <= datetime.now(UTC)
    assert set(Kept.by_name._schema.roles) == {"version", "created", "updated"}
    assert Kept.by_name._schema.roles["updated"].field.stored_name == "changed"
    assert Kept.by_name._schema.read_only == {"source", "colour"}


class Opened(Entity, table=Table("entity.opened")):
    name: Attr[str] = attribute()
    title: Attr[str] = attribute("Title", writable=True)
    source: Attr[str] = attribute(writable=True, read_only=True)
    tags: Attr[set[str]] = attribute(factory=set, writable=True)
    by_name = primary_key(name)


def test_writable_attributes_are_known_by_their_stored_names():
    assert schema_of(Opened).writable == {"Title", "source", "tags"}
    assert schema_of(Kept).writable == frozenset()


def test_a_computed_attribute_on_the_class_and_on_the_instance():
    assert isinstance(Kept.upper, Path)
    kept = Kept(name="a", source="web")
    assert kept.upper == "A"
    kept.name = "b"
    assert kept.upper == "B"
    with pytest.raises(AttributeError, match=r"^Kept\.upper is computed$"):
        kept.upper = "C"


def test_a_computed_attribute_of_what_was_not_loaded():
    part = Kept.by_name._schema.decoder(Kept.by_name._access, frozenset({"source"}))({"source": {"S": "a"}})
    with pytest.raises(AttributeError, match=r"Kept\.name was not loaded"):
        part.upper


def test_only_what_can_be_given_is_an_argument():
    for name in ("upper", "unheard_of"):
        with pytest.raises(TypeError, match=name):
            Kept(name="a", source="web", **{name: "x"})
