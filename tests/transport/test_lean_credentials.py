"""Credentials: where they come from, when they are fetched anew, and that they stay secret."""

from __future__ import annotations

import datetime
import json
import time
import traceback

import pytest

from dynamodel import RequestError, ServiceError
from dynamodel.transport import lean_credentials
from dynamodel.transport.lean_credentials import Credentials, CredentialSource
from dynamodel.transport.lean_retries import Limits
from dynamodel.transport.lean_transport import LeanTransport

from .kept_server import keeping
from .test_boto3_transport import GET

NAMES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
)
SECRET = "wJalrXUtnFEMI"


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def clock(monkeypatch):
    """The time of day, which a test sets."""
    now = [time.time()]
    monkeypatch.setattr(lean_credentials.time, "time", lambda: now[0])
    return now


def current(source: CredentialSource) -> Credentials:
    return source.current(time.monotonic() + 30)


def set_to(monkeypatch, **variables):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def http(body: bytes, status: str = "200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status.encode(), len(body), body)


class Endpoint:
    """Gives credentials with a number that grows; `lifetime` in seconds, None: without an end."""

    def __init__(self, clock: list[float]) -> None:
        self.clock = clock
        self.asked: list[bytes] = []
        self.lifetime: float | None = 3_600.0
        self.fails = False

    def __call__(self, request: bytes) -> bytes:
        self.asked.append(request)
        if self.fails:
            return http(b"no", "500 Internal Server Error")
        told = {"AccessKeyId": f"key{len(self.asked)}", "SecretAccessKey": SECRET, "Token": "token"}
        if self.lifetime is not None:
            ends = datetime.datetime.fromtimestamp(self.clock[0] + self.lifetime, datetime.UTC)
            told["Expiration"] = ends.strftime("%Y-%m-%dT%H:%M:%SZ")
        return http(json.dumps(told).encode())


@pytest.fixture
def endpoint(monkeypatch, clock):
    served = Endpoint(clock)

    with keeping(served) as server:
        set_to(monkeypatch, AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{server.endpoint_url}/v1/credentials?a=b")
        yield served


# --- the environment's ---


def test_the_environments(monkeypatch):
    source = CredentialSource()
    set_to(monkeypatch, AWS_ACCESS_KEY_ID="key", AWS_SECRET_ACCESS_KEY=SECRET)
    assert current(source) == Credentials("key", SECRET, None, None)
    set_to(monkeypatch, AWS_ACCESS_KEY_ID="other", AWS_SESSION_TOKEN="token")
    assert current(source) == Credentials("other", SECRET, "token", None)


def test_none():
    with pytest.raises(RequestError, match=r"no AWS credentials .* connect\(\) with boto3"):
        current(CredentialSource())


@pytest.mark.parametrize(
    ("given", "missing"),
    [("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID")],
)
def test_half(monkeypatch, given, missing):
    set_to(monkeypatch, **{given: SECRET})
    with pytest.raises(RequestError, match=f"{missing} is not set") as caught:
        current(CredentialSource())
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("wrong", ["a\r\nx-evil: 1", "a\nb", "a b", "ä", "a\x7f"])
@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"])
def test_nothing_adds_a_header(monkeypatch, name, wrong):
    set_to(monkeypatch, AWS_ACCESS_KEY_ID="key", AWS_SECRET_ACCESS_KEY=SECRET)
    set_to(monkeypatch, **{name: wrong})
    with pytest.raises(RequestError) as caught:
        current(CredentialSource())
    assert wrong not in str(caught.value)


# --- those of an endpoint ---


def test_fetched_once(endpoint):
    source = CredentialSource()
    found = current(source)
    assert (found.access_key, found.secret_key, found.token) == ("key1", SECRET, "token")
    assert current(source) is found
    [asked] = endpoint.asked
    assert asked.startswith(b"GET /v1/credentials?a=b HTTP/1.1\r\n")
    assert b"authorization" not in asked.lower()


def test_those_of_the_environment_go_first(endpoint, monkeypatch):
    set_to(monkeypatch, AWS_ACCESS_KEY_ID="key", AWS_SECRET_ACCESS_KEY=SECRET)
    assert current(CredentialSource()).access_key == "key"
    assert endpoint.asked == []


def test_refreshed_before_they_expire(endpoint, clock):
    source = CredentialSource()
    assert current(source).access_key == "key1"
    clock[0] += 3_200
    assert current(source).access_key == "key1"
    clock[0] += 150
    assert current(source).access_key == "key2"
    assert current(source).access_key == "key2"


@pytest.mark.parametrize("lifetime", [None, 60.0])
def test_without_an_end_or_with_an_early_one_they_are_not_fetched_each_time(endpoint, clock, lifetime):
    endpoint.lifetime = lifetime
    source = CredentialSource()
    assert [current(source).access_key for _ in range(3)] == ["key1"] * 3
    clock[0] += 61
    assert current(source).access_key == "key2"


def test_a_restore_fetches_them_anew(endpoint):
    source = CredentialSource()
    current(source)
    source.forget()
    assert current(source).access_key == "key2"


def test_valid_ones_outlive_a_failure_of_the_endpoint(endpoint, clock):
    source = CredentialSource()
    current(source)
    endpoint.fails = True
    clock[0] += 3_400
    assert current(source).access_key == "key1"
    assert current(source).access_key == "key1"
    assert len(endpoint.asked) == 2, "it is not asked with each request"
    clock[0] += 300
    with pytest.raises(ServiceError) as caught:
        current(source)
    assert caught.value.code == "CredentialRetrievalError"


def test_the_token_of_the_endpoint(endpoint, monkeypatch, tmp_path):
    set_to(monkeypatch, AWS_CONTAINER_AUTHORIZATION_TOKEN="Basic abc")
    current(CredentialSource())
    (tmp_path / "token").write_text("from a file")
    set_to(monkeypatch, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(tmp_path / "token"))
    current(CredentialSource())
    assert [b"Basic abc" in endpoint.asked[0], b"from a file" in endpoint.asked[1]] == [True, True]


@pytest.mark.parametrize("token", ["a\r\nx: y", "a\nb", "ä"])
def test_a_token_cannot_add_a_header(endpoint, monkeypatch, token):
    set_to(monkeypatch, AWS_CONTAINER_AUTHORIZATION_TOKEN=token)
    with pytest.raises(RequestError, match="AWS_CONTAINER_AUTHORIZATION_TOKEN"):
        current(CredentialSource())
    assert endpoint.asked == []


def test_a_token_file_that_is_not_there(endpoint, monkeypatch, tmp_path):
    set_to(monkeypatch, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(tmp_path / "nothing"))
    with pytest.raises(RequestError, match="AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read"):
        current(CredentialSource())


@pytest.mark.parametrize(
    ("url", "is_allowed"),
    [
        ("http://127.0.0.1:9/", True), ("http://localhost:9/", True), ("http://[::1]:9/", True),
        ("http://127.8.8.8:9/", True), ("https://localhost:9/", True), ("http://evil.example/", False),
        ("http://10.0.0.1/", False), ("http://localhost.evil.example/", False), ("ftp://localhost/", False),
        ("localhost", False), ("http://localhost:x/", False), ("http://localhost/\r\nx: y", False),
        ("http:///", False),
    ],
)  # fmt: skip
def test_whom_secrets_are_taken_from(monkeypatch, url, is_allowed):
    set_to(monkeypatch, AWS_CONTAINER_CREDENTIALS_FULL_URI=url)
    with pytest.raises(ServiceError if is_allowed else RequestError):
        current(CredentialSource())


@pytest.mark.parametrize(
    "told", [b"", b"[]", b"{}", b"secret", b'{"AccessKeyId": "secret"}',
             b'{"AccessKeyId": 1, "SecretAccessKey": 2}',
             b'{"AccessKeyId": "a", "SecretAccessKey": "b", "Expiration": "secret"}']
)  # fmt: skip
def test_an_answer_without_credentials(monkeypatch, told):
    with keeping(lambda _: http(told)) as server:
        set_to(monkeypatch, AWS_CONTAINER_CREDENTIALS_FULL_URI=server.endpoint_url)
        with pytest.raises(ServiceError) as caught:
            current(CredentialSource())
    assert caught.value.code == "CredentialRetrievalError"
    assert "secret" not in "".join(traceback.format_exception(caught.value)).replace("secret_key", "")


def test_a_request_waits_for_an_endpoint_that_fails_once(endpoint, monkeypatch):
    endpoint.fails = True

    def recovers(_: float) -> None:
        endpoint.fails = False

    monkeypatch.setattr("dynamodel.transport.lean_retries.time.sleep", recovers)
    with keeping() as server:
        transport = LeanTransport.open(server.endpoint_url, "us-east-1", Limits())
        assert transport.send(GET)["Item"] == {"id": {"S": "a"}}
        assert b"Credential=key2/" in server.requests[0]
        transport.close()


def test_a_transport_that_is_closed_fetches_them_anew(endpoint):
    with keeping() as server:
        transport = LeanTransport.open(server.endpoint_url, "us-east-1")
        for _ in range(2):
            transport.send(GET)
            transport.close()
        found = [request.partition(b"Credential=")[2][:4] for request in server.requests]
    assert found == [b"key1", b"key2"]


def test_secrets_are_not_shown(endpoint):
    found = current(CredentialSource())
    assert repr(found).count("key1") == 0
    assert SECRET not in repr(found)
    assert "token" not in repr(found)
