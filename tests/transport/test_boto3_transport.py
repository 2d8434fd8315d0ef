"""The boto3 transport: what becomes of refusals, of answers that are cut, and of no answer."""

from __future__ import annotations

import json
import subprocess
import sys
import traceback
import zlib
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from dynamodel import (
    ConditionFailedError,
    DynamodelError,
    ItemCollectionFullError,
    Request,
    RequestError,
    ServiceError,
    TableInUseError,
    TableNotFoundError,
    ThrottledError,
    UnreachableError,
    connect,
)
from dynamodel.transport import boto3_transport
from dynamodel.transport.boto3_transport import Boto3Transport
from dynamodel.transport.protocol import MAX_AT_ONCE

from .fake_server import HANG, RESET, answer, serving

GET = Request("GetItem", {"TableName": "Things", "Key": {"id": {"S": "a"}}})
QUERY = Request(
    "Query",
    {
        "TableName": "Things",
        "KeyConditionExpression": "#n0 = :v0",
        "ExpressionAttributeNames": {"#n0": "id"},
        "ExpressionAttributeValues": {":v0": {"S": "a"}},
    },
)
PUT = Request("PutItem", {"TableName": "Things", "Item": {"id": {"S": "a"}, "b": {"B": b"\x00\xff"}}})

KEYED = {"TableName": "Things", "Key": {"id": {"S": "a"}}}
WRITES = [
    PUT,
    Request("DeleteItem", {**KEYED, "ReturnValues": "ALL_OLD"}),
    Request("UpdateItem", {**KEYED, "UpdateExpression": "REMOVE a", "ReturnValues": "ALL_NEW"}),
]


def client_of(endpoint_url: str | None = None, attempts: int = 1, **more: Any) -> Any:
    config = Config(retries={"total_max_attempts": attempts}, read_timeout=0.3, connect_timeout=1, **more)
    return boto3.client("dynamodb", region_name="us-east-1", endpoint_url=endpoint_url, config=config)


def own(endpoint_url: str, attempts: int = 1) -> Boto3Transport:
    """The default transport, in a hurry."""
    transport = Boto3Transport.open(endpoint_url, "us-east-1")
    fast = client_of(endpoint_url, attempts)
    for operation in boto3_transport._WITH_ITEMS:
        fast.meta.events.register(f"before-parse.dynamodb.{operation}", boto3_transport._parse_body)
    fast.meta.events.register("after-call.dynamodb", boto3_transport._check_sum)
    transport._client = fast
    return transport


class Raw:
    def __init__(self, body: bytes) -> None:
        self.body = body

    def stream(self, *_: Any, **__: Any) -> Any:
        yield self.body


def injected(status: int, body: dict[str, Any]) -> tuple[Boto3Transport, list[str]]:
    """A transport whose every request is answered so, and the operations that it attempted."""
    client = client_of("http://127.0.0.1:9", attempts=3)
    attempts: list[str] = []

    def reply(event_name: str, **_: Any) -> AWSResponse:
        attempts.append(event_name.rpartition(".")[2])
        return AWSResponse("http://127.0.0.1:9", status, {}, Raw(json.dumps(body).encode()))

    client.meta.events.register("before-send.dynamodb", reply)
    return Boto3Transport(client), attempts


def refusal(code: str, **more: Any) -> dict[str, Any]:
    return {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "a text", **more}


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ConditionalCheckFailedException", ConditionFailedError),
        ("ItemCollectionSizeLimitExceededException", ItemCollectionFullError),
        ("ResourceNotFoundException", TableNotFoundError),
        ("TableNotFoundException", TableNotFoundError),
        ("ResourceInUseException", TableInUseError),
        ("TableInUseException", TableInUseError),
        ("ValidationException", ServiceError),
        ("AccessDeniedException", ServiceError),
        ("ExpiredTokenException", ServiceError),
        ("SomethingNewException", ServiceError),
    ],
)
def test_refusals(code, error):
    transport, attempts = injected(400, refusal(code))
    with pytest.raises(ServiceError) as caught:
        transport.send(PUT)
    assert type(caught.value) is error
    assert (caught.value.code, caught.value.message, caught.value.operation) == (code, "a text", "PutItem")
    assert attempts == ["PutItem"]


@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"]
)
def test_throttling(code, monkeypatch):
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    transport, attempts = injected(400, refusal(code, ThrottlingReasons=[{"reason": "x", "resource": "y"}]))
    with pytest.raises(ThrottledError) as caught:
        transport.send(GET)
    assert caught.value.code == code
    assert len(attempts) >= 1


def test_a_failure_of_the_service(monkeypatch):
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    transport, attempts = injected(500, refusal("InternalServerError"))
    with pytest.raises(ServiceError) as caught:
        transport.send(GET)
    assert caught.value.code == "InternalServerError"
    assert len(attempts) == 3


def test_the_details_of_a_refusal():
    item = {"id": {"S": "a"}, "b": {"B": "AP8="}}
    transport, _ = injected(400, refusal("ConditionalCheckFailedException", Item=item))
    with pytest.raises(ConditionFailedError) as caught:
        transport.send(PUT)
    assert caught.value.details["Item"] == {"id": {"S": "a"}, "b": {"B": b"\x00\xff"}}
    assert caught.value.__cause__ is not None
    assert "Error" not in caught.value.details


# --- a server that misbehaves ---

ITEM = {"Item": {"id": {"S": "a"}, "b": {"B": "AP8="}}}
BODY = json.dumps(ITEM).encode()


def test_a_sound_answer():
    with serving(answer(BODY)) as server:
        assert own(server.endpoint_url).send(GET)["Item"]["id"] == {"S": "a"}
        read = Boto3Transport(client_of(server.endpoint_url)).send(GET)
        assert read["Item"]["b"] == {"B": b"\x00\xff"}


@pytest.mark.parametrize("request_", [GET, QUERY, Request("Scan", {"TableName": "Things"})])
@pytest.mark.parametrize(
    "bad",
    [
        answer(b""),
        answer(BODY[:20]),
        answer(BODY[:20], length=len(BODY)),
        answer(BODY[:-1]),
        answer(b"", length=len(BODY)),
        answer(b"<html>502</html>"),
        answer(b"[]"),
        answer(b"null"),
        answer(b'"text"'),
        answer(b"\xff\xfe"),
        RESET,
        HANG,
        b"",
        b"garbage\r\n\r\n",
    ],
    ids=[
        "empty", "cut", "short of its length", "one byte short", "no body", "html", "list", "null", "text",
        "no utf-8", "reset", "hang", "closed", "garbage",
    ],
)  # fmt: skip
def test_a_bad_answer_never_reads_as_the_end(bad, request_):
    with serving(bad) as server, pytest.raises(UnreachableError) as caught:
        own(server.endpoint_url).send(request_)
    assert isinstance(caught.value, ConnectionError)
    assert caught.value.operation == request_.operation


def test_a_wrong_checksum(monkeypatch):
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    wrong = answer(BODY, headers=f"x-amz-crc32: {zlib.crc32(BODY) + 1}\r\n")
    with serving(wrong) as server, pytest.raises(UnreachableError) as caught:
        own(server.endpoint_url, attempts=3).send(GET)
    assert caught.value.code == "ChecksumError"
    assert server.connections == 3


@pytest.mark.parametrize(
    "bad", [RESET, HANG, b"", answer(b"", length=10)], ids=["reset", "hang", "closed", "cut"]
)
@pytest.mark.parametrize("request_", WRITES, ids=lambda request: request.operation)
def test_a_write_without_an_answer(bad, request_):
    with serving(bad) as server, pytest.raises(UnreachableError) as caught:
        own(server.endpoint_url).send(request_)
    assert caught.value.operation == request_.operation


def test_nobody_listens():
    with pytest.raises(UnreachableError) as caught:
        own("http://127.0.0.1:9").send(GET)
    assert caught.value.code == "EndpointConnectionError"


def test_a_refusal_through_the_hooks():
    """The hook that parses bodies leaves refusals alone."""
    with (
        serving(
            answer(json.dumps(refusal("ResourceNotFoundException")).encode(), "400 Bad Request")
        ) as server,
        pytest.raises(TableNotFoundError),
    ):
        own(server.endpoint_url).send(QUERY)


# --- what cannot be sent ---


def test_malformed_parameters():
    transport = Boto3Transport(client_of("http://127.0.0.1:9"))
    with pytest.raises(RequestError, match=r"boto3 refuses Key\.number") as caught:
        transport.send(Request("GetItem", {"TableName": "Things", "Key": {"number": "s" * 20}}))
    assert "s" * 20 not in "".join(traceback.format_exception(caught.value))


def test_no_region(monkeypatch):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(RequestError, match="region"):
        connect()
    connect(region="eu-central-1").close()


def test_no_credentials(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    db = connect(region="us-east-1", endpoint_url="http://127.0.0.1:9")
    with pytest.raises(RequestError, match="credentials"):
        db._transport.send(GET)


def test_half_of_the_credentials(monkeypatch):
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    with pytest.raises(DynamodelError, match=r"(?i)credentials"):
        connect(region="us-east-1", endpoint_url="http://127.0.0.1:9")._transport.send(GET)


@pytest.mark.parametrize("url", ["localhost:8000", "not a url", ""])
def test_an_endpoint_that_is_no_url(url):
    with pytest.raises(RequestError):
        connect(region="us-east-1", endpoint_url=url)


def test_a_profile_that_is_not_there(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(DynamodelError, match="nobody"):
        connect(region="us-east-1")


def test_a_client_of_the_users_is_not_closed():
    client = client_of("http://127.0.0.1:9")
    closed: list[bool] = []
    client.close = lambda: closed.append(True)
    with connect(transport=Boto3Transport(client)):
        pass
    assert closed == []


def test_importing_dynamodel_does_not_import_boto3():
    program = "import sys, dynamodel; sys.exit('boto3' in sys.modules or 'botocore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_there_is_a_connection_for_each_segment_of_a_parallel_scan():
    """boto3 keeps 10, warns of each other one, and opens it anew for each request."""
    transport = Boto3Transport.open("http://127.0.0.1:9", "us-east-1")
    assert transport._client.meta.config.max_pool_connections >= MAX_AT_ONCE
