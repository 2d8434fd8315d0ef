"""Where DynamoDB is: the region and the endpoint, of arguments and of the environment.

Guarantee: an endpoint is a scheme, a host and a port of plain ASCII: nothing of it can add to a request.
"""

from __future__ import annotations

import os
import re
from typing import Final

from attrs import frozen

from dynamodel.errors import RequestError

__all__ = ["Endpoint", "endpoint_of"]

_URL: Final = re.compile(r"(https?)://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?/?")

_REGION: Final = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
"""What may stand in a host's name."""

_SUFFIXES: Final = {
    "cn-": ("amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    "eusc-": ("amazonaws.eu", "api.amazonwebservices.eu"),
    "us-iso-": ("c2s.ic.gov", "api.aws.ic.gov"),
    "us-isob-": ("sc2s.sgov.gov", "api.aws.scloud"),
    "eu-isoe-": ("cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    "us-isof-": ("csp.hci.ic.gov", "api.aws.hci.ic.gov"),
}
"""For regions that begin so: the suffix of a host, and that of one with IPv6 (botocore, partitions.json)."""

_SUFFIX: Final = ("amazonaws.com", "api.aws")
"""For all others."""


@frozen
class Endpoint:
    """A region's DynamoDB, or what stands in its place."""

    region: str
    host: str
    """Without the brackets of an IPv6 address."""
    port: int
    is_tls: bool

    @property
    def authority(self) -> str:
        """The header `Host`: the port is in it where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_tls else 80) else f"{host}:{self.port}"


def endpoint_of(endpoint_url: str | None = None, region: str | None = None) -> Endpoint:
    """The endpoint, found as AWS's SDKs find it, without their files.

    The region is the argument, AWS_REGION or AWS_DEFAULT_REGION. The endpoint is the argument,
    AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL, or the region's own; AWS_USE_FIPS_ENDPOINT and
    AWS_USE_DUALSTACK_ENDPOINT choose among those, and AWS_IGNORE_CONFIGURED_ENDPOINT_URLS leaves only those
    (AWS SDKs and Tools reference guide).

    Raises:
        RequestError: there is no region, or one of the two cannot be one.
    """
    found = region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not found:
        raise RequestError("no AWS region: set AWS_REGION, or give region=")
    if not _REGION.fullmatch(found):
        raise RequestError(f"{found!r} is no AWS region")
    url = endpoint_url if endpoint_url is not None else _configured() or _url_of(found)
    parts = _URL.fullmatch(url)
    port = parts and int(parts[3] or (443 if parts[1] == "https" else 80))
    if parts is None or port is None or port > 65_535:
        raise RequestError(f"{url!r} is no endpoint: it is http(s)://HOST or http(s)://HOST:PORT")
    return Endpoint(found, parts[2].strip("[]"), port, parts[1] == "https")


def _configured() -> str | None:
    if _is_on("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"):
        return None
    return os.environ.get("AWS_ENDPOINT_URL_DYNAMODB") or os.environ.get("AWS_ENDPOINT_URL")


def _url_of(region: str) -> str:
    if region == "local":
        return "http://localhost:8000"
    dual_stack = _is_on("AWS_USE_DUALSTACK_ENDPOINT")
    suffixes = (own for start, own in _SUFFIXES.items() if region.startswith(start))
    suffix = next(suffixes, _SUFFIX)[dual_stack]
    is_fips = _is_on("AWS_USE_FIPS_ENDPOINT")
    if region.startswith("us-gov-") and not dual_stack:  # whose ordinary hosts are FIPS endpoints
        is_fips = False
    return f"https://dynamodb{'-fips' if is_fips else ''}.{region}.{suffix}"


def _is_on(variable: str) -> bool:
    return os.environ.get(variable, "").lower() == "true"
