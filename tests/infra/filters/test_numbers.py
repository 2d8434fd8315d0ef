"""Sets of numbers: their algebra, and the texts that their rules match, against Decimal's own order."""

from __future__ import annotations

import operator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from dynamodel.attribute_value import number_text
from dynamodel.infra.filters.matching import matches
from dynamodel.infra.filters.numbers import Numbers, canonical
from dynamodel.infra.filters.sets import InexpressibleError, LeafSet

SIGNS: dict[str, Any] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

bounds = st.one_of(
    st.integers(-120, 120).map(Decimal),
    st.decimals(-25, 25, places=1, allow_nan=False),
    st.decimals(-2, 2, places=3, allow_nan=False),
).map(number_text)
numbers = st.one_of(
    bounds,
    st.integers(-(10**6), 10**6).map(number_text),
    st.decimals(-1000, 1000, places=4, allow_nan=False).map(number_text),
    st.integers(0, 125).map(lambda places: number_text(Decimal(1).scaleb(places))),
    st.integers(-125, 125).map(lambda places: number_text(Decimal("-9.07").scaleb(places))),
)
comparisons = st.tuples(st.sampled_from(sorted(SIGNS)), bounds)


def matched(found: Numbers, text: str) -> bool:
    rules = LeafSet(found).rules()
    return bool(rules) and matches({"n": rules}, {"n": text})


@given(comparisons, numbers)
@example((">", "10"), "10")
@example((">", "10"), "2")
@example((">", "10"), "20")
@example((">", "10"), "10.5")
@example((">", "0"), "0")
@example(("<", "0"), "-0.5")
@example(("<=", "-0.5"), "-0.5")
@example((">=", "0.05"), "0.049")
@example(("<", "1"), "1" + "0" * 125)
def test_the_rules_of_a_comparison_match_the_texts_of_its_numbers(
    comparison: tuple[Any, str], text: str
) -> None:
    sign, bound = comparison
    found = Numbers.compared(sign, bound)
    assert matched(found, text) is SIGNS[sign](Decimal(text), Decimal(bound))


@given(comparisons, comparisons, comparisons, numbers)
def test_sets_are_combined_as_conditions_are(one: Any, two: Any, three: Any, text: str) -> None:
    first, second, third = (Numbers.compared(*each) for each in (one, two, three))
    is_one, is_two, is_three = (
        SIGNS[sign](Decimal(text), Decimal(bound)) for sign, bound in (one, two, three)
    )
    found = ~(first & second) | third
    try:
        assert matched(found, text) is (not (is_one and is_two) or is_three)
    except InexpressibleError:
        assume(False)


@given(comparisons, comparisons)
def test_what_is_equal_is_written_equal(one: Any, two: Any) -> None:
    first, second = Numbers.compared(*one), Numbers.compared(*two)
    assert first & second == ~(~first | ~second)
    assert first | ~first == ~Numbers()
    assert (first & ~first).is_empty


@pytest.mark.parametrize(
    ("found", "rules"),
    [
        (Numbers.compared("=", "10"), ["10"]),
        (Numbers.compared("=", "10") | Numbers.compared("=", "-0.5"), ["-0.5", "10"]),
        (~Numbers.compared("=", "10"), [{"anything-but": ["10"]}]),
        (Numbers.compared("<", "0"), [{"prefix": "-"}]),
        (Numbers.compared(">=", "1"), [{"prefix": digit} for digit in "123456789"]),
        (Numbers.compared("<", "2"), [{"prefix": "-"}, {"prefix": "0"}, "1", {"prefix": "1."}]),
        (Numbers.compared(">=", "1") & Numbers.compared("<=", "2"), ["1", {"prefix": "1."}, "2"]),
        (Numbers.compared(">", "0.5") & Numbers.compared("<", "0.51"), [{"prefix": "0.50"}]),
    ],
)
def test_rules_are_as_few_as_can_be(found: Numbers, rules: list[object]) -> None:
    assert found.rules() == rules


def test_a_range_that_needs_too_many_texts_is_refused() -> None:
    with pytest.raises(InexpressibleError, match="fewer digits"):
        Numbers.compared(">", "123456").rules()


@pytest.mark.parametrize(
    ("text", "expected"), [("1E1", "10"), ("10.0", "10"), ("-0", "0"), ("1E-3", "0.001")]
)
def test_numbers_are_compared_in_the_form_that_dynamodb_writes(text: str, expected: str) -> None:
    assert canonical(text) == expected
