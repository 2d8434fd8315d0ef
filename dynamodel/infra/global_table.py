"""A table as `AWS::DynamoDB::GlobalTable`: in several regions, or in one.

Guarantee: the properties are those that the CDK's `TableV2` construct makes of the same settings, in the
order of its regions: the replicas, then the stack's own region. What concerns one region alone, such as
tags, backups, insights and read capacity, stands with that region; everything else is said once.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dynamodel.errors import DeclarationError
from dynamodel.infra import tables
from dynamodel.infra.scaling import target_tracking
from dynamodel.infra.template import Resource, Scope
from dynamodel.schema import shapes
from dynamodel.schema.scaling import AutoScaling
from dynamodel.schema.settings import (
    EncryptionKey,
    Replica,
    ReplicaIndex,
    TableClass,
    TableSettings,
)
from dynamodel.schema.verify_replicas import global_table_faults

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel.schema.definition import TableDefinition
    from dynamodel.schema.indexes import IndexDefinition
    from dynamodel.schema.scaling import CapacityUnits
    from dynamodel.schema.settings import OnDemandThroughput, Throughput
    from dynamodel.schema.table import Table

__all__ = ["global_table_properties", "global_table_resources"]

_OWN_REGION: Mapping[str, str] = MappingProxyType({"Ref": "AWS::Region"})


def global_table_resources(table: Table, scope: Scope) -> dict[str, Resource]:
    """The table, with its replicas and its autoscaling, as one resource, by its logical id.

    Raises:
        DeclarationError: the table is not part of the template, or a global table cannot have its settings.
    """
    properties = scope.render(global_table_properties(table.definition))
    removal = table.settings.removal_policy
    return {scope.id_of(table): Resource("AWS::DynamoDB::GlobalTable", properties, removal)}


def global_table_properties(definition: TableDefinition, region: object = _OWN_REGION) -> dict[str, Any]:
    """The properties of `AWS::DynamoDB::GlobalTable`, in which references still stand as they are.

    Args:
        definition: the table; it needs no replicas.
        region: the stack's own region: its name, or what CloudFormation knows it by.

    Raises:
        DeclarationError: with each setting that a global table cannot have: a fixed write capacity, an
            import_source.
    """
    faults = global_table_faults(definition, f"Table {definition.name!r}")
    if faults:
        raise DeclarationError(faults)
    settings = definition.settings
    name = definition.name if settings.deployed_name is None else settings.deployed_name
    properties: dict[str, Any] = {"TableName": name, **tables.keys_and_indexes(definition)}
    if definition.global_indexes:
        properties["GlobalSecondaryIndexes"] = [_index(index) for index in definition.global_indexes]
    properties["BillingMode"] = settings.billing_mode.value
    properties |= _write(settings.throughput, settings.on_demand_throughput)
    if settings.warm_throughput is not None:
        properties["WarmThroughput"] = shapes.warm_throughput(settings.warm_throughput)
    replicas = [_replica(definition, replica, replica.region) for replica in settings.replicas]
    properties["Replicas"] = [*replicas, _replica(definition, _primary(definition), region)]
    return properties | _settings(settings)


def _index(index: IndexDefinition) -> dict[str, Any]:
    """What a global index has in all regions; its reads and its insights stand with each region."""
    properties: dict[str, Any] = {
        "IndexName": index.name,
        "KeySchema": shapes.key_schema(index.key),
        "Projection": shapes.projection(index),
    }
    if index.warm_throughput is not None:
        properties["WarmThroughput"] = shapes.warm_throughput(index.warm_throughput)
    return properties | _write(index.throughput, index.on_demand_throughput)


def _settings(settings: TableSettings) -> dict[str, Any]:
    """What all regions share."""
    expiry, consistency = settings.time_to_live, settings.multi_region_consistency
    encrypted = settings.encryption.key_owner is not EncryptionKey.AWS_OWNED
    witness = settings.witness_region
    properties = {
        # The type of key is for all regions, so KMS is said even where the key is AWS's.
        "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS"} if encrypted else None,
        "StreamSpecification": _stream(settings),
        "TimeToLiveSpecification": expiry and {"AttributeName": expiry, "Enabled": True},
        "MultiRegionConsistency": consistency and consistency.value,
        "GlobalTableWitnesses": witness and [{"Region": witness}],
    }
    return {name: value for name, value in properties.items() if value}


def _stream(settings: TableSettings) -> dict[str, str] | None:
    return None if settings.stream is None else {"StreamViewType": settings.stream.value}


def _primary(definition: TableDefinition) -> Replica:
    """The settings of the stack's own region, which are those of the table."""
    settings = definition.settings
    return Replica(
        "",  # its region is no setting of the table
        contributor_insights=settings.contributor_insights,
        kinesis_stream=settings.kinesis_stream,
        encryption_key=settings.encryption.key,
        resource_policy=settings.resource_policy,
        stream_resource_policy=settings.stream_resource_policy,
        tags=settings.tags,
        indexes={
            index.name: ReplicaIndex(contributor_insights=index.contributor_insights)
            for index in definition.global_indexes
        },
    )


def _replica(definition: TableDefinition, replica: Replica, region: object) -> dict[str, Any]:
    """One entry of `Replicas`; what is None in the replica is as in the table."""
    settings = definition.settings
    policy, key = replica.resource_policy, replica.encryption_key
    measured = replica.contributor_insights or settings.contributor_insights
    recovery = replica.point_in_time_recovery or settings.point_in_time_recovery
    properties = {
        "GlobalSecondaryIndexes": [
            _replica_index(index, replica.indexes.get(index.name, ReplicaIndex()))
            for index in definition.global_indexes
        ],
        "ContributorInsightsSpecification": tables.insights(measured),
        "KinesisStreamSpecification": tables.kinesis(replica.kinesis_stream),
        "PointInTimeRecoverySpecification": tables.recovery(recovery),
        "ReplicaStreamSpecification": _replica_stream(settings, replica),
        "ResourcePolicy": policy and {"PolicyDocument": policy},
        "SSESpecification": key and {"KMSMasterKeyId": key},
        "TableClass": _table_class(settings, replica),
        "Tags": shapes.tags(replica.tags or {}),
    }
    whole = {"Region": region, **{name: value for name, value in properties.items() if value}}
    if replica.deletion_protection is not None or settings.deletion_protection:
        protected = replica.deletion_protection
        whole["DeletionProtectionEnabled"] = settings.deletion_protection if protected is None else protected
    return whole | _read(replica, settings.throughput, settings.on_demand_throughput)


def _table_class(settings: TableSettings, replica: Replica) -> str | None:
    if replica.table_class is not None:
        return replica.table_class.value
    return None if settings.table_class is TableClass.STANDARD else settings.table_class.value


def _replica_stream(settings: TableSettings, replica: Replica) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    if replica.stream_resource_policy is not None:
        properties["ResourcePolicy"] = {"PolicyDocument": replica.stream_resource_policy}
    if settings.stream_tags:
        properties["Tags"] = shapes.tags(settings.stream_tags)
    return properties


def _replica_index(index: IndexDefinition, replica: ReplicaIndex) -> dict[str, Any]:
    properties: dict[str, Any] = {"IndexName": index.name}
    measured = replica.contributor_insights or index.contributor_insights
    if measured is not None:
        properties["ContributorInsightsSpecification"] = tables.insights(measured)
    return properties | _read(replica, index.throughput, index.on_demand_throughput)


def _read(
    replica: Replica | ReplicaIndex,
    throughput: Throughput | None,
    on_demand: OnDemandThroughput | None,
) -> dict[str, Any]:
    """The read capacity of one region: its own, or that of the table or index."""
    properties: dict[str, Any] = {}
    units = replica.read_throughput
    if units is None and throughput is not None:
        units = throughput.read
    if units is not None:
        properties["ReadProvisionedThroughputSettings"] = _read_units(units)
    most = replica.max_read
    if most is None and on_demand is not None:
        most = on_demand.max_read
    if most is not None:
        properties["ReadOnDemandThroughputSettings"] = {"MaxReadRequestUnits": most}
    return properties


def _read_units(units: CapacityUnits) -> dict[str, Any]:
    if isinstance(units, AutoScaling):
        return {"ReadCapacityAutoScalingSettings": _auto_scaling(units)}
    return {"ReadCapacityUnits": units}


def _write(throughput: Throughput | None, on_demand: OnDemandThroughput | None) -> dict[str, Any]:
    """The write capacity of a table or index, which is the same in all regions."""
    properties: dict[str, Any] = {}
    # `global_table_faults` refuses a fixed one.
    if throughput is not None and isinstance(throughput.write, AutoScaling):
        units = {"WriteCapacityAutoScalingSettings": _auto_scaling(throughput.write)}
        properties["WriteProvisionedThroughputSettings"] = units
    if on_demand is not None and on_demand.max_write is not None:
        properties["WriteOnDemandThroughputSettings"] = {"MaxWriteRequestUnits": on_demand.max_write}
    return properties


def _auto_scaling(units: AutoScaling) -> dict[str, Any]:
    """`CapacityAutoScalingSettings`."""
    properties: dict[str, Any] = {"MinCapacity": units.minimum, "MaxCapacity": units.maximum}
    if units.initial is not None:
        properties["SeedCapacity"] = units.initial
    properties["TargetTrackingScalingPolicyConfiguration"] = target_tracking(units)
    return properties
