"""The records of events: finding them, doing each once, and telling of those that fail.

Guarantees: an event that is not of the handler's source, or has a record without its id, is refused before
anything is done; what is logged of a failure has no data of the record.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec, TypeAlias

from dynamodel.aws_lambda.event_errors import EventError
from dynamodel.aws_lambda.handlers import FunctionHandler
from dynamodel.errors import DynamodelError

if TYPE_CHECKING:
    from dynamodel.aws_lambda.context import LambdaContext
    from dynamodel.aws_lambda.idempotency import IdempotencyStore
    from dynamodel.operations.patterns import Pattern

__all__ = ["EventHandler", "EventRecord", "log_failure", "records_of"]

P = ParamSpec("P")

EventRecord: TypeAlias = dict[str, Any]
"""One record of an event, as Lambda gives it."""

_log = logging.getLogger(__name__)


class EventHandler(FunctionHandler):
    """Runs a function for each record of an event.

    Args:
        function: what it stands for.
        patterns: see `LambdaHandler`.
        store: keeps what was done, so that no record is done twice; None: a record that Lambda delivers
            again is done again.
    """

    def __init__(
        self,
        function: Callable[[Any, LambdaContext], object],
        patterns: Sequence[Pattern],
        store: IdempotencyStore | None,
    ) -> None:
        super().__init__(function, patterns)
        if store is not None:
            self.patterns += store.patterns
        self._scope = f"{function.__module__}.{function.__qualname__}"
        self._store = store

    def once(self, identity: str, function: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Run the function, unless the store knows it was run for this id. What it returns is not used."""

        def run() -> None:
            function(*args, **kwargs)

        if self._store is None:
            run()
        else:
            self._store.once(identity, run, scope=self._scope)


def records_of(
    event: object, source: str, identifier: Callable[[EventRecord], object], name: str = "eventSource"
) -> list[EventRecord]:
    """The records of an event.

    Args:
        event: what Lambda gave to the handler.
        source: what each record has to call its source.
        identifier: finds the id of a record.
        name: the entry of a record that tells its source.

    Raises:
        EventError: they are of another source, or one has no id.
    """
    records = event.get("Records") if isinstance(event, dict) else None
    if not isinstance(records, list):
        raise EventError(f"an event without Records is none of {source}, for which this handler is")
    for position, record in enumerate(records):
        found = record.get(name) if isinstance(record, dict) else None
        if found != source:
            what = found if isinstance(found, str) else "something else"
            raise EventError(f"Records[{position}] is of {what}; this handler is for {source}")
        try:
            is_known = bool(identifier(record))
        except (KeyError, TypeError, AttributeError):
            is_known = False
        if not is_known:
            raise EventError(f"Records[{position}] has no id, so that an answer could not name it")
    return records


def log_failure(name: str, error: BaseException | None) -> None:
    """Log that a record failed, and why.

    The text has no data of the record; the traceback of a user's own error says what that error says.

    Args:
        name: how the log calls the record.
        error: what its function raised.
    """
    reason = f"{type(error).__name__}: {error}" if isinstance(error, DynamodelError) else type(error).__name__
    _log.error("%s failed: %s", name, reason, exc_info=error)
