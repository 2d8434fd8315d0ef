"""Keeps the number of each movie's actors, from the stream of the table MovieCast.

A stream delivers each change at least once; the store sees to it that each one counts once.
"""

from __future__ import annotations

from dynamodel.aws_lambda import LambdaContext, db
from dynamodel.aws_lambda.idempotency import IdempotencyStore
from dynamodel.aws_lambda.streams import Change, Inserted, Removed, on_change
from examples.movies.models import CastMember, Movie, done

__all__ = ["count_cast"]


@on_change(CastMember, patterns=[Movie.by_id.update], store=IdempotencyStore(done))
def count_cast(change: Change[CastMember], _: LambdaContext) -> None:
    """One more, or one less; another role of the same actor is no other number."""
    match change:
        case Inserted(new=member):
            add(member, 1)
        case Removed(old=member):
            add(member, -1)
        case _:
            pass


def add(member: CastMember, number: int) -> None:
    """Change the number of the movie in which somebody plays."""
    db.run(Movie.by_id.update(member.movie_id).apply(Movie.cast_count.add(number)).must_exist())
