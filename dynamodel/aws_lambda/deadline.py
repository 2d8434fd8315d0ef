"""The transport of an execution environment: boto3 with timeouts that fit into an invocation.

Guarantees: no attempt is begun that could outlive the invocation by waiting for a connection or a byte; a
connection that was idle for a minute is not used again, since a write that dies with it may have been done.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from dynamodel.errors import DeadlineError
from dynamodel.transport.protocol import Limits

if TYPE_CHECKING:
    from dynamodel.transport.boto3_transport import Boto3Transport
    from dynamodel.types import Request, Response

__all__ = ["LIMITS", "RESERVE_SECONDS", "DeadlineTransport"]

LIMITS = (Limits(1.0, 3.0, 3), Limits(0.5, 1.0, 3), Limits(0.2, 0.4, 2))
"""From the widest to the narrowest: a request takes the first that fits into the time that is left. DynamoDB
answers within milliseconds, so that an attempt without an answer for seconds is better made anew."""

RESERVE_SECONDS = 0.2
"""What is left to the handler after a request that failed, to answer."""

_MAX_IDLE_SECONDS = 60.0
"""As the AWS SDK for Java has it (`connectionMaxIdleTime`). An environment may be frozen for minutes between
two invocations, and what ends connections on their way does not always tell."""


class DeadlineTransport:
    """Sends requests over boto3, within the time that an invocation has left.

    Its boto3 client is opened by `open()`, or by the first request, and kept.
    """

    def __init__(self) -> None:
        self.endpoint_url: str | None = None
        self.region: str | None = None
        self.deadline: float | None = None
        """On the clock of `time.monotonic`; None: there is none."""
        self.times_opened = 0
        """How many times a client was opened in this process: 1 however many invocations there are."""
        self._opened: dict[Limits, Boto3Transport] = {}
        self._last_used = 0.0
        self._lock = threading.Lock()
        self._attempts = threading.local()

    @property
    def is_open(self) -> bool:
        """Whether there is a client."""
        return bool(self._opened)

    def open(self) -> None:
        """Open the client, if it is not open."""
        self._with(LIMITS[0])

    def prepare(self) -> None:
        """Open the client, and load what its first request would load."""
        self._with(LIMITS[0]).prepare()

    def send(self, request: Request) -> Response:
        """Send the request, with the timeouts that fit.

        Raises:
            DeadlineError: none fits.
        """
        transport = self._with(self._fitting(request))
        self._forget_idle()
        self._attempts.count = 0
        try:
            return transport.send(request)
        except _OutOfTimeError:
            raise DeadlineError(request.operation, was_sent=self._attempts.count > 0) from None
        finally:
            self._last_used = time.time()

    def seconds_left(self) -> float | None:
        """What may be used up until the deadline; None: there is none."""
        return None if self.deadline is None else self.deadline - time.monotonic() - RESERVE_SECONDS

    def disconnect(self) -> None:
        """Close all connections; the next request opens a new one, with the same client."""
        for transport in list(self._opened.values()):
            transport.close()

    def close(self) -> None:
        """Close the connections and forget the client."""
        self.disconnect()
        self._opened.clear()

    def _fitting(self, request: Request) -> Limits:
        left = self.seconds_left()
        if left is None:
            return LIMITS[0]
        for limits in LIMITS:
            if _longest(limits) <= left:
                return limits
        raise DeadlineError(request.operation, was_sent=False)

    def _with(self, limits: Limits) -> Boto3Transport:
        with self._lock:
            if not self._opened:
                self.times_opened += 1
            if limits not in self._opened:
                self._opened[limits] = self._open(limits)
            return self._opened[limits]

    def _open(self, limits: Limits) -> Boto3Transport:
        from dynamodel.transport.boto3_transport import Boto3Transport  # noqa: PLC0415 - boto3 takes long to import

        def before_attempt() -> None:
            left = self.seconds_left()
            if left is not None and left < _longest(limits):
                raise _OutOfTimeError
            self._attempts.count += 1

        for opened in self._opened.values():  # a second client costs little, since it shares what was loaded
            return opened.with_limits(limits, before_attempt)
        return Boto3Transport.open(self.endpoint_url, self.region, limits, before_attempt)

    def _forget_idle(self) -> None:
        if self._last_used and time.time() - self._last_used > _MAX_IDLE_SECONDS:
            self.disconnect()


class _OutOfTimeError(Exception):
    """Ends a request between two of its attempts."""


def _longest(limits: Limits) -> float:
    """How long one attempt waits at most for a connection and a first byte."""
    return limits.connect_timeout + limits.read_timeout
