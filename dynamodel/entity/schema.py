"""The compiled form of an entity class: what operations need to build requests and read responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

from dynamodel.attribute_value.sizes import check_value
from dynamodel.errors import DeclarationError, Fault, MarshalError, RequestError
from dynamodel.types import AttributeValue, Item

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dynamodel.attribute_value import FieldCodec, ItemCodec
    from dynamodel.expressions.nodes import DocumentPath
    from dynamodel.schema.indexes import IndexDefinition
    from dynamodel.schema.table import Table

__all__ = ["SCHEMA", "AccessPath", "EntitySchema", "KeyFields", "schema_of"]

SCHEMA = "__dynamodel_schema__"
"""Where an entity class keeps its compiled schema."""

E = TypeVar("E")


@attrs.frozen
class KeyFields:
    """The attributes of an entity that make the key of the table, or of an index."""

    partition: tuple[FieldCodec, ...]
    sort: tuple[FieldCodec, ...] = ()

    @property
    def fields(self) -> tuple[FieldCodec, ...]:
        """Partition attributes, then sort attributes."""
        return self.partition + self.sort

    @property
    def stored_names(self) -> tuple[str, ...]:
        """The key attributes' names in the table."""
        return tuple(codec.field.stored_name for codec in self.fields)


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
            MarshalError: a value that the key attribute cannot have.
        """
        return self._marshal(self.key.partition, values)

    def marshal_key(self, values: Sequence[object]) -> Item:
        """The whole key's attribute values; errors as for `marshal_partition`."""
        return self._marshal(self.key.fields, values)

    def _marshal(self, fields: tuple[FieldCodec, ...], values: Sequence[object]) -> Item:
        if len(values) != len(fields):
            names = ", ".join(codec.field.name for codec in fields)
            given = "1 value" if len(values) == 1 else f"{len(values)} values"
            raise RequestError(f"{self.name}({names}) was given {given}")
        return {
            codec.field.stored_name: self._marshal_one(codec, value)
            for codec, value in zip(fields, values, strict=True)
        }

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


@attrs.frozen(eq=False, repr=False)
class EntitySchema(Generic[E]):
    """An entity class, compiled: its table, codec, primary key and indexes."""

    cls: type[E]
    table: Table
    codec: ItemCodec[E]
    primary: AccessPath
    paths: Mapping[str, AccessPath]
    """The primary key and the indexes, by their names in the class."""
    names: Mapping[str, str] = attrs.field(
        init=False,
        default=attrs.Factory(
            lambda self: {codec.field.stored_name: name for name, codec in self.codec.fields.items()},
            takes_self=True,
        ),
    )
    """Python names by stored name."""

    def __repr__(self) -> str:
        return f"<EntitySchema {self.name}>"

    @property
    def name(self) -> str:
        """The entity's name, for messages."""
        return self.cls.__name__

    def key_of(self, item: Item) -> Item:
        """The table key of a marshalled item."""
        return {name: item[name] for name in self.primary.key.stored_names}

    def loaded_names(self, path: AccessPath) -> frozenset[str] | None:
        """The Python names of the attributes that reads through this path return; None: all of them."""
        if path.index is None or path.index.projection.type == "ALL":
            return None
        stored = {*self.primary.key.stored_names, *path.key.stored_names, *path.index.projection.names}
        return frozenset(self.names[name] for name in stored if name in self.names)

    def require_own(self, paths: Iterable[DocumentPath]) -> None:
        """Refuse paths that were made through another class, even a base class.

        A subclass may store an inherited attribute under another name, or as a key with its own rules.

        Raises:
            RequestError: names the path and its class.
        """
        for path in paths:
            if path.owner is not self.cls:
                hint = f"; write {self.name}.{path}" if issubclass(self.cls, path.owner) else ""
                raise RequestError(f"{path.owner.__name__}.{path} is not an attribute of {self.name}{hint}")


def schema_of(cls: type[E]) -> EntitySchema[E]:
    """The compiled schema of an entity class.

    Raises:
        DeclarationError: the class has no table.
    """
    schema: EntitySchema[E] | None = vars(cls).get(SCHEMA)
    if schema is None:
        rule = "has no table: class X(Entity, table=...) makes an entity of it"
        raise DeclarationError([Fault(cls.__name__, rule)])
    return schema
