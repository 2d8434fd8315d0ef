"""Filters of a function's stream: from conditions on an entity to the patterns of Lambda, and back.

`Changes` compiles them; `matches` says what Lambda would do with a record, so that a test can prove it.
"""

from dynamodel.infra.filters.changes import ChangeKind, Changes
from dynamodel.infra.filters.matching import matches, require_pattern
from dynamodel.infra.filters.patterns import MAX_FILTERS, MAX_PATTERN_CHARACTERS, pattern_text

__all__ = [
    "MAX_FILTERS",
    "MAX_PATTERN_CHARACTERS",
    "ChangeKind",
    "Changes",
    "matches",
    "pattern_text",
    "require_pattern",
]
