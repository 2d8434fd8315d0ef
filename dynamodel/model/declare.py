"""Compiles an entity class: codec, keys, indexes, and what it contributes to its table.

Every fault of the class is found and told at once: those of its attributes, of its keys and indexes, and
of the table together with what other entities of the table said before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from dynamodel.attribute_value import FieldCodec, ItemCodec, compile_item, compile_value
from dynamodel.attribute_value.items import UNKNOWN_ATTRIBUTES
from dynamodel.attribute_value.unknown import UnknownEntries
from dynamodel.entity.attributes import CODEC, Attr
from dynamodel.entity.schema import SCHEMA, AccessPath, EntitySchema, KeyFields
from dynamodel.errors import DeclarationError, Fault, MarshalError
from dynamodel.expressions.path import Path
from dynamodel.expressions.steps import make_steppable
from dynamodel.model.collect import Declared, collect
from dynamodel.model.indexes import Index, PrimaryKey
from dynamodel.schema.contribution import EntityContribution
from dynamodel.schema.indexes import IndexDefinition, Projection
from dynamodel.schema.keys import KeyAttribute, KeySchema, ScalarType
from dynamodel.schema.table import Table
from dynamodel.types import AttributeType

if TYPE_CHECKING:
    from cattrs import Converter

__all__ = ["declare"]

StoredTypes: TypeAlias = Mapping[str, frozenset[AttributeType]]
"""The type descriptors of each attribute by Python name; NULL where it may be None."""

PARTITION_KEY_BYTES = 2048
"""AWS developer guide, Limits: 1 to 2048 bytes."""

SORT_KEY_BYTES = 1024
"""AWS developer guide, Limits: 1 to 1024 bytes."""


def declare(
    cls: type,
    table: object,
    converter: Converter | None,
    reserved: frozenset[str],
    namespace: Mapping[str, Any],
) -> None:
    """Make an entity class of `cls`, and tell its table about it.

    Args:
        cls: the class, with its `Attr`s and indexes.
        table: the table of its items; None for a base class of shared attributes.
        converter: for types that the codec does not know.
        reserved: names that attributes and indexes cannot have.
        namespace: the local names where the class stands, for its annotations.

    Raises:
        DeclarationError: with all faults.
    """
    declared, faults = collect(cls, reserved, namespace)
    if converter is not None and not hasattr(converter, "get_structure_hook"):
        faults.append(
            Fault(declared.place, f"converter= takes a cattrs converter, not {type(converter).__name__}")
        )
        converter = None
    _give_constructor(cls, {n: a for n, a in declared.attributes.items() if n not in reserved})
    codec: ItemCodec[Any] | None = None
    try:
        codec = compile_item(cls, declared.fields(_key_limits(declared)), converter=converter)
    except DeclarationError as error:
        faults.extend(error.faults)
    faults.extend(_default_faults(declared, codec))
    types = _stored_types(declared, codec, converter)
    faults.extend(_key_faults(declared, types, table))
    contribution = _contribution(declared, types)
    if contribution is not None and isinstance(table, Table):
        faults.extend(_tell(table, contribution, faults))
    if faults or codec is None:
        raise DeclarationError(list(dict.fromkeys(faults)))
    setattr(cls, CODEC, codec)
    for field in codec.fields.values():
        make_steppable(field.value)
    if isinstance(table, Table) and contribution is not None:
        setattr(cls, SCHEMA, _schema(cls, table, declared, codec, contribution))


def _tell(table: Table, contribution: EntityContribution, faults: Sequence[Fault]) -> Sequence[Fault]:
    """Add the contribution to the table, unless the class or the table has faults; those of the table."""
    if faults:
        return table.faults(contribution)
    try:
        table.add(contribution)
    except DeclarationError as error:
        return error.faults
    return ()


def _give_constructor(cls: type, attributes: Mapping[str, Attr[Any]]) -> None:
    """Let attrs write `__init__`, with keywords only, and make its tools (`attrs.evolve`) work."""
    these: dict[str, Any] = {
        name: attrs.field(factory=attribute.factory, alias=name)  # as type checkers see it: not stripped of _
        if callable(attribute.factory)
        else attrs.field(default=attribute.default, alias=name)
        for name, attribute in attributes.items()
    }
    these[UNKNOWN_ATTRIBUTES] = attrs.field(default=None, alias=UNKNOWN_ATTRIBUTES, converter=_only_stored)
    attrs.define(
        cls,
        these=these,
        slots=False,
        kw_only=True,
        repr=False,
        eq=False,
        auto_attribs=False,
        on_setattr=attrs.setters.NO_OP,  # assignments stay plain; values are checked when they are written
    )


def _only_stored(unknown: object) -> object:
    """`attrs.evolve` hands them on; a request's body (`Movie(**body)`) must not smuggle attributes in."""
    if unknown is not None and not isinstance(unknown, UnknownEntries):
        raise TypeError(f"{UNKNOWN_ATTRIBUTES} is not an argument: unknown attributes come from stored items")
    return unknown


def _default_faults(declared: Declared, codec: ItemCodec[Any] | None) -> Iterator[Fault]:
    for name, field in (codec.fields if codec is not None else {}).items():
        default = field.field.default
        if default is attrs.NOTHING:
            continue
        try:
            field.encode(default)
        except MarshalError as error:
            yield Fault(f"{declared.place}.{name}", f"its default does not fit: {error.rule}")


# --- keys ---


def _key_limits(declared: Declared) -> dict[str, int]:
    """The most bytes that each key attribute may have, in whichever role is the strictest."""
    limits: dict[str, int] = {}
    for index in declared.accesses.values():
        for parts, limit in ((index.partition, PARTITION_KEY_BYTES), (index.sort, SORT_KEY_BYTES)):
            for name in map(declared.name_of, parts):
                if name is not None:
                    limits[name] = min(limit, limits.get(name, limit))
    return limits


def _key_faults(declared: Declared, types: StoredTypes, table: object) -> Iterator[Fault]:
    if table is not None and not isinstance(table, Table):
        yield Fault(declared.place, f"table= takes a Table, not {type(table).__name__}")
    if table is not None and len(declared.primary_keys) != 1:
        names = ", ".join(declared.primary_keys)
        found = f"several primary keys ({names})" if names else "no primary key"
        yield Fault(declared.place, f"has {found}; it needs one: by_id = primary_key(partition, sort)")
    for name, key in declared.primary_keys.items():
        yield from _key_part_faults(f"{declared.place}.{name}", key, declared)
        for part in filter(None, map(declared.name_of, (*key.partition, *key.sort))):
            if "NULL" in types[part]:
                yield Fault(f"{declared.place}.{part}", "is part of the table's key, so it cannot be None")
    for name, index in declared.indexes.items():
        place = f"{declared.place}.{name}"
        yield from _key_part_faults(place, index, declared)
        yield from _own_faults(place, index.settings.include, declared)
        if index.kind == "local" and index.primary not in declared.primary_keys.values():
            yield Fault(place, "a local index takes the entity's primary key: local_index(name, by_id, sort)")
        if index.settings.include and index.settings.projection is not Projection.ALL:
            yield Fault(place, "give a projection or include, not both")


def _key_part_faults(
    place: str,
    access: PrimaryKey[Any, Any] | Index[Any],
    declared: Declared,
) -> Iterator[Fault]:
    parts = (*access.partition, *access.sort)
    yield from _own_faults(place, parts, declared)
    for name in filter(None, map(declared.name_of, parts)):
        if declared.attributes[name].null:
            yield Fault(f"{declared.place}.{name}", f"is a key of {place}, and a key is never NULL")


def _own_faults(place: str, parts: Iterable[object], declared: Declared) -> Iterator[Fault]:
    for part in parts:
        if declared.name_of(part) is None:
            what = "one of another class" if isinstance(part, Attr | Path) else type(part).__name__
            yield Fault(place, f"takes attributes of {declared.place}, not {what}")


# --- what the table hears ---


def _stored_types(
    declared: Declared,
    codec: ItemCodec[Any] | None,
    converter: Converter | None,
) -> StoredTypes:
    """The descriptors of each attribute's type; none for a type that has no codec."""
    if codec is not None:
        return {name: field.value.types for name, field in codec.fields.items()}
    types: dict[str, frozenset[AttributeType]] = {}
    for name, type_ in declared.types.items():
        try:
            types[name] = compile_value(type_, converter=converter).types
        except DeclarationError:  # told with the other faults of the class
            types[name] = frozenset()
    return types


def _contribution(declared: Declared, types: StoredTypes) -> EntityContribution | None:
    """The entity's part of the table definition; None if its keys are not clear enough to say it."""
    parts = [part for access in declared.accesses.values() for part in (*access.partition, *access.sort)]
    parts += [part for index in declared.indexes.values() for part in index.settings.include]
    if len(declared.primary_keys) != 1 or any(declared.name_of(part) is None for part in parts):
        return None
    key_names = _key_limits(declared)

    def key_schema(access: PrimaryKey[Any, Any] | Index[Any]) -> KeySchema:
        return KeySchema(*(tuple(map(key_attribute, parts)) for parts in (access.partition, access.sort)))

    def key_attribute(part: object) -> KeyAttribute:
        name = declared.name_of(part)
        assert name is not None
        return KeyAttribute(declared.stored_name(name), _scalar(types[name]))

    [(key_name, primary)] = declared.primary_keys.items()
    return EntityContribution(
        entity=declared.place,
        identity=f"{declared.cls.__module__}.{declared.cls.__qualname__}",
        key=key_schema(primary),
        key_place=f"{declared.place}.{key_name}",
        indexes=tuple(
            (f"{declared.place}.{name}", _index_definition(index, key_schema(index), declared))
            for name, index in declared.indexes.items()
        ),
        attribute_types={
            declared.stored_name(name): types[name] if attribute.null else types[name] - {"NULL"}
            for name, attribute in declared.attributes.items()
            if name not in key_names  # whose types the keys say
        },
    )


def _scalar(types: frozenset[AttributeType]) -> ScalarType:
    """The key type; S stands in for a type that is no key type, which the codec compiler tells."""
    found: list[ScalarType] = [scalar for scalar in ("S", "N", "B") if scalar in types]
    return found[0] if found else "S"


def _index_definition(index: Index[Any], key: KeySchema, declared: Declared) -> IndexDefinition:
    settings = index.settings
    projection = settings.projection
    if settings.include:
        names = (declared.name_of(attribute) for attribute in settings.include)
        projection = Projection.include(*(declared.stored_name(name) for name in names if name is not None))
    return IndexDefinition(
        name=index.index_name,
        kind=index.kind,
        key=key,
        projection=projection,
        throughput=settings.throughput,
        on_demand_throughput=settings.on_demand_throughput,
        warm_throughput=settings.warm_throughput,
        contributor_insights=settings.contributor_insights,
    )


# --- what operations need ---


def _schema(
    cls: type,
    table: Table,
    declared: Declared,
    codec: ItemCodec[Any],
    contribution: EntityContribution,
) -> EntitySchema[Any]:
    def fields(parts: Sequence[object]) -> tuple[FieldCodec, ...]:
        return tuple(codec.fields[name] for name in map(declared.name_of, parts) if name is not None)

    definitions = dict(contribution.indexes)

    def path(name: str, access: PrimaryKey[Any, Any] | Index[Any]) -> AccessPath:
        place = f"{declared.place}.{name}"
        key = KeyFields(fields(access.partition), fields(access.sort))
        return AccessPath(place, key, definitions.get(place))

    paths = {name: path(name, access) for name, access in declared.accesses.items()}
    [primary] = declared.primary_keys
    return EntitySchema(cls=cls, table=table, codec=codec, primary=paths[primary], paths=paths)
