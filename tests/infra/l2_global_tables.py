"""The CDK's own `TableV2` construct for a definition: the second opinion on the template of a global table.

It is written against the CDK's documentation alone. What a replica inherits is left to `TableV2`, as far as
that inherits it; tags are given in full.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamodel.schema import (
    AutoScaling,
    BillingMode,
    EncryptionKey,
    RemovalPolicy,
    Replica,
    ReplicaIndex,
    TableSettings,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aws_cdk
    from aws_cdk import aws_dynamodb, aws_iam, aws_kinesis

    from dynamodel.schema import (
        ContributorInsights,
        IndexDefinition,
        KeyAttribute,
        KinesisStream,
        PointInTimeRecovery,
        TableClass,
        TableDefinition,
    )

POLICY_OF_EACH_REPLICA = "@aws-cdk/aws-dynamodb:resourcePolicyPerReplica"
"""The CDK's flag, on in new projects: a replica does not get the policy of the table."""


def l2_global_table(stack: aws_cdk.Stack, construct_id: str, definition: TableDefinition) -> None:
    """The same table as the CDK's construct."""
    from aws_cdk import aws_dynamodb

    settings = definition.settings
    key = definition.key
    aws_dynamodb.TableV2(
        stack,
        construct_id,
        table_name=definition.name,
        partition_key=_attribute(key.partition[0]),
        sort_key=_attribute(key.sort[0]) if key.sort else None,
        billing=_billing(settings),
        warm_throughput=_warm(settings),
        global_secondary_indexes=[_global(index) for index in definition.global_indexes],
        local_secondary_indexes=[
            aws_dynamodb.LocalSecondaryIndexProps(
                index_name=index.name, sort_key=_attribute(index.key.sort[0]), **_projection(index)
            )
            for index in definition.local_indexes
        ],
        replicas=[_replica(stack, construct_id, definition, replica) for replica in settings.replicas],
        contributor_insights_specification=_insights(settings.contributor_insights),
        deletion_protection=settings.deletion_protection or None,
        point_in_time_recovery_specification=_recovery(settings.point_in_time_recovery),
        resource_policy=_policy(settings.resource_policy),
        stream_resource_policy=_policy(settings.stream_resource_policy),
        table_class=None
        if settings.table_class is TableSettings().table_class
        else _table_class(settings.table_class),
        time_to_live_attribute=settings.time_to_live,
        removal_policy=_removal(settings),
        tags=_tags(settings.tags),
        **_regions(settings),
        **_sources(stack, construct_id, settings),
    )


def _attribute(attribute: KeyAttribute) -> aws_dynamodb.Attribute:
    from aws_cdk.aws_dynamodb import Attribute, AttributeType

    types = {"S": AttributeType.STRING, "N": AttributeType.NUMBER, "B": AttributeType.BINARY}
    return Attribute(name=attribute.name, type=types[attribute.type])


def _projection(index: IndexDefinition) -> dict[str, Any]:
    from aws_cdk.aws_dynamodb import ProjectionType

    names = list(index.projection.names) or None
    return {"projection_type": ProjectionType[index.projection.type], "non_key_attributes": names}


def _units(units: int | AutoScaling | None) -> aws_dynamodb.Capacity | None:
    from aws_cdk.aws_dynamodb import Capacity

    if units is None:
        return None
    if isinstance(units, int):
        return Capacity.fixed(units)
    return Capacity.autoscaled(
        min_capacity=units.minimum,
        max_capacity=units.maximum,
        seed_capacity=units.initial,
        target_utilization_percent=units.target_utilization,
    )


def _billing(settings: TableSettings) -> aws_dynamodb.Billing:
    from aws_cdk.aws_dynamodb import Billing

    if settings.billing_mode is BillingMode.PROVISIONED:
        assert settings.throughput is not None
        read, write = _units(settings.throughput.read), _units(settings.throughput.write)
        assert read is not None
        assert write is not None
        return Billing.provisioned(read_capacity=read, write_capacity=write)
    most = settings.on_demand_throughput
    if most is None:
        return Billing.on_demand()
    return Billing.on_demand(max_read_request_units=most.max_read, max_write_request_units=most.max_write)


def _warm(of: TableSettings | IndexDefinition) -> aws_dynamodb.WarmThroughput | None:
    from aws_cdk.aws_dynamodb import WarmThroughput

    warm = of.warm_throughput
    if warm is None:
        return None
    return WarmThroughput(read_units_per_second=warm.read, write_units_per_second=warm.write)


def _global(index: IndexDefinition) -> aws_dynamodb.GlobalSecondaryIndexPropsV2:
    from aws_cdk.aws_dynamodb import GlobalSecondaryIndexPropsV2

    given: dict[str, Any] = {"warm_throughput": _warm(index), **_projection(index)}
    if index.throughput is not None:
        given["read_capacity"] = _units(index.throughput.read)
        given["write_capacity"] = _units(index.throughput.write)
    if index.on_demand_throughput is not None:
        given["max_read_request_units"] = index.on_demand_throughput.max_read
        given["max_write_request_units"] = index.on_demand_throughput.max_write
    partition, sort = ([_attribute(each) for each in side] for side in (index.key.partition, index.key.sort))
    return GlobalSecondaryIndexPropsV2(
        index_name=index.name, partition_keys=partition, sort_keys=sort or None, **given
    )


def _insights(insights: ContributorInsights | None) -> aws_dynamodb.ContributorInsightsSpecification | None:
    from aws_cdk import aws_dynamodb

    if insights is None:
        return None
    mode = None if insights.mode is None else aws_dynamodb.ContributorInsightsMode[insights.mode.name]
    return aws_dynamodb.ContributorInsightsSpecification(enabled=True, mode=mode)


def _recovery(
    recovery: PointInTimeRecovery | None,
) -> aws_dynamodb.PointInTimeRecoverySpecification | None:
    from aws_cdk.aws_dynamodb import PointInTimeRecoverySpecification

    if recovery is None:
        return None
    days = None if recovery.days == 35 else recovery.days
    return PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True, recovery_period_in_days=days)


def _removal(settings: TableSettings) -> aws_cdk.RemovalPolicy | None:
    import aws_cdk

    policies = {
        RemovalPolicy.DESTROY: aws_cdk.RemovalPolicy.DESTROY,
        RemovalPolicy.RETAIN: None,  # the CDK's default
        RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE: aws_cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    }
    return policies[settings.removal_policy]


def _tags(tags: Any) -> list[aws_cdk.CfnTag] | None:
    from aws_cdk import CfnTag

    return [CfnTag(key=key, value=value) for key, value in tags.items()] or None


def _policy(policy: Mapping[str, object] | None) -> aws_iam.PolicyDocument | None:
    from aws_cdk.aws_iam import PolicyDocument

    return None if policy is None else PolicyDocument.from_json(policy)


def _table_class(table_class: TableClass) -> aws_dynamodb.TableClass:
    from aws_cdk import aws_dynamodb

    return aws_dynamodb.TableClass[table_class.name]


def _kinesis(stack: aws_cdk.Stack, name: str, stream: KinesisStream) -> aws_kinesis.IStream:
    from aws_cdk.aws_kinesis import Stream

    return Stream.from_stream_arn(stack, f"{name}Kinesis", str(stream.arn))


def _regions(settings: TableSettings) -> dict[str, Any]:
    from aws_cdk.aws_dynamodb import MultiRegionConsistency

    consistency = settings.multi_region_consistency
    return {
        "multi_region_consistency": consistency and MultiRegionConsistency[consistency.name],
        "witness_region": settings.witness_region,
    }


def _sources(stack: aws_cdk.Stack, construct_id: str, settings: TableSettings) -> dict[str, Any]:
    """Streams and encryption."""
    from aws_cdk import aws_dynamodb, aws_kms

    given: dict[str, Any] = {}
    if settings.stream is not None:
        given["dynamo_stream"] = aws_dynamodb.StreamViewType[settings.stream.name]
    if settings.kinesis_stream is not None:
        given["kinesis_stream"] = _kinesis(stack, construct_id, settings.kinesis_stream)
    if settings.encryption.key_owner is EncryptionKey.AWS_MANAGED:
        given["encryption"] = aws_dynamodb.TableEncryptionV2.aws_managed_key()
    if settings.encryption.key_owner is EncryptionKey.CUSTOMER_MANAGED:
        key = aws_kms.Key.from_key_arn(stack, f"{construct_id}Key", str(settings.encryption.key))
        others = {replica.region: str(replica.encryption_key) for replica in settings.replicas}
        given["encryption"] = aws_dynamodb.TableEncryptionV2.customer_managed_key(key, others)
    return given


def _replica(
    stack: aws_cdk.Stack, construct_id: str, definition: TableDefinition, replica: Replica
) -> aws_dynamodb.ReplicaTableProps:
    from aws_cdk import aws_dynamodb

    kinesis = replica.kinesis_stream
    return aws_dynamodb.ReplicaTableProps(
        region=replica.region,
        contributor_insights_specification=_insights(replica.contributor_insights),
        deletion_protection=replica.deletion_protection,
        point_in_time_recovery_specification=_recovery(replica.point_in_time_recovery),
        kinesis_stream=None if kinesis is None else _kinesis(stack, construct_id + replica.region, kinesis),
        table_class=None if replica.table_class is None else _table_class(replica.table_class),
        resource_policy=_policy(replica.resource_policy),
        stream_resource_policy=_policy(replica.stream_resource_policy),
        tags=_tags(replica.tags or {}),
        read_capacity=_units(replica.read_throughput),
        max_read_request_units=replica.max_read,
        global_secondary_index_options={
            index.name: _replica_index(index, replica.indexes.get(index.name, ReplicaIndex()))
            for index in definition.global_indexes
        },
    )


def _replica_index(
    index: IndexDefinition, own: ReplicaIndex
) -> aws_dynamodb.ReplicaGlobalSecondaryIndexOptions:
    from aws_cdk import aws_dynamodb

    units, most = own.read_throughput, own.max_read
    if units is None and index.throughput is not None:
        units = index.throughput.read
    if most is None and index.on_demand_throughput is not None:
        most = index.on_demand_throughput.max_read
    return aws_dynamodb.ReplicaGlobalSecondaryIndexOptions(
        contributor_insights_specification=_insights(own.contributor_insights),
        read_capacity=_units(units),
        max_read_request_units=most,
    )
