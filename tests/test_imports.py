"""What `import dynamodel` costs, and what the packages say that they offer."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

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


def statements(module: ModuleType) -> Iterator[ast.stmt]:
    """What stands at the top of a module; of one that loads names later, also what type checkers read."""
    for node in ast.parse(Path(module.__file__ or "").read_text("utf-8")).body:
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), body=body) if hasattr(module, "__getattr__"):
                yield from body
            case _:
                yield node


def offered(package: str) -> set[str]:
    """The public names that a package's `__init__` defines, or takes from the rest of dynamodel."""
    names: set[str] = set()
    for node in statements(importlib.import_module(package)):
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


def test_each_name_of_dynamodel_is_loaded_from_where_type_checkers_find_it() -> None:
    for node in statements(dynamodel):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dynamodel."):
            module = importlib.import_module(node.module or "")
            for alias in node.names:
                assert getattr(dynamodel, alias.name) is getattr(module, alias.name), alias.name


def run(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout


def test_names_that_are_not_loaded_yet_are_listed() -> None:
    listed = run("import dynamodel; print(*dir(dynamodel))").split()
    assert set(dynamodel.__all__) <= set(listed)


def test_all_names_can_be_imported_at_once() -> None:
    program = "from dynamodel import *; import dynamodel; print(set(dynamodel.__all__) <= globals().keys())"
    assert run(program) == "True\n"


def test_parts_are_there_without_an_import_of_their_own() -> None:
    assert run("import dynamodel; print(dynamodel.errors.ThrottledError.__name__)") == "ThrottledError\n"


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    assert not hasattr(dynamodel, "btach_get")
    with pytest.raises(ImportError, match="btach_get"):
        exec("from dynamodel import btach_get")
