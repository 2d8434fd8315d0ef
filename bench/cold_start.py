"""`python -m bench.cold_start`: what a cold start of a handler costs, beside a plain boto3 handler.

Each figure is the median of several fresh processes, which import a handler and have it answer one event with
one GetItem from a server on this machine. The handlers take turns, so that what else the machine does hits
all of them. Both times run from the start of the process to the answer. What Lambda itself adds, such as
fetching the package, is not in them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.canned import serving

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["main"]

HANDLERS: Final = {
    "bare_python": "Python alone, no request",
    "boto3_client": "boto3 client",
    "boto3_resource": "boto3 resource",
    "powertools_boto3": "Powertools resolver, boto3 resource",
    "dynamodel_plain": "dynamodel, plain handler",
    "dynamodel_api": "dynamodel, Api (Powertools resolver)",
}
YARDSTICK: Final = "boto3_client"

_ROOT: Final = Path(__file__).parents[1]
_SECONDS: Final = 120.0
_WIDTH: Final = 120


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures, and prints a table."""
    options = _parser().parse_args(arguments)
    measured: dict[str, list[dict[str, float]]] = {name: [] for name in options.only or HANDLERS}
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    with serving() as endpoint, tempfile.TemporaryDirectory() as cache:
        environment = _environment(endpoint, cache)
        flags = ("-B",) if options.without_pyc else ()
        for name in measured:  # writes the .pyc files, and lets the machine's caches see all files
            _cold_start(name, environment, flags)
        for _ in track(range(options.runs), "Cold starts", console=Console(stderr=True), transient=True):
            for name, found in measured.items():
                found.append(_cold_start(name, environment, flags))
    medians = {name: _medians(found) for name, found in measured.items()}
    if options.json:
        console.print_json(data={"runs": options.runs, "pyc": not options.without_pyc, "handlers": medians})
        return
    console.print(_table(medians))
    for line in _made(options.runs, medians):
        console.print(line, style="dim", highlight=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.cold_start", description=__doc__)
    parser.add_argument("-n", "--runs", type=_runs, default=15, help="cold starts of each handler (15)")
    parser.add_argument("--only", nargs="+", choices=HANDLERS, help="these handlers; all if left out")
    parser.add_argument("--without-pyc", action="store_true", help="as a package without .pyc files")
    parser.add_argument("--json", action="store_true", help="the medians, for programs")
    return parser


def _runs(given: str) -> int:
    if not given.isdecimal() or int(given) < 1:
        raise argparse.ArgumentTypeError("a number above zero is needed")
    return int(given)


def _environment(endpoint: str, cache: str) -> Mapping[str, str]:
    """Lambda's variables, as far as handlers see them, and nothing of a developer's account or settings."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": cache,
        "PYTHONPATH": str(_ROOT),
        # .pyc files of this run alone: nothing depends on what was compiled before.
        "PYTHONPYCACHEPREFIX": cache,
        "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_SESSION_TOKEN": "testing",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "POWERTOOLS_SERVICE_NAME": "bench",
    }


def _cold_start(name: str, environment: Mapping[str, str], flags: Sequence[str]) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder, "answer.json")
        program = [str(_ROOT / "bench" / "one_cold_start.py"), f"bench.handlers.{name}", str(answer)]
        began = time.monotonic()
        done = subprocess.run(  # noqa: S603 - this Python, and a program of our own
            [sys.executable, "-P", *flags, *program],
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise SystemExit(f"{name} did not answer:\n{done.stdout}{done.stderr}")
        found: dict[str, Any] = json.loads(answer.read_text("utf-8"))
    return found | {"wall": found.pop("clock") - began}


def _medians(found: Sequence[Mapping[str, float]]) -> dict[str, float]:
    times = ("start", "imported", "answered", "cpu", "wall")
    medians = {name: statistics.median(each[name] for each in found) * 1000 for name in times}
    counts = {name: statistics.median(each[name] for each in found) for name in ("modules", "compiled")}
    return medians | counts


def _table(medians: Mapping[str, Mapping[str, float]]) -> Table:
    table = Table(title="Cold start: process to first answer", box=box.SIMPLE_HEAD)
    table.add_column("Handler")
    for heading in (
        "Modules",
        "Import, CPU ms",
        "Answer, CPU ms",
        "CPU ms",
        "of boto3",
        "Clock ms",
        "of boto3",
    ):
        table.add_column(heading, justify="right")
    base = medians.get(YARDSTICK)
    for name, each in medians.items():
        table.add_row(
            HANDLERS[name],
            f"{each['modules']:.0f}",
            f"{each['imported']:.1f}",
            f"{each['answered']:.1f}",
            f"{each['cpu']:.0f}",
            f"{each['cpu'] / base['cpu']:.2f}" if base else "",
            f"{each['wall']:.0f}",
            f"{each['wall'] / base['wall']:.2f}" if base else "",
        )
    return table


def _made(runs: int, medians: Mapping[str, Mapping[str, float]]) -> list[str]:
    packages = ("dynamodel-orm", "boto3", "botocore", "aws-lambda-powertools", "attrs", "orjson")
    sources = sum(each["modules"] for each in medians.values())
    compiled = sum(each["compiled"] for each in medians.values())
    pyc = "all modules" if compiled == sources else f"{compiled / sources:.0%} of the modules"
    system = f"{platform.system()} {platform.machine()}, {_processor()}"
    return [
        f"Medians of {runs} fresh processes each, taken in turns; .pyc files of {pyc}.",
        "Import, which opens the client, and answer are parts of the CPU time; the rest is Python's start.",
        "Each answers one event, with one GetItem over HTTP from a server on this machine.",
        f"{platform.python_implementation()} {platform.python_version()}; {system}",
        ", ".join(f"{name} {version(name)}" for name in packages),
    ]


def _processor() -> str:
    """The processor's name, where Linux tells it, and how many there are."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{os.cpu_count()} processors, {names[0] if names else platform.processor()}"


if __name__ == "__main__":
    main()
