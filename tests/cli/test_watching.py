"""What counts as a change of a folder's code."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dynamodel.cli.watching import WatchedFolder


def later(path: Path) -> None:
    """Writes a file again; a clock of the file system may be coarse."""
    path.write_text(path.read_text())
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))


def made(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x = 1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "app.py",
        "package/part.py",
        "data.json",
        ".venv/lib/a.py",
        "env/pyvenv.cfg",
        "env/lib/b.py",
    ):
        made(tmp_path / name)
    (tmp_path / "nowhere.py").symlink_to(tmp_path / "gone.py")
    return tmp_path


@pytest.mark.parametrize(
    ("change", "name", "seen"),
    [
        (later, "app.py", True),
        (later, "package/part.py", True),
        (Path.unlink, "package/part.py", True),
        (made, "package/new.py", True),
        (made, "other/new.py", True),
        (later, "data.json", False),
        (later, ".venv/lib/a.py", False),
        (later, "env/lib/b.py", False),
        (made, "package/__pycache__/part.py", False),
        (made, "node_modules/x/y.py", False),
    ],
)
def test_a_change_is_told_once(folder: Path, change: Callable[[Path], None], name: str, seen: bool) -> None:
    watched = WatchedFolder(folder)
    assert watched.changed() == []
    change(folder / name)
    assert watched.changed() == ([name] if seen else [])
    assert watched.changed() == []
