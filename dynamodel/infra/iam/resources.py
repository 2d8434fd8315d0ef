"""What statements allow actions on, and how it becomes text: ARNs for one account, or a template's functions.

Guarantee: an ARN that is not known is an error, never a wider one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias, cast

from attrs import field, frozen

from dynamodel.errors import DeclarationError, Fault
from dynamodel.infra.template import Scope
from dynamodel.schema.references import Parameter, Ref, ResourceValue, Sub, Text
from dynamodel.schema.table import Table

__all__ = [
    "AnyResource",
    "Arns",
    "FixedArns",
    "IndexResource",
    "KeyResource",
    "Resource",
    "StreamResource",
    "TableResource",
    "TemplateArns",
    "fixed_arns",
    "template_arns",
]


@frozen
class TableResource:
    """A table, without its indexes."""

    table: Table

    def render(self, arns: Arns) -> Any:
        """The table's ARN."""
        return arns.table(self.table)


@frozen
class IndexResource:
    """One index of a table."""

    table: Table
    index: str

    def render(self, arns: Arns) -> Any:
        """The index's ARN."""
        return arns.index(self.table, self.index)


@frozen
class StreamResource:
    """The stream of a table."""

    table: Table

    def render(self, arns: Arns) -> Any:
        """The stream's ARN."""
        return arns.stream(self.table)


@frozen
class KeyResource:
    """A KMS key."""

    arn: Text

    def render(self, arns: Arns) -> Any:
        """The key's ARN."""
        return arns.text(self.arn)


@frozen
class AnyResource:
    """`*`, for actions that know no resources, such as ListStreams."""

    def render(self, arns: Arns) -> Any:
        """The asterisk."""
        return "*"


Resource: TypeAlias = TableResource | IndexResource | StreamResource | KeyResource | AnyResource
"""What a statement allows its actions on."""


class Arns(Protocol):
    """How resources and references become text: plain, or as a template's intrinsic functions."""

    def table(self, table: Table) -> Any:
        """The ARN of a table."""
        ...

    def index(self, table: Table, name: str) -> Any:
        """The ARN of an index."""
        ...

    def stream(self, table: Table) -> Any:
        """The ARN of a table's stream."""
        ...

    def text(self, text: Text) -> Any:
        """A text, or what is known at deployment only."""
        ...


@frozen
class FixedArns:
    """ARNs as plain text, of one region and account."""

    region: str
    account: str
    partition: str
    parameters: Mapping[str, str] = field(factory=dict, hash=False)

    def table(self, table: Table) -> str:
        """The ARN, with the name in templates where the table has one.

        Raises:
            DeclarationError: the name is known at deployment only.
        """
        deployed = table.definition.settings.deployed_name
        name = table.name if deployed is None else self.text(deployed)
        return f"arn:{self.partition}:dynamodb:{self.region}:{self.account}:table/{name}"

    def index(self, table: Table, name: str) -> str:
        """The index's ARN; errors as for `table`."""
        return f"{self.table(table)}/index/{name}"

    def stream(self, table: Table) -> str:
        """The ARN of any stream that the table ever has: its label is a time that AWS chooses."""
        return f"{self.table(table)}/stream/*"

    def text(self, text: Text) -> str:
        """The text; of a parameter its default, of a `Sub` the text with all placeholders filled in.

        Raises:
            DeclarationError: it is known at deployment only.
        """
        pseudo = {
            "AWS::Partition": self.partition,
            "AWS::Region": self.region,
            "AWS::AccountId": self.account,
        }
        match text:
            case str():
                return text
            case Parameter(name) if name in self.parameters:
                return self.parameters[name]
            case Parameter(default=str(default)):
                return default
            case Ref(name) if name in pseudo:
                return pseudo[name]
            case Sub():
                named = {**pseudo, **text.values}
                if named.keys() >= set(text.placeholders):
                    return text.filled(lambda name: self.text(named[name]))
        rule = (
            "is known at deployment only, so no fixed ARN has it; give the parameter a default, or use the "
        )
        raise DeclarationError([Fault(f"fixed_arns(): {text!r}", rule + "policy in a template")])


def fixed_arns(
    region: str, account: str, partition: str = "aws", *, parameters: Mapping[str, str] | None = None
) -> FixedArns:
    """ARNs as plain text, for a policy outside of a template.

    Args:
        region: such as `eu-central-1`; `*` allows the tables of this name in all regions.
        account: its 12 digits; or `*`.
        partition: `aws`, `aws-cn` or `aws-us-gov`.
        parameters: the values of parameters by their names; others have their defaults.
    """
    return FixedArns(region, account, partition, parameters or {})


@frozen
class TemplateArns:
    """ARNs as intrinsic functions of a template that holds the tables."""

    scope: Scope

    def table(self, table: Table) -> Any:
        """`Fn::GetAtt` of the table's ARN."""
        return self.text(ResourceValue(table, "Arn"))

    def index(self, table: Table, name: str) -> Any:
        """The table's ARN and `/index/NAME`."""
        return {"Fn::Join": ["", [self.table(table), f"/index/{name}"]]}

    def stream(self, table: Table) -> Any:
        """`Fn::GetAtt` of the ARN of the table's stream."""
        return self.text(ResourceValue(table, "StreamArn"))

    def text(self, text: Text) -> Any:
        """The text as the template has it."""
        return cast("Any", self.scope.render(text))


def template_arns(scope: Scope) -> TemplateArns:
    """ARNs for a policy inside a template.

    Args:
        scope: of the template; it must know the tables.
    """
    return TemplateArns(scope)
