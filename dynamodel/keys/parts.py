"""The parts of a key as text: strings, numbers, binary values and booleans.

Parts are joined by `#`. In a value, `$` stands before what would be taken for a delimiter. Where another part
follows, it also stands before every character that sorts below the delimiter (a blank, for one), so that a
value that ends sorts before a longer one that begins with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal, TypeAlias, get_args

from dynamodel.attribute_value.binary import read_binary
from dynamodel.errors import MarshalError, MarshalFault
from dynamodel.keys.numbers import order_text, read_order_text
from dynamodel.types import AttributeValue

__all__ = ["DELIMITER", "ESCAPE", "PartType", "part_text", "prefix_text", "read_part"]

PartType: TypeAlias = Literal["S", "N", "B", "BOOL"]
"""The type descriptors of values from which a key can be built."""

DELIMITER = "#"
ESCAPE = "$"
"""The character behind the delimiter: what is escaped sorts above the end of a value, and below the rest."""

_SPECIAL_INSIDE = re.compile("[\x00-$]")
_SPECIAL_LAST = re.compile("[#$]")
_ESCAPED = re.compile(r"\$([\x00-$])")
_BOOLS = {True: "true", False: "false"}
_TYPES: tuple[str, ...] = get_args(PartType)
_READ: dict[PartType, Callable[[str], Any]] = {
    "S": lambda text: _ESCAPED.sub(r"\1", text),
    "N": read_order_text,
    "B": bytes.fromhex,
    "BOOL": lambda text: text == "true",
}


def _inside(text: str) -> str:
    return _SPECIAL_INSIDE.sub(r"$\g<0>", text) if _SPECIAL_INSIDE.search(text) else text


def _last(text: str) -> str:
    return _SPECIAL_LAST.sub(r"$\g<0>", text) if _SPECIAL_LAST.search(text) else text


def _hex(content: bytes | str) -> str:
    return read_binary(content).hex()


_WRITE: dict[str, Callable[[Any], str]] = {"N": order_text, "B": _hex, "BOOL": _BOOLS.__getitem__}


def writer(type_: str, *, is_last: bool) -> Callable[[Any], str]:
    """What makes the text of a value's content, for parts of this type in this place."""
    if type_ == "S":
        return _last if is_last else _inside
    return _WRITE[type_]


def part_text(value: AttributeValue, *, is_last: bool) -> str:
    """The text of a value.

    Args:
        value: a String, Number, Binary or Boolean.
        is_last: no other part follows in the key.

    Raises:
        MarshalError: it is of another type, or no number that DynamoDB can hold.
    """
    [(type_, content)] = value.items()
    if type_ not in _TYPES:
        raise MarshalError(MarshalFault("", type_, "a key is built from String, Number, Binary and Boolean"))
    return writer(type_, is_last=is_last)(content)


def prefix_text(prefix: AttributeValue, *, is_last: bool) -> str:
    """The beginning of the texts of all values that begin with a text, or with bytes.

    Args:
        prefix: a String or Binary.
        is_last: no other part follows in the key.

    Raises:
        MarshalError: it is of another type.
    """
    [type_] = prefix
    if type_ not in {"S", "B"}:
        raise MarshalError(MarshalFault("", type_, "only String and Binary have a beginning"))
    return part_text(prefix, is_last=is_last)


def read_part(text: str, type_: PartType) -> AttributeValue:
    """The value of a text.

    Raises:
        ValueError: no value of this type has this text.
    """
    value: AttributeValue = {type_: _READ[type_](text)}
    # What reads texts takes more of them than are written: hex in capitals, a delimiter without its escape.
    if text not in {part_text(value, is_last=True), part_text(value, is_last=False)}:
        raise ValueError(f"this is no {type_} of a key")
    return value
