"""The user's module: what tables, entities and functions it has at its top.

Guarantees: each is taken once, in the order of its first name; a module's own output goes to stderr; a
module that cannot be imported is told with the lines of the user's code, not of this library's.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import os
import pkgutil
import sys
import traceback
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import frozen

import dynamodel
from dynamodel.cli.problems import FaultyModuleError, Problem
from dynamodel.entity.schema import SCHEMA, schema_of
from dynamodel.errors import DeclarationError
from dynamodel.infra import Function, Stack
from dynamodel.model.collections import Collection
from dynamodel.model.entity import Entity
from dynamodel.schema.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import ModuleType

__all__ = ["Declared", "load"]

T = TypeVar("T")

_OWN_FILES = str(Path(dynamodel.__file__).parent)


@frozen
class Declared:
    """What a module declares."""

    module: str
    tables: tuple[Table, ...]
    entities: tuple[type[Entity], ...]
    functions: tuple[Function, ...]
    collections: Mapping[str, Collection[Any, Any]]
    """By their names in the module."""

    def stack(self) -> Stack:
        """The tables and functions, checked together.

        Raises:
            FaultyModuleError: with all faults.
        """
        try:
            return Stack(*self.tables, *self.functions)
        except DeclarationError as error:
            raise FaultyModuleError(error.faults) from None

    def table_of_name(self, name: str) -> Table:
        """The table that has this name.

        Raises:
            Problem: there is none.
        """
        return _named("table", name, {table.name: table for table in self.tables}, self.module)

    def entity_of_name(self, name: str) -> type[Entity]:
        """The entity class that has this name.

        Raises:
            Problem: there is none.
        """
        return _named("entity", name, {entity.__name__: entity for entity in self.entities}, self.module)

    def function_of_name(self, name: str) -> Function:
        """The function that has this name.

        Raises:
            Problem: there is none.
        """
        return _named("function", name, {function.name: function for function in self.functions}, self.module)


def load(name: str) -> Declared:
    """Imports a module and takes what it declares.

    Args:
        name: of a module or package: `examples.movies`. The current directory is searched first.

    Raises:
        Problem: there is no such module, it cannot be imported, or it declares nothing.
        FaultyModuleError: a declaration of its breaks rules.
    """
    module = _imported(name)
    values = list(vars(module).items())
    entities = tuple(dict.fromkeys(value for _, value in values if _is_entity(value)))
    tables = [schema_of(value).table if _is_entity(value) else value for _, value in values]
    declared = Declared(
        name,
        tuple(dict.fromkeys(table for table in tables if isinstance(table, Table))),
        entities,
        tuple(dict.fromkeys(value for _, value in values if isinstance(value, Function))),
        {name: value for name, value in values if isinstance(value, Collection)},
    )
    if not declared.tables and not declared.functions:
        raise Problem(f"{name} has no tables, entities or functions at its top", _inside_hint(module))
    return declared


def _is_entity(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Entity) and SCHEMA in vars(value)


def _imported(name: str) -> ModuleType:
    if name.endswith(".py") or not all(part.isidentifier() for part in name.split(".")):
        raise Problem(f"{name!r} is not the name of a module", _path_hint(name))
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        with redirect_stdout(sys.stderr):
            return importlib.import_module(name)
    except DeclarationError as error:
        raise FaultyModuleError(error.faults, _last_line(error)) from None
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            raise Problem(f"there is no module {name!r}", _near_hint(name)) from None
        raise _stopped(name, error) from None
    except (Exception, SystemExit) as error:
        raise _stopped(name, error) from None


def _stopped(name: str, error: BaseException) -> Problem:
    lines = list(_users_lines(error))
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return Problem("\n".join([f"{name} cannot be imported", *lines[-5:], f"  {said}"]))


def _users_lines(error: BaseException) -> Iterator[str]:
    """The lines of the user's code that led to an error, the last one last."""
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith("<") or frame.filename == importlib.__file__:
            continue  # generated code, and the import itself
        if not frame.filename.startswith(_OWN_FILES):
            yield f"  {_shown(frame.filename)}, line {frame.lineno}: {frame.line}"
    if isinstance(error, SyntaxError) and error.filename is not None:
        yield f"  {_shown(error.filename)}, line {error.lineno}: {(error.text or '').strip()}"


def _last_line(error: BaseException) -> str:
    return next((line.strip() for line in reversed(list(_users_lines(error)))), "")


def _shown(filename: str) -> str:
    """A path as short as it can be."""
    try:
        return str(Path(filename).relative_to(Path.cwd()))
    except ValueError:
        return filename


def _path_hint(name: str) -> str:
    path = Path(name.removesuffix(".py"))
    parts = [part for part in path.parts if part not in {".", os.sep}]
    if parts and all(part.isidentifier() for part in parts):
        return f"a module is named as in an import: {'.'.join(parts)}"
    return "a module is named as in an import: examples.movies"


def _near_hint(name: str) -> str:
    """Which module may be meant: one whose name is like the part that is wrong."""
    known, _, rest = "", "", name
    paths: Iterable[str] = [str(Path.cwd())]
    while rest:
        head, _, rest = rest.partition(".")
        whole = f"{known}.{head}" if known else head
        spec = _spec(whole)
        if spec is None:
            names = [module.name for module in pkgutil.iter_modules(paths)]
            near = difflib.get_close_matches(head, names, n=3)
            shown = [f"{known}.{one}" if known else one for one in near]
            return f"did you mean {' or '.join(shown)}?" if shown else _where_hint(known, names)
        known, paths = whole, spec.submodule_search_locations or []
    return _where_hint(known, [])


def _spec(name: str) -> Any:
    try:
        return importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None


def _where_hint(known: str, names: list[str]) -> str:
    if known:
        return f"{known} has {', '.join(names)}" if names else f"{known} has no modules"
    return "run this in the directory from which the module can be imported"


def _inside_hint(module: ModuleType) -> str:
    """The modules of a package that has nothing at its top."""
    paths = getattr(module, "__path__", None)
    names = [f"{module.__name__}.{inner.name}" for inner in pkgutil.iter_modules(paths)] if paths else []
    public = [name for name in names if not name.endswith(".__main__")]
    if public:
        return f"name one of its modules: {', '.join(public)}"
    return "tables, entity classes and functions are taken that the module defines, or imports"


def _named(kind: str, name: str, known: Mapping[str, T], module: str) -> T:
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(known) or 'none'}"
    raise Problem(f"{module} has no {kind} {name!r}", hint)
