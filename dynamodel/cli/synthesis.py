"""`synth`, `check` and `describe`: what follows from a module, without any endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from dynamodel.cli.console import Output, answer, note, show_faults
from dynamodel.cli.describe import describe as print_description
from dynamodel.cli.modules import load
from dynamodel.cli.options import ModuleName, Parameters, parameter_values
from dynamodel.cli.problems import NO, FaultyModuleError, Problem
from dynamodel.errors import RequestError
from dynamodel.infra import Stack, boto3_requests, cloudformation, sam, to_json, to_yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["check", "describe", "synth"]


def synth(
    module: ModuleName,
    format_: Annotated[
        Literal["cloudformation", "sam", "cdk", "boto3"],
        typer.Option(
            "--format",
            help="cloudformation: a template. sam: one whose functions are AWS::Serverless::Function. "
            "cdk: the template as the AWS CDK synthesises it (needs the extra cdk, and node). "
            "boto3: the requests that create the tables, in their order",
        ),
    ] = "cloudformation",
    output: Annotated[Literal["yaml", "json"], typer.Option(help="How the answer is written")] = "yaml",
    region: Annotated[
        str | None,
        typer.Option(
            help="With --format cdk, for tables with replicas", metavar="REGION", show_default=False
        ),
    ] = None,
    parameter: Parameters = None,
) -> None:
    """Print the template of all tables and functions of MODULE.

    Nothing else is printed on stdout:

        dynamodel synth examples.movies > template.yaml

        dynamodel synth examples.movies --format sam --output json

    Parameters are part of a template; only --format boto3 needs their values.
    """
    declared = load(module)
    stack = declared.stack()
    if region is not None and format_ != "cdk":
        raise Problem("--region is for --format cdk", "a template is the same in every region")
    if parameter is not None and format_ != "boto3":
        raise Problem("--parameter is for --format boto3", "a template gets the values at its deployment")
    if format_ == "boto3" and declared.functions:
        note("the functions are left out: these are the requests of the tables")
    answer(_text(_synthesised(stack, format_, region, parameter or ()), output))


def _synthesised(stack: Stack, format_: str, region: str | None, parameters: Sequence[str]) -> Any:
    match format_:
        case "sam":
            return sam(stack)
        case "cdk":
            return _by_the_cdk(stack, region)
        case "boto3":
            return _requests(stack, parameters)
        case _:
            return cloudformation(stack)


def _by_the_cdk(stack: Stack, region: str | None) -> dict[str, Any]:
    from dynamodel.infra.cdk import synthesise  # noqa: PLC0415 - needs the extra cdk

    if region is None and any(table.settings.replicas for table in stack.tables):
        raise Problem("the CDK has to know the region of a table with replicas", "--region gives it")
    return synthesise(stack, region)


def _requests(stack: Stack, parameters: Sequence[str]) -> list[dict[str, Any]]:
    try:
        requests = boto3_requests(stack, parameter_values(parameters, stack))
    except RequestError as error:
        raise Problem(str(error), "--parameter NAME=VALUE gives the value of a parameter") from None
    return [{"Operation": name, "Parameters": dict(given)} for name, given in requests]


def _text(synthesised: Any, output: str) -> str:
    return to_json(synthesised) if output == "json" else to_yaml(synthesised)


def check(module: ModuleName) -> None:
    """Check all tables and functions of MODULE together, and tell every fault.

    Exit code 0: all is right; 1: there are faults.

        dynamodel check examples.movies
    """
    output = Output()
    try:
        declared = load(module)
        declared.stack()
    except FaultyModuleError as error:
        show_faults(output, error.faults, error.where)
        raise typer.Exit(NO) from None
    counts = (
        _counted(len(declared.tables), "table", "tables"),
        _counted(len(declared.entities), "entity", "entities"),
        _counted(len(declared.functions), "function", "functions"),
    )
    output.line(f"{module} is right: {', '.join(counts)}")


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def describe(module: ModuleName) -> None:
    """Show the tables, entities, keys, indexes, attributes and access patterns of MODULE.

    dynamodel describe examples.movies

    dynamodel describe examples.forum.app | less
    """
    print_description(load(module), Output())
