"""How the keys and indexes of a declared and a deployed table differ.

Source of the rules: AWS developer guide. A table's key and its local indexes are made with the table. A
global index cannot be changed: it is deleted and built again from the table's items. One is created or
deleted in each UpdateTable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from dynamodel.drift import requests
from dynamodel.drift.diff_capacity import IndexPair
from dynamodel.drift.findings import Change, Finding, Findings, Replacement, Same, index_place

if TYPE_CHECKING:
    from dynamodel.drift.deployed import DeployedTable
    from dynamodel.schema.definition import TableDefinition
    from dynamodel.schema.indexes import IndexDefinition
    from dynamodel.types import Request

__all__ = ["index_findings", "kept_indexes", "key_findings", "vector_index_findings"]


def key_findings(declared: TableDefinition, deployed: DeployedTable, at_stake: str) -> Findings:
    """The table's key and its local indexes, which a table keeps for life."""
    found = deployed.definition
    rule = f"a table keeps the key that it was made with; {at_stake}"
    yield _kept("key", declared.key, found.key, rule)
    wanted_by_name = {index.name: index for index in declared.local_indexes}
    found_by_name = {index.name: index for index in found.local_indexes}
    rule = f"local indexes are made with their table; {at_stake}"
    for name in wanted_by_name | found_by_name:
        wanted, there = wanted_by_name.get(name), found_by_name.get(name)
        place = index_place("local", name)
        if wanted is not None and there is not None and is_built_alike(wanted, there):
            yield Same(place)
        else:
            yield Replacement(place, wanted, there, rule)


def _kept(place: str, declared: object, deployed: object, rule: str) -> Finding:
    return Same(place) if declared == deployed else Replacement(place, declared, deployed, rule)


def is_built_alike(one: IndexDefinition, other: IndexDefinition) -> bool:
    """Whether two indexes have the same key and hold the same attributes, in whatever order."""
    return (
        one.key == other.key
        and one.projection.type == other.projection.type
        and set(one.projection.names) == set(other.projection.names)
    )


def kept_indexes(declared: TableDefinition, deployed: TableDefinition) -> tuple[IndexPair, ...]:
    """The global indexes that stay, for their key and projection are as declared."""
    found = {index.name: index for index in deployed.global_indexes}
    return tuple(
        IndexPair(index, found[index.name])
        for index in declared.global_indexes
        if index.name in found and is_built_alike(index, found[index.name])
    )


def index_findings(declared: TableDefinition, deployed: DeployedTable) -> Findings:
    """The global indexes: those that are removed, those that stay, those that are built or built again."""
    kept = kept_indexes(declared, deployed.definition)
    wanted = {index.name: index for index in declared.global_indexes}
    found = {index.name: index for index in deployed.definition.global_indexes}
    for name, index in found.items():
        if name not in wanted:
            yield _removal(declared.name, index, deployed)
    for pair in kept:
        yield Same(index_place("global", pair.declared.name))
    # What stays is there while the others are created, one after the other, after all deletions.
    growing = evolve(declared, global_indexes=tuple(pair.deployed for pair in kept))
    for index in declared.global_indexes:
        if index.name not in {pair.declared.name for pair in kept}:
            yield _creation(growing, index, found.get(index.name), deployed)
            growing = evolve(growing, global_indexes=(*growing.global_indexes, index))


def _removal(name: str, index: IndexDefinition, deployed: DeployedTable) -> Change:
    count = _entries(index, deployed)
    return Change(
        index_place("global", index.name),
        None,
        index,
        (requests.delete_index(name, index.name),),
        f"it is deleted{count}; queries of it fail from then on",
    )


def _creation(
    growing: TableDefinition,
    index: IndexDefinition,
    found: IndexDefinition | None,
    deployed: DeployedTable,
) -> Change:
    name = growing.name
    steps: list[Request] = [] if found is None else [requests.delete_index(name, index.name)]
    steps.append(requests.create_index(growing, index))
    if index.contributor_insights is not None:
        steps.append(requests.enable_insights(name, index.contributor_insights, index.name))
    warning = (
        None
        if found is None
        else f"it is deleted{_entries(found, deployed)} and built again; queries of it fail meanwhile"
    )
    return Change(index_place("global", index.name), index, found, tuple(steps), warning)


def _entries(index: IndexDefinition, deployed: DeployedTable) -> str:
    count = deployed.index_item_counts.get(index.name)
    return "" if count is None else f" with its {count:,} entries"


def vector_index_findings(declared: TableDefinition, deployed: TableDefinition) -> Findings:
    """The vector indexes; one of them is created or deleted in each UpdateTable, too."""
    wanted = {index.name: index for index in declared.vector_indexes}
    found = {index.name: index for index in deployed.vector_indexes}
    for name in wanted | found:
        index, there = wanted.get(name), found.get(name)
        place = index_place("vector", name)
        if index == there:
            yield Same(place)
            continue
        steps = [] if there is None else [requests.delete_vector_index(declared.name, name)]
        if index is not None:
            steps.append(requests.create_vector_index(declared.name, index))
        warning = None if there is None else "it is deleted; searches of it fail until it is built again"
        yield Change(place, index, there, tuple(steps), warning)
