"""A deployed table as an import: what DynamoDB told of it, with sample items if there are any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from dynamodel.drift.deployed import DeployedTable
from dynamodel.infra.importing.imported import Imported, ImportedTable
from dynamodel.infra.importing.items import checked_items
from dynamodel.infra.importing.reading import Report
from dynamodel.schema.scaling import fixed
from dynamodel.schema.settings import BillingMode, Throughput, WarmThroughput
from dynamodel.schema.verify_settings import ON_DEMAND_WARM

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynamodel.schema.definition import TableDefinition
    from dynamodel.types import Item

__all__ = ["from_description"]


def from_description(described: TableDefinition | DeployedTable, items: Iterable[Item] = ()) -> Imported:
    """One table, as it was described.

    A warm throughput that DynamoDB gives every such table is left out: it is told of tables that never
    asked for it.

    Args:
        described: what `describe_table` gives, or its definition. Of the former, settings that DynamoDB did
            not tell are named in the notes.
        items: sample items as a Scan returns them, from which the types of attributes are learnt.

    Raises:
        DeclarationError: something is no item.
    """
    report = Report()
    definition = described
    if isinstance(described, DeployedTable):
        definition = described.definition
        for setting, reason in described.unseen.items():
            report.note(f"Table {definition.name!r}.{setting}", f"was not told: {reason}")
    assert not isinstance(definition, DeployedTable)
    samples = checked_items(items, "items", report)
    report.check()
    return Imported((ImportedTable(_plain(definition), items=samples),), tuple(report.notes))


def _plain(definition: TableDefinition) -> TableDefinition:
    """Without warm throughput as it comes with the billing mode."""
    settings = definition.settings
    on_demand = settings.billing_mode is BillingMode.PAY_PER_REQUEST
    return evolve(
        definition,
        settings=evolve(
            settings, warm_throughput=_asked_for(settings.warm_throughput, settings.throughput, on_demand)
        ),
        global_indexes=tuple(
            evolve(index, warm_throughput=_asked_for(index.warm_throughput, index.throughput, on_demand))
            for index in definition.global_indexes
        ),
    )


def _asked_for(
    warm: WarmThroughput | None, throughput: Throughput | None, on_demand: bool
) -> WarmThroughput | None:
    usual = ON_DEMAND_WARM if on_demand else throughput
    if warm is None or usual is None:
        return warm
    return None if warm == WarmThroughput(fixed(usual.read), fixed(usual.write)) else warm
