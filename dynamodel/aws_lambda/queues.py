"""Handlers of SQS queues: messages with typed bodies.

```
@on_message(ImportedMovie, patterns=[Movie.create])
def import_movie(message: Message[ImportedMovie], context: LambdaContext) -> None:
    db.run(Movie(movie_id=message.body.id, title=message.body.title).create())
```

Guarantees: a message that fails, such as one whose body does not fit, fails alone; the queue delivers it
again, and in the end keeps it in its dead-letter queue. Of a FIFO queue the messages of one group come in
their order, and after one that fails none of its group is run. It needs Powertools (the extra `lambda`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import attrs

from dynamodel.aws_lambda.batches import (
    BatchHandler,
    EachRecord,
    GroupedRecords,
    LoggingProcessor,
)
from dynamodel.aws_lambda.bodies import Body
from dynamodel.aws_lambda.context import LambdaContext
from dynamodel.aws_lambda.event_errors import EventError
from dynamodel.aws_lambda.event_records import EventRecord

if TYPE_CHECKING:
    from dynamodel.aws_lambda.idempotency import IdempotencyStore
    from dynamodel.operations.patterns import Pattern

__all__ = ["Message", "MessageFunction", "MessageHandler", "on_message"]

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Message(Generic[T]):
    """A message of a queue."""

    body: T = attrs.field(repr=False)
    message_id: str
    """The same whenever the message is delivered."""
    sent_at: datetime
    """When it was sent to the queue, in UTC."""
    receive_count: int
    """How often it was delivered, this time included; about."""
    group: str | None
    """Its message group."""
    attributes: Mapping[str, Any] = attrs.field(repr=False)
    """The message attributes of its sender, as Lambda has them: `{"name": {"stringValue": ...}}`."""


MessageFunction: TypeAlias = Callable[[Message[T], LambdaContext], object]
"""What gets messages; what it returns is not used."""


class MessageHandler(BatchHandler, Generic[T]):
    """The handler of a queue; made by `on_message`."""

    event_source = "aws:sqs"

    def __init__(
        self,
        body: Body[T],
        function: MessageFunction[T],
        patterns: Sequence[Pattern],
        store: IdempotencyStore | None,
    ) -> None:
        super().__init__(function, patterns, store)
        self._body = body
        self._function = function

    def identifier(self, record: EventRecord) -> object:
        """The message's id."""
        return record["messageId"]

    def processor(self, records: list[EventRecord]) -> LoggingProcessor:
        """One that keeps groups in order, for a FIFO queue.

        A standard queue may have message groups, too, for fairness; their order is no promise.
        """
        if any(str(record.get("eventSourceARN")).endswith(".fifo") for record in records):
            if not all(isinstance(record.get("attributes"), dict) for record in records):
                raise EventError("a message of a FIFO queue has attributes, which tell its group")
            return GroupedRecords(self.name_of)
        return EachRecord(self.event_source, self.name_of)

    def run(self, record: EventRecord, context: LambdaContext) -> None:
        """Hand a message to the function."""
        message = _message(self._body, record)
        self.once(message.message_id, self._function, message, context)

    def name_of(self, record: EventRecord) -> str:
        """With the message's id."""
        return f"message {self.identifier(record)}"


def on_message(
    body: type[T], *, patterns: Sequence[Pattern] = (), store: IdempotencyStore | None = None
) -> Callable[[MessageFunction[T]], MessageHandler[T]]:
    """Makes a handler of a function that gets the messages of a queue.

    A queue delivers each message at least once. The handler answers with the messages that failed, so the
    event source needs `partial_batch_responses`.

    Args:
        body: the type of the bodies: an attrs class or an entity, from JSON under stored names; `str`, the
            text as it is; or another type that an attribute could have, such as `dict[str, Any]`.
        patterns: the operations that the function runs: see `LambdaHandler`; those of the store are added.
        store: keeps what was done, so that a message that is delivered again is not done again.

    Raises:
        DeclarationError: a type that dynamodel does not know.
    """
    reader = Body(body)

    def made(function: MessageFunction[T]) -> MessageHandler[T]:
        return MessageHandler(reader, function, patterns, store)

    return made


def _message(body: Body[T], record: EventRecord) -> Message[T]:
    text, attributes = record.get("body"), record.get("attributes")
    if not isinstance(text, str) or not isinstance(attributes, dict):
        raise EventError("a message has a body, which is a text, and attributes")
    delivery = _delivery(attributes)
    if delivery is None:
        raise EventError("a message has a SentTimestamp and an ApproximateReceiveCount, which are numbers")
    sent_at, receive_count = delivery
    return Message(
        body=body.of_text(text),
        message_id=str(record["messageId"]),
        sent_at=sent_at,
        receive_count=receive_count,
        group=attributes.get("MessageGroupId"),
        attributes=record.get("messageAttributes") or {},
    )


def _delivery(attributes: dict[str, Any]) -> tuple[datetime, int] | None:
    """When the message was sent, and how often it was delivered; None if the attributes do not say it."""
    try:
        sent_at = datetime.fromtimestamp(int(attributes["SentTimestamp"]) / 1000, UTC)
        return sent_at, int(attributes["ApproximateReceiveCount"])
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None
