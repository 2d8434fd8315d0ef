"""The entities of the tests of transactions and batches, and a transport whose faults are scripted."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dynamodel import (
    Attr,
    Client,
    Entity,
    Request,
    ServiceError,
    Table,
    UnreachableError,
    attribute,
    connect,
    key,
    primary_key,
    unique,
)
from dynamodel.errors import service_error
from dynamodel.transport.boto3_transport import Boto3Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Send = Callable[[Request], Mapping[str, Any]]
    Fault = Callable[[Request, Send], Mapping[str, Any]]


class Account(Entity, table=Table("several.accounts")):
    owner: Attr[str] = attribute()
    number: Attr[int] = attribute()
    balance: Attr[int] = attribute(default=0)
    note: Attr[str] = attribute(default="")
    main = primary_key(owner, number)


class Token(Entity, table=Table("several.tokens")):
    """Bytes are its key."""

    code: Attr[bytes] = attribute()
    uses: Attr[int] = attribute(default=0)
    by_code = primary_key(code)


class Draft(Entity, table=Table("several.drafts")):
    draft_id: Attr[str] = attribute()
    text: Attr[str] = attribute(default="")
    version: Attr[int] = attribute(version=True)
    updated: Attr[datetime] = attribute(updated=True)
    by_id = primary_key(draft_id)


class Memo(Entity, table=Table("several.memos")):
    memo_id: Attr[str] = attribute()
    updated: Attr[datetime] = attribute(updated=True)
    by_id = primary_key(memo_id)


app = Table("several.app", partition_key="pk", sort_key="sk")


class User(Entity, table=app):
    name: Attr[str] = attribute()
    email: Attr[str | None] = attribute(default=None)
    age: Attr[int] = attribute(default=0)
    main = primary_key(key("USER", name), key("PROFILE"))
    by_email = unique(email)


class Order(Entity, table=app):
    user: Attr[str] = attribute()
    number: Attr[int] = attribute()
    main = primary_key(key("USER", user), key("ORDER", number))


TABLES = (Account, Token, Draft, Memo, User)


class Faulty:
    """Passes requests on and keeps them; the faults that are given come first, one for each request."""

    def __init__(self, inner: Any = None) -> None:
        self.inner = inner
        self.requests: list[Request] = []
        self.faults: list[Fault | None] = []

    def send(self, request: Request) -> Mapping[str, Any]:
        self.requests.append(request)
        fault = self.faults.pop(0) if self.faults else None
        return self.inner.send(request) if fault is None else fault(request, self.inner.send)

    def close(self) -> None:
        self.inner.close()

    @property
    def operations(self) -> list[str]:
        return [request.operation for request in self.requests]

    @property
    def tokens(self) -> set[str]:
        return {request.parameters["ClientRequestToken"] for request in self.requests}


@contextmanager
def faulty_client(endpoint_url: str | None) -> Iterator[tuple[Client, Faulty]]:
    """A client of an engine that has the tables."""
    faulty = Faulty(Boto3Transport.open(endpoint_url, "us-east-1"))
    with connect(transport=faulty) as db:
        for entity in TABLES:
            db.create_table(entity)
        yield db, faulty


# --- faults ---


def lost(request: Request, send: Send) -> Mapping[str, Any]:
    """The request is done, and its answer does not arrive."""
    send(request)
    raise UnreachableError("ReadTimeoutError", "no answer", request.operation)


def unsent(request: Request, send: Send) -> Mapping[str, Any]:
    raise UnreachableError("ConnectTimeoutError", "no way", request.operation)


def failing(code: str, *reasons: str | dict[str, Any]) -> Fault:
    """DynamoDB refuses the request; of a transaction, with these reasons."""

    def fault(request: Request, send: Send) -> Mapping[str, Any]:
        raise refusal(code, *reasons, operation=request.operation)

    return fault


def refusal(code: str, *reasons: str | dict[str, Any], operation: str = "TransactWriteItems") -> ServiceError:
    told = [{"Code": reason} if isinstance(reason, str) else reason for reason in reasons]
    return service_error(code, "said DynamoDB", operation, {"CancellationReasons": told} if told else {})


def canceled(*reasons: str | dict[str, Any]) -> Fault:
    return failing("TransactionCanceledException", *reasons)


def answering(answer: Mapping[str, Any]) -> Fault:
    return lambda request, send: answer


def only(count: int) -> Fault:
    """DynamoDB does so many of a batch, and leaves the rest unprocessed."""

    def fault(request: Request, send: Send) -> Mapping[str, Any]:
        is_get = request.operation == "BatchGetItem"
        done: dict[str, Any] = {}
        left: dict[str, Any] = {}
        room = count
        for table, asked in request.parameters["RequestItems"].items():
            entries = asked["Keys"] if is_get else asked
            for part, chosen in ((done, entries[:room]), (left, entries[room:])):
                if chosen:
                    part[table] = {**asked, "Keys": chosen} if is_get else chosen
            room = max(0, room - len(entries))
        unprocessed = "UnprocessedKeys" if is_get else "UnprocessedItems"
        answer = dict(send(Request(request.operation, {"RequestItems": done}))) if done else {"Responses": {}}
        return {**answer, unprocessed: left}

    return fault
