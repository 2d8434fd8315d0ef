"""Python types from what is stored: of each attribute the type that all its samples have.

Guarantee: the type reads every sample, and writes it back as it was. Where samples differ, the type is a
union; where they differ much, Any. A Number is an int if all samples are whole, else a Decimal.
"""

from __future__ import annotations

import keyword
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import field, frozen

from dynamodel.infra.importing.naming import Namespace, class_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dynamodel.types import AttributeType, AttributeValue

__all__ = ["TYPE_NAMES", "Document", "DocumentField", "Types"]

TYPE_NAMES = frozenset({"bool", "bytes", "dict", "int", "list", "set", "str", "tuple"})
"""Builtins that annotations use, and that no attribute may hide."""

_WHOLE = re.compile(r"-?[0-9]{1,38}", re.ASCII)
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_DEEPEST = 4
_MOST_MEMBERS = 3
_PLAIN = {"S": "str", "B": "bytes", "BOOL": "bool", "SS": "set[str]", "BS": "set[bytes]"}
_UNKNOWN = {"N": "Decimal", "NS": "set[Decimal]", "L": "list[Any]", "M": "dict[str, Any]", "NULL": "Any"}

_ByType: TypeAlias = "Mapping[str, list[Any]]"


@frozen
class DocumentField:
    """One field of a document."""

    name: str
    type: str
    is_optional: bool


@frozen
class Document:
    """An attrs class for the maps of an attribute."""

    name: str
    fields: tuple[DocumentField, ...]


@frozen
class Types:
    """Finds types, and collects the classes of documents that they need."""

    classes: Namespace
    documents: list[Document] = field(factory=list)
    """In an order in which each stands behind those that it uses."""

    def of(self, values: Sequence[AttributeValue], path: tuple[str, ...]) -> str:
        """The type of all these values.

        Args:
            values: what is stored; may be empty.
            path: the entity and the names down to the attribute, from which classes get their names.
        """
        by_type: dict[str, list[Any]] = defaultdict(list)
        for value in values:
            for descriptor, content in value.items():
                by_type[descriptor].append(content)
        members = [self._member(kind, by_type, path) for kind in by_type if kind != "NULL"]
        if not members or len(members) > _MOST_MEMBERS:
            return "Any"
        union = " | ".join(sorted(members))
        return f"{union} | None" if "NULL" in by_type else union

    @staticmethod
    def declared(kind: AttributeType) -> str:
        """The type for a descriptor of which there are no samples."""
        return _PLAIN.get(kind) or _UNKNOWN[kind]

    def _member(self, kind: str, by_type: _ByType, path: tuple[str, ...]) -> str:
        contents = by_type[kind]
        if kind == "N":
            return _number(contents)
        if kind == "NS":
            return f"set[{_number(number for numbers in contents for number in numbers)}]"
        if kind == "L":
            elements = [element for content in contents for element in content]
            return f"list[{self.of(elements, (*path, 'Item')) if elements else 'Any'}]"
        if kind == "M":
            return self._map(contents, path)
        return _PLAIN[kind]

    def _map(self, maps: Sequence[Mapping[str, AttributeValue]], path: tuple[str, ...]) -> str:
        names = list(dict.fromkeys(name for each in maps for name in each))
        if not names or len(path) > _DEEPEST:
            return "dict[str, Any]"
        if not _is_record(maps, names):
            values = [value for each in maps for value in each.values()]
            return f"dict[str, {self.of(values, (*path, 'Value'))}]"
        fields = [self._field(name, maps, path) for name in names]
        class_ = self.classes.name(class_name(" ".join(path), "Document"))
        if class_ in names or any(field.type == "Any" for field in fields):
            return "dict[str, Any]"
        document = Document(class_, tuple(sorted(fields, key=lambda field: field.is_optional)))
        self.documents.append(document)
        return class_

    def _field(
        self, name: str, maps: Sequence[Mapping[str, AttributeValue]], path: tuple[str, ...]
    ) -> DocumentField:
        found = [each[name] for each in maps if name in each]
        type_ = self.of(found, (*path, name))
        # None in a document is absence, so that a stored NULL would not be written back.
        is_null = any("NULL" in value for value in found)
        return DocumentField(name, "Any" if is_null else type_, len(found) < len(maps))


def _number(contents: Iterable[object]) -> str:
    return "int" if all(_WHOLE.fullmatch(str(content)) for content in contents) else "Decimal"


def _is_record(maps: Sequence[Mapping[str, object]], names: Sequence[str]) -> bool:
    """Whether maps have fields, rather than keys that are data: their names can be Python's, and recur."""
    if not all(_FIELD.fullmatch(name) and not keyword.iskeyword(name) for name in names):
        return False
    if TYPE_NAMES.intersection(names):
        return False
    shared = [name for name in names if sum(name in each for each in maps) * 2 > len(maps)]
    return len(shared) * 2 > len(names)
