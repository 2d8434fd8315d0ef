"""`backfill`: brings the stored items of an entity up to date, with a bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dynamodel.cli.console import Output, note
from dynamodel.cli.modules import load
from dynamodel.cli.options import EndpointUrl, Region, open_client
from dynamodel.cli.problems import NO, Problem
from dynamodel.operations.backfill import backfill as backfill_of
from dynamodel.progress import backfill_bar

if TYPE_CHECKING:
    from dynamodel.operations.backfill import BackfillReport

__all__ = ["backfill"]


def backfill(  # noqa: PLR0913 - one parameter for each option
    module: Annotated[
        str, typer.Argument(metavar="MODULE[:ENTITY]", help="As examples.movies:Movie", show_default=False)
    ],
    *,
    entity: Annotated[
        str | None, typer.Option(help="The entity class", metavar="NAME", show_default=False)
    ] = None,
    segments: Annotated[int, typer.Option(help="Parts of the table that are worked on at once")] = 4,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; count what would be")] = False,
    after: Annotated[
        str | None,
        typer.Option(help="Go on after this state of an earlier run", metavar="STATE", show_default=False),
    ] = None,
    endpoint_url: EndpointUrl = None,
    region: Region = None,
) -> None:
    """Rewrite the stored items of an entity that are not as its class would write them today.

    For after you have added an index, a computed attribute or an upgrade function.

    It may be stopped at any moment, and run again. Exit code 1: some items are left; they are told.

        dynamodel backfill examples.movies:Movie --dry-run

        dynamodel backfill examples.movies --entity Movie --segments 8
    """
    name, _, inner = module.partition(":")
    if inner and entity and inner != entity:
        raise Problem(f"two entities are named: {inner} and {entity}", "name one of them")
    declared = load(name)
    wanted = inner or entity
    if not wanted:
        names = ", ".join(each.__name__ for each in declared.entities) or "none"
        raise Problem("the entity is missing", f"write {name}:ENTITY; {name} has {names}")
    chosen = declared.entity_of_name(wanted)
    states: list[str] = []
    with open_client(endpoint_url, region) as db, backfill_bar(chosen.__name__) as bar:

        def show(so_far: BackfillReport) -> None:
            states[:] = [so_far.state]
            bar(so_far)

        operation = backfill_of(chosen, segments=segments, dry_run=dry_run, after=after, progress=show)
        try:
            report = db.run(operation)
        except BaseException:
            if states:
                note(f"it was stopped; go on with: --segments {segments} --after {states[0]}")
            raise
    _tell(report, is_dry_run=dry_run)


def _tell(report: BackfillReport, *, is_dry_run: bool) -> None:
    output = Output()
    output.line(f"{'would be: ' if is_dry_run else ''}{report}")
    for error in report.unreadable:
        output.line(f"  {error}")
    if not report.is_complete:
        raise typer.Exit(NO)
