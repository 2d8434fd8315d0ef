"""The queue of a function's asynchronous invocations: attempts, waits, and what becomes of an event.

Guarantees: an event is in the queue, at work, or handed on as finished, exactly one of them, until the queue
stops; what is left then is counted. All attempts of an event have one request id.

Source: AWS Lambda developer guide, How Lambda handles errors and retries with asynchronous invocation. An
event's age here is the time that it would have on AWS: the waits count as if they had not been shortened.
"""

from __future__ import annotations

import heapq
import logging
import threading
import time
from itertools import count
from typing import TYPE_CHECKING, Literal, TypeAlias
from uuid import uuid4

from attrs import define, frozen

from dynamodel.testing.local_lambda.invocation import InvocationRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from dynamodel.testing.local_lambda.invocation import Invocation

__all__ = ["AsynchronousQueue", "Attempt", "Condition", "Finished", "RetryRules"]

_LOG = logging.getLogger(__name__)

Condition: TypeAlias = Literal["Success", "RetriesExhausted", "EventAgeExceeded", "ZeroReservedConcurrency"]
"""Why an event is finished, in the words of invocation records."""

Attempt: TypeAlias = "Callable[[bytes, str | None, str], Invocation]"
"""Invokes the function with an event, a qualifier and a request id."""

_AFTER_ERROR_SECONDS = (60.0, 120.0)
"""Between the attempts of an event whose function fails."""

_FIRST_BACKOFF_SECONDS = 1.0
_LONGEST_BACKOFF_SECONDS = 300.0
"""Of an event that was throttled, or met an error of the system; each wait is twice the one before."""

_MOST_WORKERS = 10


@frozen
class RetryRules:
    """How long Lambda tries."""

    max_retries: int
    """After an error of the function, 0 to 2."""
    max_age: timedelta
    """From the event's arrival."""


@define(eq=False)
class _Event:
    request_id: str
    payload: bytes
    qualifier: str | None
    arrived: float
    shortened: float = 0.0
    """By how many seconds its waits were shorter than AWS's."""
    attempts: int = 0
    """That ran."""
    refusals: int = 0
    last: Invocation | InvocationRefusedError | None = None


@frozen
class Finished:
    """What became of an event."""

    request_id: str
    payload: bytes
    qualifier: str | None
    condition: Condition
    attempts: int
    """How many of them ran."""
    last: Invocation | InvocationRefusedError
    """What came of the last one."""


class AsynchronousQueue:
    """The queue of one function.

    Args:
        attempt: invokes the function.
        rules: for the events of a qualifier.
        finish: takes each event that is finished; it is at work until this returns.
        workers: how many events are at work at once, at most 10; 0: the function may never run.
        time_scale: multiplies all waits.
    """

    def __init__(
        self,
        attempt: Attempt,
        rules: Callable[[str | None], RetryRules],
        finish: Callable[[Finished], None],
        workers: int,
        time_scale: float,
    ) -> None:
        self._attempt = attempt
        self._rules = rules
        self._finish = finish
        # No more than may run: Lambda, too, reads its queue more slowly when a function cannot keep up.
        self._may_run = workers > 0
        self._most_workers = max(1, min(workers, _MOST_WORKERS))
        self._time_scale = time_scale
        self._order = count()
        self._waiting: list[tuple[float, int, _Event]] = []
        self._at_work = 0
        self._threads: list[threading.Thread] = []
        self._changed = threading.Condition()
        self._is_stopped = False

    @property
    def left(self) -> int:
        """The events that are not finished."""
        with self._changed:
            return len(self._waiting) + self._at_work

    def put(self, payload: bytes, qualifier: str | None) -> str:
        """Accepts an event, and returns the request id of its invocation.

        Args:
            payload: the event.
            qualifier: of the version to invoke.

        Raises:
            InvocationRefusedError: the queue was stopped.
        """
        event = _Event(str(uuid4()), payload, qualifier, time.monotonic())
        with self._changed:
            if self._is_stopped:
                raise InvocationRefusedError("ServiceException", 500, "the local Lambda was stopped")
            self._enqueue(event, 0.0)
            if len(self._threads) < min(self._most_workers, len(self._waiting) + self._at_work):
                thread = threading.Thread(target=self._work, name="local-lambda-asynchronous", daemon=True)
                self._threads.append(thread)
                thread.start()
        return event.request_id

    def stop(self) -> None:
        """Begins no further attempt. What fails from now on counts as not attempted."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()

    def join(self) -> int:
        """Waits, after `stop`, for the attempts that run.

        Returns:
            How many events are left.
        """
        for thread in self._threads:
            thread.join()
        return self.left

    # --- the workers ---

    def _work(self) -> None:
        while (event := self._next()) is not None:
            try:
                finished = self._attempted(event)
                if finished is not None:
                    self._finish(finished)
            finally:
                with self._changed:
                    self._at_work -= 1
                    self._changed.notify_all()

    def _next(self) -> _Event | None:
        """The next event that is due; None: the queue was stopped."""
        with self._changed:
            while not self._is_stopped:
                wait = self._waiting[0][0] - time.monotonic() if self._waiting else None
                if wait is not None and wait <= 0:
                    self._at_work += 1
                    return heapq.heappop(self._waiting)[2]
                self._changed.wait(wait)
        return None

    def _attempted(self, event: _Event) -> Finished | None:
        """One attempt. None: the event is back in the queue."""
        rules = self._rules(event.qualifier)
        try:
            event.last = invocation = self._attempt(event.payload, event.qualifier, event.request_id)
        except Exception as error:  # no event is lost, whatever goes wrong
            event.last = _refusal(error)
            event.refusals += 1
            if not self._may_run:
                # Without any retry (developer guide, Configuring reserved concurrency for a function).
                return _finished(event, event.last, "ZeroReservedConcurrency")
            return self._later(event, _backoff(event.refusals), rules)
        if self._is_stopped and invocation.error is not None:
            # The end of its environment made it fail, not its code.
            return self._later(event, 0.0, rules)
        event.attempts += 1
        if invocation.error is None:
            return _finished(event, invocation, "Success")
        if event.attempts > rules.max_retries:
            return _finished(event, invocation, "RetriesExhausted")
        return self._later(event, _AFTER_ERROR_SECONDS[event.attempts - 1], rules)

    def _later(self, event: _Event, seconds: float, rules: RetryRules) -> Finished | None:
        """Puts an event back for a while; or it is finished, because it would be too old."""
        assert event.last is not None
        age = time.monotonic() - event.arrived + event.shortened
        if age + seconds > rules.max_age.total_seconds():
            return _finished(event, event.last, "EventAgeExceeded")
        scaled = seconds * self._time_scale
        event.shortened += seconds - scaled
        with self._changed:
            self._enqueue(event, scaled)
        return None

    def _enqueue(self, event: _Event, seconds: float) -> None:
        heapq.heappush(self._waiting, (time.monotonic() + seconds, next(self._order), event))
        self._changed.notify()


def _refusal(error: Exception) -> InvocationRefusedError:
    if isinstance(error, InvocationRefusedError):
        return error
    _LOG.error("an asynchronous invocation could not be made", exc_info=error)
    return InvocationRefusedError("ServiceException", 500, type(error).__name__)


def _backoff(refusals: int) -> float:
    doubled = _FIRST_BACKOFF_SECONDS * 2.0 ** min(refusals - 1, 16)
    return min(doubled, _LONGEST_BACKOFF_SECONDS)


def _finished(event: _Event, last: Invocation | InvocationRefusedError, condition: Condition) -> Finished:
    return Finished(event.request_id, event.payload, event.qualifier, condition, event.attempts, last)
