"""Builds what an entity class means: its part of the table's definition, and its compiled schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from dynamodel.attribute_value import FieldCodec, ItemCodec
from dynamodel.entity.access import AccessPath, BuiltKey, KeyFields, KeySide, StoredKey
from dynamodel.entity.attributes import Computed
from dynamodel.entity.derivations import ComputedAttribute, IndexKey
from dynamodel.entity.schema import WRITE_ID, EntitySchema
from dynamodel.entity.uniques import UniqueConstraint
from dynamodel.entity.upgrades import ITEM_VERSION, Upgrades
from dynamodel.errors import Fault
from dynamodel.keys import PARTITION_KEY_BYTES, SORT_KEY_BYTES, KeyTemplate
from dynamodel.model.collect import Declared
from dynamodel.model.indexes import Index, PrimaryKey, Side, parts_of
from dynamodel.model.keys import Key
from dynamodel.model.verify import StoredTypes
from dynamodel.schema.contribution import EntityContribution
from dynamodel.schema.indexes import IndexDefinition, Projection
from dynamodel.schema.keys import KeyAttribute, KeySchema, ScalarType
from dynamodel.schema.table import Table

__all__ = ["build_contribution", "build_schema", "built_name_faults", "hidden_names", "key_limits"]


def key_limits(declared: Declared) -> dict[str, int]:
    """The most bytes of each attribute that is a key as it is, in whichever role is the strictest."""
    limits: dict[str, int] = {}
    for access in declared.accesses.values():
        for side, limit in ((access.partition, PARTITION_KEY_BYTES), (access.sort, SORT_KEY_BYTES)):
            for name in map(declared.name_of, () if isinstance(side, Key) else side):
                if name is not None:
                    limits[name] = min(limit, limits.get(name, limit))
    return limits


# --- the names of generic keys ---


def _key_names(table: Table | None, access: PrimaryKey[Any, Any] | Index[Any]) -> tuple[str, str]:
    """The names of built key attributes: the table's (`pk`, `sk`), or an index's (`gsi1pk`, `gsi1sk`)."""
    generic = table.generic_key if table is not None else None
    partition = generic.partition[0].name if generic else "pk"
    sort = generic.sort[0].name if generic and generic.sort else "sk"
    if isinstance(access, PrimaryKey):
        return partition, sort
    if access.kind == "local":
        return partition, f"{access.index_name}{sort}"
    return f"{access.index_name}{partition}", f"{access.index_name}{sort}"


def hidden_names(declared: Declared, table: Table | None) -> frozenset[str]:
    """The stored names that dynamodel adds to an entity's own attributes."""
    names: set[str] = set()
    for access in declared.accesses.values():
        sides = zip((access.partition, access.sort), _key_names(table, access), strict=True)
        names.update(name for side, name in sides if isinstance(side, Key))
    if table is not None and table.discriminator is not None:
        names.add(table.discriminator)
    if declared.upgrades:
        names.add(ITEM_VERSION)
    if any(attribute.role == "version" for attribute in declared.attributes.values()):
        names.add(WRITE_ID)
    return frozenset(names)


def built_name_faults(declared: Declared, table: Table | None) -> Iterator[Fault]:
    """Whether two keys are built under one name: `gsi1` + `pk` may be the sort key of the table."""
    taken: dict[str, str] = {}
    if table is not None and table.generic_key is not None:
        taken = {attribute.name: f"the key of {table.place}" for attribute in table.generic_key.attributes}
    for name, index in declared.indexes.items():
        place, (partition, sort) = f"{declared.place}.{name}", _key_names(table, index)
        sides = (
            [(index.sort, sort)]
            if index.kind == "local"
            else [(index.partition, partition), (index.sort, sort)]
        )
        for side, built in sides:
            if isinstance(side, Key) and taken.setdefault(built, place) != place:
                yield Fault(place, f"would be stored under {built!r}, as {taken[built]} is; rename the index")


# --- what the table hears ---


def build_contribution(
    declared: Declared, types: StoredTypes, table: Table | None, mark: str
) -> EntityContribution | None:
    """The entity's part of the table definition; None if its keys are not clear enough to say it."""
    parts = [part for access in declared.accesses.values() for part in access.parts]
    parts += [part for index in declared.indexes.values() for part in index.settings.include]
    if len(declared.primary_keys) != 1 or any(declared.name_of(part) is None for part in parts):
        return None
    key_names = key_limits(declared)
    speaker = _Speaker(declared, types, table)
    [(key_name, primary)] = declared.primary_keys.items()
    return EntityContribution(
        entity=declared.place,
        identity=f"{declared.cls.__module__}.{declared.cls.__qualname__}",
        discriminator=mark if table is not None and table.discriminator is not None else None,
        key=speaker.key_schema(primary),
        key_place=f"{declared.place}.{key_name}",
        indexes=tuple(
            (f"{declared.place}.{name}", speaker.index(index)) for name, index in declared.indexes.items()
        ),
        templates=speaker.templates(),
        attribute_types={
            declared.stored_name(name): types[name] if attribute.null else types[name] - {"NULL"}
            for name, attribute in declared.attributes.items()
            if name not in key_names  # whose types the keys say
        },
    )


@attrs.frozen(eq=False, repr=False)
class _Speaker:
    """Says what an entity class declares in terms of its table."""

    declared: Declared
    types: StoredTypes
    table: Table | None

    def key_schema(self, access: PrimaryKey[Any, Any] | Index[Any]) -> KeySchema:
        partition, sort = _key_names(self.table, access)
        return KeySchema(self._attributes(access.partition, partition), self._attributes(access.sort, sort))

    def _attributes(self, side: Side, name: str) -> tuple[KeyAttribute, ...]:
        if isinstance(side, Key):
            return (KeyAttribute(name, "S"),)
        names = [part for part in map(self.declared.name_of, side) if part is not None]
        return tuple(KeyAttribute(self.declared.stored_name(n), _scalar(self.types[n])) for n in names)

    def templates(self) -> dict[str, KeyTemplate]:
        """The templates of built key attributes, by their names."""
        found: dict[str, KeyTemplate] = {}
        for access in self.declared.accesses.values():
            sides = zip((access.partition, access.sort), _key_names(self.table, access), strict=True)
            found |= {
                name: _template(side, self.declared, self.types)
                for side, name in sides
                if isinstance(side, Key)
            }
        return found

    def index(self, index: Index[Any]) -> IndexDefinition:
        settings, projection = index.settings, index.settings.projection
        if settings.include:
            names = [self.declared.name_of(attribute) for attribute in settings.include]
            stored = [self.declared.stored_name(name) for name in names if name is not None]
            if self.table is not None and self.table.discriminator is not None:
                stored.append(self.table.discriminator)  # by which a reader tells whose an item is
            projection = Projection.include(*dict.fromkeys(stored))
        return IndexDefinition(
            name=index.index_name,
            kind=index.kind,
            key=self.key_schema(index),
            projection=projection,
            throughput=settings.throughput,
            on_demand_throughput=settings.on_demand_throughput,
            warm_throughput=settings.warm_throughput,
            contributor_insights=settings.contributor_insights,
        )


def _scalar(types: frozenset[Any]) -> ScalarType:
    """The key type; S stands in for a type that is no key type, which the codec compiler tells."""
    found: list[ScalarType] = [scalar for scalar in ("S", "N", "B") if scalar in types]
    return found[0] if found else "S"


def _template(side: Key[Any], declared: Declared, types: Mapping[str, frozenset[Any]]) -> KeyTemplate:
    names = [name for name in map(declared.name_of, side.parts) if name is not None]
    return KeyTemplate(str(side.tag), tuple(next(iter(types[name] - {"NULL"}), "S") for name in names))


# --- what operations need ---


def build_schema(
    cls: type,
    table: Table,
    declared: Declared,
    codec: ItemCodec[Any],
    contribution: EntityContribution,
) -> EntitySchema[Any]:
    """The compiled form of a class without faults."""

    def fields(parts: Sequence[object]) -> tuple[FieldCodec, ...]:
        return tuple(codec.fields[name] for name in map(declared.name_of, parts) if name is not None)

    def side(declared_side: Side, name: str, limit: int) -> KeySide:
        found = fields(parts_of(declared_side))
        if isinstance(declared_side, Key):
            return BuiltKey(name, contribution.templates[name], found, limit)
        return StoredKey(found)

    definitions = dict(contribution.indexes)

    def path(name: str, access: PrimaryKey[Any, Any] | Index[Any]) -> AccessPath:
        place, (partition, sort) = f"{declared.place}.{name}", _key_names(table, access)
        key = KeyFields(
            side(access.partition, partition, PARTITION_KEY_BYTES), side(access.sort, sort, SORT_KEY_BYTES)
        )
        return AccessPath(place, key, definitions.get(place))

    paths = {name: path(name, access) for name, access in declared.accesses.items()}
    [primary] = declared.primary_keys
    mark = contribution.discriminator or cls.__name__
    return EntitySchema(
        cls=cls,
        table=table,
        codec=codec,
        primary=paths[primary],
        paths=paths,
        computed=tuple(
            ComputedAttribute(
                declared.place, codec.fields[name], attribute.function, fields(attribute.sources)
            )
            for name, attribute in declared.attributes.items()
            if isinstance(attribute, Computed)
        ),
        index_keys=_index_keys(paths, paths[primary]),
        discriminator={table.discriminator: {"S": mark}} if table.discriminator is not None else {},
        roles={
            attribute.role: codec.fields[name]
            for name, attribute in declared.attributes.items()
            if attribute.role is not None
        },
        read_only=declared.stored_names(lambda attribute: attribute.read_only),
        writable=declared.stored_names(lambda attribute: attribute.writable),
        uniques=tuple(
            UniqueConstraint(f"{declared.place}.{name}", mark, fields(constraint.parts))
            for name, constraint in declared.uniques.items()
        ),
        upgrades=_upgrades(declared),
    )


def _index_keys(paths: Mapping[str, AccessPath], primary: AccessPath) -> tuple[IndexKey, ...]:
    """The built keys of the indexes, without what the table's own key builds (a local index's partition)."""
    keys = []
    for access in paths.values():
        sides = tuple(side for side in access.key.built if side not in primary.key.built)
        others = (side for side in (access.key.partition, access.key.sort) if isinstance(side, StoredKey))
        if sides:
            keys.append(IndexKey(access, sides, tuple(codec for side in others for codec in side.fields)))
    return tuple(keys)


def _upgrades(declared: Declared) -> Upgrades:
    ordered = sorted(declared.upgrades.values(), key=lambda upgrade: upgrade.version)
    return Upgrades(tuple(upgrade.function for upgrade in ordered))
