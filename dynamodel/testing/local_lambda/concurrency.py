"""How many invocations run at once, and which environment runs them: Lambda's rules, without threads.

Guarantees: an environment serves one invocation at a time; a warm one that is free is taken before a new one
is started; whoever is refused is refused at once. The rules are those of the AWS Lambda developer guide,
Understanding Lambda function scaling, and the pages on reserved and provisioned concurrency.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from attrs import frozen

from dynamodel.testing.local_lambda.invocation import InvocationRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamodel.testing.local_lambda.environment import Environment

__all__ = ["ACCOUNT_CONCURRENCY", "UNRESERVED_ENVIRONMENTS", "EnvironmentCounts", "Environments", "Slots"]

ACCOUNT_CONCURRENCY = 1000
"""The invocations at once that an account has by default (AWS Lambda developer guide, Lambda quotas)."""

UNRESERVED_ENVIRONMENTS = 100
"""The most processes of a version of a function that has no reservation. Lambda has no such limit, but one
machine has: beyond it, an invocation waits for one of them to be free."""

_STARTS = threading.BoundedSemaphore(max(4, 2 * (os.cpu_count() or 1)))
"""How many environments run their init code at once: more would all be slower, and none ready earlier."""


class Slots:
    """A number of invocations that may run at once.

    Args:
        limit: that number.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._taken = 0
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Takes one, if one is free."""
        with self._lock:
            if self._taken >= self.limit:
                return False
            self._taken += 1
            return True

    def give_back(self) -> None:
        """Frees one that was taken."""
        with self._lock:
            self._taken -= 1


@frozen
class EnvironmentCounts:
    """The environments of a function."""

    alive: int
    """That exist now."""
    started: int
    """That were ever started, provisioned ones too."""
    cold_starts: int
    """That were started because an invocation needed one."""


class Environments:
    """The environments of one version of a function.

    Args:
        make: makes one, which is not started.
        most: how many there are at most.
    """

    def __init__(self, make: Callable[[], Environment], most: int) -> None:
        self._make = make
        self._most = most
        self._free: list[Environment] = []
        self._all: set[Environment] = set()
        self._retired: set[Environment] = set()
        self._changed = threading.Condition()
        self._is_stopped = False
        self._started = self._cold_starts = 0

    @property
    def counts(self) -> EnvironmentCounts:
        """How many there are, and were."""
        with self._changed:
            return EnvironmentCounts(len(self._all), self._started, self._cold_starts)

    def provision(self) -> Environment:
        """Starts one that is used later; the caller gives it back once it is initialised.

        Raises:
            InvocationRefusedError: they were stopped.
        """
        with self._changed:
            environment = self._new()
        self._start(environment)
        return environment

    def take(self) -> tuple[Environment, bool]:
        """A free environment, and whether it was started for this.

        Raises:
            InvocationRefusedError: they were stopped.
        """
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._free or len(self._all) < self._most or self._is_stopped)
                environment = self._free.pop() if self._free else None
                if environment is None:
                    environment = self._new()
                    self._cold_starts += 1
                    break
            if environment.is_usable:
                return environment, False
            self._remove(environment)  # it ended while nobody looked
        self._start(environment)
        return environment, True

    def give_back(self, environment: Environment) -> None:
        """The caller is done with an environment; if it is still usable, the next invocation gets it."""
        if environment.is_usable:
            with self._changed:
                if not self._is_stopped and environment not in self._retired:
                    self._free.append(environment)
                    self._changed.notify()
                    return
        self._remove(environment)

    def retire(self) -> None:
        """Lets none of those that are there serve a further invocation; new ones are started as needed."""
        with self._changed:
            free, self._free = self._free, []
            self._retired |= self._all
        for environment in free:
            self._remove(environment)

    def stop(self) -> None:
        """Ends all of them, and the invocations that they run; whoever has one gives it back soon."""
        with self._changed:
            self._is_stopped = True
            free, self._free = self._free, []
            busy = self._all.difference(free)
            self._changed.notify_all()
        for environment in busy:
            environment.kill()
        for environment in free:
            self._remove(environment)

    def _new(self) -> Environment:
        if self._is_stopped:
            raise InvocationRefusedError("ServiceException", 500, "the local Lambda was stopped")
        environment = self._make()
        self._all.add(environment)
        self._started += 1
        return environment

    def _start(self, environment: Environment) -> None:
        try:
            with _STARTS:
                environment.start()
        except BaseException as error:
            self._remove(environment)
            if isinstance(error, OSError):
                message = f"this machine starts no process: {error.strerror}"
                raise InvocationRefusedError("ServiceException", 500, message) from error
            raise

    def _remove(self, environment: Environment) -> None:
        environment.close()
        with self._changed:
            self._all.discard(environment)
            self._retired.discard(environment)
            self._changed.notify()
