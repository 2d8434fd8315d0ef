"""The zip of a deployment package.

Guarantee: the same files give the same bytes: names are sorted, times and permissions always the same.
"""

from __future__ import annotations

import os
import zipfile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["MAX_UNZIPPED", "MAX_UPLOAD", "unzipped_size", "write_zip"]

MAX_UPLOAD: Final = 50 * 1024 * 1024
"""Bytes of a zip that is uploaded to Lambda itself; a larger one goes by way of S3 (AWS Lambda developer
guide, Lambda quotas)."""

MAX_UNZIPPED: Final = 250 * 1024 * 1024
"""Bytes of a package with all its layers, unzipped (the same page)."""

_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""The first that a zip can have."""
_UNIX: Final = 3
_PLAIN, _EXECUTABLE = 0o100644, 0o100755
"""Lambda needs files that everybody may read."""


def unzipped_size(folder: Path) -> int:
    """How many bytes all files of a folder have."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def write_zip(folder: Path, output: Path, written: Callable[[int], None]) -> int:
    """Writes all files of a folder.

    Args:
        folder: what is at the top of the zip.
        output: the file to write.
        written: is told of each file, by 1.

    Returns:
        How many files there are.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = sorted((path.relative_to(folder).as_posix(), path) for path in paths)
    with zipfile.ZipFile(output, "w") as archive:
        for name, path in names:
            entry = zipfile.ZipInfo(name, _TIME)
            entry.create_system = _UNIX
            entry.external_attr = (_EXECUTABLE if os.access(path, os.X_OK) else _PLAIN) << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
            written(1)
    return len(names)
