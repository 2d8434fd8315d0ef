"""The event sources of the local Lambda: what Lambda itself polls, from the declarations of functions.

`poller_of` makes the poller of a mapping. It reads a real source (a table's stream in DynamoDB Local or
moto, a queue or a Kinesis stream in moto), invokes the function, treats failures as Lambda does.
Guarantee: no record is lost: it is handled, dropped to its destination, or still in its source.

Left out, and said so where it matters: tumbling windows (refused), more than one batch of a shard at a time,
and the way in which Lambda scales the pollers of a queue.
"""

from dynamodel.testing.local_lambda.sources.choosing import poller_of
from dynamodel.testing.local_lambda.sources.mapping import EventSourceMapping
from dynamodel.testing.local_lambda.sources.poller import Poller
from dynamodel.testing.local_lambda.sources.problems import (
    SettleTimeoutError,
    SourceError,
    UnsupportedSourceError,
)

__all__ = [
    "EventSourceMapping",
    "Poller",
    "SettleTimeoutError",
    "SourceError",
    "UnsupportedSourceError",
    "poller_of",
]
