"""HTTP/1.1 connections of a local function URL: requests are read, answers are written.

Guarantees: a request is answered only once it was read to its end, so that the connection can carry the
next one; what is no HTTP, too large, or framed in two ways at once is refused, and its connection closed.
Headers and body of an answer leave in one write. Only this machine reaches the port.
"""

from __future__ import annotations

import io
import socket
import socketserver
import sys
import threading
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from time import monotonic
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlsplit

from dynamodel.testing.local_lambda.invocation import MAX_PAYLOAD_BYTES, InvocationRefusedError
from dynamodel.testing.local_lambda.url_answers import error_answer, refusal_of, too_large
from dynamodel.testing.local_lambda.url_events import UrlAnswer, UrlRequest

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import Message

__all__ = ["HOST", "ConnectionServer"]

HOST = "127.0.0.1"

_IDLE_SECONDS = 60.0
"""After which a silent connection is closed."""
_STOP_SECONDS = 10.0
_DRAINED_BYTES = 64 * 1024 * 1024
"""How much of a body that is too large is read nevertheless: a client that is still sending when its
connection is closed would not see the answer."""
_CHUNK_BYTES = 64 * 1024
_LINE_BYTES = 1024
_SAFE = "".join(map(chr, range(0x21, 0x7F)))
"""What stays as it is in a request target; everything else is percent-encoded."""


class ConnectionServer(socketserver.TCPServer):
    """Listens on a free port of this machine, with a thread for each connection.

    Args:
        answer: called in those threads with each request.
    """

    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, answer: Callable[[UrlRequest], UrlAnswer]) -> None:
        self.answer = answer
        self._threads: dict[threading.Thread, socket.socket] = {}
        self._lock = threading.Lock()
        super().__init__((HOST, 0), _Connection)
        self.port: int = self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """A connection was accepted."""
        # Daemon threads: a client that keeps its connection open does not keep the program alive.
        thread = threading.Thread(target=self._serve, args=(request, client_address), daemon=True)
        with self._lock:
            self._threads[thread] = request
        thread.start()

    def _serve(self, request: socket.socket, client_address: object) -> None:
        try:
            self.finish_request(request, client_address)
        except Exception:  # as socketserver has it: one connection does not end the others
            self.handle_error(request, client_address)
        finally:
            with self._lock:
                del self._threads[threading.current_thread()]
            self.shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Prints what went wrong, unless the client is just gone."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    def close(self) -> None:
        """Takes no more requests, and waits for up to 10 seconds for those that are being answered."""
        self.shutdown()
        with self._lock:
            connections = dict(self._threads)
        for connection in connections.values():
            _stop_reading(connection)
        deadline = monotonic() + _STOP_SECONDS
        for thread in connections:
            thread.join(max(0.0, deadline - monotonic()))
        self.server_close()


def _stop_reading(connection: socket.socket) -> None:
    """An idle connection ends, and one with a request after its answer."""
    with suppress(OSError):  # it may be closed already
        connection.shutdown(socket.SHUT_RD)


class _Reader(io.BufferedReader):
    """Remembers whether its last line came to an end; the standard library does not ask, in a head."""

    is_cut = False

    def readline(self, size: int | None = -1, /) -> bytes:
        """A line, or what there is of it."""
        line = super().readline(size)
        self.is_cut = not line.endswith(b"\n")
        return line


class _Connection(BaseHTTPRequestHandler):
    """One connection."""

    rbufsize = 0  # the buffer is _Reader's
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Before the first request."""
        super().setup()
        self._reader = _Reader(cast("io.RawIOBase", self.rfile))
        self.rfile = self._reader

    def parse_request(self) -> bool:
        """Reads the head of a request; any method will do."""
        if not super().parse_request():
            return False
        if self._reader.is_cut or self.request_version == "HTTP/0.9":
            self.send_error(HTTPStatus.BAD_REQUEST, "the head of the request has no end")
            return False
        setattr(self, f"do_{self.command}", self._respond)
        return True

    def handle_expect_100(self) -> bool:
        """Whether the client shall send its body: not if it is too large anyway."""
        try:
            if _length(self.headers) <= MAX_PAYLOAD_BYTES:
                return super().handle_expect_100()
            refused = too_large()
        except InvocationRefusedError as error:
            refused = error
        self._write(refusal_of(refused), closing=True)
        return False

    def _respond(self) -> None:
        server = self.server
        assert isinstance(server, ConnectionServer)
        try:
            answer = server.answer(self._request())
        except InvocationRefusedError as refused:
            answer, self.close_connection = refusal_of(refused), True
        self._write(answer, closing=self.close_connection)

    # --- requests ---

    def _request(self) -> UrlRequest:
        path, query = _target(self.path)
        return UrlRequest(
            method=self.command,
            path=path,
            query=query,
            headers=tuple((name, _text(value)) for name, value in self.headers.items()),
            body=self._body(),
            source_ip=self.client_address[0],
        )

    def _body(self) -> bytes:
        coding, length = self.headers.get("transfer-encoding"), _length(self.headers)
        if coding is not None:
            if "content-length" in self.headers or coding.strip().lower() != "chunked":
                raise _malformed("the body must have either a length or the coding 'chunked'")
            return self._chunks()
        if length > MAX_PAYLOAD_BYTES:
            self._drain(length)
            raise too_large()
        return self._exactly(length)

    def _drain(self, length: int) -> None:
        left = min(length, _DRAINED_BYTES)
        while left > 0:
            read = len(self.rfile.read(min(left, _CHUNK_BYTES)))
            left = left - read if read else 0

    def _exactly(self, length: int) -> bytes:
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionAbortedError("the client went before the end of its request")
        return body

    def _chunks(self) -> bytes:
        """A body whose length is not known at its beginning (RFC 9112, 7.1)."""
        body, drained = bytearray(), 0
        while size := self._chunk_size():
            if len(body) + size <= MAX_PAYLOAD_BYTES and not drained:
                body += self._exactly(size)
            else:
                drained += size
                self._drain(size)
                if drained > _DRAINED_BYTES:
                    raise too_large()
            self._line()
        while self._line():
            pass  # trailers
        if drained:
            raise too_large()
        return bytes(body)

    def _chunk_size(self) -> int:
        text = self._line().partition(b";")[0].strip()
        if not text or len(text) > 8 or text.strip(b"0123456789abcdefABCDEF"):
            raise _malformed("the body has a chunk without a size")
        return int(text, 16)

    def _line(self) -> bytes:
        line = self.rfile.readline(_LINE_BYTES)
        if not line.endswith(b"\n"):
            raise _malformed("the body ends within a chunk, or has a line that is too long")
        return line.rstrip(b"\r\n")

    # --- answers ---

    def _write(self, answer: UrlAnswer, *, closing: bool) -> None:
        bodyless = answer.status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
        headers = [("date", self.date_time_string()), *answer.headers]
        if not bodyless:
            headers.append(("content-length", str(len(answer.body))))
        if closing:
            headers.append(("connection", "close"))
            self.close_connection = True
        lines = [f"HTTP/1.1 {answer.status} {_reason(answer.status)}"]
        lines += [f"{name}: {value}" for name, value in headers]
        head = "\r\n".join([*lines, "", ""]).encode()
        self.wfile.write(head if bodyless or self.command == "HEAD" else head + answer.body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the base class refuses: no HTTP, or a head that is too long."""
        self.command = getattr(self, "command", None) or ""
        text = message or _reason(code)
        self._write(error_answer(code, "BadRequest", {"message": text}), closing=True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keeps still: tests and servers have logs of their own."""


def _target(target: str) -> tuple[str, str]:
    """Path and query of a request target, both percent-encoded.

    Bytes that must be encoded and are not, as of an é, are: AWS's events have them so (remix-aws#7).
    """
    if target.startswith(("http://", "https://")):
        parts = urlsplit(target)
        target = f"{parts.path or '/'}?{parts.query}"
    if not target.startswith("/"):
        raise _malformed("the request target must begin with '/'")
    path, _, query = quote(target.encode("latin-1"), safe=_SAFE).partition("?")
    return path, query


def _text(value: str) -> str:
    """A header's value, which the standard library reads as Latin-1, as UTF-8 if it is that."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _length(headers: Message) -> int:
    """The length of the body.

    Raises:
        InvocationRefusedError: there are several, or it is none.
    """
    found = set(headers.get_all("content-length", ["0"]))
    text = found.pop().strip()
    if found or not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise _malformed("Content-Length must be one number")
    return int(text)


def _malformed(message: str) -> InvocationRefusedError:
    return InvocationRefusedError("BadRequest", HTTPStatus.BAD_REQUEST, message)


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
