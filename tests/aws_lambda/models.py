"""A classic table, a context as Lambda's runtime gives it, and handlers at the top of a module."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from dynamodel import Attr, Entity, StreamViewType, Table, attribute, primary_key
from dynamodel.aws_lambda import Event, LambdaContext, LambdaHandler, db, handler

movies = Table("Movies", stream=StreamViewType.NEW_AND_OLD_IMAGES)


class Movie(Entity, table=movies):
    movie_id: Attr[int] = attribute("movieId")
    title: Attr[str] = attribute()
    by_id = primary_key(movie_id)


@frozen
class Context:
    """What Lambda tells of an invocation."""

    milliseconds: int = 3_000
    aws_request_id: str = "8f5e1c"
    function_name: str = "movies"

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@handler(patterns=[Movie.by_id.get])
def title_of(event: Event, context: LambdaContext) -> str | None:
    """The title of a movie."""
    movie = db.run(Movie.by_id.get(event["movieId"]))
    return None if movie is None else movie.title


class Batches(LambdaHandler):
    """Answers which records failed."""

    partial_batch_responses = True

    def handle(self, event: Event, context: LambdaContext) -> dict[str, Any]:
        return {"batchItemFailures": []}


batches = Batches(__name__, [Movie.by_id.update])
