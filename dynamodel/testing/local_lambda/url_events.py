"""HTTP requests and answers of a function URL as values, and the events that requests become.

Guarantees: an event has the fields of payload format 2.0 as function URLs fill them; a body comes through
byte for byte.

Sources: AWS Lambda developer guide, "Invoking Lambda function URLs"; where it is silent, what was measured
against AWS, in the threads named at each rule.
"""

from __future__ import annotations

import base64
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import parse_qsl

from attrs import field, frozen

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["ACCOUNT", "HOP_BY_HOP", "Endpoint", "Headers", "UrlAnswer", "UrlRequest", "event_of"]

ACCOUNT = "123456789012"
"""The account of the local service, as in AWS's examples."""

Headers: TypeAlias = tuple[tuple[str, str], ...]

_TEXT_TYPES = frozenset({"application/javascript", "application/json", "application/xml"})
"""With `text/*` the content types whose bodies are text; forms, `+json` and bodies without a type are not
(measured: ministackorg/ministack#766 on payload format 2.0, LeanerCloud/CUDly#1483 on function URLs)."""

HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers about a connection, not about a message (RFC 9110, 7.6.1)."""


@frozen(kw_only=True)
class UrlRequest:
    """An HTTP request, as it came."""

    method: str
    path: str
    """Still percent-encoded."""
    query: str = ""
    """What follows `?`, still percent-encoded."""
    headers: Headers = ()
    """Names and values in their order, names as they were written."""
    body: bytes = field(default=b"", repr=False)
    source_ip: str = "127.0.0.1"

    def header(self, name: str) -> str | None:
        """The values of a header, joined with commas; None if it is absent. The name is in lower case."""
        values = [value for each, value in self.headers if each.lower() == name]
        return ",".join(values) if values else None


@frozen(kw_only=True)
class UrlAnswer:
    """An HTTP answer, without the headers that frame it."""

    status: int
    headers: Headers = ()
    body: bytes = field(default=b"", repr=False)

    def has(self, name: str) -> bool:
        """Whether it has a header. The name is in lower case."""
        return any(each.lower() == name for each, _ in self.headers)


@frozen(kw_only=True)
class Endpoint:
    """What events tell of the function URL itself."""

    url_id: str
    domain: str
    """Host and port."""
    port: int


def event_of(
    request: UrlRequest, endpoint: Endpoint, request_id: str, now: datetime, access_key: str | None = None
) -> dict[str, Any]:
    """The event of payload format 2.0 for a request.

    As on AWS: path and query string stay percent-encoded (middleapi/standard-server#93); the account is
    `anonymous` without a signature (Powertools' sample event); cookies stand in `cookies` and in the
    header `cookie` (wingleung/remix-aws#7); `cookies`, `queryStringParameters` and `body` are left out
    when there are none. The headers that AWS adds about TLS and tracing are left out.

    Args:
        request: the request.
        endpoint: the function URL that got it.
        request_id: of this request.
        now: when it came, with a time zone.
        access_key: with which it was signed; None: it was not.
    """
    cookies = [each.strip() for each in (request.header("cookie") or "").split(";") if each.strip()]
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": _event_headers(request, endpoint),
        "requestContext": _context(request, endpoint, request_id, now, access_key),
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies
    if request.query:
        event["queryStringParameters"] = _parameters(request.query)
    if request.body:
        event["body"], event["isBase64Encoded"] = _body(request)
    return event


def _event_headers(request: UrlRequest, endpoint: Endpoint) -> dict[str, str]:
    names = dict.fromkeys(name.lower() for name, _ in request.headers)
    headers = {name: request.header(name) or "" for name in names if name not in HOP_BY_HOP}
    return headers | {
        "x-forwarded-for": request.source_ip,
        "x-forwarded-port": str(endpoint.port),
        "x-forwarded-proto": "http",
    }


def _context(
    request: UrlRequest, endpoint: Endpoint, request_id: str, now: datetime, access_key: str | None
) -> dict[str, Any]:
    context: dict[str, Any] = {
        "accountId": "anonymous" if access_key is None else ACCOUNT,
        "apiId": endpoint.url_id,
        "domainName": endpoint.domain,
        "domainPrefix": endpoint.url_id,
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.source_ip,
            "userAgent": request.header("user-agent") or "",
        },
        "requestId": request_id,
        "routeKey": "$default",
        "stage": "$default",
        "time": _common_log_time(now),
        "timeEpoch": int(now.timestamp() * 1000),
    }
    if access_key is not None:
        context["authorizer"] = {"iam": _caller(access_key)}
    return context


def _caller(access_key: str) -> dict[str, Any]:
    """The identity that belongs to the local credentials."""
    return {
        "accessKey": access_key,
        "accountId": ACCOUNT,
        "callerId": access_key,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": f"arn:aws:iam::{ACCOUNT}:user/local",
        "userId": access_key,
    }


def _common_log_time(now: datetime) -> str:
    """As `12/Mar/2020:19:03:58 +0000`, whatever the locale."""
    _, day, month, year, clock, zone = format_datetime(now).split()
    return f"{day}/{month}/{year}:{clock} {zone}"


def _parameters(query: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    return parameters


def _body(request: UrlRequest) -> tuple[str, bool]:
    """The body in an event, and whether it is base64. What claims to be text and is no UTF-8 is base64."""
    kind = (request.header("content-type") or "").partition(";")[0].strip().lower()
    if kind.startswith("text/") or kind in _TEXT_TYPES:
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(request.body).decode(), True
