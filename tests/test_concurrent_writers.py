"""Several writers of one item, at once and over a network that fails: no update is lost, none is done twice.

Every writer is a thread with a client of its own. Each increment has a name, and the item keeps the list of
them: so what was lost, and what was done twice, is seen at once.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from random import Random
from threading import Barrier
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from dynamodel import (
    Attr,
    Client,
    ConditionFailedError,
    Entity,
    Request,
    RequestError,
    Table,
    TransactionCanceledError,
    UniqueConstraintError,
    UnreachableError,
    attribute,
    connect,
    key,
    primary_key,
    transaction,
    unique,
)
from dynamodel.transport.boto3_transport import Boto3Transport

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dynamodel.testing import DynamoDBLocal

pytestmark = pytest.mark.dynamodb_local

WRITERS = 4
EACH = 5
READS = frozenset({"GetItem", "Query", "Scan"})

app = Table("concurrent.app", partition_key="pk", sort_key="sk")


class Account(Entity, table=app):
    name: Attr[str] = attribute()
    total: Attr[int] = attribute(default=0)
    done: Attr[list[str]] = attribute(factory=list)
    version: Attr[int] = attribute(version=True)
    main = primary_key(key("ACCOUNT", name), key("ACCOUNT"))


class Entry(Entity, table=app):
    account: Attr[str] = attribute()
    entry: Attr[str] = attribute()
    main = primary_key(key("ACCOUNT", account), key("ENTRY", entry))


class User(Entity, table=app):
    name: Attr[str] = attribute()
    email: Attr[str | None] = attribute(default=None)
    main = primary_key(key("USER", name), key("USER"))
    by_email = unique(email)


# --- the network ---


class Unreliable:
    """Sends requests; writes may lose their answer, may not arrive, or may arrive twice."""

    def __init__(self, inner: Boto3Transport, seed: int) -> None:
        self.inner = inner
        self.random = Random(seed)
        self.happened: Tally[str] = Tally()

    def send(self, request: Request) -> Mapping[str, Any]:
        if request.operation in READS:
            return self.inner.send(request)
        [what] = self.random.choices(["sent", "lost", "unsent", "twice"], [4, 2, 2, 2])
        self.happened[what] += 1
        if what == "unsent":
            raise UnreachableError("ConnectTimeoutError", "no way", request.operation)
        if what == "twice":  # botocore sends a request again of which it knows nothing
            self._tried(request)
        answer = self.inner.send(request)
        if what == "lost":
            raise UnreachableError("ReadTimeoutError", "no answer", request.operation)
        return answer

    def _tried(self, request: Request) -> None:
        with suppress(ConditionFailedError, TransactionCanceledError):  # nobody hears this answer
            self.inner.send(request)

    def close(self) -> None:
        self.inner.close()


@pytest.fixture(scope="module")
def opened(dynamodb_local: DynamoDBLocal) -> Iterator[dict[str, list[Client]]]:
    """Clients for each writer, of each kind, and the table. Each test has items of its own."""
    with ExitStack() as stack:
        clients: dict[str, list[Client]] = {"reliable": [], "unreliable": []}
        for number in range(WRITERS):
            transport = Boto3Transport.open(dynamodb_local.endpoint_url, "us-east-1")
            clients["reliable"].append(stack.enter_context(connect(transport=transport)))
            clients["unreliable"].append(connect(transport=Unreliable(transport, seed=number)))
        db = clients["reliable"][0]
        db.create_table(app)
        yield clients
        db.delete_table(app)


@pytest.fixture
def db(opened: dict[str, list[Client]]) -> Client:
    return opened["reliable"][0]


@pytest.fixture(params=["reliable", "unreliable"])
def clients(request: pytest.FixtureRequest, opened: dict[str, list[Client]]) -> list[Client]:
    """One for each writer."""
    return opened[request.param]


@pytest.fixture
def name() -> str:
    """Of an item of this test alone."""
    return uuid4().hex


def at_once(clients: list[Client], work: Callable[[Client, int], Any]) -> list[Any]:
    """What each writer has in the end; they begin together."""
    together = Barrier(len(clients))

    def begin(client: Client, number: int) -> Any:
        together.wait(timeout=30)
        return work(client, number)

    with ThreadPoolExecutor(len(clients)) as threads:
        return list(threads.map(begin, clients, range(len(clients)), timeout=120))


# --- one item, many writers ---


def read(db: Client, name: str) -> Account:
    account = db.run(Account.main.get(name).consistent())
    assert account is not None
    return account


def with_one_more(account: Account, entry: str) -> Account:
    account.total += 1
    account.done = [*account.done, entry]
    return account


def by_put(account: Account, entry: str) -> Any:
    return with_one_more(account, entry).put()


def by_upsert(account: Account, entry: str) -> Any:
    return with_one_more(account, entry).upsert()


def by_update(account: Account, entry: str) -> Any:
    return (
        Account.main.update(account.name)
        .apply(Account.total.set(account.total + 1), Account.done.set([*account.done, entry]))
        .when(Account.version == account.version)
    )


def by_transaction(account: Account, entry: str) -> Any:
    beside = Entry(account=account.name, entry=f"{entry} at {account.version}")
    return transaction(with_one_more(account, entry).put(), beside.create())


def by_update_in_a_transaction(account: Account, entry: str) -> Any:
    beside = Entry(account=account.name, entry=f"{entry} at {account.version}")
    return transaction(by_update(account, entry), beside.create())


Way = Callable[[Account, str], Any]
WAYS: list[Way] = [by_put, by_upsert, by_update, by_transaction, by_update_in_a_transaction]


def increment(db: Client, way: Way, name: str, entry: str) -> None:
    """Until it is done. A writer who was told of a failure looks first at what is there."""
    account = read(db, name)
    while entry not in account.done:
        try:
            db.run(way(account, entry))
        except (ConditionFailedError, TransactionCanceledError, UnreachableError):
            account = read(db, name)
        else:
            return


@pytest.mark.parametrize(
    "ways", [pytest.param([way], id=way.__name__) for way in WAYS] + [pytest.param(WAYS, id="all")]
)
def test_every_increment_is_done_exactly_once(clients, db, ways, name):
    db.run(Account(name=name).create())

    def work(db: Client, number: int) -> None:
        for n in range(EACH):
            increment(db, ways[(number + n) % len(ways)], name, f"{number}/{n}")

    at_once(clients, work)
    account = read(db, name)
    assert sorted(account.done) == sorted(f"{number}/{n}" for number in range(WRITERS) for n in range(EACH))
    assert account.total == WRITERS * EACH
    assert account.version == 1 + WRITERS * EACH  # create() was the first write


def test_updates_that_read_nothing_need_no_retry(opened, db, name):
    db.run(Account(name=name).create())
    clients = opened["reliable"]

    def work(db: Client, number: int) -> None:
        for n in range(EACH):
            db.run(
                Account.main.update(name).apply(Account.total.add(1), Account.done.append(f"{number}/{n}"))
            )

    at_once(clients, work)
    account = read(db, name)
    assert (account.total, account.version) == (WRITERS * EACH, 1 + WRITERS * EACH)
    assert len(set(account.done)) == len(account.done) == WRITERS * EACH


def test_of_writers_that_saw_the_same_version_one_wins(clients, db, name):
    for n in range(3):
        current = [Account(name=f"{name}{n}") for _ in clients]  # all of them are new

        def work(db: Client, number: int, current: list[Account] = current) -> bool:
            current[number].done = [str(number)]
            try:
                db.run(current[number].put())
            except (ConditionFailedError, UnreachableError):
                return False
            return True

        won = at_once(clients, work)
        stored = read(db, f"{name}{n}")
        assert stored.version == 1
        assert won.count(True) <= 1
        if True in won:
            assert stored.done == [str(won.index(True))]


# --- one write and a bad network, step by step ---


class Scripted:
    """Does with each write what the script says: s, sent; u, not sent; l, done and its answer lost."""

    def __init__(self, inner: Client, script: str, between: Callable[[], object]) -> None:
        self.inner = inner
        self.script = list(script)
        self.between = between
        self.writes = 0

    def send(self, request: Request) -> Mapping[str, Any]:
        transport: Any = self.inner._transport
        if request.operation in READS:
            return transport.send(request)
        self.writes += 1
        what = self.script.pop(0) if self.script else "s"
        if what == "s":
            return transport.send(request)
        if what == "l":
            with suppress(ConditionFailedError):
                transport.send(request)
            self.between()
        raise UnreachableError("ReadTimeoutError", "no answer", request.operation)

    def close(self) -> None:
        """The client beneath goes on."""


def scripted(
    db: Client, script: str, between: Callable[[], object] = lambda: None
) -> tuple[Client, Scripted]:
    transport = Scripted(db, script, between)
    return connect(transport=transport), transport


WRITES_OF_ONE = [by_put, by_upsert, by_update]


@pytest.mark.parametrize("script", ["l", "u", "lll", "uuu", "ulu", "lul"])
@pytest.mark.parametrize("way", WAYS)
def test_a_lost_answer_is_made_good(db, way, script, name):
    db.run(Account(name=name).create())
    bad, transport = scripted(db, script)
    account = read(bad, name)
    bad.run(way(account, "x"))
    stored = read(db, name)
    assert (stored.done, stored.total, stored.version) == (["x"], 1, 2)
    assert transport.writes == len(script) + 1
    if way in {by_put, by_upsert, by_transaction}:
        assert account.version == 2  # the instance knows of its write


@pytest.mark.parametrize("way", WRITES_OF_ONE)
def test_whoever_gets_no_answer_is_told(db, way, name):
    db.run(Account(name=name).create())
    bad, transport = scripted(db, "u" * 100)
    account = read(bad, name)
    with pytest.raises(UnreachableError):
        bad.run(way(account, "x"))
    assert (read(db, name).done, account.version) == ([], 1)
    assert transport.writes == 4


@pytest.mark.parametrize("way", WRITES_OF_ONE)
def test_another_writer_behind_a_lost_answer_is_not_overwritten(db, way, name):
    """The write was done, and cannot know it: a conflict is reported, with what is stored."""
    db.run(Account(name=name).create())
    bad, _ = scripted(db, "l", between=lambda: db.run(by_put(read(db, name), "other")))
    account = read(bad, name)
    with pytest.raises(ConditionFailedError) as caught:
        bad.run(way(account, "x"))
    stored = read(db, name)
    assert stored.done == ["x", "other"]
    assert caught.value.old_item == stored
    assert account.version == 1  # it was not told of a success


@pytest.mark.parametrize("way", [by_transaction, by_update_in_a_transaction])
def test_a_transaction_behind_a_lost_answer_is_done_once(db, way, name):
    """Its token tells DynamoDB that it has been done, whoever wrote in between."""
    db.run(Account(name=name).create())
    bad, _ = scripted(db, "l", between=lambda: db.run(by_put(read(db, name), "other")))
    bad.run(way(read(bad, name), "x"))
    assert read(db, name).done == ["x", "other"]


def test_an_update_without_a_condition_is_not_done_twice(db, name):
    """Its answer was lost, and another writer came: it is done once, or the caller is told."""
    db.run(Account(name=name).create())
    bad, _ = scripted(db, "l", between=lambda: db.run(by_put(read(db, name), "other")))
    operation = Account.main.update(name).apply(Account.total.add(1), Account.done.append("x"))
    with suppress(UnreachableError):
        bad.run(operation)
    assert read(db, name).done == ["x", "other"]


def test_an_update_without_a_condition_does_not_overwrite_the_next_writer(db, name):
    db.run(Account(name=name).create())
    bad, _ = scripted(db, "l", between=lambda: db.run(by_put(read(db, name), "other")))
    with suppress(UnreachableError):
        bad.run(Account.main.update(name).apply(Account.done.set(["x"])))
    assert read(db, name).done == ["x", "other"]


def test_creating_behind_a_lost_answer(db, name):
    bad, transport = scripted(db, "l")
    account = Account(name=name, done=["x"])
    bad.run(account.create())
    assert (account.version, transport.writes) == (1, 2)
    assert read(db, name).done == ["x"]


def test_creating_behind_a_lost_answer_and_a_delete(db, name):
    """It was deleted before the create is sent again: then it is there, as if created a little later."""
    bad, _ = scripted(db, "l", between=lambda: db.run(Account.main.delete(name)))
    bad.run(Account(name=name, done=["x"]).create())
    assert read(db, name).done == ["x"]


@pytest.mark.parametrize("operation", ["put", "upsert"])
def test_an_item_that_somebody_else_made_is_not_replaced(db, operation, name):
    bad, _ = scripted(db, "u", between=lambda: None)
    db.run(Account(name=name, done=["other"]).create())
    with pytest.raises(ConditionFailedError):
        bad.run(getattr(Account(name=name, done=["x"]), operation)())
    assert read(db, name).done == ["other"]


def test_deleting_what_somebody_changed(clients, db, name):
    db.run(Account(name=name).create())
    seen = [read(client, name) for client in clients]
    db.run(by_put(read(db, name), "other"))

    def work(db: Client, number: int) -> bool:
        try:
            db.run(seen[number].delete())
        except (ConditionFailedError, UnreachableError):
            return False
        return True

    assert not any(at_once(clients, work))
    assert read(db, name).done == ["other"]


# --- unique values ---


def claims(db: Client, wire: Any) -> dict[str, str]:
    """The users' e-mails by the users' keys, as the claims on the table have them."""
    items = wire.scan(TableName=app.name, ConsistentRead=True)["Items"]
    found = [item for item in items if item["_type"] == {"S": "$unique"}]
    owners = [item["_owner"]["M"]["pk"]["S"] for item in found]
    assert len(owners) == len(set(owners))
    return {owner: item["pk"]["S"] for owner, item in zip(owners, found, strict=True)}


def users(db: Client) -> dict[str, str | None]:
    return {user.name: user.email for user in db.run(User.scan().consistent())}


@pytest.fixture
def no_users(db: Client, dynamodb_local: DynamoDBLocal) -> Iterator[Any]:
    """A client that sees what is stored."""
    wire = dynamodb_local.boto3_client()
    yield wire
    for user in db.run(User.scan().consistent()):
        db.run(user.delete())
    wire.close()


def test_of_two_users_who_want_one_email_one_has_it(clients, db, name, no_users):
    for n in range(5):
        email = f"{name}{n}@x"

        def work(db: Client, number: int, email: str = email) -> str:
            try:
                db.run(User(name=f"{email}{number}", email=email).create())
            except UniqueConstraintError as error:
                return error.constraint
            return "won"

        assert sorted(at_once(clients[:2], work)) == ["User.by_email", "won"]
        assert list(users(db).values()).count(email) == 1


def test_claims_are_those_of_the_users(clients, db, name, no_users):
    emails = [f"{name}{n}@x" for n in range(4)]
    names = [f"{name}{n}" for n in range(5)]

    def change(random: Random) -> Any:
        who, email = random.choice(names), random.choice([*emails, None])
        user = User(name=who, email=email)
        update = User.main.update(who).apply(User.email.set(email))
        return random.choice([user.create(), user.put(), user.upsert(), update, User.main.delete(who)])

    def work(db: Client, number: int) -> Tally[str]:
        random = Random(number)
        ends: Tally[str] = Tally()
        for _ in range(12):
            try:
                db.run(change(random))
            except (ConditionFailedError, TransactionCanceledError, UnreachableError, RequestError) as error:
                ends[type(error).__name__] += 1
            else:
                ends["done"] += 1
        return ends

    ends = sum(at_once(clients, work), Tally())
    assert ends["done"] > 10
    assert ends["UniqueConstraintError"] > 0
    found = claims(db, no_users)
    stored = {f"USER#{who}": email for who, email in users(db).items() if email is not None}
    assert found.keys() == stored.keys()
    for owner, email in stored.items():
        assert email in found[owner]
