"""Vector indexes as values. They are declared on the table, for no entity builds their keys."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import cast

from attrs import field, frozen

from dynamodel.schema.indexes import Projection

__all__ = ["DistanceFunction", "VectorIndex"]


class DistanceFunction(StrEnum):
    """How the distance of two vectors is measured."""

    COSINE = "COSINE"
    DOT_PRODUCT = "DOT_PRODUCT"
    EUCLIDEAN = "EUCLIDEAN"


def _listed(names: Sequence[str]) -> tuple[str, ...]:
    """A tuple; what is no sequence stays as it is, for the checks to find."""
    return tuple(names) if isinstance(names, list | tuple) else cast("tuple[str, ...]", names)


@frozen
class VectorIndex:
    """An index for similarity search over vectors (AWS API reference: VectorIndex).

    It is part of the table's definition. Searches are not: dynamodel has no operation for them.
    """

    name: str
    attribute: str
    """The stored name of the attribute with the vector."""
    dimensions: int
    distance: DistanceFunction
    projection: Projection = Projection.ALL
    partition_key: tuple[str, ...] = field(default=(), converter=_listed)
    """The stored names by which the index is partitioned; a search must give their values."""
    inline_filters: tuple[str, ...] = field(default=(), converter=_listed)
    """The stored names by which a search may filter in the index."""
