"""Key schemas: which attributes make up the primary key of a table or the key of an index.

A key schema holds stored attribute names, never Python names. It keeps partition and sort attributes
as tuples, because a global index may have up to four of each; a table has one, and at most one.
Whether a schema keeps DynamoDB's rules is decided in `verify`, not here.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

__all__ = ["KeyAttribute", "KeySchema", "ScalarType"]

ScalarType: TypeAlias = Literal["S", "N", "B"]
"""The types a key attribute may have: String, Number, Binary."""


class KeyAttribute(NamedTuple):
    """One attribute of a key."""

    name: str
    """The stored name: 1 to 255 bytes of UTF-8."""
    type: ScalarType

    def __str__(self) -> str:
        return f"{self.name!r} ({self.type})"


class KeySchema(NamedTuple):
    """The attributes of one key, in their order."""

    partition: tuple[KeyAttribute, ...]
    sort: tuple[KeyAttribute, ...] = ()

    @property
    def attributes(self) -> tuple[KeyAttribute, ...]:
        """All of them: the partition attributes, then the sort attributes."""
        return self.partition + self.sort

    def __str__(self) -> str:
        partition = f"partition key {_names(self.partition)}"
        return f"{partition}, sort key {_names(self.sort)}" if self.sort else f"{partition}, no sort key"


def _names(attributes: tuple[KeyAttribute, ...]) -> str:
    return ", ".join(str(attribute) for attribute in attributes) or "of no attribute"
