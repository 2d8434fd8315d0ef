"""Ranges of key texts, each with bounds on both sides that belong to it, as DynamoDB's BETWEEN has them."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from dynamodel.keys.parts import DELIMITER, ESCAPE

__all__ = ["Between", "Exactly", "KeyRange", "StartsWith", "just_above", "just_below"]

_GREATEST = "\U0010ffff"
_GREATEST_OF_BYTES = ("", "\x7f", "\u07ff", "\uffff")
"""The greatest texts of 0 to 3 bytes of UTF-8."""


@attrs.frozen
class Exactly:
    """One key."""

    text: str = attrs.field(repr=False)

    def holds(self, text: str) -> bool:
        """Whether a key is in it."""
        return text == self.text

    @property
    def low(self) -> str:
        """The least key."""
        return self.text

    @property
    def high(self) -> str:
        """The greatest key."""
        return self.text


@attrs.frozen
class StartsWith:
    """All keys that begin with a text."""

    prefix: str = attrs.field(repr=False)

    def holds(self, text: str) -> bool:
        """Whether a key is in it."""
        return text.startswith(self.prefix)

    @property
    def low(self) -> str:
        """The least key."""
        return self.prefix

    @property
    def high(self) -> str:
        """A bound that no key has, above all of them."""
        if self.prefix.endswith(DELIMITER):
            return self.prefix[:-1] + ESCAPE
        return self.prefix + _GREATEST * 8


@attrs.frozen
class Between:
    """All keys from one to another, which belong to it."""

    low: str = attrs.field(repr=False)
    high: str = attrs.field(repr=False)

    def holds(self, text: str) -> bool:
        """Whether a key is in it."""
        return self.low <= text <= self.high


KeyRange: TypeAlias = Exactly | StartsWith | Between


def just_above(text: str) -> str:
    """The least text that is greater."""
    return text + "\x00"


def just_below(text: str, limit: int) -> str:
    """A bound below a text, and not below any lesser text of at most `limit` bytes."""
    last = ord(text[-1])
    if last == 0:
        return text[:-1]
    before = chr(0xD7FF) if last == 0xE000 else chr(last - 1)
    start = text[:-1] + before
    full, rest = divmod(max(limit - len(start.encode()), 0), 4)
    return start + _GREATEST * full + _GREATEST_OF_BYTES[rest]
