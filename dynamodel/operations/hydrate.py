"""Hydrating: whole items in place of what an index holds of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from dynamodel.errors import UnreadableItemError, UnreadableItemsError
from dynamodel.operations.batches import batch_get
from dynamodel.operations.gets import Get
from dynamodel.types import Flow, Item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynamodel.entity.schema import EntitySchema

__all__ = ["whole_items"]

E = TypeVar("E")


def whole_items(
    schema: EntitySchema[E], items: Sequence[Item], units: list[float | None] | None = None
) -> Flow[list[tuple[E | UnreadableItemError, Item]]]:
    """The entities of which an index has these entries, in their order, each with its entry.

    An item that was deleted since it was in the index is left out. So the reads are consistent: a replica
    may lack an item that is there.

    Args:
        schema: the entity.
        items: entries of the index.
        units: gets the read capacity units of each request; None: they are not asked for.

    Raises:
        BatchGetError: items could not be read.
    """
    gets = [Get(schema, schema.key_of(item), is_consistent=True) for item in items]
    found: Sequence[Any]
    try:
        found = yield from batch_get(*gets).metered(units)
    except UnreadableItemsError as error:
        found = cast("Sequence[Any]", error.items)  # at their places, with the errors among them
    return [(entry, item) for entry, item in zip(found, items, strict=True) if entry is not None]
