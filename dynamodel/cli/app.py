"""The commands and their options; what each does stands in a module of its own.

Guarantee: every error of this library and of the user's module ends here, as a text and an exit code.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Annotated

import typer

from dynamodel.cli import backfilling, deploying, developing, interchange, packaging, policies, synthesis
from dynamodel.cli.console import Output, show_faults, warn
from dynamodel.cli.problems import FAILED, NO, FaultyModuleError, Problem, ReaderLeftError
from dynamodel.errors import DeclarationError, DynamodelError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["app", "run"]

app = typer.Typer(
    name="dynamodel",
    help="Infrastructure from a DynamoDB data model.\n\n"
    "MODULE is a Python module or package such as examples.movies: all tables, entity classes and functions "
    "that stand at its top are taken. The current directory is searched first.",
    epilog="Exit codes: 0 done; 1 faults or differences were found; 2 it could not be done.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
_TEMPLATES = "Templates and policies"
_HANDLERS = "Handlers"
_TABLES = "Tables at an endpoint"
_INTERCHANGE = "From and to other tools"
app.command(rich_help_panel=_TEMPLATES)(synthesis.synth)
app.command(rich_help_panel=_TEMPLATES)(synthesis.check)
app.command(rich_help_panel=_TEMPLATES)(synthesis.describe)
app.command(rich_help_panel=_TEMPLATES)(policies.iam)
app.command(rich_help_panel=_HANDLERS)(developing.dev)
app.command(rich_help_panel=_HANDLERS)(packaging.package)
app.command(rich_help_panel=_TABLES)(deploying.diff)
app.command(rich_help_panel=_TABLES)(deploying.deploy)
app.command(rich_help_panel=_TABLES)(backfilling.backfill)
app.command(name="import", rich_help_panel=_INTERCHANGE)(interchange.import_source)
app.command(rich_help_panel=_INTERCHANGE)(interchange.export)


def run(arguments: Sequence[str]) -> int:
    """Runs one command and gives its exit code."""
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except (BrokenPipeError, ReaderLeftError):
        # What is left in the buffer must not fail again at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _run(arguments: Sequence[str]) -> int:
    try:
        app(list(arguments), prog_name="dynamodel")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except Problem as problem:
        warn("error", problem.text, problem.hint)
        return problem.code
    except FaultyModuleError as error:
        show_faults(Output(to_stderr=True), error.faults, error.where)
        return FAILED if arguments[0] == "diff" else NO
    except DeclarationError as error:
        show_faults(Output(to_stderr=True), error.faults)
        return FAILED if arguments[0] == "diff" else NO
    except DynamodelError as error:
        warn("error", str(error), _hint(error))
        return FAILED
    return 0


def _hint(error: DynamodelError) -> str:
    if isinstance(error, ConnectionError):
        return "is the endpoint right, and is it running? See --endpoint-url and --region"
    if "credentials" in str(error):
        return "DynamoDB Local takes any: AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local"
    return ""


def _version(wanted: bool) -> None:
    if wanted:
        try:
            found = version("dynamodel-orm")
        except PackageNotFoundError:  # a checkout that is not installed
            found = "(not installed)"
        sys.stdout.write(f"dynamodel {found}\n")
        raise typer.Exit


@app.callback()
def options(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit")
    ] = False,
) -> None:
    """What stands before the command."""
