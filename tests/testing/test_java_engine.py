"""DynamoDB Local as a process: it answers, is emptied, fails with a reason, and never outlives us.

Where only the handling of the process matters, a shell script stands in for Java, so that the test is fast.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import boto3
import pytest

from dynamodel.testing import DynamoDBLocal, EngineStartError, java_engine
from dynamodel.testing import dynamodb_local as start

if TYPE_CHECKING:
    from pathlib import Path

    from mypy_boto3_dynamodb import DynamoDBClient


def make_table(client: DynamoDBClient, name: str, *, protected: bool = False) -> None:
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        DeletionProtectionEnabled=protected,
    )


@pytest.fixture
def java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a jar and a `java` for a test to fill; `pids` there gets the numbers of its processes."""
    (tmp_path / "DynamoDBLocal.jar").touch()
    program = tmp_path / "bin" / "java"
    program.parent.mkdir()
    program.touch(mode=0o755)
    monkeypatch.setenv("DYNAMODB_LOCAL_JAR", str(tmp_path))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    return program


def script(java: Path, text: str) -> None:
    java.write_text(f"#!/bin/sh\necho $$ >> {java.parent / 'pids'}\n{text}\n")


def pids(java: Path) -> list[int]:
    return [int(line) for line in (java.parent / "pids").read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_dead(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_alive(pid)


# With the real engine


def test_every_client_sees_the_same_tables(dynamodb_local: DynamoDBLocal) -> None:
    with closing(dynamodb_local.boto3_client()) as client:
        make_table(client, "Shared")
    other = boto3.Session(aws_access_key_id="other", aws_secret_access_key="other").client(
        "dynamodb", endpoint_url=dynamodb_local.endpoint_url, region_name="eu-west-1"
    )
    assert "Shared" in other.list_tables()["TableNames"]
    other.delete_table(TableName="Shared")
    assert "Shared" not in dynamodb_local.table_names()


def test_reset_spares_what_is_kept(dynamodb_local: DynamoDBLocal) -> None:
    others = dynamodb_local.table_names()
    with closing(dynamodb_local.boto3_client()) as client:
        make_table(client, "Kept")
        make_table(client, "Dropped")
        make_table(client, "Protected", protected=True)
    dynamodb_local.reset(keep=[*others, "Kept"])
    assert set(dynamodb_local.table_names()) == {*others, "Kept"}
    dynamodb_local.reset(keep=others)
    assert dynamodb_local.table_names() == others


@pytest.mark.dynamodb_local
def test_it_starts_empty_and_is_gone_afterwards() -> None:
    with start() as engine:
        port, url = engine.port, engine.endpoint_url
        assert url == f"http://127.0.0.1:{port}"
        engine.start()  # runs already
        assert engine.port == port
        assert engine.table_names() == []
        with closing(engine.boto3_client()) as client:
            make_table(client, "Lost")
    assert not java_engine._answers(port)
    with pytest.raises(EngineStartError, match="not running"):
        _ = engine.endpoint_url


# With a stand-in for Java


def test_an_engine_that_ends_is_reported_with_its_words(java: Path) -> None:
    script(java, "echo 'UnsupportedClassVersionError: compiled for Java 17' >&2; exit 3")
    with pytest.raises(EngineStartError, match=r"status 3.*\n.*UnsupportedClassVersionError"), start():
        pytest.fail("it does not start")


def test_an_engine_that_never_answers_is_reported_and_stopped(
    java: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(java_engine, "_START_SECONDS", 0.5)
    script(java, "echo warming up; exec sleep 60")
    engine = DynamoDBLocal()
    with pytest.raises(EngineStartError, match=r"did not answer(.|\n)*warming up"):
        engine.start()
    assert all(wait_until_dead(pid) for pid in pids(java))


def test_another_port_is_tried_when_the_first_is_taken(java: Path) -> None:
    """DynamoDB Local 1.25.1 prints this when its port is taken, and lives on without it."""
    serve = f"exec {sys.executable} -m http.server --bind 127.0.0.1"
    script(
        java,
        f"for port; do :; done; [ $(wc -l < {java.parent / 'pids'}) = 1 ] && "
        f'{{ echo "java.io.IOException: Failed to bind to 0.0.0.0:$port"; exec sleep 60; }}; {serve} $port',
    )
    with start():
        first, second = pids(java)
        assert wait_until_dead(first)
        assert is_alive(second)
    assert wait_until_dead(second)


def test_it_gives_up_when_every_port_is_taken(java: Path) -> None:
    script(java, "echo Failed to bind; exec sleep 60")
    with pytest.raises(EngineStartError, match="no free port"):
        DynamoDBLocal().start()
    assert len(pids(java)) == 5
    assert all(wait_until_dead(pid) for pid in pids(java))


@pytest.mark.parametrize("end", ["return", "exception", "exit", "SIGINT", "SIGTERM", "SIGKILL"])
def test_the_engine_never_outlives_the_program(java: Path, end: str) -> None:
    script(java, f"for port; do :; done; exec {sys.executable} -m http.server --bind 127.0.0.1 $port")
    last_words = {"return": "", "exception": "raise ValueError", "exit": "import os; os._exit(0)"}
    program = (
        "from dynamodel.testing import DynamoDBLocal\n"
        "engine = DynamoDBLocal(); engine.start(); print('up', flush=True)\n"
    ) + last_words.get(end, "import time; time.sleep(60)")
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    if end.startswith("SIG"):
        process.send_signal(signal.Signals[end])
    process.wait(20)
    process.stdout.close()
    (pid,) = pids(java)
    assert wait_until_dead(pid)
