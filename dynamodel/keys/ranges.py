"""Ranges of key texts, each with bounds on both sides that belong to it, as DynamoDB's BETWEEN has them."""

from __future__ import annotations

import re
from typing import TypeAlias

import attrs

from dynamodel.keys.parts import ESCAPE

__all__ = [
    "PARTITION_KEY_BYTES",
    "SORT_KEY_BYTES",
    "Between",
    "Exactly",
    "KeyRange",
    "StartsWith",
    "just_above",
    "just_below",
]

PARTITION_KEY_BYTES = 2048
"""AWS developer guide, Limits: 1 to 2048 bytes."""

SORT_KEY_BYTES = 1024
"""AWS developer guide, Limits: 1 to 1024 bytes."""

_ENDS_A_PART = re.compile(r"(?<!\$)(?:\$\$)*#\Z").search
"""Finds a delimiter at the end, but not one that stands in a value behind an escape."""

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
        """A bound above all of them, and below all other keys."""
        if _ENDS_A_PART(self.prefix):
            return self.prefix[:-1] + ESCAPE
        return _filled(self.prefix, SORT_KEY_BYTES)


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
    """A bound below a text, and not below any lesser text of at most `limit` bytes.

    Args:
        text: not empty, since nothing is below the empty text.
        limit: in bytes of UTF-8.
    """
    last = ord(text[-1])
    if last == 0:
        return text[:-1]
    before = 0xD7FF if last == 0xE000 else last - 1  # between them are surrogates, which UTF-8 has not
    return _filled(text[:-1] + chr(before), limit)


def _filled(start: str, limit: int) -> str:
    """The greatest text of at most `limit` bytes that begins so; `start` itself if that is longer."""
    full, rest = divmod(max(limit - len(start.encode()), 0), 4)
    return start + _GREATEST * full + _GREATEST_OF_BYTES[rest]
