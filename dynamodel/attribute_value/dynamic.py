"""The codec of Any: values whose type nobody declared, stored by what they are.

Guarantees: every AttributeValue can be read (N as an int if it is integral, else as a Decimal); a float is
never stored by accident.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, get_args

from dynamodel.attribute_value.numbers import number_text, read_number
from dynamodel.attribute_value.scalars import read_binary
from dynamodel.attribute_value.value_codec import (
    Faults,
    ValueCodec,
    descriptor,
    wrong_stored,
    wrong_value,
)
from dynamodel.errors import MarshalError
from dynamodel.types import AttributeType, AttributeValue

__all__ = ["DYNAMIC", "dynamic_decode", "dynamic_encode", "plain_binary"]

_FLOAT = "a float needs an attribute that is declared float; or use Decimal"
_OTHER = "str, int, Decimal, bool, bytes, None, list, tuple, dict or set is needed where no type is declared"
_EMPTY_SET = "an empty set cannot be stored here, since DynamoDB has none"
_MIXED_SET = "the elements of a set must be all str, all numbers or all bytes"


def dynamic_encode(value: object) -> AttributeValue:
    """The AttributeValue of a value by its runtime type.

    Raises:
        MarshalError: there is none for this type, or a part of it breaks a rule.
    """
    for types, put in _PUT:
        if isinstance(value, types):
            return put(value)
    raise wrong_value(value, _OTHER)


def _number(value: int | Decimal) -> AttributeValue:
    return {"N": number_text(value)}


def _refuse_float(value: float) -> AttributeValue:
    raise wrong_value(value, _FLOAT)


def _list(value: list[object]) -> AttributeValue:
    encoded: list[AttributeValue] = []
    faults = Faults()
    for index, element in enumerate(value):
        try:
            encoded.append(dynamic_encode(element))
        except MarshalError as error:
            faults.add(f"[{index}]", error)
    faults.check()
    return {"L": encoded}


def _map(value: dict[object, object]) -> AttributeValue:
    encoded: dict[str, AttributeValue] = {}
    faults = Faults()
    for name, element in value.items():
        try:
            if not isinstance(name, str):
                raise wrong_value(name, "a map's keys must be str")
            encoded[str.__str__(name)] = dynamic_encode(element)
        except MarshalError as error:
            faults.add(name if isinstance(name, str) else "", error)
    faults.check()
    return {"M": encoded}


def _set(value: frozenset[Any]) -> AttributeValue:
    if not value:
        raise wrong_value(value, _EMPTY_SET)
    for types, tag, put in _SETS:
        if all(isinstance(element, types) and not isinstance(element, bool) for element in value):
            return {tag: [put(element) for element in sorted(value)]}
    raise wrong_value(value, _MIXED_SET)


_PUT: tuple[tuple[tuple[type, ...], Callable[[Any], AttributeValue]], ...] = (
    ((str,), lambda value: {"S": str.__str__(value)}),
    ((bool,), lambda value: {"BOOL": value}),
    ((int, Decimal), _number),
    ((bytes, bytearray, memoryview), lambda value: {"B": bytes(value)}),
    ((type(None),), lambda _: {"NULL": True}),
    ((list, tuple), _list),
    ((dict,), _map),
    ((set, frozenset), _set),
    ((float,), _refuse_float),
)
_SETS: tuple[tuple[tuple[type, ...], AttributeType, Callable[[Any], Any]], ...] = (
    ((str,), "SS", str.__str__),
    ((int, Decimal), "NS", number_text),
    ((bytes,), "BS", bytes),
)


def dynamic_decode(value: AttributeValue) -> Any:
    """The value of any AttributeValue.

    Raises:
        MarshalError: it is no AttributeValue.
    """
    take = _TAKE.get(descriptor(value))
    if take is None:
        raise wrong_stored(value, "an AttributeValue has exactly one of DynamoDB's ten descriptors")
    return take(next(iter(value.values())))


_TAKE: dict[str, Callable[[Any], Any]] = {
    "S": lambda stored: stored,
    "N": read_number,
    "B": read_binary,
    "BOOL": lambda stored: stored,
    "NULL": lambda _: None,
    "SS": set,
    "NS": lambda stored: {read_number(text) for text in stored},
    "BS": lambda stored: {read_binary(data) for data in stored},
    "L": lambda stored: [dynamic_decode(element) for element in stored],
    "M": lambda stored: {name: dynamic_decode(element) for name, element in stored.items()},
}


def plain_binary(value: AttributeValue) -> AttributeValue:
    """The same AttributeValue, with bytes wherever binary values are base64 text."""
    [(tag, stored)] = value.items()
    if tag == "B":
        return {"B": read_binary(stored)}
    if tag == "BS":
        return {"BS": [read_binary(data) for data in stored]}
    if tag == "L":
        return {"L": [plain_binary(element) for element in stored]}
    if tag == "M":
        return {"M": {name: plain_binary(element) for name, element in stored.items()}}
    return value


DYNAMIC: ValueCodec = ValueCodec(
    python_type=Any,
    types=frozenset(get_args(AttributeType)),
    encode=dynamic_encode,
    decode=dynamic_decode,
    accepts=lambda _: True,
)
"""The codec of Any."""
