"""What one request of a query or scan brings, and what its pages, counts and segments need to know of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from dynamodel.attribute_value.binary import plain_item
from dynamodel.errors import UnreachableError, UnreadableItemError
from dynamodel.operations.base import exchange
from dynamodel.types import Flow, Item, Request, Response

if TYPE_CHECKING:
    from dynamodel.operations.caps import Caps

__all__ = [
    "Chunk",
    "Sorted",
    "Source",
    "UnknownItemError",
    "answer",
    "capacity_of",
    "last_key_of",
    "sorted_out",
    "total_capacity",
]

E = TypeVar("E")


class UnknownItemError(UnreadableItemError):
    """An item that a collection met, and that is of none of its entities. It is told, not raised."""


class Chunk(NamedTuple, Generic[E]):
    """What one request brought."""

    entries: list[tuple[E | UnreadableItemError, Item]]
    """In DynamoDB's order: the entity, or why there is none, each with the item as it came."""
    last_key: Item | None
    """Where the next request begins; None at the end."""
    scanned: int
    """How many items DynamoDB read for it, before the filter."""
    consumed_capacity: float | None
    """The read capacity units that it took, those of hydrating included, if the request asked for them."""


class Source(Protocol[E]):
    """A query or scan, as far as its pages, its count and its segments need to know it."""

    @property
    def entity(self) -> str:
        """The entity's name, for messages."""
        ...

    @property
    def caps(self) -> Caps:
        """How much one reading may take."""
        ...

    @property
    def is_filtered(self) -> bool:
        """Whether DynamoDB leaves out some of the items that it reads."""
        ...

    @property
    def drops_items(self) -> bool:
        """Whether some of the items that DynamoDB returns do not count: unknown ones, or deleted ones."""
        ...

    @property
    def max_requests(self) -> int | None:
        """How many requests one reading may take; None: that is not known before."""
        ...

    def request(self) -> Request:
        """The first request, with neither a limit nor a start key: the shape to which cursors are bound."""
        ...

    def request_from(self, start: Item | None, **more: Any) -> Request:
        """The request for what follows a key, with these parameters as well."""
        ...

    def chunk(self, start: Item | None, **more: Any) -> Flow[Chunk[E]]:
        """The items of that request."""
        ...

    def last_key(self, item: Item) -> Item:
        """The key from which a later request goes on behind this item."""
        ...

    def check_start(self, key: Item) -> None:
        """Refuse, with a `CursorError`, a key from which this query or scan cannot go on."""
        ...


def answer(request: Request, entity: str) -> Flow[Response]:
    """One round trip of a read. An answer that was cut to nothing must not read as the end of the table."""
    response = yield from exchange(request, entity)
    if "Count" not in response:  # which DynamoDB always sends
        raise UnreachableError("IncompleteBody", "the answer was cut short", request.operation)
    return response


def last_key_of(response: Response) -> Item | None:
    """Where the next request begins. A transport may give binary values as text; boto3 takes bytes."""
    key: Item | None = response.get("LastEvaluatedKey")
    return None if key is None else plain_item(key)


def capacity_of(response: Response) -> float | None:
    """The read capacity units that the request took; None if DynamoDB was not asked for them."""
    consumed: Any = response.get("ConsumedCapacity")
    if not consumed:
        return None
    tables = consumed if isinstance(consumed, list) else [consumed]  # a batch tells each table's
    return float(sum(table["CapacityUnits"] for table in tables))


def total_capacity(consumed: Sequence[float | None]) -> float | None:
    """The units of several requests; None if one of them tells none."""
    known = [units for units in consumed if units is not None]
    return sum(known) if len(known) == len(consumed) else None


class Sorted(NamedTuple, Generic[E]):
    """Entries by what they are, in their order."""

    items: list[E]
    unreadable: list[UnreadableItemError]
    """The errors that stand for items that do not fit their entity."""
    unknown: list[Item]
    """Items of no entity of a collection, as they are stored."""


def sorted_out(entries: Iterable[tuple[E | UnreadableItemError, Item]]) -> Sorted[E]:
    """The entries of a chunk, by what they are."""
    found: Sorted[E] = Sorted([], [], [])
    for entry, item in entries:
        if isinstance(entry, UnknownItemError):
            found.unknown.append(plain_item(item))
        elif isinstance(entry, UnreadableItemError):
            found.unreadable.append(entry)
        else:
            found.items.append(entry)
    return found
