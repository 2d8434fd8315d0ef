"""Typed DynamoDB models: declare once, get tables, marshalling and queries that type checkers understand.

`import dynamodel` imports neither boto3 nor anything else that is heavy; `connect()` does.
"""

from dynamodel.client.sync import Client, connect
from dynamodel.entity.attributes import Attr, attribute, computed
from dynamodel.entity.upgrades import upgrade_from
from dynamodel.errors import (
    ConditionFailedError,
    CursorError,
    DeclarationError,
    DynamodelError,
    Fault,
    ItemCollectionFullError,
    MarshalError,
    MarshalFault,
    MissingExtraError,
    RequestError,
    ServiceError,
    TableInUseError,
    TableNotFoundError,
    ThrottledError,
    UnreachableError,
    UnreadableItemError,
    UnreadableItemsError,
)
from dynamodel.expressions.nodes import Action, Condition
from dynamodel.expressions.path import Path
from dynamodel.model.entity import Entity, item_size, unknown_attributes
from dynamodel.model.indexes import (
    BoundIndex,
    BoundPrimaryKey,
    Index,
    PrimaryKey,
    global_index,
    local_index,
    primary_key,
)
from dynamodel.model.keys import Key, key
from dynamodel.model.unique import Unique, unique
from dynamodel.operations.base import Operation
from dynamodel.operations.gets import Get
from dynamodel.operations.reads import Count, Page, PageRead, Query, Results, Scan
from dynamodel.operations.updates import Update
from dynamodel.operations.writes import ConditionCheck, Delete, Put
from dynamodel.schema.indexes import Projection
from dynamodel.schema.settings import (
    BillingMode,
    ContributorInsights,
    ContributorInsightsMode,
    CsvOptions,
    Encryption,
    ImportCompression,
    ImportFormat,
    ImportSource,
    KinesisStream,
    OnDemandThroughput,
    PointInTimeRecovery,
    RemovalPolicy,
    StreamViewType,
    TableClass,
    Throughput,
    TimestampPrecision,
    WarmThroughput,
)
from dynamodel.schema.table import Table
from dynamodel.transport.protocol import Transport
from dynamodel.types import Request

__all__ = [
    "Action",
    "Attr",
    "BillingMode",
    "BoundIndex",
    "BoundPrimaryKey",
    "Client",
    "Condition",
    "ConditionCheck",
    "ConditionFailedError",
    "ContributorInsights",
    "ContributorInsightsMode",
    "Count",
    "CsvOptions",
    "CursorError",
    "DeclarationError",
    "Delete",
    "DynamodelError",
    "Encryption",
    "Entity",
    "Fault",
    "Get",
    "ImportCompression",
    "ImportFormat",
    "ImportSource",
    "Index",
    "ItemCollectionFullError",
    "Key",
    "KinesisStream",
    "MarshalError",
    "MarshalFault",
    "MissingExtraError",
    "OnDemandThroughput",
    "Operation",
    "Page",
    "PageRead",
    "Path",
    "PointInTimeRecovery",
    "PrimaryKey",
    "Projection",
    "Put",
    "Query",
    "RemovalPolicy",
    "Request",
    "RequestError",
    "Results",
    "Scan",
    "ServiceError",
    "StreamViewType",
    "Table",
    "TableClass",
    "TableInUseError",
    "TableNotFoundError",
    "ThrottledError",
    "Throughput",
    "TimestampPrecision",
    "Transport",
    "Unique",
    "UnreachableError",
    "UnreadableItemError",
    "UnreadableItemsError",
    "Update",
    "WarmThroughput",
    "attribute",
    "computed",
    "connect",
    "global_index",
    "item_size",
    "key",
    "local_index",
    "primary_key",
    "unique",
    "unknown_attributes",
    "upgrade_from",
]
