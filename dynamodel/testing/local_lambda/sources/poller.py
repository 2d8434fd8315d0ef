"""What every poller has: threads that start and stop in good order, and a way to wait until all is handled.

Guarantee: `stop()` returns once no thread of the poller runs and no invocation of it is under way; what was
not handled is still in its source, or in the poller, and is handled after another `start()`. An error that
ends a thread is not lost: `settle` raises it.
"""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from dynamodel.errors import DynamodelError
from dynamodel.testing.local_lambda.destinations import error_code
from dynamodel.testing.local_lambda.sources.problems import SettleTimeoutError, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamodel.testing.local_lambda.destinations import Clients
    from dynamodel.testing.local_lambda.invocation import Invoke
    from dynamodel.testing.local_lambda.sources.mapping import EventSourceMapping

__all__ = ["Pauses", "Poller", "backoff_seconds"]

_LOG = logging.getLogger(__name__)

_FIRST_BACKOFF_SECONDS = 1.0
_LONGEST_BACKOFF_SECONDS = 60.0
_FIRST_PAUSE_SECONDS = 0.01
_SERVICE_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 1.0
"""Lambda reads a shard four times a second, also when nothing comes (developer guide, "Using AWS Lambda with
Amazon DynamoDB"). Here that would cost 3 % of a processor for each source (measured); `settle` does not wait.
"""


def backoff_seconds(attempt: int, time_scale: float) -> float:
    """The wait before an attempt is made again: 1 s, 2 s, 4 s and so on to a minute, times the scale.

    AWS says that there is an exponential back-off, not how long it is.

    Args:
        attempt: 1 after the first one failed.
        time_scale: of the mapping.
    """
    doubled: float = 2.0 ** min(max(attempt, 1) - 1, 10)
    return min(_FIRST_BACKOFF_SECONDS * doubled, _LONGEST_BACKOFF_SECONDS) * time_scale


class Pauses:
    """The time between two reads: short while something comes, longer while nothing does."""

    def __init__(self) -> None:
        self._next = _FIRST_PAUSE_SECONDS

    def reset(self) -> None:
        """Something came."""
        self._next = _FIRST_PAUSE_SECONDS

    def next(self) -> float:
        """Seconds until the next read, after one in vain."""
        now, self._next = self._next, min(self._next * 2, _LONGEST_PAUSE_SECONDS)
        return now


class Poller(ABC):
    """Reads one source for one function.

    Args:
        mapping: the source, the function, and where failures go.
        invoke: invokes the function.
        clients: of the local services.
    """

    def __init__(self, mapping: EventSourceMapping, invoke: Invoke, clients: Clients) -> None:
        self.mapping = mapping
        self.invoke = invoke
        self.clients = clients
        self.activity = 0
        """Grows with every batch that is handled: has anything happened between two looks?"""
        self.changed = threading.Condition()
        """Told of whatever somebody may wait for."""
        self.is_stopping = False
        self.asked = 0
        """How often `settle` was called: a read that begins afterwards sees all that was written before."""
        self._problems: list[DynamodelError] = []
        self._threads: list[threading.Thread] = []

    # --- starting and stopping ---

    def start(self) -> None:
        """Begins to read, or goes on where it stopped. What is written after this returned is not missed.

        Raises:
            SourceError: the source cannot be read.
        """
        if self._threads:
            return
        self.is_stopping = False
        self._open()
        self.spawn(self._run, "poller")

    def stop(self) -> None:
        """Ends reading, after the invocations that are under way."""
        with self.changed:
            self.is_stopping = True
            self.changed.notify_all()
        while self._threads:
            first = self._threads[0]  # one that still runs may start others, at the end
            first.join()
            self._threads.remove(first)
        self._close()

    @abstractmethod
    def _open(self) -> None:
        """Takes the position from which reading begins."""

    @abstractmethod
    def _run(self) -> None:
        """Reads, until `is_stopping`."""

    @abstractmethod
    def _close(self) -> None:
        """Tidies up, after all threads ended."""

    def spawn(self, work: Callable[[], None], name: str) -> None:
        """Runs something in a thread that `stop` waits for."""
        thread = threading.Thread(
            target=self._guarded, args=(work,), name=f"{self.mapping.function}-{name}", daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # a thread has nobody to raise to; `settle` does
            self.report(_as_source_error(self.mapping.source_arn, error))

    # --- waiting ---

    @property
    @abstractmethod
    def is_idle(self) -> bool:
        """Whether, at the last look, everything that was written had been handled."""

    @abstractmethod
    def is_settled(self, asked: int) -> bool:
        """Whether a look that began after the `asked`-th question found nothing left."""

    @abstractmethod
    def describe_rest(self) -> str:
        """What is not handled yet, for a message to people; without what is in it."""

    def settle(self, timeout: float = 60.0) -> None:
        """Waits until all that was written before is handled: done, or dropped to its destination.

        Args:
            timeout: seconds.

        Raises:
            SettleTimeoutError: it is not, in this time.
            DynamodelError: what else went wrong since the last `settle`: a destination was not there, ...
        """
        with self.changed:
            self.asked += 1
            asked = self.asked
            self.changed.notify_all()
            done = self.changed.wait_for(lambda: self._problems or self.is_settled(asked), timeout)
            problems, self._problems = self._problems, []
        if problems:
            raise problems[0]
        if not done:
            raise SettleTimeoutError(
                f"{self.mapping.source_arn} is not handled after {timeout:.3g} s: {self.describe_rest()}"
            )

    def wait(self, seconds: float, *, wakes: Callable[[], bool] = lambda: False) -> None:
        """Waits, unless the poller stops or `wakes` holds."""
        with self.changed:
            self.changed.wait_for(lambda: self.is_stopping or wakes(), seconds)

    def note(self) -> None:
        """Tells those who wait that something changed."""
        with self.changed:
            self.changed.notify_all()

    def count_batch(self) -> None:
        """A batch was handled."""
        with self.changed:
            self.activity += 1
            self.changed.notify_all()

    def report(self, problem: DynamodelError) -> None:
        """Keeps what went wrong for `settle`, and logs it at once."""
        _LOG.error("%s", problem)
        with self.changed:
            self._problems.append(problem)
            self.changed.notify_all()

    def retry_later(self, what: str, seconds: float = _SERVICE_PAUSE_SECONDS) -> None:
        """Logs that a service did not answer as it should, and waits."""
        _LOG.warning("%s: %s; next attempt in %.2f s", self.mapping.source_arn, what, seconds)
        self.wait(seconds)


def _as_source_error(source: str, error: Exception) -> DynamodelError:
    if isinstance(error, DynamodelError):
        return error
    if isinstance(error, ClientError | BotoCoreError):
        return SourceError(f"{source}: {error_code(error)}")
    problem = SourceError(f"{source}: reading ended by {type(error).__name__}; this is a fault of dynamodel")
    problem.__cause__ = error
    return problem
