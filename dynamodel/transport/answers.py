"""What every transport makes of a body of DynamoDB's.

Guarantee: a body that was damaged or cut short never reads as an answer, so never as "no item" or as the end
of a table.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import orjson

from dynamodel.errors import UnreachableError, service_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel.errors import ServiceError

__all__ = ["check_sum", "parsed_answer", "refusal"]

_NO_DETAILS = {"Error", "ResponseMetadata", "__type", "message", "Message"}


def parsed_answer(body: bytes) -> dict[str, Any]:
    """The body of an answer with status 200.

    Raises:
        UnreachableError: it is no JSON object. The request was done nevertheless.
    """
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise UnreachableError("IncompleteBody", "the answer was cut short", "") from error
    if not isinstance(answer, dict):
        raise UnreachableError("UnknownBody", "the answer is not one of DynamoDB's", "")
    return answer


def check_sum(body: bytes, expected: str | None) -> None:
    """Compare a body with its header `x-amz-crc32`, which DynamoDB sends (None: there was none).

    Raises:
        UnreachableError: it does not fit.
    """
    if expected is not None and str(zlib.crc32(body)) != expected.strip():
        raise UnreachableError("ChecksumError", "the answer was damaged on its way", "")


def refusal(code: str, message: str, operation: str, answer: Mapping[str, Any]) -> ServiceError:
    """The error for a refusal.

    Args:
        code: DynamoDB's error code.
        message: its text.
        operation: the API operation.
        answer: all that it told; `Item`, `CancellationReasons` and the like become the error's details.
    """
    details = {name: value for name, value in answer.items() if name not in _NO_DETAILS}
    return service_error(code, message, operation, details)
