"""The codec of Any: values whose type nobody declared, stored by what they are.

Guarantees: every AttributeValue can be read (N as an int if it is integral, else as a Decimal); a float is
never stored by accident.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any, get_args

from dynamodel.attribute_value.binary import read_binary
from dynamodel.attribute_value.containers import each, encode_map
from dynamodel.attribute_value.numbers import number_text, read_number
from dynamodel.attribute_value.sets import stored_set
from dynamodel.attribute_value.value_codec import (
    ValueCodec,
    descriptor,
    wrong_stored,
    wrong_value,
)
from dynamodel.types import AttributeType, AttributeValue

__all__ = ["DYNAMIC", "dynamic_decode", "dynamic_encode"]

_FLOAT = "a float needs an attribute that is declared float; or use Decimal"
_OTHER = "str, int, Decimal, bool, bytes, None, list, tuple, dict or set is needed where no type is declared"
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


def _list(value: list[object] | tuple[object, ...]) -> AttributeValue:
    return {"L": each(dynamic_encode, value)}


def _set(value: AbstractSet[Any]) -> AttributeValue:
    for types, single, put in _SETS:
        if all(isinstance(element, types) and not isinstance(element, bool) for element in value):
            return stored_set(value, single, put)
    raise wrong_value(value, _MIXED_SET)


_PUT: tuple[tuple[tuple[type, ...], Callable[[Any], AttributeValue]], ...] = (
    ((str,), lambda value: {"S": str.__str__(value)}),
    ((bool,), lambda value: {"BOOL": value}),
    ((int, Decimal), _number),
    ((bytes, bytearray, memoryview), lambda value: {"B": bytes(value)}),
    ((type(None),), lambda _: {"NULL": True}),
    ((list, tuple), _list),
    ((dict,), lambda value: encode_map(dynamic_encode, value)),
    ((set, frozenset), _set),
    ((float,), _refuse_float),
)
_SETS: tuple[tuple[tuple[type, ...], str, Callable[[Any], Any]], ...] = (
    ((str,), "S", str.__str__),
    ((int, Decimal), "N", number_text),
    ((bytes,), "B", bytes),
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


DYNAMIC: ValueCodec = ValueCodec(
    python_type=Any,
    types=frozenset(get_args(AttributeType)),
    encode=dynamic_encode,
    decode=dynamic_decode,
    accepts=lambda _: True,
)
"""The codec of Any."""
