"""Operations on many items: query and scan; their pages, their counts and their lazy results."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from dynamodel.attribute_value.dynamic import plain_binary
from dynamodel.entity.schema import AccessPath, EntitySchema
from dynamodel.errors import RequestError, UnreachableError, UnreadableItemError, UnreadableItemsError
from dynamodel.expressions.nodes import Condition
from dynamodel.expressions.placeholders import Placeholders
from dynamodel.operations.base import Operation, Runner, Settings, both, exchange, own_condition
from dynamodel.operations.cursors import open_cursor, peek_cursor, seal_cursor
from dynamodel.operations.key_conditions import KeyCondition, sort_condition
from dynamodel.operations.projections import Projected, projected, require_held
from dynamodel.operations.results import Chunk, LazyChunks, Results
from dynamodel.types import Flow, Item, Request, Response

if TYPE_CHECKING:
    from typing import Self

    from dynamodel.expressions.path import Path

__all__ = ["Count", "Page", "PageRead", "Query", "Results", "Scan"]

E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)

MAX_PAGE_REQUESTS = 100
"""How many requests one page may take unless told otherwise; each reads up to 1 MB before the filter."""

_MAX_FILTERED_LIMIT = 1000


@attrs.frozen
class _Items(Operation["Results[E]"], Generic[E]):
    """What query and scan have in common."""

    schema: EntitySchema[E]
    access: AccessPath
    condition: Condition | None = attrs.field(default=None, kw_only=True)
    projection: Projected | None = attrs.field(default=None, kw_only=True)
    is_consistent: bool = attrs.field(default=False, kw_only=True)

    def filter(self, *conditions: Condition) -> Self:
        """Return only items for which all of these hold. What is filtered out was read, and is paid for.

        Raises:
            RequestError: on an attribute that the index does not hold (DynamoDB: "Secondary index ... does
                not project one or more filter attributes"; for a Scan, it takes it for absent).
        """
        condition = self.condition
        for added in conditions:
            condition = both(condition, own_condition(self.schema, added))
            require_held(self.schema, self.access, added.paths())
        return attrs.evolve(self, condition=condition)

    def project(self, *paths: Path[Any]) -> Self:
        """Read only these attributes, or parts of them, and the keys.

        The others are not set on the entities: reading one raises `AttributeError`.
        """
        return attrs.evolve(self, projection=projected(self.schema, self.access, paths))

    def consistent(self) -> Self:
        """Read what was last written, at twice the read capacity. Not on a global index.

        Raises:
            RequestError: on a global index (DynamoDB: "Consistent reads are not supported on global
                secondary indexes").
        """
        if self.access.is_global:
            raise RequestError(f"{self.access.name}: a global index has no consistent reads")
        return attrs.evolve(self, is_consistent=True)

    def page(
        self,
        *,
        size: int,
        after: str | None = None,
        max_requests: int = MAX_PAGE_REQUESTS,
    ) -> PageRead[E]:
        """Exactly `size` items, if there are so many, and the cursor of what follows.

        Args:
            size: items of the page, 1 or more.
            after: the cursor of the page before.
            max_requests: how many requests the page may take; when they are spent, the page is shorter
                than `size` and has a cursor.

        Raises:
            RequestError: `size` or `max_requests` is below 1.
            CursorError: `after` is no cursor; one of another query is refused when it is run.
        """
        for name, value in (("size", size), ("max_requests", max_requests)):
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise RequestError(f"page({name}=): a whole number of 1 or more is needed")
        if after is not None:
            peek_cursor(after)
        return PageRead(self, size, after, max_requests)

    def count(self) -> Count:
        """How many items there are, over all pages. Reads, and costs, as much as reading them."""
        return Count(self)

    def request(self) -> Request:
        """The first request."""
        return self.request_from(None)

    def request_from(self, start: Item | None, **more: Any) -> Request:
        """The request for what follows a key."""
        placeholders = Placeholders()
        parameters: dict[str, Any] = {"TableName": self.schema.table.name}
        if self.access.index is not None:
            parameters["IndexName"] = self.access.index.name
        parameters |= self._key_parameters(placeholders)
        if self.condition is not None:
            parameters |= placeholders.expression("FilterExpression", self.condition)
        if self.projection is not None and "Select" not in more:
            parameters |= self.projection.parameters(placeholders)
        if self.is_consistent:
            parameters["ConsistentRead"] = True
        parameters |= placeholders.parameters() | more
        if start is not None:
            parameters["ExclusiveStartKey"] = start
        return Request(self._operation, parameters)

    def chunk(self, start: Item | None, limit: int | None = None) -> Flow[Chunk[E]]:
        """One request's items."""
        more = {} if limit is None else {"Limit": limit}
        response = yield from _answer(self.request_from(start, **more), self.schema)
        chunk = Chunk[E]([], [], _last_key(response))
        decode = self._decoder()
        for item in response["Items"]:
            try:
                chunk.items.append((decode(item), item))
            except UnreadableItemError as error:
                chunk.unreadable.append(error)
        return chunk

    def flow(self, settings: Settings) -> Flow[Results[E]]:
        """All pages at once; a client that can iterate lazily uses `chunk` instead."""
        chunks: list[Chunk[E]] = []
        start: Item | None = None
        while not chunks or start is not None:
            chunks.append((yield from self.chunk(start)))
            start = chunks[-1].last_key
        return Results(iter(chunks))

    def perform(self, runner: Runner) -> Results[E]:
        """Lazily: each page is fetched when the iteration comes to it."""
        return Results(LazyChunks(lambda start: runner.drive(self.chunk(start))))

    def last_key(self, item: Item) -> Item:
        """The key from which a later request goes on behind this item."""
        names = (*self.schema.primary.key.stored_names, *self.access.key.stored_names)
        return {name: item[name] for name in names}

    def _decoder(self) -> Callable[[Item], E]:
        wanted = self.projection.wanted if self.projection else self.schema.loaded_names(self.access)
        if wanted is None:
            return self.schema.codec.decode
        return lambda item: self.schema.codec.decode_partial(item, wanted)

    _operation = "Scan"

    def _key_parameters(self, placeholders: Placeholders) -> dict[str, Any]:
        return {}


@attrs.frozen
class Query(_Items[E]):
    """The items of one partition key, in the order of the sort key; lazy when iterated."""

    partition: Item
    sort_by: KeyCondition | None = attrs.field(default=None, kw_only=True)
    is_reversed: bool = attrs.field(default=False, kw_only=True)

    _operation = "Query"

    def sort(self, *conditions: Condition) -> Self:
        """Only the items whose sort key is so: `=`, `<`, `<=`, `>`, `>=`, `between` or `begins_with`.

        Raises:
            RequestError: another operator, another attribute, or more than one condition for it.
        """
        sort_by = sort_condition(self.schema, self.access, self.sort_by, conditions)
        return attrs.evolve(self, sort_by=sort_by)

    def filter(self, *conditions: Condition) -> Self:
        """Return only items for which all of these hold. What is filtered out was read, and is paid for.

        Raises:
            RequestError: on a key attribute of the table or index that is queried (DynamoDB: "Filter
                Expression can only contain non-primary key attributes"); use `.sort()`. And on an attribute
                that the index does not hold.
        """
        filtered = super().filter(*conditions)
        for path in filtered.condition.paths() if filtered.condition is not None else ():
            if path.attribute in self.access.key.stored_names:
                raise RequestError(
                    f"{path} is part of the key of {self.access.name}: use sort(), not filter()"
                )
        return filtered

    def reverse(self) -> Self:
        """In descending order of the sort key; reversing twice gives the ascending order again."""
        return attrs.evolve(self, is_reversed=not self.is_reversed)

    def _key_parameters(self, placeholders: Placeholders) -> dict[str, Any]:
        condition = KeyCondition.of(self.partition, self.sort_by)
        parameters = placeholders.expression("KeyConditionExpression", condition)
        if self.is_reversed:
            parameters["ScanIndexForward"] = False
        return parameters


@attrs.frozen
class Scan(_Items[E]):
    """Every item of a table or index: reads, and costs, all of it. Lazy when iterated."""


@attrs.frozen
class Page(Generic[E_co]):
    """Items, and where the next ones begin."""

    items: tuple[E_co, ...]
    cursor: str | None
    """For `page(after=...)` of the same query; None at the end."""


@attrs.frozen
class PageRead(Operation[Page[E]], Generic[E]):
    """One page of a query or scan."""

    source: _Items[E]
    size: int
    after: str | None
    max_requests: int

    def request(self) -> Request:
        """The page's first request. It asks for one item more, to know whether there is a next page."""
        start = None if self.after is None else peek_cursor(self.after)
        return self.source.request_from(start, Limit=self.size + 1)

    def flow(self, settings: Settings) -> Flow[Page[E]]:
        """As many requests as it takes to fill the page."""
        shape = self.source.request()
        start = None if self.after is None else open_cursor(settings.cursor_key, shape, self.after)
        found = Chunk[E]([], [], start)
        limit = self.size + 1
        for _ in range(self.max_requests):
            chunk = yield from self.source.chunk(found.last_key, limit)
            found = Chunk(found.items + chunk.items, found.unreadable + chunk.unreadable, chunk.last_key)
            missing = self.size - len(found.items) - len(found.unreadable)
            if missing <= 0 or found.last_key is None:
                break
            limit = self._next_limit(limit, missing)
        return self._page(found, settings.cursor_key, shape)

    def _next_limit(self, limit: int, missing: int) -> int:
        """Without a filter, what is missing; with one, twice as much each time, to save round trips."""
        if self.source.condition is None:
            return missing + 1
        return max(limit, min(2 * limit, _MAX_FILTERED_LIMIT))

    def _page(self, found: Chunk[E], cursor_key: bytes, shape: Request) -> Page[E]:
        last_key = found.last_key
        items = found.items
        if len(items) > self.size:
            items = items[: self.size]
            last_key = self.source.last_key(items[-1][1])
        cursor = None if last_key is None else seal_cursor(cursor_key, shape, last_key)
        page = Page(tuple(entity for entity, _ in items), cursor)
        if found.unreadable:
            raise UnreadableItemsError(found.unreadable, page.items, cursor)
        return page


@attrs.frozen
class Count(Operation[int]):
    """How many items a query or scan finds."""

    source: _Items[Any]

    def request(self) -> Request:
        """The first request, which asks DynamoDB for the count alone."""
        return self.source.request_from(None, Select="COUNT")

    def flow(self, settings: Settings) -> Flow[int]:
        """One round trip a page."""
        total = 0
        request = self.request()
        while True:
            response = yield from _answer(request, self.source.schema)
            total += int(response["Count"])
            start = _last_key(response)
            if start is None:
                return total
            request = self.source.request_from(start, Select="COUNT")


def _answer(request: Request, schema: EntitySchema[Any]) -> Flow[Response]:
    """One round trip of a read. An answer that was cut to nothing must not read as the end of the table."""
    response = yield from exchange(request, schema.name)
    if "Count" not in response:  # which DynamoDB always sends
        raise UnreachableError("IncompleteBody", "the answer was cut short", request.operation)
    return response


def _last_key(response: Response) -> Item | None:
    """Where the next request begins. A transport may give binary values as text; boto3 takes bytes."""
    key: Item | None = response.get("LastEvaluatedKey")
    return None if key is None else {name: plain_binary(value) for name, value in key.items()}
