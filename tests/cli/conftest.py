"""The command line in this process, in an empty directory: `cli("synth", "shop")`."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from dynamodel.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SHOP = """
from dynamodel import Attr, Entity, Projection, Table, attribute, collection, global_index, key, primary_key

KEYS = Projection.KEYS_ONLY
shop = Table("Shop", partition_key="pk", sort_key="sk", time_to_live="expires")


class Customer(Entity, table=shop):
    name: Attr[str] = attribute()
    city: Attr[str | None] = attribute("homeTown", default=None)
    main = primary_key(key("CUSTOMER", name), key("#META"))


class Order(Entity, table=shop):
    customer: Attr[str] = attribute()
    number: Attr[int] = attribute()
    state: Attr[str] = attribute(default="new")
    main = primary_key(key("CUSTOMER", customer), key("ORDER", number))
    by_state = global_index("byState", key("STATE", state), key("ORDER", number), projection=KEYS)


history = collection(Customer.main, Order.main)
logs = Table("Logs")


class Line(Entity, table=logs):
    day: Attr[str] = attribute()
    second: Attr[int] = attribute()
    text: Attr[str] = attribute()
    by_day = primary_key(day, second)
"""


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current directory, empty; modules that are imported from it are forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    known = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - known:
        file = getattr(sys.modules[name], "__file__", None) or ""
        if file.startswith(str(tmp_path)) or not file:
            del sys.modules[name]


@pytest.fixture
def cli(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Runs a command in the empty directory."""

    def run(*arguments: str) -> Done:
        importlib.invalidate_caches()  # a module may have been written a moment ago
        code = main(arguments)
        return Done(code, *capsys.readouterr())

    return run


@pytest.fixture
def shop(folder: Path) -> Path:
    """A module `shop` with two tables, three entities and a collection."""
    path = folder / "shop.py"
    path.write_text(SHOP, "utf-8")
    return path
