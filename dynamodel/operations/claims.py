"""Claims: how writes keep unique constraints, in one transaction with the items that they write.

A claim is refused if another item has it; so two items never have the same value. An item's own claim may
be made again, which mends items that were written before the constraint was declared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamodel.entity.uniques import CLAIM_TAG, OWNER, UniqueConstraint
from dynamodel.expressions.nodes import Condition, DocumentPath, Junction, Predicate, Value
from dynamodel.expressions.placeholders import Placeholders
from dynamodel.operations.atomic import TransactAction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel.entity.schema import EntitySchema
    from dynamodel.types import AttributeValue, Item

__all__ = ["claim_actions", "same_sources", "sources_condition", "sources_of"]


def claim_actions(schema: EntitySchema[Any], key: Item, before: Item, after: Item) -> list[TransactAction]:
    """What a transaction does to the claims of an item.

    Args:
        schema: the item's entity.
        key: the item's key.
        before: the unique attributes that are stored.
        after: those that will be.
    """
    names = schema.primary.key.stored_names
    actions: list[TransactAction] = []
    for constraint in schema.uniques:
        old, new = constraint.claim(before, names), constraint.claim(after, names)
        if old is not None and old != new:
            actions.append(_action("Delete", schema, key, constraint, {"Key": old}))
        if new is not None:
            owner = {OWNER: {"M": dict(key)}} | _mark(schema)
            actions.append(_action("Put", schema, key, constraint, {"Item": new | owner}))
    return actions


def _mark(schema: EntitySchema[Any]) -> Item:
    """Claims are marked as such, so that no reader takes one for an entity."""
    return {name: {"S": CLAIM_TAG} for name in schema.discriminator}


def _action(
    kind: str, schema: EntitySchema[Any], key: Item, constraint: UniqueConstraint, body: dict[str, Any]
) -> TransactAction:
    placeholders = Placeholders()
    first = schema.primary.key.stored_names[0]
    free = Predicate("attribute_not_exists", (DocumentPath(schema.cls, (first,)),))
    ours = Predicate("=", (DocumentPath(schema.cls, (OWNER,)), Value({"M": dict(key)})))
    condition = placeholders.expression("ConditionExpression", Junction.of("OR", free, ours))
    parameters = {"TableName": schema.table.name, **body, **condition, **placeholders.parameters()}
    return TransactAction(kind, parameters, schema.name, constraint=constraint.name)


def sources_of(schema: EntitySchema[Any], item: Mapping[str, AttributeValue]) -> Item:
    """The attributes of an item on which unique constraints lie."""
    names = {name for constraint in schema.uniques for name in constraint.source_names}
    return {name: value for name, value in item.items() if name in names}


def same_sources(
    schema: EntitySchema[Any], one: Mapping[str, AttributeValue], other: Mapping[str, AttributeValue]
) -> bool:
    """The two items have the same unique values."""
    return sources_of(schema, one) == sources_of(schema, other)


def sources_condition(schema: EntitySchema[Any], before: Item) -> Condition:
    """That the stored item has exactly these unique values."""
    names = dict.fromkeys(name for constraint in schema.uniques for name in constraint.source_names)
    terms: list[Condition] = []
    for name in names:
        path = DocumentPath(schema.cls, (name,))
        if name in before:
            terms.append(Predicate("=", (path, Value(before[name]))))
        else:
            terms.append(Predicate("attribute_not_exists", (path,)))
    return terms[0] if len(terms) == 1 else Junction.of("AND", *terms)
