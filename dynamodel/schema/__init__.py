"""Tables as data: keys, indexes, settings, their rules, and the requests that create them.

`Table` is what a user declares; `Table.definition` is the verified `TableDefinition` that every
infrastructure compiler reads. Nothing here does input or output, or knows the entity classes.
"""

from dynamodel.schema.contribution import EntityContribution
from dynamodel.schema.create import create_requests, stream_policy_requests
from dynamodel.schema.definition import TableDefinition
from dynamodel.schema.indexes import IndexDefinition, IndexKind, Projection, ProjectionType
from dynamodel.schema.keys import KeyAttribute, KeySchema, ScalarType
from dynamodel.schema.references import (
    GetAtt,
    ImportValue,
    Parameter,
    Ref,
    Reference,
    ResourceValue,
    Sub,
    Text,
)
from dynamodel.schema.scaling import AutoScaling
from dynamodel.schema.settings import (
    BillingMode,
    ContributorInsights,
    ContributorInsightsMode,
    CsvOptions,
    Encryption,
    EncryptionKey,
    ImportCompression,
    ImportFormat,
    ImportSource,
    KinesisStream,
    MultiRegionConsistency,
    OnDemandThroughput,
    PointInTimeRecovery,
    RemovalPolicy,
    Replica,
    ReplicaIndex,
    StreamViewType,
    TableClass,
    TableSettings,
    Throughput,
    TimestampPrecision,
    WarmThroughput,
)
from dynamodel.schema.table import Table
from dynamodel.schema.vectors import DistanceFunction, VectorIndex
from dynamodel.schema.verify import index_faults, table_faults

__all__ = [
    "AutoScaling",
    "BillingMode",
    "ContributorInsights",
    "ContributorInsightsMode",
    "CsvOptions",
    "DistanceFunction",
    "Encryption",
    "EncryptionKey",
    "EntityContribution",
    "GetAtt",
    "ImportCompression",
    "ImportFormat",
    "ImportSource",
    "ImportValue",
    "IndexDefinition",
    "IndexKind",
    "KeyAttribute",
    "KeySchema",
    "KinesisStream",
    "MultiRegionConsistency",
    "OnDemandThroughput",
    "Parameter",
    "PointInTimeRecovery",
    "Projection",
    "ProjectionType",
    "Ref",
    "Reference",
    "RemovalPolicy",
    "Replica",
    "ReplicaIndex",
    "ResourceValue",
    "ScalarType",
    "StreamViewType",
    "Sub",
    "Table",
    "TableClass",
    "TableDefinition",
    "TableSettings",
    "Text",
    "Throughput",
    "TimestampPrecision",
    "VectorIndex",
    "WarmThroughput",
    "create_requests",
    "index_faults",
    "stream_policy_requests",
    "table_faults",
]
