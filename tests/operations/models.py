"""The entities of these tests, and a transport that remembers what was sent."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import boto3

from dynamodel import (
    Attr,
    Client,
    Entity,
    Projection,
    Request,
    Table,
    attribute,
    connect,
    global_index,
    local_index,
    primary_key,
)
from dynamodel.transport.boto3_transport import Boto3Transport

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.define
class Credit:
    name: str
    part: str | None = None


class Song(Entity, table=Table("operations.songs")):
    artist: Attr[str] = attribute()
    title: Attr[str] = attribute("songTitle")
    year: Attr[int | None] = attribute(default=None)
    genre: Attr[str | None] = attribute(default=None)
    length: Attr[Decimal | None] = attribute(default=None)
    plays: Attr[int] = attribute(default=0)
    tags: Attr[set[str]] = attribute(factory=set)
    credits: Attr[list[Credit]] = attribute(factory=list)
    labels: Attr[dict[str, str]] = attribute(factory=dict)
    lead: Attr[Credit | None] = attribute(default=None)
    added: Attr[datetime | None] = attribute(default=None)
    cover: Attr[bytes] = attribute(default=b"")
    by_artist = primary_key(artist, title)
    by_year = local_index("by-year", by_artist, year)
    by_length = local_index("by-length", by_artist, length, projection=Projection.KEYS_ONLY)
    by_genre = global_index("by-genre", genre, year)
    genre_keys = global_index("genre-keys", genre, projection=Projection.KEYS_ONLY)
    genre_some = global_index("genre-some", genre, title, include=[plays, lead])


class Sample(Entity, table=Table("operations.samples")):
    """A number and bytes as its key, and an index with bytes and a number."""

    device: Attr[int] = attribute()
    at: Attr[bytes] = attribute()
    batch: Attr[bytes | None] = attribute(default=None)
    value: Attr[Decimal] = attribute(default=Decimal(0))
    note: Attr[str] = attribute(default="")
    by_device = primary_key(device, at)
    by_batch = global_index("by-batch", batch, value)


class Visit(Entity, table=Table("operations.visits")):
    """An index with several partition and sort attributes."""

    visit_id: Attr[str] = attribute("id")
    country: Attr[str | None] = attribute(default=None)
    city: Attr[str | None] = attribute(default=None)
    year: Attr[int | None] = attribute(default=None)
    month: Attr[int | None] = attribute(default=None)
    place: Attr[str | None] = attribute(default=None)
    by_id = primary_key(visit_id)
    by_place = global_index("by-place", (country, city), (year, month, place))


class Recorded:
    """Passes requests on, and keeps them."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.requests: list[Request] = []

    def send(self, request: Request) -> Mapping[str, Any]:
        self.requests.append(request)
        return self.inner.send(request)

    def close(self) -> None:
        self.inner.close()

    @property
    def count(self) -> int:
        return len(self.requests)


def recording_client(
    endpoint_url: str | None = None, cursor_key: bytes | None = None
) -> tuple[Client, Recorded]:
    recorded = Recorded(Boto3Transport.open(endpoint_url, "us-east-1"))
    return connect(transport=recorded, cursor_key=cursor_key), recorded


def plain_client(db: Client) -> Any:
    """A boto3 client of the same engine, that knows nothing of dynamodel."""
    endpoint_url = db._transport.inner._client.meta.endpoint_url
    is_aws = "amazonaws.com" in endpoint_url
    return boto3.client("dynamodb", region_name="us-east-1", endpoint_url=None if is_aws else endpoint_url)
