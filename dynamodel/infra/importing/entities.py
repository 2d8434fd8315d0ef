"""Declared tables as `ImportedTable`: with the attributes of their entity classes, and samples as items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamodel.entity.access import BuiltKey
from dynamodel.entity.schema import SCHEMA, EntitySchema, schema_of
from dynamodel.errors import DeclarationError, Fault
from dynamodel.infra.importing.imported import Facet, ImportedTable
from dynamodel.infra.importing.items import TYPES
from dynamodel.keys import DELIMITER
from dynamodel.model.entity import Entity
from dynamodel.schema.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from dynamodel.entity.access import KeySide
    from dynamodel.schema.definition import TableDefinition
    from dynamodel.types import AttributeType, Item

__all__ = ["imported_tables"]


def imported_tables(
    declared: Iterable[Table | type[Entity]], samples: Iterable[Entity] = ()
) -> tuple[ImportedTable, ...]:
    """Each table once, in the order in which they are given.

    Raises:
        DeclarationError: something else was given, or a table has no key.
        MarshalError: a sample that DynamoDB would refuse.
    """
    tables = list(dict.fromkeys(_table_of(each) for each in declared))
    items: dict[type, list[Item]] = {}
    for sample in samples:
        items.setdefault(type(sample), []).append(schema_of(type(sample)).item_of(sample, {}))
    return tuple(_imported(table, items) for table in tables)


def _table_of(declared: object) -> Table:
    if isinstance(declared, Table):
        return declared
    if isinstance(declared, type) and issubclass(declared, Entity):
        return schema_of(declared).table
    raise DeclarationError([Fault("to_workbench", f"takes tables and entity classes, found {declared!r}")])


def _imported(table: Table, items: dict[type, list[Item]]) -> ImportedTable:
    definition = table.definition
    schemas = _schemas_of(table)
    attributes: dict[str, AttributeType] = {}
    for schema in schemas:
        for name, kind in _attributes(schema, definition):
            attributes.setdefault(name, kind)
    if len(schemas) == 1 and table.generic_key is None:
        return ImportedTable(definition, attributes, tuple(items.get(schemas[0].cls, ())))
    facets = (_facet(schema, definition, items.get(schema.cls, ())) for schema in schemas)
    return ImportedTable(definition, attributes, facets=tuple(facets))


def _schemas_of(table: Table) -> list[EntitySchema[Any]]:
    """The entity classes on a table, in the order of their declaration; of classes made again the last."""
    found: dict[str, EntitySchema[Any]] = {
        f"{cls.__module__}.{cls.__qualname__}": schema_of(cls)
        for cls in _subclasses(Entity)
        if SCHEMA in vars(cls) and schema_of(cls).table is table
    }
    order = {name: number for number, name in enumerate(table.entities)}
    return sorted(found.values(), key=lambda schema: order.get(schema.name, len(order)))


def _subclasses(cls: type[Any]) -> Iterator[type[Any]]:
    for each in type.__subclasses__(cls):
        yield each
        yield from _subclasses(each)


def _attributes(
    schema: EntitySchema[Any], definition: TableDefinition
) -> Iterator[tuple[str, AttributeType]]:
    """What the items of a class have beside the table's key: stored attributes, then what dynamodel adds."""
    key = {attribute.name for attribute in definition.key.attributes}
    scalars: dict[str, AttributeType] = {each.name: each.type for each in definition.key_attributes}
    for codec in schema.codec.fields.values():
        name = codec.field.stored_name
        if name not in key:
            yield name, scalars.get(name) or _type_of(codec.value.types)
    for name in sorted(schema.made_names - key):
        yield name, scalars.get(name, "S")


def _type_of(types: frozenset[AttributeType]) -> AttributeType:
    """The one type that Workbench has for an attribute: of several the first in AWS's order."""
    known: list[AttributeType] = [kind for kind in TYPES if kind in types and kind != "NULL"]
    return known[0] if known else "S"


def _facet(schema: EntitySchema[Any], definition: TableDefinition, items: Sequence[Item]) -> Facet:
    key = schema.primary.key
    return Facet(
        schema.name,
        tuple(name for name, _ in _attributes(schema, definition)),
        tuple(items),
        _alias(key.partition),
        _alias(key.sort) or None,
    )


def _alias(side: KeySide) -> str:
    """How a key is built, as its readers know it: `THREAD#subject`; or the attribute's name."""
    if isinstance(side, BuiltKey):
        return DELIMITER.join([side.template.tag, *(codec.field.name for codec in side.fields)])
    return DELIMITER.join(side.names)
