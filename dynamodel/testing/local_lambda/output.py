"""What the process of an execution environment prints.

Guarantees: nothing here waits, so that a handler that prints megabytes goes on; what was written before
`taken()` is in what it returns, even if the process goes on printing.
"""

from __future__ import annotations

import os
from typing import IO

__all__ = ["Output"]

_PIPE_BYTES = 64 * 1024
"""What a pipe of Linux holds (man 7 pipe)."""

_MOST_BYTES = 1024 * 1024
"""Of one invocation the last megabyte is kept."""


class Output:
    """The end of a pipe from which the process's output is read.

    Args:
        pipe: that end; it is closed by `close()`.
    """

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._kept = bytearray()
        os.set_blocking(pipe.fileno(), False)

    @property
    def descriptor(self) -> int:
        """The number of the open file."""
        return self._pipe.fileno()

    def read(self) -> bool:
        """Reads what is there. False: everybody who could write has ended."""
        try:
            found = os.read(self._pipe.fileno(), _PIPE_BYTES)
        except BlockingIOError:
            return True
        self._kept += found
        if len(self._kept) > 2 * _MOST_BYTES:
            del self._kept[:-_MOST_BYTES]
        return bool(found)

    def taken(self) -> str:
        """What was written since the last call, with the lines as they were meant.

        AWS's runtime joins the lines of a traceback by carriage returns, for CloudWatch Logs.
        """
        self.read()  # a whole pipe: what was written before is then read, however much comes after
        text = self._kept[-_MOST_BYTES:].decode(errors="replace")
        self._kept.clear()
        return text.replace("\r", "\n").replace("\N{NO-BREAK SPACE}", " ")

    def close(self) -> None:
        """Closes the pipe."""
        self._pipe.close()
