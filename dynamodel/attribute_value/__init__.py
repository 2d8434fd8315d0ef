"""AttributeValues: numbers, sizes, and the codecs that make them from values and values from them.

The codecs are compiled once for each class (`compile_item`) or type (`compile_value`).
"""

from dynamodel.attribute_value.compiler import compile_item, compile_value
from dynamodel.attribute_value.items import ItemCodec
from dynamodel.attribute_value.numbers import number_size, number_text
from dynamodel.attribute_value.sizes import check_item, check_value, item_bytes
from dynamodel.attribute_value.value_codec import Field, FieldCodec, UnsupportedTypeError, ValueCodec

__all__ = [
    "Field",
    "FieldCodec",
    "ItemCodec",
    "UnsupportedTypeError",
    "ValueCodec",
    "check_item",
    "check_value",
    "compile_item",
    "compile_value",
    "item_bytes",
    "number_size",
    "number_text",
]
