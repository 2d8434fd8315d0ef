"""Whole items: absence, defaults, keys, unknown attributes, projections, faults."""

from __future__ import annotations

import copy
import gc
import logging
import os
import subprocess
import sys
import traceback
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import attrs
import pytest

from dynamodel.attribute_value import compile_item, unknown
from dynamodel.errors import DeclarationError, MarshalError, UnreadableItemError

from .models import Checked, Colour, Frozen, FrozenData, Info, Keywords, Node, OwnInit, Plain, entity, field


def test_names_are_data() -> None:
    names = ["it's", '"', "'] = boom() #", "\n", "{0}", "self", "item", "class", "v0"]
    codec = entity(*(field(f"a{index}", int, name) for index, name in enumerate(names)))
    obj = codec.cls(**{f"a{index}": index for index in range(len(names))})
    item = codec.encode(obj)
    assert item == {name: {"N": str(index)} for index, name in enumerate(names)}
    assert vars(codec.decode(item)) == vars(obj)


def test_hostile_python_names_are_data_too() -> None:
    name = "x']; raise SystemExit #"
    codec = entity(field("a", int))
    hostile = type(codec)(codec.cls, {name: codec.fields["a"]})
    obj = hostile.decode({"a": {"N": "1"}})
    assert vars(obj) == {name: 1}
    assert hostile.encode(obj) == {"a": {"N": "1"}}


def test_none_is_absence() -> None:
    codec = entity(field("a", int | None), field("b", Any), field("c", Literal["x"] | None))
    assert codec.encode(codec.cls(a=None, b=None, c=None)) == {}
    obj = codec.decode({})
    assert (obj.a, obj.b, obj.c) == (None, None, None)
    assert codec.decode({"a": {"NULL": True}}).a is None


def test_none_is_null_where_the_attribute_says_so() -> None:
    codec = entity(
        field("a", int | None, null=True), field("b", set[str] | None, null=True), field("c", Any, null=True)
    )
    item = codec.encode(codec.cls(a=None, b=None, c=None))
    assert item == {"a": {"NULL": True}, "b": {"NULL": True}, "c": {"NULL": True}}
    assert codec.decode(item).b is None
    assert codec.encode(codec.cls(a=1, b=set(), c=None)) == {"a": {"N": "1"}, "c": {"NULL": True}}
    obj = codec.decode({})
    assert (obj.a, obj.b, obj.c) == (None, set(), None)


@pytest.mark.parametrize("kind", [set, frozenset])
def test_an_empty_set_is_absence(kind: Any) -> None:
    codec = entity(field("tags", kind[str], default=frozenset({"other"})), field("n", kind[int]))
    assert codec.encode(codec.cls(tags=kind(), n=frozenset())) == {}
    obj = codec.decode({})
    assert obj.tags == obj.n == kind()
    assert type(obj.tags) is kind
    assert codec.decode({}).tags is not obj.tags or kind is frozenset


@pytest.mark.parametrize("value", [None, "", 0, [], (), {}, False])
def test_other_empty_values_are_no_empty_set(value: object) -> None:
    codec = entity(field("tags", set[str]))
    with pytest.raises(MarshalError, match="set"):
        codec.encode(codec.cls(tags=value))


def test_empty_text_bytes_and_containers_are_stored() -> None:
    codec = entity(
        field("s", str), field("b", bytes), field("l", list[int]), field("m", dict[str, int]), field("z", int)
    )
    item = codec.encode(codec.cls(s="", b=b"", l=[], m={}, z=0))
    assert item == {"s": {"S": ""}, "b": {"B": b""}, "l": {"L": []}, "m": {"M": {}}, "z": {"N": "0"}}
    assert vars(codec.decode(item)) == {"s": "", "b": b"", "l": [], "m": {}, "z": 0}


def test_defaults_stand_for_absence() -> None:
    codec = entity(
        field("a", int, default=7),
        field("b", list[int], factory=list),
        field("c", int | None, default=5),
        field("d", int | None, default=5, null=True),
        field("e", str, default="it's"),
    )
    first, second = codec.decode({}), codec.decode({})
    assert vars(first) == {"a": 7, "b": [], "c": None, "d": 5, "e": "it's"}
    assert first.b is not second.b


def test_all_faults_of_an_object_with_their_paths() -> None:
    codec = entity(
        field("movie_id", int, "movieId"),
        field("info", Info),
        field("labels", dict[str, str]),
        field("n", int),
    )
    obj = codec.cls(movie_id="x", info=Info(1, [Decimal(1), "a"]), labels={"de": 5}, n=None)
    with pytest.raises(MarshalError) as caught:
        codec.encode(obj)
    assert [fault.path for fault in caught.value.faults] == ["movie_id", "info.ratings[1]", "labels.de", "n"]
    assert [fault.value_type for fault in caught.value.faults] == ["str", "str", "int", "NoneType"]
    assert "(stored as 'movieId')" in caught.value.faults[0].rule
    assert "stored as" not in caught.value.faults[2].rule
    assert caught.value.owner == "Thing"
    assert str(caught.value).startswith("Thing.movie_id: ")


def test_all_faults_of_an_item_with_their_paths() -> None:
    codec = entity(field("movie_id", int, "movieId"), field("info", Info), field("year", int))
    item = {"movieId": {"S": "x"}, "info": {"M": {"rank": {"N": "0.5"}, "ratings": {"L": [{"S": "a"}]}}}}
    with pytest.raises(UnreadableItemError) as caught:
        codec.decode(item)
    faults = [(fault.path, fault.value_type) for fault in caught.value.faults]
    assert faults == [("movie_id", "S"), ("info.rank", "N"), ("info.ratings[0]", "S"), ("year", "")]
    assert "required attribute is missing" in caught.value.faults[3].rule
    assert caught.value.item is item
    assert caught.value.owner == "Thing"


def test_no_item_data_in_a_printed_error() -> None:
    codec = entity(
        field("a", int), field("b", UUID), field("c", datetime), field("d", Colour), field("e", Checked)
    )
    item = {
        "a": {"N": "secret"}, "b": {"S": "secret"}, "c": {"S": "secret"}, "d": {"S": "secret"},
        "e": {"M": {"amount": {"N": "-77777"}}},
    }  # fmt: skip
    with pytest.raises(UnreadableItemError) as caught:
        codec.decode(item)
    assert len(caught.value.faults) == 5
    shown = logging.Formatter().formatException(
        (type(caught.value), caught.value, caught.value.__traceback__)
    )
    assert "secret" not in shown
    assert "77777" not in shown
    assert "Checked refused these values with ValueError" in shown
    words = "hid" + "den"  # a traceback shows the lines of this test, too
    with pytest.raises(MarshalError) as caught_writing:
        codec.encode(codec.cls(a=words, b=words, c=words, d=words, e=words))
    assert "hidden" not in "".join(traceback.format_exception(caught_writing.value))


@pytest.mark.parametrize("limit", [1024, 2048])
def test_keys_are_not_empty_and_within_their_limit(limit: int) -> None:
    codec = entity(
        field("s", str, key_limit=limit), field("b", bytes, key_limit=limit), field("n", int, key_limit=limit)
    )
    for text in ("x" * limit, "é" * (limit // 2), "😀" * (limit // 4), "x"):
        assert codec.encode(codec.cls(s=text, b=text.encode(), n=0))["s"] == {"S": text}
    for text in ("x" * (limit + 1), "é" * (limit // 2 + 1), "😀" * (limit // 4 + 1)):
        with pytest.raises(MarshalError, match=f"at most {limit} bytes") as caught:
            codec.encode(codec.cls(s=text, b=text.encode(), n=0))
        assert [fault.path for fault in caught.value.faults] == ["s", "b"]
    with pytest.raises(MarshalError, match="must not be empty") as caught:
        codec.encode(codec.cls(s="", b=b"", n=0))
    assert [fault.path for fault in caught.value.faults] == ["s", "b"]
    assert codec.decode({"s": {"S": "a"}, "b": {"B": b"a"}, "n": {"N": "1"}}).s == "a"


def test_an_optional_key_may_be_absent() -> None:
    codec = entity(field("s", str | None, key_limit=1024))
    assert codec.encode(codec.cls(s=None)) == {}
    with pytest.raises(MarshalError, match="empty"):
        codec.encode(codec.cls(s=""))


def test_dates_in_keys_keep_the_order_of_time() -> None:
    codec = entity(field("at", datetime | None, key_limit=1024), field("when", time, key_limit=1024))
    early, late = datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
    texts = [codec.encode(codec.cls(at=at, when=time(1)))["at"]["S"] for at in (early, late)]
    assert texts == sorted(texts)
    with pytest.raises(MarshalError) as caught:
        codec.encode(codec.cls(at=datetime(2020, 1, 1), when=time(1, tzinfo=UTC)))
    assert [fault.path for fault in caught.value.faults] == ["at", "when"]
    plain = entity(field("at", datetime), field("when", time))
    assert plain.encode(plain.cls(at=datetime(2020, 1, 1), when=time(1, tzinfo=UTC)))


@pytest.mark.parametrize("type_", [bool, list[int], set[str], Info, int | str, Any, Literal["a", 1]])
def test_key_types(type_: Any) -> None:
    with pytest.raises(DeclarationError, match="String, Number or Binary"):
        entity(field("k", type_, key_limit=2048))


def test_declarations_that_contradict_themselves() -> None:
    with pytest.raises(DeclarationError) as caught:
        entity(field("a", set[str] | None), field("b", int, null=True), field("c", int))
    assert [fault.place for fault in caught.value.faults] == ["Thing.a", "Thing.b"]


def test_unknown_attributes_are_kept_and_written_back() -> None:
    codec = entity(field("a", int))
    item = {"a": {"N": "1"}, "z": {"L": [{"B": "AP8="}, {"M": {"x": {"BS": ["AA=="]}}}]}, "b": {"S": "x"}}
    obj = codec.decode(item)
    kept = {"z": {"L": [{"B": b"\0\xff"}, {"M": {"x": {"BS": [b"\0"]}}}]}, "b": {"S": "x"}}
    assert obj.__dict__["_unknown_attributes"] == kept
    assert codec.encode(obj) == {"a": {"N": "1"}, **kept}
    obj.__dict__["_unknown_attributes"]["a"] = {"S": "declared attributes win"}
    assert codec.encode(obj) == {"a": {"N": "1"}, **kept}
    obj.a = "wrong"
    with pytest.raises(MarshalError):
        codec.encode(obj)
    assert "_unknown_attributes" not in vars(codec.decode({"a": {"N": "1"}}))


def test_unknown_attributes_survive_the_exact_form() -> None:
    codec = entity(field("a", int))
    obj = codec.decode({"a": {"N": "1.0"}, "b": {"S": "x"}})
    assert obj.a == 1
    assert codec.encode(obj) == {"a": {"N": "1"}, "b": {"S": "x"}}


def test_no_declared_absence_comes_back_from_the_unknown() -> None:
    codec = entity(field("a", int | None), field("b", set[str]))
    obj = codec.decode({"c": {"S": "x"}})
    obj.__dict__["_unknown_attributes"].update(a={"N": "1"}, b={"SS": ["x"]})
    assert codec.encode(obj) == {"c": {"S": "x"}}


def test_unknown_entries_of_documents_are_kept_and_written_back() -> None:
    codec = entity(field("info", Info), field("frozen", list[Frozen]), field("plain", Plain | None))
    item = {
        "info": {"M": {"rank": {"N": "1"}, "ratings": {"L": []}, "new": {"B": "AA=="}}},
        "frozen": {"L": [{"M": {"x": {"N": "1"}, "y": {"N": "2"}, "z": {"S": "z"}}}]},
        "plain": {"M": {"a": {"N": "1"}, "b": {"S": "b"}}},
    }
    obj = codec.decode(item)
    written = copy.deepcopy(item)
    written["info"]["M"]["new"] = {"B": b"\0"}
    assert codec.encode(obj) == written
    assert codec._encode(obj) == written
    evolved = attrs.evolve(obj.info, rank=2)
    obj.info = evolved
    assert "new" not in codec.encode(obj)["info"]["M"]


def test_unknown_entries_are_dropped_where_an_object_cannot_carry_them() -> None:
    codec = entity(field("a", FrozenData))
    obj = codec.decode({"a": {"M": {"a": {"N": "1"}, "z": {"S": "z"}}}})
    assert codec.encode(obj) == {"a": {"M": {"a": {"N": "1"}, "b": {"S": "b"}}}}


def test_the_table_of_unknown_entries_forgets() -> None:
    codec = entity(field("frozen", Frozen))
    before = len(unknown._kept)
    objects = [codec.decode({"frozen": {"M": {"x": {"N": "1"}, "z": {"S": "z"}}}}) for _ in range(100)]
    assert len(unknown._kept) == before + 100
    del objects
    gc.collect()
    assert len(unknown._kept) == before


def test_a_class_with_hooks_is_built_through_its_constructor() -> None:
    calls: list[int] = []
    codec = entity(field("a", int), __attrs_post_init__=lambda self: calls.append(self.a))
    obj = codec.decode({"a": {"N": "1"}, "b": {"S": "x"}})
    assert calls == [1]
    assert obj._unknown_attributes == {"b": {"S": "x"}}
    codec.decode({"a": {"N": "2.0"}})
    assert calls[-1] == 2


def test_a_class_with_its_own_init() -> None:
    seen: dict[str, Any] = {}

    @attrs.define(slots=False)
    class Own:
        a: int

        def __init__(self, **values: int) -> None:
            seen.update(values)
            self.__attrs_init__(**values)

    class Child(Own):
        pass

    for cls in (Own, Child):
        seen.clear()
        assert compile_item(cls, [field("a", int)]).decode({"a": {"N": "1"}}).a == 1
        assert seen == {"a": 1}


def test_a_class_without_hooks_is_built_without_its_constructor() -> None:
    codec = entity(field("a", int))
    codec.cls.__init__ = None
    assert codec.decode({"a": {"N": "1"}}).a == 1


def test_a_hook_that_raises_makes_the_item_unreadable() -> None:
    def refuse(self: Any) -> None:
        raise ValueError(f"secret {self.a}")

    codec = entity(field("a", int), __attrs_post_init__=refuse)
    with pytest.raises(UnreadableItemError, match="ValueError") as caught:
        codec.decode({"a": {"N": "7" * 5}})
    assert "77777" not in "".join(traceback.format_exception(caught.value))


def test_documents_are_built_through_their_class() -> None:
    codec = entity(field("c", Checked), field("k", Keywords), field("o", OwnInit))
    item = {
        "c": {"M": {"amount": {"N": "2"}, "label": {"S": " x "}}},
        "k": {"M": {"a": {"N": "1"}}},
        "o": {"M": {"a": {"N": "1"}}},
    }
    for obj in (codec.decode(item), codec._decode(item)):
        assert (obj.c.label, obj.c.double, obj.c.twin) == ("x", 4, 2)
        assert obj.k == Keywords(a=1)
        assert obj.o == OwnInit(1)
    assert codec.encode(obj)["c"] == {"M": {"amount": {"N": "2"}, "label": {"S": "x"}, "twin": {"N": "2"}}}


def test_a_projected_item() -> None:
    codec = entity(
        field("a", int), field("b", int),
        field("tags", set[str]), field("c", int, default=5), field("d", str | None),
        __attrs_post_init__=lambda self: pytest.fail("the constructor ran"),
    )  # fmt: skip
    obj = codec.decode_partial({"a": {"N": "1"}}, {"a", "tags", "d"})
    assert vars(obj) == {"a": 1, "tags": set(), "d": None}
    assert vars(codec.decode_partial({"b": {"N": "2"}, "z": {"S": "x"}}, [])) == {
        "b": 2, "_unknown_attributes": {"z": {"S": "x"}},
    }  # fmt: skip
    with pytest.raises(UnreadableItemError) as caught:
        codec.decode_partial({"a": {"S": "x"}}, {"a", "b", "c"})
    assert [(fault.path, fault.value_type) for fault in caught.value.faults] == [("a", "S"), ("b", "")]


def test_an_item_that_was_read_in_part_is_not_written() -> None:
    codec = entity(field("a", int), field("b", int))
    with pytest.raises(MarshalError, match="projection") as caught:
        codec.encode(codec.decode_partial({"a": {"N": "1"}}, {"a"}))
    assert caught.value.path == "b"


def test_a_nested_projection() -> None:
    codec = entity(
        field("info", Info),
        field("nodes", list[Node]),
        field("frozen", dict[str, Frozen | None]),
        field("c", Checked | None),
    )
    item = {
        "info": {"M": {"ratings": {"L": [{"N": "1"}]}}},
        "nodes": {"L": [{"M": {"parent": {"M": {"value": {"N": "1"}}}}}]},
        "frozen": {"M": {"a": {"M": {"y": {"N": "1"}}}, "b": {"NULL": True}}},
        "c": {"M": {"label": {"S": "x"}}},
    }
    obj = codec.decode_partial(item, set())
    assert obj.info.ratings == [Decimal(1)]
    assert not hasattr(obj.info, "rank")
    assert not hasattr(obj.info, "genres")
    assert obj.nodes[0].parent.value == 1
    assert not hasattr(obj.nodes[0], "value")
    assert obj.frozen["a"].y == 1
    assert obj.frozen["b"] is None
    assert not hasattr(obj.c, "twin")
    with pytest.raises(MarshalError) as caught:
        codec.encode(obj)
    assert "info.rank" in [fault.path for fault in caught.value.faults]


def test_a_nested_projection_that_only_the_exact_form_can_read() -> None:
    item = {"number": {"N": "2.0"}, "info": {"M": {"rank": {"N": "1"}}}}
    obj = entity(field("number", int), field("info", Info)).decode_partial(item, {"number"})
    assert (obj.number, obj.info.rank) == (2, 1)
    assert not hasattr(obj.info, "ratings")


def test_a_value_that_contains_itself_is_a_fault() -> None:
    codec = entity(field("node", Node), field("any", Any))
    node = Node(1)
    node.children.append(node)
    with pytest.raises(MarshalError):
        codec.encode(codec.cls(node=node, any=None))
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(MarshalError):
        codec.encode(codec.cls(node=Node(1), any=endless))


def test_an_object_of_another_class_is_refused() -> None:
    codec = entity(field("a", int))
    with pytest.raises(MarshalError, match="Thing is needed"):
        codec.encode(Plain(1))


def test_a_traceback_shows_the_generated_source() -> None:
    codec = entity(field("a", int, "it's"))
    codec.decode({"it's": {"N": "1"}})
    with pytest.raises(KeyError) as caught:
        codec._fast_decode({})
    assert 'item["it\'s"]' in "".join(traceback.format_exception(caught.value))


def test_requests_do_not_depend_on_the_hash_seed() -> None:
    program = (
        "from attribute_value.models import *\n"
        "codec = entity(field('s', set[str]), field('n', set[int]), field('b', frozenset[bytes]),\n"
        "  field('a', object), field('u', set[Colour]))\n"
        "words = 'one two three four five six'.split()\n"
        "print(codec.encode(codec.cls(s=set(words), n={5, 10**9, -3}, \n"
        "  b=frozenset(w.encode() for w in words),  a=[set(words)], u=set(Colour))))\n"
    )
    outputs = set()
    here = os.path.dirname(os.path.dirname(__file__))
    for seed in ("0", "1", "2"):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": os.pathsep.join([here, os.getcwd()]),
        }
        run = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        outputs.add(run.stdout)
    assert len(outputs) == 1
    assert "three" in outputs.pop()
