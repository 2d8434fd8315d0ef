"""The requests of a stack's tables, and what they need of parameters."""

from __future__ import annotations

import pytest

from dynamodel import Parameter, RequestError, Sub, Table
from dynamodel.infra import Code, Function, Stack, boto3_requests, fixed_arns

stage = Parameter("Stage")
notes = Table(
    "Notes", partition_key="pk", time_to_live="ttl", deployed_name=Sub("Notes-${Stage}", Stage=stage)
)
plain = Table("Plain", partition_key="pk")
nothing = Function(
    "nothing", handler="index.handler", code=Code.inline("def handler(event, context): pass\n")
)


def test_table_after_table_without_functions() -> None:
    requests = boto3_requests(Stack(notes, nothing, plain), {"Stage": "dev"})
    assert [(request.operation, request.parameters["TableName"]) for request in requests] == [
        ("CreateTable", "Notes-dev"),
        ("UpdateTimeToLive", "Notes-dev"),
        ("CreateTable", "Plain"),
    ]


def test_a_parameter_without_value_is_named() -> None:
    with pytest.raises(
        RequestError, match=r"Table 'Notes'.deployed_name: the parameter 'Stage' has no default"
    ):
        boto3_requests(Stack(notes))


def test_fixed_arns_take_values_as_well() -> None:
    arns = fixed_arns("eu-west-1", "123456789012", parameters={"Stage": "dev"})
    assert arns.table(notes) == "arn:aws:dynamodb:eu-west-1:123456789012:table/Notes-dev"
