"""`Transport`: what a client needs in order to send a request."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from dynamodel.types import Request, Response

__all__ = ["MAX_AT_ONCE", "Limits", "Transport"]

MAX_AT_ONCE = 32
"""How many requests a parallel scan sends at a time."""


class Limits(NamedTuple):
    """How long one attempt of a request may take, and how many attempts there are."""

    connect_timeout: float
    """Seconds until the connection stands."""
    read_timeout: float
    """Seconds without any byte of an answer."""
    attempts: int
    """The first one included."""


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
