"""Sizes and the rules for whole items: AWS's developer guide, and DynamoDB Local where it decides."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamodel.attribute_value.sizes import MAX_ITEM_BYTES, check_item, check_value, item_bytes
from dynamodel.errors import MarshalError

from .local_table import local_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamodel.types import AttributeValue

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NAME = TEXT.filter(bool)
SCALARS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    TEXT.map(lambda text: {"S": text}),
    st.integers(-(10**30), 10**30).map(lambda number: {"N": str(number)}),
    st.decimals(-1000, 1000, places=3).map(lambda number: {"N": format(number, "f")}),
    st.binary(max_size=8).map(lambda data: {"B": data}),
    st.booleans().map(lambda value: {"BOOL": value}),
    st.just({"NULL": True}),
    st.sets(TEXT, min_size=1, max_size=4).map(lambda texts: {"SS": sorted(texts)}),
    st.sets(st.integers(), min_size=1, max_size=4).map(lambda numbers: {"NS": [str(n) for n in numbers]}),
    st.sets(st.binary(max_size=4), min_size=1, max_size=4).map(lambda blocks: {"BS": sorted(blocks)}),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda elements: {"L": elements}),
        st.dictionaries(NAME, inner, max_size=4).map(lambda entries: {"M": entries}),
    ),
    max_leaves=12,
)


def nested(containers: int, inside: AttributeValue, kind: str = "L") -> AttributeValue:
    value = inside
    for _ in range(containers):
        value = {"L": [value]} if kind == "L" else {"M": {"a": value}}
    return value


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": ""}, 0),
        ({"S": "abc"}, 3),
        ({"S": "é😀"}, 6),
        ({"B": b"\0\1"}, 2),
        ({"B": b64encode(b"\0\1").decode()}, 2),
        ({"N": "0"}, 1),
        ({"N": "-12.5"}, 4),
        ({"BOOL": False}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["a", "é"]}, 3),
        ({"NS": ["1", "22"]}, 4),
        ({"BS": [b"a", b"bc"]}, 3),
        ({"L": []}, 3),
        ({"L": [{"S": "a"}, {"NULL": True}]}, 3 + 2 + 2),
        ({"M": {}}, 3),
        ({"M": {"é": {"S": "a"}}}, 3 + 1 + 2 + 1),
        ({"L": [{"M": {"k": {"L": []}}}]}, 3 + 1 + (3 + 1 + 1 + 3)),
    ],
)
def test_size_of_a_value(value: AttributeValue, size: int) -> None:
    assert item_bytes({"name": value}) == len("name") + size
    assert check_item({"name": value}) == len("name") + size


def test_the_limit_is_409600_bytes() -> None:
    assert check_item({"a": {"S": "x" * (MAX_ITEM_BYTES - 1)}}) == 409_600
    with pytest.raises(MarshalError, match=r"409600 bytes.*409601"):
        check_item({"a": {"S": "x" * MAX_ITEM_BYTES}})
    check_value({"S": "x" * MAX_ITEM_BYTES})
    with pytest.raises(MarshalError, match="409600"):
        check_value({"S": "x" * (MAX_ITEM_BYTES + 1)})


DEEP = [
    (nested(31, {"S": "x"}), True),
    (nested(32, {"S": "x"}), False),
    (nested(30, {"L": []}), True),
    (nested(31, {"L": []}), False),
    (nested(30, {"M": {}}, "M"), True),
    (nested(31, {"M": {}}, "M"), False),
    (nested(31, {"SS": ["a"]}, "M"), True),
]


@pytest.mark.parametrize(("value", "fits"), DEEP)
def test_31_containers_fit_inside_each_other(value: AttributeValue, fits: bool) -> None:
    if fits:
        check_value(value)
        check_item({"a": value})
        return
    for check in (lambda: check_value(value), lambda: check_item({"a": value})):
        with pytest.raises(MarshalError, match="31 lists and maps"):
            check()


def test_the_path_of_what_is_too_deep() -> None:
    with pytest.raises(MarshalError) as caught:
        check_item({"ok": {"S": ""}, "deep": {"L": [{"NULL": True}, nested(31, {"S": "x"})]}})
    assert [fault.path for fault in caught.value.faults] == ["deep[1]" + "[0]" * 30]


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ({"S": "\ud800"}, ["a"]),
        ({"SS": ["ok", "\udfff"]}, ["a"]),
        ({"L": [{"S": "x"}, {"S": "\ud800"}, {"M": {"b": {"S": "\ud800"}}}]}, ["a[1]", "a[2].b"]),
        ({"M": {"\ud800": {"S": "x"}}}, ["a.\\ud800"]),
    ],
)
def test_text_that_is_not_unicode(value: AttributeValue, paths: list[str]) -> None:
    with pytest.raises(MarshalError, match="Unicode") as caught:
        check_item({"a": value})
    assert [fault.path for fault in caught.value.faults] == paths
    with pytest.raises(MarshalError, match="Unicode"):
        item_bytes({"a": value})


@pytest.mark.parametrize(
    ("item", "rule", "path"),
    [
        ({"": {"S": "x"}}, "empty", ""),
        ({"a": {"M": {"": {"S": "x"}}}}, "empty", "a"),
        ({"n" * 65_536: {"S": "x"}}, "65535", ""),
        ({"a": {"L": [{"M": {"é" * 32_768: {"S": "x"}}}]}}, "65535", "a[0]"),
    ],
)
def test_names(item: dict[str, AttributeValue], rule: str, path: str) -> None:
    with pytest.raises(MarshalError, match=rule) as caught:
        check_item(item)
    assert caught.value.path == path


def test_the_longest_name_fits() -> None:
    assert check_item({"n" * 65_535: {"S": ""}}) == 65_535


@pytest.mark.dynamodb_local
@settings(max_examples=12, deadline=None)
@given(st.dictionaries(NAME.filter(lambda name: name != "pk"), VALUES, min_size=1, max_size=10))
def test_sizes_on_dynamodb_local(dynamodb_local_client: DynamoDBClient, attributes: dict[str, Any]) -> None:
    """An item filled up to our limit is taken; with one byte more it is refused."""
    with local_table(dynamodb_local_client) as name:
        attributes.pop("fill", None)
        item: dict[str, Any] = {"pk": {"S": "a"}, **attributes, "fill": {"B": b""}}
        room = MAX_ITEM_BYTES - check_item(item)
        item["fill"] = {"B": b"x" * room}
        assert check_item(item) == MAX_ITEM_BYTES
        dynamodb_local_client.put_item(TableName=name, Item=item)
        item["fill"] = {"B": b"x" * (room + 1)}
        with pytest.raises(dynamodb_local_client.exceptions.ClientError, match="Item size has exceeded"):
            dynamodb_local_client.put_item(TableName=name, Item=item)


@pytest.mark.dynamodb_local
def test_nesting_and_names_on_dynamodb_local(dynamodb_local_client: DynamoDBClient) -> None:
    refused = dynamodb_local_client.exceptions.ClientError
    with local_table(dynamodb_local_client) as name:
        for value, fits in DEEP:
            item: dict[str, Any] = {"pk": {"S": "a"}, "a": value}
            if fits:
                dynamodb_local_client.put_item(TableName=name, Item=item)
                continue
            with pytest.raises(refused, match="Nesting Levels"):
                dynamodb_local_client.put_item(TableName=name, Item=item)
        dynamodb_local_client.put_item(TableName=name, Item={"pk": {"S": "a"}, "n" * 65_535: {"S": ""}})
        for wrong in ({"": {"S": "x"}}, {"n" * 65_536: {"S": "x"}}, {"a": {"M": {"": {"S": "x"}}}}):
            with pytest.raises(refused):
                dynamodb_local_client.put_item(TableName=name, Item={"pk": {"S": "a"}, **wrong})
