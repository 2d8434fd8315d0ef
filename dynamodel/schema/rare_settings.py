"""The settings of tables that few programs have, as values: they are loaded for those that have them.

They are frozen and check nothing when they are made, as those of `common_settings`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel.schema.common_settings import PointInTimeRecovery, TableClass
    from dynamodel.schema.references import Text
    from dynamodel.schema.scaling import CapacityUnits

__all__ = [
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
]


class TimestampPrecision(StrEnum):
    """The precision of the time at which a Kinesis record was created."""

    MILLISECOND = "MILLISECOND"
    MICROSECOND = "MICROSECOND"


class ContributorInsightsMode(StrEnum):
    """Which keys CloudWatch contributor insights counts."""

    ACCESSED_AND_THROTTLED_KEYS = "ACCESSED_AND_THROTTLED_KEYS"
    THROTTLED_KEYS = "THROTTLED_KEYS"


class ImportFormat(StrEnum):
    """The format of the files that an import reads."""

    DYNAMODB_JSON = "DYNAMODB_JSON"
    ION = "ION"
    CSV = "CSV"


class ImportCompression(StrEnum):
    """The compression of the files that an import reads."""

    NONE = "NONE"
    GZIP = "GZIP"
    ZSTD = "ZSTD"


@frozen
class Throughput:
    """Provisioned capacity units a second, of a table or a global index; both at least 1."""

    read: CapacityUnits
    write: CapacityUnits


@frozen
class OnDemandThroughput:
    """The most request units a second that an on-demand table or index may use; None: no maximum.

    At least one of both is given, and is 1 or more.
    """

    max_read: int | None = None
    max_write: int | None = None


@frozen
class WarmThroughput:
    """The units a second that a table or index must serve at once; at least one of both is given.

    On demand they begin at 12,000 reads and 4,000 writes; with provisioned capacity at that capacity.
    AWS never lowers them again.
    """

    read: int | None = None
    write: int | None = None


@frozen
class ContributorInsights:
    """CloudWatch contributor insights, switched on for a table or a global index."""

    mode: ContributorInsightsMode | None = None
    """None: AWS's default, ACCESSED_AND_THROTTLED_KEYS."""


@frozen
class KinesisStream:
    """A Kinesis data stream that receives every change of an item."""

    arn: Text
    precision: TimestampPrecision | None = None
    """None: AWS's default, MILLISECOND."""


@frozen
class CsvOptions:
    """How the CSV files of an import are read."""

    delimiter: str | None = None
    """One of `,` tab `:` `;` `|` and blank; None: a comma."""
    headers: tuple[str, ...] = ()
    """At most 255 column names for all files; empty: the first line of each file has them."""


@frozen
class ImportSource:
    """Files in S3 from which CloudFormation fills the new table."""

    bucket: Text
    format: ImportFormat
    key_prefix: str | None = None
    """The prefix that the files' keys share; at most 1,024 characters."""
    bucket_owner: Text | None = None
    """The 12 digits of the bucket's account; None: the account that creates the table."""
    compression: ImportCompression | None = None
    csv: CsvOptions | None = None
    """Only with the format CSV."""


@frozen
class ReplicaIndex:
    """What a global index has of its own in one replica; None: as in the table."""

    read_throughput: CapacityUnits | None = None
    max_read: int | None = None
    """On demand: the most read request units a second."""
    contributor_insights: ContributorInsights | None = None


@frozen
class Replica:
    """A copy of the table in another region; what is None is as in the table itself.

    The Kinesis stream, policies and tags belong to one region: None means none.
    """

    region: str
    """Such as `eu-west-1`."""
    table_class: TableClass | None = None
    deletion_protection: bool | None = None
    point_in_time_recovery: PointInTimeRecovery | None = None
    contributor_insights: ContributorInsights | None = None
    kinesis_stream: KinesisStream | None = None
    encryption_key: Text | None = None
    """The KMS key of this region, where the table has a customer managed one."""
    resource_policy: Mapping[str, object] | None = None
    stream_resource_policy: Mapping[str, object] | None = None
    tags: Mapping[str, Text] | None = None
    read_throughput: CapacityUnits | None = None
    max_read: int | None = None
    """On demand: the most read request units a second."""
    indexes: Mapping[str, ReplicaIndex] = field(factory=dict)
    """What global indexes have of their own here, by their names."""
