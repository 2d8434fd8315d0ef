"""Rules that are loaded for few tables find, of any table, what they find where all of them are asked."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel.schema import verify_rare, verify_replicas, verify_settings, verify_vectors
from dynamodel.schema.definition import TableDefinition
from dynamodel.schema.indexes import Projection
from dynamodel.schema.keys import KeyAttribute, KeySchema
from dynamodel.schema.settings import (
    BillingMode,
    ContributorInsights,
    Encryption,
    ImportFormat,
    ImportSource,
    KinesisStream,
    MultiRegionConsistency,
    OnDemandThroughput,
    PointInTimeRecovery,
    RemovalPolicy,
    Replica,
    ReplicaIndex,
    StreamViewType,
    TableClass,
    TableSettings,
    Throughput,
    WarmThroughput,
)
from dynamodel.schema.vectors import DistanceFunction, VectorIndex

PLACE = "Table 'Movies'"
KEY = KeySchema((KeyAttribute("pk", "S"),))
POLICY = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "dynamodb:GetItem", "Resource": "*"}]}

# Of each setting: values that are right by themselves, values that break a rule, and values of a wrong type.
PLAIN = {
    "removal_policy": list(RemovalPolicy),
    "time_to_live": [None, "expires", "é" * 127],
    "stream": [None, *StreamViewType],
    "point_in_time_recovery": [None, PointInTimeRecovery()],
    "deletion_protection": [False, True],
    "encryption": [Encryption.AWS_OWNED, Encryption.AWS_MANAGED],
    "table_class": list(TableClass),
}
OTHERS = {
    "billing_mode": [BillingMode.PROVISIONED, "PAY_PER_REQUEST", "provisioned", None],
    "throughput": [Throughput(1, 1), Throughput(0, 1), (1, 1)],
    "on_demand_throughput": [OnDemandThroughput(5), OnDemandThroughput(), 7],
    "warm_throughput": [WarmThroughput(20_000), WarmThroughput(), True],
    "removal_policy": ["destroy", None, 1],
    "time_to_live": ["", "x" * 256, "é" * 128, b"expires", 0],
    "stream": ["NEW_IMAGE", False],
    "stream_resource_policy": [POLICY, {}, "allow"],
    "point_in_time_recovery": [
        PointInTimeRecovery(1),
        PointInTimeRecovery(36),
        PointInTimeRecovery(35.0),
        True,
    ],
    "deletion_protection": [None, 1, 0, "yes"],
    "encryption": [
        Encryption.customer_managed("alias/mine"),
        Encryption.customer_managed("?"),
        "AWS_OWNED",
        None,
    ],
    "table_class": ["STANDARD", None],
    "contributor_insights": [ContributorInsights(), ContributorInsights("all"), True],
    "kinesis_stream": [
        KinesisStream("arn:aws:kinesis:eu-west-1:123456789012:stream/s"),
        KinesisStream("s"),
        "s",
    ],
    "resource_policy": [POLICY, {"Statement": [{}]}, []],
    "import_source": [
        ImportSource("bucket", ImportFormat.CSV),
        ImportSource("?", ImportFormat.ION),
        "bucket",
    ],
    "tags": [{"team": "films"}, {"aws:x": "y"}, [], None],
    "stream_tags": [{"team": "films"}, {1: "y"}, (), None],
    "deployed_name": ["Movies-prod", "?", 1],
    "replicas": [
        (Replica("eu-west-1"),),
        (Replica("?"),),
        (Replica("eu-west-1", indexes={"x": ReplicaIndex()}),),
        [],
    ],
    "multi_region_consistency": [*MultiRegionConsistency, "STRONG"],
    "witness_region": ["eu-west-1", "?", 1],
}
DEFAULTS = {field.name: [getattr(TableSettings(), field.name)] for field in attrs.fields(TableSettings)}


def settings_of(choices: dict[str, list[object]]) -> st.SearchStrategy[TableSettings]:
    return st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(of) for name, of in choices.items()}
    ).map(lambda values: TableSettings(**values))


def test_every_setting_is_in_the_cases() -> None:
    assert OTHERS.keys() == DEFAULTS.keys()


@given(settings_of(PLAIN))
def test_a_plain_table_breaks_no_rule(settings: TableSettings) -> None:
    assert verify_rare.is_plain(settings, PLACE)
    assert verify_settings.settings_faults(settings, PLACE) == []
    assert verify_replicas.replica_faults(TableDefinition("Movies", KEY, settings=settings), PLACE) == []


@given(settings_of(PLAIN), st.sampled_from([(name, value) for name, of in OTHERS.items() for value in of]))
def test_any_other_setting_is_looked_at(settings: TableSettings, other: tuple[str, object]) -> None:
    changed = attrs.evolve(settings, **dict([other]))
    assert not verify_rare.is_plain(changed, PLACE)


@given(settings_of({name: PLAIN.get(name, DEFAULTS[name]) + OTHERS[name] for name in DEFAULTS}))
def test_the_same_faults_are_found(settings: TableSettings) -> None:
    definition = TableDefinition("Movies", KEY, settings=settings)
    assert verify_rare.settings_faults(settings, PLACE) == verify_settings.settings_faults(settings, PLACE)
    assert verify_rare.replica_faults(definition, PLACE) == verify_replicas.replica_faults(definition, PLACE)


@pytest.mark.parametrize("replicas", OTHERS["replicas"])
def test_the_same_faults_of_indexes_of_replicas_are_found(replicas: object) -> None:
    definition = TableDefinition("Movies", KEY, settings=TableSettings(replicas=replicas))
    found = list(verify_rare.replica_index_faults(definition, PLACE))
    assert found == list(verify_replicas.replica_index_faults(definition, PLACE))


VECTOR = VectorIndex("Plots", "plot", 3, DistanceFunction.COSINE, Projection.ALL)


@pytest.mark.parametrize(
    "indexes", [(), (VECTOR,), (VECTOR, VECTOR), ("Plots",), [], [VECTOR], "Plots", 1, None]
)
def test_the_same_faults_of_vector_indexes_are_found(indexes: object) -> None:
    found = list(verify_rare.vector_faults(indexes, ["Plots"], PLACE))
    assert found == list(verify_vectors.vector_faults(indexes, ["Plots"], PLACE))
