"""Writing several items at once or not at all: the actions of a transaction, and how they are sent.

Guarantee: whatever is sent again, after a conflict or a lost answer, has the token of the first attempt, by
which DynamoDB does it once (AWS developer guide, Transactions, Idempotency: for 10 minutes).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from dynamodel.attribute_value.sizes import item_bytes
from dynamodel.errors import (
    ConditionFailedError,
    RequestError,
    ServiceError,
    TransactionCanceledError,
    UniqueConstraintError,
    service_error,
)
from dynamodel.operations.base import attach_old_item, exchange
from dynamodel.operations.retries import persistently
from dynamodel.operations.several import Identity, first_repeated, identity_of
from dynamodel.types import Flow, Request

if TYPE_CHECKING:
    from dynamodel.entity.schema import EntitySchema

__all__ = [
    "MAX_ACTIONS",
    "TransactAction",
    "attach_stored",
    "check_actions",
    "new_token",
    "reasons_of",
    "send_alone",
    "send_atomically",
    "transact_items",
]

# AWS developer guide, Transactions. 4 MB are 4,194,304 bytes: measured on DynamoDB Local.
MAX_ACTIONS = 100
MAX_BYTES = 4 * 1024 * 1024

_LIKE_ALONE = {"ThrottlingError": "ThrottlingException", "ValidationError": "ValidationException"}
"""The codes of cancellation reasons that are not those of errors without `Exception`."""


@attrs.frozen
class TransactAction:
    """One action of a transaction."""

    kind: str
    """`Put`, `Update`, `Delete`, `ConditionCheck` or `Get`."""
    parameters: dict[str, Any] = attrs.field(repr=False)
    entity: str
    constraint: str = ""
    """The unique constraint, as `User.by_email`, if the action is a claim of it."""


def new_token() -> str:
    """A token that no other transaction has; DynamoDB takes up to 36 characters."""
    return secrets.token_hex(16)


def transact_items(actions: Sequence[TransactAction]) -> dict[str, Any]:
    """The parameter of a request that has the actions."""
    return {"TransactItems": [{action.kind: action.parameters} for action in actions]}


# --- before sending ---


def check_actions(
    operations: Sequence[Sequence[TransactAction]], key_names: Mapping[str, tuple[str, ...]]
) -> None:
    """Check a transaction before it is sent.

    Args:
        operations: the actions that each operation of the user makes.
        key_names: by table, the names of its key attributes.

    Raises:
        RequestError: not 1 to 100 actions, two on the same item, or more than 4 MB (AWS developer guide,
            Transactions).
    """
    actions = [action for own in operations for action in own]
    if not 1 <= len(actions) <= MAX_ACTIONS:
        raise RequestError(
            f"a transaction has 1 to {MAX_ACTIONS} actions, found {len(actions)}; "
            "each claim on a unique value is one"
        )
    _require_distinct(operations, key_names)
    total = sum(map(_payload_bytes, actions))
    if total > MAX_BYTES:
        raise RequestError(f"a transaction has at most {MAX_BYTES} bytes (4 MB), found {total}: divide it")


def _require_distinct(
    operations: Sequence[Sequence[TransactAction]], key_names: Mapping[str, tuple[str, ...]]
) -> None:
    placed = [(position, action) for position, own in enumerate(operations) for action in own]
    repeated = first_repeated(_identity(action, key_names) for _, action in placed)
    if repeated is None:
        return
    (first, _), (second, action) = (placed[number] for number in repeated)
    what = f"the same value of {action.constraint}" if action.constraint else "the same item"
    raise RequestError(
        f"operations {first} and {second} (counted from 0; {action.entity}) write {what}; "
        "a transaction has one operation for each item"
    )


def _identity(action: TransactAction, key_names: Mapping[str, tuple[str, ...]]) -> Identity:
    table = action.parameters["TableName"]
    return identity_of(table, key_names[table], _item_or_key(action))


def _item_or_key(action: TransactAction) -> dict[str, Any]:
    found: dict[str, Any] = action.parameters["Item" if action.kind == "Put" else "Key"]
    return found


def _payload_bytes(action: TransactAction) -> int:
    """What DynamoDB counts, but for the expressions' text: measured on DynamoDB Local."""
    values = action.parameters.get("ExpressionAttributeValues", {})
    placeholders = sum(map(len, values))
    return item_bytes(_item_or_key(action)) + item_bytes(values) - placeholders


# --- sending ---


def send_atomically(actions: Sequence[TransactAction], token: str, entity: str) -> Flow[None]:
    """All the actions, or none. What may pass is tried again, always with the same token.

    Args:
        actions: 1 to 100, on distinct items.
        token: 1 to 36 characters.
        entity: whose they are, for messages.

    Raises:
        TransactionCanceledError: with a reason, or None, for each action.
        ServiceError: DynamoDB refused it, or did not answer in any attempt.
    """
    request = Request("TransactWriteItems", {**transact_items(actions), "ClientRequestToken": token})
    try:
        yield from persistently(lambda: exchange(request, entity))
    except TransactionCanceledError as error:
        error.reasons = reasons_of(error, actions)
        raise


def send_alone(actions: Sequence[TransactAction], schema: EntitySchema[Any]) -> Flow[None]:
    """One write that needs a transaction: it fails as it would by itself.

    Raises:
        UniqueConstraintError: another item has a value that it claims.
        ConditionFailedError: its own condition did not hold.
        ServiceError: as for `send_atomically`.
    """
    try:
        yield from send_atomically(actions, new_token(), schema.name)
    except TransactionCanceledError as error:
        failed = [(action, reason) for action, reason in zip(actions, error.reasons, strict=True) if reason]
        if not failed:
            raise
        if not all(action.constraint and action.kind == "Delete" for action, _ in failed):
            reason = next(reason for action, reason in failed)
            attach_stored(reason, schema)
            raise reason from error
        # Of two items of one value, older than the constraint, one has no claim, and so none to give up.
        given_up = [action for action, _ in failed]
    else:
        return
    yield from send_alone([action for action in actions if action not in given_up], schema)


def reasons_of(
    error: TransactionCanceledError, actions: Sequence[TransactAction]
) -> tuple[ServiceError | None, ...]:
    """For each action the error that it would have had alone; None: it is not to blame, or none was told."""
    told = [*error.cancellation_reasons, *({"Code": "None"} for _ in actions)]
    return tuple(
        _reason(error.operation, action, reason) for action, reason in zip(actions, told, strict=False)
    )


def _reason(operation: str, action: TransactAction, told: Mapping[str, Any]) -> ServiceError | None:
    code = told["Code"]
    if code == "None":
        return None
    code = _LIKE_ALONE.get(code, f"{code}Exception")
    details = {"Item": told["Item"]} if "Item" in told else {}
    reason = service_error(code, told.get("Message", ""), operation, details)
    if action.constraint and isinstance(reason, ConditionFailedError):
        reason = UniqueConstraintError(code, f"another item has this value of {action.constraint}", operation)
        reason.constraint = action.constraint
    reason.entity = action.entity
    return reason


def attach_stored(reason: ServiceError | None, schema: EntitySchema[Any]) -> None:
    """Put on a failed condition of an entity's own item what is stored."""
    if isinstance(reason, ConditionFailedError):  # of a claim, no item is asked for
        attach_old_item(reason, schema, reason.details.get("Item"))
