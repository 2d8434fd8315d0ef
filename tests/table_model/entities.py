"""Three entities in one table, with every kind of key that can go wrong.

What they are to the plain model is written a second time in `rules`; nothing is derived from here.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

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
)

from .rules import label_of, slug_of

TABLE = "table-model"
app = Table(TABLE, partition_key="pk", sort_key="sk")


class State(Enum):
    """A part of an index key that is stored as a text."""

    OPEN = "open"
    SHUT = "shut#1"


class Thread(Entity, table=app):
    """Sparse and overloaded index keys of texts, times, an Enum, a bool, a number; one of the key alone."""

    forum: Attr[str] = attribute()
    subject: Attr[str] = attribute()
    posted_by: Attr[str | None] = attribute(default=None)
    editor: Attr[str | None] = attribute(default=None)
    last_post_at: Attr[datetime | None] = attribute("LastPostDateTime", default=None)
    opened_at: Attr[datetime | None] = attribute(default=None)
    state: Attr[State | None] = attribute(default=None)
    pinned: Attr[bool] = attribute(default=False)
    score: Attr[Decimal | None] = attribute(default=None)
    bonus: Attr[Decimal | None] = attribute(default=None)
    replies: Attr[int] = attribute(default=0)
    tags: Attr[set[str]] = attribute(factory=set)
    main = primary_key(key("FORUM", forum), key("THREAD", subject))
    latest = local_index("latest", main, key("THREAD", last_post_at))
    by_user = global_index("gsi1", key("USER", posted_by), key("THREAD", last_post_at))
    by_score = global_index("gsi2", key("STATE", state), key("SCORE", pinned, score, subject))
    by_subject = global_index("gsi3", key("SUBJECT", subject), key("FORUM", forum))
    by_editor = global_index("gsi4", key("EDITOR", editor, posted_by), key("REPLIES", replies))


class Reply(Entity, table=app):
    """A version; a computed attribute in a key, and one that is made of two attributes."""

    forum: Attr[str] = attribute()
    subject: Attr[str] = attribute()
    number: Attr[int] = attribute()
    posted_by: Attr[str | None] = attribute(default=None)
    title: Attr[str | None] = attribute(default=None)
    at: Attr[datetime | None] = attribute(default=None)
    points: Attr[Decimal | None] = attribute(default=None)
    bonus: Attr[Decimal | None] = attribute(default=None)
    likes: Attr[int] = attribute(default=0)
    slug: Attr[str | None] = computed(slug_of, subject, title)
    label: Attr[str | None] = computed(label_of, title, points)
    version: Attr[int] = attribute(version=True)
    main = primary_key(key("FORUM", forum), key("REPLY", subject, number))
    latest = local_index("latest", main, key("REPLY", at))
    by_user = global_index("gsi1", key("USER", posted_by), key("REPLY", at, number))
    by_slug = global_index("gsi2", key("SLUG", slug), key("POINTS", points))


class User(Entity, table=app):
    """A unique value; static keys; a read-only attribute in an index key."""

    user_id: Attr[int] = attribute("id")
    email: Attr[str | None] = attribute(default=None)
    name: Attr[str | None] = attribute(default=None)
    karma: Attr[Decimal | None] = attribute(default=None)
    bonus: Attr[Decimal | None] = attribute(default=None)
    joined: Attr[int | None] = attribute(default=None, read_only=True)
    main = primary_key(key("USER", user_id), key("#ME"))
    by_karma = global_index("gsi1", key("ALLUSERS"), key("KARMA", karma, user_id))
    by_joined = global_index("gsi2", key("ALL"), key("JOINED", joined))
    by_email = unique(email)


ENTITIES: dict[str, Any] = {"Thread": Thread, "Reply": Reply, "User": User}

INDEXES: dict[tuple[str, str], Any] = {
    ("Thread", ""): Thread.main,
    ("Thread", "latest"): Thread.latest,
    ("Thread", "gsi1"): Thread.by_user,
    ("Thread", "gsi2"): Thread.by_score,
    ("Thread", "gsi3"): Thread.by_subject,
    ("Thread", "gsi4"): Thread.by_editor,
    ("Reply", ""): Reply.main,
    ("Reply", "latest"): Reply.latest,
    ("Reply", "gsi1"): Reply.by_user,
    ("Reply", "gsi2"): Reply.by_slug,
    ("User", ""): User.main,
    ("User", "gsi1"): User.by_karma,
    ("User", "gsi2"): User.by_joined,
}
"""The ways to find an entity's items, by the name of the index; the table itself has none."""
