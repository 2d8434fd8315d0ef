"""The distributions that are installed here: which one a module's file belongs to, and what each one needs.

Guarantee: a distribution is found by the list of its files (RECORD), never by its name being like a module's.
"""

from __future__ import annotations

from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen
from packaging.requirements import Requirement
from packaging.tags import Tag, parse_tag
from packaging.utils import NormalizedName, canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Distribution", "Environment", "closure"]


@frozen
class Distribution:
    """One installed distribution."""

    name: NormalizedName
    version: str
    root: Path
    """The folder from which its modules are imported."""
    record: str
    """The names of its files, each between two line feeds."""
    requirements: tuple[Requirement, ...]
    tags: frozenset[Tag]
    """Those of the wheel from which it was installed; empty if that is not known."""

    @classmethod
    def of(cls, found: metadata.Distribution) -> Distribution:
        """Reads what its metadata say."""
        tags: set[Tag] = set()
        for line in (found.read_text("WHEEL") or "").splitlines():
            if line.startswith("Tag:"):
                tags |= parse_tag(line.removeprefix("Tag:").strip())
        return cls(
            canonicalize_name(found.metadata["Name"]),
            found.version,
            Path(str(found.locate_file(""))).resolve(),
            "\n".join(["", *(line.rsplit(",", 2)[0] for line in _record(found)), ""]),
            tuple(Requirement(each) for each in found.requires or ()),
            frozenset(tags),
        )

    @property
    def files(self) -> Iterator[str]:
        """The names of its files, relative to its root."""
        return (name.strip('"') for name in self.record.split("\n") if name)

    def owns(self, file: Path) -> bool:
        """Whether a file was installed by it."""
        if not file.is_relative_to(self.root):
            return False
        return f"\n{file.relative_to(self.root).as_posix()}\n" in self.record


class Environment:
    """All distributions that can be found on a path."""

    def __init__(self, path: Iterable[str]) -> None:
        self._path = list(path)

    @cached_property
    def distributions(self) -> Mapping[NormalizedName, Distribution]:
        """By their normalised names; the first on the path wins, as for an import."""
        found: dict[NormalizedName, Distribution] = {}
        for each in metadata.distributions(path=self._path):
            name = each.metadata["Name"]
            if name and canonicalize_name(name) not in found:
                found[canonicalize_name(name)] = Distribution.of(each)
        return found

    def owner_of(self, file: Path) -> Distribution | None:
        """The distribution that installed a file; None: it belongs to none, so it is the user's own."""
        return next((each for each in self.distributions.values() if each.owns(file)), None)


def closure(
    seeds: Iterable[NormalizedName],
    known: Mapping[NormalizedName, Distribution],
    markers: Mapping[str, str],
    *,
    without: Iterable[NormalizedName] = (),
) -> dict[NormalizedName, Requirement]:
    """The distributions that some need, directly or not, themselves included.

    Args:
        seeds: where it begins.
        known: what is installed.
        markers: the environment for which requirements are chosen.
        without: where it stops: these are left out, and what only they need.

    Returns:
        By name, the requirement that asked for it first. One that is not installed here is there as well.
    """
    stops = frozenset(without)
    found: dict[NormalizedName, Requirement] = {}
    waiting = [Requirement(str(seed)) for seed in seeds]
    seen: set[tuple[NormalizedName, frozenset[str]]] = set()
    while waiting:
        wanted = waiting.pop()
        name, extras = canonicalize_name(wanted.name), frozenset(wanted.extras)
        if name in stops or (name, extras) in seen:
            continue
        seen.add((name, extras))
        found.setdefault(name, wanted)
        if name in known:
            waiting += [each for each in known[name].requirements if _applies(each, extras, markers)]
    return found


def _applies(requirement: Requirement, extras: frozenset[str], markers: Mapping[str, str]) -> bool:
    if requirement.marker is None:
        return True
    return any(requirement.marker.evaluate({**markers, "extra": extra}) for extra in ("", *extras))


def _record(found: metadata.Distribution) -> list[str]:
    return (found.read_text("RECORD") or "").splitlines()
