"""The wire's types: AttributeValues, items and requests, as DynamoDB's API has them.

An AttributeValue is a dict of one key, its type descriptor: `{"S": "a"}`. Binary values are `bytes`,
as in boto3's client; where a response was parsed from JSON they may also be base64 text.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

__all__ = ["AttributeType", "AttributeValue", "Flow", "Item", "Pause", "Request", "Response"]

AttributeType: TypeAlias = Literal["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"]
"""The ten type descriptors of DynamoDB."""

AttributeValue: TypeAlias = dict[str, Any]
"""One value on the wire: `{"N": "12"}`, `{"L": [{"S": "a"}]}`."""

Item: TypeAlias = dict[str, AttributeValue]
"""One item on the wire: attribute names and their values."""

Response: TypeAlias = Mapping[str, Any]
"""DynamoDB's answer to a request, parsed."""


class Request(NamedTuple):
    """One call of DynamoDB's API."""

    operation: str
    """The operation's name in the API: `GetItem`."""
    parameters: dict[str, Any]
    """Its parameters, as boto3's client takes them."""


class Pause(NamedTuple):
    """A flow's wish to wait before it goes on."""

    seconds: float


_R = TypeVar("_R")

Flow: TypeAlias = Generator[Request | Pause, Response, _R]
"""What needs any number of round trips: yields requests, receives responses, returns the result.

Whoever drives it does the input and output, and throws a `ServiceError` into it when a request fails.
"""
