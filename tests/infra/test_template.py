"""How references become intrinsic functions, and names become logical ids."""

from __future__ import annotations

from typing import Any

import pytest

from dynamodel import GetAtt, ImportValue, Parameter, Ref, RemovalPolicy, Sub, Table
from dynamodel.errors import DeclarationError
from dynamodel.infra import arn_of, name_of, stream_arn_of
from dynamodel.infra.template import Resource, Scope, logical_id, parameter_faults

MOVIES = Table("Movies", partition_key="pk")
STAGE = Parameter("Stage", default="dev", allowed_values=["dev", "prod"], description="Where it runs")


def scope() -> Scope:
    return Scope({MOVIES: "MoviesTable"})


@pytest.mark.parametrize(
    ("value", "rendered"),
    [
        ("Movies", "Movies"),
        (STAGE, {"Ref": "Stage"}),
        (Ref("AWS::Region"), {"Ref": "AWS::Region"}),
        (GetAtt("Queue", "Arn"), {"Fn::GetAtt": ["Queue", "Arn"]}),
        (ImportValue("key"), {"Fn::ImportValue": "key"}),
        (ImportValue(Sub("${AWS::Region}-key")), {"Fn::ImportValue": {"Fn::Sub": "${AWS::Region}-key"}}),
        (Sub("Movies-${Stage}", Stage=STAGE), {"Fn::Sub": "Movies-${Stage}"}),
        (Sub("Movies-${s}", s=STAGE), {"Fn::Sub": ["Movies-${s}", {"s": {"Ref": "Stage"}}]}),
        (
            Sub("${Stage}-${queue}", Stage=STAGE, queue=GetAtt("Queue", "Arn")),
            {"Fn::Sub": ["${Stage}-${queue}", {"queue": {"Fn::GetAtt": ["Queue", "Arn"]}}]},
        ),
        (name_of(MOVIES), {"Ref": "MoviesTable"}),
        (arn_of(MOVIES), {"Fn::GetAtt": ["MoviesTable", "Arn"]}),
        (stream_arn_of(MOVIES), {"Fn::GetAtt": ["MoviesTable", "StreamArn"]}),
        ({"a": [STAGE, 1, None], "b": (True,)}, {"a": [{"Ref": "Stage"}, 1, None], "b": [True]}),
    ],
)
def test_references_are_intrinsic_functions(value: object, rendered: Any) -> None:
    assert scope().render(value) == rendered


def test_a_template_declares_the_parameters_that_it_uses() -> None:
    used = scope()
    used.render([Sub("${Stage}", Stage=STAGE), Parameter("Key", no_echo=True, allowed_pattern="arn:.*")])
    assert used.parameters_section() == {
        "Stage": {
            "Type": "String",
            "Default": "dev",
            "AllowedValues": ["dev", "prod"],
            "Description": "Where it runs",
        },
        "Key": {"Type": "String", "AllowedPattern": "arn:.*", "NoEcho": True},
    }


def test_what_is_not_in_the_template_cannot_be_referred_to() -> None:
    with pytest.raises(DeclarationError, match=r"Table 'Other'.*add it to the stack"):
        scope().render(arn_of(Table("Other", partition_key="pk")))


def test_one_name_is_one_parameter() -> None:
    assert list(parameter_faults([STAGE, {"x": Sub("${Stage}", Stage=STAGE)}])) == []
    (fault,) = parameter_faults([STAGE, Sub("${Stage}", Stage=Parameter("Stage"))])
    assert fault.place == "Parameter 'Stage'"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Movies", "MoviesTable"),
        ("my-app.users", "MyAppUsersTable"),
        ("a_b", "ABTable"),
        ("2024", "2024Table"),
        ("movieCast", "MovieCastTable"),
    ],
)
def test_logical_ids(name: str, expected: str) -> None:
    assert logical_id(name, "Table") == expected


@pytest.mark.parametrize(
    ("removal", "policies"),
    [
        (None, {}),
        (RemovalPolicy.DESTROY, {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"}),
        (RemovalPolicy.RETAIN, {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}),
        (
            RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
            {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"},
        ),
    ],
)
def test_what_becomes_of_a_resource(removal: RemovalPolicy | None, policies: dict[str, str]) -> None:
    assert Resource("T", {"A": 1}, removal).to_dict() == {"Type": "T", "Properties": {"A": 1}, **policies}
    assert Resource("T", depends_on=("x",)).to_dict() == {"Type": "T", "DependsOn": ["x"]}
