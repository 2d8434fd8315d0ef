"""A stack as a CloudFormation template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamodel.infra.functions import function_resources
from dynamodel.infra.global_table import global_table_resources
from dynamodel.infra.scaling import scaling_resources
from dynamodel.infra.tables import table_resources
from dynamodel.infra.template import Resource, Scope

if TYPE_CHECKING:
    from dynamodel.infra.stack import Stack

__all__ = ["cloudformation"]


def cloudformation(stack: Stack) -> dict[str, Any]:
    """The template as plain JSON; see `to_json` and `to_yaml`."""
    scope = Scope(stack.ids)
    resources: dict[str, Resource] = {}
    for table in stack.tables:
        if table.settings.replicas:
            resources |= global_table_resources(table, scope)
        else:
            resources |= table_resources(table, scope) | scaling_resources(table, scope)
    for function in stack.functions:
        resources |= function_resources(function, scope)
    template: dict[str, Any] = {"AWSTemplateFormatVersion": "2010-09-09"}
    if stack.description is not None:
        template["Description"] = stack.description
    if scope.parameters:
        template["Parameters"] = scope.parameters_section()
    outputs = _outputs(stack)
    template["Resources"] = {name: resource.to_dict() for name, resource in resources.items()}
    return template | ({"Outputs": outputs} if outputs else {})


def _outputs(stack: Stack) -> dict[str, Any]:
    """The addresses of function URLs, which only the deployment knows."""
    ids = [stack.ids[function] for function in stack.functions if function.url is not None]
    return {f"{name}UrlAddress": {"Value": {"Fn::GetAtt": [f"{name}Url", "FunctionUrl"]}} for name in ids}
