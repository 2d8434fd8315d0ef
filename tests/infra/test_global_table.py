"""Templates of global tables against what the CDK's own `TableV2` construct makes of the same settings."""

from __future__ import annotations

import json
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dynamodel.errors import DeclarationError
from dynamodel.infra.global_table import global_table_properties, global_table_resources
from dynamodel.infra.template import Scope
from dynamodel.schema import (
    AutoScaling,
    BillingMode,
    ContributorInsights,
    ContributorInsightsMode,
    DistanceFunction,
    Encryption,
    ImportFormat,
    ImportSource,
    KinesisStream,
    MultiRegionConsistency,
    OnDemandThroughput,
    Parameter,
    PointInTimeRecovery,
    Projection,
    RemovalPolicy,
    Replica,
    ReplicaIndex,
    StreamViewType,
    Sub,
    TableClass,
    TableDefinition,
    Throughput,
    TimestampPrecision,
    VectorIndex,
    WarmThroughput,
    table_faults,
)
from dynamodel.schema.verify_replicas import replica_faults
from tests.schema.cases import (
    KINESIS,
    KMS,
    POLICY,
    PROVISIONED,
    global_index,
    key,
    local_index,
    table,
)

from .l2_global_tables import POLICY_OF_EACH_REPLICA, l2_global_table
from .l2_tables import declared
from .oracles import modulo_ids, synthesise

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    import aws_cdk

REGION = "us-east-1"
"""The stack's own; it is that of the keys and streams in the cases."""

INSIGHTS = ContributorInsights(ContributorInsightsMode.THROTTLED_KEYS)
WRITES = AutoScaling(2, 50, 60, initial=5)
OHIO, OREGON = "us-east-2", "us-west-2"


def policy_for(action: str) -> dict[str, object]:
    principal = {"AWS": "123456789012"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


OTHER_POLICY = policy_for("dynamodb:Query")
STREAM_POLICY = policy_for("dynamodb:GetRecords")


def there(arn: str, region: str = OREGON) -> str:
    """The same ARN in another region."""
    return arn.replace(REGION, region)


ONE_REGION: dict[str, TableDefinition] = {
    "plain": table(),
    "destroy": table(removal_policy=RemovalPolicy.DESTROY),
    "retain except on create": table(removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE),
    "every setting": table(
        local_index("lsi", "at", at="N", projection=Projection.include("title")),
        global_index(
            "gsi",
            "a",
            "b",
            on_demand_throughput=OnDemandThroughput(5, 6),
            warm_throughput=WarmThroughput(15_000),
            contributor_insights=INSIGHTS,
        ),
        on_demand_throughput=OnDemandThroughput(100, 200),
        warm_throughput=WarmThroughput(15_000, 5_000),
        removal_policy=RemovalPolicy.DESTROY,
        time_to_live="expires",
        stream=StreamViewType.NEW_IMAGE,
        stream_resource_policy=STREAM_POLICY,
        point_in_time_recovery=PointInTimeRecovery(7),
        deletion_protection=True,
        encryption=Encryption.AWS_MANAGED,
        table_class=TableClass.STANDARD_INFREQUENT_ACCESS,
        contributor_insights=INSIGHTS,
        kinesis_stream=KinesisStream(KINESIS),
        resource_policy=POLICY,
        tags={"team": "films", "app": "movies"},
    ),
    "only maxima of writes": table(
        global_index(on_demand_throughput=OnDemandThroughput(max_write=3)),
        on_demand_throughput=OnDemandThroughput(max_write=7),
    ),
    "several attributes in a key": table(
        global_index("four", "a b c d", "e f g h", b="N", g="B"),
        global_index("one-and-two", "a", "b c", b="N", projection=Projection.KEYS_ONLY),
        key=key("pk"),
    ),
    "provisioned": table(
        global_index("tables", "a"),
        global_index("own", "b", throughput=Throughput(AutoScaling(1, 9), AutoScaling(3, 4, 90))),
        billing_mode=BillingMode.PROVISIONED,
        throughput=Throughput(5, WRITES),
    ),
}
"""Tables without replicas, which `TableV2` makes in a stack for any region too."""

SEVERAL_REGIONS: dict[str, TableDefinition] = {
    "customer managed key, alone": table(encryption=Encryption.customer_managed(KMS)),
    "two replicas": table(global_index(), replicas=(Replica("eu-west-1"), Replica("ap-south-1"))),
    "a stream of keys": table(replicas=(Replica(OREGON),), stream=StreamViewType.KEYS_ONLY),
    "customer managed keys": table(
        encryption=Encryption.customer_managed(KMS),
        replicas=(Replica(OREGON, encryption_key=there(KMS)),),
    ),
    "AWS's key": table(encryption=Encryption.AWS_MANAGED, replicas=(Replica(OREGON),)),
    "what a replica inherits": table(
        global_index(on_demand_throughput=OnDemandThroughput(5, 6)),
        on_demand_throughput=OnDemandThroughput(100, 200),
        point_in_time_recovery=PointInTimeRecovery(7),
        deletion_protection=True,
        table_class=TableClass.STANDARD_INFREQUENT_ACCESS,
        tags={"team": "films"},
        replicas=(Replica(OREGON),),
    ),
    "what a replica has of its own": table(
        global_index("gsi", on_demand_throughput=OnDemandThroughput(5, 6), contributor_insights=INSIGHTS),
        on_demand_throughput=OnDemandThroughput(100, 200),
        stream=StreamViewType.NEW_AND_OLD_IMAGES,
        stream_resource_policy=STREAM_POLICY,
        point_in_time_recovery=PointInTimeRecovery(7),
        deletion_protection=True,
        table_class=TableClass.STANDARD_INFREQUENT_ACCESS,
        contributor_insights=INSIGHTS,
        kinesis_stream=KinesisStream(KINESIS),
        resource_policy=POLICY,
        tags={"team": "films"},
        replicas=(
            Replica(
                OREGON,
                table_class=TableClass.STANDARD,
                deletion_protection=False,
                point_in_time_recovery=PointInTimeRecovery(3),
                contributor_insights=ContributorInsights(),
                kinesis_stream=KinesisStream(there(KINESIS)),
                resource_policy=OTHER_POLICY,
                stream_resource_policy=STREAM_POLICY,
                tags={"app": "movies"},
                max_read=9,
                indexes={"gsi": ReplicaIndex(max_read=4, contributor_insights=ContributorInsights())},
            ),
            Replica(OHIO, tags={}, deletion_protection=True),
        ),
    ),
    "provisioned": table(
        global_index("tables", "a"),
        global_index("own", "b", throughput=Throughput(AutoScaling(1, 9), AutoScaling(3, 4, 90))),
        billing_mode=BillingMode.PROVISIONED,
        throughput=Throughput(AutoScaling(5, 500), WRITES),
        replicas=(
            Replica(OHIO),
            Replica(OREGON, read_throughput=7, indexes={"own": ReplicaIndex(AutoScaling(2, 3, initial=3))}),
        ),
    ),
    "strong, with a witness": table(
        replicas=(Replica(OREGON),),
        witness_region=OHIO,
        multi_region_consistency=MultiRegionConsistency.STRONG,
    ),
    "strong, three replicas": table(
        replicas=(Replica(OREGON), Replica(OHIO)), multi_region_consistency=MultiRegionConsistency.STRONG
    ),
    "eventual": table(replicas=(Replica(OREGON),), multi_region_consistency=MultiRegionConsistency.EVENTUAL),
}
"""Tables for a stack in a known region, without which `TableV2` makes no replicas."""

BEYOND_L2 = evolve(
    table(
        global_index("gsi"),
        name="Movies",
        deployed_name=Sub("Movies-${Stage}", Stage=Parameter("Stage", default="test")),
        billing_mode=BillingMode.PROVISIONED,
        throughput=Throughput(1, AutoScaling(1, 9, scale_in_cooldown=60, scale_out_cooldown=0)),
        stream=StreamViewType.NEW_AND_OLD_IMAGES,
        stream_tags={"team": "films"},
        kinesis_stream=KinesisStream(KINESIS, TimestampPrecision.MICROSECOND),
        encryption=Encryption.customer_managed(Parameter("Key")),
        replicas=(Replica("eu-west-1", encryption_key=Parameter("KeyInIreland")),),
    ),
    vector_indexes=(VectorIndex("by-plot", "plot", 3, DistanceFunction.COSINE),),
)
"""What `TableV2` cannot say."""


def resources_of(definition: TableDefinition) -> dict[str, Any]:
    whole = declared(definition)
    scope = Scope({whole: "Table"})
    return {name: each.to_dict() for name, each in global_table_resources(whole, scope).items()}


def in_region(value: Any) -> Any:
    """With the region's name in place of what stands for it in a template for any region."""
    if value == {"Ref": "AWS::Region"}:
        return REGION
    if isinstance(value, list):
        return [in_region(part) for part in value]
    if isinstance(value, dict):
        return {name: in_region(part) for name, part in value.items()}
    return value


def without_disabled(value: Any) -> Any:
    """Without insights that are switched off, which is what AWS does where nothing is said."""
    if isinstance(value, list):
        return [without_disabled(part) for part in value]
    if isinstance(value, dict):
        return {name: without_disabled(part) for name, part in value.items() if part != {"Enabled": False}}
    return value


def shown(resource: Mapping[str, Any]) -> str:
    """One resource as text in canonical form, of which a failing test shows the lines that differ."""
    return json.dumps(modulo_ids({"Resources": {"Table": resource}}), indent=1, sort_keys=True)


def theirs_of(definitions: Mapping[str, TableDefinition], region: str | None) -> dict[str, str]:
    """For each case what `TableV2` makes of it, all in one stack."""
    whole = {case: declared(definition).definition for case, definition in definitions.items()}
    named = {case: evolve(definition, name=f"Table{n}") for n, (case, definition) in enumerate(whole.items())}

    def build(stack: aws_cdk.Stack) -> None:
        stack.node.set_context(POLICY_OF_EACH_REPLICA, True)
        for definition in named.values():
            l2_global_table(stack, definition.name, definition)

    made = {
        body["Properties"]["TableName"]: without_disabled(body)
        for body in synthesise(build, region)["Resources"].values()
    }
    for case, definition in named.items():
        made[definition.name]["Properties"]["TableName"] = definitions[case].name
    return {case: shown(made[definition.name]) for case, definition in named.items()}


@pytest.fixture(scope="module")
def in_any_region(cdk: ModuleType) -> dict[str, str]:
    return theirs_of(ONE_REGION, None)


@pytest.fixture(scope="module")
def in_one_region(cdk: ModuleType) -> dict[str, str]:
    return theirs_of(SEVERAL_REGIONS, REGION)


@pytest.mark.parametrize("case", ONE_REGION)
def test_a_table_in_one_region_is_as_the_cdk_makes_it(case: str, in_any_region: dict[str, str]) -> None:
    (ours,) = resources_of(ONE_REGION[case]).values()
    assert shown(ours) == in_any_region[case]


@pytest.mark.parametrize("case", SEVERAL_REGIONS)
def test_a_table_with_replicas_is_as_the_cdk_makes_it(case: str, in_one_region: dict[str, str]) -> None:
    (ours,) = resources_of(SEVERAL_REGIONS[case]).values()
    assert shown(in_region(ours)) == in_one_region[case]


@pytest.mark.parametrize("case", SEVERAL_REGIONS)
def test_the_region_of_the_stack_can_be_named(case: str) -> None:
    definition = declared(SEVERAL_REGIONS[case]).definition
    named = global_table_properties(definition, REGION)
    assert named == in_region(global_table_properties(definition))
    assert named["Replicas"][-1]["Region"] == REGION


@pytest.mark.parametrize("definition", [*ONE_REGION.values(), *SEVERAL_REGIONS.values(), BEYOND_L2])
def test_cfn_lint_finds_nothing(
    definition: TableDefinition, lint: Callable[[dict[str, Any]], list[str]]
) -> None:
    whole = declared(definition)
    scope = Scope({whole: "Table"})
    resources = {name: each.to_dict() for name, each in global_table_resources(whole, scope).items()}
    assert lint({"Parameters": scope.parameters_section(), "Resources": resources}) == []


def test_what_only_cloudformation_can_say() -> None:
    (resource,) = resources_of(BEYOND_L2).values()
    properties = resource["Properties"]
    ireland, own = properties["Replicas"]
    assert properties["TableName"] == {"Fn::Sub": "Movies-${Stage}"}
    assert properties["VectorIndexes"][0]["IndexName"] == "by-plot"
    assert ireland["SSESpecification"] == {"KMSMasterKeyId": {"Ref": "KeyInIreland"}}
    assert own["SSESpecification"] == {"KMSMasterKeyId": {"Ref": "Key"}}
    assert "KinesisStreamSpecification" not in ireland
    assert own["KinesisStreamSpecification"]["ApproximateCreationDateTimePrecision"] == "MICROSECOND"
    for region in (ireland, own):
        assert region["ReplicaStreamSpecification"] == {"Tags": [{"Key": "team", "Value": "films"}]}
    scaling = properties["WriteProvisionedThroughputSettings"]["WriteCapacityAutoScalingSettings"]
    tracking = {"TargetValue": 70, "ScaleInCooldown": 60, "ScaleOutCooldown": 0}
    assert scaling["TargetTrackingScalingPolicyConfiguration"] == tracking


def test_what_a_global_table_cannot_have_is_refused_at_once() -> None:
    definition = table(
        global_index(throughput=Throughput(2, 3)),
        import_source=ImportSource("my-bucket", ImportFormat.ION),
        **PROVISIONED,
    )
    with pytest.raises(DeclarationError) as refused:
        global_table_properties(definition)
    assert [fault.place.removeprefix("Table 'Forum'.") for fault in refused.value.faults] == [
        "import_source",
        "throughput.write",
        "global_indexes[0] (gsi1).throughput.write",
    ]


_OTHERS = (OHIO, OREGON, "us-west-1", "eu-west-1")


@pytest.mark.parametrize("consistency", [None, *MultiRegionConsistency])
def test_the_cdk_accepts_the_same_regions(
    consistency: MultiRegionConsistency | None, cdk: ModuleType
) -> None:
    app = cdk.App(analytics_reporting=False)
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="123456789012", region=REGION))
    several = [
        table(
            name=f"Table-{witness}-{'-'.join(replicas)}",
            replicas=tuple(map(Replica, replicas)),
            witness_region=witness,
            multi_region_consistency=consistency,
        )
        for count in range(1, 4)
        for replicas in combinations_with_replacement(_OTHERS, count)
        for witness in (None, *_OTHERS)
    ]
    accepted = 0
    for definition in several:
        refusal = _refusal(stack, definition)
        settings = definition.settings
        if settings.witness_region in [replica.region for replica in settings.replicas]:
            continue  # AWS wants a region of its own for the witness, which `TableV2` does not check.
        assert bool(replica_faults(definition, "Table")) == bool(refusal), f"{definition.name}: {refusal}"
        accepted += not refusal
    assert 0 < accepted < len(several)


def _refusal(stack: aws_cdk.Stack, definition: TableDefinition) -> str:
    """What the CDK says against it."""
    try:
        l2_global_table(stack, definition.name, definition)
    except RuntimeError as error:  # jsii's, for every error of the CDK
        return str(error)
    return ""


_NUMBERS = st.integers(1, 40_000)
_SCALING = st.builds(
    lambda least, more, target, seeded: AutoScaling(
        least, least + more, target, initial=least if seeded else None
    ),
    _NUMBERS,
    _NUMBERS,
    st.integers(20, 90),
    st.booleans(),
)
_INSIGHTS = st.none() | st.builds(ContributorInsights, st.none() | st.sampled_from(ContributorInsightsMode))
_RECOVERY = st.none() | st.builds(PointInTimeRecovery, st.integers(1, 35))
_TAGS = st.dictionaries(st.text("abc-", min_size=1, max_size=9), st.text("xyz ", max_size=9))
_REGIONS = st.lists(st.sampled_from(("eu-west-1", "us-east-2", "sa-east-1")), max_size=3, unique=True)


@st.composite
def definitions(draw: st.DrawFn) -> TableDefinition:
    """Any global table that the rules accept and that `TableV2` can say."""
    provisioned = draw(st.booleans())
    # `TableV2` gives the indexes of its own region the insights of the table.
    insights = draw(_INSIGHTS)
    names = draw(st.lists(st.sampled_from(("one", "two", "three")), max_size=3, unique=True))

    def capacity() -> dict[str, Any]:
        if provisioned:
            return {"throughput": Throughput(draw(_NUMBERS | _SCALING), draw(_SCALING))}
        maxima = st.builds(OnDemandThroughput, _NUMBERS, st.none() | _NUMBERS)
        return {"on_demand_throughput": draw(st.none() | maxima)}

    def own_reads() -> dict[str, Any]:
        name = "read_throughput" if provisioned else "max_read"
        return {name: draw(st.none() | (_NUMBERS | _SCALING if provisioned else _NUMBERS))}

    def replica(region: str, customer: bool) -> Replica:
        return Replica(
            region,
            table_class=draw(st.none() | st.sampled_from(TableClass)),
            deletion_protection=draw(st.none() | st.booleans()),
            point_in_time_recovery=draw(_RECOVERY),
            contributor_insights=draw(_INSIGHTS),
            kinesis_stream=draw(st.none() | st.just(KinesisStream(there(KINESIS, region)))),
            encryption_key=there(KMS, region) if customer else None,
            resource_policy=draw(st.none() | st.just(OTHER_POLICY)),
            tags=draw(st.none() | _TAGS),
            indexes={
                name: ReplicaIndex(**own_reads(), contributor_insights=draw(_INSIGHTS))
                for name in names
                if draw(st.booleans())
            },
            **own_reads(),
        )

    encryption = draw(
        st.sampled_from((Encryption.AWS_OWNED, Encryption.AWS_MANAGED, Encryption.customer_managed(KMS)))
    )
    return table(
        *(global_index(name, name, **capacity(), contributor_insights=insights) for name in names),
        billing_mode=BillingMode.PROVISIONED if provisioned else BillingMode.PAY_PER_REQUEST,
        **capacity(),
        time_to_live=draw(st.none() | st.just("expires")),
        stream=draw(st.none() | st.sampled_from(StreamViewType)),
        point_in_time_recovery=draw(_RECOVERY),
        deletion_protection=draw(st.booleans()),
        encryption=encryption,
        table_class=draw(st.sampled_from(TableClass)),
        contributor_insights=insights,
        kinesis_stream=draw(st.none() | st.just(KinesisStream(KINESIS))),
        resource_policy=draw(st.none() | st.just(POLICY)),
        tags=draw(_TAGS),
        replicas=tuple(replica(region, encryption.key is not None) for region in draw(_REGIONS)),
    )


@hypothesis_settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(drawn=st.lists(definitions(), min_size=15, max_size=15))
def test_any_global_table_is_as_the_cdk_makes_it(drawn: list[TableDefinition], cdk: ModuleType) -> None:
    for definition in drawn:
        assert not [*table_faults(definition), *replica_faults(definition, "Table")]
    # Many tables to a stack, for each synthesis takes its time.
    cases = {str(number): definition for number, definition in enumerate(drawn)}
    theirs = theirs_of(cases, REGION)
    for case, definition in cases.items():
        (ours,) = resources_of(definition).values()
        assert shown(in_region(ours)) == theirs[case]
