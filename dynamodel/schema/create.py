"""The boto3 requests that create a table: `CreateTable`, and what can only follow once it is ACTIVE.

Guarantee: requests are deterministic, hold exactly what boto3's client takes, and leave out what is
AWS's default (the billing mode apart, whose default in the API is not the one of `Table`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamodel.schema import shapes
from dynamodel.schema.replication import replication_requests
from dynamodel.schema.settings import (
    ContributorInsights,
    Encryption,
    EncryptionKey,
    PointInTimeRecovery,
    TableClass,
    TableSettings,
)
from dynamodel.types import Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamodel.schema.definition import TableDefinition

__all__ = ["create_requests", "stream_policy_requests"]


def create_requests(definition: TableDefinition) -> tuple[Request, ...]:
    """The requests that create a table, in their order.

    The first is `CreateTable`. Wait until the table is ACTIVE before you send each of the others, which
    add replicas and switch on time to live, point-in-time recovery, contributor insights and the Kinesis
    stream. The policy of the stream needs the stream's ARN: see `stream_policy_requests`.

    The table is created empty: an `import_source` is for CloudFormation, which fills it, and
    `removal_policy` for the stack that owns the table.
    """
    return (Request("CreateTable", _create_parameters(definition)), *_followers(definition))


def stream_policy_requests(definition: TableDefinition, description: Response) -> tuple[Request, ...]:
    """The request that attaches the stream's resource policy; none if there is no such policy.

    Args:
        definition: the table.
        description: its `TableDescription`, as CreateTable or DescribeTable return it under
            `TableDescription` or `Table`; its `LatestStreamArn` is used.
    """
    policy = definition.settings.stream_resource_policy
    if policy is None:
        return ()
    parameters = {"ResourceArn": description["LatestStreamArn"], "Policy": shapes.policy_json(policy)}
    return (Request("PutResourcePolicy", parameters),)


def _create_parameters(definition: TableDefinition) -> dict[str, Any]:
    settings = definition.settings
    parameters: dict[str, Any] = {
        "TableName": definition.name,
        "AttributeDefinitions": shapes.attribute_definitions(definition),
        "KeySchema": shapes.key_schema(definition.key),
        "BillingMode": settings.billing_mode.value,
    }
    if definition.local_indexes:
        parameters["LocalSecondaryIndexes"] = [shapes.index(index) for index in definition.local_indexes]
    if definition.global_indexes:
        parameters["GlobalSecondaryIndexes"] = [shapes.index(index) for index in definition.global_indexes]
    if definition.vector_indexes:
        parameters["VectorIndexes"] = [shapes.vector_index(index) for index in definition.vector_indexes]
    parameters |= shapes.capacity(
        settings.throughput, settings.on_demand_throughput, settings.warm_throughput
    )
    return parameters | _table_settings(settings)


def _table_settings(settings: TableSettings) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    if settings.stream is not None:
        parameters["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": settings.stream.value}
    if settings.encryption.key_owner is not EncryptionKey.AWS_OWNED:
        parameters["SSESpecification"] = _encryption(settings.encryption)
    if settings.table_class is not TableClass.STANDARD:
        parameters["TableClass"] = settings.table_class.value
    if settings.deletion_protection:
        parameters["DeletionProtectionEnabled"] = True
    if settings.resource_policy is not None:
        parameters["ResourcePolicy"] = shapes.policy_json(settings.resource_policy)
    if settings.tags:
        parameters["Tags"] = shapes.tags(settings.tags)
    return parameters


def _encryption(encryption: Encryption) -> dict[str, Any]:
    parameters: dict[str, Any] = {"Enabled": True, "SSEType": "KMS"}
    if encryption.key is not None:
        parameters["KMSMasterKeyId"] = encryption.key
    return parameters


def _followers(definition: TableDefinition) -> Iterator[Request]:
    name, settings = definition.name, definition.settings
    yield from replication_requests(definition)
    if settings.time_to_live is not None:
        expiry = {"Enabled": True, "AttributeName": settings.time_to_live}
        yield Request("UpdateTimeToLive", {"TableName": name, "TimeToLiveSpecification": expiry})
    if settings.point_in_time_recovery is not None:
        recovery = _recovery(settings.point_in_time_recovery)
        yield Request(
            "UpdateContinuousBackups", {"TableName": name, "PointInTimeRecoverySpecification": recovery}
        )
    if settings.contributor_insights is not None:
        yield _insights(settings.contributor_insights, TableName=name)
    for index in definition.global_indexes:
        if index.contributor_insights is not None:
            yield _insights(index.contributor_insights, TableName=name, IndexName=index.name)
    if settings.kinesis_stream is not None:
        kinesis: dict[str, Any] = {"TableName": name, "StreamArn": settings.kinesis_stream.arn}
        if settings.kinesis_stream.precision is not None:
            precision = settings.kinesis_stream.precision.value
            kinesis["EnableKinesisStreamingConfiguration"] = {
                "ApproximateCreationDateTimePrecision": precision
            }
        yield Request("EnableKinesisStreamingDestination", kinesis)


def _recovery(recovery: PointInTimeRecovery) -> dict[str, Any]:
    parameters: dict[str, Any] = {"PointInTimeRecoveryEnabled": True}
    if recovery.days != PointInTimeRecovery().days:
        parameters["RecoveryPeriodInDays"] = recovery.days
    return parameters


def _insights(insights: ContributorInsights, **target: str) -> Request:
    parameters = {**target, "ContributorInsightsAction": "ENABLE"}
    if insights.mode is not None:
        parameters["ContributorInsightsMode"] = insights.mode.value
    return Request("UpdateContributorInsights", parameters)
