"""The user's cattrs converter: types that dynamodel does not know, and hooks that win."""

import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from ipaddress import IPv4Address
from typing import Any, NamedTuple, NewType
from uuid import UUID

import attrs
import cattrs
import pytest
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override
from cattrs.preconf.json import make_converter

from dynamodel.attribute_value import UnsupportedTypeError, compile_value
from dynamodel.errors import MarshalError

from .models import Colour, Info, entity, field

SIX = UUID(int=6)


# cattrs does not resolve the annotations of a NamedTuple where they are strings.
class Point(NamedTuple):
    x: int
    y: Decimal


@attrs.frozen
class Renamed:
    inner: int
    data: bytes = b""


Code = NewType("Code", str)


def converter() -> cattrs.Converter:
    made = cattrs.Converter()
    made.register_structure_hook(IPv4Address, lambda text, _: IPv4Address(text))
    made.register_unstructure_hook(IPv4Address, str)
    return made


def test_a_type_that_dynamodel_does_not_know() -> None:
    codec = compile_value(IPv4Address, converter=converter())
    assert codec.encode(IPv4Address("10.0.0.1")) == {"S": "10.0.0.1"}
    assert codec.decode({"S": "10.0.0.1"}) == IPv4Address("10.0.0.1")
    with pytest.raises(UnsupportedTypeError, match="converter"):
        compile_value(IPv4Address)


def test_it_works_inside_of_other_types() -> None:
    codec = entity(
        field("a", IPv4Address | None), field("b", list[IPv4Address]),
        field("c", dict[str, IPv4Address | None]),
        converter=converter(),
    )  # fmt: skip
    ip = IPv4Address("10.0.0.1")
    obj = codec.cls(a=None, b=[ip], c={"x": None, "y": ip})
    item = codec.encode(obj)
    assert item == {"b": {"L": [{"S": str(ip)}]}, "c": {"M": {"x": {"NULL": True}, "y": {"S": str(ip)}}}}
    assert vars(codec.decode(item)) == vars(obj)


def test_a_named_tuple_with_decimals_and_bytes_left_as_they_are() -> None:
    codec = compile_value(Point, converter=converter())
    assert codec.decode({"L": [{"N": "1"}, {"N": "2"}]}) == Point(1, Decimal(2))
    assert type(codec.decode({"L": [{"N": "1"}, {"N": "2"}]}).y) is Decimal
    assert codec.encode(Point(1, Decimal("1.5"))) == {"L": [{"N": "1"}, {"N": "1.5"}]}
    assert codec.decode({"L": [{"N": "1"}, {"N": "1.5"}]}) == Point(1, Decimal("1.5"))


@pytest.mark.parametrize(
    ("type_", "value", "plain"),
    [
        (datetime, datetime(2020, 1, 1), {"S": "2020-01-01T00:00:00.000000"}),
        (UUID, SIX, {"S": str(SIX)}),
        (Colour, Colour.RED, {"S": "red"}),
        (Info, Info(1), {"M": {"rank": {"N": "1"}, "ratings": {"L": []}}}),
        (int, 5, {"N": "5"}),
        (list[int], [5], {"L": [{"N": "5"}]}),
        (Code, "x", {"S": "x"}),
        (Decimal, Decimal("1.5"), {"N": "1.5"}),
    ],
)
def test_a_converter_without_hooks_changes_nothing(type_: Any, value: object, plain: dict[str, Any]) -> None:
    codec = compile_value(type_, converter=cattrs.Converter())
    assert codec.encode(value) == plain
    assert codec.decode(plain) == value
    assert codec.types == compile_value(type_).types


def test_hooks_of_the_user_win_over_the_built_in_encoding() -> None:
    made = cattrs.Converter()
    made.register_structure_hook(date, lambda number, _: date.fromordinal(number))
    made.register_unstructure_hook(date, date.toordinal)
    made.register_structure_hook(Colour, lambda name, _: Colour[name])
    made.register_unstructure_hook(Colour, lambda colour: colour.name)
    made.register_structure_hook(Code, lambda text, _: Code(text.lower()))
    codec = entity(
        field("d", date | None),
        field("c", list[Colour]),
        field("code", Code),
        field("at", datetime),
        converter=made,
    )
    obj = codec.cls(d=date(1, 1, 5), c=[Colour.RED], code="x", at=datetime(2020, 1, 1))
    item = codec.encode(obj)
    assert item["d"] == {"N": "5"}
    assert item["c"] == {"L": [{"S": "RED"}]}
    assert item["at"] == {"S": "2020-01-01T00:00:00.000000"}
    assert vars(codec.decode(item)) == vars(obj)
    assert codec.decode({**item, "code": {"S": "X"}}).code == "x"


def test_overrides_of_an_attrs_class_win() -> None:
    made = cattrs.Converter()
    made.register_structure_hook(
        Renamed, make_dict_structure_fn(Renamed, made, inner=override(rename="outer"))
    )
    made.register_unstructure_hook(
        Renamed, make_dict_unstructure_fn(Renamed, made, inner=override(rename="outer"))
    )
    codec = compile_value(list[Renamed], converter=made)
    stored = {"L": [{"M": {"outer": {"N": "1"}, "data": {"B": b"x"}}}]}
    assert codec.encode([Renamed(1, b"x")]) == stored
    assert codec.decode(stored) == [Renamed(1, b"x")]


def test_a_hand_written_hook_of_an_attrs_class_wins() -> None:
    made = cattrs.Converter()
    made.register_structure_hook(Renamed, lambda number, _: Renamed(number))
    made.register_unstructure_hook(Renamed, lambda value: value.inner)
    codec = compile_value(Renamed, converter=made)
    assert codec.encode(Renamed(5)) == {"N": "5"}
    assert codec.decode({"N": "5"}) == Renamed(5)


def test_a_preconfigured_converter() -> None:
    codec = compile_value(datetime, converter=make_converter())
    stored = codec.encode(datetime(2020, 1, 1))
    assert stored == {"S": "2020-01-01T00:00:00"}
    assert codec.decode(stored) == datetime(2020, 1, 1)


def test_faults_of_hooks_do_not_quote_the_data() -> None:
    codec = entity(field("a", IPv4Address), converter=converter())
    for run in (lambda: codec.decode({"a": {"S": "secret"}}), lambda: codec.encode(codec.cls(a="secret"))):
        with pytest.raises(MarshalError) as caught:
            run()
        assert caught.value.path == "a"
        assert "secret" not in str(caught.value)


def test_a_hook_whose_result_cannot_be_stored() -> None:
    made = converter()
    made.register_unstructure_hook(IPv4Address, lambda ip: {"parts": [0.5]})
    with pytest.raises(MarshalError, match="float") as caught:
        compile_value(list[IPv4Address], converter=made).encode([IPv4Address("10.0.0.1")])
    assert caught.value.path == "[0].parts[0]"


def test_cattrs_is_not_imported_without_a_converter() -> None:
    program = (
        "import sys, dynamodel.attribute_value as a\n"
        "a.compile_value(list[int]).encode([1])\n"
        "assert 'cattrs' not in sys.modules, sorted(m for m in sys.modules if 'cattrs' in m)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_converter_is_copied_once_for_all_types_of_an_item(monkeypatch: pytest.MonkeyPatch) -> None:
    made, copies = converter(), []
    copy = cattrs.Converter.copy
    monkeypatch.setattr(cattrs.Converter, "copy", lambda self: copies.append(self) or copy(self))
    codec = entity(field("a", IPv4Address), field("b", list[IPv4Address]), field("c", Point), converter=made)
    assert copies == [made]
    assert codec.decode({**codec.encode(codec.cls(a=IPv4Address(1), b=[], c=Point(1, Decimal(2))))}).c.y == 2
