"""What a caller gets of an invocation, and the errors with which Lambda itself answers.

Names, codes and limits are those of the AWS Lambda API reference, Invoke.
"""

from __future__ import annotations

import json
from typing import Any, Protocol

from attrs import field, frozen

from dynamodel.errors import DynamodelError

__all__ = [
    "MAX_ASYNCHRONOUS_BYTES",
    "MAX_PAYLOAD_BYTES",
    "HandlerFailedError",
    "Invocation",
    "InvocationRefusedError",
    "Invoke",
    "TooManyRequestsError",
]

MAX_PAYLOAD_BYTES = 6 * 1024 * 1024
"""Of a synchronous request, and of its answer (AWS Lambda developer guide, Lambda quotas)."""

MAX_ASYNCHRONOUS_BYTES = 1024 * 1024
"""Of an asynchronous event (the same page, since October 2025; 256 KB before)."""


class HandlerFailedError(DynamodelError, RuntimeError):
    """A handler raised, timed out or could not be loaded, where its result was asked for."""


@frozen(kw_only=True)
class Invocation:
    """One invocation that ran."""

    request_id: str
    payload: bytes = field(repr=False)
    """What the handler returned, as JSON; of a failed one the error: `errorType`, `errorMessage`, ..."""
    error: str | None
    """None; or `Unhandled`: it raised, timed out, or could not be loaded (`X-Amz-Function-Error`)."""
    is_cold: bool
    """Whether its environment was started for it."""
    init_seconds: float | None
    """How long the init phase took, if it is the first invocation of its environment."""
    seconds: float
    """From the event's hand-over to the answer, without the init phase."""
    log: str = field(repr=False)
    """What was printed and logged meanwhile."""

    @property
    def result(self) -> Any:
        """What the handler returned, parsed.

        Raises:
            HandlerFailedError: it failed; with the error and the log.
        """
        if self.error is not None:
            raise HandlerFailedError(f"the handler failed: {self.payload.decode()}\n{self.log}")
        return json.loads(self.payload)


class InvocationRefusedError(DynamodelError, RuntimeError):
    """Lambda refuses an invocation; no handler ran.

    Attributes:
        code: the error code of Lambda's API, such as `ResourceNotFoundException`.
        status: the HTTP status that goes with it.
        message: why, without the code.
    """

    def __init__(self, code: str, status: int, message: str) -> None:
        self.code = code
        self.status = status
        self.message = message
        super().__init__(f"{code}: {message}")


class TooManyRequestsError(InvocationRefusedError):
    """All of the function's concurrency is in use, or it is 0: 429, `TooManyRequestsException`."""

    def __init__(self, function: str) -> None:
        message = f"Rate Exceeded: all of the concurrency of {function} is in use"
        super().__init__("TooManyRequestsException", 429, message)


class Invoke(Protocol):
    """Invokes a function and waits for its answer: what URLs and event sources need of the service."""

    def __call__(self, function: str, payload: bytes) -> Invocation:
        """One synchronous invocation.

        Raises:
            TooManyRequestsError: no environment is free.
            InvocationRefusedError: there is no such function, or the payload is too large.
        """
        ...
