"""A whole stack through the CDK, without an app of your own."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

import aws_cdk

from dynamodel.infra.cdk.functions import DynamodelFunction
from dynamodel.infra.cdk.tables import DynamodelTable, DynamodelTableV2

if TYPE_CHECKING:
    from dynamodel.infra.stack import Stack

__all__ = ["add_all", "synthesise"]


def add_all(scope: aws_cdk.Stack, stack: Stack) -> None:
    """Adds every table and function of a stack to one of the CDK, each under its logical id of a template."""
    for table in stack.tables:
        construct = DynamodelTableV2 if table.settings.replicas else DynamodelTable
        construct(scope, stack.ids[table], table)
    for function in stack.functions:
        name = stack.ids[function]
        url = DynamodelFunction(scope, name, function).function_url
        if url is not None:
            aws_cdk.CfnOutput(scope, f"{name}UrlAddress", value=url)


def synthesise(stack: Stack, region: str | None = None) -> dict[str, Any]:
    """The template as the CDK synthesises it from the constructs of this package, as plain JSON.

    Args:
        stack: the tables and functions.
        region: where the stack is deployed. Tables with replicas need it; None: any region.
    """
    with tempfile.TemporaryDirectory() as folder:
        app = aws_cdk.App(outdir=folder, analytics_reporting=False)
        environment = None if region is None else aws_cdk.Environment(region=region)
        scope = aws_cdk.Stack(
            app,
            "Stack",
            env=environment,
            description=stack.description,
            # The assets of functions need the bucket that `cdk bootstrap` makes.
            synthesizer=aws_cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
        )
        add_all(scope, stack)
        template: dict[str, Any] = app.synth().get_stack_artifact(scope.artifact_id).template
        return template
