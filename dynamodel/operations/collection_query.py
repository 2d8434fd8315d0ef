"""Queries of a collection: the items of several entities in one partition, with one request.

Guarantee: nothing that was read is dropped without a word. Items of no entity of the collection, whoever
wrote them, are in `unknown` of the results, or of the page.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

import attrs

from dynamodel.attribute_value.binary import plain_item
from dynamodel.entity.access import AccessPath, BuiltKey
from dynamodel.entity.schema import EntitySchema
from dynamodel.errors import MarshalFault, RequestError
from dynamodel.expressions.nodes import Condition, Junction, Negation, require_condition
from dynamodel.keys import Between, Exactly, KeyRange
from dynamodel.operations.base import both, own_condition
from dynamodel.operations.chunks import UnknownItemError
from dynamodel.operations.key_conditions import partition_condition, range_predicate
from dynamodel.operations.ownership import has_own_key, holds_discriminator, own_condition_of
from dynamodel.operations.projections import require_held
from dynamodel.operations.reads import Items
from dynamodel.types import Item

if TYPE_CHECKING:
    from typing import Self

    from dynamodel.expressions.placeholders import Placeholders
    from dynamodel.operations.pages import Count

__all__ = ["CollectionQuery", "Member"]

E = TypeVar("E")


@attrs.frozen
class Member:
    """One entity of a collection, and the access path by which it is read."""

    schema: EntitySchema[Any]
    access: AccessPath
    condition: Condition | None = None
    """Which of its items are wanted."""


@attrs.frozen
class CollectionQuery(Items[E], Generic[E]):
    """The items of several entities in one partition, in the order of the sort key; lazy when iterated."""

    partition: Item = attrs.field(repr=False, kw_only=True)
    members: tuple[Member, ...] = attrs.field(kw_only=True)
    is_reversed: bool = attrs.field(default=False, kw_only=True)
    is_counted: bool = attrs.field(default=False, kw_only=True)
    """DynamoDB only counts, so it must leave out what is not the entities'."""

    def filter(self, *conditions: Condition) -> Self:
        """Return, of the entity that a condition speaks of, only the items for which it holds.

        The items of the other entities are not touched by it. What is filtered out was read, and is paid for.

        Raises:
            RequestError: a condition on more than one entity, on one that is not in the collection, or on
                an attribute that the index does not hold.
        """
        members = list(self.members)
        for condition in conditions:
            position = self._spoken_of(condition)
            members[position] = _filtered(members[position], condition)
        return attrs.evolve(self, members=tuple(members))

    def project(self, *paths: object) -> NoReturn:
        """A collection reads whole items.

        Raises:
            RequestError: always.
        """
        raise RequestError(f"{self.entity}: a collection reads whole items; query an entity to project")

    def hydrate(self) -> NoReturn:
        """A collection reads what the index holds.

        Raises:
            RequestError: always.
        """
        raise RequestError(f"{self.entity}: a collection is not hydrated; query an entity to hydrate")

    def reverse(self) -> Self:
        """In descending order of the sort key; reversing twice gives the ascending order again."""
        return attrs.evolve(self, is_reversed=not self.is_reversed)

    def count(self) -> Count:
        """How many items of these entities there are, over all pages. Reads, and costs, all of them.

        Raises:
            RequestError: the index does not hold what tells the entities apart.
        """
        for member in self.members:
            _require_discriminator(member)
        from dynamodel.operations.pages import Count  # noqa: PLC0415 - for programs that count

        return Count(attrs.evolve(self, is_counted=True))

    @property
    def entity(self) -> str:
        """The entities' names, for messages."""
        return " | ".join(member.schema.name for member in self.members)

    @property
    def drops_items(self) -> bool:
        """Unknown items do not count."""
        return True

    def _spoken_of(self, condition: object) -> int:
        owners = {path.owner for path in require_condition(condition).paths()}
        found = [n for n, member in enumerate(self.members) if member.schema.cls in owners]
        if len(owners) != 1 or not found:
            raise RequestError(f"{self.entity}: a filter speaks of one of these entities")
        return found[0]

    def _meets_others(self) -> bool:
        return False

    def _operation(self) -> str:
        return "Query"

    def _key_parameters(self, placeholders: Placeholders) -> dict[str, Any]:
        condition = self._key_condition()
        parameters = placeholders.expression("KeyConditionExpression", condition)
        if self.is_reversed:
            parameters["ScanIndexForward"] = False
        return parameters

    def _key_condition(self) -> Condition:
        """From the first key that one of the entities builds to the last one."""
        sides = [member.access.key.sort for member in self.members]
        built = [side for side in sides if isinstance(side, BuiltKey)]
        if len(built) < len(sides):
            return partition_condition(self.partition)
        return both(
            partition_condition(self.partition),
            range_predicate(built[0], _spanned([side.template.whole() for side in built])),
        )

    def _filter(self) -> Condition | None:
        """`NOT its items OR the condition`, so that the items of others, known or not, are not touched."""
        terms: list[Condition] = [
            Junction.of("OR", Negation(own_condition_of(member.schema)), member.condition)
            for member in self.members
            if member.condition is not None
        ]
        if self.is_counted:
            terms.append(Junction.of("OR", *(own_condition_of(member.schema) for member in self.members)))
        return reduce(both, terms, None)

    def _decoder(self) -> Callable[[Item], E]:
        decoders = [
            member.schema.decoder(member.access, member.schema.loaded_names(member.access))
            for member in self.members
        ]

        def decode(item: Item) -> E:
            position = self._whose(item)
            if position is None:
                fault = MarshalFault("", "", f"this is no item of {self.entity}")
                raise UnknownItemError(fault, owner=self.entity, item=plain_item(item))
            entity: E = decoders[position](item)
            return entity

        return decode

    def _whose(self, item: Item) -> int | None:
        for position, member in enumerate(self.members):
            if holds_discriminator(member.schema, member.access):
                is_own = member.schema.discriminator.items() <= item.items()
            else:
                is_own = has_own_key(member.schema, item)
            if is_own:
                return position
        return None


def _filtered(member: Member, condition: Condition) -> Member:
    own = own_condition(member.schema, condition)
    _require_discriminator(member)
    require_held(member.schema, member.access, own.paths())
    for path in own.paths():
        if path.attribute in member.access.key.stored_names:
            raise RequestError(f"{path} is part of the key of {member.access.name}, which no filter takes")
    return attrs.evolve(member, condition=both(member.condition, own))


def _require_discriminator(member: Member) -> None:
    if not holds_discriminator(member.schema, member.access):
        raise RequestError(f"{member.access.name}: the index does not hold what tells the entities apart")


def _spanned(ranges: list[KeyRange]) -> KeyRange:
    low, high = min(keys.low for keys in ranges), max(keys.high for keys in ranges)
    return Exactly(low) if low == high else Between(low, high)
