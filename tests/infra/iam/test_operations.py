"""Each kind of operation, run on an engine: its policy allows what was sent, and nothing that no run sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dynamodel import (
    Attr,
    DeclarationError,
    Entity,
    Table,
    attribute,
    backfill,
    batch_get,
    batch_write,
    primary_key,
    transaction,
    transaction_get,
)
from dynamodel.infra.iam import fixed_arns, policy
from dynamodel.testing import embedded

from .models import KEYS, TABLES, Draft, Invoice, Member, Song, actions_of, drained, of_tenant, recorded
from .simulator import ACCOUNT, REGION, allows_request, checks_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamodel import Client

ARNS = fixed_arns(REGION, ACCOUNT)


@pytest.fixture
def db() -> Iterator[Client]:
    with embedded(REGION) as client:
        for table in TABLES:
            client.create_table(table)
        yield client


def member(**values: Any) -> Member:
    return Member(tenant="a", name="ann", **values)


ANN = member(email="ann@x", nick="ann")
"""Is stored before each run."""

SONG = Song(artist="a", title="t", plays=1)
DRAFT = Draft(draft_id="d")
INVOICE = Invoice(tenant="a", number=1)
MEMBER = Member.by_name

RUNS: dict[str, tuple[Any, list[Any]]] = {
    # name: pattern, and operations of it
    "get": (Song.by_artist.get, [Song.by_artist.get("a", "t")]),
    "query": (Song.by_artist.query, [Song.by_artist.query("a")]),
    "query, local index": (Song.by_plays.query, [Song.by_plays.query("a")]),
    "query, global index": (Song.titled.query, [Song.titled.query("t")]),
    "hydrate": (Song.titled.query("x").hydrate(), [Song.titled.query("t").hydrate()]),
    "page": (Song.titled.query("x").page(size=1), [Song.titled.query("t").page(size=1)]),
    "count": (Song.by_artist.query("x").count(), [Song.by_artist.query("a").count()]),
    "scan": (Song.scan, [Song.scan()]),
    "scan, index": (Song.titled.scan, [Song.titled.scan()]),
    "parallel": (Song.scan().parallel(segments=2), [Song.scan().parallel(segments=2)]),
    "collection": (of_tenant.query, [of_tenant.query("a")]),
    "put": (Song.put, [SONG.put()]),
    "create": (Song.create, [Song(artist="b", title="t").create()]),
    "upsert": (Song.upsert, [SONG.upsert()]),
    "delete": (Song.delete, [SONG.delete()]),
    "update by key": (Song.by_artist.update, [Song.by_artist.update("a", "t").apply(Song.plays.add(1))]),
    "delete by key": (Song.by_artist.delete, [Song.by_artist.delete("a", "t")]),
    "check": (Song.by_artist.check, [Song.by_artist.check("a", "t").must_exist()]),
    "batch_get": (batch_get(Song.by_artist.get("x", "y")), [batch_get(Song.by_artist.get("a", "t"))]),
    "batch_write": (batch_write(SONG.put()), [batch_write(SONG.put(), Song.by_artist.delete("c", "d"))]),
    "batch_write, version": (batch_write(DRAFT.put()), [batch_write(Draft(draft_id="e").put())]),
    "transaction": (
        transaction(SONG.put(), INVOICE.create(), Song.by_artist.check("x", "y").must_exist()),
        [
            transaction(
                Song(artist="z", title="z").put(),
                INVOICE.create(),
                Song.by_artist.check("a", "t").must_exist(),
            )
        ],
    ),
    "transaction_get": (
        transaction_get(Song.by_artist.get("x", "y")),
        [transaction_get(Song.by_artist.get("a", "t"), Song.by_artist.get("b", "t"))],
    ),
    "version, put": (Draft.put, [Draft(draft_id="f").put()]),
    "unique, put": (Member.put, [member(email="other@x", nick="other").put()]),
    "unique, put, as an operation": (ANN.put(), [member(email="other@x", nick="other").put()]),
    "unique, create": (Member.create, [Member(tenant="a", name="bob", email="bob@x").create()]),
    "unique, upsert": (Member.upsert, [member(email="other@x", nick="ann").upsert()]),
    "unique, update": (MEMBER.update, [MEMBER.update("a", "ann").apply(Member.email.set("other@x"))]),
    "unique, update of others": (
        MEMBER.update("x", "y").apply(Member.note.set("")),
        [MEMBER.update("a", "ann").apply(Member.note.set("n"))],
    ),
    "unique, update of known": (
        MEMBER.update("x", "y").apply(Member.email.set("a")).when(Member.email == "a"),
        [MEMBER.update("a", "ann").apply(Member.email.set("b@x")).when(Member.email == "ann@x")],
    ),
    "unique, delete": (MEMBER.delete, [MEMBER.delete("a", "ann")]),
    "unique, delete, instance": (Member.delete, [ANN.delete()]),
    "unique, batch": (batch_write(ANN.put()), [batch_write(member(email="c@x", nick="c").put())]),
    "backfill": (backfill(Song), [backfill(Song, segments=1)]),
    "backfill, dry": (backfill(Member, dry_run=True), [backfill(Member, segments=1, dry_run=True)]),
}  # fmt: skip


@pytest.mark.parametrize("name", RUNS)
def test_what_was_sent_is_what_is_allowed(db: Client, name: str) -> None:
    pattern, operations = RUNS[name]
    for stored in (Song(artist="a", title="t", plays=1), member(email="ann@x", nick="ann")):
        db.run(stored.put())
    allowed = actions_of(policy([pattern]).document(ARNS))
    client, recorder = recorded(db)
    for operation in operations:
        drained(client.run(operation))
    sent = {
        (check.action, check.resource) for request in recorder.requests for check in checks_of(request, KEYS)
    }
    if name == "backfill":
        sent.add(
            ("dynamodb:UpdateItem", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/Songs")
        )  # of stale items
    assert sent == allowed


def test_backfill_of_unique_values(db: Client) -> None:
    """Two stale items: one without its claims, one that lacks the marks as well."""
    db.run(member(email="ann@x", nick="ann").put())
    stored = db._transport.send(scan_request())["Items"]
    for item in stored:
        if item["pk"]["S"].startswith("$unique"):
            key = {name: item[name] for name in ("pk", "sk")}
            db._transport.send(request("DeleteItem", TableName="App", Key=key))
    stale = next(item for item in stored if item["sk"]["S"].startswith("MEMBER"))
    other = {**stale, "pk": {"S": "TENANT#b"}, "tenant": {"S": "b"}, "email": {"S": "b@x"}}
    del other["kind"]
    db._transport.send(request("PutItem", TableName="App", Item={**other, "kind": {"S": "Member"}}))
    client, recorder = recorded(db)
    client.run(backfill(Member, segments=1))
    sent = {(c.action, c.resource) for each in recorder.requests for c in checks_of(each, KEYS)}
    allowed = actions_of(policy([backfill(Member)]).document(ARNS))
    assert sent <= allowed
    assert {action for action, _ in allowed - sent} == {"dynamodb:UpdateItem"}


def scan_request() -> Any:
    return request("Scan", TableName="App")


def request(operation: str, **parameters: Any) -> Any:
    from dynamodel import Request

    return Request(operation, parameters)


@pytest.mark.parametrize("name", RUNS)
def test_other_tables_and_actions_are_denied(name: str) -> None:
    """The requests of all other runs: allowed only where each of their actions is one of this pattern."""
    document = policy([RUNS[name][0]]).document(ARNS)
    allowed = actions_of(document)
    for _, operations in RUNS.values():
        for operation in operations:
            asked = {(check.action, check.resource) for check in checks_of(operation.request(), KEYS)}
            assert allows_request(document, operation.request(), KEYS) == (asked <= allowed)


def test_a_method_that_the_class_overrides_is_no_pattern() -> None:
    class Own(Entity, table=Table("Owned")):
        name: Attr[str] = attribute()
        by_name = primary_key(name)

        def put(self) -> Any:
            return super().put()

    with pytest.raises(DeclarationError, match="overrides"):
        policy([Own.put])
    assert policy([Own(name="a").put(), Own.create]).statements[0].actions == ("dynamodb:PutItem",)


@pytest.mark.parametrize("pattern", [len, "Song.put", Song, None, Song.title, db])
def test_what_is_no_pattern(pattern: Any) -> None:
    with pytest.raises(DeclarationError, match="is no access pattern"):
        policy([pattern])


def test_an_operation_that_cannot_be_sent() -> None:
    with pytest.raises(DeclarationError, match="cannot be sent"):
        policy([Song.by_artist.check("a", "t")])


def test_an_update_without_actions_stands_for_all() -> None:
    assert policy([MEMBER.update("a", "b")]) == policy([MEMBER.update])
