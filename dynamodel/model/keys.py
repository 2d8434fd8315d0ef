"""`key`: how an entity class declares a key that is built from attributes.

`key("THREAD", forum, subject)` is a template: a tag, and the attributes whose values follow it. The key that
it builds is stored under a generic name (`pk`, `sk`, `gsi1pk`), which several entities of a table share. How
values become text is in `dynamodel.keys`.
"""

from __future__ import annotations

from typing import Any, Generic, TypeAlias, TypeVar, overload

from dynamodel.entity.attributes import Attr
from dynamodel.expressions.path import Path

__all__ = ["MAX_PARTS", "Key", "Part", "key"]

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
F = TypeVar("F")
P_co = TypeVar("P_co", covariant=True)

Part: TypeAlias = Attr[A] | Path[A]
"""An attribute of the class itself, or of a base class: `Stamped.created`."""


MAX_PARTS = 5
"""How many attributes a key is built from at most: as many as type checkers are told of."""


class Key(Generic[P_co]):
    """A key template; P is the tuple of the types of its parts. Made by `key`."""

    def __init__(self, tag: object, parts: tuple[object, ...]) -> None:
        self.tag = tag
        self.parts = parts


@overload
def key(tag: str, /) -> Key[tuple[()]]: ...
@overload
def key(tag: str, a: Part[A], /) -> Key[tuple[A]]: ...
@overload
def key(tag: str, a: Part[A], b: Part[B], /) -> Key[tuple[A, B]]: ...
@overload
def key(tag: str, a: Part[A], b: Part[B], c: Part[C], /) -> Key[tuple[A, B, C]]: ...
@overload
def key(tag: str, a: Part[A], b: Part[B], c: Part[C], d: Part[D], /) -> Key[tuple[A, B, C, D]]: ...
@overload
def key(
    tag: str, a: Part[A], b: Part[B], c: Part[C], d: Part[D], e: Part[F], /
) -> Key[tuple[A, B, C, D, F]]: ...
def key(tag: str, /, *parts: Part[Any]) -> Key[Any]:
    """Declares a key that is built from a tag and from attributes, in this order.

    Two different tuples of values never build the same key, and the order of the keys is the order of the
    values. An attribute of a key is a text, a number, bytes, a bool, a date or time, a UUID, an Enum or a
    Literal. Where one of them is None, an index key is not written at all.

    Args:
        tag: tells the entity's keys from those of others in the same place: `"THREAD"`. Not empty, and
            without `$`. A key of a tag alone is a static one: `key("#META")`.
        parts: up to five attributes.
    """
    return Key(tag, parts)
