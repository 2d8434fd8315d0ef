"""`diff` and `deploy`: tables at an endpoint, and how they differ from their declaration.

Guarantees: all is shown before anything is created or changed; what loses data, or breaks readers, is done
only after a yes; a table is never replaced, and where one would have to be, nothing at all is done.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from attrs import frozen

from dynamodel.cli.console import Output, note
from dynamodel.cli.modules import load
from dynamodel.cli.options import (
    EndpointUrl,
    ModuleName,
    Parameters,
    Region,
    TableName,
    open_client,
    parameter_values,
)
from dynamodel.cli.problems import DONE, NO, Problem
from dynamodel.drift.diff import diff as difference
from dynamodel.errors import RequestError
from dynamodel.operations.table_description import describe_table
from dynamodel.operations.table_update import update_table
from dynamodel.operations.tables import CreateTable
from dynamodel.schema.resolve import resolved, sendable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynamodel.cli.modules import Declared
    from dynamodel.client.sync import Client
    from dynamodel.drift.diff import TableDiff
    from dynamodel.schema.definition import TableDefinition

__all__ = ["deploy", "diff"]


def diff(
    module: ModuleName,
    *,
    table: TableName = None,
    parameter: Parameters = None,
    endpoint_url: EndpointUrl = None,
    region: Region = None,
) -> None:
    """Show how the deployed tables differ from MODULE.

    Exit code 0: no difference; 1: there are differences; 2: it could not be found out.

        dynamodel diff examples.movies --region eu-central-1

        dynamodel diff examples.movies --table Movies --endpoint-url http://localhost:8000
    """
    definitions = _definitions(load(module), table, parameter)
    with open_client(endpoint_url, region) as db:
        plans = [_plan(db, definition) for definition in definitions]
    _show(plans, Output())
    if any(plan.is_open for plan in plans):
        raise typer.Exit(NO)


def deploy(  # noqa: PLR0913 - one parameter for each option
    module: ModuleName,
    *,
    table: TableName = None,
    parameter: Parameters = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do what loses data, too, without asking")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be done")] = False,
    endpoint_url: EndpointUrl = None,
    region: Region = None,
) -> None:
    """Create the tables of MODULE, or change those that are there, until they are as declared.

    The differences are shown first. It asks before it does what loses data or breaks readers.

    A table is never replaced. Functions are left to CloudFormation, SAM or the CDK: see synth.

        dynamodel deploy examples.movies --endpoint-url http://localhost:8000

        dynamodel deploy shop.tables --parameter Stage=dev --dry-run
    """
    declared = load(module)
    definitions = _definitions(declared, table, parameter)
    output = Output()
    with open_client(endpoint_url, region) as db:
        plans = [_plan(db, definition) for definition in definitions]
        _show(plans, output)
        if declared.functions:
            note("functions are not deployed here: deploy the template of synth")
        if dry_run or not any(plan.is_open for plan in plans):
            raise typer.Exit(DONE)
        _require_no_replacement(plans)
        _ask(plans, is_agreed=yes)
        for plan in plans:
            _carry_out(db, plan, output)


@frozen
class _Plan:
    """What is to be done about one table."""

    definition: TableDefinition
    found: TableDiff | None
    """How it differs; None: it is not there."""

    @property
    def is_open(self) -> bool:
        """Whether anything is to be done."""
        return self.found is None or not self.found.is_empty


def _definitions(
    declared: Declared, table: str | None, parameters: Sequence[str] | None
) -> list[TableDefinition]:
    """The tables as they are deployed with these parameters."""
    stack = declared.stack()
    values = parameter_values(parameters or (), stack)
    tables = stack.tables if table is None else (declared.table_of_name(table),)
    if not tables:
        raise Problem(
            f"{declared.module} has no tables", "its functions are deployed by the template of synth"
        )
    try:
        return [sendable(resolved(each.definition, values)) for each in tables]
    except RequestError as error:
        raise Problem(str(error), "--parameter NAME=VALUE gives the value of a parameter") from None


def _plan(db: Client, definition: TableDefinition) -> _Plan:
    deployed = db.run(describe_table(definition.name))
    return _Plan(definition, None if deployed is None else difference(definition, deployed))


def _show(plans: Sequence[_Plan], output: Output) -> None:
    for plan in plans:
        if plan.found is None:
            output.heading(f"Table {plan.definition.name}", "is not there yet")
            continue
        state = "differs" if plan.is_open else "is as declared"
        output.heading(f"Table {plan.definition.name}", state)
        for change in plan.found.changes:
            output.line(f"  change   {change}")
        for replacement in plan.found.replacements:
            output.line(f"  replace  {replacement}")
        for reason, places in plan.found.unseen_by_reason:
            output.line(f"  unseen   {', '.join(places)} ({reason})")


def _require_no_replacement(plans: Sequence[_Plan]) -> None:
    names = [plan.definition.name for plan in plans if plan.found is not None and plan.found.replacements]
    if names:
        raise Problem(
            f"what is marked 'replace' cannot be changed in {', '.join(names)}, and no table is replaced "
            "here; nothing was done",
            "undo the change in the model; or give the table another name there, deploy it, copy the items, "
            "and delete the old table",
            code=NO,
        )


def _ask(plans: Sequence[_Plan], *, is_agreed: bool) -> None:
    """A yes is needed for what loses, interrupts or delays something."""
    warnings = [
        f"{plan.found.table}: {warning}" for plan in plans if plan.found for warning in plan.found.warnings
    ]
    if not warnings or is_agreed:
        return
    for warning in warnings:
        note(f"warning: {warning}")
    if not sys.stdin.isatty():
        raise Problem("this asks for a yes, and there is no terminal; nothing was done", "--yes agrees")
    if not typer.confirm("Go on?", err=True):
        raise Problem("nothing was done", code=NO)


def _carry_out(db: Client, plan: _Plan, output: Output) -> None:
    name = plan.definition.name
    if plan.found is None:
        db.run(CreateTable(plan.definition))
        output.line(f"created: {name}")
    elif plan.is_open:
        db.run(update_table(plan.definition))
        output.line(f"updated: {name}")
