"""Backfills on DynamoDB Local: what is written, what is left alone, and what the report tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dynamodel import (
    Attr,
    Client,
    CursorError,
    DeclarationError,
    Entity,
    Request,
    RequestError,
    Table,
    UniqueConstraintError,
    UnreachableError,
    attribute,
    backfill,
    computed,
    connect,
    global_index,
    key,
    primary_key,
    unique,
    upgrade_from,
)
from dynamodel.operations.backfill import BackfillReport
from dynamodel.operations.rewrite import MAX_ATTEMPTS, Outcome

from .single_table import filled_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamodel.testing import DynamoDBLocal
    from dynamodel.types import Item

pytestmark = pytest.mark.dynamodb_local

shop = Table("backfills.shop", partition_key="pk", sort_key="sk")


class Product(Entity, table=shop):
    """Version 1 had `label` in place of `name`."""

    code: Attr[str] = attribute()
    name: Attr[str] = attribute()
    maker: Attr[str | None] = attribute(default=None)
    price: Attr[int] = attribute(default=0)
    slug: Attr[str] = computed(str.lower, name)
    version: Attr[int] = attribute(version=True)
    main = primary_key(key("PRODUCT", code), key("PRODUCT"))
    by_maker = global_index("gsi1", key("MAKER", maker), key("PRODUCT", slug))

    @upgrade_from(1)
    @staticmethod
    def rename(values: dict[str, Any]) -> dict[str, Any]:
        values["name"] = values.pop("label")
        return values


class Review(Entity, table=shop):
    code: Attr[str] = attribute()
    name: Attr[str] = attribute(default="")
    main = primary_key(key("PRODUCT", code), key("REVIEW"))
    by_name = global_index("gsi1", key("REVIEW", name), key("REVIEW", code))


class Member(Entity, table=shop):
    """The e-mail was not unique in version 1, nor in lower case."""

    name: Attr[str] = attribute()
    email: Attr[str] = attribute()
    main = primary_key(key("MEMBER", name), key("MEMBER"))
    by_email = unique(email)

    @upgrade_from(1)
    @staticmethod
    def lower(values: dict[str, Any]) -> dict[str, Any]:
        values["email"] = values["email"].lower()
        return values


pages = Table("backfills.pages")


class Page(Entity, table=pages):
    """A classic table: no discriminator, no built key."""

    url: Attr[str] = attribute()
    title: Attr[str] = attribute()
    size: Attr[int] = computed(len, title)
    code: Attr[bytes] = computed(str.encode, title)
    by_url = primary_key(url)


# --- items as they are stored, and as they should be ---

CURRENT: Item = {
    "pk": {"S": "PRODUCT#c"},
    "sk": {"S": "PRODUCT"},
    "_type": {"S": "Product"},
    "_schema": {"N": "2"},
    "_write": {"S": "mark"},
    "code": {"S": "c"},
    "name": {"S": "Chair"},
    "maker": {"S": "ann"},
    "price": {"N": "1"},
    "slug": {"S": "chair"},
    "version": {"N": "7"},
    "gsi1pk": {"S": "MAKER#ann"},
    "gsi1sk": {"S": "PRODUCT#chair"},
}


def without(*names: str, **more: Any) -> Item:
    return {name: value for name, value in CURRENT.items() if name not in names} | more


OLD = without("_schema", "name", "slug", "gsi1pk", "gsi1sk", label={"S": "Chair"})


def named(item: Item, code: str) -> Item:
    return item | {"pk": {"S": f"PRODUCT#{code}"}, "code": {"S": code}}


# --- the table ---


class Watched:
    """Passes requests on and keeps them; something may happen before one."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.requests: list[Request] = []
        self.before: Callable[[Request], object] = lambda request: None

    def send(self, request: Request) -> Mapping[str, Any]:
        self.requests.append(request)
        self.before(request)
        return self.inner.send(request)

    def close(self) -> None:
        """The client beneath goes on."""

    @property
    def operations(self) -> set[str]:
        return {request.operation for request in self.requests}


class Shop:
    """The table: a client whose requests are watched, and what is really stored."""

    def __init__(self, client: Client, wire: DynamoDBClient) -> None:
        self.watched = Watched(client._transport)
        self.db = connect(transport=self.watched)
        self.wire = wire

    def fill(self, *items: Item, table: Table = shop) -> None:
        for item in items:
            self.wire.put_item(TableName=table.name, Item=item)

    def stored(self, table: Table = shop) -> list[Item]:
        items = self.wire.scan(TableName=table.name, ConsistentRead=True)["Items"]
        return sorted(items, key=lambda item: str(item.get("pk")) + str(item.get("sk")))

    def empty(self) -> None:
        for item in self.stored():
            self.wire.delete_item(TableName=shop.name, Key={name: item[name] for name in ("pk", "sk")})


@pytest.fixture(scope="module")
def opened(dynamodb_local: DynamoDBLocal) -> Iterator[tuple[Client, DynamoDBClient]]:
    wire = dynamodb_local.boto3_client()
    with dynamodb_local.connect() as client:
        client.create_table(shop)
        client.create_table(Page)
        yield client, wire
        client.delete_table(shop)
        client.delete_table(Page)
        if "backfills.binary" in wire.list_tables()["TableNames"]:
            client.delete_table(Leaf)
    wire.close()


@pytest.fixture
def at(opened: tuple[Client, DynamoDBClient]) -> Iterator[Shop]:
    place = Shop(*opened)
    yield place
    place.empty()


# --- what is written ---


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        pytest.param(CURRENT, CURRENT, id="current"),
        pytest.param(OLD, CURRENT, id="an earlier version"),
        pytest.param(without("gsi1pk", "gsi1sk"), CURRENT, id="a new index"),
        pytest.param(without("gsi1sk"), CURRENT, id="half of a key"),
        pytest.param(without(gsi1pk={"S": "MAKER#bob"}), CURRENT, id="a stale key"),
        pytest.param(without("slug"), CURRENT, id="a computed attribute"),
        pytest.param(without(slug={"S": "x"}, gsi1sk={"S": "PRODUCT#x"}), CURRENT, id="a stale one"),
        pytest.param(without("maker"), without("maker", "gsi1pk", "gsi1sk"), id="a key without its part"),
        pytest.param(OLD | {"x": {"NULL": True}}, CURRENT | {"x": {"NULL": True}}, id="unknown ones"),
        pytest.param(without("_write", "slug"), without("_write"), id="no mark"),
    ],
)
def test_what_becomes_of_an_item(at, item, expected):
    others = [
        dict(Review(code="c", name="ann").put().item),
        {"pk": {"S": "PRODUCT#c"}, "sk": {"S": "ELSE"}, "label": {"S": "Chair"}},  # of somebody else
        {"pk": {"S": "PRODUCT#c"}, "sk": {"S": "OTHER"}, "_type": {"S": "Chair"}, "slug": {"S": "x"}},
    ]
    at.fill(item, *others)
    report = at.db.run(backfill(Product))
    assert at.stored() == sorted([expected, *others], key=lambda item: item["sk"]["S"])
    outcome = Outcome.CURRENT if item == expected else Outcome.REWRITTEN
    assert report.outcomes == {outcome: 1}
    assert report.is_complete
    again = at.db.run(backfill(Product))
    assert again.outcomes == {Outcome.CURRENT: 1}
    assert [request for request in at.watched.requests if request.operation == "UpdateItem"] == [
        request for request in at.watched.requests if request.operation not in {"Scan", "DescribeTable"}
    ]


def test_a_classic_table(at):
    """Binary values are compared as what they are, however a transport gives them."""
    binary: Item = {"raw": {"B": b"\x00\xff"}, "more": {"L": [{"M": {"x": {"BS": [b"1", b"2"]}}}]}}
    at.fill({"url": {"S": "/"}, "title": {"S": "Home"}, **binary}, table=pages)
    report = at.db.run(backfill(Page, segments=1))
    assert report.outcomes == {Outcome.REWRITTEN: 1}
    assert [request.operation for request in at.watched.requests].count("UpdateItem") == 1
    made: Item = {"size": {"N": "4"}, "code": {"B": b"Home"}}
    assert at.stored(pages) == [{"url": {"S": "/"}, "title": {"S": "Home"}, **made, **binary}]
    assert at.db.run(backfill(Page)).outcomes == {Outcome.CURRENT: 1}
    assert [request.operation for request in at.watched.requests].count("UpdateItem") == 1


def test_a_dry_run_writes_nothing(at):
    items = [named(OLD, "a"), named(CURRENT, "b"), named(without("slug"), "c")]
    at.fill(*items)
    report = at.db.run(backfill(Product, dry_run=True))
    assert at.watched.operations == {"DescribeTable", "Scan"}
    assert at.stored() == items
    assert report.outcomes == {Outcome.REWRITTEN: 2, Outcome.CURRENT: 1}
    assert report.rewritten == 2


# --- the report ---


def test_the_report(at):
    at.fill(named(OLD, "a"), named(CURRENT, "b"), named(without("name"), "c"), named(without("slug"), "d"))
    at.fill(dict(Review(code="a").put().item))
    report = at.db.run(backfill(Product))
    assert report.outcomes == {Outcome.REWRITTEN: 2, Outcome.CURRENT: 1}
    assert (report.rewritten, len(report.unreadable), report.scanned) == (2, 1, 5)
    assert report.total == 5  # DynamoDB Local counts them at once
    assert not report.is_complete
    assert sorted(str(report).split(", ")) == ["1 current", "1 unreadable", "2 rewritten"]
    assert report.state not in repr(report)


def test_the_report_of_an_empty_table(at):
    report = at.db.run(backfill(Product))
    assert (report.outcomes, report.scanned, report.is_complete) == ({}, 0, True)
    assert str(report) == "no items"


@pytest.mark.parametrize(
    ("outcomes", "is_complete"),
    [
        ({}, True),
        ({Outcome.CURRENT: 1, Outcome.GONE: 2, Outcome.REWRITTEN: 3}, True),
        ({Outcome.CONTENDED: 1}, False),
    ],
)
def test_complete_reports(outcomes, is_complete):
    assert BackfillReport(outcomes, (), 9, 9, "state").is_complete is is_complete


def test_large_counts_are_readable():
    report = BackfillReport({Outcome.REWRITTEN: 1_234_567}, (), 1_234_567, 0, "")
    assert str(report) == "1,234,567 rewritten"


# --- unreadable items ---


@pytest.mark.parametrize(
    ("item", "words"),
    [
        pytest.param(without("name"), "name", id="an attribute is missing"),
        pytest.param(without(price={"S": "private"}), "price", id="a wrong type"),
        pytest.param(without("_schema"), "upgrade_from", id="an upgrade fails"),
        pytest.param(without(_schema={"N": "3"}), "versions 1 to 2", id="a later version"),
        pytest.param(without(code={"S": "private"}), "key", id="the key is another one"),
        pytest.param(without(name={"S": "x" * 1100}, slug={"S": "y"}), "byte", id="a key is too long"),
    ],
)
def test_unreadable_items_are_told_and_left_alone(at, item, words):
    at.fill(item, named(OLD, "d"))
    report = at.db.run(backfill(Product))
    [error] = report.unreadable
    assert error.item == item
    assert words in str(error)
    assert "private" not in str(error)
    assert report.outcomes == {Outcome.REWRITTEN: 1}
    assert item in at.stored()


# --- others write at the same time ---


def interfere(at: Shop, times: int, change: Callable[[int], object]) -> None:
    """Before each of so many rewrites, somebody else does something."""
    left = iter(range(times))

    def before(request: Request) -> None:
        if request.operation == "UpdateItem":
            turn = next(left, None)
            if turn is not None:
                change(turn)

    at.watched.before = before


@pytest.mark.parametrize("times", [1, 2, MAX_ATTEMPTS - 1])
def test_a_concurrent_writer_wins(at, times):
    at.fill(OLD)
    interfere(at, times, lambda turn: at.fill(OLD | {"price": {"N": f"{turn + 100}"}}))
    report = at.db.run(backfill(Product))
    assert report.outcomes == {Outcome.REWRITTEN: 1}
    assert at.stored() == [CURRENT | {"price": {"N": f"{times + 99}"}}]


def test_an_item_that_is_written_all_the_time(at):
    at.fill(OLD)
    interfere(at, 1000, lambda turn: at.fill(OLD | {"price": {"N": f"{turn + 100}"}}))
    report = at.db.run(backfill(Product))
    assert report.outcomes == {Outcome.CONTENDED: 1}
    assert not report.is_complete
    assert at.stored() == [OLD | {"price": {"N": f"{MAX_ATTEMPTS + 99}"}}]
    assert str(report) == "1 contended"


def test_an_item_that_others_bring_up_to_date(at):
    at.fill(OLD)
    interfere(at, 1, lambda turn: at.fill(CURRENT))
    assert at.db.run(backfill(Product)).outcomes == {Outcome.CURRENT: 1}
    assert at.stored() == [CURRENT]


def test_an_item_that_others_delete(at):
    at.fill(OLD)
    interfere(at, 1, lambda turn: at.empty())
    assert at.db.run(backfill(Product)).outcomes == {Outcome.GONE: 1}
    assert at.stored() == []


def test_an_item_that_others_spoil(at):
    at.fill(OLD)
    spoilt = OLD | {"price": {"S": "x"}}
    interfere(at, 1, lambda turn: at.fill(spoilt))
    report = at.db.run(backfill(Product))
    assert (report.outcomes, len(report.unreadable)) == ({}, 1)
    assert at.stored() == [spoilt]


@pytest.mark.parametrize("name", [name for name in OLD if name not in {"pk", "sk"}])
@pytest.mark.parametrize("change", ["removed", "changed"])
def test_what_is_written_follows_from_what_is_stored_now(at, name, change):
    """Whichever attribute somebody else changes in between, it is as if it had always been so."""
    other = {"S": "else"} if "S" in OLD[name] else {"N": "5"}
    theirs = {stored: value for stored, value in OLD.items() if stored != name}
    theirs |= {name: other} if change == "changed" else {}
    at.fill(theirs)
    at.db.run(backfill(Product))
    [expected] = at.stored()
    at.fill(OLD)
    interfere(at, 1, lambda turn: at.fill(theirs))
    at.db.run(backfill(Product))
    assert at.stored() == [expected]


# --- stopping and going on ---


def test_progress_is_told_after_each_request(at):
    at.fill(*(named(OLD, f"{n}") for n in range(30)))
    reports: list[BackfillReport] = []
    report = at.db.run(backfill(Product, segments=3, progress=reports.append))
    last = reports[-1]  # states tell when they were made
    assert (last.outcomes, last.unreadable, last.scanned) == (report.outcomes, (), report.scanned)
    assert 2 <= len(reports) <= 4
    scanned = [report.scanned for report in reports]
    assert scanned == sorted(scanned)
    assert report.outcomes == {Outcome.REWRITTEN: 30}


def test_the_progress_tells_of_unreadable_items(at):
    """Whoever stops, and goes on from the state, does not hear of them again."""
    bad = [named(without("name"), f"bad {n}") for n in range(20)]
    at.fill(*bad, *(named(OLD, f"{n}") for n in range(20)))
    small_pages(at)
    reports: list[BackfillReport] = []
    at.db.run(backfill(Product, segments=1, progress=reports.append))
    before_the_end = reports[len(reports) // 2]
    assert before_the_end.scanned > 10
    assert len(before_the_end.unreadable) > 0


def small_pages(at: Shop, size: int = 2) -> None:
    """A table of large items has few on a page."""
    inner = at.watched.inner

    class Small:
        def send(self, request: Request) -> Mapping[str, Any]:
            more = {"Limit": size} if request.operation == "Scan" else {}
            return inner.send(Request(request.operation, {**request.parameters, **more}))

    at.watched.inner = Small()


class Stop(Exception):
    pass


@pytest.mark.parametrize("segments", [1, 3])
def test_going_on_from_the_last_state(at, segments):
    count = 24
    at.fill(*(named(OLD, f"{n}") for n in range(count)))
    small_pages(at)
    state, rewritten, stops = None, 0, 0
    while True:
        last: list[BackfillReport] = []

        def progress(report: BackfillReport, last: list[BackfillReport] = last) -> None:
            last.append(report)
            if len(last) == 3:
                raise Stop

        before = len(at.watched.requests)
        try:
            report = at.db.run(backfill(Product, segments=segments, after=state, progress=progress))
        except Stop:
            stops += 1
            state = last[-1].state
        else:
            break
        finally:
            sent = at.watched.requests[before:]
            rewritten += sum(request.operation == "UpdateItem" for request in sent)
    assert report.is_complete
    assert stops >= 2
    assert rewritten == count  # none twice: what was rewritten is current
    assert at.db.run(backfill(Product)).outcomes == {Outcome.CURRENT: count}
    done = at.db.run(backfill(Product, segments=segments, after=report.state))
    assert (done.outcomes, done.scanned) == ({}, 0)


def test_states_that_are_refused(at):
    at.fill(OLD)
    state = at.db.run(backfill(Product, segments=2)).state
    for wrong in (
        backfill(Product, segments=3, after=state),
        backfill(Review, segments=2, after=state),
        backfill(Product, segments=2, after=state[:-2]),
        backfill(Product, segments=2, after=""),
    ):
        with pytest.raises(CursorError):
            at.db.run(wrong)
    assert at.stored() == [CURRENT]


# --- the operation ---


@pytest.mark.parametrize("segments", [0, -1, 1_000_001, True, "4", None])
def test_segments_that_are_refused(segments):
    with pytest.raises(RequestError):
        backfill(Product, segments=segments)


def test_classes_that_are_no_entity():
    class Base(Entity):
        name: Attr[str] = attribute()

    with pytest.raises(DeclarationError, match="has no table"):
        backfill(Base)


def test_the_request():
    operation = backfill(Product, segments=7)
    request = operation.request()
    assert request.operation == "Scan"
    assert filled_in(request, "FilterExpression") == "_type = S:Product"
    others = {name: value for name, value in request.parameters.items() if "Expression" not in name}
    assert others == {"TableName": shop.name, "ConsistentRead": True, "Segment": 0, "TotalSegments": 7}
    assert operation.explain().is_scan
    assert operation.explain().request == request


# --- unique values ---


def test_a_backfill_keeps_unique_values_unique(at):
    """Version 1 had the e-mail as it was typed: what the upgrade makes of it is claimed, or it is told."""
    at.db.run(Member(name="new", email="bob@x").create())
    at.fill(
        {
            "pk": {"S": "MEMBER#old"},
            "sk": {"S": "MEMBER"},
            "_type": {"S": "Member"},
            "name": {"S": "old"},
            "email": {"S": "Ann@x"},
        }
    )
    report = at.db.run(backfill(Member))
    if report.is_complete:
        with pytest.raises(UniqueConstraintError):
            at.db.run(Member(name="third", email="ann@x").create())


# --- binary values ---

raw_keys = Table("backfills.binary")


class Leaf(Entity, table=raw_keys):
    digest: Attr[bytes] = attribute()
    name: Attr[str] = attribute()
    slug: Attr[str] = computed(str.lower, name)
    main = primary_key(digest)


class Print(Entity, table=shop):
    name: Attr[str] = attribute()
    finger: Attr[bytes] = attribute()
    main = primary_key(key("PRINT", name), key("PRINT"))
    by_finger = unique(finger)


def test_a_key_of_bytes(at):
    at.db.create_table(Leaf)
    old: Item = {"digest": {"B": b"\xff\x00"}, "name": {"S": "A"}}
    at.fill(old, table=raw_keys)
    report = at.db.run(backfill(Leaf))
    assert report.outcomes == {Outcome.REWRITTEN: 1}
    assert at.stored(raw_keys) == [old | {"slug": {"S": "a"}}]


def test_a_unique_attribute_of_bytes(at):
    at.fill(dict(Print(name="a", finger=b"\xff\x00").put().item))
    assert at.db.run(backfill(Print)).outcomes == {Outcome.REWRITTEN: 1}
    assert at.db.run(backfill(Print)).outcomes == {Outcome.CURRENT: 1}
    with pytest.raises(UniqueConstraintError):
        at.db.run(Print(name="b", finger=b"\xff\x00").create())


# --- failures that may pass ---


@pytest.mark.parametrize("operation", ["DescribeTable", "Scan", "UpdateItem"])
@pytest.mark.parametrize("is_done", [False, True])
def test_a_failure_that_may_pass_does_not_end_it(at, operation, is_done, monkeypatch):
    monkeypatch.setattr("dynamodel.client.sync.time.sleep", lambda seconds: None)
    at.fill(named(OLD, "a"), named(OLD, "b"))
    inner = at.watched.inner
    failures = iter([UnreachableError("ReadTimeoutError", "no answer", operation)])

    class Faulty:
        def send(self, request: Request) -> Mapping[str, Any]:
            error = next(failures, None) if request.operation == operation else None
            if error is None or is_done:
                answer = inner.send(request)
            if error is not None:
                raise error
            return answer

    at.watched.inner = Faulty()
    report = at.db.run(backfill(Product, segments=1))
    assert report.is_complete
    assert sum(report.outcomes.values()) == 2
    assert at.stored() == [named(CURRENT, "a"), named(CURRENT, "b")]


def test_progress_without_items_of_its_own(at):
    """A long stretch of other entities' items: the state goes on all the same."""
    at.fill(*(dict(Review(code=f"{n}").put().item) for n in range(9)))
    small_pages(at, 3)
    reports: list[BackfillReport] = []
    at.db.run(backfill(Product, segments=1, progress=reports.append))
    assert [report.scanned for report in reports] == [3, 6, 9, 9]
    assert len({report.state for report in reports}) == 4


# --- names of one's own ---


class Relic(Entity, table=shop):
    code: Attr[str] = attribute()
    era: Attr[str] = attribute("_schema")
    main = primary_key(key("RELIC", code), key("RELIC"))


def test_an_attribute_under_the_name_of_the_class_version(at):
    at.db.run(Relic(code="c", era="iron").put())
    assert at.db.run(backfill(Relic)).outcomes == {Outcome.CURRENT: 1}
    found = at.db.run(Relic.main.get("c").project(Relic.era))
    assert found is not None
    assert found.era == "iron"


def test_an_index_of_an_attribute_with_a_default(at):
    """Reviews from before `name` read as nameless, and belong in the index as such."""
    review = {"pk": {"S": "PRODUCT#c"}, "sk": {"S": "REVIEW"}, "_type": {"S": "Review"}, "code": {"S": "c"}}
    at.fill(review)
    assert at.db.run(backfill(Review)).rewritten == 1
    assert at.stored() == [
        review | {"name": {"S": ""}, "gsi1pk": {"S": "REVIEW#"}, "gsi1sk": {"S": "REVIEW#c"}}
    ]
    assert len(at.db.run(Review.by_name.query(""))) == 1
    assert at.db.run(backfill(Review)).rewritten == 0


def test_the_state_of_a_dry_run_is_not_that_of_a_run(at):
    """It has passed items that were not rewritten."""
    at.fill(OLD)
    planned = at.db.run(backfill(Product, dry_run=True))
    with pytest.raises(CursorError):
        at.db.run(backfill(Product, after=planned.state))
