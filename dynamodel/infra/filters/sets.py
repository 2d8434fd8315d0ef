"""Sets of the values that one leaf of a stream record may have, and the filter rules that pick them out.

A leaf is the content of a type descriptor: the "x" of `{"S": "x"}`. Conditions on the same leaf are combined
here, as sets, because a pattern can name a leaf only once.

Guarantee: what `rules` gives matches exactly the values of the set; a set for which the pattern language
has no rules raises `InexpressibleError`, whose text says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self, TypeAlias

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Choices", "Elements", "InexpressibleError", "LeafSet", "Rule", "Texts", "Values"]

Rule: TypeAlias = "str | bool | dict[str, object]"
"""One element of a leaf's list in a pattern."""


class InexpressibleError(Exception):
    """Lambda's pattern language cannot say this."""


class Values(Protocol):
    """A set of values of one type."""

    @property
    def is_empty(self) -> bool:
        """It has no value."""
        ...

    @property
    def is_full(self) -> bool:
        """It has every value of the type."""
        ...

    def rules(self) -> list[Rule]:
        """The rules that match its values, and no others."""
        ...

    def __and__(self, other: Self, /) -> Self: ...
    def __or__(self, other: Self, /) -> Self: ...
    def __invert__(self) -> Self: ...


def _reduced(prefixes: frozenset[str]) -> frozenset[str]:
    """Without those that begin with another one."""
    return frozenset(each for each in prefixes if not any(each[:n] in prefixes for n in range(len(each))))


@frozen
class Texts:
    """Texts: some values and all that begin so; or all texts but those."""

    values: frozenset[str] = frozenset()
    prefixes: frozenset[str] = field(default=frozenset(), converter=_reduced)
    is_negative: bool = False
    """All but those."""

    @property
    def is_empty(self) -> bool:
        """It has no text."""
        return ("" in self.prefixes) if self.is_negative else not (self.values or self.prefixes)

    @property
    def is_full(self) -> bool:
        """It has every text."""
        return (~self).is_empty

    def _lists(self, text: str) -> bool:
        return text in self.values or any(text.startswith(prefix) for prefix in self.prefixes)

    def _has(self, text: str) -> bool:
        return self._lists(text) is not self.is_negative

    def __invert__(self) -> Texts:
        return Texts(self.values, self.prefixes, not self.is_negative)

    def __or__(self, other: Texts) -> Texts:
        if self.is_negative or other.is_negative:
            return ~(~self & ~other)
        prefixes = self.prefixes | other.prefixes
        values = frozenset(
            each for each in self.values | other.values if not each.startswith(tuple(prefixes))
        )
        return Texts(values, prefixes)

    def __and__(self, other: Texts) -> Texts:
        if self.is_negative and other.is_negative:
            return ~(~self | ~other)
        if self.is_negative:
            return other & self
        values = {each for each in self.values if other._has(each)}
        if other.is_negative:
            return Texts(frozenset(values), frozenset(self._prefixes_without(other)))
        values |= {each for each in other.values if self._has(each)}
        longer = {
            max(one, two, key=len) for one in self.prefixes for two in other.prefixes if _meet(one, two)
        }
        return Texts(frozenset(values), frozenset(longer))

    def _prefixes_without(self, other: Texts) -> Iterable[str]:
        for prefix in self.prefixes:
            if prefix.startswith(tuple(other.prefixes)):
                continue
            if any(each.startswith(prefix) for each in other.values | other.prefixes):
                raise InexpressibleError(
                    "texts that begin so, but for some of them: a pattern has no rule for that; "
                    "leave the exception to the function"
                )
            yield prefix

    def rules(self) -> list[Rule]:
        """Exact values and prefixes, or `anything-but`."""
        if self.is_negative and self.prefixes:
            raise InexpressibleError(
                "texts that do not begin so: Lambda documents 'anything-but' for whole values only; "
                "compare with whole values, or leave it to the function"
            )
        values = sorted(self.values)
        if self.is_negative:
            return [{"anything-but": values}]
        rules: list[Rule] = list(values)
        rules.extend({"prefix": prefix} for prefix in sorted(self.prefixes))
        return rules


def _meet(one: str, two: str) -> bool:
    return one.startswith(two) or two.startswith(one)


@frozen
class Choices:
    """Some of a few values: of true and false, or of true alone (NULL)."""

    possible: frozenset[bool]
    chosen: frozenset[bool]

    @property
    def is_empty(self) -> bool:
        """It has no value."""
        return not self.chosen

    @property
    def is_full(self) -> bool:
        """It has every value."""
        return self.chosen == self.possible

    def __and__(self, other: Choices) -> Choices:
        return Choices(self.possible, self.chosen & other.chosen)

    def __or__(self, other: Choices) -> Choices:
        return Choices(self.possible, self.chosen | other.chosen)

    def __invert__(self) -> Choices:
        return Choices(self.possible, self.possible - self.chosen)

    def rules(self) -> list[Rule]:
        """The values."""
        return list[Rule](sorted(self.chosen))


_SEVERAL = (
    "that a set contains two things, or does not contain one: a rule asks whether one element matches; "
    "leave it to the function"
)


@frozen
class Elements:
    """Sets that contain one of some elements; None: all sets."""

    elements: frozenset[str] | None

    @property
    def is_empty(self) -> bool:
        """It has no set."""
        return self.elements is not None and not self.elements

    @property
    def is_full(self) -> bool:
        """It has all sets."""
        return self.elements is None

    def __and__(self, other: Elements) -> Elements:
        if self.is_full or other.is_empty or self == other:
            return other
        if other.is_full or self.is_empty:
            return self
        raise InexpressibleError(_SEVERAL)

    def __or__(self, other: Elements) -> Elements:
        if self.elements is None or other.elements is None:
            return Elements(None)
        return Elements(self.elements | other.elements)

    def __invert__(self) -> Elements:
        if self.elements:
            raise InexpressibleError(_SEVERAL)
        return Elements(None if self.elements is not None else frozenset())

    def rules(self) -> list[Rule]:
        """The elements."""
        return list[Rule](sorted(self.elements or ()))


@frozen
class LeafSet:
    """What a leaf may be: one of some values, and perhaps absent."""

    values: Values
    with_absent: bool = False

    @property
    def is_empty(self) -> bool:
        """Nothing fits."""
        return self.values.is_empty and not self.with_absent

    @property
    def is_full(self) -> bool:
        """Everything fits."""
        return self.values.is_full and self.with_absent

    def __and__(self, other: LeafSet) -> LeafSet:
        return LeafSet(self.values & other.values, self.with_absent and other.with_absent)

    def __or__(self, other: LeafSet) -> LeafSet:
        return LeafSet(self.values | other.values, self.with_absent or other.with_absent)

    def __invert__(self) -> LeafSet:
        return LeafSet(~self.values, not self.with_absent)

    def rules(self) -> list[Rule]:
        """The leaf's list in a pattern."""
        if self.values.is_full:
            present: list[Rule] = [{"exists": True}]
        else:
            present = [] if self.values.is_empty else self.values.rules()
        return [*present, {"exists": False}] if self.with_absent else present
