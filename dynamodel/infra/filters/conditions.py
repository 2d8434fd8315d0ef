"""Conditions as alternatives: in each, some leaves of an image must have values of some sets.

A condition is brought into disjunctive normal form; NOT goes down to the leaves, where it is the complement
of a set. Guarantee: the alternatives hold of an item exactly where DynamoDB finds the condition true, which
includes what it says of absent attributes (`<>` and NOT hold of them, every other comparison does not).
`attribute_exists` counts on the types that the class declares, since a pattern cannot ask "of any type".
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from dynamodel.attribute_value.binary import read_binary
from dynamodel.expressions.nodes import (
    Call,
    Condition,
    DocumentPath,
    Junction,
    Negation,
    Operand,
    Predicate,
    Value,
)
from dynamodel.infra.filters.declared import declared_types
from dynamodel.infra.filters.numbers import Numbers, canonical
from dynamodel.infra.filters.sets import Choices, Elements, InexpressibleError, LeafSet, Texts, Values

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynamodel.entity.schema import EntitySchema

__all__ = ["ALWAYS", "Alternative", "Leaf", "alternatives", "both"]

Leaf: TypeAlias = tuple[str, ...]
"""Names that lead to a leaf, from an image on: `("info", "M", "rank", "N")`."""
Alternative: TypeAlias = Mapping[Leaf, LeafSet]
"""All of these together."""

ALWAYS: tuple[Alternative, ...] = ({},)
"""One alternative that asks for nothing."""

MAX_ALTERNATIVES = 300
"""More do not fit into the filters of one mapping."""

_LEAVE = "leave it to the function"


def alternatives(
    condition: Condition, schema: EntitySchema[Any], problems: list[str]
) -> tuple[Alternative, ...]:
    """The alternatives, of which one or more hold if the condition does; none: it never holds.

    Args:
        condition: about attributes of the entity.
        schema: the entity's.
        problems: where each part that patterns cannot express is told.
    """
    found = _Compiler(schema, problems).compile(condition, negated=False)
    for leaf, values in {leaf: values for each in found for leaf, values in each.items()}.items():
        try:
            values.rules()
        except InexpressibleError as error:
            name = ".".join(leaf[:-1:2])
            problems.append(f"{schema.name}.{name}: {error}")
    return found


class _Compiler:
    def __init__(self, schema: EntitySchema[Any], problems: list[str]) -> None:
        self._schema = schema
        self._problems = problems

    def compile(self, condition: Condition, *, negated: bool) -> tuple[Alternative, ...]:
        try:
            return self._compiled(condition, negated)
        except InexpressibleError as error:
            self._problems.append(str(error))
            return ALWAYS  # so that the rest is looked at, too

    def _compiled(self, condition: Condition, negated: bool) -> tuple[Alternative, ...]:
        if isinstance(condition, Negation):
            return self.compile(condition.term, negated=not negated)
        if isinstance(condition, Junction):
            terms = [self.compile(term, negated=negated) for term in condition.terms]
            if (condition.word == "AND") is not negated:
                return _joined(terms)
            return _merged([each for term in terms for each in term])
        assert isinstance(condition, Predicate)
        if condition.operator in _OPPOSITES:
            condition = Predicate(_OPPOSITES[condition.operator], condition.operands)
            negated = not negated
        leaves = self._leaves(condition)
        if not negated:
            return _merged([{leaf: values} for leaf, values in leaves.items()])
        return _merged([{leaf: ~values for leaf, values in leaves.items()}])

    def _leaves(self, predicate: Predicate) -> dict[Leaf, LeafSet]:
        """The leaves, of which one has to be in its set."""
        path, *operands = predicate.operands
        shown = f"{_shown(path)} (operator {predicate.operator!r})"
        if not isinstance(path, DocumentPath):
            rule = "a pattern cannot compute; keep the size in an attribute of its own"
            raise InexpressibleError(f"{shown}: {rule}, or {_LEAVE}")
        base = _steps(path, shown)
        values = [_value(operand, shown) for operand in operands]
        match predicate.operator:
            case "attribute_exists":
                types = sorted(declared_types(self._schema, path))
                return {(*base, type_): LeafSet(_all_of(type_, shown)) for type_ in types}
            case "attribute_type":
                return {(*base, values[0]["S"]): LeafSet(_all_of(values[0]["S"], shown))}
            case "=" | "IN":
                return _equal(base, values, shown)
            case "begins_with":
                return _beginning(base, values[0])
            case "contains":
                return self._containing(path, base, values[0], shown)
            case operator:
                return _ranges(operator, base, values, shown)

    def _containing(
        self, path: DocumentPath, base: Leaf, part: Mapping[str, Any], shown: str
    ) -> dict[Leaf, LeafSet]:
        [(type_, content)] = part.items()
        types = declared_types(self._schema, path)
        if f"{type_}S" not in types or types & {"S", "B", "L"}:
            rule = "a pattern looks for elements of sets, not for parts of texts, of bytes or of lists"
            raise InexpressibleError(f"{shown}: {rule}; use a set or begins_with, or {_LEAVE}")
        return {(*base, f"{type_}S"): LeafSet(Elements(frozenset({_text(type_, content)})))}


_OPPOSITES = {"attribute_not_exists": "attribute_exists", "<>": "="}
"""What NOT of the other one is, of absent attributes, too."""


def _steps(path: DocumentPath, shown: str) -> Leaf:
    """The names that lead to a value's type descriptor."""
    names: list[str] = []
    for step in path.steps:
        if isinstance(step, int):
            rule = "a pattern cannot tell the places of a list"
            raise InexpressibleError(
                f"{shown}: {rule}; keep the element in an attribute of its own, or {_LEAVE}"
            )
        if step == "$or":
            raise InexpressibleError(f"{shown}: '$or' is a word of the pattern language; use another name")
        names += [step, "M"]
    return tuple(names[:-1])


def _shown(operand: Operand) -> str:
    if isinstance(operand, DocumentPath):
        return f"{operand.owner.__name__}.{operand}"
    if isinstance(operand, Call):
        return operand.form.format(*(_shown(each) for each in operand.operands))
    return "a value"


def _value(operand: Operand, shown: str) -> Mapping[str, Any]:
    if isinstance(operand, Value):
        return operand.value
    raise InexpressibleError(
        f"{shown}: a pattern cannot compare with {_shown(operand)}, only with a value; {_LEAVE}"
    )


_ALL: dict[str, Values] = {
    "S": ~Texts(),
    "N": ~Numbers(),
    "B": ~Texts(),
    "BOOL": Choices(frozenset({False, True}), frozenset({False, True})),
    "NULL": Choices(frozenset({True}), frozenset({True})),
    "SS": Elements(None),
    "NS": Elements(None),
    "BS": Elements(None),
}


def _all_of(type_: str, shown: str) -> Values:
    if type_ not in _ALL:
        what = {"M": "maps", "L": "lists"}[type_]
        rule = f"a pattern sees leaves alone, and {what} are none"
        raise InexpressibleError(f"{shown}: {rule}; ask for an attribute inside, or {_LEAVE}")
    return _ALL[type_]


def _text(type_: str, content: Any) -> str:
    """A String, Number or Binary as it stands in a record's JSON."""
    if type_ == "N":
        return canonical(content)
    return base64.b64encode(read_binary(content)).decode() if type_ == "B" else str(content)


def _equal(base: Leaf, values: Iterable[Mapping[str, Any]], shown: str) -> dict[Leaf, LeafSet]:
    leaves: dict[Leaf, LeafSet] = {}
    for value in values:
        [(type_, content)] = value.items()
        found: Values
        if type_ == "N":
            found = Numbers.compared("=", canonical(content))
        elif type_ in {"S", "B"}:
            found = Texts(frozenset({_text(type_, content)}))
        elif type_ in {"BOOL", "NULL"}:
            found = Choices(cast("Choices", _ALL[type_]).possible, frozenset({content}))
        else:
            rule = "a pattern compares single values, neither sets nor lists nor maps"
            raise InexpressibleError(f"{shown}: {rule}; compare what is inside, or {_LEAVE}")
        leaf = (*base, type_)
        leaves[leaf] = leaves[leaf] | LeafSet(found) if leaf in leaves else LeafSet(found)
    return leaves


def _ranges(
    operator: str, base: Leaf, values: Iterable[Mapping[str, Any]], shown: str
) -> dict[Leaf, LeafSet]:
    bounds = list(values)
    if any("N" not in bound for bound in bounds):
        rule = "a pattern has no order of texts or bytes"
        raise InexpressibleError(f"{shown}: {rule}; compare for equality, use begins_with, or {_LEAVE}")
    numbers = [canonical(bound["N"]) for bound in bounds]
    if operator == "BETWEEN":
        found = Numbers.compared(">=", numbers[0]) & Numbers.compared("<=", numbers[1])
    else:
        found = Numbers.compared(cast("Literal['<', '<=', '>', '>=']", operator), numbers[0])
    return {(*base, "N"): LeafSet(found)}


_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def _beginning(base: Leaf, value: Mapping[str, Any]) -> dict[Leaf, LeafSet]:
    [(type_, content)] = value.items()
    prefixes = [content] if type_ == "S" else _base64_prefixes(read_binary(content))
    return {(*base, type_): LeafSet(Texts(prefixes=frozenset(prefixes)))}


def _base64_prefixes(prefix: bytes) -> list[str]:
    """How the base64 texts begin of all bytes that begin so: a last sign may hold bits of what follows."""
    rest = len(prefix) % 3
    text = base64.b64encode(prefix).decode()
    if not rest:
        return [text]
    known, open_bits = (text[:-3], 4) if rest == 1 else (text[:-2], 2)
    first = _BASE64.index(text[len(known)])
    return [known + _BASE64[first + more] for more in range(1 << open_bits)]


# --- joining alternatives ---


def both(one: Iterable[Alternative], two: Iterable[Alternative]) -> tuple[Alternative, ...]:
    """The alternatives of two conditions that hold together.

    Raises:
        InexpressibleError: on the same leaf, together they cannot be told.
    """
    others = list(two)
    return _merged([_joint(first, second) for first in one for second in others])


def _joined(terms: Iterable[tuple[Alternative, ...]]) -> tuple[Alternative, ...]:
    found = ALWAYS
    for term in terms:
        found = both(found, term)
    return found


def _joint(one: Alternative, two: Alternative) -> Alternative:
    joint = dict(one)
    for leaf, values in two.items():
        joint[leaf] = joint[leaf] & values if leaf in joint else values
    return joint


def _merged(found: list[Alternative]) -> tuple[Alternative, ...]:
    """Without what never holds and what asks for nothing; those that differ in one leaf become one."""
    rest: list[Alternative] = []
    for each in found:
        if any(values.is_empty for values in each.values()):
            continue
        asked = {leaf: values for leaf, values in each.items() if not values.is_full}
        if not asked:
            return ALWAYS
        _add(rest, asked)
        if len(rest) > MAX_ALTERNATIVES:
            raise InexpressibleError(f"the condition has too many alternatives; shorten it, or {_LEAVE}")
    return tuple(rest)


def _add(rest: list[Alternative], new: Alternative) -> None:
    for number, known in enumerate(rest):
        if known.keys() != new.keys():
            continue
        different = [leaf for leaf in new if known[leaf] != new[leaf]]
        if len(different) > 1:
            continue
        if different:
            [leaf] = different
            try:
                values = known[leaf] | new[leaf]
            except InexpressibleError:
                continue
            del rest[number]
            _add(rest, {**new, leaf: values})
        return
    rest.append(new)
