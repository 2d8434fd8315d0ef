"""`package`: a deployment zip of a handler, and what its cold start imports."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from dynamodel.cli.console import Output, note, warn
from dynamodel.cli.problems import Problem
from dynamodel.infra.functions import Architecture, Runtime
from dynamodel.packaging import Built, EntryPoint, PackagingError, Recipe, Target, Wishes, build
from dynamodel.packaging.problems import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import TaskID

    from dynamodel.packaging import ImportProfile

__all__ = ["package"]

_SHOWN: Final = 12
"""How many packages the import profile lists one by one."""


def package(  # noqa: PLR0913 - one parameter for each option
    handler: Annotated[
        str,
        typer.Argument(metavar="MODULE:FUNCTION", help="As app.movies:handler", show_default=False),
    ],
    *,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The zip to write; MODULE.zip if left out", show_default=False),
    ] = None,
    root: Annotated[
        Path,
        typer.Option(help="The folder from which MODULE is imported", metavar="FOLDER", show_default=False),
    ] = Path(),
    runtime: Annotated[
        str | None,
        typer.Option(
            help="Lambda's Python, such as python3.13; that which runs now if left out", show_default=False
        ),
    ] = None,
    architecture: Annotated[str, typer.Option(help="Lambda's processor: x86_64 or arm64")] = "x86_64",
    include: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="What is found by no import: a module, package or distribution, or a file or folder below "
            "the root. May be given several times",
            show_default=False,
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A distribution that the runtime or a layer has: boto3, aws-lambda-powertools. "
            "What only it needs is left out too. May be given several times",
            show_default=False,
        ),
    ] = None,
    service: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="An AWS service that is called under a name that the code computes; DynamoDB, and those in "
            'the text of boto3.client("NAME"), are found. May be given several times',
            show_default=False,
        ),
    ] = None,
    runs: Annotated[
        int, typer.Option(min=1, help="Fresh processes of which the import profile is the median")
    ] = 5,
) -> None:
    """Build a deployment zip of a handler, with only what it needs, and show what its cold start imports.

    What the import of MODULE loads, what your own modules import later, and what all of these need.

    With .pyc files. Then the handler is imported from the zip alone; only if that works, the zip is written.

    boto3 is in it, with the services that are called: the version of Lambda's own changes, AWS warns.

        dynamodel package app.movies:handler -o build/movies.zip

        dynamodel package movies:handler --root src --runtime python3.13 --architecture arm64

        dynamodel package app.movies:handler --exclude aws-lambda-powertools --include app/posters
    """
    with _problems():
        target = _target(runtime, architecture)
        wishes = Wishes(tuple(include or ()), tuple(exclude or ()), tuple(service or ()))
        entry_point = EntryPoint.of(handler)
        if not root.is_dir():
            raise Problem(f"there is no folder {root}", "--root names that from which MODULE is imported")
        path = output or Path(f"{entry_point.module.rpartition('.')[2]}.zip")
        with _bar() as bar:
            built = build(Recipe(entry_point, root.resolve(), target, wishes, runs), path, bar)
    _tell(built, Output())


@contextmanager
def _problems() -> Iterator[None]:
    try:
        yield
    except PackagingError as error:
        raise Problem(error.text, error.hint) from None


def _target(runtime: str | None, architecture: str) -> Target:
    processor = Architecture(_one_of(Architecture, "architecture", architecture))
    if runtime is None:
        return Target.of_this_python(processor)
    return Target(Runtime(_one_of(Runtime, "runtime", runtime)), processor)


def _one_of(known: type[Architecture | Runtime], kind: str, given: str) -> str:
    names = [each.value for each in known]
    if given not in names:
        raise Problem(
            f"Lambda has no {kind} {given!r}", did_you_mean(given, names, f"there are: {', '.join(names)}")
        )
    return given


class _Bar:
    """One line, which tells the step and how far it is; nothing where stderr is no terminal."""

    def __init__(self, drawn: Progress) -> None:
        self._drawn = drawn
        self._task: TaskID | None = None

    def begin(self, step: str, total: int | None = None) -> None:
        """A step begins."""
        if self._task is not None:
            self._drawn.remove_task(self._task)
        self._task = self._drawn.add_task(step, total=total)

    def advance(self, count: int) -> None:
        """A part of it is done."""
        if self._task is not None:
            self._drawn.advance(self._task, count)


@contextmanager
def _bar() -> Iterator[_Bar]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    hidden = not Output(to_stderr=True).is_terminal
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=hidden) as drawn:
        yield _Bar(drawn)


def _tell(built: Built, output: Output) -> None:
    output.heading(str(built.output), f"{built.target}; handler {built.entry_point}")
    rows = [(part.name, part.version, f"{part.files:,}", _kilobytes(part.size)) for part in built.parts]
    rows.append(("all, unzipped", "", f"{built.files:,}", _kilobytes(built.unzipped)))
    rows.append(("zip", "", "", _kilobytes(built.size)))
    output.table(("Part", "Version", "Files", "KB"), rows)
    if built.profile is not None:
        _show_profile(built.profile, output)
    _tell_limits(built)


def _show_profile(profile: ImportProfile, output: Output) -> None:
    output.line()
    output.heading("Cold-start imports", f"medians of {profile.runs} fresh processes on this machine")
    shown, rest = profile.packages[:_SHOWN], profile.packages[_SHOWN:]
    rows = [(each.name, str(each.modules), f"{each.milliseconds:.1f}", f"{each.share:.0%}") for each in shown]
    if rest:
        own = sum(each.milliseconds for each in rest)
        share = sum(each.share for each in rest)
        modules = sum(each.modules for each in rest)
        rows.append((f"{len(rest)} more", str(modules), f"{own:.1f}", f"{share:.0%}"))
    output.table(("Package", "Modules", "ms", "Share"), rows)
    output.line(
        f"  until the handler is imported: {profile.cpu_ms:.0f} ms CPU, {profile.wall_ms:.0f} ms on the clock"
        f"; before, Python itself: {profile.start_ms:.0f} ms CPU"
    )
    compiled = "all with .pyc files" if not profile.uncompiled else f"{profile.uncompiled} without .pyc file"
    output.line(f"  {profile.modules} modules of the package, {compiled}")


def _tell_limits(built: Built) -> None:
    """What is to be known of a package before it is deployed, on stderr."""
    target, selection = built.target, built.selection
    if not built.has_bytecode:
        hint = f"run this with Python {target.dotted}, or have python{target.dotted} on the PATH"
        warn("warning", "it has no .pyc files, so that each cold start compiles what it imports", hint)
    if built.profile is None:
        hint = f"a machine with {target} does that, and makes the import profile"
        warn("warning", f"that it is whole was not tried: this machine cannot run {target}", hint)
    if built.is_too_large_to_upload:
        warn(
            "warning",
            "it is above 50 MB, which Lambda takes only by way of S3",
            "aws s3 cp, then --s3-bucket",
        )
    for name in selection.missing:
        warn("warning", f"not found here, and not in it: {name}", "is its package installed?")
    if selection.optional:
        names = ", ".join(selection.optional)
        note(f"not in it, though installed, as only some functions of other packages import it: {names}")
        note("--include adds what the handler needs of these")
    if selection.excluded:
        names = ", ".join(f"{part.name} {part.version}" for part in selection.excluded)
        note(f"left to the runtime or a layer: {names}")
    if selection.services:
        note(f"AWS services it can call: {', '.join(selection.services)}; --service adds one")


def _kilobytes(size: int) -> str:
    return f"{size / 1024:,.0f}"
