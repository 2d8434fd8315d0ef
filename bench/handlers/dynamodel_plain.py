"""A plain handler with a model."""

from __future__ import annotations

import json

from bench.handlers.movie import Movie
from dynamodel.aws_lambda import Event, LambdaContext, db
from dynamodel.aws_lambda import handler as plain_handler

__all__ = ["handler"]


@plain_handler(patterns=[Movie.by_id.get])
def handler(event: Event, context: LambdaContext) -> dict[str, object]:
    """Gets the movie."""
    del context
    movie = db.run(Movie.by_id.get(int(event["rawPath"].rpartition("/")[2])))
    return {"statusCode": 200, "body": json.dumps({"title": movie and movie.title})}
