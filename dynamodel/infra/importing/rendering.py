"""Writes the plans of tables as a Python module."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs
from attrs import define, field

from dynamodel.infra.importing.inference import TYPE_NAMES, Types
from dynamodel.infra.importing.layout import Call, Expression, call, comment, listed, text, written
from dynamodel.infra.importing.naming import Namespace, class_name, snake_case
from dynamodel.infra.importing.plans import table_plan
from dynamodel.infra.importing.values import Values
from dynamodel.schema.settings import TableSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dynamodel.infra.importing.imported import ImportedTable
    from dynamodel.infra.importing.inference import Document
    from dynamodel.infra.importing.plans import AttributePlan, EntityPlan, TablePlan, Trust
    from dynamodel.schema.indexes import IndexDefinition
    from dynamodel.schema.keys import KeyAttribute
    from dynamodel.schema.references import Parameter

__all__ = ["module_source"]

_MARGIN = "    "
_DYNAMODEL = frozenset(
    """Any Attr AutoScaling BillingMode ContributorInsights ContributorInsightsMode CsvOptions Decimal
    DistanceFunction Encryption Entity GetAtt ImportCompression ImportFormat ImportSource ImportValue
    KinesisStream MultiRegionConsistency OnDemandThroughput Parameter PointInTimeRecovery Projection Ref
    RemovalPolicy Replica ReplicaIndex StreamViewType Sub Table TableClass Throughput TimestampPrecision
    VectorIndex WarmThroughput define attribute global_index key local_index primary_key""".split()  # noqa: SIM905 - 40 lines otherwise
)
"""What a module may import, and no class or variable of it may hide."""

_STORED_KEYS = (
    "The keys are stored as they are. If they are built from a tag and attributes that the items have as "
    "well, name them in the Table (partition_key=..., sort_key=...) and let each class build them: "
    "primary_key(key('TAG', attribute), ...)."
)


@define
class _Module:
    """A module that is being written."""

    names: Namespace = field(factory=lambda: Namespace(_DYNAMODEL | TYPE_NAMES))
    functions: set[str] = field(factory=set)
    """The names in lower case that it imports from dynamodel."""
    parameters: dict[Parameter, str] = field(factory=dict)

    def parameter(self, parameter: Parameter) -> str:
        """The variable that holds a parameter."""
        if parameter not in self.parameters:
            self.parameters[parameter] = self.names.name(snake_case(parameter.name, "parameter"))
        return self.parameters[parameter]


def module_source(tables: Sequence[tuple[ImportedTable, Trust]], notes: Sequence[str]) -> str:
    """The module for some tables, each with what is made of its samples."""
    module = _Module()
    values = Values(module.parameter)
    blocks: list[list[str]] = []
    annotations: list[str] = []
    has_documents = False
    for table, trust in tables:
        types = Types(module.names)
        plan = table_plan(table, trust, types)
        writer = _TableWriter(plan, module, values)
        body = writer.blocks()
        used = [attribute.type for entity in plan.entities for attribute in entity.attributes.values()]
        documents = _used(types.documents, used)
        has_documents = has_documents or bool(documents)
        blocks += [*map(_document, documents), *body]
        annotations += [*used, *(each.type for document in documents for each in document.fields)]
    variables = [
        written(f"{variable} = ", values.made(parameter)) for parameter, variable in module.parameters.items()
    ]
    head = _head([table.definition.name for table, _ in tables])
    head += _imports(
        values.imports | module.functions | {"Attr", "Entity", "Table"}, annotations, has_documents
    )
    if notes:
        head += ["", *comment("What could not be kept as it was:")]
        head += [line for note in notes for line in comment(f"- {note}")]
    if variables:
        head += ["", *variables]
    return _joined(head, blocks)


def _joined(head: list[str], blocks: Iterable[list[str]]) -> str:
    """Two empty lines around classes, one before what is none."""
    lines = list(head)
    was_class = False
    for block in blocks:
        is_class = any(line.startswith(("class ", "@define")) for line in block)
        lines += ["", ""] if is_class or was_class else [""]
        lines += block
        was_class = is_class
    return "\n".join(lines) + "\n"


def _head(names: Sequence[str]) -> list[str]:
    line = f'"""The tables {", ".join(names)}, as they were imported."""'
    if len(names) == 1:
        line = f'"""The table {names[0]}, as it was imported."""'
    return [line if len(line) <= 88 else '"""Tables that were imported."""', ""]


def _imports(names: Iterable[str], annotations: Iterable[str], has_documents: bool) -> list[str]:
    whole = _named_in(annotations)
    standard = []
    if "Decimal" in whole:
        standard.append("from decimal import Decimal")
    if "Any" in whole:
        standard.append("from typing import Any")
    lines = [*standard, ""] if standard else []
    if has_documents:
        lines += ["from attrs import define", ""]
    ordered = sorted(names, key=lambda name: (name[0].islower(), name.lower()))
    flat = f"from dynamodel import {', '.join(ordered)}"
    if len(flat) <= 88:
        return [*lines, flat]
    return [*lines, "from dynamodel import (", *(f"{_MARGIN}{name}," for name in ordered), ")"]


def _named_in(annotations: Iterable[str]) -> set[str]:
    return set(re.findall(r"\w+", " ".join(annotations)))


def _used(documents: Sequence[Document], annotations: Iterable[str]) -> list[Document]:
    """The documents that attributes, or other documents in use, have as their types."""
    names = _named_in(annotations)
    used: list[Document] = []
    for document in reversed(documents):
        if document.name in names:
            used.insert(0, document)
            names |= _named_in(field.type for field in document.fields)
    return used


def _document(document: Document) -> list[str]:
    lines = ["@define", f"class {document.name}:", f'{_MARGIN}"""A document in an attribute."""', ""]
    for each in document.fields:
        type_ = each.type
        if each.is_optional and type_ != "Any" and not type_.endswith("| None"):
            type_ = f"{type_} | None"
        lines.append(f"{_MARGIN}{each.name}: {type_}{' = None' if each.is_optional else ''}")
    return lines


@define
class _TableWriter:
    """Writes one table and its classes."""

    plan: TablePlan
    module: _Module
    values: Values

    def blocks(self) -> list[list[str]]:
        """The table's statement, then its classes."""
        variable = self.module.names.name(snake_case(self.plan.table.definition.name, "table"))
        statement = [written(f"{variable} = ", self._table())]
        facets = [facet.name for facet in self.plan.table.facets]
        if facets and len(self.plan.entities) == 1:
            about = (
                f"Its facets were {', '.join(facets)}. Nothing in the sample items tells them apart, so they "
                "share one class. Give each a class of its own, and the Table a discriminator= attribute "
                "that says which class an item is of."
            )
            statement = [*comment(about), *statement]
        if self._has_generic_names() and not self.plan.is_generic:
            statement = [*comment(_STORED_KEYS), *statement]
        singular = len(self.plan.entities) == 1
        return [statement, *(self._entity(entity, variable, singular) for entity in self.plan.entities)]

    def _table(self) -> Call:
        definition = self.plan.table.definition
        keywords: dict[str, Expression] = {}
        if self.plan.is_generic:
            for name, side in (
                ("partition_key", definition.key.partition),
                ("sort_key", definition.key.sort),
            ):
                if side:
                    keywords[name] = text(side[0].name)
        if self.plan.discriminator is not None:
            keywords["discriminator"] = text(self.plan.discriminator)
        elif self.plan.is_generic:
            keywords["discriminator"] = "False"
        for setting in attrs.fields(TableSettings):
            found = getattr(definition.settings, setting.name)
            default: object = getattr(TableSettings(), setting.name)
            if found != default:
                keywords[setting.name] = self.values.of(list(found) if isinstance(found, tuple) else found)
        if definition.vector_indexes:
            keywords["vector_indexes"] = self.values.of(list(definition.vector_indexes))
        return call("Table", text(definition.name), **keywords)

    # --- classes ---

    def _entity(self, entity: EntityPlan, variable: str, singular: bool) -> list[str]:
        name = self.module.names.name(class_name(entity.group.name, "Entity", singular=singular))
        heading: list[tuple[str, Expression]] = [("", "Entity"), ("table=", variable)]
        mark = entity.group.mark
        if self.plan.discriminator is not None and mark is not None and mark != name:
            heading.append(("discriminator=", text(mark)))
        lines = written("", Call(f"class {name}(", tuple(heading), ")"), ":").splitlines()
        lines += [f'{_MARGIN}"""An item of the table."""', ""]
        for attribute in entity.attributes.values():
            lines += self._attribute(attribute)
        return [*lines, *self._accesses(entity)]

    def _has_generic_names(self) -> bool:
        names = {attribute.name.lower() for attribute in self.plan.table.definition.key.attributes}
        return names <= {"pk", "sk"}

    def _attribute(self, attribute: AttributePlan) -> list[str]:
        self.module.functions.add("attribute")
        arguments = [] if attribute.name == attribute.stored else [text(attribute.stored)]
        keywords: dict[str, Expression] = {}
        if attribute.is_null:
            keywords["null"] = "True"
        if attribute.is_optional and attribute.type.startswith("set[") and not attribute.is_null:
            keywords["factory"] = "set"
        elif attribute.is_optional:
            keywords["default"] = "None"
        before = f"{attribute.name}: Attr[{attribute.type}] = "
        lines = comment("The samples have values of several types.", 1) if attribute.is_mixed else []
        return [*lines, written(before, call("attribute", *arguments, **keywords), level=1)]

    def _accesses(self, entity: EntityPlan) -> list[str]:
        key = self.plan.table.definition.key
        self.module.functions.add("primary_key")
        sides = [self._side(side, entity) for side in (key.partition, key.sort) if side]
        first = entity.attributes.get(key.partition[0].name)
        primary = entity.members.name(
            "main" if first is None or self._has_generic_names() else f"by_{first.name}"
        )
        lines = [written(f"{primary} = ", call("primary_key", *sides), level=1)]
        for index in entity.indexes:
            name = entity.members.name(snake_case(index.name, "index"))
            lines.append(written(f"{name} = ", self._index(index, entity, primary), level=1))
        return lines

    def _index(self, index: IndexDefinition, entity: EntityPlan, primary: str) -> Call:
        function = f"{index.kind}_index"
        self.module.functions.add(function)
        sort = [self._side(index.key.sort, entity)] if index.key.sort else []
        first = primary if index.kind == "local" else self._side(index.key.partition, entity)
        return call(function, text(index.name), first, *sort, **self._index_settings(index, entity))

    def _index_settings(self, index: IndexDefinition, entity: EntityPlan) -> dict[str, Expression]:
        keywords: dict[str, Expression] = {}
        if index.projection.type == "INCLUDE":
            names = [name for name in index.projection.names if name != self.plan.discriminator]
            keywords["include"] = listed(entity.attributes[name].name for name in names)
        elif index.projection.type != "ALL":
            keywords["projection"] = self.values.of(index.projection)
        settings = self.plan.table.definition.settings
        for name in ("throughput", "on_demand_throughput", "warm_throughput", "contributor_insights"):
            found = getattr(index, name)
            if found is not None and not (name == "throughput" and found == settings.throughput):
                keywords[name] = self.values.of(found)
        return keywords

    def _side(self, side: Sequence[KeyAttribute], entity: EntityPlan) -> Expression:
        """One side of a key: an attribute, several of them, or `key(...)`."""
        built = entity.built.get(side[0].name) if len(side) == 1 else None
        if built is not None:
            self.module.functions.add("key")
            return call("key", text(built.tag), *(entity.attributes[part].name for part in built.parts))
        names = [entity.attributes[attribute.name].name for attribute in side]
        return names[0] if len(names) == 1 else Call("(", tuple(("", name) for name in names), ")")
