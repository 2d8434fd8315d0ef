"""Requests become events of payload format 2.0, as function URLs fill them."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from aws_lambda_powertools.utilities.data_classes import LambdaFunctionUrlEvent
from hypothesis import given
from hypothesis import strategies as st

from dynamodel.testing.local_lambda.url_events import Endpoint, UrlRequest, event_of

ENDPOINT = Endpoint(url_id="abcdefg", domain="127.0.0.1:8080", port=8080)
NOW = datetime(2020, 3, 12, 19, 3, 58, 390_000, tzinfo=UTC)


def event(access_key=None, **fields):
    request = UrlRequest(**{"method": "GET", "path": "/", **fields})
    return event_of(request, ENDPOINT, "id", NOW, access_key)


def test_an_event_has_the_fields_of_the_developer_guide():
    headers = (
        ("Host", "127.0.0.1:8080"),
        ("User-Agent", "agent"),
        ("Header2", "value1"),
        ("header2", "value2"),
        ("Cookie", "cookie1=a; cookie2=b"),
        ("Content-Type", "text/plain"),
        ("Connection", "keep-alive"),
    )
    found = event(
        method="POST",
        path="/my/path",
        query="parameter1=value1&parameter1=value2&parameter2=value",
        headers=headers,
        body=b"Hello from client!",
        source_ip="127.0.0.1",
    )
    assert found == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/my/path",
        "rawQueryString": "parameter1=value1&parameter1=value2&parameter2=value",
        "cookies": ["cookie1=a", "cookie2=b"],
        "headers": {
            "host": "127.0.0.1:8080",
            "user-agent": "agent",
            "header2": "value1,value2",
            "cookie": "cookie1=a; cookie2=b",
            "content-type": "text/plain",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "8080",
            "x-forwarded-proto": "http",
        },
        "queryStringParameters": {"parameter1": "value1,value2", "parameter2": "value"},
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "abcdefg",
            "domainName": "127.0.0.1:8080",
            "domainPrefix": "abcdefg",
            "http": {
                "method": "POST",
                "path": "/my/path",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "agent",
            },
            "requestId": "id",
            "routeKey": "$default",
            "stage": "$default",
            "time": "12/Mar/2020:19:03:58 +0000",
            "timeEpoch": 1584039838390,
        },
        "body": "Hello from client!",
        "isBase64Encoded": False,
    }


def test_what_a_request_does_not_have_is_left_out():
    assert not {"cookies", "queryStringParameters", "body"} & event().keys()
    assert event()["isBase64Encoded"] is False
    assert "authorizer" not in event()["requestContext"]


def test_a_signed_request_tells_who_signed_it():
    context = event(access_key="AKIDEXAMPLE")["requestContext"]
    assert context["accountId"] == context["authorizer"]["iam"]["accountId"] == "123456789012"
    assert context["authorizer"]["iam"]["accessKey"] == "AKIDEXAMPLE"
    assert context["authorizer"]["iam"]["userArn"].startswith("arn:aws:iam::123456789012:user/")


def test_path_and_query_stay_encoded_and_parameters_do_not():
    found = event(path="/a%2Fb/caf%C3%A9", query="q=a%20b%26c&e=&flag&plus=1+2")
    assert found["rawPath"] == found["requestContext"]["http"]["path"] == "/a%2Fb/caf%C3%A9"
    assert found["rawQueryString"] == "q=a%20b%26c&e=&flag&plus=1+2"
    assert found["queryStringParameters"] == {"q": "a b&c", "e": "", "flag": "", "plus": "1 2"}


@pytest.mark.parametrize(
    ("content_type", "is_text"),
    [
        ("text/plain", True),
        ("text/html; charset=utf-8", True),
        ("TEXT/CSV", True),
        ("application/json", True),
        ("application/json;charset=UTF-8", True),
        ("application/xml", True),
        ("application/javascript", True),
        ("application/ld+json", False),
        ("application/x-www-form-urlencoded", False),
        ("multipart/form-data; boundary=x", False),
        ("application/octet-stream", False),
        ("image/png", False),
        ("", False),
        (None, False),
    ],
)
def test_the_content_type_decides_whether_a_body_is_text(content_type, is_text):
    headers = () if content_type is None else (("Content-Type", content_type),)
    found = event(method="POST", headers=headers, body=b'{"a":1}')
    assert found["isBase64Encoded"] is not is_text
    assert found["body"] == ('{"a":1}' if is_text else "eyJhIjoxfQ==")


@given(st.binary(), st.sampled_from(["text/plain", "application/json", "image/png", ""]))
def test_a_body_comes_through_byte_for_byte(body, content_type):
    found = json.loads(json.dumps(event(method="PUT", headers=(("content-type", content_type),), body=body)))
    text = found.get("body", "")
    assert (base64.b64decode(text) if found["isBase64Encoded"] else text.encode()) == body


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
VALUES = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.tuples(NAMES, VALUES), min_size=1))
def test_parameters_are_decoded_and_joined_in_their_order(pairs):
    expected: dict[str, list[str]] = {}
    for name, value in pairs:
        expected.setdefault(name, []).append(value)
    found = event(query=urlencode(pairs))["queryStringParameters"]
    assert found == {name: ",".join(values) for name, values in expected.items()}


def test_powertools_reads_the_event():
    headers = (("Cookie", "a=1;b=2"), ("Content-Type", "image/png"), ("X-Custom", "yes"))
    found = LambdaFunctionUrlEvent(
        event(
            "AKIDEXAMPLE", method="PUT", path="/movies/1", query="a=1&a=2", headers=headers, body=b"\x00\xff"
        )
    )
    assert (found.http_method, found.path, found.raw_query_string) == ("PUT", "/movies/1", "a=1&a=2")
    assert found.query_string_parameters == {"a": "1,2"}
    assert found.cookies == ["a=1", "b=2"]
    assert found.headers["x-custom"] == "yes"
    assert base64.b64decode(found.body or "") == b"\x00\xff"
    context = found.request_context
    assert context.authorizer is not None
    assert context.authorizer.iam is not None
    assert context.authorizer.iam.access_key == "AKIDEXAMPLE"
    assert context.http.source_ip == "127.0.0.1"
