"""Codecs of unions: the members are told apart by what is stored.

Members with different descriptors are told apart by these; several attrs classes by a field of Literal
type whose values differ in each, or else by an entry `_type` with the class's name, which is cattrs's
convention for tagged unions. Guarantee: a union that could be read back as another member is refused when
it is declared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast, get_origin

import attrs

from dynamodel.attribute_value.choices import Tag, choice_tags, tag_of
from dynamodel.attribute_value.value_codec import (
    Late,
    UnionMembers,
    UnsupportedTypeError,
    ValueCodec,
    content,
    descriptor,
    inline_call,
    late,
    type_name,
    wrong_stored,
    wrong_value,
)
from dynamodel.errors import MarshalError, MarshalFault
from dynamodel.types import AttributeType, AttributeValue

__all__ = ["documents_codec", "union_codec"]

TYPE_ENTRY = "_type"


def union_codec(python_type: object, members: Sequence[ValueCodec]) -> ValueCodec:
    """The codec of a union, None left out, of members with different descriptors.

    Raises:
        UnsupportedTypeError: two members may write the same descriptor.
    """
    by_descriptor: dict[AttributeType, ValueCodec] = {}
    for member in members:
        for tag in sorted(member.types):
            if tag in by_descriptor:
                raise UnsupportedTypeError(python_type, _ambiguity(by_descriptor[tag], member, tag))
            by_descriptor[tag] = member
    names = ", ".join(type_name(member.python_type) for member in members)
    form = _Union(names, members, cast("Mapping[str, ValueCodec]", by_descriptor))
    union = UnionMembers(members=members, by_descriptor=form.by_descriptor)
    return ValueCodec(
        python_type=python_type,
        types=frozenset(by_descriptor),
        encode=form.encode,
        decode=form.decode,
        accepts=form.accepts,
        union=union,
        decode_partial=form.decode_partial,
    )


def _ambiguity(first: ValueCodec, second: ValueCodec, tag: str) -> str:
    names = f"{type_name(first.python_type)} and {type_name(second.python_type)}"
    if tag == "N":
        cure = "declare one of them, or int | Decimal"
    elif tag == "M":
        cure = "declare attrs classes only, which are told apart by a Literal field or by their names"
    else:
        cure = "declare one of them, or put each into an attrs class of its own"
    return f"{names} are both stored as {tag} and could not be told apart; {cure}"


@attrs.frozen(eq=False, repr=False)
class _Union:
    """Members that are told apart by their descriptors."""

    names: str
    members: Sequence[ValueCodec]
    by_descriptor: Mapping[str, ValueCodec]

    def accepts(self, value: object) -> bool:
        return any(member.accepts(value) for member in self.members)

    def encode(self, value: Any) -> AttributeValue:
        for member in self.members:
            if member.accepts(value):
                return member.encode(value)
        raise wrong_value(value, f"one of {self.names} is needed")

    def decode(self, value: AttributeValue) -> Any:
        return self._member(value).decode(value)

    def decode_partial(self, value: AttributeValue) -> Any:
        return self._member(value).decode_partial(value)

    def _member(self, value: AttributeValue) -> ValueCodec:
        member = self.by_descriptor.get(descriptor(value))
        if member is None:
            tags = " or ".join(self.by_descriptor)
            raise wrong_stored(value, f"one of {self.names} is stored as {tags}")
        return member


def documents_codec(
    python_type: object,
    members: Sequence[ValueCodec],
    choices: Sequence[Mapping[str, tuple[object, ...]]],
) -> ValueCodec:
    """The codec of a union of attrs classes.

    Args:
        python_type: the union.
        members: the codecs of its classes.
        choices: for each class, by the names of its fields: the values of a Literal field, and nothing for
            any other field.

    Raises:
        UnsupportedTypeError: neither a field nor the classes' names tell them apart.
    """
    literals = [{name: choice_tags(values) for name, values in fields.items()} for fields in choices]
    entry = next((name for name in literals[0] if _tells_apart(name, literals)), None)
    if entry is not None:
        by_tag = {tag: member for member, tags in zip(members, literals, strict=True) for tag in tags[entry]}
        return _Documents.of(members, entry, by_tag, written=False).codec(python_type)
    if any(TYPE_ENTRY in fields for fields in literals):
        raise UnsupportedTypeError(
            python_type, f"a field {TYPE_ENTRY!r} must be a Literal whose values differ in every class"
        )
    named: dict[Tag, ValueCodec] = {("S", member.python_type.__name__): member for member in members}
    if len(named) != len(members):
        raise UnsupportedTypeError(
            python_type, "two of its classes have the same name; give each a Literal field of its own value"
        )
    return _Documents.of(members, TYPE_ENTRY, named, written=True).codec(python_type)


def _tells_apart(name: str, literals: Sequence[Mapping[str, list[Tag]]]) -> bool:
    tags = [tag for fields in literals for tag in fields.get(name, ())]
    return all(fields.get(name) for fields in literals) and len(set(tags)) == len(tags)


@attrs.frozen(eq=False, repr=False)
class _Documents:
    """Attrs classes that are told apart by an entry of their maps."""

    names: str
    entry: str
    written: bool
    """The entry is no field of the classes, so that it is written and taken away here."""
    by_class: Mapping[type, ValueCodec]
    by_tag: Mapping[Tag, ValueCodec]
    fast_encode: Mapping[type, Late]
    fast_decode: Mapping[Tag, Late]

    @classmethod
    def of(
        cls, members: Sequence[ValueCodec], entry: str, by_tag: Mapping[Tag, ValueCodec], *, written: bool
    ) -> _Documents:
        by_class = {get_origin(member.python_type) or member.python_type: member for member in members}
        return cls(
            names=", ".join(member.__qualname__ for member in by_class),
            entry=entry,
            written=written,
            by_class=by_class,
            by_tag=by_tag,
            fast_encode={
                member: late(codec.write, f"encoder of {member.__name__}")
                for member, codec in by_class.items()
            },
            fast_decode={
                tag: late(codec.read, f"decoder of {codec.python_type.__name__}")
                for tag, codec in by_tag.items()
            },
        )

    def accepts(self, value: object) -> bool:
        return type(value) in self.by_class

    def encode(self, value: Any) -> AttributeValue:
        member = self.by_class.get(type(value))
        if member is None:
            raise wrong_value(value, f"one of {self.names} is needed, not a subclass")
        return self._with_tag(value, member.encode(value))

    def encode_fast(self, value: Any) -> AttributeValue:
        return self._with_tag(value, self.fast_encode[type(value)](value))

    def _with_tag(self, value: object, encoded: AttributeValue) -> AttributeValue:
        if self.written:
            encoded["M"][self.entry] = {"S": type(value).__name__}
        return encoded

    def decode(self, value: AttributeValue) -> Any:
        return self.by_tag[self._tag(value)].decode(self._without_tag(value))

    def decode_fast(self, value: AttributeValue) -> Any:
        return self.fast_decode[tag_of(value["M"][self.entry])](self._without_tag(value))

    def decode_partial(self, value: AttributeValue) -> Any:
        return self.by_tag[self._tag(value)].decode_partial(self._without_tag(value))

    def _tag(self, value: AttributeValue) -> Tag:
        entries = content(value, "M", self.names)
        if self.entry not in entries:
            rule = f"this entry is missing, which tells which of {self.names} it is"
            raise MarshalError(MarshalFault(self.entry, "", rule))
        tag = tag_of(entries[self.entry])
        if tag not in self.by_tag:
            raise wrong_stored(entries[self.entry], f"this entry names none of {self.names}").under(
                self.entry
            )
        return tag

    def _without_tag(self, value: AttributeValue) -> AttributeValue:
        if not self.written:
            return value
        return {"M": {name: part for name, part in value["M"].items() if name != self.entry}}

    def codec(self, python_type: object) -> ValueCodec:
        union = UnionMembers(
            members=tuple(self.by_class.values()),
            entry=self.entry,
            by_tag=self.by_tag,
            is_entry_written=self.written,
        )
        return ValueCodec(
            python_type=python_type,
            types=frozenset(["M"]),
            encode=self.encode,
            decode=self.decode,
            accepts=self.accepts,
            union=union,
            decode_partial=self.decode_partial,
            write=inline_call(self.encode_fast, "encode"),
            read=inline_call(self.decode_fast, "decode"),
        )
