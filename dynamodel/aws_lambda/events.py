"""Handlers of asynchronous events: EventBridge, objects of S3, notifications of SNS.

```
@on_object(store=store)
def load(event: ObjectEvent, context: LambdaContext) -> None: ...
```

Lambda delivers such an event at least once, up to three times if the handler fails, and then sends it to its
dead-letter queue or on-failure destination. Guarantees: every record of an event is tried; if one fails, the
event fails, so that it is delivered again; those that are done are not done again, which is why a store is
needed. It needs Powertools (the extra `lambda`).
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar
from urllib.parse import unquote_plus

import attrs

from dynamodel.aws_lambda.bodies import Body
from dynamodel.aws_lambda.context import LambdaContext
from dynamodel.aws_lambda.event_errors import EventError, EventFailedError
from dynamodel.aws_lambda.event_records import EventHandler, EventRecord, log_failure, records_of
from dynamodel.aws_lambda.handlers import Event

if TYPE_CHECKING:
    from dynamodel.aws_lambda.idempotency import IdempotencyStore
    from dynamodel.operations.patterns import Pattern

__all__ = [
    "AsynchronousHandler",
    "BusEvent",
    "BusHandler",
    "Notification",
    "NotificationHandler",
    "ObjectEvent",
    "ObjectHandler",
    "on_event",
    "on_notification",
    "on_object",
]

T = TypeVar("T")
R = TypeVar("R")


@attrs.frozen(kw_only=True)
class BusEvent(Generic[T]):
    """An event of an EventBridge bus, of a scheduled rule, or of a schedule that has no input of its own."""

    detail: T = attrs.field(repr=False)
    id: str
    """The same whenever the event is delivered."""
    source: str
    """Who sent it: `aws.s3`, `com.example.shop`."""
    detail_type: str
    """What it tells."""
    time: datetime
    """When it happened, in UTC."""
    resources: tuple[str, ...]
    """The ARNs of what it is about."""


@attrs.frozen(kw_only=True)
class ObjectEvent:
    """What happened to an object of S3."""

    kind: str
    """The event's name: `ObjectCreated:Put`."""
    bucket: str
    key: str = attrs.field(repr=False)
    """The object's key, as it is (the event has it URL-encoded)."""
    size: int | None
    """In bytes; None where S3 does not tell it, as of a deletion."""
    version_id: str | None
    """Where the bucket keeps versions."""
    sequencer: str | None
    """Tells the order of the events of one key: pad the shorter one with zeros, and compare as text."""
    at: datetime
    """When it happened, in UTC."""


@attrs.frozen(kw_only=True)
class Notification(Generic[T]):
    """A notification of an SNS topic."""

    message: T = attrs.field(repr=False)
    message_id: str
    """The same whenever the notification is delivered."""
    subject: str | None = attrs.field(repr=False)
    topic_arn: str
    at: datetime
    """When it was published, in UTC."""
    attributes: Mapping[str, Any] = attrs.field(repr=False)
    """The message attributes, as Lambda has them: `{"name": {"Type": "String", "Value": ...}}`."""


_BUS_NAMES = ("id", "source", "detail-type", "time")

AsynchronousFunction: TypeAlias = Callable[[R, LambdaContext], object]
"""What gets the records of an event; what it returns is not used."""


class AsynchronousHandler(EventHandler, Generic[R]):
    """Runs a function once for each record of an event.

    Args:
        function: what gets the records.
        patterns: see `LambdaHandler`.
        store: keeps what was done.
    """

    def __init__(
        self, function: AsynchronousFunction[R], patterns: Sequence[Pattern], store: IdempotencyStore
    ) -> None:
        super().__init__(function, patterns, store)
        self._function = function

    def handle(self, event: Event, context: LambdaContext) -> None:
        """Every record is tried.

        Raises:
            EventError: the event is not of this handler's source; nothing was done.
            EventFailedError: some records failed.
        """
        records = self.records(event)
        errors: dict[str, Exception] = {}
        for position, record in enumerate(records):
            identity = self.identity(record)
            try:
                self.once(identity, self._function, self.read(record), context)
            except Exception as error:  # told at the end, with those of the others
                log_failure(f"Records[{position}]", error)
                errors[identity] = error
        if errors:
            raise EventFailedError(errors, len(records)) from next(iter(errors.values()))

    @abstractmethod
    def records(self, event: Event) -> list[EventRecord]:
        """What the event has."""

    @abstractmethod
    def identity(self, record: EventRecord) -> str:
        """What two deliveries of one record have in common, and no other record has."""

    @abstractmethod
    def read(self, record: EventRecord) -> R:
        """What the function gets."""


class BusHandler(AsynchronousHandler[BusEvent[T]]):
    """The handler of a rule of EventBridge; made by `on_event`."""

    event_source = "aws:events"

    def __init__(
        self,
        detail: Body[T],
        function: AsynchronousFunction[BusEvent[T]],
        patterns: Sequence[Pattern],
        store: IdempotencyStore,
    ) -> None:
        super().__init__(function, patterns, store)
        self._detail = detail

    def records(self, event: Event) -> list[EventRecord]:
        """The event itself."""
        if not isinstance(event, dict) or not all(isinstance(event.get(name), str) for name in _BUS_NAMES):
            raise EventError(f"an event of EventBridge has {', '.join(_BUS_NAMES)}; this handler is for such")
        return [event]

    def identity(self, record: EventRecord) -> str:
        """The event's id; an event that is replayed on purpose is another one."""
        return _identity(record["id"], record.get("replay-name"))

    def read(self, record: EventRecord) -> BusEvent[T]:
        """The event with its typed detail."""
        resources = record.get("resources") or []
        return BusEvent(
            detail=self._read_detail(record),
            id=record["id"],
            source=record["source"],
            detail_type=record["detail-type"],
            time=_moment(record["time"], "time"),
            resources=tuple(str(resource) for resource in resources),
        )

    def _read_detail(self, record: EventRecord) -> T:
        detail = record.get("detail")
        # EventBridge Scheduler has the JSON as a text, "{}"; so public programs have logged its events.
        if record["source"] == "aws.scheduler" and isinstance(detail, str):
            return self._detail.of_text(detail)
        return self._detail.of_parsed(detail)


class ObjectHandler(AsynchronousHandler[ObjectEvent]):
    """The handler of a bucket's notifications; made by `on_object`."""

    event_source = "aws:s3"

    def records(self, event: Event) -> list[EventRecord]:
        """Those of the objects; none of the event with which S3 tests a new notification."""
        if isinstance(event, dict) and event.get("Event") == "s3:TestEvent":
            return []
        return records_of(event, self.event_source, lambda record: _key(record) and self.identity(record))

    def identity(self, record: EventRecord) -> str:
        """The object with its version, what happened, and its place in the order of what happened.

        S3 numbers only what creates and deletes objects; in place of a number stands the id of the request
        that made the change, or else its time.
        """
        bucket, found = record["s3"]["bucket"]["name"], record["s3"]["object"]
        request = (record.get("responseElements") or {}).get("x-amz-request-id")
        order = found.get("sequencer") or request or record.get("eventTime")
        return _identity(bucket, _key(record), found.get("versionId"), record.get("eventName"), order)

    def read(self, record: EventRecord) -> ObjectEvent:
        """What happened to the object."""
        found = record["s3"]["object"]
        return ObjectEvent(
            kind=str(record["eventName"]),
            bucket=record["s3"]["bucket"]["name"],
            key=unquote_plus(_key(record)),
            size=found.get("size"),
            version_id=found.get("versionId"),
            sequencer=found.get("sequencer"),
            at=_moment(record.get("eventTime"), "eventTime"),
        )


class NotificationHandler(AsynchronousHandler[Notification[T]]):
    """The handler of a topic's notifications; made by `on_notification`."""

    event_source = "aws:sns"

    def __init__(
        self,
        message: Body[T],
        function: AsynchronousFunction[Notification[T]],
        patterns: Sequence[Pattern],
        store: IdempotencyStore,
    ) -> None:
        super().__init__(function, patterns, store)
        self._message = message

    def records(self, event: Event) -> list[EventRecord]:
        """The notifications."""
        return records_of(
            event, self.event_source, lambda record: record["Sns"]["MessageId"], name="EventSource"
        )

    def identity(self, record: EventRecord) -> str:
        """The message's id."""
        return _identity(record["Sns"]["MessageId"])

    def read(self, record: EventRecord) -> Notification[T]:
        """The notification with its typed message."""
        found = record["Sns"]
        if not isinstance(found.get("Message"), str):
            raise EventError("a notification has a Message, which is a text")
        return Notification(
            message=self._message.of_text(found["Message"]),
            message_id=str(found["MessageId"]),
            subject=found.get("Subject"),
            topic_arn=str(found.get("TopicArn")),
            at=_moment(found.get("Timestamp"), "Timestamp"),
            attributes=found.get("MessageAttributes") or {},
        )


def on_event(
    detail: type[T], *, store: IdempotencyStore, patterns: Sequence[Pattern] = ()
) -> Callable[[AsynchronousFunction[BusEvent[T]]], BusHandler[T]]:
    """Makes a handler of a function that gets events of an EventBridge bus, or of a schedule.

    A schedule of EventBridge Scheduler that has an input sends that alone; `handler` takes it as it is.

    Args:
        detail: the type of the details: an attrs class or an entity, from JSON under stored names; or another
            type that an attribute could have, such as `dict[str, Any]`. Lambda hands the detail over parsed:
            of its numbers with a fraction, some 17 digits are known.
        store: keeps what was done, so that an event that is delivered again is not done again.
        patterns: the operations that the function runs: see `LambdaHandler`; those of the store are added.

    Raises:
        DeclarationError: a type that dynamodel does not know.
    """
    reader = Body(detail)

    def made(function: AsynchronousFunction[BusEvent[T]]) -> BusHandler[T]:
        return BusHandler(reader, function, patterns, store)

    return made


def on_object(
    *, store: IdempotencyStore, patterns: Sequence[Pattern] = ()
) -> Callable[[AsynchronousFunction[ObjectEvent]], ObjectHandler]:
    """Makes a handler of a function that gets what happens to the objects of a bucket.

    S3's notifications may come out of order: compare `sequencer`.

    Args:
        store: keeps what was done, so that an event that is delivered again is not done again.
        patterns: the operations that the function runs: see `LambdaHandler`; those of the store are added.
    """

    def made(function: AsynchronousFunction[ObjectEvent]) -> ObjectHandler:
        return ObjectHandler(function, patterns, store)

    return made


def on_notification(
    message: type[T], *, store: IdempotencyStore, patterns: Sequence[Pattern] = ()
) -> Callable[[AsynchronousFunction[Notification[T]]], NotificationHandler[T]]:
    """Makes a handler of a function that gets the notifications of an SNS topic.

    Args:
        message: the type of the messages: an attrs class or an entity, from JSON under stored names; `str`,
            the text as it is; or another type that an attribute could have, such as `dict[str, Any]`.
        store: keeps what was done, so that a notification that is delivered again is not done again.
        patterns: the operations that the function runs: see `LambdaHandler`; those of the store are added.

    Raises:
        DeclarationError: a type that dynamodel does not know.
    """
    reader = Body(message)

    def made(function: AsynchronousFunction[Notification[T]]) -> NotificationHandler[T]:
        return NotificationHandler(reader, function, patterns, store)

    return made


def _key(record: EventRecord) -> str:
    return str(record["s3"]["object"]["key"])


def _identity(*parts: object) -> str:
    """One text for all parts: no others give the same."""
    return json.dumps(parts)


def _moment(text: object, name: str) -> datetime:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise EventError(f"{name} of an event is a time in ISO 8601, with its time zone")
    return found.astimezone(UTC)
