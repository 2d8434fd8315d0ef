"""What the events of the three HTTP sources say: path, query string and body, in one form.

Guarantees: a path is brought into one percent-encoded form before it is routed, so that a parameter may
have every character; the body is JSON that `strict_json` takes, in UTF-8; no message has a part of the
request in it.

What AWS does with paths was measured by others: function URLs and REST APIs leave them percent-encoded,
HTTP APIs decode them in both payload formats (GitHub middleapi/standard-server#93, honojs/hono#2156,
fastify/aws-lambda-fastify#169). So an HTTP API cannot tell `%2F` from `/`, and cuts a path at `%3F`; values
that may have these belong into the query string there.
"""

from __future__ import annotations

from base64 import b64decode
from collections import Counter
from collections.abc import Mapping, Sequence
from enum import Enum
from urllib.parse import parse_qsl, quote, unquote, unquote_to_bytes

from dynamodel.attribute_value.json_form import Json
from dynamodel.aws_lambda.handlers import Event
from dynamodel.aws_lambda.http_faults import InputError
from dynamodel.aws_lambda.strict_json import StrictJsonError, parsed_json
from dynamodel.errors import Fault, RequestError
from dynamodel.operations.patterns import URL_EVENTS

__all__ = ["HttpSource", "json_body", "path_value", "query_values", "routable"]

BODY = "body"
"""The place of faults of a whole body."""


class HttpSource(Enum):
    """What calls the function: the form of its events."""

    FUNCTION_URL = URL_EVENTS
    """Payload format 2.0."""
    REST_API = "a REST API of API Gateway"
    """The only format of REST APIs, and payload format 1.0 of HTTP APIs."""
    HTTP_API = "an HTTP API of API Gateway"
    """Payload format 2.0."""


# --- path ---


def routable(event: Event, source: HttpSource) -> Event:
    """The event with its path in one percent-encoded form.

    Raises:
        RequestError: it is no event of this source.
    """
    name = "path" if source is HttpSource.REST_API else "rawPath"
    path = event.get(name) if isinstance(event, dict) else None
    if not isinstance(path, str):
        raise RequestError(f"this is no event of {source.value}: it has no text {name!r}")
    # The events of REST APIs tell no version.
    is_decoded = source is HttpSource.HTTP_API or (name == "path" and event.get("version") == "1.0")
    return {**event, name: "/".join(_encoded(part, is_decoded) for part in path.split("/"))}


def _encoded(part: str, is_decoded: bool) -> str:
    data = part.encode(errors="replace")
    return quote(data if is_decoded else unquote_to_bytes(data), safe="")


def path_value(text: str) -> str:
    """The text of one path parameter.

    Raises:
        ValueError: it is not UTF-8.
    """
    return unquote(text, errors="strict")


# --- query string ---


def query_values(event: Event) -> Mapping[str, Sequence[str]]:
    """The values of each parameter of the query string, decoded by AWS."""
    several = event.get("multiValueQueryStringParameters")
    if several:
        return {name: tuple(values) for name, values in several.items()}
    # Format 2.0 joins the values of one name with commas, and a value may have commas itself.
    raw = event.get("rawQueryString") or ""
    counts = Counter(name for name, _ in parse_qsl(raw, keep_blank_values=True))
    single: Mapping[str, str] = event.get("queryStringParameters") or {}
    return {name: (value,) * max(counts[name], 1) for name, value in single.items()}


# --- body ---


def json_body(event: Event) -> Json:
    """The body, parsed: numbers as int or Decimal.

    Raises:
        InputError: it is missing or not UTF-8, or refused by `strict_json`.
    """
    text = _text_body(event)
    if not text:
        raise _refused("a JSON body is needed")
    try:
        return parsed_json(text)
    except StrictJsonError as error:
        raise _refused(f"it {error.rule}") from None


def _text_body(event: Event) -> str:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body)
    try:
        return b64decode(body, validate=True).decode()
    except ValueError:
        raise _refused("it is not UTF-8") from None


def _refused(rule: str) -> InputError:
    return InputError([Fault(BODY, rule)])
