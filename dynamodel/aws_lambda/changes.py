"""`Change`: what happened to one entity, with its typed images.

`match` tells the three kinds apart: `case Inserted(new=thread)`, `case Removed(old=thread)`,
`case Modified(old=before, new=after)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import attrs

from dynamodel.aws_lambda.stream_records import StreamRecord
from dynamodel.entity.schema import EntitySchema
from dynamodel.operations.base import shown_name

if TYPE_CHECKING:
    from datetime import datetime

    from dynamodel.expressions.path import Path
    from dynamodel.types import AttributeValue, Item

__all__ = ["Change", "Inserted", "Modified", "Removed", "UnknownRecord"]

E = TypeVar("E")

UnknownRecord: TypeAlias = StreamRecord
"""A change of an item that no declared entity has."""


@attrs.frozen(kw_only=True)
class _Change(Generic[E]):
    """What all changes tell."""

    schema: EntitySchema[E] = attrs.field(repr=shown_name)
    record: StreamRecord
    """The change as the stream has it."""

    @property
    def event_id(self) -> str:
        """The same whenever the change is delivered; no other change has it."""
        return self.record.event_id

    @property
    def sequence_number(self) -> str:
        """Its place among the changes of the shard."""
        return self.record.sequence_number

    @property
    def at(self) -> datetime:
        """About when the change was made, in UTC; to the second."""
        return self.record.at

    @property
    def by_time_to_live(self) -> bool:
        """DynamoDB deleted the item, because it had expired."""
        return self.record.by_time_to_live

    @property
    def changed(self) -> frozenset[str]:
        """The Python names of the attributes that are stored otherwise than before.

        Of an item that was inserted or removed, these are all that it has.
        """
        old, new = self._items()
        names = self.schema.names
        return frozenset(
            names[stored]
            for stored in old.keys() | new.keys()
            if stored in names and not _alike(old.get(stored), new.get(stored))
        )

    def has_changed(self, path: Path[Any]) -> bool:
        """Whether the attribute, or the part of a document, is stored otherwise than before.

        Args:
            path: of this entity: `Thread.replies`, `Movie.info[Info.rank]`.

        Raises:
            RequestError: a path of another class.
        """
        self.schema.require_own([path.node])
        old, new = self._items()
        return not _alike(_found(old, path.node.steps), _found(new, path.node.steps))

    def _items(self) -> tuple[Item, Item]:
        return self.record.old_item or {}, self.record.new_item or {}


@attrs.frozen(kw_only=True)
class Inserted(_Change[E]):
    """There is a new item."""

    new: E = attrs.field(repr=False)
    """The entity as it was written."""


@attrs.frozen(kw_only=True)
class Modified(_Change[E]):
    """An item was changed, or written again as it was."""

    old: E = attrs.field(repr=False)
    """The entity before the change."""
    new: E = attrs.field(repr=False)
    """The entity after the change."""


@attrs.frozen(kw_only=True)
class Removed(_Change[E]):
    """An item was deleted."""

    old: E = attrs.field(repr=False)
    """The entity as it was."""


Change: TypeAlias = Inserted[E] | Modified[E] | Removed[E]
"""A change of one entity."""


def _found(item: Item, steps: tuple[str | int, ...]) -> AttributeValue | None:
    value: AttributeValue = {"M": item}
    for step in steps:
        content: Any = value.get("M") if isinstance(step, str) else value.get("L")
        try:
            value = content[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _alike(one: AttributeValue | None, other: AttributeValue | None) -> bool:
    """Whether two stored values are the same: a set has no order."""
    if one == other:
        return True
    if one is None or other is None or one.keys() != other.keys():
        return False
    [(tag, a)], [b] = one.items(), other.values()
    if tag in ("SS", "NS", "BS"):
        return set(a) == set(b)
    if tag == "L":
        return len(a) == len(b) and all(map(_alike, a, b))
    if tag == "M":
        return a.keys() == b.keys() and all(_alike(a[name], b[name]) for name in a)
    return False
