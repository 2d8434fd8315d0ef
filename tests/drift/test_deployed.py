"""A deployed table, read from answers as AWS's API reference has them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dynamodel.drift.deployed import DeployedTable, NotTold, deployed_table, questions
from dynamodel.schema import (
    BillingMode,
    ContributorInsights,
    ContributorInsightsMode,
    Encryption,
    KinesisStream,
    MultiRegionConsistency,
    OnDemandThroughput,
    PointInTimeRecovery,
    Projection,
    Replica,
    ReplicaIndex,
    StreamViewType,
    TableClass,
    Throughput,
    TimestampPrecision,
    VectorIndex,
    WarmThroughput,
)
from dynamodel.schema.vectors import DistanceFunction
from tests.schema.cases import KINESIS, KMS, POLICY, key

ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/Forum"


def schema(*names: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": name.strip("*"), "KeyType": "RANGE" if name.endswith("*") else "HASH"}
        for name in names
    ]


def described(**words: Any) -> dict[str, Any]:
    return {
        "TableName": "Forum",
        "TableArn": ARN,
        "TableId": "1",
        "TableStatus": "ACTIVE",
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": kind}
            for name, kind in (("pk", "S"), ("sk", "N"), ("a", "B"))
        ],
        "KeySchema": schema("pk", "sk*"),
        "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4},
        "ItemCount": 12,
        "TableSizeBytes": 345,
        "WarmThroughput": {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE"},
    } | words


def read(answers: Any = None, **words: Any) -> DeployedTable:
    return deployed_table(described(**words), answers or {})


def setting(name: str, answers: Any = None, **words: Any) -> Any:
    return getattr(read(answers, **words).definition.settings, name)


def test_the_least_table() -> None:
    table = read()
    assert table.definition.name == "Forum"
    assert table.definition.key == key("pk", "sk", sk="N")
    assert (table.arn, table.stream_arn, table.status) == (ARN, None, "ACTIVE")
    assert (table.item_count, table.size_bytes, table.unseen) == (12, 345, {})


ON_DEMAND = {"BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}}


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ({}, "billing_mode", BillingMode.PROVISIONED),  # AWS: no summary for what was never on demand
        ({"BillingModeSummary": {"BillingMode": None}}, "billing_mode", BillingMode.PROVISIONED),
        ({}, "throughput", Throughput(3, 4)),
        (ON_DEMAND, "billing_mode", BillingMode.PAY_PER_REQUEST),
        (ON_DEMAND, "throughput", None),
        (
            {"OnDemandThroughput": {"MaxReadRequestUnits": 5, "MaxWriteRequestUnits": -1}},
            "on_demand_throughput",
            OnDemandThroughput(5),
        ),
        (
            {"OnDemandThroughput": {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": -1}},
            "on_demand_throughput",
            None,
        ),
        ({}, "warm_throughput", WarmThroughput(12000, 4000)),
        ({}, "stream", None),
        ({"StreamSpecification": {"StreamEnabled": False}}, "stream", None),
        (
            {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"}},
            "stream",
            StreamViewType.OLD_IMAGE,
        ),
        ({}, "encryption", Encryption.AWS_OWNED),
        ({"SSEDescription": {"Status": "DISABLED"}}, "encryption", Encryption.AWS_OWNED),
        ({"SSEDescription": {"Status": "ENABLED", "SSEType": "AES256"}}, "encryption", Encryption.AWS_OWNED),
        ({"SSEDescription": {"Status": "ENABLED", "SSEType": "KMS"}}, "encryption", Encryption.AWS_MANAGED),
        (
            {"SSEDescription": {"Status": "UPDATING", "SSEType": "KMS", "KMSMasterKeyArn": KMS}},
            "encryption",
            Encryption.customer_managed(KMS),
        ),
        ({}, "table_class", TableClass.STANDARD),
        (
            {"TableClassSummary": {"TableClass": "STANDARD_INFREQUENT_ACCESS"}},
            "table_class",
            TableClass.STANDARD_INFREQUENT_ACCESS,
        ),
        ({}, "deletion_protection", False),
        ({"DeletionProtectionEnabled": True}, "deletion_protection", True),
        ({"MultiRegionConsistency": "STRONG"}, "multi_region_consistency", MultiRegionConsistency.STRONG),
        ({"GlobalTableWitnesses": [{"RegionName": "us-west-2"}]}, "witness_region", "us-west-2"),
        (
            {
                "Replicas": [
                    {"RegionName": "us-east-1", "ReplicaStatus": "ACTIVE"},  # the table itself
                    {
                        "RegionName": "eu-west-1",
                        "KMSMasterKeyId": KMS,
                        "ProvisionedThroughputOverride": {"ReadCapacityUnits": 5},
                        "OnDemandThroughputOverride": {"MaxReadRequestUnits": -1},
                        "ReplicaTableClassSummary": {"TableClass": "STANDARD"},
                        "GlobalSecondaryIndexes": [
                            {"IndexName": "by-a", "OnDemandThroughputOverride": {"MaxReadRequestUnits": 7}}
                        ],
                    },
                ]
            },
            "replicas",
            (
                Replica(
                    "eu-west-1",
                    encryption_key=KMS,
                    read_throughput=5,
                    table_class=TableClass.STANDARD,
                    indexes={"by-a": ReplicaIndex(max_read=7)},
                ),
            ),
        ),
    ],
)
def test_what_describe_table_tells(words: dict[str, Any], name: str, value: object) -> None:
    assert setting(name, **words) == value


def ttl(status: str) -> dict[str, Any]:
    return {"TimeToLiveDescription": {"TimeToLiveStatus": status, "AttributeName": "expires"}}


def recovery(**words: Any) -> dict[str, Any]:
    return {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": words}}


def kinesis(status: str) -> dict[str, Any]:
    told = {
        "StreamArn": KINESIS,
        "DestinationStatus": status,
        "ApproximateCreationDateTimePrecision": "MICROSECOND",
    }
    return {"KinesisDataStreamDestinations": [{"StreamArn": "old", "DestinationStatus": "DISABLED"}, told]}


@pytest.mark.parametrize(
    ("name", "answer", "value"),
    [
        ("time_to_live", ttl("ENABLED"), "expires"),
        ("time_to_live", ttl("ENABLING"), "expires"),
        ("time_to_live", ttl("DISABLING"), None),
        ("time_to_live", ttl("DISABLED"), None),
        ("point_in_time_recovery", recovery(PointInTimeRecoveryStatus="DISABLED"), None),
        ("point_in_time_recovery", recovery(PointInTimeRecoveryStatus="ENABLED"), PointInTimeRecovery(35)),
        (
            "point_in_time_recovery",
            recovery(PointInTimeRecoveryStatus="ENABLED", RecoveryPeriodInDays=7),
            PointInTimeRecovery(7),
        ),
        ("tags", {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "aws:x", "Value": "2"}]}, {"a": "1"}),
        ("contributor_insights", {"ContributorInsightsStatus": "DISABLED"}, None),
        ("contributor_insights", {"ContributorInsightsStatus": "FAILED"}, None),
        ("contributor_insights", {"ContributorInsightsStatus": "ENABLING"}, ContributorInsights()),
        (
            "contributor_insights",
            {"ContributorInsightsStatus": "ENABLED", "ContributorInsightsMode": "THROTTLED_KEYS"},
            ContributorInsights(ContributorInsightsMode.THROTTLED_KEYS),
        ),
        ("kinesis_stream", kinesis("ACTIVE"), KinesisStream(KINESIS, TimestampPrecision.MICROSECOND)),
        ("kinesis_stream", kinesis("ENABLE_FAILED"), None),
        ("resource_policy", {"Policy": json.dumps(POLICY)}, POLICY),
        ("resource_policy", {}, None),
    ],
)
def test_what_the_other_answers_tell(name: str, answer: dict[str, Any], value: object) -> None:
    assert setting(name, {name: answer}) == value


INDEX = {
    "IndexName": "by-a",
    "KeySchema": schema("a", "sk*"),
    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x", "y"]},
    "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 2},
    "WarmThroughput": {"ReadUnitsPerSecond": 1, "WriteUnitsPerSecond": 2, "Status": "ACTIVE"},
    "ItemCount": 5,
}


def test_indexes() -> None:
    answers = {"global_indexes['by-a'].contributor_insights": {"ContributorInsightsStatus": "ENABLED"}}
    vector = {
        "IndexName": "by-v",
        "VectorAttribute": {"AttributeName": "v"},
        "Dimensions": 3,
        "DistanceFunction": "COSINE",
        "Projection": {"ProjectionType": "ALL"},
        "SearchSchema": [
            {"AttributeName": "t", "SearchSchemaElementType": "HASH"},
            {"AttributeName": "y", "SearchSchemaElementType": "INLINE_FILTER"},
        ],
    }
    local = {
        "IndexName": "near",
        "KeySchema": schema("pk", "a*"),
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }
    table = read(
        answers, GlobalSecondaryIndexes=[INDEX], LocalSecondaryIndexes=[local], VectorIndexes=[vector]
    )
    (found,) = table.definition.global_indexes
    assert (found.key, found.projection) == (key("a", "sk", a="B", sk="N"), Projection.include("x", "y"))
    assert (found.throughput, found.warm_throughput) == (Throughput(1, 2), WarmThroughput(1, 2))
    assert found.contributor_insights == ContributorInsights()
    (near,) = table.definition.local_indexes
    assert (near.kind, near.key, near.projection) == ("local", key("pk", "a", a="B"), Projection.KEYS_ONLY)
    assert table.definition.vector_indexes == (
        VectorIndex("by-v", "v", 3, DistanceFunction.COSINE, Projection.ALL, ("t",), ("y",)),
    )
    assert table.index_item_counts == {"by-a": 5}


def test_questions_about_a_stream_that_is_on_only() -> None:
    off = described(LatestStreamArn=f"{ARN}/stream/1")  # the ARN of a stream that was switched off stays
    on = off | {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}}
    assert {question.place for question in questions(on)} - {
        question.place for question in questions(off)
    } == {
        "stream_resource_policy",
        "stream_tags",
    }
    assert deployed_table(off, {}).stream_arn is None
    assert deployed_table(on, {}).stream_arn == f"{ARN}/stream/1"


def test_each_index_has_its_own_question() -> None:
    asked = [each.request.parameters for each in questions(described(GlobalSecondaryIndexes=[INDEX]))]
    assert {"TableName": "Forum", "IndexName": "by-a"} in asked


def test_what_is_not_told_is_unseen_with_its_reason() -> None:
    table = read({"tags": NotTold("it may not be asked")})
    assert table.unseen == {"tags": "it may not be asked"}
    assert table.definition.settings.tags == {}


def test_engines_in_place_of_dynamodb_leave_out_more() -> None:
    words = described(GlobalSecondaryIndexes=[{k: v for k, v in INDEX.items() if k != "WarmThroughput"}])
    del words["TableId"], words["WarmThroughput"]
    unseen = set(deployed_table(words, {}).unseen)
    assert {"table_class", "replicas", "warm_throughput", "global_indexes['by-a'].warm_throughput"} <= unseen
    assert "encryption" not in unseen
    local = words | {"TableArn": "arn:aws:dynamodb:ddblocal:000000000000:table/Forum"}
    assert "encryption" in deployed_table(local, {}).unseen
    told = words | {"TableClassSummary": {"TableClass": "STANDARD"}}
    assert "table_class" not in deployed_table(told, {}).unseen
