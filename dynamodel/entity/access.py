"""Access paths: the key of the table or of an index, and how values become the attributes that make it.

A key attribute is stored as it is (`StoredKey`), or is built from several attributes by a template
(`BuiltKey`). Guarantee: a built key is whole or not there, since it is only built when each part is known.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import attrs

from dynamodel.attribute_value.sizes import check_value
from dynamodel.errors import MarshalError, MarshalFault, RequestError
from dynamodel.keys import KeyTemplate
from dynamodel.types import AttributeValue, Item

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dynamodel.attribute_value import FieldCodec
    from dynamodel.schema.indexes import IndexDefinition

__all__ = ["AccessPath", "BuiltKey", "KeyFields", "KeySide", "StoredKey"]


@attrs.frozen
class StoredKey:
    """One side of a key (partition or sort) whose attributes are stored as they are; none: no such side."""

    fields: tuple[FieldCodec, ...] = ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The key attributes' names in the table."""
        return tuple(codec.field.stored_name for codec in self.fields)

    def of(self, parts: Mapping[str, AttributeValue]) -> Item:
        """The key attributes."""
        return {name: parts[name] for name in self.names}


@attrs.frozen
class BuiltKey:
    """One side of a key that a template builds from attributes."""

    name: str
    """The name of the key attribute in the table: `gsi1pk`."""
    template: KeyTemplate
    fields: tuple[FieldCodec, ...]
    """The attributes from which it is built."""
    limit: int
    """The most bytes that it may have."""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The key attribute's name in the table."""
        return (self.name,)

    def of(self, parts: Mapping[str, AttributeValue]) -> Item:
        """The key attribute.

        Raises:
            MarshalError: it is longer than a key may be.
        """
        return {self.name: self.checked(self.template.text([parts[name] for name in self.part_names]))}

    def checked(self, text: str) -> AttributeValue:
        """The text as the key attribute's value.

        Raises:
            MarshalError: it is longer than a key may be.
        """
        if len(text) * 4 > self.limit and len(text.encode()) > self.limit:
            rule = f"the key that is built from it has at most {self.limit} bytes"
            raise MarshalError(MarshalFault(", ".join(self.part_names) or self.name, "", rule))
        return {"S": text}

    @cached_property
    def part_names(self) -> tuple[str, ...]:
        """The stored names of the attributes from which it is built."""
        return tuple(codec.field.stored_name for codec in self.fields)

    def parts(self, key: AttributeValue) -> Item | None:
        """The attributes from which it was built; None if this template did not build it."""
        values = self.template.parse(key["S"]) if isinstance(key.get("S"), str) else None
        return None if values is None else dict(zip(self.part_names, values, strict=True))


KeySide: TypeAlias = StoredKey | BuiltKey
"""One side of a key."""


@attrs.frozen
class KeyFields:
    """The attributes that make the key of the table, or of an index."""

    partition: KeySide
    sort: KeySide = StoredKey()

    @cached_property
    def fields(self) -> tuple[FieldCodec, ...]:
        """The entity's attributes in it: those of the partition key, then those of the sort key."""
        return self.partition.fields + self.sort.fields

    @cached_property
    def stored_names(self) -> tuple[str, ...]:
        """The key attributes' names in the table."""
        return self.partition.names + self.sort.names

    @cached_property
    def built(self) -> tuple[BuiltKey, ...]:
        """The sides that a template builds."""
        return tuple(side for side in (self.partition, self.sort) if isinstance(side, BuiltKey))

    def of(self, parts: Mapping[str, AttributeValue]) -> Item:
        """The key attributes, from the entity's attributes; errors as for `BuiltKey.of`."""
        return self.partition.of(parts) | self.sort.of(parts)

    def parts(self, key: Item) -> Item:
        """The entity's attributes that the key attributes tell."""
        parts = {name: key[name] for side in (self.partition, self.sort) for name in side.names}
        for side in self.built:
            parts |= side.parts(parts.pop(side.name)) or {}
        return parts


@attrs.frozen
class AccessPath:
    """One way to find items: the table's own key, or an index."""

    name: str
    """Its name in the class, such as `by_id`, with the class: `Movie.by_id`."""
    key: KeyFields
    index: IndexDefinition | None = None
    """None for the table itself."""

    @property
    def is_global(self) -> bool:
        """It is a global secondary index."""
        return self.index is not None and self.index.kind == "global"

    def marshal_partition(self, values: Sequence[object]) -> Item:
        """The partition key's attribute values.

        Raises:
            RequestError: too few or too many values, or None.
            MarshalError: a value that the key attribute cannot have, or a key that is too long.
        """
        parts = self._marshal(self.key.partition.fields, values)
        return self.under_name(self.key.partition, parts)

    def marshal_parts(self, values: Sequence[object]) -> Item:
        """The attributes that make the whole key; errors as for `marshal_partition`."""
        return self._marshal(self.key.fields, values)

    def marshal_key(self, values: Sequence[object]) -> Item:
        """The whole key's attribute values; errors as for `marshal_partition`."""
        return self.under_name(self.key, self.marshal_parts(values))

    def under_name(self, side: KeySide | KeyFields, parts: Item) -> Item:
        """The key attributes; an error names the access path."""
        try:
            return side.of(parts)
        except MarshalError as error:
            raise error.under(self.name) from None

    def _marshal(self, fields: tuple[FieldCodec, ...], values: Sequence[object]) -> Item:
        if len(values) != len(fields):
            names = ", ".join(codec.field.name for codec in fields)
            given = "1 value" if len(values) == 1 else f"{len(values)} values"
            raise RequestError(f"{self.name}({names}) was given {given}")
        parts: Item = {}
        for codec, value in zip(fields, values, strict=True):
            encoded = self._marshal_one(codec, value)
            if parts.setdefault(codec.field.stored_name, encoded) != encoded:
                raise RequestError(f"{self.name}: {codec.field.name} was given two different values")
        return parts

    def _marshal_one(self, codec: FieldCodec, value: object) -> AttributeValue:
        try:
            encoded = codec.encode(value)
            if encoded is not None:
                check_value(encoded)
        except MarshalError as error:
            raise error.under(f"{self.name}({codec.field.name})") from None
        if encoded is None:
            raise RequestError(f"{self.name}: {codec.field.name} is part of the key and cannot be None")
        return encoded
