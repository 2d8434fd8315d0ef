"""The settings of a table, as values; a program that has only common ones loads no more than these."""

from dynamodel.schema.common_settings import (
    BillingMode,
    Encryption,
    EncryptionKey,
    MultiRegionConsistency,
    PointInTimeRecovery,
    RemovalPolicy,
    StreamViewType,
    TableClass,
)
from dynamodel.schema.rare_settings import (
    ContributorInsights,
    ContributorInsightsMode,
    CsvOptions,
    ImportCompression,
    ImportFormat,
    ImportSource,
    KinesisStream,
    OnDemandThroughput,
    Replica,
    ReplicaIndex,
    Throughput,
    TimestampPrecision,
    WarmThroughput,
)
from dynamodel.schema.table_settings import TableSettings

__all__ = [
    "BillingMode",
    "ContributorInsights",
    "ContributorInsightsMode",
    "CsvOptions",
    "Encryption",
    "EncryptionKey",
    "ImportCompression",
    "ImportFormat",
    "ImportSource",
    "KinesisStream",
    "MultiRegionConsistency",
    "OnDemandThroughput",
    "PointInTimeRecovery",
    "RemovalPolicy",
    "Replica",
    "ReplicaIndex",
    "StreamViewType",
    "TableClass",
    "TableSettings",
    "Throughput",
    "TimestampPrecision",
    "WarmThroughput",
]
