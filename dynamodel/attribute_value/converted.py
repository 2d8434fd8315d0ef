"""Types that a user's cattrs converter stores: the hooks that it has, and the codec over them.

Guarantee: cattrs is not imported here; without a converter nothing in this module runs. What the user
registered wins over dynamodel's own encoding of the same type.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from dynamodel.attribute_value.dynamic import dynamic_decode, dynamic_encode
from dynamodel.attribute_value.shapes import is_document
from dynamodel.attribute_value.value_codec import ValueCodec, type_name, wrong_stored, wrong_value
from dynamodel.errors import MarshalError
from dynamodel.types import AttributeType, AttributeValue

if TYPE_CHECKING:
    from cattrs import Converter

__all__ = ["converted_codec", "has_hook", "with_decimals"]

_NOT_IN_CATTRS = (datetime, date, time, timedelta, Decimal, UUID)
"""Types for which a converter that nobody touched has no structure hook."""
_OWN = (str, int, float, bool, bytes, type(None), object, Any)


def has_hook(converter: Converter, type_: Any) -> bool:
    """Whether the user registered a hook of their own for the type."""
    if type_ in _OWN or not (isinstance(type_, type) or hasattr(type_, "__supertype__")):
        return False
    structure = _hook(converter, type_)
    if structure is None or type_ is datetime:
        # A hook for date is found for datetime, too, and would lose the time.
        return structure is not None and structure is not _hook(converter, date)
    if type_ in _NOT_IN_CATTRS:
        return True
    unstructure = converter.get_unstructure_hook(type_)
    if is_document(type_):
        # What cattrs generates by itself says which fields were overridden: none.
        return bool(getattr(structure, "overrides", True) or getattr(unstructure, "overrides", True))
    is_type = isinstance(type_, type)
    return (not is_type or issubclass(type_, Enum)) and not (
        _of_cattrs(structure) and _of_cattrs(unstructure)
    )


def _hook(converter: Converter, type_: Any) -> object:
    try:
        return converter.get_structure_hook(type_)
    except Exception:  # cattrs raises various errors for a type that it has no hook for
        return None


def with_decimals(converter: Converter) -> Converter:
    """The converter, with Decimals left as they are unless it has a hook for them."""
    if _hook(converter, Decimal) is not None:
        return converter
    copied = converter.copy()
    # An integral number was read as an int.
    copied.register_structure_hook(Decimal, lambda value, _: Decimal(value))
    return copied


def _of_cattrs(hook: object) -> bool:
    return str(getattr(hook, "__module__", "")).partition(".")[0] == "cattrs"


def converted_codec(converter: Converter, type_: Any, types: frozenset[AttributeType]) -> ValueCodec:
    """The codec of a type by the user's converter: unstructured to plain data, and structured from it."""
    name = type_name(type_)

    def accepts(value: object) -> bool:
        return isinstance(value, type_) if isinstance(type_, type) else True

    def encode(value: Any) -> AttributeValue:
        if not accepts(value):
            raise wrong_value(value, f"{name} is needed")
        try:
            plain = converter.unstructure(value, unstructure_as=type_)
        except Exception as error:
            raise wrong_value(
                value, f"the converter's hook for {name} raised {type(error).__name__}"
            ) from None
        return dynamic_encode(plain)

    def decode(value: AttributeValue) -> Any:
        plain = dynamic_decode(value)
        try:
            return converter.structure(plain, type_)
        except MarshalError:
            raise
        except Exception as error:
            raise wrong_stored(
                value, f"the converter's hook for {name} raised {type(error).__name__}"
            ) from None

    return ValueCodec(python_type=type_, types=types, encode=encode, decode=decode, accepts=accepts)
