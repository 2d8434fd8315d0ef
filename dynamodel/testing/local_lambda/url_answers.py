"""What a function returns as an HTTP answer of its URL, and the URL's own errors.

Guarantee: nothing that a function returns breaks the frame of the HTTP answer. What AWS does not document as
an answer is malformed here, and gives its 502.

Sources: AWS Lambda developer guide, "Invoking Lambda function URLs"; where it is silent or wrong, what was
measured against AWS: LocalStack's recorded answers of November 2025 (`test_lambda.snapshot.json`,
TestLambdaURL), and the threads named at each rule.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import evolve

from dynamodel.testing.local_lambda.invocation import (
    MAX_PAYLOAD_BYTES,
    InvocationRefusedError,
    TooManyRequestsError,
)
from dynamodel.testing.local_lambda.url_events import HOP_BY_HOP, Headers, UrlAnswer

if TYPE_CHECKING:
    from dynamodel.testing.local_lambda.invocation import Invocation

__all__ = ["answer_of", "error_answer", "refusal_of", "too_large"]

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LINE_BREAKING = re.compile(r"[\x00\r\n]")


class _MalformedError(ValueError):
    """What a function returned is no answer; never seen outside this module."""


def answer_of(invocation: Invocation) -> UrlAnswer:
    """What the client gets of an invocation.

    An object with `statusCode` is the answer as it says. Everything else is the body of a 200 with the
    content type application/json: a string without its quotes, other values as JSON without white space
    (measured by LocalStack; the guide shows both as they were). A function that failed, and an answer that
    is malformed, are a 502: a `statusCode` that is no number from 200 to 599, a `body` that is no string or
    no base64, headers or cookies that are no texts of one line.
    """
    try:
        if invocation.error is not None:
            raise _MalformedError
        result = json.loads(invocation.payload, parse_constant=_no_constant)
        answer = _told(result) if isinstance(result, dict) and "statusCode" in result else _inferred(result)
    except (ValueError, RecursionError):
        return error_answer(502, "InternalFailure", b"Internal Server Error")
    if answer.has("content-type"):
        return answer
    return evolve(answer, headers=(*answer.headers, ("content-type", "application/json")))


def _no_constant(name: str) -> None:
    raise _MalformedError(name)


def _inferred(result: object) -> UrlAnswer:
    text = (
        result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, separators=(",", ":"))
    )
    return UrlAnswer(status=200, body=text.encode())


def _told(result: Mapping[str, object]) -> UrlAnswer:
    status, body = result["statusCode"], result.get("body")
    if not isinstance(status, int) or not 200 <= status <= 599:
        raise _MalformedError
    if body is not None and not isinstance(body, str):
        raise _MalformedError
    raw = (body or "").encode()
    if result.get("isBase64Encoded") is True:
        raw = base64.b64decode(raw, validate=True)
    cookies = tuple(("set-cookie", _line(each)) for each in _listed(result.get("cookies")))
    return UrlAnswer(status=status, headers=_answer_headers(result.get("headers")) + cookies, body=raw)


def _listed(cookies: object) -> Sequence[object]:
    if cookies is None:
        return ()
    if not isinstance(cookies, list):
        raise _MalformedError
    return cookies


def _answer_headers(given: object) -> Headers:
    """The headers that a function may decide; those that frame the answer are left out."""
    if given is None:
        return ()
    if not isinstance(given, dict):
        raise _MalformedError
    headers = tuple((name, _line(value)) for name, value in given.items())
    if not all(_TOKEN.fullmatch(name) for name, _ in headers):
        raise _MalformedError
    return tuple(each for each in headers if each[0].lower() not in HOP_BY_HOP | {"content-length"})


def _line(value: object) -> str:
    """A header's value as text of one line."""
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if not isinstance(value, str) or _LINE_BREAKING.search(value):
        raise _MalformedError
    value.encode()  # half a surrogate pair is no text
    return value


def refusal_of(error: InvocationRefusedError) -> UrlAnswer:
    """What the client gets when no handler ran.

    The body of a throttled request is that which huntharo/lambda-provisioned-throttling shows; that the
    status is 429 says the guide.
    """
    if isinstance(error, TooManyRequestsError):
        return error_answer(429, error.code, {"message": "Rate Exceeded."})
    return error_answer(error.status, error.code, {"message": error.message})


def too_large() -> InvocationRefusedError:
    """Of a request whose event has more than 6 MB (AWS Lambda API reference, Invoke)."""
    message = f"Request must be smaller than {MAX_PAYLOAD_BYTES} bytes for the InvokeFunction operation"
    return InvocationRefusedError("RequestTooLargeException", 413, message)


def error_answer(status: int, code: str, body: bytes | Mapping[str, str | None]) -> UrlAnswer:
    """An error of the URL itself, with its code in the header that AWS's errors have.

    Args:
        status: the HTTP status.
        code: such as `AccessDeniedException`.
        body: as it is, or as JSON.
    """
    raw = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()
    headers = (("content-type", "application/json"), ("x-amzn-errortype", code))
    return UrlAnswer(status=status, headers=headers, body=raw)
