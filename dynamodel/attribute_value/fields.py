"""Attributes of an item and fields of a document: what is stored as absence, and what absence means.

Guarantees: None is absence unless the attribute says NULL; an empty set is absence and comes back empty;
a key is a String, Number or Binary, not empty and within its limit.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Any

import attrs

from dynamodel._codegen import Source, quote
from dynamodel.attribute_value.value_codec import (
    Field,
    FieldCodec,
    UnsupportedTypeError,
    ValueCodec,
    wrong_value,
)
from dynamodel.types import AttributeValue

__all__ = ["field_codec", "read_field", "write_field"]


def _nothing() -> None:
    return None


def field_codec(field: Field, value: ValueCodec) -> FieldCodec:
    """The codec of an attribute or field, from the codec of its type.

    Raises:
        UnsupportedTypeError: the type does not fit what the field says.
    """
    _check(field, value)
    nullable, null, is_set = value.nullable, field.null, value.empty is not None
    limit = field.key_limit

    def encode(content: Any) -> AttributeValue | None:
        if content is None and nullable:
            return {"NULL": True} if null else None
        if is_set and isinstance(content, AbstractSet) and not content:
            return None
        encoded = value.encode(content)
        if limit is not None:
            _check_key(content, encoded, limit)
        return encoded

    return FieldCodec(
        field=field, value=value, encode=encode, decode=value.decode, absent=_absent(field, value)
    )


def _check(field: Field, value: ValueCodec) -> None:
    if value.empty is not None and value.nullable and not field.null:
        raise UnsupportedTypeError(
            field.type,
            "None and an empty set would both be stored as absence; leave None out, or say null=True",
        )
    if field.null and not value.nullable:
        raise UnsupportedTypeError(field.type, "null=True needs a type that has None")
    kinds = value.types - {"NULL"}
    if field.key_limit is not None and (len(kinds) != 1 or not kinds <= {"S", "N", "B"}):
        raise UnsupportedTypeError(
            field.type, "key attributes are String, Number or Binary, and of one type only"
        )
    if field.is_key_part and (len(kinds) != 1 or not kinds <= {"S", "N", "B", "BOOL"}):
        raise UnsupportedTypeError(
            field.type, "a key is built from String, Number, Binary and Boolean, each of one type only"
        )


def _check_key(content: object, encoded: AttributeValue, limit: int) -> None:
    # AWS developer guide, "Naming rules and data types": keys are not empty; 2048 and 1024 bytes.
    [(tag, stored)] = encoded.items()
    if tag == "N":
        return
    size = len(stored) if tag == "B" else len(stored.encode(errors="surrogatepass"))
    if size == 0:
        raise wrong_value(content, "a key attribute must not be empty")
    if size > limit:
        raise wrong_value(content, f"this key attribute has at most {limit} bytes")


def _absent(field: Field, value: ValueCodec) -> Callable[[], Any] | None:
    if value.empty is not None:
        return value.empty
    if value.nullable and not field.null:
        return _nothing
    if field.factory is not None:
        return field.factory
    if field.default is not attrs.NOTHING:
        default = field.default
        return lambda: default
    return _nothing if value.nullable else None


def write_field(codec: FieldCodec, variable: str, source: Source) -> tuple[str, str]:
    """The fast form of `encode`: a test whether the value is stored (empty if always), and what is."""
    value = codec.value
    stored = (value.present or value) if value.nullable and not codec.field.null else value
    expression = stored.write(variable, source)
    if codec.field.key_limit is not None and stored.types != {"N"}:
        exact = f"{source.bind(codec.encode, 'encode')}({variable})"
        # In UTF-8 a character has at most 4 bytes.
        test = f"type({variable}) is str and 0 < len({variable}) <= {int(codec.field.key_limit) // 4}"
        expression = f"({expression} if {test} else {exact})" if stored.python_type is str else exact
    if value.empty is not None:
        sets = source.bind((set, frozenset), "sets")
        return f"{variable} or type({variable}) not in {sets}", expression
    if value.nullable and not codec.field.null:
        return f"{variable} is not None", expression
    return "", expression


def read_field(codec: FieldCodec, entries: str, get: str, source: Source) -> str:
    """The fast form of `decode` and `absent`.

    Args:
        codec: the field's codec.
        entries: the variable that holds the item or map.
        get: the variable that holds its method `get`.
        source: where the expression will stand.
    """
    name, value = quote(codec.field.stored_name), codec.value
    if codec.absent is None:
        return value.read(f"{entries}[{name}]", source)
    variable = source.variable()
    found = f"({variable} := {get}({name})) is None"
    if codec.absent is _nothing:
        present = value.present or value
        null = f' or "NULL" in {variable}' if value.nullable else ""
        return f"(None if {found}{null} else {present.read(variable, source)})"
    if codec.field.factory is None and value.empty is None:
        absent = source.bind(codec.absent(), "default")
    else:
        absent = f"{source.bind(codec.absent, 'absent')}()"
    return f"({absent} if {found} else {value.read(variable, source)})"
