"""The two services whose streams have shards, seen alike: DynamoDB Streams and Kinesis.

Guarantee: a reader of shards needs to know nothing else of either service.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from attrs import field, frozen

from dynamodel.testing.local_lambda.sources.events import (
    Record,
    change_record,
    is_wanted_change,
    is_wanted_kinesis_record,
    json_text,
    kinesis_record,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from dynamodel.testing.local_lambda.destinations import Boto3Client
    from dynamodel.testing.local_lambda.sources.mapping import EventSourceMapping

__all__ = ["ChangeStream", "KinesisStream", "Position", "Reading", "Shard", "ShardRecord", "Stream"]

_COARSE_SECONDS = 60.0


@frozen
class Shard:
    """A shard as the service lists it."""

    id: str
    parents: tuple[str, ...] = ()
    is_closed: bool = False
    """Nothing is written to it any more."""


@frozen
class ShardRecord:
    """One record, ready for an event."""

    sequence_number: str
    written_at: float
    """As the service tells, in seconds since 1970."""
    arrived_at: float
    """When its age begins. DynamoDB Local 1.25.1 tells whole minutes only (measured), so that the age of a
    record which is younger than that begins when it is read."""
    event: Record = field(repr=False)
    text: str = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes in an event."""
        return len(self.text)  # ASCII: whatever else is escaped


@frozen
class Position:
    """Where reading begins in a shard."""

    kind: str
    """A ShardIteratorType."""
    sequence_number: str | None = None
    at: datetime | None = None


@frozen
class Reading:
    """What a read found."""

    raw: Sequence[Mapping[str, Any]] = field(repr=False)
    iterator: str | None
    """For the next read; None: the shard is closed and read to its end."""
    is_at_tip: bool = False
    """Known: there was no more at that moment. Only Kinesis tells."""


class Stream(Protocol):
    """A stream with shards."""

    batch_info: ClassVar[str]
    """The name of its part in records of failures."""
    arn: str
    """Told to functions and destinations."""

    def shards(self) -> Sequence[Shard]:
        """All that the service knows, parents or not."""
        ...

    def iterator(self, shard_id: str, position: Position) -> str:
        """An iterator that stands there."""
        ...

    def read(self, iterator: str) -> Reading:
        """As many records as the service gives at once."""
        ...

    def record(self, raw: Mapping[str, Any], shard_id: str) -> ShardRecord:
        """A record of a reading."""
        ...

    def is_wanted(self, record: ShardRecord) -> bool:
        """Whether the filters let it through."""
        ...


class ChangeStream:
    """The stream of a DynamoDB table."""

    batch_info: ClassVar[str] = "DDBStreamBatchInfo"

    def __init__(self, mapping: EventSourceMapping, client: Boto3Client) -> None:
        self.arn = mapping.source_arn
        self._client = client
        self._region = mapping.region
        self._patterns = mapping.patterns

    def shards(self) -> list[Shard]:
        """All shards, page by page."""
        found: list[Shard] = []
        last: dict[str, str] = {}
        while True:
            page = self._client.describe_stream(StreamArn=self.arn, **last)["StreamDescription"]
            found += map(_shard, page["Shards"])
            if not page.get("LastEvaluatedShardId"):
                return found
            last = {"ExclusiveStartShardId": page["LastEvaluatedShardId"]}

    def iterator(self, shard_id: str, position: Position) -> str:
        """An iterator."""
        at = {} if position.sequence_number is None else {"SequenceNumber": position.sequence_number}
        answer = self._client.get_shard_iterator(
            StreamArn=self.arn, ShardId=shard_id, ShardIteratorType=position.kind, **at
        )
        return str(answer["ShardIterator"])

    def read(self, iterator: str) -> Reading:
        """At most 1,000 records, the service's limit."""
        answer = self._client.get_records(ShardIterator=iterator)
        return Reading(answer["Records"], answer.get("NextShardIterator"))

    def record(self, raw: Mapping[str, Any], shard_id: str) -> ShardRecord:
        """A record."""
        change = raw["dynamodb"]
        event = change_record(raw, self.arn, self._region)
        return _record(change["SequenceNumber"], change.get("ApproximateCreationDateTime"), event)

    def is_wanted(self, record: ShardRecord) -> bool:
        """Whether a filter matches."""
        return is_wanted_change(record.event, self._patterns)


class KinesisStream:
    """A Kinesis data stream. A consumer of it is read as the stream itself, with no throughput of its own."""

    batch_info: ClassVar[str] = "KinesisBatchInfo"

    def __init__(self, mapping: EventSourceMapping, client: Boto3Client) -> None:
        self.arn = mapping.source_arn
        self._stream = self.arn.partition("/consumer/")[0]
        self._client = client
        self._region = mapping.region
        self._patterns = mapping.patterns
        account = self.arn.split(":")[4]
        self._role = f"arn:aws:iam::{account}:role/{mapping.function.partition(':')[0]}"

    def shards(self) -> list[Shard]:
        """All shards, page by page."""
        answer = self._client.list_shards(StreamARN=self._stream)
        found = [_shard(each) for each in answer["Shards"]]
        while answer.get("NextToken"):
            answer = self._client.list_shards(NextToken=answer["NextToken"])
            found += map(_shard, answer["Shards"])
        return found

    def iterator(self, shard_id: str, position: Position) -> str:
        """An iterator."""
        at: dict[str, Any] = {}
        if position.sequence_number is not None:
            at["StartingSequenceNumber"] = position.sequence_number
        if position.at is not None:
            at["Timestamp"] = position.at
        answer = self._client.get_shard_iterator(
            StreamARN=self._stream, ShardId=shard_id, ShardIteratorType=position.kind, **at
        )
        return str(answer["ShardIterator"])

    def read(self, iterator: str) -> Reading:
        """At most 10,000 records, the service's limit."""
        answer = self._client.get_records(StreamARN=self._stream, ShardIterator=iterator)
        is_at_tip = answer.get("MillisBehindLatest") == 0
        return Reading(answer["Records"], answer.get("NextShardIterator"), is_at_tip)

    def record(self, raw: Mapping[str, Any], shard_id: str) -> ShardRecord:
        """A record."""
        event = kinesis_record(raw, shard_id, self.arn, self._region, self._role)
        return _record(raw["SequenceNumber"], raw["ApproximateArrivalTimestamp"], event)

    def is_wanted(self, record: ShardRecord) -> bool:
        """Whether a filter matches."""
        return is_wanted_kinesis_record(record.event, self._patterns)


def _shard(listed: Mapping[str, Any]) -> Shard:
    parents = (listed.get("ParentShardId"), listed.get("AdjacentParentShardId"))
    is_closed = "EndingSequenceNumber" in listed.get("SequenceNumberRange", {})
    return Shard(listed["ShardId"], tuple(each for each in parents if each), is_closed)


def _record(sequence_number: str, written: datetime | None, event: Record) -> ShardRecord:
    now = time.time()
    written_at = now if written is None else written.timestamp()
    arrived_at = written_at if now - written_at > _COARSE_SECONDS else now
    return ShardRecord(sequence_number, written_at, arrived_at, event, json_text(event))
