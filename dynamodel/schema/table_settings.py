"""The settings that every table has. Those of few tables are values of their own, in `settings`.

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
    from dynamodel.schema.settings import (
        ContributorInsights,
        ImportSource,
        KinesisStream,
        OnDemandThroughput,
        Replica,
        Throughput,
        WarmThroughput,
    )

__all__ = [
    "BillingMode",
    "Encryption",
    "EncryptionKey",
    "MultiRegionConsistency",
    "PointInTimeRecovery",
    "RemovalPolicy",
    "StreamViewType",
    "TableClass",
    "TableSettings",
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


class EncryptionKey(Enum):
    """Whose key encrypts the table at rest."""

    AWS_OWNED = "AWS_OWNED"
    AWS_MANAGED = "AWS_MANAGED"
    CUSTOMER_MANAGED = "CUSTOMER_MANAGED"


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


class MultiRegionConsistency(StrEnum):
    """What a read in one region sees of a write in another."""

    EVENTUAL = "EVENTUAL"
    """The write arrives within a second or so; AWS's default."""
    STRONG = "STRONG"
    """A strongly consistent read sees it; three regions, one of which may be a witness."""


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
