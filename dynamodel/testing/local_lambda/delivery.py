"""Where asynchronous events go that are finished: destinations and dead-letter queues, as declared.

Guarantee: an event that failed is told to everything that is declared for it; if there is nothing, or nothing
took it, it is kept in `discarded`, and logged.
"""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from dynamodel.testing.local_lambda.asynchronous import RetryRules
from dynamodel.testing.local_lambda.deployed import LATEST
from dynamodel.testing.local_lambda.destinations import Clients, DeliveryError, send
from dynamodel.testing.local_lambda.records import dead_letter, invocation_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynamodel.infra.functions import AsynchronousInvocation, Function
    from dynamodel.testing.local_lambda.asynchronous import Finished
    from dynamodel.testing.local_lambda.deployed import DeployedFunction
    from dynamodel.testing.local_lambda.destinations import Message
    from dynamodel.testing.local_lambda.engine import Engine
    from dynamodel.testing.local_lambda.resolving import Resolver

__all__ = ["Delivery"]

_LOG = logging.getLogger(__name__)

_MOST_RETRIES = 2
_LONGEST_AGE = timedelta(hours=6)


class Delivery:
    """Sends what becomes of asynchronous events to where their functions declare it.

    Args:
        engine: has the queues and topics.
        resolver: of the destinations' references.
        send_to: invokes a function asynchronously.
    """

    def __init__(self, engine: Engine, resolver: Resolver, send_to: Callable[[str, bytes], object]) -> None:
        self._engine = engine
        self._resolver = resolver
        self._send_to = send_to
        self._discarded: list[Finished] = []
        self._lock = threading.Lock()

    @property
    def discarded(self) -> tuple[Finished, ...]:
        """The events that failed and were told to nobody."""
        with self._lock:
            return tuple(self._discarded)

    def prepare(self, function: Function) -> None:
        """Creates the queues, topics, buckets and event buses that a function's declaration names."""
        settings = function.asynchronous
        named = [function.dead_letter_queue]
        if settings is not None:
            named += [settings.on_success, settings.on_failure]
        for each in named:
            if each is not None:
                self._engine.create(self._resolver.destination(each, function.place))

    def rules(self, function: Function, qualifier: str | None) -> RetryRules:
        """How long events to a version are retried."""
        settings = _settings(function, qualifier)
        retries = None if settings is None else settings.max_retries
        age = None if settings is None else settings.max_age
        return RetryRules(_MOST_RETRIES if retries is None else retries, age or _LONGEST_AGE)

    def deliver(self, deployed: DeployedFunction, finished: Finished) -> None:
        """Tells of an event that is finished."""
        told = [self._sent(*each) for each in self._messages(deployed, finished)]
        if finished.condition == "Success" or any(told):
            return
        with self._lock:
            self._discarded.append(finished)
        _LOG.error(
            "the event %s of %s is discarded: %s after %d attempts, and nothing took it",
            finished.request_id,
            deployed.name,
            finished.condition,
            finished.attempts,
        )

    def _messages(self, deployed: DeployedFunction, finished: Finished) -> Iterator[tuple[str, Message]]:
        """To which ARNs what is sent."""
        function, name, arn = deployed.declaration, deployed.name, deployed.arn
        settings = _settings(function, finished.qualifier)
        is_success = finished.condition == "Success"
        if settings is not None:
            to = settings.on_success if is_success else settings.on_failure
            if to is not None:
                record = invocation_record(finished, name, arn)
                yield self._resolver.destination(to, function.place), record
        if function.dead_letter_queue is not None and not is_success:
            target = self._resolver.destination(function.dead_letter_queue, function.place)
            yield target, dead_letter(finished, name, arn)

    def _sent(self, arn: str, message: Message) -> bool:
        try:
            send(arn, message, self._clients(arn))
        except Exception as error:  # the others are told nevertheless
            reason = str(error) if isinstance(error, DeliveryError) else type(error).__name__
            _LOG.error("%s", reason)
            return False
        return True

    def _clients(self, arn: str) -> Clients:
        """Only what it needs: each client takes a while to make."""
        service = arn.split(":")[2]
        client = None if service == "lambda" else self._engine.client(service)
        match service:
            case "sqs":
                return Clients(sqs=client)
            case "sns":
                return Clients(sns=client)
            case "s3":
                return Clients(s3=client)
            case "events":
                return Clients(events=client)
            case _:
                return Clients(invoke_asynchronously=self._send_to)


def _settings(function: Function, qualifier: str | None) -> AsynchronousInvocation | None:
    """What is declared for the events of a qualifier; the latest code has none."""
    settings = function.asynchronous
    alias = None if qualifier in (None, LATEST) else qualifier
    return settings if settings is not None and settings.alias == alias else None
