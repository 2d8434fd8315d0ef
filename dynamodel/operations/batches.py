"""Batches: any number of gets, or of puts and deletes, in as few requests as DynamoDB allows.

Guarantees: the result of a batch of gets is in the order of the input; what DynamoDB leaves unprocessed is
sent again, with growing random pauses, as long as the batch gets on; and whatever was not done in the end is
in the error, with its reason, beside what was done.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeAlias, TypeVar, cast

import attrs

from dynamodel.errors import (
    BatchGetError,
    BatchWriteError,
    DynamodelError,
    RequestError,
    ServiceError,
    UnreachableError,
)
from dynamodel.operations.base import Exchange, Settings, exchange
from dynamodel.operations.chunks import capacity_of
from dynamodel.operations.gets import Get
from dynamodel.operations.retries import MAX_ATTEMPTS, backoff, may_pass
from dynamodel.operations.several import (
    Identity,
    Reading,
    all_readable,
    first_repeated,
    identity_of,
    named,
    read_each,
)
from dynamodel.operations.writes import Delete, Put
from dynamodel.types import Flow, Item, Request, Response

if TYPE_CHECKING:
    from dynamodel.entity.schema import EntitySchema
    from dynamodel.operations.explain import Explanation

__all__ = ["BatchGet", "BatchWrite", "batch_get", "batch_write"]

R = TypeVar("R")

# AWS developer guide, Service quotas: keys of a BatchGetItem, requests of a BatchWriteItem.
MAX_KEYS = 100
MAX_WRITES = 25


@attrs.frozen(eq=False)
class _Group:
    """What the entries of a table have in common in one request."""

    table: str
    key_names: tuple[str, ...]
    settings: dict[str, Any] = attrs.field(factory=dict)
    """Of gets: `ConsistentRead`, `ProjectionExpression` and its names."""

    def identity(self, item: Item) -> Identity:
        return identity_of(self.table, self.key_names, item)


@attrs.frozen(eq=False)
class _Entry:
    """One item that a request asks for, or writes."""

    group: _Group
    identity: Identity
    entity: str
    body: dict[str, Any]
    """A key, or a `PutRequest` or `DeleteRequest`."""


Ask: TypeAlias = Callable[[list[_Entry]], Flow[set[Identity]]]
"""One round trip for these entries; gives those that were left unprocessed."""


def _send_all(entries: Iterable[_Entry], most: int, ask: Ask) -> Flow[dict[_Entry, DynamodelError | None]]:
    """Send entries, so many in a request, until all are done or nothing gets on any more.

    Returns those that were not done: with the error of their last request, or None if they were left
    unprocessed, or not sent. What is refused concerns one request; the others are sent all the same.
    """
    pending = _by_group(entries)
    failed: dict[_Entry, DynamodelError | None] = {}
    reasons: dict[_Entry, DynamodelError | None] = {}
    stalls = 0
    while taken := _take(pending, most):
        reason: DynamodelError | None = None
        try:
            unprocessed = yield from ask(taken)
            left = [entry for entry in taken if entry.identity in unprocessed]
        except DynamodelError as error:  # the transport refuses what it cannot send
            if not (isinstance(error, ServiceError) and may_pass(error)):
                failed.update(dict.fromkeys(taken, error))
                continue
            left, reason = taken, error
        reasons.update(dict.fromkeys(left, reason))
        stalls = stalls + 1 if len(left) == len(taken) else 0
        for entry in left:
            pending[entry.group].append(entry)
        if stalls == MAX_ATTEMPTS:
            failed.update((entry, reasons.get(entry)) for waiting in pending.values() for entry in waiting)
            break
        if left:
            yield backoff(stalls)
    return failed


def _by_group(entries: Iterable[_Entry]) -> dict[_Group, deque[_Entry]]:
    pending: dict[_Group, deque[_Entry]] = {}
    for entry in entries:
        pending.setdefault(entry.group, deque()).append(entry)
    return pending


def _take(pending: dict[_Group, deque[_Entry]], most: int) -> list[_Entry]:
    """The entries of the next request: of each table, those of one group."""
    taken: list[_Entry] = []
    tables: set[str] = set()
    for group, waiting in pending.items():
        if waiting and group.table not in tables:
            tables.add(group.table)
            taken += [waiting.popleft() for _ in range(min(len(waiting), most - len(taken)))]
    return taken


def _first_request(name: str, entries: Iterable[_Entry], most: int) -> list[_Entry]:
    taken = _take(_by_group(entries), most)
    if not taken:
        raise RequestError(f"{name}() of nothing sends nothing")
    return taken


def _request_count(entries: Iterable[_Entry], most: int) -> int:
    pending = _by_group(entries)
    count = 0
    while _take(pending, most):
        count += 1
    return count


def _answer(request: Request, taken: list[_Entry], part: str) -> Flow[Response]:
    """One round trip. An answer that was cut must not read as if all was done."""
    response = yield from exchange(request, named(entry.entity for entry in taken))
    if part not in response:  # which DynamoDB always sends
        raise UnreachableError("IncompleteBody", "the answer was cut short", request.operation)
    return response


# --- gets ---


@attrs.frozen
class BatchGet(Exchange[list[R]], Generic[R]):
    """Gets of any number of items; made by `batch_get`."""

    gets: tuple[Get[Any], ...]

    @property
    def max_requests(self) -> int:
        """One for 100 keys, or fewer: tables and kinds of gets differ."""
        return _request_count(dict.fromkeys(self._entries()), MAX_KEYS)

    def explain(self) -> Explanation:
        """What its requests ask for, and the first of them."""
        return super().explain().about(len(dict.fromkeys(self._entries())))

    def request(self) -> Request:
        """The first `BatchGetItem` request.

        Raises:
            RequestError: there is nothing to get.
        """
        entries = dict.fromkeys(self._entries())
        return _get_request(_first_request("batch_get", entries, MAX_KEYS))

    def flow(self, settings: Settings) -> Flow[list[R]]:
        """One round trip for 100 keys, or fewer: tables and kinds of gets differ."""
        return (yield from self.metered(None))

    def metered(self, units: list[float | None] | None) -> Flow[list[R]]:
        """The same; unless it is None, the list gets the read capacity units of each request."""
        entries = self._entries()
        found: dict[_Entry, Item] = {}
        failed = yield from _send_all(
            dict.fromkeys(entries), MAX_KEYS, lambda taken: _ask_for(taken, found, units)
        )
        results = read_each(self.gets, [found.get(entry) for entry in entries])
        if failed:
            unread = [(get, entry) for get, entry in zip(self.gets, entries, strict=True) if entry in failed]
            reasons = [failed[entry] for _, entry in unread]
            error = BatchGetError(results, [get for get, _ in unread], reasons)
            error.entity = named(get.schema.name for get, _ in unread)
            raise error from next(filter(None, reasons), None)
        return all_readable(results)

    def _entries(self) -> list[_Entry]:
        """For each get its entry; gets of the same item, read in the same way, have the same one."""
        groups: dict[tuple[str, str], _Group] = {}
        entries: dict[tuple[_Group, Identity], _Entry] = {}
        chosen: list[_Entry] = []
        for get in self.gets:
            group = _group_of(get, groups)
            identity = group.identity(get.key)
            entry = entries.setdefault((group, identity), _Entry(group, identity, get.schema.name, get.key))
            chosen.append(entry)
        return chosen


def _ask_for(
    taken: list[_Entry], found: dict[_Entry, Item], units: list[float | None] | None
) -> Flow[set[Identity]]:
    """One round trip; adds the items that came to those that were found."""
    request = _get_request(taken)
    if units is not None:
        request = Request(request.operation, {**request.parameters, "ReturnConsumedCapacity": "TOTAL"})
    response = yield from _answer(request, taken, "Responses")
    if units is not None:
        units.append(capacity_of(response))
    asked = {entry.identity: entry for entry in taken}
    groups = {entry.group.table: entry.group for entry in taken}
    for table, items in response["Responses"].items():
        found.update((asked[groups[table].identity(item)], item) for item in items)
    return {
        groups[table].identity(key)
        for table, left in response.get("UnprocessedKeys", {}).items()
        for key in left["Keys"]
    }


def _group_of(get: Get[Any], groups: dict[tuple[str, str], _Group]) -> _Group:
    """A request reads all keys of a table with one consistency and one projection (`KeysAndAttributes`)."""
    table = get.schema.table.name
    parameters = get.request().parameters
    settings = {name: value for name, value in parameters.items() if name not in {"TableName", "Key"}}
    group = _Group(table, get.schema.primary.key.stored_names, settings)
    return groups.setdefault((table, repr(settings)), group)


def _get_request(taken: list[_Entry]) -> Request:
    tables: dict[str, dict[str, Any]] = {}
    for entry in taken:
        asked = tables.setdefault(entry.group.table, {"Keys": [], **entry.group.settings})
        asked["Keys"].append(dict(entry.body))
    return Request("BatchGetItem", {"RequestItems": tables})


def batch_get(*gets: Reading[R]) -> BatchGet[R]:
    """Reads any number of items, of any entities and tables, in as few requests as possible.

    The result is a list in the order of the gets: the entity, or None for an absent item. Gets of the same
    item are sent once, and answered at each place. Running it raises

    - `BatchGetError` if items could not be read in the end;
    - `UnreadableItemsError` if items do not fit their entities.

    Both have what was read at each place.

    Args:
        gets: what to read; each may be `consistent()` or have its projection.

    Raises:
        RequestError: something is no get.
    """
    for position, get in enumerate(gets):
        if not isinstance(get, Get):
            raise RequestError(f"batch_get(): operation {position} is no get, but {type(get).__name__}")
    return BatchGet(cast("tuple[Get[Any], ...]", gets))


# --- writes ---


@attrs.frozen
class BatchWrite(Exchange[None]):
    """Puts and deletes of any number of items; made by `batch_write`."""

    writes: tuple[Put[Any, Any] | Delete[Any, Any], ...]

    @property
    def max_requests(self) -> int | None:
        """One for 25 writes, and those of the writes that are sent by themselves."""
        entries = self._entries()
        alone = [write.max_requests for n, write in enumerate(self.writes) if n not in entries]
        return _request_count(entries.values(), MAX_WRITES) + sum(count or 0 for count in alone)

    def explain(self) -> Explanation:
        """What its requests write, and the first of them."""
        return super().explain().about(len(self.writes))

    def request(self) -> Request:
        """The first request: a `BatchWriteItem`, or that of a write that has to be sent by itself.

        Raises:
            RequestError: there is nothing to write.
        """
        entries = self._entries()
        if self.writes and not entries:
            return self.writes[0].request()
        return _write_request(_first_request("batch_write", entries.values(), MAX_WRITES))

    def flow(self, settings: Settings) -> Flow[None]:
        """One round trip for 25 writes; one or more for each of those that are sent by themselves."""
        entries = self._entries()
        failed: dict[int, DynamodelError | None] = {}
        not_done = yield from _send_all(entries.values(), MAX_WRITES, _write)
        for position, entry in entries.items():
            if entry in not_done:
                failed[position] = not_done[entry]
            else:
                self.writes[position].settle()
        for position, write in enumerate(self.writes):
            if position not in entries:
                try:
                    yield from write.flow(settings)
                except DynamodelError as error:
                    failed[position] = error
        if failed:
            self._raise(dict(sorted(failed.items())))

    def _raise(self, failed: dict[int, DynamodelError | None]) -> NoReturn:
        reasons = list(failed.values())
        unwritten = [self.writes[position] for position in failed]
        error = BatchWriteError(unwritten, reasons)
        error.entity = named(write.schema.name for write in unwritten)
        raise error from next(filter(None, reasons), None)

    def _entries(self) -> dict[int, _Entry]:
        """By their positions, the writes that BatchWriteItem can do."""
        groups: dict[str, _Group] = {}
        entries: dict[int, _Entry] = {}
        for position, write in enumerate(self.writes):
            if not _is_conditional(write):
                table, *_ = _place(write.schema)
                group = groups.setdefault(table, _Group(*_place(write.schema)))
                parameters = write.parameters()
                body = {name: value for name, value in parameters.items() if name != "TableName"}
                identity, request = group.identity(write.key), {f"{write.kind}Request": body}
                entries[position] = _Entry(group, identity, write.schema.name, request)
        return entries


def _write(taken: list[_Entry]) -> Flow[set[Identity]]:
    """One round trip."""
    response = yield from _answer(_write_request(taken), taken, "UnprocessedItems")
    groups = {entry.group.table: entry.group for entry in taken}
    return {
        groups[table].identity(_written(body))
        for table, left in response["UnprocessedItems"].items()
        for body in left
    }


def _place(schema: EntitySchema[Any]) -> tuple[str, tuple[str, ...]]:
    return schema.table.name, schema.primary.key.stored_names


def _written(body: dict[str, Any]) -> Item:
    [request] = body.values()
    [item_or_key] = request.values()
    found: Item = item_or_key
    return found


def _is_conditional(write: Put[Any, Any] | Delete[Any, Any]) -> bool:
    """It depends on what is stored (a version, unique values), for which BatchWriteItem has no conditions."""
    return write.lock is not None or bool(write.schema.uniques)


def _write_request(taken: Sequence[_Entry]) -> Request:
    tables: dict[str, list[dict[str, Any]]] = {}
    for entry in taken:
        tables.setdefault(entry.group.table, []).append(dict(entry.body))
    return Request("BatchWriteItem", {"RequestItems": tables})


def batch_write(*writes: Put[Any, None] | Delete[Any, None]) -> BatchWrite:
    """Puts and deletes any number of items, of any entities and tables, in as few requests as possible.

    It is no transaction: if some writes fail, the others are done all the same, in no certain order. Running
    it raises `BatchWriteError` then, which has the writes that were not done.

    Writes of entities with a version or with unique values are sent one by one, since BatchWriteItem has no
    conditions.

    Args:
        writes: puts and deletes of distinct items, without conditions.

    Raises:
        RequestError: another operation, one with a condition or a result, or two on the same item.
    """
    for position, write in enumerate(writes):
        refused = _why_refused(write)
        if refused:
            raise RequestError(f"batch_write(): operation {position} {refused}")
    repeated = first_repeated(identity_of(*_place(write.schema), write.key) for write in writes)
    if repeated is not None:
        first, second = repeated
        raise RequestError(
            f"batch_write(): operations {first} and {second}, counted from 0, write the same item, and a "
            "batch has no order: keep the one that is meant"
        )
    return BatchWrite(writes)


def _why_refused(write: object) -> str:
    """What a batch cannot do of it; empty if it can."""
    if not isinstance(write, Put | Delete):
        return f"is {type(write).__name__}; a batch takes puts and deletes, transaction() takes all writes"
    if write.condition is not None:
        return f"({write.schema.name}) has a condition, which a batch cannot check: use transaction()"
    if write.return_values != "NONE":
        return f"({write.schema.name}) returns something, which a batch cannot: run it alone"
    return ""
