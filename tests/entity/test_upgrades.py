"""Old items: each runs through the upgrade functions that it needs, and is stamped when it is written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dynamodel import (
    Attr,
    Entity,
    Table,
    UnreadableItemError,
    attribute,
    global_index,
    key,
    primary_key,
    unknown_attributes,
    upgrade_from,
)

app = Table("upgrades.app", partition_key="pk", sort_key="sk")
Values = dict[str, Any]


class Person(Entity, table=app):
    """Version 1 had `first` and `last`; version 2 had `age` as text; this is version 3."""

    number: Attr[str] = attribute()
    name: Attr[str] = attribute()
    age: Attr[int] = attribute(default=0)
    main = primary_key(key("PERSON", number), key("PERSON"))
    by_name = global_index("gsi1", key("NAME", name))

    @upgrade_from(2)
    @staticmethod
    def age_as_number(values: Values) -> Values:
        return {**values, "age": int(values.get("age", "0"))}

    @upgrade_from(1)
    @staticmethod
    def join_names(values: Values) -> Values:
        values["name"] = f"{values.pop('first')} {values.pop('last')}"
        return values


SCHEMA = Person.main._schema
KEYS = {"pk": {"S": "PERSON#7"}, "sk": {"S": "PERSON"}, "_type": {"S": "Person"}, "number": {"S": "7"}}
ONE = KEYS | {"first": {"S": "Ann"}, "last": {"S": "Lee"}, "age": {"S": "41"}}
TWO = KEYS | {"name": {"S": "Ann Lee"}, "age": {"S": "41"}, "_schema": {"N": "2"}}
THREE = KEYS | {"name": {"S": "Ann Lee"}, "age": {"N": "41"}, "_schema": {"N": "3"}}
ANN = Person(number="7", name="Ann Lee", age=41)


@pytest.mark.parametrize(
    "item", [ONE, ONE | {"_schema": {"N": "1"}}, TWO, THREE], ids=["1", "1 stamped", "2", "3"]
)
def test_every_version_is_read(item):
    before = {name: dict(value) for name, value in item.items()}
    assert SCHEMA.decode(item) == ANN
    assert item == before


def test_an_old_item_is_written_in_the_form_of_today():
    read = SCHEMA.decode(ONE | {"gsi1pk": {"S": "NAME#stale"}})
    assert read.put().item == THREE | {"gsi1pk": {"S": "NAME#Ann Lee"}}


def test_a_new_item_is_stamped():
    assert ANN.put().item["_schema"] == {"N": "3"}


def test_what_an_upgrade_leaves_is_unknown_and_kept():
    read = SCHEMA.decode(ONE | {"colour": {"S": "red"}})
    assert unknown_attributes(read) == {"colour": {"S": "red"}}
    assert read.put().item["colour"] == {"S": "red"}


def test_the_version_is_no_unknown_attribute():
    assert unknown_attributes(SCHEMA.decode(THREE)) == {}


def person(function, table: str = "upgrades.other"):
    class Other(Entity, table=Table(table)):
        number: Attr[str] = attribute()
        name: Attr[str] = attribute(default="")
        by_id = primary_key(number)
        up = upgrade_from(1)(function)

    return Other.by_id._schema


def test_a_function_gets_plain_values_without_what_dynamodel_makes():
    seen: Values = {}

    def look(values: Values) -> Values:
        seen.update(values)
        return values

    schema = person(look)
    schema.decode(
        {
            "number": {"S": "1"},
            "n": {"N": "1.5"},
            "i": {"N": "3"},
            "b": {"B": b"\x00"},
            "t": {"BOOL": True},
            "z": {"NULL": True},
            "l": {"L": [{"S": "a"}]},
            "m": {"M": {"k": {"N": "1"}}},
            "s": {"SS": ["x"]},
        }
    )
    assert seen == {
        "number": "1",
        "n": Decimal("1.5"),
        "i": 3,
        "b": b"\x00",
        "t": True,
        "z": None,
        "l": ["a"],
        "m": {"k": 1},
        "s": {"x"},
    }
    seen.clear()

    class Keyed(Entity, table=app, discriminator="keyed"):
        number: Attr[str] = attribute()
        main = primary_key(key("KEYED", number), key("KEYED"))
        up = upgrade_from(1)(look)

    Keyed.main._schema.decode(
        {"pk": {"S": "KEYED#7"}, "sk": {"S": "KEYED"}, "_type": {"S": "keyed"}, "number": {"S": "7"}}
    )
    assert seen == {"number": "7"}


def fails(values: Values) -> Values:
    raise KeyError(values["number"])


def forgets(values: Values) -> Values:
    values["name"] = "x"
    return None  # type: ignore[return-value] # wrong


def spoils(values: Values) -> Values:
    return values | {"name": 3}


def puts_a_class(values: Values) -> Values:
    return values | {"name": object()}


@pytest.mark.parametrize(
    ("function", "rule"),
    [
        (fails, r"upgrade_from\(1\) raised KeyError"),
        (forgets, r"upgrade_from\(1\) must return the values, as a dict, found NoneType"),
        (spoils, "name: after its upgrade from an earlier version"),
        (puts_a_class, "name"),
    ],
)
def test_an_upgrade_that_fails_makes_the_item_unreadable(function, rule):
    item = {"number": {"S": "s3cret"}}
    with pytest.raises(UnreadableItemError, match=rule) as caught:
        person(function).decode(item)
    assert caught.value.item == item
    assert caught.value.owner == "Other"
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "version", [{"N": "4"}, {"N": "0"}, {"N": "-1"}, {"N": "1.5"}, {"S": "2"}, {"S": "x"}, {"NULL": True}]
)
def test_an_item_of_a_version_that_is_not_known_is_unreadable(version):
    with pytest.raises(UnreadableItemError, match="_schema") as caught:
        SCHEMA.decode(ONE | {"_schema": version})
    assert caught.value.item["_schema"] == version


def test_a_class_that_reads_version_1_alone_refuses_later_ones():
    """A program that was rolled back must not write an old form under the stamp of a new one."""

    class Early(Entity, table=Table("upgrades.early")):
        number: Attr[str] = attribute()
        by_id = primary_key(number)

    with pytest.raises(UnreadableItemError, match="_schema"):
        Early.by_id._schema.decode({"number": {"S": "1"}, "_schema": {"N": "2"}})


def test_an_entity_of_a_table_without_generic_keys_can_be_upgraded_too():
    schema = person(lambda values: {**values, "name": "new"})
    read = schema.decode({"number": {"S": "1"}, "name": {"S": "old"}})
    assert read.put().item == {"number": {"S": "1"}, "name": {"S": "new"}, "_schema": {"N": "2"}}


def test_a_part_of_an_old_item_cannot_be_upgraded():
    """Whether it is old is told where the read has the mark; what an update returns has none."""
    whole = SCHEMA.decoder(SCHEMA.primary, frozenset({"name"}))
    assert whole(THREE).name == "Ann Lee"
    with pytest.raises(UnreadableItemError, match="needs the whole item"):
        whole({name: value for name, value in TWO.items() if name != "_schema"})
    assert whole({"name": {"S": "Ann Li"}}).name == "Ann Li"

    class Listed(Entity, table=Table("upgrades.listed", partition_key="pk")):
        number: Attr[str] = attribute()
        name: Attr[str] = attribute()
        main = primary_key(key("LISTED", number))
        by_name = global_index("gsi1", key("NAME", name), include=[name])

        @upgrade_from(1)
        @staticmethod
        def same(values: Values) -> Values:
            return values

    held = {
        name: value for name, value in Listed(number="1", name="a").put().item.items() if name != "_schema"
    }
    schema, by_name = Listed.main._schema, Listed.by_name._access
    assert schema.decoder(by_name, schema.loaded_names(by_name))(held).name == "a"

    classic = person(lambda values: values)
    read = classic.decoder(classic.primary, frozenset({"name"}))
    with pytest.raises(UnreadableItemError, match="needs the whole item"):
        read({"number": {"S": "1"}, "name": {"S": "old"}})
