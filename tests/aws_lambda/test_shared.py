"""The shared client: when it is opened, how often, and what it does with time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from dynamodel import DeadlineError, RequestError
from dynamodel.aws_lambda.shared import SharedClient
from tests.aws_lambda.models import Context, Movie, movies
from tests.transport.fake_server import HANG, answer, serving

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel import Client, Operation
    from dynamodel.testing import DynamoDBLocal

FOUND = answer(b'{"Item": {"movieId": {"N": "1"}, "title": {"S": "Brazil"}}}')
GET: Operation[Movie | None] = Movie.by_id.get(1)


def client_of(url: str) -> SharedClient:
    client = SharedClient()
    client.configure(endpoint_url=url)
    return client


def in_a_new_process(program: str, **environment: str) -> list[object]:
    """What a program prints as JSON, in an environment as Lambda's."""
    given = {
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        **environment,
    }
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=given, check=True
    )
    printed: list[object] = json.loads(done.stdout)
    return printed


# --- when it is opened ---

DECLARES = """
import json, sys
from dynamodel.aws_lambda import db, handler
before = db.times_opened, "boto3" in sys.modules
@handler()
def first(event, context): ...
@handler()
def second(event, context): ...
print(json.dumps([*before, db.times_opened, "boto3" in sys.modules]))
"""


def test_elsewhere_declaring_handlers_opens_nothing() -> None:
    assert in_a_new_process(DECLARES) == [0, False, 0, False]


@pytest.mark.parametrize("kind", ["on-demand", "provisioned-concurrency", "snap-start"])
def test_in_lambda_the_first_handler_opens_the_client(kind: str) -> None:
    assert in_a_new_process(DECLARES, AWS_LAMBDA_INITIALIZATION_TYPE=kind) == [0, False, 1, True]


def test_importing_handlers_imports_nothing_heavy() -> None:
    program = "import json, sys, dynamodel.aws_lambda; print(json.dumps([*sys.modules]))"
    tops = {str(name).partition(".")[0] for name in in_a_new_process(program)}
    assert tops & {"boto3", "botocore", "aws_lambda_powertools", "asyncio", "moto", "http"} == set()


SNAPSHOT = """
import json, random
import boto3, snapshot_restore_py
from dynamodel.aws_lambda import db, handler

made = []
session_client = boto3.session.Session.client
def counted(self, *args, **kwargs):
    made.append(args)
    return session_client(self, *args, **kwargs)
boto3.session.Session.client = counted

@handler()
def lambda_handler(event, context): ...
random.seed(1)
for hook, args, kwargs in snapshot_restore_py.get_before_snapshot():
    hook(*args, **kwargs)
for hook, args, kwargs in snapshot_restore_py.get_after_restore():
    hook(*args, **kwargs)
drawn, random_of_seed = random.random(), random.Random(1).random()
print(json.dumps([db.times_opened, len(made), drawn == random_of_seed]))
"""


def test_a_snapshot_has_the_client_and_a_restore_keeps_it() -> None:
    assert in_a_new_process(SNAPSHOT, AWS_LAMBDA_INITIALIZATION_TYPE="snap-start") == [1, 1, False]


@pytest.mark.dynamodb_local
def test_after_a_restore_it_goes_on(dynamodb_local: DynamoDBLocal, dynamodb_local_db: Client) -> None:
    dynamodb_local_db.create_table(movies)
    client = client_of(dynamodb_local.endpoint_url)
    client.prepare_snapshot()
    client.restored()
    assert client.run(GET) is None
    client.restored()
    assert client.run(GET) is None
    assert client.times_opened == 1


# --- one client, whatever comes ---


def test_many_invocations_share_one_client() -> None:
    with serving(FOUND) as server:
        client = client_of(server.endpoint_url)
        assert client.times_opened == 0
        for _ in range(5):
            with client.invocation(Context()):
                found = client.run(GET)
                assert found is not None
                assert found.title == "Brazil"
        assert client.times_opened == 1
        client.close()


def test_it_is_configured_before_it_is_opened() -> None:
    with serving(FOUND) as server:
        client = client_of(server.endpoint_url)
        client.open()
        with pytest.raises(RequestError, match="open already"):
            client.configure(region="eu-central-1")
        client.configure(cursor_key=b"secret")  # which the open client does not depend on
        assert client.settings.cursor_keys == (b"secret",)
        client.close()


@pytest.mark.parametrize("wrong", [{"cursor_key": b""}, {"cursor_lifetime": timedelta(0)}])
def test_wrong_settings_are_refused(wrong: Mapping[str, object]) -> None:
    with pytest.raises(RequestError, match=r"db.configure\(cursor_"):
        SharedClient().configure(**wrong)  # type: ignore[arg-type]  # the test is about wrong ones


def test_replaced_in_a_test(embedded_db: Client) -> None:
    embedded_db.create_table(movies)
    client = client_of("http://127.0.0.1:1")
    with client.replaced(embedded_db), client.invocation(Context()):
        client.run(Movie(movie_id=1, title="Brazil").put())
        assert client.run(GET) == Movie(movie_id=1, title="Brazil")
        assert client.settings is embedded_db.settings
    assert client.times_opened == 0


# --- time ---


def test_without_time_nothing_is_sent() -> None:
    with serving(FOUND) as server:
        client = client_of(server.endpoint_url)
        with client.invocation(Context(milliseconds=300)), pytest.raises(DeadlineError) as refused:
            client.run(GET)
        assert not refused.value.was_sent
        assert refused.value.operation == "GetItem"
        assert server.connections == 0
        assert client.run(GET) is not None  # the deadline went with its invocation
        client.close()


@pytest.mark.parametrize("milliseconds", [1_000, 2_000, 5_000])
def test_a_server_that_hangs_does_not_outlast_the_invocation(milliseconds: int) -> None:
    with serving(HANG) as server:
        client = client_of(server.endpoint_url)
        client.open()
        began = time.monotonic()
        with client.invocation(Context(milliseconds=milliseconds)), pytest.raises(DeadlineError) as late:
            client.run(GET)
        assert time.monotonic() - began < milliseconds / 1000
        assert late.value.was_sent
        assert server.connections >= 1
        client.close()


def test_a_pause_ends_with_the_time_that_is_left() -> None:
    client = SharedClient()
    began = time.monotonic()
    with client.invocation(Context(milliseconds=400)):
        client._wait(30.0)
    assert time.monotonic() - began < 5


def test_a_connection_that_was_idle_for_long_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[float] = []
    with serving(FOUND) as server:
        client = client_of(server.endpoint_url)
        client.run(GET)
        monkeypatch.setattr(client._own, "disconnect", lambda: closed.append(time.time()))
        client.run(GET)
        assert closed == []
        later = time.time() + 61
        monkeypatch.setattr("dynamodel.aws_lambda.deadline.time.time", lambda: later)
        client.run(GET)
        assert len(closed) == 1
