"""Declarations of single-table design: each fault with its place and rule, all of a class at once."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from dynamodel import (
    Attr,
    DeclarationError,
    Entity,
    Projection,
    Table,
    attribute,
    computed,
    global_index,
    key,
    local_index,
    primary_key,
    unique,
    upgrade_from,
)


def generic(**settings: Any) -> Table:
    return Table("App", **{"partition_key": "pk", "sort_key": "sk"} | settings)


def single(**settings: Any) -> Table:
    """With a partition key alone."""
    return Table("App", partition_key="pk", **settings)


class Elsewhere(Entity, table=Table("Elsewhere")):
    name: Attr[str] = attribute()
    by_name = primary_key(name)


# --- keys ---


def key_without_generic_keys():
    class A(Entity, table=Table("Classic")):
        a: Attr[str] = attribute()
        main = primary_key(key("A", a))


def built_sort_key_without_generic_keys():
    class A(Entity, table=Table("Classic")):
        a: Attr[str] = attribute()
        main = primary_key(a, key("A"))


def another_key_than_the_tables():
    class A(Entity, table=generic()):
        a: Attr[str] = attribute()
        main = primary_key(a, key("A"))


def no_sort_key():
    class A(Entity, table=generic()):
        a: Attr[str] = attribute()
        main = primary_key(key("A", a))


def a_sort_key_too_many():
    class A(Entity, table=single()):
        a: Attr[str] = attribute()
        main = primary_key(key("A", a), key("A"))


def part_of_type(type_: Any, **settings: Any):
    def declare():
        class A(Entity, table=single()):
            a: Attr[str] = attribute()
            b: Attr[type_] = attribute(**settings)
            main = primary_key(key("A", a))
            by_b = global_index("gsi1", key("A", b))

    return declare


def null_part():
    class A(Entity, table=single()):
        a: Attr[str] = attribute()
        b: Attr[str | None] = attribute(default=None, null=True)
        main = primary_key(key("A", a))
        by_b = global_index("gsi1", key("A", b))


def optional_part_of_the_primary_key():
    class A(Entity, table=single()):
        a: Attr[str | None] = attribute(default=None)
        main = primary_key(key("A", a))


def part_of_another_class():
    class A(Entity, table=single()):
        main = primary_key(key("A", Elsewhere.name))


def a_text_as_part():
    class A(Entity, table=single()):
        main = primary_key(key("A", "name"))


def computed_in_the_primary_key():
    class A(Entity, table=single()):
        a: Attr[str] = attribute()
        b: Attr[str] = computed(str.lower, a)
        main = primary_key(key("A", b))


def updated_in_the_primary_key():
    class A(Entity, table=single()):
        a: Attr[datetime] = attribute(updated=True)
        main = primary_key(key("A", a))


def version_in_a_key():
    class A(Entity, table=single()):
        a: Attr[str] = attribute()
        v: Attr[int] = attribute(version=True)
        main = primary_key(key("A", a))
        by_v = global_index("gsi1", key("A", v))


def version_as_a_plain_key():
    class A(Entity, table=single()):
        a: Attr[str] = attribute()
        v: Attr[int] = attribute(version=True)
        main = primary_key(key("A", a))
        by_v = global_index("gsi1", v)


# --- roles ---


def two_versions():
    class A(Entity, table=single()):
        a: Attr[str] = attribute()
        v: Attr[int] = attribute(version=True)
        w: Attr[int] = attribute(version=True)
        main = primary_key(key("A", a))


def two_roles():
    class A(Entity, table=single()):
        a: Attr[str] = attribute()
        v: Attr[int] = attribute(version=True, created=True)  # type: ignore[call-overload] # wrong
        main = primary_key(key("A", a))


def role_of_type(type_: Any, **role: bool):
    def declare():
        class A(Entity, table=single()):
            a: Attr[str] = attribute()
            r: Attr[type_] = attribute(**role)
            main = primary_key(key("A", a))

    return declare


def writable_part_of_the_key():
    class A(Entity, table=single()):
        a: Attr[str] = attribute(writable=True)
        main = primary_key(key("A", a))


# --- computed ---


def computed_by(*arguments: Any):
    def declare():
        class A(Entity, table=single()):
            a: Attr[str] = attribute()
            b: Attr[str] = computed(*arguments)
            main = primary_key(key("A", a))

    return declare


def computed_without_sources():
    computed_by(str)()


def computed_from_a_later_one():
    first = attribute()
    last = computed(str.lower, first)

    class A(Entity, table=single()):
        a: Attr[str] = first
        b: Attr[str] = computed(str.lower, last)
        c: Attr[str] = last
        main = primary_key(key("A", a))


# --- unique, upgrades, names ---


def unique_on_a_classic_table():
    class A(Entity, table=Table("Classic")):
        a: Attr[str] = attribute()
        by_a = primary_key(a)
        own_a = unique(a)


def upgrades_from(*versions: Any):
    def declare():
        namespace = {f"f{n}": upgrade_from(v)(lambda values: values) for n, v in enumerate(versions)}

        class A(Entity, table=single()):
            a: Attr[str] = attribute()
            main = primary_key(key("A", a))
            locals().update(namespace)

    return declare


def an_upgrade_that_is_no_function():
    class A(Entity, table=single()):
        a: Attr[str] = attribute()
        main = primary_key(key("A", a))
        up = upgrade_from(1)("x")  # type: ignore[arg-type] # wrong


def stored_as(name: str, **settings: Any):
    def declare():
        class A(Entity, table=generic(**settings)):
            a: Attr[str] = attribute()
            v: Attr[int] = attribute(version=True)
            b: Attr[str] = attribute(name)
            main = primary_key(key("A", a), key("A"))
            by_a = global_index("gsi1", key("A", a), key("A"))
            in_order = local_index("lsi1", main, key("A", a))
            up = upgrade_from(1)(lambda values: values)

    return declare


def a_discriminator_that_is_no_text():
    class A(Entity, table=single(), discriminator=7):  # type: ignore[arg-type] # wrong
        a: Attr[str] = attribute()
        main = primary_key(key("A", a))


def an_empty_discriminator():
    class A(Entity, table=single(), discriminator=""):
        a: Attr[str] = attribute()
        main = primary_key(key("A", a))


def the_discriminator_of_claims():
    class A(Entity, table=single(), discriminator="$unique"):
        a: Attr[str] = attribute()
        main = primary_key(key("A", a))


def discriminator_stored_as(name: str, **settings: Any):
    def declare():
        class A(Entity, table=generic(discriminator=name, **settings)):
            a: Attr[str] = attribute()
            main = primary_key(key("A", a), key("A"))
            by_a = global_index("gsi1", key("A", a))

    return declare


def an_index_key_that_is_the_tables_own():
    class A(Entity, table=generic(sort_key="gsi1pk")):
        a: Attr[str] = attribute()
        main = primary_key(key("A", a), key("A"))
        by_a = global_index("gsi1", key("A", a))


# --- several entities ---


def two_with(first: str, second: str, **marks: Any):
    """Two entities whose tags in the partition key are these."""

    def declare():
        table = single()

        class First(Entity, table=table, **marks):
            a: Attr[str] = attribute()
            main = primary_key(key(first, a))

        class Second(Entity, table=table, **marks):
            a: Attr[str] = attribute()
            main = primary_key(key(second, a))

    return declare


def index_tags_that_mix():
    table = generic()

    class First(Entity, table=table):
        a: Attr[str] = attribute()
        main = primary_key(key("FIRST", a), key("A"))
        by_a = global_index("gsi1", key("A", a), key("X", a))

    class Second(Entity, table=table):
        a: Attr[str] = attribute()
        main = primary_key(key("SECOND", a), key("A"))
        by_a = global_index("gsi1", key("A"), key("X#Y", a))


def indexes_that_disagree():
    table = generic()

    class First(Entity, table=table):
        a: Attr[str] = attribute()
        main = primary_key(key("FIRST", a), key("A"))
        by_a = global_index("gsi1", key("A", a), key("A"), projection=Projection.KEYS_ONLY)

    class Second(Entity, table=table):
        a: Attr[str] = attribute()
        main = primary_key(key("SECOND", a), key("A"))
        by_a = global_index("gsi1", key("B", a), key("B"))


PART = "a key is built from String, Number, Binary and Boolean, each of one type only"
GENERIC = "key() needs a table with generic keys: Table('Classic', partition_key='pk', sort_key='sk')"
HIDDEN = "which dynamodel writes itself; give it another stored name"
NO_FUNCTION = "computed() takes a function, and the attributes that it is computed from"

FAULTS = {
    "key() without generic keys": (key_without_generic_keys, "A.main", GENERIC),
    "key() as a sort key without generic keys": (built_sort_key_without_generic_keys, "A.main", GENERIC),
    "another key than the table's": (
        another_key_than_the_tables,
        "A.main",
        "all entities of a table share its key",
    ),
    "no sort key": (no_sort_key, "A.main", "found partition key 'pk' (S), no sort key"),
    "a sort key too many": (a_sort_key_too_many, "A.main", "has partition key 'pk' (S), no sort key"),
    "a list as a part": (part_of_type(list[str], factory=list), "A.b", PART),
    "a dict as a part": (part_of_type(dict[str, str], factory=dict), "A.b", PART),
    "a set as a part": (part_of_type(set[str], factory=set), "A.b", PART),
    "a union as a part": (part_of_type(int | str), "A.b", PART),
    "an optional union as a part": (part_of_type(int | str | None, default=None), "A.b", PART),
    "anything as a part": (part_of_type(Any), "A.b", PART),
    "NULL as a part": (null_part, "A.b", "is a key of A.by_b, and a key is never NULL"),
    "an optional part of the primary key": (
        optional_part_of_the_primary_key,
        "A.a",
        "is part of the table's key, so it cannot be None",
    ),
    "a part of another class": (
        part_of_another_class,
        "A.main",
        "takes attributes of A, not one of another class",
    ),
    "a text as a part": (a_text_as_part, "A.main", "takes attributes of A, not str"),
    "computed in the primary key": (
        computed_in_the_primary_key,
        "A.b",
        "is computed, and cannot be part of the table's key",
    ),
    "updated in the primary key": (
        updated_in_the_primary_key,
        "A.a",
        "changes with every write, and cannot be part of the table's key",
    ),
    "a version in a key": (version_in_a_key, "A.v", "is a key of A.by_v; a version changes with every write"),
    "a version as a key": (version_as_a_plain_key, "A.v", "a version changes with every write"),
    "two versions": (two_versions, "A.w", "version=True is said of v already"),
    "two roles": (two_roles, "attribute()", "is either version or created, not both"),
    "a version that is a text": (role_of_type(str, version=True), "A.r", "version=True needs Attr[int]"),
    "a version that may be None": (
        role_of_type(int | None, version=True),
        "A.r",
        "version=True needs Attr[int]",
    ),
    "created as a text": (role_of_type(str, created=True), "A.r", "created=True needs Attr[datetime]"),
    "updated as a number": (role_of_type(Decimal, updated=True), "A.r", "updated=True needs Attr[datetime]"),
    **{
        f"a writable {role}": (
            role_of_type(type_, writable=True, **{role: True}),
            "attribute()",
            f"{role}=True is written by dynamodel itself, and cannot be writable",
        )
        for role, type_ in (("version", int), ("created", datetime), ("updated", datetime))
    },
    "a writable part of the table's key": (
        writable_part_of_the_key,
        "A.a",
        "which no request of a client sets; it cannot be writable",
    ),
    "computed by no function": (computed_by("lower", Elsewhere.name), "A.b", NO_FUNCTION),
    "computed from nothing": (computed_without_sources, "A.b", NO_FUNCTION),
    "computed from a text": (computed_by(str.lower, "a"), "A.b", "takes attributes of A, not str"),
    "computed from another class": (
        computed_by(str.lower, Elsewhere.name),
        "A.b",
        "not one of another class",
    ),
    "computed from a later one": (
        computed_from_a_later_one,
        "A.b",
        "is computed from c, which must be declared before it",
    ),
    "unique on a classic table": (
        unique_on_a_classic_table,
        "A.own_a",
        "unique() needs a table with generic keys: Table('Classic', partition_key='pk')",
    ),
    "upgrades with a gap": (upgrades_from(1, 3), "A", "once for each version from 1 on, found [1, 3]"),
    "upgrades from 2 on": (upgrades_from(2), "A", "found [2]"),
    "upgrades from 0 on": (upgrades_from(0, 1), "A", "found [0, 1]"),
    "two upgrades from one version": (upgrades_from(1, 1), "A", "found [1, 1]"),
    "an upgrade from a text": (upgrades_from("1"), "A", "found ['1']"),
    "an upgrade that is no function": (
        an_upgrade_that_is_no_function,
        "A.up",
        "upgrade_from() takes a function",
    ),
    **{
        f"an attribute stored as {name}": (stored_as(name), "A.b", f"is stored as {name!r}, {HIDDEN}")
        for name in ("pk", "sk", "gsi1pk", "gsi1sk", "lsi1sk", "_type", "_schema", "_write")
    },
    "an attribute stored as the discriminator": (stored_as("kind", discriminator="kind"), "A.b", HIDDEN),
    "a discriminator that is no text": (
        a_discriminator_that_is_no_text,
        "A",
        "discriminator= takes a text",
    ),
    "an empty discriminator": (an_empty_discriminator, "A", "discriminator= takes a text that is not empty"),
    "the discriminator of claims": (the_discriminator_of_claims, "A", "does not begin with '$'"),
    "a discriminator stored as pk": (discriminator_stored_as("pk"), "Table 'App'.discriminator", ""),
    "a discriminator stored as sk": (discriminator_stored_as("sk"), "Table 'App'.discriminator", ""),
    "a discriminator stored as the expiry": (
        discriminator_stored_as("ends", time_to_live="ends"),
        "Table 'App'.discriminator",
        "",
    ),
    "a discriminator stored as an index key": (
        discriminator_stored_as("gsi1pk"),
        "A",
        "'gsi1pk' is the discriminator",
    ),
    "an index key that is the table's own": (
        an_index_key_that_is_the_tables_own,
        "A.by_a",
        "would be stored under 'gsi1pk', as the key",
    ),
    "two entities of one discriminator": (
        two_with("A", "B", discriminator="same"),
        "Second",
        "its items are marked as those of First; give it another discriminator",
    ),
    "two entities of one key": (
        two_with("A", "A"),
        "Second.main",
        "its keys are built as those of First, so that their items would replace each other",
    ),
    "tags that mix": (
        two_with("A", "A#B"),
        "Second",
        "the tags 'A#B' and 'A' (of First) in 'pk' would mix: one must not be the other with '#' and more",
    ),
    "tags that mix, the other way round": (
        two_with("A#B", "A"),
        "Second",
        "the tags 'A' and 'A#B' (of First)",
    ),
    "tags of an index that mix": (index_tags_that_mix, "Second", "'X#Y' and 'X' (of First) in 'gsi1sk'"),
    "indexes that disagree": (
        indexes_that_disagree,
        "Second.by_a (gsi1)",
        "every entity declares index 'gsi1' with the same projection",
    ),
}


@pytest.mark.parametrize(("declare", "place", "rule"), FAULTS.values(), ids=FAULTS)
def test_faults(declare, place, rule):
    with pytest.raises(DeclarationError) as caught:
        declare()
    found = [tuple(fault) for fault in caught.value.faults]
    assert any(at.split(" (")[0] == place.split(" (")[0] and rule in said for at, said in found), found
    assert len(set(found)) == len(found)


def test_all_faults_of_a_class_at_once():
    table = single()

    class First(Entity, table=table):
        a: Attr[str] = attribute()
        main = primary_key(key("A", a))

    with pytest.raises(DeclarationError) as caught:

        class Second(Entity, table=table, discriminator="First"):
            a: Attr[str] = attribute()
            v: Attr[int] = attribute(version=True)
            w: Attr[int] = attribute(version=True)
            low: Attr[str] = computed(str.lower, a)
            none: Attr[str | None] = attribute(default=None, null=True)
            hidden: Attr[str] = attribute("_type")
            many: Attr[list[str]] = attribute(factory=list)
            main = primary_key(key("A$", low))
            by_v = global_index("gsi1", key("", v), key("N", none))
            by_many = global_index("gsi2", key("M", many))
            up = upgrade_from(2)(lambda values: values)

    assert {fault.place for fault in caught.value.faults} >= {
        *("Second", "Second.main", "Second.low", "Second.w", "Second.v", "Second.by_v", "Second.none"),
        *("Second.hidden", "Second.many"),
    }
    assert table.entities == ("First",)


# --- sound declarations ---


def test_the_same_tag_for_keys_of_several_entities():
    """An item collection: one partition key for a thread and its replies, told apart by the sort key."""
    table = generic()

    class Thread(Entity, table=table):
        forum: Attr[str] = attribute()
        main = primary_key(key("FORUM", forum), key("#META"))

    class Reply(Entity, table=table):
        forum: Attr[str] = attribute()
        number: Attr[int] = attribute()
        main = primary_key(key("FORUM", forum), key("REPLY", number))

    assert table.entities == ("Thread", "Reply")
    assert Reply(forum="a", number=1).put().item["pk"] == Thread(forum="a").put().item["pk"]


@pytest.mark.parametrize(
    ("first", "second"), [("A", "AB"), ("A#B", "A#C"), ("A", "a"), ("#A", "A"), ("A", "A B")]
)
def test_tags_that_do_not_mix(first, second):
    two_with(first, second)()


@pytest.mark.parametrize("name", ["_schema", "_write", "gsi1pk", "sk", "_owner"])
def test_a_name_is_free_where_dynamodel_does_not_write_it(name):
    class A(Entity, table=single()):
        a: Attr[str] = attribute()
        b: Attr[str] = attribute(name)
        main = primary_key(key("A", a))

    item = A(a="x", b="y").put().item
    assert item == {"a": {"S": "x"}, name: {"S": "y"}, "_type": {"S": "A"}, "pk": {"S": "A#x"}}


def test_the_discriminator():
    class Renamed(Entity, table=single(discriminator="kind"), discriminator="Former"):
        a: Attr[str] = attribute()
        main = primary_key(key("A", a))

    class Without(Entity, table=single(discriminator=False)):
        a: Attr[str] = attribute()
        main = primary_key(key("A", a))

    class Classic(Entity, table=Table("Classic", discriminator="kind")):
        a: Attr[str] = attribute()
        by_a = primary_key(a)

    assert Renamed(a="x").put().item["kind"] == {"S": "Former"}
    assert set(Without(a="x").put().item) == {"a", "pk"}
    assert Classic(a="x").put().item == {"a": {"S": "x"}, "kind": {"S": "Classic"}}


def test_a_base_class_with_keys_is_shared_by_its_heirs():
    class Owned(Entity):
        owner: Attr[str] = attribute()
        created: Attr[datetime] = attribute(created=True)
        version: Attr[int] = attribute(version=True)
        by_owner = global_index("gsi1", key("OWNER", owner), key("AT", created))

    table = generic()

    class File(Owned, table=table):
        name: Attr[str] = attribute()
        main = primary_key(key("FILE", name), key("FILE"))

    class Folder(Owned, table=table):
        name: Attr[str] = attribute()
        main = primary_key(key("FOLDER", name), key("FOLDER"))

    for made in (File(name="a", owner="ann"), Folder(name="a", owner="ann")):
        item = made.put().item
        assert item["gsi1pk"] == {"S": "OWNER#ann"}
        assert item["gsi1sk"]["S"].startswith("AT#2")
        assert item["version"] == {"N": "1"}
    assert [index.name for index in table.definition.indexes] == ["gsi1"]
