"""A forum over HTTP: a single table, and a route for each thing that a route can be."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal
from uuid import UUID

import attrs

from dynamodel import (
    Attr,
    Entity,
    Page,
    Table,
    attribute,
    computed,
    global_index,
    key,
    local_index,
    primary_key,
    transaction,
    unique,
)
from dynamodel.aws_lambda import LambdaContext, db
from dynamodel.aws_lambda.http import Api, Between, HttpSource, Input

forum = Table("HttpForum", partition_key="pk", sort_key="sk")
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


class Mood(Enum):
    CALM = "calm"
    ANGRY = "angry"


@attrs.define
class Picture:
    data: bytes
    width: int | None = None


class Thread(Entity, table=forum):
    forum: Attr[str] = attribute()
    subject: Attr[str] = attribute()
    posted_by: Attr[str] = attribute("postedBy", writable=True)
    last_post_at: Attr[datetime] = attribute("lastPostAt")
    origin: Attr[str | None] = attribute(default=None, read_only=True, writable=True)
    mood: Attr[Mood] = attribute(default=Mood.CALM, writable=True)
    score: Attr[Decimal | None] = attribute(default=None, writable=True)
    tags: Attr[set[str]] = attribute(factory=set, writable=True)
    picture: Attr[Picture | None] = attribute(default=None, writable=True)
    answered_by: Attr[str | None] = attribute("answeredBy", default=None, null=True, writable=True)
    replies: Attr[int] = attribute(default=0)
    version: Attr[int] = attribute(version=True)
    upper: Attr[str] = computed(str.upper, subject)
    main = primary_key(key("FORUM", forum), key("THREAD", subject))
    latest = local_index("latest", main, last_post_at)
    by_user = global_index("gsi1", key("USER", posted_by), key("THREAD", last_post_at))


class User(Entity, table=forum):
    name: Attr[str] = attribute()
    email: Attr[str] = attribute(writable=True)
    main = primary_key(key("USER", name), key("USER"))
    by_email = unique(email)


@attrs.define
class Move:
    to: str
    count: int = 1


def make(source: HttpSource = HttpSource.FUNCTION_URL) -> Api:  # noqa: C901 - one branch for each route
    """An API with all routes."""
    api = Api(__name__, source=source)

    @api.get("/threads/<forum>/<subject>")
    def thread(forum: str, subject: str) -> Thread | None:
        return db.run(Thread.main.get(forum, subject))

    @api.get("/threads/<forum>")
    def threads(
        forum: str, cursor: str | None = None, size: Annotated[int, Between(1, 50)] = 20
    ) -> Page[Thread]:
        return db.run(Thread.main.query(forum).page(size=size, after=cursor))

    @api.get("/users/<name>/threads")
    def of_user(name: str) -> list[Thread]:
        return list(db.run(Thread.by_user.query(name)))

    @api.post("/threads/<forum>/<subject>")
    def post(forum: str, subject: str, body: Input[Thread], context: LambdaContext) -> Thread:
        made = body.build(forum=forum, subject=subject, last_post_at=NOW)
        made.replies = len(context.aws_request_id)
        db.run(made.create())
        return made

    @api.patch("/threads/<forum>/<subject>")
    def change(forum: str, subject: str, changes: Input[Thread]) -> None:
        update = Thread.main.update(forum, subject).apply(*changes.actions()).must_exist()
        if Thread.posted_by in changes:
            update = update.given(Thread.last_post_at == NOW)
        db.run(update)

    @api.delete("/threads/<forum>/<subject>")
    def remove(forum: str, subject: str) -> None:
        db.run(Thread.main.delete(forum, subject).when(Thread.replies == 0))

    @api.put("/users/<name>")
    def put_user(name: str, body: Input[User]) -> User:
        user = body.build(name=name)
        db.run(user.create())
        return user

    @api.post("/transactions/<name>")
    def together(name: str) -> None:
        user = User(name=name, email=f"{name}@example.com")
        check = User.main.check("nobody").when(User.email == "x")
        db.run(transaction(check, Thread(forum="a", subject="b", posted_by="c", last_post_at=NOW).create()))
        db.run(user.create())

    @api.post("/moves")
    def move(body: Move) -> dict[str, object]:
        return {"to": body.to, "count": body.count, "half": Decimal("0.5"), "on": date(2026, 1, 2)}

    @api.get("/echo/<text>")
    def echo(text: str) -> list[str]:
        return [text]

    @api.get("/typed/<number>/<kind>/<id_>")
    def typed(
        number: Decimal,
        kind: Literal["a", 1],
        id_: UUID,
        flag: bool = False,
        mood: Mood = Mood.CALM,
        at: datetime | None = None,
        either: int | str = 0,
    ) -> list[str]:
        return [repr(each) for each in (number, kind, id_, flag, mood, at, either)]

    @api.get("/files/list.json")
    def dotted() -> dict[str, int]:
        return {"a": 1}

    return api


api = make()
