"""The rules about replicas and global tables, as pure functions from definitions to faults.

Sources, named at each rule: [works] AWS developer guide, How DynamoDB global tables work; [cfn]
CloudFormation template reference, AWS::DynamoDB::GlobalTable; [api] AWS API reference, UpdateTable and
its types; [cdk] what the CDK's TableV2 refuses. Nothing raises: every function returns all the faults
that it finds. What only the stack's region tells, such as a replica in that very region, is no rule here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen

from dynamodel.errors import Fault
from dynamodel.schema.settings import (
    BillingMode,
    Encryption,
    EncryptionKey,
    MultiRegionConsistency,
    Replica,
    ReplicaIndex,
    StreamViewType,
    TableSettings,
    Throughput,
)
from dynamodel.schema.verify_settings import settings_faults, units_faults
from dynamodel.schema.verify_types import wrong_types

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dynamodel.schema.definition import TableDefinition

__all__ = ["global_table_faults", "replica_faults", "replica_index_faults"]

_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2}", re.ASCII)
_REGIONAL_ARN = re.compile(r"arn:aws[a-z-]*:[a-z]+:([a-z0-9-]+):[0-9]{12}:.*", re.ASCII | re.DOTALL)

_REGION_SETS = (
    frozenset(("us-east-1", "us-east-2", "us-west-2")),
    frozenset(("eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1")),
    frozenset(("ap-northeast-1", "ap-northeast-2", "ap-northeast-3")),
)
"""[works]: a table with strong consistency cannot span two of these."""

# What a replica has under the same name as a table, and under the same rules.
_SHARED = ("point_in_time_recovery", "kinesis_stream", "resource_policy", "stream_resource_policy", "tags")


@frozen
class _Sound:
    """A replica whose fields have the right Python types, and its place."""

    place: str
    replica: Replica


def replica_faults(definition: TableDefinition, place: str) -> list[Fault]:
    """Every rule about replicas, and about a table that has some, which the definition breaks.

    What replicas say of indexes by their names is left to `replica_index_faults`.

    Args:
        definition: the table; settings of a wrong Python type are left to `settings_faults`.
        place: where it is declared: `Table 'Movies'`.
    """
    settings = definition.settings
    broken = wrong_types(settings, place)[1]
    if "replicas" in broken:
        return []
    faults: list[Fault] = []
    sound: list[_Sound] = []
    for number, replica in enumerate(settings.replicas):
        found = _type_faults(replica, f"{place}.replicas[{number}]")
        faults += found
        if not found:
            sound.append(_Sound(f"{place}.replicas[{number}]", replica))
    for each in sound:
        faults += _own_faults(each)
    faults += _region_faults(settings, sound, broken, place)
    if "billing_mode" not in broken:
        faults += (fault for each in sound for fault in _capacity_faults(settings.billing_mode, each))
    if "encryption" not in broken:
        faults += (fault for each in sound for fault in _key_faults(settings.encryption, each))
    if not broken & {"multi_region_consistency", "witness_region"}:
        faults += _consistency_faults(definition, sound, place)
    return faults + (global_table_faults(definition, place) if settings.replicas else [])


def replica_index_faults(definition: TableDefinition, place: str) -> Iterator[Fault]:
    """[cdk]: a replica has no index that the table has not; local ones have no settings in a replica.

    Args:
        definition: the table with all its indexes; its replicas have the right Python types.
        place: where it is declared.
    """
    names = [index.name for index in definition.global_indexes]
    for number, replica in enumerate(definition.settings.replicas):
        for name in replica.indexes:
            if name not in names:
                known = ", ".join(map(repr, names)) or "none"
                rule = (
                    f"must be a global index of the table, which has {known}, found {name!r}; "
                    "correct the name"
                )
                yield Fault(f"{place}.replicas[{number}].indexes", rule)


def global_table_faults(definition: TableDefinition, place: str) -> list[Fault]:
    """What `AWS::DynamoDB::GlobalTable` cannot have, with replicas or without.

    Args:
        definition: the table; settings of a wrong Python type are left to `settings_faults`.
        place: where it is declared.
    """
    settings = definition.settings
    faults: list[Fault] = []
    if settings.import_source is not None:  # [cfn]: there is no such property
        rule = "a global table is not filled from files, found an import_source; remove it, or the replicas"
        faults.append(Fault(f"{place}.import_source", rule))
    capacities = [(f"{place}.throughput.write", settings.throughput)]
    capacities += [
        (f"{place}.global_indexes[{number}] ({index.name}).throughput.write", index.throughput)
        for number, index in enumerate(definition.global_indexes)
    ]
    for at, throughput in capacities:
        # [cfn] WriteProvisionedThroughputSettings: all replicas share an auto scaling policy for writes.
        if isinstance(throughput, Throughput) and type(throughput.write) is int:
            units = throughput.write
            rule = (
                f"the write capacity of a global table follows the load, found the fixed {units}; "
                f"give AutoScaling({units}, maximum)"
            )
            faults.append(Fault(at, rule))
    return faults


def _type_faults(replica: object, place: str) -> list[Fault]:
    if not isinstance(replica, Replica):
        return [
            Fault(place, f"must be a Replica, found {type(replica).__name__}; write Replica('eu-west-1')")
        ]
    faults, broken = wrong_types(replica, place)
    if "indexes" in broken:
        return faults
    for name, index in replica.indexes.items():
        at = f"{place}.indexes[{name!r}]"
        if isinstance(index, ReplicaIndex):
            faults += wrong_types(index, at)[0]
        else:
            faults.append(Fault(at, f"must be a ReplicaIndex, found {type(index).__name__}"))
    return faults


def _own_faults(each: _Sound) -> Iterator[Fault]:
    """What a replica has like a table, under the rules of a table; and that it is of the right region."""
    replica, place = each.replica, each.place
    own = {name: value for name in _SHARED if (value := getattr(replica, name)) is not None}
    # A table with replicas always has a stream, which a policy of the stream needs.
    yield from settings_faults(TableSettings(stream=StreamViewType.NEW_AND_OLD_IMAGES, **own), place)
    if replica.encryption_key is not None:
        encryption = Encryption.customer_managed(replica.encryption_key)
        for fault in settings_faults(TableSettings(encryption=encryption), place):
            yield Fault(f"{place}.encryption_key", fault.rule)
        yield from _foreign(replica, replica.encryption_key, f"{place}.encryption_key", "KMS key")
    if replica.kinesis_stream is not None:
        arn = replica.kinesis_stream.arn
        yield from _foreign(replica, arn, f"{place}.kinesis_stream.arn", "Kinesis stream")


def _foreign(replica: Replica, arn: object, place: str, what: str) -> Iterator[Fault]:
    """[cfn] ReplicaSpecification: key and stream are those of the replica's region."""
    found = _REGIONAL_ARN.fullmatch(arn) if isinstance(arn, str) else None
    if found is not None and found[1] != replica.region:
        rule = f"must be a {what} in {replica.region}, found one in {found[1]}; name that of the region"
        yield Fault(place, rule)


def _capacity_faults(billing_mode: BillingMode, each: _Sound) -> Iterator[Fault]:
    """[cdk], [api] CreateReplicationGroupMemberAction: the read capacity goes with the billing mode."""
    parts: list[tuple[str, Replica | ReplicaIndex]] = [(each.place, each.replica)]
    parts += [(f"{each.place}.indexes[{name!r}]", index) for name, index in each.replica.indexes.items()]
    provisioned = billing_mode is BillingMode.PROVISIONED
    for at, part in parts:
        if part.read_throughput is not None:
            if not provisioned:
                rule = "only BillingMode.PROVISIONED has a read_throughput, found PAY_PER_REQUEST; remove it"
                yield Fault(f"{at}.read_throughput", rule)
            yield from units_faults(part.read_throughput, f"{at}.read_throughput")
        if part.max_read is not None:
            if provisioned:
                rule = (
                    "only BillingMode.PAY_PER_REQUEST has an on-demand maximum, found PROVISIONED; remove it"
                )
                yield Fault(f"{at}.max_read", rule)
            if part.max_read < 1:
                rule = f"must be at least 1, found {part.max_read}; for that of the table leave it out"
                yield Fault(f"{at}.max_read", rule)


def _key_faults(encryption: Encryption, each: _Sound) -> Iterator[Fault]:
    """[works]: the kind of key is the same in all regions; [cdk]: a customer has a key in each."""
    key, place = each.replica.encryption_key, f"{each.place}.encryption_key"
    owner = encryption.key_owner
    if owner is EncryptionKey.CUSTOMER_MANAGED and key is None:
        region = each.replica.region
        rule = f"the table has a customer managed key, found none for {region}; name the key of that region"
        yield Fault(place, rule)
    elif owner is not EncryptionKey.CUSTOMER_MANAGED and key is not None:
        rule = (
            f"only a table with a customer managed key names one, found {owner.name}; remove it, or set "
            "encryption=Encryption.customer_managed(key) on the table"
        )
        yield Fault(place, rule)


def _region_faults(
    settings: TableSettings, sound: Sequence[_Sound], broken: frozenset[str], place: str
) -> Iterator[Fault]:
    """[works]: a global table has one replica in a region; [cfn]: a witness is in a region of its own."""
    regions = [(f"{each.place}.region", each.replica.region) for each in sound]
    if "witness_region" not in broken and settings.witness_region is not None:
        regions.append((f"{place}.witness_region", settings.witness_region))
    first: dict[str, str] = {}
    for at, region in regions:
        if not _REGION.fullmatch(region):
            yield Fault(at, f"must be the name of a region, such as 'eu-west-1', found {region!r}")
        elif region in first:
            rule = f"each region is named once, found {region!r} in {first[region]} too; remove one"
            yield Fault(at, rule)
        first.setdefault(region, at)


def _consistency_faults(definition: TableDefinition, sound: Sequence[_Sound], place: str) -> Iterator[Fault]:
    settings = definition.settings
    consistency, witness = settings.multi_region_consistency, settings.witness_region
    if witness is not None and consistency is not MultiRegionConsistency.STRONG:
        found = MultiRegionConsistency.EVENTUAL if consistency is None else consistency
        rule = (
            f"only a table with strong consistency has a witness, found {found.value}; remove it, or set "
            "multi_region_consistency=MultiRegionConsistency.STRONG"
        )
        yield Fault(f"{place}.witness_region", rule)
    if consistency is MultiRegionConsistency.STRONG:
        yield from _strong_faults(definition, sound, place)
    elif consistency is not None and not settings.replicas:
        rule = "only a table with replicas has a consistency between regions; remove it, or add replicas"
        yield Fault(f"{place}.multi_region_consistency", rule)


def _strong_faults(definition: TableDefinition, sound: Sequence[_Sound], place: str) -> Iterator[Fault]:
    """[works], Multi-Region strong consistency: regions, and what such a table cannot have."""
    settings = definition.settings
    others = len(settings.replicas) + (settings.witness_region is not None)
    if others != 2:
        rule = (
            "strong consistency needs three regions: two replicas beside the table itself, or one and a "
            f"witness_region; found {len(settings.replicas)} and {_witness(settings)}"
        )
        yield Fault(f"{place}.replicas", rule)
    named = [*(each.replica.region for each in sound), settings.witness_region or ""]
    regions = {region for region in named if _REGION.fullmatch(region)}
    if not any(regions <= region_set for region_set in _REGION_SETS):
        sets = "; ".join(", ".join(sorted(region_set)) for region_set in _REGION_SETS)
        found = ", ".join(sorted(regions))
        rule = f"strong consistency spans one of these sets of regions: {sets}; found {found}"
        yield Fault(f"{place}.replicas", rule)
    if settings.time_to_live is not None:
        rule = "a table with strong consistency has no time to live; remove one of both"
        yield Fault(f"{place}.time_to_live", rule)
    if definition.local_indexes:
        rule = f"a table with strong consistency has no local indexes, found {len(definition.local_indexes)}"
        yield Fault(f"{place}.local_indexes", f"{rule}; use global ones")


def _witness(settings: TableSettings) -> str:
    return "no witness" if settings.witness_region is None else "a witness"
