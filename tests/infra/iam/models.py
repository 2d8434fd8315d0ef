"""What the tests of policies share: a table with plain keys, and one in single-table design."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamodel import (
    Attr,
    Entity,
    Projection,
    Table,
    attribute,
    collection,
    connect,
    global_index,
    key,
    local_index,
    primary_key,
    unique,
)
from dynamodel.schema.table import Table as _Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynamodel import Client, Request, Transport
    from dynamodel.types import Response


class Song(Entity, table=Table("Songs")):
    artist: Attr[str] = attribute()
    title: Attr[str] = attribute()
    plays: Attr[int] = attribute(default=0)
    by_artist = primary_key(artist, title)
    by_plays = local_index("ByPlays", by_artist, plays)
    titled = global_index("ByTitle", title, projection=Projection.KEYS_ONLY)


class Draft(Entity, table=Table("Drafts")):
    draft_id: Attr[str] = attribute("draftId")
    version: Attr[int] = attribute(version=True)
    by_id = primary_key(draft_id)


app = Table("App", partition_key="pk", sort_key="sk", discriminator="kind")


class Member(Entity, table=app):
    tenant: Attr[str] = attribute()
    name: Attr[str] = attribute()
    email: Attr[str | None] = attribute(default=None)
    nick: Attr[str | None] = attribute(default=None)
    note: Attr[str | None] = attribute(default=None)
    by_name = primary_key(key("TENANT", tenant), key("MEMBER", name))
    by_email = unique(email)
    by_nick = unique(tenant, nick)


class Invoice(Entity, table=app):
    tenant: Attr[str] = attribute()
    number: Attr[int] = attribute()
    total: Attr[int] = attribute(default=0)
    by_number = primary_key(key("TENANT", tenant), key("INVOICE", number))


class Event(Entity, table=app):
    tenant: Attr[str] = attribute()
    day: Attr[str] = attribute()
    text: Attr[str] = attribute(default="")
    by_day = primary_key(key("EVENT*", tenant, day), key("#EVENT"))


of_tenant = collection(Member.by_name, Invoice.by_number)

TABLES: tuple[_Table, ...] = (*(entity.__dynamodel_schema__.table for entity in (Song, Draft)), app)  # type: ignore[attr-defined]

KEYS = {
    "Songs": "artist",
    "Songs/index/ByPlays": "artist",
    "Songs/index/ByTitle": "title",
    "Drafts": "draftId",
    "App": "pk",
}


class Recorder:
    """Passes requests on, and keeps them."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.requests: list[Request] = []

    def send(self, request: Request) -> Response:
        self.requests.append(request)
        return self._transport.send(request)

    def close(self) -> None:
        pass


def recorded(client: Client) -> tuple[Client, Recorder]:
    """A client on the same engine whose requests are kept."""
    recorder = Recorder(client._transport)
    return connect(transport=recorder), recorder


def drained(result: Any) -> None:
    """Reads lazy results to their end."""
    if hasattr(result, "__iter__"):
        list(result)


def actions_of(document: dict[str, Any]) -> set[tuple[str, str]]:
    """The pairs of action and resource that a document allows."""
    return {
        (action, resource)
        for statement in document["Statement"]
        for action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
    }


def _listed(value: Any) -> Iterable[str]:
    return [value] if isinstance(value, str) else value
