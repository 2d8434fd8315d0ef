"""Filter patterns from alternatives: as few as possible, and none longer than Lambda takes.

Filters of one mapping are joined by OR, and so are the parts of `$or` in a pattern. An alternative that is
too long, as the beginnings of the texts of a range of numbers can be, is split.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from dynamodel.infra.filters.sets import InexpressibleError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dynamodel.infra.filters.sets import Rule

__all__ = ["MAX_FILTERS", "MAX_PATTERN_CHARACTERS", "Rules", "either", "nested", "packed", "pattern_text"]

MAX_PATTERN_CHARACTERS = 4096
"""AWS Lambda API reference: Filter."""

MAX_FILTERS = 20
"""Of a mapping (CloudFormation's schema of FilterCriteria). An account begins with a quota of five, which AWS
raises on request (AWS Lambda developer guide, event filtering)."""

_DEFAULT_FILTERS = 5

Rules = dict[tuple[str, ...], "list[Rule]"]
"""The rules of each leaf, by the names that lead to it from the record on; all must hold."""


def pattern_text(pattern: Mapping[str, object]) -> str:
    """The pattern as the text that a mapping takes, without blanks."""
    return json.dumps(pattern, separators=(",", ":"), ensure_ascii=False)


def nested(rules: Rules) -> dict[str, Any]:
    """The pattern of one alternative."""
    pattern: dict[str, Any] = {}
    for path, choices in rules.items():
        place = pattern
        for name in path[:-1]:
            place = place.setdefault(name, {})
        place[path[-1]] = choices
    return pattern


def either(alternatives: Sequence[Rules]) -> dict[str, Any]:
    """One pattern of all alternatives: what they share stands once, the rest under `$or`."""
    if len(alternatives) == 1:
        return nested(alternatives[0])
    first = alternatives[0]
    shared = {path for path in first if all(each.get(path) == first[path] for each in alternatives)}
    rests = [{path: rules for path, rules in each.items() if path not in shared} for each in alternatives]
    return {
        **nested({path: rules for path, rules in first.items() if path in shared}),
        "$or": [nested(rest) for rest in rests],
    }


def packed(alternatives: Sequence[Rules]) -> list[dict[str, Any]]:
    """The patterns of the filters of a mapping.

    Raises:
        InexpressibleError: they are more than a mapping can have.
    """
    parts = [part for each in alternatives for part in _split(each)]
    if len(parts) <= _DEFAULT_FILTERS:
        return [nested(part) for part in parts]
    groups: list[list[Rules]] = []
    for part in parts:
        if groups and _fits(either([*groups[-1], part])):
            groups[-1].append(part)
        else:
            groups.append([part])
    if len(groups) > MAX_FILTERS:
        raise InexpressibleError(
            f"needs {len(groups)} filters of {MAX_PATTERN_CHARACTERS} characters, and a mapping has at most "
            f"{MAX_FILTERS}; shorten the condition, compare with numbers of fewer digits, or leave a part of "
            "it to the function"
        )
    return [either(group) for group in groups]


def _fits(pattern: Mapping[str, object]) -> bool:
    return len(pattern_text(pattern)) <= MAX_PATTERN_CHARACTERS


def _split(rules: Rules) -> Iterator[Rules]:
    """The alternative, or parts of it with some of the rules of its longest leaf."""
    if _fits(nested(rules)):
        yield rules
        return
    longest = max(rules, key=lambda path: len(pattern_text(cast("Any", rules[path]))))
    choices = rules[longest]
    if len(choices) < 2:
        raise InexpressibleError(
            f"{'.'.join(longest)}: its values are longer than the {MAX_PATTERN_CHARACTERS} characters of a "
            "pattern; compare with fewer or shorter ones"
        )
    room = MAX_PATTERN_CHARACTERS - len(pattern_text(nested({**rules, longest: []})))
    part: list[Rule] = []
    for choice in choices:
        if part and len(pattern_text(cast("Any", [*part, choice]))) - 2 > room:
            yield from _split({**rules, longest: part})
            part = []
        part.append(choice)
    yield from _split({**rules, longest: part})
