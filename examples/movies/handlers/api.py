"""A movie and its cast, for everybody who knows the function's URL: `GET /movies/1234`."""

from __future__ import annotations

import os

from dynamodel import Page
from dynamodel.aws_lambda import db
from dynamodel.aws_lambda.http import Api
from examples.movies.models import CastMember, Movie

__all__ = ["api"]

db.configure(cursor_key=os.environ.get("CURSOR_KEY", "only for this machine").encode())

api = Api(__name__, patterns=[Movie.by_id.get, CastMember.by_movie.query])


@api.get("/movies/<movie_id>")
def get_movie(movie_id: int) -> Movie | None:
    """The movie; 404 if there is none."""
    return db.run(Movie.by_id.get(movie_id))


@api.get("/movies/<movie_id>/cast")
def list_cast(movie_id: int, cursor: str | None = None) -> Page[CastMember]:
    """Ten actors, and the cursor of the next ten."""
    return db.run(CastMember.by_movie.query(movie_id).page(size=10, after=cursor))
