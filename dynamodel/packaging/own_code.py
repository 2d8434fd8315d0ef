"""The user's own modules: those that a handler loads, and those that these import, as their text says.

A module is taken alone, not with the folder in which it stands, so that tests, infrastructure and other
handlers stay out. What belongs to no installed distribution is the user's own; dynamodel's modules are taken
in the same way, so that its command line and its test engines stay out too.

Guarantee: what is imported by name, anywhere in these modules, is there, or is told as missing.
"""

from __future__ import annotations

import sys
import sysconfig
from importlib.machinery import EXTENSION_SUFFIXES, BuiltinImporter, FrozenImporter, ModuleSpec, PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from dynamodel.packaging.discovery import Module, located
from dynamodel.packaging.imports import imports_of
from dynamodel.packaging.problems import PackagingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.utils import NormalizedName

    from dynamodel.packaging.imports import Imported
    from dynamodel.packaging.installed import Distribution, Environment

__all__ = ["OWN_DISTRIBUTION", "Missing", "OwnCode", "data_files", "is_left_out"]

OWN_DISTRIBUTION: Final = "dynamodel-orm"
"""This library, as distributions are named."""

_STANDARD_LIBRARY: Final = tuple(
    Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")
)

_LEFT_OUT: Final = frozenset({"__pycache__", "node_modules", "py.typed", "test", "tests"})
_SOURCES: Final = frozenset({".py", ".pyc", ".pyi"})


@frozen
class Missing:
    """An import that cannot work here, and so not in Lambda."""

    name: str
    module: str
    line: int

    def __str__(self) -> str:
        return f"{self.name}, imported by {self.module} in line {self.line}"


@frozen
class OwnCode:
    """Modules of the user's, found one by one."""

    path: tuple[str, ...]
    """Where modules are looked for."""
    environment: Environment
    modules: dict[str, Module] = field(factory=dict, init=False)
    """By their names."""
    used: set[NormalizedName] = field(factory=set, init=False)
    """The distributions from which these modules import."""
    missing: list[Missing] = field(factory=list, init=False)
    _waiting: list[Module] = field(factory=list, init=False)
    _owners: dict[Path, Distribution | None] = field(factory=dict, init=False)
    _found: dict[str, Module | None] = field(factory=dict, init=False)

    def owner_of(self, file: Path) -> Distribution | None:
        """The distribution to which a file belongs; None: it is the user's own, or dynamodel's."""
        if file not in self._owners:
            owner = self.environment.owner_of(file)
            self._owners[file] = None if owner and owner.name == OWN_DISTRIBUTION else owner
        return self._owners[file]

    def add(self, modules: Iterable[Module]) -> None:
        """Takes modules, and all that they import; of other people's modules, the distribution is noted."""
        for module in modules:
            self._take(module)
        while self._waiting:
            module = self._waiting.pop()
            for imported in _imports(module):
                self._follow(imported, module)

    def add_all_of(self, name: str) -> bool:
        """Takes a module by its name, and if it is a package, all modules in it. False: there is none."""
        module = self.find(name)
        if module is None:
            return False
        self.add([*self._parents(name), module])
        if module.name in self.modules and module.is_package and module.file is not None:
            folder = module.file.parent
            for file in sorted(folder.rglob("*.py")):
                inner = file.relative_to(folder).with_suffix("").parts
                if not any(map(is_left_out, inner)):
                    whole = [name, *(part for part in inner if part != "__init__")]
                    self.add([Module(".".join(whole), file, file.stem == "__init__")])
        return True

    def find(self, name: str) -> Module | None:
        """The module of this name, which is not executed; None: there is none."""
        if name not in self._found:
            self._found[name] = self._search(name)
        return self._found[name]

    def _search(self, name: str) -> Module | None:
        folders: list[str] | None = list(self.path)
        found: Module | None = None
        whole = ""
        for part in name.split("."):
            whole = f"{whole}.{part}" if whole else part
            if folders is None:
                return None
            spec = _spec(whole, folders, is_top=whole == part)
            if spec is None:
                return None
            file = located(spec.origin) if spec.has_location and spec.origin else None
            folders = spec.submodule_search_locations and list(spec.submodule_search_locations)
            found = Module(whole, file, folders is not None)
        return found

    def _follow(self, imported: Imported, module: Module) -> None:
        top = imported.name.partition(".")[0]
        if not top or self._is_of_python(top):
            return
        base = self.find(imported.name)
        if base is None:
            # Others' packages may make modules while they run, as `six.moves` does.
            if not imported.is_optional and self._is_own(self.find(top)):
                self.missing.append(Missing(imported.name, module.name, imported.line))
            return
        for parent in self._parents(imported.name):
            self._take(parent)
        self._take(base)
        if base.name in self.modules and base.is_package:
            inner = (self.find(f"{base.name}.{member}") for member in imported.members)
            for each in inner:
                if each is not None:
                    self._take(each)

    def _is_own(self, module: Module | None) -> bool:
        return module is None or module.file is None or self.owner_of(module.file) is None

    def _is_of_python(self, top: str) -> bool:
        """Whether a name is one of the standard library's, and the user has no module that goes before it."""
        if top not in sys.stdlib_module_names:
            return False
        if BuiltinImporter.find_spec(top) is not None or FrozenImporter.find_spec(top) is not None:
            return True
        found = self.find(top)
        return found is None or found.file is None or any(map(found.file.is_relative_to, _STANDARD_LIBRARY))

    def _parents(self, name: str) -> Iterator[Module]:
        parts = name.split(".")
        for count in range(1, len(parts)):
            parent = self.find(".".join(parts[:count]))
            if parent is not None:
                yield parent

    def _take(self, module: Module) -> None:
        if module.name in self.modules or self._is_of_python(module.name.partition(".")[0]):
            return
        if module.file is None:
            self.modules[module.name] = module
            return
        owner = self.owner_of(module.file)
        if owner is not None:
            self.used.add(owner.name)
        elif _is_named_as_its_file(module):
            self.modules[module.name] = module
            self._waiting.append(module)

    def files(self) -> dict[str, Path]:
        """The modules' files, and the data beside them, by their names in the zip."""
        found: dict[str, Path] = {}
        packages: set[tuple[str, Path]] = set()
        for module in self.modules.values():
            if module.file is None:
                continue
            folders = module.name.split(".")
            if not module.is_package:
                folders.pop()
            found["/".join([*folders, module.file.name])] = module.file
            if folders:  # beside a module at the top there may be anything
                packages.add(("/".join(folders), module.file.parent))
        for place, folder in sorted(packages):  # the same input gives the same bytes
            found.update({f"{place}/{name}": file for name, file in data_files(folder)})
        return found

    def refuse_compiled(self) -> None:
        """Refuses modules of the user's that are compiled, for a platform that is not this one.

        Raises:
            PackagingError: there are some.
        """
        for module in self.modules.values():
            if module.file is not None and module.file.name.endswith(tuple(EXTENSION_SUFFIXES)):
                text = f"{module.name} is compiled for this machine and this Python, not for the target"
                raise PackagingError(text, "build the package where they are the same")


def data_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """What a package reads: the files beside its modules, and in folders below that have no modules."""
    for path in sorted(folder.iterdir()):
        if is_left_out(path.name) or path.suffix in _SOURCES or path.name.endswith(tuple(EXTENSION_SUFFIXES)):
            continue
        if path.is_file():
            yield path.name, path
        elif path.is_dir() and next(path.rglob("*.py"), None) is None:
            yield from ((f"{path.name}/{name}", file) for name, file in data_files(path))


def is_left_out(name: str) -> bool:
    """Whether a file or folder of this name is never packaged: hidden ones, caches, tests."""
    return name.startswith(".") or name in _LEFT_OUT


def _imports(module: Module) -> Iterable[Imported]:
    if module.file is None or module.file.suffix != ".py":
        return ()
    try:
        return imports_of(module.file.read_bytes(), module.name, is_package=module.is_package)
    except SyntaxError as error:
        raise PackagingError(f"{module.file}, line {error.lineno}: {error.msg}") from None


def _is_named_as_its_file(module: Module) -> bool:
    """No: it was put into sys.modules under another name; its file comes with the module of its own name."""
    assert module.file is not None
    stem = module.file.name.partition(".")[0]
    return stem == ("__init__" if module.is_package else module.name.rpartition(".")[2])


def _spec(name: str, folders: list[str], *, is_top: bool) -> ModuleSpec | None:
    try:
        found = PathFinder.find_spec(name, folders)
    except KeyError:  # a namespace package in one that is not imported
        found = ModuleSpec(name, None, is_package=True)
        inner = [Path(folder, name.rpartition(".")[2]) for folder in folders]
        found.submodule_search_locations = [str(folder) for folder in inner if folder.is_dir()]
    if found is not None or not is_top:
        return found
    # What an editable installation has put there finds packages that are in no folder of the path.
    for finder in sys.meta_path:
        if finder is not PathFinder:
            found = finder.find_spec(name, None)
            if found is not None:
                return found
    return None
