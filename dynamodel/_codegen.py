"""Functions made from generated source text: one per class, so that no table is walked per value.

Guarantees: a foreign name (an attribute's, an entity's) never becomes code, it only enters the source as
a quoted string (`quote`) or as an object bound to a generated name (`Source.bind`); a traceback through a
generated function shows its source, as `linecache` knows it; the same input gives the same source.
"""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Callable
from typing import Any

__all__ = ["Source", "compile_functions", "quote"]

_serial = itertools.count(1)


def quote(text: str) -> str:
    """A Python literal of the text, whatever is in it."""
    # A subclass of str, such as a StrEnum member, has a repr of its own.
    return repr(str.__str__(text))


class Source:
    """Lines of Python that are being written, and the objects that they refer to.

    Args:
        about: what the functions are for; it stands in the file name that tracebacks show.
    """

    def __init__(self, about: str) -> None:
        self.about = about
        self.lines: list[str] = []
        self.scope: dict[str, Any] = {}
        self.comprehensions = 0
        """How many comprehensions the expression that is being written lies in."""
        self._names: dict[int, str] = {}
        self._variables = itertools.count()

    def line(self, text: str, indent: int = 0) -> None:
        """Add a line, `indent` levels deep."""
        self.lines.append("    " * indent + text)

    def bind(self, value: object, hint: str) -> str:
        """The name under which the source can use an object; the same object keeps its name.

        Args:
            value: the object; the source keeps it alive.
            hint: an identifier of ours (never a foreign name) with which the name begins.
        """
        name = self._names.get(id(value))
        if name is None:
            name = f"{hint}_{len(self._names)}"
            self._names[id(value)] = name
            self.scope[name] = value
        return name

    def variable(self) -> str:
        """A name for a local variable that nothing else uses."""
        return f"v{next(self._variables)}"

    def __str__(self) -> str:
        return "\n".join(self.lines) + "\n"


def compile_functions(source: Source) -> dict[str, Callable[..., Any]]:
    """Run the source and return the functions that it defines, by name."""
    text = str(source)
    file = f"<dynamodel {source.about} {next(_serial)}>"
    scope: dict[str, Any] = dict(source.scope)
    # Every foreign name in the text is a literal, see `quote`.
    exec(compile(text, file, "exec"), scope)  # noqa: S102 - text of our own
    # Without a time of change, linecache.checkcache never throws the entry away.
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    return {
        name: value for name, value in scope.items() if name not in source.scope and name != "__builtins__"
    }
