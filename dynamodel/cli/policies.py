"""`iam`: the least-privilege policies of a module's functions, or of its entities."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dynamodel.cli.console import answer, note
from dynamodel.cli.modules import load
from dynamodel.cli.options import ModuleName, Parameters, parameter_values
from dynamodel.cli.problems import Problem
from dynamodel.entity.schema import schema_of
from dynamodel.infra import Policy, fixed_arns, policy, to_json
from dynamodel.infra.functions.role import table_statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dynamodel.cli.modules import Declared
    from dynamodel.infra import Arns, Function, Pattern
    from dynamodel.model.entity import Entity

__all__ = ["iam"]


def iam(  # noqa: PLR0913 - one parameter for each option
    module: ModuleName,
    *,
    region: Annotated[str, typer.Option(help="The region in the ARNs", metavar="REGION")] = "*",
    account: Annotated[str, typer.Option(help="The account's 12 digits in the ARNs", metavar="ID")] = "*",
    function: Annotated[
        str | None, typer.Option(help="Only the policy of this function", metavar="NAME", show_default=False)
    ] = None,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Of the entities: only get and query")
    ] = False,
    scan: Annotated[
        bool, typer.Option("--scan", help="Of the entities: Scan as well, which reads whole tables")
    ] = False,
    parameter: Parameters = None,
) -> None:
    """Print the IAM policies of MODULE as JSON.

    Where MODULE has functions: for each of them what it may do with tables and streams.

    Else, or with --read-only or --scan: one policy of the access patterns that the entities declare.

        dynamodel iam examples.movies --region eu-central-1 --account 123456789012

        dynamodel iam examples.movies --read-only
    """
    declared = load(module)
    parameters = parameter_values(parameter or (), declared.stack())
    if function is not None and (read_only or scan):
        raise Problem("--read-only and --scan are for the policy of the entities", "leave --function out")
    _require_place(region, account)
    if "*" in (region, account):
        note("the policy allows any region or account; make it exact with --region and --account")
    arns = fixed_arns(region, account, parameters=parameters)
    if function is not None:
        documents = _of_functions([declared.function_of_name(function)], arns)
    elif declared.functions and not (read_only or scan):
        documents = _of_functions(declared.functions, arns)
    else:
        patterns = _of_entities(declared, read_only=read_only, scan=scan)
        documents = {module: policy(patterns).document(arns)}
    answer(to_json(next(iter(documents.values())) if len(documents) == 1 else documents))


def _require_place(region: str, account: str) -> None:
    if account != "*" and not re.fullmatch("[0-9]{12}", account):
        raise Problem(f"--account takes 12 digits, found {account!r}", "for example 123456789012")
    if region != "*" and not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}", region):
        raise Problem(f"--region takes a region, found {region!r}", "for example eu-central-1")


def _of_functions(functions: Iterable[Function], arns: Arns) -> dict[str, dict[str, Any]]:
    """What each function may do with the tables and their streams, by its name."""
    documents = {}
    for function in functions:
        statements = table_statements(function)
        if statements:
            documents[function.name] = Policy(statements).document(arns)
        else:
            note(f"{function.name} uses no table, and needs no policy for one")
    return documents


def _of_entities(declared: Declared, *, read_only: bool, scan: bool) -> list[Pattern]:
    """The access patterns of all entities."""
    if not declared.entities:
        raise Problem(
            f"{declared.module} has no entity classes at its top, so there are no access patterns",
            "name the module that defines them",
        )
    return [
        pattern
        for entity in declared.entities
        for pattern in _patterns(entity, read_only=read_only, scan=scan)
    ]


def _patterns(entity: type[Entity], *, read_only: bool, scan: bool) -> Iterator[Pattern]:
    """What an entity class declares: one item by its key, many by each index, and the writes."""
    schema: Any = schema_of(entity)
    bound: Any = entity
    for path in schema.paths:
        yield getattr(bound, path).query
        if scan:
            yield getattr(bound, path).scan
    primary = getattr(bound, schema.primary.name.rpartition(".")[2])
    yield primary.get
    if not read_only:
        yield from (bound.put, bound.create, primary.update, primary.delete)
