"""What can be wrong with an entity class beyond its single attributes: keys, roles, constraints, upgrades."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, TypeAlias

import attrs

from dynamodel.attribute_value import ItemCodec
from dynamodel.entity.attributes import Attr, Computed
from dynamodel.entity.schema import Role
from dynamodel.errors import Fault, MarshalError
from dynamodel.expressions.path import Path
from dynamodel.keys import ESCAPE
from dynamodel.model.collect import Declared
from dynamodel.model.indexes import Index, PrimaryKey
from dynamodel.model.keys import MAX_PARTS, Key
from dynamodel.schema.indexes import Projection
from dynamodel.schema.table import Table
from dynamodel.types import AttributeType

__all__ = ["StoredTypes", "codec_faults", "declared_faults"]

StoredTypes: TypeAlias = dict[str, frozenset[AttributeType]]
"""The type descriptors of each attribute by Python name; NULL where it may be None."""

_ROLE_TYPES: dict[Role, type] = {"version": int, "created": datetime, "updated": datetime}


def codec_faults(declared: Declared, codec: ItemCodec[Any]) -> Iterator[Fault]:
    """Whether defaults fit their attributes, and attributes the roles that they have."""
    for name, field in codec.fields.items():
        place, default = f"{declared.place}.{name}", field.field.default
        role = declared.attributes[name].role
        if role is not None and field.value.python_type is not _ROLE_TYPES[role]:
            yield Fault(place, f"{role}=True needs Attr[{_ROLE_TYPES[role].__name__}]")
        elif default is not attrs.NOTHING:
            try:
                field.encode(default)
            except MarshalError as error:
                yield Fault(place, f"its default does not fit: {error.rule}")


def declared_faults(declared: Declared, types: StoredTypes, table: object) -> Iterator[Fault]:
    """What is wrong with the class as a whole."""
    if table is not None and not isinstance(table, Table):
        yield Fault(declared.place, f"table= takes a Table, not {type(table).__name__}")
    if table is not None and len(declared.primary_keys) != 1:
        names = ", ".join(declared.primary_keys)
        found = f"several primary keys ({names})" if names else "no primary key"
        yield Fault(declared.place, f"has {found}; it needs one: by_id = primary_key(partition, sort)")
    for name, key in declared.primary_keys.items():
        yield from _primary_faults(f"{declared.place}.{name}", key, declared, types, table)
    for name, index in declared.indexes.items():
        yield from _index_faults(f"{declared.place}.{name}", index, declared)
    yield from _role_faults(declared)
    yield from _computed_faults(declared)
    yield from _unique_faults(declared, table)
    yield from _upgrade_faults(declared)


def _primary_faults(
    place: str, key: PrimaryKey[Any, Any], declared: Declared, types: StoredTypes, table: object
) -> Iterator[Fault]:
    yield from _key_part_faults(place, key, declared)
    for part in filter(None, map(declared.name_of, key.parts)):
        if "NULL" in types[part]:
            yield Fault(f"{declared.place}.{part}", "is part of the table's key, so it cannot be None")
        if isinstance(declared.attributes[part], Computed):
            yield Fault(f"{declared.place}.{part}", "is computed, and cannot be part of the table's key")
        if declared.attributes[part].writable:
            rule = "is part of the table's key, which no request of a client sets; it cannot be writable"
            yield Fault(f"{declared.place}.{part}", rule)
        if declared.attributes[part].role == "updated":
            yield Fault(
                f"{declared.place}.{part}", "changes with every write, and cannot be part of the table's key"
            )
    built = isinstance(key.partition, Key) or isinstance(key.sort, Key)
    if built and isinstance(table, Table) and table.generic_key is None:
        rule = (
            f"key() needs a table with generic keys: Table({table.name!r}, partition_key='pk', sort_key='sk')"
        )
        yield Fault(place, rule)


def _index_faults(place: str, index: Index[Any], declared: Declared) -> Iterator[Fault]:
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
    for side in (access.partition, access.sort):
        if isinstance(side, Key):
            yield from _tag_faults(place, side.tag)
            if len(side.parts) > MAX_PARTS:
                yield Fault(place, f"key() takes up to {MAX_PARTS} attributes, found {len(side.parts)}")
        elif any(isinstance(part, Key) for part in side):
            yield Fault(place, "key() stands alone, not in a tuple: it takes several attributes itself")
            return
    yield from _own_faults(place, access.parts, declared)
    for name in filter(None, map(declared.name_of, access.parts)):
        attribute = declared.attributes[name]
        if attribute.null:
            yield Fault(f"{declared.place}.{name}", f"is a key of {place}, and a key is never NULL")
        if attribute.role == "version":
            yield Fault(
                f"{declared.place}.{name}", f"is a key of {place}; a version changes with every write"
            )


def _tag_faults(place: str, tag: object) -> Iterator[Fault]:
    if not isinstance(tag, str) or not tag:
        yield Fault(place, "the tag of key() is a text that is not empty")
    elif ESCAPE in tag:
        yield Fault(place, f"the tag of key() cannot have {ESCAPE!r}, which escapes what stands in values")
    elif any("\ud800" <= character <= "\udfff" for character in tag):
        yield Fault(place, "the tag of key() must be valid Unicode; a lone surrogate has no UTF-8 form")


def _own_faults(place: str, parts: Iterable[object], declared: Declared) -> Iterator[Fault]:
    for part in parts:
        if declared.name_of(part) is None:
            what = "one of another class" if isinstance(part, Attr | Path) else type(part).__name__
            yield Fault(place, f"takes attributes of {declared.place}, not {what}")


def _role_faults(declared: Declared) -> Iterator[Fault]:
    seen: dict[Role, str] = {}
    for name, attribute in declared.attributes.items():
        if attribute.role is not None and seen.setdefault(attribute.role, name) != name:
            rule = f"{attribute.role}=True is said of {seen[attribute.role]} already"
            yield Fault(f"{declared.place}.{name}", rule)


def _computed_faults(declared: Declared) -> Iterator[Fault]:
    names = list(declared.attributes)
    for name, attribute in declared.attributes.items():
        if not isinstance(attribute, Computed):
            continue
        place = f"{declared.place}.{name}"
        if not callable(attribute.function) or not attribute.sources:
            yield Fault(place, "computed() takes a function, and the attributes that it is computed from")
        yield from _own_faults(place, attribute.sources, declared)
        for source in filter(None, map(declared.name_of, attribute.sources)):
            later = names.index(source) >= names.index(name)
            if later and isinstance(declared.attributes[source], Computed):
                yield Fault(place, f"is computed from {source}, which must be declared before it")


def _unique_faults(declared: Declared, table: object) -> Iterator[Fault]:
    taken: dict[tuple[str | None, ...], str] = {}
    for name, constraint in declared.uniques.items():
        place = f"{declared.place}.{name}"
        parts = tuple(map(declared.name_of, constraint.parts))
        same = taken.setdefault(parts, name)
        if same != name and None not in parts:
            yield Fault(place, f"says the same as {same}; leave one of them out")
        yield from _own_faults(place, constraint.parts, declared)
        if isinstance(table, Table) and table.generic_key is None:
            rule = f"unique() needs a table with generic keys: Table({table.name!r}, partition_key='pk')"
            yield Fault(place, rule)
        for part in filter(None, map(declared.name_of, constraint.parts)):
            if declared.attributes[part].null:
                yield Fault(f"{declared.place}.{part}", f"is a key of {place}, and a key is never NULL")


def _upgrade_faults(declared: Declared) -> Iterator[Fault]:
    versions = [upgrade.version for upgrade in declared.upgrades.values()]
    if sorted(versions, key=repr) != list(range(1, len(versions) + 1)):
        rule = f"upgrade_from() is needed once for each version from 1 on, found {versions}"
        yield Fault(declared.place, rule)
    for name, upgrade in declared.upgrades.items():
        if not callable(upgrade.function):
            yield Fault(f"{declared.place}.{name}", "upgrade_from() takes a function")
