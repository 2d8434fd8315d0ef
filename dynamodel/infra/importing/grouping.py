"""Which items of a table belong to one entity, and how their keys are built, as far as samples tell.

Everything here is a proposal; `source` runs what is made of it against the samples before it is taken.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from attrs import frozen

from dynamodel.errors import MarshalError
from dynamodel.keys import DELIMITER, ESCAPE, KeyTemplate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynamodel.infra.importing.imported import ImportedTable
    from dynamodel.types import Item

__all__ = ["BuiltKey", "Group", "built_key", "groups_of"]

_MOST_PARTS = 5
_LIKELY = (
    "_type",
    "entitytype",
    "type",
    "entity",
    "kind",
    "model",
    "itemtype",
    "recordtype",
    "_et",
    "__edb_e__",
)
"""Attributes, in lower case and without underscores inside, that tell whose an item is in many tables."""


@frozen
class Group:
    """Items of one kind."""

    name: str
    items: tuple[Item, ...]
    attributes: tuple[str, ...] = ()
    """The stored names of further attributes that they may have."""
    mark: str | None = None
    """What the discriminator has for them."""


@frozen
class BuiltKey:
    """How a key attribute is built."""

    tag: str
    parts: tuple[str, ...]
    """The stored names of the attributes."""


def groups_of(table: ImportedTable) -> tuple[str | None, tuple[Group, ...]]:
    """The discriminator, and the groups that it tells apart; else None and one group of all items."""
    whole = Group(
        table.definition.name, table.samples, tuple(dict.fromkeys((*table.attributes, *_facet_names(table))))
    )
    if any(facet.items for facet in table.facets) and not table.items:
        groups = [Group(facet.name, facet.items, facet.attributes) for facet in table.facets]
        found = _discriminator(groups, table)
        if found is not None:
            marked = (_marked(group, found) for group in groups)
            return found, tuple(sorted(marked, key=lambda group: not group.items))
    elif not table.facets:
        return _by_likely_name(whole, table)
    return None, (whole,)


def _facet_names(table: ImportedTable) -> list[str]:
    return [name for facet in table.facets for name in facet.attributes]


def _marked(group: Group, discriminator: str) -> Group:
    mark = group.items[0][discriminator]["S"] if group.items else group.name
    return Group(group.name, group.items, group.attributes, mark)


def _discriminator(groups: Sequence[Group], table: ImportedTable) -> str | None:
    """An attribute that has one value in all items of a group, and another in every other group."""
    filled = [group for group in groups if group.items]
    for name in filled[0].items[0]:
        if not _may_discriminate(name, table):
            continue
        marks = [{item.get(name, {}).get("S") for item in group.items} for group in filled]
        if all(len(each) == 1 and not each & {None, ""} for each in marks):
            found = {next(iter(each)) for each in marks}
            others = {group.name for group in groups if not group.items}
            if len(found) == len(filled) and not found & others:
                return name
    return None


def _by_likely_name(whole: Group, table: ImportedTable) -> tuple[str | None, tuple[Group, ...]]:
    names = {name for item in whole.items for name in item}
    for name in sorted(names):
        if name.lower().replace("-", "") not in _LIKELY and name.lower().replace("_", "") not in _LIKELY:
            continue
        marks = [item.get(name, {}).get("S") for item in whole.items]
        if all(marks) and _may_discriminate(name, table):
            by_mark: dict[str, list[Item]] = defaultdict(list)
            for item, mark in zip(whole.items, marks, strict=True):
                by_mark[str(mark)].append(item)
            if len(by_mark) > 1:
                return name, tuple(Group(mark, tuple(items), (), mark) for mark, items in by_mark.items())
    return None, (whole,)


def _may_discriminate(name: str, table: ImportedTable) -> bool:
    """Whether the table can have this discriminator: it is in no key, and in every index."""
    definition = table.definition
    if name == definition.settings.time_to_live:
        return False
    if any(attribute.name == name for attribute in definition.key_attributes):
        return False
    projections = [index.projection for index in definition.indexes]
    return all(
        each.type == "ALL" or (each.type == "INCLUDE" and len(each.names) > 1 and each.names[-1] == name)
        for each in projections
    )


def built_key(name: str, items: Sequence[Item], others: Sequence[str]) -> BuiltKey | None:
    """How dynamodel's `key()` builds a key attribute of these items; None if it does not.

    Args:
        name: the key attribute.
        items: sample items, all of which have it.
        others: the attributes from which it may be built.
    """
    texts = [item[name].get("S", "") for item in items]
    if not texts or not all(texts):
        return None
    first = texts[0]
    if len(set(texts)) == 1 and (DELIMITER not in first) and ESCAPE not in first:
        return BuiltKey(first, ())
    tag, *rest = first.split(DELIMITER)
    if not tag or ESCAPE in tag or not 1 <= len(rest) <= _MOST_PARTS:
        return None
    return _matching(BuiltKey(tag, ()), len(rest), name, items, others)


def _matching(
    start: BuiltKey, missing: int, name: str, items: Sequence[Item], others: Sequence[str]
) -> BuiltKey | None:
    """The first choice of attributes from which every item's key comes out as it is stored."""
    if missing == 0:
        return start if all(_builds(start, item, name) for item in items) else None
    for other in others:
        if other in start.parts or not all("S" in item.get(other, {}) for item in items):
            continue
        longer = BuiltKey(start.tag, (*start.parts, other))
        if not all(_may_begin(longer, item, name) for item in items):
            continue
        found = _matching(longer, missing - 1, name, items, others)
        if found is not None:
            return found
    return None


def _may_begin(built: BuiltKey, item: Item, name: str) -> bool:
    """Whether the last part stands at its place in the key, as far as one can tell without the others."""
    stored = item[name].get("S", "")
    parts = re.split(re.escape(DELIMITER), stored)
    place = len(built.parts)
    return place < len(parts) and item[built.parts[-1]]["S"].split(DELIMITER)[0] == parts[place]


def _builds(built: BuiltKey, item: Item, name: str) -> bool:
    template = KeyTemplate(built.tag, tuple("S" for _ in built.parts))
    try:
        return template.text([item[part] for part in built.parts]) == item[name].get("S")
    except MarshalError:
        return False
