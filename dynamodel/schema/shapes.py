"""The parts of a table's definition in AWS's wire form, which boto3 and CloudFormation share.

Key schemas, indexes and capacity have the same names in both, so they are said once, here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dynamodel.schema.scaling import fixed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel.schema.definition import TableDefinition
    from dynamodel.schema.indexes import IndexDefinition
    from dynamodel.schema.keys import KeySchema
    from dynamodel.schema.settings import OnDemandThroughput, Throughput, WarmThroughput
    from dynamodel.schema.vectors import VectorIndex

__all__ = [
    "attribute_definitions",
    "capacity",
    "given",
    "index",
    "key_schema",
    "on_demand_throughput",
    "policy_json",
    "projection",
    "provisioned_throughput",
    "tags",
    "vector_index",
    "warm_throughput",
]


def attribute_definitions(definition: TableDefinition) -> list[dict[str, str]]:
    """`AttributeDefinitions`: exactly the attributes of all keys."""
    return [
        {"AttributeName": attribute.name, "AttributeType": attribute.type}
        for attribute in definition.key_attributes
    ]


def key_schema(key: KeySchema) -> list[dict[str, str]]:
    """`KeySchema`."""
    return [
        *({"AttributeName": attribute.name, "KeyType": "HASH"} for attribute in key.partition),
        *({"AttributeName": attribute.name, "KeyType": "RANGE"} for attribute in key.sort),
    ]


def projection(definition: IndexDefinition) -> dict[str, Any]:
    """`Projection`."""
    parameters: dict[str, Any] = {"ProjectionType": definition.projection.type}
    if definition.projection.names:
        parameters["NonKeyAttributes"] = list(definition.projection.names)
    return parameters


def index(definition: IndexDefinition) -> dict[str, Any]:
    """One entry of `LocalSecondaryIndexes` or `GlobalSecondaryIndexes`."""
    parameters = {
        "IndexName": definition.name,
        "KeySchema": key_schema(definition.key),
        "Projection": projection(definition),
    }
    return parameters | capacity(
        definition.throughput, definition.on_demand_throughput, definition.warm_throughput
    )


def vector_index(definition: VectorIndex) -> dict[str, Any]:
    """One entry of `VectorIndexes` (AWS API reference: VectorIndex)."""
    names = definition.projection.names
    return {
        "IndexName": definition.name,
        "VectorAttribute": {"AttributeName": definition.attribute},
        "Dimensions": definition.dimensions,
        "DistanceFunction": definition.distance.value,
        "Projection": {
            "ProjectionType": definition.projection.type,
            **({"NonKeyAttributes": list(names)} if names else {}),
        },
    } | _search_schema(definition)


def _search_schema(definition: VectorIndex) -> dict[str, Any]:
    elements = [(name, "HASH") for name in definition.partition_key]
    elements += [(name, "INLINE_FILTER") for name in definition.inline_filters]
    named = [{"AttributeName": name, "SearchSchemaElementType": role} for name, role in elements]
    return {"SearchSchema": named} if named else {}


def capacity(
    throughput: Throughput | None,
    on_demand: OnDemandThroughput | None,
    warm: WarmThroughput | None,
) -> dict[str, Any]:
    """`ProvisionedThroughput`, `OnDemandThroughput` and `WarmThroughput`, as far as there are any."""
    parameters: dict[str, Any] = {}
    if throughput is not None:
        parameters["ProvisionedThroughput"] = provisioned_throughput(throughput)
    if on_demand is not None:
        parameters["OnDemandThroughput"] = on_demand_throughput(on_demand)
    if warm is not None:
        parameters["WarmThroughput"] = warm_throughput(warm)
    return parameters


def provisioned_throughput(throughput: Throughput) -> dict[str, int]:
    """`ProvisionedThroughput`; of autoscaled capacity what it begins with."""
    return {"ReadCapacityUnits": fixed(throughput.read), "WriteCapacityUnits": fixed(throughput.write)}


def on_demand_throughput(throughput: OnDemandThroughput) -> dict[str, int]:
    """`OnDemandThroughput`."""
    return given(MaxReadRequestUnits=throughput.max_read, MaxWriteRequestUnits=throughput.max_write)


def warm_throughput(throughput: WarmThroughput) -> dict[str, int]:
    """`WarmThroughput`."""
    return given(ReadUnitsPerSecond=throughput.read, WriteUnitsPerSecond=throughput.write)


def tags(given_tags: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`Tags`."""
    return [{"Key": key, "Value": value} for key, value in given_tags.items()]


def given(**values: int | None) -> dict[str, int]:
    """Those that are not None."""
    return {name: value for name, value in values.items() if value is not None}


def policy_json(policy: Mapping[str, object]) -> str:
    """The policy as compact JSON: AWS counts blanks against the limit of 20 KB."""
    return json.dumps(policy, separators=(",", ":"))
