"""Key conditions: the partition key by equality, the sort key by one range (AWS developer guide, Query).

Where the sort key is built from attributes, the range is bounded to the keys that the entity builds, on both
sides: other entities in the same partition are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dynamodel.entity.access import BuiltKey
from dynamodel.errors import RequestError
from dynamodel.expressions.nodes import Condition, DocumentPath, Junction, Predicate, Value
from dynamodel.keys import Exactly, KeyRange, StartsWith
from dynamodel.operations.base import own_condition

if TYPE_CHECKING:
    from dynamodel.entity.access import AccessPath
    from dynamodel.entity.schema import EntitySchema
    from dynamodel.types import AttributeValue, Item

__all__ = ["key_condition", "partition_condition", "range_predicate", "sort_predicates"]

_OPERATORS = frozenset(("=", "<", "<=", ">", ">=", "BETWEEN", "begins_with"))


def key_condition(access: AccessPath, partition: Item, sort_by: tuple[Predicate, ...]) -> Condition:
    """The partition key is this, and the sort key as told."""
    side = access.key.sort
    if isinstance(side, BuiltKey):
        sort_by = (range_predicate(side, built_range(side, sort_by)),)
    return Junction.of("AND", partition_condition(partition), *sort_by)


def partition_condition(partition: Item) -> Condition:
    """The partition key is this."""
    return Junction.of(
        "AND",
        *(Predicate("=", (DocumentPath(object, (name,)), Value(value))) for name, value in partition.items()),
    )


def built_range(side: BuiltKey, sort_by: Sequence[Predicate]) -> KeyRange:
    """The keys of which the conditions on their parts hold: all but the last by `=`."""
    if not sort_by:
        return side.template.whole()
    *first, last = sort_by
    values = [_operands(predicate)[0] for predicate in first]
    operands = _operands(last)
    match last.operator:
        case "=":
            return side.template.equal([*values, *operands])
        case "begins_with":
            return side.template.begins_with(values, operands[0])
        case "BETWEEN":
            return side.template.between(values, *operands)
        case "<" | "<=" | ">" | ">=":
            return side.template.compare(values, last.operator, operands[0])
    raise AssertionError(last.operator)  # sort_predicates let none through


def range_predicate(side: BuiltKey, keys: KeyRange) -> Predicate:
    """The condition on the key attribute.

    Raises:
        MarshalError: a bound would be longer than a key may be.
    """
    path = DocumentPath(object, (side.name,))
    if isinstance(keys, Exactly):
        return Predicate("=", (path, Value(side.checked(keys.text))))
    if isinstance(keys, StartsWith):
        return Predicate("begins_with", (path, Value(side.checked(keys.prefix))))
    return Predicate("BETWEEN", (path, Value(side.checked(keys.low)), Value(side.checked(keys.high))))


def _operands(predicate: Predicate) -> list[AttributeValue]:
    return [operand.value for operand in predicate.operands[1:] if isinstance(operand, Value)]


def sort_predicates(
    schema: EntitySchema[Any],
    access: AccessPath,
    present: tuple[Predicate, ...],
    conditions: Sequence[object],
) -> tuple[Predicate, ...]:
    """The conditions on the sort key of a table or index, all of which hold.

    Where an index has several sort attributes, they are given from the left, and all but the last by `==`.

    Raises:
        RequestError: what DynamoDB would refuse in a key condition, or a condition that is not one.
    """
    predicates = list(present)
    for condition in conditions:
        predicates.extend(_predicates(own_condition(schema, condition), access))
    _require_order(predicates, access)
    return tuple(predicates)


def _predicates(condition: Condition, access: AccessPath) -> Iterator[Predicate]:
    if isinstance(condition, Junction) and condition.word == "AND":
        for term in condition.terms:
            yield from _predicates(term, access)
        return
    if not isinstance(condition, Predicate) or condition.operator not in _OPERATORS:
        raise RequestError(
            f"{access.name}: sort() takes ==, <, <=, >, >=, between, begins_with; filter() takes the rest",
        )
    place, *values = condition.operands
    if not isinstance(place, DocumentPath) or not all(isinstance(value, Value) for value in values):
        raise RequestError(f"{access.name}: sort() compares a sort key attribute with a value")
    if not isinstance(access.key.sort, BuiltKey):
        _require_values(place, values)
    yield condition


def _require_values(place: DocumentPath, values: Sequence[Any]) -> None:
    for value in values:
        if value.value in ({"S": ""}, {"B": b""}):
            raise RequestError(f"{place} is a key attribute, which is never empty")


def _require_order(predicates: Sequence[Predicate], access: AccessPath) -> None:
    names = [codec.field.stored_name for codec in access.key.sort.fields]
    given = [str(_steps(predicate)[0]) for predicate in predicates]
    if any(len(_steps(predicate)) > 1 for predicate in predicates) or set(given) - set(names):
        allowed = (
            ", ".join(codec.field.name for codec in access.key.sort.fields)
            or "no attribute: it has no sort key"
        )
        raise RequestError(f"{access.name}: sort() takes conditions on {allowed}; use filter() for the rest")
    if len(set(given)) < len(given):
        raise RequestError(f"{access.name}: DynamoDB takes one condition for a key attribute; use between()")
    if given != names[: len(given)]:
        raise RequestError(f"{access.name}: the sort attributes go from the left: {', '.join(names)}")
    if any(predicate.operator != "=" for predicate in predicates[:-1]):
        raise RequestError(
            f"{access.name}: only the last sort attribute given takes another operator than =="
        )


def _steps(predicate: Predicate) -> tuple[str | int, ...]:
    place = predicate.operands[0]
    assert isinstance(place, DocumentPath)
    return place.steps
