"""The update planner: what an update must write beside what the user asked for, so that keys stay right.

An index key, and a computed attribute, follow from other attributes of the item (`entity.derivations`). The
planner keeps this invariant for every update that it lets pass: what is stored of a derivation is what the
item's attributes make, whole or not at all. It never reads the item. It knows

- the attributes of the table's key, which the caller gave,
- what the conditions of the update ask for: `when(Thread.posted_by == "ann")` makes sure of it,
- what the update itself assigns.

From these it works out each attribute as it will be once the update is done. A derivation of which no source
is touched is left alone. If one is touched, the derivation is made anew when all its sources are known,
removed when one of them will be absent, and otherwise the update is refused, with the condition to add.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from dynamodel.attribute_value.numbers import number_text
from dynamodel.errors import MarshalError, RequestError
from dynamodel.expressions.nodes import (
    Action,
    Condition,
    DocumentPath,
    Junction,
    Operand,
    Predicate,
    Value,
)
from dynamodel.types import AttributeValue, Item

if TYPE_CHECKING:
    from dynamodel.attribute_value import FieldCodec
    from dynamodel.entity.derivations import Derivation
    from dynamodel.entity.schema import EntitySchema

__all__ = ["Attributes", "Unknown", "attributes_by", "known_by", "plan_update"]


class Unknown:
    """A value that only DynamoDB will know."""


UNKNOWN: Final = Unknown()

Known: TypeAlias = AttributeValue | None
"""A value; None: the attribute is absent."""

Result: TypeAlias = Known | Unknown

_EXACT = Context(prec=100, traps=[Inexact, InvalidOperation])
"""DynamoDB's numbers have 38 digits; what needs more than that is refused by `number_text`."""


@attrs.frozen(eq=False, repr=False)
class Attributes:
    """An item as far as it is known: some attributes with their values, or known to be absent."""

    known: Mapping[str, Known] = attrs.field(repr=False)
    rest: Result = UNKNOWN
    """All others; None: there is no item, or it has no others."""

    def value(self, name: str) -> Result:
        """The attribute; `UNKNOWN` if nothing is known of it."""
        return self.known.get(name, self.rest)

    def with_targets(self, derivation: Derivation) -> Attributes:
        """The same, with what follows from attributes that are known."""
        values = {
            codec.field.stored_name: self.value(codec.field.stored_name) for codec in derivation.sources
        }
        if any(isinstance(value, Unknown) for value in values.values()):
            return self
        made = _made(derivation, values)
        targets = {target: made.get(target) for target in derivation.targets}
        return attrs.evolve(self, known={**self.known, **targets})

    def after(self, actions: tuple[Action, ...]) -> Mapping[str, Result]:
        """What the actions make of the attributes that they touch."""
        return {action.path.attribute: self._after(action) for action in actions}

    def _after(self, action: Action) -> Result:
        if len(action.path.steps) > 1:
            return UNKNOWN
        if action.clause == "REMOVE":
            return None
        if action.clause == "SET" and action.operand is not None:
            return self._operand(action.operand)
        if action.clause == "ADD" and isinstance(action.operand, Value):
            before = self.value(action.path.attribute)
            return action.operand.value if before is None else _sum(before, action.operand.value, 1)
        return UNKNOWN

    def _operand(self, operand: Operand) -> Result:
        if isinstance(operand, Value):
            return operand.value
        if isinstance(operand, DocumentPath):
            # An absent attribute cannot be assigned: DynamoDB refuses the update.
            return UNKNOWN if len(operand.steps) > 1 else self.value(operand.attribute) or UNKNOWN
        first, *rest = (self._operand_or_absent(part) for part in operand.operands)
        if operand.form == "if_not_exists({}, {})":
            return rest[0] if first is None else first
        if operand.form in {"{} + {}", "{} - {}"}:
            return _sum(first, rest[0], 1 if operand.form == "{} + {}" else -1)
        return UNKNOWN

    def _operand_or_absent(self, operand: Operand) -> Result:
        if isinstance(operand, DocumentPath) and len(operand.steps) == 1:
            return self.value(operand.attribute)
        return self._operand(operand)


def _sum(first: Result, second: Result, sign: int) -> Result:
    if not (isinstance(first, dict) and isinstance(second, dict) and first.keys() == second.keys() == {"N"}):
        return UNKNOWN
    try:
        exact = _EXACT.add(Decimal(first["N"]), _EXACT.multiply(Decimal(second["N"]), Decimal(sign)))
        return {"N": number_text(exact)}
    except (ArithmeticError, MarshalError):
        return UNKNOWN


def attributes_by(condition: Condition | None, key_name: str) -> Attributes:
    """What is known of an item for which a condition holds.

    Args:
        condition: of an update or put.
        key_name: the partition key's name: where it does not exist, there is no item.
    """
    known = known_by(condition)
    return Attributes(known, None if known.get(key_name, UNKNOWN) is None else UNKNOWN)


def known_by(condition: Condition | None) -> dict[str, Known]:
    """The attributes that are known where a condition holds: `==`, `not_exists()`, joined by `&`."""
    known: dict[str, Known] = {}
    for predicate in _all_of(condition):
        place, *operands = predicate.operands
        if not isinstance(place, DocumentPath) or len(place.steps) > 1:
            continue
        if predicate.operator == "=" and isinstance(operands[0], Value):
            known[place.attribute] = operands[0].value
        elif predicate.operator == "attribute_not_exists":
            known[place.attribute] = None
    return known


def _all_of(condition: Condition | None) -> Iterator[Predicate]:
    """The predicates that all hold if the condition does."""
    if isinstance(condition, Predicate):
        yield condition
    elif isinstance(condition, Junction) and condition.word == "AND":
        for term in condition.terms:
            yield from _all_of(term)


def plan_update(
    schema: EntitySchema[Any], before: Attributes, actions: tuple[Action, ...], *, may_create: bool
) -> tuple[Action, ...]:
    """The actions, and those that make right what follows from them.

    Args:
        schema: the entity.
        before: what is known of the stored item.
        actions: what the update assigns, removes and adds.
        may_create: the update makes the item if there is none: then what follows from the table's key alone
            is written in any case.

    Raises:
        RequestError: an attribute is touched from which something follows that cannot be known.
        MarshalError: a key would be too long, or a computed attribute cannot be made.
    """
    # What is set to the value that it has is not touched: an update that may create sets its key's parts.
    after = {
        name: value
        for name, value in before.after(actions).items()
        if isinstance(value, Unknown) or value != before.value(name)
    }
    planned = list(actions)
    for derivation in schema.derivations:
        before = before.with_targets(derivation)
        sources = [codec.field.stored_name for codec in derivation.sources]
        values = {name: after[name] if name in after else before.value(name) for name in sources}
        is_touched = not after.keys().isdisjoint(sources)
        follows_from_key = may_create and all(isinstance(value, dict) for value in values.values())
        if not is_touched and not follows_from_key:
            continue
        try:
            made = _made(derivation, values)
        except MarshalError as error:
            raise MarshalError(*error.faults, owner=schema.name) from None
        planned += [_assignment(schema, target, made.get(target)) for target in derivation.targets]
        if is_touched:
            after |= {target: made.get(target) for target in derivation.targets}
    return tuple(planned)


def _made(derivation: Derivation, values: Mapping[str, Result]) -> Item:
    if derivation.needs_all and any(value is None for value in values.values()):
        return {}
    item: Item = {}
    for codec in derivation.sources:
        value = values[codec.field.stored_name]
        if isinstance(value, Unknown):
            raise RequestError(_missing(derivation, codec))
        if value is not None:
            item[codec.field.stored_name] = value
    return derivation.of(item)


def _missing(derivation: Derivation, codec: FieldCodec) -> str:
    entity, name = derivation.name.partition(".")[0], codec.field.name
    if codec.field.is_computed:
        advice = "say what it is computed from"
    else:
        advice = f"set {name} to a value, or say what is stored"
    return (
        f"{derivation.name} follows from {name}, whose value is not known here; {advice}: "
        f".given({entity}.{name} == ...), which also becomes a condition"
    )


def _assignment(schema: EntitySchema[Any], name: str, value: AttributeValue | None) -> Action:
    path = DocumentPath(schema.cls, (name,))
    return Action("REMOVE", path) if value is None else Action("SET", path, Value(value))
