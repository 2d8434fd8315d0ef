"""Credentials, of the environment or of its credentials endpoint. Profiles, SSO and the like are boto3's.

Guarantees: no secret is in a repr, a message or a log; a secret that could add a header is refused.
"""

from __future__ import annotations

import os
import re
import threading
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import orjson
from attrs import field, frozen

from dynamodel.errors import RequestError, ServiceError

if TYPE_CHECKING:
    import http.client

__all__ = ["CredentialSource", "Credentials"]

_REFRESH_BEFORE_SECONDS: Final = 300.0
"""How long before their end credentials are fetched anew."""

_FETCH_AGAIN_SECONDS: Final = 30.0
"""How long nothing is fetched after a fetch, as long as there are credentials that are valid."""

_FETCH_TIMEOUT: Final = 2.0
"""Seconds, as of botocore."""

_LONGEST_ANSWER: Final = 65_536

_HOSTS: Final = {"localhost", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"}
"""Where secrets may come from over plain HTTP, beside loopback addresses: ECS and EKS (AWS SDKs and Tools
reference guide, Container credential provider)."""

_ECS: Final = "http://169.254.170.2"

_VISIBLE: Final = re.compile(r"[!-~]+")


@frozen
class Credentials:
    """What signs requests."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    token: str | None = field(repr=False)
    expires: float | None
    """Seconds since 1970; None: not known."""


class CredentialSource:
    """Finds the credentials of the environment; fetched ones are kept until shortly before they expire."""

    def __init__(self) -> None:
        self._fetched: Credentials | None = None
        self._fetch_at = 0.0
        self._lock = threading.Lock()

    def current(self, until: float) -> Credentials:
        """The credentials for a request that is sent now.

        AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; or those that the address in
        AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI gives, as after a restore of SnapStart.

        Args:
            until: when they must be there, on the clock of `time.monotonic`.

        Raises:
            RequestError: there are none, or they are malformed.
            ServiceError: they could not be fetched (code `CredentialRetrievalError`).
        """
        access_key, secret_key = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
        if access_key and secret_key:
            return _checked(access_key, secret_key, os.environ.get("AWS_SESSION_TOKEN") or None, None)
        if access_key or secret_key:
            missing = "AWS_SECRET_ACCESS_KEY" if access_key else "AWS_ACCESS_KEY_ID"
            raise RequestError(f"half of the AWS credentials: {missing} is not set")
        relative = os.environ.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
        url = _ECS + relative if relative else os.environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
        if not url:
            raise RequestError(
                "no AWS credentials in the environment: the lean transport reads AWS_ACCESS_KEY_ID and the "
                "like, or AWS_CONTAINER_CREDENTIALS_FULL_URI; connect() with boto3 also finds profiles"
            )
        with self._lock:
            return self._kept(url, until)

    def forget(self) -> None:
        """Fetch them anew with the next request."""
        self._fetched = None

    def _kept(self, url: str, until: float) -> Credentials:
        now, kept = time.time(), self._fetched
        if kept is not None and now < self._fetch_at:
            return kept
        try:
            fetched = _fetched(url, min(_FETCH_TIMEOUT, max(until - time.monotonic(), 0.001)))
        except ServiceError:
            if kept is None or (kept.expires is not None and kept.expires <= now):
                raise
            fetched = kept  # which is still valid
        ends = now + _FETCH_AGAIN_SECONDS
        if fetched is not kept and fetched.expires is not None:
            ends = max(ends, fetched.expires - _REFRESH_BEFORE_SECONDS)
        self._fetch_at = ends if fetched.expires is None else min(ends, fetched.expires)
        self._fetched = fetched
        return fetched


def _checked(access_key: str, secret_key: str, token: str | None, expires: float | None) -> Credentials:
    if not _VISIBLE.fullmatch(access_key) or not (token is None or _VISIBLE.fullmatch(token)):
        raise RequestError("AWS credentials have a space, a line break or another character that none has")
    return Credentials(access_key, secret_key, token, expires)


def _fetched(url: str, timeout: float) -> Credentials:
    """What the credentials endpoint answers; each step of it may take so many seconds."""
    import http.client  # noqa: PLC0415 - where the environment has credentials, it is not needed

    connection, path = _connection(url, timeout)
    try:
        connection.request("GET", path, headers={"Accept": "application/json", **_authorization()})
        response = connection.getresponse()
        body = response.read(_LONGEST_ANSWER)
    except (OSError, http.client.HTTPException) as error:
        raise _not_fetched(type(error).__name__) from None
    finally:
        connection.close()
    if response.status != 200:
        raise _not_fetched(f"status {response.status}")
    try:
        told: Any = orjson.loads(body)
        ends = told.get("Expiration")
        expires = None if ends is None else datetime.fromisoformat(ends).timestamp()
        return _checked(told["AccessKeyId"], told["SecretAccessKey"], told.get("Token"), expires)
    except (AttributeError, KeyError, TypeError, ValueError):  # whose texts may quote the answer
        raise _not_fetched("an unknown answer") from None


def _connection(url: str, timeout: float) -> tuple[http.client.HTTPConnection, str]:
    import http.client  # noqa: PLC0415 - see above
    from urllib.parse import urlsplit  # noqa: PLC0415 - see above

    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise RequestError("AWS_CONTAINER_CREDENTIALS_FULL_URI is no URL") from None
    if not host or parts.scheme not in {"http", "https"} or not _VISIBLE.fullmatch(url):
        raise RequestError("AWS_CONTAINER_CREDENTIALS_FULL_URI is no URL")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=timeout), path
    if host not in _HOSTS and not _is_loopback(host):
        raise RequestError(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI: a host that is not this machine's needs https"
        )
    return http.client.HTTPConnection(host, port, timeout=timeout), path


def _is_loopback(host: str) -> bool:
    from ipaddress import ip_address  # noqa: PLC0415 - see above

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _authorization() -> dict[str, str]:
    """The header that shows to the credentials endpoint who asks."""
    path = os.environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
    token = os.environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN")
    if path:
        try:
            with open(path, encoding="utf-8") as file:
                token = file.read()
        except (OSError, ValueError):
            raise RequestError("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read") from None
    if not token:
        return {}
    if re.search(r"[^ -~]", token):
        raise RequestError("AWS_CONTAINER_AUTHORIZATION_TOKEN has a line break, or what is not ASCII")
    return {"Authorization": token}


def _not_fetched(why: str) -> ServiceError:
    return ServiceError("CredentialRetrievalError", f"the credentials endpoint gave none: {why}")
