"""The first program of an execution environment: it runs AWS's own runtime, and dies with its parent.

Run as `python -P bootstrap.py MODULE.FUNCTION` with a pipe as standard input. It guarantees that the process
is dead once that pipe is closed, which the operating system does even if the parent is killed outright: the
kernel then sends SIGIO, whose default is to end the process, whatever the handler is doing at that moment.
The handler itself gets an empty standard input, as in Lambda.

It is run by its path, without dynamodel, which a handler may not need: only the standard library and
`awslambdaric` here. With `-P` this folder is not among those from which a handler imports.
"""

from __future__ import annotations

import fcntl
import os
import select
import sys

__all__: list[str] = []


def _die_with_parent() -> None:
    lifeline = fcntl.fcntl(0, fcntl.F_DUPFD_CLOEXEC, 3)
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    if select.select([lifeline], [], [], 0)[0]:  # closed before the kernel was asked to tell
        sys.exit(1)


if __name__ == "__main__":
    _die_with_parent()
    from awslambdaric.__main__ import main

    main(sys.argv)
