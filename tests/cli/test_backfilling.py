"""`backfill`: which entity it works on, what it tells, and how it is gone on with."""

from __future__ import annotations

import re

import boto3
import pytest

OLD = """
from dynamodel import *

app = Table("App", partition_key="pk", sort_key="sk")

class Person(Entity, table=app):
    number: Attr[int] = attribute()
    name: Attr[str] = attribute()
    main = primary_key(key("PERSON", number), key("#META"))
    {index}
"""
INDEX = 'by_name = global_index("gsi1", key("PEOPLE"), key("NAME", name))'


@pytest.fixture
def people(folder, embedded_db, monkeypatch):
    """Five items without the keys of the index that the class has now, and a table that has the index."""
    (folder / "people.py").write_text(OLD.format(index=INDEX))
    (folder / "before.py").write_text(OLD.format(index=""))
    monkeypatch.syspath_prepend(folder)
    import before
    import people

    embedded_db.create_table(people.app)
    for number in range(5):
        embedded_db.run(before.Person(number=number, name=f"n{number}").put())
    return people


def counted(db, people):
    return len(list(db.run(people.Person.by_name.query())))


@pytest.mark.parametrize("arguments", [("people:Person",), ("people", "--entity", "Person")])
def test_items_are_rewritten(cli, people, embedded_db, arguments):
    done = cli("backfill", *arguments, "--dry-run")
    assert done.code == 0
    assert done.out.endswith("would be: 5 rewritten\n")
    assert counted(embedded_db, people) == 0

    done = cli("backfill", *arguments, "--segments", "2")
    assert done.code == 0
    assert done.out.endswith("5 rewritten\n")
    assert counted(embedded_db, people) == 5

    assert cli("backfill", *arguments).out.endswith("5 current\n")


def test_what_is_left_is_told(cli, people, embedded_db):
    dynamodb = boto3.client("dynamodb", region_name="us-east-1")
    key = {"pk": {"S": "PERSON#9"}, "sk": {"S": "#META"}}
    dynamodb.put_item(TableName="App", Item={**key, "_type": {"S": "Person"}, "number": {"S": "nine"}})
    done = cli("backfill", "people:Person")
    assert done.code == 1
    assert "5 rewritten, 1 unreadable" in done.out
    assert re.search(r"^  Person\.number: ", done.out, re.MULTILINE)


def test_it_goes_on_where_it_stopped(cli, people, monkeypatch):
    from dynamodel.cli import backfilling

    class Stopped(KeyboardInterrupt):
        pass

    class Bar:
        def __enter__(self):
            def bar(report):
                raise Stopped

            return bar

        def __exit__(self, *_):
            return None

    monkeypatch.setattr(backfilling, "backfill_bar", lambda title: Bar())
    done = cli("backfill", "people:Person", "--segments", "1")
    assert done.code == 130
    found = re.search(r"go on with: --segments 1 --after (\S+)", done.err)
    assert found is not None
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("people:Persn",), "hint: did you mean Person?", id="a wrong entity"),
        pytest.param(("people",), "hint: write people:ENTITY; people has Person", id="no entity"),
        pytest.param(("people:Person", "--entity", "Other"), "name one of them", id="two entities"),
        pytest.param(("peple:Person",), "hint: did you mean people?", id="a wrong module"),
        pytest.param(("people:Person", "--segments", "0"), "segments", id="no segments"),
        pytest.param(("people:Person", "--after", "x"), "this is no cursor", id="a wrong state"),
    ],
)
def test_wrong_arguments(cli, people, arguments, said):
    done = cli("backfill", *arguments)
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err
