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


def run(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout


def loaded(program: str) -> set[str]:
    return set(run(f"import sys\n{program}\nprint(*sys.modules)").split())


def test_no_name_of_dynamodel_is_heavy() -> None:
    modules = loaded("from dynamodel import *")
    assert "dynamodel.operations.backfill" in modules
    assert {name.partition(".")[0] for name in modules} & HEAVY == set()


def test_importing_dynamodel_loads_nothing_else() -> None:
    modules = loaded("import dynamodel")
    assert {name for name in modules if name.startswith("dynamodel")} == {"dynamodel"}


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


HANDLER = """
from decimal import Decimal
import dynamodel.aws_lambda
from dynamodel import (
    Attr, Client, Encryption, Entity, PointInTimeRecovery, RemovalPolicy, StreamViewType, Table, attribute,
    global_index, primary_key,
)
table = Table(
    "Movies", removal_policy=RemovalPolicy.DESTROY, stream=StreamViewType.NEW_IMAGE, time_to_live="expires",
    point_in_time_recovery=PointInTimeRecovery(), encryption=Encryption.AWS_MANAGED, deletion_protection=True,
)
class Movie(Entity, table=table):
    movie_id: Attr[int] = attribute("movieId")
    title: Attr[str] = attribute()
    genres: Attr[set[str]] = attribute(factory=set)
    cast: Attr[list[str]] = attribute(factory=list)
    rating: Attr[Decimal | None] = attribute(default=None)
    version: Attr[int] = attribute(version=True)
    expires: Attr[int | None] = attribute(default=None)
    by_id = primary_key(movie_id)
    by_title = global_index("ByTitle", title)
"""
"""What the module of a plain handler says."""

INVOCATION = """
class Canned:
    def send(self, request):
        item = {"movieId": {"N": "1"}, "title": {"S": "Up"}, "version": {"N": "1"}}
        found = {"Items": [item], "Count": 1}
        return {"GetItem": {"Item": item}, "Query": found, "Scan": found}.get(request.operation, {})
    def close(self):
        pass
db = Client(Canned())
movie = db.run(Movie.by_id.get(1))
assert movie == db.run(Movie.by_title.query("Up").filter(Movie.rating.not_exists() | (Movie.rating > 7)))[0]
db.run(movie.put().when(Movie.title == "Up"))
db.run(movie.upsert())
db.run(movie.delete())
db.run(Movie.by_id.update(1).apply(Movie.title.set("Down")))
assert len(db.run(Movie.scan())) == 1
"""
"""What it does with an event."""

NOT_NEEDED = {
    "cattrs",
    "concurrent.futures",
    "dynamodel.attribute_value.choices",
    "dynamodel.attribute_value.json_form",
    "dynamodel.attribute_value.unions",
    "dynamodel.client.parallel",
    "dynamodel.drift",
    "dynamodel.infra",
    "dynamodel.model.collections",
    "dynamodel.operations.backfill",
    "dynamodel.operations.batches",
    "dynamodel.operations.collection_query",
    "dynamodel.operations.cursors",
    "dynamodel.operations.explain",
    "dynamodel.operations.hydrate",
    "dynamodel.operations.pages",
    "dynamodel.operations.parallel",
    "dynamodel.operations.rewrite",
    "dynamodel.operations.tables",
    "dynamodel.operations.transactions",
    "dynamodel.schema.create",
    "dynamodel.schema.rare_settings",
    "dynamodel.schema.references",
    "dynamodel.schema.scaling",
    "dynamodel.schema.setting_types",
    "dynamodel.schema.shapes",
    "dynamodel.schema.vectors",
    "dynamodel.schema.verify_replicas",
    "dynamodel.schema.verify_settings",
    "dynamodel.schema.verify_vectors",
    "json",
    "logging",
    "orjson",
}
"""Modules whose time a plain handler need not pay for when it starts."""


def test_a_plain_handler_starts_with_what_it_needs() -> None:
    modules = loaded(HANDLER)
    assert "dynamodel.model.entity" in modules
    assert modules & NOT_NEEDED == set()


def test_what_is_not_needed_is_there() -> None:
    for name in NOT_NEEDED:
        importlib.import_module(name)  # a name that is misspelt would never be loaded


def test_the_first_invocation_loads_nothing_more() -> None:
    late = loaded(HANDLER + INVOCATION) - loaded(HANDLER)
    assert {name for name in late if name.startswith("dynamodel")} == set()
