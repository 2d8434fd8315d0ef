"""How the replicas of a declared and a deployed table differ, as far as one region can tell.

Source of the rules: AWS API reference, UpdateTable and ReplicationGroupUpdate; AWS developer guide, global
tables: the consistency of a global table is chosen when its first replica is added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from dynamodel.drift import requests
from dynamodel.drift.diff_capacity import NO_MAXIMUM, read_units
from dynamodel.drift.findings import Change, Findings, Replacement, Same
from dynamodel.schema.replication import replica, replication_requests
from dynamodel.schema.settings import MultiRegionConsistency, Replica, ReplicaIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamodel.schema.definition import TableDefinition
    from dynamodel.schema.settings import TableSettings, Throughput

__all__ = ["other_region_settings", "replica_findings"]

_ELSEWHERE = (
    "deletion_protection",
    "point_in_time_recovery",
    "contributor_insights",
    "kinesis_stream",
    "resource_policy",
    "stream_resource_policy",
    "tags",
)


def replica_findings(declared: TableDefinition, deployed: TableDefinition, at_stake: str) -> Findings:
    """The replicas: those that are added, those that go, those whose own settings change."""
    wanted, found = declared.settings, deployed.settings
    if not wanted.replicas and not found.replicas:
        yield Same("replicas")
        return
    if wanted.replicas and found.replicas and _consistency(wanted) != _consistency(found):
        rule = f"the consistency of a global table is chosen with its first replica; {at_stake}"
        yield Replacement("multi_region_consistency", _consistency(wanted), _consistency(found), rule)
        return
    there = {each.region: each for each in found.replicas}
    regions = {each.region for each in wanted.replicas}
    for region, each in there.items():
        if region not in regions:
            yield _removal(declared.name, each)
    added = tuple(each for each in wanted.replicas if each.region not in there)
    for each in wanted.replicas:
        if each.region in there:
            yield from _kept(declared, each, there[each.region])
    yield from _additions(evolve(declared, settings=evolve(wanted, replicas=added)))


def _consistency(settings: TableSettings) -> MultiRegionConsistency:
    return settings.multi_region_consistency or MultiRegionConsistency.EVENTUAL


def _place(region: str) -> str:
    return f"replicas[{region!r}]"


def _removal(name: str, found: Replica) -> Change:
    step = requests.update_table(name, ReplicaUpdates=[{"Delete": {"RegionName": found.region}}])
    warning = "the copy in that region is deleted; programs there lose their table"
    return Change(_place(found.region), None, found, (step,), warning)


def _additions(added: TableDefinition) -> Iterator[Change]:
    """One change for each new replica; with strong consistency one request adds them all."""
    steps = tuple(replication_requests(added))
    replicas = added.settings.replicas
    if len(steps) == len(replicas):
        for each, step in zip(replicas, steps, strict=True):
            yield Change(_place(each.region), each, None, (step,))
    elif replicas:
        yield Change("replicas", ", ".join(each.region for each in replicas), None, steps)


def _kept(declared: TableDefinition, wanted: Replica, found: Replica) -> Findings:
    """What a replica has of its own, and this region can tell."""
    action = replica(_target(declared, wanted, found))
    unchanged = replica(_own(found))
    differs = {name: value for name, value in action.items() if unchanged.get(name) != value}
    place = _place(wanted.region)
    if not differs:
        yield Same(place)
        return
    update: dict[str, Any] = {"RegionName": wanted.region, **differs}
    step = requests.update_table(declared.name, ReplicaUpdates=[{"Update": update}])
    yield Change(place, _own(wanted), _own(found), (step,))


def _target(declared: TableDefinition, wanted: Replica, found: Replica) -> Replica:
    """The replica with what it should have of its own.

    What follows the load stays where it is, within its bounds. AWS takes no setting of a replica back: one
    that should be as the table's is set to the table's.
    """
    settings = declared.settings
    throughputs = {index.name: index.throughput for index in declared.global_indexes}
    indexes = {
        name: _index_target(wanted.indexes.get(name, ReplicaIndex()), found.indexes.get(name), throughput)
        for name, throughput in throughputs.items()
        if name in wanted.indexes or name in found.indexes
    }
    table_class = wanted.table_class
    if table_class is None and found.table_class is not None:
        table_class = settings.table_class
    return evolve(
        _own(wanted),
        table_class=table_class,
        read_throughput=_read(wanted, found, settings.throughput),
        max_read=_max_read(wanted, found),
        indexes=indexes,
    )


def _index_target(
    wanted: ReplicaIndex, found: ReplicaIndex | None, throughput: Throughput | None
) -> ReplicaIndex:
    there = found or ReplicaIndex()
    return ReplicaIndex(_read(wanted, there, throughput), _max_read(wanted, there))


def _read(
    wanted: Replica | ReplicaIndex, found: Replica | ReplicaIndex, own: Throughput | None
) -> int | None:
    there = found.read_throughput if isinstance(found.read_throughput, int) else None
    units = wanted.read_throughput
    if units is None and there is not None and own is not None:
        units = own.read
    return read_units(units, there)


def _max_read(wanted: Replica | ReplicaIndex, found: Replica | ReplicaIndex) -> int | None:
    return NO_MAXIMUM if wanted.max_read is None and found.max_read is not None else wanted.max_read


def _own(settings: Replica) -> Replica:
    """A replica with those settings alone that another region can tell and set."""
    elsewhere: dict[str, Any] = dict.fromkeys(_ELSEWHERE)
    return evolve(settings, **elsewhere)


def other_region_settings(settings: TableSettings) -> Iterator[str]:
    """The settings of replicas that only their own region can tell."""
    for each in settings.replicas:
        for name in _ELSEWHERE:
            if getattr(each, name) is not None:
                yield f"{_place(each.region)}.{name}"
