"""Operations on tables: create one and wait until it is active, delete one and wait until it is gone.

Guarantee: no wait is longer than `MAX_WAIT_SECONDS`, and one that ends so says what was waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple, TypeVar

import attrs

from dynamodel.drift.requests import tag_requests
from dynamodel.errors import ServiceError, TableInUseError, TableNotFoundError
from dynamodel.operations.base import Exchange, Settings, exchange
from dynamodel.schema.create import create_requests, stream_policy_requests
from dynamodel.schema.definition import TableDefinition
from dynamodel.schema.resolve import sendable
from dynamodel.types import Flow, Pause, Request, Response

__all__ = ["CreateTable", "DeleteTable", "described", "send_all", "until_active"]

R = TypeVar("R")

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 5.0
MAX_WAIT_SECONDS = 900.0
"""DynamoDB takes seconds for a new table; many indexes, or a large table's deletion, take minutes."""


@attrs.frozen
class CreateTable(Exchange[None]):
    """Create a table with its indexes and settings, and wait until all of it is active."""

    definition: TableDefinition
    """Its references are resolved by their defaults."""

    def request(self) -> Request:
        """The `CreateTable` request; those for time to live, backups and the like follow it.

        Raises:
            RequestError: a setting whose text is known to CloudFormation only.
        """
        return create_requests(sendable(self.definition))[0]

    def flow(self, settings: Settings) -> Flow[None]:
        """Create, wait, then send what an active table is needed for."""
        definition = sendable(self.definition)
        name = definition.name
        first, *others = create_requests(definition)
        yield from exchange(first, name)
        advice = "once it is ACTIVE, delete the table and create it again, for settings may be missing"
        description = yield from until_active(name, advice)
        others += stream_policy_requests(definition, description)
        if definition.settings.stream_tags:
            others += tag_requests(description["LatestStreamArn"], definition.settings.stream_tags, {})
        advice = "the table is there, without this setting: send this request again later"
        yield from send_all(others, name, advice)


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
        yield from _until(partial(_look_for_none, self.name), self.name, advice)


def _look_for_none(name: str) -> Flow[_NotYet | None]:
    try:
        table = yield from described(name)
    except TableNotFoundError:
        return None
    return _NotYet("DescribeTable", f"the table is {table['TableStatus']}")


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


def until_active(name: str, advice: str) -> Flow[Response]:
    """The table's description, once the table is ACTIVE with all that belongs to it.

    Raises:
        ServiceError: with the code `WaitTimeout`.
    """
    description = yield from _until(partial(_look_for_active, name), name, advice)
    return description


def send_all(requests: Iterable[Request], name: str, advice: str) -> Flow[None]:
    """Send requests that change an active table, and wait after each one that takes its time.

    Raises:
        ServiceError: DynamoDB refused one; a note on it tells how many were sent before.
    """
    for done, request in enumerate(requests):
        try:
            yield from _until(partial(_send, request, name), name, advice)
            if request.operation == "UpdateTable":
                yield from until_active(name, advice)
        except ServiceError as error:
            if done:
                error.add_note(f"{done} requests before this one were done")
            raise


def described(name: str) -> Flow[Response]:
    """DescribeTable's `Table`.

    Raises:
        TableNotFoundError: there is no such table.
    """
    response = yield from exchange(Request("DescribeTable", {"TableName": name}), name)
    table: Response = response["Table"]
    return table


def _send(request: Request, name: str) -> Flow[Response | _NotYet]:
    try:
        return (yield from exchange(request, name))
    except ServiceError as error:
        if not _will_pass(error, request):
            raise
        return _NotYet(request.operation, f"DynamoDB still answers {error.code}")


def _will_pass(error: ServiceError, request: Request) -> bool:
    """Whether a refusal ends by itself.

    A table is ACTIVE a moment before its backups can be changed (AWS API reference, UpdateContinuousBackups:
    "Backups have not yet been enabled for this table"). Policies, Kinesis destinations and replicas are
    changed on their own time, which no status of the table shows.
    """
    if error.code == "ContinuousBackupsUnavailableException":
        return True
    takes_its_own_time = request.operation != "UpdateTable" or "ReplicaUpdates" in request.parameters
    return isinstance(error, TableInUseError) and takes_its_own_time


def _look_for_active(name: str) -> Flow[Response | _NotYet]:
    try:
        table = yield from described(name)
    except TableNotFoundError:
        # AWS API reference, DescribeTable: it is eventually consistent, so that it may not find a table
        # right after CreateTable.
        return _NotYet("DescribeTable", "DescribeTable does not find the table")
    waiting = ", ".join(_unsettled(table))
    return _NotYet("DescribeTable", waiting) if waiting else table


_PASSING = frozenset({"CREATING", "UPDATING", "DELETING", "ENABLING", "DISABLING"})


def _unsettled(table: Response) -> Iterator[str]:
    """The parts of a table that are being changed, with their states."""
    if table["TableStatus"] != "ACTIVE":
        yield f"the table is {table['TableStatus']}"
    for kind in ("GlobalSecondaryIndexes", "VectorIndexes"):
        for index in table.get(kind, ()):
            state = index.get("IndexStatus", "ACTIVE")
            if state != "ACTIVE":
                yield f"its index {index.get('IndexName')} is {state}"
            yield from _passing(index, "WarmThroughput", f"the warm throughput of {index.get('IndexName')}")
    yield from _passing(table, "WarmThroughput", "its warm throughput")
    yield from _passing(table, "SSEDescription", "its encryption")
    for replica in table.get("Replicas", ()):
        if replica.get("ReplicaStatus") in _PASSING:
            yield f"its replica in {replica['RegionName']} is {replica['ReplicaStatus']}"


def _passing(whole: Response, part: str, named: str) -> Iterator[str]:
    state = whole.get(part, {}).get("Status")
    if state in _PASSING:
        yield f"{named} is {state}"
