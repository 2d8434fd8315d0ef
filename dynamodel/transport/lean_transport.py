"""A transport of its own, without boto3: for Lambda, where credentials and region are in the environment.

boto3's import and client are most of what a cold start with it takes, and its machinery most of what a single
get takes. Guarantees: a request ends before `deadline`; a body that was damaged or cut short is no answer; a
transaction that is attempted again has the token of the first attempt; redirects are not followed; results
and errors are those of the boto3 transport.
"""

from __future__ import annotations

import time
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import orjson

from dynamodel.errors import RequestError, ServiceError, UnreachableError
from dynamodel.transport.answers import check_sum, parsed_answer, refusal
from dynamodel.transport.lean_connections import Connections
from dynamodel.transport.lean_credentials import CredentialSource
from dynamodel.transport.lean_endpoints import endpoint_of
from dynamodel.transport.lean_retries import Attempts, Limits
from dynamodel.transport.lean_signing import Signer

if TYPE_CHECKING:
    from dynamodel.transport.lean_endpoints import Endpoint
    from dynamodel.transport.lean_responses import HttpResponse
    from dynamodel.types import Request, Response

__all__ = ["LeanTransport"]

_TOKENS: Final = {
    "ExecuteTransaction": "ClientRequestToken",
    "ExportTableToPointInTime": "ClientToken",
    "ImportTable": "ClientToken",
    "StartBulkPutItems": "ClientToken",
    "TransactWriteItems": "ClientRequestToken",
}
"""The parameters by which DynamoDB knows that it did a request before (botocore, `idempotencyToken`)."""

_WRONG_CLOCK: Final = {
    "InvalidSignatureException",
    "RequestExpired",
    "RequestInTheFuture",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
}
_MOST_SKEW: Final = 240.0
"""Seconds. AWS refuses signatures that are 5 minutes away from its own clock."""

_JSON: Final = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


class LeanTransport:
    """Sends signed requests over connections that stay open.

    It knows neither AWS's configuration files nor proxies: where those are needed, boto3's is the transport.

    Args:
        endpoint: where DynamoDB is; `open()` finds it.
        limits: of time and attempts.
    """

    def __init__(self, endpoint: Endpoint, limits: Limits) -> None:
        self.deadline: float | None = None
        """When requests must have ended, on the clock of `time.monotonic`; None: there is no deadline."""
        self._limits = limits
        self._connections = Connections(endpoint, limits.connect_timeout)
        self._credentials = CredentialSource()
        self._signer = Signer(endpoint)
        self._skew = 0.0
        """Seconds by which AWS's clock is ahead of this machine's."""

    @classmethod
    def open(
        cls, endpoint_url: str | None = None, region: str | None = None, limits: Limits | None = None
    ) -> LeanTransport:
        """A transport for the region and the endpoint of the environment, if none are given.

        ```
        db = connect(transport=LeanTransport.open(region="eu-central-1"))
        ```

        Args:
            endpoint_url: another endpoint than AWS's, as `https://HOST` or `http://HOST:PORT`.
            region: an AWS region.
            limits: of time and attempts; None: 1 s to connect, 3 s without a byte, 3 attempts.

        Raises:
            RequestError: no region is configured, the endpoint is no URL, or AWS_CA_BUNDLE no file of
                certificates.
        """
        return cls(endpoint_of(endpoint_url, region), limits or Limits())

    def send(self, request: Request) -> Response:
        """Send the request; binary values of the answer are base64 text.

        Raises:
            DeadlineError: there is no time for it, or for another attempt.
            RequestError: there are no credentials, or the parameters are no JSON; nothing was sent.
            ServiceError: DynamoDB refused it.
            UnreachableError: no answer came.
        """
        body = _body(request)
        attempts = Attempts(request.operation, self._limits.attempts, self.deadline)
        may_set_clock = True
        while True:
            until = attempts.begin()
            try:
                answer = self._attempt(request.operation, body, until)
            except ServiceError as error:
                error.operation = request.operation
                attempts.failed(error)
                continue
            if answer.status == 200:
                return _answered(request.operation, answer.body)
            refused = _refused(request.operation, answer)
            was_clock_wrong = may_set_clock and self._sets_clock(refused.code, answer)
            may_set_clock = may_set_clock and not was_clock_wrong  # once for each request
            attempts.failed(refused, answer.status, at_once=was_clock_wrong)

    def connect(self) -> None:
        """Open a connection before the first request needs it; if that fails, the request will tell.

        It takes no longer than twice the `connect_timeout`.
        """
        try:
            connection = self._connections.take(time.monotonic() + 2 * self._limits.connect_timeout)
        except UnreachableError:
            return
        self._connections.give_back(connection)

    def close(self) -> None:
        """Close the connections, and forget credentials that were fetched; a later request gets new ones."""
        self._connections.close()
        self._credentials.forget()
        self._skew = 0.0

    def _attempt(self, operation: str, body: bytes, until: float) -> HttpResponse:
        credentials = self._credentials.current(until)
        head = self._signer.head(operation, body, credentials, time.time() + self._skew)
        connection = self._connections.take(until)
        try:
            answer = connection.exchange(head + body, self._limits.read_timeout, until)
        except BaseException:
            connection.close()
            raise
        if answer.may_go_on:
            self._connections.give_back(connection)
        else:
            connection.close()
        check_sum(answer.body, answer.headers.get("x-amz-crc32"))
        return answer

    def _sets_clock(self, code: str, answer: HttpResponse) -> bool:
        """Whether the refusal is due to this machine's clock, for whose error is allowed from now on."""
        told = answer.headers.get("date")
        if code not in _WRONG_CLOCK or told is None:
            return False
        from email.utils import parsedate_to_datetime  # noqa: PLC0415 - a right clock needs none

        try:
            skew = parsedate_to_datetime(told).timestamp() - time.time()
        except ValueError:
            return False
        if abs(skew - self._skew) < _MOST_SKEW:
            return False
        self._skew = skew
        return True


def _body(request: Request) -> bytes:
    token = _TOKENS.get(request.operation)
    parameters = request.parameters
    if token is not None and token not in parameters:
        parameters = {**parameters, token: str(uuid4())}
    try:
        return orjson.dumps(parameters, _base64, _JSON)
    except orjson.JSONEncodeError as error:  # whose text names types, and quotes no value
        raise RequestError(
            f"{request.operation}: {error}; see operation.request() for what would be sent"
        ) from None


def _base64(value: object) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return b64encode(value).decode("ascii")
    raise TypeError


def _answered(operation: str, body: bytes) -> dict[str, Any]:
    try:
        return parsed_answer(body)
    except UnreachableError as error:
        error.operation = operation
        raise


def _refused(operation: str, answer: HttpResponse) -> ServiceError:
    """The error of a refusal; where its body is not DynamoDB's, as of a proxy, the status is its code."""
    try:
        told: Any = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        told = {}
    if not isinstance(told, dict):
        told = {}
    message = told.get("message") or told.get("Message") or f"HTTP status {answer.status}"
    code = str(told.get("__type") or answer.status).partition(":")[0].rpartition("#")[2]
    return refusal(code, str(message), operation, told)
