"""Which module is imported, what is taken of it, and what is said if it cannot be."""

from __future__ import annotations

import textwrap

import pytest

WRONG = """
from dynamodel import Attr, Entity, Table, attribute, global_index, primary_key

table = Table("Things")

class Thing(Entity, table=table):
    name: Attr[str] = attribute()
    tags: Attr[list[str]] = attribute(factory=list)
    main = primary_key(name)
    by_tags = global_index("x", tags)
    by_list = global_index("byList", tags)
"""


def test_each_table_is_taken_once_and_in_order(cli, shop, folder):
    (folder / "again.py").write_text("from shop import Line, Order, logs, shop\n")
    done = cli("synth", "again")
    assert done.code == 0
    names = [line.strip() for line in done.out.splitlines() if "TableName" in line]
    assert names == ["TableName: Logs", "TableName: Shop"]


def test_an_entity_stands_for_its_table(cli, shop, folder):
    (folder / "one.py").write_text("from shop import Line\n")
    assert cli("check", "one").out == "one is right: 1 table, 1 entity, 0 functions\n"


def test_bases_without_a_table_are_no_entities(cli, folder):
    text = """
        from dynamodel import Attr, Entity, Table, attribute, primary_key
        class Named(Entity):
            name: Attr[str] = attribute()
        class User(Named, table=Table("Users")):
            by_name = primary_key(Named.name)
    """
    (folder / "named.py").write_text(textwrap.dedent(text))
    assert cli("check", "named").out == "named is right: 1 table, 1 entity, 0 functions\n"


def test_what_a_module_prints_does_not_mix_with_the_answer(cli, shop, folder):
    (folder / "loud.py").write_text("print('hello')\nfrom shop import *\n")
    done = cli("synth", "loud")
    assert done.out.startswith("AWSTemplateFormatVersion")
    assert done.err == "hello\n"


@pytest.mark.parametrize("command", ["synth", "check", "describe", "iam", "diff", "deploy"])
def test_no_such_module(cli, shop, command):
    done = cli(command, "shopp")
    assert done.code == 2
    assert done.out == ""
    assert done.err == "error: there is no module 'shopp'\nhint: did you mean shop?\n"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("shop.py", "hint: a module is named as in an import: shop\n", id="a file"),
        pytest.param("./shop.py", "hint: a module is named as in an import: shop\n", id="a path"),
        pytest.param("a/b/shop.py", "import: a.b.shop\n", id="a deep path"),
        pytest.param("shop:Order", "as in an import: examples.movies\n", id="another sign"),
        pytest.param("", "as in an import: examples.movies\n", id="nothing"),
        pytest.param("nowhere", "hint: run this in the directory from which", id="nothing is near"),
        pytest.param("shop.tables", "hint: shop has no modules\n", id="no package"),
        pytest.param("inner.modelz", "hint: did you mean inner.models?\n", id="in a package"),
        pytest.param("inner.q", "hint: inner has models\n", id="in a package, nothing is near"),
    ],
)
def test_wrong_names(cli, shop, folder, name, said):
    (folder / "inner").mkdir()
    (folder / "inner" / "__init__.py").touch()
    (folder / "inner" / "models.py").touch()
    done = cli("synth", name)
    assert done.code == 2
    assert done.out == ""
    assert said in done.err
    assert "Traceback" not in done.err


def test_an_empty_package_names_its_modules(cli, folder):
    (folder / "inner").mkdir()
    (folder / "inner" / "__init__.py").touch()
    (folder / "inner" / "models.py").touch()
    done = cli("check", "inner")
    assert done.code == 2
    assert done.err == (
        "error: inner has no tables, entities or functions at its top\n"
        "hint: name one of its modules: inner.models\n"
    )


def test_a_module_without_tables(cli, folder):
    (folder / "empty.py").touch()
    done = cli("check", "empty")
    assert done.code == 2
    assert "empty has no tables, entities or functions at its top\n" in done.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("x = 1\n1 / 0\n", "  bad.py, line 2: 1 / 0\n  ZeroDivisionError: division", id="raises"),
        pytest.param("import nothere\n", "ModuleNotFoundError: No module named 'nothere'", id="an import"),
        pytest.param("def f(:\n", "  bad.py, line 1: def f(:\n  SyntaxError", id="no Python"),
        pytest.param("raise SystemExit(3)\n", "  SystemExit: 3\n", id="ends the process"),
        pytest.param(
            "from inner import f\nf()\n", "line 2: f()\n  inner.py, line 1: def f(): f()", id="deep"
        ),
    ],
)
def test_a_module_that_stops(cli, folder, text, said):
    (folder / "inner.py").write_text("def f(): f()\n")
    (folder / "bad.py").write_text(text)
    done = cli("synth", "bad")
    assert done.code == 2
    assert done.out == ""
    assert done.err.startswith("error: bad cannot be imported\n")
    assert "importlib" not in done.err
    assert said in done.err or text.startswith("from inner")
    assert len(done.err.splitlines()) <= 8


def test_all_faults_of_a_class(cli, folder):
    (folder / "wrong.py").write_text(WRONG)
    done = cli("check", "wrong")
    assert done.code == 1
    assert done.err == ""
    first, *faults = done.out.splitlines()
    assert first.endswith(" faults, found at wrong.py, line 6: class Thing(Entity, table=table):")
    assert len(faults) == int(first.split()[0]) >= 2
    assert any(fault.startswith("Thing.by_tags") for fault in faults)
    other = cli("synth", "wrong")
    assert other.code == 1
    assert other.out == ""
    assert other.err == done.out


def test_faults_of_several_tables_are_told_at_once(cli, folder):
    (folder / "keyless.py").write_text("from dynamodel import Table\na = Table('Aaa')\nb = Table('Bbb')\n")
    done = cli("check", "keyless")
    assert done.code == 1
    assert "'Aaa'" in done.out
    assert "'Bbb'" in done.out
    assert done.out.startswith("2 faults\n")


def test_a_fault_is_no_difference(cli, folder):
    (folder / "keyless.py").write_text("from dynamodel import Table\na = Table('Aaa')\n")
    assert cli("diff", "keyless").code == 2
