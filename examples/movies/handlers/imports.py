"""Takes movies from a queue: one message for each movie with its cast.

A message that does not fit fails by itself; the queue delivers it a few times, and then keeps it in its
dead-letter queue. A message that comes twice changes nothing: the movie is there already.
"""

from __future__ import annotations

from attrs import field, frozen

from dynamodel import ConditionFailedError, TransactionCanceledError, transaction
from dynamodel.aws_lambda import LambdaContext, db
from dynamodel.aws_lambda.queues import Message, on_message
from examples.movies.models import CastMember, Movie

__all__ = ["ImportedActor", "ImportedMovie", "import_movies"]


@frozen
class ImportedActor:
    """An actor, as messages have it."""

    name: str
    role: str


@frozen
class ImportedMovie:
    """The body of a message."""

    id: int
    title: str
    year: int
    cast: list[ImportedActor] = field(factory=list)


@on_message(ImportedMovie, patterns=[Movie.create, CastMember.put])
def import_movies(message: Message[ImportedMovie], _: LambdaContext) -> None:
    """The movie with its cast, or nothing of it."""
    found = message.body
    movie = Movie(movie_id=found.id, title=found.title, year=found.year)
    cast = [CastMember(movie_id=found.id, actor_name=actor.name, role=actor.role) for actor in found.cast]
    try:
        db.run(transaction(movie.create(), *(member.put() for member in cast)))
    except TransactionCanceledError as error:
        if not isinstance(error.reasons[0], ConditionFailedError):  # it is there: the message came twice
            raise
