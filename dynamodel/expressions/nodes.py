"""The nodes of expressions: document paths, operands, conditions and update actions.

Plain immutable data: they know how to render themselves and which document paths they mention.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

from dynamodel.errors import RequestError

if TYPE_CHECKING:
    from dynamodel.expressions.placeholders import Placeholders
    from dynamodel.types import AttributeValue

__all__ = [
    "Action",
    "Call",
    "Clause",
    "Condition",
    "DocumentPath",
    "Operand",
    "Predicate",
    "Value",
    "require_condition",
]


@attrs.frozen
class DocumentPath:
    """Where a value stands in an item: the attribute's stored name, then map keys and list indexes."""

    owner: type
    """The entity class through which the path was made."""
    steps: tuple[str | int, ...]
    name: str = attrs.field(default="", eq=False)
    """The Python name of the top-level attribute, for messages."""
    operators = 0

    @property
    def attribute(self) -> str:
        """The stored name of the top-level attribute."""
        return str(self.steps[0])

    def __str__(self) -> str:
        return (self.name or self.attribute) + "".join(
            f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.steps[1:]
        )

    def render(self, placeholders: Placeholders) -> str:
        """`#n0.#n1[3]`."""
        text = placeholders.name(self.attribute)
        for step in self.steps[1:]:
            text += f"[{step}]" if isinstance(step, int) else f".{placeholders.name(step)}"
        return text

    def overlaps(self, other: DocumentPath) -> bool:
        """One of the two is the other, or a part of it."""
        shorter = min(len(self.steps), len(other.steps))
        return self.steps[:shorter] == other.steps[:shorter]

    def paths(self) -> Iterator[DocumentPath]:
        """Itself."""
        yield self


@attrs.frozen
class Value:
    """A value that is already in its wire form. Its repr shows the type alone: the rest is an item's data."""

    value: AttributeValue = attrs.field(repr=lambda value: f"<{next(iter(value))}>")
    operators = 0

    def render(self, placeholders: Placeholders) -> str:
        """`:v0`."""
        return placeholders.value(self.value)

    def paths(self) -> Iterator[DocumentPath]:
        """None."""
        return iter(())


@attrs.frozen
class Call:
    """An operand that DynamoDB computes, such as `size(#n0)` or `#n0 + :v0`."""

    form: Literal["size({})", "{} + {}", "{} - {}", "if_not_exists({}, {})", "list_append({}, {})"]
    operands: tuple[Operand, ...]

    @property
    def operators(self) -> int:
        """Itself and those of its operands."""
        return 1 + sum(operand.operators for operand in self.operands)

    def render(self, placeholders: Placeholders) -> str:
        """The form, filled in."""
        return self.form.format(*(operand.render(placeholders) for operand in self.operands))

    def paths(self) -> Iterator[DocumentPath]:
        """Those of its operands."""
        for operand in self.operands:
            yield from operand.paths()


Operand: TypeAlias = DocumentPath | Value | Call


class Condition(ABC):
    """A condition; combine with `&`, `|` and `~`.

    It is used for filters, for key conditions (`.sort(...)`) and for the conditions of writes
    (`.when(...)`). It has no truth value in Python.
    """

    @property
    @abstractmethod
    def operators(self) -> int:
        """How many operators and functions DynamoDB counts in it."""

    @abstractmethod
    def render(self, placeholders: Placeholders) -> str:
        """Its text, with its names and values put into the placeholders."""

    @abstractmethod
    def paths(self) -> Iterator[DocumentPath]:
        """Every document path that it mentions."""

    def __and__(self, other: Condition) -> Condition:
        return Junction.of("AND", self, other)

    def __or__(self, other: Condition) -> Condition:
        return Junction.of("OR", self, other)

    def __invert__(self) -> Condition:
        return Negation(self)

    def __bool__(self) -> bool:
        raise TypeError(
            "a condition has no truth value: combine conditions with &, | and ~, not and, or, not"
        )


_FORMS = {
    "BETWEEN": "{} BETWEEN {} AND {}",
    **{operator: f"{{}} {operator} {{}}" for operator in ("=", "<>", "<", "<=", ">", ">=")},
    **{function: f"{function}({{}})" for function in ("attribute_exists", "attribute_not_exists")},
    **{function: f"{function}({{}}, {{}})" for function in ("attribute_type", "begins_with", "contains")},
}


@attrs.frozen
class Predicate(Condition):
    """One comparison or function: the operator as DynamoDB writes it, and its operands."""

    operator: str
    operands: tuple[Operand, ...]

    @property
    def operators(self) -> int:
        """Itself and those of its operands."""
        return 1 + sum(operand.operators for operand in self.operands)

    def render(self, placeholders: Placeholders) -> str:
        """The operator's form, filled in."""
        texts = [operand.render(placeholders) for operand in self.operands]
        if self.operator == "IN":
            return f"{texts[0]} IN ({', '.join(texts[1:])})"
        return _FORMS[self.operator].format(*texts)

    def paths(self) -> Iterator[DocumentPath]:
        """Those of its operands."""
        for operand in self.operands:
            yield from operand.paths()


@attrs.frozen
class Junction(Condition):
    """Conditions joined by AND or by OR; a chain of one kind is flat."""

    word: Literal["AND", "OR"]
    terms: tuple[Condition, ...]

    @classmethod
    def of(cls, word: Literal["AND", "OR"], *conditions: Condition) -> Junction:
        """Joins conditions, taking the terms of junctions of the same kind."""
        terms: list[Condition] = []
        for condition in conditions:
            require_condition(condition)
            if isinstance(condition, Junction) and condition.word == word:
                terms.extend(condition.terms)
            else:
                terms.append(condition)
        return cls(word, tuple(terms))

    @property
    def operators(self) -> int:
        """One between each two terms, and theirs."""
        return len(self.terms) - 1 + sum(term.operators for term in self.terms)

    def render(self, placeholders: Placeholders) -> str:
        """The terms; parentheses only around junctions, since DynamoDB refuses redundant ones."""
        texts = (
            f"({term.render(placeholders)})" if isinstance(term, Junction) else term.render(placeholders)
            for term in self.terms
        )
        return f" {self.word} ".join(texts)

    def paths(self) -> Iterator[DocumentPath]:
        """Those of its terms."""
        for term in self.terms:
            yield from term.paths()


@attrs.frozen
class Negation(Condition):
    """NOT a condition."""

    term: Condition

    @property
    def operators(self) -> int:
        """Itself and those of its term."""
        return 1 + self.term.operators

    def render(self, placeholders: Placeholders) -> str:
        """`NOT (...)`."""
        return f"NOT ({self.term.render(placeholders)})"

    def paths(self) -> Iterator[DocumentPath]:
        """Those of its term."""
        return self.term.paths()


def require_condition(value: object) -> Condition:
    """The value, if it is a condition.

    A comparison of incompatible types falls back to `bool` in Python, and so do `and`, `or` and `not`:
    such a value must never be taken for "no condition".

    Raises:
        RequestError: it is not one.
    """
    if not isinstance(value, Condition):
        raise RequestError(
            f"a condition is needed, not {type(value).__name__}: compare an attribute of the class "
            "(Movie.rating > 7) with a value of its type",
        )
    return value


Clause: TypeAlias = Literal["SET", "REMOVE", "ADD", "DELETE"]


@attrs.frozen
class Action:
    """One action of an update expression: a path and what becomes of it."""

    clause: Clause
    path: DocumentPath
    operand: Operand | None = None
    """What SET assigns, ADD adds, DELETE takes away; None for REMOVE."""

    @property
    def operators(self) -> int:
        """Those of its operand."""
        return self.operand.operators if self.operand else 0

    def render(self, placeholders: Placeholders) -> str:
        """The action's text within its clause."""
        path = self.path.render(placeholders)
        if self.operand is None:
            return path
        sign = " = " if self.clause == "SET" else " "
        return f"{path}{sign}{self.operand.render(placeholders)}"

    def paths(self) -> Iterator[DocumentPath]:
        """Its own path and those of its operand."""
        yield self.path
        if self.operand is not None:
            yield from self.operand.paths()
