"""HTTP requests as events: of AWS's samples, with a method, a path, a query and a body of one's own."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from dynamodel.aws_lambda.http import Api, HttpSource
from tests.aws_lambda.models import Context
from tests.aws_lambda.samples import sample

if TYPE_CHECKING:
    from collections.abc import Mapping

_SAMPLES = {
    HttpSource.FUNCTION_URL: "documented/function_url_get.json",
    HttpSource.REST_API: "sam/AwsProxy.json",
    HttpSource.HTTP_API: "sam/HttpApi.json",
}


class Answer(NamedTuple):
    status: int
    body: Any
    """Parsed, with Decimals."""
    headers: Mapping[str, str]
    text: str


def request(
    method: str,
    target: str,
    body: str | bytes | None = None,
    *,
    source: HttpSource = HttpSource.FUNCTION_URL,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The event of a request to a percent-encoded path, with a query string.

    What is decoded is what AWS decodes: the path of HTTP APIs, and the values of queries.
    """
    url = urlsplit(target)
    pairs = parse_qsl(url.query, keep_blank_values=True)
    event = sample(_SAMPLES[source])
    path = unquote(url.path) if source is HttpSource.HTTP_API else url.path
    if source is HttpSource.REST_API:
        several: dict[str, list[str]] = {}
        for name, value in pairs:
            several.setdefault(name, []).append(value)
        event |= {"httpMethod": method, "path": path}
        event["queryStringParameters"] = dict(pairs) or None
        event["multiValueQueryStringParameters"] = several or None
        event["multiValueHeaders"] = {name: [value] for name, value in (headers or {}).items()}
    else:
        joined: dict[str, str] = {}
        for name, value in pairs:
            joined[name] = f"{joined[name]},{value}" if name in joined else value
        event["requestContext"]["http"] |= {"method": method, "path": path}
        event |= {"rawPath": path, "rawQueryString": url.query, "queryStringParameters": joined}
    event["headers"] = dict(headers or {})
    event |= {"body": body, "isBase64Encoded": False}
    if isinstance(body, bytes):
        event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    return event


def ask(api: Api, method: str, target: str, body: object = None, **more: Any) -> Answer:
    """The answer to a request; a body that is neither text nor bytes is written as JSON."""
    written = body if body is None or isinstance(body, str | bytes) else json.dumps(body)
    return answer_to(api, request(method, target, written, source=api.source, **more))


def answer_to(api: Api, event: dict[str, Any]) -> Answer:
    """The answer to an event, which has gone through JSON on its way, as in Lambda."""
    answer = json.loads(json.dumps(api(json.loads(json.dumps(event)), Context())))
    several = answer.get("multiValueHeaders", {})
    headers = answer.get("headers", {}) | {name: ", ".join(values) for name, values in several.items()}
    text = answer["body"] or ""
    is_json = headers.get("Content-Type") == "application/json" and not answer["isBase64Encoded"]
    return Answer(
        answer["statusCode"], json.loads(text, parse_float=Decimal) if is_json else text, headers, text
    )
