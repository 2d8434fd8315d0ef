"""`IdempotencyStore`: what handlers have done already, kept in a table of the user's.

It is a persistence layer of Powertools' idempotency (the extra `lambda`) that runs dynamodel's own
operations: on the one client, within its deadline, replaceable in tests. Guarantees: of several deliveries of
one event, or requests with one key, one runs at a time; once it is done, it is not done again until its
record expires, and the others get its answer. If it raises, its record is removed and the next delivery runs.

The limit of every such store: a process that is killed after the work and before the record is written
leaves a record in progress, which expires with the invocation, and the work is done again. What must not be
done twice even then belongs in a transaction with a condition, or with `token=`.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from dynamodel.aws_lambda.event_errors import InProgressError
from dynamodel.aws_lambda.idempotency_records import IdempotencyRecord, record_class
from dynamodel.aws_lambda.shared import db
from dynamodel.errors import ConditionFailedError, DynamodelError, MissingExtraError, RequestError

try:
    from aws_lambda_powertools.utilities.idempotency import BasePersistenceLayer, IdempotencyConfig
    from aws_lambda_powertools.utilities.idempotency.base import IdempotencyHandler
    from aws_lambda_powertools.utilities.idempotency.exceptions import (
        IdempotencyAlreadyInProgressError,
        IdempotencyInconsistentStateError,
        IdempotencyItemAlreadyExistsError,
        IdempotencyItemNotFoundError,
        IdempotencyPersistenceLayerError,
    )
    from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord
except ImportError as error:
    raise MissingExtraError("An idempotency store", "lambda") from error

if TYPE_CHECKING:
    from dynamodel.operations.patterns import Pattern
    from dynamodel.schema.table import Table

__all__ = ["IdempotencyStore"]

P = ParamSpec("P")
R = TypeVar("R")

_FUNCTION_NAME = "AWS_LAMBDA_FUNCTION_NAME"
_LONGEST_INVOCATION = timedelta(minutes=15)
"""AWS Lambda developer guide, Lambda quotas: how long an invocation may take at most."""

_IN_PROGRESS = "INPROGRESS"

_MAX_ANSWER_BYTES = 380_000
"""An item has at most 400 KB: this leaves room for what else is in a record, its id twice (up to 2 KB)."""


class IdempotencyStore:
    """Keeps what was done, so that it is done once.

    Args:
        table: where the records are: a table with a partition key of its own (`Table("Done",
            partition_key="pk", time_to_live="expires")`), which other entities may share.
        lifetime: how long what was done is known; DynamoDB deletes a record some time after that. Lambda
            delivers an event of a stream again for up to a day, an asynchronous one for up to 6 hours.

    Raises:
        DeclarationError: the table has no partition key of its own, or no time to live.
        RequestError: a lifetime below one second.
    """

    def __init__(self, table: Table, *, lifetime: timedelta = timedelta(days=1)) -> None:
        if not isinstance(lifetime, timedelta) or lifetime < timedelta(seconds=1):
            raise RequestError("IdempotencyStore(lifetime=) takes a timedelta of a second or more")
        self._lifetime = lifetime
        self._record = record_class(table)

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """The operations that it runs, for the role of a function; handlers that use it add them."""
        record = self._record
        return (record.put, record.main.update, record.main.delete)

    def once(self, key: str, function: Callable[[], R], *, scope: str) -> R:
        """Run the function if it was not run for this key; else return what it returned then.

        Args:
            key: what the same work has in common: the id of an event, the Idempotency-Key of a request. The
                record has a hash of it.
            function: does the work. What it returns must be JSON: it is stored, as text. Of an answer that
                is too large for that (some 370 KB) is known only that there was one.
            scope: tells the work from other work that has the same keys: `module.function`. The name of the
                Lambda function is added to it.

        Raises:
            InProgressError: another invocation does it now.
            RequestError: the key is empty, or what the function returned is not JSON (it was run, then); or
                the work was done before, and its answer was too large to be kept.
            ServiceError: of the store's own requests. If it has a note that tells so, the function was run.
        """
        if not isinstance(key, str) or not key:
            raise RequestError("an idempotency key is a text that is not empty")

        own: list[str] = []

        def answer() -> dict[str, str | None]:
            text = _json_text(function())
            own.append(text)
            is_kept = len(json.dumps({"result": text})) <= _MAX_ANSWER_BYTES
            return {"result": text if is_kept else None}

        config = IdempotencyConfig(
            expires_after_seconds=int(self._lifetime.total_seconds()),
            hash_function="sha256",
            lambda_context=cast("Any", _RemainingTime()),
        )
        handler = IdempotencyHandler(
            function=answer,
            function_payload=key,
            config=config,
            persistence_store=_Layer(self._record),
            key_prefix=f"{os.environ.get(_FUNCTION_NAME, 'local')}.{scope}",
            function_args=(),
            function_kwargs={},
        )
        text = _run(handler)["result"]
        if own:
            [text] = own
        if text is None:
            raise RequestError("this was done already, and its answer was too large to be kept")
        result: R = json.loads(text)
        return result

    def idempotent(self, *, key: Callable[..., str]) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Makes a function that runs once for each key, and returns its first answer to all others.

        ```
        @store.idempotent(key=lambda request_id, text: request_id)
        def post(request_id: str, text: str) -> dict[str, str]: ...
        ```

        Args:
            key: finds the key in the function's arguments, of which it takes the same. Errors as for `once`.
        """

        def made(function: Callable[P, R]) -> Callable[P, R]:
            scope = f"{function.__module__}.{function.__qualname__}"

            @wraps(function)
            def run_once(*args: P.args, **kwargs: P.kwargs) -> R:
                return self.once(key(*args, **kwargs), lambda: function(*args, **kwargs), scope=scope)

            return run_once

        return made


def _run(handler: IdempotencyHandler) -> dict[str, str | None]:
    """What the handler returns. Powertools' errors become those of this library."""
    failure: DynamodelError
    try:
        answer: dict[str, str | None] = handler.handle()
    except (IdempotencyAlreadyInProgressError, IdempotencyInconsistentStateError):
        failure = InProgressError("another invocation works on the same key; try again later")
    except IdempotencyPersistenceLayerError as error:
        if not isinstance(error.__cause__, DynamodelError):
            raise
        failure = error.__cause__
        failure.add_note(f"the idempotency store: {error.message}")
    else:
        return answer
    raise failure  # out of the handler: an error of the function, which stands before it, stays its context


def _json_text(value: object) -> str:
    try:
        return json.dumps(value, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        kind = type(value).__name__
    # Out of the handler: the text of the first error may quote the value.
    raise RequestError(f"an idempotent function returns JSON, so that its answer can be kept, not {kind}")


class _RemainingTime:
    """What Powertools asks a Lambda context for: until when a record in progress is left alone."""

    def get_remaining_time_in_millis(self) -> int:
        seconds = db.seconds_left
        return int((_LONGEST_INVOCATION.total_seconds() if seconds is None else seconds) * 1000)


class _Layer(BasePersistenceLayer):
    """One use of the store. It changes only the record that it made itself.

    An invocation that outlived its record in progress does not touch that of its successor.
    """

    def __init__(self, record: type[IdempotencyRecord]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Powertools leaves it without annotations
        self._record = record
        self._owner = secrets.token_urlsafe(9)

    def _get_record(self, idempotency_key: str) -> DataRecord:
        """Powertools reads a record that a failed `_put_record` did not bring; this one brings it always."""
        raise IdempotencyItemNotFoundError

    def _put_record(self, data_record: DataRecord) -> None:
        record = self._record
        made = record(
            record_id=data_record.idempotency_key,
            owner=self._owner,
            status=data_record.status,
            expires=data_record.expiry_timestamp or 0,
            in_progress_until=data_record.in_progress_expiry_timestamp,
        )
        now = time.time()
        is_abandoned = (record.status == _IN_PROGRESS) & (record.in_progress_until < int(now * 1000))
        is_free = record.record_id.not_exists() | (record.expires < int(now)) | is_abandoned
        try:
            db.run(made.put().when(is_free))
        except ConditionFailedError as error:
            found = error.old_item
            if not isinstance(found, record):
                raise (error.unreadable or error) from None
            if found.owner == self._owner:  # it was written, but its answer was lost, and it was sent again
                return
            raise IdempotencyItemAlreadyExistsError(old_data_record=_data_record(found)) from None

    def _update_record(self, data_record: DataRecord) -> None:
        record = self._record
        update = record.main.update(data_record.idempotency_key).apply(
            record.data.set(data_record.response_data),
            record.expires.set(data_record.expiry_timestamp or 0),
            record.status.set(data_record.status),
        )
        self._change(update.when(record.owner == self._owner))

    def _delete_record(self, data_record: DataRecord) -> None:
        delete = self._record.main.delete(data_record.idempotency_key)
        self._change(delete.when(self._record.owner == self._owner))

    def _change(self, write: Any) -> None:
        try:
            db.run(write)
        except ConditionFailedError:
            return  # the record is somebody else's now


def _data_record(found: IdempotencyRecord) -> DataRecord:
    return DataRecord(
        idempotency_key=found.record_id,
        status=found.status,
        expiry_timestamp=found.expires,
        in_progress_expiry_timestamp=found.in_progress_until,
        response_data=found.data or "",
    )
