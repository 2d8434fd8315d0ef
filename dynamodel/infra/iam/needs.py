"""What one access pattern needs: the actions that its requests are authorised for, and whose keys they name.

The actions are those of the IAM service authorization reference for DynamoDB: a transaction needs the
actions of what it does (developer guide, Transactions: IAM), a batch its own. What the operations send was
measured: the tests run each kind and look at its requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from attrs import frozen

from dynamodel.entity.access import AccessPath
from dynamodel.entity.schema import EntitySchema, schema_of
from dynamodel.entity.uniques import UniqueConstraint
from dynamodel.errors import DeclarationError, DynamodelError, Fault
from dynamodel.model.collections import Collection
from dynamodel.model.entity import Entity
from dynamodel.model.indexes import BoundIndex
from dynamodel.model.methods import NamedMethod
from dynamodel.operations.atomic import TransactAction
from dynamodel.operations.backfill import Backfill
from dynamodel.operations.base import Operation
from dynamodel.operations.batches import BatchGet, BatchWrite
from dynamodel.operations.collection_query import CollectionQuery
from dynamodel.operations.gets import Get
from dynamodel.operations.pages import Count, PageRead
from dynamodel.operations.parallel import ParallelScan
from dynamodel.operations.reads import Items, Scan
from dynamodel.operations.transactions import Transaction, TransactionGet
from dynamodel.operations.update_plan import known_by
from dynamodel.operations.updates import Update
from dynamodel.operations.writes import Delete, Put, Write

__all__ = ["READS", "WRITES", "Need", "needs_of"]

READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan"})
"""The actions that return attributes."""

WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"})
"""The actions that write."""


@frozen
class Need:
    """One action that a pattern needs."""

    action: str
    """Without its prefix: `GetItem`."""
    place: str
    """The pattern, for messages."""
    schema: EntitySchema[Any]
    access: AccessPath
    """The key, or the index, by which items are found."""
    constraints: tuple[UniqueConstraint, ...] = ()
    """Not an item of the entity, but the claims on these unique values."""
    reads_whole: str = ""
    """Why it cannot be bound to attributes; empty if it can."""


def needs_of(pattern: object) -> list[Need]:
    """What a pattern needs.

    Raises:
        DeclarationError: it is none, or an operation that cannot be sent.
    """
    try:
        return list(_sent(pattern) if isinstance(pattern, Operation) else _named(pattern))
    except DeclarationError:
        raise
    except DynamodelError as error:  # an operation that is not complete
        raise DeclarationError([Fault(_shown(pattern), f"cannot be sent: {error}")]) from None


def _shown(pattern: object) -> str:
    return f"policy(): {pattern!r}"


def _no_pattern(pattern: object) -> DeclarationError:
    rule = (
        "is no access pattern; give an operation, or name a method that builds one: Movie.by_id.get, "
        "Movie.put (of a method that the class overrides, the operation: Movie(...).put())"
    )
    return DeclarationError([Fault(_shown(pattern), rule)])


# --- methods, by their names ---


def _named(pattern: object) -> Iterator[Need]:
    if isinstance(pattern, NamedMethod):
        return _named_write(
            pattern.name, schema_of(pattern.owner), f"{pattern.owner.__name__}.{pattern.name}"
        )
    bound, method = getattr(pattern, "__self__", None), str(getattr(pattern, "__name__", ""))
    if isinstance(bound, BoundIndex):
        return _of_index(method, bound.schema, bound.access, pattern)
    if isinstance(bound, Collection) and method == "query":
        place = _collected(bound)
        return (
            Need("Query", place, member.schema, member.access, reads_whole="reads whole items")
            for member in bound.members
        )
    if isinstance(bound, type) and issubclass(bound, Entity) and method == "scan":
        schema = schema_of(bound)
        return iter([Need("Scan", f"{schema.name}.scan", schema, schema.primary)])
    raise _no_pattern(pattern)


def _collected(collection: Collection[Any, Any]) -> str:
    return f"collection({', '.join(member.access.name for member in collection.members)}).query"


def _of_index(method: str, schema: EntitySchema[Any], access: AccessPath, pattern: object) -> Iterator[Need]:
    place = f"{access.name}.{method}"
    match method:
        case "query" | "scan":
            return iter([Need(method.capitalize(), place, schema, access)])
        case "get":
            return iter([Need("GetItem", place, schema, access)])
        case "check":
            return iter([Need("ConditionCheckItem", place, schema, access)])
        case "update" | "delete":
            return _named_write(method, schema, place)
    raise _no_pattern(pattern)


_ACTIONS = {
    "put": "PutItem",
    "create": "PutItem",
    "upsert": "UpdateItem",
    "update": "UpdateItem",
    "delete": "DeleteItem",
}


def _named_write(method: str, schema: EntitySchema[Any], place: str) -> Iterator[Need]:
    """A write of which only the method is known: it may touch all that the method can touch."""
    if method not in _ACTIONS:
        raise DeclarationError([Fault(place, "builds no write; name put, create, upsert or delete")])
    changed = _changeable(schema)
    if method == "delete":
        return _write(place, schema, "DeleteItem", reads=bool(changed), freed=schema.uniques)
    if method == "create":
        return _write(place, schema, "PutItem", claimed=schema.uniques)
    if method == "update":  # which may also create the item, and then writes what its key is built from
        fixed = _fixed_names(schema)
        changed = tuple(each for each in changed if not schema.read_only.issuperset(each.source_names))
        touches = bool(changed) or any(not fixed.isdisjoint(each.source_names) for each in schema.uniques)
    else:
        touches = bool(changed) or method == "put"
    claimed = schema.uniques if touches else ()
    reads = touches and bool(_changeable(schema))
    return _write(place, schema, _ACTIONS[method], reads=reads, claimed=claimed, freed=changed)


def _fixed_names(schema: EntitySchema[Any]) -> set[str]:
    """The stored names of the attributes that the table's key tells."""
    return {codec.field.stored_name for codec in schema.primary.key.fields}


def _changeable(schema: EntitySchema[Any]) -> tuple[UniqueConstraint, ...]:
    """The constraints whose values the table's key does not tell."""
    fixed = _fixed_names(schema)
    return tuple(each for each in schema.uniques if not fixed.issuperset(each.source_names))


def _changed_by(write: Write[Any, Any]) -> list[UniqueConstraint]:
    """The constraints of which this write, with other values, may give up a claim."""
    if not isinstance(write, Update):
        return list(_changeable(write.schema))
    touched = {action.path.attribute for action in write.planned_actions} - _fixed_names(write.schema)
    return [each for each in _changeable(write.schema) if not touched.isdisjoint(each.source_names)]


def _write(
    place: str,
    schema: EntitySchema[Any],
    action: str,
    *,
    reads: bool = False,
    claimed: Sequence[UniqueConstraint] = (),
    freed: Sequence[UniqueConstraint] = (),
) -> Iterator[Need]:
    """A write, the read of the unique values before it, and the claims that it makes and gives up."""
    yield Need(action, place, schema, schema.primary)
    if reads:
        reason = "reads the stored item to know its unique values"
        yield Need("GetItem", place, schema, schema.primary, reads_whole=reason)
    if claimed:
        yield Need("PutItem", place, schema, schema.primary, tuple(claimed))
    if freed:
        yield Need("DeleteItem", place, schema, schema.primary, tuple(freed))


# --- operations ---


def _sent(operation: Operation[Any]) -> Iterator[Need]:
    match operation:
        case Get():
            yield _one(operation, "GetItem")
        case Write():
            yield from _sent_write(operation)
        case Items():
            yield from _many(operation)
        case PageRead() | Count() | ParallelScan() if isinstance(operation.source, Items):
            yield from _many(operation.source, counts=isinstance(operation, Count))
        case Backfill():
            yield from _backfilled(operation)
        case _:
            yield from _several(operation)


def _several(operation: Operation[Any]) -> Iterator[Need]:
    """A batch or a transaction."""
    match operation:
        case BatchGet(gets):
            yield from (_one(get, "BatchGetItem") for get in gets)
        case TransactionGet(gets):
            yield from (_one(get, "GetItem") for get in gets)
        case BatchWrite(writes):
            for write in writes:
                yield from _in_batch(write)
        case Transaction(writes=writes, actions=actions):
            for each, own in zip(writes, actions, strict=True):
                yield from _with_claims(each, own)
        case _:
            raise _no_pattern(operation)


def _one(get: Get[Any], action: str) -> Need:
    whole = "" if get.projection else "reads whole items; say .project(...)"
    return Need(action, f"{get.schema.primary.name}.get", get.schema, get.schema.primary, reads_whole=whole)


def _many(items: Items[Any], *, counts: bool = False) -> Iterator[Need]:
    action = "Scan" if isinstance(items, Scan) else "Query"
    place = f"{items.access.name}.{action.lower()}"
    if isinstance(items, CollectionQuery):
        place = f"collection({', '.join(member.access.name for member in items.members)}).query"
        for member in items.members:
            yield Need(action, place, member.schema, member.access, reads_whole="reads whole items")
        return
    whole = "" if items.projection else "reads whole items; say .project(...)"
    if counts:
        whole = "counts items, which selects no attributes"
    yield Need(action, place, items.schema, items.access, reads_whole=whole)
    if items.is_hydrated and not counts:
        yield Need(
            "BatchGetItem", place, items.schema, items.schema.primary, reads_whole="hydrates whole items"
        )


def _in_batch(write: Put[Any, Any] | Delete[Any, Any]) -> Iterator[Need]:
    """A batch sends writes that depend on what is stored by themselves."""
    if write.lock is not None or write.schema.uniques:
        yield from _sent_write(write)
    else:
        yield Need("BatchWriteItem", _place(write), write.schema, write.schema.primary)


def _place(write: Write[Any, Any]) -> str:
    if isinstance(write, Put):
        return f"{write.schema.name}.{'create' if write.creates else 'put'}"
    method = {"ConditionCheck": "check"}.get(write.kind, write.kind.lower())
    return f"{write.schema.primary.name}.{method}"


def _sent_write(write: Write[Any, Any]) -> Iterator[Need]:
    """A write by itself: as one request, with its claims, or with a read before both."""
    schema, place = write.schema, _place(write)
    if isinstance(write, Update) and not write.actions_given:
        yield from _named_write("update", schema, place)
        return
    operation = write.request().operation
    if operation == "TransactWriteItems":
        yield from _with_claims(write, write.actions())
    elif operation == "GetItem":
        claimed = () if isinstance(write, Delete) else schema.uniques
        freed = schema.uniques if isinstance(write, Delete) else _changed_by(write)
        yield from _write(place, schema, f"{write.kind}Item", reads=True, claimed=claimed, freed=freed)
    else:
        returns = write.return_values
        whole = f"returns the whole item ({returns})" if returns.startswith("ALL") else ""
        yield Need(operation, place, schema, schema.primary, reads_whole=whole)


def _with_claims(write: Write[Any, Any], actions: Iterable[TransactAction]) -> Iterator[Need]:
    """A write in a transaction, where what is stored of its unique values is known."""
    schema = write.schema
    kinds = {(action.kind, action.constraint) for action in actions if action.constraint}
    claimed = [each for each in schema.uniques if ("Put", each.name) in kinds]
    # A condition tells the values of today; of another one, the claim may be given up that is now kept.
    condition = write.condition
    told = {name for name, value in known_by(condition).items() if value is not None}
    told |= schema.primary.key.parts(write.key).keys()
    freed = [
        each
        for each in schema.uniques
        if ("Delete", each.name) in kinds
        or (each in _changed_by(write) and told.issuperset(each.source_names))
    ]
    yield from _write(_place(write), schema, f"{write.kind}Item", claimed=claimed, freed=freed)


def _backfilled(backfill: Backfill) -> Iterator[Need]:
    source = backfill.scan.source
    if not isinstance(source, Scan):
        raise _no_pattern(backfill)
    schema: EntitySchema[Any] = source.schema
    place, primary = f"backfill({schema.name})", schema.primary
    yield Need("DescribeTable", place, schema, primary)
    yield Need("Scan", place, schema, primary, reads_whole="reads whole items")
    if schema.uniques:
        yield Need("GetItem", place, schema, primary, schema.uniques, reads_whole="reads claims")
    if getattr(source, "is_dry_run", False):
        return
    yield Need("UpdateItem", place, schema, primary)
    if not schema.uniques:
        return
    yield Need("ConditionCheckItem", place, schema, primary)
    yield Need("PutItem", place, schema, primary, schema.uniques)
    renewed = [
        each
        for each in schema.uniques
        if schema.upgrades.functions or any(codec.field.is_computed for codec in each.sources)
    ]
    if renewed:
        yield Need("DeleteItem", place, schema, primary, tuple(renewed))
