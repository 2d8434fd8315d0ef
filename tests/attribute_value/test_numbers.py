"""Numbers: the canonical text is derived with Decimal, the limits are those of AWS's developer guide."""

from __future__ import annotations

import decimal
import math
import sys
import time
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamodel.attribute_value.numbers import (
    number_size,
    number_text,
    read_decimal,
    read_float,
    read_int,
    read_number,
)
from dynamodel.attribute_value.sizes import MAX_ITEM_BYTES, item_bytes
from dynamodel.errors import MarshalError

from .local_table import local_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LARGEST = Decimal("9.9999999999999999999999999999999999999E+125")


@st.composite
def storable(draw: st.DrawFn) -> Decimal:
    """Numbers that DynamoDB takes: up to 38 digits, 1E-130 to LARGEST, both signs, often not normal."""
    digits = draw(st.integers(1, 10 ** draw(st.integers(1, 38)) - 1))
    magnitude = draw(st.integers(-130, 125))
    exponent = magnitude - (len(str(digits)) - 1)
    number = Decimal((draw(st.integers(0, 1)), tuple(map(int, str(digits))), exponent))
    zeros = draw(st.integers(0, 3))
    if zeros:
        # The same number with trailing zeros, 1.500.
        sign, parts, exponent = number.as_tuple()
        number = Decimal((sign, parts + (0,) * zeros, int(exponent) - zeros))
    return number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (Decimal("-0.00"), "0"),
        (Decimal("0E+500"), "0"),
        (7, "7"),
        (-12, "-12"),
        (Decimal("1.500"), "1.5"),
        (Decimal("100"), "100"),
        (Decimal("1E+2"), "100"),
        (Decimal("007.10"), "7.1"),
        (Decimal("-0.5"), "-0.5"),
        (0.1, "0.1"),
        (1e22, "1" + "0" * 22),
        (1e-7, "0.0000001"),
        (2.0, "2"),
        (10**50, "1" + "0" * 50),
        (Decimal("1E+125"), "1" + "0" * 125),
        (Decimal("1E-130"), "0." + "0" * 129 + "1"),
        (LARGEST, "9" * 38 + "0" * 88),
        (LARGEST.copy_negate(), "-" + "9" * 38 + "0" * 88),
        (10**38 - 1, "9" * 38),
        (10**38, "1" + "0" * 38),
    ],
)
def test_number_text_is_canonical(value: Decimal | float, text: str) -> None:
    assert number_text(value) == text


@given(storable())
def test_number_text_keeps_the_value_and_has_no_needless_character(number: Decimal) -> None:
    text = number_text(number)
    assert Fraction(text) == Fraction(number)
    assert not set(text) - set("-.0123456789")
    digits = text.removeprefix("-")
    assert digits == "0" or not digits.startswith("0") or digits.startswith("0.")
    assert "." not in text or text[-1] not in "0."
    assert text != "-0"


@given(st.floats(allow_nan=False, allow_infinity=False).filter(lambda f: f == 0 or 1e-130 <= abs(f) < 1e126))
def test_a_float_goes_by_its_repr_and_comes_back(value: float) -> None:
    text = number_text(value)
    assert Decimal(text) == Decimal(repr(value))
    assert read_float(text) == value


@pytest.mark.parametrize(
    ("value", "part"),
    [
        (Decimal("NaN"), "NaN"),
        (Decimal("sNaN"), "NaN"),
        (Decimal("-Infinity"), "Infinity"),
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (10**38 + 1, "38"),
        (-(10**40) - 1, "38"),
        (Decimal("1." + "1" * 38), "38"),
        (10**126, "1E+126"),
        (Decimal("1E+126"), "1E+126"),
        (Decimal("-1E+999999"), "1E+126"),
        (1e200, "1E+126"),
        (Decimal("9.9E-131"), "1E-130"),
        (Decimal("1E-999999"), "1E-130"),
        (5e-324, "1E-130"),
        (True, "number"),
    ],
)
def test_what_dynamodb_refuses_is_refused(value: Decimal | float, part: str) -> None:
    with pytest.raises(MarshalError, match=part.replace("+", r"\+")) as caught:
        number_text(value)
    assert caught.value.path == ""
    assert caught.value.value_type == type(value).__name__


def test_huge_numbers_are_refused_at_once() -> None:
    limit = sys.get_int_max_str_digits()
    huge = 10**1_000_000
    started = time.process_time()
    for value in (huge, -huge, huge + 1, Decimal("1E+999999999999999999"), Decimal("1E-999999999999999999")):
        with pytest.raises(MarshalError):
            number_text(value)
    assert time.process_time() - started < 0.5
    assert sys.get_int_max_str_digits() == limit


def test_the_programs_decimal_context_changes_nothing() -> None:
    number = Decimal("1234567890.1234567890123456789012345678")
    with decimal.localcontext(decimal.Context(prec=3, traps=[decimal.Inexact, decimal.Rounded])):
        assert number_text(number) == "1234567890.1234567890123456789012345678"
        assert read_decimal("1E50") == Decimal("1E50")
        assert read_int("1" + "0" * 60) == 10**60
        assert read_number("1.50") == Decimal("1.5")
        assert read_float("0.1234567890123") == 0.1234567890123


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5", 5),
        ("-5", -5),
        ("1.0", 1),
        ("1E50", 10**50),
        ("1e+2", 100),
        ("-0", 0),
        ("1" + "0" * 125, 10**125),
    ],
)
def test_integral_texts_are_read_as_int(text: str, number: int) -> None:
    assert read_int(text) == number
    assert type(read_number(text)) is int


@pytest.mark.parametrize("text", ["1.5", "1E-1", "0." + "0" * 129 + "1"])
def test_a_fraction_is_no_int(text: str) -> None:
    with pytest.raises(MarshalError, match="declare Decimal"):
        read_int(text)
    assert read_number(text) == Decimal(text)


@pytest.mark.parametrize("text", ["", "a", "NaN", "Infinity", "0x10", "1,5"])
def test_what_is_no_number_is_a_fault(text: str) -> None:
    for read in (read_int, read_number, read_decimal):
        with pytest.raises(MarshalError):
            read(text)


@pytest.mark.parametrize("text", ["1E999999999999", "1E-999999999999", "1" * 5000])
def test_no_text_fills_the_memory(text: str) -> None:
    with pytest.raises(MarshalError):
        read_int(text)


@pytest.mark.parametrize("text", ["0.1", "1.0", "1", "1E2", "-2.50", "100000000000000000000000"])
def test_floats_that_are_exact(text: str) -> None:
    assert Decimal(repr(read_float(text))) == Decimal(text)


@pytest.mark.parametrize("text", ["0.10000000000000000001", "9007199254740993", "1" * 30, "NaN", "x"])
def test_a_number_that_is_no_float_asks_for_decimal(text: str) -> None:
    with pytest.raises(MarshalError):
        read_float(text)


def pairs(number: Decimal) -> int:
    """Rule: base-100 digits aligned at the decimal point, from the first to the last that are not zero."""
    if not number:
        return 1
    scaled = Fraction(number.copy_abs()) * 100**100  # 200 decimal places and more are never needed
    assert scaled.denominator == 1
    digits = []
    rest = scaled.numerator
    while rest:
        rest, digit = divmod(rest, 100)
        digits.append(digit)
    while not digits[0]:
        digits.pop(0)
    return 1 + len(digits) + (number < 0)


@given(storable())
def test_number_size_counts_base_100_digits(number: Decimal) -> None:
    assert number_size(number_text(number)) == pairs(number)


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 1), ("1", 2), ("10", 2), ("100", 2), ("101", 3), ("-1", 3), ("0.1", 2), ("0.01", 2), ("0.001", 2),
     ("12.3", 3), ("1000", 2), ("1.0", 2), ("007", 2), ("1E50", 2), ("-0", 1), ("+5", 2)],
)  # fmt: skip
def test_number_size(text: str, size: int) -> None:
    assert number_size(text) == size


@pytest.mark.dynamodb_local
@settings(max_examples=3, deadline=None)
@given(st.lists(storable(), min_size=100, max_size=150))
def test_number_text_and_size_on_dynamodb_local(
    dynamodb_local_client: DynamoDBClient, numbers: list[Decimal]
) -> None:
    """DynamoDB returns the very text, and takes an item exactly up to the limit that our size predicts."""
    with local_table(dynamodb_local_client) as name:
        item = {"pk": {"S": "a"}, "n": {"L": [{"N": number_text(number)} for number in numbers]}}
        item["fill"] = {"S": "x" * (MAX_ITEM_BYTES - item_bytes(item) - len("fill"))}
        dynamodb_local_client.put_item(TableName=name, Item=item)
        stored = dynamodb_local_client.get_item(TableName=name, Key={"pk": {"S": "a"}})["Item"]
        assert stored["n"] == item["n"]
        item["fill"] = {"S": item["fill"]["S"] + "x"}
        with pytest.raises(dynamodb_local_client.exceptions.ClientError, match="Item size has exceeded"):
            dynamodb_local_client.put_item(TableName=name, Item=item)
