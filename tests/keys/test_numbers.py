"""Numbers as texts: by hand, their order, and back."""

from __future__ import annotations

import decimal
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dynamodel import MarshalError
from dynamodel.attribute_value import number_text
from dynamodel.keys import order_text, read_order_text

from .values import NUMBERS, far_numbers

NINES = "9" * 38

CANONICAL = [
    ("0", "o"),
    ("1", "p500.1"),
    ("5", "p500.5"),
    ("10", "p501.1"),
    ("42", "p501.42"),
    ("100", "p502.1"),
    ("102", "p502.102"),
    ("0.5", "p499.5"),
    ("0.05", "p498.5"),
    ("12.5", "p501.125"),
    ("-5", "n499.4~"),
    ("-1", "n499.8~"),
    ("-12.5", "n498.874~"),
    ("-0.05", "n501.4~"),
    ("-100", "n497.8~"),
    ("1" + "0" * 125, "p625.1"),
    (NINES + "0" * 88, f"p625.{NINES}"),
    ("-" + NINES + "0" * 88, f"n374.{'0' * 38}~"),
    ("0." + "0" * 129 + "1", "p370.1"),
    ("-0." + "0" * 129 + "1", "n629.8~"),
]


@pytest.mark.parametrize(("number", "text"), CANONICAL)
def test_a_number_has_one_text(number, text):
    assert order_text(number) == text
    assert read_order_text(text) == number


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("-0", "o"),
        ("0.00", "o"),
        ("0E+5", "o"),
        ("1.0", "p500.1"),
        ("1E0", "p500.1"),
        ("+1", "p500.1"),
        ("001", "p500.1"),
        ("1E+2", "p502.1"),
        ("1e-130", "p370.1"),
        ("-5.00", "n499.4~"),
        (" -5", "n499.4~"),
        ("-50E-1", "n499.4~"),
    ],
)
def test_equal_numbers_have_equal_texts(number, text):
    assert order_text(number) == text


@pytest.mark.parametrize(
    "number",
    [
        "",
        "x",
        "NaN",
        "Infinity",
        "1" * 39,
        "-" + "1" * 39,
        "0." + "1" * 39,
        "1" + "0" * 126,
        "1E+126",
        "1E-131",
    ],
)
def test_what_dynamodb_cannot_hold_is_refused(number):
    with pytest.raises(MarshalError):
        order_text(number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "0",
        "o\n",
        "q500.1",
        "p500.",
        "p500.0",
        "p500.10",
        "p500.01",
        "p50.1",
        "p500.1~",
        "p500.1\n",
        "p\u066500.1",
        "n499.4",
        "n499.~",
        "n499.49~",
        "n499.94~",
        "n499.9~",
        "p626.1",
        "p369.1",
        "n373.8~",
        "n630.8~",
        "p500." + "1" * 39,
    ],
)
def test_other_texts_are_none_of_ours(text):
    with pytest.raises(ValueError, match=r"no number|DynamoDB's numbers"):
        read_order_text(text)


@settings(max_examples=500)
@given(NUMBERS, NUMBERS)
def test_the_order_of_texts_is_that_of_numbers(a, b):
    one, other = order_text(str(a)), order_text(str(b))
    assert (one < other, one == other) == (a < b, a == b)


@settings(max_examples=200)
@given(far_numbers(), st.sampled_from([-1, 1]))
def test_neighbours_of_38_digits_differ(a, step):
    # The number with one more or less in its last of 38 digits.
    exact = decimal.Context(prec=200)
    b = exact.add(a, Decimal(step).scaleb(a.adjusted() - 37))
    assume(-130 <= b.adjusted() <= 125)
    one, other = order_text(str(a)), order_text(str(b))
    assert (one < other, one > other) == (step == 1, step == -1)


@settings(max_examples=300)
@given(NUMBERS)
def test_texts_are_read_back(number):
    assert read_order_text(order_text(str(number))) == number_text(number)


def test_the_decimal_context_changes_nothing():
    number = f"-{NINES[:-1]}8E+80"
    expected = order_text(number)
    with decimal.localcontext(prec=3, traps=[decimal.Inexact, decimal.Rounded]):
        assert order_text(number) == expected
        assert Decimal(read_order_text(expected)) == Decimal(number)
