"""Connections to one host, which are kept and used again.

Guarantees: opening one and an exchange end in time, however slowly the other side sends; a connection that
was idle for a minute, that the other side has closed, or that stems from before `close()` or a fork, is not
used again; certificates are verified always.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from dynamodel.errors import RequestError, UnreachableError
from dynamodel.transport.lean_responses import HttpResponse, NoResponseError, read_response
from dynamodel.transport.protocol import MAX_AT_ONCE

if TYPE_CHECKING:
    import ssl

    from dynamodel.transport.lean_endpoints import Endpoint

__all__ = ["Connection", "Connections"]

_MAX_IDLE_SECONDS: Final = 60.0
"""As the AWS SDK for Java has it (`connectionMaxIdleTime`). An environment of Lambda may be frozen for
minutes between two invocations, and what ends connections on their way does not always tell."""

_AT_ONCE: Final = 262_144
"""How many bytes are read at a time, at most."""


_Address: TypeAlias = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]
"""As `socket.getaddrinfo` gives them."""


class Connection:
    """A connection, for one exchange at a time."""

    def __init__(self, opened: socket.socket, place: str, generation: tuple[int, int]) -> None:
        self.generation = generation
        """The process that opened it, and how many times all connections had been closed before."""
        self._socket = opened
        self._place = place
        self._idle_since = 0.0

    def exchange(self, message: bytes, longest_wait: float, until: float) -> HttpResponse:
        """Send a request, and return its response.

        Args:
            message: head and body; they leave together.
            longest_wait: seconds without any byte.
            until: when all must have come, on the clock of `time.monotonic`.

        Raises:
            UnreachableError: that was too long, or the connection ended.
        """
        try:
            left = memoryview(message)
            while left:
                self._socket.settimeout(_left(longest_wait, until))
                left = left[self._socket.send(left) :]
            return read_response(lambda: self._received(longest_wait, until))
        except TimeoutError as error:
            raise UnreachableError("ReadTimeoutError", f"{self._place} did not answer in time", "") from error
        except OSError as error:
            raise UnreachableError("ConnectionClosedError", f"{self._place}: {_why(error)}", "") from error
        except NoResponseError as error:
            raise UnreachableError("ConnectionClosedError", f"{self._place}: {error}", "") from None

    def _received(self, longest_wait: float, until: float) -> bytes:
        self._socket.settimeout(_left(longest_wait, until))
        return self._socket.recv(_AT_ONCE)

    def rest(self) -> None:
        """It is idle from now on."""
        self._idle_since = time.time()  # which goes on while an environment is frozen

    def is_usable(self) -> bool:
        """Whether another request may be sent over it."""
        if not 0 <= time.time() - self._idle_since <= _MAX_IDLE_SECONDS:
            return False
        try:
            self._socket.settimeout(0)
            self._socket.recv(1)  # also reads what belongs to TLS alone, such as session tickets
        except OSError as error:
            return isinstance(error, BlockingIOError) or type(error).__name__ == "SSLWantReadError"
        return False  # it was closed, or says what nobody asked for

    def close(self) -> None:
        """Close it."""
        self._socket.close()


class Connections:
    """Opens connections to an endpoint, and keeps those that are idle; the last one used goes first."""

    def __init__(self, endpoint: Endpoint, connect_timeout: float) -> None:
        self._endpoint = endpoint
        self._connect_timeout = connect_timeout
        self._context = _context(os.environ.get("AWS_CA_BUNDLE")) if endpoint.is_tls else None
        self._idle: list[Connection] = []  # whose append() and pop() are atomic
        self._times_closed = 0

    @property
    def _generation(self) -> tuple[int, int]:
        """Of which generation a connection has to be.

        A process that was forked, as by `multiprocessing`, has copies of its parent's: each of the two would
        read the other's answers.
        """
        return os.getpid(), self._times_closed

    def take(self, until: float) -> Connection:
        """An idle connection, or a new one.

        Args:
            until: when it must stand, on the clock of `time.monotonic`.

        Raises:
            UnreachableError: none can be had. Nothing was sent then.
        """
        while self._idle:
            try:
                kept = self._idle.pop()
            except IndexError:  # another thread was faster
                break
            if kept.generation == self._generation and kept.is_usable():
                return kept
            kept.close()
        return self._opened(min(until, time.monotonic() + self._connect_timeout))

    def give_back(self, connection: Connection) -> None:
        """Keep a connection that is idle from now on."""
        if connection.generation != self._generation or len(self._idle) >= MAX_AT_ONCE:
            connection.close()
            return
        connection.rest()
        self._idle.append(connection)

    def close(self) -> None:
        """Close those that are idle, and each other one after its exchange."""
        self._times_closed += 1
        closed, self._idle = self._idle, []
        for connection in closed:
            connection.close()

    def _opened(self, until: float) -> Connection:
        generation, place = self._generation, self._endpoint.authority
        try:
            connected = _connected(self._endpoint, until)
        except TimeoutError as error:
            raise UnreachableError("ConnectTimeoutError", f"no connection to {place} in time", "") from error
        except OSError as error:
            text = f"no connection to {place}: {_why(error)}"
            raise UnreachableError("EndpointConnectionError", text, "") from error
        return Connection(self._secured(connected, until), place, generation)

    def _secured(self, connected: socket.socket, until: float) -> socket.socket:
        if self._context is None:
            return connected
        place = self._endpoint.authority
        try:
            connected.settimeout(_left(self._connect_timeout, until))
            return self._context.wrap_socket(connected, server_hostname=self._endpoint.host)
        except TimeoutError as error:
            connected.close()
            raise UnreachableError("ConnectTimeoutError", f"no connection to {place} in time", "") from error
        except OSError as error:
            connected.close()
            raise UnreachableError("SSLError", f"no TLS with {place}: {_why(error)}", "") from error


def _connected(endpoint: Endpoint, until: float) -> socket.socket:
    """Connected to the first of the host's addresses that listens."""
    failure: OSError = OSError("the host has no address")
    for family, kind, protocol, _, address in _addresses(endpoint, until):
        opened = socket.socket(family, kind, protocol)
        try:
            opened.settimeout(_left(until - time.monotonic(), until))
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            opened.connect(address)
        except OSError as error:
            opened.close()
            failure = error
        else:
            return opened
    raise failure


def _addresses(endpoint: Endpoint, until: float) -> list[_Address]:
    """Looked up in a thread, which may go on: where no name server answers, that has no timeout of ours."""
    found: list[_Address] = []
    failed: list[OSError] = []

    def look_up() -> None:
        try:
            found.extend(socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM))
        except OSError as error:
            failed.append(error)
        except UnicodeError:  # of Python's own check of names
            failed.append(socket.gaierror(socket.EAI_NONAME, "no host can have this name"))

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(max(until - time.monotonic(), 0.0))
    if thread.is_alive():
        raise TimeoutError
    for failure in failed:
        raise failure
    return found


def _left(longest: float, until: float) -> float:
    """How long to wait for the next step; a socket that waits for 0 seconds would not wait at all.

    Raises:
        TimeoutError: no time is left.
    """
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return min(longest, left)


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__


@cache
def _context(bundle: str | None) -> ssl.SSLContext:
    import ssl  # noqa: PLC0415 - an endpoint on this machine needs none

    try:
        if bundle and os.path.isdir(bundle):
            return ssl.create_default_context(capath=bundle)
        return ssl.create_default_context(cafile=bundle or None)
    except OSError as error:
        raise RequestError(f"AWS_CA_BUNDLE: {_why(error)}: {bundle!r} is no file of certificates") from None
