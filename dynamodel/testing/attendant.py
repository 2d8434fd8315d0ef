"""A program that runs another one for as long as this program's own parent lives.

Run as `python attendant.py COMMAND ...` with a pipe as standard input. It guarantees that the command is
dead once that pipe is closed, which the operating system does even if the parent is killed outright; so a
test run that is interrupted, crashes or is killed leaves no engine behind. It ends with the command's exit
status. The command is killed, not asked: an engine in memory has nothing to save.

It is run by its path, without dynamodel, so that it starts in some 20 ms: only the standard library here.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

__all__: list[str] = []


def _attend(command: list[str]) -> None:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - the parent's own command
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that `finally` below comes to pass
    threading.Thread(target=_leave_with, args=(process,), daemon=True).start()
    try:
        sys.stdin.buffer.read()
    finally:
        process.kill()
        process.wait()


def _leave_with(process: subprocess.Popen[bytes]) -> None:
    # The main thread hangs in a read that nothing but the parent can end.
    os._exit(process.wait())


if __name__ == "__main__":
    _attend(sys.argv[1:])
