"""DynamoDB's numbers: canonical text, exact reading and size in bytes.

Guarantees: no digit is ever lost and nothing is rounded; what DynamoDB would refuse (more than 38
significant digits, too large, too small, NaN, Infinity) raises before it is sent; every text that
DynamoDB returns can be read, the integers of more than 38 digits (1E50) included; the decimal context
of the program changes nothing.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from dynamodel.errors import MarshalError, MarshalFault

__all__ = ["number_size", "number_text", "read_decimal", "read_float", "read_int", "read_number"]

# AWS developer guide, "Naming rules and data types": 38 digits, 1E-130 to 9.99...E+125, both signs.
DIGITS = 38
MAX_EXPONENT = 125
MIN_EXPONENT = -130

PLAIN = 10**DIGITS
"""Integers nearer to zero than this need no further check."""
_TOO_LARGE = 10 ** (MAX_EXPONENT + 1)

_CANONICAL = re.compile(r"-?[1-9][0-9]{0,18}|-?(?:0|[1-9][0-9]{0,18})\.[0-9]{0,18}[1-9]").fullmatch
"""Matches many a canonical text, and nothing else."""
_PLAIN_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]*)?").fullmatch
"""Matches a number without an exponent."""

_TOO_MANY_DIGITS = "DynamoDB's numbers have at most 38 significant digits"
_OVERFLOW = "DynamoDB's numbers are below 1E+126 in magnitude"
_UNDERFLOW = "DynamoDB's numbers other than 0 are at least 1E-130 in magnitude"
_NOT_FINITE = "DynamoDB has neither NaN nor Infinity"
_NOT_A_NUMBER = "this is no number in the grammar of DynamoDB"
_FRACTION = "this number has a fraction, declare Decimal"
_NOT_A_FLOAT = "this number is not exactly a float, declare Decimal"


def number_text(value: Decimal | float) -> str:
    """The number as DynamoDB writes it: plain decimal, no exponent, no needless zero, no -0.

    Args:
        value: a float counts as the decimal number that its repr shows.

    Raises:
        MarshalError: DynamoDB would refuse the number, or it is a bool.
    """
    if isinstance(value, Decimal):
        text = str(value)
        return text if _CANONICAL(text) else _decimal_text(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _int_text(value)
    if isinstance(value, float):
        text = float.__repr__(value)
        return text if _CANONICAL(text) else _decimal_text(Decimal(text), float)
    raise _refused("a number is needed (int, Decimal or float)", type(value))


def _refused(rule: str, found: type) -> MarshalError:
    return MarshalError(MarshalFault("", found.__name__, rule))


def _int_text(value: int) -> str:
    # The limits come before the text: Python refuses, and is slow at, the text of huge integers.
    if -PLAIN < value < PLAIN:
        return int.__repr__(value)
    if not -_TOO_LARGE < value < _TOO_LARGE:
        raise _refused(_OVERFLOW, type(value))
    text = int.__repr__(value)
    if len(text.lstrip("-").rstrip("0")) > DIGITS:
        raise _refused(_TOO_MANY_DIGITS, type(value))
    return text


def _decimal_text(value: Decimal, found: type = Decimal) -> str:
    if not value.is_finite():
        raise _refused(_NOT_FINITE, found)
    if not value:
        return "0"
    # The range comes before the text: Decimal("1E+999999999") would fill the memory.
    magnitude = value.adjusted()
    if magnitude > MAX_EXPONENT:
        raise _refused(_OVERFLOW, found)
    if magnitude < MIN_EXPONENT:
        raise _refused(_UNDERFLOW, found)
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if len(text) > DIGITS and len(text.lstrip("-").replace(".", "").strip("0")) > DIGITS:
        raise _refused(_TOO_MANY_DIGITS, found)
    return text


def read_decimal(text: str) -> Decimal:
    """The number, exactly as it is stored."""
    try:
        value = Decimal(text)
    except (InvalidOperation, TypeError, ValueError):
        raise MarshalError(MarshalFault("", "N", _NOT_A_NUMBER)) from None
    if not value.is_finite():
        raise MarshalError(MarshalFault("", "N", _NOT_A_NUMBER))
    return value


def read_number(text: str) -> int | Decimal:
    """The number as an int if it is integral (1.0 and 1E50 are), else as a Decimal."""
    try:
        return int(text)
    except ValueError:
        value = read_decimal(text)
    return int(value) if _is_integral(value) else value


def read_int(text: str) -> int:
    """The number as an int.

    Raises:
        MarshalError: it has a fraction.
    """
    value = read_number(text)
    if isinstance(value, Decimal):
        raise MarshalError(MarshalFault("", "N", _FRACTION))
    return value


def read_float(text: str) -> float:
    """The number as the float whose repr is this number.

    Raises:
        MarshalError: there is no such float.
    """
    try:
        value = float(text)
    except (TypeError, ValueError):
        raise MarshalError(MarshalFault("", "N", _NOT_A_NUMBER)) from None
    shown = repr(value)
    if shown == text or shown == text + ".0":
        return value
    exact = read_decimal(text)
    if Decimal(shown) != exact:
        raise MarshalError(MarshalFault("", "N", _NOT_A_FLOAT))
    return value


def _is_integral(value: Decimal) -> bool:
    # Out of DynamoDB's range no conversion is tried: int(Decimal("1E+999999999")) fills the memory.
    if not MIN_EXPONENT - DIGITS <= value.adjusted() <= MAX_EXPONENT:
        if not value:
            return True
        raise MarshalError(MarshalFault("", "N", _OVERFLOW if value.adjusted() > 0 else _UNDERFLOW))
    return value.as_integer_ratio()[1] == 1


def number_size(text: str) -> int:
    """The bytes of a number in an item.

    One byte, one for each base-100 digit between the first and the last that are not zero (aligned at
    the decimal point), and one for a minus sign; 0 has one byte. Measured on DynamoDB Local 1.25.1 at
    the item limit; AWS's developer guide only says "approximately".
    """
    if text.isdecimal() and text[0] != "0":  # most numbers
        zeros = len(text) - len(text.rstrip("0"))
        return 1 + (len(text) + 1) // 2 - zeros // 2
    if not _PLAIN_DECIMAL(text):
        text = _decimal_text(read_decimal(text))
    negative = text.startswith("-")
    whole, _, fraction = text.lstrip("-").partition(".")
    whole, fraction = whole.lstrip("0"), fraction.rstrip("0")
    if not whole and not fraction:
        return 1
    first = (len(whole) + 1) // 2 if whole else -((len(fraction) - len(fraction.lstrip("0"))) // 2)
    last = (len(fraction) + 1) // 2 if fraction else -((len(whole) - len(whole.rstrip("0"))) // 2)
    return 1 + first + last + negative
