"""Templates as text, and back; read as CloudFormation's own tools read them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cfnlint.decode.cfn_yaml import loads
from hypothesis import given
from hypothesis import strategies as st

from dynamodel.errors import DeclarationError
from dynamodel.infra import read_template, to_json, to_yaml

SHORT = """
Resources:
  A:
    Type: T
    Version: 2012-10-17
    Flag: yes
    Refs: [!Ref B, !GetAtt B.Arn, !GetAtt [B, C.D], !Sub "${B}x", !Join ["", [!Ref B, "x"]]]
    Sub: !Sub
      - "${x}"
      - x: !ImportValue y
    If: !If [Is, !Ref "AWS::NoValue", 1]
    Condition: !Condition Is
"""


def test_short_tags_become_the_long_form() -> None:
    assert read_template(SHORT)["Resources"]["A"] == {
        "Type": "T",
        "Version": "2012-10-17",
        "Flag": True,
        "Refs": [
            {"Ref": "B"},
            {"Fn::GetAtt": ["B", "Arn"]},
            {"Fn::GetAtt": ["B", "C.D"]},
            {"Fn::Sub": "${B}x"},
            {"Fn::Join": ["", [{"Ref": "B"}, "x"]]},
        ],
        "Sub": {"Fn::Sub": ["${x}", {"x": {"Fn::ImportValue": "y"}}]},
        "If": {"Fn::If": ["Is", {"Ref": "AWS::NoValue"}, 1]},
        "Condition": {"Condition": "Is"},
    }


def test_cfn_lint_reads_the_same() -> None:
    assert json.loads(json.dumps(loads(SHORT), default=str)) == read_template(SHORT)


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12) | st.sampled_from(
    [
        "yes",
        "no",
        "on",
        "1",
        "0x1",
        "1e3",
        "2012-10-17",
        "012345678901",
        "null",
        "~",
        "- a",
        "a: b",
        "!Ref x",
        "${Stage}",
        "=",
        "<<",
    ]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(texts, values, min_size=1, max_size=3))
def test_what_is_written_is_read_again(template: dict[str, Any]) -> None:
    assert read_template(to_json(template)) == template
    assert read_template(to_yaml(template)) == template


def test_each_value_stands_where_it_is_used() -> None:
    shared = {"a": ["b"]}
    assert "&" not in to_yaml({"one": shared, "two": shared})


@pytest.mark.parametrize("text", ["", "[1]", "a: b: c", "{", "text", "!Unknown"])
def test_what_is_no_template_is_refused(text: str) -> None:
    with pytest.raises(DeclarationError, match="template"):
        read_template(text)


@pytest.mark.parametrize("text", ["012345678901", "08", "0o17", "1e3", "-1", "+1.5", "0x1F", ".5"])
def test_what_other_readers_take_for_a_number_is_quoted(text: str) -> None:
    assert to_yaml({"a": text}) == f"a: '{text}'\n"


@pytest.mark.parametrize(
    "text",
    ["a: 1\na: 2", '{"a": 1, "a": 2}', "[" * 100_000, "a: &a\n  b: *a"],
    ids=["YAML twice", "JSON twice", "deep", "itself"],
)
def test_what_would_be_lost_or_has_no_end_is_refused(text: str) -> None:
    with pytest.raises(DeclarationError, match="template"):
        read_template(text)


def test_code_stands_in_blocks() -> None:
    assert to_yaml({"code": "a = 1\nb = 2\n"}) == "code: |\n  a = 1\n  b = 2\n"
