"""Handlers of a table's stream: the changes of entities, typed.

```
@on_change(CastMember, patterns=[Movie.by_id.update])
def count_cast(change: Change[CastMember], context: LambdaContext) -> None:
    match change:
        case Inserted(new=member): ...
        case Removed(old=member): ...
        case Modified(old=before, new=after): ...
```

Guarantees: the changes of one item come in their order; after a change that fails none is run until Lambda
delivers that one again; a change of an item that nobody declared is not passed over without a word. It needs
Powertools (the extra `lambda`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import attrs

from dynamodel.aws_lambda.batches import OrderedHandler
from dynamodel.aws_lambda.changes import Change, Inserted, Modified, Removed, UnknownRecord
from dynamodel.aws_lambda.context import LambdaContext
from dynamodel.aws_lambda.event_errors import UnknownItemError
from dynamodel.aws_lambda.event_records import EventRecord
from dynamodel.aws_lambda.handlers import require_plain
from dynamodel.aws_lambda.idempotency_records import IDEMPOTENCY_TAG
from dynamodel.aws_lambda.stream_records import StreamRecord, read_record
from dynamodel.entity.schema import EntitySchema, schema_of
from dynamodel.entity.uniques import CLAIM_TAG
from dynamodel.errors import DeclarationError, Fault
from dynamodel.keys import DELIMITER
from dynamodel.model.entity import Entity
from dynamodel.operations.ownership import has_own_key
from dynamodel.schema.settings import StreamViewType

if TYPE_CHECKING:
    from dynamodel.aws_lambda.idempotency import IdempotencyStore
    from dynamodel.operations.patterns import Pattern
    from dynamodel.schema.contribution import EntityContribution
    from dynamodel.schema.table import Table
    from dynamodel.types import Item

__all__ = [
    "Change",
    "ChangeFunction",
    "ChangeHandler",
    "Inserted",
    "Modified",
    "Removed",
    "UnknownFunction",
    "UnknownRecord",
    "on_change",
]

E = TypeVar("E", bound=Entity)

ChangeFunction: TypeAlias = Callable[[Change[E], LambdaContext], object]
"""What gets the changes of an entity; what it returns is not used."""

UnknownFunction: TypeAlias = Callable[[UnknownRecord, LambdaContext], object]
"""What gets the changes of items that no declared entity has."""

_OUR_TAGS = (CLAIM_TAG, IDEMPOTENCY_TAG)
"""The tags of what dynamodel itself keeps in a table: claims of unique values, records of what was done."""


@attrs.frozen
class _Route:
    """An entity and the function that gets its changes."""

    schema: EntitySchema[Any]
    function: ChangeFunction[Any]


class ChangeHandler(OrderedHandler):
    """The handler of a table's stream; made by `on_change`."""

    event_source = "aws:dynamodb"

    def __init__(
        self,
        entity: type[E],
        function: ChangeFunction[E],
        patterns: Sequence[Pattern],
        store: IdempotencyStore | None,
    ) -> None:
        super().__init__(function, patterns, store)
        self.table: Table = schema_of(entity).table
        """The table whose changes it gets."""
        self._routes = [_Route(schema_of(entity), function)]
        self._unknown: UnknownFunction | None = None

    def on_change(self, entity: type[E]) -> Callable[[ChangeFunction[E]], ChangeFunction[E]]:
        """Declares what gets the changes of another entity of the same table; the function stays as it is.

        Args:
            entity: the entity.

        Raises:
            DeclarationError: it is of another table, or its items cannot be told from those of an entity
                that the handler gets already.
        """
        schema = schema_of(entity)
        _require(self.table, schema, [route.schema for route in self._routes])

        def made(function: ChangeFunction[E]) -> ChangeFunction[E]:
            require_plain(function)
            self._routes.append(_Route(schema, function))
            return function

        return made

    def on_unknown(self, function: UnknownFunction) -> UnknownFunction:
        """Declares what gets the changes of items that no declared entity has; it stays as it is.

        Without, such a change fails, and the stream does not go on before it has expired or is sent to the
        event source's on-failure destination.
        """
        require_plain(function)
        self._unknown = function
        return function

    def identifier(self, record: EventRecord) -> object:
        """The sequence number."""
        return record["dynamodb"]["SequenceNumber"]

    def run(self, record: EventRecord, context: LambdaContext) -> None:
        """Hand a change to the functions that it is for."""
        change = read_record(record)
        calls = self._calls(change, context)
        if calls:
            self.once(change.event_id, _call_all, calls)

    def name_of(self, record: EventRecord) -> str:
        """The record's number, with the entity if it is one."""
        name = f"change {self.identifier(record)} of {self.table.place}"
        try:
            images = read_record(record).images
            owners = {route.schema.name for image in images for route in self._routes_of(image)}
        except Exception:  # a malformed record: it fails for that very reason
            return name
        return f"{name} ({', '.join(sorted(owners))})" if owners else name

    # --- whose change it is ---

    def _calls(self, record: StreamRecord, context: LambdaContext) -> list[Callable[[], object]]:
        """What is to be called for a change: nothing for an item that the handler did not ask for.

        An item that becomes an entity's, such as by getting its discriminator, is inserted for that entity;
        one that ceases to be one is removed for it.
        """
        old = [] if record.old_item is None else self._routes_of(record.old_item)
        new = [] if record.new_item is None else self._routes_of(record.new_item)
        if not old and not new and not any(map(self._is_known, record.images)):
            return [self._unknown_call(record, context)]
        routes = dict.fromkeys((*old, *new))
        return [
            partial(route.function, _change(route.schema, record, route in old, route in new), context)
            for route in routes
        ]

    def _routes_of(self, image: Item) -> list[_Route]:
        return [route for route in self._routes if _owns(route.schema, image)]

    def _is_known(self, image: Item) -> bool:
        """Whether it is of a declared entity, or of what dynamodel keeps itself."""
        table = self.table
        return _is_ours(table, image) or any(_has_kind(table, each, image) for each in table.contributions)

    def _unknown_call(self, record: StreamRecord, context: LambdaContext) -> Callable[[], object]:
        if self._unknown is None:
            raise UnknownItemError(
                f"a change of an item of {self.table.place} that no entity declares which this program "
                "imports: import the module that declares it, or give the handler a function for such items: "
                "@handler.on_unknown"
            )
        return partial(self._unknown, record.with_bytes(), context)


def on_change(
    entity: type[E], *, patterns: Sequence[Pattern] = (), store: IdempotencyStore | None = None
) -> Callable[[ChangeFunction[E]], ChangeHandler]:
    """Makes a handler of a function that gets the changes of an entity.

    The handler has methods for more: `@handler.on_change(Thread)` for another entity of the table,
    `@handler.on_unknown` for items that no declared entity has. Changes of entities that are declared but not
    asked for are passed over.

    Lambda delivers each change at least once. The handler answers with the first that failed, from which on
    Lambda delivers the changes again, so the event source needs `partial_batch_responses`.

    Args:
        entity: whose changes the function gets.
        patterns: the operations that it runs: see `LambdaHandler`; those of the store are added.
        store: keeps what was done, so that a change that is delivered again is not done again. In the same
            table its records are changes, too, which the handler passes over; a table of its own saves the
            invocations.

    Raises:
        DeclarationError: the table has no stream that carries the old and the new images.
    """
    schema = schema_of(entity)
    _require(schema.table, schema, [])

    def made(function: ChangeFunction[E]) -> ChangeHandler:
        return ChangeHandler(entity, function, patterns, store)

    return made


def _require(table: Table, schema: EntitySchema[Any], others: Sequence[EntitySchema[Any]]) -> None:
    place, faults = f"on_change({schema.name})", []
    if schema.table is not table:
        rule = f"a handler gets the changes of one table, {table.place}; {schema.name} is in another one"
        faults.append(Fault(place, rule))
    elif table.settings.stream is not StreamViewType.NEW_AND_OLD_IMAGES:
        rule = (
            f"{table.place} needs a stream that carries both images: stream=StreamViewType.NEW_AND_OLD_IMAGES"
        )
        faults.append(Fault(place, rule))
    for other in others:
        if other.cls is schema.cls:
            faults.append(Fault(place, "the handler has a function for this entity already"))
        elif schema.table is table and not schema.discriminator and not schema.primary.key.built:
            rule = f"nothing tells its items from those of {other.name}: give the table a discriminator="
            faults.append(Fault(place, rule))
    if faults:
        raise DeclarationError(faults)


def _call_all(calls: Sequence[Callable[[], object]]) -> None:
    for call in calls:
        call()


def _change(schema: EntitySchema[E], record: StreamRecord, had: bool, has: bool) -> Change[E]:
    """The change as the entity sees it: whether the item was one of its own, and is one."""
    old = schema.decode(record.old_item) if had and record.old_item is not None else None
    new = schema.decode(record.new_item) if has and record.new_item is not None else None
    if new is None:
        assert old is not None  # it is a change of the entity, since one of the images is its own
        return Removed(schema=schema, record=record, old=old)
    if old is None:
        return Inserted(schema=schema, record=record, new=new)
    return Modified(schema=schema, record=record, old=old, new=new)


def _owns(schema: EntitySchema[Any], image: Item) -> bool:
    return schema.owns(image) if schema.discriminator else has_own_key(schema, image)


def _has_kind(table: Table, entity: EntityContribution, image: Item) -> bool:
    """Whether an item is one of a declared entity, which the program may know by its declaration only."""
    if table.discriminator is not None:
        return image.get(table.discriminator) == {"S": entity.discriminator}
    names = [attribute.name for attribute in entity.key.attributes if attribute.name in entity.templates]
    return all(entity.templates[name].parse(image[name]["S"]) is not None for name in names)


def _is_ours(table: Table, image: Item) -> bool:
    if table.discriminator is not None:
        return any(image.get(table.discriminator) == {"S": tag} for tag in _OUR_TAGS)
    if table.generic_key is None:
        return False
    [first] = table.generic_key.partition
    return any(image[first.name]["S"].startswith(tag + DELIMITER) for tag in _OUR_TAGS)
