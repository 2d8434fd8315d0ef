"""AWS_IAM: what botocore signs is accepted, and refused as soon as anything of it is another."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode, urlsplit

import botocore.auth
import botocore.credentials
import pytest
from attrs import evolve
from botocore.awsrequest import AWSRequest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel.testing.local_lambda.signatures import (
    LOCAL_CREDENTIALS,
    MAX_SKEW,
    Credentials,
    SignatureRefusedError,
    verify,
)
from dynamodel.testing.local_lambda.url_events import UrlRequest

REGION = "eu-central-1"
KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI")
MISMATCH = "The request signature we calculated does not match the signature you provided."


def signed(
    method="POST",
    path="/a/b",
    query="",
    body=b"body",
    headers=None,
    *,
    keys=KEYS,
    region=REGION,
    service="lambda",
    token=None,
    presigned=None,
):
    """A request as a client of botocore sends it; presigned: for how many seconds."""
    url = f"http://127.0.0.1:8080{path}" + (f"?{query}" if query else "")
    # botocore would make parameters of the body of a presigned request.
    request = AWSRequest(method, url, headers or {}, data=b"" if presigned else body)
    credentials = botocore.credentials.Credentials(keys.access_key, keys.secret_key, token)
    if presigned is None:
        botocore.auth.SigV4Auth(credentials, service, region).add_auth(request)
    else:
        botocore.auth.SigV4QueryAuth(credentials, service, region, presigned).add_auth(request)
    parts = urlsplit(request.url)
    return UrlRequest(
        method=method,
        path=parts.path,
        query=parts.query,
        headers=(("Host", "127.0.0.1:8080"), *request.headers.items()),
        body=b"" if presigned else body,
    )


def with_header(request, name, value):
    """The request with a header replaced, or removed."""
    kept = tuple(each for each in request.headers if each[0].lower() != name.lower())
    return evolve(request, headers=kept if value is None else (*kept, (name, value)))


def authorization(request):
    return request.header("authorization")


def check(request, now=None):
    return verify(request, KEYS, REGION, now or datetime.now(UTC))


def refusal(request, now=None):
    with pytest.raises(SignatureRefusedError) as caught:
        check(request, now)
    assert caught.value.status == 403
    return caught.value


# --- accepted ---

PATHS = st.lists(
    st.text(string.printable + "éß漢", max_size=5).filter(lambda s: s not in {".", ".."}), max_size=3
)
PAIRS = st.lists(st.tuples(st.text(string.printable + "é"), st.text(string.printable + "é")), max_size=4)
HEADERS = st.dictionaries(
    st.sampled_from(["X-Custom", "Content-Type", "Cookie"]), st.text("ab  é;=", min_size=1).map(str.strip)
)


@given(PATHS, PAIRS, HEADERS, st.binary(), st.sampled_from(["GET", "POST", "DELETE", "HEAD"]))
def test_what_botocore_signs_is_accepted(path, pairs, headers, body, method):
    query = urlencode(pairs, quote_via=quote)
    request = signed(method, "/" + "/".join(map(quote, path)), query, body, headers)
    assert check(request) == "AKIDEXAMPLE"


@given(PATHS, PAIRS.filter(lambda pairs: len({name for name, _ in pairs}) == len(pairs)))
def test_what_botocore_presigns_is_accepted(path, pairs):
    query = urlencode(pairs, quote_via=quote)
    assert check(signed("GET", "/" + "/".join(map(quote, path)), query, presigned=60)) == "AKIDEXAMPLE"


def test_the_order_of_parameters_does_not_count():
    assert check(signed(query="b=2&a=1&b=1")) == check(
        evolve(signed(query="b=2&a=1&b=1"), query="a=1&b=1&b=2")
    )


@pytest.mark.parametrize("query", ["q=a:b%2F", "q=%61%3ab/", "q=a%3Ab%2f"])
def test_how_parameters_are_escaped_does_not_count(query):
    assert check(evolve(signed(query="q=a%3Ab%2F"), query=query)) == "AKIDEXAMPLE"


def test_a_name_without_a_value_is_signed_with_an_empty_one():
    assert check(evolve(signed(query="flag="), query="flag")) == "AKIDEXAMPLE"


def test_more_headers_may_come_than_are_signed():
    assert check(with_header(signed(), "X-Added-By-Proxy", "1")) == "AKIDEXAMPLE"


def test_a_stated_hash_of_the_body_is_accepted_if_it_is_right():
    digest = "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5"  # sha256sum of `body`
    assert check(signed(headers={"X-Amz-Content-SHA256": digest})) == "AKIDEXAMPLE"


def test_the_local_credentials_are_not_shown():
    assert LOCAL_CREDENTIALS.secret_key not in repr(evolve(LOCAL_CREDENTIALS, access_key="other"))


# --- refused ---


@pytest.mark.parametrize(
    "request_",
    [
        UrlRequest(method="GET", path="/"),
        UrlRequest(method="GET", path="/", headers=(("Authorization", "Bearer abc"),)),
        UrlRequest(method="GET", path="/", headers=(("Authorization", ""),)),
        UrlRequest(method="GET", path="/", query="X-Amz-Signature=abc"),
    ],
)
def test_a_request_without_a_signature_is_forbidden(request_):
    found = refusal(request_)
    assert found.code == "AccessDeniedException"
    assert found.body == {
        "Message": "Forbidden. For troubleshooting Function URL authorization issues, see: "
        "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
    }


@pytest.mark.parametrize(
    "change",
    [
        lambda r: evolve(r, method="PUT"),
        lambda r: evolve(r, path="/a/c"),
        lambda r: evolve(r, path="/a%2Fb"),
        lambda r: evolve(r, path="/a/b/"),
        lambda r: evolve(r, query="x=1&y=3"),
        lambda r: evolve(r, query="x=1"),
        lambda r: evolve(r, query="x=1&y=2&z=3"),
        lambda r: evolve(r, query=""),
        lambda r: evolve(r, body=b"bodY"),
        lambda r: evolve(r, body=b""),
        lambda r: with_header(r, "X-Custom", "no"),
        lambda r: with_header(r, "X-Custom", None),
        lambda r: evolve(r, headers=(*r.headers, ("X-Custom", "twice"))),
        lambda r: with_header(r, "Host", "example.com"),
        lambda r: with_header(r, "X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"),
        lambda r: with_header(r, "X-Amz-Content-SHA256", "0" * 64),
        lambda r: with_header(r, "Authorization", authorization(r)[:-1] + "x"),
        lambda r: with_header(r, "Authorization", authorization(r).replace("host;", "host;other;")),
    ],
    ids=lambda change: change.__code__.co_firstlineno,
)
def test_a_request_that_was_changed_is_refused(change):
    request = signed(query="x=1&y=2", headers={"X-Custom": "yes"})
    assert check(request)
    found = refusal(change(request))
    assert found.code == "InvalidSignatureException"
    assert found.body["message"].startswith(MISMATCH)


@given(st.data())
def test_no_signature_but_the_right_one_is_accepted(data):
    request = signed()
    right = authorization(request)[-64:]
    wrong = data.draw(st.text("0123456789abcdef", min_size=64, max_size=64).filter(lambda s: s != right))
    refusal(with_header(request, "Authorization", authorization(request).replace(right, wrong)))


def test_an_unsigned_payload_is_refused_even_if_the_client_signed_that_it_is():
    """CloudFront developer guide, on origin access control: Lambda supports no unsigned payloads."""
    request = signed(headers={"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"})
    assert refusal(request).code == "InvalidSignatureException"


@pytest.mark.parametrize(
    ("request_", "code", "part"),
    [
        (signed(keys=Credentials("AKIDOTHER", KEYS.secret_key)), "UnrecognizedClientException", "token"),
        (signed(token="session"), "UnrecognizedClientException", "token"),
        (signed(keys=Credentials(KEYS.access_key, "other")), "InvalidSignatureException", "does not match"),
        (signed(region="us-east-1"), "InvalidSignatureException", "valid region"),
        (signed(service="execute-api"), "InvalidSignatureException", "correct service: 'lambda'"),
        (with_header(signed(), "X-Amz-Date", None), "IncompleteSignatureException", "'X-Amz-Date'"),
        (with_header(signed(), "X-Amz-Date", "now"), "InvalidSignatureException", "Date in Credential scope"),
    ],
)
def test_other_credentials_regions_and_services_are_refused(request_, code, part):
    found = refusal(request_)
    assert found.code == code
    assert part in found.message


@pytest.mark.parametrize(
    "header",
    [
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=A, SignedHeaders=host",
        "AWS4-HMAC-SHA256 Credential=A/b/c/d, SignedHeaders=host, Signature=0",
        "AWS4-HMAC-SHA256 Credential=, SignedHeaders=, Signature=",
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-central-1/lambda/aws4_request, Signature=é",
    ],
)
def test_a_malformed_authorization_is_refused(header):
    refusal(with_header(signed(), "Authorization", header))


def test_a_signature_that_is_no_ascii_is_refused():
    request = signed()
    header = authorization(request)
    found = refusal(with_header(request, "Authorization", header.replace(header[-64:], "é")))
    assert found.message.startswith(MISMATCH)


def test_the_host_must_be_signed():
    request = signed()
    header = authorization(request).replace("host;", "")
    assert "'Host'" in refusal(with_header(request, "Authorization", header)).message


@pytest.mark.parametrize(
    ("off", "part"),
    [
        (-MAX_SKEW - timedelta(seconds=2), "Signature not yet current"),
        (-MAX_SKEW + timedelta(minutes=1), None),
        (MAX_SKEW - timedelta(minutes=1), None),
        (MAX_SKEW + timedelta(minutes=1), "Signature expired"),
    ],
)
def test_a_signature_holds_for_five_minutes(off, part):
    request = signed()
    time = datetime.strptime(request.header("x-amz-date"), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if part is None:
        assert check(request, time + off)
    else:
        assert part in refusal(request, time + off).message


def test_a_time_at_the_end_of_the_calendar_is_refused():
    request = with_header(signed(), "X-Amz-Date", "99991231T235959Z")
    header = authorization(request)
    date = header.split("/")[1]
    found = refusal(with_header(request, "Authorization", header.replace(date, "99991231")))
    assert "Signature not yet current" in found.message


# --- presigned ---


def test_a_presigned_request_holds_for_its_time():
    request = signed("GET", presigned=3600)
    assert check(request, datetime.now(UTC) + timedelta(minutes=59))
    assert "Signature expired" in refusal(request, datetime.now(UTC) + timedelta(minutes=61)).message


def test_a_presigned_request_with_another_body_is_refused():
    """As repost.aws shows of POSTs to presigned function URLs."""
    assert refusal(evolve(signed("POST", presigned=60), body=b"x")).message.startswith(MISMATCH)


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("X-Amz-Expires=60", "X-Amz-Expires=61", MISMATCH),
        ("X-Amz-Expires=60", "X-Amz-Expires=604801", "604800"),
        ("X-Amz-Expires=60", "X-Amz-Expires=-1", "604800"),
        ("X-Amz-Expires=60&", "", "X-Amz-Expires"),
        ("a=1", "a=2", MISMATCH),
        ("a=1&", "", MISMATCH),
    ],
)
def test_a_presigned_request_that_was_changed_is_refused(old, new, part):
    request = signed("GET", query="a=1", presigned=60)
    assert old in request.query
    assert part in refusal(evolve(request, query=request.query.replace(old, new))).message
