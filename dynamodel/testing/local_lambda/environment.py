"""An execution environment: one process with AWS's own runtime, and one invocation at a time.

Guarantees: an environment that waits for its next event has asked for it, so that an event is handed over at
once; one that cannot be asked any more says so (`is_usable`). Its process, and those that it started, are
killed together. Whoever calls waits itself: there is no thread of its own.

What is left out: the process is not frozen between invocations, has no limit of memory and processor, and
its init phase may take longer than the 10 seconds that Lambda allows before it begins anew. A SnapStart
environment runs the hooks around the snapshot, and goes on: no snapshot is taken.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from dynamodel.testing.local_lambda import bootstrap
from dynamodel.testing.local_lambda.invocation import MAX_PAYLOAD_BYTES, Invocation
from dynamodel.testing.local_lambda.output import Output
from dynamodel.testing.local_lambda.runtime_api import RuntimeApi

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from dynamodel.testing.local_lambda.runtime_api import RuntimeRequest

__all__ = ["Environment", "Handover", "Launch"]

_MAX_INIT_SECONDS = 130.0
"""Lambda's longest init phase, that of SnapStart and provisioned concurrency, where the function's timeout is
not longer still (AWS Lambda developer guide, Lambda execution environment lifecycle)."""

_TICK_SECONDS = 0.05
"""How often is looked whether the process has ended; it says nothing when it is killed."""

_ACCEPTED = b'{"status":"OK"}'
_JSON = {"Content-Type": "application/json"}


@frozen
class Launch:
    """How the process of an environment is started."""

    handler: str
    """MODULE.FUNCTION."""
    folder: Path
    """From which it imports, and in which it runs."""
    variables: Mapping[str, str]
    """All of its environment variables but those that the environment itself adds."""


@frozen
class Handover:
    """An event on its way to a handler."""

    request_id: str
    arn: str
    """Of the function, with the qualifier by which it was called."""
    payload: bytes
    timeout: timedelta


class Environment:
    """One execution environment. It belongs to one thread at a time; `kill` may be called by any.

    Args:
        launch: how it is started.
    """

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._process: subprocess.Popen[bytes] | None = None
        self._output: Output | None = None
        self._api: RuntimeApi | None = None
        self._waiting: RuntimeRequest | None = None
        self._is_killed = False
        self._lock = threading.Lock()
        self._is_first = True
        self.init_seconds = 0.0
        """How long the init phase took."""
        self.init_failure: bytes | None = None
        """Why the init phase failed, as Lambda tells it."""

    @property
    def is_usable(self) -> bool:
        """Whether it waits for an event."""
        process = self._process
        return self._waiting is not None and process is not None and process.poll() is None

    def start(self) -> None:
        """Starts the process and waits until it has run its init code, or has failed to."""
        begun = time.monotonic()
        with self._lock:
            if self._is_killed:
                self.init_failure = _failure("", "Runtime.ExitError", "the local Lambda was stopped")
                return
            self._api = RuntimeApi()
            self._process = _spawned(self._launch, self._api.address)
        assert self._process.stdout is not None
        self._output = Output(self._process.stdout)
        self._api.watch(self._output.descriptor, self._output.read)
        try:
            self._wait_for_runtime(begun + _MAX_INIT_SECONDS)
        except _EndedError as error:
            self.init_failure = error.told("")
        except _OutOfTimeError:
            self.init_failure = _timed_out("", _MAX_INIT_SECONDS)
        self.init_seconds = time.monotonic() - begun

    def invoke(self, handover: Handover, *, is_cold: bool) -> Invocation:
        """Hands an event over, and waits for the answer; but not longer than the function may run.

        Args:
            handover: the event.
            is_cold: whether the environment was started for it.
        """
        begun = time.monotonic()
        init_seconds = self.init_seconds if self._is_first else None
        self._is_first = False
        if self.init_failure is not None:
            payload, error = self.init_failure, True
        else:
            payload, error = self._answer(handover, begun)
        return Invocation(
            request_id=handover.request_id,
            payload=payload,
            error="Unhandled" if error else None,
            is_cold=is_cold,
            init_seconds=init_seconds,
            seconds=0.0 if self.init_failure is not None else time.monotonic() - begun,
            log=self.printed(),
        )

    def printed(self) -> str:
        """What was printed since this was asked, or an invocation ended, the last time."""
        return self._output.taken() if self._output is not None else ""

    def kill(self) -> None:
        """Kills the process and all that it started; an invocation that runs fails."""
        with self._lock:
            self._is_killed = True
            process = self._process
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Kills it, and waits until nothing is left of it."""
        self._waiting = None
        self.kill()
        if self._process is not None:
            self._process.wait()
            assert self._process.stdin is not None
            self._process.stdin.close()
        if self._api is not None:
            self._api.close()
        if self._output is not None:
            self._output.close()

    # --- the conversation with the runtime ---

    def _answer(self, handover: Handover, begun: float) -> tuple[bytes, bool]:
        """The payload of the answer, and whether it is an error."""
        seconds = handover.timeout.total_seconds()
        request, self._waiting = self._waiting, None
        assert request is not None
        request.answer(200, _event_headers(handover), handover.payload)
        try:
            answer = self._wait_for_answer(handover, begun + seconds)
        except _OutOfTimeError:
            self.kill()
            return _timed_out(handover.request_id, seconds), True
        except _EndedError as error:
            return error.told(handover.request_id), True
        try:
            self._wait_for_runtime(begun + seconds)
        except (_OutOfTimeError, _EndedError):
            self.kill()  # the answer stands, but there will be no other one
        return answer

    def _wait_for_answer(self, handover: Handover, until: float) -> tuple[bytes, bool]:
        invocation = f"invocation/{handover.request_id}/"
        while True:
            request = self._next_request(until)
            if request.path == f"{invocation}response":
                if len(request.body) > MAX_PAYLOAD_BYTES:
                    # The runtime cannot bear it and ends, as it does in Lambda.
                    request.answer(413, _JSON)
                    return _too_large(len(request.body)), True
                request.answer(202, _JSON, _ACCEPTED)
                return request.body, False
            if request.path == f"{invocation}error":
                request.answer(202, _JSON, _ACCEPTED)
                return request.body, True
            request.answer(404, _JSON)

    def _wait_for_runtime(self, until: float) -> None:
        """Serves the runtime until it asks for an event.

        Raises:
            _EndedError: it told of an error in its init phase, or just ended.
            _OutOfTimeError: it does neither.
        """
        while True:
            request = self._next_request(until)
            match request.path:
                case "invocation/next":
                    self._waiting = request
                    return
                case "restore/next":
                    request.answer(200, {})
                case "init/error" | "restore/error":
                    request.answer(202, _JSON, _ACCEPTED)
                    raise _EndedError(0, request.body)
                case _:
                    request.answer(404, _JSON)

    def _next_request(self, until: float) -> RuntimeRequest:
        assert self._api is not None
        assert self._process is not None
        while True:
            has_ended = self._process.poll() is not None  # before looking: it may have told something first
            left = until - time.monotonic()
            request = self._api.next_request(max(0.0, min(_TICK_SECONDS, left)))
            if request is not None:
                return request
            if has_ended:
                raise _EndedError(self._process.returncode)
            if left <= 0:
                raise _OutOfTimeError


class _OutOfTimeError(Exception):
    """The runtime says nothing in time."""


class _EndedError(Exception):
    """The process has ended, or is about to."""

    def __init__(self, status: int, error: bytes | None = None) -> None:
        self._status = status
        self._error = error

    def told(self, request_id: str) -> bytes:
        """The error as Lambda tells it; the texts are those of its own agent."""
        if self._error is not None:
            return self._error
        if self._status < 0:
            reason = f"Runtime exited with error: signal: {signal.strsignal(-self._status)}".lower()
            reason = reason.replace("runtime", "Runtime", 1)
        elif self._status:
            reason = f"Runtime exited with error: exit status {self._status}"
        else:
            reason = "Runtime exited without providing a reason"
        return _failure(request_id, "Runtime.ExitError", reason)


def _timed_out(request_id: str, seconds: float) -> bytes:
    return _failure(request_id, "Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds")


def _failure(request_id: str, kind: str, message: str) -> bytes:
    error = {"errorType": kind, "errorMessage": f"RequestId: {request_id} Error: {message}"}
    return json.dumps(error).encode()


def _too_large(size: int) -> bytes:
    message = f"Response payload size ({size} bytes) exceeded maximum allowed payload size"
    error = {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": f"{message} ({MAX_PAYLOAD_BYTES} bytes).",
    }
    return json.dumps(error).encode()


def _event_headers(handover: Handover) -> dict[str, str]:
    deadline = time.time() + handover.timeout.total_seconds()
    return {
        "Content-Type": "application/json",
        "Lambda-Runtime-Aws-Request-Id": handover.request_id,
        "Lambda-Runtime-Deadline-Ms": str(int(deadline * 1000)),
        "Lambda-Runtime-Invoked-Function-Arn": handover.arn,
    }


def _spawned(launch: Launch, api: str) -> subprocess.Popen[bytes]:
    paths = [str(launch.folder), launch.variables.get("PYTHONPATH", "")]
    variables = {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "AWS_LAMBDA_RUNTIME_API": api}
    return subprocess.Popen(  # noqa: S603 - this Python, and a handler that the caller declares
        [sys.executable, "-P", str(bootstrap.__file__), launch.handler],
        stdin=subprocess.PIPE,  # its end tells that we are gone
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=launch.folder,
        env={**launch.variables, **variables},
        start_new_session=True,  # Ctrl-C reaches us, and one signal reaches all that it starts
    )
