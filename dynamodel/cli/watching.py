"""Which Python files of a folder have changed since the last look.

Guarantee: nothing runs between two looks, and a look only reads directories; files that vanish meanwhile are
no error. Directories are left out that hold no code of the project: hidden ones, caches, those of node, and
virtual environments.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["WatchedFolder"]

_OTHERS = frozenset({"__pycache__", "node_modules", "site-packages"})


class WatchedFolder:
    """A folder, as it was at the last look.

    Args:
        root: the folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen = self._look()

    def changed(self) -> list[str]:
        """The files that were written, made or removed since the last look: paths within the folder."""
        before, self._seen = self._seen, self._look()
        return sorted({os.path.relpath(path, self._root) for path, _ in before ^ self._seen})

    def _look(self) -> frozenset[tuple[str, int]]:
        """Paths, and the times of their last change in nanoseconds."""
        return frozenset(_python_files(str(self._root)))


def _python_files(folder: str) -> Iterator[tuple[str, int]]:
    for place, folders, files in os.walk(folder):
        if place != folder and "pyvenv.cfg" in files:
            folders.clear()
            continue
        folders[:] = [name for name in folders if name not in _OTHERS and not name.startswith(".")]
        for name in files:
            if not name.endswith(".py"):
                continue
            path = os.path.join(place, name)
            try:
                yield path, os.stat(path).st_mtime_ns
            except FileNotFoundError:  # removed meanwhile, or a link to nowhere
                continue
