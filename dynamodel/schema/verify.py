"""The rules about tables and indexes, as pure functions from definitions to faults.

Guarantee: what passes here, AWS accepts; what is refused here, AWS refuses or would never do what it
says (a time to live on a String). Where DynamoDB Local is laxer than AWS, AWS's rule counts.
Nothing raises: every function returns all the faults that it finds.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from dynamodel.errors import Fault
from dynamodel.schema.common_settings import BillingMode
from dynamodel.schema.verify_rare import replica_faults, replica_index_faults, settings_faults, vector_faults
from dynamodel.schema.verify_types import key_type_faults, name_faults, projection_faults, wrong_types

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dynamodel.schema.definition import TableDefinition
    from dynamodel.schema.indexes import IndexDefinition
    from dynamodel.schema.keys import KeySchema, ScalarType
    from dynamodel.schema.table_settings import TableSettings

__all__ = [
    "PlacedIndex",
    "PlacedKey",
    "index_faults",
    "indexes_faults",
    "key_faults",
    "settings_faults",
    "sound_indexes",
    "table_faults",
    "table_place",
]


class PlacedIndex(NamedTuple):
    """An index and where it was declared."""

    place: str
    definition: IndexDefinition


class PlacedKey(NamedTuple):
    """A table's key and where it was declared."""

    place: str
    key: KeySchema


def table_place(name: object) -> str:
    """How faults call a table: `Table 'Movies'`."""
    return f"Table {name!r}"


def table_faults(definition: TableDefinition) -> list[Fault]:
    """Every rule of DynamoDB that the definition of a table breaks."""
    place = table_place(definition.name)
    placed = [
        PlacedIndex(f"{place}.{kind}_indexes[{number}] ({index.name})", index)
        for kind, indexes in (("local", definition.local_indexes), ("global", definition.global_indexes))
        for number, index in enumerate(indexes)
    ]
    faults = name_faults(definition.name, place)
    faults += key_faults(definition.key, f"{place}.key")
    faults += settings_faults(definition.settings, place)
    faults += _misplaced(definition, place)
    replicas = replica_faults(definition, place)
    faults += replicas or replica_index_faults(definition, place)
    faults += vector_faults(definition.vector_indexes, [index.name for index in definition.indexes], place)
    key = PlacedKey(f"{place}.key", definition.key)
    return faults + indexes_faults(placed, key, definition.settings, place)


def _misplaced(definition: TableDefinition, place: str) -> list[Fault]:
    return [
        Fault(f"{place}.{kind}_indexes", f"holds {kind} indexes, found {index.name!r}, which is {index.kind}")
        for kind, indexes in (("local", definition.local_indexes), ("global", definition.global_indexes))
        for index in indexes
        if index.kind != kind
    ]


def key_faults(key: KeySchema, place: str) -> list[Fault]:
    """The primary key of a table: one partition attribute and at most one sort attribute."""
    faults = key_type_faults(key, place)
    if len(key.partition) != 1:
        rule = f"a table's key has exactly one partition attribute, found {len(key.partition)}"
        faults.append(Fault(place, rule))
    if len(key.sort) > 1:
        faults.append(Fault(place, f"a table's key has at most one sort attribute, found {len(key.sort)}"))
    return faults + _repeated(key, place)


def _repeated(key: KeySchema, place: str) -> list[Fault]:
    counts = Counter(attribute.name for attribute in key.attributes if isinstance(attribute.name, str))
    return [
        Fault(place, f"an attribute stands in a key once, found {name!r} {count} times; use another one")
        for name, count in counts.items()
        if count > 1
    ]


def index_faults(
    index: IndexDefinition,
    *,
    key: KeySchema,
    settings: TableSettings,
    place: str,
) -> list[Fault]:
    """Every rule that one index breaks by itself.

    Args:
        index: the index.
        key: the key of its table.
        settings: the settings of its table.
        place: where the index is declared.
    """
    faults, broken = wrong_types(index, place)
    if "name" not in broken:
        faults += name_faults(index.name, place, "index")
    if not broken & {"kind", "key"}:
        faults += key_type_faults(index.key, place)
        faults += _repeated(index.key, place)
        local = index.kind == "local"
        faults += _local_key_faults(index, key, place) if local else _global_key_faults(index, place)
    if "projection" not in broken:
        faults += projection_faults(index.projection, place)
    return faults + list(_index_capacity_faults(index, settings, place, broken))


def _local_key_faults(index: IndexDefinition, key: KeySchema, place: str) -> Iterator[Fault]:
    """AWS developer guide: Local secondary indexes. Table and index may even share the sort key."""
    if not key.sort:
        rule = "a local index needs a table with a sort key, found none; add one, or use a global index"
        yield Fault(place, rule)
    if [attribute.name for attribute in index.key.partition] != [
        attribute.name for attribute in key.partition
    ]:
        rule = (
            f"a local index has the table's own partition key, {_names(key.partition)}, "
            f"found {_names(index.key.partition)}; use a global index for another one"
        )
        yield Fault(place, rule)
    if len(index.key.sort) != 1:
        yield Fault(place, f"a local index has exactly one sort attribute, found {len(index.key.sort)}")


def _global_key_faults(index: IndexDefinition, place: str) -> Iterator[Fault]:
    """AWS API reference: a global index has up to four attributes in each part of its key."""
    if index.kind != "global":
        yield Fault(place, f"an index is 'local' or 'global', found {index.kind!r}")
    if not 1 <= len(index.key.partition) <= 4:
        rule = f"a global index has 1 to 4 partition attributes, found {len(index.key.partition)}"
        yield Fault(place, rule)
    if len(index.key.sort) > 4:
        yield Fault(place, f"a global index has at most 4 sort attributes, found {len(index.key.sort)}")


def _names(attributes: Sequence[object]) -> str:
    return ", ".join(map(str, attributes)) or "nothing"


def _index_capacity_faults(
    index: IndexDefinition,
    settings: TableSettings,
    place: str,
    broken: frozenset[str],
) -> Iterator[Fault]:
    capacity = ("throughput", "on_demand_throughput", "warm_throughput")
    if index.kind == "local":
        for name in (*capacity, "contributor_insights"):
            if name not in broken and getattr(index, name) is not None:
                rule = "only a global index has this, a local one shares the table's; remove it"
                yield Fault(f"{place}.{name}", rule)
    elif not broken.intersection(capacity) and isinstance(settings.billing_mode, BillingMode):
        given = any(getattr(index, name) is not None for name in capacity)
        if settings.billing_mode is BillingMode.PAY_PER_REQUEST and not given:
            return
        from dynamodel.schema.verify_settings import capacity_faults  # noqa: PLC0415 - for what few tables have

        yield from capacity_faults(
            settings.billing_mode,
            index.throughput,
            index.on_demand_throughput,
            index.warm_throughput,
            place,
        )


def indexes_faults(
    indexes: Sequence[PlacedIndex],
    key: PlacedKey,
    settings: TableSettings,
    place: str,
) -> list[Fault]:
    """Every rule that the indexes of a table break, each by itself and all together.

    Args:
        indexes: the table's indexes, local and global, with their places.
        key: the table's key, with its place.
        settings: the table's settings.
        place: the table's place, for what concerns all indexes.
    """
    faults: list[Fault] = []
    for at, index in indexes:
        faults += index_faults(index, key=key.key, settings=settings, place=at)
    sound = sound_indexes(indexes)
    if settings.import_source is not None:
        faults += _import_faults(sound)
    faults += _count_faults(sound, place)
    faults += _repeated_names(sound)
    faults += _type_faults(sound, key)
    faults += _expiry_type_faults(sound, key, settings)
    return faults


def sound_indexes(indexes: Iterable[PlacedIndex]) -> list[PlacedIndex]:
    """Those whose fields have the right Python types, so that other rules can be asked of them."""
    return [placed for placed in indexes if not wrong_types(placed.definition, placed.place)[0]]


def _import_faults(indexes: Iterable[PlacedIndex]) -> Iterator[Fault]:
    """ImportTable makes global indexes only, and local ones cannot be added to an existing table."""
    for at, index in indexes:
        if index.kind == "local":
            rule = "a table with an import_source has no local indexes; remove one of both"
            yield Fault(at, rule)


def _count_faults(indexes: Sequence[PlacedIndex], place: str) -> Iterator[Fault]:
    """AWS developer guide: Limits. 20 global indexes is the quota of a new account."""
    for kind, most in (("local", 5), ("global", 20)):
        found = sum(1 for placed in indexes if placed.definition.kind == kind)
        if found > most:
            rule = f"a table has at most {most} {kind} indexes, found {found}; remove some"
            yield Fault(f"{place}.{kind}_indexes", rule)
    names = sum(len(placed.definition.projection.names) for placed in indexes)
    if names > 100:
        rule = f"all INCLUDE projections of a table have at most 100 names together, found {names}; use ALL"
        yield Fault(place, rule)


def _repeated_names(indexes: Iterable[PlacedIndex]) -> Iterator[Fault]:
    """Local and global indexes share one space of names (measured on DynamoDB Local 1.25.1)."""
    first: dict[str, str] = {}
    for at, index in indexes:
        if index.name in first:
            rule = f"index names are unique in a table, {first[index.name]} has {index.name!r} too; rename it"
            yield Fault(at, rule)
        else:
            first[index.name] = at


def _roles(indexes: Iterable[PlacedIndex], key: PlacedKey) -> Iterator[tuple[str, str, ScalarType]]:
    """Every use of an attribute in a key: the place, the attribute's name and type there."""
    for at, schema in (key, *((placed.place, placed.definition.key) for placed in indexes)):
        for attribute in schema.attributes:
            if isinstance(attribute.name, str):
                yield at, attribute.name, attribute.type


def _type_faults(indexes: Iterable[PlacedIndex], key: PlacedKey) -> Iterator[Fault]:
    """An attribute has one AttributeDefinition, thus one type in all the keys it is part of."""
    first: dict[str, tuple[str, ScalarType]] = {}
    for at, name, kind in _roles(indexes, key):
        where, known = first.setdefault(name, (at, kind))
        if kind != known:
            rule = f"{name!r} has one type in all keys of a table, found {kind} here and {known} in {where}"
            yield Fault(at, rule)


def _expiry_type_faults(
    indexes: Iterable[PlacedIndex],
    key: PlacedKey,
    settings: TableSettings,
) -> Iterator[Fault]:
    """A key attribute may be the time to live, but AWS accepts a String in silence and expires nothing."""
    for at, name, kind in _roles(indexes, key):
        if name == settings.time_to_live and kind != "N":
            rule = f"{name!r} is the time to live and must be a Number (N), found {kind}: nothing expires"
            yield Fault(at, rule)
