"""Event sources from which Lambda reads for a function: DynamoDB streams, SQS queues, Kinesis streams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, TypeAlias

from attrs import field, frozen

from dynamodel.entity.schema import schema_of
from dynamodel.infra.filters import Changes
from dynamodel.infra.functions.destinations import Destination
from dynamodel.infra.functions.settings import listed
from dynamodel.model.entity import Entity
from dynamodel.schema.references import Reference, ResourceValue, Text
from dynamodel.schema.table import Table

__all__ = ["KinesisSource", "QueueSource", "Source", "StartingPosition", "StreamSource"]


class StartingPosition(StrEnum):
    """Where reading begins."""

    LATEST = "LATEST"
    """With what comes after the mapping is there."""
    TRIM_HORIZON = "TRIM_HORIZON"
    """With the oldest record that is left."""
    AT_TIMESTAMP = "AT_TIMESTAMP"
    """At a time; for Kinesis only."""


@frozen
class _Records:
    """What reading from the shards of a stream has, DynamoDB's and Kinesis's alike."""

    starting_position: StartingPosition = field(default=StartingPosition.LATEST, kw_only=True)
    batch_size: int = field(default=100, kw_only=True)
    """The most records of one invocation, 1 to 10,000."""
    window: timedelta | None = field(default=None, kw_only=True)
    """How long records are gathered at most, 0 to 300 seconds; None: not at all."""
    bisect_on_error: bool = field(default=False, kw_only=True)
    """Whether a batch that failed is tried again in two halves."""
    max_retries: int | None = field(default=None, kw_only=True)
    """0 to 10,000; None: until the records expire."""
    max_age: timedelta | None = field(default=None, kw_only=True)
    """Older records are dropped, 60 seconds to 7 days; None: none is."""
    parallelisation: int = field(default=1, kw_only=True)
    """The batches of one shard that are worked on at once, 1 to 10."""
    tumbling_window: timedelta | None = field(default=None, kw_only=True)
    """The time over which a state is gathered, at most 900 seconds; None: no state."""
    partial_batch_responses: bool = field(default=False, kw_only=True)
    """Whether the function says which records failed."""
    on_failure: Destination | str | Reference | None = field(default=None, kw_only=True)
    """A queue, topic or bucket that is told of dropped batches."""
    enabled: bool = field(default=True, kw_only=True)
    alias: str | None = field(default=None, kw_only=True)
    """Invokes the alias that `provisioned` declares; None: the latest code."""


def _changes(given: Sequence[Changes | Mapping[str, object]]) -> tuple[Changes | Mapping[str, object], ...]:
    """`listed`, for type checkers, which do not see through a generic converter."""
    return listed(given)


def _patterns(given: Sequence[Mapping[str, object]]) -> tuple[Mapping[str, object], ...]:
    """As `_changes`."""
    return listed(given)


@frozen
class StreamSource(_Records):
    """The stream of a declared table."""

    service: ClassVar[str] = "aws:dynamodb"
    """How its records call their source."""
    source: Table | type[Entity]
    """The table, or an entity class that stands for its table."""
    filters: tuple[Changes | Mapping[str, object], ...] = field(default=(), converter=_changes, kw_only=True)
    """The function gets the records that one of these matches; empty: all."""

    @property
    def table(self) -> Table:
        """The table."""
        return self.source if isinstance(self.source, Table) else schema_of(self.source).table

    @property
    def arn(self) -> Text:
        """The stream's ARN."""
        return ResourceValue(self.table, "StreamArn")


@frozen
class KinesisSource(_Records):
    """A Kinesis data stream, or one of its consumers, by its ARN."""

    service: ClassVar[str] = "aws:kinesis"
    """How its records call their source."""
    arn: Text
    filters: tuple[Mapping[str, object], ...] = field(default=(), converter=_patterns, kw_only=True)
    """The function gets the records that one of these matches; empty: all."""
    starting_time: datetime | None = field(default=None, kw_only=True)
    """With StartingPosition.AT_TIMESTAMP; with a time zone."""


@frozen
class QueueSource:
    """A queue of SQS, by its ARN."""

    service: ClassVar[str] = "aws:sqs"
    """How its messages call their source."""
    arn: Text
    batch_size: int | None = field(default=None, kw_only=True)
    """The most messages of one invocation, 1 to 10,000; None: 10. More than 10 need a window, and no FIFO."""
    window: timedelta | None = field(default=None, kw_only=True)
    """How long messages are gathered at most, 0 to 300 seconds; None: not at all. Not of a FIFO queue."""
    max_concurrency: int | None = field(default=None, kw_only=True)
    """The most invocations at once, 2 to 1,000; None: no limit but the function's."""
    partial_batch_responses: bool = field(default=False, kw_only=True)
    """Whether the function says which messages failed."""
    filters: tuple[Mapping[str, object], ...] = field(default=(), converter=_patterns, kw_only=True)
    """The function gets the messages that one of these matches, the others are deleted; empty: all."""
    visibility_timeout: timedelta | None = field(default=None, kw_only=True)
    """That of the queue, where you know it, to check it: Lambda refuses one below the function's timeout."""
    enabled: bool = field(default=True, kw_only=True)
    alias: str | None = field(default=None, kw_only=True)
    """Invokes the alias that `provisioned` declares; None: the latest code."""


Source: TypeAlias = StreamSource | QueueSource | KinesisSource
"""What Lambda reads from."""
