"""The transport of an execution environment, which ends requests before the invocation ends.

In Lambda it is the lean one, elsewhere (in a test with moto, in a script) boto3's. Guarantee: no request is
begun that has no time. The lean transport also ends each attempt in time; of another one, that is a matter of
its own timeouts.
"""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Final

from dynamodel.errors import DeadlineError
from dynamodel.transport.lean_retries import SHORTEST_ATTEMPT
from dynamodel.transport.protocol import TimedTransport

if TYPE_CHECKING:
    from dynamodel.transport.protocol import Transport
    from dynamodel.types import Request, Response

__all__ = ["RESERVE_SECONDS", "DeadlineTransport", "initialization_type"]

RESERVE_SECONDS: Final = 0.2
"""What is left to the handler after a request that failed, to answer."""


class DeadlineTransport:
    """Sends requests within the time that an invocation has left.

    What sends them is opened by `open()`, or by the first request, and kept.
    """

    def __init__(self) -> None:
        self.endpoint_url: str | None = None
        self.region: str | None = None
        self.given: Transport | None = None
        """Sends the requests, in place of the one that would be chosen."""
        self.deadline: float | None = None
        """On the clock of `time.monotonic`; None: there is none."""
        self.times_opened = 0
        """How many times a transport was opened in this process: 1 however many invocations there are."""
        self._opened: Transport | None = None
        self._timed: TimedTransport | None = None
        """The same, if it minds the deadline by itself."""
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        """Whether there is a transport."""
        return self._opened is not None

    def open(self) -> Transport:
        """What sends the requests; it is opened, if it is not open."""
        with self._lock:
            if self._opened is None:
                self._opened = self.given or self._chosen()
                self._timed = self._opened if isinstance(self._opened, TimedTransport) else None
                self.times_opened += 1
            return self._opened

    def connect(self) -> None:
        """Open the transport, and a connection if it can do that before its first request."""
        self.open()
        if self._timed is not None:
            self._timed.connect()

    def send(self, request: Request) -> Response:
        """Send the request.

        Raises:
            DeadlineError: there is no time for it.
        """
        left = self.seconds_left()
        if left is not None and left < SHORTEST_ATTEMPT:
            raise DeadlineError(request.operation, was_sent=False)
        transport = self.open()
        if self._timed is not None:
            self._timed.deadline = None if self.deadline is None else self.deadline - RESERVE_SECONDS
        return transport.send(request)

    def seconds_left(self) -> float | None:
        """What may be used up until the deadline; None: there is none."""
        return None if self.deadline is None else self.deadline - time.monotonic() - RESERVE_SECONDS

    def close(self) -> None:
        """Close all connections; the next request opens a new one."""
        if self._opened is not None:
            self._opened.close()

    def _chosen(self) -> Transport:
        if _is_lean():
            from dynamodel.transport.lean_transport import LeanTransport  # noqa: PLC0415 - one of the two is loaded

            return LeanTransport.open(self.endpoint_url, self.region)
        from dynamodel.transport.boto3_transport import Boto3Transport  # noqa: PLC0415 - boto3 takes long to import

        return Boto3Transport.open(self.endpoint_url, self.region)


def initialization_type() -> str | None:
    """How Lambda starts this environment: on-demand, provisioned-concurrency or snap-start.

    None: it is not Lambda (AWS Lambda developer guide, Defined runtime environment variables).
    """
    return os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE")


def _is_lean() -> bool:
    """In Lambda; but what a proxy wants, only boto3 knows."""
    has_proxy = os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy")
    return initialization_type() is not None and not has_proxy
