"""Writes data models of NoSQL Workbench for Amazon DynamoDB, version 3.0.

Guarantee: `from_workbench` reads the same tables from what is written here. What the format cannot hold
(local indexes, keys of several attributes, settings beside capacity) is named in the model's description.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import attrs

from dynamodel.infra.importing.entities import imported_tables
from dynamodel.infra.importing.imported import Imported
from dynamodel.infra.importing.items import json_items
from dynamodel.schema import shapes
from dynamodel.schema.scaling import AutoScaling, CapacityUnits
from dynamodel.schema.settings import TableSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dynamodel.infra.importing.imported import Facet, ImportedTable
    from dynamodel.model.entity import Entity
    from dynamodel.schema.definition import TableDefinition
    from dynamodel.schema.indexes import IndexDefinition
    from dynamodel.schema.keys import KeyAttribute, KeySchema
    from dynamodel.schema.settings import Throughput
    from dynamodel.schema.table import Table

__all__ = ["to_workbench"]

_SERVICE_ROLE = "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"
_HELD = frozenset({"billing_mode", "throughput", "removal_policy"})
"""The settings that the format has, and the one that is about stacks only."""


def to_workbench(
    declared: Imported | Iterable[Table | type[Entity]],
    *,
    name: str | None = None,
    author: str | None = None,
    description: str | None = None,
    samples: Iterable[Entity] = (),
    at: datetime | None = None,
) -> dict[str, Any]:
    """A NoSQL Workbench data model, as JSON can hold it.

    Args:
        declared: tables, and entity classes, which stand for their tables; or what was imported.
        name: of the model; of an imported one its own, otherwise "dynamodel".
        author: of the model.
        description: of the model.
        samples: entities that Workbench shows as sample data.
        at: when the model was made; None: now.

    Raises:
        DeclarationError: something else was given, or a table has no key.
        MarshalError: a sample that DynamoDB would refuse.
    """
    imported = declared if isinstance(declared, Imported) else Imported(imported_tables(declared, samples))
    date = (at or datetime.now(UTC)).strftime("%b %d, %Y, %I:%M %p")
    metadata = {
        "Author": "",
        "DateCreated": date,
        "DateLastModified": date,
        "Description": "",
        "AWSService": "Amazon DynamoDB",
        "Version": "3.0",
        **imported.metadata,
    }
    if author is not None:
        metadata["Author"] = author
    if description is not None:
        metadata["Description"] = description
    left_out = [line for table in imported.tables for line in _left_out(table.definition)]
    if left_out:
        about = metadata["Description"]
        metadata["Description"] = "\n".join([*([about, ""] if about else []), *left_out])
    return {
        "ModelName": name or imported.name or "dynamodel",
        "ModelMetadata": metadata,
        "DataModel": [_table(table) for table in imported.tables],
    }


def _left_out(definition: TableDefinition) -> Iterator[str]:
    """What the format cannot hold."""
    for index in definition.local_indexes:
        yield f"Not in this model: the local index {index.name} of {definition.name}."
    for index in definition.global_indexes:
        if not _is_held(index):
            yield (
                f"Not in this model: the index {index.name} of {definition.name}, "
                "whose key has several attributes on one side."
            )
    for vector in definition.vector_indexes:
        yield f"Not in this model: the vector index {vector.name} of {definition.name}."
    default = TableSettings()
    names = [
        field.name.replace("_", " ")
        for field in attrs.fields(TableSettings)
        if field.name not in _HELD
        and getattr(definition.settings, field.name) != getattr(default, field.name)
    ]
    if names:
        yield f"Not in this model: of {definition.name} the settings {', '.join(names)}."


def _is_held(index: IndexDefinition) -> bool:
    return len(index.key.partition) == 1 and len(index.key.sort) <= 1


def _table(table: ImportedTable) -> dict[str, Any]:
    definition = table.definition
    whole: dict[str, Any] = {
        "TableName": definition.name,
        "KeyAttributes": _key(definition.key),
        "NonKeyAttributes": _attributes(table),
        "TableFacets": [_facet(facet, definition) for facet in table.facets],
        "GlobalSecondaryIndexes": [
            _index(index, definition) for index in definition.global_indexes if _is_held(index)
        ],
        "TableData": json_items(table.items),
        "DataAccess": {"MySql": {}},
        "BillingMode": definition.settings.billing_mode.value,
    }
    if table.formats:
        whole["SampleDataFormats"] = {name: list(words) for name, words in table.formats.items()}
    return whole | _capacity(definition.settings.throughput)


def _key(key: KeySchema) -> dict[str, Any]:
    parts = {"PartitionKey": _attribute(key.partition[0])}
    return parts | ({"SortKey": _attribute(key.sort[0])} if key.sort else {})


def _attribute(attribute: KeyAttribute) -> dict[str, str]:
    return {"AttributeName": attribute.name, "AttributeType": attribute.type}


def _attributes(table: ImportedTable) -> list[dict[str, str]]:
    """All attributes beside the table's key; those of index keys, too."""
    own = {attribute.name for attribute in table.definition.key.attributes}
    types: dict[str, str] = dict(table.attributes)
    for index in table.definition.global_indexes:
        if _is_held(index):
            for attribute in index.key.attributes:
                types.setdefault(attribute.name, attribute.type)
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items() if name not in own]


def _facet(facet: Facet, definition: TableDefinition) -> dict[str, Any]:
    key = definition.key
    alias = {"PartitionKeyAlias": facet.partition_alias or key.partition[0].name}
    if key.sort:
        alias["SortKeyAlias"] = facet.sort_alias or key.sort[0].name
    return {
        "FacetName": facet.name,
        "KeyAttributeAlias": alias,
        "TableData": json_items(facet.items),
        "NonKeyAttributes": list(facet.attributes),
        "DataAccess": {"MySql": {}},
    }


def _index(index: IndexDefinition, definition: TableDefinition) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "IndexName": index.name,
        "KeyAttributes": _key(index.key),
        "Projection": shapes.projection(index),
    }
    if index.throughput == definition.settings.throughput:
        return whole
    return whole | _capacity(index.throughput)


def _capacity(throughput: Throughput | None) -> dict[str, Any]:
    if throughput is None:
        return {}
    settings: dict[str, Any] = {"ProvisionedThroughput": shapes.provisioned_throughput(throughput)}
    for name, units in (("AutoScalingRead", throughput.read), ("AutoScalingWrite", throughput.write)):
        if isinstance(units, AutoScaling):
            settings[name] = _scaling(units)
    return {"ProvisionedCapacitySettings": settings}


def _scaling(units: CapacityUnits) -> dict[str, Any]:
    assert isinstance(units, AutoScaling)
    policy: dict[str, int | None] = {
        "TargetValue": units.target_utilization,
        "ScaleInCooldown": units.scale_in_cooldown,
        "ScaleOutCooldown": units.scale_out_cooldown,
    }
    return {
        "ScalableTargetRequest": {
            "MinCapacity": units.minimum,
            "MaxCapacity": units.maximum,
            "ServiceRole": _SERVICE_ROLE,
        },
        "ScalingPolicyConfiguration": {name: value for name, value in policy.items() if value is not None},
    }
