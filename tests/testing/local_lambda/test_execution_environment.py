"""Execution environments: real processes with AWS's runtime."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from dynamodel.testing.local_lambda.environment import Environment, Handover, Launch

HANDLERS = Path(__file__).parent / "handlers"
LONG = 60


@pytest.fixture
def started():
    """Starts environments, and closes them at the end."""
    made = []

    def start(handler, **variables):
        environment = Environment(Launch(handler, HANDLERS, {"PATH": os.environ["PATH"], **variables}))
        made.append(environment)
        environment.start()
        return environment

    yield start
    for environment in made:
        environment.close()


def invoked(environment, event=None, *, seconds=LONG, is_cold=False):
    handover = Handover("the-id", "the-arn", json.dumps(event).encode(), timedelta(seconds=seconds))
    return environment.invoke(handover, is_cold=is_cold)


def test_init_code_runs_once(started):
    environment = started("plain.count")
    first = invoked(environment, is_cold=True)
    second = invoked(environment)
    assert (first.result, second.result) == (1, 2)
    assert first.log == "init code\ncall 1\n"
    assert second.log == "call 2\n"
    assert first.is_cold
    assert not second.is_cold
    assert first.init_seconds > 0
    assert second.init_seconds is None


@pytest.mark.parametrize("event", [None, 1, "ö€😀", [1.5, {"a": None}], {"x": "y" * 1_000_000}])
def test_events_and_answers_pass_as_they_are(started, event):
    assert invoked(started("plain.echo"), event).result == event


def test_the_handler_sees_its_context(started):
    seen = invoked(started("plain.describe", AWS_LAMBDA_FUNCTION_VERSION="7"), seconds=100).result
    assert seen["arn"] == "the-arn"
    assert seen["request_id"] == "the-id"
    assert seen["version"] == "7"
    assert 0 < seen["milliseconds"] <= 100_000
    assert seen["folder"] == str(HANDLERS)
    assert seen["input"] == ""


CRASHES = {
    "raises": ("plain.fail", None, "ValueError", "it failed"),
    "exits": ("plain.leave", 3, "Runtime.ExitError", "exit status 3"),
    "exits with 0": ("plain.leave", 0, "Runtime.ExitError", "Runtime exited without providing a reason"),
    "is killed": ("plain.kill", None, "Runtime.ExitError", "Runtime exited with error: signal: killed"),
    "no such module": ("nothing.x", None, "Runtime.ImportModuleError", "Unable to import module 'nothing'"),
    "import fails": ("broken.x", None, "Runtime.ImportModuleError", "a_module_that_nobody_has"),
    "no such function": ("plain.nothing", None, "Runtime.HandlerNotFound", "'nothing' missing"),
    "no JSON": ("plain.unmarshallable", None, "Runtime.MarshalError", "set is not JSON serializable"),
    "too large": ("plain.large", 6 * 1024 * 1024, "Function.ResponseSizeTooLarge", "6291458 bytes"),
}


@pytest.mark.parametrize("crash", CRASHES)
def test_failures_are_told_as_lambda_does(started, crash):
    handler, event, kind, text = CRASHES[crash]
    environment = started(handler)
    invocation = invoked(environment, event)
    error = json.loads(invocation.payload)
    assert invocation.error == "Unhandled"
    assert error["errorType"] == kind
    assert text in error["errorMessage"]


@pytest.mark.parametrize(
    ("handler", "event", "is_usable"),
    [("plain.fail", None, True), ("plain.unmarshallable", None, True), ("plain.leave", 3, False)],
)
def test_an_error_of_the_handler_does_not_end_its_environment(started, handler, event, is_usable):
    environment = started(handler)
    assert environment.is_usable
    invoked(environment, event)
    assert environment.is_usable == is_usable


def test_the_largest_answer_passes(started):
    most = 6 * 1024 * 1024 - 2  # two quotation marks
    assert len(invoked(started("plain.large"), most).result) == most


def test_the_log_of_a_failure_has_the_traceback(started):
    log = invoked(started("plain.fail")).log
    assert "about to fail\n" in log
    assert "[ERROR] ValueError: it failed\nTraceback (most recent call last):\n" in log


def test_a_timeout_kills_the_environment(started):
    environment = started("plain.sleep")
    invocation = invoked(environment, seconds=1)
    assert json.loads(invocation.payload) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: the-id Error: Task timed out after 1.00 seconds",
    }
    assert invocation.seconds >= 1.0
    assert not environment.is_usable


def test_megabytes_of_output_block_nobody(started):
    environment = started("plain.loud")
    for _ in range(2):
        log = invoked(environment).log
        assert log.endswith("x\nthe end\n")
        assert len(log) == 1024 * 1024


def test_it_can_be_killed_by_another_thread(started, tmp_path):
    environment = started("plain.wait")
    results = []
    event = {"until": str(tmp_path / "never")}
    thread = threading.Thread(target=lambda: results.append(invoked(environment, event)))
    thread.start()
    environment.kill()
    thread.join(LONG)
    assert json.loads(results[0].payload)["errorType"] == "Runtime.ExitError"


def test_what_was_killed_before_does_not_start(tmp_path):
    environment = Environment(Launch("plain.echo", HANDLERS, {}))
    environment.kill()
    environment.start()
    assert not environment.is_usable
    assert json.loads(invoked(environment).payload)["errorType"] == "Runtime.ExitError"
    environment.close()


def test_hooks_of_a_snapshot_run(started):
    variables = {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    environment = started("snapshot.tell", AWS_LAMBDA_INITIALIZATION_TYPE="snap-start", **variables)
    assert environment.init_failure is None, environment.printed()
    assert invoked(environment).result == [["before", "after"], 1]


def test_processes_die_with_their_parent(tmp_path):
    pids = tmp_path / "pids"
    program = textwrap.dedent(f"""
        import json, os, sys, threading, time
        from datetime import timedelta
        from pathlib import Path
        from dynamodel.testing.local_lambda.environment import Environment, Handover, Launch
        environment = Environment(Launch("busy.run", Path({str(tmp_path)!r}), {{"PATH": os.environ["PATH"]}}))
        environment.start()
        environment.invoke(Handover("id", "arn", b"null", timedelta(minutes=10)), is_cold=True)
    """)
    busy = """
        import os
        def run(event, context):
            with open("pids.new", "w") as file:
                file.write(str(os.getpid()))
            os.rename("pids.new", "pids")
            while True:
                pass
    """
    (tmp_path / "busy.py").write_text(textwrap.dedent(busy))
    parent = subprocess.Popen([sys.executable, "-c", program])
    while not pids.exists():
        assert parent.poll() is None
        time.sleep(0.01)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    child = Path("/proc") / pids.read_text() / "stat"
    until = time.monotonic() + LONG
    while child.exists() and child.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < until, "the environment outlived its parent"
        time.sleep(0.01)
