"""JSON texts that come from outside, as bodies of requests and messages.

Guarantees: a number keeps all its digits, as int or Decimal; what readers of JSON read in different ways
(two entries of one name, NaN) is refused, and so is what would take long to read; no error has a part of the
text.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dynamodel.attribute_value.json_form import Json

__all__ = ["MAX_NUMBER_CHARACTERS", "StrictJsonError", "parsed_json"]

MAX_NUMBER_CHARACTERS = 300
"""DynamoDB's numbers have at most 126 digits before and 130 + 38 behind the point, in plain notation."""


class StrictJsonError(Exception):
    """A text that is refused; `rule` says why, as the rest of a sentence about it."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        super().__init__(rule)


def parsed_json(text: str) -> Json:
    """What a text says.

    Raises:
        StrictJsonError: it is no JSON, has two entries of one name in an object or a number that DynamoDB
            cannot have, or is nested deeper than the interpreter reads.
    """
    try:
        parsed: Json = _DECODER.decode(text)
    except RecursionError:
        rule = "is nested too deeply"
    except json.JSONDecodeError as error:
        rule = f"is no JSON: {error.msg} (character {error.pos})"
    else:
        return parsed
    raise StrictJsonError(rule)


def _object(entries: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(entries)
    if len(found) != len(entries):  # readers differ on which of them counts (RFC 8259, 4)
        raise StrictJsonError("has an object with two entries of one name")
    return found


def _integer(text: str) -> int:
    return int(_sane(text))


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(_sane(text))
    except InvalidOperation:  # its exponent is beyond what Python can hold
        raise StrictJsonError("has a number beyond those of DynamoDB") from None


def _sane(text: str) -> str:
    if len(text) > MAX_NUMBER_CHARACTERS:
        raise StrictJsonError("has a number of more digits than those of DynamoDB")
    return text


def _constant(_: str) -> Any:
    raise StrictJsonError("has NaN or Infinity, which are no JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_decimal, parse_int=_integer, parse_constant=_constant
)
