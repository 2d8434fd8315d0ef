"""What differs between a definition and a deployed table, and the requests that change it."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from dynamodel.drift.alike import is_policy_alike
from dynamodel.drift.deployed import DeployedTable
from dynamodel.drift.diff import TableDiff, diff
from dynamodel.schema import (
    AutoScaling,
    BillingMode,
    ContributorInsights,
    ContributorInsightsMode,
    Encryption,
    KinesisStream,
    MultiRegionConsistency,
    PointInTimeRecovery,
    Projection,
    RemovalPolicy,
    Replica,
    StreamViewType,
    TableClass,
    TableDefinition,
    Throughput,
    TimestampPrecision,
    WarmThroughput,
)
from tests.schema.cases import KINESIS, KMS, PROVISIONED, RIGHT, Right, global_index, key, local_index, table

ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/Forum"
STREAM = f"{ARN}/stream/1"


def deployed(definition: TableDefinition, **rest: Any) -> DeployedTable:
    stream = None if definition.settings.stream is None else STREAM
    return DeployedTable(definition, ARN, stream, "ACTIVE", 1234, 56789, {"gsi1": 77}, **rest)


def compare(declared: TableDefinition, found: TableDefinition, **rest: Any) -> TableDiff:
    return diff(declared, deployed(found, **rest))


STREAM: dict[str, Any] = {"stream": StreamViewType.NEW_AND_OLD_IMAGES}


@pytest.mark.parametrize("case", RIGHT, ids=lambda case: case.id)
def test_a_table_is_as_itself(case: Right) -> None:
    found = compare(case.definition, case.definition)
    assert found.is_empty
    assert not found
    assert found.steps == found.warnings == ()
    assert {"key", "billing_mode", "stream", "tags"} <= set(found.same)


def test_the_words() -> None:
    found = compare(
        table(tags={"a": "1"}, deletion_protection=True),
        table(global_index()),
        unseen={"kinesis_stream": "not allowed", "table_class": "not allowed"},
    )
    assert str(found).splitlines() == [
        "Table 'Forum': 3 to change in place; 11 as declared",
        (
            "  in place: global_indexes['gsi1']: partition key 'gsi1pk' (S), no sort key, projection ALL "
            "-> none (it is deleted with its 77 entries; queries of it fail from then on)"
        ),
        "  in place: deletion_protection: off -> on",
        "  in place: tags: none -> a=1",
        "  not seen (not allowed): kinesis_stream, table_class",
    ]
    assert str(compare(table(), table())) == "Table 'Forum': as declared"


def steps(found: TableDiff) -> list[tuple[str, dict[str, Any]]]:
    return [
        (step.operation, {k: v for k, v in step.parameters.items() if k not in ("TableName", "ResourceArn")})
        for step in found.steps
    ]


SCALED = {
    "billing_mode": BillingMode.PROVISIONED,
    "throughput": Throughput(AutoScaling(5, 10), AutoScaling(5, 10)),
}


@pytest.mark.parametrize(
    ("declared", "found", "expected"),
    [
        (
            table(**PROVISIONED | {"throughput": Throughput(1, 9)}),
            table(**PROVISIONED),
            [("UpdateTable", {"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 9}})],
        ),
        (  # below the minimum is raised, within the bounds stays
            table(**SCALED),
            table(**PROVISIONED | {"throughput": Throughput(2, 8)}),
            [("UpdateTable", {"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 8}})],
        ),
        (
            table(table_class=TableClass.STANDARD_INFREQUENT_ACCESS),
            table(),
            [("UpdateTable", {"TableClass": "STANDARD_INFREQUENT_ACCESS"})],
        ),
        (
            table(),
            table(encryption=Encryption.customer_managed(KMS)),
            [("UpdateTable", {"SSESpecification": {"Enabled": False}})],
        ),
        (
            table(encryption=Encryption.AWS_MANAGED),
            table(),
            [("UpdateTable", {"SSESpecification": {"Enabled": True, "SSEType": "KMS"}})],
        ),
        (
            table(stream=StreamViewType.KEYS_ONLY),
            table(stream=StreamViewType.NEW_IMAGE),
            [
                ("UpdateTable", {"StreamSpecification": {"StreamEnabled": False}}),
                (
                    "UpdateTable",
                    {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}},
                ),
            ],
        ),
        (
            table(time_to_live="b", tags={"x": "1"}),
            table(time_to_live="a", tags={"y": "1"}),
            [
                ("UntagResource", {"TagKeys": ["y"]}),
                ("TagResource", {"Tags": [{"Key": "x", "Value": "1"}]}),
                ("UpdateTimeToLive", {"TimeToLiveSpecification": {"Enabled": False, "AttributeName": "a"}}),
                ("UpdateTimeToLive", {"TimeToLiveSpecification": {"Enabled": True, "AttributeName": "b"}}),
            ],
        ),
        (
            table(kinesis_stream=KinesisStream(KINESIS, TimestampPrecision.MICROSECOND)),
            table(kinesis_stream=KinesisStream(KINESIS)),
            [
                (
                    "UpdateKinesisStreamingDestination",
                    {
                        "StreamArn": KINESIS,
                        "UpdateKinesisStreamingConfiguration": {
                            "ApproximateCreationDateTimePrecision": "MICROSECOND"
                        },
                    },
                )
            ],
        ),
        (
            table(),
            table(resource_policy={"Statement": []}),
            [("DeleteResourcePolicy", {})],
        ),
        (
            table(replicas=(Replica("eu-west-1"),)),
            table(replicas=(Replica("eu-north-1"),)),
            [
                ("UpdateTable", {"ReplicaUpdates": [{"Delete": {"RegionName": "eu-north-1"}}]}),
                ("UpdateTable", {"ReplicaUpdates": [{"Create": {"RegionName": "eu-west-1"}}]}),
            ],
        ),
    ],
)
def test_steps(declared: TableDefinition, found: TableDefinition, expected: list[Any]) -> None:
    assert steps(compare(declared, found)) == expected


def test_a_new_index_brings_exactly_the_attributes_of_all_keys() -> None:
    wanted = table(local_index(), global_index(), global_index("gsi2", "b", b="N"))
    found = compare(wanted, table(local_index()))
    names = [[each["AttributeName"] for each in step["AttributeDefinitions"]] for _, step in steps(found)]
    assert names == [["pk", "sk", "at", "gsi1pk"], ["pk", "sk", "at", "gsi1pk", "b"]]


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        (table(**SCALED), table(**PROVISIONED | {"throughput": Throughput(7, 10)})),
        (table(warm_throughput=WarmThroughput(12_000)), table(warm_throughput=WarmThroughput(30_000, 9_000))),
        (table(), table(warm_throughput=WarmThroughput(30_000, 9_000))),
        (
            table(global_index(projection=Projection.include("a", "b"))),
            table(global_index(projection=Projection.include("b", "a"))),
        ),
        (
            table(contributor_insights=ContributorInsights()),
            table(
                contributor_insights=ContributorInsights(ContributorInsightsMode.ACCESSED_AND_THROTTLED_KEYS)
            ),
        ),
        (
            table(kinesis_stream=KinesisStream(KINESIS)),
            table(kinesis_stream=KinesisStream(KINESIS, TimestampPrecision.MILLISECOND)),
        ),
        (
            table(encryption=Encryption.customer_managed(KMS.partition("key/")[2])),
            table(encryption=Encryption.customer_managed(KMS)),
        ),
        (table(removal_policy=RemovalPolicy.DESTROY, deployed_name="Another"), table()),
        (table(tags={"a": "1", "b": "2"}), table(tags={"b": "2", "a": "1"})),
    ],
)
def test_the_same_in_other_words(declared: TableDefinition, found: TableDefinition) -> None:
    assert compare(declared, found).is_empty


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ({"Action": ["a"]}, {"Action": "a"}, True),
        ({"Action": ["a", "b"]}, {"Action": ["b", "a"]}, True),
        (
            {"Principal": {"AWS": "123456789012"}},
            {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
            True,
        ),
        (
            {"Principal": {"AWS": "123456789012"}},
            {"Principal": {"AWS": "arn:aws:iam::123456789012:user/a"}},
            False,
        ),
        ({"Effect": "Allow"}, {"Effect": "Deny"}, False),
        ({"Action": ["a", "b"]}, {"Action": "a"}, False),
        ({"Resource": "123456789012"}, {"Resource": "arn:aws:iam::123456789012:root"}, False),
    ],
)
def test_policies(one: dict[str, Any], other: dict[str, Any], alike: bool) -> None:
    assert is_policy_alike({"Statement": [one]}, {"Statement": other}) is alike


@pytest.mark.parametrize(
    ("declared", "found", "place"),
    [
        (table(key=key("pk")), table(), "key"),
        (table(key=key("pk", "sk", sk="N")), table(), "key"),
        (table(local_index()), table(), "local_indexes['lsi1']"),
        (table(), table(local_index()), "local_indexes['lsi1']"),
        (table(local_index(projection=Projection.KEYS_ONLY)), table(local_index()), "local_indexes['lsi1']"),
        (
            table(replicas=(Replica("eu-west-1"),), multi_region_consistency=MultiRegionConsistency.STRONG),
            table(replicas=(Replica("eu-west-1"),)),
            "multi_region_consistency",
        ),
    ],
)
def test_what_needs_a_new_table(declared: TableDefinition, found: TableDefinition, place: str) -> None:
    (replacement,) = compare(declared, found).replacements
    assert replacement.place == place
    for words in ("1,234 items", "56,789 bytes", "nothing protects it", "its stack would leave it"):
        assert words in replacement.warning
    protected = evolve(found, settings=evolve(found.settings, deletion_protection=True))
    destroyed = evolve(declared, settings=evolve(declared.settings, removal_policy=RemovalPolicy.DESTROY))
    (replacement,) = compare(destroyed, protected).replacements
    assert "deletion protection keeps it; its stack would delete it" in replacement.warning


@pytest.mark.parametrize(
    ("declared", "found", "words"),
    [
        (table(), table(global_index()), "deleted with its 77 entries"),
        (table(global_index(sort="at")), table(global_index()), "built again"),
        (table(), table(stream=StreamViewType.NEW_IMAGE), "its readers"),
        (table(), table(point_in_time_recovery=PointInTimeRecovery()), "are lost"),
        (
            table(point_in_time_recovery=PointInTimeRecovery(7)),
            table(point_in_time_recovery=PointInTimeRecovery()),
            "more than 7 days",
        ),
        (table(), table(deletion_protection=True), "delete the table"),
        (table(), table(resource_policy={"Statement": []}), "who has access"),
        (table(), table(kinesis_stream=KinesisStream(KINESIS)), "no more changes"),
        (table(**STREAM), table(replicas=(Replica("eu-west-1"),)), "lose their table"),
    ],
)
def test_warnings(declared: TableDefinition, found: TableDefinition, words: str) -> None:
    (warning,) = compare(declared, found).warnings
    assert words in warning


def test_what_cannot_be_seen() -> None:
    declared = table(
        encryption=Encryption.AWS_MANAGED,
        replicas=(Replica("eu-west-1", tags={"a": "b"}, deletion_protection=True),),
        tags={"a": "1"},
        **SCALED,
    )
    found = table(
        encryption=Encryption.customer_managed(KMS),
        replicas=(Replica("eu-west-1"),),
        **PROVISIONED | {"throughput": Throughput(5, 5)},
    )
    result = compare(declared, found, unseen={"tags": "not allowed"})
    assert result.is_empty
    assert not {"tags", "encryption"} & set(result.same)
    assert list(result.unseen) == [
        "tags",
        "encryption",
        "throughput",
        "replicas['eu-west-1'].deletion_protection",
        "replicas['eu-west-1'].tags",
    ]


def test_the_policy_of_a_new_stream_waits_for_its_arn() -> None:
    declared = table(stream=StreamViewType.NEW_IMAGE, stream_resource_policy={"Statement": []})
    waiting = {each.place: each.steps for each in compare(declared, table()).changes}
    assert waiting["stream_resource_policy"] == ()
    (change,) = compare(declared, table(stream=StreamViewType.NEW_IMAGE)).changes
    assert change.steps[0].parameters["ResourceArn"] == STREAM


def test_the_stream_of_a_table_in_several_regions_stays() -> None:
    replicas = (Replica("eu-west-1"),)
    result = compare(table(replicas=replicas, stream=StreamViewType.NEW_IMAGE), table(replicas=replicas))
    assert [each.place for each in result.replacements] == ["stream"]
    assert compare(table(replicas=replicas), table(replicas=replicas)).is_empty
