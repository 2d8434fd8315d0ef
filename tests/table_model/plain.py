"""The plain model: the table as a dict of Python values, and what each write must do to it.

It says of every step whether dynamodel must refuse it, whether its condition holds and what is stored
afterwards; and which items are in which index in which order. It knows nothing of expressions, attribute
values or the texts of keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Inexact
from typing import Any, Final, NamedTuple, TypeAlias

import attrs

from .rules import RULES, Rules, Values
from .steps import INSTANCE_FORMS, REFUSED, Action, Step, Term, Verdicts, Write

__all__ = ["Id", "PlainTable", "Spot", "foreseen", "spots_of"]

Id: TypeAlias = tuple[str, tuple[Any, ...]]
"""An entity's name and the values of its key."""

EXACT = Context(prec=38, traps=[Inexact])
"""Sums have as many digits as DynamoDB's."""

UNKNOWN: Final = object()
"""A value that only the stored item tells."""


class Spot(NamedTuple):
    """Where an item is in an index. The order of spots of one partition is the order of the index."""

    partition: tuple[Any, ...]
    sort: tuple[Any, ...]


class PlainTable:
    """What the table must hold."""

    def __init__(self) -> None:
        self.items: dict[Id, Values] = {}

    # --- writing ---

    def do(self, step: Step) -> Verdicts:
        """What comes of a step; does it if dynamodel does it."""
        if self._is_refused(step):
            return REFUSED
        if step.way == "batch":  # each by itself, and no two of them on one item
            return tuple(self._all_or_none([write])[0] for write in step.writes)
        return self._all_or_none(step.writes)

    def _all_or_none(self, writes: Sequence[Write]) -> tuple[str, ...]:
        verdicts = tuple(self._verdict(write) for write in writes)
        if len(writes) > 1 and "invalid" in verdicts:
            return ("invalid",)  # DynamoDB Local does not say which of them
        if set(verdicts) == {"done"}:
            after = {_id(write): _after(write, self.items.get(_id(write))) for write in writes}
            for id_, values in after.items():
                self.items.pop(id_, None)
                if values is not None:
                    self.items[id_] = values
        return verdicts

    def _verdict(self, write: Write) -> str:
        stored = self.items.get(_id(write))
        if not (_holds(write, stored) and _is_unlocked(write, stored) and _keeps_what_it_has(write, stored)):
            return "failed"
        try:
            after = _after(write, stored)
        except LookupError:
            return "invalid"
        unique = RULES[write.entity].unique
        wanted = after and unique and _touches_unique(write) and after.get(unique)
        return "taken" if wanted and self.claims().get(wanted, _id(write)) != _id(write) else "done"

    # --- refusing ---

    def _is_refused(self, step: Step) -> bool:
        places = [_id(write) for write in step.writes]
        if step.way != "alone" and len(set(places)) < len(places):
            return True
        if step.way == "batch":
            return any(
                write.form in {"create", "update", "upsert", "check"} or write.terms or write.must
                for write in step.writes
            )
        if not all(map(_is_sound, step.writes)):
            return True
        return step.way == "transaction" and _claims_unclearly(step.writes)

    # --- reading ---

    def claims(self) -> dict[Any, Id]:
        """The unique values, and whose they are."""
        return {
            values[RULES[id_[0]].unique]: id_
            for id_, values in self.items.items()
            if values.get(RULES[id_[0]].unique) is not None
        }

    def members(self, index: str) -> dict[Id, Spot]:
        """The items that an index holds, and where."""
        spots = {id_: spots_of(id_[0], values).get(index) for id_, values in self.items.items()}
        return {id_: spot for id_, spot in spots.items() if spot is not None}


def _id(write: Write) -> Id:
    return write.entity, write.key


def foreseen(entity: str, values: Values) -> Values:
    """What is stored, with the computed attributes."""
    rules = RULES[entity]
    made = {name: made.function(*_read(rules, values, made.sources)) for name, made in rules.computed.items()}
    return values | {name: value for name, value in made.items() if value is not None}


def _read(rules: Rules, values: Values, names: Sequence[str]) -> list[Any]:
    return [values[name] if values.get(name) is not None else rules.defaults[name] for name in names]


def spots_of(entity: str, values: Values) -> dict[str, Spot]:
    """In which indexes an item is, and where."""
    whole = foreseen(entity, values)
    return {
        index: Spot(
            (place.partition[0], *(whole[name] for name in place.partition[1:])),
            (place.sort[0], *(whole[name] for name in place.sort[1:])),
        )
        for index, place in RULES[entity].places.items()
        if all(name in whole for name in place.parts)
    }


# --- what a write leaves ---


def _after(write: Write, stored: Values | None) -> Values | None:
    """The item as it is afterwards.

    Raises:
        LookupError: an attribute is to be assigned that is not there, which DynamoDB refuses.
    """
    if write.form in {"delete", "delete_instance"}:
        return None
    if write.form == "check":
        return stored
    rules = RULES[write.entity]
    fixed = dict(zip(rules.key, write.key, strict=True))
    if write.form in {"put", "create"}:
        values = _present({**rules.defaults, **write.values, **fixed})
    else:
        before = dict(stored or {})
        values = _present({**before, **_changes(before, _actions(write)), **fixed})
    if rules.version:
        counted = (stored or {}).get(rules.version, 0) if write.form == "update" else write.version
        values[rules.version] = counted + 1
    return values


def _present(values: Values) -> Values:
    return {name: value for name, value in values.items() if value is not None and value != set()}


def _actions(write: Write) -> tuple[Action, ...]:
    """What is done to each attribute; of an upsert, that all of them are set."""
    if write.form != "upsert":
        return write.actions
    rules = RULES[write.entity]
    actions: list[Action] = []
    for name, value in {**rules.defaults, **write.values}.items():
        is_absent = value is None or value == set()
        if name == rules.read_only:
            verb = "set" if _is_key_source(rules, name) else "set_if_not_exists"
            actions += [] if is_absent else [Action(name, verb, value)]
        else:
            actions.append(Action(name, "remove") if is_absent else Action(name, "set", value))
    return tuple(actions)


def _is_key_source(rules: Rules, name: str) -> bool:
    """What is kept of it must be known, so an upsert asks that it is as the instance has it, or absent."""
    parts = {part for place in rules.places.values() for part in place.parts}
    return name in parts.union(*(made.sources for made in rules.computed.values()))


def _keeps_what_it_has(write: Write, stored: Values | None) -> bool:
    rules = RULES[write.entity]
    if write.form != "upsert" or not _is_key_source(rules, rules.read_only):
        return True
    value, old = write.values.get(rules.read_only), (stored or {}).get(rules.read_only)
    return value is None or old is None or value == old


def _changes(before: Values, actions: Sequence[Action]) -> Values:
    return {action.name: _changed(before, action) for action in actions}


def _changed(before: Values, action: Action) -> Any:
    old = before.get(action.name)
    match action.verb:
        case "set":
            return action.value
        case "remove":
            return None
        case "add":
            if isinstance(action.value, set):
                return (old or set()) | action.value
            return action.value if old is None else _sum(old, action.value)
        case "delete":
            return (old or set()) - action.value
        case "set_if_not_exists":
            return action.value if old is None else old
        case "copy":
            return before[action.value]
        case "plus":
            return _sum(before[action.name], action.value)
    raise AssertionError(action)


def _sum(one: Any, other: Any) -> Any:
    return one + other if isinstance(one, int) else EXACT.add(one, other)


# --- conditions ---


def _is_unlocked(write: Write, stored: Values | None) -> bool:
    """The version is the one that the writer has seen; what is created is not there."""
    version = RULES[write.entity].version
    if write.form == "create":
        return stored is None
    if not version or write.form not in INSTANCE_FORMS:
        return True
    if stored is None:
        return write.version == 0 or write.form == "delete_instance"
    return write.version != 0 and stored[version] == write.version


def _holds(write: Write, stored: Values | None) -> bool:
    if write.must and (write.must == "must_exist") != (stored is not None):
        return False
    whole = foreseen(write.entity, stored) if stored is not None else {}
    return all(_is_true(term, whole.get(term.name)) for term in write.terms)


def _is_true(term: Term, value: Any) -> bool:
    match term.operator:
        case "==":
            return bool(value == term.value)
        case "!=":
            return bool(value != term.value)
        case "<":
            return value is not None and bool(value < term.value)
        case ">=":
            return value is not None and bool(value >= term.value)
        case "either":
            return value is not None and value in term.value
        case "exists":
            return value is not None
        case "not_exists":
            return value is None
    raise AssertionError(term)


# --- what dynamodel must refuse ---


def _is_sound(write: Write) -> bool:
    """No key is touched that cannot be made anew, and nothing that is never updated."""
    if write.form == "check":
        return bool(write.terms or write.must)
    if write.form not in {"update", "upsert"}:
        return True
    rules = RULES[write.entity]
    names = [action.name for action in write.actions]
    fixed = {*rules.key, *rules.computed, rules.version, rules.read_only}
    if len(set(names)) < len(names) or not fixed.isdisjoint(names):
        return False
    # The item with a unique value is read, if need be; but what is copied into one is not.
    if any(action.name == rules.unique and action.verb == "copy" for action in write.actions):
        return False
    return _is_foreseeable(write, rules)


def _known(write: Write) -> Values:
    """What the key and the terms tell of the stored item; None: it is absent."""
    known = {term.name: term.value for term in write.terms if term.operator == "=="}
    known |= {term.name: None for term in write.terms if term.operator == "not_exists"}
    return known | dict(zip(RULES[write.entity].key, write.key, strict=True))


def _is_foreseeable(write: Write, rules: Rules) -> bool:
    """Each key of which a part is touched can be made, or is removed."""
    known = _known(write)
    after = {action.name: _foreseen(known, action) for action in _actions(write)}
    # What is set to the value that it has already is not touched.
    after = {name: new for name, new in after.items() if new is UNKNOWN or new != known.get(name, UNKNOWN)}
    for name, made in rules.computed.items():
        sources = {source: after.get(source, known.get(source, UNKNOWN)) for source in made.sources}
        is_known = UNKNOWN not in sources.values()
        if not after.keys().isdisjoint(made.sources):
            if not is_known:
                return False
            after[name] = made.function(*_read(rules, sources, made.sources))
        elif is_known:
            known[name] = made.function(*_read(rules, sources, made.sources))
    for place in rules.places.values():
        parts = [after.get(name, known.get(name, UNKNOWN)) for name in place.parts]
        if not after.keys().isdisjoint(place.parts) and None not in parts and UNKNOWN in parts:
            return False
    return True


def _foreseen(known: Values, action: Action) -> Any:
    """The attribute as it will be, as far as that can be told."""
    if action.verb in {"set", "remove"}:
        return action.value
    needed = action.value if action.verb == "copy" else action.name
    if known.get(needed, UNKNOWN) is UNKNOWN:
        return UNKNOWN
    if known[needed] is None and action.verb in {"copy", "plus"}:
        return UNKNOWN
    return _changed(known, action)


def _touches_unique(write: Write) -> bool:
    unique = RULES[write.entity].unique
    return bool(unique) and (
        write.form in {*INSTANCE_FORMS, "delete"} or any(action.name == unique for action in write.actions)
    )


def _claims_unclearly(writes: Sequence[Write]) -> bool:
    """It is not known which unique value a write gives up, or two of them touch the same one."""
    touched: list[Any] = []
    for write in filter(_touches_unique, writes):
        unique, known = RULES[write.entity].unique, _known(write)
        old = None if write.form == "create" else known.get(unique, UNKNOWN)
        if old is UNKNOWN:
            return True
        # As far as it concerns the claims, the item that is there is the one that the terms tell of.
        after = _after(_only_on(write, unique), {unique: old}) or {}
        touched += {old, after.get(unique)} - {None}
    return len(set(touched)) < len(touched)


def _only_on(write: Write, name: str) -> Write:
    """The write, of its actions only those on one attribute."""
    return attrs.evolve(write, actions=tuple(action for action in write.actions if action.name == name))
