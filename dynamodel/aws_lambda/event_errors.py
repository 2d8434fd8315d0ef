"""What goes wrong with events: errors of the handlers of streams, queues and asynchronous events.

DynamodelError
├── EventError (ValueError)               an event, or a record of one, is not what the handler is for
│   └── UnknownItemError                  a change of an item that no declared entity has
├── EventFailedError (RuntimeError)       some records of an asynchronous event failed; carries their errors
└── InProgressError (RuntimeError)        another invocation works on the same event, or request

Guarantee: no message contains data of an event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamodel.errors import DynamodelError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EventError", "EventFailedError", "InProgressError", "UnknownItemError"]


class EventError(DynamodelError, ValueError):
    """An event, or a record of one, is not of the source that the handler is for, or is malformed."""


class UnknownItemError(EventError):
    """A change of an item that no declared entity has, and the handler has no function for such items."""


class InProgressError(DynamodelError, RuntimeError):
    """Another invocation works on the same event, or on a request with the same key.

    Lambda delivers an event again; a caller of a synchronous handler may try again in a moment.
    """


class EventFailedError(DynamodelError, RuntimeError):
    """Some records of an asynchronous event failed; all were tried. Lambda delivers the event again.

    Attributes:
        errors: the errors, by the id of the record that each belongs to.
    """

    def __init__(self, errors: Mapping[str, Exception], total: int) -> None:
        self.errors = dict(errors)
        kinds = [type(error).__name__ for error in self.errors.values()]
        counted = ", ".join(f"{kind}: {kinds.count(kind)}" for kind in dict.fromkeys(kinds))
        super().__init__(f"{len(kinds)} of {total} records failed ({counted})")
