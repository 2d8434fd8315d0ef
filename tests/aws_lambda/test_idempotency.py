"""The idempotency store: once, one at a time, and again after a failure; on DynamoDB Local."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from dynamodel import (
    Attr,
    Client,
    DeclarationError,
    Entity,
    RequestError,
    ServiceError,
    Table,
    UnreachableError,
    attribute,
    key,
    primary_key,
)
from dynamodel.aws_lambda import db
from dynamodel.aws_lambda.event_errors import InProgressError
from dynamodel.aws_lambda.idempotency import _MAX_ANSWER_BYTES, IdempotencyStore
from dynamodel.aws_lambda.queues import Message, on_message
from dynamodel.aws_lambda.streams import Change, on_change
from dynamodel.infra import policy
from tests.aws_lambda.event_models import Thread, forum, unmarked
from tests.aws_lambda.models import Context
from tests.aws_lambda.samples import changed, event_of, failed, image, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamodel.types import Request, Response

alone = Table("Done", partition_key="pk", time_to_live="expires")
stores = {
    "shared": IdempotencyStore(forum),
    "alone": IdempotencyStore(alone),
    "unmarked": IdempotencyStore(unmarked),
}
store = stores["shared"]


@pytest.fixture
def client(dynamodb_local_db: Client) -> Iterator[Client]:
    for table in (forum, alone, unmarked):
        dynamodb_local_db.create_table(table)
    with db.replaced(dynamodb_local_db):
        yield dynamodb_local_db


def records(of: IdempotencyStore) -> list[Any]:
    return [found for found in db.run(of._record.scan()) if found.status]


class Work:
    """A function that counts, and fails as often as it is told."""

    def __init__(self, answer: Any = None, failures: int = 0) -> None:
        self.answer, self.failures, self.runs = answer, failures, 0

    def __call__(self) -> Any:
        self.runs += 1
        if self.runs <= self.failures:
            raise KeyError("broken")
        return self.answer


@pytest.mark.parametrize("name", stores)
def test_work_is_done_once_and_its_answer_is_kept(client: Client, name: str) -> None:
    answers: list[Any] = [None, False, 0, "", [], {}, {"b": 1, "a": [1.5, None, "ü"]}]
    for number, answer in enumerate(answers):
        work = Work(answer)
        found = [stores[name].once(f"k{number}", work, scope="s") for _ in range(3)]
        assert found == [answer] * 3
        assert [type(each) for each in found] == [type(answer)] * 3
        assert work.runs == 1


def test_another_key_another_scope_and_another_function_are_other_work(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Work()
    store.once("k", work, scope="s")
    store.once("l", work, scope="s")
    store.once("k", work, scope="t")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "another")
    store.once("k", work, scope="s")
    assert work.runs == 4


def test_after_a_failure_the_next_delivery_runs(client: Client) -> None:
    work = Work("done", failures=2)
    for _ in range(2):
        with pytest.raises(KeyError, match="broken"):
            store.once("k", work, scope="s")
        assert records(store) == []
    assert store.once("k", work, scope="s") == store.once("k", work, scope="s") == "done"
    assert work.runs == 3


def test_two_deliveries_at_the_same_time(client: Client) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        assert may_end.wait(60)
        return "first"

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(store.once, "k", slow, scope="s")
        assert begun.wait(60)
        with pytest.raises(InProgressError, match="try again later"):
            store.once("k", Work("second"), scope="s")
        may_end.set()
        assert first.result() == "first"
    assert store.once("k", Work("third"), scope="s") == "first"


def test_a_storm_of_deliveries_does_each_work_once(client: Client) -> None:
    done: list[int] = []
    keys = [number % 10 for number in range(100)]

    def deliver(number: int) -> None:
        def work() -> None:
            done.append(number)

        for _ in range(50):  # as Lambda delivers again what failed
            try:
                return store.once(str(number), work, scope="s")
            except InProgressError:
                time.sleep(0.01)
        raise AssertionError("never done")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(deliver, keys))
    assert sorted(done) == list(range(10))


def test_what_an_invocation_left_in_progress_is_done_after_its_end(client: Client) -> None:
    def killed() -> None:
        raise SystemExit  # as Lambda ends a process: nothing is tidied up

    with db.invocation(Context(milliseconds=1)), pytest.raises(SystemExit):
        store.once("k", killed, scope="s")
    [left] = records(store)
    assert left.status == "INPROGRESS"
    while time.time() * 1000 <= left.in_progress_until + 1:
        time.sleep(0.001)
    assert store.once("k", Work("done"), scope="s") == "done"


def test_what_an_invocation_has_in_progress_is_left_alone_until_its_end(client: Client) -> None:
    def killed() -> None:
        raise SystemExit

    before = time.time()
    with db.invocation(Context(milliseconds=60_000)), pytest.raises(SystemExit):
        store.once("k", killed, scope="s")
    [left] = records(store)
    assert before + 59 < left.in_progress_until / 1000 <= time.time() + 60
    with pytest.raises(InProgressError):
        store.once("k", Work(), scope="s")


def test_without_an_invocation_work_may_take_as_long_as_any(client: Client) -> None:
    with pytest.raises(SystemExit):
        store.once("k", lambda: exec("raise SystemExit"), scope="s")
    [left] = records(store)
    assert left.in_progress_until / 1000 > time.time() + 890


def test_what_has_expired_is_done_again(client: Client) -> None:
    work = Work("done")
    store.once("k", work, scope="s")
    [kept] = records(store)
    record = store._record
    expired = record.main.update(kept.record_id).apply(record.expires.set(int(time.time()) - 2))
    db.run(expired)
    store.once("k", work, scope="s")
    assert work.runs == 2


def test_a_record_lives_as_long_as_it_is_told(client: Client) -> None:
    brief = IdempotencyStore(forum, lifetime=timedelta(hours=2))
    before = int(time.time())
    brief.once("k", Work(), scope="s")
    [kept] = records(brief)
    assert before + 7200 <= kept.expires <= int(time.time()) + 7200


@pytest.mark.parametrize("fails", [True, False])
def test_an_invocation_that_outlived_its_record_does_not_touch_that_of_its_successor(
    client: Client, fails: bool
) -> None:
    def overtaken() -> str:
        [mine] = records(store)
        record = store._record
        db.run(record.main.update(mine.record_id).apply(record.owner.set("successor")))
        if fails:
            raise KeyError("late")
        return "late"

    if fails:
        with pytest.raises(KeyError):
            store.once("k", overtaken, scope="s")
    else:
        assert store.once("k", overtaken, scope="s") == "late"
    [left] = records(store)
    assert (left.owner, left.status, left.data) == ("successor", "INPROGRESS", None)


def test_no_key_and_no_data_of_it_is_stored(client: Client) -> None:
    store.once("s3cr3t", Work(), scope="module.function")
    [kept] = records(store)
    assert kept.record_id.startswith("local.module.function#")
    assert "s3cr3t" not in repr(vars(kept))


def test_what_is_no_json_is_refused_and_its_record_removed(client: Client) -> None:
    for answer in ({1, 2}, object(), float("nan"), b"x"):
        with pytest.raises(RequestError, match=f"returns JSON.*not {type(answer).__name__}"):
            store.once("k", Work(answer), scope="s")
    assert records(store) == []


@pytest.mark.parametrize("answer", ["x" * 450_000, "ü" * 64_000])
def test_of_an_answer_that_is_too_large_is_known_that_there_was_one(client: Client, answer: str) -> None:
    work = Work(answer)
    assert store.once("k", work, scope="s") == answer
    with pytest.raises(RequestError, match="done already, and its answer was too large"):
        store.once("k", work, scope="s")
    assert work.runs == 1


def test_the_largest_answer_that_is_kept_fits(client: Client) -> None:
    work = Work("x" * (_MAX_ANSWER_BYTES - len('{"result": "\\"\\""}')))
    for _ in range(2):
        assert stores["shared"].once("k" * 2_000, work, scope="s" * 100) == work.answer
    assert work.runs == 1


@pytest.mark.parametrize("name", ["", None, 5])
def test_a_key_is_a_text(name: Any) -> None:
    with pytest.raises(RequestError, match="a text that is not empty"):
        store.once(name, Work(), scope="s")


def test_a_function_that_runs_once_for_each_key(client: Client) -> None:
    posted: list[str] = []

    @store.idempotent(key=lambda request_id, text: request_id)
    def post(request_id: str, text: str) -> dict[str, int]:
        """Posts."""
        posted.append(text)
        return {"number": len(posted)}

    assert post("r1", "hello") == {"number": 1}
    assert post("r1", text="hello") == {"number": 1}
    assert post(request_id="r2", text="hello") == {"number": 2}
    assert posted == ["hello", "hello"]
    assert post.__name__ == "post"


# --- in handlers ---


def test_a_change_that_is_delivered_again_is_not_done_again(client: Client) -> None:
    done: list[str] = []
    broken = {"2"}

    @on_change(Thread, store=store)
    def handler(change: Change[Thread], context: Any) -> None:
        if change.sequence_number in broken:
            raise KeyError
        done.append(change.sequence_number)

    event = event_of(*(changed(n, None, image(Thread(forum="F", subject=str(n)))) for n in (1, 2, 3)))
    assert handler(event, Context()) == failed(2)
    broken.clear()
    assert handler(event, Context()) == failed()  # all of it again, as after a timeout
    assert handler(event, Context()) == failed()
    assert done == ["1", "2", "3"]


def test_a_message_that_comes_twice_in_one_batch_is_done_once(client: Client) -> None:
    done: list[str] = []

    @on_message(str, store=store)
    def handler(message: Message[str], context: Any) -> None:
        done.append(message.body)

    assert handler(event_of(message(1, "a"), message(1, "a"), message(2, "b")), Context()) == failed()
    assert done == ["a", "b"]


def test_the_role_allows_what_the_store_does() -> None:
    @on_message(str, store=store, patterns=[Thread.main.get])
    def handler(message: Message[str], context: Any) -> None: ...

    [statement] = policy(handler.patterns).statements
    assert set(statement.actions) == {
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
    }


# --- faults ---


class Faulty:
    """A transport that loses answers, or fails."""

    def __init__(self, inner: Any, **failures: str) -> None:
        self.inner, self.failures, self.sent = inner, failures, []

    def send(self, request: Request) -> Response:
        self.sent.append(request.operation)
        kind = self.failures.pop(request.operation, None)
        if kind == "twice":  # the answer to the first was lost, and the transport sent it again
            self.inner.send(request)
        if kind == "refused":
            raise ServiceError("ProvisionedThroughputExceededException", "slow down", request.operation)
        response: Response = self.inner.send(request)
        if kind == "lost":
            raise UnreachableError("Timeout", "no answer", request.operation)
        return response

    def close(self) -> None: ...


def test_a_record_whose_answer_was_lost_is_recognised(client: Client) -> None:
    with db.replaced(Client(Faulty(client.transport, PutItem="twice"))):
        assert store.once("k", Work("done"), scope="s") == "done"


@pytest.mark.parametrize(
    ("operation", "kind", "runs"),
    [
        ("PutItem", "refused", 0),
        ("PutItem", "lost", 0),
        ("UpdateItem", "refused", 1),
        ("UpdateItem", "lost", 1),
    ],
)
def test_errors_of_the_store_are_those_of_the_library(
    client: Client, operation: str, kind: str, runs: int
) -> None:
    work = Work()
    faulty = Client(Faulty(client.transport, **{operation: kind}))
    with db.replaced(faulty), pytest.raises(ServiceError) as raised:
        store.once("k", work, scope="s")
    assert work.runs == runs
    assert any("idempotency store" in note for note in raised.value.__notes__)


def test_the_error_of_the_function_is_not_hidden_by_one_of_the_store(client: Client) -> None:
    faulty = Client(Faulty(client.transport, DeleteItem="refused"))
    with db.replaced(faulty), pytest.raises(ServiceError) as raised:
        store.once("k", Work(failures=1), scope="s")
    assert isinstance(raised.value.__context__, KeyError)


# --- declarations ---


def test_a_table_that_cannot_hold_records_is_refused_with_all_its_faults() -> None:
    class Classic(Entity, table=Table("ClassicKeys")):
        number: Attr[int] = attribute()
        by_number = primary_key(number)

    with pytest.raises(DeclarationError) as refused:
        IdempotencyStore(Table("ClassicKeys"))
    assert [fault.place for fault in refused.value.faults] == ["IdempotencyStore of Table 'ClassicKeys'"] * 2
    assert "partition_key=" in str(refused.value)
    assert "time_to_live=" in str(refused.value)
    with pytest.raises(DeclarationError, match="would never expire"):
        IdempotencyStore(Table("NoExpiry", partition_key="pk"))


def test_an_entity_with_the_tag_of_records_is_refused() -> None:
    table = Table("Taken", partition_key="pk", time_to_live="expires")
    IdempotencyStore(table)
    with pytest.raises(DeclarationError, match="IdempotencyRecord"):

        class Mine(Entity, table=table):
            number: Attr[int] = attribute()
            main = primary_key(key("IDEMPOTENCY", number))


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(milliseconds=999), timedelta(days=-1), 60])
def test_a_lifetime_is_a_second_or_more(lifetime: Any) -> None:
    with pytest.raises(RequestError, match="a second or more"):
        IdempotencyStore(forum, lifetime=lifetime)


def test_two_stores_of_one_table_share_their_records(client: Client) -> None:
    assert IdempotencyStore(forum).once("k", Work(1), scope="s") == 1
    assert IdempotencyStore(forum).once("k", Work(2), scope="s") == 1
