"""Typed DynamoDB models: declare once, get tables, marshalling and queries that type checkers understand.

`import dynamodel` imports neither boto3 nor anything else that is heavy; `connect()` does.
"""

from dynamodel.client.sync import Client, connect
from dynamodel.entity.attributes import Attr, attribute, computed
from dynamodel.entity.upgrades import upgrade_from
from dynamodel.errors import (
    BatchGetError,
    BatchWriteError,
    ConditionFailedError,
    CursorError,
    DeadlineError,
    DeclarationError,
    DynamodelError,
    Fault,
    ItemCollectionFullError,
    MarshalError,
    MarshalFault,
    MissingExtraError,
    ReadCapError,
    RequestError,
    ServiceError,
    TableInUseError,
    TableNotFoundError,
    ThrottledError,
    TransactionCanceledError,
    UniqueConstraintError,
    UnreachableError,
    UnreadableItemError,
    UnreadableItemsError,
)
from dynamodel.expressions.nodes import Action, Condition
from dynamodel.expressions.path import Path
from dynamodel.model.collections import Collection, collection
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
from dynamodel.operations.backfill import Backfill, BackfillReport, backfill
from dynamodel.operations.base import Operation
from dynamodel.operations.batches import BatchGet, BatchWrite, batch_get, batch_write
from dynamodel.operations.collection_query import CollectionQuery
from dynamodel.operations.explain import Explanation
from dynamodel.operations.gets import Get
from dynamodel.operations.pages import Count, Page, PageRead
from dynamodel.operations.parallel import ParallelResults, ParallelScan
from dynamodel.operations.reads import Query, Scan
from dynamodel.operations.results import Results
from dynamodel.operations.rewrite import Outcome
from dynamodel.operations.transactions import Transaction, TransactionGet, transaction, transaction_get
from dynamodel.operations.updates import Update
from dynamodel.operations.writes import ConditionCheck, Delete, Put
from dynamodel.schema.indexes import Projection
from dynamodel.schema.references import GetAtt, ImportValue, Parameter, Ref, Sub
from dynamodel.schema.scaling import AutoScaling
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
    MultiRegionConsistency,
    OnDemandThroughput,
    PointInTimeRecovery,
    RemovalPolicy,
    Replica,
    ReplicaIndex,
    StreamViewType,
    TableClass,
    Throughput,
    TimestampPrecision,
    WarmThroughput,
)
from dynamodel.schema.table import Table
from dynamodel.schema.vectors import DistanceFunction, VectorIndex
from dynamodel.transport.protocol import Transport
from dynamodel.types import Request

__all__ = [
    "Action",
    "Attr",
    "AutoScaling",
    "Backfill",
    "BackfillReport",
    "BatchGet",
    "BatchGetError",
    "BatchWrite",
    "BatchWriteError",
    "BillingMode",
    "BoundIndex",
    "BoundPrimaryKey",
    "Client",
    "Collection",
    "CollectionQuery",
    "Condition",
    "ConditionCheck",
    "ConditionFailedError",
    "ContributorInsights",
    "ContributorInsightsMode",
    "Count",
    "CsvOptions",
    "CursorError",
    "DeadlineError",
    "DeclarationError",
    "Delete",
    "DistanceFunction",
    "DynamodelError",
    "Encryption",
    "Entity",
    "Explanation",
    "Fault",
    "Get",
    "GetAtt",
    "ImportCompression",
    "ImportFormat",
    "ImportSource",
    "ImportValue",
    "Index",
    "ItemCollectionFullError",
    "Key",
    "KinesisStream",
    "MarshalError",
    "MarshalFault",
    "MissingExtraError",
    "MultiRegionConsistency",
    "OnDemandThroughput",
    "Operation",
    "Outcome",
    "Page",
    "PageRead",
    "ParallelResults",
    "ParallelScan",
    "Parameter",
    "Path",
    "PointInTimeRecovery",
    "PrimaryKey",
    "Projection",
    "Put",
    "Query",
    "ReadCapError",
    "Ref",
    "RemovalPolicy",
    "Replica",
    "ReplicaIndex",
    "Request",
    "RequestError",
    "Results",
    "Scan",
    "ServiceError",
    "StreamViewType",
    "Sub",
    "Table",
    "TableClass",
    "TableInUseError",
    "TableNotFoundError",
    "ThrottledError",
    "Throughput",
    "TimestampPrecision",
    "Transaction",
    "TransactionCanceledError",
    "TransactionGet",
    "Transport",
    "Unique",
    "UniqueConstraintError",
    "UnreachableError",
    "UnreadableItemError",
    "UnreadableItemsError",
    "Update",
    "VectorIndex",
    "WarmThroughput",
    "attribute",
    "backfill",
    "batch_get",
    "batch_write",
    "collection",
    "computed",
    "connect",
    "global_index",
    "item_size",
    "key",
    "local_index",
    "primary_key",
    "transaction",
    "transaction_get",
    "unique",
    "unknown_attributes",
    "upgrade_from",
]
