"""Codecs of the scalar types: text, numbers, booleans, binary, dates and times, UUIDs.

Guarantees: a bool is never a number; text is never parsed into a number on the way in; an aware datetime
is stored in UTC with a fixed width, so that the order of the texts is the order of time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import attrs

from dynamodel._codegen import Source
from dynamodel.attribute_value.binary import read_binary
from dynamodel.attribute_value.numbers import (
    PLAIN,
    number_text,
    read_decimal,
    read_float,
    read_int,
    read_number,
)
from dynamodel.attribute_value.value_codec import ValueCodec, content, type_name, wrong_stored, wrong_value
from dynamodel.errors import MarshalError
from dynamodel.types import AttributeType, AttributeValue

__all__ = ["EITHER_NUMBER", "scalar_codec"]

_MICROSECOND = timedelta(microseconds=1)
_NEEDED = {Decimal: "Decimal or int", float: "float or int", type(None): "None"}


# -- acceptance by runtime type --------------------------------------------------------------------------


def _is(*types: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, types)


def _is_number(*types: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, types) and not isinstance(value, bool)


def _is_date(value: object) -> bool:
    # A datetime is a date to Python, but its time would be lost.
    return isinstance(value, date) and not isinstance(value, datetime)


# -- contents --------------------------------------------------------------------------------------------


def _read_text(stored: Any) -> str:
    if not isinstance(stored, str):
        raise TypeError
    return stored


def _read_bool(stored: Any) -> bool:
    if not isinstance(stored, bool):
        raise TypeError
    return stored


def _read_null(stored: Any) -> None:
    if stored is not True:
        raise TypeError


def _datetime_text(value: datetime) -> str:
    if value.utcoffset() is None:
        return value.replace(tzinfo=None).isoformat(timespec="microseconds")
    try:
        utc = value.astimezone(UTC)
    except OverflowError:
        raise wrong_value(value, "in UTC a datetime lies in the years 1 to 9999") from None
    return utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _key_datetime_text(value: datetime) -> str:
    if value.utcoffset() is None:
        raise wrong_value(value, "a key needs an aware datetime, or its order is not that of time")
    return _datetime_text(value)


def _time_text(value: time) -> str:
    if value.tzinfo is not None and value.utcoffset() is None:
        raise wrong_value(value, "a time's zone must have a fixed offset")
    return value.isoformat(timespec="microseconds")


def _key_time_text(value: time) -> str:
    if value.tzinfo is not None:
        raise wrong_value(value, "a key needs a naive time, or its order is not that of time")
    return _time_text(value)


def _timedelta_text(value: timedelta) -> str:
    # In integers: a Decimal division would follow the program's decimal context.
    microseconds = value // _MICROSECOND
    seconds, rest = divmod(abs(microseconds), 1_000_000)
    text = f"{seconds}.{rest:06}".rstrip("0").rstrip(".")
    return f"-{text}" if microseconds < 0 else text


def _read_timedelta(stored: str) -> timedelta:
    numerator, denominator = read_number(stored).as_integer_ratio()
    microseconds, rest = divmod(numerator * 1_000_000, denominator)
    if rest:
        raise ValueError
    return timedelta(microseconds=microseconds)


# -- the codecs ------------------------------------------------------------------------------------------


def _scalar(
    python_type: Any,
    tag: AttributeType,
    accepts: Callable[[object], bool],
    put: Callable[[Any], Any],
    take: Callable[[Any], Any],
) -> ValueCodec:
    """A codec of one descriptor: `put` makes its content, `take` reads it."""
    name = type_name(python_type)
    rule = f"{_NEEDED.get(python_type, name)} is needed"
    unreadable = f"the stored {tag} is no {name}"

    def encode(value: Any) -> AttributeValue:
        if not accepts(value):
            raise wrong_value(value, rule)
        return {tag: put(value)}

    def decode(value: AttributeValue) -> Any:
        stored = content(value, tag, name)
        try:
            return take(stored)
        except MarshalError:
            raise
        except Exception:  # whatever a constructor raises, its text may quote the data
            raise wrong_stored(value, unreadable) from None

    def read(variable: str, source: Source) -> str:
        return f"{source.bind(take, 'read')}({variable}[{tag!r}])"

    return ValueCodec(
        python_type=python_type,
        types=frozenset([tag]),
        encode=encode,
        decode=decode,
        accepts=accepts,
        read=read,
    )


def _quick(codec: ValueCodec, write: Callable[[str, Source], tuple[str, str]]) -> ValueCodec:
    """The codec with its common case written in place, and all else left to the exact form.

    Args:
        codec: the codec.
        write: source of a test for the common case, and of the content then.
    """
    [tag] = codec.types

    def write_inline(variable: str, source: Source) -> str:
        test, put = write(variable, source)
        return f"({{{tag!r}: {put}}} if {test} else {source.bind(codec.encode, 'encode')}({variable}))"

    return attrs.evolve(codec, write=write_inline)


def _as_stored(codec: ValueCodec) -> ValueCodec:
    """The codec whose fast form reads the content as it is."""
    [tag] = codec.types
    return attrs.evolve(codec, read=lambda variable, _: f"{variable}[{tag!r}]")


def _parsed(codec: ValueCodec) -> ValueCodec:
    """The codec whose fast form has the type itself parse the content."""
    kind, [tag] = codec.python_type, codec.types
    return attrs.evolve(
        codec, read=lambda variable, source: f"{source.bind(kind, 'kind')}({variable}[{tag!r}])"
    )


def _int_text(variable: str, source: Source) -> tuple[str, str]:
    plain = source.bind(PLAIN, "plain")
    return f"type({variable}) is int and -{plain} < {variable} < {plain}", f"str({variable})"


def _same(kind: type) -> Callable[[str, Source], tuple[str, str]]:
    return lambda variable, source: (f"type({variable}) is {source.bind(kind, 'kind')}", variable)


def _number_text(kind: type) -> Callable[[str, Source], tuple[str, str]]:
    return lambda variable, source: (
        f"type({variable}) is {source.bind(kind, 'kind')}",
        f"{source.bind(number_text, 'number_text')}({variable})",
    )


_TEXT = _scalar(str, "S", _is(str), str.__str__, _read_text)
_INT = _scalar(int, "N", _is_number(int), number_text, read_int)
_DECIMAL = _scalar(Decimal, "N", _is_number(Decimal, int), number_text, read_decimal)
_FLOAT = _scalar(float, "N", _is_number(float, int), number_text, read_float)
_BOOL = _scalar(bool, "BOOL", _is(bool), bool, _read_bool)
_BYTES = _scalar(bytes, "B", _is(bytes, bytearray, memoryview), bytes, read_binary)

_PLAIN: dict[object, ValueCodec] = {
    str: _as_stored(_quick(_TEXT, _same(str))),
    int: _parsed(_quick(_INT, _int_text)),
    Decimal: _parsed(_quick(_DECIMAL, _number_text(Decimal))),
    float: _quick(_FLOAT, _number_text(float)),
    bool: _as_stored(_quick(_BOOL, _same(bool))),
    bytes: _quick(_BYTES, _same(bytes)),
    type(None): _scalar(type(None), "NULL", lambda value: value is None, lambda _: True, _read_null),
    date: _scalar(date, "S", _is_date, date.isoformat, date.fromisoformat),
    timedelta: _scalar(timedelta, "N", _is(timedelta), _timedelta_text, _read_timedelta),
    UUID: _scalar(UUID, "S", _is(UUID), str, UUID),
}
_ORDINARY: dict[object, ValueCodec] = {
    datetime: _scalar(datetime, "S", _is(datetime), _datetime_text, datetime.fromisoformat),
    time: _scalar(time, "S", _is(time), _time_text, time.fromisoformat),
}
_KEY: dict[object, ValueCodec] = {
    datetime: _scalar(datetime, "S", _is(datetime), _key_datetime_text, datetime.fromisoformat),
    time: _scalar(time, "S", _is(time), _key_time_text, time.fromisoformat),
}


def scalar_codec(type_: object, *, key: bool = False) -> ValueCodec | None:
    """The codec of a scalar type, or None if it is none.

    Args:
        type_: a resolved type.
        key: it is the type of a key, so that the order of dates and times matters.
    """
    if not isinstance(type_, type):
        return None
    return _PLAIN.get(type_) or (_KEY if key else _ORDINARY).get(type_)


EITHER_NUMBER: ValueCodec = _scalar(int | Decimal, "N", _is_number(int, Decimal), number_text, read_number)
"""The codec of `int | Decimal`: an integral number is read as an int, any other as a Decimal."""
