"""`describe`: the tables of a module, as a person reads them.

Tables with their keys, indexes and settings; entities with their keys and attributes; access patterns with
the request that each sends; functions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from inspect import formatannotation
from typing import TYPE_CHECKING, Any, get_args, get_origin

import attrs

from dynamodel.entity.access import BuiltKey
from dynamodel.entity.schema import schema_of
from dynamodel.errors import DeclarationError
from dynamodel.infra.iam.needs import needs_of
from dynamodel.schema.references import Parameter, Reference, Sub
from dynamodel.schema.settings import BillingMode, TableSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dynamodel.attribute_value import FieldCodec
    from dynamodel.cli.console import Output
    from dynamodel.cli.modules import Declared
    from dynamodel.entity.access import AccessPath, KeySide
    from dynamodel.entity.schema import EntitySchema
    from dynamodel.infra import Function
    from dynamodel.infra.iam.needs import Need
    from dynamodel.model.collections import Collection
    from dynamodel.schema.definition import TableDefinition
    from dynamodel.schema.keys import KeyAttribute
    from dynamodel.schema.table import Table

__all__ = ["describe"]

_MODULES = re.compile(r"\b(?:[A-Za-z_]\w*\.)+(?=[A-Za-z_])")


def describe(declared: Declared, output: Output) -> None:
    """Prints all that a module declares."""
    for number, table in enumerate(declared.tables):
        if number:
            output.line()
        schemas = [schema_of(entity) for entity in declared.entities if schema_of(entity).table is table]
        _table(table, output)
        for schema in schemas:
            _entity(schema, output)
        patterns = [row for schema in schemas for row in _patterns(schema)]
        patterns += _collection_patterns(table, declared.collections)
        if patterns:
            output.heading(f"Access patterns of {table.name}")
            output.table(("Call", "Gives", "Request"), patterns)
    if declared.functions:
        output.line()
        output.heading("Functions")
        output.table(("Function", "Handler", "Memory", "Timeout", "URL"), map(_function, declared.functions))
        rows = [row for function in declared.functions for row in _function_patterns(function)]
        if rows:
            output.heading("Access patterns of functions", "what their roles allow")
        output.table(("Function", "Pattern", "Needs"), rows)


def _table(table: Table, output: Output) -> None:
    definition = _definition(table)
    output.heading(f"Table {table.name}", ", ".join(_settings_texts(table.settings)))
    if definition is None:
        output.line("  no entity class says what its key is")
        return
    output.table(("Index", "Kind", "Partition key", "Sort key", "Holds"), _index_rows(definition))


def _definition(table: Table) -> TableDefinition | None:
    try:
        return table.definition
    except DeclarationError:
        return None


def _index_rows(definition: TableDefinition) -> Iterator[tuple[str, ...]]:
    key = definition.key
    yield "(table)", "primary", _attributes(key.partition), _attributes(key.sort), "all attributes"
    for index in definition.indexes:
        held = {"ALL": "all attributes", "KEYS_ONLY": "keys only"}.get(
            index.projection.type, f"keys and {', '.join(index.projection.names)}"
        )
        partition, sort = _attributes(index.key.partition), _attributes(index.key.sort)
        yield index.name, index.kind, partition, sort, held
    for vector in definition.vector_indexes:
        yield vector.name, "vector", vector.attribute, "-", f"{vector.dimensions} dimensions"


def _attributes(attributes: Iterable[KeyAttribute]) -> str:
    return ", ".join(f"{attribute.name} ({attribute.type})" for attribute in attributes) or "-"


def _settings_texts(settings: TableSettings) -> Iterator[str]:
    """The billing mode, and each setting that is not its default."""
    for attribute in attrs.fields(TableSettings):
        value = getattr(settings, attribute.name)
        name = attribute.name.replace("_", " ")
        if attribute.name == "billing_mode":
            yield "on demand" if value is BillingMode.PAY_PER_REQUEST else "provisioned"
        elif value != _default(attribute):
            yield name if value is True else f"{name} {_value_text(value)}"


def _default(attribute: attrs.Attribute[Any]) -> object:
    default: Any = attribute.default
    return default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type]  # attrs' stubs call Factory a function


def _value_text(value: Any) -> str:
    match value:
        case Enum():
            text = str(value.value)
        case Parameter(name):
            text = f"${{{name}}}"
        case Sub(text):
            pass
        case Reference():
            text = type(value).__name__
        case Mapping():
            text = f"({', '.join(value)})"
        case tuple():
            text = f"({', '.join(map(_value_text, value))})"
        case _ if attrs.has(type(value)):
            text = " ".join(_part_texts(value))
        case _:
            text = str(value)
    return text


def _part_texts(value: Any) -> Iterator[str]:
    """What a setting of several parts says, such as `read 5`; what it leaves out is not shown."""
    for attribute in attrs.fields(type(value)):
        part = getattr(value, attribute.name)
        if part is not None and part not in ((), {}):
            yield f"{attribute.name.replace('_', ' ')} {_value_text(part)}"


def _entity(schema: EntitySchema[Any], output: Output) -> None:
    marks = [f"{name} = {value['S']}" for name, value in schema.discriminator.items()]
    output.heading(f"Entity {schema.name}", ", ".join(marks))
    output.table(("Key or index", "Partition key", "Sort key"), map(_key_row, schema.paths.values()))
    output.table(("Attribute", "Stored as", "Type", "In DynamoDB", "Notes"), _attribute_rows(schema))


def _key_row(access: AccessPath) -> tuple[str, str, str]:
    name = access.name if access.index is None else f"{access.name} ({access.index.name})"
    return name, _side(access.key.partition), _side(access.key.sort)


def _side(side: KeySide) -> str:
    """How one side of a key is made: `pk = USER#{name}`, or the attribute that is stored there."""
    if not isinstance(side, BuiltKey):
        return ", ".join(side.names) or "-"
    parts = (f"{{{codec.field.name}}}" for codec in side.fields)
    return f"{side.name} = {'#'.join((side.template.tag, *parts))}"


def _attribute_rows(schema: EntitySchema[Any]) -> Iterator[tuple[str, ...]]:
    for name, codec in schema.codec.fields.items():
        stored = codec.value.types if codec.field.null else codec.value.types - {"NULL"}
        types = ", ".join(sorted(stored)) or "as its hook writes it"
        notes = ", ".join(_notes(schema, codec))
        yield name, codec.field.stored_name, type_text(codec.field.type), types, notes


def _notes(schema: EntitySchema[Any], codec: FieldCodec) -> Iterator[str]:
    stored = codec.field.stored_name
    for place, access in schema.paths.items():
        if stored in {field.field.stored_name for field in access.key.fields}:
            yield f"in {place}"
    yield from (role for role, own in schema.roles.items() if own is codec)
    yield from ("computed" for each in schema.computed if stored in each.targets)
    yield from (f"unique ({each.name})" for each in schema.uniques if stored in each.source_names)
    if stored == schema.table.settings.time_to_live:
        yield "time to live"
    if stored in schema.read_only:
        yield "read-only"
    if codec.field.default not in (attrs.NOTHING, None) and codec is not schema.version:
        yield f"default {codec.field.default!r}"


def type_text(annotation: object) -> str:
    """A type as it is written in a program, without the names of modules."""
    arguments = get_args(annotation)
    if get_origin(annotation) is None or not arguments:
        return _MODULES.sub("", formatannotation(annotation))
    return _MODULES.sub("", str(annotation))


def _patterns(schema: EntitySchema[Any]) -> Iterator[tuple[str, str, str]]:
    """The ways to an entity's items that its class declares, a Scan apart."""
    name, primary = schema.name, schema.primary
    key = ", ".join(_names(primary.key.partition) + _names(primary.key.sort))
    yield f"{primary.name}.get({key})", f"{name} | None", "GetItem"
    for access in schema.paths.values():
        where = "" if access.index is None else f" on {access.index.name}"
        sort = ", ".join(_names(access.key.sort))
        many = f"many {name}, by {sort}" if sort else f"many {name}"
        # Without a sort key, or with a constant one, a partition of the table has one item.
        gives = f"at most one {name}" if access.index is None and not sort else many
        yield f"{access.name}.query({', '.join(_names(access.key.partition))})", gives, f"Query{where}"
    writes = {
        f"{name}(...).put()": ("None", "PutItem"),
        f"{name}(...).create()": ("None, if it is not there yet", "PutItem"),
        f"{primary.name}.update({key}).apply(...)": ("None", "UpdateItem"),
        f"{primary.name}.delete({key})": ("None", "DeleteItem"),
    }
    for call, (gives, request) in writes.items():
        # The claims on unique values are written with the item.
        yield call, gives, "TransactWriteItems" if schema.uniques else request


def _names(side: KeySide) -> list[str]:
    return [codec.field.name for codec in side.fields]


def _collection_patterns(
    table: Table, collections: Mapping[str, Collection[Any, Any]]
) -> Iterator[tuple[str, str, str]]:
    for name, found in collections.items():
        members = found.members
        if members[0].schema.table is not table:
            continue
        access = members[0].access
        where = "" if access.index is None else f" on {access.index.name}"
        entities = " | ".join(member.schema.name for member in members)
        yield f"{name}.query({', '.join(_names(access.key.partition))})", f"many {entities}", f"Query{where}"


def _function(function: Function) -> tuple[str, ...]:
    url = "-" if function.url is None else function.url.auth.value
    seconds = 3 if function.timeout is None else int(function.timeout.total_seconds())
    memory = 128 if function.memory is None else function.memory
    return function.name, function.entry_point or "(of its image)", f"{memory} MB", f"{seconds} s", url


def _function_patterns(function: Function) -> Iterator[tuple[str, str, str]]:
    """What a function does with the tables, each once."""
    needs = [need for pattern in function.access_patterns for need in needs_of(pattern)]
    rows = [(function.name, need.place, f"{need.action} on {_need_place(need)}") for need in needs]
    yield from dict.fromkeys(rows)


def _need_place(need: Need) -> str:
    table = need.schema.table.name
    return table if need.access.index is None else f"{table}, {need.access.index.name}"
