"""JSON: what goes out comes back in, with every digit; and what must not come in does not."""

from __future__ import annotations

import json
from decimal import Decimal
from enum import Enum
from typing import Any, Literal
from uuid import UUID

import attrs
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamodel.attribute_value import compile_value
from dynamodel.attribute_value.json_form import (
    MAX_CONTAINERS,
    MAX_FAULTS,
    document_to_json,
    from_json,
    to_json,
)
from dynamodel.errors import MarshalError

from .models import Cat, Circle, Colour, Dog, Frozen, Info, Mixed, Node, Plain, Raw, Square, Sum, Term
from .test_roundtrip import FRACTIONS, INTS, TEXT, TYPES

JSON_DYNAMIC: st.SearchStrategy[Any] = st.recursive(
    TEXT | INTS | FRACTIONS | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT.filter(bool), inner, max_size=3),
    max_leaves=6,
)
"""Values without a declared type that JSON can tell apart."""

CASES = [(type_, JSON_DYNAMIC if type_ is Any else values) for type_, values in TYPES]
CASES += [
    (Raw, st.sampled_from(Raw)),
    (Sum | Term, st.builds(Term, st.just("term"), INTS)),
    (list[bytes] | str, st.lists(st.binary(max_size=4), max_size=2) | TEXT),
    (
        dict[str, set[bytes]],
        st.dictionaries(TEXT.filter(bool), st.sets(st.binary(max_size=3), min_size=1), max_size=2),
    ),
]


def written(value: Any) -> str:
    return orjson.dumps(value).decode()


def parsed(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def through_text(type_: Any, value: Any) -> Any:
    codec = compile_value(type_)
    return from_json(codec, parsed(written(to_json(codec, value))))


@pytest.mark.parametrize(("type_", "values"), CASES, ids=[str(type_) for type_, _ in CASES])
def test_what_goes_out_comes_back(type_: Any, values: st.SearchStrategy[Any]) -> None:
    @settings(max_examples=25, deadline=None)
    @given(values)
    def comes_back(value: Any) -> None:
        back = through_text(type_, value)
        assert back == value
        assert type(back) is type(value) or isinstance(value, bool | int | float | Decimal)

    comes_back()


@attrs.define
class Holder:
    data: bytes
    maybe: int | None = None
    tags: set[str] = attrs.Factory(set)


OUT = [
    (str, 'é"\n', '"é\\"\\n"'),
    (int, 10**37, "1" + "0" * 37),
    (int, -(2**70), "-1180591620717411303424"),
    (
        Decimal,
        Decimal("0.12345678901234567890123456789012345678"),
        "0.12345678901234567890123456789012345678",
    ),
    (Decimal, Decimal("1E+3"), "1000"),
    (Decimal, Decimal("-1.50"), "-1.5"),
    (Decimal, Decimal("1E-5"), "0.00001"),
    (Decimal, Decimal("-0"), "0"),
    (float, 0.1, "0.1"),
    (bool, True, "true"),
    (int | None, None, "null"),
    (bytes, b"\x00\xff", '"AP8="'),
    (UUID, UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
    (set[int], {10, 9}, "[9,10]"),
    (set[str], set(), "[]"),
    (set[str] | None, None, "null"),
    (tuple[int, str], (1, "a"), '[1,"a"]'),
    (dict[str, Decimal], {"a.b": Decimal("2.0")}, '{"a.b":2}'),
    (Holder, Holder(b"a"), '{"data":"YQ==","maybe":null,"tags":[]}'),
    (Cat | Dog, Dog("rex"), '{"name":"rex","_type":"Dog"}'),
    (Circle | Square, Circle("circle", 2), '{"kind":"circle","radius":2}'),
    (Any, {"a": {1, 2}, "b": [b"a", None]}, '{"a":[1,2],"b":["YQ==",null]}'),
]


@pytest.mark.parametrize(("type_", "value", "text"), OUT)
def test_what_a_client_reads(type_: Any, value: Any, text: str) -> None:
    assert written(to_json(compile_value(type_), value)) == text


IN = [
    (Decimal, "1e3", Decimal(1000)),
    (Decimal, "12345678901234567890123456789012345678", Decimal("12345678901234567890123456789012345678")),
    (int, "1.0", 1),
    (float, "0.1", 0.1),
    (set[int], "[]", set()),
    (set[Decimal], "[1, 1.5]", {Decimal(1), Decimal("1.5")}),
    (bytes | str, '"YQ=="', "YQ=="),
    (list[str] | set[int], '["1"]', ["1"]),
    (list[str] | set[int], "[1]", {1}),
    (Mixed, '"1"', Mixed.TEXT),
    (Mixed, "1", Mixed.NUMBER),
    (Literal["a", 1, True], "true", True),
    (Info, '{"rank": 1, "plot": null}', Info(1)),
    (Cat | Dog, '{"_type": "Cat", "lives": 9}', Cat(9)),
    (Any, "[1, 1.5]", [1, Decimal("1.5")]),
]


@pytest.mark.parametrize(("type_", "text", "value"), IN)
def test_what_a_client_may_write(type_: Any, text: str, value: Any) -> None:
    found = from_json(compile_value(type_), parsed(text))
    assert found == value
    assert type(found) is type(value)


UNTOLD = f"this tells which of {Cat | Dog} it is, and names none of them"
UNKNOWN = "there is no such attribute"

WRONG: list[tuple[Any, str, list[tuple[str, str, str]]]] = [
    (int, '"1"', [("", "int is needed", "string")]),
    (int, "true", [("", "int is needed", "boolean")]),
    (int, "1.5", [("", "int is needed", "number")]),
    (bool, "1", [("", "bool is needed", "number")]),
    (str, "1", [("", "str is needed", "number")]),
    (str, "null", [("", "a value is needed", "null")]),
    (str, r'"\ud800"', [("", "text must be valid Unicode; a lone surrogate has no UTF-8 form", "string")]),
    (Decimal, "1e126", [("", "DynamoDB's numbers are below 1E+126 in magnitude", "number")]),
    (int, "1" * 39, [("", "DynamoDB's numbers have at most 38 significant digits", "number")]),
    (float, "0.1000000000000000000001", [("", "float is needed", "number")]),
    (bytes, '"YQ"', [("", "base64 text is needed", "string")]),
    (bytes, '"Y Q=="', [("", "base64 text is needed", "string")]),
    (bytes, '"é"', [("", "base64 text is needed", "string")]),
    (UUID, '"x"', [("", "UUID is needed", "string")]),
    (Colour, '"green"', [("", "Colour is needed", "string")]),
    (set[str], '["a", "a"]', [("", "two elements of this set are the same", "array")]),
    (set[Decimal], "[1, 1.0]", [("", "two elements of this set are the same", "array")]),
    (set[int], '[1, "a", null]', [("[1]", "int is needed", "string"), ("[2]", "int is needed", "null")]),
    (tuple[int, str], "[1]", [("", "tuple[int, str] is needed, an array of 2", "array")]),
    (list[int], "{}", [("", "list[int] is needed", "object")]),
    (dict[str, int], '{"a": "x", "b": [], "c": 1}',
     [("a", "int is needed", "string"), ("b", "int is needed", "array")]),
    (Info, "[]", [("", "Info is needed", "array")]),
    (Info, "{}", [("rank", "this required attribute is missing", "")]),
    (Info, '{"rank": 1, "Rank": 2, "_x": 3}', [("Rank", UNKNOWN, ""), ("_x", UNKNOWN, "")]),
    (Info, '{"rank": "a", "ratings": [1, "b"]}',
     [("rank", "int is needed", "string"), ("ratings[1]", "Decimal is needed", "string")]),
    (Cat | Dog, '{"lives": 9}', [("_type", UNTOLD, "null")]),
    (Cat | Dog, '{"_type": ["Cat"], "lives": 9}', [("_type", UNTOLD, "array")]),
    (Cat | Dog, '{"_type": "Cat", "name": "x"}', [("name", UNKNOWN, "")]),
    (int | list[str], '"a"', [("", f"{int | list[str]} is needed", "string")]),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "text", "faults"), WRONG)
def test_what_a_client_may_not_write(type_: Any, text: str, faults: list[tuple[str, str, str]]) -> None:
    with pytest.raises(MarshalError) as caught:
        from_json(compile_value(type_), parsed(text))
    found = [(fault.path, fault.rule, fault.value_type) for fault in caught.value.faults]
    assert found == faults


@pytest.mark.parametrize(
    ("type_", "json"),
    [
        (set[str], [1] * 1_000_000),
        (list[str], [1] * 1_000_000),
        (list[list[int]], [["x"] * 1_000] * 1_000),
        (dict[str, int], dict.fromkeys(map(str, range(100_000)))),
        (Info, dict.fromkeys(map(str, range(100_000)))),
    ],
)
def test_a_hostile_value_is_not_read_to_its_end(type_: Any, json: Any) -> None:
    with pytest.raises(MarshalError) as caught:
        from_json(compile_value(type_), json)
    assert len(caught.value.faults) == MAX_FAULTS


def test_a_document_that_its_class_refuses_is_refused_without_its_values() -> None:
    @attrs.define
    class Positive:
        amount: int = attrs.field(validator=attrs.validators.gt(0))

    with pytest.raises(MarshalError, match="Positive refused these values with ValueError") as caught:
        from_json(compile_value(Positive), {"amount": -4711})
    assert "4711" not in str(caught.value)


@pytest.mark.parametrize("type_", [Any, list[Any], Node])
def test_depth_is_limited(type_: Any) -> None:
    def nested(depth: int) -> Any:
        if type_ is Node:
            inner: Any = {"value": 1, "children": []}
            for _ in range(depth // 2 - 1):
                inner = {"value": 1, "children": [inner]}
            return inner
        inner = []
        for _ in range(depth - 1):
            inner = [inner]
        return inner

    codec = compile_value(type_)
    from_json(codec, nested(MAX_CONTAINERS))
    for depth in (MAX_CONTAINERS + 2, 900):
        with pytest.raises(MarshalError, match="at most 31 lists and maps"):
            from_json(codec, nested(depth))


def test_a_hostile_union_is_no_tree_of_attempts() -> None:
    """Each level of a recursive union is read once, however the innermost one is wrong."""
    body: Any = {"kind": "term", "value": "wrong"}
    for _ in range(25):
        body = {"kind": "sum", "left": body, "right": {"kind": "term", "value": 1}}
    with pytest.raises(MarshalError) as caught:
        from_json(compile_value(Sum | Term), body)
    assert [fault.path for fault in caught.value.faults] == [".".join(["left"] * 25) + ".value"]


def test_a_part_of_a_document_goes_out_in_part() -> None:
    for class_, held in ((Info, {"rank": 1}), (Plain, {}), (Frozen, {"x": 3})):
        codec = compile_value(class_)
        part = codec.decode_partial({"M": {name: {"N": str(value)} for name, value in held.items()}})
        assert codec.fields is not None
        assert written(document_to_json(codec.fields, part)) == written(held)


def test_unknown_entries_of_a_stored_document_stay_in_the_store() -> None:
    codec = compile_value(Info)
    info = codec.decode({"M": {"rank": {"N": "1"}, "secret": {"S": "x"}}})
    assert codec.encode(info)["M"]["secret"] == {"S": "x"}
    assert "secret" not in written(to_json(codec, info))


@pytest.mark.parametrize(
    ("type_", "value"),
    [(int, "a"), (list[int], "a"), (list[int], [1, "a"]), (Info, 3), (dict[str, int], {1: 2}), (Cat | Dog, 1),
     (set[int], [1]), (Any, 0.5), (tuple[int, str], (1,)), (int | list[str], None)],
)  # fmt: skip
def test_a_wrong_value_does_not_go_out(type_: Any, value: Any) -> None:
    with pytest.raises(MarshalError):
        to_json(compile_value(type_), value)


def test_a_literal_of_bytes_tells_documents_apart() -> None:
    @attrs.frozen
    class One:
        mark: Literal[b"1"]

    @attrs.frozen
    class Two:
        mark: Literal[b"2"]

    class Kind(Enum):
        A = "a"

    globals().update(One=One, Two=Two)
    assert through_text(One | Two, Two(b"2")) == Two(b"2")
    assert through_text(list[Kind], [Kind.A]) == [Kind.A]
