"""The .pyc files of a package, without which every cold start compiles all that it imports: the folder of a
function cannot be written to, so that Python cannot keep what it compiled.

Guarantees: they are valid whatever the time stamps of the unpacked sources are (unchecked hashes, PEP 552),
and made by the minor version of Python that reads them. A source that this version cannot compile has none.
"""

from __future__ import annotations

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from dynamodel.packaging.problems import PackagingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

__all__ = ["TASK_FOLDER", "compile_parts"]

TASK_FOLDER: Final = "/var/task"
"""Where Lambda unpacks a function's package (AWS Lambda developer guide, Defined runtime environment
variables, LAMBDA_TASK_ROOT). Code objects carry the path of their source; Python corrects each one
that is loaded from elsewhere, which takes time."""

_PROGRAM: Final = """
import importlib.util, json, py_compile, sys
folder, names, place = json.load(sys.stdin)
for name in names:
    source = f"{folder}/{name}"
    try:
        py_compile.compile(
            source, importlib.util.cache_from_source(source), f"{place}/{name}", doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
    except py_compile.PyCompileError:
        pass
"""


def compile_parts(
    python: str, folder: Path, parts: Iterable[Sequence[str]], compiled: Callable[[int], None]
) -> None:
    """Compiles modules, in place, into `__pycache__`.

    Args:
        python: the interpreter that compiles.
        folder: where the sources are.
        parts: the names of the sources, in groups. A group is compiled by one process, in its order, since
            the bytes of a .pyc depend on what its process compiled before.
        compiled: is told how many are done, group by group.

    Raises:
        PackagingError: the interpreter does not work.
    """

    def compile_one(names: Sequence[str]) -> int:
        # `-I` would let every process have another seed of hashes.
        environment = {"PATH": os.environ.get("PATH", ""), "PYTHONHASHSEED": "0"}
        done = subprocess.run(  # noqa: S603 - the Python of the target, and a program of our own
            [python, "-s", "-S", "-P", "-W", "ignore", "-c", _PROGRAM],
            input=json.dumps([str(folder), sorted(names), TASK_FOLDER]),
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            last = done.stderr.strip().rpartition("\n")[2]
            raise PackagingError(f"{python} could not compile the modules", last)
        return len(names)

    with ThreadPoolExecutor(os.cpu_count()) as workers:
        for count in workers.map(compile_one, sorted(parts, key=len, reverse=True)):
            compiled(count)
