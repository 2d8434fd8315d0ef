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
from dynamodel.operations.patterns import DeclaredHandler
from dynamodel.schema.references import Parameter, ResourceValue, references_in
from dynamodel.schema.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dynamodel.schema.references import Text

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
        faults: list[Fault] = []
        parts = dict.fromkeys(part for each in declared if (part := _part(each, faults)) is not None)
        self.tables: tuple[Table, ...] = tuple(part for part in parts if isinstance(part, Table))
        self.functions: tuple[Function, ...] = tuple(part for part in parts if isinstance(part, Function))
        self.ids: Mapping[object, str] = {part: logical_id(part.name, _suffix(part)) for part in parts}
        """The logical id of each table and function."""
        faults += self._faults()
        if faults:
            raise DeclarationError(faults)

    def _faults(self) -> Iterator[Fault]:
        settings: list[object] = []
        for table in self.tables:
            try:
                settings.append(table.definition.settings)
            except DeclarationError as error:
                yield from error.faults
        if not self.ids:
            yield Fault("Stack", "holds at least one table or function, found none")
        size = len((self.description or "").encode())
        if size > _DESCRIPTION_BYTES:
            rule = f"has at most {_DESCRIPTION_BYTES} bytes, found {size}; shorten it"
            yield Fault("Stack.description", rule)
        yield from self._name_faults()
        yield from together_faults(self.functions, self.tables)
        values = [*settings, *self.functions]
        yield from parameter_faults(values)
        yield from self._reference_faults(values)

    def _name_faults(self) -> Iterator[Fault]:
        """No two have one name: neither in the template, where it is the logical id, nor when deployed."""
        ids: dict[str, str] = {}
        deployed: dict[tuple[type, Text], str] = {}
        parts: list[Table | Function] = [*self.tables, *self.functions]
        for part in parts:
            name = self.ids[part]
            if name in ids:
                rule = f"has the name {name!r} in a template, and so has {ids[name]}; rename one of them"
                yield Fault(part.place, rule)
                continue
            ids[name] = part.place
            given = part.settings.deployed_name if isinstance(part, Table) else part.deployed_name
            known = deployed.setdefault((type(part), given or part.name), part.place)
            if known != part.place:
                rule = f"is deployed as {given or part.name!r}, and so is {known}; rename one of them"
                yield Fault(part.place, rule)

    def _reference_faults(self, values: Sequence[object]) -> Iterator[Fault]:
        """References have to mean something that is in the template."""
        names = set(self.ids.values())
        for reference in references_in(list(values)):
            match reference:
                case Parameter(name) if name in names:
                    yield Fault(f"Parameter {name!r}", "a table or function has this name in the template")
                case ResourceValue(target, "StreamArn") if isinstance(target, Table):
                    if target not in self.ids:
                        yield Fault(target.place, "is used here, but is not in the stack; add it")
                    elif target.settings.stream is None:
                        yield Fault(
                            target.place, "has no stream, which is used here; declare it with stream="
                        )
                case ResourceValue(target) if target not in self.ids:
                    place = getattr(target, "place", repr(target))
                    yield Fault(place, "is used here, but is not in the stack; add it")


def _suffix(part: Table | Function) -> str:
    return "Table" if isinstance(part, Table) else "Function"


def _part(declared: object, faults: list[Fault]) -> Table | Function | None:
    if isinstance(declared, Table | Function):
        return declared
    if isinstance(declared, type) and issubclass(declared, Entity):
        return schema_of(declared).table
    found = (
        "a handler: declare it as Function(name, handler=...)"
        if isinstance(declared, DeclaredHandler)
        else repr(declared)
    )
    faults.append(Fault("Stack", f"holds tables, entity classes and functions, found {found}"))
    return None
