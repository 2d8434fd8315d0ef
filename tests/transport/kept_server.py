"""A server on this machine whose connections stay open, with TLS if it is asked for."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

BODY = b'{"Item": {"id": {"S": "a"}}}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


class KeptServer:
    """Answers each request with what a function makes of it, at once or in pieces.

    Nothing: it closes the connection.
    """

    def __init__(
        self, answers: Callable[[bytes], bytes | Iterator[bytes]], context: ssl.SSLContext | None = None
    ) -> None:
        self.connections = 0
        self.requests: list[bytes] = []
        self._answers = answers
        self._context = context
        self._open: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def endpoint_url(self) -> str:
        return f"http{'s' if self._context else ''}://localhost:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(accepted)
            threading.Thread(target=self._serve, args=(accepted,), daemon=True).start()

    def _serve(self, accepted: socket.socket) -> None:
        try:
            if self._context is not None:
                accepted = self._context.wrap_socket(accepted, server_side=True)
                self._open.append(accepted)
            with accepted:
                while request := self._request(accepted):
                    self.requests.append(request)
                    reply = self._answers(request)
                    if not reply:
                        return
                    for piece in [reply] if isinstance(reply, bytes) else reply:
                        accepted.sendall(piece)
        except OSError:  # the other side went away, or does not trust this one
            accepted.close()

    def _request(self, accepted: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            received = accepted.recv(65_536)
            if not received:
                return b""
            data += received
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
        while len(body) < length:
            body += accepted.recv(65_536)
        return head + b"\r\n\r\n" + body

    def close_connections(self) -> None:
        """As a server does that finds them idle for too long."""
        for accepted in self._open:
            try:
                accepted.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self.close_connections()


@contextmanager
def keeping(
    answers: Callable[[bytes], bytes | Iterator[bytes]] = lambda _: ANSWER,
    context: ssl.SSLContext | None = None,
) -> Iterator[KeptServer]:
    server = KeptServer(answers, context)
    try:
        yield server
    finally:
        server.close()
