"""Key templates: a tag and the types of the parts that follow it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Literal

import attrs

from dynamodel.errors import MarshalError, MarshalFault
from dynamodel.keys.parts import DELIMITER, ESCAPE, PartType, prefix_text, read_part, writer
from dynamodel.keys.ranges import (
    SORT_KEY_BYTES,
    Between,
    Exactly,
    KeyRange,
    StartsWith,
    just_above,
    just_below,
)
from dynamodel.types import AttributeValue

__all__ = ["KeyTemplate"]


@attrs.frozen(slots=False)
class KeyTemplate:
    """How a key is built: `KeyTemplate("THREAD", ("S",))` builds `THREAD#LSI?`."""

    tag: str
    parts: tuple[PartType, ...] = ()

    @property
    def is_static(self) -> bool:
        """It builds one key only, the tag."""
        return not self.parts

    @property
    def prefix(self) -> str:
        """How all its keys begin."""
        return self.tag if self.is_static else self.tag + DELIMITER

    @cached_property
    def _writers(self) -> tuple[tuple[str, Callable[[Any], str]], ...]:
        last = len(self.parts) - 1
        return tuple((type_, writer(type_, is_last=n == last)) for n, type_ in enumerate(self.parts))

    def text(self, values: Sequence[AttributeValue]) -> str:
        """The key.

        Raises:
            MarshalError: a value is not of its part's type, or no number that DynamoDB can hold.
            ValueError: there are more or fewer values than parts.
        """
        texts = [self.tag]
        try:  # a loop of its own, since every put comes through here
            for (type_, write), value in zip(self._writers, values, strict=True):
                texts.append(write(value[type_]))
        except KeyError:
            raise self._wrong_types(values) from None
        return DELIMITER.join(texts)

    def parse(self, text: str) -> tuple[AttributeValue, ...] | None:
        """The values from which a key was built; None if this template did not build it."""
        if self.is_static:
            return () if text == self.tag else None
        if not text.startswith(self.prefix):
            return None
        texts = _split(text[len(self.prefix) :])
        try:
            values = tuple(read_part(part, type_) for part, type_ in zip(texts, self.parts, strict=True))
        except ValueError:  # a text of another type, or more or fewer of them
            return None
        return values if self.text(values) == text else None

    def may_meet(self, other: KeyTemplate) -> bool:
        """Whether the ranges of one can hold keys of the other."""
        if self.is_static or other.is_static:
            static, found = (self, other) if self.is_static else (other, self)
            return static.whole() == found.whole() or found.whole().holds(static.tag)
        return self.prefix.startswith(other.prefix) or other.prefix.startswith(self.prefix)

    # --- ranges; they raise what `text` raises ---

    def whole(self) -> KeyRange:
        """All its keys."""
        return Exactly(self.tag) if self.is_static else StartsWith(self.prefix)

    def equal(self, values: Sequence[AttributeValue]) -> KeyRange:
        """The keys whose first parts are these."""
        if len(values) == len(self.parts):
            return Exactly(self.text(values))
        return StartsWith(self._start(values))

    def begins_with(self, values: Sequence[AttributeValue], prefix: AttributeValue) -> KeyRange:
        """The keys whose first parts are these, and whose next part begins so."""
        start = self._start(values)
        self._next(values, prefix)  # which is of the part's type
        return StartsWith(start + prefix_text(prefix, is_last=self._is_last(values)))

    def compare(
        self,
        values: Sequence[AttributeValue],
        operator: Literal["<", "<=", ">", ">="],
        value: AttributeValue,
    ) -> KeyRange:
        """The keys whose first parts are these, and of whose next part the comparison holds."""
        start, is_last = self._start(values), self._is_last(values)
        bound = start + self._next(values, value)
        end = start[:-1] + ESCAPE  # above all keys that begin with the start
        match operator:
            case ">=":
                return Between(bound, end)
            case ">":
                return Between(just_above(bound) if is_last else bound + ESCAPE, end)
            case "<=":
                return Between(start, bound if is_last else bound + ESCAPE)
            case "<":
                if bound == start:  # nothing is below the empty value; no key ends so, none is found
                    return Exactly(end)
                return Between(start, just_below(bound, SORT_KEY_BYTES) if is_last else bound)

    def between(
        self, values: Sequence[AttributeValue], low: AttributeValue, high: AttributeValue
    ) -> KeyRange:
        """The keys whose first parts are these, and whose next part is within the bounds.

        DynamoDB refuses a BETWEEN whose `low` is greater than its `high`.
        """
        least, most = self.compare(values, ">=", low), self.compare(values, "<=", high)
        return Between(least.low, most.high)

    def _start(self, values: Sequence[AttributeValue]) -> str:
        """How the keys begin whose first parts, but not all of them, are these."""
        if len(values) >= len(self.parts):
            raise ValueError(f"this key has {len(self.parts)} parts, found {len(values)} and a further one")
        return DELIMITER.join([self.tag, *self._texts(values)]) + DELIMITER

    def _next(self, values: Sequence[AttributeValue], value: AttributeValue) -> str:
        """The text of the part that follows the first ones."""
        return self._texts([*values, value])[-1]

    def _texts(self, values: Sequence[AttributeValue]) -> list[str]:
        """The texts of the first parts."""
        try:
            return [write(value[type_]) for (type_, write), value in zip(self._writers, values, strict=False)]
        except KeyError:
            raise self._wrong_types(values) from None

    def _wrong_types(self, values: Sequence[AttributeValue]) -> MarshalError:
        found = ", ".join(type_ for value in values for type_ in value)
        rule = f"the parts of this key are {', '.join(self.parts)}"
        return MarshalError(MarshalFault("", found, rule))

    def _is_last(self, values: Sequence[AttributeValue]) -> bool:
        """Whether the part that follows the first ones is the last one."""
        return len(values) == len(self.parts) - 1


def _split(text: str) -> list[str]:
    """The texts of the parts: at delimiters before which no escape stands."""
    texts, start, position = [], 0, 0
    while position < len(text):
        if text[position] == ESCAPE:
            position += 2
            continue
        if text[position] == DELIMITER:
            texts.append(text[start:position])
            start = position + 1
        position += 1
    return [*texts, text[start:]]
