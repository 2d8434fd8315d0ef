"""The settings of tables that nearly every program has, as values.

Words and limits are AWS's. Like every value of this layer they are frozen and check nothing when they are
made: `verify` checks all of a declaration at once, so that every fault is reported together.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import TYPE_CHECKING, ClassVar

from attrs import frozen

if TYPE_CHECKING:
    from dynamodel.schema.references import Text

__all__ = [
    "BillingMode",
    "Encryption",
    "EncryptionKey",
    "MultiRegionConsistency",
    "PointInTimeRecovery",
    "RemovalPolicy",
    "StreamViewType",
    "TableClass",
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
