"""What one entity class says about its table, and whether several of them agree.

Entities of one table share its key and may share indexes. The first to name an index declares it; the
others must say the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from attrs import Factory, evolve, field, frozen

from dynamodel.errors import Fault
from dynamodel.schema.verify import PlacedIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dynamodel.keys import KeyTemplate
    from dynamodel.schema.indexes import IndexDefinition
    from dynamodel.schema.keys import KeySchema
    from dynamodel.schema.settings import TableSettings
    from dynamodel.types import AttributeType

__all__ = [
    "EntityContribution",
    "agreement_faults",
    "attribute_type_faults",
    "entity_faults",
    "merged_indexes",
]

_INDEX_SETTINGS = ("throughput", "on_demand_throughput", "warm_throughput", "contributor_insights")
_Setting = TypeVar("_Setting")
_STALE = "; if this was changed in a notebook, run the cell that makes the table again"


@frozen(eq=False, repr=False)
class EntityContribution:
    """What one entity class says about its table."""

    entity: str
    """The class's name, for faults."""
    key: KeySchema
    """The table's key as the entity has it."""
    key_place: str
    """Where the key is declared: `Movie.by_id`."""
    indexes: tuple[tuple[str, IndexDefinition], ...] = ()
    """The place of each index, such as `Thread.latest`, and the index."""
    attribute_types: Mapping[str, frozenset[AttributeType]] = field(factory=dict)
    """For each stored attribute the type descriptors that it may hold; an empty set: not known.

    A None that is stored as absence does not count: NULL is among them only if NULL is written.
    """

    discriminator: str | None = None
    """What marks the entity's items; None if the table has no discriminator."""
    templates: Mapping[str, KeyTemplate] = field(factory=dict)
    """How the entity builds generic key attributes, by their names: `pk`, `gsi1sk`."""

    identity: str = field(default=Factory(lambda self: self.entity, takes_self=True))
    """The class's module and qualified name. A class with the same replaces this one: it is the same class
    again, of a reloaded module or a notebook's cell."""

    @property
    def key_names(self) -> frozenset[str]:
        """The names of all attributes that are part of a key."""
        keys = (self.key, *(index.key for _, index in self.indexes))
        return frozenset(attribute.name for key in keys for attribute in key.attributes)

    def can_have(self, key: Mapping[str, KeyTemplate]) -> bool:
        """Whether the entity's items can have key attributes such as another entity's templates build."""
        return all(self._can_have(name, template) for name, template in key.items())

    def _can_have(self, name: str, template: KeyTemplate) -> bool:
        own = self.templates.get(name)
        if own is not None:
            return own.may_meet(template)
        return name in self.attribute_types or name in self.key_names

    @property
    def placed_indexes(self) -> tuple[PlacedIndex, ...]:
        """The indexes with their places as faults call them: `Thread.latest (LastPostIndex)`."""
        return tuple(PlacedIndex(f"{place} ({index.name})", index) for place, index in self.indexes)


def merged_indexes(contributions: Iterable[EntityContribution]) -> dict[str, PlacedIndex]:
    """The indexes of all entities by name, in the order of their first declaration.

    A setting that one entity leaves out is taken from the next one that has it.
    """
    merged: dict[str, PlacedIndex] = {}
    for contribution in contributions:
        for placed in contribution.placed_indexes:
            known = merged.setdefault(placed.definition.name, placed)
            index = _filled(known.definition, placed.definition)
            merged[placed.definition.name] = PlacedIndex(known.place, index)
    return merged


def _filled(index: IndexDefinition, other: IndexDefinition) -> IndexDefinition:
    return evolve(
        index,
        throughput=_either(index.throughput, other.throughput),
        on_demand_throughput=_either(index.on_demand_throughput, other.on_demand_throughput),
        warm_throughput=_either(index.warm_throughput, other.warm_throughput),
        contributor_insights=_either(index.contributor_insights, other.contributor_insights),
    )


def _either(setting: _Setting | None, other: _Setting | None) -> _Setting | None:
    return other if setting is None else setting


def agreement_faults(placed: PlacedIndex, known: PlacedIndex) -> Iterator[Fault]:
    """Whether an index says the same as another entity's index of the same name."""
    at, index = placed
    for name in ("kind", "key", "projection"):
        found, said = getattr(index, name), getattr(known.definition, name)
        if found != said:
            rule = (
                f"every entity declares index {index.name!r} with the same {name}: "
                f"found {found}, but {known.place} has {said}{_STALE}"
            )
            yield Fault(at, rule)
            if name == "kind":  # another kind of index has another key as well
                return
    for name in _INDEX_SETTINGS:
        found, said = getattr(index, name), getattr(known.definition, name)
        if found is not None and said is not None and found != said:
            rule = (
                f"every entity gives index {index.name!r} the same {name}, {known.place} has another{_STALE}"
            )
            yield Fault(at, rule)


def entity_faults(latest: EntityContribution, others: Iterable[EntityContribution]) -> Iterator[Fault]:
    """Whether the items of an entity, and their keys, can be told from those of other entities."""
    for other in others:
        if latest.discriminator is not None and latest.discriminator == other.discriminator:
            rule = f"its items are marked as those of {other.entity}; give it another discriminator{_STALE}"
            yield Fault(latest.entity, rule)
        for name, template in latest.templates.items():
            known = other.templates.get(name)
            if known is not None and known.tag != template.tag and known.may_meet(template):
                rule = (
                    f"the tags {template.tag!r} and {known.tag!r} (of {other.entity}) in {name!r} would mix: "
                    "one must not be the other with '#' and more"
                )
                yield Fault(latest.entity, rule)
        yield from _mixed_key_faults(latest, other)
        if _same_keys(latest, other):
            rule = (
                f"its keys are built as those of {other.entity}, so that their items would replace each "
                f"other; give one of them another tag{_STALE}"
            )
            yield Fault(latest.key_place, rule)


def _mixed_key_faults(latest: EntityContribution, other: EntityContribution) -> Iterator[Fault]:
    """A key attribute that one entity builds, and another stores as it is, could be the same for both."""
    for name in (attribute.name for attribute in latest.key.attributes):
        one, another = latest.templates.get(name), other.templates.get(name)
        if one is not None and another is not None and not one.may_meet(another):
            return  # other partitions
        if (one is None) != (another is None):
            builder, storer = (latest, other) if one is not None else (other, latest)
            rule = (
                f"{builder.entity} builds {name!r} with key(), and {storer.entity} stores an attribute "
                "there, so that their items could replace each other; let both build it"
            )
            yield Fault(latest.key_place, rule)
            return


def _same_keys(one: EntityContribution, other: EntityContribution) -> bool:
    names = [attribute.name for attribute in one.key.attributes]
    if not all(name in one.templates and name in other.templates for name in names):
        return False
    pairs = [(one.templates[name], other.templates[name]) for name in names]
    # Whatever the types are: the text "true" and the boolean have the same text in a key.
    return all(a.tag == b.tag and len(a.parts) == len(b.parts) for a, b in pairs)


def attribute_type_faults(
    contributions: Iterable[EntityContribution],
    roles: Mapping[str, tuple[str, str]],
    settings: TableSettings,
) -> Iterator[Fault]:
    """Whether each attribute can hold what the keys and the time to live of its table ask for.

    Args:
        contributions: what entities say of their attributes.
        roles: for each key attribute of the table its type, and where it is part of a key.
        settings: the table's settings.
    """
    for contribution in contributions:
        for name, types in contribution.attribute_types.items():
            if not types:  # a hook of the user's: what it writes is not known
                continue
            if name in roles and types != {roles[name][0]}:
                kind, where = roles[name]
                rule = (
                    f"attribute {name!r} is part of the key {where} and must be {kind} alone, "
                    f"found {_listed(types)}: DynamoDB would refuse to write the item"
                )
                yield Fault(contribution.entity, rule)
            elif name == settings.time_to_live and not {"N"} <= types <= {"N", "NULL"}:
                rule = (
                    f"attribute {name!r} is the time to live and must be a Number (N) of epoch seconds, "
                    f"found {_listed(types)}: nothing would expire"
                )
                yield Fault(contribution.entity, rule)


def _listed(types: Iterable[str]) -> str:
    return ", ".join(sorted(types)) or "nothing"
