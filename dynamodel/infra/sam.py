"""A stack as a template of the AWS Serverless Application Model (SAM).

It is the CloudFormation template, with functions as `AWS::Serverless::Function`, whose code `sam build`
and `sam package` find by its path. Everything else stays as it is: SAM passes it through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamodel.infra.cloudformation import cloudformation
from dynamodel.infra.functions.destinations import destination

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel.infra.functions import Function
    from dynamodel.infra.stack import Stack

__all__ = ["sam"]

_RENAMED = {"TracingConfig": "Tracing", "DeadLetterConfig": "DeadLetterQueue"}


def sam(stack: Stack) -> dict[str, Any]:
    """The template as plain JSON; see `to_json` and `to_yaml`."""
    template = cloudformation(stack)
    functions = {stack.ids[function]: function for function in stack.functions}
    resources = {
        name: _serverless(resource, functions[name]) if name in functions else resource
        for name, resource in template["Resources"].items()
    }
    head = {"AWSTemplateFormatVersion": template["AWSTemplateFormatVersion"]}
    return head | {"Transform": "AWS::Serverless-2016-10-31"} | template | {"Resources": resources}


def _serverless(resource: Mapping[str, Any], function: Function) -> dict[str, Any]:
    """The function under SAM's names (SAM developer guide: AWS::Serverless::Function)."""
    given = dict(resource["Properties"])
    properties = _code(given.pop("Code")) | {_RENAMED.get(name, name): given[name] for name in given}
    if "Tags" in properties:
        properties["Tags"] = {tag["Key"]: tag["Value"] for tag in properties["Tags"]}
    if "Tracing" in properties:
        properties["Tracing"] = properties["Tracing"]["Mode"]
    if function.dead_letter_queue is not None:
        kind = destination(function.dead_letter_queue).kind
        properties["DeadLetterQueue"] = {"Type": kind.upper(), **properties["DeadLetterQueue"]}
    return {**resource, "Type": "AWS::Serverless::Function", "Properties": properties}


def _code(code: Any) -> dict[str, Any]:
    """`Code` as SAM has it: a path, an object in S3, the text itself, or an image."""
    if isinstance(code, str):
        return {"CodeUri": code}
    if "ZipFile" in code:
        return {"InlineCode": code["ZipFile"]}
    if "ImageUri" in code:
        return {"ImageUri": code["ImageUri"]}
    names = {"S3Bucket": "Bucket", "S3Key": "Key", "S3ObjectVersion": "Version"}
    return {"CodeUri": {names[name]: value for name, value in code.items()}}
