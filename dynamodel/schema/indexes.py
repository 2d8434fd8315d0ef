"""Secondary indexes as values: name, kind, key, projection and the settings of global indexes.

Like every value of this layer an index holds stored attribute names and checks nothing by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from attrs import frozen

if TYPE_CHECKING:
    from dynamodel.schema.keys import KeySchema
    from dynamodel.schema.settings import ContributorInsights, OnDemandThroughput, Throughput, WarmThroughput

__all__ = ["IndexDefinition", "IndexKind", "Projection", "ProjectionType"]

IndexKind: TypeAlias = Literal["local", "global"]
ProjectionType: TypeAlias = Literal["ALL", "KEYS_ONLY", "INCLUDE"]


@frozen
class Projection:
    """The attributes that an index holds: `Projection.ALL`, `.KEYS_ONLY`, or `.include(*names)`.

    The keys of the table and of the index are always among them.
    """

    type: ProjectionType
    names: tuple[str, ...] = ()
    """The stored names of INCLUDE: 1 to 20, none twice; at most 100 over all indexes of a table."""

    ALL: ClassVar[Projection]
    KEYS_ONLY: ClassVar[Projection]

    @classmethod
    def include(cls, *names: str) -> Projection:
        """The keys and the attributes of these stored names."""
        return cls("INCLUDE", names)

    def __str__(self) -> str:
        return f"INCLUDE of {', '.join(map(repr, self.names))}" if self.type == "INCLUDE" else self.type


Projection.ALL = Projection("ALL")
Projection.KEYS_ONLY = Projection("KEYS_ONLY")


@frozen
class IndexDefinition:
    """One secondary index of a table.

    A local index shares the table's partition key and has one sort attribute of its own. A global index
    has 1 to 4 partition and up to 4 sort attributes; only it has capacity and insights of its own.
    """

    name: str
    kind: IndexKind
    key: KeySchema
    projection: Projection = Projection.ALL
    throughput: Throughput | None = None
    on_demand_throughput: OnDemandThroughput | None = None
    warm_throughput: WarmThroughput | None = None
    contributor_insights: ContributorInsights | None = None
