"""What a process prints, out of a pipe."""

import os

import pytest

from dynamodel.testing.local_lambda.output import Output


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    output = Output(os.fdopen(reading, "rb"))
    yield output, writing
    output.close()


def test_what_was_written_is_taken_once(pipe):
    output, writing = pipe
    os.write(writing, b"one\n")
    assert output.taken() == "one\n"
    assert output.taken() == ""
    os.write(writing, b"two\n")
    assert output.read()
    assert output.taken() == "two\n"
    os.close(writing)
    assert not output.read()


def test_a_full_pipe_is_taken_whole(pipe):
    output, writing = pipe
    os.set_blocking(writing, False)
    size = os.write(writing, b"x" * 1_000_000)
    assert len(output.taken()) == size
    os.close(writing)


def test_of_megabytes_the_last_one_is_kept(pipe):
    output, writing = pipe
    for number in range(100):
        os.write(writing, f"{number:03}".encode() + b"." * 40_000)
        output.read()
    text = output.taken()
    assert len(text) == 1024 * 1024
    assert text.endswith("099" + "." * 40_000)
    assert "050" not in text
    os.close(writing)


def test_lines_are_as_they_were_meant(pipe):
    output, writing = pipe
    os.write(writing, "[ERROR] x\r\N{NO-BREAK SPACE}at y\n".encode() + b"\xff")
    assert output.taken() == "[ERROR] x\n at y\n\N{REPLACEMENT CHARACTER}"
    os.close(writing)
