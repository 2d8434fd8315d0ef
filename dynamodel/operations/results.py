"""What running a query or scan gives: a sequence that fetches its pages when they are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar, overload

from dynamodel.errors import UnreadableItemError, UnreadableItemsError
from dynamodel.types import Item

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Chunk", "LazyChunks", "Results", "readable_first"]

E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)


class Chunk(NamedTuple, Generic[E]):
    """What one request brought."""

    entries: list[tuple[E | UnreadableItemError, Item]]
    """In DynamoDB's order: the entity, or why there is none, each with the item as it came."""
    last_key: Item | None
    """Where the next request begins; None at the end."""


def readable_first(
    entries: Iterable[E | UnreadableItemError],
) -> tuple[list[E], list[UnreadableItemError]]:
    """The entities, and the errors that stand for the others."""
    items: list[E] = []
    unreadable: list[UnreadableItemError] = []
    for entry in entries:
        if isinstance(entry, UnreadableItemError):
            unreadable.append(entry)
        else:
            items.append(entry)
    return items, unreadable


class LazyChunks(Generic[E]):
    """Fetches a chunk for each `next()`. After an error the same chunk is asked for again, never skipped."""

    def __init__(self, fetch: Callable[[Item | None], Chunk[E]]) -> None:
        self._fetch = fetch
        self._start: Item | None = None
        self._is_complete = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Chunk[E]:
        if self._is_complete:
            raise StopIteration
        chunk = self._fetch(self._start)
        self._start = chunk.last_key
        self._is_complete = chunk.last_key is None
        return chunk


class Results(Sequence[E_co]):
    """The items of a query or scan: a sequence that fetches its pages when they are needed.

    Iterating fetches page after page; what was fetched is remembered, so iterating again, or asking for
    an index, sends nothing twice. `len()` and negative indexes fetch all. To go through more items than
    fit in memory, take `page(size=, after=)` after page.

    One result belongs to one thread: two that fetch at once get items twice. The operation is free of
    threads, so each thread can run it for results of its own.

    Raises:
        UnreadableItemsError: at the end, after all readable items, if some were not readable; it has both.
    """

    def __init__(self, chunks: Iterator[Chunk[E_co]]) -> None:
        self._chunks = chunks
        self._items: list[E_co] = []
        self._unreadable: list[UnreadableItemError] = []
        self._is_complete = False

    def __iter__(self) -> Iterator[E_co]:
        position = 0
        while self._fetch(position + 1):
            yield self._items[position]
            position += 1

    def __len__(self) -> int:
        self._fetch(None)
        return len(self._items)

    def __bool__(self) -> bool:
        return self._fetch(1)

    @overload
    def __getitem__(self, index: int) -> E_co: ...
    @overload
    def __getitem__(self, index: slice) -> list[E_co]: ...
    def __getitem__(self, index: int | slice) -> E_co | list[E_co]:
        last = index.stop if isinstance(index, slice) else index + 1
        ends = (last, index.start, index.step) if isinstance(index, slice) else (last, index)
        is_forward = last is not None and all(end is None or end >= 0 for end in ends)
        self._fetch(last if is_forward else None)
        return self._items[index]

    def __eq__(self, other: object) -> bool:
        """Equal to a list, or to other results, of the same items."""
        if isinstance(other, Results | list):
            return list(self) == list(other)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # as a list's: its items can change

    def __repr__(self) -> str:
        if self._is_complete:
            return f"Results({self._items!r})"
        return f"<Results: {len(self._items)} fetched, more to come>"

    def _fetch(self, count: int | None) -> bool:
        """Fetch until there are so many items (None: all of them); tell whether there are."""
        while not self._is_complete and (count is None or len(self._items) < count):
            chunk = next(self._chunks, None)
            if chunk is None:
                self._is_complete = True
                break
            items, unreadable = readable_first(entry for entry, _ in chunk.entries)
            self._items += items
            self._unreadable += unreadable
        has_enough = count is not None and len(self._items) >= count
        if self._unreadable and self._is_complete and not has_enough:
            raise UnreadableItemsError(self._unreadable, self._items)
        return has_enough
