"""The handlers of the examples: what they answer, and that their roles allow exactly what they do."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len

from dynamodel.aws_lambda import db
from dynamodel.cli import main as command
from dynamodel.infra import cloudformation
from dynamodel.infra.functions.role import table_statements
from dynamodel.infra.iam import Policy, fixed_arns
from dynamodel.testing import embedded
from examples.forum.app.data import FORUMS, THREADS
from examples.forum.app.models import Reply, Thread, app
from examples.forum.handlers import __main__ as forum_tour
from examples.forum.handlers import stack as forum_stack
from examples.forum.handlers.api import api as forum_api
from examples.movies.handlers import __main__ as movies_tour
from examples.movies.handlers import stack as movies_stack
from examples.movies.handlers.api import api as movies_api
from examples.movies.handlers.cast_count import count_cast
from examples.movies.handlers.imports import import_movies
from examples.movies.models import CastMember, Movie, done, movie_cast, movies
from examples.show import console
from tests.aws_lambda.models import Context
from tests.infra.iam.models import Recorder, actions_of, recorded
from tests.infra.iam.simulator import ACCOUNT, REGION, checks_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamodel import Client
    from dynamodel.infra import Function

KEYS = {
    "Movies": "movieId",
    "MovieCast": "movieId",
    "MoviesDone": "pk",
    "ForumApp": "pk",
    "ForumApp/index/LastPostIndex": "pk",
}


@pytest.fixture
def engine() -> Iterator[tuple[Client, Recorder]]:
    """A client of an engine with all tables, and what the handlers send to it."""
    with embedded(REGION) as client:
        for table in (movies, movie_cast, done, app):
            client.create_table(table)
        recording, recorder = recorded(client)
        recording = _with_cursor_key(recording)
        with db.replaced(recording):
            yield client, recorder


def _with_cursor_key(client: Client) -> Client:
    from dynamodel import connect

    return connect(transport=client.transport, cursor_key=b"secret")


def url_event(
    method: str, path: str, body: str = "", query: dict[str, str] | None = None, **headers: str
) -> dict[str, Any]:
    """As a function URL makes it (payload format 2.0)."""
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"}
    context = {"http": http, "stage": "$default", "authorizer": {"iam": {"userId": "ann"}}}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "queryStringParameters": query or {},
        "headers": {name.replace("_", "-"): value for name, value in headers.items()},
        "requestContext": context,
        "body": base64.b64encode(body.encode()).decode(),
        "isBase64Encoded": True,
    }


def answer(api: Any, *request: Any, **more: Any) -> tuple[int, Any]:
    answered = api(url_event(*request, **more), Context())
    return answered["statusCode"], json.loads(answered["body"])


def change(kind: str, number: int) -> dict[str, Any]:
    image = {"movieId": {"N": "1234"}, "actorName": {"S": f"a{number}"}, "role": {"S": "r"}}
    images = {"NewImage": image} if kind == "INSERT" else {"OldImage": image}
    return {
        "eventID": f"{kind}-{number}",
        "eventName": kind,
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_700_000_000.0,
            "Keys": {name: image[name] for name in ("movieId", "actorName")},
            "SequenceNumber": str(100 + number),
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            **images,
        },
    }


def message(body: str, number: int = 1) -> dict[str, Any]:
    sent = {"SentTimestamp": "1700000000000", "ApproximateReceiveCount": "1"}
    arn = "arn:aws:sqs:eu-central-1:123456789012:movie-imports"
    return {
        "messageId": f"m{number}",
        "body": body,
        "attributes": sent,
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
    }


def brazil(**values: Any) -> Movie:
    return Movie(movie_id=1234, title="Brazil", year=1985, **values)


def run_movies_api(client: Client) -> None:
    client.run(brazil().put())
    for number in range(12):
        client.run(CastMember(movie_id=1234, actor_name=f"actor {number:02}", role="r").put())
    status, movie = answer(movies_api, "GET", "/movies/1234")
    assert (status, movie["title"]) == (200, "Brazil")
    assert answer(movies_api, "GET", "/movies/7")[0] == 404
    status, page = answer(movies_api, "GET", "/movies/1234/cast")
    assert (status, len(page["items"])) == (200, 10)
    status, page = answer(movies_api, "GET", "/movies/1234/cast", query={"cursor": page["cursor"]})
    assert (status, len(page["items"]), page["cursor"]) == (200, 2, None)


def run_cast_count(client: Client) -> None:
    client.run(brazil().put())
    batch = {"Records": [change("INSERT", 1), change("INSERT", 2), change("REMOVE", 3)]}
    assert count_cast(batch, Context()) == {"batchItemFailures": []}
    assert count_cast(batch, Context()) == {"batchItemFailures": []}  # delivered again
    found = client.run(Movie.by_id.get(1234))
    assert found is not None
    assert found.cast_count == 1
    client.run(Movie.by_id.delete(1234))
    failed = count_cast({"Records": [change("INSERT", 4)]}, Context())  # the record of its attempt is removed
    assert failed == {"batchItemFailures": [{"itemIdentifier": "104"}]}


def run_importing(client: Client) -> None:
    good = '{"id": 7, "title": "Seven", "year": 1995, "cast": [{"name": "B", "role": "Mills"}]}'
    bad = '{"id": "seven", "title": "Seven", "year": 1995}'
    failed = import_movies({"Records": [message(bad), message(good, 2), message(good, 3)]}, Context())
    assert failed == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert client.run(Movie.by_id.get(7)) == Movie(movie_id=7, title="Seven", year=1995)
    assert len(list(client.run(CastMember.by_movie.query(7)))) == 1


def run_forum_api(client: Client) -> None:
    for entity in (*FORUMS, *THREADS):
        client.run(entity.create())
    _, page = answer(forum_api, "GET", "/forums/DynamoDB/threads")
    assert [thread["subject"] for thread in page["items"]] == ["Why one table?", "Item size limit?"]
    path, body = "/forums/DynamoDB/threads/LSI%20or%20GSI%3F/replies", '{"message": "Both."}'
    first = answer(forum_api, "POST", path, body, idempotency_key="1")
    assert answer(forum_api, "POST", path, body, idempotency_key="1") == first
    assert answer(forum_api, "POST", path, body)[0] == 400
    assert answer(forum_api, "POST", path.replace("LSI", "X"), body, idempotency_key="2")[0] == 404
    [reply] = client.run(Reply.main.query("DynamoDB", "LSI or GSI?"))
    assert (reply.posted_by, reply.message) == ("ann", "Both.")
    thread = client.run(Thread.main.get("DynamoDB", "LSI or GSI?"))
    assert thread is not None
    assert (thread.replies, thread.last_post_at) == (1, reply.posted_at)


@pytest.mark.parametrize(
    ("function", "run"),
    [
        (movies_stack.movie_api, run_movies_api),
        (movies_stack.movie_api_private, run_movies_api),
        (movies_stack.cast_count, run_cast_count),
        (movies_stack.importing, run_importing),
        (forum_stack.forum_api, run_forum_api),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_role_allows_exactly_what_its_handler_does(
    engine: tuple[Client, Recorder], function: Function, run: Any
) -> None:
    client, recorder = engine
    run(client)
    sent = {
        (check.action, check.resource) for request in recorder.requests for check in checks_of(request, KEYS)
    }
    document = Policy(table_statements(function)).document(fixed_arns(REGION, ACCOUNT))
    of_its_stream = {pair for pair in actions_of(document) if "/stream/" in pair[1] or pair[1] == "*"}
    assert sent == actions_of(document) - of_its_stream


@pytest.mark.parametrize("stack", [movies_stack.stack, forum_stack.stack], ids=["movies", "forum"])
def test_the_templates(stack: Any) -> None:
    resources = cloudformation(stack)["Resources"].values()
    handlers = {
        each["Properties"]["Handler"] for each in resources if each["Type"] == "AWS::Lambda::Function"
    }
    assert all(handler.startswith("examples.") for handler in handlers)


def test_synth_and_describe(capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["check", "examples.movies.handlers.stack"]) == 0
    assert command(["describe", "examples.forum.handlers.stack"]) == 0
    assert "forum-api  Thread.latest.query" in capsys.readouterr().out


def test_a_forged_reply_is_refused(engine: tuple[Client, Recorder]) -> None:
    body = '{"message": "I am bob.", "posted_by": "bob"}'
    status, told = answer(forum_api, "POST", "/forums/S3/threads/x/replies", body, idempotency_key="1")
    assert status == 400
    assert told["faults"] == [{"place": "body.posted_by", "rule": "cannot be set by a request"}]
    assert engine[1].requests == []


def test_the_tours() -> None:
    pytest.importorskip("awslambdaric", reason="AWS's runtime is there for Linux only")
    with console.capture() as shown:
        movies_tour.main()
        forum_tour.main()
    told = shown.get()
    assert "cold" in told
    assert "warm" in told
    assert "Brazil │ 12" in told
    assert "in movie-imports-dead:" in told
    assert "stored: 1" in told
    for name in ("movies-api-private", "movies-cast-count", "movies-import", "forum-api"):
        assert re.search(rf"{name} +│ [1-9]\d* +│ [\d.]+ +│ \d+ +│", told), name  # cold, and warm
    assert [line for line in told.splitlines() if cell_len(line) > console.width] == []
