"""To what a function can send: queues, topics, event buses, buckets, and other functions.

Each kind needs another permission and is allowed in other places, so a destination knows what it is. A
plain ARN tells by itself; what deployment fills in does not, and is named: `Queue(Parameter("QueueArn"))`.
"""

from __future__ import annotations

import re
from typing import ClassVar, Literal, TypeAlias

from attrs import frozen

from dynamodel.errors import DeclarationError, Fault
from dynamodel.schema.references import Reference, Sub, Text

__all__ = ["Bucket", "Destination", "DestinationKind", "EventBus", "Queue", "Topic", "destination"]

DestinationKind: TypeAlias = Literal["sqs", "sns", "events", "s3", "lambda"]
"""The service of a destination, as ARNs name it."""

_ARN = re.compile(r"arn:[^:]+:(?P<service>[a-z0-9]+):")


class Destination:
    """A queue, a topic, an event bus, a bucket, or a function."""

    __slots__ = ()
    kind: ClassVar[DestinationKind]

    @property
    def target(self) -> Text:
        """The ARN."""
        raise NotImplementedError


@frozen
class _Named(Destination):
    arn: Text

    def __attrs_post_init__(self) -> None:
        name, arn = type(self).__name__, self.arn
        if not isinstance(arn, str | Reference):
            raise DeclarationError([Fault(name, f"takes an ARN, found {type(arn).__name__}")])
        found = _ARN.match(arn) if isinstance(arn, str) else None
        if isinstance(arn, str) and (found is None or found["service"] != self.kind):
            rule = f"takes an ARN 'arn:aws:{self.kind}:...', found {arn!r}; give the one of a {name.lower()}"
            raise DeclarationError([Fault(name, rule)])

    @property
    def target(self) -> Text:
        """The ARN."""
        return self.arn

    @property
    def is_fifo(self) -> bool:
        """Whether its name says that it keeps the order."""
        return isinstance(self.arn, str) and self.arn.endswith(".fifo")


@frozen
class Queue(_Named):
    """A queue of SQS, by its ARN."""

    kind: ClassVar[DestinationKind] = "sqs"


@frozen
class Topic(_Named):
    """A topic of SNS, by its ARN."""

    kind: ClassVar[DestinationKind] = "sns"


@frozen
class EventBus(_Named):
    """An event bus of EventBridge, by its ARN."""

    kind: ClassVar[DestinationKind] = "events"


@frozen
class Bucket(_Named):
    """A bucket of S3, by its ARN."""

    kind: ClassVar[DestinationKind] = "s3"


_KINDS: dict[str, type[_Named]] = {each.kind: each for each in (Queue, Topic, EventBus, Bucket)}


def destination(given: Destination | Text) -> Destination:
    """The destination that an ARN means.

    Args:
        given: a destination, or the ARN of a queue, topic, event bus or bucket. Of a `Sub` the text tells
            the service; any other reference has to be wrapped: `Queue(reference)`.

    Raises:
        DeclarationError: the ARN does not tell of what it is.
    """
    if isinstance(given, Destination):
        return given
    text = given.text if isinstance(given, Sub) else given
    plain = re.sub(r"\$\{[^}]*\}", "x", text) if isinstance(text, str) else ""
    found = _ARN.match(plain)
    if found is None or found["service"] not in _KINDS:
        rule = (
            "must be the ARN of a queue, topic, event bus or bucket, or a function, found "
            f"{given!r}; write Queue(...), Topic(...), EventBus(...) or Bucket(...)"
        )
        raise DeclarationError([Fault("destination", rule)])
    return _KINDS[found["service"]](given)
