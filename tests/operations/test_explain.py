"""Explaining every kind of operation: what is told, that it is the request, and that no value is shown."""

from __future__ import annotations

from typing import Any

import pytest

from dynamodel import (
    Attr,
    Entity,
    Table,
    attribute,
    backfill,
    batch_get,
    batch_write,
    collection,
    global_index,
    key,
    local_index,
    primary_key,
    transaction,
    transaction_get,
    unique,
)

forum = Table("explained", partition_key="pk", sort_key="sk")
SECRET = "s3cr3t"

KB = 1024
MB = 1024 * KB


class Topic(Entity, table=forum):
    name: Attr[str] = attribute()
    title: Attr[str | None] = attribute("headline", default=None)
    views: Attr[int] = attribute(default=0)
    author: Attr[str | None] = attribute(default=None)
    main = primary_key(key("TOPIC", name), key("TOPIC"))
    by_author = global_index("gsi1", key("AUTHOR", author), key("TOPIC", name))
    by_views = local_index("lsi1", main, views)


class Answer(Entity, table=forum):
    name: Attr[str] = attribute()
    number: Attr[int] = attribute()
    author: Attr[str] = attribute()
    main = primary_key(key("TOPIC", name), key("ANSWER", number))
    by_author = global_index("gsi1", key("AUTHOR", author), key("ANSWER", number))


class Account(Entity, table=Table("explained.accounts")):
    account: Attr[str] = attribute()
    email: Attr[str | None] = attribute(default=None)
    version: Attr[int] = attribute(version=True)
    by_id = primary_key(account)


class Member(Entity, table=forum):
    name: Attr[str] = attribute()
    email: Attr[str | None] = attribute(default=None)
    main = primary_key(key("MEMBER", name), key("MEMBER"))
    by_email = unique(email)


TOPIC = Topic(name=SECRET, title=SECRET, author=SECRET)
MEMBER = Member(name=SECRET, email=SECRET)
together = collection(Topic.main, Answer.main)

ITEM = {"max_requests": 1, "max_items": 1, "max_bytes": 400 * KB, "is_scan": False, "index": None}
READ = {"max_requests": 1000, "max_items": None, "max_bytes": 1000 * MB, "is_scan": False}
ABSENT = {"key_condition": None, "filter": None, "condition": None, "update": None}

CASES: list[Any] = [
    # an operation, the API operation, and what is told of it
    pytest.param(Topic.main.get(SECRET), "GetItem", ITEM | ABSENT, id="get"),
    pytest.param(TOPIC.put(), "PutItem", ITEM | ABSENT, id="put"),
    pytest.param(
        TOPIC.create(), "PutItem", ITEM | ABSENT | {"condition": "attribute_not_exists(pk)"}, id="create"
    ),
    pytest.param(
        TOPIC.put().when(Topic.title == SECRET),
        "PutItem",
        ITEM | ABSENT | {"condition": "headline = :v0"},
        id="put, with a condition",
    ),
    pytest.param(
        Topic.main.update(SECRET).apply(Topic.title.set(SECRET)).must_exist(),
        "UpdateItem",
        ITEM | ABSENT | {"update": "SET headline = :v0", "condition": "attribute_exists(pk)"},
        id="update",
    ),
    pytest.param(TOPIC.upsert(), "UpdateItem", ITEM, id="upsert"),
    pytest.param(Topic.main.delete(SECRET), "DeleteItem", ITEM | ABSENT, id="delete"),
    pytest.param(
        Account(account=SECRET, version=3).delete(),
        "DeleteItem",
        {"table": "explained.accounts", "condition": "version = :v0 OR attribute_not_exists(account)"},
        id="delete of an instance with a version",
    ),
    pytest.param(
        Topic.by_author.query(SECRET),
        "Query",
        READ
        | ABSENT
        | {
            "index": "gsi1",
            "key_condition": "gsi1pk = :v0 AND begins_with(gsi1sk, :v1)",
            "table": "explained",
        },
        id="query",
    ),
    pytest.param(
        Topic.by_views.query(SECRET).sort(Topic.views > 77).filter(Topic.title.contains(SECRET)).cap(pages=3),
        "Query",
        {"index": "lsi1", "max_requests": 3, "max_bytes": 3 * MB, "max_items": None},
        id="query, with a filter and a cap",
    ),
    pytest.param(
        Topic.by_author.query(SECRET).page(size=20),
        "Query",
        {"max_requests": 100, "max_bytes": 100 * MB, "max_items": 21},
        id="page",
    ),
    pytest.param(
        Topic.by_author.query(SECRET).filter(Topic.views > 77).page(size=20, max_requests=2),
        "Query",
        {"max_requests": 2, "max_bytes": 2 * MB, "max_items": None, "filter": "views > :v2"},
        id="page, with a filter",
    ),
    pytest.param(Topic.by_author.query(SECRET).count(), "Query", READ, id="count"),
    pytest.param(Topic.by_author.query(SECRET).hydrate(), "Query", {"index": "gsi1"}, id="hydrate"),
    pytest.param(
        Topic.scan(), "Scan", READ | {"is_scan": True, "index": None, "filter": "_type = :v0"}, id="scan"
    ),
    pytest.param(Topic.by_author.scan(), "Scan", {"is_scan": True, "index": "gsi1"}, id="scan of an index"),
    pytest.param(Topic.scan().parallel(segments=4), "Scan", READ | {"is_scan": True}, id="parallel"),
    pytest.param(backfill(Topic), "Scan", {"is_scan": True, "table": "explained"}, id="backfill"),
    pytest.param(
        together.query(SECRET),
        "Query",
        READ | ABSENT | {"key_condition": "pk = :v0 AND sk BETWEEN :v1 AND :v2"},
        id="collection",
    ),
    pytest.param(
        together.query(SECRET).filter(Topic.views == 77),
        "Query",
        {"filter": "NOT (_type = :v3) OR views = :v4"},
        id="collection, with a filter",
    ),
    pytest.param(
        batch_get(Topic.main.get(SECRET), Account.by_id.get(SECRET)),
        "BatchGetItem",
        {"table": "explained, explained.accounts", "max_items": 2, "max_bytes": 800 * KB},
        id="batch_get",
    ),
    pytest.param(
        batch_write(TOPIC.put(), Topic.main.delete("other")),
        "BatchWriteItem",
        {"table": "explained", "max_items": 2},
        id="batch_write",
    ),
    pytest.param(
        transaction(TOPIC.put().when(Topic.views == 77), Account.by_id.delete(SECRET), token=SECRET),
        "TransactWriteItems",
        {"table": "explained, explained.accounts", "max_items": 2, "condition": None},
        id="transaction",
    ),
    pytest.param(
        transaction_get(Topic.main.get(SECRET)), "TransactGetItems", {"max_items": 1}, id="transaction_get"
    ),
    pytest.param(
        Topic.main.check(SECRET).when(Topic.title == SECRET),
        "TransactWriteItems",
        {"condition": "headline = :v0", "max_items": 1},
        id="check",
    ),
    pytest.param(MEMBER.create(), "TransactWriteItems", {"max_items": 2}, id="unique values"),
    pytest.param(MEMBER.put(), "GetItem", {"table": "explained"}, id="unique values that are read first"),
]


@pytest.mark.parametrize(("operation", "api", "told"), CASES)
def test_what_is_told(operation, api, told):
    explanation = operation.explain()
    assert explanation.operation == api
    assert {name: getattr(explanation, name) for name in told} == told


@pytest.mark.parametrize(("operation", "api", "told"), CASES)
def test_the_request_is_the_one_that_is_sent(operation, api, told):
    request = operation.explain().request
    assert request.operation == api
    assert request == operation.request()


@pytest.mark.parametrize(("operation", "api", "told"), CASES)
def test_no_value_is_shown(operation, api, told):
    explanation = operation.explain()
    for shown in (str(explanation), repr(explanation)):
        assert SECRET not in shown
        assert "77" not in shown
    assert SECRET in repr(explanation.request) or api == "Scan"
    assert "#" not in str(explanation)  # names, in place of their aliases


@pytest.mark.parametrize(
    ("operation", "text"),
    [
        pytest.param(
            Topic.main.get("a"),
            "GetItem on table explained\n  reads at most  1 item, 400 KB in 1 request\n  scan           no",
            id="get",
        ),
        pytest.param(
            Topic.by_author.query("a").filter(Topic.views > 1).cap(pages=2),
            "Query on index gsi1 of table explained\n"
            "  key condition  gsi1pk = :v0 AND begins_with(gsi1sk, :v1)\n"
            "  filter         views > :v2 (what it leaves out was read, and is paid for)\n"
            "  reads at most  2 MB in 2 requests\n"
            "  scan           no",
            id="query",
        ),
        pytest.param(
            Topic.scan().cap(pages=1),
            "Scan on table explained\n"
            "  filter         _type = :v0 (what it leaves out was read, and is paid for)\n"
            "  reads at most  1 MB in 1 request\n"
            "  scan           yes: it reads the whole table or index",
            id="scan",
        ),
        pytest.param(
            Topic.main.delete("a").must_exist(),
            "DeleteItem on table explained\n"
            "  condition      attribute_exists(pk)\n"
            "  writes at most 1 item, 400 KB in 1 request\n"
            "  scan           no",
            id="delete",
        ),
        pytest.param(
            backfill(Topic),
            "Scan on table explained\n"
            "  filter         _type = :v0 (what it leaves out was read, and is paid for)\n"
            "  reads at most  what it finds, in as many requests as that takes\n"
            "  scan           yes: it reads the whole table or index",
            id="backfill",
        ),
    ],
)
def test_the_text(operation, text):
    assert str(operation.explain()) == text


# --- upper bounds are upper bounds ---


def test_a_batch_of_more_than_one_request():
    """DynamoDB takes 100 gets, or 25 writes, a request."""
    gets = batch_get(*(Topic.main.get(f"{n}") for n in range(250))).explain()
    assert gets.max_items == 250
    assert gets.max_requests == 3
    assert gets.max_bytes == 250 * 400 * KB
    same = batch_get(*(Topic.main.get("a") for _ in range(250))).explain()
    assert (same.max_requests, same.max_items) == (1, 1)
    writes = batch_write(*(Topic.main.delete(f"{n}") for n in range(60))).explain()
    assert (writes.max_requests, writes.max_items) == (3, 60)
    alone = batch_write(*(Topic.main.delete(f"{n}") for n in range(26)), Account.by_id.delete("a"))
    assert alone.explain().max_items == 27
    versioned = batch_write(Topic.main.delete("a"), Account(account="a", version=1).delete())
    assert versioned.explain().max_requests == 2


@pytest.mark.parametrize(
    "operation",
    [
        Topic.by_author.query("a").hydrate(),
        Topic.by_author.query("a").hydrate().page(size=2),
        Topic.by_author.scan().hydrate().parallel(segments=2),
    ],
)
def test_whole_items_take_requests_of_their_own(operation):
    assert operation.explain().max_requests is None
    assert operation.explain().max_items is None


def test_a_page_of_a_collection_may_read_more_than_its_size():
    """Unknown items are read as well, and do not count."""
    assert together.query("a").page(size=2).explain().max_items is None


def test_a_write_that_reads_unique_values_first_takes_two_requests():
    assert MEMBER.put().explain().max_requests >= 2


def test_a_backfill_has_no_cap():
    assert "904" not in str(backfill(Topic).explain())  # 2 ** 62
