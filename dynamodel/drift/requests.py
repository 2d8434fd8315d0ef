"""The boto3 requests that change a deployed table, one function for each of them.

Guarantee: a request holds exactly what boto3's client takes for its change. `AttributeDefinitions` go along
with a new index only, and are those of all keys that the table then has: AWS refuses unused ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from dynamodel.schema import shapes
from dynamodel.schema.settings import EncryptionKey
from dynamodel.types import Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dynamodel.schema.definition import TableDefinition
    from dynamodel.schema.indexes import IndexDefinition
    from dynamodel.schema.settings import (
        ContributorInsights,
        Encryption,
        KinesisStream,
        PointInTimeRecovery,
        StreamViewType,
        TimestampPrecision,
    )
    from dynamodel.schema.vectors import VectorIndex

__all__ = [
    "continuous_backups",
    "create_index",
    "create_vector_index",
    "delete_index",
    "delete_vector_index",
    "disable_insights",
    "disable_kinesis",
    "enable_insights",
    "enable_kinesis",
    "encryption",
    "policy",
    "retime_kinesis",
    "stream",
    "tag_requests",
    "time_to_live",
    "update_indexes",
    "update_table",
]


def update_table(name: str, **parameters: Any) -> Request:
    """`UpdateTable`."""
    return Request("UpdateTable", {"TableName": name, **parameters})


def update_indexes(updates: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The part of an `UpdateTable` that changes settings of global indexes, by their names."""
    entries = [{"Update": {"IndexName": index, **settings}} for index, settings in updates.items()]
    return {"GlobalSecondaryIndexUpdates": entries} if entries else {}


def create_index(definition: TableDefinition, index: IndexDefinition) -> Request:
    """Adds a global index.

    Args:
        definition: the table as it is before.
        index: the index.
    """
    grown = evolve(definition, global_indexes=(*definition.global_indexes, index))
    return update_table(
        definition.name,
        AttributeDefinitions=shapes.attribute_definitions(grown),
        GlobalSecondaryIndexUpdates=[{"Create": shapes.index(index)}],
    )


def delete_index(name: str, index: str) -> Request:
    """Removes a global index."""
    return update_table(name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": index}}])


def create_vector_index(name: str, index: VectorIndex) -> Request:
    """Adds a vector index."""
    return update_table(name, VectorIndexUpdates=[{"Create": shapes.vector_index(index)}])


def delete_vector_index(name: str, index: str) -> Request:
    """Removes a vector index."""
    return update_table(name, VectorIndexUpdates=[{"Delete": {"IndexName": index}}])


def stream(name: str, view: StreamViewType | None) -> Request:
    """Switches the stream on or off."""
    specification: dict[str, Any] = {"StreamEnabled": view is not None}
    if view is not None:
        specification["StreamViewType"] = view.value
    return update_table(name, StreamSpecification=specification)


def encryption(name: str, declared: Encryption) -> Request:
    """Changes the key that encrypts the table."""
    if declared.key_owner is EncryptionKey.AWS_OWNED:
        return update_table(name, SSESpecification={"Enabled": False})
    specification: dict[str, Any] = {"Enabled": True, "SSEType": "KMS"}
    if declared.key is not None:
        specification["KMSMasterKeyId"] = declared.key
    return update_table(name, SSESpecification=specification)


def time_to_live(name: str, attribute: str, *, enabled: bool) -> Request:
    """Switches the time to live on or off."""
    specification = {"Enabled": enabled, "AttributeName": attribute}
    return Request("UpdateTimeToLive", {"TableName": name, "TimeToLiveSpecification": specification})


def continuous_backups(name: str, recovery: PointInTimeRecovery | None) -> Request:
    """Switches point-in-time recovery on or off, or changes its days."""
    specification: dict[str, Any] = {"PointInTimeRecoveryEnabled": recovery is not None}
    if recovery is not None:
        specification["RecoveryPeriodInDays"] = recovery.days
    return Request(
        "UpdateContinuousBackups", {"TableName": name, "PointInTimeRecoverySpecification": specification}
    )


def enable_insights(name: str, insights: ContributorInsights, index: str | None = None) -> Request:
    """Switches contributor insights of a table or a global index on, or changes their mode."""
    parameters = _insights(name, index, "ENABLE")
    if insights.mode is not None:
        parameters["ContributorInsightsMode"] = insights.mode.value
    return Request("UpdateContributorInsights", parameters)


def disable_insights(name: str, index: str | None = None) -> Request:
    """Switches contributor insights of a table or a global index off."""
    return Request("UpdateContributorInsights", _insights(name, index, "DISABLE"))


def _insights(name: str, index: str | None, action: str) -> dict[str, Any]:
    target = {"TableName": name} if index is None else {"TableName": name, "IndexName": index}
    return {**target, "ContributorInsightsAction": action}


def enable_kinesis(name: str, destination: KinesisStream) -> Request:
    """Begins to send changes to a Kinesis data stream."""
    parameters: dict[str, Any] = {"TableName": name, "StreamArn": destination.arn}
    if destination.precision is not None:
        configuration = {"ApproximateCreationDateTimePrecision": destination.precision.value}
        parameters["EnableKinesisStreamingConfiguration"] = configuration
    return Request("EnableKinesisStreamingDestination", parameters)


def disable_kinesis(name: str, destination: KinesisStream) -> Request:
    """Ends it."""
    return Request("DisableKinesisStreamingDestination", {"TableName": name, "StreamArn": destination.arn})


def retime_kinesis(name: str, destination: KinesisStream, precision: TimestampPrecision) -> Request:
    """Changes the precision of the times in a Kinesis data stream."""
    configuration = {"ApproximateCreationDateTimePrecision": precision.value}
    return Request(
        "UpdateKinesisStreamingDestination",
        {
            "TableName": name,
            "StreamArn": destination.arn,
            "UpdateKinesisStreamingConfiguration": configuration,
        },
    )


def policy(arn: str, document: Mapping[str, object] | None) -> Request:
    """Attaches a resource policy to a table or a stream, or removes it."""
    if document is None:
        return Request("DeleteResourcePolicy", {"ResourceArn": arn})
    return Request("PutResourcePolicy", {"ResourceArn": arn, "Policy": shapes.policy_json(document)})


def tag_requests(arn: str, declared: Mapping[str, Any], deployed: Mapping[str, Any]) -> Iterator[Request]:
    """Sets the tags that are new or differ, and removes those that are not declared."""
    removed = [key for key in deployed if key not in declared]
    if removed:  # first, for there are at most 50
        yield Request("UntagResource", {"ResourceArn": arn, "TagKeys": removed})
    changed = {key: value for key, value in declared.items() if deployed.get(key) != value}
    if changed:
        yield Request("TagResource", {"ResourceArn": arn, "Tags": shapes.tags(changed)})
