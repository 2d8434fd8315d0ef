"""Operations on one item: get, put, update, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar, cast, get_args, overload

import attrs

from dynamodel.entity.schema import EntitySchema
from dynamodel.errors import RequestError
from dynamodel.expressions.nodes import Action, Condition, DocumentPath, Predicate
from dynamodel.expressions.placeholders import Placeholders
from dynamodel.expressions.update import render_update, require_actions
from dynamodel.operations.base import Exchange, Settings, both, exchange, joined, shown_name, write
from dynamodel.operations.projections import Projected, projected
from dynamodel.types import Flow, Item, Request

if TYPE_CHECKING:
    from typing import Self

    from dynamodel.expressions.path import Path

__all__ = ["Delete", "Get", "Put", "Update", "UpdateReturn", "create"]

E = TypeVar("E")
R_co = TypeVar("R_co", covariant=True)

UpdateReturn: TypeAlias = Literal["ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"]


@attrs.frozen
class Get(Exchange[E | None], Generic[E]):
    """Read one item by its key: the entity, or None."""

    schema: EntitySchema[E] = attrs.field(repr=shown_name)
    key: Item = attrs.field(repr=False)
    is_consistent: bool = False
    projection: Projected | None = None

    def consistent(self) -> Self:
        """Read what was last written, at twice the read capacity."""
        return attrs.evolve(self, is_consistent=True)

    def project(self, *paths: Path[Any]) -> Self:
        """Read only these attributes, or parts of them, and the key.

        The others are not set on the entity: reading one raises `AttributeError`.
        """
        return attrs.evolve(self, projection=projected(self.schema, self.schema.primary, paths))

    def request(self) -> Request:
        """A `GetItem` request."""
        parameters: dict[str, Any] = {"TableName": self.schema.table.name, "Key": dict(self.key)}
        if self.is_consistent:
            parameters["ConsistentRead"] = True
        if self.projection:
            placeholders = Placeholders()
            parameters |= self.projection.parameters(placeholders) | placeholders.parameters()
        return Request("GetItem", parameters)

    def flow(self, settings: Settings) -> Flow[E | None]:
        """One round trip."""
        response = yield from exchange(self.request(), self.schema.name)
        item = response.get("Item")
        if item is None:
            return None
        if self.projection:
            return self.schema.codec.decode_partial(item, self.projection.wanted)
        return self.schema.codec.decode(item)


@attrs.frozen
class _Write(Exchange[R_co], Generic[E, R_co]):
    """What put, update and delete have in common: a condition, and what they return."""

    schema: EntitySchema[E] = attrs.field(repr=shown_name)
    key: Item = attrs.field(repr=False)
    condition: Condition | None = attrs.field(default=None, kw_only=True)
    return_values: str = attrs.field(default="NONE", kw_only=True)

    def when(self, *conditions: Condition) -> Self:
        """Write only if all of these hold; otherwise `ConditionFailedError` carries what is stored."""
        return attrs.evolve(self, condition=joined(self.schema, self.condition, conditions))

    def _returning(self, values: object, *allowed: str) -> Any:
        if values not in allowed:
            raise RequestError(f"returning() takes one of {', '.join(allowed)} here")
        return attrs.evolve(self, return_values=values)

    def _common_parameters(self, placeholders: Placeholders) -> dict[str, Any]:
        parameters: dict[str, Any] = {"TableName": self.schema.table.name}
        if self.condition is not None:
            parameters |= placeholders.expression("ConditionExpression", self.condition)
            parameters["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        if self.return_values != "NONE":
            parameters["ReturnValues"] = self.return_values
        return parameters

    def flow(self, settings: Settings) -> Flow[R_co]:
        """One round trip."""
        response = yield from write(self.request(), self.schema)
        return cast("R_co", self._result(response.get("Attributes")))

    def _result(self, attributes: Item | None) -> E | None:
        if self.return_values == "NONE" or not attributes:
            return None
        return self.schema.codec.decode(attributes)


@attrs.frozen
class Put(_Write[E, R_co]):
    """Write a whole item, replacing what is stored under its key."""

    item: Item = attrs.field(repr=False)

    def returning(self, values: Literal["ALL_OLD"]) -> Put[E, E | None]:
        """Return the replaced item, or None."""
        return cast("Put[E, E | None]", self._returning(values, "ALL_OLD"))

    def request(self) -> Request:
        """A `PutItem` request."""
        placeholders = Placeholders()
        common = self._common_parameters(placeholders)
        return Request("PutItem", {**common, "Item": dict(self.item), **placeholders.parameters()})


def create(put: Put[E, None]) -> Put[E, None]:
    """The same, refused with `ConditionFailedError` if there is an item with this key."""
    return attrs.evolve(
        put, condition=both(put.condition, _key_condition(put.schema, "attribute_not_exists"))
    )


@attrs.frozen
class _WriteByKey(_Write[E, R_co]):
    """A write that succeeds without an item, too, unless told otherwise."""

    def must_exist(self) -> Self:
        """Refuse with `ConditionFailedError` if there is no item with this key."""
        return attrs.evolve(self, condition=both(self.condition, _key_condition(self.schema)))


@attrs.frozen
class Delete(_WriteByKey[E, R_co]):
    """Delete an item by its key; deleting one that is not there succeeds."""

    def returning(self, values: Literal["ALL_OLD"]) -> Delete[E, E | None]:
        """Return the deleted item, or None."""
        return cast("Delete[E, E | None]", self._returning(values, "ALL_OLD"))

    def request(self) -> Request:
        """A `DeleteItem` request."""
        placeholders = Placeholders()
        common = self._common_parameters(placeholders)
        return Request("DeleteItem", {**common, "Key": dict(self.key), **placeholders.parameters()})


@attrs.frozen
class Update(_WriteByKey[E, R_co]):
    """Change attributes of an item by its key; makes the item if it is not there."""

    actions: tuple[Action, ...] = ()

    def apply(self, *actions: Action) -> Self:
        """Do these, as one atomic update.

        Raises:
            RequestError: an attribute of the table's key, or two actions on the same place.
        """
        combined = require_actions((*self.actions, *actions))
        for action in combined:
            self.schema.require_own(action.paths())
            if action.path.attribute in self.schema.primary.key.stored_names:
                raise RequestError(
                    f"{self.schema.name}.{action.path} is part of the table's key, which cannot be "
                    "updated; put a new item and delete this one",
                )
        return attrs.evolve(self, actions=combined)

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
            whole = _updated_whole(self.schema, self.actions, attributes)
            return self.schema.codec.decode_partial(attributes, whole)
        return super()._result(attributes)

    def request(self) -> Request:
        """An `UpdateItem` request.

        Raises:
            RequestError: there is no action.
        """
        if not self.actions:
            raise RequestError(
                f"an update of {self.schema.name} without actions: say what to do with apply()"
            )
        placeholders = Placeholders()
        update = placeholders.text("UpdateExpression", render_update(self.actions, placeholders))
        common = self._common_parameters(placeholders)
        return Request("UpdateItem", {**common, "Key": dict(self.key), **update, **placeholders.parameters()})


def _updated_whole(schema: EntitySchema[Any], actions: tuple[Action, ...], attributes: Item) -> set[str]:
    """The Python names of the attributes that an update returns whole; of others it returns a part."""
    in_part = {action.path.attribute for action in actions if len(action.path.steps) > 1}
    return {schema.names[stored] for stored in attributes.keys() - in_part if stored in schema.names}


def _key_condition(schema: EntitySchema[Any], function: str = "attribute_exists") -> Condition:
    """That an item with the operation's key exists (or does not): its partition key attribute tells."""
    return Predicate(function, (DocumentPath(schema.cls, (schema.primary.key.stored_names[0],)),))
