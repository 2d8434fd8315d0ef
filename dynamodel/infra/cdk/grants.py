"""Least-privilege policies as grants of the CDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from attrs import frozen
from aws_cdk import aws_iam

from dynamodel.infra.cdk.resources import CdkScope, tokens
from dynamodel.infra.iam.resources import TemplateArns

if TYPE_CHECKING:
    from constructs import Construct

    from dynamodel.infra.iam import Policy
    from dynamodel.schema.references import Text
    from dynamodel.schema.table import Table

__all__ = ["grant_patterns"]


@frozen
class _TokenArns(TemplateArns):
    """ARNs as tokens: texts, which is what the CDK's statements take."""

    def text(self, text: Text) -> str:
        """The text, or a token of it."""
        return cast("str", tokens(super().text(text)))

    def index(self, table: Table, name: str) -> str:
        """The table's ARN and `/index/NAME`."""
        return f"{self.table(table)}/index/{name}"


def grant_patterns(scope: Construct, grantee: aws_iam.IGrantable, allowed: Policy) -> aws_iam.Grant:
    """Adds a policy's statements to what a principal may do.

    Args:
        scope: a construct of the stack that holds the tables.
        grantee: who gets the permissions.
        allowed: the policy; the CDK divides what is too long for one managed policy.
    """
    arns = _TokenArns(CdkScope(scope, {}))
    whole = aws_iam.Grant.drop(grantee, "no access patterns")
    for place, statement in enumerate(allowed.statements):
        rendered = statement.to_dict(arns)
        grant = aws_iam.Grant.add_to_principal(
            grantee=grantee,
            actions=rendered["Action"],
            resource_arns=rendered["Resource"],
            conditions=rendered.get("Condition"),
        )
        whole = grant if place == 0 else whole.combine(grant)
    return whole
