"""The pytest plugin: the engines as fixtures, and what happens where DynamoDB Local is not installed.

Fixtures:
    embedded_db: a client on an empty embedded engine (moto; the extra `local`), for one test.
    dynamodb_local: a DynamoDB Local process for the whole run; one for each worker of pytest-xdist.
    dynamodb_local_db: a client of it, for one test, whose tables are removed afterwards.

Tests that use the latter two, and tests marked `dynamodb_local`, are skipped where DynamoDB Local is
missing, and the end of the run says so once. With DYNAMODB_LOCAL_REQUIRED=1 they fail instead. All of them
carry the mark, so that `-m "not dynamodb_local"` leaves them out.

pytest loads this module in every run of an environment in which dynamodel is installed: it imports no
engine by itself.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from dynamodel.testing import EngineNotFoundError, embedded
from dynamodel.testing import dynamodb_local as start_dynamodb_local
from dynamodel.testing.java_location import HOW_TO_INSTALL, locate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamodel.client import Client
    from dynamodel.testing import DynamoDBLocal

__all__ = ["dynamodb_local", "dynamodb_local_db", "embedded_db"]

REQUIRED_VARIABLE = "DYNAMODB_LOCAL_REQUIRED"
"""The environment variable that makes a missing engine a failure; `1` does."""

_SKIPPED = "DynamoDB Local not found"
_MARK = "dynamodb_local"


@pytest.fixture
def embedded_db() -> Iterator[Client]:
    """A client on an empty DynamoDB inside this process."""
    with embedded() as db:
        yield db


@pytest.fixture(scope="session")
def dynamodb_local() -> Iterator[DynamoDBLocal]:
    """DynamoDB Local, running. Its tables stay until the end of the run, or until they are removed."""
    _skip_without_engine()
    with start_dynamodb_local() as engine:
        yield engine


@pytest.fixture
def dynamodb_local_db(dynamodb_local: DynamoDBLocal) -> Iterator[Client]:
    """A client of DynamoDB Local. The tables that appear during the test are removed after it."""
    before = dynamodb_local.table_names()
    with dynamodb_local.connect() as db:
        yield db
    dynamodb_local.reset(keep=before)


def pytest_configure(config: pytest.Config) -> None:
    """Makes the mark known."""
    config.addinivalue_line("markers", f"{_MARK}: needs DynamoDB Local; skipped where it is not installed")


@pytest.hookimpl(tryfirst=True)  # before pytest itself selects by marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests that use the engine's fixtures, for `-m`."""
    for item in items:
        if _MARK in getattr(item, "fixturenames", ()):
            item.add_marker(_MARK)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips a marked test before any of its other fixtures are made."""
    if item.get_closest_marker(_MARK):
        _skip_without_engine()


def _skip_without_engine() -> None:
    try:
        locate()
    except EngineNotFoundError as error:
        if os.environ.get(REQUIRED_VARIABLE) == "1":
            pytest.fail(f"{error}\n{REQUIRED_VARIABLE}=1 makes this a failure", pytrace=False)
        pytest.skip(_SKIPPED)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says once how many tests were skipped for want of the engine, and how to run them."""
    # Read from the reports: under pytest-xdist the tests ran in other processes.
    skipped = sum(_SKIPPED in str(report.longrepr) for report in terminalreporter.stats.get("skipped", ()))
    if skipped:
        tests = "1 test" if skipped == 1 else f"{skipped} tests"
        terminalreporter.write_line(
            f"{_SKIPPED}: {tests} skipped; to run them: {HOW_TO_INSTALL}", yellow=True
        )
