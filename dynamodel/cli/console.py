"""What the command line prints: answers on stdout, all else on stderr.

Guarantee: where stdout is no terminal, what is printed is plain text with one line for each row, neither
wrapped nor cut, so that `grep` and `diff` can read it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as TextTable
from rich.text import Text

from dynamodel.cli.problems import ReaderLeftError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dynamodel.errors import Fault

__all__ = ["Output", "answer", "note", "show_faults", "warn"]

_NO_LIMIT = 100_000
"""The width of a line that goes to a file or a pipe."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """In place of rich's own way, which is to end the process with exit code 1."""
        raise ReaderLeftError


class Output:
    """Headings, lines and tables on a stream: drawn on a terminal, plain text elsewhere."""

    def __init__(self, *, to_stderr: bool = False) -> None:
        stream = sys.stderr if to_stderr else sys.stdout
        self.is_terminal = Console(file=stream).is_terminal
        width = None if self.is_terminal else _NO_LIMIT
        self._console = _Console(file=stream, width=width, highlight=False, soft_wrap=not self.is_terminal)

    def heading(self, title: str, detail: str = "") -> None:
        """A line that begins a part."""
        self.line(Text.assemble((title, "bold"), f"  {detail}" if detail else ""))

    def line(self, text: str | Text = "") -> None:
        """One line; no text is taken as markup."""
        plain = Text(text) if isinstance(text, str) else text
        self._console.print(plain, soft_wrap=not self.is_terminal)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Rows under headings; nothing if there are none."""
        cells = [[Text(cell) for cell in row] for row in rows]
        if not cells:
            return
        style = box.SIMPLE_HEAD if self.is_terminal else None
        drawn = TextTable(*columns, box=style, header_style="bold", pad_edge=False)
        for row in cells:
            drawn.add_row(*row)
        if self.is_terminal:
            self._console.print(Padding(drawn, (0, 0, 0, 2)))
            return
        with self._console.capture() as captured:
            self._console.print(drawn)
        for line in captured.get().splitlines():
            self._console.print(Text(f"  {line.rstrip()}"), soft_wrap=True)


def answer(text: str) -> None:
    """Text for programs, as it is, on stdout."""
    try:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise ReaderLeftError from None


def note(text: str) -> None:
    """Something worth knowing, on stderr."""
    Output(to_stderr=True).line(text)


def warn(title: str, text: str, hint: str = "") -> None:
    """What went wrong, and what to do, on stderr."""
    output = Output(to_stderr=True)
    output.line(Text.assemble((f"{title}: ", "bold red"), text))
    if hint:
        output.line(Text.assemble(("hint: ", "bold"), hint))


def show_faults(output: Output, faults: Sequence[Fault], where: str = "") -> None:
    """All faults, as a table on a terminal, else one line each: `place: rule`."""
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    output.line(Text.assemble((count, "bold red"), f", found at {where}" if where else ""))
    if output.is_terminal:
        output.table(("Where", "What is wrong"), faults)
        return
    for fault in faults:
        output.line(str(fault))
