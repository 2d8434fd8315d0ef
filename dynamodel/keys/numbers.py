"""Numbers as texts whose order is that of the numbers.

A number is its sign, its exponent and its significant digits, each written so that texts compare as numbers
do: `p501.42` is 42, `p500.5` is 5, `o` is 0, `n499.4~` is -5. Every number that DynamoDB can hold has exactly
one such text, whatever its digits and its exponent.
"""

from __future__ import annotations

import re

from dynamodel.attribute_value.numbers import number_text, read_decimal

__all__ = ["order_text", "read_order_text"]

ZERO = "o"
_POSITIVE_BIAS = 500
_NEGATIVE_BIAS = 499
_COMPLEMENT = str.maketrans("0123456789", "9876543210")
_END = "~"
"""Follows the digits of a negative number: of two that begin alike, the longer one is the smaller."""

_PLAIN_INT = re.compile(r"-?[1-9][0-9]{0,37}").fullmatch
"""Matches integers that need no check: DynamoDB's numbers have 38 digits."""
_POSITIVE = re.compile(r"p([0-9]{3})\.([0-9]*[1-9])").fullmatch
_NEGATIVE = re.compile(r"n([0-9]{3})\.([0-9]*[0-8])~").fullmatch


def order_text(number: str) -> str:
    """The text of a number.

    Args:
        number: as DynamoDB writes it: `-12.5`, `1E+2`.

    Raises:
        MarshalError: it is no number that DynamoDB can hold.
    """
    if not _PLAIN_INT(number):
        number = number_text(read_decimal(number))
    digits, exponent = _parts(number)
    if not digits:
        return ZERO
    if number.startswith("-"):
        return f"n{_NEGATIVE_BIAS - exponent:03}.{digits.translate(_COMPLEMENT)}{_END}"
    return f"p{_POSITIVE_BIAS + exponent:03}.{digits}"


def _parts(number: str) -> tuple[str, int]:
    """The significant digits, and the exponent of the first one; no digits for zero."""
    whole, _, fraction = number.lstrip("-").partition(".")
    digits = (whole + fraction).lstrip("0")
    exponent = len(whole) - 1 - (len(whole + fraction) - len(digits))
    return digits.rstrip("0"), exponent


def read_order_text(text: str) -> str:
    """The number of a text, as DynamoDB writes it.

    Raises:
        ValueError: `order_text` makes no such text.
    """
    if text == ZERO:
        return "0"
    if match := _POSITIVE(text):
        sign, exponent, digits = "", int(match[1]) - _POSITIVE_BIAS, match[2]
    elif match := _NEGATIVE(text):
        sign, exponent, digits = "-", _NEGATIVE_BIAS - int(match[1]), match[2].translate(_COMPLEMENT)
    else:
        raise ValueError("this is no number of a key")
    if digits.startswith("0"):
        raise ValueError("this is no number of a key")
    return number_text(read_decimal(f"{sign}{digits[0]}.{digits[1:] or '0'}E{exponent}"))
