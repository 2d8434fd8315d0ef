"""Building a deployment package, from a handler's name to a zip that is known to work.

Guarantees: the zip is written only when it is whole; what was there under its name before stays until then.
"""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from attrs import field, frozen

from dynamodel.packaging.archive import MAX_UNZIPPED, MAX_UPLOAD, unzipped_size, write_zip
from dynamodel.packaging.bytecode import compile_parts
from dynamodel.packaging.discovery import EntryPoint, discover
from dynamodel.packaging.import_profile import ImportProfile, measure
from dynamodel.packaging.problems import PackagingError
from dynamodel.packaging.selection import Part, Selection, Wishes, select
from dynamodel.packaging.target import Target

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Built", "PartSize", "Progress", "Quiet", "Recipe", "build"]

_MEGABYTE = 1024 * 1024


class Progress(Protocol):
    """Who wants to know how far the work is."""

    def begin(self, step: str, total: int | None = None) -> None:
        """A step begins, which has so many units; None: it is not known how many."""
        ...

    def advance(self, count: int) -> None:
        """So many more units of the step are done."""
        ...


class Quiet:
    """Tells nobody."""

    def begin(self, step: str, total: int | None = None) -> None:
        """A step begins."""

    def advance(self, count: int) -> None:
        """A part of it is done."""


def _whole(path: Path) -> Path:
    """`Path.resolve`, for type checkers, which see through named functions only."""
    return path.resolve()


@frozen
class Recipe:
    """What is packaged, for where."""

    entry_point: EntryPoint
    root: Path = field(converter=_whole)
    """The folder from which the handler's module is imported."""
    target: Target
    wishes: Wishes = field(factory=Wishes)
    runs: int = 5
    """How many fresh processes the import profile is the median of."""


@frozen
class PartSize:
    """One distribution of a package, or the user's own code."""

    name: str
    version: str
    files: int
    """With its .pyc files."""
    size: int
    """Bytes, unzipped."""


@frozen
class Built:
    """A package that was written."""

    output: Path
    entry_point: EntryPoint
    target: Target
    size: int
    """Bytes of the zip."""
    unzipped: int
    """Bytes of its files."""
    files: int
    parts: tuple[PartSize, ...]
    selection: Selection
    has_bytecode: bool
    """Whether .pyc files are in it. Only a Python of the target's minor version can make them."""
    profile: ImportProfile | None
    """None: this machine cannot run it, so that nobody knows yet whether it is whole."""

    @property
    def is_too_large_to_upload(self) -> bool:
        """Whether it has to go to Lambda by way of S3."""
        return self.size > MAX_UPLOAD


def build(recipe: Recipe, output: Path, progress: Progress | None = None) -> Built:
    """Builds a deployment package.

    Args:
        recipe: what is packaged.
        output: the zip; its folder has to be there.
        progress: is told how far it is.

    Raises:
        PackagingError: the handler cannot be imported, here or from the package; the package would be larger
            than Lambda takes; a wheel for the target is missing; or a file cannot be read or written.
    """
    try:
        return _build(recipe, output, progress or Quiet())
    except BrokenPipeError:  # nobody reads the progress any more
        raise
    except OSError as error:
        raise PackagingError(f"{error.filename or output}: {error.strerror}") from error


def _build(recipe: Recipe, output: Path, progress: Progress) -> Built:
    if not output.parent.is_dir():
        raise PackagingError(f"there is no folder {output.parent}", f"mkdir -p {output.parent}")
    if output.is_dir():
        raise PackagingError(f"{output} is a folder", f"name a file: {output / 'package.zip'}")
    if output.exists() and not zipfile.is_zipfile(output):
        raise PackagingError(f"{output} is there already, and is no zip", "name another file")
    importlib.invalidate_caches()  # the code may have been changed since this process looked last
    with tempfile.TemporaryDirectory(prefix="dynamodel-package-") as scratch:
        return _build_in(Path(scratch), recipe, output, progress)


def _build_in(scratch: Path, recipe: Recipe, output: Path, progress: Progress) -> Built:
    target = recipe.target
    progress.begin(f"importing {recipe.entry_point.module}")
    found = discover(recipe.entry_point, recipe.root)
    progress.begin("looking for what it needs")
    fetched = scratch / "fetched"
    selection = select(found, recipe.root, target, recipe.wishes, fetched, progress.begin)
    if any(output.resolve() in part.files.values() for part in selection.parts):
        raise PackagingError(f"{output} would be in the package itself", "name a file in another folder")
    staged = scratch / "package"
    progress.begin("copying", sum(len(part.files) for part in selection.parts))
    _stage(selection.parts, staged, progress)
    if target.interpreter is not None:
        _compile(target.interpreter, staged, selection.parts, progress)
    unzipped = unzipped_size(staged)
    if unzipped > MAX_UNZIPPED:
        raise _too_large(unzipped, _sizes(selection.parts, staged))
    new = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        progress.begin("zipping", sum(1 for path in staged.rglob("*") if path.is_file()))
        files = write_zip(staged, new, progress.advance)
        profile = _profile(recipe, new, selection, scratch, progress)
        size = new.stat().st_size
        new.replace(output)
    finally:
        new.unlink(missing_ok=True)
    has_bytecode = target.interpreter is not None
    sizes = _sizes(selection.parts, staged)
    return Built(
        output, recipe.entry_point, target, size, unzipped, files, sizes, selection, has_bytecode, profile
    )


def _stage(parts: Iterable[Part], folder: Path, progress: Progress) -> None:
    for part in parts:
        for name, content in part.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                shutil.copy(content, path)
        progress.advance(len(part.files))


def _compile(python: str, folder: Path, parts: Iterable[Part], progress: Progress) -> None:
    groups = [[name for name in part.files if name.endswith(".py")] for part in parts]
    progress.begin("compiling", sum(map(len, groups)))
    compile_parts(python, folder, [group for group in groups if group], progress.advance)


def _profile(
    recipe: Recipe, archive: Path, selection: Selection, scratch: Path, progress: Progress
) -> ImportProfile | None:
    python = recipe.target.interpreter
    if python is None or not recipe.target.is_platform_here:
        return None
    folders = [scratch / "unpacked", scratch / "provided"]
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folders[0])
    folders[1].mkdir()
    _stage(selection.excluded, folders[1], Quiet())
    _compile(python, folders[1], selection.excluded, Quiet())
    progress.begin("importing the package", recipe.runs)
    return measure(python, folders, recipe.entry_point, recipe.runs, progress.advance)


def _sizes(parts: Iterable[Part], folder: Path) -> tuple[PartSize, ...]:
    found = []
    for part in parts:
        files = [folder / name for name in part.files]
        compiled = [path for file in files if file.suffix == ".py" for path in _compiled(file)]
        size = sum(path.stat().st_size for path in [*files, *compiled])
        found.append(PartSize(part.name, part.version, len(files) + len(compiled), size))
    return tuple(sorted(found, key=lambda each: -each.size))


def _compiled(source: Path) -> Iterable[Path]:
    return source.parent.glob(f"__pycache__/{source.stem}.cpython-*.pyc")


def _too_large(size: int, parts: Iterable[PartSize]) -> PackagingError:
    largest = ", ".join(f"{part.name} {part.size / _MEGABYTE:.0f} MB" for part in list(parts)[:3])
    text = f"unzipped, the package has {size / _MEGABYTE:.1f} MB; Lambda takes {MAX_UNZIPPED // _MEGABYTE} MB"
    return PackagingError(text, f"the largest parts: {largest}; --exclude leaves out what a layer has")
