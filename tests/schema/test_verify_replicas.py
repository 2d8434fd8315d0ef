"""The rules of replicas: every wrong definition gives its one fault, every right one none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dynamodel.schema import (
    AutoScaling,
    BillingMode,
    ContributorInsights,
    Encryption,
    ImportFormat,
    ImportSource,
    KinesisStream,
    MultiRegionConsistency,
    OnDemandThroughput,
    Parameter,
    PointInTimeRecovery,
    Replica,
    ReplicaIndex,
    StreamViewType,
    TableClass,
    TableDefinition,
    Throughput,
)
from dynamodel.schema.verify import table_faults
from dynamodel.schema.verify_replicas import global_table_faults, replica_faults

from .cases import KINESIS, KMS, POLICY, PROVISIONED, global_index, local_index, table

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACE = "Table 'Forum'"
KEY_THERE = KMS.replace("us-east-1", "eu-west-1")
STREAM_THERE = KINESIS.replace("us-east-1", "eu-west-1")
OHIO, OREGON = "us-east-2", "us-west-2"
STRONG = MultiRegionConsistency.STRONG
FOLLOWING: dict[str, Any] = {
    "billing_mode": BillingMode.PROVISIONED,
    "throughput": Throughput(5, AutoScaling(1, 9)),
}


def replicated(*replicas: Any, **settings: Any) -> TableDefinition:
    """A table with two global indexes and a local one."""
    throughput = settings.get("throughput")
    indexes = (global_index(throughput=throughput), global_index("gsi2", throughput=throughput))
    local = () if settings.get("multi_region_consistency") is STRONG else (local_index(),)
    return table(*indexes, *local, replicas=replicas, **settings)


def with_replica(region: Any = "eu-west-1", **own: Any) -> TableDefinition:
    return replicated(Replica(region, **own))


RIGHT: dict[str, TableDefinition] = {
    "no replicas": replicated(),
    "no replicas, fixed capacity": replicated(**PROVISIONED),
    "one replica": with_replica(),
    "regions of all partitions": replicated(
        *map(Replica, ("us-gov-west-1", "cn-northwest-1", "us-isob-east-1", "eusc-de-east-1", "mx-central-1"))
    ),
    "any stream": replicated(Replica("eu-west-1"), stream=StreamViewType.KEYS_ONLY),
    "all of its own": with_replica(
        table_class=TableClass.STANDARD_INFREQUENT_ACCESS,
        deletion_protection=True,
        point_in_time_recovery=PointInTimeRecovery(1),
        contributor_insights=ContributorInsights(),
        kinesis_stream=KinesisStream(STREAM_THERE),
        resource_policy=POLICY,
        stream_resource_policy=POLICY,
        tags={"team": "films"},
        max_read=1,
        indexes={"gsi1": ReplicaIndex(max_read=1, contributor_insights=ContributorInsights())},
    ),
    "what deployment fills in": replicated(
        Replica(
            "eu-west-1", encryption_key=Parameter("Key"), kinesis_stream=KinesisStream(Parameter("Stream"))
        ),
        encryption=Encryption.customer_managed(KMS),
    ),
    "a key by its alias": replicated(
        Replica("eu-west-1", encryption_key="alias/movies"), encryption=Encryption.customer_managed(KMS)
    ),
    "capacity that follows the load": replicated(
        Replica("eu-west-1", read_throughput=7, indexes={"gsi2": ReplicaIndex(AutoScaling(1, 1))}),
        **FOLLOWING,
    ),
    "on-demand maxima": replicated(Replica("eu-west-1"), on_demand_throughput=OnDemandThroughput(1, 1)),
    "eventual": replicated(Replica("eu-west-1"), multi_region_consistency=MultiRegionConsistency.EVENTUAL),
    "strong": replicated(Replica(OHIO), Replica(OREGON), multi_region_consistency=STRONG),
    "strong, with a witness": replicated(
        Replica("eu-central-1"), witness_region="eu-west-3", multi_region_consistency=STRONG
    ),
}


class Wrong(NamedTuple):
    """A definition that breaks one rule, the place of the fault after that of the table, and its words."""

    id: str
    definition: TableDefinition
    place: str
    rule: str


WRONG = [
    Wrong("no Replica", replicated("eu-west-1"), "replicas[0]", "must be a Replica, found str"),
    Wrong(
        "region of a wrong type", with_replica(None), "replicas[0].region", "must be a str, found NoneType"
    ),
    Wrong(
        "no ReplicaIndex",
        with_replica(indexes={"gsi1": 7}),
        "replicas[0].indexes['gsi1']",
        "must be a ReplicaIndex, found int",
    ),
    Wrong(
        "capacity of an index of a wrong type",
        with_replica(indexes={"gsi1": ReplicaIndex(max_read="7")}),  # type: ignore[arg-type]
        "replicas[0].indexes['gsi1'].max_read",
        "must be an int or None, found str",
    ),
    Wrong("no region", with_replica("Ireland"), "replicas[0].region", "found 'Ireland'"),
    Wrong("an availability zone", with_replica("eu-west-1a"), "replicas[0].region", "found 'eu-west-1a'"),
    Wrong(
        "a region twice",
        replicated(Replica("eu-west-1"), Replica("eu-west-2"), Replica("eu-west-1")),
        "replicas[2].region",
        "found 'eu-west-1' in Table 'Forum'.replicas[0].region too",
    ),
    Wrong(
        "days",
        with_replica(point_in_time_recovery=PointInTimeRecovery(36)),
        "replicas[0].point_in_time_recovery.days",
        "found 36",
    ),
    Wrong("tag", with_replica(tags={"aws:x": ""}), "replicas[0].tags['aws:x']", "begin with 'aws:'"),
    Wrong("policy", with_replica(resource_policy={}), "replicas[0].resource_policy", "found none"),
    Wrong(
        "stream policy", with_replica(stream_resource_policy={}), "replicas[0].stream_resource_policy", "none"
    ),
    Wrong(
        "no Kinesis stream",
        with_replica(kinesis_stream=KinesisStream("changes")),
        "replicas[0].kinesis_stream.arn",
        "must be a stream's ARN",
    ),
    Wrong(
        "a Kinesis stream of another region",
        with_replica(kinesis_stream=KinesisStream(KINESIS)),
        "replicas[0].kinesis_stream.arn",
        "must be a Kinesis stream in eu-west-1, found one in us-east-1",
    ),
    Wrong(
        "no key",
        replicated(Replica("eu-west-1", encryption_key="?"), encryption=Encryption.customer_managed(KMS)),
        "replicas[0].encryption_key",
        "found '?'",
    ),
    Wrong(
        "a key of another region",
        replicated(Replica("eu-west-1", encryption_key=KMS), encryption=Encryption.customer_managed(KMS)),
        "replicas[0].encryption_key",
        "must be a KMS key in eu-west-1, found one in us-east-1",
    ),
    Wrong(
        "a missing key",
        replicated(Replica("eu-west-1"), encryption=Encryption.customer_managed(KMS)),
        "replicas[0].encryption_key",
        "found none for eu-west-1",
    ),
    Wrong(
        "a key where AWS has it",
        replicated(Replica("eu-west-1", encryption_key=KEY_THERE), encryption=Encryption.AWS_MANAGED),
        "replicas[0].encryption_key",
        "found AWS_MANAGED",
    ),
    Wrong(
        "an index that is not there",
        with_replica(indexes={"gsi3": ReplicaIndex()}),
        "replicas[0].indexes",
        "which has 'gsi1', 'gsi2', found 'gsi3'",
    ),
    Wrong(
        "a local index", with_replica(indexes={"lsi1": ReplicaIndex()}), "replicas[0].indexes", "found 'lsi1'"
    ),
    Wrong(
        "provisioned reads on demand",
        with_replica(read_throughput=7),
        "replicas[0].read_throughput",
        "found PAY_PER_REQUEST",
    ),
    Wrong(
        "provisioned reads of an index on demand",
        with_replica(indexes={"gsi1": ReplicaIndex(7)}),
        "replicas[0].indexes['gsi1'].read_throughput",
        "found PAY_PER_REQUEST",
    ),
    Wrong(
        "an on-demand maximum, provisioned",
        replicated(Replica("eu-west-1", max_read=7), **FOLLOWING),
        "replicas[0].max_read",
        "found PROVISIONED",
    ),
    Wrong("a maximum of 0", with_replica(max_read=0), "replicas[0].max_read", "at least 1, found 0"),
    Wrong(
        "reads of 0",
        replicated(Replica("eu-west-1", read_throughput=0), **FOLLOWING),
        "replicas[0].read_throughput",
        "at least 1, found 0",
    ),
    Wrong(
        "a maximum below the minimum",
        replicated(Replica("eu-west-1", indexes={"gsi1": ReplicaIndex(AutoScaling(5, 4))}), **FOLLOWING),
        "replicas[0].indexes['gsi1'].read_throughput.maximum",
        "found 4",
    ),
    Wrong(
        "target utilization",
        replicated(Replica("eu-west-1", read_throughput=AutoScaling(1, 9, 91)), **FOLLOWING),
        "replicas[0].read_throughput.target_utilization",
        "20 to 90 percent, found 91",
    ),
    Wrong(
        "fixed writes",
        table(replicas=(Replica("eu-west-1"),), **PROVISIONED),
        "throughput.write",
        "found the fixed 1; give AutoScaling(1, maximum)",
    ),
    Wrong(
        "fixed writes of an index",
        table(
            global_index(throughput=Throughput(AutoScaling(1, 9), 3)),
            replicas=(Replica("eu-west-1"),),
            **FOLLOWING,
        ),
        "global_indexes[0] (gsi1).throughput.write",
        "found the fixed 3",
    ),
    Wrong(
        "import",
        table(replicas=(Replica("eu-west-1"),), import_source=ImportSource("bucket", ImportFormat.ION)),
        "import_source",
        "not filled from files",
    ),
    Wrong(
        "eventual without replicas",
        replicated(multi_region_consistency=MultiRegionConsistency.EVENTUAL),
        "multi_region_consistency",
        "add replicas",
    ),
    Wrong(
        "a witness of an eventual table",
        replicated(Replica("eu-west-1"), witness_region="eu-west-2"),
        "witness_region",
        "found EVENTUAL",
    ),
    Wrong(
        "a witness that is no region",
        replicated(Replica(OHIO), witness_region="Oregon", multi_region_consistency=STRONG),
        "witness_region",
        "found 'Oregon'",
    ),
    Wrong(
        "a witness where a replica is",
        replicated(Replica(OHIO), witness_region=OHIO, multi_region_consistency=STRONG),
        "witness_region",
        "found 'us-east-2' in Table 'Forum'.replicas[0].region too",
    ),
    Wrong(
        "strong without replicas", replicated(multi_region_consistency=STRONG), "replicas", "found 0 and no"
    ),
    Wrong(
        "strong in two regions",
        replicated(Replica(OHIO), multi_region_consistency=STRONG),
        "replicas",
        "found 1 and no witness",
    ),
    Wrong(
        "strong in four regions",
        replicated(
            Replica(OHIO), Replica(OREGON), witness_region="us-east-1", multi_region_consistency=STRONG
        ),
        "replicas",
        "found 2 and a witness",
    ),
    Wrong(
        "strong in two sets of regions",
        replicated(Replica(OHIO), witness_region="eu-west-1", multi_region_consistency=STRONG),
        "replicas",
        "found eu-west-1, us-east-2",
    ),
    Wrong(
        "strong where that is not offered",
        replicated(Replica("us-west-1"), Replica(OHIO), multi_region_consistency=STRONG),
        "replicas",
        "found us-east-2, us-west-1",
    ),
    Wrong(
        "strong with a time to live",
        replicated(
            Replica(OHIO), witness_region=OREGON, multi_region_consistency=STRONG, time_to_live="expires"
        ),
        "time_to_live",
        "no time to live",
    ),
    Wrong(
        "strong with a local index",
        table(local_index(), replicas=tuple(map(Replica, (OHIO, OREGON))), multi_region_consistency=STRONG),
        "local_indexes",
        "found 1; use global ones",
    ),
]


@pytest.mark.parametrize("case", RIGHT)
def test_a_right_definition_gives_no_fault(case: str) -> None:
    assert replica_faults(RIGHT[case], PLACE) == []


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.id)
def test_a_wrong_definition_gives_one_fault_with_place_and_rule(case: Wrong) -> None:
    faults = table_faults(case.definition)
    assert [fault.place for fault in faults] == [f"{PLACE}.{case.place}"]
    assert case.rule in faults[0].rule


def test_all_faults_come_together() -> None:
    definition = replicated(
        Replica("x", tags={"aws:a": ""}, max_read=0, encryption_key="?"),
        7,
        witness_region="y",
        **PROVISIONED,
    )
    assert {fault.place.removeprefix(f"{PLACE}.") for fault in replica_faults(definition, PLACE)} == {
        "replicas[0].region",
        "replicas[0].tags['aws:a']",
        "replicas[0].max_read",
        "replicas[0].encryption_key",
        "replicas[1]",
        "throughput.write",
        "global_indexes[0] (gsi1).throughput.write",
        "global_indexes[1] (gsi2).throughput.write",
        "witness_region",
    }


@pytest.mark.parametrize(
    "broken",
    [
        {"replicas": ["eu-west-1"]},
        {"billing_mode": "PROVISIONED"},
        {"billing_mode": "PAY_PER_REQUEST", "replicas": (Replica("eu-west-1", read_throughput=7),)},
        {"encryption": "KMS"},
        {"multi_region_consistency": "STRONG"},
        {"witness_region": 7},
        {"throughput": (1, 2)},
        {"throughput": Throughput("1", "2")},  # type: ignore[arg-type]
    ],
)
def test_settings_of_a_wrong_type_are_no_matter_of_replicas(broken: dict[str, Any]) -> None:
    definition = with_replica(max_read=7)
    wrong = evolve(definition, settings=evolve(definition.settings, **broken))
    assert replica_faults(wrong, PLACE) == []


def test_a_global_table_of_one_region_has_the_same_bounds() -> None:
    assert [fault.place for fault in global_table_faults(table(**PROVISIONED), PLACE)] == [
        f"{PLACE}.throughput.write"
    ]
    assert global_table_faults(table(**FOLLOWING), PLACE) == []


def _regions_of_aws() -> Iterator[str]:
    """Every region that botocore knows."""
    import boto3

    session = boto3.Session()
    for partition in session.get_available_partitions():
        yield from session.get_available_regions("dynamodb", partition)


def test_every_region_of_aws_is_one() -> None:
    regions = [region for region in _regions_of_aws() if region != "local"]
    assert len(regions) > 30
    assert replica_faults(replicated(*map(Replica, regions)), PLACE) == []


@given(st.text("abcdeuw-12_ ", max_size=12))
def test_what_is_no_region_of_aws_in_form_is_refused(text: str) -> None:
    letters, _, number = text.rpartition("-")
    well_formed = number.isdigit() and len(number) < 3 and letters.count("-") >= 1
    if not well_formed:
        assert replica_faults(with_replica(text), PLACE)
