"""Types: how each is stored, what comes back, what is refused, and where."""

# ruff: noqa: PYI051, PYI061 - users write such types, too
from __future__ import annotations

import ast
import typing
from collections.abc import Mapping, MutableMapping, MutableSequence, MutableSet, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NewType, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from dynamodel._codegen import Source
from dynamodel.attribute_value import UnsupportedTypeError, compile_item, compile_value
from dynamodel.attribute_value.value_codec import late
from dynamodel.errors import DeclarationError, MarshalError

from .models import (
    Access,
    Circle,
    Colour,
    Data,
    Dog,
    Frozen,
    FrozenData,
    Guessed,
    Info,
    IntPage,
    Keywords,
    Level,
    Mixed,
    Named,
    Node,
    Page,
    Plain,
    Raw,
    Square,
    Suit,
    field,
)

UserId = NewType("UserId", str)
T = TypeVar("T")
SIX = UUID("00000000-0000-0000-0000-000000000006")
BERLIN = ZoneInfo("Europe/Berlin")
EAST = timezone(timedelta(hours=2))

STORED: list[tuple[Any, Any, dict[str, Any]]] = [
    (str, "é", {"S": "é"}),
    (str, "", {"S": ""}),
    (int, 5, {"N": "5"}),
    (int, -(10**50), {"N": "-1" + "0" * 50}),
    (Decimal, Decimal("1.50"), {"N": "1.5"}),
    (Decimal, Decimal("9" * 38), {"N": "9" * 38}),
    (float, 0.1, {"N": "0.1"}),
    (float, 2.0, {"N": "2"}),
    (bool, True, {"BOOL": True}),
    (bool, False, {"BOOL": False}),
    (bytes, b"\0\xff", {"B": b"\0\xff"}),
    (None, None, {"NULL": True}),
    (type(None), None, {"NULL": True}),
    (datetime, datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=UTC), {"S": "2020-01-02T03:04:05.000006Z"}),
    (datetime, datetime(1, 1, 1, tzinfo=UTC), {"S": "0001-01-01T00:00:00.000000Z"}),
    (datetime, datetime(2020, 1, 2, 3, tzinfo=EAST), {"S": "2020-01-02T01:00:00.000000Z"}),
    (datetime, datetime(2020, 7, 2, 3, tzinfo=BERLIN), {"S": "2020-07-02T01:00:00.000000Z"}),
    (datetime, datetime(2020, 1, 2), {"S": "2020-01-02T00:00:00.000000"}),
    (date, date(2020, 1, 2), {"S": "2020-01-02"}),
    (time, time(1, 2, 3), {"S": "01:02:03.000000"}),
    (time, time(1, 2, 3, 4, tzinfo=EAST), {"S": "01:02:03.000004+02:00"}),
    (timedelta, timedelta(days=1, microseconds=1), {"N": "86400.000001"}),
    (timedelta, timedelta(microseconds=-1), {"N": "-0.000001"}),
    (timedelta, timedelta(0), {"N": "0"}),
    (timedelta, timedelta(seconds=100), {"N": "100"}),
    (timedelta, timedelta.max, {"N": "86399999999999.999999"}),
    (UUID, SIX, {"S": str(SIX)}),
    (Colour, Colour.RED, {"S": "red"}),
    (Mixed, Mixed.TEXT, {"S": "1"}),
    (Mixed, Mixed.NUMBER, {"N": "1"}),
    (Level, Level.HIGH, {"N": "2"}),
    (Suit, Suit.HEARTS, {"S": "h"}),
    (Access, Access.READ | Access.WRITE, {"N": "3"}),
    (Raw, Raw.ZERO, {"B": b"\0"}),
    (Literal["a", 1, True], "a", {"S": "a"}),
    (Literal["a", 1, True], 1, {"N": "1"}),
    (Literal["a", 1, True], True, {"BOOL": True}),
    (Literal[b"x", None], None, {"NULL": True}),
    (Literal[b"x", None], b"x", {"B": b"x"}),
    (Literal[Colour.RED], Colour.RED, {"S": "red"}),
    (Literal[None], None, {"NULL": True}),
    (list[int], [1, 2], {"L": [{"N": "1"}, {"N": "2"}]}),
    (list[int | None], [1, None], {"L": [{"N": "1"}, {"NULL": True}]}),
    (typing.List[int], [], {"L": []}),  # noqa: UP006 - as a user may write it
    (Sequence[str], ["a"], {"L": [{"S": "a"}]}),
    (MutableSequence[str], ["a"], {"L": [{"S": "a"}]}),
    (tuple[int, ...], (1, 2), {"L": [{"N": "1"}, {"N": "2"}]}),
    (tuple[int, str], (1, "a"), {"L": [{"N": "1"}, {"S": "a"}]}),
    (tuple[()], (), {"L": []}),
    (dict[str, list[int]], {"it's": [1]}, {"M": {"it's": {"L": [{"N": "1"}]}}}),
    (dict[UserId, int], {"a": 1}, {"M": {"a": {"N": "1"}}}),
    (dict[str, int | None], {"a": None}, {"M": {"a": {"NULL": True}}}),
    (Mapping[str, int], {"a": 1}, {"M": {"a": {"N": "1"}}}),
    (MutableMapping[str, int], {"a": 1}, {"M": {"a": {"N": "1"}}}),
    (set[str], {"b", "a"}, {"SS": ["a", "b"]}),
    (set[int], {10, 9, -1}, {"NS": ["-1", "9", "10"]}),
    (set[Decimal], {Decimal("1.5"), Decimal("0.5")}, {"NS": ["0.5", "1.5"]}),
    (frozenset[bytes], frozenset({b"b", b"a"}), {"BS": [b"a", b"b"]}),
    (MutableSet[str], {"a"}, {"SS": ["a"]}),
    (AbstractSet[str], frozenset("a"), {"SS": ["a"]}),
    (set[date], {date(2020, 1, 2), date(2019, 1, 1)}, {"SS": ["2019-01-01", "2020-01-02"]}),
    (set[Level], {Level.HIGH, Level.LOW}, {"NS": ["1", "2"]}),
    (set[Literal["a", "b"]], {"b", "a"}, {"SS": ["a", "b"]}),
    (list[set[str] | None], [{"a"}, None], {"L": [{"SS": ["a"]}, {"NULL": True}]}),
    (UserId, "ann", {"S": "ann"}),
    (Annotated[int, "note"], 5, {"N": "5"}),
    (int | None, None, {"NULL": True}),
    (typing.Optional[int], 5, {"N": "5"}),  # noqa: UP045 - as a user may write it
    (int | Decimal, 7, {"N": "7"}),
    (int | Decimal, Decimal("1.5"), {"N": "1.5"}),
    (str | int, "5", {"S": "5"}),
    (str | int, 5, {"N": "5"}),
    (bool | int, True, {"BOOL": True}),
    (bool | int, 1, {"N": "1"}),
    (int | bool, True, {"BOOL": True}),
    (date | timedelta, timedelta(1), {"N": "86400"}),
    (set[str] | set[int], {1}, {"NS": ["1"]}),
    (str | list[str] | None, ["a"], {"L": [{"S": "a"}]}),
    (Suit | int, Suit.HEARTS, {"S": "h"}),
    (Info, Info(1, plot=None), {"M": {"rank": {"N": "1"}, "ratings": {"L": []}}}),
    (
        Info,
        Info(1, [Decimal(2)], {"b", "a"}, "p"),
        {"M": {
            "rank": {"N": "1"}, "ratings": {"L": [{"N": "2"}]},
            "genres": {"SS": ["a", "b"]}, "plot": {"S": "p"},
        }},
    ),
    (Frozen, Frozen(1, 2), {"M": {"x": {"N": "1"}, "y": {"N": "2"}}}),
    (Keywords, Keywords(a=1, shown="s"), {"M": {"a": {"N": "1"}, "_hidden": {"S": "s"}}}),
    (Plain, Plain(1), {"M": {"a": {"N": "1"}}}),
    (Data, Data(1, [2]), {"M": {"a": {"N": "1"}, "b": {"L": [{"N": "2"}]}}}),
    (FrozenData, FrozenData(a=1), {"M": {"a": {"N": "1"}, "b": {"S": "b"}}}),
    (
        Node,
        Node(1, [Node(2)], Node(3)),
        {"M": {
            "value": {"N": "1"},
            "children": {"L": [{"M": {"value": {"N": "2"}, "children": {"L": []}}}]},
            "parent": {"M": {"value": {"N": "3"}, "children": {"L": []}}},
        }},
    ),
    (Page[int], Page([1], 2), {"M": {"items": {"L": [{"N": "1"}]}, "first": {"N": "2"}}}),
    (Page[str] | None, Page(["a"]), {"M": {"items": {"L": [{"S": "a"}]}}}),
    (Named[str], Named(["a"]), {"M": {"items": {"L": [{"S": "a"}]}, "name": {"S": ""}}}),
    (IntPage, IntPage([1]), {"M": {"items": {"L": [{"N": "1"}]}, "size": {"N": "0"}}}),
    (Any, {"a": [1, Decimal("1.5"), None, True, b"x", {"s"}]}, {"M": {"a": {"L": [
        {"N": "1"}, {"N": "1.5"}, {"NULL": True}, {"BOOL": True}, {"B": b"x"}, {"SS": ["s"]}]}}}),
    (object, {1, 2}, {"NS": ["1", "2"]}),
    (list, [1, "a"], {"L": [{"N": "1"}, {"S": "a"}]}),
    (dict, {"a": {b"x"}}, {"M": {"a": {"BS": [b"x"]}}}),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "value", "stored"), STORED)
def test_how_a_value_is_stored_and_comes_back(type_: Any, value: object, stored: dict[str, Any]) -> None:
    codec = compile_value(type_)
    assert codec.encode(value) == stored
    assert set(stored) <= codec.types
    back = codec.decode(stored)
    assert back == value
    assert type(back) is type(value)
    assert codec.accepts(value)


@pytest.mark.parametrize(("type_", "value", "stored"), STORED)
def test_the_fast_form_does_the_same(type_: Any, value: object, stored: dict[str, Any]) -> None:
    codec = compile_value(type_)
    assert late(codec.write, "test")(value) == stored
    back = late(codec.read, "test")(stored)
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize(
    ("type_", "stored", "value"),
    [
        (int, {"N": "1.0"}, 1),
        (int, {"N": "1E50"}, 10**50),
        (Decimal, {"N": "1E50"}, Decimal("1E50")),
        (bytes, {"B": "AP8="}, b"\0\xff"),
        (set[bytes], {"BS": ["YQ==", b"b"]}, {b"a", b"b"}),
        (set[int], {"NS": ["1.0", "2"]}, {1, 2}),
        (datetime, {"S": "2020-01-02"}, datetime(2020, 1, 2)),
        (datetime, {"S": "2020-01-02T03:04:05+02:00"}, datetime(2020, 1, 2, 3, 4, 5, tzinfo=EAST)),
        (timedelta, {"N": "1E+2"}, timedelta(seconds=100)),
        (Level, {"N": "2.0"}, Level.HIGH),
        (Literal[1], {"N": "1.00"}, 1),
        (Raw, {"B": "AA=="}, Raw.ZERO),
        (Guessed, {"S": "unheard of"}, Guessed.OTHER),
        (Any, {"N": "1E50"}, 10**50),
        (Any, {"B": "AP8="}, b"\0\xff"),
        (int | Decimal, {"N": "2.00"}, 2),
        (str | None, {"NULL": True}, None),
        (Info, {"M": {"rank": {"N": "1"}}}, Info(1)),
        (Info, {"M": {"rank": {"N": "1"}, "plot": {"NULL": True}}}, Info(1)),
    ],
)
def test_what_others_wrote_is_read(type_: Any, stored: dict[str, Any], value: object) -> None:
    codec = compile_value(type_)
    back = codec.decode(stored)
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize(
    ("type_", "value", "stored"),
    [
        (str, Suit.HEARTS, {"S": "h"}),
        (int, Level.LOW, {"N": "1"}),
        (float, 3, {"N": "3"}),
        (Decimal, 3, {"N": "3"}),
        (bytes, bytearray(b"x"), {"B": b"x"}),
        (bytes, memoryview(b"x"), {"B": b"x"}),
        (set[str], frozenset("a"), {"SS": ["a"]}),
        (set[str], {"a": 1}.keys(), {"SS": ["a"]}),
        (Sequence[int], (1,), {"L": [{"N": "1"}]}),
        (dict[str, int], {Suit.HEARTS: 1}, {"M": {"h": {"N": "1"}}}),
        (list[str], [Suit.HEARTS], {"L": [{"S": "h"}]}),
    ],
)
def test_what_else_is_taken(type_: Any, value: object, stored: dict[str, Any]) -> None:
    codec = compile_value(type_)
    for encoded in (codec.encode(value), late(codec.write, "test")(value)):
        assert encoded == stored
        [content] = encoded.values()
        assert type(content) in (str, bytes, list, dict)
        assert all(type(part) is not Suit for part in content)


WRONG_VALUES: list[tuple[Any, Any, list[tuple[str, str]]]] = [
    (str, 5, [("", "int")]),
    (str, None, [("", "NoneType")]),
    (str, b"a", [("", "bytes")]),
    (int, "5", [("", "str")]),
    (int, True, [("", "bool")]),
    (int, 1.0, [("", "float")]),
    (int, Decimal(1), [("", "Decimal")]),
    (int, 10**38 + 1, [("", "int")]),
    (Decimal, 1.5, [("", "float")]),
    (Decimal, True, [("", "bool")]),
    (Decimal, Decimal("NaN"), [("", "Decimal")]),
    (float, Decimal(1), [("", "Decimal")]),
    (float, float("nan"), [("", "float")]),
    (float, False, [("", "bool")]),
    (bool, 1, [("", "int")]),
    (bytes, "a", [("", "str")]),
    (datetime, date(2020, 1, 1), [("", "date")]),
    (datetime, datetime(1, 1, 1, tzinfo=EAST), [("", "datetime")]),
    (date, datetime(2020, 1, 1), [("", "datetime")]),
    (time, time(1, tzinfo=ZoneInfo("Europe/Berlin")), [("", "time")]),
    (timedelta, 5, [("", "int")]),
    (UUID, str(SIX), [("", "str")]),
    (Colour, "red", [("", "str")]),
    (Level, 1, [("", "int")]),
    (Suit, "h", [("", "str")]),
    (Access, 3, [("", "int")]),
    (Literal[1], True, [("", "bool")]),
    (Literal["a"], [], [("", "list")]),
    (list[int], (1,), [("", "tuple")]),
    (list[int], "12", [("", "str")]),
    (Sequence[str], "ab", [("", "str")]),
    (Sequence[int], b"ab", [("", "bytes")]),
    (tuple[int, ...], [1], [("", "list")]),
    (tuple[int, str], (1,), [("", "tuple")]),
    (tuple[int, str], ("a", 1), [("[0]", "str"), ("[1]", "int")]),
    (list[int], [1, "a", 2, None], [("[1]", "str"), ("[3]", "NoneType")]),
    (list[list[int]], [[1], [2, "a"]], [("[1][1]", "str")]),
    (dict[str, int], [("a", 1)], [("", "list")]),
    (dict[str, int], {1: 1}, [("", "int")]),
    (dict[str, list[int]], {"de": [1], "en": ["a"]}, [("en[0]", "str")]),
    (set[str], ["a"], [("", "list")]),
    (set[str], {"a", 1}, [("", "int")]),
    (set[int], {True}, [("", "bool")]),
    (set[str], set(), [("", "set")]),
    (list[set[str]], [set()], [("[0]", "set")]),
    (dict[str, set[str]], {"a": frozenset()}, [("a", "frozenset")]),
    (int | str, 1.5, [("", "float")]),
    (int | str, None, [("", "NoneType")]),
    (int | Decimal, True, [("", "bool")]),
    (Info, {"rank": 1}, [("", "dict")]),
    (
        Info,
        Info("a", ["b"], {1}, 5),
        [("rank", "str"), ("ratings[0]", "str"), ("genres", "int"), ("plot", "int")],
    ),
    (list[Info], [Info(1), Info(2, [None])], [("[1].ratings[0]", "NoneType")]),
    (Node, Node(1, [Node("a")]), [("children[0].value", "str")]),
    (Circle | Square, Dog("a"), [("", "Dog")]),
    (Any, 1.5, [("", "float")]),
    (Any, [1, {"a": [0.5]}], [("[1].a[0]", "float")]),
    (Any, {1: 2}, [("", "int")]),
    (Any, set(), [("", "set")]),
    (Any, {1, "a"}, [("", "set")]),
    (Any, {True}, [("", "set")]),
    (Any, {Decimal("NaN"), Decimal(1)}, [("", "Decimal")]),
    (Any, {10**400, 1}, [("", "int")]),
    (Any, date(2020, 1, 1), [("", "date")]),
    (Any, [object(), 1j], [("[0]", "object"), ("[1]", "complex")]),
]


@pytest.mark.parametrize(("type_", "value", "faults"), WRONG_VALUES)
def test_wrong_values_are_faults(type_: Any, value: object, faults: list[tuple[str, str]]) -> None:
    codec = compile_value(type_)
    with pytest.raises(MarshalError) as caught:
        codec.encode(value)
    assert [(fault.path, fault.value_type) for fault in caught.value.faults] == faults
    with pytest.raises(Exception):  # noqa: B017, PT011 - the fast form may raise anything, but must raise
        late(codec.write, "test")(value)


WRONG_STORED: list[tuple[Any, Any, list[tuple[str, str]]]] = [
    (str, {"N": "5"}, [("", "N")]),
    (str, {"NULL": True}, [("", "NULL")]),
    (str, {}, [("", "no AttributeValue")]),
    (str, {"secret": "x"}, [("", "no AttributeValue")]),
    (int, {"S": "5"}, [("", "S")]),
    (int, {"N": "1.5"}, [("", "N")]),
    (float, {"N": "0.10000000000000000001"}, [("", "N")]),
    (bool, {"N": "1"}, [("", "N")]),
    (bytes, {"B": "*"}, [("", "B")]),
    (datetime, {"S": "yesterday"}, [("", "S")]),
    (timedelta, {"N": "0.0000001"}, [("", "N")]),
    (timedelta, {"N": "1E100"}, [("", "N")]),
    (UUID, {"S": "6"}, [("", "S")]),
    (Colour, {"S": "green"}, [("", "S")]),
    (Colour, {"N": "1"}, [("", "N")]),
    (Mixed, {"N": "1.5"}, [("", "N")]),
    (Mixed, {"BOOL": True}, [("", "BOOL")]),
    (Level, {"BOOL": True}, [("", "BOOL")]),
    (Guessed, {"NULL": True}, [("", "NULL")]),
    (Access, {"N": "8"}, [("", "N")]),
    (Access, {"S": "1"}, [("", "S")]),
    (Literal[1], {"BOOL": True}, [("", "BOOL")]),
    (Literal["a"], {"S": "b"}, [("", "S")]),
    (list[int], {"L": [{"N": "1"}, {"S": "a"}, {"N": "0.5"}]}, [("[1]", "S"), ("[2]", "N")]),
    (tuple[int, int], {"L": [{"N": "1"}]}, [("", "L")]),
    (dict[str, int], {"M": {"a": {"S": "x"}}}, [("a", "S")]),
    (set[int], {"SS": ["1"]}, [("", "SS")]),
    (set[int], {"NS": ["1.5"]}, [("", "N")]),
    (int | str, {"BOOL": True}, [("", "BOOL")]),
    (Info, {"M": {}}, [("rank", "")]),
    (Info, {"M": {"rank": {"S": "x"}, "ratings": {"L": [{"S": "y"}]}}}, [("rank", "S"), ("ratings[0]", "S")]),
    (Node, {"M": {"value": {"N": "1"}, "parent": {"M": {"value": {"S": "1"}}}}}, [("parent.value", "S")]),
    (Any, {"S": "a", "N": "1"}, [("", "no AttributeValue")]),
]


@pytest.mark.parametrize(("type_", "stored", "faults"), WRONG_STORED)
def test_stored_values_that_do_not_fit_are_faults(
    type_: Any, stored: Any, faults: list[tuple[str, str]]
) -> None:
    with pytest.raises(MarshalError) as caught:
        compile_value(type_).decode(stored)
    assert [(fault.path, fault.value_type) for fault in caught.value.faults] == faults
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def nested(depth: int, *, as_map: bool = False) -> tuple[Any, Any]:
    """A type of so many containers inside each other, and a value of it."""
    type_: Any = int
    value: Any = 5
    for _ in range(depth):
        type_, value = (dict[str, type_], {"a": value}) if as_map else (list[type_], [value])
    return type_, value


def comprehensions(node: ast.AST) -> int:
    """The most comprehensions that lie inside each other."""
    inner = max(map(comprehensions, ast.iter_child_nodes(node)), default=0)
    return inner + isinstance(node, (ast.ListComp, ast.DictComp))


@pytest.mark.parametrize("as_map", [False, True])
def test_generated_comprehensions_are_not_nested_too_deeply(as_map: bool) -> None:
    """CPython takes 20 of them inside each other; 3.12.1 crashes at 21."""
    type_, value = nested(31, as_map=as_map)
    codec = compile_value(type_)
    for inline in (codec.write, codec.read):
        assert 10 <= comprehensions(ast.parse(inline("value", Source("test")))) <= 20
    stored = codec.encode(value)
    assert late(codec.write, "test")(value) == stored
    assert late(codec.read, "test")(stored) == codec.decode(stored) == value


def test_faults_below_the_deepest_comprehension_have_their_path() -> None:
    type_, value = nested(31)
    codec = compile_item(Plain, [field("a", type_)])
    innermost = value
    while innermost != [5]:
        [innermost] = innermost
    innermost[0] = "x"
    with pytest.raises(MarshalError) as caught:
        codec.encode(Plain(value))
    assert caught.value.path == "a" + "[0]" * 31


class BoolEnum(Enum):
    YES = True


class TupleEnum(Enum):
    PAIR = (1, 2)


class SameEnum(Enum):
    ONE = Decimal(1)
    TEXT = "1"


UNSUPPORTED: list[tuple[Any, str]] = [
    (complex, "converter=cattrs.Converter"),
    (datetime | str, "both stored as S"),
    (int | float, "both stored as N"),
    (list[int] | tuple[int, ...], "both stored as L"),
    (Info | dict[str, int], "attrs classes only"),
    (bool | Literal[True], "both stored as BOOL"),
    (set[bool], "sets of strings"),
    (set[int | str], "sets of strings"),
    (set[list[int]], "sets of strings"),
    (set[str | None], "sets of strings"),
    (set[Any], "sets of strings"),
    (set, r"set\[...\]"),
    (frozenset, r"frozenset\[...\]"),
    (tuple, r"tuple\[...\]"),
    (dict[int, str], "keys of a map are str"),
    ("Info", "could not be resolved"),
    (list["Missing"], "could not be resolved"),  # noqa: F821 - on purpose
    (T, "type variable"),
    (Page, "type variable"),
    (BoolEnum, "YES must be a str"),
    (TupleEnum, "PAIR must be a str"),
    (Literal["red", Colour.RED], "same value"),
    (Literal["red"] | Colour, "both stored as S"),
]


@pytest.mark.parametrize(("type_", "rule"), UNSUPPORTED)
def test_types_that_are_refused(type_: Any, rule: str) -> None:
    with pytest.raises(UnsupportedTypeError, match=rule):
        compile_value(type_)


def test_an_enum_of_numbers_and_texts_that_look_alike() -> None:
    codec = compile_value(SameEnum)
    assert codec.decode(codec.encode(SameEnum.ONE)) is SameEnum.ONE
    assert codec.decode(codec.encode(SameEnum.TEXT)) is SameEnum.TEXT


def test_all_bad_attributes_are_reported_together() -> None:
    with pytest.raises(DeclarationError) as caught:
        compile_item(
            Plain, [field("a", complex), field("b", int), field("c", set[bool]), field("d", list[1j])]
        )
    assert [fault.place for fault in caught.value.faults] == ["Plain.a", "Plain.c", "Plain.d"]
    assert all(fault.rule for fault in caught.value.faults)


def test_what_an_expression_needs_to_know() -> None:
    codec = compile_value(list[Info] | None)
    assert codec.types == {"L", "NULL"}
    assert codec.element is not None
    assert codec.element.python_type is Info
    assert codec.element.fields is not None
    assert codec.element.fields["ratings"].value.element is compile_value(Decimal)
    assert compile_value(tuple[int, Info] | None).present.parts[0] is compile_value(int)
    node = compile_value(Node)
    assert node.fields is not None
    children = node.fields["children"].value.element
    assert children is not None
    assert children.fields is node.fields
