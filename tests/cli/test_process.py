"""The command line as a process: pipes, terminals, missing packages, and its script."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

import dynamodel

ROOT = str(Path(dynamodel.__file__).parents[1])


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m dynamodel` in a directory."""
    return subprocess.run(
        [sys.executable, "-m", "dynamodel", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": ROOT, **environment},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_the_module_is_found_in_the_current_directory(shop, folder):
    done = run(folder, "check", "shop")
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "shop is right: 2 tables, 3 entities, 0 functions\n",
        "",
    )


@pytest.mark.parametrize("package", ["typer", "rich", "yaml"])
def test_without_the_extra(folder, package):
    """A package that stands first on the path, and cannot be imported, stands for one that is missing."""
    (folder / f"{package}.py").write_text(f"raise ModuleNotFoundError('no', name={package!r})\n")
    (folder / "shop.py").write_text("from dynamodel import Table\n")
    done = run(folder, "synth", "shop")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_without_the_extra_the_remedy_is_told(folder):
    (folder / "typer.py").write_text("raise ModuleNotFoundError('no', name='typer')\n")
    done = run(folder, "--help")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "dynamodel: the command line needs the extra 'cli': pip install 'dynamodel-orm[cli]'\n"
    )


def test_a_reader_that_goes_away(shop, folder):
    command = f"{sys.executable} -m dynamodel describe shop | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": ROOT},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Table Shop")


def test_a_closed_pipe(shop, folder):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "dynamodel", "synth", "shop"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": ROOT},
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def on_a_terminal(folder: Path, *arguments: str, **environment: str) -> str:
    """What a command draws on a terminal of 100 columns."""
    parent, child = pty.openpty()
    settings = {"TERM": "xterm-256color", "COLUMNS": "100", "PYTHONPATH": ROOT, **environment}
    process = subprocess.Popen(
        [sys.executable, "-m", "dynamodel", *arguments],
        cwd=folder,
        env={**os.environ, **settings},
        stdin=child,
        stdout=child,
        stderr=child,
    )
    os.close(child)
    drawn = b""
    while True:
        try:
            part = os.read(parent, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        drawn += part
    os.close(parent)
    process.wait()
    return drawn.decode()


def test_a_terminal_gets_boxes_and_colours(shop, folder):
    drawn = on_a_terminal(folder, "describe", "shop")
    assert "\x1b[1m" in drawn
    assert "─" in drawn
    plain = on_a_terminal(folder, "describe", "shop", NO_COLOR="1")
    assert "\x1b[3" not in plain
    assert "─" in plain


def test_a_pipe_gets_plain_text(shop, folder):
    done = run(folder, "describe", "shop", COLUMNS="20")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "─" not in done.stdout
    assert all(line == line.rstrip() for line in done.stdout.splitlines())
    assert re.search(r"^  Order\.by_state\.query\(state\) +many Order, by number +Query", done.stdout, re.M)
