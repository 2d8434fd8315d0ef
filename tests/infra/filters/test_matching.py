"""The evaluator: the rules of AWS's guide and of its engine, and moto's EventPattern as a second opinion."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.events.models import EventPattern

from dynamodel import RequestError
from dynamodel.infra.filters import matches

RECORD = {
    "eventName": "INSERT",
    "dynamodb": {
        "ApproximateCreationDateTime": 1678831218.0,
        "Keys": {"id": {"S": "id_value"}},
        "NewImage": {
            "id": {"S": "id_value"},
            "city": {"S": "Seattle"},
            "count": {"N": "101"},
            "open": {"BOOL": True},
            "nothing": {"NULL": True},
            "empty": {"S": ""},
            "tags": {"SS": ["a", "b"]},
            "map": {"M": {"inner": {"S": "x"}}},
            "list": {"L": [{"S": "one"}, {"N": "2"}]},
        },
        "SequenceNumber": "111",
    },
}


def image(**rules: object) -> dict[str, object]:
    return {"dynamodb": {"NewImage": rules}}


# Each line is a rule of the Lambda developer guide, or was seen on AWS by LocalStack's validated tests.
CASES: list[tuple[str, dict[str, Any], bool]] = [
    ("equal", image(city={"S": ["Seattle"]}), True),
    ("one of several", image(city={"S": ["Boston", "Seattle"]}), True),
    ("another", image(city={"S": ["Boston"]}), False),
    ("another case", image(city={"S": ["seattle"]}), False),
    ("equals-ignore-case", image(city={"S": [{"equals-ignore-case": "seattle"}]}), True),
    ("and", {"eventName": ["INSERT"], **image(city={"S": ["Seattle"]})}, True),
    ("and not", {"eventName": ["REMOVE"], **image(city={"S": ["Seattle"]})}, False),
    ("prefix", image(city={"S": [{"prefix": "Sea"}]}), True),
    ("no prefix", image(city={"S": [{"prefix": "ea"}]}), False),
    ("suffix", image(city={"S": [{"suffix": "tle"}]}), True),
    ("empty", image(empty={"S": [""]}), True),
    ("exists", image(city={"S": [{"exists": True}]}), True),
    ("exists, of another type", image(city={"N": [{"exists": True}]}), False),
    ("does not exist", image(town={"S": [{"exists": False}]}), True),
    ("exists, above a leaf", image(city=[{"exists": True}]), False),
    ("does not exist, above a leaf", image(city=[{"exists": False}]), True),
    ("the type left out", image(city=["Seattle"]), False),
    ("numeric on a text", image(count={"N": [{"numeric": [">", 100]}]}), False),
    ("numeric on a number", {"dynamodb": {"ApproximateCreationDateTime": [{"numeric": [">", 0]}]}}, True),
    ("numeric range", {"dynamodb": {"ApproximateCreationDateTime": [{"numeric": [">", 0, "<", 9]}]}}, False),
    ("a number's text", image(count={"N": ["101"]}), True),
    ("a number for a text", image(count={"N": [101]}), False),
    ("anything-but", image(count={"N": [{"anything-but": ["100", "102"]}]}), True),
    ("anything-but it", image(count={"N": [{"anything-but": "101"}]}), False),
    ("anything-but of nothing", image(town={"S": [{"anything-but": ["x"]}]}), False),
    ("anything-but or absent", image(town={"S": [{"anything-but": ["x"]}, {"exists": False}]}), True),
    ("true", image(open={"BOOL": [True]}), True),
    ("1 for true", image(open={"BOOL": [1]}), False),
    ("null", image(nothing={"NULL": [True]}), True),
    ("an element", image(tags={"SS": ["b"]}), True),
    ("no element", image(tags={"SS": ["c"]}), False),
    ("anything but an element", image(tags={"SS": [{"anything-but": ["a"]}]}), True),
    ("inside", image(map={"M": {"inner": {"S": ["x"]}}}), True),
    ("inside an absent map", image(lost={"M": {"inner": {"S": ["x"]}}}), False),
    ("absent inside an absent map", image(lost={"M": {"inner": {"S": [{"exists": False}]}}}), True),
    ("in an array of objects", image(list={"L": {"S": ["one"]}}), True),
    ("in no object of an array", image(list={"L": {"S": ["2"]}}), False),
    ("$or", {"$or": [image(city={"S": ["Boston"]}), {"eventName": ["INSERT"]}]}, True),
    ("$or of nothing true", {"$or": [image(city={"S": ["Boston"]}), {"eventName": ["MODIFY"]}]}, False),
    ("$or inside", image(**{"$or": [{"town": {"S": ["x"]}}, {"city": {"S": ["Seattle"]}}]}), True),
    (
        "$or and more",
        {"eventName": ["REMOVE"], "$or": [image(city={"S": ["x"]}), image(count={"N": ["101"]})]},
        False,
    ),
    ("$or as a name", {"$or": {"source": ["a"]}}, False),
]


@pytest.mark.parametrize(
    ("pattern", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_rule_of_the_language(pattern: dict[str, Any], expected: bool) -> None:
    assert matches(pattern, RECORD) is expected


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "at least one name"),
    ({"eventName": "INSERT"}, r"pattern\.eventName: must be an object"),
    ({"eventName": []}, "an empty list matches nothing"),
    ({"eventName": [{"contains": "x"}]}, "one of exists, prefix"),
    ({"eventName": [{}]}, "found none"),
    ({"eventName": [{"prefix": "a", "suffix": "b"}]}, "found prefix, suffix"),
    ({"eventName": [{"prefix": 3}]}, "'prefix' does not take int 3"),
    ({"eventName": [{"exists": "false"}]}, "'exists' does not take str"),
    ({"eventName": [{"numeric": [">"]}]}, "'numeric' does not take"),
    ({"eventName": [{"numeric": [">", "3"]}]}, "'numeric' does not take"),
    ({"eventName": [{"numeric": ["!=", 3]}]}, "'numeric' does not take"),
    ({"eventName": [{"anything-but": []}]}, "'anything-but' does not take"),
    ({"eventName": [{"anything-but": ["a", 1]}]}, "'anything-but' does not take"),
    ({"eventName": [["INSERT"]]}, "found list"),
    ({"$or": [{"eventName": ["INSERT"]}, {"dynamodb": []}]}, r"\$or\[1\]\.dynamodb"),
]


@pytest.mark.parametrize(("pattern", "rule"), WRONG, ids=[str(pattern) for pattern, _ in WRONG])
def test_what_is_no_pattern_is_refused(pattern: dict[str, Any], rule: str) -> None:
    with pytest.raises(RequestError, match=rule):
        matches(pattern, RECORD)


def test_a_record_of_boto3_is_read_as_the_json_that_lambda_filters() -> None:
    time = datetime(2026, 5, 1, tzinfo=UTC)
    record = {
        "dynamodb": {
            "ApproximateCreationDateTime": time,
            "NewImage": {"b": {"B": b"\x00\x01"}, "s": {"BS": [b"a"]}},
        }
    }
    assert matches(image(b={"B": ["AAE="]}, s={"BS": ["YQ=="]}), record)
    assert matches(
        {"dynamodb": {"ApproximateCreationDateTime": [{"numeric": ["=", time.timestamp()]}]}}, record
    )


# --- moto's EventPattern ---

TEXTS = st.sampled_from(["", "a", "ab", "abc", "b", "B", "1", "10"])
LEAVES = st.one_of(TEXTS, st.booleans(), st.integers(2, 4), st.lists(TEXTS, min_size=1, max_size=3))
TYPED = st.dictionaries(st.sampled_from(["S", "N"]), LEAVES, min_size=1, max_size=1)
RECORDS = st.dictionaries(st.sampled_from("xyz"), TYPED, min_size=1)
RULES = st.one_of(
    TEXTS,
    st.booleans(),
    st.integers(2, 4),
    st.builds(
        lambda name, text: {name: text}, st.sampled_from(["prefix", "suffix", "equals-ignore-case"]), TEXTS
    ),
    st.builds(lambda texts: {"anything-but": texts}, st.lists(TEXTS, min_size=1, max_size=2)),
    st.builds(lambda number: {"numeric": [">=", number]}, st.integers(2, 4)),
    st.builds(lambda exists: {"exists": exists}, st.booleans()),
)
LEAF_RULES = st.lists(RULES, min_size=1, max_size=3)
FLAT = st.dictionaries(
    st.sampled_from("xyz"),
    st.dictionaries(st.sampled_from(["S", "N"]), LEAF_RULES, min_size=1),
    min_size=1,
)
PATTERNS = st.one_of(
    FLAT, st.builds(lambda flat, some: {**flat, "$or": some}, FLAT, st.lists(FLAT, min_size=2, max_size=3))
)


@given(PATTERNS, RECORDS)
def test_moto_says_the_same(pattern: dict[str, Any], record: dict[str, Any]) -> None:
    assert matches(pattern, record) is EventPattern.load(json.dumps(pattern)).matches_event(record)  # type: ignore[arg-type]
