"""What a function returns becomes an HTTP answer, and nothing that it returns breaks one."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel.testing.local_lambda.invocation import (
    Invocation,
    InvocationRefusedError,
    TooManyRequestsError,
)
from dynamodel.testing.local_lambda.url_answers import answer_of, refusal_of, too_large
from dynamodel.testing.local_lambda.url_events import UrlAnswer

JSON_TYPE = ("content-type", "application/json")


def invocation(payload: bytes, error: str | None = None) -> Invocation:
    return Invocation(
        request_id="id", payload=payload, error=error, is_cold=False, init_seconds=None, seconds=0.0, log=""
    )


def answer(result: object) -> UrlAnswer:
    return answer_of(invocation(json.dumps(result).encode()))


@pytest.mark.parametrize(
    ("result", "body"),
    [
        ({"hello": "world"}, b'{"hello":"world"}'),
        (["hello", 3, True], b'["hello",3,true]'),
        ("hello", b"hello"),
        (3, b"3"),
        (3.1, b"3.1"),
        (True, b"true"),
        (None, b"null"),
        ({"body": "é"}, '{"body":"é"}'.encode()),
    ],
)
def test_a_result_without_a_status_is_the_body_of_a_200(result, body):
    """The first six as LocalStack recorded them from AWS."""
    assert answer(result) == UrlAnswer(status=200, headers=(JSON_TYPE,), body=body)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"statusCode": 201}, UrlAnswer(status=201, headers=(JSON_TYPE,))),
        (
            {"statusCode": 200, "body": "body123"},
            UrlAnswer(status=200, headers=(JSON_TYPE,), body=b"body123"),
        ),
        ({"statusCode": 404, "body": None}, UrlAnswer(status=404, headers=(JSON_TYPE,))),
        (
            {"statusCode": 200, "headers": {"Content-Type": "text/html", "X-Count": 3}, "body": "<p>é</p>"},
            UrlAnswer(
                status=200,
                headers=(("Content-Type", "text/html"), ("X-Count", "3")),
                body="<p>é</p>".encode(),
            ),
        ),
        (
            {"statusCode": 200, "body": "AP+A", "isBase64Encoded": True},
            UrlAnswer(status=200, headers=(JSON_TYPE,), body=b"\x00\xff\x80"),
        ),
        (
            {"statusCode": 204, "cookies": ["a=1; Max-Age=3", "b=2"]},
            UrlAnswer(
                status=204, headers=(("set-cookie", "a=1; Max-Age=3"), ("set-cookie", "b=2"), JSON_TYPE)
            ),
        ),
        (
            {"statusCode": 200, "headers": {"Content-Length": "9", "Transfer-Encoding": "chunked"}},
            UrlAnswer(status=200, headers=(JSON_TYPE,)),
        ),
    ],
)
def test_a_result_with_a_status_is_the_answer_as_it_says(result, expected):
    assert answer(result) == expected


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": "200"},
        {"statusCode": True},
        {"statusCode": 200.0},
        {"statusCode": None},
        {"statusCode": 99},
        {"statusCode": 101},
        {"statusCode": 600},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "body": "no base64!", "isBase64Encoded": True},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "headers": {"a": ["b"]}},
        {"statusCode": 200, "headers": {"a b": "c"}},
        {"statusCode": 200, "headers": {"": "c"}},
        {"statusCode": 200, "headers": {"a": "b\r\nSet-Cookie: c=d"}},
        {"statusCode": 200, "headers": {"a": "b\ud800"}},
        {"statusCode": 200, "cookies": "a=b"},
        {"statusCode": 200, "cookies": ["a=b\nc"]},
        {"statusCode": 200, "cookies": [None]},
        {"statusCode": 200, "body": "\ud800"},
        "\ud800",
        float("nan"),
    ],
    ids=repr,
)
def test_a_malformed_result_is_a_502(result):
    found = answer(result)
    assert (found.status, found.body) == (502, b"Internal Server Error")


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"\xff", b"[" * 100_000], ids=["empty", "cut", "bytes", "deep"]
)
def test_what_is_no_json_is_a_502(payload):
    assert answer_of(invocation(payload)).status == 502


def test_a_function_that_failed_is_a_502_that_tells_nothing_of_it():
    failed = b'{"errorType":"KeyError","errorMessage":"secret","statusCode":200}'
    found = answer_of(invocation(failed, error="Unhandled"))
    assert (found.status, found.body) == (502, b"Internal Server Error")
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    ("error", "status", "code", "body"),
    [
        (TooManyRequestsError("f"), 429, "TooManyRequestsException", {"message": "Rate Exceeded."}),
        (
            InvocationRefusedError("ResourceNotFoundException", 404, "Function not found"),
            404,
            "ResourceNotFoundException",
            {"message": "Function not found"},
        ),
        (
            too_large(),
            413,
            "RequestTooLargeException",
            {"message": "Request must be smaller than 6291456 bytes for the InvokeFunction operation"},
        ),
    ],
)
def test_a_refusal_has_the_status_and_code_of_lambda(error, status, code, body):
    found = refusal_of(error)
    assert (found.status, json.loads(found.body)) == (status, body)
    assert dict(found.headers) == {"content-type": "application/json", "x-amzn-errortype": code}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.binary())
def test_base64_bodies_come_back_as_they_were(body):
    found = answer({"statusCode": 200, "isBase64Encoded": True, "body": base64.b64encode(body).decode()})
    assert found.body == body


@given(
    st.fixed_dictionaries(
        {"statusCode": st.integers(0, 700) | JSON},
        optional={
            "body": st.text() | JSON,
            "headers": st.dictionaries(st.text("ab-: \r\n"), st.text("ab\r\né") | JSON) | JSON,
            "cookies": st.lists(st.text("a=;\n") | JSON) | JSON,
            "isBase64Encoded": st.booleans() | JSON,
        },
    )
)
def test_no_result_breaks_the_frame_of_an_answer(result):
    found = answer(result)
    assert 200 <= found.status <= 599
    for name, value in found.headers:
        assert name
        assert not set(name + value) & set("\r\n\0")
        assert name.lower() not in {"content-length", "transfer-encoding", "connection"}
        value.encode()
