"""A stream with shards: finds them, parents before children, and has each read by a thread of its own.

Guarantee: records of one shard reach the function in their order, and those of a shard come after all of its
parents', which keeps the order of each item. With a `parallelisation` above 1, still one batch of a shard is
worked on at a time: the order is right, the speed is not AWS's.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from dynamodel.infra.functions.sources import KinesisSource, StartingPosition, StreamSource
from dynamodel.testing.local_lambda.destinations import error_code
from dynamodel.testing.local_lambda.sources.poller import Poller
from dynamodel.testing.local_lambda.sources.problems import SourceError
from dynamodel.testing.local_lambda.sources.shard_reader import ShardReader
from dynamodel.testing.local_lambda.sources.streams import Position, Shard, Stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynamodel.testing.local_lambda.destinations import Clients
    from dynamodel.testing.local_lambda.invocation import Invoke
    from dynamodel.testing.local_lambda.sources.mapping import EventSourceMapping

__all__ = ["ShardPoller"]

_DISCOVERY_SECONDS = 1.0


class ShardPoller(Poller):
    """Reads a DynamoDB stream or a Kinesis stream for one function.

    Args:
        mapping: the source, the function, and where failures go.
        invoke: invokes the function.
        clients: of the local services.
        stream: what to read.
    """

    def __init__(self, mapping: EventSourceMapping, invoke: Invoke, clients: Clients, stream: Stream) -> None:
        super().__init__(mapping, invoke, clients)
        source = mapping.source
        assert isinstance(source, StreamSource | KinesisSource)
        at = source.starting_time if isinstance(source, KinesisSource) else None
        self._start = Position(source.starting_position.value, at=at)
        self._stream = stream
        self._readers: dict[str, ShardReader] = {}
        self._passed: set[str] = set()
        """Shards that were closed before the mapping was there, and that LATEST has nothing of."""
        self._running: set[str] = set()
        self._discovered = -1
        """The question before the last complete look at the shards; -1: another look is needed."""

    @property
    def is_idle(self) -> bool:
        """Whether no reader has anything in hand."""
        readers = list(self._readers.values())
        return self._discovered >= 0 and all(each.is_idle or each.is_finished for each in readers)

    def is_settled(self, asked: int) -> bool:
        """Whether a look at all shards, and a read of each, found nothing left."""
        readers = list(self._readers.values())
        return self._discovered >= asked and all(
            each.is_finished or each.settled >= asked for each in readers
        )

    def describe_rest(self) -> str:
        """What is in hand, by shard."""
        rest = [each.describe_rest() for each in list(self._readers.values()) if not each.is_idle]
        return "; ".join(rest) or "it was not read to its end"

    def _open(self) -> None:
        is_first = not self._readers and not self._passed
        try:
            shards = self._stream.shards()
            if is_first and self._start.kind == StartingPosition.LATEST:
                self._open_latest(shards)
        except (ClientError, BotoCoreError) as error:
            raise SourceError(
                f"{self._stream.arn} cannot be read: {error_code(error)}; create it before the sources start"
            ) from error

    def _open_latest(self, shards: Sequence[Shard]) -> None:
        """Begins here and now in all open shards; those that come later are read from their beginning."""
        readers = {
            shard.id: ShardReader(self, self._stream, shard.id, self._start)
            for shard in shards
            if not shard.is_closed
        }
        for reader in readers.values():
            reader.open()
        self._readers |= readers
        self._passed = {shard.id for shard in shards if shard.is_closed}
        self._start = Position(StartingPosition.TRIM_HORIZON.value)

    def _close(self) -> None:
        self._running.clear()

    def _run(self) -> None:
        while not self.is_stopping:
            asked = self.asked
            try:
                shards = self._stream.shards()
            except (ClientError, BotoCoreError) as error:
                if error_code(error) != "ResourceNotFoundException":  # deleted: the readers come to an end
                    self.retry_later(error_code(error))
                    continue
                shards = []
            self._read_all(shards)
            self._discovered = asked
            self.note()
            self.wait(_DISCOVERY_SECONDS, wakes=self._needs_look)

    def _needs_look(self) -> bool:
        return self._discovered < self.asked

    def _read_all(self, shards: Sequence[Shard]) -> None:
        """Starts the readers of all shards whose parents are finished, or unknown because they expired."""
        known = {shard.id for shard in shards}
        for shard in shards:
            if shard.id not in self._readers and shard.id not in self._passed:
                self._readers[shard.id] = ShardReader(self, self._stream, shard.id, self._start)
            if shard.id in self._readers:
                self._readers[shard.id].is_closed = shard.is_closed
        for shard in shards:
            is_open = all(parent not in known or self._is_done(parent) for parent in shard.parents)
            reader = self._readers.get(shard.id)
            if reader is not None and is_open and not reader.is_finished and shard.id not in self._running:
                self._running.add(shard.id)
                self.spawn(partial(self._read_shard, reader), shard.id)

    def _is_done(self, shard_id: str) -> bool:
        return shard_id in self._passed or self._readers[shard_id].is_finished

    def _read_shard(self, reader: ShardReader) -> None:
        reader.run()  # after an error it is not run again: `settle` tells
        with self.changed:
            self._running.discard(reader.shard_id)
            self._discovered = -1  # its children can begin
            self.changed.notify_all()
