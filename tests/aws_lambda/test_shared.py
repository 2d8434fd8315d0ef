"""The shared client: when it is opened, how often, and what it does with time."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from dynamodel import DeadlineError, RequestError
from dynamodel.aws_lambda.shared import SharedClient
from dynamodel.client.sync import Client, settings_of
from dynamodel.operations.base import Settings
from dynamodel.transport.lean_transport import LeanTransport
from tests.aws_lambda.models import Context, Movie, movies
from tests.transport.fake_server import HANG, answer, serving

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel import Operation, Request
    from dynamodel.testing import DynamoDBLocal
    from dynamodel.types import Response

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
print_ = lambda *what: print(json.dumps(what))
before = db.times_opened
@handler()
def first(event, context): ...
@handler()
def second(event, context): ...
print_(before, db.times_opened, type(db._own._opened).__name__, "botocore" in sys.modules)
"""
CLOSED = "http://127.0.0.1:9"


def test_elsewhere_declaring_handlers_opens_nothing() -> None:
    assert in_a_new_process(DECLARES) == [0, 0, "NoneType", False]


@pytest.mark.parametrize("kind", ["on-demand", "provisioned-concurrency", "snap-start"])
def test_in_lambda_the_first_handler_opens_the_client_without_boto3(kind: str) -> None:
    found = in_a_new_process(DECLARES, AWS_LAMBDA_INITIALIZATION_TYPE=kind, AWS_ENDPOINT_URL=CLOSED)
    assert found == [0, 1, "LeanTransport", False]


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
def test_behind_a_proxy_boto3_sends_the_requests(name: str) -> None:
    environment = {name: "http://127.0.0.1:9", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}
    assert in_a_new_process(DECLARES, **environment) == [0, 1, "Boto3Transport", True]


@pytest.mark.parametrize(("kind", "connections"), [("on-demand", 1), ("snap-start", 0)])
def test_the_init_phase_connects_except_before_a_snapshot(kind: str, connections: int) -> None:
    with serving(HANG) as server:
        in_a_new_process(DECLARES, AWS_LAMBDA_INITIALIZATION_TYPE=kind, AWS_ENDPOINT_URL=server.endpoint_url)
        with socket.create_connection(server.address):  # is served after all others
            server.wait_for(connections + 1)
        assert server.connections == connections + 1


def test_importing_handlers_imports_nothing_heavy() -> None:
    program = "import json, sys, dynamodel.aws_lambda; print(json.dumps([*sys.modules]))"
    tops = {str(name).partition(".")[0] for name in in_a_new_process(program)}
    assert tops & {"boto3", "botocore", "aws_lambda_powertools", "asyncio", "moto", "http"} == set()


SNAPSHOT = """
import json, random
import snapshot_restore_py
from dynamodel.aws_lambda import db, handler

@handler()
def lambda_handler(event, context): ...
opened = db._own._opened
random.seed(1)
for hook, args, kwargs in snapshot_restore_py.get_before_snapshot():
    hook(*args, **kwargs)
for hook, args, kwargs in snapshot_restore_py.get_after_restore():
    hook(*args, **kwargs)
drawn, random_of_seed = random.random(), random.Random(1).random()
print(json.dumps([db.times_opened, opened is db._own._opened, drawn == random_of_seed]))
"""


def test_a_snapshot_has_the_client_and_a_restore_keeps_it() -> None:
    assert in_a_new_process(SNAPSHOT, AWS_LAMBDA_INITIALIZATION_TYPE="snap-start") == [1, True, False]


@pytest.fixture(params=["lean", "boto3"])
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """In Lambda, and elsewhere."""
    if request.param == "lean":
        monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
    else:
        monkeypatch.delenv("AWS_LAMBDA_INITIALIZATION_TYPE", raising=False)
    return str(request.param)


@pytest.fixture
def in_lambda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")


@pytest.mark.usefixtures("either")
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


@pytest.mark.usefixtures("either")
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


@pytest.mark.usefixtures("either")
def test_a_handler_that_closes_it_leaves_it_to_the_next_invocation() -> None:
    with serving(FOUND) as server:
        client = client_of(server.endpoint_url)
        for _ in range(2):
            with client, client.invocation(Context()):
                assert client.run(GET) == Movie(movie_id=1, title="Brazil")
        assert client.times_opened == 1


def test_it_is_configured_before_it_is_opened() -> None:
    with serving(FOUND) as server:
        client = client_of(server.endpoint_url)
        client.open()
        with pytest.raises(RequestError, match="open already"):
            client.configure(region="eu-central-1")
        client.configure(cursor_key=b"secret")  # which the open client does not depend on
        assert client.settings.cursor_keys == (b"secret",)
        client.close()


def test_a_setting_that_is_left_out_stays_as_it_is() -> None:
    """Without its key, everybody could sign a cursor."""
    client = SharedClient()
    client.configure(cursor_key=b"secret", cursor_lifetime=timedelta(days=1))
    client.configure(region="eu-central-1")
    client.configure(endpoint_url="http://127.0.0.1:9")
    assert client.settings == Settings((b"secret",), timedelta(days=1))
    assert (client._own.region, client._own.endpoint_url) == ("eu-central-1", "http://127.0.0.1:9")
    with pytest.raises(RequestError, match="belong to the transport that is chosen"):
        client.configure(transport=Answers(), cursor_key=b"other")
    assert client.settings.cursor_keys == (b"secret",)  # what is refused changes nothing
    assert client._own.given is None


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
    assert client.times_opened == 0


def test_a_replaced_client_keeps_the_settings_of_the_module() -> None:
    """A module of handlers says its secret itself; a client for tests, such as `embedded()`, has none."""
    client, plain = SharedClient(), Client(Answers())
    client.configure(cursor_key=b"secret", cursor_lifetime=timedelta(days=1))
    with client.replaced(plain):
        assert client.settings == Settings((b"secret",), timedelta(days=1))
    own = Client(Answers(), settings_of(b"of the test", None))
    with client.replaced(own):
        assert client.settings == Settings((b"of the test",), timedelta(days=1))
    assert client.settings == Settings((b"secret",), timedelta(days=1))


def test_what_is_configured_while_it_is_replaced_stays() -> None:
    """As by a module of handlers that a test imports within the `with`."""
    client = SharedClient()
    with client.replaced(Client(Answers())):
        client.configure(cursor_key=b"secret")
        assert client.settings.cursor_keys == (b"secret",)
    assert client.settings.cursor_keys == (b"secret",)


# --- time ---


@pytest.mark.usefixtures("either")
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


@pytest.mark.usefixtures("in_lambda")
@pytest.mark.parametrize("milliseconds", [600, 1_500, 5_000])
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


# --- another transport ---


class Answers:
    """A transport that has no deadline of its own."""

    def __init__(self) -> None:
        self.closed = 0

    def send(self, request: Request) -> Response:
        return {"Item": {"movieId": {"N": "1"}, "title": {"S": "Brazil"}}}

    def close(self) -> None:
        self.closed += 1


def test_a_transport_of_ones_own(in_lambda: None) -> None:
    client, transport = SharedClient(), Answers()
    client.configure(transport=transport)
    assert client.times_opened == 0
    with client.invocation(Context()):
        assert client.run(GET) == Movie(movie_id=1, title="Brazil")
    with client.invocation(Context(milliseconds=250)), pytest.raises(DeadlineError):
        client.run(GET)
    assert client.times_opened == 1
    client.restored()
    assert transport.closed == 1
    with pytest.raises(RequestError, match="open already"):
        client.configure(transport=transport)


def test_a_lean_transport_of_ones_own_learns_of_the_deadline() -> None:
    with serving(HANG) as server:
        transport = LeanTransport.open(server.endpoint_url, "us-east-1")
        client = SharedClient()
        client.configure(transport=transport)
        with client.invocation(Context(milliseconds=600)), pytest.raises(DeadlineError) as late:
            client.run(GET)
        assert late.value.was_sent
        client.close()


@pytest.mark.parametrize("setting", [{"endpoint_url": "http://127.0.0.1:9"}, {"region": "us-east-1"}])
def test_a_transport_has_its_own_place(setting: dict[str, str]) -> None:
    with pytest.raises(RequestError, match="belong to the transport that is chosen"):
        SharedClient().configure(transport=Answers(), **setting)  # type: ignore[arg-type]  # see the table
