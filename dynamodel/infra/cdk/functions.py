"""`DynamodelFunction`: a declared Lambda function as a construct of the CDK."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, cast

import aws_cdk
from attrs import evolve
from aws_cdk import aws_iam, aws_lambda
from constructs import Construct

from dynamodel.errors import DeclarationError, Fault
from dynamodel.infra.cdk.resources import MAIN, CdkScope, include, register
from dynamodel.infra.functions import function_resources
from dynamodel.infra.template import Resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel.infra.cdk.tables import DynamodelTable, DynamodelTableV2
    from dynamodel.infra.functions import Function
    from dynamodel.schema.references import ResourceAttribute
    from dynamodel.schema.table import Table

__all__ = ["DynamodelFunction"]

_VERSION = "AWS::Lambda::Version"


class DynamodelFunction(Construct):
    """A declared function with its role, log group, URL, permissions and event sources.

    Add the constructs of the tables that it uses first: it finds those of its own stack by itself. The code
    of `Code.folder(...)` becomes an asset, which `cdk deploy` uploads.

    Args:
        scope: the stack, or a construct in it.
        construct_id: the construct's id in its scope. That of a CDK `Function` gives the same logical id.
        function: the function as it is declared.
        tables: the constructs of tables in other stacks that it uses.

    Raises:
        DeclarationError: the function is in the stack already, or uses a table without a construct.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        function: Function,
        *,
        tables: Mapping[Table, DynamodelTable | DynamodelTableV2] | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.declaration = function
        """The function as it is declared."""
        register(self, function, self)
        resources = function_resources(function, CdkScope(self, {function: MAIN}, tables))
        resources = _lasting_version(_with_asset(self, function, resources), aws_cdk.Stack.of(self))
        constructs = include(self, resources)
        self.resource = cast("aws_lambda.CfnFunction", constructs[MAIN])
        """The `AWS::Lambda::Function` itself, for what only the CDK has, such as property overrides."""
        urls = [each for each in constructs.values() if isinstance(each, aws_lambda.CfnUrl)]
        self.function_url: str | None = urls[0].attr_function_url if urls else None
        """The address of its URL, as a token; None if it has none."""
        (role,) = (each for each in constructs.values() if isinstance(each, aws_iam.CfnRole))
        self.role: aws_iam.IRole = aws_iam.Role.from_role_name(self, "Role", role.ref)
        """Its execution role, to which grants of the CDK add."""
        self.function: aws_lambda.IFunction = aws_lambda.Function.from_function_attributes(
            self,
            "Function",
            function_arn=self.function_arn,
            role=self.role,
            same_environment=True,
            architecture=_architecture(function),
        )
        """The function as the CDK's own constructs take it: grants, metrics, event sources."""

    @property
    def function_name(self) -> str:
        """The function's name, as a token."""
        return self.resource.ref

    @property
    def function_arn(self) -> str:
        """The function's ARN, as a token."""
        return self.resource.attr_arn

    def value_of(self, attribute: ResourceAttribute) -> str:
        """What `name_of` and `arn_of` mean of this function, as a token.

        Raises:
            DeclarationError: another attribute, which only tables have.
        """
        if attribute == "StreamArn":
            rule = "is a function, found a use of its stream; only a table has one"
            raise DeclarationError([Fault(self.declaration.place, rule)])
        return self.function_name if attribute == "Ref" else self.function_arn


def _architecture(function: Function) -> aws_lambda.Architecture:
    declared = function.architecture
    is_arm = declared is not None and declared.value == "arm64"
    return aws_lambda.Architecture.ARM_64 if is_arm else aws_lambda.Architecture.X86_64


def _with_asset(
    construct: Construct, function: Function, resources: Mapping[str, Resource]
) -> dict[str, Resource]:
    """The resources with the code's folder as an asset of the CDK, where the code is a folder."""
    if function.code.kind != "folder":
        return dict(resources)
    location = aws_lambda.Code.from_asset(str(function.code.place)).bind(construct).s3_location
    if location is None:
        raise TypeError("the CDK gave an asset without a place in S3")
    code = {"S3Bucket": location.bucket_name, "S3Key": location.object_key}
    main = resources[MAIN]
    return {**resources, MAIN: evolve(main, properties={**main.properties, "Code": code})}


def _lasting_version(resources: Mapping[str, Resource], stack: aws_cdk.Stack) -> dict[str, Resource]:
    """The resources with the version's id from what tokens stand for.

    The id has a digest of the function's properties, so that a change publishes another version. The text
    of a token is another in each run of an app.
    """
    versions = [name for name, resource in resources.items() if resource.type == _VERSION]
    if not versions:
        return dict(resources)
    properties = stack.resolve(dict(resources[MAIN].properties))
    digest = hashlib.sha256(json.dumps(properties, sort_keys=True).encode()).hexdigest()[:16]
    names = {versions[0]: f"{MAIN}Version{digest}"}
    return {
        names.get(name, name): evolve(
            resource,
            properties=_renamed(resource.properties, names),
            depends_on=tuple(names.get(each, each) for each in resource.depends_on),
        )
        for name, resource in resources.items()
    }


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """The value, in which references to a resource have its new id."""
    if isinstance(value, list):
        return [_renamed(part, names) for part in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        return {"Ref": names.get(value["Ref"], value["Ref"])}
    if set(value) == {"Fn::GetAtt"}:
        name, *attribute = value["Fn::GetAtt"]
        return {"Fn::GetAtt": [names.get(name, name), *attribute]}
    return {key: _renamed(part, names) for key, part in value.items()}
