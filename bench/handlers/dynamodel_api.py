"""A handler of a function URL with models: Powertools' resolver inside."""

from __future__ import annotations

from bench.handlers.movie import Movie
from dynamodel.aws_lambda import db
from dynamodel.aws_lambda.http import Api

__all__ = ["handler"]

handler = Api(__name__, patterns=[Movie.by_id.get])


@handler.get("/movies/<movie_id>")
def get_movie(movie_id: int) -> Movie | None:
    """Gets the movie."""
    return db.run(Movie.by_id.get(movie_id))
