"""The codecs of this layer in one place: what they are, and how to have one compiled."""

from __future__ import annotations

from dynamodel.attribute_value.compiler import compile_item, compile_value
from dynamodel.attribute_value.items import ItemCodec
from dynamodel.attribute_value.value_codec import Field, FieldCodec, UnsupportedTypeError, ValueCodec

__all__ = [
    "Field",
    "FieldCodec",
    "ItemCodec",
    "UnsupportedTypeError",
    "ValueCodec",
    "compile_item",
    "compile_value",
]
