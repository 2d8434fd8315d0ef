"""Generated functions: foreign names stay data, and tracebacks show the source."""

from __future__ import annotations

import ast
import enum
import linecache
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel._codegen import Source, compile_functions, quote


class Colour(enum.StrEnum):
    RED = "it's"


@given(st.text())
def test_quote_is_a_literal_of_the_text(text: str) -> None:
    assert ast.literal_eval(quote(text)) == text


@pytest.mark.parametrize(
    "text", ["it's", '"', "'''", "\\", "\n", "a\rb", "\ud800", "']; boom(); ['", "{x}", "\0"]
)
def test_hostile_names_survive(text: str) -> None:
    source = Source("test")
    source.line("def get(item):")
    source.line(f"return item[{quote(text)}]", 1)
    assert compile_functions(source)["get"]({text: 5}) == 5


def test_a_subclass_of_str_is_quoted_as_its_text() -> None:
    assert quote(Colour.RED) == '"it\'s"'


def test_the_same_object_keeps_its_name_and_equal_ones_do_not_share() -> None:
    source = Source("test")
    first, second = [1], [1]
    assert source.bind(first, "x") == source.bind(first, "y")
    assert source.bind(first, "x") != source.bind(second, "x")
    assert source.scope[source.bind(second, "z")] is second


def test_variables_are_distinct() -> None:
    source = Source("test")
    assert source.variable() != source.variable()


def test_only_the_functions_are_returned() -> None:
    source = Source("test")
    source.line(f"def one(): return {source.bind(object(), 'bound')}")
    source.line("def two(): return 2")
    assert sorted(compile_functions(source)) == ["one", "two"]


def test_a_traceback_shows_the_generated_source() -> None:
    source = Source("decoder of Movie")
    source.line("def decode(item):")
    source.line("return item['title']['S']", 1)
    decode = compile_functions(source)["decode"]
    linecache.checkcache()
    with pytest.raises(KeyError) as caught:
        decode({})
    shown = "".join(traceback.format_exception(caught.value))
    assert "return item['title']['S']" in shown
    assert "<dynamodel decoder of Movie" in shown


def test_sources_of_the_same_name_do_not_mix() -> None:
    texts = []
    for number in (1, 2):
        source = Source("same")
        source.line(f"def get(): return 'text' + {number}")
        function = compile_functions(source)["get"]
        with pytest.raises(TypeError) as caught:
            function()
        texts.append("".join(traceback.format_exception(caught.value)))
    assert "'text' + 1" in texts[0]
    assert "'text' + 2" in texts[1]
