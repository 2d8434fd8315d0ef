"""What a cold start imports, measured: from the zip as it will be deployed, package by package.

Guarantees: each run is a fresh process that sees the standard library and the package, and nothing else that
is installed here; so a profile is also the proof that the package is whole. Nothing is written beside its
modules.
"""

from __future__ import annotations

import json
import re
import statistics
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from dynamodel.packaging.discovery import EntryPoint
from dynamodel.packaging.problems import PackagingError
from dynamodel.packaging.processes import run_as_in_lambda

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["ImportProfile", "PackageTime", "measure"]

STANDARD_LIBRARY: Final = "(standard library)"

_PROGRAM: Final = """
import sys, time
answer, module, function, *folders = sys.argv[1:]
sys.path[:0] = folders
began = time.process_time()
sys.stderr.write("import time: begins\\n")
sys.stderr.flush()
wall = time.perf_counter()
said = missing = None
try:
    __import__(module)
    getattr(sys.modules[module], function)
except BaseException as error:
    said, missing = f"{type(error).__name__}: {error}", getattr(error, "name", None)
wall = time.perf_counter() - wall
ended = time.process_time()
sys.stderr.write("\\nimport time: ends\\n")
inside = [m for m in list(sys.modules.values()) if str(getattr(m, "__file__", None)).startswith(folders[0])]
sources = [m for m in inside if m.__file__.endswith(".py")]
import json, os.path
compiled = [m for m in sources if m.__cached__ and os.path.exists(m.__cached__)]
with open(answer, "w") as file:
    json.dump({"start": began, "cpu": ended - began, "wall": wall, "said": said, "missing": missing,
               "modules": len(inside), "sources": len(sources), "compiled": len(compiled)}, file)
"""
"""Until the handler is there, it imports nothing that the interpreter does not have: what it imported would
be missing from the profile."""

_LINE: Final = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \| \s*(\S+)$")


@frozen
class PackageTime:
    """The modules of one package, at the top of the path; or those of the standard library."""

    name: str
    modules: int
    milliseconds: float
    """Their own time, without that of what they import."""
    share: float
    """Of all imports: 0 to 1."""


@frozen
class ImportProfile:
    """Medians over several fresh processes."""

    runs: int
    packages: tuple[PackageTime, ...]
    """The slowest first. `-X importtime` measured them, which takes time: their sum is above `cpu_ms`."""
    start_ms: float
    """Processor time until the interpreter runs a program."""
    cpu_ms: float
    """Processor time from there until the handler is there."""
    wall_ms: float
    """Time of the clock for the same."""
    modules: int
    """How many modules of the package are loaded."""
    uncompiled: int
    """How many of them have no .pyc file."""


def measure(
    python: str,
    folders: Sequence[Path],
    entry_point: EntryPoint,
    runs: int,
    done: Callable[[int], None],
) -> ImportProfile:
    """Imports a handler, several times.

    Args:
        python: the interpreter.
        folders: that of the unpacked package, and of what a layer or the runtime adds.
        entry_point: the handler.
        runs: how many times; at least 1.
        done: is told of each run, by 1.

    Raises:
        PackagingError: the handler cannot be imported from there.
    """
    plain: list[dict[str, Any]] = []
    traced: list[dict[str, float]] = []
    for _ in range(runs):
        plain.append(_run(python, folders, entry_point, ())[0])
        traced.append(_times(_run(python, folders, entry_point, ("-X", "importtime"))[1]))
        done(1)
    middle = {name: statistics.median(each[name] for each in plain) for name in ("start", "cpu", "wall")}
    return ImportProfile(
        runs=runs,
        packages=_by_package(traced, folders),
        start_ms=middle["start"] * 1000,
        cpu_ms=middle["cpu"] * 1000,
        wall_ms=middle["wall"] * 1000,
        modules=plain[0]["modules"],
        uncompiled=plain[0]["sources"] - plain[0]["compiled"],
    )


def _run(
    python: str, folders: Sequence[Path], entry_point: EntryPoint, options: Sequence[str]
) -> tuple[dict[str, Any], str]:
    with tempfile.TemporaryDirectory() as scratch:
        answer = Path(scratch, "answer.json")
        arguments = [str(answer), entry_point.module, entry_point.function, *map(str, folders)]
        # Isolated, without site-packages, and without writing .pyc files.
        command = [python, "-I", "-S", "-B", *options, "-c", _PROGRAM, *arguments]
        done = run_as_in_lambda(command, Path(scratch))
        if not answer.exists():
            last = done.stderr.strip().rpartition("\n")[2]
            raise PackagingError("the import of the packaged handler ended Python", last)
        found: dict[str, Any] = json.loads(answer.read_text("utf-8"))
    if found["said"] is not None:
        raise _refusal(found)
    return found, done.stderr


def _refusal(found: dict[str, Any]) -> PackagingError:
    text = f"the handler cannot be imported from its package alone: {found['said']}"
    if found["missing"]:
        return PackagingError(text, f"--include {found['missing']} adds it, if the path from here finds it")
    return PackagingError(text, "does it read a file? --include PATH adds one, named from the root")


def _times(stderr: str) -> dict[str, float]:
    """Milliseconds of each module."""
    body = stderr.partition("import time: begins\n")[2].partition("\nimport time: ends\n")[0]
    found: dict[str, float] = {}
    for line in body.splitlines():
        matched = _LINE.match(line)
        if matched is not None:
            found[matched[2]] = int(matched[1]) / 1000
    return found


def _by_package(runs: Sequence[dict[str, float]], folders: Iterable[Path]) -> tuple[PackageTime, ...]:
    ours = {path.name.partition(".")[0] for folder in folders for path in folder.iterdir()}
    times: dict[str, float] = defaultdict(float)
    modules: dict[str, int] = defaultdict(int)
    for name in runs[0]:
        top = name.partition(".")[0]
        package = top if top in ours else STANDARD_LIBRARY
        times[package] += statistics.median(run.get(name, 0.0) for run in runs)
        modules[package] += 1
    total = sum(times.values()) or 1.0
    ordered = sorted(times, key=lambda package: -times[package])
    return tuple(PackageTime(each, modules[each], times[each], times[each] / total) for each in ordered)
