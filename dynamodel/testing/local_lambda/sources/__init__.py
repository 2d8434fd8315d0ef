"""The event sources of the local Lambda: what Lambda itself polls, from the declarations of functions.

`start_sources` starts a poller for each mapping. Each one reads a real source (a table's stream in DynamoDB
Local or moto, a queue or a Kinesis stream in moto), invokes the function, treats failures as Lambda does.
Guarantee: no record is lost: it is handled, dropped to its destination, or still in its source.

Left out, and said so where it matters: tumbling windows (refused), more than one batch of a shard at a time,
and the way in which Lambda scales the pollers of a queue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamodel.infra.functions.sources import KinesisSource, QueueSource
from dynamodel.testing.local_lambda.sources.mapping import EventSourceMapping
from dynamodel.testing.local_lambda.sources.poller import Poller
from dynamodel.testing.local_lambda.sources.problems import (
    SettleTimeoutError,
    SourceError,
    UnsupportedSourceError,
)
from dynamodel.testing.local_lambda.sources.queue_poller import QueuePoller
from dynamodel.testing.local_lambda.sources.shard_poller import ShardPoller
from dynamodel.testing.local_lambda.sources.streams import ChangeStream, KinesisStream

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynamodel.testing.local_lambda.destinations import Clients
    from dynamodel.testing.local_lambda.invocation import Invoke

__all__ = [
    "EventSourceMapping",
    "Poller",
    "SettleTimeoutError",
    "SourceError",
    "UnsupportedSourceError",
    "poller_of",
    "start_sources",
]


def start_sources(mappings: Iterable[EventSourceMapping], invoke: Invoke, clients: Clients) -> list[Poller]:
    """Starts to read every enabled source.

    Args:
        mappings: one for each source of each function.
        invoke: invokes a function.
        clients: of the local services.

    Returns:
        The pollers, which the caller stops.

    Raises:
        SourceError: a source is not there. None is read then.
    """
    pollers = [poller_of(mapping, invoke, clients) for mapping in mappings if mapping.source.enabled]
    try:
        for poller in pollers:
            poller.start()
    except BaseException:
        for poller in pollers:
            poller.stop()
        raise
    return pollers


def poller_of(mapping: EventSourceMapping, invoke: Invoke, clients: Clients) -> Poller:
    """The poller of a mapping, not started yet."""
    if isinstance(mapping.source, QueueSource):
        return QueuePoller(mapping, invoke, clients)
    if isinstance(mapping.source, KinesisSource):
        return ShardPoller(mapping, invoke, clients, KinesisStream(mapping, clients.of("kinesis")))
    streams = clients.of("dynamodbstreams")
    return ShardPoller(mapping, invoke, clients, ChangeStream(mapping, streams))
