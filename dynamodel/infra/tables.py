"""A table as `AWS::DynamoDB::Table`.

Guarantee: the properties are those that the CDK's `Table` construct makes of the same settings. What is
AWS's default is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamodel.infra.template import Resource, Scope
from dynamodel.schema import shapes
from dynamodel.schema.settings import (
    BillingMode,
    ContributorInsights,
    Encryption,
    EncryptionKey,
    ImportSource,
    KinesisStream,
    PointInTimeRecovery,
    TableClass,
    TableSettings,
)

if TYPE_CHECKING:
    from dynamodel.schema.definition import TableDefinition
    from dynamodel.schema.indexes import IndexDefinition
    from dynamodel.schema.table import Table

__all__ = [
    "encryption",
    "insights",
    "keys_and_indexes",
    "kinesis",
    "recovery",
    "stream",
    "table_properties",
    "table_resources",
]


def table_resources(table: Table, scope: Scope) -> dict[str, Resource]:
    """The table as one resource, by its logical id."""
    properties = scope.render(table_properties(table.definition))
    removal = table.settings.removal_policy
    return {scope.id_of(table): Resource("AWS::DynamoDB::Table", properties, removal)}


def table_properties(definition: TableDefinition) -> dict[str, Any]:
    """The properties of `AWS::DynamoDB::Table`, in which references still stand as they are."""
    settings = definition.settings
    name = definition.name if settings.deployed_name is None else settings.deployed_name
    properties: dict[str, Any] = {"TableName": name, **keys_and_indexes(definition)}
    if settings.billing_mode is BillingMode.PAY_PER_REQUEST:
        properties["BillingMode"] = settings.billing_mode.value
    properties |= shapes.capacity(
        settings.throughput, settings.on_demand_throughput, settings.warm_throughput
    )
    return properties | _settings(settings)


def keys_and_indexes(definition: TableDefinition) -> dict[str, Any]:
    """`KeySchema`, `AttributeDefinitions` and the indexes."""
    properties: dict[str, Any] = {
        "KeySchema": shapes.key_schema(definition.key),
        "AttributeDefinitions": shapes.attribute_definitions(definition),
    }
    if definition.local_indexes:
        properties["LocalSecondaryIndexes"] = [shapes.index(index) for index in definition.local_indexes]
    if definition.global_indexes:
        properties["GlobalSecondaryIndexes"] = [_global_index(index) for index in definition.global_indexes]
    if definition.vector_indexes:
        properties["VectorIndexes"] = [shapes.vector_index(index) for index in definition.vector_indexes]
    return properties


def _global_index(index: IndexDefinition) -> dict[str, Any]:
    properties = shapes.index(index)
    if index.contributor_insights is not None:
        properties["ContributorInsightsSpecification"] = insights(index.contributor_insights)
    return properties


def _settings(settings: TableSettings) -> dict[str, Any]:
    expiry = settings.time_to_live
    policy = settings.resource_policy
    properties = {
        "SSESpecification": encryption(settings.encryption),
        "StreamSpecification": stream(settings),
        "TimeToLiveSpecification": expiry and {"AttributeName": expiry, "Enabled": True},
        "PointInTimeRecoverySpecification": recovery(settings.point_in_time_recovery),
        "DeletionProtectionEnabled": settings.deletion_protection,
        "TableClass": None if settings.table_class is TableClass.STANDARD else settings.table_class.value,
        "ContributorInsightsSpecification": insights(settings.contributor_insights),
        "KinesisStreamSpecification": kinesis(settings.kinesis_stream),
        "ResourcePolicy": None if policy is None else {"PolicyDocument": policy},
        "ImportSourceSpecification": settings.import_source and _import_source(settings.import_source),
        "Tags": shapes.tags(settings.tags),
    }
    return {name: value for name, value in properties.items() if value}


def encryption(settings: Encryption) -> dict[str, Any] | None:
    """`SSESpecification`; None for a key that AWS owns."""
    if settings.key_owner is EncryptionKey.AWS_OWNED:
        return None
    if settings.key_owner is EncryptionKey.AWS_MANAGED:
        return {"SSEEnabled": True}
    return {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": settings.key}


def stream(settings: TableSettings) -> dict[str, Any] | None:
    """`StreamSpecification`; None without a stream."""
    if settings.stream is None:
        return None
    properties: dict[str, Any] = {"StreamViewType": settings.stream.value}
    if settings.stream_resource_policy is not None:
        properties["ResourcePolicy"] = {"PolicyDocument": settings.stream_resource_policy}
    if settings.stream_tags:
        properties["Tags"] = shapes.tags(settings.stream_tags)
    return properties


def recovery(settings: PointInTimeRecovery | None) -> dict[str, Any] | None:
    """`PointInTimeRecoverySpecification`, without AWS's default of 35 days; None without recovery."""
    if settings is None:
        return None
    properties: dict[str, Any] = {"PointInTimeRecoveryEnabled": True}
    if settings.days != PointInTimeRecovery().days:
        properties["RecoveryPeriodInDays"] = settings.days
    return properties


def insights(settings: ContributorInsights | None) -> dict[str, Any] | None:
    """`ContributorInsightsSpecification`; None where they are off."""
    if settings is None:
        return None
    return {"Enabled": True} if settings.mode is None else {"Enabled": True, "Mode": settings.mode.value}


def kinesis(settings: KinesisStream | None) -> dict[str, Any] | None:
    """`KinesisStreamSpecification`; None without one."""
    if settings is None:
        return None
    properties: dict[str, Any] = {"StreamArn": settings.arn}
    if settings.precision is not None:
        properties["ApproximateCreationDateTimePrecision"] = settings.precision.value
    return properties


def _import_source(source: ImportSource) -> dict[str, Any]:
    bucket: dict[str, Any] = {"S3Bucket": source.bucket}
    if source.key_prefix is not None:
        bucket["S3KeyPrefix"] = source.key_prefix
    if source.bucket_owner is not None:
        bucket["S3BucketOwner"] = source.bucket_owner
    properties: dict[str, Any] = {"InputFormat": source.format.value, "S3BucketSource": bucket}
    if source.compression is not None:
        properties["InputCompressionType"] = source.compression.value
    if source.csv is not None:
        csv: dict[str, Any] = {}
        if source.csv.delimiter is not None:
            csv["Delimiter"] = source.csv.delimiter
        if source.csv.headers:
            csv["HeaderList"] = list(source.csv.headers)
        properties["InputFormatOptions"] = {"Csv": csv}
    return properties
