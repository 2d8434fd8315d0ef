"""Connections of a function URL: how requests are framed, and what becomes of those that are not HTTP."""

from __future__ import annotations

import http.client
import json
import socket
import socketserver
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from dynamodel.testing.local_lambda.invocation import MAX_PAYLOAD_BYTES
from dynamodel.testing.local_lambda.url_connections import HOST, ConnectionServer
from dynamodel.testing.local_lambda.url_events import UrlAnswer, UrlRequest

WAIT = 60.0
"""How long a test waits for what comes at once on an idle machine."""


@contextmanager
def serving(answer):
    server = ConnectionServer(answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(WAIT)


def echo(request: UrlRequest) -> UrlAnswer:
    """Tells what came; the body itself is the answer's."""
    told = json.dumps([request.method, request.path, request.query])
    return UrlAnswer(status=200, headers=(("x-told", told),), body=request.body)


@pytest.fixture(scope="module")
def port():
    with serving(echo) as server:
        yield server.port


@pytest.fixture
def client(port):
    connection = http.client.HTTPConnection(HOST, port, timeout=WAIT)
    yield connection
    connection.close()


def exchange(port: int, raw: bytes) -> http.client.HTTPResponse:
    """Sends bytes on a connection of their own, and reads one answer."""
    with socket.create_connection((HOST, port), timeout=WAIT) as connection:
        connection.sendall(raw)
        response = http.client.HTTPResponse(connection)
        response.begin()
        response.body = response.read()
        response.ends = connection.recv(1) == b"" if response.getheader("connection") == "close" else False
        return response


def told(response):
    return json.loads(response.getheader("x-told"))


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "TRACE"])
def test_every_method_comes_through(client, method):
    client.request(method, "/a?b=c", b"body")
    response = client.getresponse()
    assert told(response) == [method, "/a", "b=c"]
    assert response.read() == b"body"


def test_head_has_the_length_of_a_body_and_no_body(port):
    with socket.create_connection((HOST, port), timeout=WAIT) as connection:
        connection.sendall(b"HEAD / HTTP/1.1\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody")
        received = b"".join(iter(lambda: connection.recv(4096), b""))
    assert b"\r\ncontent-length: 4\r\n" in received
    assert received.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("status", [204, 304])
def test_some_answers_have_no_body(status):
    answer = UrlAnswer(status=status, body=b"none of this")
    with serving(lambda request: answer) as server:
        connection = http.client.HTTPConnection(HOST, server.port, timeout=WAIT)
        for _ in range(2):
            connection.request("GET", "/")
            response = connection.getresponse()
            assert (response.status, response.getheader("content-length"), response.read()) == (
                status,
                None,
                b"",
            )
        connection.close()


def test_a_connection_is_kept_for_many_requests(port):
    with socket.create_connection((HOST, port), timeout=WAIT) as connection:
        for number in range(20):
            connection.sendall(b"POST /%d HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" % number)
            response = http.client.HTTPResponse(connection)
            response.begin()
            assert told(response)[1] == f"/{number}"
            assert response.read() == b"abc"


def test_requests_may_come_before_the_answers_to_those_before(port):
    with socket.create_connection((HOST, port), timeout=WAIT) as connection:
        connection.sendall(b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nConnection: close\r\n\r\n")
        received = b"".join(iter(lambda: connection.recv(4096), b""))
    assert [received.count(b'"/1"'), received.count(b'"/2"'), received.count(b"HTTP/1.1 200 OK")] == [1, 1, 2]


def test_an_answer_leaves_in_one_write(client, monkeypatch):
    writes = []
    write = socketserver._SocketWriter.write
    monkeypatch.setattr(
        socketserver._SocketWriter,
        "write",
        lambda self, data: (writes.append(len(data)), write(self, data))[1],
    )
    client.request("POST", "/", b"x" * 300_000)
    assert len(client.getresponse().read()) == 300_000
    assert len(writes) == 1


def test_a_client_of_http_1_0_is_answered_and_the_connection_closed(port):
    response = exchange(port, b"GET /old HTTP/1.0\r\n\r\n")
    assert (told(response)[1], response.ends) == ("/old", True)


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"/a%2Fb?c=%20d", "/a%2Fb", "c=%20d"),
        (b"/?", "/", ""),
        (b"/?a?b=c", "/", "a?b=c"),
        ("/café?q=é".encode(), "/caf%C3%A9", "q=%C3%A9"),
        (b"/\xff", "/%FF", ""),
        (b"http://example.com/a?b=c", "/a", "b=c"),
        (b"http://example.com", "/", ""),
        (b"/%zz", "/%zz", ""),
        (b"/a:b(c)*!'@$,;~+?d=e:f&g=[h]", "/a:b(c)*!'@$,;~+", "d=e:f&g=[h]"),
    ],
)
def test_targets_stay_encoded(port, target, path, query):
    response = exchange(port, b"GET " + target + b" HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert told(response) == ["GET", path, query]


def test_header_values_are_utf_8_if_they_can_be():
    seen = []
    with serving(lambda request: (seen.append(request), UrlAnswer(status=200))[1]) as server:
        exchange(
            server.port, b"GET / HTTP/1.1\r\nA: \xc3\xa9\r\nB: \xe9\r\nA: 2\r\nConnection: close\r\n\r\n"
        )
    assert [value for name, value in seen[0].headers] == ["é", "é", "2", "close"]
    assert seen[0].header("a") == "é,2"


# --- bodies ---


def test_bodies_in_chunks_are_put_together(client):
    chunks = [b"a", b"\x00\xff" * 40_000, b"c" * 17]
    client.request("POST", "/", iter(chunks), {"Transfer-Encoding": "chunked"}, encode_chunked=True)
    assert client.getresponse().read() == b"".join(chunks)


def test_chunks_may_have_extensions_and_trailers(port):
    raw = b"POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\nConnection: close\r\n\r\n"
    response = exchange(port, raw + b"3;name=value\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n")
    assert response.body == b"abc0123456789"


MAXIMUM = MAX_PAYLOAD_BYTES


def test_the_largest_body_is_taken(client):
    client.request("POST", "/", b"x" * MAXIMUM)
    assert len(client.getresponse().read()) == MAXIMUM


@pytest.mark.parametrize("chunked", [False, True])
def test_a_larger_body_is_413_and_the_client_sees_it(port, chunked):
    connection = http.client.HTTPConnection(HOST, port, timeout=WAIT)
    size = MAXIMUM + 1 if not chunked else MAXIMUM * 2
    headers = {"Transfer-Encoding": "chunked"} if chunked else {}
    body = iter([b"x" * (size // 4)] * 4) if chunked else b"x" * size
    connection.request("POST", "/", body, headers, encode_chunked=chunked)
    response = connection.getresponse()
    assert response.status == 413
    assert response.getheader("x-amzn-errortype") == "RequestTooLargeException"
    assert response.getheader("connection") == "close"
    connection.close()


@pytest.mark.parametrize(("length", "status"), [(5, 100), (MAXIMUM + 1, 413), (b"five", 400)])
def test_a_client_that_asks_first_is_told_whether_to_send(port, length, status):
    with socket.create_connection((HOST, port), timeout=WAIT) as connection:
        length = length if isinstance(length, bytes) else b"%d" % length
        connection.sendall(
            b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: " + length + b"\r\n\r\n"
        )
        assert connection.recv(12) == b"HTTP/1.1 %d" % status
        if status == 100:
            connection.sendall(b"hello")
            assert b"200 OK" in b"".join(iter(lambda: connection.recv(1), b"K")) + b"K"


# --- what is no HTTP ---

CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\nx",
        b"POST / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\nx",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        CHUNKED + b"x\r\n",
        CHUNKED + b"-1\r\n",
        CHUNKED + b"\r\n",
        CHUNKED + b"1" * 2000,
        CHUNKED + b"FFFFFFFFFFFF\r\n",
        b"GET * HTTP/1.1\r\n\r\n",
        b"GET example.com:443 HTTP/1.1\r\n\r\n",
        b"GET / HTTP/x\r\n\r\n",
        b"nonsense and more of it\r\n\r\n",
    ],
)
def test_what_is_no_http_is_400_and_the_connection_closed(port, raw):
    response = exchange(port, raw)
    assert (response.status, response.ends) == (400, True)
    assert json.loads(response.body)["message"]


def test_a_head_that_is_too_long_is_refused(port):
    assert exchange(port, b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n").status == 414
    assert exchange(port, b"GET / HTTP/1.1\r\nA: " + b"a" * 70_000 + b"\r\n\r\n").status == 431


def test_a_client_that_goes_before_the_end_of_its_request_invokes_nothing(capfd):
    seen = []
    with serving(lambda request: (seen.append(request), UrlAnswer(status=200))[1]) as server:
        for raw in (
            b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc",
            CHUNKED + b"9\r\nabc",
            CHUNKED + b"3\r\nabc\r\n",
            CHUNKED + b"3\r\nabc\r\n0\r\n",
            b"DELETE /movies/1",
            b"DELETE /movies/1\r\n",
            b"DELETE /movies/1 HTTP/1.1\r\n",
            b"DELETE /movies/1 HTTP/1.1\r\nHost: a",
            b"DELETE /movies/1 HTTP/1.1\r\nHost: a\r\n",
        ):
            with socket.create_connection((HOST, server.port), timeout=WAIT) as connection:
                connection.sendall(raw)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(4096):
                    pass  # until the server has closed it
    assert seen == []
    assert "Traceback" not in capfd.readouterr().err


def test_an_answer_that_fails_ends_its_connection_alone_and_is_shown(capfd):
    def answer(request):
        if request.path == "/broken":
            raise ZeroDivisionError
        return UrlAnswer(status=200)

    with serving(answer) as server:
        connection = http.client.HTTPConnection(HOST, server.port, timeout=WAIT)
        connection.request("GET", "/broken")
        with pytest.raises(http.client.RemoteDisconnected):
            connection.getresponse()
        connection.close()
        assert exchange(server.port, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n").status == 200
    assert "ZeroDivisionError" in capfd.readouterr().err


# --- many, and the end ---


def test_fifty_connections_are_served_at_once():
    together = threading.Barrier(50)

    def answer(request):
        together.wait(WAIT)
        return UrlAnswer(status=200, body=request.path.encode())

    with serving(answer) as server, ThreadPoolExecutor(50) as pool:
        raws = [b"GET /%d HTTP/1.1\r\nConnection: close\r\n\r\n" % number for number in range(50)]
        responses = list(pool.map(lambda raw: exchange(server.port, raw), raws))
    assert [response.body for response in responses] == [b"/%d" % number for number in range(50)]


def test_the_end_waits_for_requests_and_not_for_idle_connections():
    came, go = threading.Event(), threading.Event()

    def answer(request):
        came.set()
        go.wait(WAIT)
        return UrlAnswer(status=200, body=b"done")

    with ThreadPoolExecutor(1) as pool:
        with serving(answer) as server:
            idle = socket.create_connection((HOST, server.port), timeout=WAIT)
            response = pool.submit(exchange, server.port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert came.wait(WAIT)
            threading.Timer(0.2, go.set).start()
        assert response.result(WAIT).body == b"done"
        idle.settimeout(WAIT / 3)  # before the server would close an idle connection by itself
        assert idle.recv(1) == b""
        idle.close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((HOST, server.port), timeout=WAIT)
