"""`import` and `export`: Python source from what is there already, and models for NoSQL Workbench."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dynamodel.cli.console import answer, note
from dynamodel.cli.modules import load
from dynamodel.cli.options import EndpointUrl, ModuleName, Region, open_client
from dynamodel.cli.problems import Problem
from dynamodel.infra import (
    from_cloudformation,
    from_description,
    from_workbench,
    python_source,
    read_template,
    to_workbench,
)
from dynamodel.operations.table_description import SampleItems, describe_table

if TYPE_CHECKING:
    from dynamodel.infra import Imported

__all__ = ["export", "import_source"]


def import_source(  # noqa: PLR0913 - one parameter for each option
    *,
    table: Annotated[
        str | None,
        typer.Option(help="A table that is there: its name", metavar="NAME", show_default=False),
    ] = None,
    cloudformation: Annotated[
        Path | None,
        typer.Option(
            help="A CloudFormation or SAM template, JSON or YAML", metavar="FILE", show_default=False
        ),
    ] = None,
    workbench: Annotated[
        Path | None,
        typer.Option(help="A data model of NoSQL Workbench", metavar="FILE", show_default=False),
    ] = None,
    sample: Annotated[
        int,
        typer.Option(
            help="Of a table: read so many items (a Scan), and learn the attributes from them", min=0
        ),
    ] = 0,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write to this file", metavar="FILE", show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there")] = False,
    endpoint_url: EndpointUrl = None,
    region: Region = None,
) -> None:
    """Write Python source, with typed entities, from a table, a template or a Workbench model.

    dynamodel import --table Movies --sample 100 > models.py

    dynamodel import --cloudformation template.yaml --output models.py

    dynamodel import --workbench model.json --output models.py
    """
    _require_one(table, cloudformation, workbench)
    _require_free(output, force=force)
    if table is None and sample:
        raise Problem("--sample reads items of a table", "use it with --table NAME")
    if cloudformation is not None:
        imported = from_cloudformation(read_template(_read(cloudformation)))
    elif workbench is not None:
        imported = from_workbench(_json(workbench))
    else:
        imported = _from_table(str(table), sample, endpoint_url, region)
    source = python_source(imported)
    for line in imported.notes:
        note(f"note: {line}")
    _write(source, output)


def export(
    module: ModuleName,
    workbench: Annotated[
        bool, typer.Option("--workbench", help="As a data model of NoSQL Workbench, the one format so far")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write to this file", metavar="FILE", show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there")] = False,
) -> None:
    """Write the tables of MODULE as a model for NoSQL Workbench.

    dynamodel export examples.movies --workbench --output model.json
    """
    if not workbench:
        raise Problem("the format is missing", "write --workbench")
    _require_free(output, force=force)
    declared = load(module)
    declared.stack()
    model = to_workbench([*declared.tables, *declared.entities], name=module)
    _write(json.dumps(model, indent=2, ensure_ascii=False) + "\n", output)


def _require_one(*sources: object) -> None:
    given = sum(source is not None for source in sources)
    if given != 1:
        found = "none" if not given else f"{given} of them"
        hint = "dynamodel import --table NAME, or --cloudformation FILE, or --workbench FILE"
        raise Problem(f"import takes one source, found {found}", hint)


def _require_free(output: Path | None, *, force: bool) -> None:
    """Before any work is done: the file may be written."""
    if output is None:
        return
    if output.is_dir():
        raise Problem(f"{output} is a directory", "name a file")
    if output.exists() and not force:
        raise Problem(f"{output} is there already", "--force replaces it")
    if not output.parent.is_dir():
        raise Problem(f"there is no directory {output.parent}", "make it first")


def _write(text: str, output: Path | None) -> None:
    if output is None:
        answer(text)
        return
    try:
        output.write_text(text, "utf-8")
    except OSError as error:
        raise Problem(f"{output} cannot be written: {error.strerror}") from None
    note(f"written: {output}")


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Problem(f"{path} cannot be read: it is not a text in UTF-8") from None


def _json(path: Path) -> Any:
    try:
        return json.loads(_read(path))
    except ValueError as error:
        raise Problem(f"{path} is not JSON: {error}") from None


def _from_table(name: str, sample: int, endpoint_url: str | None, region: str | None) -> Imported:
    with open_client(endpoint_url, region) as db:
        deployed = db.run(describe_table(name))
        if deployed is None:
            raise Problem(f"there is no table {name!r}", "is it in this --region, at this --endpoint-url?")
        items = db.run(SampleItems(name, sample)) if sample else []
    if not sample:
        note("note: only key attributes are known; --sample N learns the others from N items")
    return from_description(deployed, items)
