"""A stack's tables as the requests that boto3's client sends to create them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamodel.schema.create import create_requests
from dynamodel.schema.resolve import resolved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel.infra.stack import Stack
    from dynamodel.types import Request

__all__ = ["boto3_requests"]


def boto3_requests(stack: Stack, parameters: Mapping[str, str] | None = None) -> list[Request]:
    """The requests, table after table; between `CreateTable` and the next, the table must become ACTIVE.

    `db.create_table(...)` sends them, and waits. Policies and tags of a stream need its ARN, and are not
    among them; functions are left out.

    Args:
        stack: the tables.
        parameters: the values of parameters that have no default.

    Raises:
        RequestError: a setting whose text is known to CloudFormation only.
    """
    definitions = [resolved(table.definition, parameters) for table in stack.tables]
    return [request for definition in definitions for request in create_requests(definition)]
