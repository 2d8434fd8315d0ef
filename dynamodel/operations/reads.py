"""Operations on many items: query and scan. A client makes lazy results of their chunks.

What is specific to one entity is in `entity`, `_filter()` and `_decoder()`, so that a read of several
entities overrides these.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from dynamodel.entity.access import AccessPath, BuiltKey
from dynamodel.entity.schema import EntitySchema
from dynamodel.errors import CursorError, RequestError, UnreadableItemError
from dynamodel.expressions.nodes import Condition, Predicate
from dynamodel.expressions.placeholders import Placeholders
from dynamodel.operations.base import Operation, both, joined, shown_name
from dynamodel.operations.caps import MAX_PAGE_REQUESTS, Caps
from dynamodel.operations.chunks import Chunk, answer, capacity_of, last_key_of, total_capacity
from dynamodel.operations.key_conditions import key_condition, sort_predicates
from dynamodel.operations.ownership import has_own_key, holds_discriminator, is_mixed, own_condition_of
from dynamodel.operations.projections import Projected, projected, require_held
from dynamodel.operations.results import Results
from dynamodel.types import Flow, Item, Request

if TYPE_CHECKING:
    from typing import Self

    from dynamodel.expressions.path import Path
    from dynamodel.operations.pages import Count, PageRead
    from dynamodel.operations.parallel import ParallelScan

__all__ = ["Items", "Query", "Scan"]

E = TypeVar("E")

_CONTENT: dict[str, type] = {"S": str, "N": str, "B": bytes}
"""What an AttributeValue of a key holds."""


@attrs.frozen(eq=False, repr=False)
class Items(Operation[Results[E]], Generic[E]):
    """What query and scan have in common: a client makes lazy results of their chunks."""

    schema: EntitySchema[E] = attrs.field(repr=shown_name)
    access: AccessPath = attrs.field(repr=shown_name)
    condition: Condition | None = attrs.field(default=None, kw_only=True)
    projection: Projected | None = attrs.field(default=None, kw_only=True)
    is_consistent: bool = attrs.field(default=False, kw_only=True)
    is_hydrated: bool = attrs.field(default=False, kw_only=True)
    caps: Caps = attrs.field(default=Caps(), kw_only=True)

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

    def hydrate(self) -> Self:
        """Read the whole items, where an index holds only parts of them: one more batch of gets a page.

        The gets are consistent. Items that were deleted since are left out. `project` has no effect then.
        """
        return attrs.evolve(self, is_hydrated=True)

    def consistent(self) -> Self:
        """Read what was last written, at twice the read capacity. Not on a global index.

        Raises:
            RequestError: on a global index (DynamoDB: "Consistent reads are not supported on global
                secondary indexes").
        """
        if self.access.is_global:
            raise RequestError(f"{self.access.name}: a global index has no consistent reads")
        return attrs.evolve(self, is_consistent=True)

    def cap(self, *, pages: int | None = None, items: int | None = None) -> Self:
        """Let an iteration, or a count, go through more; or stop it earlier.

        An iteration that comes to a cap before the end raises `ReadCapError`, after the last item that
        the caps allow. A page has a budget of its own, `max_requests`.

        Args:
            pages: the most requests, of up to 1 MB each; 1,000 unless told otherwise. Of a count, too.
            items: the most items, after the filter; 1,000,000 unless told otherwise.

        Raises:
            RequestError: a cap below 1.
        """
        return attrs.evolve(self, caps=self.caps.changed(pages, items))

    def page(
        self,
        *,
        size: int,
        after: str | None = None,
        max_requests: int = MAX_PAGE_REQUESTS,
        context: str | None = None,
    ) -> PageRead[E]:
        """Exactly `size` items, if there are so many, and the cursor of what follows.

        Without a filter the cursor is None exactly at the end. With one, the page ends with its last
        item, without a search for one match more: the page behind it may be empty.

        Args:
            size: items of the page, 1 or more. An item that does not fit its entity counts as one.
            after: the cursor of the page before.
            max_requests: how many requests the page may take; when they are spent, the page is shorter
                than `size`, or full without knowing what follows, and has a cursor.
            context: whom the page is for, such as a tenant's name. A cursor that was made with another
                context, or with none, is refused.

        Raises:
            RequestError: `size` or `max_requests` is below 1, or `context` is no text.
            CursorError: `after` is no cursor; one of another query is refused when it is run.
        """
        from dynamodel.operations.pages import page_of  # noqa: PLC0415 - for programs with pages

        return page_of(self, size, after, max_requests, context)

    def count(self) -> Count:
        """How many items there are, over all pages. Reads, and costs, as much as reading them.

        Raises:
            RequestError: the index mixes entities, and does not hold what tells them apart.
        """
        if self._meets_others() and not holds_discriminator(self.schema, self.access):
            raise RequestError(
                f"{self.access.name}: the index does not tell whose an item is, so none is counted"
            )
        from dynamodel.operations.pages import Count  # noqa: PLC0415 - for programs that count

        return Count(self)

    @property
    def max_requests(self) -> int | None:
        """The page cap; None where whole items are read as well, in as many requests as they take."""
        return None if self.is_hydrated else self.caps.pages

    @property
    def drops_items(self) -> bool:
        """Whether some of the items that DynamoDB returns do not count."""
        others = self._meets_others() and not holds_discriminator(self.schema, self.access)
        return self.is_hydrated or others

    @property
    def is_filtered(self) -> bool:
        """Whether DynamoDB leaves out some of the items that it reads."""
        return self._filter() is not None

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
        condition = self._filter()
        if condition is not None:
            parameters |= placeholders.expression("FilterExpression", condition)
        if self.projection is not None and "Select" not in more:
            parameters |= self.projection.parameters(placeholders)
        if self.is_consistent:
            parameters["ConsistentRead"] = True
        parameters |= placeholders.parameters() | more
        if start is not None:
            parameters["ExclusiveStartKey"] = start
        return Request(self._operation(), parameters)

    def chunk(self, start: Item | None, **more: Any) -> Flow[Chunk[E]]:
        """One request's items."""
        response = yield from answer(self.request_from(start, **more), self.entity)
        items = self._own(response["Items"])
        consumed = [capacity_of(response)]
        if self.is_hydrated:
            from dynamodel.operations.hydrate import whole_items  # noqa: PLC0415 - for programs that hydrate

            units = consumed if "ReturnConsumedCapacity" in more else None
            entries = yield from whole_items(self.schema, items, units)
        else:
            entries = self._read(items)
        scanned = int(response.get("ScannedCount", response["Count"]))
        return Chunk(entries, last_key_of(response), scanned, total_capacity(consumed))

    def _read(self, items: list[Item]) -> list[tuple[E | UnreadableItemError, Item]]:
        decode = self._decoder()
        entries: list[tuple[E | UnreadableItemError, Item]] = []
        for item in items:
            try:
                entries.append((decode(item), item))
            except UnreadableItemError as error:
                entries.append((error, item))
        return entries

    def last_key(self, item: Item) -> Item:
        """The key from which a later request goes on behind this item."""
        return {name: item[name] for name in self._key_types()}

    def check_start(self, key: Item) -> None:
        """Refuse a key that is not exactly one of the table (and of the index).

        Raises:
            CursorError: of whose cursor it was.
        """
        found = {name: {tag: type(text) for tag, text in value.items()} for name, value in key.items()}
        if found != {name: {tag: _CONTENT[tag]} for name, tag in self._key_types().items()}:
            raise CursorError(f"the cursor does not hold a key of {self.access.name}")

    def _key_types(self) -> dict[str, str]:
        """The attributes of the table's key and of the index's, with their types."""
        types: dict[str, str] = {}
        for key in (self.schema.primary.key, self.access.key):
            for side in (key.partition, key.sort):
                if isinstance(side, BuiltKey):
                    types[side.name] = "S"
                else:
                    for codec in side.fields:
                        [types[codec.field.stored_name]] = codec.value.types - {"NULL"}
        return types

    # --- what is specific to one entity ---

    @property
    def entity(self) -> str:
        """The entity's name, for messages."""
        return self.schema.name

    def _filter(self) -> Condition | None:
        """What DynamoDB filters by: the user's condition; and whose the items are, where others are met."""
        if self._meets_others() and holds_discriminator(self.schema, self.access):
            return both(self.condition, own_condition_of(self.schema))
        return self.condition

    def _own(self, items: list[Item]) -> list[Item]:
        """The entity's own items, of an index that does not tell DynamoDB whose they are."""
        if not self._meets_others() or holds_discriminator(self.schema, self.access):
            return items
        return [item for item in items if has_own_key(self.schema, item)]

    def _decoder(self) -> Callable[[Item], E]:
        """What makes an entity of an item, or raises `UnreadableItemError`; made once for each chunk."""
        wanted = self.projection.wanted if self.projection else self.schema.loaded_names(self.access)
        return self.schema.decoder(self.access, wanted)

    # --- what a query and a scan differ in ---

    @abstractmethod
    def _meets_others(self) -> bool:
        """Whether it reads items of other entities, too."""

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

    def _meets_others(self) -> bool:
        return is_mixed(self.schema, self.access)

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

    def parallel(
        self,
        *,
        segments: int,
        after: str | None = None,
        progress: Callable[[int], object] | None = None,
    ) -> ParallelScan[E]:
        """The same items, read in several segments at once. It is as dear, and faster.

        Args:
            segments: into how many parts DynamoDB divides the table or index, 1 to 1,000,000. At most 32
                of them are read at a time.
            after: the state of an earlier run with as many segments, which this one continues.
            progress: is called after each request, once its items were handed out, in the thread that
                iterates, with the number of items that were read so far, before the filter.

        Raises:
            RequestError: a number of segments that DynamoDB does not take.
            CursorError: `after` is no state; one of another scan is refused when it is run.
        """
        from dynamodel.operations.parallel import parallel_scan  # noqa: PLC0415 - for programs that scan so

        return parallel_scan(self, segments, after, progress)

    def _meets_others(self) -> bool:
        return bool(self.schema.discriminator)

    def _operation(self) -> str:
        return "Scan"

    def _key_parameters(self, placeholders: Placeholders) -> dict[str, Any]:
        return {}
