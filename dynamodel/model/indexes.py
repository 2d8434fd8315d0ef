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

from dynamodel.entity.attributes import Attr
from dynamodel.entity.schema import AccessPath, EntitySchema, schema_of
from dynamodel.expressions.path import Path
from dynamodel.operations.items import Delete, Get, Update
from dynamodel.operations.reads import Query, Scan
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
    "global_index",
    "local_index",
    "primary_key",
]

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)
P = TypeVar("P")
K = TypeVar("K")
Ts = TypeVarTuple("Ts")

Part: TypeAlias = Attr[A] | Path[A]
"""An attribute of the class itself, or of a base class: `Stamped.created`."""

Sort: TypeAlias = Part[Any] | tuple[Part[Any], ...]


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


@attrs.frozen(eq=False)
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
        self.partition = _parts(partition)
        self.sort = _parts(sort)
        self.name = ""

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
        return Update(self._schema, self._access.marshal_key(key))

    def delete(self: BoundPrimaryKey[E, Any, tuple[*Ts]], *key: *Ts) -> Delete[E, None]:
        """Delete the item with this key. Errors as for `get`."""
        return Delete(self._schema, self._access.marshal_key(key))


@overload
def primary_key(partition: Part[A], /) -> PrimaryKey[tuple[A], tuple[A]]: ...
@overload
def primary_key(partition: Part[A], sort: Part[B], /) -> PrimaryKey[tuple[A], tuple[A, B]]: ...
def primary_key(partition: Part[Any], sort: Part[Any] | None = None, /) -> PrimaryKey[Any, Any]:
    """Declares the key of the entity's table: a partition key and perhaps a sort key.

    Key attributes are String, Number or Binary (AWS developer guide, Primary key).
    """
    return PrimaryKey(partition, sort)


def local_index(
    name: str,
    primary: PrimaryKey[P, Any],
    sort: Part[Any],
    /,
    *,
    projection: Projection = Projection.ALL,
    include: Sequence[Part[Any]] = (),
) -> Index[P]:
    """Declares a local secondary index: the partition key of the table with another sort key.

    Args:
        name: the index's name, 3 to 255 characters of a-z, A-Z, 0-9, `_`, `-` and `.`.
        primary: the entity's primary key, whose partition it shares.
        sort: its sort key; items without this attribute are not in the index.
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
        partition: its partition key: one attribute, or a tuple of up to four.
        sort: its sort key: one attribute, or a tuple of up to four. Items that lack a key attribute are
            not in the index.
        settings: see `GlobalIndexSettings`.
    """
    if "include" in settings:
        settings["include"] = _listed(settings["include"])
    return Index("global", name, partition, sort, IndexSettings(**settings))


def _listed(include: object) -> tuple[Any, ...]:
    """What `include` names. Something else than a sequence becomes a fault of the class, as its one part."""
    return tuple(include) if isinstance(include, list | tuple) else (include,)


def _parts(given: object) -> tuple[object, ...]:
    if given is None:
        return ()
    return cast("tuple[object, ...]", given) if isinstance(given, tuple) else (given,)
