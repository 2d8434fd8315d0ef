"""What references of a declaration are on this machine: names, ARNs of the local engine, parameters' values.

Guarantee: what comes out is plain text; a reference whose text only CloudFormation knows is named in an
error, with the place where it stands.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dynamodel.errors import RequestError
from dynamodel.infra.functions import Function
from dynamodel.infra.functions.destinations import Destination
from dynamodel.schema.references import (
    ImportValue,
    Parameter,
    Ref,
    Reference,
    ResourceAttribute,
    ResourceValue,
    Sub,
    Text,
)
from dynamodel.schema.table import Table
from dynamodel.testing.local_lambda.engine import REGION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel.testing.local_lambda.engine import Engine

__all__ = ["Resolver"]

_ARN = re.compile(
    r"arn:aws[a-z-]*:(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*):(?P<account>\d*):(?P<rest>.+)"
)

_DYNAMODB_LOCAL_REGION = "ddblocal"
"""In the ARNs that DynamoDB Local gives, whatever the client's region (measured)."""


class Resolver:
    """The texts of one local Lambda.

    Args:
        engine: whose account and region ARNs have.
        parameters: values of parameters and of pseudo parameters, by name.
    """

    def __init__(self, engine: Engine, parameters: Mapping[str, str]) -> None:
        self._engine = engine
        self.values: Mapping[str, str] = {
            "AWS::AccountId": engine.account,
            "AWS::Partition": "aws",
            "AWS::Region": REGION,
            "AWS::StackName": "local",
            "AWS::URLSuffix": "amazonaws.com",
            **parameters,
        }
        """Of parameters and pseudo parameters, by name."""

    def text(self, value: Text, place: str) -> str:
        """The plain text.

        Args:
            value: a text, or a reference to one.
            place: where it stands, for the error.

        Raises:
            RequestError: the reference means something that only a deployment knows.
        """
        match value:
            case str():
                return value
            case Parameter():
                return self._parameter(value, place)
            case Ref(name) if name in self.values:
                return self.values[name]
            case Sub():
                return value.filled(
                    lambda name: self.text(value.values[name] if name in value.values else Ref(name), place)
                )
            case ResourceValue(Table() | Function() as target, attribute):
                return self._of_resource(target, attribute, place)
        raise RequestError(f"{place}: {_named(value)} is known to CloudFormation only; give a text")

    def local(self, value: Text, place: str) -> str:
        """The plain text; an ARN becomes that of the engine's account and region.

        One of DynamoDB Local stays: it knows its streams by no other name.

        Raises:
            RequestError: as `text`.
        """
        text = self.text(value, place)
        found = _ARN.fullmatch(text)
        if found is None or found["region"] == _DYNAMODB_LOCAL_REGION:
            return text
        region = found["region"] and REGION
        account = found["account"] and self._engine.account
        return f"arn:aws:{found['service']}:{region}:{account}:{found['rest']}"

    def destination(self, given: Destination | Text, place: str) -> str:
        """The local ARN of a destination."""
        return self.local(given.target if isinstance(given, Destination) else given, place)

    def table_name(self, table: Table) -> str:
        """The name under which a table is deployed."""
        given = table.settings.deployed_name
        return table.name if given is None else self.text(given, table.place)

    def function_name(self, function: Function) -> str:
        """The name under which a function is deployed."""
        return self.text(function.template_name, function.place)

    def function_arn(self, function: Function) -> str:
        """The ARN of a function's latest code, without a qualifier."""
        return f"arn:aws:lambda:{REGION}:{self._engine.account}:function:{self.function_name(function)}"

    def _of_resource(self, target: Table | Function, attribute: ResourceAttribute, place: str) -> str:
        if isinstance(target, Function):
            return self.function_arn(target) if attribute == "Arn" else self.function_name(target)
        name = self.table_name(target)
        match attribute:
            case "Ref":
                return name
            case "Arn":
                return f"arn:aws:dynamodb:{REGION}:{self._engine.account}:table/{name}"
            case "StreamArn":
                return self._engine.stream_arn(name)

    def _parameter(self, parameter: Parameter, place: str) -> str:
        value = self.values.get(parameter.name, parameter.default)
        if value is None:
            rule = (
                f"the parameter {parameter.name!r} has no default; give LocalLambda(parameters=...) its value"
            )
            raise RequestError(f"{place}: {rule}")
        # The value itself stays out of the message: a parameter may be secret (no_echo).
        if any(parameter.value_faults(value, place)):
            raise RequestError(f"{place}: the parameter {parameter.name!r} does not take the value given")
        return value


def _named(value: Reference) -> str:
    return (
        f"{type(value).__name__} of {value.name!r}" if isinstance(value, Ref | ImportValue) else repr(value)
    )
