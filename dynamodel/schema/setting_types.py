"""The Python types of settings that few tables have; `verify_types` loads them for a table that has some."""

from __future__ import annotations

from collections.abc import Mapping

from dynamodel.schema import settings as values
from dynamodel.schema.indexes import IndexDefinition, Projection
from dynamodel.schema.references import Reference
from dynamodel.schema.scaling import AutoScaling
from dynamodel.schema.vectors import DistanceFunction, VectorIndex

__all__ = ["SETTING_TYPES"]

_NoneType = type(None)
_Text: tuple[type, ...] = (str, Reference)

_CAPACITY: dict[str, tuple[type, ...]] = {
    "throughput": (values.Throughput, _NoneType),
    "on_demand_throughput": (values.OnDemandThroughput, _NoneType),
    "warm_throughput": (values.WarmThroughput, _NoneType),
    "contributor_insights": (values.ContributorInsights, _NoneType),
}

SETTING_TYPES: dict[type, dict[str, tuple[type, ...]]] = {
    values.TableSettings: {
        **_CAPACITY,
        "kinesis_stream": (values.KinesisStream, _NoneType),
        "import_source": (values.ImportSource, _NoneType),
        "deployed_name": (*_Text, _NoneType),
    },
    IndexDefinition: _CAPACITY,
    values.Throughput: {"read": (int, AutoScaling), "write": (int, AutoScaling)},
    AutoScaling: {
        "minimum": (int,),
        "maximum": (int,),
        "target_utilization": (int,),
        "initial": (int, _NoneType),
        "scale_in_cooldown": (int, _NoneType),
        "scale_out_cooldown": (int, _NoneType),
    },
    values.OnDemandThroughput: {"max_read": (int, _NoneType), "max_write": (int, _NoneType)},
    values.WarmThroughput: {"read": (int, _NoneType), "write": (int, _NoneType)},
    values.Encryption: {"key": (*_Text, _NoneType)},
    values.ContributorInsights: {"mode": (values.ContributorInsightsMode, _NoneType)},
    values.KinesisStream: {"arn": _Text, "precision": (values.TimestampPrecision, _NoneType)},
    values.ImportSource: {
        "bucket": _Text,
        "format": (values.ImportFormat,),
        "key_prefix": (str, _NoneType),
        "bucket_owner": (*_Text, _NoneType),
        "compression": (values.ImportCompression, _NoneType),
        "csv": (values.CsvOptions, _NoneType),
    },
    values.ReplicaIndex: {
        "read_throughput": (int, AutoScaling, _NoneType),
        "max_read": (int, _NoneType),
        "contributor_insights": (values.ContributorInsights, _NoneType),
    },
    values.Replica: {
        "region": (str,),
        "table_class": (values.TableClass, _NoneType),
        "deletion_protection": (bool, _NoneType),
        "point_in_time_recovery": (values.PointInTimeRecovery, _NoneType),
        "contributor_insights": (values.ContributorInsights, _NoneType),
        "kinesis_stream": (values.KinesisStream, _NoneType),
        "encryption_key": (*_Text, _NoneType),
        "resource_policy": (Mapping, _NoneType),
        "stream_resource_policy": (Mapping, _NoneType),
        "tags": (Mapping, _NoneType),
        "read_throughput": (int, AutoScaling, _NoneType),
        "max_read": (int, _NoneType),
        "indexes": (Mapping,),
    },
    VectorIndex: {
        "name": (str,),
        "attribute": (str,),
        "dimensions": (int,),
        "distance": (DistanceFunction,),
        "projection": (Projection,),
        "partition_key": (tuple,),
        "inline_filters": (tuple,),
    },
    values.CsvOptions: {"delimiter": (str, _NoneType), "headers": (tuple,)},
}
"""By class and field; the fields of common settings are in `verify_types`."""
