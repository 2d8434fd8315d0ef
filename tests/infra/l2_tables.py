"""The CDK's own `Table` construct for a definition: the second opinion on what a table's template holds.

It is written against the CDK's documentation alone, property for property, and shares nothing with the
compilers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import fields

from dynamodel.schema import (
    AutoScaling,
    BillingMode,
    EncryptionKey,
    EntityContribution,
    ImportFormat,
    RemovalPolicy,
    Table,
    TableSettings,
)

if TYPE_CHECKING:
    import aws_cdk
    from aws_cdk import aws_dynamodb

    from dynamodel.schema import ContributorInsights, IndexDefinition, KeyAttribute, TableDefinition

# The CDK's construct cannot say these.
BEYOND_L2 = (
    "stream_resource_policy",
    "stream_tags",
    "replicas",
    "multi_region_consistency",
    "witness_region",
)


def declared(definition: TableDefinition) -> Table:
    """A Table with that definition."""
    table = Table(
        definition.name,
        vector_indexes=definition.vector_indexes,
        **{each.name: getattr(definition.settings, each.name) for each in fields(TableSettings)},
    )
    indexes = tuple((f"Entity.index{n}", index) for n, index in enumerate(definition.indexes))
    table.add(EntityContribution("Entity", definition.key, "Entity.key", indexes))
    return table


def l2_table(stack: aws_cdk.Stack, construct_id: str, definition: TableDefinition) -> aws_dynamodb.Table:
    """The same table as the CDK's construct."""
    from aws_cdk import aws_dynamodb

    key = definition.key
    table = aws_dynamodb.Table(
        stack,
        construct_id,
        table_name=definition.name,
        partition_key=_attribute(key.partition[0]),
        sort_key=_attribute(key.sort[0]) if key.sort else None,
        **_capacity(definition),
        **_protection(definition.settings),
        **_sources(stack, construct_id, definition.settings),
    )
    for index in definition.local_indexes:
        table.add_local_secondary_index(
            index_name=index.name, sort_key=_attribute(index.key.sort[0]), **_projection(index)
        )
    for index in definition.global_indexes:
        _add_global(table, index)
    _scale(table, definition)
    resource = table.node.default_child
    if isinstance(resource, aws_dynamodb.CfnTable):
        for name, value in definition.settings.tags.items():
            resource.tags.set_tag(name, value)  # `Tags.of(table)` would tag the scalable targets as well
    return table


def _attribute(attribute: KeyAttribute) -> aws_dynamodb.Attribute:
    from aws_cdk.aws_dynamodb import Attribute, AttributeType

    types = {"S": AttributeType.STRING, "N": AttributeType.NUMBER, "B": AttributeType.BINARY}
    return Attribute(name=attribute.name, type=types[attribute.type])


def _projection(index: IndexDefinition) -> dict[str, Any]:
    from aws_cdk.aws_dynamodb import ProjectionType

    names = list(index.projection.names) or None
    return {"projection_type": ProjectionType[index.projection.type], "non_key_attributes": names}


def _capacity(definition: TableDefinition) -> dict[str, Any]:
    from aws_cdk import aws_dynamodb

    settings = definition.settings
    given: dict[str, Any] = {"billing_mode": aws_dynamodb.BillingMode[settings.billing_mode.name]}
    if settings.throughput is not None:
        given["read_capacity"] = _initial(settings.throughput.read)
        given["write_capacity"] = _initial(settings.throughput.write)
    return given | _maxima(settings)


def _initial(units: int | AutoScaling) -> int:
    if isinstance(units, AutoScaling):
        return units.minimum if units.initial is None else units.initial
    return units


def _maxima(of: TableSettings | IndexDefinition) -> dict[str, Any]:
    from aws_cdk.aws_dynamodb import WarmThroughput

    given: dict[str, Any] = {}
    if of.on_demand_throughput is not None:
        given["max_read_request_units"] = of.on_demand_throughput.max_read
        given["max_write_request_units"] = of.on_demand_throughput.max_write
    if of.warm_throughput is not None:
        warm = of.warm_throughput
        given["warm_throughput"] = WarmThroughput(
            read_units_per_second=warm.read, write_units_per_second=warm.write
        )
    return given


def _insights(insights: ContributorInsights | None) -> dict[str, Any]:
    from aws_cdk import aws_dynamodb

    if insights is None:
        return {}
    mode = None if insights.mode is None else aws_dynamodb.ContributorInsightsMode[insights.mode.name]
    specification = aws_dynamodb.ContributorInsightsSpecification(enabled=True, mode=mode)
    return {"contributor_insights_specification": specification}


def _add_global(table: aws_dynamodb.Table, index: IndexDefinition) -> None:
    given = {**_projection(index), **_maxima(index), **_insights(index.contributor_insights)}
    if index.throughput is not None:
        given["read_capacity"] = _initial(index.throughput.read)
        given["write_capacity"] = _initial(index.throughput.write)
    partition, sort = ([_attribute(each) for each in side] for side in (index.key.partition, index.key.sort))
    given |= {"partition_keys": partition} if len(partition) > 1 else {"partition_key": partition[0]}
    if sort:
        given |= {"sort_keys": sort} if len(sort) > 1 else {"sort_key": sort[0]}
    table.add_global_secondary_index(index_name=index.name, **given)


def _protection(settings: TableSettings) -> dict[str, Any]:
    import aws_cdk
    from aws_cdk import aws_dynamodb, aws_iam

    recovery = settings.point_in_time_recovery
    removal = {
        RemovalPolicy.DESTROY: aws_cdk.RemovalPolicy.DESTROY,
        RemovalPolicy.RETAIN: None,  # the CDK's default
        RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE: aws_cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    }
    return {
        "removal_policy": removal[settings.removal_policy],
        "deletion_protection": settings.deletion_protection or None,
        "table_class": aws_dynamodb.TableClass[settings.table_class.name]
        if settings.table_class is not TableSettings().table_class
        else None,
        "point_in_time_recovery_specification": recovery
        and aws_dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True,
            recovery_period_in_days=None if recovery.days == 35 else recovery.days,
        ),
        "resource_policy": settings.resource_policy
        and aws_iam.PolicyDocument.from_json(settings.resource_policy),
        **_insights(settings.contributor_insights),
    }


def _sources(stack: aws_cdk.Stack, construct_id: str, settings: TableSettings) -> dict[str, Any]:
    """Streams, expiry, encryption, and what the table is filled from."""
    from aws_cdk import aws_dynamodb, aws_kinesis

    given: dict[str, Any] = {"time_to_live_attribute": settings.time_to_live}
    if settings.stream is not None:
        given["stream"] = aws_dynamodb.StreamViewType[settings.stream.name]
    if settings.kinesis_stream is not None:
        precision = settings.kinesis_stream.precision
        given["kinesis_stream"] = aws_kinesis.Stream.from_stream_arn(
            stack, f"{construct_id}Kinesis", str(settings.kinesis_stream.arn)
        )
        if precision is not None:
            precisions = aws_dynamodb.ApproximateCreationDateTimePrecision
            given["kinesis_precision_timestamp"] = precisions[precision.name]
    return given | _encryption(stack, construct_id, settings) | _import(stack, construct_id, settings)


def _encryption(stack: aws_cdk.Stack, construct_id: str, settings: TableSettings) -> dict[str, Any]:
    from aws_cdk import aws_dynamodb, aws_kms

    encryption = settings.encryption
    if encryption.key_owner is EncryptionKey.AWS_OWNED:
        return {}
    if encryption.key_owner is EncryptionKey.AWS_MANAGED:
        return {"encryption": aws_dynamodb.TableEncryption.AWS_MANAGED}
    key = aws_kms.Key.from_key_arn(stack, f"{construct_id}Key", str(encryption.key))
    return {"encryption": aws_dynamodb.TableEncryption.CUSTOMER_MANAGED, "encryption_key": key}


def _import(stack: aws_cdk.Stack, construct_id: str, settings: TableSettings) -> dict[str, Any]:
    from aws_cdk import aws_dynamodb, aws_s3

    source = settings.import_source
    if source is None:
        return {}
    compressions = aws_dynamodb.InputCompressionType
    formats = {
        ImportFormat.DYNAMODB_JSON: aws_dynamodb.InputFormat.dynamo_db_json,
        ImportFormat.ION: aws_dynamodb.InputFormat.ion,
    }
    if source.format is ImportFormat.CSV:
        csv = source.csv
        input_format = aws_dynamodb.InputFormat.csv(
            delimiter=csv and csv.delimiter, header_list=list(csv.headers) or None if csv else None
        )
    else:
        input_format = formats[source.format]()
    specification = aws_dynamodb.ImportSourceSpecification(
        bucket=aws_s3.Bucket.from_bucket_name(stack, f"{construct_id}Bucket", str(source.bucket)),
        input_format=input_format,
        bucket_owner=source.bucket_owner,
        compression_type=source.compression and compressions[source.compression.name],
        key_prefix=source.key_prefix,
    )
    return {"import_source": specification}


def _scale(table: aws_dynamodb.Table, definition: TableDefinition) -> None:
    """The scaling of the table, then that of each index."""
    throughput = definition.settings.throughput
    if definition.settings.billing_mode is not BillingMode.PROVISIONED or throughput is None:
        return
    for units, scale in (
        (throughput.read, table.auto_scale_read_capacity),
        (throughput.write, table.auto_scale_write_capacity),
    ):
        if isinstance(units, AutoScaling):
            _follow(units, scale(min_capacity=units.minimum, max_capacity=units.maximum))
    for index in definition.global_indexes:
        own = index.throughput or throughput
        for units, scale_index in (
            (own.read, table.auto_scale_global_secondary_index_read_capacity),
            (own.write, table.auto_scale_global_secondary_index_write_capacity),
        ):
            if isinstance(units, AutoScaling):
                scaled = scale_index(index.name, min_capacity=units.minimum, max_capacity=units.maximum)
                _follow(units, scaled)


def _follow(units: AutoScaling, scaled: aws_dynamodb.IScalableTableAttribute) -> None:
    from aws_cdk import Duration

    given: dict[str, Any] = {"target_utilization_percent": units.target_utilization}
    if units.scale_in_cooldown is not None:
        given["scale_in_cooldown"] = Duration.seconds(units.scale_in_cooldown)
    if units.scale_out_cooldown is not None:
        given["scale_out_cooldown"] = Duration.seconds(units.scale_out_cooldown)
    scaled.scale_on_utilization(**given)
