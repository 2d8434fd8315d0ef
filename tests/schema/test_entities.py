"""Entities that share a table: discriminators, key templates, and whether one meets another's items."""

from __future__ import annotations

from typing import Any

import pytest

from dynamodel.errors import DeclarationError
from dynamodel.keys import KeyTemplate
from dynamodel.schema import EntityContribution, Table

from .cases import GENERIC, global_index

FORUM = KeyTemplate("FORUM", ("S",))
THREAD = KeyTemplate("THREAD", ("S",))
REPLY = KeyTemplate("REPLY", ("S", "N"))


def entity(name: str, discriminator: str | None = "", **rest: Any) -> EntityContribution:
    templates = rest.pop("templates", {"pk": KeyTemplate(name, ("S",)), "sk": KeyTemplate(name)})
    indexes = tuple((f"{name}.{index.name}", index) for index in rest.pop("indexes", ()))
    return EntityContribution(
        name,
        rest.pop("key", GENERIC),
        f"{name}.main",
        indexes,
        discriminator=name if discriminator == "" else discriminator,
        templates=templates,
        **rest,
    )


def table(*contributions: EntityContribution, **settings: Any) -> Table:
    made = Table("Forum", **{"partition_key": "pk", "sort_key": "sk"} | settings)
    for contribution in contributions:
        made.add(contribution)
    return made


# --- the discriminator of a table ---


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "_type"),
        ({"discriminator": "kind"}, "kind"),
        ({"discriminator": None}, "_type"),
        ({"discriminator": False}, None),
        ({"partition_key": None, "sort_key": None}, None),
        ({"partition_key": None, "sort_key": None, "discriminator": "kind"}, "kind"),
    ],
)
def test_the_discriminator(settings, expected):
    assert table(**settings).discriminator == expected


@pytest.mark.parametrize(
    ("name", "rule"), [("", "found 0"), (7, "found int"), (True, "found bool"), ("x" * 256, "found 256")]
)
def test_a_discriminator_is_the_name_of_an_attribute(name, rule):
    with pytest.raises(DeclarationError, match=rule) as caught:
        table(discriminator=name)
    assert [fault.place for fault in caught.value.faults] == ["Table 'Forum'.discriminator"]


# --- entities that cannot be told apart ---

SAME_KEY = "its keys are built as those of Thread"
MIXED = "would mix: one must not be the other with '#' and more"


def keyed(name: str, **templates: KeyTemplate) -> EntityContribution:
    return entity(name, templates=templates)


@pytest.mark.parametrize(
    ("second", "place", "rule"),
    [
        pytest.param(
            entity("Reply", "Thread"), "Reply", "its items are marked as those of Thread", id="discriminator"
        ),
        pytest.param(keyed("Reply", pk=FORUM, sk=THREAD), "Reply.main", SAME_KEY, id="both templates"),
        pytest.param(
            keyed("Reply", pk=KeyTemplate("FORUM", ("BOOL",)), sk=THREAD), "Reply.main", SAME_KEY, id="texts"
        ),
        pytest.param(
            entity("Reply", templates={}),
            "Reply.main",
            "let both build it",
            id="a plain key",
        ),
        pytest.param(
            keyed("Reply", pk=KeyTemplate("FORUM#X", ("S",)), sk=REPLY), "Reply", f"'pk' {MIXED}", id="longer"
        ),
        pytest.param(
            keyed("Reply", pk=FORUM, sk=KeyTemplate("THREAD#X")), "Reply", "'sk'", id="a static key"
        ),
    ],
)
def test_entities_that_cannot_be_told_apart(second, place, rule):
    forum = table(keyed("Thread", pk=FORUM, sk=THREAD))
    faults = forum.faults(second)
    assert [(fault.place, rule in fault.rule) for fault in faults] == [(place, True)], faults
    with pytest.raises(DeclarationError):
        forum.add(second)
    assert forum.entities == ("Thread",)


@pytest.mark.parametrize(
    "second",
    [
        keyed("Reply", pk=FORUM, sk=REPLY),
        keyed("Reply", pk=FORUM, sk=KeyTemplate("THREAD", ("S", "S"))),
        keyed("Reply", pk=KeyTemplate("FORUMS", ("S",)), sk=THREAD),
        entity("Reply", None, templates={"pk": FORUM, "sk": REPLY}),
    ],
)
def test_entities_that_can(second):
    forum = table(keyed("Thread", pk=FORUM, sk=THREAD))
    assert forum.faults(second) == []


def test_the_templates_of_an_index():
    gsi = global_index(partition="gsi1pk", sort="gsi1sk")
    own = {"pk": KeyTemplate("A", ("S",)), "sk": KeyTemplate("A")}
    others = {"pk": KeyTemplate("B", ("S",)), "sk": KeyTemplate("B")}
    first = entity("A", templates=own | {"gsi1pk": FORUM, "gsi1sk": THREAD}, indexes=[gsi])
    same = entity("B", templates=others | {"gsi1pk": FORUM, "gsi1sk": THREAD}, indexes=[gsi])
    mixed = entity(
        "B", templates=others | {"gsi1pk": FORUM, "gsi1sk": KeyTemplate("THREAD#X", ("S",))}, indexes=[gsi]
    )
    assert table(first).faults(same) == []  # in an index, items do not replace each other
    assert ["'gsi1sk'" in fault.rule for fault in table(first).faults(mixed)] == [True]


def test_the_same_class_again_is_not_compared_with_itself():
    forum = table(keyed("Thread", pk=FORUM, sk=THREAD))
    forum.add(keyed("Thread", pk=FORUM, sk=THREAD))
    assert forum.entities == ("Thread",)


def test_a_discriminator_is_no_key():
    gsi = global_index(partition="kind", sort="")
    forum = table(discriminator="kind")
    [fault] = forum.faults(entity("Thread", indexes=[gsi]))
    assert "'kind' is the discriminator of Table 'Forum'" in fault.rule
    for settings in ({"discriminator": "pk"}, {"discriminator": "ends", "time_to_live": "ends"}):
        with pytest.raises(DeclarationError, match="must be an attribute of its own") as caught:
            table(**settings)
        assert [fault.place for fault in caught.value.faults] == ["Table 'Forum'.discriminator"]


# --- whether an entity's keys may meet those of others ---

OWN_KEY = {"pk": FORUM, "sk": THREAD}


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param(keyed("Reply", pk=FORUM, sk=REPLY), False, id="other sort keys"),
        pytest.param(keyed("Reply", pk=KeyTemplate("USER", ("S",)), sk=THREAD), False, id="other partitions"),
        pytest.param(keyed("Reply", pk=FORUM, sk=KeyTemplate("THREAD", ("S", "N"))), True, id="one tag"),
    ],
)
def test_whether_a_key_is_shared(other, expected):
    forum = table(keyed("Thread", **OWN_KEY), other)
    assert forum.is_shared(OWN_KEY, "Thread") is expected


def test_an_entity_does_not_meet_itself():
    forum = table(keyed("Thread", **OWN_KEY))
    assert forum.is_shared(OWN_KEY, "Thread") is False
    assert forum.is_shared(OWN_KEY, "another") is True
