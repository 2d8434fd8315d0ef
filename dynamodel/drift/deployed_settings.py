"""The settings of a deployed table, read from DynamoDB's answers.

Guarantee: a word that is missing in an answer has the meaning that AWS's API reference gives it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dynamodel.schema.settings import (
    BillingMode,
    ContributorInsights,
    ContributorInsightsMode,
    Encryption,
    KinesisStream,
    MultiRegionConsistency,
    OnDemandThroughput,
    PointInTimeRecovery,
    Replica,
    ReplicaIndex,
    StreamViewType,
    TableClass,
    TableSettings,
    Throughput,
    TimestampPrecision,
    WarmThroughput,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel.types import Response

__all__ = [
    "contributor_insights",
    "on_demand_throughput",
    "provisioned_throughput",
    "table_settings",
    "warm_throughput",
]

_NONE: Mapping[str, Any] = {}


def table_settings(description: Response, answers: Mapping[str, Response]) -> TableSettings:
    """The settings that DescribeTable's `Table`, and the answers about single settings, tell of."""
    billing_mode = _billing_mode(description)
    provisioned = billing_mode is BillingMode.PROVISIONED
    stream = description.get("StreamSpecification", _NONE)
    witnesses = description.get("GlobalTableWitnesses", ())
    return TableSettings(
        billing_mode=billing_mode,
        throughput=provisioned_throughput(description) if provisioned else None,
        on_demand_throughput=on_demand_throughput(description),
        warm_throughput=warm_throughput(description),
        time_to_live=_time_to_live(answers.get("time_to_live", _NONE)),
        stream=StreamViewType(stream["StreamViewType"]) if stream.get("StreamEnabled") else None,
        stream_resource_policy=_policy(answers.get("stream_resource_policy", _NONE)),
        point_in_time_recovery=_recovery(answers.get("point_in_time_recovery", _NONE)),
        deletion_protection=description.get("DeletionProtectionEnabled", False),
        encryption=_encryption(description.get("SSEDescription", _NONE)),
        table_class=TableClass(description.get("TableClassSummary", _NONE).get("TableClass", "STANDARD")),
        contributor_insights=contributor_insights(answers.get("contributor_insights", _NONE)),
        kinesis_stream=_kinesis_stream(answers.get("kinesis_stream", _NONE)),
        resource_policy=_policy(answers.get("resource_policy", _NONE)),
        tags=_tags(answers.get("tags", _NONE)),
        stream_tags=_tags(answers.get("stream_tags", _NONE)),
        replicas=tuple(_replica(replica) for replica in _others(description)),
        multi_region_consistency=_consistency(description),
        witness_region=witnesses[0]["RegionName"] if witnesses else None,
    )


def _billing_mode(description: Response) -> BillingMode:
    """A table that was never on demand has no summary (AWS API reference: BillingModeSummary)."""
    mode = description.get("BillingModeSummary", _NONE).get("BillingMode")
    return BillingMode.PROVISIONED if mode is None else BillingMode(mode)


def provisioned_throughput(told: Response) -> Throughput:
    """The capacity of a table or an index with provisioned capacity."""
    units = told["ProvisionedThroughput"]
    return Throughput(units["ReadCapacityUnits"], units["WriteCapacityUnits"])


def on_demand_throughput(told: Response) -> OnDemandThroughput | None:
    """The maximum of a table or an index; -1 is AWS's word for none."""
    units = told.get("OnDemandThroughput", _NONE)
    read, write = (
        None if units.get(word, -1) == -1 else units[word]
        for word in ("MaxReadRequestUnits", "MaxWriteRequestUnits")
    )
    return None if read is None and write is None else OnDemandThroughput(read, write)


def warm_throughput(told: Response) -> WarmThroughput | None:
    """What a table or an index serves at once; None: the answer does not tell."""
    units = told.get("WarmThroughput")
    return (
        None
        if units is None
        else WarmThroughput(units.get("ReadUnitsPerSecond"), units.get("WriteUnitsPerSecond"))
    )


def _time_to_live(answer: Response) -> str | None:
    expiry = answer.get("TimeToLiveDescription", _NONE)
    if expiry.get("TimeToLiveStatus") not in {"ENABLED", "ENABLING"}:
        return None
    name: str = expiry["AttributeName"]
    return name


def _recovery(answer: Response) -> PointInTimeRecovery | None:
    recovery = answer.get("ContinuousBackupsDescription", _NONE).get("PointInTimeRecoveryDescription", _NONE)
    if recovery.get("PointInTimeRecoveryStatus") != "ENABLED":
        return None
    return PointInTimeRecovery(recovery.get("RecoveryPeriodInDays", PointInTimeRecovery().days))


def _encryption(told: Response) -> Encryption:
    """No description: a key that AWS owns (AWS API reference: SSEDescription, SSESpecification)."""
    if told.get("SSEType") != "KMS" or told.get("Status") in {"DISABLED", "DISABLING"}:
        return Encryption.AWS_OWNED
    key = told.get("KMSMasterKeyArn")
    return Encryption.AWS_MANAGED if key is None else Encryption.customer_managed(key)


def contributor_insights(answer: Response) -> ContributorInsights | None:
    """The insights of a table or an index, if they are on."""
    if answer.get("ContributorInsightsStatus") not in {"ENABLED", "ENABLING"}:
        return None
    mode = answer.get("ContributorInsightsMode")
    return ContributorInsights(None if mode is None else ContributorInsightsMode(mode))


def _kinesis_stream(answer: Response) -> KinesisStream | None:
    """The destination that gets changes: one table has one at a time."""
    for told in answer.get("KinesisDataStreamDestinations", ()):
        if told.get("DestinationStatus") in {"ACTIVE", "ENABLING", "UPDATING"}:
            precision = told.get("ApproximateCreationDateTimePrecision")
            return KinesisStream(
                told["StreamArn"], None if precision is None else TimestampPrecision(precision)
            )
    return None


def _policy(answer: Response) -> Mapping[str, object] | None:
    text = answer.get("Policy")
    if text is None:
        return None
    policy: dict[str, object] = json.loads(text)
    return policy


def _tags(answer: Response) -> dict[str, str]:
    """Tags whose keys begin with `aws:` are AWS's own, and nobody else can set or remove them."""
    return {tag["Key"]: tag["Value"] for tag in answer.get("Tags", ()) if not tag["Key"].startswith("aws:")}


def _consistency(description: Response) -> MultiRegionConsistency | None:
    word = description.get("MultiRegionConsistency")
    return None if word is None else MultiRegionConsistency(word)


def _others(description: Response) -> list[Response]:
    """The replicas in other regions; the table itself may be among them."""
    region = description["TableArn"].split(":")[3]
    return [each for each in description.get("Replicas", ()) if each["RegionName"] != region]


def _replica(told: Response) -> Replica:
    override = told.get("ReplicaTableClassSummary", _NONE).get("TableClass")
    return Replica(
        told["RegionName"],
        table_class=None if override is None else TableClass(override),
        encryption_key=told.get("KMSMasterKeyId"),
        indexes={
            index["IndexName"]: ReplicaIndex(_read_throughput(index), _max_read(index))
            for index in told.get("GlobalSecondaryIndexes", ())
        },
        read_throughput=_read_throughput(told),
        max_read=_max_read(told),
    )


def _read_throughput(told: Response) -> int | None:
    units: int | None = told.get("ProvisionedThroughputOverride", _NONE).get("ReadCapacityUnits")
    return units


def _max_read(told: Response) -> int | None:
    units: int | None = told.get("OnDemandThroughputOverride", _NONE).get("MaxReadRequestUnits")
    return None if units == -1 else units
