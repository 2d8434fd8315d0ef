"""Where a package runs: a Python runtime of Lambda on one of its processors.

Guarantee: what is compiled goes into a package only if its wheel names a platform that this runtime has.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from functools import cached_property
from typing import Final

from attrs import frozen
from packaging.tags import Tag, compatible_tags, cpython_tags

from dynamodel.infra.functions import Architecture, Runtime
from dynamodel.packaging.problems import PackagingError

__all__ = ["Target"]

_PREFIX: Final = "python"

_MACHINES: Final = {Architecture.X86_64: "x86_64", Architecture.ARM_64: "aarch64"}
"""Linux's names of the processors."""

_GLIBC: Final = {"python3.10": 26, "python3.11": 26}
_GLIBC_SINCE: Final = 34
"""The C library of a runtime is glibc 2.N: 2.26 on Amazon Linux 2, which Python 3.10 and 3.11 have, and 2.34
on Amazon Linux 2023, which is that of all later ones (AWS Lambda developer guide, Lambda runtimes)."""

_LEGACY: Final = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
"""Names of platforms from before PEP 600."""

_FIND_SECONDS: Final = 20.0


@frozen
class Target:
    """A Python runtime and a processor.

    Raises:
        PackagingError: the runtime is not one of Python, or older than Python 3.11, which dynamodel needs.
    """

    runtime: Runtime
    architecture: Architecture

    def __attrs_post_init__(self) -> None:
        if not self.runtime.value.startswith(_PREFIX) or self.version < (3, 11):
            text = f"the runtime {self.runtime.value!r} cannot run dynamodel"
            raise PackagingError(text, f"there are: {', '.join(each.value for each in _pythons())}")

    @classmethod
    def of_this_python(cls, architecture: Architecture = Architecture.X86_64) -> Target:
        """The runtime of the Python that runs now.

        Args:
            architecture: the processor; x86_64 is what Lambda gives to a function that names none.

        Raises:
            PackagingError: Lambda has no such runtime; another one has to be named.
        """
        name = f"{_PREFIX}{sys.version_info[0]}.{sys.version_info[1]}"
        known = [each.value for each in _pythons()]
        if name not in known:
            raise PackagingError(f"Lambda has no runtime {name}", f"name another: {', '.join(known)}")
        return cls(Runtime(name), architecture)

    @property
    def version(self) -> tuple[int, int]:
        """Python's version: `(3, 13)`."""
        major, _, minor = self.runtime.value.removeprefix(_PREFIX).partition(".")
        return int(major), int(minor)

    @property
    def dotted(self) -> str:
        """Python's version as text: `3.13`."""
        return self.runtime.value.removeprefix(_PREFIX)

    @property
    def machine(self) -> str:
        """The processor, as Linux calls it."""
        return _MACHINES[self.architecture]

    @property
    def is_platform_here(self) -> bool:
        """Whether compiled modules for it run on this machine."""
        return sys.platform == "linux" and platform.machine() == self.machine

    @cached_property
    def platforms(self) -> tuple[str, ...]:
        """The platform tags of wheels that it can run, the best first (PEP 600)."""
        newest = _GLIBC.get(self.runtime.value, _GLIBC_SINCE)
        # Before 2.17 there is no manylinux for arm64.
        oldest = 17 if self.architecture is Architecture.ARM_64 else 5
        names: list[str] = []
        for minor in range(newest, oldest - 1, -1):
            names.append(f"manylinux_2_{minor}_{self.machine}")
            if minor in _LEGACY:
                names.append(f"{_LEGACY[minor]}_{self.machine}")
        return tuple(names)

    @cached_property
    def tags(self) -> frozenset[Tag]:
        """The tags of all wheels that it can run."""
        interpreter = f"cp{self.version[0]}{self.version[1]}"
        compiled = cpython_tags(self.version, platforms=self.platforms)
        return frozenset(compiled) | frozenset(compatible_tags(self.version, interpreter, self.platforms))

    @cached_property
    def markers(self) -> dict[str, str]:
        """What environment markers of requirements see (PEP 508); the patch level is the lowest there is."""
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{self.dotted}.0",
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": f"{self.dotted}.0",
            "python_version": self.dotted,
            "sys_platform": "linux",
        }

    @cached_property
    def interpreter(self) -> str | None:
        """A Python of this minor version on this machine: the running one, or `pythonX.Y` of the path."""
        if sys.version_info[:2] == self.version and sys.implementation.name == "cpython":
            return sys.executable
        found = shutil.which(f"{_PREFIX}{self.dotted}")
        return found if found is not None and self._is_it(found) else None

    def _is_it(self, path: str) -> bool:
        program = "import sys; print(sys.implementation.name, *sys.version_info[:2])"
        try:
            done = subprocess.run(  # noqa: S603 - a Python of the path, and a program of our own
                [path, "-I", "-c", program],
                capture_output=True,
                text=True,
                timeout=_FIND_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.stdout.split() == ["cpython", *map(str, self.version)]

    def __str__(self) -> str:
        return f"Python {self.dotted}, Linux {self.architecture.value}"


def _pythons() -> list[Runtime]:
    return [each for each in Runtime if each.value.startswith(_PREFIX) and each is not Runtime.PYTHON_3_10]
