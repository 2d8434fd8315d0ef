"""The rules about vector indexes (AWS API reference: VectorIndex, SearchSchemaElement)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamodel.errors import Fault
from dynamodel.schema.vectors import VectorIndex
from dynamodel.schema.verify_types import attribute_name_faults, name_faults, projection_faults, wrong_types

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["vector_faults"]

MAX_DIMENSIONS = 4096
"""AWS API reference: a SearchVector has 1 to 4,096 elements."""


def vector_faults(indexes: Sequence[object], taken: Iterable[object], place: str) -> Iterator[Fault]:
    """Every broken rule.

    Args:
        indexes: the vector indexes of a table.
        taken: the names of its other indexes.
        place: the table's.
    """
    if not isinstance(indexes, tuple):
        yield Fault(f"{place}.vector_indexes", f"must be several VectorIndex, found {type(indexes).__name__}")
        return
    names = {name for name in taken if isinstance(name, str)}
    dimensions: dict[str, int] = {}
    for number, index in enumerate(indexes):
        at = f"{place}.vector_indexes[{number}]"
        if not isinstance(index, VectorIndex):
            yield Fault(at, f"must be a VectorIndex, found {type(index).__name__}")
            continue
        faults, broken = wrong_types(index, at)
        yield from faults
        if not broken:
            yield from name_faults(index.name, f"{at}.name", "index")
            yield from _own_faults(index, at)
            if index.name in names:
                rule = f"index names are unique in a table, found {index.name!r} again; rename it"
                yield Fault(f"{at}.name", rule)
            names.add(index.name)
            known = dimensions.setdefault(index.attribute, index.dimensions)
            if known != index.dimensions:
                rule = f"all indexes of {index.attribute!r} have {known} dimensions, found {index.dimensions}"
                yield Fault(f"{at}.dimensions", rule)


def _own_faults(index: VectorIndex, at: str) -> Iterator[Fault]:
    yield from attribute_name_faults(index.attribute, f"{at}.attribute", "vector attribute")
    if not 1 <= index.dimensions <= MAX_DIMENSIONS:
        yield Fault(f"{at}.dimensions", f"must be 1 to {MAX_DIMENSIONS}, found {index.dimensions}")
    yield from projection_faults(index.projection, at)
    for role in ("partition_key", "inline_filters"):
        names = getattr(index, role)
        for name in names:
            yield from attribute_name_faults(name, f"{at}.{role}", "search schema")
        if len(set(names)) < len(names):
            yield Fault(f"{at}.{role}", "an attribute stands there once; remove the other")
    if set(index.partition_key) & set(index.inline_filters):
        yield Fault(f"{at}.inline_filters", "shares no attribute with the partition_key; remove it from one")
