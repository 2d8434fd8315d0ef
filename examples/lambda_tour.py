"""How the examples call functions on the local Lambda, and show what became of it."""

from __future__ import annotations

import logging
import re
import time
from collections import defaultdict
from contextlib import contextmanager
from http.client import HTTPConnection
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from rich.padding import Padding
from rich.table import Table as TextTable

from dynamodel.testing.local_lambda import LOCAL_CREDENTIALS, REGION
from examples.show import console, step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dynamodel.testing.local_lambda import Invocation

__all__ = ["call", "show_invocation", "signed_call", "times_at_the_end"]


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


_LOG = logging.getLogger("dynamodel.testing.local_lambda")
_OUTCOME = re.compile(
    r"(?P<function>\S+): \S+ (?:succeeded|failed) in (?P<ms>[\d.]+) ms(?P<cold> after a cold)?"
)


class _Times(logging.Handler):
    """Keeps what the local Lambda logs of each invocation: its time, and whether it was cold."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, dict[bool, list[float]]] = defaultdict(lambda: {True: [], False: []})

    def emit(self, record: logging.LogRecord) -> None:
        """One line of the log."""
        found = _OUTCOME.match(record.getMessage())
        if found is not None:
            self.kept[found["function"]][found["cold"] is not None].append(float(found["ms"]))


@contextmanager
def times_at_the_end() -> Iterator[None]:
    """At the end of the `with`: how long the invocations of each function took, cold and warm."""
    times, level = _Times(), _LOG.level
    _LOG.addHandler(times)
    _LOG.setLevel(logging.INFO)
    try:
        yield
    finally:
        _LOG.removeHandler(times)
        _LOG.setLevel(level)
    step("How long invocations took, whoever invoked them: medians, without the init phase")
    table = TextTable("Function", "Cold", "ms", "Warm", "ms", header_style="bold")
    for function, kinds in times.kept.items():
        table.add_row(function, *(cell for cold in (True, False) for cell in _counted(kinds[cold])))
    console.print(table)


def _counted(milliseconds: list[float]) -> tuple[str, str]:
    return str(len(milliseconds)), f"{median(milliseconds):.1f}" if milliseconds else "-"
