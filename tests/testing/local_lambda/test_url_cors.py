"""CORS of a function URL: preflight requests are answered, other answers get the headers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dynamodel.infra.functions import Cors
from dynamodel.testing.local_lambda.url_cors import preflight_of, shared
from dynamodel.testing.local_lambda.url_events import UrlAnswer, UrlRequest

ORIGIN = "https://example.com"
CORS = Cors(
    origins=(ORIGIN, "http://localhost:3000"),
    methods=("GET", "PUT"),
    headers=("content-type", "authorization"),
    exposed_headers=("x-total",),
    credentials=True,
    max_age=timedelta(minutes=5),
)


def request(method: str = "OPTIONS", origin: str | None = ORIGIN, asks: str | None = "PUT") -> UrlRequest:
    headers = {"Origin": origin, "Access-Control-Request-Method": asks}
    told = tuple((name, value) for name, value in headers.items() if value is not None)
    return UrlRequest(method=method, path="/", headers=told)


def test_a_preflight_request_is_told_what_is_allowed():
    assert preflight_of(request(), CORS) == UrlAnswer(
        status=200,
        headers=(
            ("access-control-allow-origin", ORIGIN),
            ("vary", "Origin"),
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-methods", "GET,PUT"),
            ("access-control-allow-headers", "content-type,authorization"),
            ("access-control-max-age", "300"),
        ),
    )


def test_what_is_not_configured_is_not_told():
    found = preflight_of(request(), Cors(origins=("*",)))
    assert found is not None
    assert dict(found.headers) == {"access-control-allow-origin": ORIGIN, "vary": "Origin"}


@pytest.mark.parametrize("origin", ["https://evil.example", "https://example.com.evil.example", "null"])
def test_another_origin_is_told_nothing(origin):
    assert preflight_of(request(origin=origin), CORS) == UrlAnswer(status=200)
    answer = UrlAnswer(status=200, headers=(("a", "b"),))
    assert shared(answer, request("GET", origin, None), CORS) == answer


@pytest.mark.parametrize(
    "other", [request("GET"), request("OPTIONS", asks=None), request("OPTIONS", origin=None)]
)
def test_what_is_no_preflight_request_is_for_the_function(other):
    assert preflight_of(other, CORS) is None


def test_without_cors_the_function_answers_and_nothing_is_added():
    assert preflight_of(request(), None) is None
    answer = UrlAnswer(status=200, headers=(("a", "b"),))
    assert shared(answer, request("GET"), None) == answer


def test_an_answer_gets_the_headers_beside_those_of_the_function():
    """Even the same twice, as on AWS."""
    own = (("Access-Control-Allow-Origin", "*"),)
    found = shared(UrlAnswer(status=200, headers=own, body=b"x"), request("GET", asks=None), CORS)
    assert found == UrlAnswer(
        status=200,
        headers=(
            *own,
            ("access-control-allow-origin", ORIGIN),
            ("vary", "Origin"),
            ("access-control-allow-credentials", "true"),
            ("access-control-expose-headers", "x-total"),
        ),
        body=b"x",
    )
