"""`synth`, `check` and `describe`: what follows from a module, without any endpoint."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from dynamodel.cli.console import Output, answer, note, show_faults
from dynamodel.cli.describe import describe as print_description
from dynamodel.cli.modules import load
from dynamodel.cli.options import ModuleName
from dynamodel.cli.problems import NO, FaultyModuleError
from dynamodel.infra import Stack, boto3_requests, cloudformation, sam, to_json, to_yaml

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
) -> None:
    """Print the template of all tables and functions of MODULE.

    Nothing else is printed on stdout:

        dynamodel synth examples.movies > template.yaml

        dynamodel synth examples.movies --format sam --output json
    """
    declared = load(module)
    if format_ == "boto3" and declared.functions:
        note("the functions are left out: these are the requests of the tables")
    answer(_text(_synthesised(declared.stack(), format_), output))


def _synthesised(stack: Stack, format_: str) -> Any:
    match format_:
        case "sam":
            return sam(stack)
        case "cdk":
            from dynamodel.infra.cdk import synthesise  # noqa: PLC0415 - needs the extra cdk

            return synthesise(stack)
        case "boto3":
            requests = boto3_requests(stack)
            return [{"Operation": name, "Parameters": dict(parameters)} for name, parameters in requests]
        case _:
            return cloudformation(stack)


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
