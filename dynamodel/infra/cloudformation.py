"""A stack as a CloudFormation template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
        resources |= table_resources(table, scope)
    template: dict[str, Any] = {"AWSTemplateFormatVersion": "2010-09-09"}
    if stack.description is not None:
        template["Description"] = stack.description
    if scope.parameters:
        template["Parameters"] = scope.parameters_section()
    template["Resources"] = {name: resource.to_dict() for name, resource in resources.items()}
    return template
