"""What running a query or scan gives: a sequence that fetches its pages when they are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, overload

from dynamodel.errors import ReadCapError, UnreadableItemError, UnreadableItemsError
from dynamodel.operations.caps import Meter
from dynamodel.operations.chunks import Chunk, sorted_out
from dynamodel.types import Item

__all__ = ["Results"]

E_co = TypeVar("E_co", covariant=True)


class Results(Sequence[E_co]):
    """The items of a query or scan: a sequence that fetches its pages when they are needed.

    Iterating fetches page after page; what was fetched is remembered, so iterating again, or asking for
    an index, sends nothing twice. `len()` and negative indexes fetch all. To go through more items than
    fit in memory, take `page(size=, after=)` after page.

    One result belongs to one thread: two that fetch at once get items twice. The operation is free of
    threads, so each thread can run it for results of its own.

    After an error the same page is asked for again, never skipped.

    Raises:
        ReadCapError: behind the last item that the caps of the query or scan allow.
        UnreadableItemsError: at the end, after all readable items, if some were not readable; it has both.
    """

    def __init__(self, fetch: Callable[[Item | None], Chunk[E_co]], meter: Meter) -> None:
        self._fetch_from = fetch
        self._meter = meter
        self._start: Item | None = None
        self._items: list[E_co] = []
        self._unreadable: list[UnreadableItemError] = []
        self._unknown: list[Item] = []
        self._is_complete = False

    @property
    def unknown(self) -> Sequence[Item]:
        """Of a collection: the items of none of its entities, as they are stored. Fetches all.

        Raises:
            ReadCapError: the caps of the query are reached before.
        """
        self._read_on(None)
        return tuple(self._unknown)

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
            unknown = f", {len(self._unknown)} unknown" if self._unknown else ""
            return f"Results({self._items!r}{unknown})"
        return f"<Results: {len(self._items)} fetched, more to come>"

    def _fetch(self, count: int | None) -> bool:
        """Fetch until there are so many items (None: all of them); tell whether there are.

        At the end, unreadable items raise.
        """
        self._read_on(count)
        has_enough = count is not None and len(self._items) >= count
        if self._unreadable and self._is_complete and not has_enough:
            raise self._unreadable_items()
        return has_enough

    def _read_on(self, count: int | None) -> None:
        while not self._is_complete and (count is None or len(self._items) < count):
            self._require_room()
            chunk = self._fetch_from(self._start)
            entries = self._meter.take(chunk.entries)
            items, unreadable, unknown = sorted_out(entries)
            self._items += items
            self._unreadable += unreadable
            self._unknown += unknown
            self._start = chunk.last_key
            self._is_complete = chunk.last_key is None and len(entries) == len(chunk.entries)

    def _require_room(self) -> None:
        try:
            self._meter.require_room()
        except ReadCapError as error:
            if self._unreadable:
                raise error from self._unreadable_items()
            raise

    def _unreadable_items(self) -> UnreadableItemsError:
        return UnreadableItemsError(self._unreadable, self._items, unknown=self._unknown)
