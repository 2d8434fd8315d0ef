"""Writing an instance of an entity: put, upsert, delete.

With a version, each of them asks for the version that the instance has, and hands it the next one once the
write is done: no write is lost, whoever else writes the item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from dynamodel.entity.attributes import now
from dynamodel.expressions.nodes import Action, Call, Condition, DocumentPath, Junction, Predicate, Value
from dynamodel.operations.base import both
from dynamodel.operations.updates import Update
from dynamodel.operations.writes import Delete, Put, Receipt, key_exists

if TYPE_CHECKING:
    from dynamodel.entity.schema import EntitySchema
    from dynamodel.types import Item

__all__ = ["delete_instance", "put_instance", "upsert_instance"]

E = TypeVar("E")


def put_instance(schema: EntitySchema[E], instance: E) -> Put[E, None]:
    """The whole item, replacing what is stored under its key; errors as for `EntitySchema.item_of`."""
    values = _renewed(schema, instance)
    item = schema.item_of(instance, _marshalled(schema, values))
    return Put(
        schema,
        schema.key_of(item),
        item,
        lock=_version_lock(schema, instance),
        receipt=_receipt(instance, values),
    )


def upsert_instance(schema: EntitySchema[E], instance: E) -> Update[E, None]:
    """The instance's attributes, assigned to what is stored under its key."""
    values = _renewed(schema, instance)
    item = schema.item_of(instance, _marshalled(schema, values))
    parts = {codec.field.stored_name: item[codec.field.stored_name] for codec in schema.primary.key.fields}
    update = Update.of(schema, parts)
    return attrs.evolve(
        update,
        actions_given=tuple(_assignments(schema, item)),
        lock=_upsert_lock(schema, instance, item),  # not the item's version: this brings it up to date
        receipt=_receipt(instance, values),
    )


def delete_instance(schema: EntitySchema[E], instance: E) -> Delete[E, None]:
    """The item with the instance's key; deleting one that is not there succeeds."""
    key = [getattr(instance, codec.field.name) for codec in schema.primary.key.fields]
    lock = _version_lock(schema, instance)
    if lock is not None and not _is_new(schema, instance):
        lock = Junction.of("OR", lock, key_exists(schema, "attribute_not_exists"))
    return Delete(schema, schema.primary.marshal_key(key), lock=lock)


def _renewed(schema: EntitySchema[Any], instance: object) -> dict[str, object]:
    """The values that a write gives to the instance, by Python name."""
    values: dict[str, object] = {}
    if schema.version is not None:
        values[schema.version.field.name] = _version(schema, instance) + 1
    if "updated" in schema.roles:
        values[schema.roles["updated"].field.name] = now()
    return values


def _version(schema: EntitySchema[Any], instance: object) -> int:
    assert schema.version is not None
    version = getattr(instance, schema.version.field.name)
    schema.version.encode(version)  # which refuses what is no int
    return int(version)


def _is_new(schema: EntitySchema[Any], instance: object) -> bool:
    """The instance has a version, and was not stored yet."""
    return schema.version is not None and _version(schema, instance) == 0


def _version_lock(schema: EntitySchema[Any], instance: object) -> Condition | None:
    """That what is stored has the instance's version; or none, as an item older than the attribute."""
    if schema.version is None:
        return None
    path = DocumentPath(schema.cls, (schema.version.field.stored_name,))
    if _is_new(schema, instance):
        return Predicate("attribute_not_exists", (path,))
    version = schema.version.encode(_version(schema, instance))
    assert version is not None
    return Predicate("=", (path, Value(version)))


def _upsert_lock(schema: EntitySchema[Any], instance: object, item: Item) -> Condition | None:
    """The version; and that what an upsert keeps, where a key follows from it, is as the instance has it."""
    lock = _version_lock(schema, instance)
    for name in sorted(_kept_sources(schema) & item.keys()):
        path = DocumentPath(schema.cls, (name,))
        absent, same = Predicate("attribute_not_exists", (path,)), Predicate("=", (path, Value(item[name])))
        lock = both(lock, Junction.of("OR", absent, same))
    return lock


def _kept(schema: EntitySchema[Any]) -> frozenset[str]:
    """The stored names of the attributes that an upsert does not change."""
    created = schema.roles.get("created")
    return schema.read_only | ({created.field.stored_name} if created is not None else set())


def _kept_sources(schema: EntitySchema[Any]) -> set[str]:
    """Those of them from which keys and computed attributes follow."""
    sources = {codec.field.stored_name for derivation in schema.derivations for codec in derivation.sources}
    return sources & _kept(schema)


def _marshalled(schema: EntitySchema[Any], values: dict[str, object]) -> Item:
    encoded = {
        schema.codec.fields[name].field.stored_name: schema.codec.fields[name].encode(value)
        for name, value in values.items()
    }
    return {name: value for name, value in encoded.items() if value is not None}


def _receipt(instance: object, values: dict[str, object]) -> Receipt | None:
    return Receipt(instance, values) if values else None


def _assignments(schema: EntitySchema[Any], item: Item) -> list[Action]:
    """Every attribute of the class but those of the key and the computed ones, which follow."""
    fixed = {codec.field.stored_name for codec in schema.primary.key.fields}
    fixed.update(*(computed.targets for computed in schema.computed))
    kept, sources = _kept(schema), _kept_sources(schema)
    actions: list[Action] = []
    for name in (codec.field.stored_name for codec in schema.codec.fields.values()):
        path = DocumentPath(schema.cls, (name,), schema.names[name])
        if name in fixed or (name in kept and name not in item):
            continue
        if name not in item:
            actions.append(Action("REMOVE", path))
        elif name in kept - sources:
            actions.append(Action("SET", path, Call("if_not_exists({}, {})", (path, Value(item[name])))))
        else:
            actions.append(Action("SET", path, Value(item[name])))
    for name, value in schema.upgrades.stamp().items():  # all of it has today's form now
        actions.append(Action("SET", DocumentPath(schema.cls, (name,)), Value(value)))
    return actions
