"""Damaged input: whatever stands in place of a part, it is a fault, a note, or a table; never a traceback."""

from __future__ import annotations

import copy
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamodel import DeclarationError
from dynamodel.infra.global_table import global_table_properties
from dynamodel.infra.importing import from_cloudformation, from_workbench, python_source
from dynamodel.infra.tables import table_properties
from dynamodel.infra.template import Scope
from dynamodel.schema import Replica, StreamViewType
from tests.schema.cases import RIGHT, RIGHT_IN_TEMPLATES, RIGHT_UNASKED, global_index, table

from .test_workbench import MODELS, load

VALUES = st.sampled_from(
    [
        None,
        0,
        -1,
        1.5,
        True,
        "",
        "x",
        "S",
        "a b",
        [],
        [None],
        ["x"],
        [[]],
        {},
        {"x": 1},
        {"S": "x"},
        {"N": "x"},
        {"Ref": "Stage"},
        {"Ref": "AWS::NoValue"},
        {"Ref": "AWS::NotificationARNs"},
        {"Ref": 3},
        {"Fn::Sub": "${"},
        {"Fn::Sub": "${}-${!x}-${AWS::X}"},
        {"Fn::Sub": ["${a.b}", {"a.b": [1]}]},
        {"Fn::GetAtt": "x"},
        {"Fn::Join": ["", [{"Ref": "A"}, {"Fn::GetAtt": ["A", "B"]}, "${"]]},
        {"Fn::If": ["a", "b", "c"]},
        {"Fn::Transform": {}},
    ]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, part in entries:
        found += places(part, (*path, key))
    return found


@st.composite
def damaged(draw: st.DrawFn, whole: Any) -> Any:
    whole = copy.deepcopy(whole)
    for _ in range(draw(st.integers(1, 3))):
        if not (found := places(whole)):
            return whole
        *path, last = draw(st.sampled_from(found))
        parent = whole
        for step in path:
            parent = parent[step]
        if draw(st.booleans()):
            parent[last] = copy.deepcopy(draw(VALUES))
        elif isinstance(parent, dict):
            del parent[last]
    return whole


def templates() -> list[Any]:
    definitions = [case.definition for case in (*RIGHT, *RIGHT_UNASKED, *RIGHT_IN_TEMPLATES)]
    found = [("AWS::DynamoDB::Table", table_properties(definition)) for definition in definitions]
    replicated = table(
        global_index(),
        stream=StreamViewType.NEW_AND_OLD_IMAGES,
        replicas=(Replica("eu-west-1", deletion_protection=True),),
    )
    found += [("AWS::DynamoDB::GlobalTable", global_table_properties(replicated))] * 5
    return [
        {
            "Parameters": {"Stage": {"Type": "String"}},
            "Resources": {"Tab": {"Type": kind, "Properties": Scope({}).render(properties)}},
        }
        for kind, properties in found
        if len(places(properties)) < 200
    ]


TEMPLATES = templates()


@given(st.integers(0, len(TEMPLATES) - 1).flatmap(lambda number: damaged(TEMPLATES[number])))
@settings(max_examples=300)
def test_templates(template: Any) -> None:
    with suppress(DeclarationError):
        python_source(from_cloudformation(template))


@pytest.mark.parametrize("name", [path.stem for path in MODELS])
@given(st.data())
@settings(max_examples=80)
def test_models(name: str, data: st.DataObject) -> None:
    with suppress(DeclarationError):
        python_source(from_workbench(data.draw(damaged(load(name)))))
