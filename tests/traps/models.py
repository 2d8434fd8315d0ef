"""The entities of these tests: one table with generic keys, and one that has its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from dynamodel import (
    Attr,
    Entity,
    Request,
    Table,
    attribute,
    computed,
    global_index,
    key,
    local_index,
    primary_key,
    unique,
)
from dynamodel.types import Item

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)

app = Table("traps.app", partition_key="pk", sort_key="sk")


@attrs.define(slots=False)
class Info:
    rank: int = 0
    note: str = ""


def open_since(status: str, at: datetime) -> datetime | None:
    return at if status == "open" else None


class Thread(Entity, table=app):
    """Its index keys are built from what changes: by whom, when, and whether it is open."""

    forum: Attr[str] = attribute()
    subject: Attr[str] = attribute()
    posted_by: Attr[str | None] = attribute(default=None)
    moderator: Attr[str | None] = attribute(default=None)
    last_post_at: Attr[datetime] = attribute("lastPost", default=NOON)
    status: Attr[str] = attribute(default="open")
    replies: Attr[int] = attribute(default=0)
    tags: Attr[set[str]] = attribute(factory=set)
    words: Attr[list[str]] = attribute(factory=list)
    info: Attr[Info | None] = attribute(default=None)
    open_since: Attr[datetime | None] = computed(open_since, status, last_post_at)
    main = primary_key(key("FORUM", forum), key("THREAD", subject))
    latest = local_index("latest", main, last_post_at)
    by_user = global_index("gsi1", key("USER", posted_by), key("THREAD", last_post_at))
    open_only = global_index("gsi2", key("OPEN", forum), key("SINCE", open_since))


class Reply(Entity, table=app):
    """In the partition of its forum, and in the same index as the threads."""

    forum: Attr[str] = attribute()
    subject: Attr[str] = attribute()
    number: Attr[int] = attribute()
    posted_by: Attr[str | None] = attribute(default=None)
    posted_at: Attr[datetime] = attribute(default=NOON)
    main = primary_key(key("FORUM", forum), key("REPLY", subject, number))
    by_user = global_index("gsi1", key("USER", posted_by), key("REPLY", posted_at))


class Shop(Entity, table=app):
    """Two texts in each of its keys."""

    country: Attr[str] = attribute()
    city: Attr[str] = attribute()
    street: Attr[str] = attribute()
    name: Attr[str] = attribute()
    main = primary_key(key("PLACE", country, city), key("SHOP", street, name))


class Sample(Entity, table=app):
    """Numbers in its keys."""

    device: Attr[str] = attribute()
    value: Attr[Decimal] = attribute()
    score: Attr[int] = attribute(default=0)
    main = primary_key(key("DEVICE", device), key("VALUE", value))
    by_score = global_index("gsi1", key("SAMPLES", device), key("SCORE", score))


class Flag(Entity, table=app):
    """An index key of values that are false in a condition."""

    name: Attr[str] = attribute()
    is_on: Attr[bool | None] = attribute(default=None)
    count: Attr[int | None] = attribute(default=None)
    label: Attr[str | None] = attribute(default=None)
    main = primary_key(key("FLAG", name), key("FLAG"))
    by_state = global_index("gsi1", key("STATE", is_on), key("STATE", count, label))


class User(Entity, table=app):
    name: Attr[str] = attribute()
    email: Attr[str | None] = attribute(default=None)
    main = primary_key(key("USER", name), key("PROFILE"))
    by_email = unique(email)


class Draft(Entity, table=app):
    draft_id: Attr[str] = attribute()
    text: Attr[str] = attribute(default="")
    version: Attr[int] = attribute(version=True)
    created: Attr[datetime] = attribute(created=True)
    updated: Attr[datetime] = attribute(updated=True)
    main = primary_key(key("DRAFT", draft_id), key("DRAFT"))


class Song(Entity, table=Table("traps.songs")):
    """Attributes are its keys, as they are."""

    artist: Attr[str] = attribute()
    title: Attr[str] = attribute()
    genre: Attr[str | None] = attribute(default=None)
    length: Attr[Decimal | None] = attribute(default=None)
    main = primary_key(artist, title)
    by_genre = global_index("by-genre", genre)


TABLES = (Thread, Song)


class Stored(Protocol):
    """What is stored, read by boto3: the items of a table, or those that an index holds."""

    def __call__(self, index: str | None = None, *, table: str = "traps.app") -> list[Item]: ...


class Scripted:
    """A transport that gives these answers, one after the other, and keeps what was sent."""

    def __init__(self, *answers: Callable[[Request], Mapping[str, Any]]) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []

    def send(self, request: Request) -> Mapping[str, Any]:
        self.requests.append(request)
        return self.answers.pop(0)(request)

    def close(self) -> None:
        pass


def index_key(item: Item, index: str) -> tuple[Any, Any]:
    """The texts of the key of an index; None where the item has none."""
    partition, sort = (item.get(f"{index}{side}", {}).get("S") for side in ("pk", "sk"))
    return partition, sort
