"""The Runtime API, spoken with by the standard library's HTTP client."""

import http.client
import os
import socket
import threading

import pytest

from dynamodel.testing.local_lambda.runtime_api import PREFIX, RuntimeApi

LONG = 30.0


@pytest.fixture
def api():
    api = RuntimeApi()
    yield api
    api.close()


def asked(api, method, path, body=None):
    """Sends a request in a thread; gives the thread and where its answer will be."""
    answers = []

    def ask():
        connection = http.client.HTTPConnection(api.address, timeout=LONG)
        connection.request(method, PREFIX + path, body)
        response = connection.getresponse()
        answers.append((response.status, dict(response.getheaders()), response.read()))
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    return thread, answers


@pytest.mark.parametrize("body", [b"", b"{}", b"x" * 6_000_000])
def test_a_request_and_its_answer_pass_whole(api, body):
    thread, answers = asked(api, "POST", "invocation/7/response", body)
    request = api.next_request(LONG)
    assert request.path == "invocation/7/response"
    assert request.body == body
    request.answer(202, {"X-One": "1"}, body)
    thread.join()
    [(status, headers, answer)] = answers
    assert (status, headers["X-One"], answer) == (202, "1", body)


def test_one_connection_serves_many_requests(api):
    connection = http.client.HTTPConnection(api.address, timeout=LONG)
    for number in range(3):
        connection.request("GET", f"{PREFIX}invocation/next")
        api.next_request(LONG).answer(200, {}, str(number).encode())
        assert connection.getresponse().read() == str(number).encode()
    connection.close()


def test_two_connections_are_served_in_turn(api):
    threads = [asked(api, "GET", f"restore/{number}") for number in range(2)]
    for _ in threads:
        request = api.next_request(LONG)
        request.answer(200, {}, request.path.encode())
    for number, (thread, answers) in enumerate(threads):
        thread.join()
        assert answers[0][2] == f"restore/{number}".encode()


def test_without_a_request_the_wait_ends(api):
    assert api.next_request(0.0) is None
    assert api.next_request(0.01) is None


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"POST /x HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc",
        b"GET /x HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    ],
    ids=["nothing", "no HTTP", "half a body", "no length"],
)
def test_a_connection_that_says_nothing_whole_is_closed(api, sent):
    host, port = api.address.split(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        assert api.next_request(0.2) is None
        assert client.recv(1) == b""
    thread, _ = asked(api, "GET", "invocation/next")
    api.next_request(LONG).answer(200, {})
    thread.join()


def test_an_answer_to_nobody_is_no_error(api):
    host, port = api.address.split(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(b"GET /x HTTP/1.1\r\n\r\n")
        request = api.next_request(LONG)
    request.answer(200, {}, b"x" * 5_000_000)


def test_a_watched_file_is_read_until_its_end(api):
    reading, writing = os.pipe()
    found = []

    def read():
        found.append(os.read(reading, 100))
        return bool(found[-1])

    api.watch(reading, read)
    os.write(writing, b"one")
    assert api.next_request(0.0) is None
    os.close(writing)
    assert api.next_request(0.0) is None
    assert api.next_request(0.0) is None
    assert found == [b"one", b""]
    os.close(reading)


def test_a_file_without_an_end_holds_nobody_up(api):
    reading, writing = os.pipe()
    os.write(writing, b"x")
    api.watch(reading, lambda: True)  # nobody reads it, so that there is always something
    assert api.next_request(0.01) is None
    os.close(writing)
    os.close(reading)
