"""A server on this machine that answers every request with the bytes it was given, or not at all."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

RESET = b"reset"
HANG = b"hang"


def answer(body: bytes, status: str = "200 OK", length: int | None = None, headers: str = "") -> bytes:
    """An HTTP response; `length` may promise more than the body has."""
    count = len(body) if length is None else length
    head = f"HTTP/1.1 {status}\r\nContent-Length: {count}\r\nConnection: close\r\n{headers}\r\n"
    return head.encode() + body


class FakeServer:
    """Plays the answers one after the other; the last one again and again."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = answers
        self.connections = 0
        self.requests: list[bytes] = []
        self._stopped = threading.Event()
        self._progress = threading.Condition()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self._socket.getsockname()[1]

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self.address[1]}"

    def wait_for(self, connections: int) -> None:
        """Wait until so many have come."""
        with self._progress:
            assert self._progress.wait_for(lambda: self.connections >= connections, timeout=30)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                self._play(connection)

    def _play(self, connection: socket.socket) -> None:
        chosen = self.answers[min(self.connections, len(self.answers) - 1)]
        with self._progress:
            self.connections += 1
            self._progress.notify_all()
        if not self._read_request(connection):
            return
        if chosen == RESET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif chosen == HANG:
            self._stopped.wait(2)
        else:
            connection.sendall(chosen)

    def _read_request(self, connection: socket.socket) -> bool:
        """Whether one came."""
        data = b""
        while b"\r\n\r\n" not in data:
            received = connection.recv(65536)
            if not received:
                return False
            data += received
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
        )
        while len(body) < length:
            body += connection.recv(65536)
        self.requests.append(head + b"\r\n\r\n" + body)
        return True

    def close(self) -> None:
        self._stopped.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


@contextmanager
def serving(*answers: bytes) -> Iterator[FakeServer]:
    server = FakeServer(*answers)
    try:
        yield server
    finally:
        server.close()
