"""Which HTTP status an error of dynamodel is, and what its answer says.

| status | error |
|---|---|
| 400 | `InputError`; `MarshalError`: a value that an attribute or key cannot have; `CursorError` |
| 409 | `ConditionFailedError`, `UniqueConstraintError`; a transaction that one of them canceled |
| 409 | `InProgressError`: the same request is being worked on; with Retry-After |
| 429 | `ThrottledError`; a transaction or batch that was throttled; with Retry-After |
| 503 | `UnreachableError`, `DeadlineError`; a conflict with another transaction; with Retry-After |

Everything else is a fault of the program or of what is stored, and has no status: it is raised, so that
Lambda counts and logs it and answers 502. Guarantee: no answer has data of an item or of the request in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

import attrs

from dynamodel.aws_lambda.event_errors import InProgressError
from dynamodel.aws_lambda.http_faults import InputError, faults_of
from dynamodel.errors import (
    BatchGetError,
    BatchWriteError,
    ConditionFailedError,
    CursorError,
    DeadlineError,
    DynamodelError,
    Fault,
    MarshalError,
    ServiceError,
    ThrottledError,
    TransactionCanceledError,
    UniqueConstraintError,
    UnreachableError,
    UnreadableItemError,
    UnreadableItemsError,
)

__all__ = ["ANSWERED", "ErrorAnswer", "answer_to"]

ANSWERED = (InputError, MarshalError, CursorError, InProgressError, ServiceError)
"""The classes whose errors may have a status."""

RETRY_AFTER_SECONDS = 1
"""What a client is told to wait. boto3 has tried again for longer than that already."""

MAX_FAULTS = 20
"""How many faults a client is told: a request of megabytes can have any number of them."""

_MAX_PLACE_CHARACTERS = 200

_CONFLICTS = frozenset({"TransactionConflictException", "TransactionInProgressException"})

_MESSAGES: Mapping[HTTPStatus, str] = {
    HTTPStatus.BAD_REQUEST: "The request does not fit",
    HTTPStatus.CONFLICT: "What is stored does not allow it",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests",
    HTTPStatus.SERVICE_UNAVAILABLE: "Try again later",
}
_NOT_UNIQUE = "A value that must be unique is taken"
_IN_PROGRESS = "The same request is being worked on"
_THROTTLED = HTTPStatus.TOO_MANY_REQUESTS
"""Also what DynamoDB leaves unprocessed of a batch, for want of capacity."""
_STATUSES: Sequence[tuple[type[DynamodelError] | tuple[type[DynamodelError], ...], HTTPStatus]] = (
    (ConditionFailedError, HTTPStatus.CONFLICT),
    (ThrottledError, _THROTTLED),
    ((UnreachableError, DeadlineError), HTTPStatus.SERVICE_UNAVAILABLE),
)
_RETRIED = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


@attrs.frozen
class ErrorAnswer:
    """What a client is told of an error. The body has the form of Powertools', and the faults of a 400."""

    status: HTTPStatus
    message: str
    faults: tuple[Fault, ...] = ()
    passes: bool = False
    """Whether the same request may succeed a little later."""

    @property
    def body(self) -> dict[str, object]:
        """The JSON."""
        body: dict[str, object] = {"statusCode": int(self.status), "message": self.message}
        if self.faults:
            body["faults"] = [
                {"place": fault.place[:_MAX_PLACE_CHARACTERS], "rule": fault.rule}
                for fault in self.faults[:MAX_FAULTS]
            ]
        return body

    @property
    def headers(self) -> dict[str, str]:
        """Retry-After, where trying again helps."""
        return {"Retry-After": str(RETRY_AFTER_SECONDS)} if self.passes else {}


def answer_to(error: DynamodelError) -> ErrorAnswer | None:
    """What a client is told of an error; None: it is no client's business."""
    faults = _input_faults(error)
    if faults is not None:
        status = HTTPStatus.BAD_REQUEST
        return ErrorAnswer(status, _MESSAGES[status], tuple(faults))
    if isinstance(error, InProgressError):
        return ErrorAnswer(HTTPStatus.CONFLICT, _IN_PROGRESS, passes=True)
    found = _status_of(error)
    if found is None:
        return None
    reasons = error.reasons if isinstance(error, TransactionCanceledError) else (error,)
    is_unique = any(isinstance(reason, UniqueConstraintError) for reason in reasons)
    message = _NOT_UNIQUE if is_unique else _MESSAGES[found]
    return ErrorAnswer(found, message, passes=found in _RETRIED)


def _input_faults(error: DynamodelError) -> Sequence[Fault] | None:
    if isinstance(error, InputError):
        return error.faults
    if isinstance(error, CursorError):
        return [Fault("cursor", str(error))]
    if isinstance(error, MarshalError) and not isinstance(error, UnreadableItemError | UnreadableItemsError):
        return faults_of(error)
    return None


def _status_of(error: DynamodelError) -> HTTPStatus | None:
    for classes, status in _STATUSES:
        if isinstance(error, classes):
            return status
    if isinstance(error, TransactionCanceledError):
        return _worst([_status_of(reason) for reason in error.reasons if reason is not None])
    if isinstance(error, BatchGetError | BatchWriteError):
        return _worst([_THROTTLED if reason is None else _status_of(reason) for reason in error.reasons])
    is_conflict = isinstance(error, ServiceError) and error.code in _CONFLICTS
    return HTTPStatus.SERVICE_UNAVAILABLE if is_conflict else None


def _worst(statuses: Sequence[HTTPStatus | None]) -> HTTPStatus | None:
    """A failed condition, which no repetition mends; then what has no status; then the need to wait."""
    order = (HTTPStatus.CONFLICT, None, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
    return next((status for status in order if status in statuses), None)
