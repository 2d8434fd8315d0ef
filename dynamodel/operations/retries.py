"""Which failures may pass, and how long to wait before the next attempt.

The transport has retries of its own; these come after them, for what it does not retry (conflicts of
transactions, items that a batch left over) or gave up.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TypeVar

from dynamodel.errors import ServiceError, ThrottledError, TransactionCanceledError, UnreachableError
from dynamodel.types import Flow, Pause

__all__ = ["MAX_ATTEMPTS", "backoff", "may_pass", "persistently"]

R = TypeVar("R")

MAX_ATTEMPTS = 8
"""Attempts in a row without any progress, after which an operation gives up."""

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 5.0

_PASSING_CODES = frozenset(
    {
        "InternalServerError",
        "ReplicatedWriteConflictException",
        "ServiceUnavailable",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
_PASSING_REASONS = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"})
"""AWS API reference, TransactWriteItems: cancellation reasons that are not the request's own fault."""


def may_pass(error: ServiceError) -> bool:
    """The same request may succeed a little later.

    A transaction was canceled for others' sake only if nothing else was wrong with it.
    """
    if isinstance(error, TransactionCanceledError):
        codes = {reason["Code"] for reason in error.cancellation_reasons} - {"None"}
        return bool(codes) and codes <= _PASSING_REASONS
    return isinstance(error, ThrottledError | UnreachableError) or error.code in _PASSING_CODES


def backoff(failures: int) -> Pause:
    """A random pause, of up to 0.05 seconds first and twice as much after each failure; at most 5 seconds.

    A random one ("full jitter"), so that writers who met once do not meet again (AWS Architecture Blog,
    "Exponential Backoff And Jitter").

    Args:
        failures: how many attempts in a row have failed; 0 and 1 wait the shortest time.
    """
    longest = min(FIRST_PAUSE_SECONDS * 2 ** max(failures - 1, 0), LONGEST_PAUSE_SECONDS)
    return Pause(random.uniform(0.0, longest))  # noqa: S311 - no secret: it only spreads the attempts


def persistently(attempt: Callable[[], Flow[R]]) -> Flow[R]:
    """Attempts, with pauses between them, until one succeeds; at most `MAX_ATTEMPTS`.

    Raises:
        ServiceError: of the last attempt, or one that cannot pass.
    """
    for failures in range(1, MAX_ATTEMPTS):
        try:
            return (yield from attempt())
        except ServiceError as error:
            if not may_pass(error):
                raise
        yield backoff(failures)
    return (yield from attempt())
