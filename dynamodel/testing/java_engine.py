"""DynamoDB Local as a process of ours: started, waited for, emptied, stopped.

Guarantees: `start()` returns only once the engine answers, or raises with what the engine printed; the
engine is dead after `stop()`, at the end of the program, and also when the program is killed (see
`attendant.py`). It keeps its data in memory, shared by all credentials and regions, so that every client
with its address sees the same tables.
"""

from __future__ import annotations

import atexit
import http.client
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import cached_property
from typing import IO, TYPE_CHECKING, NamedTuple

from dynamodel.testing import attendant
from dynamodel.testing.environment import changed_environment, offline_settings
from dynamodel.testing.java_location import locate
from dynamodel.testing.problems import EngineStartError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamodel.client import Client

__all__ = ["DynamoDBLocal", "dynamodb_local"]

_HOST = "127.0.0.1"
_REGION = "us-east-1"
_KEY = "dynamodbLocal"
"""DynamoDB Local takes any key of letters and digits (measured on DynamoDB Local 1.25.1)."""

_START_SECONDS = 60.0
"""An idle machine needs 1 to 3 seconds; a busy one with two cores has been seen to need 20."""
_STOP_SECONDS = 10.0
_ATTEMPTS = 5


class _Process(NamedTuple):
    port: int
    attendant: subprocess.Popen[bytes]
    output: IO[bytes]

    def printed(self) -> str:
        """What the engine has printed so far, on both of its outputs."""
        self.output.seek(0)
        return self.output.read().decode(errors="replace").strip()

    def stop(self) -> None:
        """Ends the attendant, and with it the engine."""
        if self.attendant.stdin is not None:
            self.attendant.stdin.close()
        try:
            self.attendant.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.attendant.terminate()
            self.attendant.wait(_STOP_SECONDS)
        self.output.close()


class DynamoDBLocal:
    """One DynamoDB Local process. `dynamodb_local()` makes one for a `with`.

    Raises:
        EngineNotFoundError: the engine or Java is not on this machine (when it starts).
        EngineStartError: the engine does not come up (when it starts).
    """

    def __init__(self) -> None:
        self._process: _Process | None = None

    def start(self) -> None:
        """Starts the engine on a free port and waits until it answers; does nothing if it runs already."""
        if self._process is not None:
            return
        java, jar = locate()
        try:
            for _ in range(_ATTEMPTS):
                self._process = _launch(java, jar)
                atexit.register(self.stop)
                if _is_up(self._process):
                    return
                self.stop()
        except BaseException:  # an interruption of the wait leaves nothing behind either
            self.stop()
            raise
        raise EngineStartError(f"DynamoDB Local found no free port in {_ATTEMPTS} attempts")

    def stop(self) -> None:
        """Stops the engine; its tables are gone. Does nothing if it does not run."""
        process, self._process = self._process, None
        client = self.__dict__.pop("_boto3", None)
        if client is not None:
            client.close()
        atexit.unregister(self.stop)
        if process is not None:
            process.stop()

    @property
    def port(self) -> int:
        """The TCP port on this machine."""
        if self._process is None:
            raise EngineStartError(
                "This DynamoDB Local is not running: use it within `with dynamodb_local()`"
            )
        return self._process.port

    @property
    def endpoint_url(self) -> str:
        """The address to give to `connect(endpoint_url=...)` or to boto3."""
        return f"http://{_HOST}:{self.port}"

    def boto3_client(self) -> DynamoDBClient:
        """A boto3 client of the engine, with credentials of its own; the caller closes it."""
        import boto3

        # A session of our own: the default one may have found the developer's profile.
        session = boto3.Session(
            aws_access_key_id=_KEY,
            aws_secret_access_key=_KEY,
            region_name=_REGION,
        )
        client: DynamoDBClient = session.client("dynamodb", endpoint_url=self.endpoint_url)
        return client

    def connect(self) -> Client:
        """A dynamodel client of the engine; the caller closes it, or uses it in a `with`."""
        from dynamodel.client import connect

        # As a program opens its own, so that a test goes the same way; boto3 fetches the credentials here.
        with changed_environment(offline_settings(_REGION)):
            return connect(endpoint_url=self.endpoint_url, region=_REGION)

    def table_names(self) -> list[str]:
        """The names of all tables, in order."""
        pages = self._boto3.get_paginator("list_tables").paginate()
        return [name for page in pages for name in page["TableNames"]]

    def reset(self, *, keep: Collection[str] = ()) -> None:
        """Deletes every table, protected ones too, except those named in `keep`."""
        for name in self.table_names():
            if name not in keep:
                self._delete_table(name)

    def _delete_table(self, name: str) -> None:
        if self._boto3.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled"):
            self._boto3.update_table(TableName=name, DeletionProtectionEnabled=False)
        self._boto3.delete_table(TableName=name)

    @cached_property
    def _boto3(self) -> DynamoDBClient:
        return self.boto3_client()


@contextmanager
def dynamodb_local() -> Iterator[DynamoDBLocal]:
    """A DynamoDB Local with no tables, running for the length of a `with`.

    It is found as `find_dynamodb_local()` says, and started with Java on a free port, in memory.

    Raises:
        EngineNotFoundError: the engine or Java is not on this machine; the message says how to get them.
        EngineStartError: the engine was found but does not answer within a minute.
    """
    engine = DynamoDBLocal()
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


def _launch(java: str, jar: Path) -> _Process:
    port = _free_port()
    output = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
    engine = [java, f"-Djava.library.path={jar.parent / 'DynamoDBLocal_lib'}", "-jar", str(jar)]
    options = ["-inMemory", "-sharedDb", "-port", str(port)]
    process = subprocess.Popen(  # noqa: S603 - java from the PATH, and arguments of our own
        [sys.executable, "-I", "-S", str(attendant.__file__), *engine, *options],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=jar.parent,  # where the engine may drop files of its own, as its documentation has it
        start_new_session=True,  # Ctrl-C reaches us, and we stop it in good order
    )
    return _Process(port, process, output)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _is_up(process: _Process) -> bool:
    """Waits for the engine's first answer. False: somebody else took its port in the meantime."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        answers = _answers(process.port)
        # The engine goes on living without its port, and somebody else's may be the answer.
        if "Failed to bind" in process.printed():
            return False
        if process.attendant.poll() is not None:
            raise _start_error(f"ended with status {process.attendant.returncode}", process)
        if answers:
            return True
        time.sleep(0.05)
    raise _start_error(f"did not answer within {_START_SECONDS:.0f} s", process)


def _start_error(what: str, process: _Process) -> EngineStartError:
    return EngineStartError(f"DynamoDB Local {what}. It printed:\n{process.printed() or '(nothing)'}")


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(_HOST, port, timeout=5)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True  # even a refusal: this request is not signed
    finally:
        connection.close()
