"""The operations that compare a deployed table with its definition, and that bring it in line.

Guarantee: a table is changed only if all that differs can be changed in place; otherwise nothing is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from dynamodel.drift.diff import TableDiff, diff
from dynamodel.errors import RequestError, service_error
from dynamodel.operations.base import Exchange, Settings
from dynamodel.operations.table_description import DescribeTable
from dynamodel.operations.tables import send_all, until_active
from dynamodel.schema.definition import TableDefinition
from dynamodel.schema.resolve import sendable
from dynamodel.schema.table import Table

if TYPE_CHECKING:
    from dynamodel.types import Flow, Request

__all__ = ["DiffTable", "UpdateTable", "diff_table", "update_table"]


def diff_table(table: Table | TableDefinition) -> DiffTable:
    """How the deployed table differs from its definition; nothing is changed."""
    return DiffTable(_definition(table))


def update_table(table: Table | TableDefinition) -> UpdateTable:
    """Change the deployed table until it is as its definition says, and return what was changed."""
    return UpdateTable(_definition(table))


def _definition(table: Table | TableDefinition) -> TableDefinition:
    return table.definition if isinstance(table, Table) else table


@attrs.frozen
class DiffTable(Exchange[TableDiff]):
    """Describe the table and compare it with its definition.

    Raises:
        TableNotFoundError: there is no such table.
        RequestError: a setting whose text is known to CloudFormation only.
    """

    definition: TableDefinition

    def request(self) -> Request:
        """The `DescribeTable` request; those for single settings follow it."""
        return DescribeTable(self.definition.name).request()

    @property
    def max_requests(self) -> int | None:
        """Not known before: it depends on the table's global indexes and tags."""
        return None

    def flow(self, settings: Settings) -> Flow[TableDiff]:
        """Describe and compare."""
        definition = sendable(self.definition)
        deployed = yield from DescribeTable(definition.name).flow(settings)
        if deployed is None:
            text = f"there is no table {definition.name!r}; create_table() makes it"
            raise service_error("ResourceNotFoundException", text, "DescribeTable")
        return diff(definition, deployed)


@attrs.frozen
class UpdateTable(Exchange[TableDiff]):
    """Compare the table with its definition, and make every change, one after the other.

    The result is how the table differed. Warnings are not waited for: who wants to know before what is lost,
    asks `diff_table` first. Engines that accept a request without doing it (moto) leave the table as it was.

    Raises:
        RequestError: something that differs needs a new table; nothing was sent.
        TableNotFoundError: there is no such table.
        ServiceError: DynamoDB refused a change; a note tells how many requests were done before.
    """

    definition: TableDefinition

    def request(self) -> Request:
        """The `DescribeTable` request; what else is sent depends on its answer."""
        return DescribeTable(self.definition.name).request()

    @property
    def max_requests(self) -> int | None:
        """Not known before: it depends on what differs."""
        return None

    def flow(self, settings: Settings) -> Flow[TableDiff]:
        """Describe, compare, and change; once more for what needs the ARN of a new stream.

        The second comparison also mends what a change undid elsewhere: DynamoDB Local 1.25.1 forgets the
        deletion protection while it creates an index.
        """
        found = yield from DiffTable(self.definition).flow(settings)
        if found.replacements:
            raise RequestError(_refusal(found))
        if not found.changes:
            return found
        advice = "the change goes on in AWS; compare again later"
        yield from until_active(found.table, advice)
        yield from send_all(found.steps, found.table, advice)
        done = {change.place for change in found.changes if change.steps}
        left = yield from DiffTable(self.definition).flow(settings)
        changes = tuple(change for change in left.changes if change.place not in done)
        yield from send_all(attrs.evolve(left, changes=changes).steps, found.table, advice)
        return found


def _refusal(found: TableDiff) -> str:
    reasons = "\n".join(f"  {replacement}" for replacement in found.replacements)
    return (
        f"Table {found.table!r} cannot be changed in place; nothing was sent. Make a new table, copy the "
        f"items, then delete the old one:\n{reasons}"
    )
