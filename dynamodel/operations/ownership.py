"""Whose items a read meets: several entities lie in one table, and share its keys and indexes.

Where an entity's own keys cannot be told from those of others, a read asks DynamoDB for its items only, by
the discriminator. An index that does not hold the discriminator (KEYS_ONLY) leaves it to the table's key,
which every index holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamodel.entity.access import BuiltKey
from dynamodel.expressions.nodes import Condition, DocumentPath, Predicate, Value

if TYPE_CHECKING:
    from dynamodel.entity.access import AccessPath
    from dynamodel.entity.schema import EntitySchema
    from dynamodel.types import Item

__all__ = ["has_own_key", "holds_discriminator", "is_mixed", "own_condition_of"]


def is_mixed(schema: EntitySchema[Any], access: AccessPath) -> bool:
    """Whether a query of this entity may meet items of others: those of any entity, if a side is not built.

    A local index by an attribute holds the items of all entities that have it, also of those that this
    program does not know. Where all sides are built, only an entity with the same tags has such keys.
    """
    if not schema.discriminator:
        return False
    sides = [side for side in (access.key.partition, access.key.sort) if side.names]
    if not all(isinstance(side, BuiltKey) for side in sides):
        return True
    [mark] = schema.discriminator.values()
    return schema.table.is_shared({side.name: side.template for side in access.key.built}, mark["S"])


def holds_discriminator(schema: EntitySchema[Any], access: AccessPath) -> bool:
    """Whether what is read through an access path has the discriminator."""
    held = schema.held(access)
    return held is None or held.issuperset(schema.discriminator)


def own_condition_of(schema: EntitySchema[Any]) -> Condition:
    """That an item is one of this entity."""
    [(name, value)] = schema.discriminator.items()
    return Predicate("=", (DocumentPath(schema.cls, (name,)), Value(value)))


def has_own_key(schema: EntitySchema[Any], item: Item) -> bool:
    """Whether the entity builds keys like this item's."""
    return all(side.parts(item[side.name]) is not None for side in schema.primary.key.built)
