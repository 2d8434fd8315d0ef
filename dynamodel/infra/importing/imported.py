"""What an import gives: tables as they are, with what is known of their items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from dynamodel.schema.definition import TableDefinition
    from dynamodel.types import AttributeType, Item

__all__ = ["Facet", "Imported", "ImportedTable"]


@frozen
class Facet:
    """The items of one kind in a table of many: a facet of NoSQL Workbench, an entity class of ours."""

    name: str
    attributes: tuple[str, ...] = ()
    """The stored names of its attributes that are not part of the table's key."""
    items: tuple[Item, ...] = ()
    """Sample items."""
    partition_alias: str | None = None
    """What the partition key stands for, as its author calls it."""
    sort_alias: str | None = None


@frozen
class ImportedTable:
    """One table."""

    definition: TableDefinition
    attributes: Mapping[str, AttributeType] = field(factory=dict)
    """The types of attributes that are not part of the table's key, where the source tells them."""
    items: tuple[Item, ...] = ()
    """Sample items that belong to no facet."""
    facets: tuple[Facet, ...] = ()
    formats: Mapping[str, tuple[str, ...]] = field(factory=dict)
    """By stored names, the formats by which NoSQL Workbench makes sample data."""

    @property
    def samples(self) -> tuple[Item, ...]:
        """All sample items."""
        return self.items + tuple(item for facet in self.facets for item in facet.items)


@frozen
class Imported:
    """The tables of one source."""

    tables: tuple[ImportedTable, ...]
    notes: tuple[str, ...] = ()
    """What the source says and `tables` do not have, each with its place."""
    name: str | None = None
    """The name of a NoSQL Workbench model."""
    metadata: Mapping[str, str] = field(factory=dict)
    """What a NoSQL Workbench model says of itself: `Author`, `Description`, `DateCreated` ..."""
