"""Operations that write one item: put and delete; and the condition check of a transaction.

What all writes have in common is in `Write`: conditions, optimistic locking, unique constraints, what is
returned. Updates are in `updates`.
"""

from __future__ import annotations

import secrets
from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeAlias, TypeVar, cast

import attrs

from dynamodel.attribute_value.binary import plain_binary
from dynamodel.entity.schema import WRITE_ID, EntitySchema
from dynamodel.errors import ConditionFailedError, RequestError, UniqueConstraintError, UnreachableError
from dynamodel.expressions.nodes import Condition, DocumentPath, Predicate, Value
from dynamodel.expressions.placeholders import Placeholders
from dynamodel.operations.atomic import TransactAction, send_alone, transact_items
from dynamodel.operations.base import Exchange, Settings, both, exchange, joined, shown_name, write
from dynamodel.operations.claims import claim_actions, same_sources, sources_condition, sources_of
from dynamodel.operations.retries import backoff
from dynamodel.operations.update_plan import Attributes, Unknown, attributes_by
from dynamodel.types import Flow, Item, Request, Response

if TYPE_CHECKING:
    from typing import Self

    from dynamodel.entity.uniques import UniqueConstraint

__all__ = ["ConditionCheck", "Delete", "Put", "Receipt", "Write", "create", "key_exists"]

E = TypeVar("E")
R_co = TypeVar("R_co", covariant=True)

Kind: TypeAlias = Literal["Put", "Update", "Delete", "ConditionCheck"]

RESENDS = 3
"""How often a write whose answer was lost is sent again, where it cannot be done twice."""

MAX_RACES = 10
"""How often a write of unique values reads them again, since somebody else changed them in between."""


@attrs.frozen
class Receipt:
    """What an instance gets once its write is done: its new version and timestamps."""

    entity: object = attrs.field(repr=lambda entity: type(entity).__name__)
    values: Mapping[str, object] = attrs.field(repr=False)
    """By Python name."""

    def settle(self) -> None:
        """Hand them over."""
        vars(self.entity).update(self.values)


@attrs.frozen(eq=False, repr=False)
class Write(Exchange[R_co], Generic[E, R_co]):
    """A write of one item."""

    kind: ClassVar[Kind]
    leaves_mark: ClassVar[bool] = True
    """What is stored after it can have the mark of the write."""
    schema: EntitySchema[E] = attrs.field(repr=shown_name)
    key: Item = attrs.field(repr=False)
    condition: Condition | None = attrs.field(default=None, kw_only=True)
    lock: Condition | None = attrs.field(default=None, kw_only=True, repr=False)
    """What dynamodel itself asks for: the version that the writer has seen, or that of the class."""
    return_values: str = attrs.field(default="NONE", kw_only=True)
    write_id: str | None = attrs.field(default=None, kw_only=True, repr=False)
    """The mark that this write leaves on an entity with a version."""
    receipt: Receipt | None = attrs.field(default=None, kw_only=True)
    before: Item | None = attrs.field(default=None, kw_only=True, repr=False)
    """The unique values that are stored, if they were read; the condition makes sure of them."""

    def when(self, *conditions: Condition) -> Self:
        """Write only if all of these hold; otherwise `ConditionFailedError` carries what is stored."""
        return attrs.evolve(self, condition=joined(self.schema, self.condition, conditions))

    # --- requests ---

    @abstractmethod
    def _body(self, placeholders: Placeholders) -> dict[str, Any]:
        """What the request says, but for the table and the condition."""

    def parameters(self) -> dict[str, Any]:
        """What a request and a transaction's action say of this write."""
        placeholders = Placeholders()
        parameters: dict[str, Any] = {"TableName": self.schema.table.name, **self._body(placeholders)}
        condition = self._all_conditions()
        if condition is not None:
            parameters |= placeholders.expression("ConditionExpression", condition)
            parameters["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        return parameters | placeholders.parameters()

    def _all_conditions(self) -> Condition | None:
        return self.condition if self.lock is None else both(self.condition, self.lock)

    def request(self) -> Request:
        """The request. A write that touches unique values is a `TransactWriteItems`, with its claims.

        If what is stored of them is not known, it is read first.
        """
        if not self._touched_uniques():
            return self._single_request()
        if self._stored_uniques() is None:
            return self._read_request()
        return Request("TransactWriteItems", transact_items(self.actions()))

    @property
    def max_requests(self) -> int:
        """One; unique values that are not known are read first, and again where others change them."""
        unknown = self._touched_uniques() and self._stored_uniques() is None
        return 2 * MAX_RACES if unknown else 1

    def _single_request(self) -> Request:
        parameters = self.parameters()
        if self.return_values != "NONE":
            parameters["ReturnValues"] = self.return_values
        return Request(f"{self.kind}Item", parameters)

    def actions(self) -> list[TransactAction]:
        """What it is in a transaction: itself, then the claims on unique values that it makes or gives up.

        Raises:
            RequestError: it returns something; or the unique values that are stored are not known.
        """
        self._require_no_result()
        own = TransactAction(self.kind, self.parameters(), self.schema.name)
        if not self._touched_uniques():
            return [own]
        before = self._stored_uniques()
        if before is None:
            names = {codec.field.name for unique in self._touched_uniques() for codec in unique.sources}
            raise RequestError(
                f"{self.schema.name}: {', '.join(sorted(names))} must be unique, and what is stored is not "
                f"known; say it with .when({self.schema.name}.{min(names)} == ...), or run this write alone"
            )
        return [own, *claim_actions(self.schema, self.key, before, self._uniques_after(before))]

    def _require_no_result(self) -> None:
        if self.return_values != "NONE":
            raise RequestError(
                f"{self.schema.name}: a write in a transaction returns nothing, and one that touches unique "
                "values is a transaction: leave returning() out"
            )

    # --- unique values ---

    def _touched_uniques(self) -> tuple[UniqueConstraint, ...]:
        """The unique constraints that this write may break."""
        return self.schema.uniques

    def _stored_uniques(self) -> Item | None:
        """The attributes of unique constraints that are stored under the key; None if it is not known."""
        if self.before is not None:
            return self.before
        known = self._known()
        names = {name for unique in self._touched_uniques() for name in unique.source_names}
        values = {name: known.value(name) for name in names}
        if not all(value is None or isinstance(value, dict) for value in values.values()):
            return None
        return {name: value for name, value in values.items() if isinstance(value, dict)}

    def _known(self) -> Attributes:
        """What is known of the stored item."""
        asked = self.condition if self.lock is None else both(self.condition, self.lock)
        known = attributes_by(asked, self.schema.primary.key.stored_names[0])
        return attrs.evolve(known, known={**known.known, **self.schema.primary.key.parts(self.key)})

    def _uniques_after(self, before: Item) -> Item:
        """The attributes of unique constraints that are stored once this is done."""
        return {}

    # --- running ---

    def flow(self, settings: Settings) -> Flow[R_co]:
        """One round trip; two for unique values that are not known yet."""
        if not self._touched_uniques():
            return (yield from self._alone())
        self._require_no_result()
        if self._stored_uniques() is not None:
            return (yield from self._with_claims())
        races = 0
        while True:
            stored = yield from self._read_stored()
            ready = self._knowing(sources_of(self.schema, stored))
            try:
                return (yield from ready._with_claims())
            except UniqueConstraintError:
                raise
            except ConditionFailedError as error:
                found: Any = error.details.get("Item") or {}
                races += 1
                if races == MAX_RACES or same_sources(self.schema, stored, found):
                    raise
            yield backoff(races)

    def _alone(self) -> Flow[R_co]:
        marked = self.marked()
        try:
            response = yield from marked._sent()
            attributes: Item | None = response.get("Attributes")
        except ConditionFailedError as error:
            attributes = marked._done_before(error)
        self.settle()
        return cast("R_co", self._result(attributes))

    def marked(self) -> Self:
        """The same with a mark of its own, by which it knows itself again, if the entity has a version."""
        if self.schema.version is None or not self.leaves_mark:
            return self
        write_id = secrets.token_urlsafe(9)
        path = DocumentPath(self.schema.cls, (WRITE_ID,))
        lock = Predicate("<>", (path, Value({"S": write_id})))  # which also holds where there is none
        return attrs.evolve(self, write_id=write_id, lock=both(self.lock, lock))

    def _sent(self) -> Flow[Response]:
        """One round trip. If its answer was lost, it is sent again where it cannot be done twice."""
        request = self._single_request()
        for _ in range(RESENDS if self._is_done_once() else 0):
            try:
                return (yield from write(request, self.schema))
            except UnreachableError:
                yield backoff(1)
        return (yield from write(request, self.schema))

    def _with_claims(self) -> Flow[R_co]:
        yield from send_alone(self.actions(), self.schema)
        self.settle()
        return cast("R_co", None)

    def _is_done_once(self) -> bool:
        """It asks for the version that is stored, which is another one once this, or another write, is done.

        The mark alone does not do: the next writer leaves another one.
        """
        version = self.schema.version
        if version is None or self.return_values.endswith("OLD"):  # which a second attempt could not tell
            return False
        return not isinstance(self._known().value(version.field.stored_name), Unknown)

    def _read_request(self) -> Request:
        parameters = {"TableName": self.schema.table.name, "Key": dict(self.key), "ConsistentRead": True}
        return Request("GetItem", parameters)

    def _read_stored(self) -> Flow[Item]:
        response: Response = yield from exchange(self._read_request(), self.schema.name)
        return {name: plain_binary(value) for name, value in response.get("Item", {}).items()}

    def _knowing(self, before: Item) -> Self:
        condition = both(self.condition, sources_condition(self.schema, before))
        return attrs.evolve(self, before=before, condition=condition)

    def _done_before(self, error: ConditionFailedError) -> Item | None:
        """What is stored, if this very write has been done, and only its answer was lost; else it raises."""
        stored = cast("Item", error.details.get("Item") or {})
        if self.write_id is None or stored.get(WRITE_ID) != {"S": self.write_id}:
            raise error
        if self.return_values.endswith("OLD"):
            message = "the write was done, but its answer was lost, and with it the old item"
            raise UnreachableError("LostAnswer", message, error.operation) from error
        return self._returned(stored)

    def _returned(self, stored: Item) -> Item | None:
        """What DynamoDB would have returned of what is stored after the write."""
        return None

    def settle(self) -> None:
        """Tell the instance that its write is done."""
        if self.receipt is not None:
            self.receipt.settle()

    def _returning(self, values: object, *allowed: str) -> Any:
        if values not in allowed:
            raise RequestError(f"returning() takes one of {', '.join(allowed)} here")
        return attrs.evolve(self, return_values=values)

    def _result(self, attributes: Item | None) -> E | None:
        if self.return_values == "NONE" or not attributes:
            return None
        return self.schema.decode(attributes)


def key_exists(schema: EntitySchema[Any], function: str = "attribute_exists") -> Condition:
    """That an item with the operation's key exists (or does not): its partition key attribute tells."""
    return Predicate(function, (DocumentPath(schema.cls, (schema.primary.key.stored_names[0],)),))


@attrs.frozen
class Put(Write[E, R_co]):
    """Write a whole item, replacing what is stored under its key."""

    kind = "Put"
    item: Item = attrs.field(repr=False)
    creates: bool = attrs.field(default=False, kw_only=True)
    """It is refused where there is an item already."""

    def returning(self, values: Literal["ALL_OLD"]) -> Put[E, E | None]:
        """Return the replaced item, or None."""
        return cast("Put[E, E | None]", self._returning(values, "ALL_OLD"))

    def _body(self, placeholders: Placeholders) -> dict[str, Any]:
        mark = {WRITE_ID: {"S": self.write_id}} if self.write_id is not None else {}
        return {"Item": {name: dict(value) for name, value in self.item.items()} | mark}

    def _stored_uniques(self) -> Item | None:
        return {} if self.creates else super()._stored_uniques()

    def _uniques_after(self, before: Item) -> Item:
        return self.item


def create(put: Put[E, None]) -> Put[E, None]:
    """The same, refused with `ConditionFailedError` if there is an item with this key."""
    condition = both(put.condition, key_exists(put.schema, "attribute_not_exists"))
    return attrs.evolve(put, condition=condition, lock=None, creates=True)


@attrs.frozen(eq=False, repr=False)
class WriteByKey(Write[E, R_co]):
    """A write that succeeds without an item, too, unless told otherwise."""

    requires_item: bool = attrs.field(default=False, kw_only=True)

    def must_exist(self) -> Self:
        """Refuse with `ConditionFailedError` if there is no item with this key."""
        condition = both(self.condition, key_exists(self.schema))
        return attrs.evolve(self, condition=condition, requires_item=True)


@attrs.frozen
class Delete(WriteByKey[E, R_co]):
    """Delete an item by its key; deleting one that is not there succeeds."""

    kind = "Delete"
    leaves_mark = False

    def returning(self, values: Literal["ALL_OLD"]) -> Delete[E, E | None]:
        """Return the deleted item, or None."""
        return cast("Delete[E, E | None]", self._returning(values, "ALL_OLD"))

    def _body(self, placeholders: Placeholders) -> dict[str, Any]:
        return {"Key": dict(self.key)}


@attrs.frozen
class ConditionCheck(WriteByKey[E, None]):
    """In a transaction: that a condition holds of an item that the transaction does not write.

    Run alone, it is a transaction of its own.
    """

    kind = "ConditionCheck"

    def must_not_exist(self) -> Self:
        """Hold only if there is no item with this key."""
        condition = both(self.condition, key_exists(self.schema, "attribute_not_exists"))
        return attrs.evolve(self, condition=condition)

    def _body(self, placeholders: Placeholders) -> dict[str, Any]:
        if self.condition is None:
            raise RequestError(
                f"check() of {self.schema.name}: say what must hold with when() or must_exist()"
            )
        return {"Key": dict(self.key)}

    def request(self) -> Request:
        """A `TransactWriteItems` request of this check alone."""
        return Request("TransactWriteItems", {"TransactItems": [{"ConditionCheck": self.parameters()}]})

    def _touched_uniques(self) -> tuple[UniqueConstraint, ...]:
        return ()

    def flow(self, settings: Settings) -> Flow[None]:
        """One round trip."""
        yield from send_alone(self.actions(), self.schema)
