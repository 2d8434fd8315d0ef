"""The functions of the movies example. Their roles follow from what the handlers say that they do.

`dynamodel package` builds the zips. The queues are there before; a redrive policy of the first sends messages
that failed three times to a dead-letter queue.
"""

from __future__ import annotations

from datetime import timedelta

from dynamodel import Sub
from dynamodel.infra import (
    Changes,
    Code,
    Function,
    FunctionUrl,
    QueueSource,
    Stack,
    StartingPosition,
    StreamSource,
    UrlAuth,
)
from examples.movies.handlers.api import api
from examples.movies.handlers.cast_count import count_cast
from examples.movies.handlers.imports import import_movies
from examples.movies.models import CastMember, Movie, done

__all__ = [
    "CastMember",
    "Movie",
    "cast_count",
    "done",
    "hello",
    "importing",
    "movie_api",
    "movie_api_private",
    "stack",
]

IMPORTS = Sub("arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:movie-imports")
FAILED = Sub("arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:movie-changes-failed")
SECONDS_10 = timedelta(seconds=10)

hello = Function(
    "movies-hello-world",
    handler="examples.movies.handlers.hello.handler",
    code=Code.folder("build/movies_hello.zip"),
)

movie_api = Function(
    "movies-api",
    handler=api,
    code=Code.folder("build/movies_api.zip"),
    timeout=SECONDS_10,
    url=FunctionUrl(UrlAuth.NONE),
)

# The same for callers whose own policy allows it: only signed requests come through.
movie_api_private = Function(
    "movies-api-private",
    handler=api,
    code=Code.folder("build/movies_api.zip"),
    timeout=SECONDS_10,
    url=FunctionUrl(UrlAuth.AWS_IAM),
)

cast_count = Function(
    "movies-cast-count",
    handler=count_cast,
    code=Code.folder("build/movies_cast_count.zip"),
    timeout=SECONDS_10,
    sources=[
        StreamSource(
            CastMember,
            filters=[Changes(CastMember, kinds=["INSERT", "REMOVE"])],
            starting_position=StartingPosition.TRIM_HORIZON,
            bisect_on_error=True,
            max_retries=5,
            partial_batch_responses=True,
            on_failure=FAILED,
        )
    ],
)

importing = Function(
    "movies-import",
    handler=import_movies,
    code=Code.folder("build/movies_import.zip"),
    timeout=SECONDS_10,
    sources=[QueueSource(IMPORTS, partial_batch_responses=True)],
)

stack = Stack(Movie, CastMember, done, hello, movie_api, movie_api_private, cast_count, importing)
