"""What can go wrong on the command line, and the exit codes.

0: done, and nothing to report. 1: the answer is no: a declaration has faults, a table differs from its
model, a backfill has left items. 2: it could not be done: a wrong argument, a module that cannot be
imported, no answer from DynamoDB, a question that nobody can be asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynamodel.errors import Fault

__all__ = ["DONE", "FAILED", "NO", "FaultyModuleError", "Problem", "ReaderLeftError"]

DONE = 0
NO = 1
FAILED = 2


class Problem(Exception):  # noqa: N818 - it is told to a person, not caught by a program
    """Something that the user can mend: what is wrong, and what to do."""

    def __init__(self, text: str, hint: str = "", *, code: int = FAILED) -> None:
        self.text = text
        self.hint = hint
        self.code = code
        super().__init__(text)


class ReaderLeftError(Exception):
    """Who reads the output has seen enough, as `| head` does. No OSError: typer would end the process."""


class FaultyModuleError(Exception):
    """A declaration of the user's module breaks rules."""

    def __init__(self, faults: Sequence[Fault], where: str = "") -> None:
        self.faults = tuple(faults)
        self.where = where
        """The file and line at which the module stopped; empty if it was imported whole."""
        super().__init__(where)
