"""What operations on several items share: which item is which, and reading each by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from dynamodel.attribute_value.binary import plain_binary
from dynamodel.errors import UnreadableItemError, UnreadableItemsError
from dynamodel.types import AttributeValue, Item

if TYPE_CHECKING:
    from dynamodel.operations.gets import Get

__all__ = ["Identity", "Reading", "all_readable", "first_repeated", "identity_of", "named", "read_each"]

R_co = TypeVar("R_co", covariant=True)

Identity: TypeAlias = tuple[object, ...]
"""A table and a key: equal for the same item, however its number or binary value is written."""


class Reading(Protocol[R_co]):
    """A get, typed by its result: a `Get[Movie]` gives `Movie | None`.

    So the results of several gets are typed exactly, of however many entities.
    """

    def read(self, item: Item | None) -> R_co:
        """The result of what was stored under the key."""
        ...


def identity_of(table: str, key_names: tuple[str, ...], item: Item) -> Identity:
    """Which item it is.

    Args:
        table: the table's name.
        key_names: the names of the table's key attributes.
        item: an item or a key.
    """
    return table, *(_comparable(item[name]) for name in key_names)


def _comparable(value: AttributeValue) -> tuple[str, object]:
    [(tag, content)] = plain_binary(value).items()
    return tag, Decimal(content) if tag == "N" else content


def first_repeated(identities: Iterable[Identity]) -> tuple[int, int] | None:
    """The positions, counted from 0, of two that are the same item; None if all are distinct."""
    seen: dict[Identity, int] = {}
    for position, identity in enumerate(identities):
        if identity in seen:
            return seen[identity], position
        seen[identity] = position
    return None


def named(entities: Iterable[str]) -> str:
    """The entities of an operation, each once, for messages."""
    return ", ".join(dict.fromkeys(entities))


def read_each(gets: Sequence[Get[Any]], items: Sequence[Item | None]) -> list[Any]:
    """For each get its entity, None for an absent item, or the error of one that does not fit.

    Args:
        gets: what was asked for.
        items: what is stored, in the same order.
    """
    entries: list[Any] = []
    for get, item in zip(gets, items, strict=True):
        try:
            entries.append(get.read(item))
        except UnreadableItemError as error:
            entries.append(error)
    return entries


def all_readable(entries: list[Any]) -> list[Any]:
    """The same entries, if all are readable.

    Raises:
        UnreadableItemsError: some are not; its `items` are the entries.
    """
    unreadable = [entry for entry in entries if isinstance(entry, UnreadableItemError)]
    if unreadable:
        raise UnreadableItemsError(unreadable, entries)
    return entries
