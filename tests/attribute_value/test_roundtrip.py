"""Properties: what is written comes back, and the fast and the exact form are one."""

from __future__ import annotations

import copy
import sys
from base64 import b64encode
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamodel.attribute_value import check_item, compile_value
from dynamodel.errors import MarshalError, UnreadableItemError

from .local_table import local_table
from .models import (
    Access,
    Cat,
    Circle,
    Colour,
    Data,
    Dog,
    Frozen,
    Info,
    Level,
    Mixed,
    Node,
    Square,
    Suit,
    entity,
    field,
)
from .test_compiler import STORED, WRONG_STORED, WRONG_VALUES

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
INTS = st.integers(-(10**38) + 1, 10**38 - 1)
DECIMALS = st.decimals(-(10**10), 10**10, allow_nan=False, allow_infinity=False, places=6)
FLOATS = st.floats(allow_nan=False, allow_infinity=False).filter(lambda f: f == 0 or 1e-130 <= abs(f) < 1e126)
AWARE = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.timezones())
FRACTIONS = DECIMALS.filter(lambda number: number != number.to_integral_value())
DYNAMIC: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        TEXT, INTS, FRACTIONS, st.booleans(), st.binary(max_size=4), st.none(),
        st.sets(TEXT, min_size=1), st.sets(INTS, min_size=1), st.sets(st.binary(max_size=3), min_size=1),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT.filter(bool), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
INFOS = st.builds(Info, INTS, st.lists(DECIMALS, max_size=3), st.sets(TEXT, max_size=3), st.none() | TEXT)
NODES = st.recursive(
    st.builds(Node, INTS),
    lambda inner: st.builds(Node, INTS, st.lists(inner, max_size=2), st.none() | inner),
    max_leaves=5,
)

TYPES: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (str, TEXT),
    (int, INTS),
    (Decimal, DECIMALS),
    (float, FLOATS),
    (bool, st.booleans()),
    (bytes, st.binary(max_size=6)),
    # Around a change of the clocks Python finds the same time in two zones unequal (PEP 495).
    (datetime, AWARE.map(lambda at: at.astimezone(timezone(timedelta(hours=3))))),
    (datetime | None, st.datetimes() | st.none()),
    (date, st.dates()),
    (time, st.times()),
    (timedelta, st.timedeltas()),
    (UUID, st.uuids()),
    (Colour, st.sampled_from(Colour)),
    (Mixed | None, st.sampled_from(Mixed) | st.none()),
    (Level, st.sampled_from(Level)),
    (Suit, st.sampled_from(Suit)),
    (Access, st.sampled_from([Access(0), Access.READ, Access.READ | Access.WRITE])),
    (list[int | None], st.lists(INTS | st.none(), max_size=3)),
    (list[list[str]], st.lists(st.lists(TEXT, max_size=2), max_size=2)),
    (tuple[int, ...], st.lists(INTS, max_size=3).map(tuple)),
    (tuple[int, str | None], st.tuples(INTS, TEXT | st.none())),
    (dict[str, Decimal], st.dictionaries(TEXT.filter(bool), DECIMALS, max_size=3)),
    (dict[str, Info], st.dictionaries(TEXT.filter(bool), INFOS, max_size=2)),
    (set[str], st.sets(TEXT, max_size=3)),
    (set[int], st.sets(INTS, max_size=3)),
    (set[Decimal], st.sets(DECIMALS, max_size=3)),
    (frozenset[bytes], st.frozensets(st.binary(max_size=3), max_size=3)),
    (set[date], st.sets(st.dates(), max_size=3)),
    (set[float], st.sets(FLOATS, max_size=3)),
    (Info, INFOS),
    (list[Info], st.lists(INFOS, max_size=3)),
    (Info | None, INFOS | st.none()),
    (Node, NODES),
    (Data, st.builds(Data, INTS, st.lists(INTS, max_size=2))),
    (Frozen, st.builds(Frozen, INTS, INTS)),
    (
        Circle | Square,
        st.builds(Circle, st.just("circle"), INTS)
        | st.builds(Square, st.sampled_from(["square", "box"]), INTS),
    ),
    (list[Cat | Dog | None], st.lists(st.builds(Cat, INTS) | st.builds(Dog, TEXT) | st.none(), max_size=3)),
    (int | Decimal, INTS | FRACTIONS),
    (str | int | list[str], TEXT | INTS | st.lists(TEXT, max_size=2)),
    (Any, DYNAMIC),
]
CODEC = entity(*(field(f"f{index}", type_, f"stored {index}") for index, (type_, _) in enumerate(TYPES)))
OBJECTS = st.fixed_dictionaries({f"f{index}": values for index, (_, values) in enumerate(TYPES)})


def wire(value: Any) -> Any:
    """The value as plain JSON has it: binary as base64 text."""
    return orjson.loads(orjson.dumps(value, default=lambda data: b64encode(data).decode()))


@settings(max_examples=60, deadline=None)
@given(OBJECTS)
def test_objects_of_all_types_come_back(values: dict[str, Any]) -> None:
    obj = CODEC.cls(**copy.deepcopy(values))
    item = CODEC.encode(obj)
    assert item == CODEC._fast_encode(obj) == CODEC._encode(obj)
    assert vars(obj) == values
    check_item(item)
    for stored in (item, wire(item)):
        assert vars(CODEC._fast_decode(stored)) == values
        assert vars(CODEC._decode(stored)) == values


@settings(max_examples=20)
@given(OBJECTS, st.data())
def test_one_wrong_value_is_one_fault_on_both_sides(values: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(
        st.sampled_from([name for name in CODEC.fields if CODEC.fields[name].field.type is not Any])
    )
    obj = CODEC.cls(**{**values, name: object()})
    with pytest.raises(MarshalError) as caught:
        CODEC.encode(obj)
    assert [fault.path for fault in caught.value.faults] == [name]
    item = CODEC.encode(CODEC.cls(**values))
    stored_name = CODEC.fields[name].field.stored_name
    item[stored_name] = {"BOOL" if CODEC.fields[name].field.type is not bool else "N": True}
    with pytest.raises(MarshalError) as caught:
        CODEC.decode(item)
    assert [fault.path for fault in caught.value.faults] == [name]


@settings(max_examples=60, deadline=None)
@given(OBJECTS, st.data())
def test_the_two_forms_of_decode_partial_agree(values: dict[str, Any], data: st.DataObject) -> None:
    item = {**CODEC.encode(CODEC.cls(**values)), "else": {"S": "x"}}
    names = [*CODEC.fields, "no such attribute"]
    wanted = data.draw(st.sets(st.sampled_from(names)))
    part = {name: item[name] for name in data.draw(st.sets(st.sampled_from(sorted(item))))}
    try:
        exact = CODEC._decode_partial(part, wanted)
    except UnreadableItemError:
        with pytest.raises(KeyError):
            CODEC._fast_decode_partial(part, wanted)
        return
    fast = vars(CODEC._fast_decode_partial(part, wanted))
    assert fast.keys() == vars(exact).keys()
    # A document that was read in part may lack fields, and then cannot be compared.
    whole = [name for name in fast if name in wanted or name not in CODEC.fields]
    assert [fast[name] for name in whole] == [vars(exact)[name] for name in whole]
    assert all(type(fast[name]) is type(vars(exact)[name]) for name in fast)


@given(st.sampled_from(STORED), st.sampled_from(STORED))
def test_each_type_refuses_or_returns_what_the_other_stores(first: Any, second: Any) -> None:
    """No codec raises anything but MarshalError, and what it takes it could have written."""
    codec = compile_value(first[0])
    try:
        value = codec.decode(second[2])
    except MarshalError:
        return
    assert codec.decode(codec.encode(value)) == value


@given(st.sampled_from(STORED), st.sampled_from([*WRONG_VALUES, *STORED]))
def test_encode_raises_marshal_errors_only(first: Any, second: Any) -> None:
    try:
        stored = compile_value(first[0]).encode(second[1])
    except MarshalError:
        return
    assert set(stored) <= compile_value(first[0]).types


@given(st.sampled_from([*STORED, *WRONG_STORED]), DYNAMIC)
def test_decode_raises_marshal_errors_only(first: Any, value: Any) -> None:
    stored = compile_value(Any).encode(value)
    with suppress(MarshalError):
        compile_value(first[0]).decode(stored)


@given(st.lists(AWARE, min_size=2, max_size=6))
def test_the_order_of_datetime_keys_is_the_order_of_time(times: list[datetime]) -> None:
    codec = entity(field("at", datetime, key_limit=1024))
    texts = {at: codec.encode(codec.cls(at=at))["at"]["S"] for at in times}
    assert len(set(map(len, texts.values()))) == 1
    by_text = sorted(times, key=lambda at: texts[at])
    assert [at.astimezone(UTC) for at in by_text] == sorted(at.astimezone(UTC) for at in times)


@given(DYNAMIC)
def test_any_value_comes_back_from_any(value: Any) -> None:
    codec = compile_value(Any)
    assert codec.decode(wire(codec.encode(value))) == value


@pytest.mark.dynamodb_local
@settings(max_examples=5, deadline=None)
@given(OBJECTS)
def test_objects_come_back_from_dynamodb_local(
    dynamodb_local_client: DynamoDBClient, values: dict[str, Any]
) -> None:
    with local_table(dynamodb_local_client) as name:
        obj = CODEC.cls(**values)
        item = {**CODEC.encode(obj), "pk": {"S": "a"}}
        dynamodb_local_client.put_item(TableName=name, Item=item)
        stored = dynamodb_local_client.get_item(TableName=name, Key={"pk": {"S": "a"}})["Item"]
        back = vars(CODEC.decode(stored))
        assert back.pop("_unknown_attributes") == {"pk": {"S": "a"}}
        assert back == values


if sys.version_info >= (3, 12):  # the first that has type aliases

    def test_type_aliases() -> None:
        scope: dict[str, Any] = {}
        source = (
            "type Name = str\n"
            "type Pair[T] = tuple[T, T]\n"
            "type Tree = list[Tree]\n"
            "type Json = dict[str, Json] | list[Json] | str | int | bool | None\n"
            "type Kind = __import__('typing').Literal['a']\n"
        )
        exec(source, scope)
        pair, name = scope["Pair"], scope["Name"]
        for alias, value in (
            (name, "x"),
            (name | None, None),
            (pair[int], (1, 2)),
            (list[pair[str]], [("a", "b")]),
            (scope["Tree"], [[], [[]]]),
            (scope["Json"], {"a": [1, "x", True, None, {"b": []}]}),
            (scope["Kind"], "a"),
            (set[name], {"a"}),
            (dict[name, int], {"a": 1}),
        ):
            codec = compile_value(alias)
            assert codec.decode(codec.encode(value)) == value
            whole = entity(field("a", alias))
            obj = whole.cls(a=value)
            assert vars(whole._fast_decode(whole._fast_encode(obj))) == {"a": value}


def test_equality_of_the_models_is_by_value() -> None:
    """Or the properties above would show nothing."""
    assert Info(1) != Info(2)
    assert attrs.asdict(Node(1, [Node(2)])) != attrs.asdict(Node(1, [Node(3)]))
