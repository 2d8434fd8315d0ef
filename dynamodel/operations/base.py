"""What every operation is: an immutable value that knows its request, and the flow to its result.

A flow is a generator that yields requests and receives responses; a client drives it. Nothing here, or
in the operations beside it, does any input or output. There are two kinds of operations: an `Exchange`
has one flow to its result; a query or scan has a flow for each of its requests (`reads.Items`), so that
each client can make results of its own kind, which fetch what they need.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from dynamodel.errors import ConditionFailedError, ServiceError, UnreadableItemError
from dynamodel.expressions.nodes import Condition, require_condition

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from dynamodel.entity.access import AccessPath
    from dynamodel.entity.schema import EntitySchema
    from dynamodel.operations.explain import Explanation
    from dynamodel.types import Flow, Request, Response

__all__ = [
    "Exchange",
    "Operation",
    "Settings",
    "attach_old_item",
    "both",
    "exchange",
    "joined",
    "own_condition",
    "shown_name",
    "write",
]

R_co = TypeVar("R_co", covariant=True)


@attrs.frozen
class Settings:
    """What a client gives to the operations that it runs."""

    cursor_keys: tuple[bytes, ...] = attrs.field(default=(b"",), repr=False)
    """The first signs cursors; all of them open cursors."""
    cursor_lifetime: timedelta | None = None
    """How long a cursor is valid; None: without limit."""


class Operation(ABC, Generic[R_co]):
    """A request to DynamoDB with a result of type R, to be run by `db.run(operation)`.

    Immutable: each builder method returns a new operation, and running one twice does the same twice.
    Its repr shows the entity, the index and the expressions, but no value of an item or of a key.
    """

    @abstractmethod
    def request(self) -> Request:
        """The exact request: the API operation's name and its parameters; of several, the first."""

    @property
    def max_requests(self) -> int | None:
        """How many requests it may take, retries not counted; None: that is not known before."""
        return 1

    def explain(self) -> Explanation:
        """How it finds its items, what it reads at most, and the exact request; nothing is sent.

        `print(operation.explain())` shows it without the values of items and keys.
        """
        from dynamodel.operations.explain import explain  # noqa: PLC0415 - programs that run do not explain

        return explain(self.request(), self.max_requests)


class Exchange(Operation[R_co]):
    """An operation that has its result when its round trips are done."""

    @abstractmethod
    def flow(self, settings: Settings) -> Flow[R_co]:
        """The round trips that lead to the result."""


def exchange(request: Request, entity: str) -> Flow[Response]:
    """One round trip. A `ServiceError` gets the entity's name."""
    try:
        return (yield request)
    except ServiceError as error:
        error.entity = entity
        raise


def write(request: Request, schema: EntitySchema[Any]) -> Flow[Response]:
    """One round trip of a write. A failed condition gets the old item, if DynamoDB returned it."""
    try:
        return (yield from exchange(request, schema.name))
    except ConditionFailedError as error:
        attach_old_item(error, schema, error.details.get("Item"))
        raise


def attach_old_item(error: ConditionFailedError, schema: EntitySchema[Any], stored: object) -> None:
    """Put on the error what is stored, or why it does not fit; nothing if DynamoDB returned no item."""
    if not isinstance(stored, dict):
        return
    try:
        error.old_item = schema.decode(stored)
    except UnreadableItemError as unreadable:
        error.unreadable = unreadable
        error.add_note(f"the old item does not fit {schema.name}: {unreadable}")


def own_condition(schema: EntitySchema[Any], condition: object) -> Condition:
    """The condition, if it is one and speaks of this entity only.

    Raises:
        RequestError: it is not, or does not.
    """
    checked = require_condition(condition)
    schema.require_own(checked.paths())
    return checked


def both(first: Condition | None, second: Condition) -> Condition:
    """The two joined by AND."""
    return second if first is None else first & second


def joined(
    schema: EntitySchema[Any], present: Condition | None, conditions: Sequence[object]
) -> Condition | None:
    """The conditions, joined by AND to those that are there already.

    Raises:
        RequestError: one is no condition, or does not speak of this entity only.
    """
    for condition in conditions:
        present = both(present, own_condition(schema, condition))
    return present


def shown_name(named: EntitySchema[Any] | AccessPath) -> str:
    """How the repr of an operation shows its entity or access path."""
    return named.name
