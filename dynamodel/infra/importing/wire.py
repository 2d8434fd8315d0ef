"""Reads keys, indexes and capacity in AWS's wire form, which CloudFormation and DescribeTable share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from dynamodel.schema.indexes import IndexDefinition, IndexKind, Projection, ProjectionType
from dynamodel.schema.keys import KeyAttribute, KeySchema, ScalarType
from dynamodel.schema.settings import (
    ContributorInsights,
    ContributorInsightsMode,
    OnDemandThroughput,
    Throughput,
    WarmThroughput,
)
from dynamodel.schema.vectors import DistanceFunction, VectorIndex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel.infra.importing.reading import Section

__all__ = [
    "attribute_types",
    "index",
    "insights",
    "key_schema",
    "on_demand_throughput",
    "projection",
    "scalar_type",
    "throughput",
    "vector_index",
    "warm_throughput",
]


def scalar_type(section: Section, name: str = "AttributeType") -> ScalarType:
    """The type of a key attribute."""
    found = section.text(name)
    if found not in ("S", "N", "B"):
        section.report.fault(
            section.at(name), f"a key attribute is a String (S), Number (N) or Binary (B), found {found!r}"
        )
    return cast("ScalarType", found)


def attribute_types(section: Section) -> dict[str, ScalarType]:
    """`AttributeDefinitions`."""
    types: dict[str, ScalarType] = {}
    for entry in section.sections("AttributeDefinitions"):
        types[entry.text("AttributeName")] = scalar_type(entry)
        entry.close()
    return types


def key_schema(section: Section, types: Mapping[str, ScalarType]) -> KeySchema:
    """`KeySchema`."""
    sides: dict[str, list[KeyAttribute]] = {"HASH": [], "RANGE": []}
    entries = section.sections("KeySchema")
    if not entries and "KeySchema" not in section:
        section.report.fault(section.at("KeySchema"), "must list the attributes of the key, found nothing")
    for entry in entries:
        name, role = entry.text("AttributeName"), entry.text("KeyType")
        entry.close()
        if role not in sides:
            entry.report.fault(entry.at("KeyType"), f"must be HASH or RANGE, found {role!r}")
        elif name and name not in types:
            rule = f"names {name!r}, which AttributeDefinitions does not have; add it there with its type"
            entry.report.fault(entry.at("AttributeName"), rule)
        else:
            sides[role].append(KeyAttribute(name, types.get(name, "S")))
    return KeySchema(tuple(sides["HASH"]), tuple(sides["RANGE"]))


def projection(section: Section) -> Projection:
    """`Projection`."""
    found = section.optional("Projection")
    if found is None:
        return Projection.ALL
    kind: str = found.plain_text("ProjectionType") or "ALL"
    names = found.words("NonKeyAttributes")
    found.close()
    if kind not in ("ALL", "KEYS_ONLY", "INCLUDE"):
        found.report.fault(found.at("ProjectionType"), f"must be ALL, KEYS_ONLY or INCLUDE, found {kind!r}")
    return Projection(cast("ProjectionType", kind), names)


def index(section: Section, kind: IndexKind, types: Mapping[str, ScalarType]) -> IndexDefinition:
    """One entry of `LocalSecondaryIndexes` or `GlobalSecondaryIndexes`, and closes it."""
    found = IndexDefinition(
        name=section.text("IndexName"),
        kind=kind,
        key=key_schema(section, types),
        projection=projection(section),
        throughput=throughput(section),
        on_demand_throughput=on_demand_throughput(section),
        warm_throughput=warm_throughput(section),
        contributor_insights=insights(section),
    )
    section.close()
    return found


def throughput(section: Section) -> Throughput | None:
    """`ProvisionedThroughput`; zero units, as DescribeTable has them on demand, are none."""
    found = section.optional("ProvisionedThroughput")
    if found is None:
        return None
    read, write = found.needed_number("ReadCapacityUnits"), found.needed_number("WriteCapacityUnits")
    found.close()
    return Throughput(read, write) if read or write else None


def on_demand_throughput(section: Section) -> OnDemandThroughput | None:
    """`OnDemandThroughput`; AWS's -1 is no maximum."""
    found = section.optional("OnDemandThroughput")
    if found is None:
        return None
    read, write = _maximum(found, "MaxReadRequestUnits"), _maximum(found, "MaxWriteRequestUnits")
    found.close()
    return None if read is None and write is None else OnDemandThroughput(read, write)


def _maximum(section: Section, name: Literal["MaxReadRequestUnits", "MaxWriteRequestUnits"]) -> int | None:
    units = section.number(name)
    return None if units == -1 else units


def warm_throughput(section: Section) -> WarmThroughput | None:
    """`WarmThroughput`."""
    found = section.optional("WarmThroughput")
    if found is None:
        return None
    warm = WarmThroughput(found.number("ReadUnitsPerSecond"), found.number("WriteUnitsPerSecond"))
    found.close()
    return warm


def insights(section: Section) -> ContributorInsights | None:
    """`ContributorInsightsSpecification`; None where they are off."""
    found = section.optional("ContributorInsightsSpecification")
    if found is None:
        return None
    mode = found.choice("Mode", ContributorInsightsMode)
    is_on = found.flag("Enabled")
    found.close()
    return ContributorInsights(mode) if is_on else None


def vector_index(section: Section) -> VectorIndex:
    """One entry of `VectorIndexes`, and closes it."""
    attribute = section.section("VectorAttribute")
    partition: list[str] = []
    filters: list[str] = []
    for entry in section.sections("SearchSchema"):
        role = entry.text("SearchSchemaElementType")
        if role not in ("HASH", "INLINE_FILTER"):
            rule = f"must be HASH or INLINE_FILTER, found {role!r}"
            entry.report.fault(entry.at("SearchSchemaElementType"), rule)
        (partition if role == "HASH" else filters).append(entry.text("AttributeName"))
        entry.close()
    found = VectorIndex(
        name=section.text("IndexName"),
        attribute=attribute.text("AttributeName"),
        dimensions=section.needed_number("Dimensions"),
        distance=_distance(section),
        projection=projection(section),
        partition_key=tuple(partition),
        inline_filters=tuple(filters),
    )
    attribute.close()
    section.close()
    return found


def _distance(section: Section) -> DistanceFunction:
    found = section.choice("DistanceFunction", DistanceFunction)
    if "DistanceFunction" not in section:
        section.report.fault(
            section.at("DistanceFunction"), "must be there: COSINE, DOT_PRODUCT or EUCLIDEAN"
        )
    return found or DistanceFunction.COSINE
