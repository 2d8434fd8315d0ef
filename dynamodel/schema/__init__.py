"""Tables as data: keys, indexes, settings, their rules, and the requests that create them.

`Table` is what a user declares; `Table.definition` is the verified `TableDefinition` that every
infrastructure compiler reads. Nothing here does input or output, or knows the entity classes.

Importing this package loads nothing: each name is loaded when it is first asked for, as in `dynamodel`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    from dynamodel.schema.contribution import (
        EntityContribution,
    )
    from dynamodel.schema.create import (
        create_requests,
        stream_policy_requests,
    )
    from dynamodel.schema.definition import (
        TableDefinition,
    )
    from dynamodel.schema.indexes import (
        IndexDefinition,
        IndexKind,
        Projection,
        ProjectionType,
    )
    from dynamodel.schema.keys import (
        KeyAttribute,
        KeySchema,
        ScalarType,
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
    from dynamodel.schema.scaling import (
        AutoScaling,
    )
    from dynamodel.schema.table import (
        Table,
    )
    from dynamodel.schema.table_settings import TableSettings
    from dynamodel.schema.vectors import (
        DistanceFunction,
        VectorIndex,
    )
    from dynamodel.schema.verify import (
        index_faults,
        table_faults,
    )

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

_PLACES: dict[str, tuple[str, ...]] = {
    "dynamodel.schema.contribution": ("EntityContribution",),
    "dynamodel.schema.create": ("create_requests", "stream_policy_requests"),
    "dynamodel.schema.definition": ("TableDefinition",),
    "dynamodel.schema.indexes": ("IndexDefinition", "IndexKind", "Projection", "ProjectionType"),
    "dynamodel.schema.keys": ("KeyAttribute", "KeySchema", "ScalarType"),
    "dynamodel.schema.references": (
        "GetAtt",
        "ImportValue",
        "Parameter",
        "Ref",
        "Reference",
        "ResourceValue",
        "Sub",
        "Text",
    ),
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
        "EncryptionKey",
        "MultiRegionConsistency",
        "PointInTimeRecovery",
        "RemovalPolicy",
        "StreamViewType",
        "TableClass",
    ),
    "dynamodel.schema.table_settings": ("TableSettings",),
    "dynamodel.schema.vectors": ("DistanceFunction", "VectorIndex"),
    "dynamodel.schema.verify": ("index_faults", "table_faults"),
}
"""The names that each module has, as in the imports above, which only type checkers read."""

_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}


if not TYPE_CHECKING:  # or checkers would take any name for one that is there

    def __getattr__(name: str) -> object:
        """Load a name when it is first asked for (PEP 562); from then on it is an attribute as any other."""
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value: object = getattr(import_module(_MODULE_OF[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """The names that are loaded, and those that will be."""
    return sorted({*globals(), *__all__})
