"""How often a request is attempted, how long is waited between attempts, and when it ends.

The rules are those of the AWS SDKs' retry mode `standard` (AWS SDKs and Tools reference guide, Retry
behavior), with botocore's scales for DynamoDB. Guarantee: nothing goes on beyond the deadline.
"""

from __future__ import annotations

import random
import time
from typing import Final, NamedTuple

from dynamodel.errors import DeadlineError, ServiceError, UnreachableError

__all__ = ["SHORTEST_ATTEMPT", "Attempts", "Limits"]

SHORTEST_ATTEMPT: Final = 0.1
"""Seconds. With less than that until the deadline, no attempt is begun: DynamoDB answers within milliseconds,
but a new connection takes some tens of them, and a write without its answer is worse than none."""

_LONGEST_ATTEMPT: Final = 60.0
"""Seconds, where there is no deadline."""

_LONGEST_PAUSE: Final = 20.0

_SCALE: Final = 0.025
_THROTTLING_SCALE: Final = 1.0
"""Seconds until the second attempt, at most. It doubles with each attempt."""

_NOT_SENT: Final = {
    "ConnectTimeoutError",
    "CredentialRetrievalError",
    "EndpointConnectionError",
    "SSLError",
}
"""Codes of an attempt that ended before the request was sent."""

_TRANSIENT: Final = {
    "ChecksumError",
    "ConnectionClosedError",
    "PriorRequestNotComplete",
    "ReadTimeoutError",
    "ReplicatedWriteConflictException",
    "RequestTimeout",
    "RequestTimeoutException",
    *_NOT_SENT,
}
_TRANSIENT_STATUSES: Final = {500, 502, 503, 504}

_THROTTLING: Final = {
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
}


class Limits(NamedTuple):
    """How long one attempt of a request may take, and how many attempts there are."""

    connect_timeout: float = 1.0
    """Seconds until the connection stands, and again for TLS. DynamoDB is in the same region."""
    read_timeout: float = 3.0
    """Seconds without any byte of an answer. DynamoDB answers within milliseconds, so that an attempt without
    an answer for seconds is better made anew."""
    attempts: int = 3
    """The first one included."""


class Attempts:
    """The attempts of one request."""

    def __init__(self, operation: str, most: int, deadline: float | None) -> None:
        self._operation = operation
        self._left = most
        self._scale_factor = 1
        self._deadline = deadline
        self._was_sent = False

    def begin(self) -> float:
        """When the attempt that begins now must end, on the clock of `time.monotonic`.

        Raises:
            DeadlineError: there is no time for one.
        """
        now = time.monotonic()
        if self._deadline is None:
            return now + _LONGEST_ATTEMPT
        if self._deadline - now < SHORTEST_ATTEMPT:
            raise DeadlineError(self._operation, was_sent=self._was_sent)
        return min(self._deadline, now + _LONGEST_ATTEMPT)

    def failed(self, error: ServiceError, status: int | None = None, *, at_once: bool = False) -> None:
        """Wait before the next attempt.

        Args:
            error: what became of the last attempt.
            status: that of the answer; None: there was none.
            at_once: another attempt will do better, without a pause.

        Raises:
            ServiceError: there is no other attempt: the error itself.
            DeadlineError: there is no time for another one, and there was no answer.
        """
        if isinstance(error, UnreachableError) and error.code not in _NOT_SENT:
            self._was_sent = True
        self._left -= 1
        pause = 0.0 if at_once else self._pause(error, status)
        has_time = self._deadline is None or self._deadline - time.monotonic() - pause >= SHORTEST_ATTEMPT
        if not has_time and isinstance(error, UnreachableError):
            raise DeadlineError(self._operation, was_sent=self._was_sent) from error
        if not has_time or self._left < 1:
            raise error
        time.sleep(pause)

    def _pause(self, error: ServiceError, status: int | None) -> float:
        if error.code in _THROTTLING or status == 429:
            scale = _THROTTLING_SCALE
        elif error.code in _TRANSIENT or status in _TRANSIENT_STATUSES:
            scale = _SCALE
        else:
            raise error
        longest = min(scale * self._scale_factor, _LONGEST_PAUSE)
        self._scale_factor *= 2
        return random.uniform(0, longest)  # noqa: S311 - it spreads requests, and keeps no secret
