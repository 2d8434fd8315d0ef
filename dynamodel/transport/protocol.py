"""`Transport`: what a client needs in order to send a request."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from dynamodel.types import Request, Response

__all__ = ["MAX_AT_ONCE", "TimedTransport", "Transport"]

MAX_AT_ONCE = 32
"""How many requests a parallel scan sends at a time."""


class Transport(Protocol):
    """Sends requests to DynamoDB. One transport may be used by several threads at once."""

    def send(self, request: Request) -> Response:
        """Send the request and return the parsed answer; binary values as bytes or as base64 text.

        Raises:
            ServiceError: DynamoDB refused it, or no answer came; made by `errors.service_error`.
            RequestError: it could not be sent (no region, no credentials, malformed parameters).
        """
        ...

    def close(self) -> None:
        """Release connections."""
        ...


@runtime_checkable
class TimedTransport(Transport, Protocol):
    """A transport that ends its requests in time by itself, and can connect before the first of them."""

    deadline: float | None
    """When they must have ended, on the clock of `time.monotonic`; None: there is no deadline."""

    def connect(self) -> None:
        """Open a connection, if that is possible; if not, the first request will tell."""
        ...
