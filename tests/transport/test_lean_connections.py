"""Connections: which are used again, how long they take, and whom they trust."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time

import pytest

from dynamodel import RequestError, UnreachableError
from dynamodel.transport import lean_connections
from dynamodel.transport.lean_connections import Connections
from dynamodel.transport.lean_endpoints import endpoint_of
from dynamodel.transport.lean_retries import Limits
from dynamodel.transport.lean_transport import LeanTransport
from dynamodel.transport.protocol import MAX_AT_ONCE

from .certificates import made_in
from .kept_server import ANSWER, keeping
from .test_boto3_transport import GET

REQUEST = b"POST / HTTP/1.1\r\nhost:x\r\ncontent-length:0\r\n\r\n"


def soon() -> float:
    return time.monotonic() + 30


def to(url: str, connect_timeout: float = 30.0) -> Connections:
    return Connections(endpoint_of(url, "us-east-1"), connect_timeout)


def exchanged(connections: Connections) -> None:
    connection = connections.take(soon())
    assert connection.exchange(REQUEST, 30.0, soon()).status == 200
    connections.give_back(connection)


def test_one_serves_one_request_after_the_other():
    with keeping() as server:
        connections = to(server.endpoint_url)
        for _ in range(5):
            exchanged(connections)
        assert server.connections == 1
        connections.close()


def test_the_last_one_used_goes_first():
    with keeping() as server:
        connections = to(server.endpoint_url)
        first, second = connections.take(soon()), connections.take(soon())
        connections.give_back(first)
        connections.give_back(second)
        assert connections.take(soon()) is second
        assert connections.take(soon()) is first
        first.close()
        second.close()


@pytest.mark.parametrize("seconds", [61, -1])
def test_one_that_was_idle_for_long_is_not_used_again(monkeypatch, seconds):
    """Nor one from the future: the clock was set back, and nobody knows how long it was idle."""
    with keeping() as server:
        connections = to(server.endpoint_url)
        exchanged(connections)
        later = time.time() + seconds
        monkeypatch.setattr(lean_connections.time, "time", lambda: later)
        exchanged(connections)
        assert server.connections == 2
        connections.close()


def closed_by(server, connections) -> None:
    """Wait until this side knows that the other one closed."""
    server.close_connections()
    [kept] = connections._idle
    kept._socket.settimeout(30)
    while kept._socket.recv(1, socket.MSG_PEEK):
        pass


def test_one_that_the_server_closed_is_not_used_again():
    with keeping() as server:
        connections = to(server.endpoint_url)
        exchanged(connections)
        closed_by(server, connections)
        exchanged(connections)
        assert server.connections == 2
        connections.close()


def test_one_that_says_more_than_its_answer_is_not_used_again():
    with keeping(lambda _: ANSWER + b"more") as server:
        transport = LeanTransport.open(server.endpoint_url, "us-east-1")
        transport.send(GET)
        transport.send(GET)
        assert server.connections == 2
        transport.close()


def test_close_drops_those_in_use_when_they_are_given_back():
    with keeping() as server:
        connections = to(server.endpoint_url)
        in_use = connections.take(soon())
        exchanged(connections)
        connections.close()
        connections.give_back(in_use)
        assert connections._idle == []
        assert in_use._socket.fileno() == -1
        exchanged(connections)
        assert server.connections == 3
        connections.close()


def test_one_that_was_given_back_while_all_were_closed_is_not_used_again():
    """As when another thread calls `close()` in the middle of `give_back()`."""
    with keeping() as server:
        connections = to(server.endpoint_url)
        late = connections.take(soon())
        connections.close()
        late.rest()
        connections._idle.append(late)
        exchanged(connections)
        assert server.connections == 2
        assert late._socket.fileno() == -1
        connections.close()


def test_a_process_that_was_forked_has_connections_of_its_own():
    """On one connection, each of the two processes would read answers that are the other's."""
    with keeping() as server:
        connections = to(server.endpoint_url)
        exchanged(connections)
        in_use = connections.take(soon())
        child = os.fork()
        if child == 0:
            connections.give_back(in_use)
            exchanged(connections)
            os._exit(0 if connections._idle and in_use not in connections._idle else 1)
        assert os.waitpid(child, 0)[1] == 0
        connections.give_back(in_use)
        exchanged(connections)
        assert server.connections == 2  # one for each process
        connections.close()


def test_no_more_are_kept_than_are_used_at_once():
    with keeping() as server:
        connections = to(server.endpoint_url)
        taken = [connections.take(soon()) for _ in range(MAX_AT_ONCE + 2)]
        for connection in taken:
            connections.give_back(connection)
        assert len(connections._idle) == MAX_AT_ONCE
        connections.close()
        assert all(connection._socket.fileno() == -1 for connection in taken)


def test_threads_do_not_share_one():
    def echo(request: bytes) -> bytes:
        body = request.partition(b"\r\n\r\n")[2]
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)

    faults: list[str] = []

    def work(connections: Connections, name: bytes) -> None:
        for _ in range(50):
            connection = connections.take(soon())
            head = b"POST / HTTP/1.1\r\ncontent-length:%d\r\n\r\n" % len(name)
            if connection.exchange(head + name, 30.0, soon()).body != name:
                faults.append("an answer of another thread")
            connections.give_back(connection)

    with keeping(echo) as server:
        connections = to(server.endpoint_url)
        threads = [threading.Thread(target=work, args=(connections, b"x" * n)) for n in range(1, 9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert faults == []
        assert server.connections <= 8
        connections.close()


def test_sockets_are_set_up():
    with keeping() as server:
        opened = to(server.endpoint_url).take(soon())
        assert opened._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert opened._socket.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        opened.close()


def test_a_large_request_and_a_large_answer():
    body = b"x" * 5_000_000
    with keeping(
        lambda request: b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    ) as server:
        connection = to(server.endpoint_url).take(soon())
        message = b"POST / HTTP/1.1\r\ncontent-length:%d\r\n\r\n%s" % (len(body), body)
        assert connection.exchange(message, 30.0, soon()).body == body
        assert server.requests[0].endswith(body[-100:])
        connection.close()


def test_a_server_that_does_not_read_ends_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        connection = to(f"http://127.0.0.1:{silent.getsockname()[1]}").take(soon())
        with pytest.raises(UnreachableError) as late:
            connection.exchange(b"x" * 50_000_000, 30.0, time.monotonic() + 0.3)
        assert late.value.code == "ReadTimeoutError"
        connection.close()


# --- TLS ---


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return made_in(tmp_path_factory.mktemp("tls"), "localhost")


def test_tls_with_an_authority_of_ones_own(authority, monkeypatch):
    bundle, context = authority
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    with keeping(context=context) as server:
        transport = LeanTransport.open(server.endpoint_url, "us-east-1")
        transport.connect()  # with session tickets still to be read
        for _ in range(3):
            assert transport.send(GET)["Item"] == {"id": {"S": "a"}}
        assert server.connections == 1
        server.close_connections()
        assert transport.send(GET)["Item"] == {"id": {"S": "a"}}
        assert server.connections == 2
        transport.close()


def hasty(url: str) -> LeanTransport:
    return LeanTransport.open(url, "us-east-1", Limits(attempts=1))


def test_an_unknown_authority_is_not_trusted(authority, monkeypatch):
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    with keeping(context=authority[1]) as server:
        with pytest.raises(UnreachableError) as refused:
            hasty(server.endpoint_url).send(GET)
        assert refused.value.code == "SSLError"
        assert server.requests == []


def test_the_name_of_another_host_is_not_trusted(authority, monkeypatch):
    monkeypatch.setenv("AWS_CA_BUNDLE", str(authority[0]))
    with keeping(context=authority[1]) as server:
        with pytest.raises(UnreachableError) as refused:
            hasty(server.endpoint_url.replace("localhost", "127.0.0.1")).send(GET)
        assert refused.value.code == "SSLError"
        assert server.requests == []


def test_a_bundle_that_is_not_there(monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "nothing.pem"))
    with pytest.raises(RequestError, match="AWS_CA_BUNDLE"):
        hasty("https://localhost")
    hasty("http://localhost").close()


def test_a_handshake_that_hangs_ends_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        connections = to(f"https://localhost:{silent.getsockname()[1]}", connect_timeout=0.2)
        with pytest.raises(UnreachableError) as late:
            connections.take(soon())
        assert late.value.code == "ConnectTimeoutError"


def test_an_endpoint_on_this_machine_needs_neither_tls_nor_boto3():
    program = (
        "import sys; from dynamodel.transport.lean_transport import LeanTransport\n"
        "LeanTransport.open('http://localhost:9', 'us-east-1')\n"
        "print(*{'ssl', 'http', 'email', 'urllib', 'boto3', 'botocore', 'asyncio'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
