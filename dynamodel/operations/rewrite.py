"""Bringing one stored item up to date: its form, its index keys, its computed attributes.

What an item should be follows from its own attributes alone. It is only written if it is not so already, and
only where it still is as it was read, every attribute of it: a concurrent writer always wins, and the item
is read and looked at again. So rewriting is safe to stop, to repeat, and to run beside other writers.
"""

from __future__ import annotations

from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any

from dynamodel.attribute_value.binary import plain_item
from dynamodel.entity.schema import WRITE_ID
from dynamodel.entity.uniques import OWNER
from dynamodel.errors import (
    ConditionFailedError,
    MarshalError,
    MarshalFault,
    UniqueConstraintError,
    UnreadableItemError,
)
from dynamodel.expressions.nodes import Action, Condition, DocumentPath, Junction, Predicate, Value
from dynamodel.expressions.placeholders import MAX_OPERATORS, Placeholders
from dynamodel.expressions.update import render_update
from dynamodel.operations.atomic import TransactAction, send_alone
from dynamodel.operations.base import exchange
from dynamodel.operations.claims import claim_actions, sources_of
from dynamodel.operations.retries import persistently
from dynamodel.types import Flow, Item, Request

if TYPE_CHECKING:
    from dynamodel.entity.schema import EntitySchema

__all__ = ["Outcome", "renewed", "rewrite", "rewrite_request"]

MAX_ATTEMPTS = 10
"""How often an item is read again that others write at the same time."""

MAX_ATTRIBUTES = MAX_OPERATORS // 2
"""A condition on each attribute takes a comparison and an AND; an expression has 300 operators."""


class Outcome(Enum):
    """What became of one item."""

    CURRENT = "current"
    """It was right already."""
    REWRITTEN = "rewritten"
    GONE = "gone"
    """Somebody deleted it in the meantime, or made it an item of another entity."""
    CONTENDED = "contended"
    """Others wrote it all the time; run again later."""


def renewed(schema: EntitySchema[Any], item: Item) -> Item:
    """The item as it should be.

    Raises:
        UnreadableItemError: it does not fit the entity, an upgrade fails, or it lies under the wrong key.
    """
    attributes = item
    if not schema.is_current(item):
        attributes = schema.upgrades.upgraded(item, schema.name, schema.made_names)
    schema.codec.decode(attributes)
    own = {name: value for name, value in attributes.items() if name not in schema.made_names}
    try:
        complete = schema.completed(own | _key_defaults(schema, own))
    except MarshalError as error:
        raise UnreadableItemError(*error.faults, owner=schema.name, item=item) from None
    if schema.key_of(complete) != schema.key_of(item):
        fault = MarshalFault("", "", "its key is not the one that its attributes build; move it by hand")
        raise UnreadableItemError(fault, owner=schema.name, item=item)
    if WRITE_ID in item:
        complete[WRITE_ID] = item[WRITE_ID]
    if len(item) + len(_absent(schema, item, complete)) > MAX_ATTRIBUTES and complete != item:
        fault = MarshalFault(
            "", "", f"an item of more than {MAX_ATTRIBUTES} attributes cannot be rewritten safely"
        )
        raise UnreadableItemError(fault, owner=schema.name, item=item)
    return complete


def _key_defaults(schema: EntitySchema[Any], item: Item) -> Item:
    """The defaults of absent attributes from which index keys follow: reading the item shows them, too."""
    defaults: Item = {}
    for codec in (codec for key in schema.index_keys for codec in key.sources):
        if codec.field.stored_name not in item and codec.absent is not None and not codec.field.is_computed:
            encoded = codec.encode(codec.absent())
            defaults |= {} if encoded is None else {codec.field.stored_name: encoded}
    return defaults


def _absent(schema: EntitySchema[Any], item: Item, complete: Item) -> list[str]:
    """The attributes that the class declares, or that are added, and that the item does not have.

    A writer who does not know the new class may add one in between, and with it what an upgrade looks at.
    """
    return [name for name in dict.fromkeys((*complete, *schema.names)) if name not in item]


def rewrite_request(schema: EntitySchema[Any], item: Item, complete: Item) -> Request:
    """The update of what differs, on the condition that the item is as it was read.

    If nothing differs, it is the condition alone, for a transaction.
    """

    def path(name: str) -> DocumentPath:
        return DocumentPath(schema.cls, (name,))

    actions = [
        Action("SET", path(name), Value(value)) for name, value in complete.items() if item.get(name) != value
    ]
    actions += [Action("REMOVE", path(name)) for name in item if name not in complete]
    terms: list[Condition] = [Predicate("=", (path(name), Value(value))) for name, value in item.items()]
    terms += [Predicate("attribute_not_exists", (path(name),)) for name in _absent(schema, item, complete)]
    placeholders = Placeholders()
    parameters: dict[str, Any] = {"TableName": schema.table.name, "Key": schema.key_of(item)}
    if actions:
        parameters |= placeholders.text("UpdateExpression", render_update(actions, placeholders))
    parameters |= placeholders.expression("ConditionExpression", Junction.of("AND", *terms))
    parameters["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return Request("UpdateItem", parameters | placeholders.parameters())


def _send(schema: EntitySchema[Any], item: Item, complete: Item) -> Flow[None]:
    """What differs, and with it the claims on unique values."""
    if not schema.uniques:
        request = rewrite_request(schema, item, complete)  # done twice, its condition fails
        yield from persistently(lambda: exchange(request, schema.name))
        return
    parameters = rewrite_request(schema, item, complete).parameters
    kind = "Update" if complete != item else "ConditionCheck"
    key, before, after = (schema.key_of(item), sources_of(schema, item), sources_of(schema, complete))
    claims = claim_actions(schema, key, before, after)
    yield from send_alone([TransactAction(kind, parameters, schema.name), *claims], schema)


def _has_claims(schema: EntitySchema[Any], item: Item) -> Flow[bool]:
    """Whether the item has made its claims on unique values: not if it is older than the constraint."""
    key = schema.key_of(item)
    for constraint in schema.uniques:
        claim = constraint.claim(item, schema.primary.key.stored_names)
        if claim is None:
            continue
        parameters = {"TableName": schema.table.name, "Key": claim, "ConsistentRead": True}
        request = Request("GetItem", parameters)
        response = yield from persistently(partial(exchange, request, schema.name))
        if response.get("Item", {}).get(OWNER) != {"M": key}:
            return False
    return True


def rewrite(schema: EntitySchema[Any], item: Item, *, is_dry_run: bool) -> Flow[Outcome]:
    """Bring an item up to date, if it is not.

    Args:
        schema: its entity.
        item: as it was read, with bytes as its binary values.
        is_dry_run: only tell whether it is.

    Raises:
        UnreadableItemError: as for `renewed`.
    """
    for _ in range(MAX_ATTEMPTS):
        complete = renewed(schema, item)
        if complete == item and (yield from _has_claims(schema, item)):
            return Outcome.CURRENT
        if is_dry_run:
            return Outcome.REWRITTEN
        try:
            yield from _send(schema, item, complete)
        except UniqueConstraintError as error:
            fault = MarshalFault("", "", f"another item has its value of {error.constraint}")
            raise UnreadableItemError(fault, owner=schema.name, item=item) from None
        except ConditionFailedError as error:
            stored: Any = error.details.get("Item")
            if not stored or not schema.owns(stored):
                return Outcome.GONE
            item = plain_item(stored)
        else:
            return Outcome.REWRITTEN
    return Outcome.CONTENDED
