"""Movies and their casts: two classic tables, one entity in each."""

from __future__ import annotations

from decimal import Decimal

from dynamodel import Attr, Entity, RemovalPolicy, StreamViewType, Table, attribute, primary_key

movies = Table("Movies", removal_policy=RemovalPolicy.DESTROY)
movie_cast = Table(
    "MovieCast", removal_policy=RemovalPolicy.DESTROY, stream=StreamViewType.NEW_AND_OLD_IMAGES
)
done = Table("MoviesDone", partition_key="pk", time_to_live="expires", removal_policy=RemovalPolicy.DESTROY)
"""What handlers have done already."""


class Movie(Entity, table=movies):
    """One movie."""

    movie_id: Attr[int] = attribute("movieId")
    title: Attr[str] = attribute()
    year: Attr[int] = attribute()
    directors: Attr[list[str]] = attribute(factory=list)
    genres: Attr[set[str]] = attribute(factory=set)
    runtime_minutes: Attr[int | None] = attribute("runtimeMinutes", default=None)
    rating: Attr[Decimal | None] = attribute(default=None)
    cast_count: Attr[int] = attribute("castCount", default=0)
    by_id = primary_key(movie_id)


class CastMember(Entity, table=movie_cast):
    """One actor in one movie."""

    movie_id: Attr[int] = attribute("movieId")
    actor_name: Attr[str] = attribute("actorName")
    role: Attr[str] = attribute()
    by_movie = primary_key(movie_id, actor_name)
