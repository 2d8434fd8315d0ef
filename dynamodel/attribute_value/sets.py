"""Codecs of sets: SS, NS and BS.

Guarantees: the elements are sent in a fixed order, whatever PYTHONHASHSEED is; a set that DynamoDB would
refuse (empty, or two elements that are stored as one) raises before it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any

import attrs

from dynamodel._codegen import Source
from dynamodel.attribute_value.containers import TEXT_ONLY
from dynamodel.attribute_value.value_codec import (
    Faults,
    UnsupportedTypeError,
    ValueCodec,
    content,
    type_name,
    wrong_value,
)
from dynamodel.errors import MarshalError
from dynamodel.types import AttributeType, AttributeValue

__all__ = ["set_codec", "stored_set"]

_EMPTY = "an empty set cannot be stored here, since DynamoDB has none"
_DUPLICATES = "two elements of this set are stored as the same value"
_SET_OF: dict[str, AttributeType] = {"S": "SS", "N": "NS", "B": "BS"}
_PARSED_BY_TYPE = (int, Decimal)


def set_codec(python_type: object, element: ValueCodec, make: Callable[..., Any]) -> ValueCodec:
    """Sets of one scalar type.

    Args:
        python_type: the annotation.
        element: the codec of the elements.
        make: set or frozenset, for reading.

    Raises:
        UnsupportedTypeError: DynamoDB has no sets of this type.
    """
    single = next(iter(element.types)) if len(element.types) == 1 else ""
    if single not in _SET_OF:
        raise UnsupportedTypeError(
            python_type, "DynamoDB has sets of strings, of numbers and of binaries only; declare a list"
        )
    form = _SetForm(name=type_name(python_type), element=element, single=single, make=make)
    return ValueCodec(
        python_type=python_type,
        types=frozenset([form.tag]),
        encode=form.encode,
        decode=form.decode,
        accepts=form.accepts,
        element=element,
        empty=make,
        write=form.write,
        read=form.read,
    )


@attrs.frozen(eq=False, repr=False)
class _SetForm:
    """How the sets of one type are stored."""

    name: str
    element: ValueCodec
    single: str
    """The descriptor of one element."""
    make: Callable[..., Any]

    @property
    def tag(self) -> AttributeType:
        return _SET_OF[self.single]

    def accepts(self, value: object) -> bool:
        return isinstance(value, AbstractSet) and all(map(self.element.accepts, value))

    def encode(self, value: Any) -> AttributeValue:
        if not isinstance(value, AbstractSet):
            raise wrong_value(value, f"{self.name} is needed")
        return stored_set(value, self.single, lambda element: self.element.encode(element)[self.single])

    def decode(self, value: AttributeValue) -> Any:
        stored = [{self.single: member} for member in content(value, self.tag, self.name)]
        return self.make(_members(self.element.decode, stored))

    def write(self, variable: str, source: Source) -> str:
        exact = f"{source.bind(self.encode, 'encode')}({variable})"
        if self.element.python_type is not str:
            return exact
        text, kind = source.bind(TEXT_ONLY, "text_only"), source.bind(self.make, "kind")
        test = f"type({variable}) is {kind} and {variable} and {text}.issuperset(map(type, {variable}))"
        return f'({{"SS": sorted({variable})}} if {test} else {exact})'

    def read(self, variable: str, source: Source) -> str:
        make, stored = source.bind(self.make, "make"), f"{variable}[{self.tag!r}]"
        if self.element.python_type is str:
            return f"{make}({stored})"
        if self.element.python_type in _PARSED_BY_TYPE:
            return f"{make}(map({source.bind(self.element.python_type, 'kind')}, {stored}))"
        return f"{source.bind(self.decode, 'decode')}({variable})"


def stored_set(value: AbstractSet[Any], single: str, put: Callable[[Any], Any]) -> AttributeValue:
    """The AttributeValue of a set.

    Args:
        value: the set.
        single: the descriptor of one element: S, N or B.
        put: makes the content of an element.

    Raises:
        MarshalError: DynamoDB would refuse the set or an element of it.
    """
    if not value:
        raise wrong_value(value, _EMPTY)
    # Sorted as they are stored: not all values have an order (Decimal("NaN"), an Enum's members).
    contents = _members(put, value)
    if len(set(contents)) != len(contents):
        raise wrong_value(value, _DUPLICATES)
    return {_SET_OF[single]: sorted(contents, key=Decimal if single == "N" else None)}


def _members(function: Callable[[Any], Any], elements: Iterable[Any]) -> list[Any]:
    """The function's result for each element; the elements of a set have no paths of their own."""
    results: list[Any] = []
    faults = Faults()
    for element in elements:
        try:
            results.append(function(element))
        except MarshalError as error:
            faults.add("", error)
    faults.check()
    return results
