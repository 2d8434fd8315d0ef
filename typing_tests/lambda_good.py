"""Good uses of HTTP handlers: no checker complains, and each type is the one that the comment says."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from aws_lambda_powertools.event_handler import CORSConfig, Response

from dynamodel import Attr, Entity, Page, Table, attribute, primary_key
from dynamodel.aws_lambda import LambdaContext, db
from dynamodel.aws_lambda.http import Api, Between, HttpSource, Input


class Song(Entity, table=Table("Songs")):
    song_id: Attr[int] = attribute()
    title: Attr[str] = attribute(writable=True)
    rating: Attr[Decimal | None] = attribute(default=None, writable=True)
    tags: Attr[set[str]] = attribute(factory=set, writable=True, read_only=True)
    by_id = primary_key(song_id)


api = Api(
    __name__,
    patterns=[Song.by_id.get, Song.by_id.update, Song.put],
    source=HttpSource.HTTP_API,
    cors=CORSConfig(allow_origin="https://example.com"),
)


@api.get("/songs/<song_id>", compress=True, cache_control="max-age=60")
def song(song_id: int) -> Song | None:
    return db.run(Song.by_id.get(song_id))


@api.get("/songs")
def songs(cursor: str | None = None, size: Annotated[int, Between(1, 100)] = 20) -> Page[Song]:
    reveal_type(size)  # int
    return db.run(Song.scan().page(size=size, after=cursor))


@api.patch("/songs/<song_id>")
def change(song_id: int, changes: Input[Song]) -> None:
    db.run(Song.by_id.update(song_id).apply(*changes.actions()).must_exist())
    if Song.title in changes:
        reveal_type(changes[Song.title])  # str
    reveal_type(changes[Song.rating])  # Decimal | None
    reveal_type(changes.values)  # Mapping[str, object]


@api.put("/songs/<song_id>")
def put(song_id: int, body: Input[Song], context: LambdaContext) -> Song:
    made = body.build(song_id=song_id)
    reveal_type(made)  # Song
    db.run(made.put())
    return made


@api.delete("/songs/<song_id>")
def delete(song_id: int) -> Response[str]:
    return Response(status_code=202)


# a decorated function is what it was
reveal_type(song(1))  # Song | None
reveal_type(songs(size=3))  # Page[Song]
reveal_type(change(1, Input(Song, {"title": "Brazil"})))  # None
reveal_type(Input(Song, {"rating": Decimal("7.5")}))  # Input[Song]
