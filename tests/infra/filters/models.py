"""The entities of these tests: one with attributes of many types, and three that share a table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs

from dynamodel import Attr, Entity, Table, attribute, key, primary_key
from dynamodel.schema import StreamViewType


@attrs.define(slots=False)
class Info:
    rank: int | None = None
    label: str | None = None


class Thing(Entity, table=Table("filters.things", stream=StreamViewType.NEW_AND_OLD_IMAGES)):
    name: Attr[str] = attribute()
    text: Attr[str | None] = attribute(default=None)
    count: Attr[Decimal | None] = attribute("number of", default=None)
    data: Attr[bytes | None] = attribute(default=None)
    flag: Attr[bool | None] = attribute(default=None)
    null: Attr[str | None] = attribute(default=None, null=True)
    words: Attr[set[str]] = attribute(factory=set)
    nums: Attr[set[int]] = attribute(factory=set)
    blobs: Attr[set[bytes]] = attribute(factory=set)
    info: Attr[Info | None] = attribute(default=None)
    things: Attr[list[str]] = attribute(factory=list)
    anything: Attr[Any] = attribute(default=None)
    by_name = primary_key(name)


def forum(view: StreamViewType | None) -> tuple[type[Entity], type[Entity], type[Entity]]:
    """The entities of a table with such a stream: Forum, Thread and Reply."""
    app = Table("filters.forum", partition_key="pk", sort_key="sk", stream=view)

    class Forum(Entity, table=app):
        name: Attr[str] = attribute()
        main = primary_key(key("FORUM", name), key("#META"))

    class Thread(Entity, table=app):
        forum: Attr[str] = attribute()
        subject: Attr[str] = attribute()
        replies: Attr[int] = attribute(default=0)
        main = primary_key(key("FORUM", forum), key("THREAD", subject))

    class Reply(Entity, table=app):
        thread: Attr[str] = attribute()
        number: Attr[int] = attribute()
        main = primary_key(key("THREAD", thread), key("REPLY", number))

    return Forum, Thread, Reply
