"""The definition of a table: the one value from which every infrastructure compiler works.

It says what the table is, independent of the Python classes it came from, and of the compiler that
reads it. `Table.definition` makes it verified; `verify.table_faults` verifies one made by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from dynamodel.schema.table_settings import TableSettings

if TYPE_CHECKING:
    from dynamodel.schema.indexes import IndexDefinition
    from dynamodel.schema.keys import KeyAttribute, KeySchema
    from dynamodel.schema.vectors import VectorIndex

__all__ = ["TableDefinition"]


@frozen
class TableDefinition:
    """A table: its name, key, indexes (in the order of their declaration) and settings."""

    name: str
    key: KeySchema
    local_indexes: tuple[IndexDefinition, ...] = ()
    global_indexes: tuple[IndexDefinition, ...] = ()
    settings: TableSettings = field(factory=TableSettings)
    vector_indexes: tuple[VectorIndex, ...] = ()

    @property
    def indexes(self) -> tuple[IndexDefinition, ...]:
        """All indexes: the local ones, then the global ones."""
        return self.local_indexes + self.global_indexes

    @property
    def key_attributes(self) -> tuple[KeyAttribute, ...]:
        """Every attribute that is part of a key, once: the table's, then those that each index adds.

        AWS wants exactly these in AttributeDefinitions, and refuses any other. The order is the CDK's.
        """
        keys = (self.key, *(index.key for index in self.indexes))
        return tuple(dict.fromkeys(attribute for key in keys for attribute in key.attributes))
