"""Definitions of tables with any settings that AWS accepts together, drawn by hypothesis."""

from __future__ import annotations

from typing import Any

from attrs import evolve
from hypothesis import strategies as st

from dynamodel.schema import (
    AutoScaling,
    BillingMode,
    ContributorInsights,
    ContributorInsightsMode,
    DistanceFunction,
    Encryption,
    IndexDefinition,
    KeyAttribute,
    KeySchema,
    KinesisStream,
    MultiRegionConsistency,
    OnDemandThroughput,
    PointInTimeRecovery,
    Projection,
    Replica,
    ReplicaIndex,
    StreamViewType,
    TableClass,
    TableDefinition,
    TableSettings,
    Throughput,
    TimestampPrecision,
    VectorIndex,
    WarmThroughput,
)

STATEMENT = {"Principal": "*", "Action": "dynamodb:Query", "Resource": "*"}

GENERIC = KeySchema((KeyAttribute("pk", "S"),), (KeyAttribute("sk", "S"),))
KMS = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
KINESIS = "arn:aws:kinesis:us-east-1:123456789012:stream/changes"

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
LOCALS = (
    IndexDefinition("lsi1", "local", KeySchema(GENERIC.partition, (KeyAttribute("at", "N"),))),
    IndexDefinition(
        "lsi2",
        "local",
        KeySchema(GENERIC.partition, (KeyAttribute("a0", "S"),)),
        Projection.include("y", "x"),
    ),
)
"""What all tables share, with the key: DynamoDB changes neither."""

UNITS = st.integers(1, 5)
SCALED = st.builds(lambda least, more: AutoScaling(least, least + more), UNITS, UNITS)
THROUGHPUTS = st.builds(Throughput, UNITS, UNITS)
NO_THROUGHPUTS: st.SearchStrategy[None] = st.none()
SCALED_THROUGHPUTS = st.builds(Throughput, UNITS | SCALED, SCALED)
MAXIMA = st.sampled_from(
    [None, OnDemandThroughput(5), OnDemandThroughput(max_write=7), OnDemandThroughput(9, 9)]
)
INSIGHTS = st.sampled_from([None, ContributorInsights(), *map(ContributorInsights, ContributorInsightsMode)])
PROJECTIONS = st.sampled_from(
    [Projection.ALL, Projection.KEYS_ONLY, Projection.include("x"), Projection.include("x", "y")]
)
POLICIES = st.sampled_from(
    [
        None,
        *(
            {"Version": "2012-10-17", "Statement": [STATEMENT | {"Effect": effect}]}
            for effect in ("Allow", "Deny")
        ),
    ]
)
TAGS = st.dictionaries(st.sampled_from([f"k{n}" for n in range(30)]), st.sampled_from("abc"), max_size=25)


@st.composite
def global_indexes(draw: st.DrawFn, throughputs: Any) -> tuple[IndexDefinition, ...]:
    """Up to four indexes over attributes that have one type each in this table, but another in the next."""
    types = {name: draw(st.sampled_from("SNB")) for name in ("a1", "a2", "a3", "a4")} | {"a0": "S", "at": "N"}
    indexes = []
    for name in draw(st.lists(st.sampled_from(["gsi1", "gsi2", "gsi3", "gsi4"]), max_size=4, unique=True)):
        parts = draw(st.lists(st.sampled_from(sorted(types)), min_size=1, max_size=4, unique=True))
        split = draw(st.integers(1, len(parts)))
        attributes = [KeyAttribute(part, types[part]) for part in parts]
        indexes.append(
            IndexDefinition(
                name,
                "global",
                KeySchema(tuple(attributes[:split]), tuple(attributes[split:])),
                draw(PROJECTIONS),
                throughput=draw(throughputs),
                on_demand_throughput=draw(st.none() if throughputs is not NO_THROUGHPUTS else MAXIMA),
                contributor_insights=draw(INSIGHTS),
            )
        )
    return tuple(indexes)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[TableDefinition, TableDefinition]:
    """A table before and after; most of the indexes that have the same name are the same indexes."""
    provisioned = draw(st.tuples(st.booleans(), st.booleans()))
    replicated = draw(st.tuples(st.booleans(), st.booleans()))
    before, after = (draw(definitions(*each)) for each in zip(provisioned, replicated, strict=True))
    known = {index.name: index for index in before.global_indexes}
    if draw(st.booleans()) and all(index.name in known for index in after.global_indexes):
        kept = (
            evolve(index, key=known[index.name].key, projection=known[index.name].projection)
            for index in after.global_indexes
        )
        after = evolve(after, global_indexes=tuple(kept))
    return before, after


@st.composite
def definitions(draw: st.DrawFn, provisioned: bool, replicated: bool) -> TableDefinition:
    """A table with any settings that DynamoDB can change in place."""
    throughputs: Any = SCALED_THROUGHPUTS if replicated else THROUGHPUTS | SCALED_THROUGHPUTS
    indexes = draw(global_indexes(throughputs if provisioned else NO_THROUGHPUTS))
    # What AWS asks of a table with replicas.
    views = [StreamViewType.NEW_AND_OLD_IMAGES] if replicated else [None, *StreamViewType]
    stream = draw(st.sampled_from(views))
    capacity: dict[str, Any] = (
        {"billing_mode": BillingMode.PROVISIONED, "throughput": draw(throughputs)}
        if provisioned
        else {"on_demand_throughput": draw(MAXIMA)}
    )
    settings = TableSettings(
        **capacity,
        **(draw(replication([index.name for index in indexes], provisioned)) if replicated else {}),
        warm_throughput=draw(st.sampled_from([None, WarmThroughput(20_000), WarmThroughput(13_000, 9_000)])),
        time_to_live=draw(st.sampled_from([None, "expires", "until"])),
        stream=stream,
        stream_resource_policy=None if stream is None else draw(POLICIES),
        stream_tags={} if stream is None else draw(TAGS),
        point_in_time_recovery=draw(st.sampled_from([None, PointInTimeRecovery(), PointInTimeRecovery(7)])),
        deletion_protection=draw(st.booleans()),
        encryption=draw(
            st.sampled_from(
                [
                    Encryption.AWS_OWNED,
                    Encryption.customer_managed(KMS),
                    Encryption.customer_managed(KEY_ID),
                    Encryption.customer_managed("mrk-" + "0" * 32),
                ]
            )
        ),
        table_class=draw(st.sampled_from(TableClass)),
        contributor_insights=draw(INSIGHTS),
        kinesis_stream=draw(
            st.none()
            | st.builds(
                KinesisStream,
                st.sampled_from([KINESIS, KINESIS + "2"]),
                st.none() | st.sampled_from(TimestampPrecision),
            )
        ),
        resource_policy=draw(POLICIES),
        tags=draw(TAGS),
    )
    if settings.encryption.key is not None:  # then each region has a key of its own
        keyed = (
            evolve(each, encryption_key=KMS.replace("us-east-1", each.region)) for each in settings.replicas
        )
        settings = evolve(settings, replicas=tuple(keyed))
    return TableDefinition("Forum", GENERIC, LOCALS, indexes, settings, draw(vector_indexes()))


@st.composite
def vector_indexes(draw: st.DrawFn) -> tuple[VectorIndex, ...]:
    names = draw(st.lists(st.sampled_from(["vec1", "vec2"]), max_size=2, unique=True))
    dimensions = draw(st.sampled_from([3, 4]))
    return tuple(
        VectorIndex(
            name,
            "vector",
            dimensions,
            draw(st.sampled_from(DistanceFunction)),
            draw(PROJECTIONS),
            draw(st.sampled_from([(), ("tenant",)])),
            draw(st.sampled_from([(), ("year", "genre")])),
        )
        for name in names
    )


@st.composite
def replication(draw: st.DrawFn, indexes: list[str], provisioned: bool) -> dict[str, Any]:
    """Replicas with what one region can tell of another; always of one consistency."""
    reads = st.none() | UNITS if provisioned else st.none()
    most = st.none() if provisioned else st.none() | UNITS
    replicas = [
        Replica(
            region,
            table_class=draw(st.none() | st.sampled_from(TableClass)),
            read_throughput=draw(reads),
            max_read=draw(most),
            indexes={name: ReplicaIndex(draw(reads), draw(most)) for name in indexes if draw(st.booleans())},
        )
        for region in draw(
            st.lists(
                st.sampled_from(["eu-west-1", "eu-north-1", "ap-south-1"]),
                min_size=1,
                max_size=2,
                unique=True,
            )
        )
    ]
    return {
        "replicas": tuple(replicas),
        "multi_region_consistency": draw(st.sampled_from([None, MultiRegionConsistency.EVENTUAL])),
    }
