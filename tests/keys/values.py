"""Random values of the parts of keys, and what they are as AttributeValues."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from dynamodel.attribute_value import number_text
from dynamodel.types import AttributeValue

# Neighbours of the delimiter and the escape, the ends of Unicode and of each length in UTF-8.
SPECIAL = '\x00\x1f !"#$%&a~\x7f\x80\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff'


@st.composite
def far_numbers(draw: st.DrawFn) -> Decimal:
    """Any number that DynamoDB can hold, in any of the forms that are equal to it."""
    digits = str(draw(st.integers(1, 10**38 - 1)))
    exponent = draw(st.integers(-130, 125)) - len(digits) + 1
    return Decimal((draw(st.integers(0, 1)), tuple(map(int, digits)), exponent))


TEXTS = st.text(st.sampled_from(SPECIAL) | st.characters(exclude_categories=["Cs"]), max_size=6)
NEAR_NUMBERS = st.decimals(-11, 11, places=1) | st.sampled_from(
    [Decimal(text) for text in ("0", "-0", "0.00", "100", "1E+2", "99.9", "-99.9", "1E-130", "-1E-130")]
)
NUMBERS = NEAR_NUMBERS | far_numbers()
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "S": st.text(SPECIAL, max_size=3) | TEXTS,
    "N": NUMBERS,
    "B": st.binary(max_size=3),
    "BOOL": st.booleans(),
}


def wire(type_: str, value: Any) -> AttributeValue:
    """The value as a program may send it."""
    return {type_: str(value) if type_ == "N" else value}


def read(type_: str, value: Any) -> AttributeValue:
    """The value as DynamoDB returns it."""
    return {type_: number_text(value) if type_ == "N" else value}
