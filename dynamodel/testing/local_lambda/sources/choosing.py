"""Which poller reads a source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamodel.infra.functions.sources import KinesisSource, QueueSource
from dynamodel.testing.local_lambda.sources.queue_poller import QueuePoller
from dynamodel.testing.local_lambda.sources.shard_poller import ShardPoller
from dynamodel.testing.local_lambda.sources.streams import ChangeStream, KinesisStream

if TYPE_CHECKING:
    from dynamodel.testing.local_lambda.destinations import Clients
    from dynamodel.testing.local_lambda.invocation import Invoke
    from dynamodel.testing.local_lambda.sources.mapping import EventSourceMapping
    from dynamodel.testing.local_lambda.sources.poller import Poller

__all__ = ["poller_of"]


def poller_of(mapping: EventSourceMapping, invoke: Invoke, clients: Clients) -> Poller:
    """The poller of a mapping, not started yet."""
    if isinstance(mapping.source, QueueSource):
        return QueuePoller(mapping, invoke, clients)
    if isinstance(mapping.source, KinesisSource):
        return ShardPoller(mapping, invoke, clients, KinesisStream(mapping, clients.of("kinesis")))
    streams = clients.of("dynamodbstreams")
    return ShardPoller(mapping, invoke, clients, ChangeStream(mapping, streams))
