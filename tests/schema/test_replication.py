"""The requests that add replicas; each fits the API's model."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.validate import ParamValidator

from dynamodel.schema import (
    AutoScaling,
    MultiRegionConsistency,
    Replica,
    ReplicaIndex,
    StreamViewType,
    TableClass,
    create_requests,
)

from .cases import KMS, global_index, table


def added(*replicas: Replica, **settings: Any) -> list[dict[str, Any]]:
    definition = table(
        global_index(), replicas=replicas, stream=StreamViewType.NEW_AND_OLD_IMAGES, **settings
    )
    model = boto3.client("dynamodb", region_name="eu-west-1").meta.service_model.operation_model(
        "UpdateTable"
    )
    requests = [request for request in create_requests(definition) if request.operation == "UpdateTable"]
    for request in requests:
        assert not ParamValidator().validate(request.parameters, model.input_shape).has_errors()
        assert request.parameters["TableName"] == "Forum"
    return [request.parameters for request in requests]


def test_one_request_for_each_replica() -> None:
    whole = Replica(
        "eu-west-2",
        table_class=TableClass.STANDARD_INFREQUENT_ACCESS,
        encryption_key=KMS,
        read_throughput=AutoScaling(2, 9, initial=5),
        indexes={"gsi1": ReplicaIndex(read_throughput=7), "gsi2": ReplicaIndex()},
    )
    first, second = added(whole, Replica("us-east-1", max_read=9))
    assert first["ReplicaUpdates"] == [
        {
            "Create": {
                "RegionName": "eu-west-2",
                "KMSMasterKeyId": KMS,
                "TableClassOverride": "STANDARD_INFREQUENT_ACCESS",
                "ProvisionedThroughputOverride": {"ReadCapacityUnits": 5},
                "GlobalSecondaryIndexes": [
                    {"IndexName": "gsi1", "ProvisionedThroughputOverride": {"ReadCapacityUnits": 7}}
                ],
            }
        }
    ]
    assert second["ReplicaUpdates"] == [
        {"Create": {"RegionName": "us-east-1", "OnDemandThroughputOverride": {"MaxReadRequestUnits": 9}}}
    ]


def test_strong_consistency_wants_all_regions_at_once() -> None:
    (request,) = added(
        Replica("eu-west-2"),
        multi_region_consistency=MultiRegionConsistency.STRONG,
        witness_region="eu-west-3",
    )
    assert request["MultiRegionConsistency"] == "STRONG"
    assert request["ReplicaUpdates"] == [{"Create": {"RegionName": "eu-west-2"}}]
    assert request["GlobalTableWitnessUpdates"] == [{"Create": {"RegionName": "eu-west-3"}}]
