"""Reads data models of NoSQL Workbench for Amazon DynamoDB, of its versions 1.0 to 3.0.

The format is JSON and has no published schema; what is here was read off models that AWS publishes. It has
tables with keys, global indexes, capacity, attributes with types, facets and sample items. It has no local
indexes, no keys of several attributes, and no other settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from dynamodel.infra.importing import wire
from dynamodel.infra.importing.imported import Facet, Imported, ImportedTable
from dynamodel.infra.importing.items import TYPES, read_items
from dynamodel.infra.importing.reading import Report, Section, section_of
from dynamodel.infra.importing.scaling import with_tracking
from dynamodel.schema.definition import TableDefinition
from dynamodel.schema.indexes import IndexDefinition
from dynamodel.schema.keys import KeyAttribute, KeySchema
from dynamodel.schema.scaling import AutoScaling, CapacityUnits
from dynamodel.schema.settings import BillingMode, TableSettings, Throughput
from dynamodel.schema.verify import table_faults

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel.types import AttributeType

__all__ = ["from_workbench"]

_USUAL = Throughput(5, 5)
"""What Workbench gives a provisioned table that says nothing else (AWS developer guide, Committing)."""


def from_workbench(model: Mapping[str, Any]) -> Imported:
    """The tables of a NoSQL Workbench data model, given as parsed JSON.

    Raises:
        DeclarationError: it is no such model, or a table breaks rules; with all faults and their places.
    """
    report = Report()
    whole = section_of(model, "", report)
    name = whole.plain_text("ModelName")
    metadata = whole.optional("ModelMetadata")
    described = {} if metadata is None else {key: metadata.plain_text(key) or "" for key in metadata.entries}
    sections = whole.sections("DataModel")
    if not sections:
        report.fault("DataModel", "must be the list of the model's tables, found none")
    tables = [_table(section) for section in sections]
    if not report.faults:
        for table in tables:
            report.faults.extend(table_faults(table.definition))
    report.check()
    whole.close()
    return Imported(tuple(tables), tuple(report.notes), name, described)


def _table(section: Section) -> ImportedTable:
    name = section.text("TableName")
    billing = section.choice("BillingMode", BillingMode) or BillingMode.PAY_PER_REQUEST
    throughput = _throughput(section, billing)
    definition = TableDefinition(
        name=name,
        key=_key(section),
        global_indexes=tuple(
            _index(entry, throughput) for entry in section.sections("GlobalSecondaryIndexes")
        ),
        settings=TableSettings(billing_mode=billing, throughput=throughput),
    )
    access = section.get("DataAccess")
    if access not in (None, {}, {"MySql": {}}):
        section.report.note(section.at("DataAccess"), "says where sample data came from, and is left out")
    table = ImportedTable(
        definition,
        attributes=_attributes(section, definition),
        items=read_items(section, "TableData"),
        facets=tuple(_facet(entry) for entry in section.sections("TableFacets")),
        formats=_formats(section),
    )
    section.close()
    return table


def _key(section: Section) -> KeySchema:
    found = section.section("KeyAttributes")
    partition, sort = found.section("PartitionKey"), found.optional("SortKey")
    key = KeySchema((_key_attribute(partition),), () if sort is None else (_key_attribute(sort),))
    found.close()
    return key


def _key_attribute(section: Section) -> KeyAttribute:
    attribute = KeyAttribute(section.text("AttributeName"), wire.scalar_type(section))
    section.close()
    return attribute


def _index(section: Section, throughput: Throughput | None) -> IndexDefinition:
    own = _capacity(section) if throughput is not None else None
    index = IndexDefinition(
        section.text("IndexName"),
        "global",
        _key(section),
        wire.projection(section),
        throughput=own or throughput,
    )
    section.close()
    return index


def _attributes(section: Section, definition: TableDefinition) -> dict[str, AttributeType]:
    types: dict[str, AttributeType] = {}
    keys = {attribute.name: attribute.type for attribute in definition.key_attributes}
    for entry in section.sections("NonKeyAttributes"):
        name, kind = entry.text("AttributeName"), entry.text("AttributeType")
        entry.close()
        if kind not in TYPES:
            entry.report.fault(
                entry.at("AttributeType"), f"must be one of {', '.join(TYPES)}, found {kind!r}"
            )
        elif keys.get(name, kind) != kind:
            rule = f"is {kind} here and {keys[name]} in a key; the key's type counts"
            entry.report.note(entry.at("AttributeType"), rule)
        types[name] = cast("AttributeType", kind)
    return types


def _facet(section: Section) -> Facet:
    alias = section.optional("KeyAttributeAlias")
    access = section.get("DataAccess")
    if access not in (None, {}, {"MySql": {}}):
        section.report.note(section.at("DataAccess"), "says where sample data came from, and is left out")
    facet = Facet(
        section.text("FacetName"),
        section.words("NonKeyAttributes"),
        read_items(section, "TableData"),
        None if alias is None else alias.plain_text("PartitionKeyAlias"),
        None if alias is None else alias.plain_text("SortKeyAlias"),
    )
    if alias is not None:
        alias.close()
    section.close()
    return facet


def _formats(section: Section) -> dict[str, tuple[str, ...]]:
    found = section.optional("SampleDataFormats")
    return {} if found is None else {name: found.words(name) for name in found.entries}


# --- capacity ---


def _throughput(section: Section, billing: BillingMode) -> Throughput | None:
    found = _capacity(section)
    if billing is not BillingMode.PROVISIONED:
        return None
    if found is None:
        rule = f"is not there; Workbench gives such a table {_USUAL.read} read and {_USUAL.write} write units"
        section.report.note(section.at("ProvisionedCapacitySettings"), rule)
    return found or _USUAL


def _capacity(section: Section) -> Throughput | None:
    found = section.optional("ProvisionedCapacitySettings")
    if found is None:
        return None
    units = wire.throughput(found) or _USUAL
    throughput = Throughput(
        _scaled(found.optional("AutoScalingRead"), units.read),
        _scaled(found.optional("AutoScalingWrite"), units.write),
    )
    found.close()
    return throughput


def _scaled(section: Section | None, units: CapacityUnits) -> CapacityUnits:
    if section is None or not isinstance(units, int):
        return units
    target = section.section("ScalableTargetRequest")
    target.ignore("ServiceRole")
    minimum, maximum = target.needed_number("MinCapacity"), target.needed_number("MaxCapacity")
    target.close()
    initial = None if units == minimum else units
    if not minimum <= units <= maximum:
        rule = f"begins with {units} units, outside of its range; it will begin with {minimum}"
        section.report.note(section.place, rule)
        initial = None
    scaling = AutoScaling(minimum, maximum, initial=initial)
    policy = section.optional("ScalingPolicyConfiguration")
    section.close()
    return scaling if policy is None else with_tracking(scaling, policy)
