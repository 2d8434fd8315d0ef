"""`primary_key`, `local_index`, `global_index`: how an entity declares the ways to find its items.

On the class they are typed by their keys: `Movie.by_id.get(1234)`, `Thread.latest.query("S3")`. Keys are
typed as tuples, which the methods take apart through the type of `self`, so that a wrong type or a wrong
number of key values is a type error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import (
    TYPE_CHECKING,
    Any,
    Generic,
    TypeAlias,
    TypedDict,
    TypeVar,
    TypeVarTuple,
    Unpack,
    cast,
    overload,
)

import attrs

from dynamodel.entity.access import AccessPath
from dynamodel.entity.schema import EntitySchema, schema_of
from dynamodel.model.keys import Key, Part
from dynamodel.operations.gets import Get
from dynamodel.operations.reads import Query, Scan
from dynamodel.operations.updates import Update
from dynamodel.operations.writes import ConditionCheck, Delete
from dynamodel.schema.indexes import IndexKind, Projection

if TYPE_CHECKING:
    from dynamodel.schema.settings import (
        ContributorInsights,
        OnDemandThroughput,
        Throughput,
        WarmThroughput,
    )

__all__ = [
    "BoundIndex",
    "BoundPrimaryKey",
    "Index",
    "IndexSettings",
    "PrimaryKey",
    "Side",
    "global_index",
    "local_index",
    "parts_of",
    "primary_key",
]

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
F = TypeVar("F")
E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)
P = TypeVar("P")
K = TypeVar("K")
Ts = TypeVarTuple("Ts")

Sort: TypeAlias = Part[Any] | tuple[Part[Any], ...] | Key[Any]


class GlobalIndexSettings(TypedDict, total=False):
    """What a global index may say beside its key."""

    projection: Projection
    """What it holds beside the keys: `Projection.ALL` (the default) or `Projection.KEYS_ONLY`."""
    include: Sequence[Part[Any]]
    """Or, in place of a projection, just these attributes (at most 20)."""
    throughput: Throughput
    """Capacity units a second, where the table is provisioned."""
    on_demand_throughput: OnDemandThroughput
    """The most request units a second, where the table is on demand."""
    warm_throughput: WarmThroughput
    """What the index serves at once, without growing first."""
    contributor_insights: ContributorInsights
    """Measure which keys are used most."""


@attrs.frozen(eq=False, repr=False)
class IndexSettings:
    """What an index says beside its key, with the defaults."""

    projection: Projection = Projection.ALL
    include: Sequence[Part[Any]] = ()
    throughput: Throughput | None = None
    on_demand_throughput: OnDemandThroughput | None = None
    warm_throughput: WarmThroughput | None = None
    contributor_insights: ContributorInsights | None = None


class _Access(Generic[P]):
    """What a primary key and an index have in common: key attributes, and a name in the class."""

    def __init__(self, partition: object, sort: object) -> None:
        self.partition = _side(partition)
        self.sort = _side(sort)
        self.name = ""

    @property
    def parts(self) -> tuple[object, ...]:
        """The attributes that make the key: of the partition, then of the sort key."""
        return (*parts_of(self.partition), *parts_of(self.sort))

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def _bind(self, instance: object, owner: type[E]) -> tuple[EntitySchema[E], AccessPath]:
        if instance is not None:
            raise AttributeError(f"{self.name} belongs to the class: {owner.__name__}.{self.name}")
        schema = schema_of(owner)
        return schema, schema.paths[self.name]


class Index(_Access[P]):
    """A secondary index of an entity; P is the tuple of its partition key's types."""

    def __init__(
        self,
        kind: IndexKind,
        index_name: str,
        partition: object,
        sort: object,
        settings: IndexSettings,
        primary: object = None,
    ) -> None:
        super().__init__(partition, sort)
        self.kind: IndexKind = kind
        self.index_name = index_name
        self.settings = settings
        self.primary = primary
        """Of a local index: the primary key whose partition it shares."""

    def __get__(self, instance: None, owner: type[E]) -> BoundIndex[E, P]:
        return BoundIndex(*self._bind(instance, owner))


class PrimaryKey(_Access[P], Generic[P, K]):
    """The key of an entity's table; P is the tuple of its partition key's types, K that of the whole key."""

    def __get__(self, instance: None, owner: type[E]) -> BoundPrimaryKey[E, P, K]:
        return BoundPrimaryKey(*self._bind(instance, owner))


class BoundIndex(Generic[E_co, P]):
    """An index of an entity class: builds queries and scans."""

    def __init__(self, schema: EntitySchema[E_co], access: AccessPath) -> None:
        self._schema = schema
        self._access = access

    @property
    def schema(self) -> EntitySchema[E_co]:
        """The entity's schema."""
        return self._schema

    @property
    def access(self) -> AccessPath:
        """The key or index as an access path."""
        return self._access

    def query(self: BoundIndex[E, tuple[*Ts]], *partition: *Ts) -> Query[E]:
        """The items of one partition key, in the order of the sort key.

        Raises:
            RequestError: too few or too many values, or None.
            MarshalError: a value that the key cannot have.
        """
        return Query(self._schema, self._access, self._access.marshal_partition(partition))

    def scan(self) -> Scan[E_co]:
        """Every item that the index holds: reads, and costs, all of it."""
        return Scan(self._schema, self._access)


class BoundPrimaryKey(BoundIndex[E_co, P], Generic[E_co, P, K]):
    """The primary key of an entity class: builds operations on one item, queries and scans."""

    def get(self: BoundPrimaryKey[E, Any, tuple[*Ts]], *key: *Ts) -> Get[E]:
        """Read the item with this key.

        Raises:
            RequestError: too few or too many values, or None.
            MarshalError: a value that the key cannot have.
        """
        return Get(self._schema, self._access.marshal_key(key))

    def update(self: BoundPrimaryKey[E, Any, tuple[*Ts]], *key: *Ts) -> Update[E, None]:
        """Change attributes of the item with this key; say which with `.apply(...)`. Errors as for `get`."""
        return Update.of(self._schema, self._access.marshal_parts(key))

    def delete(self: BoundPrimaryKey[E, Any, tuple[*Ts]], *key: *Ts) -> Delete[E, None]:
        """Delete the item with this key. Errors as for `get`."""
        return Delete(self._schema, self._access.marshal_key(key))

    def check(self: BoundPrimaryKey[E, Any, tuple[*Ts]], *key: *Ts) -> ConditionCheck[E]:
        """In a transaction: that something holds of the item with this key; say what with `.when(...)`."""
        return ConditionCheck(self._schema, self._access.marshal_key(key))


@overload
def primary_key(partition: Part[A], /) -> PrimaryKey[tuple[A], tuple[A]]: ...
@overload
def primary_key(partition: Part[A], sort: Part[B], /) -> PrimaryKey[tuple[A], tuple[A, B]]: ...
@overload
def primary_key(partition: Part[A], sort: Key[tuple[*Ts]], /) -> PrimaryKey[tuple[A], tuple[A, *Ts]]: ...
@overload
def primary_key(partition: Key[tuple[*Ts]], /) -> PrimaryKey[tuple[*Ts], tuple[*Ts]]: ...
@overload
def primary_key(
    partition: Key[tuple[*Ts]], sort: Key[tuple[()]], /
) -> PrimaryKey[tuple[*Ts], tuple[*Ts]]: ...
@overload
def primary_key(
    partition: Key[tuple[*Ts]], sort: Key[tuple[A]] | Part[A], /
) -> PrimaryKey[tuple[*Ts], tuple[*Ts, A]]: ...
@overload
def primary_key(
    partition: Key[tuple[*Ts]], sort: Key[tuple[A, B]], /
) -> PrimaryKey[tuple[*Ts], tuple[*Ts, A, B]]: ...
@overload
def primary_key(
    partition: Key[tuple[*Ts]], sort: Key[tuple[A, B, C]], /
) -> PrimaryKey[tuple[*Ts], tuple[*Ts, A, B, C]]: ...
@overload
def primary_key(
    partition: Key[tuple[*Ts]], sort: Key[tuple[A, B, C, D]], /
) -> PrimaryKey[tuple[*Ts], tuple[*Ts, A, B, C, D]]: ...
@overload
def primary_key(
    partition: Key[tuple[*Ts]], sort: Key[tuple[A, B, C, D, F]], /
) -> PrimaryKey[tuple[*Ts], tuple[*Ts, A, B, C, D, F]]: ...
def primary_key(partition: Any, sort: Any = None, /) -> PrimaryKey[Any, Any]:
    """Declares the key of the entity's table: a partition key and perhaps a sort key.

    Each is an attribute, which is a String, Number or Binary then (AWS developer guide, Primary key); or,
    where the table has generic keys, `key(tag, attribute, ...)`.
    """
    return PrimaryKey(partition, sort)


def local_index(
    name: str,
    primary: PrimaryKey[P, Any],
    sort: Part[Any] | Key[Any],
    /,
    *,
    projection: Projection = Projection.ALL,
    include: Sequence[Part[Any]] = (),
) -> Index[P]:
    """Declares a local secondary index: the partition key of the table with another sort key.

    Args:
        name: the index's name, 3 to 255 characters of a-z, A-Z, 0-9, `_`, `-` and `.`.
        primary: the entity's primary key, whose partition it shares.
        sort: its sort key: an attribute, or `key(tag, attribute, ...)`. Items without these attributes are
            not in the index.
        projection: what the index holds beside the keys: `Projection.ALL` or `Projection.KEYS_ONLY`.
        include: or, in place of a projection, just these attributes (at most 20).
    """
    partition = primary.partition if isinstance(primary, PrimaryKey) else ()
    return Index("local", name, partition, sort, IndexSettings(projection, _listed(include)), primary)


@overload
def global_index(
    name: str,
    partition: Part[A] | tuple[Part[A]],
    sort: Sort | None = None,
    /,
    **settings: Unpack[GlobalIndexSettings],
) -> Index[tuple[A]]: ...
@overload
def global_index(
    name: str,
    partition: tuple[Part[A], Part[B]],
    sort: Sort | None = None,
    /,
    **settings: Unpack[GlobalIndexSettings],
) -> Index[tuple[A, B]]: ...
@overload
def global_index(
    name: str,
    partition: tuple[Part[A], Part[B], Part[C]],
    sort: Sort | None = None,
    /,
    **settings: Unpack[GlobalIndexSettings],
) -> Index[tuple[A, B, C]]: ...
@overload
def global_index(
    name: str,
    partition: tuple[Part[A], Part[B], Part[C], Part[D]],
    sort: Sort | None = None,
    /,
    **settings: Unpack[GlobalIndexSettings],
) -> Index[tuple[A, B, C, D]]: ...
@overload
def global_index(
    name: str,
    partition: Key[P],
    sort: Sort | None = None,
    /,
    **settings: Unpack[GlobalIndexSettings],
) -> Index[P]: ...
def global_index(
    name: str,
    partition: Any,
    sort: Any = None,
    /,
    **settings: Unpack[GlobalIndexSettings],
) -> Index[Any]:
    """Declares a global secondary index: another partition key, and perhaps a sort key.

    Args:
        name: the index's name, 3 to 255 characters of a-z, A-Z, 0-9, `_`, `-` and `.`.
        partition: its partition key: one attribute, a tuple of up to four, or `key(tag, attribute, ...)`.
        sort: its sort key, in the same forms. Items that lack an attribute of the key are not in the index.
        settings: see `GlobalIndexSettings`.
    """
    if "include" in settings:
        settings["include"] = _listed(settings["include"])
    return Index("global", name, partition, sort, IndexSettings(**settings))


def _listed(include: object) -> tuple[Any, ...]:
    """What `include` names. Something else than a sequence becomes a fault of the class, as its one part."""
    return tuple(include) if isinstance(include, list | tuple) else (include,)


Side: TypeAlias = tuple[object, ...] | Key[Any]
"""One side of a key as it was given: attributes that are stored as they are, or a template."""


def _side(given: object) -> Side:
    if isinstance(given, Key):
        return given
    if given is None:
        return ()
    return cast("tuple[object, ...]", given) if isinstance(given, tuple) else (given,)


def parts_of(side: Side) -> tuple[object, ...]:
    """The attributes that make one side of a key."""
    return side.parts if isinstance(side, Key) else side
