"""Random steps. Values are few, so that writes meet, and are those with which keys go wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import Any

from .entities import State
from .plain import Id, PlainTable, foreseen
from .rules import RULES, Rules, Values
from .steps import INSTANCE_FORMS, Action, Step, Term, Write

__all__ = ["draw_step"]

NAMES = ["ann", "ann#b", "b$", "B", "", "ann b", "\U0010ffff", "\ud7ff\ue000"]
NUMBERS = [
    Decimal(text) for text in ("-10.5", "-10", "-2", "-0.25", "0", "0.5", "9", "10", "1E+30", "-1E-20")
]
COUNTS = [-7, 0, 3, 25]
TIMES = [
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(2024, 5, 1, 1, 30, tzinfo=timezone(timedelta(hours=2))),
    datetime(2024, 5, 1, 0, 30, tzinfo=UTC),
    datetime(2024, 5, 1, 0, 30, 0, 1, tzinfo=UTC),
]

KEYS: dict[str, list[list[Any]]] = {
    "Thread": [["S3", "S3#x"], ["a", "a#b", "A", ""]],
    "Reply": [["S3", "S3#x"], ["a", "a#b"], [-3, 0, 2, 10]],
    "User": [[-10, -1, 2, 9, 10, 100]],
}
POOLS: dict[str, list[Any]] = {
    **dict.fromkeys(["posted_by", "editor", "title", "name"], NAMES),
    **dict.fromkeys(["last_post_at", "opened_at", "at"], TIMES),
    **dict.fromkeys(["score", "bonus", "points", "karma"], NUMBERS),
    **dict.fromkeys(["replies", "likes", "joined"], COUNTS),
    "state": list(State),
    "pinned": [False, True],
    "tags": [{"x"}, {"y", ""}],
    "email": ["a@x", "b#c"],
}
INTEGERS = ("replies", "likes")
DECIMALS = ("score", "bonus", "points", "karma")


def draw_step(random: Random, table: PlainTable) -> Step:
    """The next step; that of a table that holds these items."""
    way = random.choices(["alone", "transaction", "batch"], [8, 3, 1])[0]
    if way == "alone":
        return Step(way, (_Draw(random, table).write(),))
    draw = _Draw(random, table, way)
    return Step(way, tuple(draw.write() for _ in range(random.randint(1, 4))))


class _Draw:
    def __init__(self, random: Random, table: PlainTable, way: str = "alone") -> None:
        self.random = random
        self.table = table
        self.way = way
        self.taken: set[Id] = set()

    def write(self) -> Write:
        entity = self.random.choices(list(RULES), [3, 3, 4])[0]
        form = self._form()
        key = self._key(entity, form)
        stored = self.table.items.get((entity, key))
        if form in INSTANCE_FORMS:
            write = self._of_instance(form, entity, key, stored)
        else:
            actions = self._actions(RULES[entity]) if form == "update" else ()
            write = Write(form, entity, key, actions=actions)
        return self._with_conditions(write, stored)

    def _form(self) -> str:
        if self.way == "batch":
            if self._chance(0.95):
                return self.random.choice(["put", "put", "delete", "delete_instance"])
            return self.random.choice(["create", "update"])
        weights = {"put": 4, "create": 3, "upsert": 3, "delete_instance": 1, "delete": 1, "update": 12}
        if self.way == "transaction":
            weights["check"] = 4
        return self.random.choices(list(weights), list(weights.values()))[0]

    def _key(self, entity: str, form: str) -> tuple[Any, ...]:
        """The key of an item that is there, or may be; in one step seldom the same twice."""
        drawn = [self._any_key(entity, form) for _ in range(3)]
        key = next((key for key in drawn if (entity, key) not in self.taken), drawn[0])
        self.taken.add((entity, key))
        return key

    def _any_key(self, entity: str, form: str) -> tuple[Any, ...]:
        there = [key for name, key in self.table.items if name == entity]
        if there and form != "create" and self._chance(0.5):
            return self.random.choice(there)
        return tuple(map(self.random.choice, KEYS[entity]))

    def _of_instance(self, form: str, entity: str, key: tuple[Any, ...], stored: Values | None) -> Write:
        rules = RULES[entity]
        values: Values = {}
        for name, default in rules.defaults.items():
            if self._chance(0.9):
                values[name] = None if default is None and self._chance(0.1) else self._value(name)
        version = (stored or {}).get(rules.version, 0)
        if self._chance(0.15):
            version = self.random.choice([0, version + 1, 1])
        return Write(form, entity, key, values, version if rules.version else 0)

    def _value(self, name: str) -> Any:
        value = self.random.choice(POOLS[name])
        return set(value) if isinstance(value, set) else value

    # --- updates ---

    def _actions(self, rules: Rules) -> tuple[Action, ...]:
        names = [name for name in rules.defaults if name != rules.read_only]
        names = self.random.sample(names, self.random.randint(1, 3))
        actions = [self._action(rules, name) for name in names]
        if self._chance(0.03):
            wrong = [*rules.key, *rules.computed, *filter(None, [rules.version, rules.read_only]), names[0]]
            actions.append(Action(self.random.choice(wrong), "remove"))
        return tuple(actions)

    def _action(self, rules: Rules, name: str) -> Action:
        verbs = {"set": 4, "remove": 1, "set_if_not_exists": 1}
        if rules.defaults[name] is None:
            verbs["none"] = 1
        if name in rules.copies:
            verbs["copy"] = 2
        if name in INTEGERS + DECIMALS:
            verbs |= {"add": 2, "plus": 2}
        if name == "tags":
            verbs = {"set": 1, "remove": 1, "add": 2, "delete": 2}
        verb = self.random.choices(list(verbs), list(verbs.values()))[0]
        match verb:
            case "none":
                return Action(name, "set", None)
            case "remove":
                return Action(name, verb)
            case "copy":
                return Action(name, verb, rules.copies[name])
            case "add" | "plus" if name in INTEGERS:
                return Action(name, verb, self.random.choice([-4, 1]))
            case "add" | "plus" if name in DECIMALS:
                return Action(name, verb, self.random.choice([Decimal("-0.75"), Decimal(3)]))
        return Action(name, verb, self._value(name))

    # --- conditions ---

    def _with_conditions(self, write: Write, stored: Values | None) -> Write:
        if self.way == "batch" and self._chance(0.97):
            return write
        must = ""
        if write.form == "check" or (write.form in {"update", "delete"} and self._chance(0.35)):
            is_there = stored is not None or write.form != "check"
            wanted = is_there if self._chance(0.9) else not is_there
            must = "must_exist" if wanted or write.form != "check" else "must_not_exist"
        told = self._told(write, stored)
        terms = [self._equal(write, name, stored) for name in sorted(told)]
        if self._chance(0.2):
            names = sorted(self._names(write.entity) - told)
            terms.append(self._term(write, self.random.choice(names), stored))
        return Write(
            write.form,
            write.entity,
            write.key,
            write.values,
            write.version,
            write.actions,
            tuple(terms),
            must if write.form in {"update", "delete", "check"} else "",
        )

    @staticmethod
    def _names(entity: str) -> set[str]:
        """What conditions ask for; sets are not compared."""
        rules = RULES[entity]
        return {*rules.defaults, *rules.computed} - {"tags"}

    def _told(self, write: Write, stored: Values | None) -> set[str]:
        """Of which attributes a writer tells what is stored."""
        rules = RULES[write.entity]
        told: set[str] = set()
        if write.form in {"update", "upsert"} and self._chance(0.7):
            touched = {action.name for action in write.actions}
            touched |= {rules.read_only} if write.form == "upsert" and rules.read_only else set()
            groups = [place.parts for place in rules.places.values()]
            groups += [(name, *made.sources) for name, made in rules.computed.items()]
            for _ in range(2):  # from a source to what is computed, and on to its index
                touched |= {name for name, made in rules.computed.items() if touched & set(made.sources)}
            told = {name for group in groups if touched & set(group) for name in group}
            told |= {action.value for action in write.actions if action.verb == "copy" and touched & told}
            if self._chance(0.3):
                told -= {*rules.computed}
        if rules.unique and self.way == "transaction" and self._chance(0.8):
            told.add(rules.unique)
        return told & self._names(write.entity)

    def _equal(self, write: Write, name: str, stored: Values | None) -> Term:
        """What is stored; seldom something else."""
        word = "given" if write.form in {"update", "upsert"} and self._chance(0.7) else "when"
        value = self._stored(write.entity, stored).get(name)
        if name not in RULES[write.entity].computed:
            if value is not None and self._chance(0.08):  # which does not tell enough
                return Term("when", name, "either", (value, self._value(name)))
            value = self._value(name) if self._chance(0.03) else value
        return Term(word, name, "not_exists") if value is None else Term(word, name, "==", value)

    def _term(self, write: Write, name: str, stored: Values | None) -> Term:
        operator = self.random.choice(["==", "!=", "<", ">=", "either", "exists", "not_exists"])
        if operator in {"exists", "not_exists"}:
            return Term("when", name, operator)
        now = self._stored(write.entity, stored).get(name)
        drawn = [now] if now is not None and self._chance(0.6) else []
        if name not in RULES[write.entity].computed:
            drawn.append(self._value(name))
        if not drawn or (operator in {"<", ">="} and name in {"state", "pinned"}):
            return Term("when", name, "exists")
        if operator == "either":
            return Term("when", name, operator, (drawn[0], drawn[-1]))
        return Term("when", name, operator, drawn[0])

    @staticmethod
    def _stored(entity: str, stored: Values | None) -> Values:
        return foreseen(entity, stored) if stored is not None else {}

    def _chance(self, share: float) -> bool:
        return self.random.random() < share


assert all(name in POOLS for rules in RULES.values() for name in rules.defaults), "a pool for each attribute"
