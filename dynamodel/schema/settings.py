"""The settings of a table, as values: everything that AWS::DynamoDB::Table has beside keys and indexes.

Words and limits are AWS's. The values are frozen and check nothing when they are made: `verify` checks
all of them at once, so that a declaration reports every fault together. `None` always means "AWS's
default", so a compiler leaves out what is `None`.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import TYPE_CHECKING, ClassVar

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel.schema.references import Text
    from dynamodel.schema.scaling import CapacityUnits

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


class BillingMode(StrEnum):
    """How capacity is paid for."""

    PAY_PER_REQUEST = "PAY_PER_REQUEST"
    """On demand: no capacity to plan."""
    PROVISIONED = "PROVISIONED"
    """A fixed number of capacity units a second; needs `throughput`."""


class RemovalPolicy(StrEnum):
    """What becomes of the table when its stack is deleted, or the table has to be replaced.

    CloudFormation takes no snapshot of a DynamoDB table when it deletes one, so there is no SNAPSHOT.
    """

    DESTROY = "destroy"
    """The table is deleted with all its items."""
    RETAIN = "retain"
    """The table stays, outside of the stack."""
    RETAIN_ON_UPDATE_OR_DELETE = "retain-on-update-or-delete"
    """As RETAIN, but a table whose very creation is rolled back is deleted."""


class StreamViewType(StrEnum):
    """What the table's stream carries of a changed item."""

    KEYS_ONLY = "KEYS_ONLY"
    NEW_IMAGE = "NEW_IMAGE"
    OLD_IMAGE = "OLD_IMAGE"
    NEW_AND_OLD_IMAGES = "NEW_AND_OLD_IMAGES"


class TableClass(StrEnum):
    """The table's price class."""

    STANDARD = "STANDARD"
    STANDARD_INFREQUENT_ACCESS = "STANDARD_INFREQUENT_ACCESS"
    """Cheaper storage, dearer requests."""


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


class EncryptionKey(Enum):
    """Whose key encrypts the table at rest."""

    AWS_OWNED = "AWS_OWNED"
    AWS_MANAGED = "AWS_MANAGED"
    CUSTOMER_MANAGED = "CUSTOMER_MANAGED"


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
class Encryption:
    """Encryption at rest: `Encryption.AWS_OWNED`, `.AWS_MANAGED`, or `.customer_managed(key)`."""

    key_owner: EncryptionKey
    key: Text | None = None
    """The customer's KMS key: its id, ARN, alias name (`alias/...`) or alias ARN."""

    AWS_OWNED: ClassVar[Encryption]
    """A key that AWS owns; free of charge, and the default."""
    AWS_MANAGED: ClassVar[Encryption]
    """The account's key `alias/aws/dynamodb`."""

    @classmethod
    def customer_managed(cls, key: Text) -> Encryption:
        """Encryption with your own KMS key, given by id, ARN, alias name or alias ARN, or by a reference."""
        return cls(EncryptionKey.CUSTOMER_MANAGED, key)


Encryption.AWS_OWNED = Encryption(EncryptionKey.AWS_OWNED)
Encryption.AWS_MANAGED = Encryption(EncryptionKey.AWS_MANAGED)


@frozen
class PointInTimeRecovery:
    """Continuous backups, from which the table can be restored to any second of the last days."""

    days: int = 35
    """1 to 35."""


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


class MultiRegionConsistency(StrEnum):
    """What a read in one region sees of a write in another."""

    EVENTUAL = "EVENTUAL"
    """The write arrives within a second or so; AWS's default."""
    STRONG = "STRONG"
    """A strongly consistent read sees it; three regions, one of which may be a witness."""


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


@frozen(kw_only=True)
class TableSettings:
    """Every setting of a table; the defaults are those of a `Table` that sets none."""

    billing_mode: BillingMode = BillingMode.PAY_PER_REQUEST
    throughput: Throughput | None = None
    on_demand_throughput: OnDemandThroughput | None = None
    warm_throughput: WarmThroughput | None = None
    removal_policy: RemovalPolicy = RemovalPolicy.RETAIN
    time_to_live: str | None = None
    """The stored name of the attribute with the expiry, in epoch seconds."""
    stream: StreamViewType | None = None
    """A table with replicas has NEW_AND_OLD_IMAGES if nothing is said, as in the CDK."""
    stream_resource_policy: Mapping[str, object] | None = None
    point_in_time_recovery: PointInTimeRecovery | None = None
    deletion_protection: bool = False
    encryption: Encryption = Encryption.AWS_OWNED
    table_class: TableClass = TableClass.STANDARD
    contributor_insights: ContributorInsights | None = None
    kinesis_stream: KinesisStream | None = None
    resource_policy: Mapping[str, object] | None = None
    import_source: ImportSource | None = None
    tags: Mapping[str, Text] = field(factory=dict)
    stream_tags: Mapping[str, Text] = field(factory=dict)
    deployed_name: Text | None = None
    """The name in templates, where it differs from the one that the program uses; None: the same."""
    replicas: tuple[Replica, ...] = ()
    multi_region_consistency: MultiRegionConsistency | None = None
    """None: AWS's default, EVENTUAL."""
    witness_region: str | None = None
    """With MultiRegionConsistency.STRONG and one replica: the region that only votes."""

    def __attrs_post_init__(self) -> None:
        if self.replicas and self.stream is None:
            object.__setattr__(self, "stream", StreamViewType.NEW_AND_OLD_IMAGES)  # the attributes are frozen
