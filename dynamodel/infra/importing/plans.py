"""What a table becomes in Python: its classes, with their attributes, keys and indexes, before any text.

A plan is made with more or less trust in what the samples seem to say (`Trust`). Guarantee: every key
attribute of the table has a place in each class, and every index in one at least.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from attrs import define, evolve, field, frozen

from dynamodel.infra.importing.grouping import BuiltKey, Group, built_key, groups_of
from dynamodel.infra.importing.inference import TYPE_NAMES, Types
from dynamodel.infra.importing.naming import Namespace, snake_case
from dynamodel.model.entity import Entity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dynamodel.infra.importing.imported import ImportedTable
    from dynamodel.schema.indexes import IndexDefinition
    from dynamodel.schema.keys import ScalarType
    from dynamodel.types import AttributeValue, Item

__all__ = ["AttributePlan", "EntityPlan", "TablePlan", "Trust", "table_plan"]

_FUNCTIONS = frozenset({"attribute", "global_index", "key", "local_index", "primary_key"})
_RESERVED = frozenset({"self", *(name for name in vars(Entity) if not name.startswith("__"))})
_LONGEST_DECLARATION = 60
"""Of an attribute's name and type, so that `name: Attr[type] = attribute(` fits into a line."""
MEMBERS_TAKEN = _FUNCTIONS | _RESERVED | TYPE_NAMES
"""Names that no attribute or index of a class can have: the class's body or `Entity` uses them itself."""


class Trust(IntEnum):
    """How much of what the samples seem to say is taken."""

    NOTHING = 0
    """One class for all items; keys are stored as they are; of other attributes the type is not known."""
    TYPES = 1
    """Attributes have the types that their samples have."""
    DISCRIMINATOR = 2
    """And each kind of item has a class of its own."""
    BUILT_KEYS = 3
    """And keys are built from attributes."""


@frozen
class AttributePlan:
    """One attribute of a class."""

    name: str
    stored: str
    type: str
    is_optional: bool = False
    is_null: bool = False
    """Whether None is stored as NULL."""
    is_mixed: bool = False
    """Whether samples differ so much that they have no one type."""


@define
class EntityPlan:
    """One class."""

    group: Group
    built: Mapping[str, BuiltKey] = field(factory=dict)
    """The key attributes that are built, by name."""
    indexes: list[IndexDefinition] = field(factory=list)
    attributes: dict[str, AttributePlan] = field(factory=dict)
    """By stored name."""
    members: Namespace = field(factory=lambda: Namespace(MEMBERS_TAKEN))


@frozen
class TablePlan:
    """One table and its classes."""

    table: ImportedTable
    discriminator: str | None
    entities: tuple[EntityPlan, ...]

    @property
    def is_generic(self) -> bool:
        """Whether the table itself has the names of its key, which the classes build."""
        return any(entity.built for entity in self.entities)


def table_plan(table: ImportedTable, trust: Trust, types: Types) -> TablePlan:
    """The plan for one table."""
    discriminator, groups = groups_of(table)
    if trust < Trust.DISCRIMINATOR and discriminator is not None:
        names = tuple(dict.fromkeys(name for group in groups for name in group.attributes))
        discriminator, groups = None, (Group(table.definition.name, table.samples, names),)
    entities = tuple(EntityPlan(group) for group in groups)
    if trust is Trust.BUILT_KEYS:
        _build_keys(table, entities, discriminator)
    _share_indexes(table.definition.indexes, entities)
    for entity in entities:
        _Attributes(table, entity, discriminator, types if trust else None).add()
    return TablePlan(table, discriminator, entities)


# --- keys ---


def _build_keys(table: ImportedTable, entities: Sequence[EntityPlan], discriminator: str | None) -> None:
    """The keys of all classes, if every class builds the whole key of the table."""
    definition = table.definition
    for entity in entities:
        entity.built = dict(_built_keys(table, entity.group.items, discriminator))
    names = [attribute.name for attribute in definition.key.attributes]
    if not all(name in entity.built for entity in entities for name in names):
        for entity in entities:
            entity.built = {}


def _built_keys(
    table: ImportedTable, items: Sequence[Item], discriminator: str | None
) -> Iterator[tuple[str, BuiltKey]]:
    definition = table.definition
    included = {name for index in definition.indexes for name in index.projection.names}
    taken = {discriminator, *(attribute.name for attribute in definition.key_attributes)}
    others = [name for name in dict.fromkeys(name for item in items for name in item) if name not in taken]
    key = [attribute.name for attribute in definition.key.attributes]
    keys = [definition.key, *(index.key for index in definition.indexes)]
    partitions = {each.partition[0].name for each in keys}
    wanted = [*key, *(name for index in definition.indexes for name in _generic_names(index, key))]
    for name in dict.fromkeys(wanted):
        having = [item for item in items if name in item]
        found = built_key(name, having, others)
        if found is None or name in included:
            continue
        # What is the same in all samples may be so by chance: only a sort key is taken for constant, and
        # only if it is the same in several partitions.
        if found.parts or (name not in partitions and _differ(having, key[0])):
            yield name, found


def _differ(items: Sequence[Item], name: str) -> bool:
    """Whether items have several values of an attribute."""
    return len({str(item.get(name)) for item in items}) > 1


def _generic_names(index: IndexDefinition, key: Sequence[str]) -> list[str]:
    """The names of an index's key attributes that dynamodel itself would give them: `gsi1pk`, `gsi1sk`."""
    sides = ((index.key.partition, key[0]), (index.key.sort, key[1] if len(key) > 1 else "sk"))
    return [side[0].name for side, name in sides if len(side) == 1 and side[0].name == f"{index.name}{name}"]


def _share_indexes(indexes: Sequence[IndexDefinition], entities: Sequence[EntityPlan]) -> None:
    """Gives each index to the classes whose samples are in it; to the first class, where none is.

    The table has its indexes in the order in which its classes declare them. Where that would be another
    one than it was, the first class declares all.
    """
    for index in indexes:
        names = [attribute.name for attribute in index.key.attributes]
        owners = [each for each in entities if any(_has(item, names) for item in each.group.items)]
        for entity in owners or entities[:1]:
            entity.indexes.append(index)
    declared = list(dict.fromkeys(index.name for entity in entities for index in entity.indexes))
    for kind in ("local", "global"):
        wanted = [index.name for index in indexes if index.kind == kind]
        if [name for name in declared if name in wanted] != wanted:
            entities[0].indexes = list(indexes)


def _has(item: Item, names: Sequence[str]) -> bool:
    return all(name in item for name in names)


# --- attributes ---


@frozen
class _Attributes:
    """Finds the attributes of one class."""

    table: ImportedTable
    entity: EntityPlan
    discriminator: str | None
    types: Types | None
    """None: what samples say of types is not taken."""

    def add(self) -> None:
        """Adds all of them, those of keys first."""
        definition, entity = self.table.definition, self.entity
        scalars: dict[str, ScalarType] = {each.name: each.type for each in definition.key_attributes}
        for attribute in definition.key.attributes:
            self._key(attribute.name, scalars[attribute.name], is_optional=False)
        for index in entity.indexes:
            for attribute in index.key.attributes:
                self._key(
                    attribute.name, scalars[attribute.name], is_optional=self._is_sparse(attribute.name)
                )
        names = list(dict.fromkeys(name for item in entity.group.items for name in item))
        names += list(entity.group.attributes)
        for index in entity.indexes:
            names += list(index.projection.names)
        if definition.settings.time_to_live is not None:
            names.append(definition.settings.time_to_live)
        for name in names:
            if name in scalars:
                self._key(name, scalars[name], is_optional=self._is_sparse(name))
            else:
                self._other(name)

    def _is_sparse(self, name: str) -> bool:
        items = self.entity.group.items
        return not items or not all(name in item for item in items)

    def _key(self, stored: str, scalar: ScalarType, *, is_optional: bool) -> None:
        if stored in self.entity.built:
            return
        samples = [item[stored] for item in self.entity.group.items if scalar in item.get(stored, {})]
        type_ = Types.declared(scalar)
        if samples and self.types is not None:
            type_ = self.types.of(samples, (stored,))
        self._put(AttributePlan(self._name(stored), stored, type_, is_optional))

    def _other(self, stored: str) -> None:
        if stored == self.discriminator or stored in self.entity.attributes:
            return
        items = self.entity.group.items
        samples = [item[stored] for item in items if stored in item]
        is_optional = not samples or len(samples) < len(items)
        is_null = any("NULL" in sample for sample in samples)
        type_, name = self._type(stored, samples), self._name(stored)
        is_mixed = type_ == "Any" and len({kind for sample in samples for kind in sample}) > 1
        self._put(AttributePlan(name, stored, type_, is_optional, is_null, is_mixed))

    def _type(self, stored: str, samples: Sequence[AttributeValue]) -> str:
        if stored == self.table.definition.settings.time_to_live:
            return "int"
        if samples and self.types is not None:
            return self.types.of(samples, (self.entity.group.name, stored))
        kind = self.table.attributes.get(stored)
        return "Any" if samples or kind is None else Types.declared(kind)

    def _name(self, stored: str) -> str:
        known = self.entity.attributes.get(stored)
        return known.name if known else self.entity.members.name(snake_case(stored, "attribute"))

    def _put(self, plan: AttributePlan) -> None:
        if plan.stored in self.entity.attributes:
            return
        type_ = plan.type
        # An absent set is read as an empty one, so it needs no None.
        needs_none = plan.is_optional and type_ != "Any" and not type_.startswith("set[")
        if needs_none and not type_.endswith("| None"):
            type_ = f"{type_} | None"
        if len(plan.name) + len(type_) > _LONGEST_DECLARATION:
            type_ = "Any"
        self.entity.attributes[plan.stored] = evolve(plan, type=type_)
