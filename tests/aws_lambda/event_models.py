"""Tables with streams: a classic one, and two of several entities."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs

from dynamodel import Attr, Entity, StreamViewType, Table, attribute, key, primary_key, unique, upgrade_from

example = Table("ExampleTableWithStream", stream=StreamViewType.NEW_AND_OLD_IMAGES)
forum = Table(
    "ForumEvents",
    partition_key="pk",
    sort_key="sk",
    time_to_live="expires",
    stream=StreamViewType.NEW_AND_OLD_IMAGES,
)
unmarked = Table(
    "UnmarkedEvents",
    partition_key="pk",
    sort_key="sk",
    discriminator=False,
    time_to_live="expires",
    stream=StreamViewType.NEW_AND_OLD_IMAGES,
)


class Example(Entity, table=example):
    """What the sample of AWS has."""

    number: Attr[int] = attribute("Id")
    message: Attr[str | None] = attribute("Message", default=None)
    by_id = primary_key(number)


@attrs.frozen
class Place:
    """A document."""

    town: str
    picture: bytes | None = None


class Thread(Entity, table=forum):
    """Attributes of all kinds."""

    forum: Attr[str] = attribute()
    subject: Attr[str] = attribute()
    posted_by: Attr[str] = attribute("postedBy", default="ann")
    replies: Attr[int] = attribute(default=0)
    score: Attr[Decimal | None] = attribute(default=None)
    picture: Attr[bytes | None] = attribute(default=None)
    pictures: Attr[set[bytes]] = attribute(factory=set)
    tags: Attr[set[str]] = attribute(factory=set)
    numbers: Attr[set[int]] = attribute(factory=set)
    closed: Attr[bool | None] = attribute(default=None, null=True)
    place: Attr[Place | None] = attribute(default=None)
    history: Attr[list[Any]] = attribute(factory=list)
    more: Attr[dict[str, Any]] = attribute(factory=dict)
    posted_at: Attr[datetime | None] = attribute(default=None)
    main = primary_key(key("FORUM", forum), key("THREAD", subject))


class Reply(Entity, table=forum):
    """Another entity of the table, in its second version."""

    forum: Attr[str] = attribute()
    number: Attr[int] = attribute()
    text: Attr[str] = attribute()
    main = primary_key(key("FORUM", forum), key("REPLY", number))

    @upgrade_from(1)
    @staticmethod
    def rename(values: dict[str, Any]) -> dict[str, Any]:
        """The text was called message."""
        values["text"] = values.pop("message")
        return values


class User(Entity, table=forum):
    """An entity with claims."""

    name: Attr[str] = attribute()
    email: Attr[str] = attribute()
    main = primary_key(key("USER", name), key("USER"))
    by_email = unique(email)


class Door(Entity, table=unmarked):
    """Told from others by its keys."""

    house: Attr[str] = attribute()
    number: Attr[int] = attribute()
    main = primary_key(key("HOUSE", house), key("DOOR", number))


class Window(Entity, table=unmarked):
    """Likewise."""

    house: Attr[str] = attribute()
    number: Attr[int] = attribute()
    email: Attr[str] = attribute(default="")
    main = primary_key(key("HOUSE", house), key("WINDOW", number))
    by_email = unique(email)
