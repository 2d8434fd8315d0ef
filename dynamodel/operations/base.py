"""What every operation is: an immutable value with a request and a flow.

A flow is a generator that yields requests and receives responses; a client drives it. Nothing here, or
in the operations beside it, does any input or output.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import attrs

from dynamodel.errors import ConditionFailedError, MarshalError, ServiceError
from dynamodel.expressions.nodes import Condition, require_condition

if TYPE_CHECKING:
    from dynamodel.entity.schema import EntitySchema
    from dynamodel.types import Flow, Request, Response

__all__ = ["Operation", "Runner", "Settings", "both", "exchange", "own_condition", "write"]

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


@attrs.frozen
class Settings:
    """What a client gives to the operations that it runs."""

    cursor_key: bytes = attrs.field(default=b"", repr=False)
    """Signs the cursors of pages."""


class Runner(Protocol):
    """Drives flows; a client is one."""

    @property
    def settings(self) -> Settings:
        """The client's settings."""
        ...

    def drive(self, flow: Flow[R]) -> R:
        """Send what the flow asks for until it has its result."""
        ...


class Operation(ABC, Generic[R_co]):
    """A request to DynamoDB with a result of type R, to be run by `db.run(operation)`.

    Immutable: each builder method returns a new operation, and running one twice does the same twice.
    """

    @abstractmethod
    def request(self) -> Request:
        """The exact request: the API operation's name and its parameters; of several, the first."""

    @abstractmethod
    def flow(self, settings: Settings) -> Flow[R_co]:
        """The round trips that lead to the result."""

    def perform(self, runner: Runner) -> R_co:
        """Run it; for clients."""
        return runner.drive(self.flow(runner.settings))


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
        stored = error.details.get("Item")
        if isinstance(stored, dict):
            try:
                error.old_item = schema.codec.decode(stored)
            except MarshalError as unreadable:
                error.add_note(f"the old item does not fit {schema.name}: {unreadable}")
        raise


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
