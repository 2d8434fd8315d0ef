"""What a comparison of a declared and a deployed table finds: what is the same, changed, or irreplaceable.

A `Change` holds the exact requests that make it in place. A `Replacement` has none: DynamoDB offers none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TypeAlias

from attrs import field, frozen

from dynamodel.schema.indexes import IndexDefinition
from dynamodel.types import Request

__all__ = ["Change", "Finding", "Findings", "Replacement", "Same", "compared", "index_place", "shown"]


@frozen
class Same:
    """A part that is deployed as it is declared."""

    place: str


@frozen
class Change:
    """A part that differs, and can be changed while the table stays."""

    place: str
    """The part: `stream`, `tags`, `global_indexes['by-title']`, `global_indexes['by-title'].throughput`."""
    declared: object
    """As the model has it; None: it has none."""
    deployed: object
    """As the table has it; None: it has none."""
    steps: tuple[Request, ...] = field(repr=lambda steps: ", ".join(step.operation for step in steps))
    """The requests that make the change, in their order. Empty: another change has to be made first, after
    which a new comparison has them."""
    warning: str | None = None
    """What is lost, interrupted or delayed by the change; None: nothing."""

    def __str__(self) -> str:
        text = f"{self.place}: {shown(self.deployed)} -> {shown(self.declared)}"
        return f"{text} ({self.warning})" if self.warning else text


@frozen
class Replacement:
    """A part that differs, and that only a new table can have."""

    place: str
    declared: object
    deployed: object
    warning: str
    """Why it cannot be changed, and which data is at stake."""

    def __str__(self) -> str:
        return f"{self.place}: {shown(self.deployed)} -> {shown(self.declared)} ({self.warning})"


Finding: TypeAlias = Same | Change | Replacement
Findings: TypeAlias = Iterator[Finding]


def compared(
    place: str,
    declared: object,
    deployed: object,
    *steps: Request,
    warning: str | None = None,
) -> Finding:
    """The finding about one part: it is the same, or these steps change it."""
    if declared == deployed:
        return Same(place)
    return Change(place, declared, deployed, steps, warning)


def index_place(kind: str, name: str, setting: str = "") -> str:
    """How findings call an index, or a setting of it: `global_indexes['by-title'].throughput`."""
    place = f"{kind}_indexes[{name!r}]"
    return f"{place}.{setting}" if setting else place


def shown(value: object) -> str:
    """A declared or deployed value, for people."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, IndexDefinition):
        return f"{value.key}, projection {value.projection}"
    if isinstance(value, Mapping):
        tags = ", ".join(f"{key}={part}" for key, part in value.items())
        return "a policy" if "Statement" in value else tags or "none"
    return str(value.value if isinstance(value, Enum) else value)
