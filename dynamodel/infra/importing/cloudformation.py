"""Reads the tables of a CloudFormation or SAM template.

Guarantee: every property of a table is in the result, or in a note that names it. Names that are known at
deployment only stay what they are, as `deployed_name`; the model's own name is made of what is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve

from dynamodel.infra.importing import settings as read
from dynamodel.infra.importing import wire
from dynamodel.infra.importing.global_table import global_indexes, global_settings, replicas_of
from dynamodel.infra.importing.imported import Imported, ImportedTable
from dynamodel.infra.importing.intrinsics import Intrinsics
from dynamodel.infra.importing.reading import Report, Section, Unreadable, section_of
from dynamodel.infra.importing.scaling import POLICY, TARGET, Scaling
from dynamodel.schema.definition import TableDefinition
from dynamodel.schema.keys import KeyAttribute, KeySchema, ScalarType
from dynamodel.schema.references import Parameter, Reference, Sub
from dynamodel.schema.settings import BillingMode, RemovalPolicy, TableClass, TableSettings
from dynamodel.schema.verify import table_faults

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["from_cloudformation"]

_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
_SIMPLE_TYPES: dict[str, ScalarType] = {"String": "S", "Number": "N", "Binary": "B"}


def from_cloudformation(template: Mapping[str, Any]) -> Imported:
    """The tables of a template, in its order.

    Reads `AWS::DynamoDB::Table`, `AWS::DynamoDB::GlobalTable`, `AWS::Serverless::SimpleTable`, and the
    autoscaling of a table's capacity. `read_template` makes a template of JSON or YAML text.

    Raises:
        DeclarationError: it has no table, or a table breaks rules; with all faults and their places.
    """
    report = Report()
    whole = section_of(template, "", report)
    intrinsics = Intrinsics(whole, report)
    resources = whole.section("Resources")
    opened: dict[str, Section] = {}
    for name, entry in resources.entries.items():
        if isinstance(entry, Mapping):
            opened[name] = _open(resources.section(name), intrinsics)
        else:  # such as Fn::ForEach, of CloudFormation's language extensions
            report.note(f"Resources.{name}", "is no resource, and not read")
    scaling = _scaling(opened, report)
    tables: list[ImportedTable] = []
    names: set[str] = set()
    for name, resource in opened.items():
        reader = _READERS.get(_type(resource))
        if reader is None:
            continue
        definition = scaling.applied(_table(resource, name, reader, names), name)
        names.add(definition.name)
        if not report.faults:
            report.faults.extend(table_faults(definition))
        tables.append(ImportedTable(definition))
    if not tables:
        report.fault("Resources", "must hold a table, such as one of Type AWS::DynamoDB::Table, found none")
    report.check()
    scaling.close()
    if "Globals" in whole:
        report.note("Globals", "is not read: what SAM adds to each SimpleTable is not part of the result")
    return Imported(tuple(tables), tuple(report.notes))


def _open(resource: Section, intrinsics: Intrinsics) -> Section:
    """The resource with references in place of intrinsic functions, if it is one of those that are read."""
    if _type(resource) not in {*_READERS, TARGET, POLICY}:
        return resource
    translated = {name: intrinsics.translated(value) for name, value in resource.entries.items()}
    return Section(translated, resource.place, resource.report)


def _type(resource: Section) -> str:
    kind = resource.get("Type")
    return kind if isinstance(kind, str) else ""


def _scaling(resources: Mapping[str, Section], report: Report) -> Scaling:
    scaling = Scaling(report)
    for name, resource in resources.items():
        if _type(resource) == TARGET:
            scaling.add_target(name, resource.section("Properties"))
    for resource in resources.values():
        if _type(resource) == POLICY:
            scaling.add_policy(resource.section("Properties"))
    return scaling


def _table(
    resource: Section, logical_id: str, reader: Callable[[Section], TableDefinition], taken: set[str]
) -> TableDefinition:
    """The table of one resource."""
    properties = (
        resource.section("Properties") if "Properties" in resource else Section({}, "", resource.report)
    )
    properties.place = f"{resource.place}.Properties"
    definition = reader(properties)
    name, deployed = _names(properties, logical_id, taken)
    settings = evolve(definition.settings, deployed_name=deployed, removal_policy=_removal(resource))
    resource.ignore("Type", "Properties", "Metadata")
    for attribute in ("Condition", "DependsOn", "UpdatePolicy", "CreationPolicy"):
        if resource.get(attribute) is not None:
            resource.report.note(resource.at(attribute), "belongs to the template, and is left out")
    resource.close()
    properties.close()
    return evolve(definition, name=name, settings=settings)


def _names(properties: Section, logical_id: str, taken: set[str]) -> tuple[str, str | Reference | None]:
    """The name that the program uses, and the one in templates where it differs."""
    if len(logical_id) < 3:  # a table's name is longer
        logical_id = f"{logical_id}Table"
    found = properties.get("TableName")
    if isinstance(found, Unreadable):
        rule = f"is worked out by {found.function}; the model calls the table {logical_id!r}"
        properties.report.note(properties.at("TableName"), rule)
        return logical_id, None
    if found is None:
        rule = (
            f"is left to CloudFormation, which makes one up; the model calls the table {logical_id!r}, "
            "and so does its template: put the real name there before you deploy it"
        )
        properties.report.note(properties.at("TableName"), rule)
        return logical_id, None
    if not isinstance(found, Reference):
        return properties.text("TableName"), None
    name = _known_part(found)
    usable = name is not None and _NAME.fullmatch(name) and name not in taken
    return (name if usable and name is not None else logical_id), found


def _known_part(reference: Reference) -> str | None:
    """What is known of a name now: a parameter's default, a Sub's text with the defaults filled in."""
    if isinstance(reference, Parameter):
        return reference.default
    if not isinstance(reference, Sub):
        return None

    def known(name: str) -> str:
        value = reference.values.get(name)
        return value if isinstance(value, str) else getattr(value, "default", None) or ""

    return re.sub(r"([-_.])[-_.]+", r"\1", reference.filled(known)).strip("-_.")


def _removal(resource: Section) -> RemovalPolicy:
    """`DeletionPolicy` and `UpdateReplacePolicy`; CloudFormation's own default is to delete the table."""
    deletion, replacement = resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")
    found = {
        "Delete": RemovalPolicy.DESTROY,
        "Retain": RemovalPolicy.RETAIN,
        "RetainExceptOnCreate": RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    }.get(deletion if isinstance(deletion, str) else "Delete")
    if found is None:
        resource.report.note(resource.at("DeletionPolicy"), f"{deletion!r} is none of a table's; it is kept")
        return RemovalPolicy.RETAIN
    usual = "Delete" if found is RemovalPolicy.DESTROY else "Retain"
    if (replacement or "Delete") != usual:
        beside = f"beside DeletionPolicy {deletion or 'Delete'}"
        rule = f"is {replacement or 'Delete'} {beside}; the model has {usual}"
        resource.report.note(resource.at("UpdateReplacePolicy"), rule)
    return found


def _definition(properties: Section) -> TableDefinition:
    """`AWS::DynamoDB::Table`; the name is set later."""
    types = wire.attribute_types(properties)
    local = tuple(wire.index(entry, "local", types) for entry in properties.sections("LocalSecondaryIndexes"))
    settings = TableSettings(
        billing_mode=properties.choice("BillingMode", BillingMode) or BillingMode.PROVISIONED,
        throughput=wire.throughput(properties),
        on_demand_throughput=wire.on_demand_throughput(properties),
        warm_throughput=wire.warm_throughput(properties),
        time_to_live=read.time_to_live(properties),
        point_in_time_recovery=read.recovery(properties),
        deletion_protection=bool(properties.flag("DeletionProtectionEnabled")),
        encryption=read.encryption(properties),
        table_class=properties.choice("TableClass", TableClass) or TableClass.STANDARD,
        contributor_insights=wire.insights(properties),
        kinesis_stream=read.kinesis(properties),
        resource_policy=read.policy(properties),
        import_source=read.import_source(properties),
        tags=read.tags(properties),
        **read.stream(properties),
    )
    definition = TableDefinition(
        name="",
        key=wire.key_schema(properties, types),
        local_indexes=local,
        global_indexes=tuple(
            wire.index(entry, "global", types) for entry in properties.sections("GlobalSecondaryIndexes")
        ),
        settings=settings,
        vector_indexes=tuple(wire.vector_index(entry) for entry in properties.sections("VectorIndexes")),
    )
    _note_unused(properties, types, definition)
    return definition


def _note_unused(properties: Section, types: Mapping[str, ScalarType], definition: TableDefinition) -> None:
    used = {attribute.name for attribute in definition.key_attributes}
    for name in types:
        if name not in used:
            rule = f"{name!r} is part of no key, which AWS refuses; it is left out"
            properties.report.note(properties.at("AttributeDefinitions"), rule)


def _global_table(properties: Section) -> TableDefinition:
    """`AWS::DynamoDB::GlobalTable`; the name is set later."""
    types = wire.attribute_types(properties)
    own, others = replicas_of(properties)
    indexes = global_indexes(properties, types, own)
    definition = TableDefinition(
        name="",
        key=wire.key_schema(properties, types),
        local_indexes=tuple(
            wire.index(entry, "local", types) for entry in properties.sections("LocalSecondaryIndexes")
        ),
        global_indexes=indexes,
        settings=TableSettings(
            warm_throughput=wire.warm_throughput(properties),
            time_to_live=read.time_to_live(properties),
            **global_settings(properties, own, others, indexes),
        ),
        vector_indexes=tuple(wire.vector_index(entry) for entry in properties.sections("VectorIndexes")),
    )
    _note_unused(properties, types, definition)
    return definition


def _simple_table(properties: Section) -> TableDefinition:
    """`AWS::Serverless::SimpleTable`: one partition key, `id` unless it is named."""
    key = properties.optional("PrimaryKey")
    attribute = KeyAttribute("id", "S")
    if key is not None:
        kind = key.plain_text("Type") or "String"
        if kind not in _SIMPLE_TYPES:
            key.report.fault(key.at("Type"), f"must be String, Number or Binary, found {kind!r}")
        attribute = KeyAttribute(key.plain_text("Name") or "id", _SIMPLE_TYPES.get(kind, "S"))
        key.close()
    throughput = wire.throughput(properties)
    settings = TableSettings(
        billing_mode=BillingMode.PAY_PER_REQUEST if throughput is None else BillingMode.PROVISIONED,
        throughput=throughput,
        point_in_time_recovery=read.recovery(properties),
        encryption=read.encryption(properties),
        tags=read.tags(properties),
    )
    return TableDefinition("", KeySchema((attribute,)), settings=settings)


_READERS: dict[str, Callable[[Section], TableDefinition]] = {
    "AWS::DynamoDB::Table": _definition,
    "AWS::DynamoDB::GlobalTable": _global_table,
    "AWS::Serverless::SimpleTable": _simple_table,
}
