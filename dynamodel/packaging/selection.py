"""What goes into a package, part by part: the user's own code, and the distributions that it needs.

Guarantees: a distribution is whole but for what no handler reads (see `trimming`), and comes with all that it
declares to need on the target; what Lambda's runtime alone can give is never in it.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import frozen
from packaging.utils import canonicalize_name

from dynamodel.packaging.fetching import fetch
from dynamodel.packaging.imports import imports_of
from dynamodel.packaging.installed import Environment, closure
from dynamodel.packaging.own_code import OWN_DISTRIBUTION, OwnCode, is_left_out
from dynamodel.packaging.problems import PackagingError, did_you_mean
from dynamodel.packaging.services import called_services, endpoint_prefixes
from dynamodel.packaging.trimming import (
    BOTOCORE_DATA,
    ENDPOINTS,
    is_needed,
    only_of_services,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from packaging.utils import NormalizedName

    from dynamodel.packaging.discovery import Discovered, Module
    from dynamodel.packaging.installed import Distribution
    from dynamodel.packaging.target import Target

__all__ = ["Part", "Selection", "Wishes", "select"]

Content: TypeAlias = bytes | Path
"""What a file has: bytes that were made, or the file from which it is copied."""

FetchOne: TypeAlias = "Callable[[str, str], Distribution]"
"""Gets a distribution for the target, by its name and the requirement that pip is to find."""

_OF_THE_RUNTIME: Final = frozenset(map(canonicalize_name, ("awslambdaric", "snapshot-restore-py")))
"""Lambda's own interface to a handler: a copy in a package would be another module than the runtime's."""

_OWN: Final = canonicalize_name(OWN_DISTRIBUTION)
_BOTOCORE: Final = canonicalize_name("botocore")
_NAMING_ANY: Final = frozenset(map(canonicalize_name, ("boto3", "botocore", "s3transfer")))
"""Their texts name services in examples."""

_LAZY: Final = re.compile(r"^[ \t]+(?:from|import)[ \t]+([A-Za-z_]\w*)", re.MULTILINE)


@frozen
class Part:
    """One distribution of a package, or the user's own code."""

    name: str
    version: str
    """Empty for the user's own code."""
    files: Mapping[str, Content]
    """By their names in the zip."""


@frozen
class Wishes:
    """What is to be different from what was found by itself."""

    include: tuple[str, ...] = ()
    """Modules, packages and distributions; and files and folders below the root."""
    exclude: tuple[str, ...] = ()
    """Distributions that a layer or the runtime has; what only they need is left out too."""
    services: tuple[str, ...] = ()
    """AWS services that are called, beside DynamoDB and those that were found, as botocore names them."""


@frozen
class Selection:
    """All parts."""

    parts: tuple[Part, ...]
    excluded: tuple[Part, ...]
    """What was left out because a layer or the runtime has it."""
    services: tuple[str, ...]
    """The AWS services whose descriptions are in it; empty if botocore is not."""
    missing: tuple[str, ...]
    """Imports of the user's own code that cannot be found here."""
    optional: tuple[str, ...]
    """Distributions that are installed here, and that a loaded module of another one may import later, which
    does not declare that it needs them. They are not in it."""


def select(
    found: Discovered,
    root: Path,
    target: Target,
    wishes: Wishes,
    fetched: Path,
    progress: Callable[[str], None],
) -> Selection:
    """Decides what goes into a package.

    Args:
        found: what the handler's import loads.
        root: the folder of the user's code.
        target: where the package will run.
        wishes: what is to be different.
        fetched: an empty folder, for distributions that have to be fetched.
        progress: is told what is being done.

    Raises:
        PackagingError: a name that is to be in it or not is unknown; or a wheel for the target is missing.
    """

    def fetch_one(name: str, requirement: str) -> Distribution:
        progress(f"fetching {requirement}")
        return fetch(requirement, target, fetched / name)

    return _Selecting(found, root, target, wishes, fetch_one).done()


class _Selecting:
    def __init__(
        self, found: Discovered, root: Path, target: Target, wishes: Wishes, fetch_one: FetchOne
    ) -> None:
        self.found, self.root, self.target, self.wishes = found, root, target, wishes
        self.fetch_one = fetch_one
        self.environment = Environment(found.path)
        self.own = OwnCode(found.path, self.environment)
        self.known = dict(self.environment.distributions)
        """What is installed here, and what was fetched because only the target needs it."""
        self.extra: dict[str, Content] = {}
        """Files that were asked for."""

    def done(self) -> Selection:
        self.own.add(self.found.modules)
        for name in self.wishes.include:
            self._include(name)
        kept, excluded = self._distributions()
        services = self._services({*kept, *excluded})
        if not self.target.is_platform_here or self.target.interpreter is None:
            self.own.refuse_compiled()
        parts = list(self._own_parts())
        parts += [self._part(self._suitable(name), services) for name in sorted(kept)]
        left_out = [self._part(self.known[name], services) for name in sorted(excluded)]
        optional = self._optional({*kept, *excluded})
        missing = tuple(str(each) for each in self.own.missing)
        return Selection(tuple(parts), tuple(left_out), services, missing, optional)

    def _own_parts(self) -> Iterator[Part]:
        files = {**self.own.files(), **self.extra}
        ours = {name: file for name, file in files.items() if name.startswith("dynamodel/")}
        yield Part("(own code)", "", {name: file for name, file in files.items() if name not in ours})
        if ours:
            yield Part("dynamodel", self.known[_OWN].version if _OWN in self.known else "", ours)

    def _include(self, name: str) -> None:
        path = Path(os.path.normpath(self.root / name))
        if path.exists() and not path.is_relative_to(self.root):
            hint = "what is elsewhere has no place in the package; --root names another folder"
            raise PackagingError(f"{name!r} is not below the root {self.root}", hint)
        if path.is_file() and path.suffix != ".py":
            self.extra[path.relative_to(self.root).as_posix()] = path
        elif path.exists() and path.suffix != ".py":
            self._include_folder(path)
        elif canonicalize_name(name) in self.environment.distributions:
            self.own.used.add(canonicalize_name(name))
        elif not self.own.add_all_of(name.removesuffix(".py").replace("/", ".")):
            otherwise = f"it is looked for in {self.root}, and where Python looks"
            hint = did_you_mean(name, self.environment.distributions, otherwise)
            raise PackagingError(f"there is no module, distribution, file or folder {name!r}", hint)

    def _include_folder(self, folder: Path) -> None:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(self.root)
            if not path.is_file() or any(map(is_left_out, name.parts)):
                continue
            if path.suffix == ".py" and all(part.isidentifier() for part in name.with_suffix("").parts):
                parts = [part for part in name.with_suffix("").parts if part != "__init__"]
                self.own.add_all_of(".".join(parts))
            elif path.suffix not in {".pyc", ".pyi"}:
                self.extra[name.as_posix()] = path

    def _distributions(self) -> tuple[set[NormalizedName], set[NormalizedName]]:
        """Those that are needed, and those that would be but for the wish to leave them out."""
        seeds = {*self.own.used, *self._loaded_owners()} - _OF_THE_RUNTIME
        wanted = self._closure(seeds)
        away = {self._excluded(name, wanted) for name in self.wishes.exclude}
        kept = self._closure(seeds - self._closure(away), away) - {_OWN}  # whose modules are taken one by one
        return kept, wanted - kept - {_OWN}

    def _closure(
        self, seeds: Collection[NormalizedName], without: Collection[NormalizedName] = ()
    ) -> set[NormalizedName]:
        """What some distributions need; what is not here, since only the target needs it, is fetched."""
        while True:
            found = closure(seeds, self.known, self.target.markers, without={*without, *_OF_THE_RUNTIME})
            strange = found.keys() - self.known.keys()
            if not strange:
                return set(found)
            for name in sorted(strange):
                self.known[name] = self.fetch_one(name, f"{found[name].name}{found[name].specifier}")

    def _excluded(self, name: str, wanted: Collection[str]) -> NormalizedName:
        found = canonicalize_name(name)
        if found not in wanted:
            hint = did_you_mean(found, wanted, f"there would be: {', '.join(sorted(wanted)) or 'none'}")
            raise PackagingError(f"the distribution {name!r} would not be in the package", hint)
        return found

    def _loaded_owners(self) -> Iterator[NormalizedName]:
        for _, owner in self._loaded():
            yield owner.name

    def _loaded(self) -> Iterator[tuple[Module, Distribution]]:
        for module in self.found.modules:
            owner = self.own.owner_of(module.file) if module.file is not None else None
            if owner is not None:
                yield module, owner

    def _services(self, selected: Collection[str]) -> tuple[str, ...]:
        """The AWS services that the loaded code names, in the user's modules and in those of others."""
        if _BOTOCORE not in selected:
            if self.wishes.services:
                text = "without botocore, no AWS service can be called"
                raise PackagingError(text, "--include boto3, if it is called in a way that was not found")
            return ()
        theirs = (module for module, owner in self._loaded() if owner.name not in _NAMING_ANY)
        files = (module.file for module in [*self.own.modules.values(), *theirs])
        data = self.known[_BOTOCORE].root / BOTOCORE_DATA
        return called_services(data, (file for file in files if file is not None), self.wishes.services)

    def _suitable(self, name: NormalizedName) -> Distribution:
        """A distribution for the target: the installed one if it fits, else one that pip fetches."""
        found = self.known[name]
        if not found.tags or found.tags & self.target.tags:
            return found
        return self.fetch_one(name, f"{name}=={found.version}")

    def _part(self, distribution: Distribution, services: Sequence[str]) -> Part:
        loaded = {module.name for module in self.found.modules}
        files: dict[str, Content] = {}
        for name in distribution.files:
            path = distribution.root / name
            if is_needed(name, services, loaded) and path.is_file():
                files[name] = path
        if ENDPOINTS in files:
            prefixes = endpoint_prefixes(distribution.root / BOTOCORE_DATA, services)
            files[ENDPOINTS] = only_of_services((distribution.root / ENDPOINTS).read_bytes(), prefixes)
        return Part(distribution.name, distribution.version, files)

    def _optional(self, selected: Collection[str]) -> tuple[str, ...]:
        found: set[str] = set()
        for module, _ in self._loaded():
            if module.file is None or module.file.suffix != ".py":
                continue
            text = module.file.read_text("utf-8", errors="replace")
            # Most modules have nothing of the kind, and a regular expression sees it sooner than a parser.
            if any(self._owner_of_top(name) not in {None, *selected} for name in _LAZY.findall(text)):
                for each in imports_of(text, module.name, is_package=module.is_package):
                    if not each.is_optional:
                        found.add(self._owner_of_top(each.name.partition(".")[0]) or "")
        return tuple(sorted(found - {"", *selected} - _OF_THE_RUNTIME))

    def _owner_of_top(self, name: str) -> NormalizedName | None:
        found = self.own.find(name) if name and name not in sys.stdlib_module_names else None
        owner = self.own.owner_of(found.file) if found is not None and found.file is not None else None
        return owner.name if owner is not None else None
