"""Endpoints and regions, beside botocore's own rules."""

from __future__ import annotations

import botocore.session
import pytest
from botocore.endpoint_provider import EndpointProvider

from dynamodel import RequestError
from dynamodel.transport.lean_endpoints import endpoint_of

VARIABLES = (
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
)
LOADER = botocore.session.get_session().get_component("data_loader")
RULES = EndpointProvider(
    LOADER.load_service_model("dynamodb", "endpoint-rule-set-1"), LOADER.load_data("partitions")
)
REGIONS = sorted(
    region
    for partition in LOADER.load_data("partitions")["partitions"]
    for region in partition["regions"]
    if "global" not in region
)


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("dual_stack", [False, True], ids=["ipv4", "dual stack"])
@pytest.mark.parametrize("fips", [False, True], ids=["plain", "fips"])
def test_endpoints_are_those_of_botocore(monkeypatch, fips, dual_stack):
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", str(fips).lower())
    monkeypatch.setenv("AWS_USE_DUALSTACK_ENDPOINT", str(dual_stack).lower())
    assert len(REGIONS) > 30
    for region in REGIONS:
        known = RULES.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual_stack).url
        assert f"https://{endpoint_of(region=region).authority}" == known


@pytest.mark.parametrize(
    ("given", "variables", "expected"),
    [
        (("http://a:1", "eu-west-1"), {"AWS_ENDPOINT_URL": "http://b"}, ("eu-west-1", "a:1")),
        ((None, None), {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, ("eu-west-1", None)),
        ((None, None), {"AWS_DEFAULT_REGION": "eu-west-2"}, ("eu-west-2", None)),
        (
            (None, "us-east-1"),
            {"AWS_ENDPOINT_URL": "http://b", "AWS_ENDPOINT_URL_DYNAMODB": "http://c:2/"},
            ("us-east-1", "c:2"),
        ),
        ((None, "us-east-1"), {"AWS_ENDPOINT_URL": "http://b:80"}, ("us-east-1", "b")),
        (
            (None, "us-east-1"),
            {"AWS_ENDPOINT_URL": "http://b", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
            ("us-east-1", None),
        ),
        (("https://[::1]:8443", "us-east-1"), {}, ("us-east-1", "[::1]:8443")),
        (("https://[::1]:443", "us-east-1"), {}, ("us-east-1", "[::1]")),
        ((None, "local"), {}, ("local", "localhost:8000")),
    ],
)
def test_where_they_are_found(monkeypatch, given, variables, expected):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = endpoint_of(*given)
    region, authority = expected
    assert (found.region, found.authority) == (region, authority or f"dynamodb.{region}.amazonaws.com")


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8000", "not a url", "", "ftp://a", "http://", "http://a:65536", "http://a:x", "http://a/b",
        "http://a?b", "http://u:p@a", "http://a\r\nX-Evil: 1", "http://a\n", "http://ä",
    ],
)  # fmt: skip
def test_no_endpoint(url):
    with pytest.raises(RequestError, match="no endpoint"):
        endpoint_of(url, "us-east-1")


def test_no_region():
    with pytest.raises(RequestError, match="no AWS region: set AWS_REGION"):
        endpoint_of("http://localhost:8000")


@pytest.mark.parametrize("region", ["a.evil.com/", "-a", "a b", "eu\n", "x" * 64])
def test_a_region_that_is_none(region):
    with pytest.raises(RequestError, match="is no AWS region"):
        endpoint_of(None, region)
