"""Values known at deployment only: what they refuse, and how a Sub is filled in."""

from __future__ import annotations

import pytest

from dynamodel.errors import DeclarationError
from dynamodel.schema.references import GetAtt, ImportValue, Parameter, Ref, Sub, is_cdk_token, references_in

STAGE = Parameter("Stage", default="dev", allowed_values=("dev", "prod"))


@pytest.mark.parametrize(
    ("make", "place", "rule"),
    [
        (lambda: Parameter("my-stage"), "Parameter 'my-stage'", "letters and digits"),
        (lambda: Parameter(""), "Parameter ''", "letters and digits"),
        (lambda: Parameter("S", type="string"), "Parameter 'S'.type", "parameter type"),
        (lambda: Parameter("S", description="x" * 4001), "Parameter 'S'.description", "4000"),
        (
            lambda: Parameter("S", default="c", allowed_values=["a", "b"]),
            "Parameter 'S'.default",
            "one of 'a', 'b'",
        ),
        (
            lambda: Parameter("S", default="ab", allowed_pattern="a"),
            "Parameter 'S'.default",
            "must match 'a'",
        ),
        (lambda: Sub("Movies-${Stage}"), "Sub 'Movies-${Stage}'", "${Stage} has no value"),
        (lambda: Sub("Movies-${AWS::Regoin}"), "Sub 'Movies-${AWS::Regoin}'", "has no value"),
        (lambda: Sub("Movies", Stage=STAGE), "Sub 'Movies'", "'Stage' is not used"),
    ],
)
def test_a_wrong_one_is_refused(make: object, place: str, rule: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        make()  # type: ignore[operator]
    (fault,) = caught.value.faults
    assert fault.place == place
    assert rule in fault.rule


@pytest.mark.parametrize(
    "type_",
    [
        "String",
        "Number",
        "CommaDelimitedList",
        "List<Number>",
        "List<AWS::EC2::Subnet::Id>",
        "AWS::EC2::VPC::Id",
        "AWS::SSM::Parameter::Value<String>",
        "AWS::SSM::Parameter::Value<List<String>>",
    ],
)
def test_the_types_of_cloudformation(type_: str) -> None:
    assert Parameter("S", type=type_).type == type_


def test_a_sub_is_filled_in() -> None:
    sub = Sub("${a}-${AWS::Region}-${a}-${!b}", a=STAGE)
    assert sub.placeholders == ("a", "AWS::Region")
    assert sub.filled({"a": "1", "AWS::Region": "eu"}.__getitem__) == "1-eu-1-${b}"


def test_references_at_any_depth() -> None:
    inner = Ref("AWS::Region")
    sub = Sub("${x}", x=inner)
    exported = ImportValue(STAGE)
    value = {"a": [1, {"b": sub}], "c": (GetAtt("Queue", "Arn"), exported), "d": "${x}"}
    assert list(references_in(value)) == [sub, inner, GetAtt("Queue", "Arn"), exported, STAGE]


def test_only_a_token_of_the_cdk_is_one() -> None:
    assert is_cdk_token("arn:${Token[AWS.Partition.3]}:x")
    assert not is_cdk_token("${Token}")
    assert not is_cdk_token("${AWS::Region}")
