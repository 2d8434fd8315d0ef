"""Reads `AWS::DynamoDB::GlobalTable`, where each region has settings of its own.

One replica becomes the table itself: that of the stack's own region (`Ref: AWS::Region`), or else the
first; the others become `Replica`. What a replica has like the table is left out of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from dynamodel.infra.importing import settings as read
from dynamodel.infra.importing import wire
from dynamodel.infra.importing.scaling import with_tracking
from dynamodel.schema.references import Ref
from dynamodel.schema.scaling import AutoScaling, CapacityUnits
from dynamodel.schema.settings import (
    BillingMode,
    ContributorInsights,
    Encryption,
    EncryptionKey,
    MultiRegionConsistency,
    OnDemandThroughput,
    Replica,
    ReplicaIndex,
    TableClass,
    Throughput,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dynamodel.infra.importing.reading import Section
    from dynamodel.schema.indexes import IndexDefinition
    from dynamodel.schema.keys import ScalarType

__all__ = ["global_indexes", "global_settings", "replicas_of"]


@frozen
class _Region:
    """What one entry of `Replicas` says."""

    region: object
    place: str
    settings: Replica
    indexes: Mapping[str, ReplicaIndex]


def replicas_of(table: Section) -> tuple[_Region, list[_Region]]:
    """The replica that is the table itself, and the others."""
    found = [_region(entry) for entry in table.sections("Replicas")]
    if not found:
        table.report.fault(table.at("Replicas"), "must list at least one region, found nothing")
        return _Region(None, table.place, Replica(""), {}), []
    own = next((region for region in found if region.region == Ref("AWS::Region")), None)
    if own is None:
        own = found[0]
        rule = f"the replica of {own.region} is taken for the table itself; deploy the stack there"
        table.report.note(own.place, rule)
    others = [region for region in found if region is not own]
    for region in others:
        if not isinstance(region.region, str):
            table.report.fault(f"{region.place}.Region", "must be the name of a region, such as 'eu-west-1'")
    if not others:
        rule = (
            "is a global table of one region; the model makes an AWS::DynamoDB::Table of it, and "
            "CloudFormation cannot turn one into the other: import the table into the new stack"
        )
        table.report.note(table.place, rule)
    return own, others


def _region(entry: Section) -> _Region:
    indexes: dict[str, ReplicaIndex] = {}
    for index in entry.sections("GlobalSecondaryIndexes"):
        name = index.text("IndexName")
        indexes[name] = ReplicaIndex(_read_units(index), _max_read(index), wire.insights(index))
        index.close()
    region = entry.get("Region")
    key = entry.optional("SSESpecification")
    stream = entry.optional("ReplicaStreamSpecification")
    found = Replica(
        region if isinstance(region, str) else "",
        table_class=entry.choice("TableClass", TableClass),
        deletion_protection=entry.flag("DeletionProtectionEnabled"),
        point_in_time_recovery=read.recovery(entry),
        contributor_insights=wire.insights(entry),
        kinesis_stream=read.kinesis(entry),
        encryption_key=None if key is None else key.filled("KMSMasterKeyId"),
        resource_policy=read.policy(entry),
        stream_resource_policy=None if stream is None else read.policy(stream),
        tags=read.tags(entry),
        read_throughput=_read_units(entry),
        max_read=_max_read(entry),
    )
    for section in (key, stream, entry):
        if section is not None:
            section.close()
    return _Region(region, entry.place, found, indexes)


def _read_units(section: Section) -> CapacityUnits | None:
    found = section.optional("ReadProvisionedThroughputSettings")
    if found is None:
        return None
    units = _scaling(found, "ReadCapacityAutoScalingSettings") or found.number("ReadCapacityUnits")
    found.close()
    return units


def _scaling(section: Section, name: str) -> AutoScaling | None:
    found = section.optional(name)
    if found is None:
        return None
    minimum = found.needed_number("MinCapacity")
    seed = found.number("SeedCapacity")
    scaling = AutoScaling(minimum, found.needed_number("MaxCapacity"), initial=seed)
    tracking = found.optional("TargetTrackingScalingPolicyConfiguration")
    found.close()
    return scaling if tracking is None else with_tracking(scaling, tracking)


def _write_units(section: Section) -> AutoScaling | None:
    found = section.optional("WriteProvisionedThroughputSettings")
    if found is None:
        return None
    units = _scaling(found, "WriteCapacityAutoScalingSettings")
    found.close()
    return units


def _max_read(section: Section) -> int | None:
    return _maximum(section, "ReadOnDemandThroughputSettings", "MaxReadRequestUnits")


def _max_write(section: Section) -> int | None:
    return _maximum(section, "WriteOnDemandThroughputSettings", "MaxWriteRequestUnits")


def _maximum(section: Section, name: str, units: str) -> int | None:
    found = section.optional(name)
    if found is None:
        return None
    most = found.number(units)
    found.close()
    return None if most == -1 else most


def global_indexes(
    table: Section, types: Mapping[str, ScalarType], own: _Region
) -> tuple[IndexDefinition, ...]:
    """The global indexes, with what the table's own region says of them."""
    found: list[IndexDefinition] = []
    for section in table.sections("GlobalSecondaryIndexes"):
        write, max_write = _write_units(section), _max_write(section)
        index = wire.index(section, "global", types)
        here = own.indexes.get(index.name, ReplicaIndex())
        found.append(
            evolve(
                index,
                throughput=_throughput(here.read_throughput, write),
                on_demand_throughput=_on_demand(here.max_read, max_write),
                contributor_insights=here.contributor_insights,
            )
        )
    return tuple(found)


def _throughput(units: CapacityUnits | None, write: AutoScaling | None) -> Throughput | None:
    return None if units is None or write is None else Throughput(units, write)


def _on_demand(most_read: int | None, most_write: int | None) -> OnDemandThroughput | None:
    return None if most_read is None and most_write is None else OnDemandThroughput(most_read, most_write)


def global_settings(
    table: Section, own: _Region, others: Sequence[_Region], indexes: Sequence[IndexDefinition]
) -> dict[str, Any]:
    """The settings of the table."""
    here = own.settings
    encryption = read.encryption(table)
    if here.encryption_key is not None:
        encryption = Encryption.customer_managed(here.encryption_key)
    witnesses = [entry.text("Region") for entry in table.sections("GlobalTableWitnesses")]
    return {
        "billing_mode": table.choice("BillingMode", BillingMode) or BillingMode.PAY_PER_REQUEST,
        "throughput": _throughput(here.read_throughput, _write_units(table)),
        "on_demand_throughput": _on_demand(here.max_read, _max_write(table)),
        "point_in_time_recovery": here.point_in_time_recovery,
        "deletion_protection": bool(here.deletion_protection),
        "encryption": encryption,
        "table_class": here.table_class or TableClass.STANDARD,
        "contributor_insights": here.contributor_insights,
        "kinesis_stream": here.kinesis_stream,
        "resource_policy": here.resource_policy,
        **read.stream(table),
        "stream_resource_policy": here.stream_resource_policy,
        "tags": here.tags or {},
        "replicas": tuple(_replica(region, own, encryption, indexes) for region in others),
        "multi_region_consistency": table.choice("MultiRegionConsistency", MultiRegionConsistency),
        "witness_region": witnesses[0] if witnesses else None,
    }


def _replica(
    region: _Region, own: _Region, encryption: Encryption, indexes: Sequence[IndexDefinition]
) -> Replica:
    """The replica, without what it has like the table itself."""
    here, there = own.settings, region.settings
    recovery = there.point_in_time_recovery
    customer = encryption.key_owner is EncryptionKey.CUSTOMER_MANAGED
    return evolve(
        there,
        table_class=_unless(
            there.table_class or TableClass.STANDARD, here.table_class or TableClass.STANDARD
        ),
        deletion_protection=_unless(bool(there.deletion_protection), bool(here.deletion_protection)),
        point_in_time_recovery=_unless(recovery, here.point_in_time_recovery),
        encryption_key=there.encryption_key if customer else None,
        tags=_unless(there.tags or {}, here.tags or {}),
        read_throughput=_unless(there.read_throughput, here.read_throughput),
        max_read=_unless(there.max_read, here.max_read),
        indexes={
            index.name: own_index
            for index in indexes
            if (own_index := _index(index.name, region, own)) != ReplicaIndex()
        },
    )


def _index(name: str, region: _Region, own: _Region) -> ReplicaIndex:
    here, there = own.indexes.get(name, ReplicaIndex()), region.indexes.get(name, ReplicaIndex())
    insights: ContributorInsights | None = there.contributor_insights
    return ReplicaIndex(
        _unless(there.read_throughput, here.read_throughput),
        _unless(there.max_read, here.max_read),
        insights,
    )


def _unless(there: Any, here: Any) -> Any:
    """What a replica has of its own; None: what the table has."""
    return None if there == here else there
