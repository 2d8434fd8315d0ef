"""From text to values: the parameters of a path and of a query string, by the types of their annotations.

Guarantees: the library's own codecs decide, strictly: numbers in JSON's grammar, which is within DynamoDB's
(`1_000`, `٣`, ` 1` are none), true and false, dates and times in ISO 8601, the values of an Enum or Literal.
A type that no text can be is refused when the route is declared. No message has the text in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import attrs

from dynamodel.attribute_value import ValueCodec, compile_value
from dynamodel.attribute_value.numbers import number_text
from dynamodel.attribute_value.value_codec import type_name
from dynamodel.aws_lambda.strict_json import MAX_NUMBER_CHARACTERS
from dynamodel.errors import MarshalError
from dynamodel.types import AttributeValue

__all__ = ["Between", "TextType", "UnfitTextError", "text_type"]

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_BOOLEANS: Mapping[str, bool] = {"true": True, "false": False}


@attrs.frozen
class Between:
    """The bounds of a number, both included: `size: Annotated[int, Between(1, 100)] = 20`."""

    low: int | Decimal
    high: int | Decimal


class UnfitTextError(Exception):
    """A text that is not of its parameter's type; `rule` says what is needed."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        super().__init__(rule)


@attrs.frozen
class TextType:
    """What a text is read as."""

    codec: ValueCodec
    bounds: Between | None

    def value(self, text: str) -> Any:
        """The value that a text says.

        Raises:
            UnfitTextError: none.
        """
        for stored in _forms(text):
            if next(iter(stored)) in self.codec.types:
                try:
                    value = self.codec.decode(stored)
                except MarshalError:
                    continue
                self._check(value)
                return value
        raise UnfitTextError(f"{self.name} is needed")

    @property
    def name(self) -> str:
        """The type, for messages."""
        return type_name((self.codec.present or self.codec).python_type)

    def _check(self, value: Any) -> None:
        bounds = self.bounds
        if bounds is not None and not bounds.low <= value <= bounds.high:
            raise UnfitTextError(f"a number from {bounds.low} to {bounds.high} is needed")


def _forms(text: str) -> list[AttributeValue]:
    """What a text may stand for, the most special first."""
    forms: list[AttributeValue] = []
    if text in _BOOLEANS:
        forms.append({"BOOL": _BOOLEANS[text]})
    if len(text) <= MAX_NUMBER_CHARACTERS and _NUMBER.fullmatch(text):
        with suppress(MarshalError, InvalidOperation):  # beyond DynamoDB's numbers, or Python's exponents
            forms.append({"N": number_text(Decimal(text))})
    return [*forms, {"S": text}]


def text_type(annotation: object) -> TextType:
    """What the texts of a parameter are read as.

    Args:
        annotation: resolved; None in an Optional means that the parameter is left out.

    Raises:
        UnfitTextError: no text can be of this type.
        UnsupportedTypeError: the library does not know it.
    """
    codec = compile_value(annotation)
    kinds = codec.types - {"NULL"}
    if not kinds or not kinds <= {"S", "N", "BOOL"}:
        raise UnfitTextError(
            "declare str, bool, a number, a date or time, UUID, an Enum or a Literal, not "
            f"{type_name(annotation)}"
        )
    bounds = _bounds(annotation)
    if bounds is not None:
        _require_bounds(bounds, kinds)
    return TextType(codec, bounds)


def _bounds(annotation: object) -> Between | None:
    """Those of a type, or of a member of a union."""
    members = get_args(annotation)
    if get_origin(annotation) is Annotated:
        if Between in members:
            raise UnfitTextError("Between needs its bounds: Between(1, 100)")
        found = next((extra for extra in members[1:] if isinstance(extra, Between)), None)
        return found or _bounds(members[0])
    if get_origin(annotation) in (Union, UnionType):
        return next((found for found in map(_bounds, members) if found is not None), None)
    return None


def _require_bounds(bounds: Between, kinds: AbstractSet[str]) -> None:
    if kinds != {"N"}:
        raise UnfitTextError("Between() is for numbers")
    if not all(isinstance(bound, int | Decimal) for bound in (bounds.low, bounds.high)):
        raise UnfitTextError("the bounds of Between() are int or Decimal")
    if bounds.low > bounds.high:
        raise UnfitTextError("nothing lies between the bounds of Between(): the lower one comes first")
