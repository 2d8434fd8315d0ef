"""The requests that create a table: exact parameters, checked against botocore's model of the API."""

from __future__ import annotations

import json
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from moto import mock_aws

from dynamodel.schema import (
    BillingMode,
    ContributorInsights,
    ContributorInsightsMode,
    Encryption,
    KinesisStream,
    OnDemandThroughput,
    PointInTimeRecovery,
    Projection,
    StreamViewType,
    TableClass,
    Throughput,
    TimestampPrecision,
    WarmThroughput,
    create_requests,
    stream_policy_requests,
)

from .cases import KINESIS, KMS, POLICY, RIGHT, RIGHT_UNASKED, Right, global_index, key, local_index, table

ALL_RIGHT = [*RIGHT, *RIGHT_UNASKED]


@pytest.fixture(scope="module")
def service() -> ServiceModel:
    return botocore.session.Session().get_service_model("dynamodb")


def follower(**settings: Any) -> list[tuple[str, dict[str, Any]]]:
    return [tuple(request) for request in create_requests(table(**settings))[1:]]


def created(*indexes: Any, **settings: Any) -> dict[str, Any]:
    request, *_ = create_requests(table(*indexes, **settings))
    assert request.operation == "CreateTable"
    return request.parameters


@pytest.mark.parametrize("case", ALL_RIGHT, ids=lambda case: case.id)
def test_every_request_fits_the_model_of_the_api(case: Right, service: ServiceModel) -> None:
    requests = create_requests(case.definition)
    requests += stream_policy_requests(case.definition, {"LatestStreamArn": "arn:aws:dynamodb:stream"})
    for operation, parameters in requests:
        shape: Any = service.operation_model(operation).input_shape
        assert ParamValidator().validate(parameters, shape).generate_report() == ""
        assert _unknown_words(parameters, shape) == []


def _unknown_words(value: Any, shape: Any) -> list[str]:
    """Words outside of an enum, and lists longer than allowed, which ParamValidator lets pass."""
    if shape.type_name == "structure":
        return [word for name, item in value.items() for word in _unknown_words(item, shape.members[name])]
    if shape.type_name == "list":
        assert len(value) <= shape.metadata.get("max", len(value))
        return [word for item in value for word in _unknown_words(item, shape.member)]
    return [value] if shape.metadata.get("enum") and value not in shape.metadata["enum"] else []


def test_the_least_table() -> None:
    definition = table(name="Movies", key=key("movieId", movieId="N"))
    assert [tuple(request) for request in create_requests(definition)] == [
        (
            "CreateTable",
            {
                "TableName": "Movies",
                "AttributeDefinitions": [{"AttributeName": "movieId", "AttributeType": "N"}],
                "KeySchema": [{"AttributeName": "movieId", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
            },
        ),
    ]


def test_keys_and_indexes() -> None:
    parameters = created(
        local_index("LastPostIndex", "at", at="N", projection=Projection.KEYS_ONLY),
        global_index("gsi1", "b a", "at", at="N", projection=Projection.include("y", "x")),
        global_index("gsi2", "b"),
    )
    assert parameters["AttributeDefinitions"] == [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "S"},
        {"AttributeName": "at", "AttributeType": "N"},
        {"AttributeName": "b", "AttributeType": "S"},
        {"AttributeName": "a", "AttributeType": "S"},
    ]
    assert parameters["LocalSecondaryIndexes"] == [
        {
            "IndexName": "LastPostIndex",
            "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "at", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        },
    ]
    assert parameters["GlobalSecondaryIndexes"] == [
        {
            "IndexName": "gsi1",
            "KeySchema": [
                {"AttributeName": "b", "KeyType": "HASH"},
                {"AttributeName": "a", "KeyType": "HASH"},
                {"AttributeName": "at", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["y", "x"]},
        },
        {
            "IndexName": "gsi2",
            "KeySchema": [{"AttributeName": "b", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        },
    ]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            {"billing_mode": BillingMode.PROVISIONED, "throughput": Throughput(5, 6)},
            {
                "BillingMode": "PROVISIONED",
                "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6},
            },
        ),
        (
            {"on_demand_throughput": OnDemandThroughput(max_write=9)},
            {"OnDemandThroughput": {"MaxWriteRequestUnits": 9}},
        ),
        (
            {"warm_throughput": WarmThroughput(12_000, 4_000)},
            {"WarmThroughput": {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000}},
        ),
        (
            {"stream": StreamViewType.OLD_IMAGE},
            {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"}},
        ),
        ({"encryption": Encryption.AWS_OWNED}, {}),
        ({"encryption": Encryption.AWS_MANAGED}, {"SSESpecification": {"Enabled": True, "SSEType": "KMS"}}),
        (
            {"encryption": Encryption.customer_managed(KMS)},
            {"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": KMS}},
        ),
        ({"table_class": TableClass.STANDARD}, {}),
        (
            {"table_class": TableClass.STANDARD_INFREQUENT_ACCESS},
            {"TableClass": "STANDARD_INFREQUENT_ACCESS"},
        ),
        ({"deletion_protection": True}, {"DeletionProtectionEnabled": True}),
        (
            {"tags": {"team": "forum", "cost": ""}},
            {"Tags": [{"Key": "team", "Value": "forum"}, {"Key": "cost", "Value": ""}]},
        ),
    ],
)
def test_settings_of_create_table(settings: dict[str, Any], expected: dict[str, Any]) -> None:
    assert created(**settings) == created() | expected


def test_the_policy_is_compact_json() -> None:
    policy = created(resource_policy=POLICY)["ResourcePolicy"]
    assert json.loads(policy) == POLICY
    assert policy.startswith('{"Version":"2012-10-17",')


def test_capacity_of_a_global_index() -> None:
    index = global_index(
        throughput=Throughput(1, 2),
        warm_throughput=WarmThroughput(write=3),
        on_demand_throughput=OnDemandThroughput(4, 5),
    )
    (parameters,) = created(index)["GlobalSecondaryIndexes"]
    assert parameters["ProvisionedThroughput"] == {"ReadCapacityUnits": 1, "WriteCapacityUnits": 2}
    assert parameters["WarmThroughput"] == {"WriteUnitsPerSecond": 3}
    assert parameters["OnDemandThroughput"] == {"MaxReadRequestUnits": 4, "MaxWriteRequestUnits": 5}


@pytest.mark.parametrize(
    ("settings", "operation", "parameters"),
    [
        (
            {"time_to_live": "expires"},
            "UpdateTimeToLive",
            {"TimeToLiveSpecification": {"Enabled": True, "AttributeName": "expires"}},
        ),
        (
            {"point_in_time_recovery": PointInTimeRecovery()},
            "UpdateContinuousBackups",
            {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}},
        ),
        (
            {"point_in_time_recovery": PointInTimeRecovery(7)},
            "UpdateContinuousBackups",
            {
                "PointInTimeRecoverySpecification": {
                    "PointInTimeRecoveryEnabled": True,
                    "RecoveryPeriodInDays": 7,
                }
            },
        ),
        (
            {"contributor_insights": ContributorInsights()},
            "UpdateContributorInsights",
            {"ContributorInsightsAction": "ENABLE"},
        ),
        (
            {"contributor_insights": ContributorInsights(ContributorInsightsMode.THROTTLED_KEYS)},
            "UpdateContributorInsights",
            {"ContributorInsightsAction": "ENABLE", "ContributorInsightsMode": "THROTTLED_KEYS"},
        ),
        (
            {"kinesis_stream": KinesisStream(KINESIS)},
            "EnableKinesisStreamingDestination",
            {"StreamArn": KINESIS},
        ),
        (
            {"kinesis_stream": KinesisStream(KINESIS, TimestampPrecision.MICROSECOND)},
            "EnableKinesisStreamingDestination",
            {
                "StreamArn": KINESIS,
                "EnableKinesisStreamingConfiguration": {
                    "ApproximateCreationDateTimePrecision": "MICROSECOND"
                },
            },
        ),
    ],
)
def test_what_follows_once_the_table_is_active(
    settings: dict[str, Any],
    operation: str,
    parameters: dict[str, Any],
) -> None:
    assert follower(**settings) == [(operation, {"TableName": "Forum"} | parameters)]
    assert created(**settings) == created()


def test_insights_of_an_index_follow_those_of_the_table() -> None:
    definition = table(
        global_index(contributor_insights=ContributorInsights()),
        global_index("gsi2"),
        contributor_insights=ContributorInsights(),
    )
    targets = [request.parameters.get("IndexName") for request in create_requests(definition)[1:]]
    assert targets == [None, "gsi1"]


def test_the_stream_policy_needs_the_streams_arn() -> None:
    definition = table(stream=StreamViewType.NEW_IMAGE, stream_resource_policy=POLICY)
    assert len(create_requests(definition)) == 1
    ((operation, parameters),) = stream_policy_requests(definition, {"LatestStreamArn": "arn:stream"})
    assert operation == "PutResourcePolicy"
    assert parameters["ResourceArn"] == "arn:stream"
    assert json.loads(parameters["Policy"]) == POLICY
    assert stream_policy_requests(table(), {}) == ()


@mock_aws
def test_moto_creates_a_table_with_settings() -> None:
    client = boto3.client("dynamodb", region_name="us-east-1")
    definition = table(
        local_index(),
        global_index("gsi1", "a b", "c"),
        time_to_live="expires",
        stream=StreamViewType.NEW_AND_OLD_IMAGES,
        point_in_time_recovery=PointInTimeRecovery(),
        deletion_protection=True,
        tags={"team": "forum"},
    )
    for operation, parameters in create_requests(definition):
        getattr(client, botocore.xform_name(operation))(**parameters)
    described = client.describe_table(TableName="Forum")["Table"]
    assert described["DeletionProtectionEnabled"] is True
    assert len(described["GlobalSecondaryIndexes"][0]["KeySchema"]) == 3
    expiry = client.describe_time_to_live(TableName="Forum")["TimeToLiveDescription"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    backups = client.describe_continuous_backups(TableName="Forum")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
