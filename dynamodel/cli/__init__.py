"""The command line: `python -m dynamodel`, and the script `dynamodel`. Needs the extra `cli`.

Guarantees: an error is a readable text, never a traceback of this library; the answer goes to stdout, and
what else is to be said to stderr. Exit codes are those of `dynamodel.cli.problems`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_EXTRA = frozenset({"click", "packaging", "rich", "shellingham", "typer", "yaml"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: those after the program's name; None: of this process.

    Returns:
        The exit code.
    """
    try:
        from dynamodel.cli.app import run  # noqa: PLC0415 - needs an extra
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        text = "the command line needs the extra 'cli': pip install 'dynamodel-orm[cli]'"
        print(f"dynamodel: {text}", file=sys.stderr)
        return 2
    return run(sys.argv[1:] if arguments is None else list(arguments))
