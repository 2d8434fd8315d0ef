"""Typed DynamoDB models: declare once, get tables, marshalling and queries that type checkers understand.

`import dynamodel` loads nothing but this module; each name is loaded when it is first asked for, from where
`_PLACES` says. So a Lambda handler starts with what its models and operations need, and no more; only
`connect()` loads boto3.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    from dynamodel.schema.common_settings import (
        BillingMode,
        Encryption,
        MultiRegionConsistency,
        PointInTimeRecovery,
        RemovalPolicy,
        StreamViewType,
        TableClass,
    )
    from dynamodel.schema.indexes import Projection
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
    from dynamodel.schema.references import GetAtt, ImportValue, Parameter, Ref, Sub
    from dynamodel.schema.scaling import AutoScaling
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

_PLACES: dict[str, tuple[str, ...]] = {
    "dynamodel.client.sync": ("Client", "connect"),
    "dynamodel.entity.attributes": ("Attr", "attribute", "computed"),
    "dynamodel.entity.upgrades": ("upgrade_from",),
    "dynamodel.errors": (
        "BatchGetError",
        "BatchWriteError",
        "ConditionFailedError",
        "CursorError",
        "DeadlineError",
        "DeclarationError",
        "DynamodelError",
        "Fault",
        "ItemCollectionFullError",
        "MarshalError",
        "MarshalFault",
        "MissingExtraError",
        "ReadCapError",
        "RequestError",
        "ServiceError",
        "TableInUseError",
        "TableNotFoundError",
        "ThrottledError",
        "TransactionCanceledError",
        "UniqueConstraintError",
        "UnreachableError",
        "UnreadableItemError",
        "UnreadableItemsError",
    ),
    "dynamodel.expressions.nodes": ("Action", "Condition"),
    "dynamodel.expressions.path": ("Path",),
    "dynamodel.model.collections": ("Collection", "collection"),
    "dynamodel.model.entity": ("Entity", "item_size", "unknown_attributes"),
    "dynamodel.model.indexes": (
        "BoundIndex",
        "BoundPrimaryKey",
        "Index",
        "PrimaryKey",
        "global_index",
        "local_index",
        "primary_key",
    ),
    "dynamodel.model.keys": ("Key", "key"),
    "dynamodel.model.unique": ("Unique", "unique"),
    "dynamodel.operations.backfill": ("Backfill", "BackfillReport", "backfill"),
    "dynamodel.operations.base": ("Operation",),
    "dynamodel.operations.batches": ("BatchGet", "BatchWrite", "batch_get", "batch_write"),
    "dynamodel.operations.collection_query": ("CollectionQuery",),
    "dynamodel.operations.explain": ("Explanation",),
    "dynamodel.operations.gets": ("Get",),
    "dynamodel.operations.pages": ("Count", "Page", "PageRead"),
    "dynamodel.operations.parallel": ("ParallelResults", "ParallelScan"),
    "dynamodel.operations.reads": ("Query", "Scan"),
    "dynamodel.operations.results": ("Results",),
    "dynamodel.operations.rewrite": ("Outcome",),
    "dynamodel.operations.transactions": ("Transaction", "TransactionGet", "transaction", "transaction_get"),
    "dynamodel.operations.updates": ("Update",),
    "dynamodel.operations.writes": ("ConditionCheck", "Delete", "Put"),
    "dynamodel.schema.indexes": ("Projection",),
    "dynamodel.schema.references": ("GetAtt", "ImportValue", "Parameter", "Ref", "Sub"),
    "dynamodel.schema.scaling": ("AutoScaling",),
    "dynamodel.schema.rare_settings": (
        "ContributorInsights",
        "ContributorInsightsMode",
        "CsvOptions",
        "ImportCompression",
        "ImportFormat",
        "ImportSource",
        "KinesisStream",
        "OnDemandThroughput",
        "Replica",
        "ReplicaIndex",
        "Throughput",
        "TimestampPrecision",
        "WarmThroughput",
    ),
    "dynamodel.schema.table": ("Table",),
    "dynamodel.schema.common_settings": (
        "BillingMode",
        "Encryption",
        "MultiRegionConsistency",
        "PointInTimeRecovery",
        "RemovalPolicy",
        "StreamViewType",
        "TableClass",
    ),
    "dynamodel.schema.vectors": ("DistanceFunction", "VectorIndex"),
    "dynamodel.transport.protocol": ("Transport",),
    "dynamodel.types": ("Request",),
}
"""The names that each module has, as in the imports above, which only type checkers read."""

_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}
_PARTS = {module.split(".")[1] for module in _PLACES}
"""What is there after `import dynamodel` as well, as in `dynamodel.errors.ThrottledError`."""


if not TYPE_CHECKING:  # or checkers would take any name for one that is there

    def __getattr__(name: str) -> object:
        """Load a name when it is first asked for (PEP 562); from then on it is an attribute as any other."""
        if name in _PARTS:
            return import_module(f"{__name__}.{name}")
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value: object = getattr(import_module(_MODULE_OF[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """The names that are loaded, and those that will be."""
    return sorted({*globals(), *__all__})
