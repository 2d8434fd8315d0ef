"""Batches: how they are divided, that nothing gets lost, and what they say of what was not done."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel import (
    BatchGetError,
    BatchWriteError,
    ConditionFailedError,
    MarshalError,
    Request,
    RequestError,
    ServiceError,
    TableNotFoundError,
    ThrottledError,
    UniqueConstraintError,
    UnreachableError,
    UnreadableItemError,
    UnreadableItemsError,
    batch_get,
    batch_write,
    connect,
    transaction,
)
from dynamodel.operations.retries import MAX_ATTEMPTS

from .several_models import (
    Account,
    Draft,
    Faulty,
    Memo,
    Order,
    Token,
    User,
    answering,
    failing,
    lost,
    only,
    unsent,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynamodel import Client


@pytest.fixture
def db(faulty: tuple[Client, Faulty]) -> Client:
    return faulty[0]


@pytest.fixture
def sent(faulty: tuple[Client, Faulty]) -> Faulty:
    return faulty[1]


def accounts(owner: str, count: int) -> list[Account]:
    return [Account(owner=owner, number=number) for number in range(count)]


def puts(owner: str, count: int):
    return [account.put() for account in accounts(owner, count)]


def gets(owner: str, count: int):
    return [Account.main.get(owner, number) for number in range(count)]


def sizes(sent: Faulty) -> list[int]:
    """How many items each batch had."""
    return [
        sum(len(asked["Keys"] if isinstance(asked, dict) else asked) for asked in tables.values())
        for tables in (request.parameters["RequestItems"] for request in sent.requests)
    ]


# --- requests ---


def test_the_request_of_gets():
    operation = batch_get(
        Account.main.get("ann", 1),
        Token.by_code.get(b"\x00").consistent(),
        Account.main.get("ann", 2),
        Account.main.get("ann", 1),
        Account.main.get("ann", 3).consistent(),
        Token.by_code.get(b"\x01").consistent().project(Token.uses),
    )
    assert operation.request() == (
        "BatchGetItem",
        {
            "RequestItems": {
                "several.accounts": {
                    "Keys": [
                        {"owner": {"S": "ann"}, "number": {"N": "1"}},
                        {"owner": {"S": "ann"}, "number": {"N": "2"}},
                    ]
                },
                "several.tokens": {"Keys": [{"code": {"B": b"\x00"}}], "ConsistentRead": True},
            }
        },
    )


def test_the_request_of_writes():
    operation = batch_write(
        Account(owner="ann", number=1).put(),
        Token.by_code.delete(b"\x00"),
        Account.main.delete("ann", 2),
        Draft(draft_id="not in it").put(),
    )
    item = {"owner": {"S": "ann"}, "number": {"N": "1"}, "balance": {"N": "0"}, "note": {"S": ""}}
    assert operation.request() == (
        "BatchWriteItem",
        {
            "RequestItems": {
                "several.accounts": [
                    {"PutRequest": {"Item": item}},
                    {"DeleteRequest": {"Key": {"owner": {"S": "ann"}, "number": {"N": "2"}}}},
                ],
                "several.tokens": [{"DeleteRequest": {"Key": {"code": {"B": b"\x00"}}}}],
            }
        },
    )


def test_the_first_request_where_all_are_sent_by_themselves():
    put = Draft(draft_id="a").put()
    assert batch_write(put).request() == put.request()


def test_batches_of_nothing():
    transport = Faulty()
    db = connect(transport=transport)
    assert db.run(batch_get()) == []
    assert db.run(batch_write()) is None
    assert transport.requests == []
    for operation in (batch_get(), batch_write()):
        with pytest.raises(RequestError, match="nothing"):
            operation.request()


@pytest.mark.parametrize(
    "operation",
    [batch_get(Account.main.get("a", 1)), batch_write(Account(owner="a", number=1).put())],
)
def test_a_request_can_be_changed_without_changing_the_operation(operation):
    before = repr(operation.request())
    tables = operation.request().parameters["RequestItems"]
    for asked in tables.values():
        for entry in asked["Keys"] if isinstance(asked, dict) else asked:
            entry.clear()
    tables.clear()
    assert repr(operation.request()) == before


def test_the_repr_shows_no_values():
    for operation in (
        batch_get(Account.main.get("secret", 1)),
        batch_write(Account(owner="secret", number=1, note="secret").put()),
    ):
        assert "secret" not in repr(operation)
        assert "Account" in repr(operation)


# --- refused at once ---

ACCOUNT = Account(owner="ann", number=1)
OTHERS = [Account(owner="ann", number=number).put() for number in range(2, 60)]


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: batch_get(ACCOUNT.put()), "operation 0 .*Put"),
        (lambda: batch_get(Account.main.get("a", 1), Account.main.query("a")), "operation 1 .*Query"),
        (lambda: batch_get([Account.main.get("a", 1)]), "operation 0 .*list"),
        (lambda: batch_get(None), "operation 0 .*NoneType"),
        (lambda: batch_write(Account.main.get("a", 1)), "operation 0 is Get"),
        (lambda: batch_write(ACCOUNT), "operation 0 is Account"),
        (lambda: batch_write([ACCOUNT.put()]), "operation 0 is list"),
        (lambda: batch_write(ACCOUNT.put(), ACCOUNT.upsert()), r"operation 1 is Update.*transaction\(\)"),
        (lambda: batch_write(Account.main.check("a", 1).must_exist()), "operation 0 is ConditionCheck"),
        (lambda: batch_write(transaction(ACCOUNT.put())), "operation 0 is Transaction"),
        (lambda: batch_write(ACCOUNT.create()), r"operation 0 \(Account\) has a condition"),
        (lambda: batch_write(ACCOUNT.put().when(Account.balance > 3)), "has a condition"),
        (lambda: batch_write(Account.main.delete("a", 1).must_exist()), "has a condition"),
        (lambda: batch_write(Draft(draft_id="a").create()), "has a condition"),
        (lambda: batch_write(ACCOUNT.put().returning("ALL_OLD")), "returns something"),
        (lambda: batch_write(Account.main.delete("a", 1).returning("ALL_OLD")), "returns something"),
        (lambda: batch_write(ACCOUNT.put(), ACCOUNT.put()), "operations 0 and 1, .*same item"),
        (lambda: batch_write(ACCOUNT.put(), *OTHERS, ACCOUNT.delete()), "operations 0 and 59, .*same item"),
        (
            lambda: batch_write(Draft(draft_id="a").put(), Draft.by_id.delete("a")),
            "operations 0 and 1, .*same item",
        ),
    ],
)
def test_refused_at_once(build: Callable[[], Any], words: str):
    with pytest.raises(RequestError, match=words):
        build()


# --- on the engine ---


def test_250_keys_of_two_tables_in_the_order_of_the_input(db, sent, owner):
    codes = [f"{owner}{number}".encode() for number in range(125)]
    db.run(batch_write(*puts(owner, 125), *(Token(code=code).put() for code in codes)))
    sent.requests.clear()
    # From the last to the first, the tables in turn; each third is absent.
    asked: list[Any] = []
    wanted: list[Any] = []
    for number in reversed(range(125)):
        asked += [Account.main.get(owner, number * 3), Token.by_code.get(codes[number])]
        wanted += [Account(owner=owner, number=number * 3) if number * 3 < 125 else None]
        wanted += [Token(code=codes[number])]
    assert db.run(batch_get(*asked)) == wanted
    assert sent.operations == ["BatchGetItem"] * 3
    assert sizes(sent) == [100, 100, 50]


def test_60_writes_of_two_tables(db, sent, owner):
    code = owner.encode()
    db.run(Token(code=code).put())
    sent.requests.clear()
    assert db.run(batch_write(*puts(owner, 59), Token.by_code.delete(code))) is None
    assert sizes(sent) == [25, 25, 10]
    assert db.run(Account.main.query(owner)) == accounts(owner, 59)
    assert db.run(Token.by_code.get(code)) is None


def test_the_same_get_twice_is_asked_once(db, sent, owner):
    db.run(batch_write(*puts(owner, 2)))
    sent.requests.clear()
    first, second = accounts(owner, 2)
    one, two = gets(owner, 2)
    found = db.run(batch_get(two, one, two, Account.main.get(owner, 9), two))
    assert found == [second, first, second, None, second]
    assert found[0] is not found[2]
    assert sizes(sent) == [3]


def test_consistency_and_projections_are_kept(db, sent, owner):
    db.run(batch_write(*puts(owner, 3)))
    sent.requests.clear()
    one, two, three = gets(owner, 3)
    found = db.run(batch_get(one, two.consistent(), three.project(Account.balance), one.consistent()))
    assert [found[0], found[1], found[3]] == [accounts(owner, 3)[number] for number in (0, 1, 0)]
    assert found[2] is not None
    assert found[2].balance == 0
    with pytest.raises(AttributeError, match="note"):
        _ = found[2].note
    tables = [request.parameters["RequestItems"]["several.accounts"] for request in sent.requests]
    assert [(len(table["Keys"]), table.get("ConsistentRead"), len(table)) for table in tables] == [
        (1, None, 1),
        (2, True, 2),
        (1, None, 3),
    ]


def test_entities_of_one_table_in_one_request(db, sent, owner):
    user, order = User(name=owner), Order(user=owner, number=1)
    db.run(transaction(user.create(), order.put()))
    sent.requests.clear()
    assert db.run(batch_get(Order.main.get(owner, 1), User.main.get(owner))) == [order, user]
    assert len(sent.requests) == 1


@pytest.mark.parametrize("kind", ["get", "write"])
def test_tables_that_are_not_there(db, sent, owner, kind):
    sent.faults = [failing("ResourceNotFoundException")]
    with pytest.raises((BatchGetError, BatchWriteError)) as caught:
        db.run(batch_get(*gets(owner, 1)) if kind == "get" else batch_write(*puts(owner, 1)))
    assert caught.value.code == "ResourceNotFoundException"
    assert isinstance(caught.value.reasons[0], TableNotFoundError)
    assert caught.value.__cause__ is caught.value.reasons[0]


def test_one_invalid_item_is_told_with_its_request(db, sent, owner):
    """DynamoDB refuses all of a request; the other requests are sent all the same."""
    sent.faults = [None, failing("ValidationException")]
    writes = puts(owner, 60)
    with pytest.raises(BatchWriteError) as caught:
        db.run(batch_write(*writes))
    assert caught.value.unwritten == tuple(writes[25:50])
    assert {reason and type(reason) for reason in caught.value.reasons} == {ServiceError}
    assert str(caught.value) == (
        "BatchWriteItem on Account: ValidationException: "
        "writes that were not done: 25 (ValidationException: 25)"
    )
    written = [account.number for account in db.run(Account.main.query(owner))]
    assert written == [*range(25), *range(50, 60)]


# --- what is left unprocessed ---


@given(counts=st.lists(st.integers(1, 40), max_size=12))
def test_unprocessed_keys_are_asked_for_until_all_came(counts):
    transport = Faulty(_Numbers())
    transport.faults = [only(count) for count in counts]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dynamodel.client.sync.time.sleep", lambda seconds: None)
        found = connect(transport=transport).run(batch_get(*gets("a", 230)))
    assert [account and account.number for account in found] == list(range(230))


class _Numbers:
    """An engine that has every account, and answers in another order."""

    def send(self, request: Request) -> Mapping[str, Any]:
        tables = request.parameters["RequestItems"].items()
        return {"Responses": {table: asked["Keys"][::-1] for table, asked in tables}, "UnprocessedKeys": {}}


def test_unprocessed_keys_on_the_engine(db, sent, pauses, owner):
    code = b"\xff\x00" + owner.encode()
    db.run(batch_write(*puts(owner, 120), Token(code=code).put()))
    sent.requests.clear()
    sent.faults = [only(30), only(0), None]
    found = db.run(batch_get(*gets(owner, 121), Token.by_code.get(code)))
    assert found == [*accounts(owner, 120), None, Token(code=code)]
    assert sizes(sent) == [100, 92, 92]
    assert len(pauses) == 2


def test_unprocessed_keys_in_plain_json():
    """As a transport may give them: binary values as base64 text."""
    transport = Faulty(_Numbers())
    token = Token.by_code.get(b"\xff")
    text = {"code": {"B": "/w=="}}
    transport.faults = [
        answering({"Responses": {}, "UnprocessedKeys": {"several.tokens": {"Keys": [text]}}}),
        answering({"Responses": {"several.tokens": [{**text, "uses": {"N": "3"}}]}, "UnprocessedKeys": {}}),
    ]
    assert connect(transport=transport).run(batch_get(token)) == [Token(code=b"\xff", uses=3)]
    assert transport.requests == [batch_get(token).request()] * 2


def test_unprocessed_items_in_plain_json():
    transport = Faulty(_Numbers())
    write = batch_write(Token(code=b"\xff").put(), Token.by_code.delete(b"\xfe"))
    item = {"PutRequest": {"Item": {"code": {"B": "/w=="}, "uses": {"N": "0"}}}}
    transport.faults = [
        answering({"UnprocessedItems": {"several.tokens": [item]}}),
        answering({"UnprocessedItems": {}}),
    ]
    connect(transport=transport).run(write)
    assert transport.requests == [write.request(), batch_write(Token(code=b"\xff").put()).request()]


def test_unprocessed_items_are_sent_until_all_are_written(db, sent, pauses, owner):
    sent.faults = [only(7), only(0), only(0), None, only(3)]
    db.run(batch_write(*puts(owner, 60)))
    assert sizes(sent)[:5] == [25, 25, 25, 25, 25]
    assert len(pauses) == 4
    assert db.run(Account.main.query(owner)) == accounts(owner, 60)


def test_a_slow_batch_ends(db, sent, pauses, owner):
    """As long as it gets on, no limit applies."""
    sent.faults = [only(1)] * 50
    db.run(batch_write(*puts(owner, 60)))
    assert db.run(Account.main.query(owner).count()) == 60
    assert max(pauses) <= 0.05


def test_pauses_grow_while_nothing_is_done(db, sent, pauses, owner):
    attempts: list[list[float]] = []
    for _ in range(20):
        pauses.clear()
        sent.faults = [only(0)] * (MAX_ATTEMPTS - 1)
        db.run(batch_get(*gets(owner, 1)))
        attempts.append(list(pauses))
    longest = [max(column) for column in zip(*attempts, strict=True)]
    assert len(longest) == MAX_ATTEMPTS - 1
    assert all(pause <= 0.05 * 2**number for number, pause in enumerate(longest))
    assert longest[-1] > 0.5 > longest[0]


def test_keys_that_stay_unprocessed(db, sent, owner):
    db.run(batch_write(*puts(owner, 130)))
    sent.faults = [only(90), *[only(0)] * MAX_ATTEMPTS]
    asked = gets(owner, 130)
    with pytest.raises(BatchGetError) as caught:
        db.run(batch_get(*asked))
    error = caught.value
    assert error.results == [*accounts(owner, 90), *[None] * 40]
    assert error.unread == tuple(asked[90:])
    assert error.reasons == (None,) * 40
    assert error.code == "UnprocessedKeys"
    assert str(error) == (
        "BatchGetItem on Account: UnprocessedKeys: 40 of 130 items were not read (UnprocessedKeys: 40)"
    )
    assert db.run(batch_get(*error.unread)) == accounts(owner, 130)[90:]


def test_what_was_not_sent_has_no_reason(db, sent, owner):
    """The one request that was refused all the time says nothing of the others."""
    sent.faults = [failing("ThrottlingException")] * MAX_ATTEMPTS
    asked = [Account.main.get(owner, 1), *(get.consistent() for get in gets(owner, 2))]
    with pytest.raises(BatchGetError) as caught:
        db.run(batch_get(*asked))
    assert [type(reason) for reason in caught.value.reasons] == [ThrottledError, type(None), type(None)]


def refused(request: Request, send: object) -> Mapping[str, Any]:
    raise RequestError("no credentials")


def test_what_the_transport_refuses_is_told_with_what_was_done(db, sent, owner):
    writes = puts(owner, 60)
    sent.faults = [None, refused]
    with pytest.raises(BatchWriteError) as written:
        db.run(batch_write(*writes))
    assert written.value.unwritten == tuple(writes[25:50])
    assert {type(reason) for reason in written.value.reasons} == {RequestError}
    assert written.value.code == "RequestError"
    db.run(batch_write(*written.value.unwritten))
    sent.faults = [None, refused]
    with pytest.raises(BatchGetError) as read:
        db.run(batch_get(*gets(owner, 130)))
    assert len(read.value.unread) == 30
    assert {type(reason) for reason in read.value.reasons} == {RequestError}


def test_every_place_of_a_get_that_was_not_done(db, sent, owner):
    db.run(batch_write(*puts(owner, 2)))
    one, two = gets(owner, 2)
    sent.faults = [only(1), *[only(0)] * MAX_ATTEMPTS]
    with pytest.raises(BatchGetError) as caught:
        db.run(batch_get(one, two, one, two))
    first, _ = accounts(owner, 2)
    assert caught.value.results == [first, None, first, None]
    assert caught.value.unread == (two, two)


def test_items_that_stay_unprocessed(db, sent, owner):
    sent.faults = [None, only(5), *[only(0)] * MAX_ATTEMPTS]
    writes = puts(owner, 60)
    with pytest.raises(BatchWriteError) as caught:
        db.run(batch_write(*writes))
    error = caught.value
    assert error.unwritten == tuple(writes[30:])
    assert error.reasons == (None,) * 30
    assert error.code == "UnprocessedItems"
    assert [account.number for account in db.run(Account.main.query(owner))] == list(range(30))
    db.run(batch_write(*error.unwritten))
    assert db.run(Account.main.query(owner)) == accounts(owner, 60)


# --- failures ---

PASSING = [
    lost,
    unsent,
    failing("ProvisionedThroughputExceededException"),
    failing("ThrottlingException"),
    failing("InternalServerError"),
    answering({}),
]


@pytest.mark.parametrize("fault", PASSING)
def test_what_may_pass_is_waited_for(db, sent, pauses, owner, fault):
    sent.faults = [fault, None, fault, fault]
    db.run(batch_write(*puts(owner, 30)))
    assert len(pauses) == 3
    sent.faults = [fault, None, fault, fault]
    assert db.run(batch_get(*gets(owner, 130))) == [*accounts(owner, 30), *[None] * 100]
    assert len(pauses) == 6


@pytest.mark.parametrize(
    ("fault", "class_"),
    [
        (unsent, UnreachableError),
        (failing("ThrottlingException"), ThrottledError),
        (answering({}), UnreachableError),
    ],
)
def test_what_does_not_pass_ends_the_batch(db, sent, owner, fault, class_):
    writes = puts(owner, 60)
    sent.faults = [None, *[fault] * MAX_ATTEMPTS]
    with pytest.raises(BatchWriteError) as written:
        db.run(batch_write(*writes))
    assert written.value.unwritten == tuple(writes[25:])
    assert {type(reason) for reason in written.value.reasons} == {class_}
    assert len(sent.requests) == 1 + MAX_ATTEMPTS
    sent.faults = [None, *[fault] * MAX_ATTEMPTS]
    with pytest.raises(BatchGetError) as read:
        db.run(batch_get(*gets(owner, 130)))
    assert read.value.results == [*accounts(owner, 25), *[None] * 105]
    assert len(read.value.unread) == 30
    assert isinstance(read.value.reasons[0], class_)


def test_a_refusal_concerns_its_request(db, sent, owner):
    db.run(batch_write(*puts(owner, 250)))
    sent.faults = [None, failing("AccessDeniedException")]
    asked = gets(owner, 250)
    with pytest.raises(BatchGetError) as caught:
        db.run(batch_get(*asked))
    error = caught.value
    assert error.unread == tuple(asked[100:200])
    assert [account and account.number for account in error.results] == [
        *range(100),
        *[None] * 100,
        *range(200, 250),
    ]
    assert error.code == "AccessDeniedException"


def test_errors_of_batches_travel(db, sent, owner):
    sent.faults = [failing("AccessDeniedException")] * 2
    for operation in (batch_get(*gets(owner, 1)), batch_write(*puts(owner, 1))):
        with pytest.raises((BatchGetError, BatchWriteError)) as caught:
            db.run(operation)
        arrived = pickle.loads(pickle.dumps(caught.value))
        assert str(arrived) == str(caught.value)
        assert [reason.code for reason in arrived.reasons] == ["AccessDeniedException"]
        again = getattr(arrived, "unread", None) or arrived.unwritten
        assert [repr(each.request()) for each in again] == [
            repr(each.request()) for each in getattr(operation, "gets", None) or operation.writes
        ]


# --- unreadable items ---


def unfit(owner: str, number: int) -> Request:
    item = {"owner": {"S": owner}, "number": {"N": str(number)}, "balance": {"S": "?"}}
    return Request("PutItem", {"TableName": "several.accounts", "Item": item})


def test_what_was_read_beside_unreadable_items(db, sent, owner):
    db.run(batch_write(*puts(owner, 3)))
    sent.send(unfit(owner, 1))
    with pytest.raises(UnreadableItemsError) as caught:
        db.run(batch_get(*gets(owner, 4)))
    first, unreadable, third, none = caught.value.items
    assert [first, third] == accounts(owner, 3)[::2]
    assert none is None
    assert isinstance(unreadable, UnreadableItemError)
    assert unreadable.item["number"] == {"N": "1"}
    assert isinstance(caught.value, MarshalError)


def test_unreadable_items_of_a_batch_that_was_not_done(db, sent, owner):
    db.run(batch_write(*puts(owner, 2)))
    sent.send(unfit(owner, 1))
    sent.faults = [only(2), *[only(0)] * MAX_ATTEMPTS]
    with pytest.raises(BatchGetError) as caught:
        db.run(batch_get(*gets(owner, 3)))
    first, unreadable, none = caught.value.results
    assert (first, none) == (accounts(owner, 1)[0], None)
    assert isinstance(unreadable, UnreadableItemError)


# --- versions and unique values ---


def test_versions_work_in_batches(db, sent, owner):
    drafts = [Draft(draft_id=f"{owner}{number}") for number in range(3)]
    db.run(batch_write(*(draft.put() for draft in drafts), *puts(owner, 2)))
    assert [draft.version for draft in drafts] == [1, 1, 1]
    assert sent.operations == ["BatchWriteItem", *["PutItem"] * 3]

    stale = db.run(Draft.by_id.get(drafts[1].draft_id))
    assert stale is not None
    drafts[1].text = "newer"
    db.run(drafts[1].put())
    for draft in (drafts[0], stale, drafts[2]):
        draft.text = "batch"
    writes = [drafts[0].put(), stale.put(), drafts[2].delete(), *puts(owner, 3)]
    with pytest.raises(BatchWriteError) as caught:
        db.run(batch_write(*writes))
    error = caught.value
    assert error.unwritten == (writes[1],)
    [reason] = error.reasons
    assert isinstance(reason, ConditionFailedError)
    assert reason.old_item == drafts[1]
    assert (drafts[0].version, stale.version) == (2, 1)
    assert db.run(batch_get(*(Draft.by_id.get(draft.draft_id) for draft in drafts))) == [*drafts[:2], None]
    assert db.run(Account.main.query(owner).count()) == 3


def test_a_key_alone_has_no_version_to_ask_for(db, sent, owner):
    db.run(Draft(draft_id=owner).put())
    sent.requests.clear()
    db.run(batch_write(Draft.by_id.delete(owner)))
    assert sent.operations == ["BatchWriteItem"]
    assert db.run(Draft.by_id.get(owner)) is None


def test_instances_get_their_timestamps_once_they_are_written(db, sent, owner):
    memos = [Memo(memo_id=f"{owner}{number}") for number in range(26)]
    before = [memo.updated for memo in memos]
    sent.faults = [None, failing("ValidationException")]
    with pytest.raises(BatchWriteError):
        db.run(batch_write(*(memo.put() for memo in memos)))
    stored = db.run(batch_get(*(Memo.by_id.get(memo.memo_id) for memo in memos)))
    assert stored == [*memos[:25], None]
    assert all(memo.updated > start for memo, start in zip(memos[:25], before, strict=False))
    assert memos[25].updated == before[25]


def test_unique_values_work_in_batches(db, owner):
    users = [User(name=f"{owner}{number}", email=f"{owner}{number}") for number in range(3)]
    thief = User(name=f"{owner}thief", email=users[1].email)
    writes = [users[0].put(), users[1].put(), thief.put(), users[2].put(), Order(user=owner, number=1).put()]
    with pytest.raises(BatchWriteError, match=r"on User: ConditionalCheckFailedException: .*: 1 ") as caught:
        db.run(batch_write(*writes))
    assert caught.value.unwritten == (writes[2],)
    [reason] = caught.value.reasons
    assert isinstance(reason, UniqueConstraintError)
    assert owner not in str(caught.value)
    keys = [User.main.get(user.name) for user in (*users, thief)]
    assert db.run(batch_get(*keys)) == [*users, None]
    # A deletion gives the value up.
    db.run(batch_write(User.main.delete(users[1].name)))
    db.run(batch_write(thief.put()))


def test_all_failures_in_the_order_of_the_input(db, sent, owner):
    db.run(Draft(draft_id=owner).put())
    writes = [Draft(draft_id=owner).put(), *puts(owner, 2), Draft(draft_id=f"{owner}2").put()]
    sent.requests.clear()
    sent.faults = [failing("ValidationException"), None, failing("ThrottlingException")]
    with pytest.raises(BatchWriteError) as caught:
        db.run(batch_write(*writes))
    assert caught.value.unwritten == tuple(writes)
    assert [reason and type(reason) for reason in caught.value.reasons] == [
        ConditionFailedError,
        ServiceError,
        ServiceError,
        ThrottledError,
    ]
    assert str(caught.value) == (
        "BatchWriteItem on Draft, Account: ConditionalCheckFailedException: writes that were not done: 4 "
        "(ConditionalCheckFailedException: 1, ValidationException: 2, ThrottlingException: 1)"
    )
