"""Operations on tables: create one and wait until it is active, delete one and wait until it is gone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple, TypeVar

import attrs

from dynamodel.errors import ServiceError, TableNotFoundError
from dynamodel.operations.base import Exchange, Settings, exchange
from dynamodel.schema.create import create_requests, stream_policy_requests
from dynamodel.schema.definition import TableDefinition
from dynamodel.types import Flow, Pause, Request, Response

__all__ = ["CreateTable", "DeleteTable"]

R = TypeVar("R")

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 5.0
MAX_WAIT_SECONDS = 900.0
"""DynamoDB takes seconds for a new table; many indexes, or a large table's deletion, take minutes."""


@attrs.frozen
class CreateTable(Exchange[None]):
    """Create a table with its indexes and settings, and wait until all of it is active."""

    definition: TableDefinition

    def request(self) -> Request:
        """The `CreateTable` request; those for time to live, backups and the like follow it."""
        return create_requests(self.definition)[0]

    def flow(self, settings: Settings) -> Flow[None]:
        """Create, wait, then send what an active table is needed for."""
        name = self.definition.name
        first, *others = create_requests(self.definition)
        yield from exchange(first, name)
        advice = "once it is ACTIVE, delete the table and create it again, for settings may be missing"
        description = yield from _until(lambda: _look_for_active(name), name, advice)
        advice = "the table is there, without this setting: send this request again later"
        for request in (*others, *stream_policy_requests(self.definition, description)):
            yield from _until(partial(_send_setting, request, name), name, advice)


@attrs.frozen
class DeleteTable(Exchange[None]):
    """Delete a table with all its items, and wait until it is gone."""

    name: str

    def request(self) -> Request:
        """The `DeleteTable` request."""
        return Request("DeleteTable", {"TableName": self.name})

    def flow(self, settings: Settings) -> Flow[None]:
        """Delete, then ask for the table until there is none."""
        yield from exchange(self.request(), self.name)
        advice = "the deletion goes on in AWS; look again later"
        yield from _until(lambda: _look_for_none(self.name), self.name, advice)


class _NotYet(NamedTuple):
    """What is still waited for."""

    operation: str
    """The API operation that tells."""
    state: str


def _until(attempt: Callable[[], Flow[R | _NotYet]], name: str, advice: str) -> Flow[R]:
    """Attempts with pauses between them, longer each time, until one succeeds.

    Raises:
        ServiceError: with the code `WaitTimeout`, after `MAX_WAIT_SECONDS`.
    """
    pause, total = FIRST_PAUSE_SECONDS, 0.0
    while True:
        result = yield from attempt()
        if not isinstance(result, _NotYet):
            return result
        if total >= MAX_WAIT_SECONDS:
            message = f"after {MAX_WAIT_SECONDS:.0f} seconds {result.state}; {advice}"
            error = ServiceError("WaitTimeout", message, result.operation)
            error.entity = name
            raise error
        yield Pause(pause)
        total += pause
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def _look_for_active(name: str) -> Flow[Response | _NotYet]:
    try:
        table = yield from _describe(name)
    except TableNotFoundError:
        # AWS API reference, DescribeTable: it is eventually consistent, so that it may not find a table
        # right after CreateTable.
        return _NotYet("DescribeTable", "DescribeTable does not find the table")
    states = {"the table": table["TableStatus"]}
    for index in table.get("GlobalSecondaryIndexes", ()):
        states[f"its index {index.get('IndexName')}"] = index.get("IndexStatus", "ACTIVE")
    waiting = [f"{part} is {state}" for part, state in states.items() if state != "ACTIVE"]
    return _NotYet("DescribeTable", ", ".join(waiting)) if waiting else table


def _look_for_none(name: str) -> Flow[_NotYet | None]:
    try:
        table = yield from _describe(name)
    except TableNotFoundError:
        return None
    return _NotYet("DescribeTable", f"the table is {table['TableStatus']}")


def _send_setting(request: Request, name: str) -> Flow[Response | _NotYet]:
    try:
        return (yield from exchange(request, name))
    except ServiceError as error:
        # A table is ACTIVE a moment before its backups can be changed (AWS API reference,
        # UpdateContinuousBackups: "Backups have not yet been enabled for this table").
        if error.code != "ContinuousBackupsUnavailableException":
            raise
        return _NotYet(request.operation, f"DynamoDB still answers {error.code}")


def _describe(name: str) -> Flow[Response]:
    response = yield from exchange(Request("DescribeTable", {"TableName": name}), name)
    table: Response = response["Table"]
    return table
