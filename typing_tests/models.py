"""The models that the other files here use: classic tables with every kind of attribute, and a single table."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal, NewType
from uuid import UUID

import attrs

from dynamodel import (
    Attr,
    Entity,
    Table,
    attribute,
    computed,
    global_index,
    key,
    local_index,
    primary_key,
    unique,
    upgrade_from,
)

UserId = NewType("UserId", str)
Cents = NewType("Cents", int)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@attrs.define(slots=False)  # mypy refuses the class access `Award.year` to a slot
class Award:
    name: str
    year: int


@attrs.frozen(slots=False)
class Info:
    rank: int
    plot: str | None = None
    awards: list[Award] = attrs.field(factory=list)


class Movie(Entity, table=Table("Movies")):
    movie_id: Attr[int] = attribute("movieId")
    title: Attr[str] = attribute()
    rating: Attr[Decimal | None] = attribute(default=None)
    votes: Attr[int] = attribute(default=0)
    score: Attr[float] = attribute(default=0.0)
    poster: Attr[bytes] = attribute(default=b"")
    seen: Attr[bool] = attribute(default=False)
    actors: Attr[list[str]] = attribute(factory=list)
    genres: Attr[set[str]] = attribute(factory=set)
    years: Attr[frozenset[int]] = attribute(default=frozenset())
    labels: Attr[dict[str, str]] = attribute(factory=dict)
    info: Attr[Info | None] = attribute(default=None)
    released: Attr[datetime | None] = attribute(default=None)
    imdb: Attr[UUID | None] = attribute(default=None)
    state: Attr[Literal["draft", "public"]] = attribute(default="draft")
    owner: Attr[UserId | None] = attribute(default=None)
    budget: Attr[Cents] = attribute(default=Cents(0))
    amount: Attr[int | Decimal] = attribute(default=0)
    by_id = primary_key(movie_id)


class CastMember(Entity, table=Table("MovieCast")):
    movie_id: Attr[int] = attribute("movieId")
    actor_name: Attr[str] = attribute("actorName")
    role: Attr[str] = attribute()
    by_movie = primary_key(movie_id, actor_name)
    by_role = global_index("ByRole", role, movie_id)


class Thread(Entity, table=Table("Thread")):
    forum: Attr[str] = attribute("ForumName")
    subject: Attr[str] = attribute("Subject")
    last_post_at: Attr[datetime] = attribute("LastPostDateTime")
    replies: Attr[int] = attribute("Replies", default=0)
    posted_by: Attr[str] = attribute(default="nobody")
    main = primary_key(forum, subject)
    latest = local_index("LastPostIndex", main, last_post_at)
    by_user = global_index("ByUser", (posted_by, replies), last_post_at)


class Stamped(Entity):
    created: Attr[datetime] = attribute()
    kind: Attr[str] = attribute(default="note")


class Note(Stamped, table=Table("Notes")):
    note_id: Attr[int] = attribute()
    by_id = primary_key(note_id)
    by_kind = global_index("ByKind", Stamped.kind, Stamped.created)


app = Table("ForumApp", partition_key="pk", sort_key="sk")


def slugify(text: str) -> str:
    return text.lower().replace(" ", "-")


class Post(Entity, table=app):
    forum: Attr[str] = attribute()
    subject: Attr[str] = attribute()
    number: Attr[int] = attribute()
    posted_by: Attr[str] = attribute()
    posted_at: Attr[datetime] = attribute(read_only=True)
    likes: Attr[int] = attribute(default=0)
    slug: Attr[str] = computed(slugify, subject)
    version: Attr[int] = attribute(version=True)
    created: Attr[datetime] = attribute(created=True)
    updated: Attr[datetime] = attribute(updated=True)
    main = primary_key(key("FORUM", forum, subject), key("POST", number))
    by_user = global_index("gsi1", key("USER", posted_by), key("POST", posted_at))
    popular = local_index("lsi1", main, key("LIKES", likes))
    by_slug = unique(slug)


class Person(Entity, table=app):
    name: Attr[str] = attribute()
    email: Attr[str] = attribute()
    main = primary_key(key("USER", name), key("#META"))
    by_user = global_index("gsi1", key("USER", name), key("#META"))
    by_email = unique(email)

    @upgrade_from(1)
    @staticmethod
    def lower(values: dict[str, object]) -> dict[str, object]:
        return values
