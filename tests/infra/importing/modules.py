"""Generated modules, run; and definitions of all kinds to make them of."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from dynamodel import Entity
from dynamodel.infra.importing import Imported, ImportedTable, python_source
from dynamodel.schema import (
    AutoScaling,
    BillingMode,
    ContributorInsights,
    Encryption,
    IndexDefinition,
    KeyAttribute,
    KeySchema,
    KinesisStream,
    OnDemandThroughput,
    Parameter,
    PointInTimeRecovery,
    Projection,
    RemovalPolicy,
    StreamViewType,
    Sub,
    Table,
    TableClass,
    TableDefinition,
    TableSettings,
    Throughput,
    table_faults,
)
from tests.schema.cases import KINESIS, KMS, POLICY


def run(source: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "generated"}
    exec(source, namespace)
    return namespace


def tables(source: str) -> dict[str, TableDefinition]:
    found = [each for each in run(source).values() if isinstance(each, Table)]
    return {table.name: table.definition for table in found}


def classes(source: str) -> dict[str, type[Entity]]:
    found = run(source)
    return {
        name: each
        for name, each in found.items()
        if isinstance(each, type) and issubclass(each, Entity) and each is not Entity
    }


def source_of(definition: TableDefinition, *items: Any) -> str:
    return python_source(Imported((ImportedTable(definition, items=items),)))


NAMES = st.one_of(
    st.sampled_from(
        ["pk", "sk", "movieId", "class", "put", "self", "attribute", "key", "str", "int", "_type", "1st", "#"]
    ),
    st.sampled_from(
        ["a-b", "a_b", "aB", "AB", "é", "it's", 'say "x"', "line\nbreak", "\\", "映画", "x" * 90]
    ),
    st.text(min_size=1, max_size=12).filter(lambda name: not any("\ud800" <= c <= "\udfff" for c in name)),
)
INDEX_NAMES = st.from_regex(r"[A-Za-z0-9_.-]{3,12}", fullmatch=True)


@st.composite
def definitions(draw: st.DrawFn) -> TableDefinition:
    """Definitions that break no rule, with indexes and settings of all kinds."""
    names = draw(st.lists(NAMES, min_size=6, max_size=6, unique=True))
    types = {name: draw(st.sampled_from("SNB")) for name in names}
    attributes = [KeyAttribute(name, types[name]) for name in names]
    key = KeySchema((attributes[0],), (attributes[1],) if draw(st.booleans()) else ())
    provisioned = draw(st.booleans())
    units = st.one_of(
        st.integers(1, 50),
        st.builds(AutoScaling, st.just(2), st.just(9), st.integers(20, 90), st.sampled_from([None, 3])),
    )
    throughputs = st.builds(Throughput, units, units)

    def projection() -> Projection:
        kind = draw(st.sampled_from(["ALL", "KEYS_ONLY", "INCLUDE"]))
        if kind != "INCLUDE":
            return Projection.ALL if kind == "ALL" else Projection.KEYS_ONLY
        return Projection.include(*draw(st.lists(NAMES, min_size=1, max_size=4, unique=True)))

    index_names = draw(st.lists(INDEX_NAMES, max_size=4, unique=True))
    local, global_ = [], []
    for name in index_names:
        if key.sort and draw(st.booleans()):
            sort = draw(st.sampled_from(attributes[1:]))
            local.append(IndexDefinition(name, "local", KeySchema(key.partition, (sort,)), projection()))
            continue
        parts = draw(st.permutations(attributes))
        first, second = draw(st.integers(1, 3)), draw(st.integers(0, 3))
        schema = KeySchema(tuple(parts[:first]), tuple(parts[first : first + second]))
        global_.append(
            IndexDefinition(
                name,
                "global",
                schema,
                projection(),
                throughput=draw(throughputs) if provisioned else None,
                on_demand_throughput=None
                if provisioned
                else draw(st.sampled_from([None, OnDemandThroughput(3)])),
                contributor_insights=draw(st.sampled_from([None, ContributorInsights()])),
            )
        )
    stream = draw(st.sampled_from([None, *StreamViewType]))
    stage = Parameter("Stage", default="dev", description="where")
    settings = TableSettings(
        billing_mode=BillingMode.PROVISIONED if provisioned else BillingMode.PAY_PER_REQUEST,
        throughput=draw(throughputs) if provisioned else None,
        removal_policy=draw(st.sampled_from(RemovalPolicy)),
        time_to_live=draw(st.one_of(st.none(), st.just("expiresAt"))),
        stream=stream,
        stream_resource_policy=draw(st.sampled_from([None, POLICY])) if stream else None,
        point_in_time_recovery=draw(st.sampled_from([None, PointInTimeRecovery(), PointInTimeRecovery(3)])),
        deletion_protection=draw(st.booleans()),
        encryption=draw(
            st.sampled_from([Encryption.AWS_OWNED, Encryption.AWS_MANAGED, Encryption.customer_managed(KMS)])
        ),
        table_class=draw(st.sampled_from(TableClass)),
        contributor_insights=draw(st.sampled_from([None, ContributorInsights()])),
        kinesis_stream=draw(st.sampled_from([None, KinesisStream(KINESIS)])),
        resource_policy=draw(st.sampled_from([None, POLICY])),
        tags=draw(st.sampled_from([{}, {"stage": stage, "Größe": "1"}])),
        deployed_name=draw(st.sampled_from([None, Sub("Movies-${Stage}", Stage=stage)])),
    )
    name = draw(st.sampled_from(["Movies", "my-app.users", "123", "Entity", "a.b", "Z" * 200]))
    definition = TableDefinition(name, key, tuple(local), tuple(global_), settings)
    assert not table_faults(definition), table_faults(definition)
    return definition
