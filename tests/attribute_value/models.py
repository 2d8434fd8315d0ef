"""The classes that the tests of the codec store."""

from __future__ import annotations

import dataclasses
import enum
from decimal import Decimal
from typing import Any, ClassVar, Generic, Literal, TypeVar

import attrs

from dynamodel.attribute_value import Field, ItemCodec, compile_item

S = TypeVar("S")
T = TypeVar("T")


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Mixed(enum.Enum):
    TEXT = "1"
    NUMBER = 1


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Suit(enum.StrEnum):
    HEARTS = "h"


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Raw(enum.Enum):
    ZERO = b"\0"


class Guessed(enum.Enum):
    OTHER = "other"
    ONE = "one"

    @classmethod
    def _missing_(cls, value: object) -> Guessed:
        return cls.OTHER


@attrs.define
class Info:
    rank: int
    ratings: list[Decimal] = attrs.Factory(list)
    genres: set[str] = attrs.Factory(set)
    plot: str | None = None


@attrs.frozen
class Frozen:
    x: int
    y: int = 0


@attrs.define(kw_only=True)
class Keywords:
    a: int
    _hidden: str = attrs.field(default="h", alias="shown")


@attrs.define(slots=False)
class Plain:
    a: int


@attrs.define
class Node:
    value: int
    children: list[Node] = attrs.Factory(list)
    parent: Node | None = None


@attrs.define
class Even:
    next: Odd | None = None


@attrs.define
class Odd:
    next: Even | None = None


def positive(instance: object, attribute: object, value: int) -> None:
    if value <= 0:
        raise ValueError(f"secret {value}")


@attrs.define
class Checked:
    amount: int = attrs.field(validator=positive)
    label: str = attrs.field(converter=str.strip, default="x")
    double: int = attrs.field(init=False)
    twin: int = attrs.Factory(lambda self: self.amount, takes_self=True)

    def __attrs_post_init__(self) -> None:
        self.double = self.amount * 2


@attrs.define
class OwnInit:
    a: int

    def __init__(self, a: int) -> None:
        self.__attrs_init__(a + 0)


@dataclasses.dataclass
class Data:
    a: int
    b: list[int] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FrozenData:
    a: int
    b: str = "b"


@attrs.frozen
class Circle:
    kind: Literal["circle"]
    radius: int


@attrs.frozen
class Square:
    kind: Literal["square", "box"]
    side: int


@attrs.frozen
class Cat:
    lives: int


@attrs.frozen
class Dog:
    name: str


@attrs.frozen
class Sum:
    kind: Literal["sum"]
    left: Sum | Term
    right: Sum | Term


@attrs.frozen
class Term:
    kind: Literal["term"]
    value: int


def entity(*fields: Field, converter: Any = None, **base: Any) -> ItemCodec[Any]:
    """The codec of a class with these attributes; `base` is its class's body."""
    body = {"_unknown_attributes": None, "__annotations__": {"_unknown_attributes": ClassVar[Any]}, **base}
    made = type("Thing", (), body)
    cls = attrs.make_class(
        "Thing", {field.name: attrs.field() for field in fields}, bases=(made,), slots=False, kw_only=True
    )
    return compile_item(cls, fields, converter=converter)


def field(name: str, type_: Any, stored_name: str = "", **rest: Any) -> Field:
    return Field(name=name, stored_name=stored_name or name, type=type_, **rest)


@attrs.frozen
class Page(Generic[T]):
    items: list[T]
    first: T | None = None


@attrs.frozen
class Named(Page[S], Generic[S]):
    name: str = ""


@attrs.frozen
class IntPage(Page[int]):
    size: int = 0
