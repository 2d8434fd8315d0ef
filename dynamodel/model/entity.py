"""`Entity`: the base of the classes that users declare."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, dataclass_transform

from dynamodel.attribute_value import check_item, item_bytes
from dynamodel.entity.attributes import attribute, codec_of
from dynamodel.entity.schema import EntitySchema
from dynamodel.errors import DeclarationError, Fault, MarshalError, MarshalFault
from dynamodel.model.declare import declare
from dynamodel.model.indexes import SCHEMA
from dynamodel.operations.items import Delete, Put, create
from dynamodel.operations.reads import Scan
from dynamodel.types import Item

if TYPE_CHECKING:
    from types import FrameType
    from typing import Self

    from cattrs import Converter

    from dynamodel.schema.table import Table

__all__ = ["Entity", "item_size", "schema_of", "unknown_attributes"]

E = TypeVar("E", bound="Entity")


@dataclass_transform(kw_only_default=True, eq_default=True, field_specifiers=(attribute,))
class Entity:
    """The base of entity classes: `class Movie(Entity, table=movies)`.

    A subclass declares attributes (`title: Attr[str] = attribute()`), its primary key and its indexes.
    It gets a constructor with keywords; its instances can be changed, and `attrs.evolve` copies them.
    A subclass without a table is a base for others, which inherit its attributes.

    Args:
        table: the table in which its items are.
        converter: a cattrs converter with hooks for types that dynamodel does not know.

    Raises:
        DeclarationError: with all faults of the class and of what it asks of the table.
    """

    __dynamodel_entity__: ClassVar[bool] = True
    _unknown_attributes: ClassVar[Item | None] = None

    def __init_subclass__(
        cls,
        *,
        table: Table | None = None,
        converter: Converter | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        declare(cls, table, converter, _RESERVED, _locals_of_class_statement(sys._getframe(1)))

    def put(self) -> Put[Self, None]:
        """Write the whole item, replacing what is stored under its key.

        The item is marshalled now: later changes of this instance are not in it.

        Raises:
            MarshalError: a value that its attribute cannot have, or an item that DynamoDB would refuse.
        """
        schema = schema_of(type(self))
        item = _marshal(self, schema)
        try:
            check_item(item)
        except MarshalError as error:
            raise MarshalError(*error.faults, owner=schema.name) from None
        return Put(schema, schema.key_of(item), item=item)

    def create(self) -> Put[Self, None]:
        """Write the item if there is none with its key; else `ConditionFailedError`. Errors as for `put`."""
        return create(self.put())

    def delete(self) -> Delete[Self, None]:
        """Delete the item with this instance's key.

        Raises:
            MarshalError: a value that the key cannot have.
        """
        schema = schema_of(type(self))
        key = [getattr(self, field.field.name) for field in schema.primary.key.fields]
        return Delete(schema, schema.primary.marshal_key(key))

    @classmethod
    def scan(cls) -> Scan[Self]:
        """Every item of the table: reads, and costs, all of it."""
        schema = schema_of(cls)
        return Scan(schema, schema.primary)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return _declared(self) == _declared(other)

    __hash__ = None  # type: ignore[assignment]  # an instance can change

    def __repr__(self) -> str:
        """The attributes that are set; those that a projection left out are not shown."""
        values = ", ".join(f"{name}={_shown(value)}" for name, value in _declared(self).items())
        return f"{type(self).__name__}({values})"


def schema_of(cls: type[E]) -> EntitySchema[E]:
    """The compiled schema of an entity class.

    Raises:
        DeclarationError: the class has no table.
    """
    schema: EntitySchema[E] | None = vars(cls).get(SCHEMA)
    if schema is None:
        raise DeclarationError(
            [Fault(cls.__name__, "has no table: class X(Entity, table=...) makes an entity of it")],
        )
    return schema


def item_size(entity: Entity) -> int:
    """The size of the entity's item in bytes, exactly as DynamoDB counts it (at most 409,600).

    Raises:
        MarshalError: a value that its attribute cannot have.
    """
    return item_bytes(_marshal(entity, schema_of(type(entity))))


def unknown_attributes(entity: Entity) -> Mapping[str, Any]:
    """The stored attributes that the class does not declare, as AttributeValues; `put()` writes them back."""
    return dict(vars(entity).get("_unknown_attributes") or {})


def _marshal(entity: E, schema: EntitySchema[E]) -> Item:
    missing = [name for name in schema.codec.fields if name not in vars(entity)]
    if missing:
        rule = "was not loaded, so the item is not whole; read it without a projection"
        raise MarshalError(*(MarshalFault(name, "", rule) for name in missing), owner=schema.name)
    return schema.codec.encode(entity)


def _declared(entity: Entity) -> dict[str, Any]:
    codec = codec_of(type(entity))
    values = vars(entity)
    return {name: values[name] for name in (codec.fields if codec else ()) if name in values}


def _shown(value: object) -> str:
    try:
        return repr(value)
    except AttributeError:  # a nested document of which a projection read a part
        return f"<{type(value).__name__}, in part>"


def _locals_of_class_statement(frame: FrameType | None) -> Mapping[str, Any]:
    """The local names where the class stands, so that annotations may name classes of a function."""
    while frame is not None and frame.f_code.co_name == "__init_subclass__":
        frame = frame.f_back
    if frame is None or frame.f_locals is frame.f_globals:
        return {}
    return dict(frame.f_locals)


_RESERVED = frozenset(name for name in vars(Entity) if not name.startswith("__"))
