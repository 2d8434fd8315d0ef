"""The arguments that several commands share."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from dynamodel.cli.problems import Problem
from dynamodel.client.sync import connect
from dynamodel.errors import RequestError
from dynamodel.infra import cloudformation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynamodel.client.sync import Client
    from dynamodel.infra import Stack

__all__ = [
    "EndpointUrl",
    "ModuleName",
    "Parameters",
    "Region",
    "TableName",
    "open_client",
    "parameter_values",
]

ModuleName: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="MODULE",
        help="A module or package with tables at its top: examples.movies",
        show_default=False,
    ),
]
EndpointUrl: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="Another endpoint than AWS's, such as DynamoDB Local's http://localhost:8000",
        metavar="URL",
        show_default=False,
    ),
]
Region: TypeAlias = Annotated[
    str | None,
    typer.Option(help="An AWS region; as boto3 finds it if left out", metavar="REGION", show_default=False),
]
TableName: TypeAlias = Annotated[
    str | None,
    typer.Option("--table", help="Only the table of this name", metavar="NAME", show_default=False),
]
Parameters: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--parameter",
        help="The value of a parameter of the template, such as Stage=dev; may be given several times",
        metavar="NAME=VALUE",
        show_default=False,
    ),
]


def open_client(endpoint_url: str | None, region: str | None) -> Client:
    """A client of an endpoint. Credentials are found as boto3 finds them.

    Raises:
        Problem: no region is configured, or the endpoint is no address.
    """
    try:
        return connect(endpoint_url=endpoint_url, region=region)
    except RequestError as error:
        hint = "for example: --region us-east-1" if "region" in str(error) else ""
        raise Problem(str(error), hint) from None


def parameter_values(given: Sequence[str], stack: Stack) -> dict[str, str]:
    """The values that `--parameter NAME=VALUE` gives, by name.

    Raises:
        Problem: one is not of this form, or the stack has no such parameter.
    """
    known = cloudformation(stack).get("Parameters", {})
    values: dict[str, str] = {}
    for parameter in given:
        name, sign, value = parameter.partition("=")
        if not sign or not name:
            raise Problem(f"--parameter takes NAME=VALUE, found {parameter!r}")
        if name not in known and not name.startswith("AWS::"):
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known) or 'none'}"
            raise Problem(f"there is no parameter {name!r}", hint)
        values[name] = value
    return values
