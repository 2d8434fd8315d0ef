"""The compiled form of an entity class: what operations need to build requests and read responses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar

import attrs

from dynamodel.attribute_value.binary import plain_binary, plain_item
from dynamodel.attribute_value.sizes import check_item
from dynamodel.entity.access import AccessPath
from dynamodel.entity.upgrades import ITEM_VERSION, Upgrades
from dynamodel.errors import (
    DeclarationError,
    Fault,
    MarshalError,
    MarshalFault,
    RequestError,
    UnreadableItemError,
)
from dynamodel.types import AttributeValue, Item

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynamodel.attribute_value import FieldCodec, ItemCodec
    from dynamodel.entity.derivations import ComputedAttribute, Derivation, IndexKey
    from dynamodel.entity.uniques import UniqueConstraint
    from dynamodel.expressions.nodes import DocumentPath
    from dynamodel.schema.table import Table

__all__ = ["SCHEMA", "WRITE_ID", "EntitySchema", "Role", "schema_of"]

SCHEMA = "__dynamodel_schema__"
"""Where an entity class keeps its compiled schema."""

WRITE_ID = "_write"
"""The stored name of a mark that each write of an entity with a version leaves: it tells a writer whose
answer was lost that its own write has been done."""

Role: TypeAlias = Literal["version", "created", "updated"]
"""What dynamodel keeps an attribute for."""

E = TypeVar("E")


@attrs.frozen(eq=False, repr=False)
class EntitySchema(Generic[E]):
    """An entity class, compiled: its table, codec, primary key and indexes."""

    cls: type[E]
    table: Table
    codec: ItemCodec[E]
    primary: AccessPath
    paths: Mapping[str, AccessPath]
    """The primary key and the indexes, by their names in the class."""
    computed: tuple[ComputedAttribute, ...] = ()
    index_keys: tuple[IndexKey, ...] = ()
    """The keys of indexes that are built, which follow from attributes, computed ones too."""
    discriminator: Item = attrs.field(factory=dict)
    """The attribute that tells whose an item is; empty if the table has none."""
    roles: Mapping[Role, FieldCodec] = attrs.field(factory=dict)
    read_only: frozenset[str] = frozenset()
    """The stored names of attributes that no update changes."""
    writable: frozenset[str] = frozenset()
    """The stored names of attributes that requests of clients may set."""
    uniques: tuple[UniqueConstraint, ...] = ()
    upgrades: Upgrades = attrs.field(factory=Upgrades)
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

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors carry operations, and travel between processes: there, the class has its schema, too."""
        return schema_of, (self.cls,)

    @property
    def name(self) -> str:
        """The entity's name, for messages."""
        return self.cls.__name__

    @property
    def version(self) -> FieldCodec | None:
        """The attribute for optimistic locking, if there is one."""
        return self.roles.get("version")

    @cached_property
    def derivations(self) -> tuple[Derivation, ...]:
        """What follows from other attributes, in the order in which it is made."""
        return (*self.computed, *self.index_keys)

    # --- writing ---

    def item_of(self, entity: E, changes: Item) -> Item:
        """The whole item of an entity, with its keys and all that dynamodel adds.

        Args:
            entity: an instance of the class.
            changes: attributes that are written with other values than the instance has.

        Raises:
            MarshalError: a value that its attribute cannot have, or an item that DynamoDB would refuse.
        """
        try:
            item = self.completed(self.codec.encode(entity) | changes)
            check_item(item)
        except MarshalError as error:
            raise MarshalError(*error.faults, owner=self.name) from None
        return item

    def completed(self, item: Item) -> Item:
        """The entity's attributes, with the keys that are built from them and all else that dynamodel adds.

        Raises:
            MarshalError: a key would be too long, or a computed attribute cannot be made.
        """
        complete = item | self.stamps
        for name in self.table.built_names - self.names.keys():  # of an index that the class has no more
            complete.pop(name, None)
        for derivation in self.derivations:
            complete |= derivation.of(complete)
        for side in self.primary.key.built:
            complete |= side.of(item)
        return complete

    @cached_property
    def stamps(self) -> Item:
        """What every item of the entity carries: its discriminator, and the version of the class."""
        return self.discriminator | self.upgrades.stamp()

    def key_of(self, item: Item) -> Item:
        """The table key of a complete item, which may be one of a response: its binary values are bytes."""
        return {name: plain_binary(item[name]) for name in self.primary.key.stored_names}

    # --- reading ---

    def decoder(self, access: AccessPath, wanted: frozenset[str] | None) -> Callable[[Item], E]:
        """What makes an entity of an item that was read through an access path.

        It raises `UnreadableItemError` for an item that does not fit, or is another entity's. The error has
        the item, with bytes as its binary values.

        Args:
            access: the table's key, or an index.
            wanted: the Python names of the attributes that were read whole; None: all of them.
        """
        if wanted is not None:
            return partial(self._decode_partial, access, wanted)
        return self.decode

    def decode(self, item: Item) -> E:
        """The entity of a whole item.

        Raises:
            UnreadableItemError: it does not fit, or is another entity's.
        """
        try:
            if self.discriminator and not self.owns(item):
                raise self._not_ours(item)
            if (self.upgrades.functions or ITEM_VERSION in item) and not self.is_current(item):
                return self._decode_upgraded(item)
            return self.codec.decode(item)
        except UnreadableItemError as error:
            error.item = plain_item(item)
            raise

    def is_current(self, item: Item) -> bool:
        """Whether the class as it is now wrote an item, which then needs no upgrade.

        An attribute of the user's that is stored under the name of the mark is none.
        """
        return ITEM_VERSION in self.names or self.upgrades.is_current(item)

    def _decode_upgraded(self, item: Item) -> E:
        upgraded = self.upgrades.upgraded(item, self.name, self.made_names)
        try:
            return self.codec.decode(upgraded)
        except UnreadableItemError as error:
            rule = f"after its upgrade from an earlier version, {error.faults[0].rule}"
            first = error.faults[0]._replace(rule=rule)
            raise UnreadableItemError(first, *error.faults[1:], owner=self.name, item=item) from None

    def owns(self, item: Item) -> bool:
        """Whether a whole item is marked as one of this entity; always, if the table has no discriminator."""
        return self.discriminator.items() <= item.items()

    def _decode_partial(self, access: AccessPath, wanted: frozenset[str], item: Item) -> E:
        try:
            return self._decode_held(access, wanted, item)
        except UnreadableItemError as error:
            error.item = plain_item(item)
            raise

    def _decode_held(self, access: AccessPath, wanted: frozenset[str], item: Item) -> E:
        """Attributes that are in the keys are read from there, where the index holds the keys alone."""
        if self.discriminator.keys() <= item.keys() and not self.owns(item):
            raise self._not_ours(item)
        if self._tells_version(access, item) and not self.is_current(item):
            rule = "an earlier version of the class wrote it, and an upgrade needs the whole item"
            raise UnreadableItemError(MarshalFault(ITEM_VERSION, "", rule), owner=self.name, item=item)
        whole = dict(item)
        for side in (*self.primary.key.built, *access.key.built):
            if side.name in item:
                parts = side.parts(item[side.name])
                if parts is None:
                    raise self._not_ours(item)
                whole = parts | whole
        known = frozenset(self.names[name] for name in whole if name in self.names)
        return self.codec.decode_partial(whole, wanted | (known & self.key_names(access)))

    def _tells_version(self, access: AccessPath, item: Item) -> bool:
        """Whether a part of an item would have the mark of its version: not what an update returns of it."""
        held = self.held(access)
        return self.primary.key.stored_names[0] in item and (held is None or ITEM_VERSION in held)

    def key_names(self, access: AccessPath) -> frozenset[str]:
        """The Python names of the attributes that are in the keys of the table and of an index."""
        fields = (*self.primary.key.fields, *access.key.fields)
        return frozenset(codec.field.name for codec in fields)

    def _not_ours(self, item: Item) -> UnreadableItemError:
        name = next(iter(self.discriminator), self.primary.key.stored_names[0])
        found = next(iter(item.get(name, {})), "nothing")
        fault = MarshalFault(name, found, f"this is no item of {self.name}")
        return UnreadableItemError(fault, owner=self.name, item=item)

    @cached_property
    def built_names(self) -> frozenset[str]:
        """The stored names of what dynamodel makes: keys that are built, computed attributes."""
        built = {side.name for side in self.primary.key.built}
        return frozenset(built.union(*(derivation.targets for derivation in self.derivations)))

    @cached_property
    def made_names(self) -> frozenset[str]:
        """The stored names of all that dynamodel writes beside the attributes that a user sets."""
        marks = {WRITE_ID} if self.version is not None else set()
        return self.built_names.union(self.stamps, marks)

    def held(self, access: AccessPath) -> frozenset[str] | None:
        """The stored names of the attributes that an index stores, of which DynamoDB's expressions can speak.

        None: all of them.
        """
        if access.index is None or access.index.projection.type == "ALL":
            return None
        keys = (*self.primary.key.stored_names, *access.key.stored_names)
        return frozenset((*keys, *access.index.projection.names))

    def loaded_names(self, access: AccessPath) -> frozenset[str] | None:
        """The Python names of the attributes that a reader through this path learns; None: all of them.

        They are those that the index stores, and those from which its keys are built.
        """
        held = self.held(access)
        if held is None:
            return None
        return self.key_names(access).union(self.names[name] for name in held if name in self.names)

    # --- expressions ---

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

    def role_value(self, role: Role, value: object) -> dict[str, AttributeValue]:
        """The attribute of this role with this value; nothing if the entity has none."""
        codec = self.roles.get(role)
        encoded = None if codec is None else codec.encode(value)
        return {codec.field.stored_name: encoded} if codec is not None and encoded is not None else {}


def schema_of(cls: type[E]) -> EntitySchema[E]:
    """The compiled schema of an entity class.

    Raises:
        DeclarationError: the class has no table, or it is no class.
    """
    schema: EntitySchema[E] | None = vars(cls).get(SCHEMA) if isinstance(cls, type) else None
    if schema is None:
        rule = "has no table: class X(Entity, table=...) makes an entity of it"
        raise DeclarationError([Fault(getattr(cls, "__name__", f"a {type(cls).__name__}"), rule)])
    return schema
