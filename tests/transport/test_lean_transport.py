"""The lean transport: results and errors of boto3's, attempts, time, clocks, tokens."""

from __future__ import annotations

import base64
import json
import threading
import time
import traceback
import zlib
from decimal import Decimal
from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest

from dynamodel import (
    ConditionFailedError,
    DeadlineError,
    Request,
    RequestError,
    ServiceError,
    TableNotFoundError,
    ThrottledError,
    TransactionCanceledError,
    UnreachableError,
    connect,
)
from dynamodel.attribute_value.binary import plain_item
from dynamodel.transport import lean_connections, lean_transport
from dynamodel.transport.boto3_transport import Boto3Transport
from dynamodel.transport.lean_retries import Limits
from dynamodel.transport.lean_transport import LeanTransport
from tests.aws_lambda.models import Movie, movies

from .fake_server import HANG, RESET, answer, serving
from .kept_server import ANSWER, keeping
from .test_boto3_transport import BODY, GET, PUT, QUERY, WRITES, client_of, own, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

HASTY = Limits(connect_timeout=1.0, read_timeout=0.3, attempts=1)
TRANSACTION = Request("TransactWriteItems", {"TransactItems": [{"Put": PUT.parameters}]})


def lean(endpoint_url: str, attempts: int = 1) -> LeanTransport:
    return LeanTransport.open(endpoint_url, "us-east-1", HASTY._replace(attempts=attempts))


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    paused: list[float] = []
    monkeypatch.setattr("dynamodel.transport.lean_retries.time.sleep", paused.append)
    return paused


def refused(code: str, status: str = "400 Bad Request", headers: str = "", **more: object) -> bytes:
    return answer(json.dumps(refusal(code, **more)).encode(), status, headers=headers)


def outcome(transport: LeanTransport | Boto3Transport, request: Request) -> object:
    """What a program sees, with binary values as bytes."""
    try:
        found = dict(transport.send(request))
    except ServiceError as error:
        details = {
            name: plain_item(value)
            if name == "Item"
            else reasons(value)
            if isinstance(value, list)
            else value
            for name, value in error.details.items()
        }
        return type(error), error.code, error.operation, details
    found.pop("ResponseMetadata", None)
    return {name: plain_item(value) if name == "Item" else value for name, value in found.items()}


def reasons(told: list[dict]) -> list[dict]:
    return [{**reason, "Item": plain_item(reason["Item"])} if "Item" in reason else reason for reason in told]


# --- the same as boto3 ---

ITEM = {"id": {"S": "ä"}, "b": {"B": "AP8="}, "l": {"L": [{"BS": ["AA=="]}, {"M": {"n": {"N": "1.50"}}}]}}
ANSWERS = {
    "item": answer(json.dumps({"Item": ITEM}).encode()),
    "no item": answer(b"{}"),
    "right sum": answer(BODY, headers=f"x-amz-crc32: {zlib.crc32(BODY)}\r\n"),
    "wrong sum": answer(BODY, headers="x-amz-crc32: 1\r\n"),
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunked, cut": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{}",
    "refusal, cut": answer(b'{"__type": "Validation', "400 Bad Request", length=60),
    "internal, cut": answer(b'{"__type": "Internal', "500 Internal Server Error", length=60),
    "no body": answer(b"", length=len(BODY)),
    "no length": b"HTTP/1.1 200 OK\r\n\r\n" + BODY,
    "no length, cut": b"HTTP/1.1 200 OK\r\n\r\n" + BODY[:-1],
    "empty": answer(b""),
    "cut": answer(BODY[:20]),
    "short": answer(BODY[:20], length=len(BODY)),
    "html": answer(b"<html>502</html>"),
    "list": answer(b"[]"),
    "null": answer(b"null"),
    "text": answer(b'"text"'),
    "no utf-8": answer(b"\xff\xfe"),
    "reset": RESET,
    "hang": HANG,
    "closed": b"",
    "garbage": b"garbage\r\n\r\n",
    "condition": refused("ConditionalCheckFailedException", Item=ITEM),
    "no table": refused("ResourceNotFoundException"),
    "validation": refused("ValidationException"),
    "throttled": refused("ThrottlingException"),
    "capacity": refused("ProvisionedThroughputExceededException"),
    "limit": refused("RequestLimitExceeded"),
    "in use": refused("ResourceInUseException"),
    "denied": refused("AccessDeniedException"),
    "expired": refused("ExpiredTokenException"),
    "unknown": refused("SomethingNewException"),
    "bare code": answer(b'{"__type": "ValidationException"}', "400 Bad Request"),
    "code with a url": answer(b'{"__type": "a#ValidationException:http://b"}', "400 Bad Request"),
    "no code": answer(b"{}", "400 Bad Request"),
    "internal": refused("InternalServerError", "500 Internal Server Error"),
    "html 502": answer(b"<html>Bad Gateway</html>", "502 Bad Gateway"),
    "text 503": answer(b"unavailable", "503 Service Unavailable"),
    "empty 503": answer(b"", "503 Service Unavailable"),
    "denied sum": refused("ValidationException", headers="x-amz-crc32: 1\r\n"),
    "large": answer(b"{}", "413 Request Entity Too Large"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_same_answer_has_the_same_outcome(name):
    with serving(ANSWERS[name]) as server:
        expected = outcome(own(server.endpoint_url), GET)
    with serving(ANSWERS[name]) as server:
        assert outcome(lean(server.endpoint_url), GET) == expected


def test_a_canceled_transaction():
    told = [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Message": "no", "Item": ITEM}]
    canceled = refused("TransactionCanceledException", CancellationReasons=told)
    with serving(canceled) as server:
        expected = outcome(own(server.endpoint_url), TRANSACTION)
        assert outcome(lean(server.endpoint_url), TRANSACTION) == expected
    assert expected[0] is TransactionCanceledError


@pytest.mark.parametrize("bad", [RESET, HANG, b"", answer(b"", length=10)])
@pytest.mark.parametrize("request_", WRITES, ids=lambda request: request.operation)
def test_a_write_without_an_answer(bad, request_):
    with serving(bad) as server, pytest.raises(UnreachableError) as caught:
        lean(server.endpoint_url).send(request_)
    assert caught.value.operation == request_.operation


def test_nobody_listens():
    with pytest.raises(UnreachableError) as caught:
        lean("http://127.0.0.1:9").send(GET)
    assert (caught.value.code, caught.value.operation) == ("EndpointConnectionError", "GetItem")


def requests_of(table: str) -> list[Request]:
    """Every kind of value, answer and refusal, in an order in which each has something to do."""
    item = {
        "id": {"S": "ä€😀\u0001"},
        "b": {"B": bytes(range(256))},
        "bs": {"BS": [b"\x00", b"\xff"]},
        "n": {"N": "1.5E-10"},
        "deep": {"M": {"l": {"L": [{"B": b"x"}, {"NULL": True}, {"BOOL": False}, {"SS": ["ö"]}]}}},
    }
    key = {"TableName": table, "Key": {"id": item["id"]}}
    put = {"TableName": table, "Item": item}
    fails = {"ConditionExpression": "attribute_not_exists(id)"}
    old = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    return [
        Request("GetItem", key),
        Request("PutItem", put),
        Request("GetItem", key),
        Request("PutItem", {**put, **fails, **old}),
        Request("UpdateItem", {**key, "UpdateExpression": "REMOVE n", "ReturnValues": "ALL_OLD"}),
        Request("BatchGetItem", {"RequestItems": {table: {"Keys": [key["Key"]]}}}),
        Request("BatchWriteItem", {"RequestItems": {table: [{"PutRequest": {"Item": item}}]}}),
        Request("TransactWriteItems", {"TransactItems": [{"Put": {**put, **fails, **old}}]}),
        Request("TransactGetItems", {"TransactItems": [{"Get": key}]}),
        Request("Scan", {"TableName": table}),
        Request("Query", {"TableName": table, "KeyConditionExpression": "nonsense"}),
        Request("GetItem", {**key, "TableName": "Nowhere"}),
        Request("DeleteItem", {**key, "ReturnValues": "ALL_OLD"}),
    ]


def in_base64(value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: in_base64(each) for name, each in value.items() if name != "ResponseMetadata"}
    if isinstance(value, list):
        return [in_base64(each) for each in value]
    return value


def raw_outcome(transport, request):
    try:
        return in_base64(dict(transport.send(request)))
    except ServiceError as error:
        return type(error), error.code, error.message, in_base64(dict(error.details))


@pytest.mark.dynamodb_local
def test_dynamodb_local_gives_both_the_same(dynamodb_local, dynamodb_local_client):
    seen = []
    for kind, transport in {
        "lean": LeanTransport.open(dynamodb_local.endpoint_url, "us-east-1"),
        "boto3": Boto3Transport.open(dynamodb_local.endpoint_url, "us-east-1"),
    }.items():
        table = f"Same-{kind}"
        dynamodb_local_client.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        found = [raw_outcome(transport, request) for request in requests_of(table)]
        seen.append(json.loads(json.dumps(found, default=repr).replace(table, "Same")))
        transport.close()
        dynamodb_local_client.delete_table(TableName=table)
    assert seen[0] == seen[1]
    assert len({json.dumps(each) for each in seen[0]}) > 8


@pytest.mark.dynamodb_local
def test_a_client_over_it(dynamodb_local, dynamodb_local_db):
    dynamodb_local_db.create_table(movies)
    with connect(transport=LeanTransport.open(dynamodb_local.endpoint_url, "us-east-1")) as db:
        db.run(Movie(movie_id=1, title="Brazil").put())
        assert db.run(Movie.by_id.get(1)) == Movie(movie_id=1, title="Brazil")
        with pytest.raises(ConditionFailedError) as failed:
            db.run(Movie(movie_id=1, title="Other").create())
        assert failed.value.old_item == Movie(movie_id=1, title="Brazil")


# --- attempts ---

TRANSIENT = {
    "500": (refused("InternalServerError", "500 Internal Server Error"), ServiceError),
    "502": (answer(b"", "502 Bad Gateway"), ServiceError),
    "503": (answer(b"<html>", "503 Service Unavailable"), ServiceError),
    "504": (answer(b"", "504 Gateway Timeout"), ServiceError),
    "throttled": (refused("ThrottlingException"), ThrottledError),
    "capacity": (refused("ProvisionedThroughputExceededException"), ThrottledError),
    "limit": (refused("RequestLimitExceeded"), ThrottledError),
    "in progress": (refused("TransactionInProgressException"), ServiceError),
    "replica": (refused("ReplicatedWriteConflictException"), ServiceError),
    "429": (answer(b"", "429 Too Many Requests"), ServiceError),
    "reset": (RESET, UnreachableError),
    "closed": (b"", UnreachableError),
    "sum": (ANSWERS["wrong sum"], UnreachableError),
}


@pytest.mark.parametrize("name", TRANSIENT)
def test_what_may_pass_is_attempted_again(name):
    bad, _ = TRANSIENT[name]
    with serving(bad, bad, answer(BODY)) as server:
        assert lean(server.endpoint_url, attempts=3).send(GET)["Item"]["id"] == {"S": "a"}
        assert server.connections == 3


@pytest.mark.parametrize("name", TRANSIENT)
def test_three_attempts_are_all(name):
    bad, error = TRANSIENT[name]
    with serving(bad) as server, pytest.raises(error) as caught:
        lean(server.endpoint_url, attempts=3).send(GET)
    assert server.connections == 3
    assert type(caught.value) is error
    assert not isinstance(caught.value, DeadlineError)


FINAL = ("condition", "no table", "validation", "denied", "expired", "in use", "empty", "cut", "html", "list")


@pytest.mark.parametrize("name", FINAL)
def test_what_does_not_pass_is_attempted_once(name):
    """A cut answer too: what was asked for was done."""
    with serving(ANSWERS[name]) as server, pytest.raises(ServiceError):
        lean(server.endpoint_url, attempts=3).send(PUT)
    assert server.connections == 1


def test_redirects_are_not_followed():
    with serving(answer(BODY)) as target:
        away = answer(b"", "302 Found", headers=f"Location: {target.endpoint_url}\r\n")
        with serving(away) as server, pytest.raises(ServiceError) as caught:
            lean(server.endpoint_url, attempts=3).send(GET)
        assert caught.value.code == "302"
        assert (server.connections, target.connections) == (1, 0)


# --- tokens ---


def bodies(requests: list[bytes]) -> list[dict]:
    return [json.loads(request.partition(b"\r\n\r\n")[2]) for request in requests]


def test_each_attempt_of_a_transaction_has_the_same_token():
    with serving(RESET, RESET, answer(b"{}")) as server:
        transport = lean(server.endpoint_url, attempts=3)
        transport.send(TRANSACTION)
        transport.send(TRANSACTION)
        tokens = [body["ClientRequestToken"] for body in bodies(server.requests)]
    assert tokens[0] == tokens[1] == tokens[2] != tokens[3]
    assert all(1 <= len(token) <= 36 for token in tokens)  # API reference, TransactWriteItems
    assert "ClientRequestToken" not in TRANSACTION.parameters


def test_a_token_of_ones_own_is_kept():
    with serving(answer(b"{}")) as server:
        mine = Request("TransactWriteItems", {**TRANSACTION.parameters, "ClientRequestToken": "mine"})
        lean(server.endpoint_url).send(mine)
        lean(server.endpoint_url).send(PUT)
        first, second = bodies(server.requests)
    assert first["ClientRequestToken"] == "mine"
    assert "ClientRequestToken" not in second


# --- time ---


def timed(url: str, seconds: float, attempts: int = 3) -> LeanTransport:
    transport = LeanTransport.open(url, "us-east-1", Limits(attempts=attempts))
    transport.deadline = time.monotonic() + seconds
    return transport


def test_without_time_nothing_is_sent():
    with serving(answer(BODY)) as server:
        with pytest.raises(DeadlineError) as late:
            timed(server.endpoint_url, 0.05).send(GET)
        assert not late.value.was_sent
        assert server.connections == 0


def dripping(_: bytes) -> Iterator[bytes]:
    """Many pieces, each of which comes soon enough for the timeout of a socket."""
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n"
    for _ in range(10_000):
        threading.Event().wait(0.02)
        yield b"x"


@pytest.mark.parametrize("attempts", [1, 3])
def test_a_body_that_drips_ends_with_the_deadline(attempts):
    with keeping(dripping) as server:
        began = time.monotonic()
        with pytest.raises(DeadlineError) as late:
            timed(server.endpoint_url, 0.5, attempts).send(GET)
        assert time.monotonic() - began < 30
        assert late.value.was_sent


def test_an_answer_is_told_when_there_is_no_time_for_another_attempt(no_pauses, monkeypatch):
    monkeypatch.setattr("dynamodel.transport.lean_retries.random.uniform", lambda low, high: high)
    with serving(refused("ThrottlingException")) as server:
        with pytest.raises(ThrottledError):
            timed(server.endpoint_url, 0.9).send(GET)
        assert server.connections == 1
    assert no_pauses == []


# --- clocks ---


def dated(seconds: float, code: str = "InvalidSignatureException") -> bytes:
    return refused(code, headers=f"Date: {formatdate(time.time() + seconds, usegmt=True)}\r\n")


@pytest.mark.parametrize("skew", [-3_600, 3_600, 86_400])
def test_a_wrong_clock_is_corrected(skew, no_pauses):
    with serving(dated(skew), answer(BODY)) as server:
        transport = lean(server.endpoint_url, attempts=3)
        transport.send(GET)
        transport.send(GET)
        moments = [
            request.lower().partition(b"x-amz-date:")[2][:16].decode().upper() for request in server.requests
        ]
    assert server.connections == 3
    seconds = [
        time.mktime(time.strptime(moment, "%Y%m%dT%H%M%SZ")) - time.mktime(time.gmtime())
        for moment in moments
    ]
    assert abs(seconds[0]) < 60
    assert abs(seconds[1] - skew) < 60
    assert abs(seconds[2] - skew) < 60
    assert no_pauses == [0.0]


@pytest.mark.parametrize(
    "bad",
    [dated(60), dated(3_600, "ValidationException"), refused("InvalidSignatureException"),
     refused("InvalidSignatureException", headers="Date: nonsense\r\n")],
    ids=["right clock", "another code", "no date", "no date but text"],
)  # fmt: skip
def test_a_wrong_signature_is_not_always_the_clock(bad):
    with serving(bad) as server, pytest.raises(ServiceError):
        lean(server.endpoint_url, attempts=3).send(GET)
    assert server.connections == 1


def test_the_clock_is_corrected_once():
    with serving(dated(3_600), dated(7_200), answer(BODY)) as server, pytest.raises(ServiceError):
        lean(server.endpoint_url, attempts=3).send(GET)
    assert server.connections == 2


def test_after_a_restore_the_clock_is_believed_again():
    with serving(dated(3_600), answer(BODY)) as server:
        transport = lean(server.endpoint_url, attempts=2)
        transport.send(GET)
        transport.close()
        assert transport._skew == 0


def test_every_operation_with_a_token_has_one():
    model = client_of().meta.service_model
    expected = {
        name: member
        for name in model.operation_names
        for member in model.operation_model(name).idempotent_members
    }
    assert expected == lean_transport._TOKENS


# --- what is sent ---


def test_requests_as_they_are_on_the_wire(monkeypatch):
    monkeypatch.setenv("AWS_SESSION_TOKEN", "the-token")
    with serving(answer(b"{}")) as server:
        lean(server.endpoint_url).send(PUT)
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name: value.strip() for name, value in (line.split(":", 1) for line in lines)}
    assert first == "POST / HTTP/1.1"
    assert headers["x-amz-target"] == "DynamoDB_20120810.PutItem"
    assert headers["content-type"] == "application/x-amz-json-1.0"
    assert headers["accept-encoding"] == "identity"
    assert headers["x-amz-security-token"] == "the-token"
    assert json.loads(body)["Item"]["b"] == {"B": "AP8="}


@pytest.mark.parametrize("binary", [b"\x00\xff", bytearray(b"\x00\xff"), memoryview(b"\x00\xff")])
def test_binary_values(binary):
    with serving(answer(b"{}")) as server:
        lean(server.endpoint_url).send(Request("PutItem", {"Item": {"b": {"B": binary}}}))
        assert bodies(server.requests) == [{"Item": {"b": {"B": "AP8="}}}]


@pytest.mark.parametrize("value", [Decimal("1.2345678"), {1: 2}, {"a secret"}, "\ud800secret", 1 << 70])
def test_parameters_that_are_no_json(value):
    transport = lean("http://127.0.0.1:9")
    with pytest.raises(RequestError, match=r"^PutItem: ") as caught:
        transport.send(Request("PutItem", {"Item": {"a": {"S": value}}}))
    shown = "".join(traceback.format_exception(caught.value))
    assert "secret" not in shown
    assert "1.2345678" not in shown


def test_no_credentials(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with serving(answer(BODY)) as server, pytest.raises(RequestError, match="connect\\(\\) with boto3"):
        lean(server.endpoint_url).send(GET)
    assert server.connections == 0


def test_connecting_early_saves_a_connection():
    with keeping() as server:
        transport = LeanTransport.open(server.endpoint_url, "us-east-1")
        transport.connect()
        assert len(transport._connections._idle) == 1
        transport.send(GET)
        assert server.connections == 1
        transport.close()


@pytest.fixture
def no_name_server(monkeypatch):
    """None that answers."""
    ended = threading.Event()

    def never(*_: object, **__: object) -> list[object]:
        ended.wait(30)
        return []

    monkeypatch.setattr(lean_connections.socket, "getaddrinfo", never)
    yield
    ended.set()


def test_connecting_early_may_fail(no_name_server):
    lean("http://127.0.0.1:9").connect()
    began = time.monotonic()
    LeanTransport.open("http://nowhere", "us-east-1", Limits(connect_timeout=0.05)).connect()
    assert time.monotonic() - began < 20


def test_a_name_server_that_hangs_does_not_outlast_the_deadline(no_name_server):
    began = time.monotonic()
    with pytest.raises(DeadlineError) as late:
        timed("http://nowhere", 0.5).send(GET)
    assert time.monotonic() - began < 20
    assert not late.value.was_sent


@pytest.mark.parametrize("host", [f"{'a' * 64}.example", "a..b"])
def test_a_name_that_no_host_can_have(host, no_pauses):
    with pytest.raises(UnreachableError) as caught:
        lean(f"http://{host}").send(GET)
    assert caught.value.code == "EndpointConnectionError"


def test_a_query_of_no_table():
    with serving(ANSWERS["no table"]) as server, pytest.raises(TableNotFoundError):
        lean(server.endpoint_url).send(QUERY)


def test_a_kept_answer():
    with keeping(lambda _: ANSWER) as server:
        transport = lean(server.endpoint_url)
        for _ in range(3):
            assert transport.send(GET)["Item"] == {"id": {"S": "a"}}
        assert server.connections == 1
        transport.close()
        transport.send(GET)
        assert server.connections == 2
        transport.close()
