"""What the init phase does with Python's collector, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import dynamodel

PROGRAM = """
import gc
from dynamodel import RequestError
from dynamodel.aws_lambda import db, handler

{before}
try:
    @handler()
    def answer(event, context): ...
except RequestError as error:
    print("refused", end=" ")
print(gc.isenabled(), gc.get_freeze_count() > 10_000, db.times_opened)
"""


def run(before: str = "", **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before=before)],
        env={**os.environ, "PYTHONPATH": str(Path(dynamodel.__file__).parents[1]), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("kind", ["on-demand", "provisioned-concurrency"])
def test_what_is_loaded_in_lambda_is_not_collected_again(kind):
    assert run(AWS_LAMBDA_INITIALIZATION_TYPE=kind) == "True True 1"


def test_elsewhere_the_collector_is_left_alone():
    assert run() == "True False 0"


def test_a_collector_that_was_off_stays_off():
    assert run("gc.disable()", AWS_LAMBDA_INITIALIZATION_TYPE="on-demand") == "False True 1"


def test_it_goes_on_after_a_client_that_could_not_be_opened():
    environment = {"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "AWS_DEFAULT_REGION": "", "AWS_REGION": ""}
    assert run(**environment).startswith("refused True ")
