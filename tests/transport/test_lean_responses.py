"""HTTP responses: read as the standard library reads them, cut ones never."""

from __future__ import annotations

import http.client
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel.transport.lean_responses import NoResponseError, read_response

HEAD = b"HTTP/1.1 200 OK\r\n"


def read(data: bytes, step: int = 65_536):
    source = io.BytesIO(data)
    return read_response(lambda: source.read(step))


class Socket:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self.data)


def as_the_standard_library_reads(data: bytes):
    response = http.client.HTTPResponse(Socket(data), method="POST")  # type: ignore[arg-type]  # all it calls
    response.begin()
    body = response.read()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, body


def chunked(parts: list[bytes], trailer: bytes) -> bytes:
    chunks = b"".join(b"%x;a=b\r\n%s\r\n" % (len(part), part) for part in parts if part)
    return b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n" + trailer + b"\r\n"


BODIES = st.binary(max_size=300)
FRAMED = st.one_of(
    BODIES.map(lambda body: b"Content-Length: %d\r\n\r\n%s" % (len(body), body)),
    st.builds(chunked, st.lists(BODIES, max_size=4), st.sampled_from([b"", b"x-late: 1\r\n"])),
)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from([b"x-amz-crc32", b"X-Amzn-RequestId", b"Connection", b"Server"]),
        st.sampled_from([b"", b"1", b"keep-alive", b"close", b" a b ", b"\xe4"]),
    ).map(lambda header: header[0] + b":" + header[1] + b"\r\n"),
    max_size=4,
    unique_by=lambda line: line.split(b":")[0],
).map(b"".join)
STATUSES = st.sampled_from([b"200 OK", b"400 Bad Request", b"500 ", b"503", b"302 Found"])


@given(STATUSES, HEADERS, FRAMED, st.sampled_from([1, 2, 7, 65_536]))
def test_it_reads_what_the_standard_library_reads(status, headers, framed, step):
    data = b"HTTP/1.1 " + status + b"\r\n" + headers + framed
    found = read(data, step)
    expected_status, expected_headers, expected_body = as_the_standard_library_reads(data)
    assert (found.status, found.body) == (expected_status, expected_body)
    assert found.headers == {name: value.strip(" \t") for name, value in expected_headers.items()}
    assert found.may_go_on == (found.headers.get("connection") != "close")


@given(HEADERS, FRAMED, st.data())
def test_a_cut_response_raises_or_has_less_of_its_body(headers, framed, data):
    whole = HEAD + headers + framed
    cut = data.draw(st.integers(0, len(whole) - 1))
    if framed.startswith(b"Content-Length") and cut >= whole.index(b"\r\n\r\n") + 4:
        found = read(whole[:cut])
        assert len(found.body) < len(read(whole).body)
        assert not found.may_go_on
    else:
        with pytest.raises(NoResponseError):
            read(whole[:cut])


@given(st.binary(max_size=200), st.booleans())
def test_garbage_is_refused_or_read_but_never_more(garbage, has_head):
    with suppress(NoResponseError):
        read(HEAD + garbage if has_head else garbage)


@pytest.mark.parametrize(
    "bad",
    [
        b"", b"garbage\r\n\r\n", b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n", b"HTTP/1.1 200OK\r\n\r\n",
        HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 1_0\r\n\r\n0123456789",
        HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",  # more digits than int() takes
        HEAD + b"Content-Length: \xb2\r\n\r\nab",
        HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n\r\n",
        HEAD + b"no header\r\n\r\n",
        HEAD + b"folded: 1\r\n 2\r\n\r\n",
        HEAD + b"space : 1\r\n\r\n",
        HEAD + b"x: " + b"y" * 200_000,
    ],
)  # fmt: skip
def test_what_is_no_response(bad):
    with pytest.raises(NoResponseError) as caught:
        read(bad)
    assert "\\x" not in str(caught.value)


def test_without_a_length_the_end_of_the_connection_ends_it():
    assert read(HEAD + b"\r\nabc") == (200, {}, b"abc", False)


def test_interim_responses_are_passed_over():
    assert read(b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"content-length:1\r\n\r\na").body == b"a"


@pytest.mark.parametrize(
    ("data", "may_go_on"),
    [
        (HEAD + b"Content-Length: 1\r\n\r\na", True),
        (HEAD + b"Content-Length: 1\r\n\r\nab", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", False),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", True),
    ],
)
def test_whether_the_connection_goes_on(data, may_go_on):
    assert read(data).may_go_on is may_go_on
