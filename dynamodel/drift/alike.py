"""What counts as the same, where AWS tells a setting in other words than it was given.

Guarantee: two values that mean different things are never the same here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dynamodel.schema.settings import (
    ContributorInsights,
    ContributorInsightsMode,
    EncryptionKey,
    KinesisStream,
    TimestampPrecision,
)

if TYPE_CHECKING:
    from dynamodel.schema.settings import Encryption

__all__ = [
    "is_policy_alike",
    "is_same_key",
    "with_default_mode",
    "with_default_precision",
]

_ACCOUNT = re.compile(r"(?:arn:aws[a-z-]*:iam::)?(\d{12})(?::root)?", re.ASCII)


def is_same_key(declared: Encryption, deployed: Encryption) -> bool | None:
    """Whether two tables have the same key; None: that cannot be told.

    DynamoDB tells a KMS key by its ARN: not whether it is the one that AWS manages, nor its aliases.
    """
    if EncryptionKey.AWS_OWNED in (declared.key_owner, deployed.key_owner):
        return declared.key_owner is deployed.key_owner
    name, arn = declared.key, deployed.key
    if not isinstance(name, str) or not isinstance(arn, str):
        return True if declared == deployed else None
    if name == arn or arn.endswith(f":key/{name}"):
        return True
    return None if "alias/" in name or "alias/" in arn else False


def with_default_mode(insights: ContributorInsights | None) -> ContributorInsights | None:
    """The insights with the mode that AWS takes where none is given."""
    if insights is None or insights.mode is not None:
        return insights
    return ContributorInsights(ContributorInsightsMode.ACCESSED_AND_THROTTLED_KEYS)


def with_default_precision(stream: KinesisStream | None) -> KinesisStream | None:
    """The destination with the precision that AWS takes where none is given."""
    if stream is None or stream.precision is not None:
        return stream
    return KinesisStream(stream.arn, TimestampPrecision.MILLISECOND)


def is_policy_alike(one: Mapping[str, object] | None, other: Mapping[str, object] | None) -> bool:
    """Whether two policy documents say the same (IAM user guide: JSON policy elements reference).

    One text may stand for a list of one, lists have no order, and an account's number means its root.
    """
    return _canonical(one) == _canonical(other)


def _canonical(value: object, under: str = "") -> object:
    if isinstance(value, Mapping):
        return {key: _canonical(part, key) for key, part in value.items()}
    if isinstance(value, list | tuple):
        parts = [_canonical(part, under) for part in value]
        return parts[0] if len(parts) == 1 else sorted(parts, key=repr)
    if isinstance(value, str) and under == "AWS":
        account = _ACCOUNT.fullmatch(value)
        return account[1] if account else value
    return value
