"""Steps of document paths: which classes they lead into, and the codec at the end of each."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import attrs
import cattrs
import pytest

from dynamodel import Attr, Entity, MarshalError, RequestError, Table, attribute, primary_key
from dynamodel.expressions.placeholders import Placeholders

from .rendering import filled_in

T = TypeVar("T")


@attrs.define
class Box(Generic[T]):
    value: T


@attrs.define(slots=False)
class Crate(Generic[T]):
    content: T


@dataclass(slots=True)
class Slotted:
    rank: int = 0
    note: str = ""


@dataclass
class Unslotted:
    rank: int = 0
    label: str = "none"
    found: tuple[str, ...] = dataclasses.field(default_factory=tuple)


@attrs.define(slots=False)
class Part:
    size: int


class Money:
    """A type that only a converter can store."""

    def __init__(self, cents: int) -> None:
        self.cents = cents


def money() -> cattrs.Converter:
    made = cattrs.Converter()
    made.register_structure_hook(Money, lambda cents, _: Money(cents))
    made.register_unstructure_hook(Money, lambda value: value.cents)
    return made


class Thing(Entity, table=Table("steps.things"), converter=money()):
    name: Attr[str] = attribute()
    box: Attr[Box[int] | None] = attribute(default=None)
    crate: Attr[Crate[Box[str]] | None] = attribute(default=None)
    slotted: Attr[Slotted | None] = attribute(default=None)
    unslotted: Attr[Unslotted | None] = attribute(default=None)
    pair: Attr[tuple[Money, str] | None] = attribute(default=None)
    parts: Attr[tuple[Part, int] | None] = attribute(default=None)
    some: Attr[list[int] | str | None] = attribute(default=None)
    anything: Attr[Any] = attribute(default=None)
    by_name = primary_key(name)


def rendered(condition: Any) -> str:
    placeholders = Placeholders()
    return filled_in(condition.render(placeholders), placeholders)


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda: Thing.box[Box.value] == 3, "box.value = N:3"),
        (lambda: Thing.box[attrs.fields(Box).value] == 3, "box.value = N:3"),
        (lambda: Thing.crate[Crate.content][Box.value] == "x", "crate.content.value = S:x"),
        (lambda: Thing.slotted[Slotted.rank] > 3, "slotted.rank > N:3"),
        (lambda: Thing.slotted[Slotted.note].begins_with("a"), "begins_with(slotted.note, S:a)"),
        (lambda: Thing.pair[0] == Money(1), "pair[0] = N:1"),
        (lambda: Thing.pair[1] == "x", "pair[1] = S:x"),
        (lambda: Thing.parts[0][Part.size] == 3, "parts[0].size = N:3"),
        (lambda: Thing.some[1] == 3, "some[1] = N:3"),
        (lambda: Thing.anything[1]["a"] == 3, "anything[1].a = N:3"),
    ],
)
def test_where_paths_lead(build, text):
    assert rendered(build()) == text


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda: Thing.box[Box.value] == "x", MarshalError, "box.value"),
        (lambda: Thing.box[Slotted.rank], RequestError, "not a field"),
        (lambda: Thing.slotted[Box.value], RequestError, "not a field"),
        (lambda: Thing.pair[1] == 3, MarshalError, "pair[1]"),
        (lambda: Thing.pair[2], RequestError, "2 elements"),
        # The class itself has the default there, so that no path can be made from it.
        (lambda: Thing.unslotted[Unslotted.rank], RequestError, "slots=True"),
        (lambda: Thing.unslotted[Unslotted.label], RequestError, "slots=True"),
        (lambda: Thing.box["value"], RequestError, "as Box.value"),
        (lambda: Thing.box[0], RequestError, "through its class"),
    ],
)
def test_steps_that_are_refused(build, error, words):
    with pytest.raises(error, match=re.escape(words)):
        build()


def test_a_dataclass_without_slots_is_left_as_it_is():
    assert (Unslotted.rank, Unslotted.label, hasattr(Unslotted, "found")) == (0, "none", False)
