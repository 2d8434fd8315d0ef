"""Signatures, beside those of botocore for the same requests."""

from __future__ import annotations

import datetime
from unittest import mock

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from hypothesis import given
from hypothesis import strategies as st

from dynamodel import RequestError
from dynamodel.transport.lean_credentials import Credentials
from dynamodel.transport.lean_endpoints import Endpoint
from dynamodel.transport.lean_signing import Signer

VISIBLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60)
ENDPOINTS = st.builds(
    Endpoint,
    st.sampled_from(["us-east-1", "cn-north-1", "local"]),
    st.sampled_from(["dynamodb.us-east-1.amazonaws.com", "localhost", "::1"]),
    st.sampled_from([80, 443, 8000]),
    st.booleans(),
)


def parts_of(head: bytes) -> tuple[str, dict[str, str]]:
    first, *lines = head.decode("ascii").removesuffix("\r\n\r\n").split("\r\n")
    return first, dict(line.split(":", 1) for line in lines)


def as_botocore_signs(endpoint, headers, body, credentials, moment):
    scheme = "https" if endpoint.is_tls else "http"
    named = {name: headers[name] for name in ("content-type", "x-amz-target")}
    request = AWSRequest("POST", f"{scheme}://{headers['host']}/", headers=named, data=body)
    signer = botocore.auth.SigV4Auth(
        BotoCredentials(credentials.access_key, credentials.secret_key, credentials.token),
        "dynamodb",
        endpoint.region,
    )
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=moment):
        signer.add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


@given(
    ENDPOINTS,
    st.sampled_from(["GetItem", "TransactWriteItems"]),
    st.one_of(st.binary(max_size=200), st.text().map(lambda text: text.encode("utf-8", "replace"))),
    VISIBLE,
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60),
    st.none() | VISIBLE,
    st.datetimes(datetime.datetime(2000, 1, 1), datetime.datetime(2100, 1, 1)),
)
def test_signatures_are_those_of_botocore(endpoint, operation, body, access, secret, token, moment):
    moment = moment.replace(tzinfo=datetime.UTC)
    credentials = Credentials(access, secret, token, None)
    signer = Signer(endpoint)
    for _ in range(2):  # the second time with the key that was kept
        first, headers = parts_of(signer.head(operation, body, credentials, moment.timestamp()))
        signed = as_botocore_signs(endpoint, headers, body, credentials, moment)
        assert first == "POST / HTTP/1.1"
        assert headers["authorization"].strip() == signed["authorization"]
        assert headers["x-amz-date"] == signed["x-amz-date"]
        assert headers.get("x-amz-security-token") == signed.get("x-amz-security-token")
        assert headers["content-length"].strip() == str(len(body))
        assert headers["host"] == botocore.auth._host_from_url(
            f"http{'s' if endpoint.is_tls else ''}://{endpoint.authority}/"
        )


def test_another_day_and_another_secret_have_another_key():
    endpoint = Endpoint("us-east-1", "localhost", 8000, False)
    kept = Signer(endpoint)
    for secret, moment in [("a", 0.0), ("a", 86_400.0), ("b", 86_400.0), ("a", 0.0)]:
        credentials = Credentials("key", secret, None, None)
        expected = Signer(endpoint).head("GetItem", b"{}", credentials, moment)
        assert kept.head("GetItem", b"{}", credentials, moment) == expected


@pytest.mark.parametrize("operation", ["", "Get Item", "GetItem\r\nX-Evil: 1", "GetItem\n", "Gét"])
def test_an_operation_cannot_add_a_header(operation):
    signer = Signer(Endpoint("us-east-1", "localhost", 8000, False))
    with pytest.raises(RequestError, match="no operation"):
        signer.head(operation, b"{}", Credentials("key", "secret", None, None), 0.0)
