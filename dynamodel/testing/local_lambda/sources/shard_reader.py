"""One shard: reads it, gathers batches, gives them to the function, in order and one at a time.

Guarantee: the next records are read only once those before are done or dropped. What a reader holds, it keeps
when its thread stops, and goes on from there.
"""

from __future__ import annotations

import time
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from botocore.exceptions import BotoCoreError, ClientError

from dynamodel.infra.functions.sources import KinesisSource, StreamSource
from dynamodel.testing.local_lambda.destinations import DeliveryError, Message, error_code, send
from dynamodel.testing.local_lambda.invocation import InvocationRefusedError, TooManyRequestsError
from dynamodel.testing.local_lambda.sources.checkpoints import (
    Batch,
    failed_items,
    first_failed,
    next_step,
    without_expired,
)
from dynamodel.testing.local_lambda.sources.events import count_that_fits, event_of
from dynamodel.testing.local_lambda.sources.failures import Condition, failure_record
from dynamodel.testing.local_lambda.sources.poller import Pauses, Poller, backoff_seconds
from dynamodel.testing.local_lambda.sources.streams import Position, ShardRecord, Stream

if TYPE_CHECKING:
    from dynamodel.testing.local_lambda.invocation import Invocation

__all__ = ["ShardReader"]

Records: TypeAlias = Batch[ShardRecord]

_TOO_LARGE = 413
_RENEWED = {"ExpiredIteratorException": "AFTER_SEQUENCE_NUMBER", "TrimmedDataAccessException": "TRIM_HORIZON"}
"""The errors of iterators, and where another one stands."""


class ShardReader:
    """Reads one shard.

    Args:
        poller: of the source; it knows the function, and whether to stop.
        stream: the source.
        shard_id: the shard.
        start: where to begin.
    """

    def __init__(self, poller: Poller, stream: Stream, shard_id: str, start: Position) -> None:
        self.shard_id = shard_id
        self.is_finished = False
        """The shard is closed, and all of it is handled."""
        self.settled = -1
        """The question up to which nothing was left (see `Poller.asked`)."""
        self.is_closed = False
        """The service lists it as closed."""
        self.is_idle = False
        """Whether the last read found nothing, and nothing is in hand."""
        self._poller = poller
        self._mapping = poller.mapping
        self._stream = stream
        self._start = start
        self._iterator: str | None = None
        self._is_at_end = False
        self._last_read: str | None = None
        self._gathered: deque[ShardRecord] = deque()
        self._gathering_until = 0.0
        self._pending: deque[Records] = deque()
        self._last: Invocation | None = None
        self._throttles = 0
        self._pauses = Pauses()

    def describe_rest(self) -> str:
        """What is in hand."""
        pending = self._pending.copy()  # at once, while its own thread goes on
        count = sum(len(batch.records) for batch in pending) + len(self._gathered)
        tries = pending[0].invocations if pending else 0
        return (
            f"{self.shard_id}: {count} records in hand, the first of them given to the function {tries} times"
        )

    def open(self) -> None:
        """Takes the position, so that what is written from now on is not missed.

        Raises:
            ClientError: there is no such stream or shard any more.
        """
        if self._iterator is None:
            self._iterator = self._stream.iterator(self.shard_id, self._start)

    def run(self) -> None:
        """Reads and handles, until the shard ends or the poller stops."""
        while not self._poller.is_stopping and not self.is_finished:
            if self._pending:
                self._handle()
            else:
                self._gather()

    # --- reading ---

    def _gather(self) -> None:
        """One read, and the next batch if it is complete."""
        asked = self._poller.asked
        came = not self._is_full() and self._read()
        is_over = self._is_at_end or time.monotonic() >= self._gathering_until
        if self._is_full() or (self._gathered and is_over):
            self._pending.append(self._next_batch())
            self._pauses.reset()
        elif came:
            self._pauses.reset()
        else:
            self._rest(asked)

    def _rest(self, asked: int) -> None:
        """Nothing came: waits, unless that was all there ever will be."""
        if not self._gathered:
            self.is_finished = self._is_at_end
            self.settled = asked
            self.is_idle = True
            self._poller.note()
        if not self.is_finished:
            seconds = self._pauses.next()
            if self._gathered:
                seconds = min(seconds, max(self._gathering_until - time.monotonic(), 0.001))
            self._poller.wait(seconds, wakes=lambda: self._poller.asked > asked and not self._gathered)

    def _read(self) -> bool:
        """Whether there was anything, wanted or not."""
        if self._is_at_end:
            return False
        was_closed = self.is_closed
        try:
            self.open()
            assert self._iterator is not None
            reading = self._stream.read(self._iterator)
        except (ClientError, BotoCoreError) as error:
            self._recover(error_code(error))
            return True  # nothing is known
        self.is_idle = self.is_idle and not reading.raw
        self._iterator = reading.iterator
        self._is_at_end = reading.iterator is None or (was_closed and reading.is_at_tip and not reading.raw)
        if not self._gathered:
            self._gathering_until = time.monotonic() + self._mapping.window_seconds
        for raw in reading.raw:
            record = self._stream.record(raw, self.shard_id)
            self._last_read = record.sequence_number
            if self._stream.is_wanted(record):
                self._gathered.append(record)
        return bool(reading.raw)

    def _recover(self, code: str) -> None:
        if code == "ResourceNotFoundException":  # the table or the stream was deleted
            self._is_at_end = True
        elif code in _RENEWED:
            self._iterator = None
            after = code == "ExpiredIteratorException" and self._last_read is not None
            if after or code == "TrimmedDataAccessException":
                self._start = Position(_RENEWED[code], self._last_read if after else None)
        else:
            self._poller.retry_later(code)

    def _is_full(self) -> bool:
        return len(self._gathered) > 0 and (
            len(self._gathered) >= self._batch_size or self._fitting() < len(self._gathered)
        )

    def _fitting(self) -> int:
        sizes = [record.size for record in islice(self._gathered, self._batch_size)]
        return count_that_fits(sizes, self._batch_size)

    @property
    def _batch_size(self) -> int:
        return self._mapping.source.batch_size or 100

    def _next_batch(self) -> Records:
        records = tuple(self._gathered.popleft() for _ in range(self._fitting()))
        self._gathering_until = time.monotonic() + self._mapping.window_seconds
        return Batch(records)

    # --- handling ---

    def _handle(self) -> None:
        """Gives the first batch to the function once, and notes what follows."""
        expired, batch = without_expired(self._pending[0], self._is_expired)
        if expired.records:
            self._drop(expired, Condition.AGE)
            self._replace_first(batch)
        if not batch.records:
            return
        failed_at = self._invoke(batch)
        if failed_at is None:
            return
        step = next_step(batch, failed_at, self._mapping.retry_rules)
        if step.dropped is not None:
            self._drop(step.dropped, Condition.RETRIES)
        self._replace_first(*step.again)
        self._poller.count_batch()
        if step.again and step.again[0].retries > batch.retries:
            self._poller.wait(backoff_seconds(step.again[0].retries, self._mapping.time_scale))

    def _replace_first(self, *batches: Records) -> None:
        self._pending.popleft()
        self._pending.extendleft(batch for batch in reversed(batches) if batch.records)

    def _is_expired(self, record: ShardRecord) -> bool:
        source = self._mapping.source
        assert isinstance(source, StreamSource | KinesisSource)
        if source.max_age is None:
            return False
        return time.time() - record.arrived_at > self._mapping.scaled(source.max_age)

    def _invoke(self, batch: Records) -> int | None:
        """The position of the first failed record; None: the function did not run, which is no attempt."""
        event = event_of([record.text for record in batch.records])
        try:
            self._last = self._poller.invoke(self._mapping.function, event)
        except InvocationRefusedError as error:
            if error.status == _TOO_LARGE:  # one record that will never fit
                self._last = None
                return 0
            self._throttles += 1
            seconds = backoff_seconds(self._throttles, self._mapping.time_scale)
            if isinstance(error, TooManyRequestsError):
                self._poller.wait(seconds)
            else:
                self._poller.retry_later(error.code, seconds)
            return None
        self._throttles = 0
        if self._last.error is not None:
            return 0
        if not self._mapping.source.partial_batch_responses:
            return len(batch.records)
        ids = [record.sequence_number for record in batch.records]
        return first_failed(failed_items(self._last.payload, ids), ids)

    def _drop(self, batch: Records, condition: Condition) -> None:
        """Tells the destination of a batch that the function will not get any more."""
        self._poller.count_batch()
        to = self._mapping.on_failure
        if to is None:
            return
        invocation = self._last if batch.invocations else None
        message = Message(
            text=failure_record(self._mapping, self._stream, self.shard_id, batch, condition, invocation),
            function_arn=self._mapping.function_arn,
            folder=f"{self._mapping.id}/{self.shard_id}",
        )
        try:
            send(to, message, self._poller.clients)
        except DeliveryError as error:
            self._poller.report(error)
