"""The default transport: a boto3 client, with its credentials, endpoints, retries and hooks.

Only this module imports boto3, and only `connect()` imports this module. It keeps botocore from walking
the shape of every AttributeValue of a response, which is most of the time that boto3 spends on a large
read (boto3#2928): botocore's public event `before-parse` hands over the raw body, and takes it parsed.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Any

import boto3
import orjson
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
)
from botocore.exceptions import (
    ConnectionError as BotoConnectionError,
)

from dynamodel.errors import RequestError, ServiceError, UnreachableError, service_error
from dynamodel.transport.protocol import MAX_AT_ONCE, Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamodel.types import Request, Response

__all__ = ["Boto3Transport"]

_WITH_ITEMS = (
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "Scan",
    "TransactGetItems",
    "TransactWriteItems",
    "UpdateItem",
)
"""The operations whose answers carry items: a cut answer must not read as "no item"."""


class Boto3Transport:
    """Sends requests through a boto3 client.

    Args:
        client: a DynamoDB client of yours; it is used as it is, and not closed.
    """

    _origin: tuple[boto3.session.Session, tuple[str | None, str | None]]

    def __init__(self, client: DynamoDBClient) -> None:
        self._client = client
        self._is_own = False

    @classmethod
    def open(
        cls,
        endpoint_url: str | None = None,
        region: str | None = None,
        limits: Limits | None = None,
        before_attempt: Callable[[], None] | None = None,
    ) -> Boto3Transport:
        """A transport with a client of its own; what is left out is found as boto3 finds it.

        Args:
            endpoint_url: another endpoint than AWS's.
            region: an AWS region.
            limits: of time and attempts; None: boto3's own, which are wide.
            before_attempt: called before each attempt of a request; what it raises ends the request.

        Raises:
            RequestError: no region is configured, the endpoint is no URL, or boto3's configuration is faulty
                (an unknown profile, half of the credentials).
        """
        try:
            session = boto3.session.Session()
            return cls._of(session, (endpoint_url, region), limits, before_attempt)
        except NoRegionError as error:
            raise RequestError("no AWS region: set AWS_DEFAULT_REGION, or connect(region=...)") from error
        except (BotoCoreError, ValueError) as error:
            raise RequestError(f"connect(): {error}") from error

    @classmethod
    def _of(
        cls,
        session: boto3.session.Session,
        place: tuple[str | None, str | None],
        limits: Limits | None,
        before_attempt: Callable[[], None] | None,
    ) -> Boto3Transport:
        endpoint_url, region = place
        config = _config(limits)
        client = session.client("dynamodb", endpoint_url=endpoint_url, region_name=region, config=config)
        for operation in _WITH_ITEMS:
            client.meta.events.register(f"before-parse.dynamodb.{operation}", _parse_body)
        client.meta.events.register("after-call.dynamodb", _check_sum)
        if before_attempt is not None:
            attempt = before_attempt  # an event calls with arguments, and sends what is returned
            client.meta.events.register("before-send.dynamodb", lambda **_: attempt())
        transport = cls(client)
        transport._is_own = True
        transport._origin = session, place
        return transport

    def with_limits(self, limits: Limits, before_attempt: Callable[[], None] | None) -> Boto3Transport:
        """A transport to the same place with other limits, in a few milliseconds: it shares what is loaded.

        Only of one that `open` made.
        """
        session, place = self._origin
        return self._of(session, place, limits, before_attempt)

    def send(self, request: Request) -> Response:
        """Send the request; boto3 retries what its configuration says."""
        method = getattr(self._client, xform_name(request.operation))
        try:
            response: Response = method(**request.parameters)
        except ClientError as error:
            raise _refused(request, error.response) from error
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise RequestError(f"{error}; configure them as for boto3") from error
        except ParamValidationError as error:  # whose text quotes the values
            raise RequestError(f"{request.operation}: {_malformed(error)}") from None
        except (BotoConnectionError, HTTPClientError) as error:
            raise UnreachableError(type(error).__name__, str(error), request.operation) from error
        except UnreachableError as error:  # of _parse_body, which does not know the request
            error.operation = request.operation
            raise
        except BotoCoreError as error:
            raise ServiceError(type(error).__name__, str(error), request.operation) from error
        except NotImplementedError as error:  # of a mock in AWS's place
            raise ServiceError("NotImplemented", str(error), request.operation) from error
        return response

    def prepare(self) -> None:
        """Load what the first request would load: endpoints, serializers, the signer. Sends nothing."""
        self._client.generate_presigned_url("list_tables")

    def close(self) -> None:
        """Close the connections, if the client is its own; a later request opens new ones."""
        if self._is_own:
            self._client.close()


def _config(limits: Limits | None) -> Config:
    config = Config(max_pool_connections=MAX_AT_ONCE)  # boto3 keeps 10, and opens others each time
    if limits is None:
        return config
    return config.merge(
        Config(
            tcp_keepalive=True,
            connect_timeout=limits.connect_timeout,
            read_timeout=limits.read_timeout,
            retries={"mode": "standard", "total_max_attempts": limits.attempts},
        )
    )


def _refused(request: Request, response: Any) -> ServiceError:
    fault = response.get("Error", {})
    details = {name: value for name, value in response.items() if name not in {"Error", "ResponseMetadata"}}
    return service_error(fault.get("Code", "Unknown"), fault.get("Message", ""), request.operation, details)


def _malformed(error: ParamValidationError) -> str:
    named = re.findall(r"arameter:? (?:in )?\"?([\w.\[\]#:-]+)", str(error.kwargs.get("report", "")))
    names = ", ".join(dict.fromkeys(named)) or "its parameters"
    return f"boto3 refuses {names}; see operation.request() for what would be sent"


def _parse_body(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    """Parse a successful body at once. A cut one raises, instead of reading as the end of a table."""
    if response_dict["status_code"] != 200:
        return
    try:
        answer = orjson.loads(response_dict["body"])
    except orjson.JSONDecodeError as error:
        raise UnreachableError("IncompleteBody", "the answer was cut short", "") from error
    if not isinstance(answer, dict):
        raise UnreachableError("UnknownBody", "the answer is not one of DynamoDB's", "")
    customized_response_dict.update(answer)
    response_dict["body"] = b"{}"


def _check_sum(http_response: Any, **_: Any) -> None:
    """Refuse a damaged body. botocore retries one, but takes the last as it is (retry mode `standard`)."""
    expected = http_response.headers.get("x-amz-crc32")
    if expected is not None and zlib.crc32(http_response.content) != int(expected):
        raise UnreachableError("ChecksumError", "the answer was damaged on its way", "")
