"""Reads JSON that others wrote: typed access by name, with all faults and all that was not understood.

Guarantee: nothing is dropped in silence. A `Section` knows which of its entries were asked for; the others
become notes. What is wrong becomes a fault with its place, such as `Resources.Movies.KeySchema[0]`, and
reading goes on, so that one run shows all there is to mend.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import field, frozen

from dynamodel.errors import DeclarationError, Fault
from dynamodel.schema.references import Parameter, Reference, references_in

if TYPE_CHECKING:
    from enum import Enum

__all__ = ["Report", "Section", "Unreadable", "section_of"]

E = TypeVar("E", bound="Enum")

_DIGITS = re.compile(r"-?[0-9]{1,18}", re.ASCII)


@frozen
class Unreadable:
    """What stands for a value that only CloudFormation could work out, such as `Fn::If`."""

    function: str


@frozen
class Report:
    """What reading found beside the values: faults, and notes about what is not in the result."""

    faults: list[Fault] = field(factory=list)
    notes: list[str] = field(factory=list)

    def fault(self, place: str, rule: str) -> None:
        """Something that is wrong."""
        self.faults.append(Fault(place, rule))

    def note(self, place: str, text: str) -> None:
        """Something that the result does not have."""
        self.notes.append(f"{place}: {text}")

    def check(self) -> None:
        """Raises all faults, if there are any."""
        if self.faults:
            raise DeclarationError(list(dict.fromkeys(self.faults)))


class Section:
    """An object of the input: a JSON object at a place.

    A getter for a required entry reports a fault where the entry is absent or of another type, and
    returns an empty value, so that reading can go on. `close` notes the entries that nobody asked for.
    """

    def __init__(self, entries: Mapping[str, Any], place: str, report: Report) -> None:
        self.entries = entries
        self.place = place
        self.report = report
        self._asked: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return self.entries.get(name) is not None

    def at(self, name: str) -> str:
        """The place of an entry."""
        return f"{self.place}.{name}" if self.place else name

    def get(self, name: str) -> Any:
        """An entry as it is; None: absent."""
        self._asked.add(name)
        return self.entries.get(name)

    def ignore(self, *names: str) -> None:
        """Entries that say nothing about the table."""
        self._asked.update(names)

    def close(self) -> None:
        """Notes every entry that nobody asked for."""
        for name in self.entries:
            if name not in self._asked:
                self.report.note(self.at(name), "is not known here, and not part of the result")

    # --- required entries ---

    def text(self, name: str) -> str:
        """A text that is not empty."""
        found = self.plain(name)
        if isinstance(found, str) and found:
            return found
        self._wrong(name, "a text that is not empty", found)
        return ""

    def section(self, name: str) -> Section:
        """An object."""
        return section_of(self.get(name), self.at(name), self.report)

    def sections(self, name: str) -> list[Section]:
        """A list of objects, which may be absent."""
        found = self.get(name)
        if found is None:
            return []
        if not isinstance(found, list):
            self._wrong(name, "a list", found)
            return []
        return [section_of(part, f"{self.at(name)}[{n}]", self.report) for n, part in enumerate(found)]

    # --- entries that may be absent ---

    def optional(self, name: str) -> Section | None:
        """An object; None: absent."""
        return self.section(name) if name in self else None

    def words(self, name: str) -> tuple[str, ...]:
        """A list of texts, or nothing."""
        found = self.get(name)
        if found is None:
            return ()
        if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
            self._wrong(name, "a list of texts", found)
            return ()
        return tuple(found)

    def plain_text(self, name: str) -> str | None:
        """A text that is known now."""
        found = self.plain(name)
        if found is None or isinstance(found, str):
            return found
        self._wrong(name, "a text", found)
        return None

    def number(self, name: str) -> int | None:
        """A whole number; CloudFormation takes it as a text, too."""
        found = self.plain(name)
        if isinstance(found, str) and _DIGITS.fullmatch(found):
            return int(found)
        if isinstance(found, float) and found.is_integer():
            return int(found)
        if found is None or (isinstance(found, int) and not isinstance(found, bool)):
            return found
        self._wrong(name, "a whole number", found)
        return None

    def needed_number(self, name: str) -> int:
        """A whole number that must be there."""
        found = self.number(name)
        if found is None and name not in self:
            self._wrong(name, "a whole number", None)
        return found or 0

    def flag(self, name: str) -> bool | None:
        """Either true or false; CloudFormation takes them as texts, too."""
        found = self.plain(name)
        if isinstance(found, str) and found.lower() in ("true", "false"):
            return found.lower() == "true"
        if found is None or isinstance(found, bool):
            return found
        self._wrong(name, "true or false", found)
        return None

    def choice(self, name: str, kind: type[E]) -> E | None:
        """A member of an enumeration, by its value."""
        found = self.plain(name)
        if found is None:
            return None
        for member in kind:
            if member.value == found:
                return member
        self._wrong(name, f"one of {', '.join(str(member.value) for member in kind)}", found)
        return None

    def filled(self, name: str) -> str | Reference | None:
        """A text, or what gives it at deployment."""
        found = self.get(name)
        if isinstance(found, Unreadable):
            self._unreadable(name, found.function)
            return None
        if found is None or isinstance(found, str | Reference):
            return found
        if isinstance(found, int | float):
            return str(found).lower() if isinstance(found, bool) else str(found)
        self._wrong(name, "a text", found)
        return None

    def document(self, name: str) -> Mapping[str, object] | None:
        """A policy document, with references anywhere in it."""
        found = self.get(name)
        if found is None:
            return None
        functions = sorted(_unreadable_in(found))
        if functions:
            self._unreadable(name, ", ".join(functions))
            return None
        if not isinstance(found, Mapping):
            self._wrong(name, "an object", found)
            return None
        return found

    def plain(self, name: str) -> Any:
        """A value that is known now: of a parameter its default."""
        found = self.get(name)
        if isinstance(found, Parameter) and found.default is not None:
            self.report.note(
                self.at(name),
                f"is the parameter {found.name}; its default, {found.default!r}, stands in its place",
            )
            return found.default
        if isinstance(found, Reference):
            shown = ", ".join(type(reference).__name__ for reference in references_in(found))
            self.report.fault(
                self.at(name),
                f"is known at deployment only ({shown}); write the value, or give the parameter a default",
            )
            return None
        if isinstance(found, Unreadable):
            self._unreadable(name, found.function)
            return None
        return found

    def _unreadable(self, name: str, function: str) -> None:
        self.report.note(self.at(name), f"is worked out by {function} at deployment, and left out")

    def _wrong(self, name: str, wanted: str, found: object) -> None:
        if isinstance(self.entries.get(name), Reference):
            return  # told by `plain`
        shown = "nothing" if found is None else _shown(found)
        self.report.fault(self.at(name), f"must be {wanted}, found {shown}")


def section_of(value: object, place: str, report: Report) -> Section:
    """The object at a place; an empty one, with a fault, if it is something else."""
    if isinstance(value, Mapping):
        wrong = [key for key in value if not isinstance(key, str)]
        if not wrong:
            return Section(value, place, report)
        report.fault(place, f"has texts as its names, found {_shown(wrong[0])}")
    elif isinstance(value, Unreadable):
        report.note(place, f"is worked out by {value.function} at deployment, and left out")
    else:
        report.fault(place, f"must be an object, found {'nothing' if value is None else _shown(value)}")
    return Section({}, place, report)


def _shown(value: object) -> str:
    if isinstance(value, str | int | float):
        text = repr(value)
        return text if len(text) <= 60 else f"{text[:57]}..."
    return "an object" if isinstance(value, Mapping) else f"a {type(value).__name__}"


def _unreadable_in(value: object) -> Iterator[str]:
    if isinstance(value, Unreadable):
        yield value.function
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _unreadable_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from _unreadable_in(part)
