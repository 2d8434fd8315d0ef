"""`unique`: what it takes, and what its class makes of it. What writes do with it: see test_claims.py."""

from __future__ import annotations

import pytest

from dynamodel import Attr, DeclarationError, Entity, Table, Unique, attribute, key, primary_key, unique


def test_a_constraint_keeps_its_attributes():
    part, other = attribute(), attribute()
    assert isinstance(unique(part), Unique)
    assert unique(part, other).parts == (part, other)


def test_a_class_and_its_heirs_have_their_own_constraints():
    class Named(Entity):
        email: Attr[str] = attribute("mail")
        by_email = unique(email)

    app = Table("unique.app", partition_key="pk")

    class User(Named, table=app):
        main = primary_key(key("USER", Named.email))

    class Team(Named, table=app, discriminator="group"):
        number: Attr[int] = attribute()
        main = primary_key(key("TEAM", number))
        by_number = unique(number)

    assert [(c.name, c.entity, c.source_names) for c in User.main._schema.uniques] == [
        ("User.by_email", "User", ("mail",))
    ]
    assert [(c.name, c.entity, c.source_names) for c in Team.main._schema.uniques] == [
        ("Team.by_email", "group", ("mail",)),
        ("Team.by_number", "group", ("number",)),
    ]


def faults(make) -> set[tuple[str, str]]:
    with pytest.raises(DeclarationError) as caught:
        make()
    return {tuple(fault) for fault in caught.value.faults}


def test_it_needs_a_table_with_generic_keys():
    def make():
        class User(Entity, table=Table("Users")):
            email: Attr[str] = attribute()
            by_email = primary_key(email)
            own_email = unique(email)

    rule = "unique() needs a table with generic keys: Table('Users', partition_key='pk')"
    assert faults(make) == {("User.own_email", rule)}


def test_wrong_attributes():
    class Other(Entity, table=Table("unique.other")):
        name: Attr[str] = attribute()
        by_name = primary_key(name)

    def make():
        class User(Entity, table=Table("unique.wrong", partition_key="pk")):
            name: Attr[str] = attribute()
            null: Attr[str | None] = attribute(default=None, null=True)
            many: Attr[set[str]] = attribute(factory=set)
            main = primary_key(key("USER", name))
            of_another = unique(Other.name)
            of_a_text = unique("name")
            of_null = unique(null)
            of_a_set = unique(many)

    found = faults(make)
    assert {place for place, _ in found} == {"User.of_another", "User.of_a_text", "User.null", "User.many"}
    rules = dict(found)
    assert rules["User.of_another"] == "takes attributes of User, not one of another class"
    assert rules["User.of_a_text"] == "takes attributes of User, not str"
    assert "NULL" in rules["User.null"]
    assert "set" in rules["User.many"]
