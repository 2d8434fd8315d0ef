"""The default transport: a boto3 client, with its credentials, endpoints, retries and hooks.

Only this module imports boto3, and only `connect()` imports this module. It keeps botocore from walking
the shape of every AttributeValue of a response, which is most of the time that boto3 spends on a large
read (boto3#2928): botocore's public event `before-parse` hands over the raw body, and takes it parsed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import boto3
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

from dynamodel.errors import RequestError, ServiceError, UnreachableError
from dynamodel.transport.answers import check_sum, parsed_answer, refusal
from dynamodel.transport.protocol import MAX_AT_ONCE

if TYPE_CHECKING:
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

    def __init__(self, client: DynamoDBClient) -> None:
        self._client = client
        self._is_own = False

    @classmethod
    def open(cls, endpoint_url: str | None = None, region: str | None = None) -> Boto3Transport:
        """A transport with a client of its own; what is left out is found as boto3 finds it.

        Args:
            endpoint_url: another endpoint than AWS's.
            region: an AWS region.

        Raises:
            RequestError: no region is configured, the endpoint is no URL, or boto3's configuration is faulty
                (an unknown profile, half of the credentials).
        """
        try:
            client = boto3.session.Session().client(
                "dynamodb",
                endpoint_url=endpoint_url,
                region_name=region,
                config=Config(max_pool_connections=MAX_AT_ONCE),  # boto3 keeps 10, and opens others each time
            )
        except NoRegionError as error:
            raise RequestError("no AWS region: set AWS_DEFAULT_REGION, or connect(region=...)") from error
        except (BotoCoreError, ValueError) as error:
            raise RequestError(f"connect(): {error}") from error
        for operation in _WITH_ITEMS:
            client.meta.events.register(f"before-parse.dynamodb.{operation}", _parse_body)
        client.meta.events.register("after-call.dynamodb", _check_sum)
        transport = cls(client)
        transport._is_own = True
        return transport

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

    def close(self) -> None:
        """Close the connections, if the client is its own; a later request opens new ones."""
        if self._is_own:
            self._client.close()


def _refused(request: Request, response: Any) -> ServiceError:
    fault = response.get("Error", {})
    return refusal(fault.get("Code", "Unknown"), fault.get("Message", ""), request.operation, response)


def _malformed(error: ParamValidationError) -> str:
    named = re.findall(r"arameter:? (?:in )?\"?([\w.\[\]#:-]+)", str(error.kwargs.get("report", "")))
    names = ", ".join(dict.fromkeys(named)) or "its parameters"
    return f"boto3 refuses {names}; see operation.request() for what would be sent"


def _parse_body(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    """Parse a successful body at once. A cut one raises, instead of reading as the end of a table."""
    if response_dict["status_code"] != 200:
        return
    customized_response_dict.update(parsed_answer(response_dict["body"]))
    response_dict["body"] = b"{}"


def _check_sum(http_response: Any, **_: Any) -> None:
    """Refuse a damaged body. botocore retries one, but takes the last as it is (retry mode `standard`)."""
    check_sum(http_response.content, http_response.headers.get("x-amz-crc32"))
