"""Drift: how a deployed table differs from its definition, and the requests that bring it together.

Guarantee: the steps, sent in their order to a table that is ACTIVE before each of them, make every change
that can be made in place, and nothing else. What cannot be seen is named, and never taken for the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from dynamodel.drift.diff_capacity import TablePair, capacity_findings
from dynamodel.drift.diff_indexes import (
    index_findings,
    kept_indexes,
    key_findings,
    vector_index_findings,
)
from dynamodel.drift.diff_replicas import other_region_settings, replica_findings
from dynamodel.drift.diff_settings import is_key_told, setting_findings
from dynamodel.drift.findings import Change, Replacement, Same, index_place
from dynamodel.schema.resolve import sendable
from dynamodel.schema.scaling import AutoScaling
from dynamodel.schema.settings import EncryptionKey, RemovalPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from dynamodel.drift.deployed import DeployedTable
    from dynamodel.drift.findings import Findings
    from dynamodel.schema.definition import TableDefinition
    from dynamodel.types import Request

__all__ = ["Change", "Replacement", "TableDiff", "diff"]


@frozen
class TableDiff:
    """How a deployed table differs from its definition; true if it does."""

    table: str
    """The table's name."""
    same: tuple[str, ...] = ()
    """The parts that are deployed as declared: `key`, `stream`, `global_indexes['by-title']` ..."""
    changes: tuple[Change, ...] = ()
    """What can be changed while the table stays."""
    replacements: tuple[Replacement, ...] = ()
    """What only a new table can have."""
    unseen: Mapping[str, str] = field(factory=dict)
    """What cannot be compared, and why; it may differ."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing that can be seen differs."""
        return not self.changes and not self.replacements

    def __bool__(self) -> bool:
        return not self.is_empty

    @property
    def steps(self) -> tuple[Request, ...]:
        """The requests of all changes, in the order in which DynamoDB takes them.

        Indexes are deleted first and created after the change of capacity, so that an attribute that changes
        its type is in no key meanwhile, and a billing mode has no index without capacity.
        """
        steps = (step for change in self.changes for step in change.steps)
        return tuple(sorted(steps, key=_rank))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is lost, interrupted or delayed by the changes and replacements, as `place: warning`."""
        found: tuple[Change | Replacement, ...] = (*self.changes, *self.replacements)
        return tuple(f"{each.place}: {each.warning}" for each in found if each.warning is not None)

    def __str__(self) -> str:
        lines = [f"Table {self.table!r}: {self._summary()}"]
        lines += [f"  in place: {change}" for change in self.changes]
        lines += [f"  needs a new table: {replacement}" for replacement in self.replacements]
        lines += [f"  not seen ({reason}): {', '.join(places)}" for reason, places in self.unseen_by_reason]
        return "\n".join(lines)

    @property
    def unseen_by_reason(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The reasons why something cannot be compared, with the places that each of them hides."""
        reasons: dict[str, list[str]] = {}
        for place, reason in self.unseen.items():
            reasons.setdefault(reason, []).append(place)
        return tuple((reason, tuple(places)) for reason, places in reasons.items())

    def _summary(self) -> str:
        if self.is_empty:
            return "as declared"
        counts = [(len(self.changes), "to change in place"), (len(self.replacements), "to replace")]
        told = ", ".join(f"{count} {what}" for count, what in counts if count)
        return f"{told}; {len(self.same)} as declared"


def diff(declared: TableDefinition, deployed: DeployedTable) -> TableDiff:
    """How a deployed table differs from its definition.

    Args:
        declared: the table as it should be. Its references are resolved by their defaults; see `resolved`.
        deployed: the table as it is, under whatever name: the steps go to the deployed one.

    Raises:
        RequestError: a setting whose text is known to CloudFormation only.
    """
    found = deployed.definition
    declared = evolve(sendable(declared), name=found.name)
    pair = TablePair(found.name, declared.settings, found.settings, tuple(kept_indexes(declared, found)))
    unseen = set(deployed.unseen) | (set() if is_key_told(pair) else {"encryption"})
    findings = [each for each in _findings(declared, deployed, pair) if not _is_hidden(each.place, unseen)]
    return TableDiff(
        found.name,
        tuple(each.place for each in findings if isinstance(each, Same)),
        tuple(each for each in findings if isinstance(each, Change)),
        tuple(each for each in findings if isinstance(each, Replacement)),
        dict(_unseen(declared, deployed, pair)),
    )


def _findings(declared: TableDefinition, deployed: DeployedTable, pair: TablePair) -> Findings:
    at_stake = _at_stake(declared, deployed)
    yield from key_findings(declared, deployed, at_stake)
    yield from index_findings(declared, deployed)
    yield from capacity_findings(pair)
    yield from vector_index_findings(declared, deployed.definition)
    yield from replica_findings(declared, deployed.definition, at_stake)
    yield from setting_findings(pair, deployed)


def _is_hidden(place: str, unseen: AbstractSet[str]) -> bool:
    """Whether nothing can be said about a part: `replicas` hides `replicas['eu-west-1']` as well."""
    return place in unseen or place.split("[", maxsplit=1)[0] in unseen


def _at_stake(declared: TableDefinition, deployed: DeployedTable) -> str:
    """Which data a replacement would lose (AWS API reference: ItemCount, TableSizeBytes)."""
    items = (
        f"about {deployed.item_count:,} items, {deployed.size_bytes:,} bytes, as counted up to six hours ago"
    )
    protected = deployed.definition.settings.deletion_protection
    protection = "deletion protection keeps it" if protected else "nothing protects it from deletion"
    policy = declared.settings.removal_policy
    fate = (
        "its stack would delete it with them"
        if policy is RemovalPolicy.DESTROY
        else "its stack would leave it, under the name that the new one wants"
    )
    return f"a new table begins empty; the old one has {items}; {protection}; {fate}"


def _unseen(declared: TableDefinition, deployed: DeployedTable, pair: TablePair) -> Iterator[tuple[str, str]]:
    yield from deployed.unseen.items()
    if not is_key_told(pair):
        key = declared.settings.encryption
        named = "the key that AWS manages" if key.key_owner is EncryptionKey.AWS_MANAGED else str(key.key)
        yield "encryption", f"DynamoDB tells a key's ARN only, not whether it is {named}"
    for place in _scaled(declared):
        yield place, "Application Auto Scaling knows whether it follows the load, DynamoDB does not"
    for place in other_region_settings(declared.settings):
        yield place, "only the replica's own region tells it"


def _scaled(declared: TableDefinition) -> Iterator[str]:
    places = [("throughput", declared.settings.throughput)]
    places += [
        (index_place("global", index.name, "throughput"), index.throughput)
        for index in declared.global_indexes
    ]
    for place, throughput in places:
        if throughput is not None and AutoScaling in (type(throughput.read), type(throughput.write)):
            yield place


def _rank(step: Request) -> int:
    """Deletions of indexes and replicas, the other changes, creations, and what needs a new index.

    A table with replicas keeps its stream. The time to live is last: AWS may refuse its second step, and
    all else should be done by then.
    """
    words = ("GlobalSecondaryIndexUpdates", "VectorIndexUpdates", "ReplicaUpdates")
    updates = [update for word in words for update in step.parameters.get(word, ())]
    if any("Delete" in update for update in updates):
        return 0
    if any("Create" in update for update in updates):
        return 2
    if step.operation == "UpdateTimeToLive":
        return 4
    # DynamoDB Local 1.25.1 forgets the protection while it creates an index.
    return 3 if step.parameters.keys() & {"IndexName", "DeletionProtectionEnabled"} else 1
