"""Pages of a query or scan, and its count: operations that have their result when their round trips are done.

Guarantee: the pages of a query, one after the other, are its items; none is lost, none comes twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import attrs

from dynamodel.errors import RequestError, UnreadableItemError, UnreadableItemsError
from dynamodel.operations.base import Exchange, Settings
from dynamodel.operations.caps import Meter, require_count
from dynamodel.operations.chunks import (
    Chunk,
    Source,
    UnknownItemError,
    answer,
    last_key_of,
    sorted_out,
    total_capacity,
)
from dynamodel.operations.cursors import cursor_scope, open_cursor, peek_cursor, seal_cursor
from dynamodel.types import Flow, Item, Request

if TYPE_CHECKING:
    from dynamodel.operations.explain import Explanation

__all__ = ["Count", "Page", "PageRead", "page_of"]

E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)

_MAX_FILTERED_LIMIT = 1000


def _number(items: Sequence[Item]) -> str:
    return f"<{len(items)}>"


@attrs.frozen
class Page(Generic[E_co]):
    """Items, and where the next ones begin."""

    items: tuple[E_co, ...]
    cursor: str | None
    """For `page(after=...)` of the same query; None at the end. See `Query.page`."""
    consumed_capacity: float | None = None
    """The read capacity units that the page took, over all its requests; None if the engine tells none."""
    unknown: tuple[Item, ...] = attrs.field(default=(), repr=_number)
    """Of a collection: items of none of its entities, as they are stored. They do not count as items."""


@attrs.frozen
class PageRead(Exchange[Page[E]], Generic[E]):
    """One page of a query or scan."""

    source: Source[E]
    size: int
    after: str | None = attrs.field(repr=False)  # has the last key of a page in it
    budget: int
    """How many requests it may take."""
    context: str | None = attrs.field(default=None, repr=False)

    @property
    def max_requests(self) -> int | None:
        """The budget; None where whole items are read as well, in as many requests as they take."""
        return None if self.source.max_requests is None else self.budget

    def explain(self) -> Explanation:
        """How the page is read, and its first request."""
        explanation = super().explain()
        return attrs.evolve(explanation, max_items=None) if self.source.drops_items else explanation

    def request(self) -> Request:
        """The page's first request. It asks for one item more, to learn whether there is a next page."""
        start = None if self.after is None else peek_cursor(self.after, 1)[0]
        return self.source.request_from(start, **self._limited(self.size + 1))

    def flow(self, settings: Settings) -> Flow[Page[E]]:
        """As many requests as it takes to fill the page."""
        scope = cursor_scope("page", self.source.entity, self.source.request(), self.context)
        start = self._start(settings, scope)
        entries: list[tuple[E | UnreadableItemError, Item]] = []
        consumed: list[float | None] = []
        limit = self.size + 1
        for _ in range(self.budget):
            chunk: Chunk[E] = yield from self.source.chunk(start, **self._limited(limit))
            entries += chunk.entries
            consumed.append(chunk.consumed_capacity)
            start = chunk.last_key
            missing = self._needed - _known(entries)
            if missing <= 0 or start is None:
                break
            limit = self._next_limit(limit, missing)
        kept = _first(entries, self.size)
        if len(kept) < len(entries):
            start = self.source.last_key(kept[-1][1])
        items, unreadable, unknown = sorted_out(kept)
        cursor = None if start is None else seal_cursor(settings, scope, [start])
        if unreadable:
            raise UnreadableItemsError(unreadable, items, cursor, unknown)
        return Page(tuple(items), cursor, total_capacity(consumed), tuple(unknown))

    def _start(self, settings: Settings, scope: bytes) -> Item | None:
        if self.after is None:
            return None
        [position] = open_cursor(settings, scope, self.after, 1)
        start = position or {}
        self.source.check_start(start)
        return start

    def _limited(self, limit: int) -> dict[str, Any]:
        return {"Limit": limit, "ReturnConsumedCapacity": "TOTAL"}

    @property
    def _needed(self) -> int:
        """How many items are read: without a filter, one more tells whether there is a next page.

        With a filter, the search for one match more could read as much as its budget allows.
        """
        return self.size if self.source.is_filtered else self.size + 1

    def _next_limit(self, limit: int, missing: int) -> int:
        """Without a filter, what is missing; with one, twice as much each time, to save round trips."""
        if not self.source.is_filtered:
            return missing
        return max(limit, min(2 * limit, _MAX_FILTERED_LIMIT))


def page_of(
    source: Source[E], size: int, after: str | None, max_requests: int, context: str | None
) -> PageRead[E]:
    """One page of a query or scan; arguments and errors as of its `page()`."""
    require_count("page(size=)", size)
    require_count("page(max_requests=)", max_requests)
    if context is not None and (not isinstance(context, str) or not _is_utf8(context)):
        raise RequestError("page(context=): text is needed")
    if after is not None:
        peek_cursor(after, 1)
    return PageRead(source, size, after, max_requests, context)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


Entry: TypeAlias = tuple[E | UnreadableItemError, Item]


def _known(entries: Sequence[Entry[E]]) -> int:
    """How many entries count as items of the page."""
    return sum(not isinstance(entry, UnknownItemError) for entry, _ in entries)


def _first(entries: list[Entry[E]], size: int) -> list[Entry[E]]:
    """The entries up to the last item of the page."""
    for position in range(len(entries)):
        size -= not isinstance(entries[position][0], UnknownItemError)
        if size == 0:
            return entries[: position + 1]
    return entries


@attrs.frozen
class Count(Exchange[int]):
    """How many items a query or scan finds."""

    source: Source[Any]

    @property
    def max_requests(self) -> int:
        """The page cap."""
        return self.source.caps.pages

    def request(self) -> Request:
        """The first request, which asks DynamoDB for the count alone."""
        return self.source.request_from(None, Select="COUNT")

    def flow(self, settings: Settings) -> Flow[int]:
        """One round trip a page, up to the page cap."""
        meter = Meter(self.source.entity, self.source.caps)
        total = 0
        request = self.request()
        while True:
            response = yield from answer(request, self.source.entity)
            total += int(response["Count"])
            start = last_key_of(response)
            if start is None:
                return total
            meter.take(())
            meter.require_room()
            request = self.source.request_from(start, Select="COUNT")
