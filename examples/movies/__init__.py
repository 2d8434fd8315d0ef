"""The movies example: real movies and their casts in the tables Movies and MovieCast."""

from examples.movies.models import CastMember, Movie, movie_cast, movies

__all__ = ["CastMember", "Movie", "movie_cast", "movies"]
