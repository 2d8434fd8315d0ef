"""The Runtime API, which AWS's runtime asks for its next event: HTTP on a port of its own.

A runtime does not say who it is, so each execution environment has a port. Guarantee: nothing here runs by
itself; whoever waits for the runtime serves it meanwhile, so that no thread is left when nobody waits.

Source: AWS Lambda developer guide, Using the Lambda runtime API. `awslambdaric` 4 sends bodies with a
Content-Length, and keeps one connection for all invocations (measured).
"""

from __future__ import annotations

import http.client
import selectors
import socket
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["PREFIX", "RuntimeApi", "RuntimeRequest"]

PREFIX = "/2018-06-01/runtime/"
"""Of every path."""

_HOST = "127.0.0.1"
_STUCK_SECONDS = 30.0
"""How long a request may stop in its middle: both ends are on this machine."""


@frozen
class RuntimeRequest:
    """What a runtime asks or tells."""

    path: str
    """Without the prefix, such as `invocation/next`."""
    headers: http.client.HTTPMessage = field(repr=False)
    body: bytes = field(repr=False)
    _connection: socket.socket = field(repr=False)

    def answer(self, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        """Answers it. A runtime that has gone meanwhile is no error here; the next wait finds out.

        Args:
            status: the HTTP status.
            headers: beside Content-Length.
            body: the body.
        """
        lines = [f"HTTP/1.1 {status} {http.client.responses[status]}"]
        lines += [f"{name}: {value}" for name, value in {**headers, "Content-Length": len(body)}.items()]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        with suppress(OSError):
            # In one piece: two would wait for each other, 43 ms each time (measured).
            self._connection.sendall(head + body)


class RuntimeApi:
    """One port, and the connections to it."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._readers: dict[int, Callable[[], RuntimeRequest | None]] = {}
        self._connections: dict[int, tuple[socket.socket, IO[bytes]]] = {}
        self._listener = socket.create_server((_HOST, 0))
        self._listener.setblocking(False)
        self._on_input(self._listener.fileno(), self._accept)
        self.address = "{}:{}".format(*self._listener.getsockname())
        """HOST:PORT, as the variable AWS_LAMBDA_RUNTIME_API has it."""

    def watch(self, descriptor: int, read: Callable[[], bool]) -> None:
        """Has `read` called whenever a file has something to read, until it returns False.

        Args:
            descriptor: of the file.
            read: reads it without waiting; whether there may be more, later.
        """

        def ready() -> None:
            if not read():
                self._forget(descriptor)

        self._on_input(descriptor, ready)

    def next_request(self, seconds: float) -> RuntimeRequest | None:
        """The next request of the runtime.

        Args:
            seconds: how long to wait for one.

        Returns:
            None: none came, and there is nothing left to read on any connection.
        """
        until = time.monotonic() + seconds
        while True:
            events = self._selector.select(max(0.0, until - time.monotonic()))
            if not events:
                return None
            about_connections = False
            for key, _ in events:
                request = self._readers[key.fd]()
                if request is not None:
                    return request
                about_connections |= key.fd in self._connections or key.fd == self._listener.fileno()
            # Somebody may print for ever. Connections on the other hand are read to their end.
            if not about_connections and time.monotonic() >= until:
                return None

    def close(self) -> None:
        """Closes the port and all connections."""
        for descriptor in list(self._connections):
            self._hang_up(descriptor)
        self._selector.close()
        self._listener.close()

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # gone before it was accepted
            return
        connection.settimeout(_STUCK_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        descriptor = connection.fileno()
        self._connections[descriptor] = connection, connection.makefile("rb")
        self._on_input(descriptor, lambda: self._read(descriptor))

    def _read(self, descriptor: int) -> RuntimeRequest | None:
        connection, file = self._connections[descriptor]
        try:
            return _request(file, connection)
        except (OSError, ValueError, http.client.HTTPException):  # its end, or no HTTP
            self._hang_up(descriptor)
            return None

    def _hang_up(self, descriptor: int) -> None:
        self._forget(descriptor)
        connection, file = self._connections.pop(descriptor)
        file.close()
        connection.close()

    def _on_input(self, descriptor: int, read: Callable[[], RuntimeRequest | None]) -> None:
        self._readers[descriptor] = read
        self._selector.register(descriptor, selectors.EVENT_READ)

    def _forget(self, descriptor: int) -> None:
        self._selector.unregister(descriptor)
        del self._readers[descriptor]


def _request(file: IO[bytes], connection: socket.socket) -> RuntimeRequest:
    line = file.readline().decode("latin-1")
    _method, path, _version = line.split()  # ValueError where the connection has ended
    headers = http.client.parse_headers(file)
    length = int(headers.get("Content-Length", "0"))
    body = file.read(length)
    if len(body) < length:
        raise ConnectionResetError
    return RuntimeRequest(path.removeprefix(PREFIX), headers, body, connection)
