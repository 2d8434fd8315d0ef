"""`Entity`: the base of the classes that users declare."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, dataclass_transform

from dynamodel.attribute_value import item_bytes
from dynamodel.attribute_value.items import UNKNOWN_ATTRIBUTES
from dynamodel.entity.attributes import attribute, codec_of, computed
from dynamodel.entity.schema import schema_of
from dynamodel.model.declare import Options, declare
from dynamodel.model.methods import knows_its_class
from dynamodel.operations.instances import delete_instance, put_instance, upsert_instance
from dynamodel.operations.reads import Scan
from dynamodel.operations.updates import Update
from dynamodel.operations.writes import Delete, Put, create
from dynamodel.types import Item

if TYPE_CHECKING:
    from types import FrameType
    from typing import Self

    from cattrs import Converter

    from dynamodel.schema.table import Table

__all__ = ["Entity", "item_size", "unknown_attributes"]

E = TypeVar("E", bound="Entity")


@dataclass_transform(kw_only_default=True, eq_default=True, field_specifiers=(attribute, computed))
class Entity:
    """The base of entity classes: `class Movie(Entity, table=movies)`.

    A subclass declares attributes (`title: Attr[str] = attribute()`), its primary key and its indexes.
    It gets a constructor with keywords; its instances can be changed, and `attrs.evolve` copies them.
    A subclass without a table is a base for others, which inherit its attributes.

    Args:
        table: the table in which its items are.
        converter: a cattrs converter with hooks for types that dynamodel does not know.
        discriminator: what marks its items in a table of many entities; the name of the class if left out.
            It is stored with each item: after renaming a class, give the old name here.

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
        discriminator: str | None = None,
    ) -> None:
        super().__init_subclass__()
        options = Options(table, converter, discriminator)
        declare(cls, options, _RESERVED, _names_around(cls, sys._getframe(1)))

    @knows_its_class
    def put(self) -> Put[Self, None]:
        """Write the whole item, replacing what is stored under its key.

        The item is marshalled now: later changes of this instance are not in it. If the entity has a
        version, what is stored must have the version of this instance, or `ConditionFailedError` is raised.

        Raises:
            MarshalError: a value that its attribute cannot have, or an item that DynamoDB would refuse.
        """
        return put_instance(schema_of(type(self)), self)

    @knows_its_class
    def create(self) -> Put[Self, None]:
        """Write the item if there is none with its key; else `ConditionFailedError`. Errors as for `put`."""
        return create(self.put())

    @knows_its_class
    def upsert(self) -> Update[Self, None]:
        """Make the item, or set all attributes of the one that is there to those of this instance.

        Unlike `put`, it keeps stored attributes that the class does not declare, and those that are
        read-only or tell when the item was created. Errors as for `put`.
        """
        return upsert_instance(schema_of(type(self)), self)

    @knows_its_class
    def delete(self) -> Delete[Self, None]:
        """Delete the item with this instance's key, if its version (where it has one) is still the same.

        Raises:
            MarshalError: a value that the key cannot have.
        """
        return delete_instance(schema_of(type(self)), self)

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
    return item_bytes(schema_of(type(entity)).item_of(entity, {}))


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
