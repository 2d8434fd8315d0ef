"""Codecs of Enum and Literal: values out of a fixed choice, stored by what they stand for.

Guarantees: nothing outside the choice is written or read; 1, True and "1" are three different values.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import Enum, Flag
from typing import Any, TypeAlias

import attrs

from dynamodel.attribute_value.binary import read_binary
from dynamodel.attribute_value.numbers import number_text, read_decimal, read_int, read_number
from dynamodel.attribute_value.value_codec import (
    UnsupportedTypeError,
    ValueCodec,
    descriptor,
    type_name,
    wrong_stored,
    wrong_value,
)
from dynamodel.errors import MarshalError
from dynamodel.types import AttributeType, AttributeValue

__all__ = ["Tag", "choice_tags", "enum_codec", "literal_codec", "tag_of"]

Tag: TypeAlias = tuple[str, Any]
"""What tells a stored choice from others: its descriptor, and its content in one form."""

_WRONG_CHOICE = "must be a str, an int, a Decimal or bytes"
_SAME_CHOICE = "two of the choices are stored as the same value"


def tag_of(value: AttributeValue) -> Tag:
    """The tag of an AttributeValue; its content is None if nothing can be chosen by it."""
    tag = descriptor(value)
    stored = value.get(tag) if isinstance(value, dict) else None
    try:
        if tag == "N":
            return tag, read_decimal(str(stored))
        if tag == "B":
            return tag, read_binary(stored or b"")
    except (MarshalError, ValueError, TypeError):
        return tag, None
    return tag, stored if isinstance(stored, (str, bool)) else None


def _stored(choice: object) -> AttributeValue | None:
    """A choice as it is stored, or None if it cannot be."""
    plain = choice.value if isinstance(choice, Enum) else choice
    if isinstance(plain, str):
        return {"S": str.__str__(plain)}
    if isinstance(plain, bool):
        return {"BOOL": plain}
    if isinstance(plain, (int, Decimal)):
        return {"N": number_text(plain)}
    return {"B": plain} if isinstance(plain, bytes) else None


def choice_tags(choices: Iterable[object]) -> list[Tag]:
    """The tags of those choices that can be stored."""
    return [tag_of(stored) for stored in map(_stored, choices) if stored is not None]


@attrs.frozen(eq=False, repr=False)
class _Choices:
    """The choices of one type, by value and by what is stored."""

    name: str
    stored: dict[tuple[type, object], Tag] = attrs.Factory(dict)
    by_tag: dict[Tag, object] = attrs.Factory(dict)

    def add(self, choice: object, value: AttributeValue) -> bool:
        """Add a choice; whether it is stored as no other is."""
        tag = tag_of(value)
        known = self.by_tag.setdefault(tag, choice)
        self.stored[type(choice), choice] = next(iter(value.items()))
        return type(known) is type(choice) and known == choice

    @property
    def types(self) -> frozenset[AttributeType]:
        return frozenset(tag for tag, _ in self.stored.values())  # type: ignore[misc]  # keys of a dict are str to mypy

    def accepts(self, value: object) -> bool:
        try:
            return (type(value), value) in self.stored
        except TypeError:  # it has no hash
            return False

    def encode(self, value: Any) -> AttributeValue:
        if not self.accepts(value):
            raise wrong_value(value, f"one of the values of {self.name} is needed")
        tag, stored = self.stored[type(value), value]
        return {tag: stored}

    def decode(self, value: AttributeValue) -> Any:
        tag = tag_of(value)
        if tag not in self.by_tag:
            raise wrong_stored(value, f"one of the values of {self.name} is needed")
        return self.by_tag[tag]

    def codec(self, python_type: object) -> ValueCodec:
        return ValueCodec(
            python_type=python_type,
            types=self.types,
            encode=self.encode,
            decode=self.decode,
            accepts=self.accepts,
        )


def literal_codec(type_: object, choices: tuple[object, ...]) -> ValueCodec:
    """The values of a Literal other than None.

    Raises:
        UnsupportedTypeError: two of them are stored as the same value, or one cannot be stored.
    """
    known = _Choices(type_name(type_))
    for choice in choices:
        stored = _stored(choice)
        if stored is None:
            raise UnsupportedTypeError(type_, f"the value of a choice {_WRONG_CHOICE}")
        if not known.add(choice, stored):
            raise UnsupportedTypeError(type_, _SAME_CHOICE)
    return known.codec(type_)


def enum_codec(enum: type[Enum]) -> ValueCodec:
    """The members of an Enum by their values; a Flag by its number.

    Raises:
        UnsupportedTypeError: a member's value is not a str, an int, a Decimal or bytes.
    """
    if issubclass(enum, Flag):
        return _Flags(enum).codec()
    known = _Members(type_name(enum), enum=enum)
    for member in enum:
        stored = _stored(member)
        if stored is None or "BOOL" in stored:
            raise UnsupportedTypeError(enum, f"the value of {enum.__name__}.{member.name} {_WRONG_CHOICE}")
        if not known.add(member, stored):
            raise UnsupportedTypeError(enum, _SAME_CHOICE)
    return known.codec(enum)


@attrs.frozen(eq=False, repr=False)
class _Members(_Choices):
    enum: type[Enum] = attrs.field(kw_only=True)

    def decode(self, value: AttributeValue) -> Any:
        tag = tag_of(value)
        if tag in self.by_tag:
            return self.by_tag[tag]
        plain = read_number(value["N"]) if isinstance(tag[1], Decimal) else tag[1]
        try:
            # A class may find a member for further values: Enum._missing_. To Enum, True is 1.
            found = self.enum(plain) if tag[0] in ("S", "N", "B") else None
        except Exception:  # its text quotes the data
            found = None
        if found is None:
            raise wrong_stored(value, f"{self.name} has no member with this value")
        return found


@attrs.frozen(eq=False, repr=False)
class _Flags:
    enum: type[Flag]

    def accepts(self, value: object) -> bool:
        return isinstance(value, self.enum)

    def encode(self, value: Any) -> AttributeValue:
        if not isinstance(value, self.enum):
            raise wrong_value(value, f"{self.enum.__name__} is needed")
        return {"N": number_text(value.value)}

    def decode(self, value: AttributeValue) -> Any:
        if descriptor(value) != "N":
            raise wrong_stored(value, f"{self.enum.__name__} is stored as N")
        number = read_int(value["N"])
        try:
            return self.enum(number)
        except Exception:  # its text quotes the data
            raise wrong_stored(value, f"{self.enum.__name__} has no such flags") from None

    def codec(self) -> ValueCodec:
        return ValueCodec(
            python_type=self.enum,
            types=frozenset(["N"]),
            encode=self.encode,
            decode=self.decode,
            accepts=self.accepts,
        )
