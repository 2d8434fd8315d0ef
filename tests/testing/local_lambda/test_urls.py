"""A function URL from end to end: curl and Python's own client call functions over real HTTP.

The functions run in this process, in place of the local service.
"""

from __future__ import annotations

import base64
import http.client
import json
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import botocore.auth
import botocore.credentials
import pytest
from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from aws_lambda_powertools.shared.cookies import Cookie
from botocore.awsrequest import AWSRequest

from dynamodel import DeclarationError
from dynamodel.infra.functions import Code, Cors, Function, FunctionUrl, InvokeMode, UrlAuth
from dynamodel.testing.local_lambda.invocation import (
    Invocation,
    InvocationRefusedError,
    TooManyRequestsError,
)
from dynamodel.testing.local_lambda.signatures import Credentials
from dynamodel.testing.local_lambda.urls import UrlServer

WAIT = 60.0
KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG")
REGION = "eu-central-1"
CURL = shutil.which("curl")
needs_curl = pytest.mark.skipif(CURL is None, reason="curl is not on this machine")


def invoking(handler):
    """An `Invoke` that runs a Python function as Lambda would: JSON in, JSON out."""

    def invoke(function: str, payload: bytes) -> Invocation:
        error = None
        try:
            result = json.dumps(handler(json.loads(payload))).encode()
        except InvocationRefusedError:
            raise
        except Exception as failure:
            error, result = "Unhandled", json.dumps({"errorMessage": str(failure)}).encode()
        return Invocation(
            request_id="r",
            payload=result,
            error=error,
            is_cold=False,
            init_seconds=None,
            seconds=0.0,
            log="",
        )

    return invoke


@contextmanager
def serving(handler, auth=UrlAuth.NONE, **settings):
    url = FunctionUrl(auth, **settings)
    function = Function("echo", code=Code.folder("build"), handler="app.handle", url=url)
    with UrlServer(function, invoking(handler), KEYS, REGION) as server:
        yield server.url


@pytest.fixture(scope="module")
def public():
    with serving(lambda event: event) as url:
        yield url


@pytest.fixture(scope="module")
def private():
    with serving(lambda event: event, UrlAuth.AWS_IAM) as url:
        yield url


def call(url, method="GET", path="", body=None, headers=None):
    """One request with Python's own client: the answer, with its body in `.body`."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=WAIT)
    connection.request(method, "/" + path, body, headers or {})
    response = connection.getresponse()
    response.body = response.read()
    connection.close()
    return response


def curl(*arguments, data=None):
    """What curl prints, as bytes."""
    assert CURL is not None
    command = [CURL, "--silent", "--show-error", "--max-time", "60", *arguments]
    done = subprocess.run(command, check=False, input=data, capture_output=True, timeout=90)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def curl_signed(*arguments, data=None, user=f"{KEYS.access_key}:{KEYS.secret_key}"):
    return curl("--aws-sigv4", f"aws:amz:{REGION}:lambda", "--user", user, *arguments, data=data)


# --- public ---


@needs_curl
def test_curl_gets_what_the_function_returns(public):
    event = json.loads(curl(f"{public}my/path?a=1&a=2&b=%26", "-H", "X-Custom: one", "-b", "c=1; d=2"))
    assert event["rawPath"] == "/my/path"
    assert event["rawQueryString"] == "a=1&a=2&b=%26"
    assert event["queryStringParameters"] == {"a": "1,2", "b": "&"}
    assert event["headers"]["x-custom"] == "one"
    assert event["cookies"] == ["c=1", "d=2"]
    assert event["requestContext"]["http"]["method"] == "GET"
    assert event["requestContext"]["http"]["userAgent"].startswith("curl/")
    assert event["requestContext"]["domainName"] == urlsplit(public).netloc == event["headers"]["host"]


@needs_curl
def test_curl_posts_json_and_forms(public):
    event = json.loads(curl(public, "-H", "content-type: application/json", "-d", '{"example": "test"}'))
    assert (event["body"], event["isBase64Encoded"]) == ('{"example": "test"}', False)
    event = json.loads(curl(public, "-d", "a=1"))
    assert (event["body"], event["isBase64Encoded"]) == ("YT0x", True)


EVERY_BYTE = bytes(range(256)) * 40


def back(event):
    """Gives the body back as it came."""
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/octet-stream"},
        "body": event.get("body"),
        "isBase64Encoded": event["isBase64Encoded"],
    }


@needs_curl
@pytest.mark.parametrize("chunked", [(), ("-H", "Transfer-Encoding: chunked")], ids=["length", "chunked"])
def test_binary_bodies_go_through_both_ways(chunked):
    with serving(back) as url:
        assert curl("--data-binary", "@-", *chunked, url, data=EVERY_BYTE) == EVERY_BYTE


@needs_curl
def test_curl_sends_large_bodies_after_asking():
    """Over 1 MB curl asks with `Expect: 100-continue`."""
    with serving(back) as url:
        body = b"\xff" * 4_000_000
        assert curl("--data-binary", "@-", url, data=body) == body


@needs_curl
@pytest.mark.parametrize("size", [5_000_000, 7_000_000], ids=["as base64", "as it is"])
def test_a_request_of_more_than_6_mb_is_413(public, size):
    told = curl("--data-binary", "@-", "-w", "\n%{http_code}", public, data=b"\xff" * size)
    message, _, status = told.rpartition(b"\n")
    assert status == b"413"
    assert b"6291456 bytes" in message


@needs_curl
def test_curl_keeps_its_connection(public):
    told = curl("-w", "%{num_connects} ", "-o", "/dev/null", public, "-o", "/dev/null", public)
    assert told.split() == [b"1", b"0"]


@needs_curl
def test_curl_asks_for_the_head_alone(public):
    head = curl("--head", public).decode()
    assert head.startswith("HTTP/1.1 200 OK\r\n")
    assert int(head.lower().partition("content-length: ")[2].split()[0]) > 0


def test_a_path_beyond_ascii(public):
    assert json.loads(call(public, path="caf%C3%A9/%E6%BC%A2").body)["rawPath"] == "/caf%C3%A9/%E6%BC%A2"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_every_method_invokes_the_function(method):
    seen = []
    with serving(lambda event: seen.append(event["requestContext"]["http"]["method"])) as url:
        assert call(url, method).status == 200
    assert seen == [method]


def test_cookies_of_the_function_are_headers_each():
    with serving(lambda event: {"statusCode": 201, "cookies": ["a=1; Max-Age=3", "b=2"]}) as url:
        response = call(url)
    assert response.status == 201
    assert response.headers.get_all("set-cookie") == ["a=1; Max-Age=3", "b=2"]


def test_a_function_that_fails_is_a_502_without_a_reason():
    def failing(event):
        raise ValueError("secret")

    with serving(failing) as url:
        response = call(url)
    assert (response.status, response.body) == (502, b"Internal Server Error")


def test_a_function_without_a_free_environment_is_a_429():
    def throttled(event):
        raise TooManyRequestsError("echo")

    with serving(throttled) as url:
        response = call(url)
    assert (response.status, json.loads(response.body)) == (429, {"message": "Rate Exceeded."})
    assert response.getheader("x-amzn-errortype") == "TooManyRequestsException"


def test_the_function_is_invoked_by_its_name():
    names = []
    function = Function("hello", code=Code.folder("b"), handler="a.b", url=FunctionUrl(UrlAuth.NONE))

    def invoke(name, payload):
        names.append(name)
        return invoking(lambda event: event["requestContext"]["requestId"])(name, payload)

    with UrlServer(function, invoke) as server:
        response = call(server.url)
    assert names == ["hello"]
    assert response.getheader("x-amzn-requestid") == response.body.decode()


def test_fifty_requests_at_once(public):
    with ThreadPoolExecutor(50) as pool:
        found = pool.map(lambda number: json.loads(call(public, path=str(number)).body)["rawPath"], range(50))
    assert list(found) == [f"/{number}" for number in range(50)]


# --- Powertools ---

app = LambdaFunctionUrlResolver()


@app.get("/movies/<movie_id>")
def get_movie(movie_id):
    return {"id": movie_id, "lang": app.current_event.get_query_string_value("lang")}


@app.put("/movies/<movie_id>/poster")
def put_poster(movie_id):
    return Response(
        status_code=201,
        content_type="image/png",
        body=base64.b64decode(app.current_event.body or "")[::-1],
        cookies=[Cookie(name="seen", value=movie_id)],
    )


@pytest.fixture(scope="module")
def movies():
    with serving(lambda event: app.resolve(event, None)) as url:
        yield url


def test_a_resolver_of_powertools_answers(movies):
    response = call(movies, path="movies/7?lang=fr")
    assert (response.status, json.loads(response.body)) == (200, {"id": "7", "lang": "fr"})


def test_a_resolver_answers_with_bytes_and_cookies(movies):
    response = call(movies, "PUT", "movies/7/poster", EVERY_BYTE, {"content-type": "image/png"})
    assert (response.status, response.getheader("content-type")) == (201, "image/png")
    assert response.body == EVERY_BYTE[::-1]
    assert (response.getheader("set-cookie") or "").startswith("seen=7")


@pytest.mark.parametrize(("method", "path"), [("GET", "nowhere"), ("DELETE", "movies/7")])
def test_a_resolver_knows_no_such_route(movies, method, path):
    assert call(movies, method, path).status == 404


# --- signed ---


def signed(url, method="GET", path="", body=b"", headers=None):
    """A request signed by botocore."""
    request = AWSRequest(method, url + path, headers or {}, data=body)
    credentials = botocore.credentials.Credentials(KEYS.access_key, KEYS.secret_key)
    botocore.auth.SigV4Auth(credentials, "lambda", REGION).add_auth(request)
    return call(url, method, path, body, dict(request.headers))


def test_what_botocore_signs_is_answered(private):
    response = signed(private, "POST", "a/caf%C3%A9?b=2&a=%2F", EVERY_BYTE, {"content-type": "image/png"})
    assert response.status == 200
    context = json.loads(response.body)["requestContext"]
    assert context["authorizer"]["iam"]["accessKey"] == KEYS.access_key


def test_what_is_not_signed_is_forbidden_and_invokes_nothing():
    with serving(lambda event: pytest.fail("invoked"), UrlAuth.AWS_IAM) as url:
        response = call(url, "POST", body=b"x")
    assert response.status == 403
    assert json.loads(response.body)["Message"].startswith("Forbidden.")
    assert response.getheader("x-amzn-errortype") == "AccessDeniedException"


def test_what_was_signed_for_another_path_is_refused(private):
    request = AWSRequest("GET", private + "a", {})
    credentials = botocore.credentials.Credentials(KEYS.access_key, KEYS.secret_key)
    botocore.auth.SigV4Auth(credentials, "lambda", REGION).add_auth(request)
    assert call(private, path="a", headers=dict(request.headers)).status == 200
    refused = call(private, path="b", headers=dict(request.headers))
    assert refused.status == 403
    assert refused.getheader("x-amzn-errortype") == "InvalidSignatureException"
    assert "does not match" in json.loads(refused.body)["message"]


@needs_curl
@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("-X", "DELETE"),
        ("-d", '{"a": 1}', "-H", "content-type: application/json"),
        ("-H", "X-Custom: a  b"),
        ("--data-binary", "@-"),
    ],
    ids=["get", "delete", "json", "header", "binary"],
)
@pytest.mark.parametrize("path", ["", "a/b-c_d.e~f", "a?b=1&c=2", "a?q=%20x"])
def test_what_curl_signs_is_answered(private, arguments, path):
    event = json.loads(curl_signed(private + path, *arguments, data=b"\x00\xff\n"))
    assert event["requestContext"]["authorizer"]["iam"]["accessKey"] == KEYS.access_key


@needs_curl
@pytest.mark.parametrize("user", [f"{KEYS.access_key}:wrong", f"other:{KEYS.secret_key}"])
def test_what_curl_signs_with_other_credentials_is_refused(private, user):
    told = curl_signed("-w", "\n%{http_code}", private, user=user)
    assert told.endswith(b"\n403")


# --- CORS ---

PREFLIGHT = {"Origin": "https://example.com", "Access-Control-Request-Method": "PUT"}


def test_a_preflight_request_needs_no_signature_and_invokes_nothing():
    cors = Cors(origins=("https://example.com",), methods=("PUT",), max_age=timedelta(minutes=1))
    with serving(lambda event: pytest.fail("invoked"), UrlAuth.AWS_IAM, cors=cors) as url:
        response = call(url, "OPTIONS", headers=PREFLIGHT)
        refused = call(url, "PUT", headers={"Origin": "https://example.com"})
    assert response.status == 200
    assert response.getheader("access-control-allow-origin") == "https://example.com"
    assert response.getheader("access-control-allow-methods") == "PUT"
    assert response.getheader("access-control-max-age") == "60"
    assert refused.status == 403
    assert refused.getheader("access-control-allow-origin") == "https://example.com"


def test_without_cors_the_function_answers_options():
    with serving(lambda event: {"statusCode": 299}) as url:
        assert call(url, "OPTIONS", headers=PREFLIGHT).status == 299


# --- starting and stopping ---


def test_a_server_starts_and_stops_more_than_once():
    function = Function("echo", code=Code.folder("b"), handler="a.b", url=FunctionUrl(UrlAuth.NONE))
    server = UrlServer(function, invoking(lambda event: "hello"))
    for _ in range(2):
        server.start()
        url = server.url
        server.start()
        assert server.url == url
        assert call(url).body == b"hello"
        server.stop()
        server.stop()
        with pytest.raises(ConnectionRefusedError):
            call(url)
        with pytest.raises(InvocationRefusedError, match="not started"):
            _ = server.url


def test_nothing_is_left_after_the_end():
    before = set(threading.enumerate())
    with serving(lambda event: "hello") as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=WAIT)
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"hello"
    connection.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(WAIT)
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize(
    ("url", "part"),
    [
        (None, "Function 'f'.url: there is none"),
        (
            FunctionUrl(invoke_mode=InvokeMode.RESPONSE_STREAM),
            "Function 'f'.url.invoke_mode: answers are not",
        ),
    ],
)
def test_what_has_no_url_here_is_refused(url, part):
    function = Function("f", code=Code.folder("b"), handler="a.b", url=url)
    with pytest.raises(DeclarationError) as caught:
        UrlServer(function, invoking(lambda event: None))
    assert part in str(caught.value)
