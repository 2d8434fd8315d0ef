"""Python source, laid out as `ruff format` lays it out: expressions that fit stay in one line, of others
every argument has a line of its own, with a comma after the last.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "WIDTH",
    "Call",
    "Expression",
    "call",
    "comment",
    "dictionary",
    "listed",
    "text",
    "width",
    "written",
]

WIDTH = 88
_INDENT = "    "


@frozen
class Call:
    """Something in brackets: a call, a list, a dict."""

    opening: str
    parts: tuple[tuple[str, Expression], ...]
    """What stands before each part, such as `name=`, and the part."""
    closing: str

    def __str__(self) -> str:
        inner = ", ".join(f"{before}{part}" for before, part in self.parts)
        return f"{self.opening}{inner}{self.closing}"


Expression: TypeAlias = str | Call
"""Source that cannot be split, or something in brackets, which can."""


def call(function: str, /, *arguments: Expression, **keywords: Expression) -> Call:
    """A call; keywords in their order."""
    parts = [("", argument) for argument in arguments]
    parts += [(f"{name}=", value) for name, value in keywords.items()]
    return Call(f"{function}(", tuple(parts), ")")


def listed(parts: Iterable[Expression]) -> Call:
    """A list."""
    return Call("[", tuple(("", part) for part in parts), "]")


def dictionary(entries: Iterable[tuple[str, Expression]]) -> Call:
    """A dict; the keys are source already."""
    return Call("{", tuple((f"{key}: ", value) for key, value in entries), "}")


def text(value: str) -> str:
    """A literal of a text, in the quotes that need fewer escapes, double ones rather."""
    value = str.__str__(value)
    quote = "'" if value.count('"') > value.count("'") else '"'
    characters = (f"\\{quote}" if each == quote else _escaped(each) for each in value)
    return f"{quote}{''.join(characters)}{quote}"


def _escaped(character: str) -> str:
    return character if character in "'\"" else repr(character)[1:-1]


def written(before: str, expression: Expression, after: str = "", level: int = 0) -> str:
    """A statement: what stands before the expression, the expression, and what stands after it."""
    margin = _INDENT * level
    line = f"{margin}{before}{expression}{after}"
    if width(line) <= WIDTH or isinstance(expression, str) or not expression.parts:
        return line
    inner = [written(name, part, ",", level + 1) for name, part in expression.parts]
    end = f"{margin}{expression.closing.lstrip(',')}{after}"
    return "\n".join([f"{margin}{before}{expression.opening}", *inner, end])


def width(line: str) -> int:
    """How many columns a line takes: one for each character, two for a wide one, none for a combining one."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else _is_visible(each) for each in line)


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in ("Mn", "Me", "Cf")


def comment(message: str, level: int = 0) -> list[str]:
    """A comment in as many lines as it needs; it can hold no code, whatever the message is."""
    margin = f"{_INDENT * level}#"
    lines = [margin]
    for word in _printable(message).split():
        if width(f"{lines[-1]} {word}") > WIDTH and lines[-1] != margin:
            lines.append(margin)
        lines[-1] += f" {word}"
    return lines


def _printable(message: str) -> str:
    return "".join(each if each.isprintable() else " " for each in message)
