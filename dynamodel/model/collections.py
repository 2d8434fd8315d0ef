"""`collection`: several entities that lie in one partition, read with one query."""

from __future__ import annotations

from typing import Any, Generic, TypeVar, TypeVarTuple, overload

from dynamodel.entity.access import BuiltKey
from dynamodel.errors import DeclarationError, Fault
from dynamodel.model.indexes import BoundIndex
from dynamodel.operations.collection_query import CollectionQuery, Member

__all__ = ["Collection", "collection"]

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")
P = TypeVar("P")
Ts = TypeVarTuple("Ts")
E_co = TypeVar("E_co", covariant=True)


class Collection(Generic[E_co, P]):
    """Several entities that share the partition key of a table, or of an index; made by `collection`."""

    def __init__(self, members: tuple[Member, ...]) -> None:
        self._members = members

    @property
    def members(self) -> tuple[Member, ...]:
        """The indexes that it reads, each of one entity."""
        return self._members

    def query(self: Collection[E, tuple[*Ts]], *partition: *Ts) -> CollectionQuery[E]:
        """The items of one partition key, of all the entities, in the order of the sort key.

        Raises:
            RequestError: too few or too many values, or None.
            MarshalError: a value that the key cannot have.
        """
        first = self._members[0]
        return CollectionQuery(
            first.schema,
            first.access,
            partition=first.access.marshal_partition(partition),
            members=self._members,
        )


@overload
def collection(a: BoundIndex[A, P], b: BoundIndex[B, P], /) -> Collection[A | B, P]: ...
@overload
def collection(
    a: BoundIndex[A, P], b: BoundIndex[B, P], c: BoundIndex[C, P], /
) -> Collection[A | B | C, P]: ...
@overload
def collection(
    a: BoundIndex[A, P], b: BoundIndex[B, P], c: BoundIndex[C, P], d: BoundIndex[D, P], /
) -> Collection[A | B | C | D, P]: ...
@overload
def collection(
    a: BoundIndex[A, P],
    b: BoundIndex[B, P],
    c: BoundIndex[C, P],
    d: BoundIndex[D, P],
    e: BoundIndex[F, P],
    /,
) -> Collection[A | B | C | D | F, P]: ...
def collection(*indexes: BoundIndex[Any, Any]) -> Collection[Any, Any]:
    """Declares entities that are read together: `collection(Thread.by_user, Reply.by_user)`.

    Args:
        indexes: the primary key, or the same index, of two to five entities of one table. Their partition
            keys are built from the same tag and from attributes of the same types.

    Raises:
        DeclarationError: they do not share a table, an index or a partition key; or the table has no
            discriminator, by which a reader tells whose an item is.
    """
    for index in indexes:
        if not isinstance(index, BoundIndex):
            rule = f"takes keys and indexes such as Thread.by_user, not {type(index).__name__}"
            raise DeclarationError([Fault("collection()", rule)])
    members = tuple(Member(index._schema, index._access) for index in indexes)
    faults = [fault for member in members[1:] for fault in _sharing_faults(members[0], member)]
    faults += _member_faults(members)
    if faults:
        raise DeclarationError(faults)
    return Collection(members)


def _member_faults(members: tuple[Member, ...]) -> list[Fault]:
    place = f"collection({', '.join(member.access.name for member in members)})"
    faults = []
    if not len(members) >= 2:
        faults.append(Fault(place, "takes two entities or more; one alone has query()"))
    if len({member.schema.cls for member in members}) < len(members):
        faults.append(Fault(place, "names an entity twice"))
    if members and not members[0].schema.discriminator:
        rule = f"{members[0].schema.table.place} needs discriminator=..., which tells whose an item is"
        faults.append(Fault(place, rule))
    return faults


def _sharing_faults(first: Member, other: Member) -> list[Fault]:
    place = f"collection({first.access.name}, {other.access.name})"
    if first.schema.table is not other.schema.table:
        return [Fault(place, "the entities are in different tables; a query reads one")]
    indexes = [member.access.index.name if member.access.index else None for member in (first, other)]
    if indexes[0] != indexes[1]:
        names = " and ".join("the table's key" if name is None else f"index {name}" for name in indexes)
        return [Fault(place, f"one query reads one index, found {names}")]
    if _partition(first) != _partition(other):
        return [Fault(place, "their partition keys are built differently; the same tag and types are needed")]
    return []


def _partition(member: Member) -> object:
    side = member.access.key.partition
    return side.template if isinstance(side, BuiltKey) else side.names
