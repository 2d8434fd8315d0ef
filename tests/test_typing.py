"""What type checkers see: every revealed type and every expected error of `typing_tests/`, in both.

A line `reveal_type(x)  # T` must reveal T; a line that ends with `# error` must be an error; no other
line may be one.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "typing_tests"
FILES = (
    "good.py",
    "bad.py",
    "single_table_good.py",
    "single_table_bad.py",
    "lambda_good.py",
    "lambda_bad.py",
    "events_good.py",
    "events_bad.py",
)


class Found(NamedTuple):
    revealed: dict[tuple[str, int], str]
    errors: dict[tuple[str, int], str]


def run(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    assert done.stdout, done.stderr
    return done.stdout


def mypy(tmp_path: Path) -> Found:
    config = tmp_path / "mypy.ini"
    config.write_text(f"[mypy]\nstrict = true\nmypy_path = {ROOT}\n")
    output = run("mypy", "--output=json", f"--config-file={config}", f"--cache-dir={tmp_path}", *FILES)
    found = Found({}, {})
    for message in map(json.loads, output.splitlines()):
        place = (Path(message["file"]).name, message["line"])
        if message["severity"] == "error":
            found.errors[place] = message["message"]
        elif match := re.fullmatch(r'Revealed type is "(.*)"', message["message"]):
            found.revealed[place] = plain(match[1])
    return found


def pyright(tmp_path: Path) -> Found:
    output = run("pyright", "--outputjson", f"--pythonpath={sys.executable}", *FILES)
    found = Found({}, {})
    for message in json.loads(output)["generalDiagnostics"]:
        place = (Path(message["file"]).name, message["range"]["start"]["line"] + 1)
        if message["severity"] == "error":
            found.errors[place] = message["message"]
        elif match := re.fullmatch(r'Type of ".*" is "(.*)"', message["message"], re.DOTALL):
            found.revealed[place] = plain(match[1])
    return found


def plain(revealed: str) -> str:
    """The type without the modules of its names, and unions in one order: each checker has its own."""
    names = re.sub(r"\b(?:\w+\.)+(?=\w)", "", revealed)
    return re.sub(r"\w+(?: \| \w+)+", lambda union: " | ".join(sorted(union[0].split(" | "))), names)


def expected() -> Found:
    wanted = Found({}, {})
    for name in FILES:
        for number, line in enumerate((FOLDER / name).read_text().splitlines(), 1):
            code, *comments = line.split("  # ")
            if "reveal_type(" in code:
                wanted.revealed[name, number] = plain(comments[0])
            if comments == ["error"]:
                wanted.errors[name, number] = code
    assert len(wanted.revealed) > 120
    assert len(wanted.errors) > 120
    return wanted


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_checker_sees_what_the_comments_say(checker, tmp_path):
    wanted, found = expected(), checker(tmp_path)
    assert found.revealed == wanted.revealed
    assert [code for place, code in wanted.errors.items() if place not in found.errors] == []
    assert {place: text for place, text in found.errors.items() if place not in wanted.errors} == {}
