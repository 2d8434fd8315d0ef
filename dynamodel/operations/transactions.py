"""Transactions: several writes that are done all or not at all, and several gets of one moment.

Guarantees: a transaction of writes keeps its token over all its attempts, so that it is done once at most;
one that was canceled raises, with a reason for each operation; an absent item is None.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

import attrs

from dynamodel.errors import RequestError, TransactionCanceledError, UnreachableError
from dynamodel.operations.atomic import (
    MAX_ACTIONS,
    TransactAction,
    attach_stored,
    check_actions,
    new_token,
    reasons_of,
    send_atomically,
    transact_items,
)
from dynamodel.operations.base import Exchange, Settings, exchange
from dynamodel.operations.gets import Get
from dynamodel.operations.retries import persistently
from dynamodel.operations.several import Reading, all_readable, first_repeated, identity_of, named, read_each
from dynamodel.operations.writes import Write
from dynamodel.types import Flow, Item, Request, Response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynamodel.errors import ServiceError

__all__ = ["Transaction", "TransactionGet", "transaction", "transaction_get"]

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")
G = TypeVar("G")
H = TypeVar("H")
R_co = TypeVar("R_co", covariant=True)

MAX_TOKEN_CHARACTERS = 36
"""AWS API reference, TransactWriteItems: the length of a `ClientRequestToken`."""


@attrs.frozen
class Transaction(Exchange[None]):
    """Writes that are done all or not at all; made by `transaction`."""

    writes: tuple[Write[Any, Any], ...]
    actions: tuple[tuple[TransactAction, ...], ...] = attrs.field(repr=False)
    """For each write: itself, and its claims on unique values."""
    token: str | None = attrs.field(default=None, repr=False)

    def request(self) -> Request:
        """The `TransactWriteItems` request. A token that was not given is made for each run."""
        parameters = deepcopy(transact_items(self._all_actions()))
        if self.token is not None:
            parameters["ClientRequestToken"] = self.token
        return Request("TransactWriteItems", parameters)

    def flow(self, settings: Settings) -> Flow[None]:
        """One round trip, and one more for each attempt that failed for a reason that may pass."""
        entity = named(write.schema.name for write in self.writes)
        try:
            yield from send_atomically(self._all_actions(), self.token or new_token(), entity)
        except TransactionCanceledError as error:
            error.reasons = self._by_write(error.reasons)
            raise
        for write in self.writes:
            write.settle()

    def _all_actions(self) -> list[TransactAction]:
        return [action for own in self.actions for action in own]

    def _by_write(self, reasons: Sequence[ServiceError | None]) -> tuple[ServiceError | None, ...]:
        """Of each write, the reason of its first action that has one."""
        remaining = iter(reasons)
        found: list[ServiceError | None] = []
        for write, own in zip(self.writes, self.actions, strict=True):
            reason = next(filter(None, [next(remaining) for _ in own]), None)
            attach_stored(reason, write.schema)
            found.append(reason)
        return tuple(found)


def transaction(*writes: Write[Any, None], token: str | None = None) -> Transaction:
    """Does all these writes, or none of them.

    Args:
        writes: puts, updates, deletes and checks, of distinct items; 1 to 100, claims on unique values
            included; at most 4 MB.
        token: makes the same transaction, run again within 10 minutes, be done only once; 1 to 36 characters.
            DynamoDB refuses a token that comes with another request (`IdempotentParameterMismatchException`).
            Without one, each run has its own, which is kept over its attempts.

    Raises:
        RequestError: DynamoDB would refuse it, or a write is to return something.
    """
    for position, write in enumerate(writes):
        if not isinstance(write, Write):
            raise RequestError(
                f"transaction(): operation {position} is no write, but {type(write).__name__}; "
                "to read, there is transaction_get()"
            )
    if token is not None and not (isinstance(token, str) and 1 <= len(token) <= MAX_TOKEN_CHARACTERS):
        raise RequestError(f"transaction(token=) takes text of 1 to {MAX_TOKEN_CHARACTERS} characters")
    actions = tuple(tuple(write.actions()) for write in writes)
    check_actions(
        actions, {write.schema.table.name: write.schema.primary.key.stored_names for write in writes}
    )
    return Transaction(writes, actions, token)


@attrs.frozen
class TransactionGet(Exchange[R_co]):
    """Gets that all see the same moment; made by `transaction_get`."""

    gets: tuple[Get[Any], ...]

    def request(self) -> Request:
        """The `TransactGetItems` request."""
        return Request("TransactGetItems", deepcopy(transact_items(self._actions())))

    def flow(self, settings: Settings) -> Flow[R_co]:
        """One round trip, and one more for each attempt that failed for a reason that may pass."""
        try:
            response = yield from persistently(self._attempt)
        except TransactionCanceledError as error:
            error.reasons = reasons_of(error, self._actions())
            raise
        items: list[Item | None] = [answer.get("Item") for answer in response["Responses"]]
        return cast("R_co", tuple(all_readable(read_each(self.gets, items))))

    def _actions(self) -> list[TransactAction]:
        return [TransactAction("Get", get.parameters(), get.schema.name) for get in self.gets]

    def _attempt(self) -> Flow[Response]:
        """One round trip. An answer that was cut must not read as absent items."""
        request = Request("TransactGetItems", transact_items(self._actions()))
        entity = named(get.schema.name for get in self.gets)
        response = yield from exchange(request, entity)
        if len(response.get("Responses", ())) != len(self.gets):
            raise UnreachableError("IncompleteBody", "the answer was cut short", request.operation)
        return response


@overload
def transaction_get(a: Reading[A], /) -> TransactionGet[tuple[A]]: ...
@overload
def transaction_get(a: Reading[A], b: Reading[B], /) -> TransactionGet[tuple[A, B]]: ...
@overload
def transaction_get(a: Reading[A], b: Reading[B], c: Reading[C], /) -> TransactionGet[tuple[A, B, C]]: ...
@overload
def transaction_get(
    a: Reading[A], b: Reading[B], c: Reading[C], d: Reading[D], /
) -> TransactionGet[tuple[A, B, C, D]]: ...
@overload
def transaction_get(
    a: Reading[A], b: Reading[B], c: Reading[C], d: Reading[D], e: Reading[E], /
) -> TransactionGet[tuple[A, B, C, D, E]]: ...
@overload
def transaction_get(
    a: Reading[A], b: Reading[B], c: Reading[C], d: Reading[D], e: Reading[E], f: Reading[F], /
) -> TransactionGet[tuple[A, B, C, D, E, F]]: ...
@overload
def transaction_get(
    a: Reading[A], b: Reading[B], c: Reading[C], d: Reading[D], e: Reading[E], f: Reading[F], g: Reading[G], /
) -> TransactionGet[tuple[A, B, C, D, E, F, G]]: ...
@overload
def transaction_get(
    a: Reading[A],
    b: Reading[B],
    c: Reading[C],
    d: Reading[D],
    e: Reading[E],
    f: Reading[F],
    g: Reading[G],
    h: Reading[H],
    /,
) -> TransactionGet[tuple[A, B, C, D, E, F, G, H]]: ...
@overload
def transaction_get(*gets: Reading[A]) -> TransactionGet[tuple[A, ...]]: ...
def transaction_get(*gets: Any) -> TransactionGet[Any]:
    """Reads several items as they are at one moment, between transactions of writes.

    The result is a tuple in the order of the gets: the entity, or None for an absent item. It costs twice
    the capacity of consistent reads; whether a get is `consistent()` makes no difference. If an item does
    not fit its entity, running it raises `UnreadableItemsError`, which has what was read at each place.

    Args:
        gets: of distinct items; 1 to 100. DynamoDB refuses to return more than 4 MB.

    Raises:
        RequestError: DynamoDB would refuse it.
    """
    for position, get in enumerate(gets):
        if not isinstance(get, Get):
            raise RequestError(f"transaction_get(): operation {position} is no get, but {type(get).__name__}")
    if not 1 <= len(gets) <= MAX_ACTIONS:
        raise RequestError(f"transaction_get() takes 1 to {MAX_ACTIONS} gets, found {len(gets)}")
    repeated = first_repeated(
        identity_of(get.schema.table.name, get.schema.primary.key.stored_names, get.key) for get in gets
    )
    if repeated is not None:
        first, second = repeated
        raise RequestError(
            f"transaction_get(): gets {first} and {second}, counted from 0, are of the same item"
        )
    return TransactionGet(gets)
