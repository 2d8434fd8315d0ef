"""Which modules a handler needs: those that its import brings along, and those that its code imports later.

Guarantees: the handler is imported in a process of its own, with fake credentials and as in Lambda's init
phase, so that what is opened there is found as well. A handler that Lambda could not call is an error.
"""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from dynamodel.packaging.problems import PackagingError, did_you_mean
from dynamodel.packaging.processes import run_as_in_lambda

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Discovered", "EntryPoint", "Module", "discover", "located"]


@frozen
class EntryPoint:
    """A handler, as Lambda finds it."""

    module: str
    function: str

    @classmethod
    def of(cls, text: str) -> EntryPoint:
        """Reads `package.module:function`, or what Lambda calls it: `package.module.function`.

        Raises:
            PackagingError: it is neither.
        """
        separator = ":" if ":" in text else "."
        module, _, function = text.replace("/", ".").rpartition(separator)
        parts = [*module.split("."), function]
        if text.endswith(".py") or module.endswith(".py") or not all(part.isidentifier() for part in parts):
            raise PackagingError(f"{text!r} does not name a handler", _form(text))
        return cls(module, function)

    def __str__(self) -> str:
        return f"{self.module}.{self.function}"


@frozen
class Module:
    """A module that was loaded, or that may be."""

    name: str
    file: Path | None
    """None for a namespace package, which is a folder without `__init__.py`."""
    is_package: bool


@frozen
class Discovered:
    """What the import of a handler brought along."""

    modules: tuple[Module, ...]
    path: tuple[str, ...]
    """Where Python looked for modules."""


def discover(entry_point: EntryPoint, root: Path) -> Discovered:
    """Imports a handler in a process of its own.

    Args:
        entry_point: the handler.
        root: the folder from which its module can be imported.

    Raises:
        PackagingError: Lambda could not call it; or its import does not come to an end.
    """
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder, "answer.json")
        program = str(Path(__file__).with_name("probe.py"))
        command = [sys.executable, "-P", program, str(root), entry_point.module, entry_point.function]
        done = run_as_in_lambda([*command, str(answer)], root)
        if not answer.exists():  # the handler ended the process
            raise PackagingError(f"the import of {entry_point.module} ended Python", _last_line(done))
        found: dict[str, Any] = json.loads(answer.read_text("utf-8"))
    if found["problem"] is not None:
        raise _refusal(entry_point, root, found)
    modules = (
        Module(each["name"], each["file"] and located(each["file"]), each["is_package"])
        for each in found["modules"]
    )
    return Discovered(tuple(modules), tuple(found["path"]))


def located(file: str) -> Path:
    """A module's file, with links of folders followed.

    The file may itself be a link, such as into the cache of who installed it: its own name is the module's.
    """
    return Path(file).parent.resolve() / Path(file).name


def _refusal(entry_point: EntryPoint, root: Path, found: Mapping[str, Any]) -> PackagingError:
    module, function = entry_point.module, entry_point.function
    match found["problem"]:
        case "no module":
            return PackagingError(f"there is no module {module!r}", _near_module(root, found["name"]))
        case "no function":
            names = sorted(found["names"])
            hint = did_you_mean(function, names, f"it has {', '.join(names) or 'no functions'}")
            return PackagingError(f"{module} has no function {function!r}", hint)
        case "not callable":
            text = f"{entry_point} is no function: it is of the type {found['type']}"
            return PackagingError(text, "name the function that takes an event and a context")
        case "coroutine":
            text = f"{entry_point} is a coroutine function, which Lambda's Python runtime does not await"
            return PackagingError(text, "make it a plain function, which calls asyncio.run(...)")
        case _:
            lines = [f"{module} cannot be imported", *found["frames"], found["said"]]
            return PackagingError("\n  ".join(lines), _hint(found.get("missing"), found.get("variable")))


def _hint(module: str | None, variable: str | None) -> str:
    if variable is not None:
        return f"the environment of this command is the handler's: set {variable} in it"
    return f"is the package that has {module} installed here?" if module else ""


def _near_module(root: Path, missing: str) -> str:
    parent, _, name = missing.rpartition(".")
    folder = root.joinpath(*parent.split(".")) if parent else root
    dot = "." if parent else ""
    known = [f"{parent}{dot}{module.name}" for module in pkgutil.iter_modules([str(folder)])]
    return did_you_mean(
        f"{parent}{dot}{name}", known, f"it is looked for in {root}; --root names another folder"
    )


def _form(text: str) -> str:
    path, suffix, function = text.partition(".py")
    if suffix and path:
        name = path.strip("./").replace("/", ".")
        return f"a module is named as in an import: {name}:{function.lstrip(':.') or 'handler'}"
    return "write MODULE:FUNCTION, such as app.movies:handler"


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = done.stderr.strip().splitlines()
    return lines[-1] if lines else f"with the exit code {done.returncode}"
