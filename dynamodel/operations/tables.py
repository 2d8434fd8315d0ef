"""Operations on tables: create one and wait until it is active, delete one and wait until it is gone."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from dynamodel.errors import ServiceError, TableNotFoundError
from dynamodel.operations.base import Operation, Settings, exchange
from dynamodel.schema.create import create_requests, stream_policy_requests
from dynamodel.schema.definition import TableDefinition
from dynamodel.types import Flow, Pause, Request, Response

__all__ = ["CreateTable", "DeleteTable"]

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 5.0
MAX_WAIT_SECONDS = 900.0
"""DynamoDB takes seconds for a new table; many indexes, or a large table's deletion, take minutes."""


@attrs.frozen
class CreateTable(Operation[None]):
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
        description = yield from _wait_until_active(name)
        for request in (*others, *stream_policy_requests(self.definition, description)):
            yield from exchange(request, name)


@attrs.frozen
class DeleteTable(Operation[None]):
    """Delete a table with all its items, and wait until it is gone."""

    name: str

    def request(self) -> Request:
        """The `DeleteTable` request."""
        return Request("DeleteTable", {"TableName": self.name})

    def flow(self, settings: Settings) -> Flow[None]:
        """Delete, then ask for the table until there is none."""
        yield from exchange(self.request(), self.name)
        for pause in _pauses("DeleteTable", self.name):
            try:
                yield from _describe(self.name)
            except TableNotFoundError:
                return
            yield pause


def _wait_until_active(name: str) -> Flow[Response]:
    for pause in _pauses("CreateTable", name):
        table: Response = yield from _describe(name)
        states = [table["TableStatus"]]
        states += [index.get("IndexStatus", "ACTIVE") for index in table.get("GlobalSecondaryIndexes", ())]
        if all(state == "ACTIVE" for state in states):
            return table
        yield pause
    raise AssertionError("the pauses end by an error")


def _describe(name: str) -> Flow[Response]:
    response = yield from exchange(Request("DescribeTable", {"TableName": name}), name)
    table: Response = response["Table"]
    return table


def _pauses(operation: str, name: str) -> Iterator[Pause]:
    pause, total = FIRST_PAUSE_SECONDS, 0.0
    while total < MAX_WAIT_SECONDS:
        yield Pause(pause)
        total += pause
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
    message = f"the table {name} did not get there within {MAX_WAIT_SECONDS:.0f} seconds"
    raise ServiceError("WaitTimeout", message, operation)
