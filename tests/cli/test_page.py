"""The commands on docs/command-line.md: each is run as it stands there, and answers what the page says."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

pytestmark = pytest.mark.dynamodb_local

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "command-line.md"


class Command(NamedTuple):
    text: str
    expected: str


def commands() -> list[Command]:
    """What stands after `$ `, with the answer below it."""
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    parts = [part for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE) if part]
    return [Command(*part.split("\n", 1)) for part in parts]


def pattern(expected: str) -> str:
    """The page's answer, where a line of three dots stands for any lines."""
    lines = [".*" if line == "..." else f"{re.escape(line)}\n" for line in expected.splitlines()]
    return "".join(lines)


def test_the_page_runs(cli, folder, dynamodb_local, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path, str(ROOT)])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "page")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "page")
    before = dynamodb_local.table_names()
    url = dynamodb_local.boto3_client().meta.endpoint_url
    assert len(commands()) >= 10
    try:
        for command, expected in commands():
            line, _, file = command.replace("http://localhost:8000", url).partition(" > ")
            name, *arguments = shlex.split(line)
            assert name == "dynamodel"
            done = cli(*arguments)
            assert done.code == 0, (command, done.err)
            if file:
                (folder / file).write_text(done.out)
            else:
                assert re.fullmatch(pattern(expected), done.out, re.DOTALL), (command, done.out)
    finally:
        dynamodb_local.reset(keep=before)
    for file in ("models.py", "movies.py", "again.py"):
        compile((folder / file).read_text("utf-8"), file, "exec")
