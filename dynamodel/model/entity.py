"""`Entity`: the base of the classes that users declare."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, dataclass_transform

from dynamodel.attribute_value import check_item, item_bytes
from dynamodel.attribute_value.items import UNKNOWN_ATTRIBUTES
from dynamodel.entity.attributes import attribute, codec_of
from dynamodel.entity.schema import schema_of
from dynamodel.errors import MarshalError
from dynamodel.model.declare import declare
from dynamodel.operations.items import Delete, Put, create
from dynamodel.operations.reads import Scan
from dynamodel.types import Item

if TYPE_CHECKING:
    from types import FrameType
    from typing import Self

    from cattrs import Converter

    from dynamodel.schema.table import Table

__all__ = ["Entity", "item_size", "unknown_attributes"]

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
    ) -> None:
        super().__init_subclass__()
        declare(cls, table, converter, _RESERVED, _names_around(cls, sys._getframe(1)))

    def put(self) -> Put[Self, None]:
        """Write the whole item, replacing what is stored under its key.

        The item is marshalled now: later changes of this instance are not in it.

        Raises:
            MarshalError: a value that its attribute cannot have, or an item that DynamoDB would refuse.
        """
        schema = schema_of(type(self))
        item = schema.codec.encode(self)
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


def item_size(entity: Entity) -> int:
    """The size of the entity's item in bytes, exactly as DynamoDB counts it (at most 409,600).

    Raises:
        MarshalError: a value that its attribute cannot have.
    """
    return item_bytes(schema_of(type(entity)).codec.encode(entity))


def unknown_attributes(entity: Entity) -> Item:
    """The stored attributes that the class does not declare, as AttributeValues; `put()` writes them back."""
    return dict(vars(entity).get(UNKNOWN_ATTRIBUTES) or {})


def _declared(entity: Entity) -> dict[str, Any]:
    codec = codec_of(type(entity))
    values = vars(entity)
    return {name: values[name] for name in (codec.fields if codec else ()) if name in values}


def _shown(value: object) -> str:
    try:
        return repr(value)
    except AttributeError:  # a nested document of which a projection read a part
        return f"<{type(value).__name__}, in part>"


def _names_around(cls: type, frame: FrameType | None) -> Mapping[str, Any]:
    """The names where the class stands that its module does not have, for its annotations.

    Those of a function that it stands in; and all of them for code that is in no module (`exec`).
    """
    while frame is not None and frame.f_code.co_name == "__init_subclass__":
        frame = frame.f_back
    if frame is None:
        return {}
    of_function = {} if frame.f_locals is frame.f_globals else frame.f_locals
    return dict(of_function) if cls.__module__ in sys.modules else {**frame.f_globals, **of_function}


_RESERVED = frozenset(("self", *(name for name in vars(Entity) if not name.startswith("__"))))
"""Names that an attribute cannot have: those of methods, and `self`, which the constructor takes already."""
