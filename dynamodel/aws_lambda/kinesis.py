"""Handlers of Kinesis data streams: records with typed data.

```
@on_record(Click, patterns=[Page.by_path.update])
def count(record: Record[Click], context: LambdaContext) -> None: ...
```

Guarantees: records come in the order of their shard; after one that fails none is run until Lambda delivers
that one again. Records that the Kinesis Producer Library aggregated are not taken apart. It needs Powertools
(the extra `lambda`).
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import attrs

from dynamodel.aws_lambda.batches import OrderedHandler
from dynamodel.aws_lambda.bodies import Body
from dynamodel.aws_lambda.context import LambdaContext
from dynamodel.aws_lambda.event_errors import EventError
from dynamodel.aws_lambda.event_records import EventRecord

if TYPE_CHECKING:
    from dynamodel.aws_lambda.idempotency import IdempotencyStore
    from dynamodel.operations.patterns import Pattern

__all__ = ["Record", "RecordFunction", "RecordHandler", "on_record"]

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Record(Generic[T]):
    """A record of a Kinesis data stream."""

    data: T = attrs.field(repr=False)
    event_id: str
    """The shard and the sequence number: the same whenever the record is delivered."""
    partition_key: str = attrs.field(repr=False)
    """What decided on its shard."""
    sequence_number: str
    """Its place in the shard: later ones have greater numbers."""
    at: datetime
    """About when it arrived, in UTC."""


RecordFunction: TypeAlias = Callable[[Record[T], LambdaContext], object]
"""What gets records; what it returns is not used."""


class RecordHandler(OrderedHandler, Generic[T]):
    """The handler of a Kinesis data stream; made by `on_record`."""

    event_source = "aws:kinesis"

    def __init__(
        self,
        data: Body[T],
        function: RecordFunction[T],
        patterns: Sequence[Pattern],
        store: IdempotencyStore | None,
    ) -> None:
        super().__init__(function, patterns, store)
        self._data = data
        self._function = function

    def identifier(self, record: EventRecord) -> object:
        """The sequence number."""
        return record["kinesis"]["sequenceNumber"]

    def run(self, record: EventRecord, context: LambdaContext) -> None:
        """Hand a record to the function."""
        found = _record(self._data, record)
        self.once(found.event_id, self._function, found, context)


def on_record(
    data: type[T], *, patterns: Sequence[Pattern] = (), store: IdempotencyStore | None = None
) -> Callable[[RecordFunction[T]], RecordHandler[T]]:
    """Makes a handler of a function that gets the records of a Kinesis data stream.

    Lambda delivers each record at least once. The handler answers with the first that failed, from which on
    Lambda delivers the records again, so the event source needs `partial_batch_responses`.

    Args:
        data: the type of the data: an attrs class or an entity, from JSON under stored names; `str`, the
            text as it is; `bytes`, the data as they are; or another type that an attribute could have.
        patterns: the operations that the function runs: see `LambdaHandler`; those of the store are added.
        store: keeps what was done, so that a record that is delivered again is not done again.

    Raises:
        DeclarationError: a type that dynamodel does not know.
    """
    reader = Body(data)

    def made(function: RecordFunction[T]) -> RecordHandler[T]:
        return RecordHandler(reader, function, patterns, store)

    return made


def _record(data: Body[T], record: EventRecord) -> Record[T]:
    content, at = _content(record["kinesis"]), _arrival(record["kinesis"])
    event_id, partition_key = record.get("eventID"), record["kinesis"].get("partitionKey")
    if content is None or at is None or not isinstance(event_id, str) or not isinstance(partition_key, str):
        raise EventError(
            "a record of Kinesis has an eventID, data in base64, a partitionKey and an "
            "approximateArrivalTimestamp"
        )
    return Record(
        data=data.of_data(content),
        event_id=event_id,
        partition_key=partition_key,
        sequence_number=str(record["kinesis"]["sequenceNumber"]),
        at=at,
    )


def _content(body: dict[str, Any]) -> bytes | None:
    try:
        return b64decode(body["data"], validate=True)
    except (KeyError, TypeError, ValueError):
        return None


def _arrival(body: dict[str, Any]) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(body["approximateArrivalTimestamp"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None
