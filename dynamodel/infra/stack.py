"""`Stack`: the tables and functions that are deployed together, checked together.

It is what every compiler takes. Guarantee: a Stack is always right; all faults of what it holds, and of
how its parts fit together, are raised at once when it is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamodel.entity.schema import schema_of
from dynamodel.errors import DeclarationError, Fault
from dynamodel.infra.functions import Function
from dynamodel.infra.functions.verify import together_faults
from dynamodel.infra.template import logical_id, parameter_faults
from dynamodel.model.entity import Entity
from dynamodel.schema.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Stack"]


_DESCRIPTION_BYTES = 1024
"""CloudFormation user guide: quotas."""


class Stack:
    """Tables and functions, each once, in the order in which they are given.

    Args:
        declared: tables; entity classes, which stand for their tables; functions.
        description: what the template says of itself; at most 1,024 bytes.

    Raises:
        DeclarationError: with all faults.
    """

    def __init__(self, *declared: Table | type[Entity] | Function, description: str | None = None) -> None:
        self.description = description
        parts = dict.fromkeys(_part(each) for each in declared)
        self.tables: tuple[Table, ...] = tuple(part for part in parts if isinstance(part, Table))
        self.functions: tuple[Function, ...] = tuple(part for part in parts if isinstance(part, Function))
        self.ids: Mapping[object, str] = {
            part: logical_id(part.name, "Table" if isinstance(part, Table) else "Function") for part in parts
        }
        """The logical id of each table and function."""
        faults = list(self._faults())
        if faults:
            raise DeclarationError(faults)

    def _faults(self) -> Iterator[Fault]:
        settings: list[object] = []
        for table in self.tables:
            try:
                settings.append(table.definition.settings)
            except DeclarationError as error:
                yield from error.faults
        size = len((self.description or "").encode())
        if size > _DESCRIPTION_BYTES:
            yield Fault(
                "Stack.description", f"has at most {_DESCRIPTION_BYTES} bytes, found {size}; shorten it"
            )
        yield from self._name_faults()
        yield from together_faults(self.functions, self.tables)
        yield from parameter_faults([*settings, *self.functions])

    def _name_faults(self) -> Iterator[Fault]:
        """Names differ, and so do the logical ids that are made of them."""
        first: dict[str, str] = {}
        for declared, name in self.ids.items():
            place = getattr(declared, "place", name)
            if name in first:
                rule = f"has the name {name!r} in a template, and so has {first[name]}; rename one of them"
                yield Fault(place, rule)
            first.setdefault(name, place)


def _part(declared: object) -> Table | Function:
    if isinstance(declared, Table | Function):
        return declared
    if isinstance(declared, type) and issubclass(declared, Entity):
        return schema_of(declared).table
    rule = f"holds tables, entity classes and functions, found {declared!r}"
    raise DeclarationError([Fault("Stack", rule)])
