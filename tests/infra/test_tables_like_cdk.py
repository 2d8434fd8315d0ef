"""Templates of tables against what the CDK's own `Table` construct makes of the same settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dynamodel.infra import Stack, cloudformation
from dynamodel.schema import (
    AutoScaling,
    BillingMode,
    ContributorInsights,
    ContributorInsightsMode,
    CsvOptions,
    Encryption,
    EncryptionKey,
    ImportCompression,
    ImportFormat,
    ImportSource,
    IndexDefinition,
    KeyAttribute,
    KeySchema,
    KinesisStream,
    OnDemandThroughput,
    PointInTimeRecovery,
    Projection,
    RemovalPolicy,
    StreamViewType,
    TableClass,
    TableDefinition,
    TableSettings,
    Throughput,
    TimestampPrecision,
    WarmThroughput,
    table_faults,
)
from examples.movies.models import movie_cast, movies
from tests.schema.cases import (
    KINESIS,
    KMS,
    POLICY,
    PROVISIONED,
    RIGHT,
    RIGHT_UNASKED,
    global_index,
    key,
    local_index,
    table,
)

from .l2_tables import BEYOND_L2, declared, l2_table
from .oracles import canonical, modulo_ids, references, synthesise

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

SCALED = Throughput(AutoScaling(2, 50, 60), AutoScaling(5, 500, 90, initial=10, scale_in_cooldown=60))
"""Reads and writes that follow the load, in different ways."""

THREE_PROJECTIONS = table(
    local_index("all", "at", at="N"),
    local_index("keys", "rank", rank="N", projection=Projection.KEYS_ONLY),
    local_index("some", "title", projection=Projection.include("rating", "year")),
    key=key("pk", "sk", sk="N"),
)

EVERY_SETTING = table(
    global_index("gsi", "a", "b", b="N", on_demand_throughput=OnDemandThroughput(10, 20)),
    on_demand_throughput=OnDemandThroughput(100, 200),
    warm_throughput=WarmThroughput(15_000, 5_000),
    removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    time_to_live="expires",
    stream=StreamViewType.NEW_AND_OLD_IMAGES,
    point_in_time_recovery=PointInTimeRecovery(7),
    deletion_protection=True,
    encryption=Encryption.customer_managed(KMS),
    table_class=TableClass.STANDARD_INFREQUENT_ACCESS,
    contributor_insights=ContributorInsights(ContributorInsightsMode.THROTTLED_KEYS),
    kinesis_stream=KinesisStream(KINESIS, TimestampPrecision.MICROSECOND),
    resource_policy=POLICY,
    import_source=ImportSource(
        "my-bucket",
        ImportFormat.CSV,
        key_prefix="movies/",
        bucket_owner="123456789012",
        compression=ImportCompression.GZIP,
        csv=CsvOptions(";", ("pk", "sk", "title")),
    ),
    tags={"team": "films", "app": "movies"},
)

CASES: dict[str, TableDefinition] = {
    "movies": movies.definition,
    "cast": movie_cast.definition,
    "three projections": THREE_PROJECTIONS,
    "every setting": EVERY_SETTING,
    "retain": table(removal_policy=RemovalPolicy.RETAIN),
    "destroy": table(removal_policy=RemovalPolicy.DESTROY),
    "retain except on create": table(removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE),
    "provisioned, with indexes": table(
        global_index("own", "a", throughput=Throughput(7, 9)), global_index("tables", "b"), **PROVISIONED
    ),
    "scaling of reads": table(
        billing_mode=BillingMode.PROVISIONED, throughput=Throughput(AutoScaling(2, 50), 5)
    ),
    "scaling of all": table(
        global_index("gsi-1", "a", throughput=SCALED),
        global_index("tables", "b"),
        global_index("fixed", "c", throughput=Throughput(3, AutoScaling(1, 9, scale_out_cooldown=0))),
        billing_mode=BillingMode.PROVISIONED,
        throughput=SCALED,
    ),
    "several attributes in a key": table(
        global_index("four", "a b c d", "e f g h", b="N", g="B"),
        global_index("one-and-two", "a", "b c", b="N", projection=Projection.KEYS_ONLY),
    ),
    "Kinesis alone": table(kinesis_stream=KinesisStream(KINESIS)),
    "insights alone": table(
        global_index(
            contributor_insights=ContributorInsights(ContributorInsightsMode.ACCESSED_AND_THROTTLED_KEYS)
        ),
        contributor_insights=ContributorInsights(),
    ),
    "import of JSON": table(import_source=ImportSource("my-bucket", ImportFormat.DYNAMODB_JSON)),
    "import of Ion": table(
        import_source=ImportSource("my-bucket", ImportFormat.ION, compression=ImportCompression.NONE)
    ),
    "import of CSV as it comes": table(
        import_source=ImportSource("my-bucket", ImportFormat.CSV, csv=CsvOptions())
    ),
}
"""Tables that show each property."""


def _can_be_said_in_l2(definition: TableDefinition) -> bool:
    settings = definition.settings
    arn = settings.encryption.key
    beyond = [name for name in BEYOND_L2 if getattr(settings, name) != getattr(TableSettings(), name)]
    is_key = settings.encryption.key_owner is not EncryptionKey.CUSTOMER_MANAGED or arn == KMS
    return not beyond and is_key


CASES |= {
    case.id: case.definition for case in (*RIGHT, *RIGHT_UNASKED) if _can_be_said_in_l2(case.definition)
}


def ours_and_theirs(definitions: Sequence[TableDefinition]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """For each table its resources: in our template, and in that of the CDK."""
    named = [evolve(definition, name=f"Table{n}") for n, definition in enumerate(definitions)]
    tables = [declared(definition) for definition in named]
    # What the declaration makes of it: an index without capacity of its own has the table's.
    whole = [each.definition for each in tables]
    theirs = synthesise(lambda stack: [l2_table(stack, each.name, each) for each in whole])
    ours = cloudformation(Stack(*tables))
    return list(zip(_by_table(ours, len(tables)), _by_table(theirs, len(tables)), strict=True))


def _by_table(template: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """The resources of each table: the table, and what belongs to it by a reference."""
    resources = template["Resources"]
    ids = {
        body["Properties"]["TableName"]: name
        for name, body in resources.items()
        if body["Type"] == "AWS::DynamoDB::Table"
    }
    uses = {name: set(references(canonical(body["Properties"]))) for name, body in resources.items()}
    parts: list[dict[str, Any]] = []
    for n in range(count):
        part = {ids[f"Table{n}"]}
        while True:
            users = {name for name, body in resources.items() if part & uses[name]}
            if users <= part:
                break
            part |= users
        parts.append(modulo_ids({"Resources": {name: resources[name] for name in sorted(part)}}))
    return parts


def shown(resources: dict[str, Any]) -> str:
    """As text, of which a failing test shows the lines that differ."""
    return json.dumps(resources, indent=1, sort_keys=True, ensure_ascii=False)


@pytest.fixture(scope="module")
def compared(cdk: ModuleType) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """All cases, synthesised at once."""
    return dict(zip(CASES, ours_and_theirs(list(CASES.values())), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_a_table_is_as_the_cdk_makes_it(
    case: str, compared: dict[str, tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    ours, theirs = compared[case]
    assert shown(ours) == shown(theirs)


_NUMBERS = st.integers(1, 40_000)
_NAMED = st.sampled_from(["pk", "sk", "title", "a.b", "year", "#n", "Größe", "expires"])
_ATTRIBUTES = st.builds(KeyAttribute, _NAMED, st.sampled_from(("S", "N", "B")))
_INSIGHTS = st.none() | st.builds(ContributorInsights, st.none() | st.sampled_from(ContributorInsightsMode))
_WARM = st.builds(WarmThroughput, st.integers(12_000, 99_999), st.none() | st.integers(4_000, 99_999))
_MAXIMA = st.builds(OnDemandThroughput, _NUMBERS, st.none() | _NUMBERS)
_SCALING = st.builds(
    lambda least, more, target, cooldown: AutoScaling(
        least, least + more, target, scale_in_cooldown=cooldown
    ),
    _NUMBERS,
    _NUMBERS,
    st.integers(20, 90),
    st.none() | st.integers(0, 600),
)
_UNITS = _NUMBERS | _SCALING
_THROUGHPUT = st.builds(Throughput, _UNITS, _UNITS)
_PROJECTIONS = st.sampled_from([Projection.ALL, Projection.KEYS_ONLY]) | st.lists(
    st.text("abc-_.é", min_size=1, max_size=9), min_size=1, max_size=5, unique=True
).map(lambda names: Projection.include(*names))


@st.composite
def definitions(draw: st.DrawFn) -> TableDefinition:
    """Any table that the rules accept and that the CDK's construct can say."""
    types = dict(draw(st.lists(_ATTRIBUTES, min_size=8, max_size=8, unique_by=lambda each: each.name)))

    def side(most: int, least: int = 1) -> tuple[KeyAttribute, ...]:
        chosen = draw(st.lists(st.sampled_from(sorted(types)), min_size=least, max_size=most, unique=True))
        return tuple(KeyAttribute(name, types[name]) for name in chosen)

    partition, *sort = side(2)
    provisioned = draw(st.booleans())

    def capacity() -> dict[str, Any]:
        if provisioned:
            return {"throughput": draw(_THROUGHPUT)}
        return {"on_demand_throughput": draw(st.none() | _MAXIMA), "warm_throughput": draw(st.none() | _WARM)}

    indexes = []
    for name in draw(st.lists(st.text("abcXYZ019_.-", min_size=3, max_size=30), max_size=4, unique=True)):
        if sort and draw(st.booleans()):
            (at,) = side(1)
            keys = KeySchema((partition,), (at,))
            indexes.append(IndexDefinition(name, "local", keys, draw(_PROJECTIONS)))
        else:
            whole = side(8)
            at_most = draw(st.integers(max(1, len(whole) - 4), min(4, len(whole))))
            keys = KeySchema(whole[:at_most], whole[at_most:])
            own = capacity() | {"contributor_insights": draw(_INSIGHTS)}
            indexes.append(IndexDefinition(name, "global", keys, draw(_PROJECTIONS), **own))
    return table(
        *indexes,
        key=KeySchema((partition,), tuple(sort)),
        billing_mode=BillingMode.PROVISIONED if provisioned else BillingMode.PAY_PER_REQUEST,
        **capacity(),
        removal_policy=draw(st.sampled_from(RemovalPolicy)),
        time_to_live=draw(st.none() | st.text("abcé. ", min_size=1, max_size=9)),
        stream=draw(st.none() | st.sampled_from(StreamViewType)),
        point_in_time_recovery=draw(st.none() | st.builds(PointInTimeRecovery, st.integers(1, 35))),
        deletion_protection=draw(st.booleans()),
        encryption=draw(
            st.sampled_from((Encryption.AWS_OWNED, Encryption.AWS_MANAGED, Encryption.customer_managed(KMS)))
        ),
        table_class=draw(st.sampled_from(TableClass)),
        contributor_insights=draw(_INSIGHTS),
        kinesis_stream=draw(st.none() | st.just(KinesisStream(KINESIS, TimestampPrecision.MILLISECOND))),
        tags=draw(st.dictionaries(st.text("abc-", min_size=1, max_size=9), st.text("xyz ", max_size=9))),
    )


_SOUND = definitions().filter(lambda definition: not table_faults(definition))


@hypothesis_settings(
    max_examples=3,
    phases=(Phase.explicit, Phase.generate),  # to shrink would take minutes; the diff says enough
    suppress_health_check=list(HealthCheck),
)
@given(drawn=st.lists(_SOUND, min_size=15, max_size=15))
def test_any_table_is_as_the_cdk_makes_it(drawn: list[TableDefinition], cdk: ModuleType) -> None:
    # Many tables to a stack, for each synthesis takes its time.
    for ours, theirs in ours_and_theirs(drawn):
        assert shown(ours) == shown(theirs)
