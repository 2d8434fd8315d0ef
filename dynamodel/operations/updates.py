"""Updates: changing attributes of one item by its key.

What the user asks for is in `actions`; `planned_actions` adds what follows: index keys and computed
attributes (`update_plan`), the version, timestamps, and what an item needs that the update may create.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, cast, get_args, overload

import attrs

from dynamodel.entity.attributes import now
from dynamodel.entity.schema import WRITE_ID, EntitySchema
from dynamodel.entity.upgrades import ITEM_VERSION
from dynamodel.errors import RequestError
from dynamodel.expressions.nodes import (
    Action,
    Call,
    Condition,
    DocumentPath,
    Junction,
    Predicate,
    Value,
)
from dynamodel.expressions.placeholders import Placeholders
from dynamodel.expressions.update import render_update, require_actions
from dynamodel.operations.base import both, own_condition
from dynamodel.operations.claims import sources_of
from dynamodel.operations.update_plan import Attributes, known_by, plan_update
from dynamodel.operations.writes import WriteByKey, key_exists
from dynamodel.types import AttributeValue, Item

if TYPE_CHECKING:
    from typing import Self

    from dynamodel.entity.uniques import UniqueConstraint

__all__ = ["Update", "UpdateReturn"]

E = TypeVar("E")
R_co = TypeVar("R_co", covariant=True)

UpdateReturn: TypeAlias = Literal["ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"]

_ONE = Value({"N": "1"})


@attrs.frozen
class Update(WriteByKey[E, R_co]):
    """Change attributes of an item by its key; makes the item if it is not there."""

    kind = "Update"
    parts: Item = attrs.field(repr=False)
    """The attributes that make the key."""
    moment: datetime
    """When it was built, which is what the timestamps tell."""
    actions_given: tuple[Action, ...] = ()

    @classmethod
    def of(cls, schema: EntitySchema[E], parts: Item) -> Update[E, None]:
        """An update of the item with this key, without actions yet.

        Args:
            schema: the entity.
            parts: the attributes that make the key.

        Raises:
            MarshalError: the key would be too long.
        """
        return Update[E, None](
            schema,
            schema.primary.under_name(schema.primary.key, parts),
            parts,
            now(),
            lock=_item_version_lock(schema),
        )

    def apply(self, *actions: Action) -> Self:
        """Do these, as one atomic update.

        What follows from the attributes that they touch, such as index keys, is updated with them.

        Raises:
            RequestError: an attribute that no update may change, or two actions on the same place.
        """
        combined = require_actions((*self.actions_given, *actions))
        for action in combined:
            self.schema.require_own(action.paths())
            reason = _why_fixed(self.schema, action.path.attribute)
            if reason:
                raise RequestError(f"{self.schema.name}.{action.path} {reason}")
        return attrs.evolve(self, actions_given=combined)

    def given(self, *conditions: Condition) -> Self:
        """Say what attributes are stored, so that keys can be built from them; each is a condition, too.

        Args:
            conditions: `Thread.posted_by == "ann"`, or `Thread.posted_by.not_exists()`.

        Raises:
            RequestError: something else than `==` a value, or `not_exists()`.
        """
        for condition in conditions:
            if not known_by(own_condition(self.schema, condition)):
                raise RequestError(
                    f"given() takes what an attribute is: {self.schema.name}.<attribute> == ..., or "
                    ".not_exists(); when() takes any condition"
                )
        return self.when(*conditions)

    @overload
    def returning(self, values: Literal["ALL_NEW"]) -> Update[E, E]: ...
    @overload
    def returning(self, values: Literal["ALL_OLD", "UPDATED_OLD", "UPDATED_NEW"]) -> Update[E, E | None]: ...
    def returning(self, values: UpdateReturn) -> Update[E, Any]:
        """Return the item before or after the update, whole or only what was updated.

        Of `UPDATED_OLD` and `UPDATED_NEW`, the attributes that were not updated are not set.
        """
        return cast("Update[E, Any]", self._returning(values, *get_args(UpdateReturn)))

    def _result(self, attributes: Item | None) -> E | None:
        if attributes and self.return_values.startswith("UPDATED"):
            in_part = {action.path.attribute for action in self.actions_given if len(action.path.steps) > 1}
            names = self.schema.names
            whole = frozenset(names[stored] for stored in attributes.keys() - in_part if stored in names)
            return self.schema.decoder(self.schema.primary, whole)(attributes)
        return super()._result(attributes)

    def _body(self, placeholders: Placeholders) -> dict[str, Any]:
        if not self.actions_given:
            raise RequestError(
                f"an update of {self.schema.name} without actions: say what to do with apply()"
            )
        update = placeholders.text("UpdateExpression", render_update(self.planned_actions, placeholders))
        return {"Key": dict(self.key), **update}

    # --- what follows ---

    @cached_property
    def planned_actions(self) -> tuple[Action, ...]:
        """The actions that are sent: those given, and those that follow from them.

        Raises:
            RequestError: a key follows from attributes whose values are not known.
            MarshalError: a key would be too long.
        """
        return (*self._planned, *self._created())

    @cached_property
    def _planned(self) -> tuple[Action, ...]:
        actions = (*self.actions_given, *self._bookkeeping())
        return plan_update(self.schema, self._known(), actions, may_create=not self.requires_item)

    def _bookkeeping(self) -> Iterator[Action]:
        """What dynamodel keeps itself: version, timestamps, and what a new item needs."""
        touched = {action.path.attribute for action in self.actions_given}
        version = self.schema.version
        if version is not None and version.field.stored_name not in touched:
            yield Action("ADD", self._path(version.field.stored_name), _ONE)
        if self.write_id is not None:
            yield self._set(WRITE_ID, {"S": self.write_id})
        new = {} if self.requires_item else self._new_item()
        for name, value in {**self.schema.role_value("updated", self.moment), **new}.items():
            if name not in touched:
                yield self._set(name, value)

    def _new_item(self) -> Item:
        """What an item needs beside its key: the attributes that make the key, and the marks."""
        # In the order of the key: requests must not vary with the order of a set.
        built = dict.fromkeys(name for side in self.schema.primary.key.built for name in side.part_names)
        own_key = self.schema.primary.key.stored_names
        return {name: self.parts[name] for name in built if name not in own_key} | self.schema.stamps

    def _created(self) -> Iterator[Action]:
        """When a new item is created, and the keys that follow from it; a stored item keeps its own."""
        for name, value in self._moment_of_creation.items():
            yield self._set_if_not_exists(name, value)
        for name, value in self._keys_of_creation.items():
            yield self._set_if_not_exists(name, value)

    @cached_property
    def _moment_of_creation(self) -> Item:
        """The attribute that tells it, if this update may create an item and says nothing else of it."""
        role = self.schema.roles.get("created")
        touched = {*self.parts, *(action.path.attribute for action in self._planned)}
        if role is None or self.requires_item or role.field.stored_name in touched:
            return {}
        return self.schema.role_value("created", self.moment)

    @cached_property
    def _keys_of_creation(self) -> Item:
        """The keys of indexes that follow from the moment of creation and from what is known."""
        known = self._known()
        for computed in self.schema.computed:
            known = known.with_targets(computed)
        present = {name: value for name, value in known.known.items() if value is not None}
        touched = {action.path.attribute for action in self._planned}
        keys: Item = {}
        for key in self.schema.index_keys if self._moment_of_creation else ():
            if self.schema.roles["created"] in key.sources and touched.isdisjoint(key.targets):
                keys |= key.of(present | self._moment_of_creation)
        return keys

    def _all_conditions(self) -> Condition | None:
        """With it: an item older than an index of its creation gets no key of now (a backfill helps)."""
        condition = super()._all_conditions()
        for target in self._keys_of_creation:
            created = self.schema.roles["created"].field.stored_name
            new = Predicate("attribute_not_exists", (self._path(created),))
            kept = Predicate("attribute_exists", (self._path(target),))
            condition = both(condition, Junction.of("OR", new, kept))
        return condition

    def _returned(self, stored: Item) -> Item | None:
        if self.return_values == "ALL_NEW":
            return stored
        touched = {action.path.attribute for action in self.planned_actions}
        return {name: value for name, value in stored.items() if name in touched} or None

    def _path(self, name: str) -> DocumentPath:
        return DocumentPath(self.schema.cls, (name,))

    def _set(self, name: str, value: AttributeValue) -> Action:
        return Action("SET", self._path(name), Value(value))

    def _set_if_not_exists(self, name: str, value: AttributeValue) -> Action:
        path = self._path(name)
        return Action("SET", path, Call("if_not_exists({}, {})", (path, Value(value))))

    # --- unique values ---

    def _touched_uniques(self) -> tuple[UniqueConstraint, ...]:
        if not self.schema.uniques:
            return ()
        touched = {action.path.attribute for action in self.planned_actions}
        return tuple(unique for unique in self.schema.uniques if not touched.isdisjoint(unique.source_names))

    def _uniques_after(self, before: Item) -> Item:
        names = {name for unique in self.schema.uniques for name in unique.source_names}
        known = Attributes({**dict.fromkeys(names), **before})
        after = dict(before)
        actions = tuple(action for action in self.planned_actions if action.path.attribute in names)
        for name, value in known.after(actions).items():
            if isinstance(value, dict):
                after[name] = value
            elif value is None:
                after.pop(name, None)
            else:
                raise RequestError(
                    f"{self.schema.name}: {self.schema.names.get(name, name)} is unique; set it to a value"
                )
        return sources_of(self.schema, after)


def _why_fixed(schema: EntitySchema[Any], name: str) -> str:
    """Why no update may change an attribute; empty if it may."""
    if name in {codec.field.stored_name for codec in schema.primary.key.fields}:
        return "is part of the table's key, which cannot be updated; put a new item and delete this one"
    for role, codec in schema.roles.items():
        if codec.field.stored_name == name:
            return f"is kept by dynamodel ({role}=True)"
    if any(name in computed.targets for computed in schema.computed):
        return "is computed"
    return "is read-only" if name in schema.read_only else ""


def _item_version_lock(schema: EntitySchema[Any]) -> Condition | None:
    """That an earlier version of the class did not write the item: an update cannot bring it up to date."""
    if not schema.upgrades.functions:
        return None
    [(name, version)] = schema.upgrades.stamp().items()
    assert name == ITEM_VERSION
    current = Predicate("=", (DocumentPath(schema.cls, (name,)), Value(version)))
    return Junction.of("OR", current, key_exists(schema, "attribute_not_exists"))
