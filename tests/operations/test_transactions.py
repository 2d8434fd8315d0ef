"""Transactions: what they send, that they are done once, and what they say when they are canceled."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest

from dynamodel import (
    ConditionFailedError,
    MarshalError,
    Request,
    RequestError,
    ServiceError,
    TableNotFoundError,
    TransactionCanceledError,
    UniqueConstraintError,
    UnreachableError,
    UnreadableItemError,
    UnreadableItemsError,
    transaction,
    transaction_get,
)
from dynamodel.operations.retries import MAX_ATTEMPTS

from .several_models import (
    Account,
    Draft,
    Faulty,
    Order,
    Token,
    User,
    answering,
    canceled,
    failing,
    lost,
    unsent,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynamodel import Client


@pytest.fixture
def db(faulty: tuple[Client, Faulty]) -> Client:
    return faulty[0]


@pytest.fixture
def sent(faulty: tuple[Client, Faulty]) -> Faulty:
    return faulty[1]


def get(db: Client, owner: str, number: int = 1) -> Account | None:
    return db.run(Account.main.get(owner, number).consistent())


def balance(db: Client, owner: str, number: int = 1) -> int:
    account = get(db, owner, number)
    assert account is not None
    return account.balance


def transfer(owner: str, amount: int = 5):
    return (
        Account.main.update(owner, 1).apply(Account.balance.add(-amount)).when(Account.balance >= amount),
        Account.main.update(owner, 2).apply(Account.balance.add(amount)).must_exist(),
    )


def open_accounts(db: Client, owner: str) -> None:
    db.run(
        transaction(
            Account(owner=owner, number=1, balance=10).create(), Account(owner=owner, number=2).create()
        )
    )


# --- requests ---


def test_the_request():
    account = Account(owner="ann", number=1)
    operation = transaction(
        account.create(),
        Account.main.update("ann", 2).apply(Account.balance.add(1)),
        Account.main.delete("ann", 3),
        Token.by_code.check(b"\x00").must_exist(),
        token="t",
    )
    name, parameters = operation.request()
    assert name == "TransactWriteItems"
    assert parameters["ClientRequestToken"] == "t"
    assert parameters["TransactItems"] == [
        {"Put": account.create().request().parameters},
        {"Update": Account.main.update("ann", 2).apply(Account.balance.add(1)).request().parameters},
        {"Delete": {"TableName": "several.accounts", "Key": {"owner": {"S": "ann"}, "number": {"N": "3"}}}},
        {
            "ConditionCheck": {
                "TableName": "several.tokens",
                "Key": {"code": {"B": b"\x00"}},
                "ConditionExpression": "attribute_exists(#n0)",
                "ExpressionAttributeNames": {"#n0": "code"},
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        },
    ]
    assert "ClientRequestToken" not in transaction(account.put()).request().parameters


def test_the_request_of_gets():
    operation = transaction_get(
        Account.main.get("ann", 1).project(Account.balance).consistent(), Token.by_code.get(b"\x00")
    )
    assert operation.request() == (
        "TransactGetItems",
        {
            "TransactItems": [
                {
                    "Get": {
                        "TableName": "several.accounts",
                        "Key": {"owner": {"S": "ann"}, "number": {"N": "1"}},
                        "ProjectionExpression": "#n0, #n1, #n2",
                        "ExpressionAttributeNames": {"#n0": "balance", "#n1": "owner", "#n2": "number"},
                    }
                },
                {"Get": {"TableName": "several.tokens", "Key": {"code": {"B": b"\x00"}}}},
            ]
        },
    )


@pytest.mark.parametrize(
    "operation",
    [
        transaction(Account(owner="ann", number=1).put(), token="t"),
        transaction_get(Account.main.get("ann", 1)),
    ],
)
def test_a_request_can_be_changed_without_changing_the_operation(operation):
    before = repr(operation.request())
    for action in operation.request().parameters["TransactItems"]:
        for parameters in action.values():
            parameters.get("Item", parameters.get("Key")).clear()
            parameters.clear()
    assert repr(operation.request()) == before


def test_the_same_transaction_has_the_same_request_each_time():
    """By which a token recognizes it, although versions leave another mark with each write."""
    operations = [transaction(Draft(draft_id="a").put(), token="t") for _ in range(2)]
    items = [
        operation.request().parameters["TransactItems"][0]["Put"]["Item"] | {"updated": None}
        for operation in operations
    ]
    assert items[0] == items[1]
    assert operations[0].request() == operations[0].request()


def test_the_repr_shows_no_values():
    operations = [
        transaction(Account(owner="secret", number=1, note="secret").create(), token="secret"),
        transaction(User(name="secret", email="secret").create()),
        transaction_get(Account.main.get("secret", 1)),
    ]
    for operation in operations:
        assert "secret" not in repr(operation)
        assert "Account" in repr(operation) or "User" in repr(operation)


# --- refused at once ---

ACCOUNT = Account(owner="ann", number=1)
ORDER = Order(user="ann", number=1)
TOKEN = Token.by_code.get(b"\x00")


def wrong_uses() -> Iterator[tuple[str, Callable[[], Any], str]]:
    yield "nothing", transaction, "1 to 100 actions, found 0"
    yield "a get", lambda: transaction(ACCOUNT.put(), Account.main.get("a", 1)), "operation 1 .*Get"
    yield "an instance", lambda: transaction(ACCOUNT), "operation 0 .*Account"
    yield "a list", lambda: transaction([ACCOUNT.put()]), "operation 0 .*list"
    yield "another transaction", lambda: transaction(transaction(ACCOUNT.put())), "operation 0 .*Transaction"
    yield "a result", lambda: transaction(ACCOUNT.put().returning("ALL_OLD")), "returns nothing"
    yield "an update without actions", lambda: transaction(Account.main.update("a", 1)), "apply"
    yield "a check of nothing", lambda: transaction(Account.main.check("a", 1)), "must_exist"
    yield "the same item twice", lambda: transaction(ACCOUNT.put(), Account.main.delete("ann", 1)), "0 and 1"
    yield (
        "a write and a check of the same item",
        lambda: transaction(ORDER.put(), ACCOUNT.put(), Order.main.check("ann", 1).must_exist()),
        "0 and 2",
    )
    yield (
        "one unique value twice",
        lambda: transaction(User(name="a", email="x").create(), User(name="b", email="x").create()),
        "same value of User.by_email",
    )
    yield (
        "101 writes",
        lambda: transaction(*(Account(owner="a", number=number).put() for number in range(101))),
        "found 101",
    )
    yield (
        "51 writes with claims",
        lambda: transaction(*(User(name=f"{n}", email=f"{n}").create() for n in range(51))),
        "found 102; each claim",
    )
    yield (
        "more than 4 MB",
        lambda: transaction(*(Account(owner="a", number=n, note="x" * 400_000).put() for n in range(11))),
        "4 MB",
    )
    yield "an empty token", lambda: transaction(ACCOUNT.put(), token=""), "1 to 36"
    yield "a long token", lambda: transaction(ACCOUNT.put(), token="x" * 37), "1 to 36"
    yield "a number as token", lambda: transaction(ACCOUNT.put(), token=7), "1 to 36"
    yield (
        "an update of an unknown unique value",
        lambda: transaction(User.main.update("a").apply(User.email.set("x"))),
        "email",
    )
    yield "no gets", transaction_get, "1 to 100 gets, found 0"
    yield (
        "101 gets",
        lambda: transaction_get(*(Account.main.get("a", number) for number in range(101))),
        "found 101",
    )
    yield "a write to get", lambda: transaction_get(ACCOUNT.put()), "operation 0 .*Put"
    yield "a query to get", lambda: transaction_get(Account.main.query("a")), "operation 0 .*Query"
    yield (
        "the same get twice",
        lambda: transaction_get(TOKEN, Token.by_code.get(b"\x01"), TOKEN.project(Token.uses)),
        "gets 0 and 2",
    )


@pytest.mark.parametrize(
    ("build", "words"), [case[1:] for case in wrong_uses()], ids=[case[0] for case in wrong_uses()]
)
def test_refused_at_once(build, words):
    with pytest.raises(RequestError, match=words) as caught:
        build()
    assert "'x'" not in str(caught.value)


# --- on the engine ---


def test_all_or_nothing(db, owner):
    open_accounts(db, owner)
    assert db.run(transaction(*transfer(owner))) is None
    assert (balance(db, owner, 1), balance(db, owner, 2)) == (5, 5)
    db.run(Account.main.delete(owner, 2))
    with pytest.raises(TransactionCanceledError):
        db.run(transaction(*transfer(owner)))
    assert (balance(db, owner, 1), get(db, owner, 2)) == (5, None)


def test_every_kind_of_write_in_several_tables(db, owner):
    open_accounts(db, owner)
    code = owner.encode()
    db.run(
        transaction(
            Token(code=code).put(),
            Account.main.update(owner, 1).apply(Account.note.set("seen")),
            Account.main.delete(owner, 2),
            Account.main.check(owner, 3).must_not_exist(),
        )
    )
    assert db.run(Token.by_code.get(code)) == Token(code=code)
    assert get(db, owner) == Account(owner=owner, number=1, balance=10, note="seen")
    assert get(db, owner, 2) is None


def test_a_hundred_writes(db, owner):
    db.run(transaction(*(Account(owner=owner, number=number).create() for number in range(100))))
    assert db.run(Account.main.query(owner).count()) == 100


def test_the_engine_agrees_on_4_mb(db, owner):
    """What is not refused here is not refused there."""
    notes = [400_000] * 10
    accounts = [Account(owner=owner, number=n + 1, note="x" * size) for n, size in enumerate(notes)]
    db.run(transaction(*(account.put() for account in accounts)))


def test_reasons_on_the_engine(db, owner):
    open_accounts(db, owner)
    stored = Account(owner=owner, number=2)
    operations = (Token(code=b"reasons").put(), stored.create(), Account.main.check(owner, 3).must_exist())
    with pytest.raises(TransactionCanceledError) as caught:
        db.run(transaction(*operations))
    error = caught.value
    nothing, exists, missing = error.reasons
    assert nothing is None
    assert isinstance(exists, ConditionFailedError)
    assert exists.old_item == stored
    assert isinstance(missing, ConditionFailedError)
    assert missing.old_item is None
    assert str(error) == (
        "TransactWriteItems on Token, Account: TransactionCanceledException: "
        "reasons[1] (Account): ConditionalCheckFailedException, "
        "reasons[2] (Account): ConditionalCheckFailedException"
    )
    assert error.code == "TransactionCanceledException"
    assert db.run(Token.by_code.get(b"reasons")) is None


def test_the_old_item_that_does_not_fit(db, sent, owner):
    item = {"owner": {"S": owner}, "number": {"N": "1"}, "balance": {"S": "?"}}
    sent.send(Request("PutItem", {"TableName": "several.accounts", "Item": item}))
    with pytest.raises(TransactionCanceledError) as caught:
        db.run(transaction(Account(owner=owner, number=1).create()))
    [reason] = caught.value.reasons
    assert isinstance(reason, ConditionFailedError)
    assert isinstance(reason.unreadable, UnreadableItemError)


def test_errors_travel(db, owner):
    open_accounts(db, owner)
    with pytest.raises(TransactionCanceledError) as caught:
        db.run(transaction(Account(owner=owner, number=1).create()))
    arrived = pickle.loads(pickle.dumps(caught.value))
    assert str(arrived) == str(caught.value)
    assert arrived.reasons[0].old_item == caught.value.reasons[0].old_item


# --- once, whatever happens to the answers ---


@pytest.mark.parametrize("token", [None, "given"])
def test_a_lost_answer_does_not_make_it_twice(db, sent, owner, token):
    open_accounts(db, owner)
    sent.requests.clear()
    sent.faults = [lost, lost]
    db.run(transaction(*transfer(owner), token=token and owner[-36:]))
    assert (balance(db, owner, 1), balance(db, owner, 2)) == (5, 5)
    assert sent.operations[:3] == ["TransactWriteItems"] * 3
    assert sent.requests[0] == sent.requests[1] == sent.requests[2]


def test_the_same_token_again_does_nothing(db, owner):
    open_accounts(db, owner)
    operation = transaction(*transfer(owner), token="again")
    db.run(operation)
    db.run(operation)
    db.run(transaction(*transfer(owner), token="again"))  # made anew, as by a Lambda that is run again
    assert balance(db, owner) == 5
    with pytest.raises(ServiceError) as caught:
        db.run(transaction(*transfer(owner, 3), token="again"))
    assert caught.value.code == "IdempotentParameterMismatchException"


def test_without_a_token_each_run_counts(db, sent, owner):
    open_accounts(db, owner)
    sent.requests.clear()
    operation = transaction(*transfer(owner))
    db.run(operation)
    db.run(operation)
    assert len(sent.tokens) == 2
    assert balance(db, owner) == 0


def test_what_may_pass_is_waited_for(db, sent, pauses, owner):
    open_accounts(db, owner)
    sent.requests.clear()
    sent.faults = [
        canceled("TransactionConflict", "None"),
        failing("TransactionInProgressException"),
        failing("ThrottlingException"),
        unsent,
        canceled("None", "ThrottlingError"),
    ]
    db.run(transaction(*transfer(owner)))
    assert balance(db, owner) == 5
    assert sent.operations[:6] == ["TransactWriteItems"] * 6
    assert len(pauses) == 5


def test_a_conflict_that_does_not_pass(db, sent, pauses, owner):
    sent.faults = [canceled("TransactionConflict", "None")] * MAX_ATTEMPTS
    with pytest.raises(TransactionCanceledError) as caught:
        db.run(transaction(*transfer(owner)))
    assert [reason and reason.code for reason in caught.value.reasons] == [
        "TransactionConflictException",
        None,
    ]
    assert len(sent.requests) == MAX_ATTEMPTS
    assert len(pauses) == MAX_ATTEMPTS - 1


def test_errors_that_are_no_cancellation(db, sent, owner):
    sent.faults = [failing("ResourceNotFoundException")]
    with pytest.raises(TableNotFoundError) as caught:
        db.run(transaction(*transfer(owner)))
    assert caught.value.entity == "Account"
    assert len(sent.requests) == 1


# --- versions and unique values ---


def test_versions_are_handed_over_once_it_is_done(db, sent, owner):
    draft = Draft(draft_id=owner)
    sent.faults = [canceled("ConditionalCheckFailed")]
    with pytest.raises(TransactionCanceledError):
        db.run(transaction(draft.put()))
    assert draft.version == 0
    sent.faults = [lost]
    db.run(transaction(draft.put()))
    assert draft.version == 1
    draft.text = "changed"
    db.run(transaction(draft.put(), Account(owner=owner, number=1).put()))
    assert draft.version == 2
    stored = db.run(Draft.by_id.get(owner))
    assert (stored, stored.version) == (draft, 2)


def test_a_version_conflict(db, owner):
    first, second = Draft(draft_id=owner, text="1"), Draft(draft_id=owner, text="2")
    db.run(transaction(first.put()))
    with pytest.raises(TransactionCanceledError) as caught:
        db.run(transaction(Account(owner=owner, number=1).put(), second.put()))
    nothing, reason = caught.value.reasons
    assert nothing is None
    assert isinstance(reason, ConditionFailedError)
    assert reason.old_item == first
    assert second.version == 0
    db.run(transaction(first.delete()))
    assert db.run(Draft.by_id.get(owner)) is None


def test_unique_values_in_a_transaction(db, owner):
    ann, bob = User(name=f"{owner}a", email=owner), User(name=f"{owner}b", email=owner)
    db.run(transaction(ann.create(), Order(user="ann", number=1).put()))
    with pytest.raises(TransactionCanceledError) as caught:
        db.run(transaction(Order(user="bob", number=1).put(), bob.create()))
    nothing, reason = caught.value.reasons
    assert nothing is None
    assert isinstance(reason, UniqueConstraintError)
    assert reason.constraint == "User.by_email"
    assert owner not in str(caught.value)
    assert owner not in str(reason)
    # Ann takes another address, so that hers is free.
    change = User.main.update(ann.name).apply(User.email.set("other")).when(User.email == owner)
    db.run(transaction(change, Order(user="ann", number=2).put()))
    db.run(transaction(bob.create()))


def test_each_operation_has_its_own_reason_behind_one_with_claims(db, owner):
    open_accounts(db, owner)
    with pytest.raises(TransactionCanceledError) as caught:
        db.run(transaction(User(name=owner, email=owner).create(), Account(owner=owner, number=1).create()))
    first, second = caught.value.reasons
    assert first is None
    assert isinstance(second, ConditionFailedError)
    assert second.old_item == Account(owner=owner, number=1, balance=10)


# --- gets ---


def test_gets_in_their_order(db, owner):
    open_accounts(db, owner)
    code = owner.encode()
    db.run(Token(code=code, uses=3).put())
    token, none, account = db.run(
        transaction_get(Token.by_code.get(code), Account.main.get(owner, 9), Account.main.get(owner, 1))
    )
    assert token == Token(code=code, uses=3)
    assert none is None
    assert account == Account(owner=owner, number=1, balance=10)


def test_projections_of_gets(db, owner):
    open_accounts(db, owner)
    (account,) = db.run(transaction_get(Account.main.get(owner, 1).project(Account.balance)))
    assert account is not None
    assert (account.balance, account.owner) == (10, owner)
    with pytest.raises(AttributeError, match="note"):
        _ = account.note


def test_a_hundred_gets(db, owner):
    open_accounts(db, owner)
    found = db.run(transaction_get(*(Account.main.get(owner, number) for number in range(100))))
    assert [account and account.number for account in found] == [None, 1, 2, *[None] * 97]


def test_what_was_read_beside_an_unreadable_item(db, sent, owner):
    open_accounts(db, owner)
    good = {"Item": {"owner": {"S": owner}, "number": {"N": "1"}}}
    bad = {"Item": {"owner": {"S": owner}, "number": {"N": "2"}, "balance": {"S": "?"}}}
    sent.faults = [answering({"Responses": [good, {}, bad]})]
    with pytest.raises(UnreadableItemsError) as caught:
        db.run(transaction_get(*(Account.main.get(owner, number) for number in (1, 3, 2))))
    account, none, unreadable = caught.value.items
    assert (account, none) == (Account(owner=owner, number=1), None)
    assert isinstance(unreadable, UnreadableItemError)
    assert caught.value.unreadable == (unreadable,)
    assert isinstance(caught.value, MarshalError)


def test_gets_wait_for_what_may_pass(db, sent, pauses, owner):
    open_accounts(db, owner)
    sent.requests.clear()
    sent.faults = [
        canceled("TransactionConflict"),
        lost,
        failing("ProvisionedThroughputExceededException"),
        answering({}),
        answering({"Responses": []}),
    ]
    assert db.run(transaction_get(Account.main.get(owner, 1))) != (None,)
    assert sent.operations == ["TransactGetItems"] * 6
    assert len(pauses) == 5


def test_gets_that_fail(db, sent, owner):
    pair = transaction_get(Account.main.get(owner, 1), Token.by_code.get(b"x"))
    sent.faults = [canceled("None", "TransactionConflict")] * MAX_ATTEMPTS
    with pytest.raises(
        TransactionCanceledError, match=r"TransactGetItems on Account, Token: .*\(Token\)"
    ) as caught:
        db.run(pair)
    assert [reason and reason.code for reason in caught.value.reasons] == [
        None,
        "TransactionConflictException",
    ]
    sent.faults = [answering({})] * MAX_ATTEMPTS
    with pytest.raises(UnreachableError, match="cut short"):
        db.run(pair)
