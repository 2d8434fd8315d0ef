"""Operations on many items: query and scan; their pages, their counts and their lazy results."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from dynamodel.attribute_value.binary import plain_binary
from dynamodel.entity.access import AccessPath
from dynamodel.entity.schema import EntitySchema
from dynamodel.errors import RequestError, UnreachableError, UnreadableItemError, UnreadableItemsError
from dynamodel.expressions.nodes import Condition, Predicate
from dynamodel.expressions.placeholders import Placeholders
from dynamodel.operations.base import Exchange, Operation, Settings, exchange, joined, shown_name
from dynamodel.operations.cursors import open_cursor, peek_cursor, seal_cursor
from dynamodel.operations.key_conditions import key_condition, sort_predicates
from dynamodel.operations.projections import Projected, projected, require_held
from dynamodel.operations.results import Chunk, Results, readable_first
from dynamodel.types import Flow, Item, Request, Response

if TYPE_CHECKING:
    from typing import Self

    from dynamodel.expressions.path import Path

__all__ = ["Count", "Items", "Page", "PageRead", "Query", "Results", "Scan"]

E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)

MAX_PAGE_REQUESTS = 100
"""How many requests one page may take unless told otherwise; each reads up to 1 MB before the filter."""

_MAX_FILTERED_LIMIT = 1000


@attrs.frozen
class Items(Operation["Results[E]"], Generic[E]):
    """What query and scan have in common: a client makes lazy results of their chunks."""

    schema: EntitySchema[E] = attrs.field(repr=shown_name)
    access: AccessPath = attrs.field(repr=shown_name)
    condition: Condition | None = attrs.field(default=None, kw_only=True)
    projection: Projected | None = attrs.field(default=None, kw_only=True)
    is_consistent: bool = attrs.field(default=False, kw_only=True)

    def filter(self, *conditions: Condition) -> Self:
        """Return only items for which all of these hold. What is filtered out was read, and is paid for.

        Raises:
            RequestError: on an attribute that the index does not hold (DynamoDB: "Secondary index ... does
                not project one or more filter attributes"; for a Scan, it takes it for absent).
        """
        condition = joined(self.schema, self.condition, conditions)
        if condition is not None:
            require_held(self.schema, self.access, condition.paths())
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

        Without a filter the cursor is None exactly at the end. With one, the page ends with its last
        item, without a search for one match more: the page behind it may be empty.

        Args:
            size: items of the page, 1 or more. An item that does not fit its entity counts as one.
            after: the cursor of the page before.
            max_requests: how many requests the page may take; when they are spent, the page is shorter
                than `size`, or full without knowing what follows, and has a cursor.

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
        return Request(self._operation(), parameters)

    def chunk(self, start: Item | None, limit: int | None = None) -> Flow[Chunk[E]]:
        """One request's items."""
        more = {} if limit is None else {"Limit": limit}
        response = yield from _answer(self.request_from(start, **more), self.schema)
        decode = self._decoder()
        entries: list[tuple[E | UnreadableItemError, Item]] = []
        for item in response["Items"]:
            try:
                entries.append((decode(item), item))
            except UnreadableItemError as error:
                entries.append((error, item))
        return Chunk(entries, _last_key(response))

    def last_key(self, item: Item) -> Item:
        """The key from which a later request goes on behind this item."""
        names = (*self.schema.primary.key.stored_names, *self.access.key.stored_names)
        return {name: item[name] for name in names}

    def _decoder(self) -> Callable[[Item], E]:
        wanted = self.projection.wanted if self.projection else self.schema.loaded_names(self.access)
        if wanted is None:
            return self.schema.codec.decode
        return lambda item: self.schema.codec.decode_partial(item, wanted)

    @abstractmethod
    def _operation(self) -> str:
        """The API operation's name."""

    @abstractmethod
    def _key_parameters(self, placeholders: Placeholders) -> dict[str, Any]:
        """Which keys are read, and in which order."""


@attrs.frozen
class Query(Items[E]):
    """The items of one partition key, in the order of the sort key; lazy when iterated."""

    partition: Item = attrs.field(repr=False)
    sort_by: tuple[Predicate, ...] = attrs.field(default=(), kw_only=True)
    is_reversed: bool = attrs.field(default=False, kw_only=True)

    def sort(self, *conditions: Condition) -> Self:
        """Only the items whose sort key is so: `=`, `<`, `<=`, `>`, `>=`, `between` or `begins_with`.

        Raises:
            RequestError: another operator, another attribute, or more than one condition for it.
        """
        sort_by = sort_predicates(self.schema, self.access, self.sort_by, conditions)
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

    def _operation(self) -> str:
        return "Query"

    def _key_parameters(self, placeholders: Placeholders) -> dict[str, Any]:
        condition = key_condition(self.access, self.partition, self.sort_by)
        parameters = placeholders.expression("KeyConditionExpression", condition)
        if self.is_reversed:
            parameters["ScanIndexForward"] = False
        return parameters


@attrs.frozen
class Scan(Items[E]):
    """Every item of a table or index: reads, and costs, all of it. Lazy when iterated."""

    def _operation(self) -> str:
        return "Scan"

    def _key_parameters(self, placeholders: Placeholders) -> dict[str, Any]:
        return {}


@attrs.frozen
class Page(Generic[E_co]):
    """Items, and where the next ones begin."""

    items: tuple[E_co, ...]
    cursor: str | None
    """For `page(after=...)` of the same query; None at the end. See `Query.page`."""


@attrs.frozen
class PageRead(Exchange[Page[E]], Generic[E]):
    """One page of a query or scan."""

    source: Items[E]
    size: int
    after: str | None = attrs.field(repr=False)  # has the last key of a page in it
    max_requests: int

    def request(self) -> Request:
        """The page's first request. It asks for one item more, to learn whether there is a next page."""
        start = None if self.after is None else peek_cursor(self.after)
        return self.source.request_from(start, Limit=self.size + 1)

    def flow(self, settings: Settings) -> Flow[Page[E]]:
        """As many requests as it takes to fill the page."""
        shape = self.source.request()
        start = None if self.after is None else open_cursor(settings.cursor_key, shape, self.after)
        entries: list[tuple[E | UnreadableItemError, Item]] = []
        limit = self.size + 1
        for _ in range(self.max_requests):
            chunk = yield from self.source.chunk(start, limit)
            entries += chunk.entries
            start = chunk.last_key
            missing = self._needed - len(entries)
            if missing <= 0 or start is None:
                break
            limit = self._next_limit(limit, missing)
        kept = entries[: self.size]
        if len(kept) < len(entries):
            start = self.source.last_key(kept[-1][1])
        cursor = None if start is None else seal_cursor(settings.cursor_key, shape, start)
        return _page([entry for entry, _ in kept], cursor)

    @property
    def _needed(self) -> int:
        """How many items are read: without a filter, one more tells whether there is a next page.

        With a filter, the search for one match more could read as much as `max_requests` allow.
        """
        return self.size + 1 if self.source.condition is None else self.size

    def _next_limit(self, limit: int, missing: int) -> int:
        """Without a filter, what is missing; with one, twice as much each time, to save round trips."""
        if self.source.condition is None:
            return missing
        return max(limit, min(2 * limit, _MAX_FILTERED_LIMIT))


def _page(entries: list[E | UnreadableItemError], cursor: str | None) -> Page[E]:
    items, unreadable = readable_first(entries)
    if unreadable:
        raise UnreadableItemsError(unreadable, items, cursor)
    return Page(tuple(items), cursor)


@attrs.frozen
class Count(Exchange[int]):
    """How many items a query or scan finds."""

    source: Items[Any]

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
