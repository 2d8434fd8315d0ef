"""How the examples print what they do: a heading for each step, and tables of entities."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import track
from rich.table import Table as TextTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynamodel import Entity

__all__ = ["console", "entities", "step", "track"]

console = Console(width=None if sys.stdout.isatty() else 100)


def step(title: str, code: str = "") -> None:
    """A heading, and the code that does it."""
    console.print()
    console.rule(f"[bold]{title}", align="left")
    if code:
        console.print(f"[dim]{code}[/dim]", highlight=False, soft_wrap=True)


def entities(found: Iterable[Entity], **columns: str) -> None:
    """A table of entities; each column is an attribute's name, under the heading given."""
    table = TextTable(*columns, header_style="bold")
    for entity in found:
        table.add_row(*(_text(getattr(entity, attribute)) for attribute in columns.values()))
    console.print(table)


def _text(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list | set | frozenset):
        parts: Sequence[str] = (
            sorted(map(str, value)) if not isinstance(value, list) else list(map(str, value))
        )
        return ", ".join(parts)
    return str(value)
