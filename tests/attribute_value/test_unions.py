"""Unions of attrs classes: what tells them apart, on both sides."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import attrs
import pytest

from dynamodel.attribute_value import UnsupportedTypeError, compile_value
from dynamodel.attribute_value.value_codec import late
from dynamodel.errors import MarshalError

from .models import Cat, Circle, Dog, Info, Square, Sum, Term, entity, field


@attrs.frozen
class Numbered1:
    version: Literal[1]
    kind: Literal["same"]


@attrs.frozen
class Numbered2:
    version: Annotated[Literal[2, 3], "note"]
    kind: Literal["same"]


@attrs.frozen
class Reserved:
    _type: str


@pytest.mark.parametrize(
    ("type_", "value", "stored"),
    [
        (Circle | Square, Circle("circle", 1), {"kind": {"S": "circle"}, "radius": {"N": "1"}}),
        (Circle | Square, Square("box", 1), {"kind": {"S": "box"}, "side": {"N": "1"}}),
        (Cat | Dog, Cat(9), {"lives": {"N": "9"}, "_type": {"S": "Cat"}}),
        (Cat | Dog | None, Dog("a"), {"name": {"S": "a"}, "_type": {"S": "Dog"}}),
        (Circle | Cat, Cat(9), {"lives": {"N": "9"}, "_type": {"S": "Cat"}}),
        (Cat | Dog | int, Dog("a"), {"name": {"S": "a"}, "_type": {"S": "Dog"}}),
        (Numbered1 | Numbered2, Numbered2(3, "same"), {"version": {"N": "3"}, "kind": {"S": "same"}}),
        (Sum | Term, Term("term", 5), {"kind": {"S": "term"}, "value": {"N": "5"}}),
    ],
)
def test_members_are_told_apart(type_: Any, value: object, stored: dict[str, Any]) -> None:
    codec = compile_value(type_)
    for encode, decode in (
        (codec.encode, codec.decode),
        (late(codec.write, "test"), late(codec.read, "test")),
    ):
        assert encode(value) == {"M": stored}
        assert decode({"M": stored}) == value


def test_a_recursive_union_is_stored_in_one_way_from_wherever_it_is_seen() -> None:
    tree = Sum("sum", Term("term", 1), Sum("sum", Term("term", 2), Term("term", 3)))
    expected = {"kind": {"S": "sum"}, "left": {"M": {"kind": {"S": "term"}, "value": {"N": "1"}}}}
    for type_ in (Sum | Term, Term | Sum, Sum):
        stored = compile_value(type_).encode(tree)
        assert {name: stored["M"][name] for name in ("kind", "left")} == expected
        assert compile_value(type_).decode(stored) == tree
    codec = entity(field("a", Sum), field("b", Term | Sum))
    item = codec.encode(codec.cls(a=tree, b=tree))
    assert item["a"] == item["b"]
    assert vars(codec.decode(item)) == {"a": tree, "b": tree}


def test_a_tag_is_no_unknown_entry() -> None:
    codec = entity(field("pets", list[Cat | Dog]))
    item = {"pets": {"L": [{"M": {"_type": {"S": "Cat"}, "lives": {"N": "9"}, "more": {"S": "x"}}}]}}
    obj = codec.decode(item)
    assert codec.encode(obj) == item
    alone = entity(field("pet", Cat))
    assert alone.encode(alone.cls(pet=obj.pets[0])) == {
        "pet": {"M": {"lives": {"N": "9"}, "more": {"S": "x"}}}
    }


@pytest.mark.parametrize(
    ("type_", "stored", "path", "rule"),
    [
        (Circle | Square, {"radius": {"N": "1"}}, "kind", "missing"),
        (Circle | Square, {"kind": {"S": "oval"}}, "kind", "names none"),
        (Circle | Square, {"kind": {"N": "1"}}, "kind", "names none"),
        (Circle | Square, {"kind": {"S": "circle"}}, "radius", "missing"),
        (Cat | Dog, {"lives": {"N": "9"}}, "_type", "missing"),
        (Cat | Dog, {"_type": {"S": "Cow"}}, "_type", "names none"),
    ],
)
def test_stored_maps_that_name_no_member(type_: Any, stored: Any, path: str, rule: str) -> None:
    with pytest.raises(MarshalError, match=rule) as caught:
        compile_value(type_).decode({"M": stored})
    assert caught.value.path == path


def test_a_nested_projection_of_a_union() -> None:
    codec = compile_value(Circle | Square)
    part = codec.decode_partial({"M": {"kind": {"S": "box"}}})
    assert type(part) is Square
    assert not hasattr(part, "side")


def test_what_cannot_be_told_apart() -> None:
    same_name = attrs.make_class("Cat", {"other": attrs.field(type=int)})
    for type_, rule in (
        (Cat | same_name, "same name"),
        (Cat | Reserved, "_type"),
        (Cat | Dog | dict[str, int], "both stored as M"),
        (Cat | Any, None),
    ):
        if rule is None:
            assert "L" in compile_value(type_).types
            continue
        with pytest.raises(UnsupportedTypeError, match=rule):
            compile_value(type_)


def test_a_subclass_of_a_member_is_refused() -> None:
    @attrs.frozen
    class Lion(Cat):
        mane: bool

    for type_ in (Cat, Cat | Dog):
        with pytest.raises(MarshalError, match="subclass") as caught:
            compile_value(type_).encode(Lion(9, True))
        assert caught.value.value_type.endswith("Lion")


def test_a_document_beside_scalars() -> None:
    codec = compile_value(Info | str | None)
    assert codec.types == {"M", "S", "NULL"}
    assert codec.decode(codec.encode(Info(1))) == Info(1)
    assert codec.decode(codec.encode("x")) == "x"
