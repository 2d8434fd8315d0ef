"""Key templates: a tag and the types of the parts that follow it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Literal

import attrs

from dynamodel.keys.parts import DELIMITER, ESCAPE, PartType, part_text, prefix_text, read_part, writer
from dynamodel.keys.ranges import Between, Exactly, KeyRange, StartsWith, just_above, just_below
from dynamodel.types import AttributeValue

__all__ = ["PARTITION_KEY_BYTES", "SORT_KEY_BYTES", "KeyTemplate"]

PARTITION_KEY_BYTES = 2048
"""AWS developer guide, Limits: 1 to 2048 bytes."""

SORT_KEY_BYTES = 1024
"""AWS developer guide, Limits: 1 to 1024 bytes."""


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
    def _writers(self) -> tuple[tuple[str, Callable[[object], str]], ...]:
        last = len(self.parts) - 1
        return tuple((type_, writer(type_, is_last=n == last)) for n, type_ in enumerate(self.parts))

    def text(self, values: Sequence[AttributeValue]) -> str:
        """The key.

        Raises:
            MarshalError: a value is no number that DynamoDB can hold.
        """
        texts = [self.tag]
        for (type_, write), value in zip(self._writers, values, strict=True):
            texts.append(write(value[type_]))
        return DELIMITER.join(texts)

    def parse(self, text: str) -> tuple[AttributeValue, ...] | None:
        """The values from which a key was built; None if this template did not build it."""
        if self.is_static:
            return () if text == self.tag else None
        if not text.startswith(self.prefix):
            return None
        texts = _split(text[len(self.prefix) :])
        if len(texts) != len(self.parts):
            return None
        try:
            values = tuple(read_part(part, type_) for part, type_ in zip(texts, self.parts, strict=True))
        except ValueError:
            return None
        return values if self.text(values) == text else None

    def may_meet(self, other: KeyTemplate) -> bool:
        """Whether the ranges of one can hold keys of the other."""
        one, another = self.tag + DELIMITER, other.tag + DELIMITER
        return one.startswith(another) or another.startswith(one)

    # --- ranges ---

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
        return StartsWith(self._start(values) + prefix_text(prefix, is_last=self._is_last(values)))

    def compare(
        self,
        values: Sequence[AttributeValue],
        operator: Literal["<", "<=", ">", ">="],
        value: AttributeValue,
    ) -> KeyRange:
        """The keys whose first parts are these, and of whose next part the comparison holds."""
        start, is_last = self._start(values), self._is_last(values)
        bound = start + part_text(value, is_last=is_last)
        end = start[:-1] + ESCAPE  # above all keys that begin with the start
        match operator:
            case ">=":
                return Between(bound, end)
            case ">":
                return Between(just_above(bound) if is_last else bound + ESCAPE, end)
            case "<=":
                return Between(start, bound if is_last else bound + ESCAPE)
            case "<":
                if bound == start:  # nothing is below the empty text; no key is a start alone, if it has parts
                    return Exactly(end)
                return Between(start, just_below(bound, SORT_KEY_BYTES) if is_last else bound)

    def between(
        self, values: Sequence[AttributeValue], low: AttributeValue, high: AttributeValue
    ) -> KeyRange:
        """The keys whose first parts are these, and whose next part is within the bounds."""
        least, most = self.compare(values, ">=", low), self.compare(values, "<=", high)
        return Between(least.low, most.high)

    def _start(self, values: Sequence[AttributeValue]) -> str:
        texts = [self.tag, *(part_text(value, is_last=False) for value in values)]
        return DELIMITER.join(texts) + DELIMITER

    def _is_last(self, values: Sequence[AttributeValue]) -> bool:
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
