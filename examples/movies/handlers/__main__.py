"""Runs the functions of the movies example on the local Lambda, against the embedded engine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dynamodel.testing.local_lambda import LocalLambda
from examples.lambda_tour import call, show_invocation, signed_call, times_at_the_end
from examples.movies.data import read_movies
from examples.movies.handlers.stack import hello, movie_api, movie_api_private, stack
from examples.movies.models import Movie
from examples.show import console, entities, step

if TYPE_CHECKING:
    from dynamodel import Client

BRAZIL = 1234
QUEUE, DEAD_LETTERS = "movie-imports", "movie-imports-dead"
SIGNED = "--aws-sigv4 aws:amz:us-east-1:lambda -u dynamodelLocal:dynamodelLocal"
MESSAGES = [
    '{"id": 9001, "title": "Third Man", "year": 1949, "cast": [{"name": "Orson Welles", "role": "H. L."}]}',
    '{"id": 9002, "title": "Stalker", "year": "later"}',  # the poison message
    '{"id": 9003, "title": "Playtime", "year": 1967, "cast": [{"name": "Jacques Tati", "role": "Hulot"}]}',
]


def main() -> None:
    """One of each: a plain invocation, function URLs, a stream, a queue."""
    with times_at_the_end(), LocalLambda(stack, time_scale=0.01) as service:
        service.create_tables()
        say_hello(service)
        load(service.db)
        open_urls(service)
        follow_the_cast(service)
        import_from_a_queue(service)


def say_hello(service: LocalLambda) -> None:
    """The first invocation starts an environment, the others use it."""
    step("Invoke the hello-world function: cold, then warm", 'service.invoke("movies-hello-world", event)')
    for _ in range(3):
        show_invocation(service.invoke(hello, {"greet": "everybody"}))


def load(db: Client) -> None:
    """One movie; each actor that is put is a change in the stream."""
    for movie, cast in read_movies():
        if movie.movie_id == BRAZIL:
            db.run(movie.put())
            for member in cast:
                db.run(member.put())


def open_urls(service: LocalLambda) -> None:
    """The same handler behind a public and a private URL."""
    url = service.url(movie_api)
    step(
        "Get a movie and its cast through the public function URL: cold, then warm", f"curl {url}movies/1234"
    )
    call(f"{url}movies/{BRAZIL}")
    call(f"{url}movies/{BRAZIL}/cast")
    call(f"{url}movies/7")
    url = service.url(movie_api_private)
    step("The private one takes signed requests alone", f"curl {SIGNED} {url}")
    call(f"{url}movies/{BRAZIL}")
    signed_call(f"{url}movies/{BRAZIL}")


def follow_the_cast(service: LocalLambda) -> None:
    """The stream handler has counted what was put."""
    step("The stream handler keeps the number of actors", "Movie.by_id.get(1234)")
    service.settle()
    movie = service.db.run(Movie.by_id.get(BRAZIL))
    entities([movie] if movie else [], Title="title", Actors="cast_count")


def import_from_a_queue(service: LocalLambda) -> None:
    """Two of three messages are movies; the third ends in the dead-letter queue."""
    step("Import movies from a queue, with one poison message", "@on_message(ImportedMovie, ...)")
    queues = service.boto3_client("sqs")
    dead = queues.create_queue(QueueName=DEAD_LETTERS)["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    queue = queues.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    queues.set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": redrive})
    for message in MESSAGES:
        queues.send_message(QueueUrl=queue, MessageBody=message)
    service.settle()
    imported = [service.db.run(Movie.by_id.get(movie_id)) for movie_id in (9001, 9002, 9003)]
    entities([movie for movie in imported if movie], Id="movie_id", Title="title", Actors="cast_count")
    for dead_letter in service.messages(DEAD_LETTERS):
        console.print(f"in {DEAD_LETTERS}: {dead_letter.body}", highlight=False, soft_wrap=True)


if __name__ == "__main__":
    main()
