"""Codecs of lists, tuples, dicts and Optional, made from the codecs of what they hold.

Guarantee: the paths of faults lead to the element, and all of a container's faults are found at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dynamodel._codegen import Source
from dynamodel.attribute_value.value_codec import (
    Faults,
    Inline,
    ValueCodec,
    content,
    descriptor,
    inline_call,
    type_name,
    wrong_stored,
    wrong_value,
)
from dynamodel.errors import MarshalError
from dynamodel.types import AttributeType, AttributeValue

__all__ = ["TEXT_ONLY", "dict_codec", "each", "encode_map", "list_codec", "optional_codec", "tuple_codec"]

_NULL: frozenset[AttributeType] = frozenset(["NULL"])

TEXT_ONLY = frozenset([str])
"""For generated tests that all elements are exactly str."""

_MAX_COMPREHENSIONS = 16
"""CPython 3.12.1 crashes where more than 20 comprehensions lie inside each other."""


def each(function: Callable[[Any], Any], elements: Sequence[Any]) -> list[Any]:
    """The function's result for each element, or all the faults with their indexes."""
    results: list[Any] = []
    faults = Faults()
    for index, element in enumerate(elements):
        try:
            results.append(function(element))
        except MarshalError as error:
            faults.add(f"[{index}]", error)
    faults.check()
    return results


def _each_entry(function: Callable[[Any], Any], entries: Mapping[str, Any]) -> dict[str, Any]:
    """The function's result for each entry, or all the faults with their names."""
    results: dict[str, Any] = {}
    faults = Faults()
    for name, entry in entries.items():
        try:
            results[name] = function(entry)
        except MarshalError as error:
            faults.add(name, error)
    faults.check()
    return results


def encode_map(encode: Callable[[Any], AttributeValue], value: Mapping[Any, Any]) -> AttributeValue:
    """The M of a mapping, each of its values by `encode`.

    Raises:
        MarshalError: a key is no str, or values have faults.
    """
    wrong = [key for key in value if not isinstance(key, str)]
    if wrong:
        raise wrong_value(wrong[0], "the keys of a map are str")
    return {"M": _each_entry(encode, {str.__str__(key): value[key] for key in value})}


def _inside(inline: Inline, exact: Callable[[Any], Any], variable: str, source: Source) -> str:
    """The source of an element, one comprehension further inside; too far inside it calls the exact form."""
    if source.comprehensions == _MAX_COMPREHENSIONS:
        return inline_call(exact, "exact")(variable, source)
    source.comprehensions += 1
    expression = inline(variable, source)
    source.comprehensions -= 1
    return expression


def list_codec(python_type: object, element: ValueCodec, kind: type) -> ValueCodec:
    """Lists, and tuples of any length, as L.

    Args:
        python_type: the annotation.
        element: the codec of the elements.
        kind: list or tuple, which alone are taken and made; or Sequence, which is read as a list.
    """
    make: Callable[[Any], Any] = tuple if kind is tuple else list
    name = type_name(python_type)

    def accepts(value: object) -> bool:
        return isinstance(value, kind) and not isinstance(value, (str, bytes, bytearray, memoryview))

    def encode(value: Any) -> AttributeValue:
        if not accepts(value):
            raise wrong_value(value, f"{name} is needed")
        return {"L": each(element.encode, value)}

    def decode(value: AttributeValue) -> Any:
        return make(each(element.decode, content(value, "L", name)))

    def decode_partial(value: AttributeValue) -> Any:
        return make(each(element.decode_partial, content(value, "L", name)))

    def write(variable: str, source: Source) -> str:
        one = source.variable()
        part = _inside(element.write, element.encode, one, source)
        test = f"type({variable}) is {source.bind(make, 'kind')}"
        elements = f"[{part} for {one} in {variable}]"
        return f'({{"L": {elements}}} if {test} else {source.bind(encode, "encode")}({variable}))'

    def read(variable: str, source: Source) -> str:
        one = source.variable()
        part = _inside(element.read, element.decode, one, source)
        elements = f'[{part} for {one} in {variable}["L"]]'
        return f"tuple({elements})" if make is tuple else elements

    return ValueCodec(
        python_type=python_type,
        types=frozenset(["L"]),
        encode=encode,
        decode=decode,
        accepts=accepts,
        element=element,
        decode_partial=decode_partial,
        write=write,
        read=read,
    )


def tuple_codec(python_type: object, parts: Sequence[ValueCodec]) -> ValueCodec:
    """Tuples of a fixed length, each place with a type of its own, as L."""
    name = type_name(python_type)
    length = len(parts)

    def accepts(value: object) -> bool:
        return isinstance(value, tuple) and len(value) == length

    def encode(value: Any) -> AttributeValue:
        if not accepts(value):
            raise wrong_value(value, f"{name} is needed, a tuple of {length}")
        return {"L": _zipped([part.encode for part in parts], value)}

    def decode(value: AttributeValue) -> Any:
        return tuple(_zipped([part.decode for part in parts], stored(value)))

    def decode_partial(value: AttributeValue) -> Any:
        return tuple(_zipped([part.decode_partial for part in parts], stored(value)))

    def stored(value: AttributeValue) -> list[Any]:
        elements: list[Any] = content(value, "L", name)
        if len(elements) != length:
            raise wrong_stored(value, f"{name} has {length} elements, the stored list has {len(elements)}")
        return elements

    return ValueCodec(
        python_type=python_type,
        types=frozenset(["L"]),
        encode=encode,
        decode=decode,
        accepts=accepts,
        parts=tuple(parts),
        decode_partial=decode_partial,
    )


def _zipped(functions: Sequence[Callable[[Any], Any]], elements: Sequence[Any]) -> list[Any]:
    return each(lambda pair: pair[0](pair[1]), list(zip(functions, elements, strict=True)))


def dict_codec(python_type: object, element: ValueCodec) -> ValueCodec:
    """Dicts and mappings from str, as M."""
    name = type_name(python_type)

    def accepts(value: object) -> bool:
        return isinstance(value, Mapping)

    def encode(value: Any) -> AttributeValue:
        if not accepts(value):
            raise wrong_value(value, f"{name} is needed")
        return encode_map(element.encode, value)

    def decode(value: AttributeValue) -> Any:
        return _each_entry(element.decode, content(value, "M", name))

    def decode_partial(value: AttributeValue) -> Any:
        return _each_entry(element.decode_partial, content(value, "M", name))

    def write(variable: str, source: Source) -> str:
        key, one = source.variable(), source.variable()
        part = _inside(element.write, element.encode, one, source)
        entries = f"{{{key}: {part} for {key}, {one} in {variable}.items()}}"
        text = source.bind(TEXT_ONLY, "text_only")
        test = f"type({variable}) is dict and {text}.issuperset(map(type, {variable}))"
        return f'({{"M": {entries}}} if {test} else {source.bind(encode, "encode")}({variable}))'

    def read(variable: str, source: Source) -> str:
        key, one = source.variable(), source.variable()
        part = _inside(element.read, element.decode, one, source)
        return f'{{{key}: {part} for {key}, {one} in {variable}["M"].items()}}'

    return ValueCodec(
        python_type=python_type,
        types=frozenset(["M"]),
        encode=encode,
        decode=decode,
        accepts=accepts,
        element=element,
        decode_partial=decode_partial,
        write=write,
        read=read,
    )


def optional_codec(python_type: object, present: ValueCodec) -> ValueCodec:
    """None as NULL, anything else as its own type has it."""

    def accepts(value: object) -> bool:
        return value is None or present.accepts(value)

    def encode(value: Any) -> AttributeValue:
        return {"NULL": True} if value is None else present.encode(value)

    def decode(value: AttributeValue) -> Any:
        return None if descriptor(value) == "NULL" else present.decode(value)

    def decode_partial(value: AttributeValue) -> Any:
        return None if descriptor(value) == "NULL" else present.decode_partial(value)

    def write(variable: str, source: Source) -> str:
        return f'({{"NULL": True}} if {variable} is None else {present.write(variable, source)})'

    def read(variable: str, source: Source) -> str:
        return f'(None if "NULL" in {variable} else {present.read(variable, source)})'

    return ValueCodec(
        python_type=python_type,
        types=present.types | _NULL,
        encode=encode,
        decode=decode,
        accepts=accepts,
        element=present.element,
        fields=present.fields,
        empty=present.empty,
        present=present,
        decode_partial=decode_partial,
        write=write,
        read=read,
    )
