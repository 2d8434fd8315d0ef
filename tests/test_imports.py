"""What `import dynamodel` costs, and what the packages say that they offer."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import dynamodel
from dynamodel.errors import MissingExtraError

HEAVY = {"asyncio", "aws_cdk", "boto3", "botocore", "cattrs", "moto", "pytest", "rich"}

PACKAGES = ["dynamodel"] + [
    module.name for module in pkgutil.walk_packages(dynamodel.__path__, "dynamodel.") if module.ispkg
]


def test_importing_dynamodel_imports_nothing_heavy() -> None:
    program = "import sys, dynamodel; print(*(name.partition('.')[0] for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())
    assert "dynamodel" in modules
    assert modules & HEAVY == set()


def offered(package: str) -> set[str]:
    """The public names that a package's `__init__` defines, or takes from the rest of dynamodel."""
    names: set[str] = set()
    tree = ast.parse(Path(importlib.import_module(package).__file__ or "").read_text("utf-8"))
    for node in tree.body:
        match node:
            case ast.ImportFrom(module=str(source), names=aliases) if source.split(".")[0] == "dynamodel":
                names.update(alias.asname or alias.name for alias in aliases)
            case (
                ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name))
            ):
                names.add(name)
            case ast.Assign(targets=targets):
                names.update(target.id for target in targets if isinstance(target, ast.Name))
            case _:
                pass
    return {name for name in names if not name.startswith("_")}


def place(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions: the order in which ruff sorts `__all__`."""
    kind = 0 if name.isupper() else 1 if name[0].isupper() else 2
    return kind, name


@pytest.mark.parametrize("package", PACKAGES)
def test_all_is_complete_and_sorted(package: str) -> None:
    try:
        module = importlib.import_module(package)
    except MissingExtraError as missing:
        pytest.skip(str(missing))
    listed = list(getattr(module, "__all__", []))
    assert set(listed) == offered(package)
    assert listed == sorted(set(listed), key=place)
