"""How the capacity of a declared and a deployed table differs: billing, throughput, maxima, warm throughput.

Source of the rules: AWS API reference, UpdateTable. A change to PROVISIONED needs the capacity of the table
and of every global index in one request; a request that changes nothing is refused, so that only what
differs is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dynamodel.drift import requests
from dynamodel.drift.findings import Change, Finding, Findings, Same, compared, index_place
from dynamodel.schema import shapes
from dynamodel.schema.scaling import AutoScaling, fixed
from dynamodel.schema.settings import BillingMode, OnDemandThroughput, Throughput, WarmThroughput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynamodel.schema.indexes import IndexDefinition
    from dynamodel.schema.scaling import CapacityUnits
    from dynamodel.schema.settings import TableSettings

__all__ = ["NO_MAXIMUM", "IndexPair", "TablePair", "capacity_findings", "read_units"]

NO_MAXIMUM = -1
"""AWS's word that takes a maximum away (AWS API reference: OnDemandThroughput)."""


class IndexPair(NamedTuple):
    """A global index that stays, as it is declared and as it is deployed."""

    declared: IndexDefinition
    deployed: IndexDefinition


class TablePair(NamedTuple):
    """The settings of a table, as they are declared and as they are deployed, with the indexes that stay."""

    name: str
    declared: TableSettings
    deployed: TableSettings
    indexes: Sequence[IndexPair] = ()


def capacity_findings(pair: TablePair) -> Findings:
    """Everything about the capacity of a table and of its global indexes."""
    declared, deployed = pair.declared, pair.deployed
    if declared.billing_mode is not deployed.billing_mode:
        yield _billing_change(pair)
    else:
        yield Same("billing_mode")
        if declared.throughput is not None:
            yield from _throughputs(pair)
    if declared.billing_mode is BillingMode.PAY_PER_REQUEST:
        yield from _maxima(pair)
    yield from _warm(pair)


def _billing_change(pair: TablePair) -> Change:
    mode = pair.declared.billing_mode
    parameters: dict[str, object] = {"BillingMode": mode.value}
    declared: object = mode
    if pair.declared.throughput is not None:
        declared = f"{mode.value} with {pair.declared.throughput}"
        throughputs = {
            each.declared.name: {
                "ProvisionedThroughput": shapes.provisioned_throughput(each.declared.throughput)
            }
            for each in pair.indexes
            if each.declared.throughput is not None
        }
        parameters |= {
            "ProvisionedThroughput": shapes.provisioned_throughput(pair.declared.throughput),
            **requests.update_indexes(throughputs),
        }
    return Change(
        "billing_mode",
        declared,
        pair.deployed.billing_mode,
        (requests.update_table(pair.name, **parameters),),
    )


def _throughputs(pair: TablePair) -> Findings:
    """Provisioned capacity, of the table and of each index; both sides are provisioned."""
    yield _throughput("throughput", pair.name, None, pair.declared.throughput, pair.deployed.throughput)
    for declared, deployed in pair.indexes:
        place = index_place("global", declared.name, "throughput")
        yield _throughput(place, pair.name, declared.name, declared.throughput, deployed.throughput)


def _throughput(
    place: str, name: str, index: str | None, declared: Throughput | None, deployed: Throughput | None
) -> Finding:
    if declared is None or deployed is None:
        return Same(place)
    wanted = Throughput(
        _target(declared.read, fixed(deployed.read)), _target(declared.write, fixed(deployed.write))
    )
    if wanted == deployed:
        return Same(place)
    parameters = {"ProvisionedThroughput": shapes.provisioned_throughput(wanted)}
    if index is not None:
        parameters = requests.update_indexes({index: parameters})
    return Change(place, declared, deployed, (requests.update_table(name, **parameters),))


def _target(declared: CapacityUnits, deployed: int) -> int:
    """The units that there should be: what follows the load stays where it is, within its bounds."""
    if isinstance(declared, AutoScaling) and declared.minimum <= deployed <= declared.maximum:
        return deployed
    return fixed(declared)


def read_units(declared: CapacityUnits | None, deployed: int | None) -> int | None:
    """The read units that a replica should have of its own."""
    if declared is None or deployed is None:
        return None if declared is None else fixed(declared)
    return _target(declared, deployed)


def _maxima(pair: TablePair) -> Findings:
    place = "on_demand_throughput"
    wanted, found = pair.declared.on_demand_throughput, pair.deployed.on_demand_throughput
    step = requests.update_table(pair.name, OnDemandThroughput=_maximum(wanted, found))
    yield compared(place, wanted, found, step)
    for declared, deployed in pair.indexes:
        wanted, found = declared.on_demand_throughput, deployed.on_demand_throughput
        settings = {declared.name: {"OnDemandThroughput": _maximum(wanted, found)}}
        step = requests.update_table(pair.name, **requests.update_indexes(settings))
        yield compared(index_place("global", declared.name, place), wanted, found, step)


def _maximum(wanted: OnDemandThroughput | None, found: OnDemandThroughput | None) -> dict[str, int]:
    """`OnDemandThroughput` with what differs."""
    wanted, found = wanted or OnDemandThroughput(), found or OnDemandThroughput()
    return shapes.given(
        MaxReadRequestUnits=_changed(wanted.max_read, found.max_read),
        MaxWriteRequestUnits=_changed(wanted.max_write, found.max_write),
    )


def _changed(wanted: int | None, found: int | None) -> int | None:
    if wanted == found:
        return None
    return NO_MAXIMUM if wanted is None else wanted


def _warm(pair: TablePair) -> Findings:
    """Warm throughput grows by itself and never shrinks: more than is declared is what is declared."""
    place = "warm_throughput"
    wanted, found = pair.declared.warm_throughput, pair.deployed.warm_throughput
    raised = _raised(wanted, found)
    if raised is None:
        yield Same(place)
    else:
        step = requests.update_table(pair.name, WarmThroughput=shapes.warm_throughput(raised))
        yield Change(place, wanted, found, (step,))
    for declared, deployed in pair.indexes:
        here = index_place("global", declared.name, place)
        raised = _raised(declared.warm_throughput, deployed.warm_throughput)
        if raised is None:
            yield Same(here)
            continue
        settings = {declared.name: {"WarmThroughput": shapes.warm_throughput(raised)}}
        step = requests.update_table(pair.name, **requests.update_indexes(settings))
        yield Change(here, declared.warm_throughput, deployed.warm_throughput, (step,))


def _raised(wanted: WarmThroughput | None, found: WarmThroughput | None) -> WarmThroughput | None:
    """Both units as they should be, if one of them has to be raised; None: none has to be."""
    wanted, found = wanted or WarmThroughput(), found or WarmThroughput()
    raised = WarmThroughput(_higher(wanted.read, found.read), _higher(wanted.write, found.write))
    return None if raised == found else raised


def _higher(wanted: int | None, found: int | None) -> int | None:
    return wanted if found is None or (wanted is not None and wanted > found) else found
