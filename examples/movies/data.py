"""The movies of `movies.json` as entities."""

from __future__ import annotations

import json
from decimal import Decimal
from importlib.resources import files
from typing import Any

from examples.movies.models import CastMember, Movie

__all__ = ["read_movies"]


def read_movies() -> list[tuple[Movie, list[CastMember]]]:
    """Every movie with its cast. Ratings are read as Decimal: they never pass through float."""
    text = files("examples.movies").joinpath("movies.json").read_text("utf-8")
    return [_movie(row) for row in json.loads(text, parse_float=Decimal)]


def _movie(row: dict[str, Any]) -> tuple[Movie, list[CastMember]]:
    movie = Movie(
        movie_id=row["movieId"],
        title=row["title"],
        year=row["year"],
        directors=row["directors"],
        genres=set(row["genres"]),
        runtime_minutes=row["runtimeMinutes"],
        rating=Decimal(row["rating"]),
    )
    cast = [
        CastMember(movie_id=movie.movie_id, actor_name=member["actorName"], role=member["role"])
        for member in row["cast"]
    ]
    return movie, cast
