"""What the destination of a stream's failures is told of a batch that was dropped.

The fields are those of the AWS Lambda developer guide, "Retain discarded records for a DynamoDB event source
in Lambda" and its twin on Kinesis. Only buckets get the records themselves.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from dynamodel.testing.local_lambda.sources.events import event_of, json_text

if TYPE_CHECKING:
    from dynamodel.testing.local_lambda.invocation import Invocation
    from dynamodel.testing.local_lambda.sources.checkpoints import Batch
    from dynamodel.testing.local_lambda.sources.mapping import EventSourceMapping
    from dynamodel.testing.local_lambda.sources.streams import ShardRecord, Stream

__all__ = ["Condition", "failure_record"]


class Condition(StrEnum):
    """Why a batch was dropped."""

    RETRIES = "RetryAttemptsExhausted"
    AGE = "RecordAgeExceeded"


def failure_record(
    mapping: EventSourceMapping,
    stream: Stream,
    shard_id: str,
    batch: Batch[ShardRecord],
    condition: Condition,
    invocation: Invocation | None,
) -> str:
    """The record of a dropped batch, as JSON.

    Args:
        mapping: the event source mapping.
        stream: its stream.
        shard_id: where the batch comes from.
        batch: what was dropped.
        condition: why.
        invocation: the last one that got these records; None: there was none.
    """
    record: dict[str, object] = {
        "requestContext": {
            "requestId": str(uuid.uuid4()) if invocation is None else invocation.request_id,
            "functionArn": mapping.function_arn,
            "condition": condition.value,
            "approximateInvokeCount": batch.invocations,
        }
    }
    if invocation is not None:
        answer: dict[str, object] = {"statusCode": 200, "executedVersion": "$LATEST"}
        record["responseContext"] = answer
        if invocation.error is not None:
            answer["functionError"] = invocation.error
    record["version"] = "1.0"
    record["timestamp"] = _iso(datetime.now(UTC).timestamp())
    first, last = batch.records[0], batch.records[-1]
    record[stream.batch_info] = {
        "shardId": shard_id,
        "startSequenceNumber": first.sequence_number,
        "endSequenceNumber": last.sequence_number,
        "approximateArrivalOfFirstRecord": _iso(first.written_at),
        "approximateArrivalOfLastRecord": _iso(last.written_at),
        "batchSize": len(batch.records),
        "streamArn": stream.arn,
    }
    if (mapping.on_failure or "").startswith("arn:aws:s3:"):
        record["payload"] = event_of([each.text for each in batch.records]).decode()
    return json_text(record)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
