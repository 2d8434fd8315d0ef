"""A function that runs in this process, and what the tests of event sources declare."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from dynamodel import Attr, Entity, StreamViewType, Table, attribute, primary_key
from dynamodel.infra.functions import Source
from dynamodel.testing.local_lambda.destinations import Clients
from dynamodel.testing.local_lambda.invocation import Invocation, TooManyRequestsError
from dynamodel.testing.local_lambda.sources import EventSourceMapping, Poller, poller_of

FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:handler"

Handler = Callable[[dict[str, Any]], Any]


class Poison(Exception):
    """What the handlers here raise."""


class FakeFunction:
    """An `Invoke` without Lambda. Keeps every event, those that failed too."""

    def __init__(self, handler: Handler, throttled: int = 0) -> None:
        self.handler = handler
        self.events: list[dict[str, Any]] = []
        self.request_ids: list[str] = []
        self.throttled = throttled
        self.most_at_once = 0
        self._running = 0
        self._lock = threading.Lock()

    def __call__(self, function: str, payload: bytes) -> Invocation:
        with self._lock:
            if self.throttled:
                self.throttled -= 1
                raise TooManyRequestsError(function)
            event = json.loads(payload)
            self.events.append(event)
            self._running += 1
            self.most_at_once = max(self.most_at_once, self._running)
        try:
            return self._answer(json.dumps(self.handler(event)), None)
        except Poison as error:
            return self._answer(json.dumps({"errorType": type(error).__name__}), "Unhandled")
        finally:
            with self._lock:
                self._running -= 1

    def _answer(self, text: str, error: str | None) -> Invocation:
        request_id = str(uuid.uuid4())
        self.request_ids.append(request_id)
        return Invocation(
            request_id=request_id,
            payload=text.encode(),
            error=error,
            is_cold=False,
            init_seconds=None,
            seconds=0.0,
            log="",
        )

    @property
    def batches(self) -> list[list[dict[str, Any]]]:
        """The records of each invocation."""
        return [event["Records"] for event in self.events]


things = Table("Things", stream=StreamViewType.NEW_AND_OLD_IMAGES)


class Thing(Entity, table=things):
    thing_id: Attr[str] = attribute()
    number: Attr[int] = attribute(default=0)
    by_id = primary_key(thing_id)


def mapping_of(source: Source, arn: str, **also: Any) -> EventSourceMapping:
    """A mapping whose waits take a thousandth."""
    settings: dict[str, Any] = {"function": "handler", "function_arn": FUNCTION_ARN, "time_scale": 0.001}
    return EventSourceMapping(source=source, source_arn=arn, **settings | also)


@contextmanager
def reading(mapping: EventSourceMapping, function: FakeFunction, clients: Clients):
    """A poller that runs, for the length of a `with`."""
    poller = poller_of(mapping, function, clients)
    poller.start()
    try:
        yield poller
    finally:
        poller.stop()


def settle(poller: Poller) -> None:
    """Long enough for a busy machine."""
    poller.settle(timeout=60)
