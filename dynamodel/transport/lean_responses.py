"""HTTP/1.1 responses, read from whatever gives their bytes (RFC 9112). It does no input itself.

Guarantee: a response without a whole head, or whose end is not certain, raises. A body that is shorter than
its head tells is given as it came: no part of a JSON object is one, so that whoever parses it finds out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HttpResponse", "NoResponseError", "read_response"]

_LONGEST_LINES: Final = 65_536
"""In bytes: a status line with all headers, or a line of a chunked body."""

_STATUS: Final = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?: .*)?")
_HEADER: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")
_LENGTH: Final = re.compile(r"[0-9]{1,15}")
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?")


class NoResponseError(Exception):
    """The bytes are no HTTP response, or not all of one. Its text quotes none of them."""


class HttpResponse(NamedTuple):
    """One response."""

    status: int
    headers: dict[str, str]
    """By their names in small letters; of several with one name, the last."""
    body: bytes
    may_go_on: bool
    """Whether the connection is good for another request."""


def read_response(receive: Callable[[], bytes]) -> HttpResponse:
    """The response to a POST.

    Args:
        receive: gives the next bytes, at least one; none at the end of the connection.

    Raises:
        NoResponseError: there is none.
    """
    received = _Received(receive)
    version, status, lines = _head(received)
    while status < 200:  # interim responses
        version, status, lines = _head(received)
    headers = _headers(lines)
    body, has_end = _body(status, headers, received)
    options = headers.get("connection", "").lower()
    stays = "keep-alive" in options if version == b"0" else "close" not in options
    return HttpResponse(status, headers, body, stays and has_end and not received.rest)


def _head(received: _Received) -> tuple[bytes, int, list[bytes]]:
    """The minor version, the status, and the lines of headers."""
    first, *lines = received.until(b"\r\n\r\n").split(b"\r\n")
    parts = _STATUS.fullmatch(first)
    if parts is None:
        raise NoResponseError("the answer is not HTTP/1.1")
    return parts[1], int(parts[2]), lines


def _headers(lines: list[bytes]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        parts = _HEADER.fullmatch(line)
        if parts is None:
            raise NoResponseError("the answer has a line that is no header")
        name, value = parts[1].decode().lower(), parts[2].decode("latin-1")
        if name == "content-length" and headers.get(name, value) != value:
            raise NoResponseError("the answer has two lengths")
        headers[name] = value
    return headers


def _body(status: int, headers: dict[str, str], received: _Received) -> tuple[bytes, bool]:
    """The body, and whether something else than the end of the connection ended it."""
    if status in {204, 304}:
        return b"", True
    coding, length = headers.get("transfer-encoding"), headers.get("content-length")
    if coding is not None:
        if coding.lower() != "chunked" or length is not None:
            raise NoResponseError("the answer's length is not certain")
        return _chunks(received), True
    if length is None:
        return received.all(), False
    if not _LENGTH.fullmatch(length):
        raise NoResponseError("the answer's length is no number")
    return received.at_most(int(length))


def _chunks(received: _Received) -> bytes:
    whole = bytearray()
    while True:
        size = _CHUNK.fullmatch(received.until(b"\r\n"))
        if size is None:
            raise NoResponseError("the answer has a chunk without a size")
        if int(size[1], 16) == 0:
            break
        whole += received.exactly(int(size[1], 16))
        if received.exactly(2) != b"\r\n":
            raise NoResponseError("the answer has a chunk without an end")
    while received.until(b"\r\n"):  # trailers
        pass
    return bytes(whole)


class _Received:
    """The bytes that have come, and those that are still to come."""

    def __init__(self, receive: Callable[[], bytes]) -> None:
        self._receive = receive
        self.rest = bytearray()
        """What has come and was not taken."""

    def until(self, end: bytes) -> bytes:
        """What stands before the next `end`, which is taken too."""
        searched = 0
        while (found := self.rest.find(end, searched)) < 0:
            if len(self.rest) > _LONGEST_LINES:
                raise NoResponseError("the answer has too long a head")
            searched = max(0, len(self.rest) - len(end) + 1)
            self._more()
        return self._taken(found, found + len(end))

    def exactly(self, count: int) -> bytes:
        """So many bytes."""
        while len(self.rest) < count:
            self._more()
        return self._taken(count, count)

    def at_most(self, count: int) -> tuple[bytes, bool]:
        """So many bytes, or all until the end of the connection; and whether they are so many."""
        while len(self.rest) < count:
            data = self._receive()
            if not data:
                return self._taken(len(self.rest), len(self.rest)), False
            self.rest += data
        return self._taken(count, count), True

    def all(self) -> bytes:
        """All until the end of the connection."""
        while data := self._receive():
            self.rest += data
        return self._taken(len(self.rest), len(self.rest))

    def _more(self) -> None:
        data = self._receive()
        if not data:
            raise NoResponseError("the connection ended before the answer did")
        self.rest += data

    def _taken(self, count: int, without: int) -> bytes:
        taken = bytes(self.rest[:count])
        del self.rest[:without]
        return taken
