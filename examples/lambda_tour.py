"""How the examples call functions on the local Lambda, and show what became of it."""

from __future__ import annotations

import time
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from rich.padding import Padding

from dynamodel.testing.local_lambda import LOCAL_CREDENTIALS, REGION
from examples.show import console

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel.testing.local_lambda import Invocation

__all__ = ["call", "show_invocation", "signed_call"]


def show_invocation(invocation: Invocation) -> None:
    """Its answer and times."""
    answer = invocation.payload.decode()
    if invocation.init_seconds is None:
        console.print(f"warm  {_ms(invocation.seconds)}  {answer}", highlight=False)
    else:
        init = f"(and {_ms(invocation.init_seconds)} to initialise)"
        console.print(f"cold  {_ms(invocation.seconds)}  {answer} {init}", highlight=False)


def call(url: str, method: str = "GET", body: str = "", headers: Mapping[str, str] | None = None) -> str:
    """One HTTP request; prints how it went, and gives the body of the answer.

    Args:
        url: where.
        method: GET, POST ...
        body: JSON.
        headers: of the request.
    """
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc)
    began = time.perf_counter()
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    connection.request(method, path, body.encode() or None, dict(headers or {}))
    answer = connection.getresponse()
    text = answer.read().decode()
    seconds = time.perf_counter() - began
    connection.close()
    console.print(f"{answer.status}  {_ms(seconds)}  {method} {_cut(path, 70)}", highlight=False)
    console.print(Padding(_cut(text, 190), (0, 0, 0, 2), expand=False), highlight=False)
    return text


def signed_call(
    url: str, method: str = "GET", body: str = "", headers: Mapping[str, str] | None = None
) -> str:
    """As `call`, signed with the credentials of the local Lambda."""
    keys = Credentials(LOCAL_CREDENTIALS.access_key, LOCAL_CREDENTIALS.secret_key)
    request = AWSRequest(method, url, dict(headers or {}), body.encode())
    SigV4Auth(keys, "lambda", REGION).add_auth(request)
    return call(url, method, body, dict(request.headers.items()))


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}..."


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:6.1f} ms"
