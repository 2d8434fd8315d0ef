"""The entity of the handlers with models."""

from __future__ import annotations

from dynamodel import Attr, Entity, Table, attribute, primary_key

__all__ = ["Movie"]


class Movie(Entity, table=Table("Movies")):
    """One movie."""

    movie_id: Attr[int] = attribute("movieId")
    title: Attr[str] = attribute()
    year: Attr[int | None] = attribute(default=None)
    by_id = primary_key(movie_id)
