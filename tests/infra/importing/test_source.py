"""Python source: it declares what was imported, reads the samples, and is as ruff and mypy want it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings

from dynamodel import DeclarationError
from dynamodel.entity.schema import schema_of
from dynamodel.infra.importing import Facet, Imported, ImportedTable, python_source
from dynamodel.schema import Projection, TableDefinition
from tests.schema.cases import RIGHT, RIGHT_IN_TEMPLATES, RIGHT_UNASKED, Right, global_index, key, table

from .modules import classes, definitions, run, source_of, tables

ALL = [*RIGHT, *RIGHT_UNASKED, *RIGHT_IN_TEMPLATES]


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.id)
def test_declares_the_same_table(case: Right) -> None:
    definition = case.definition
    assert tables(source_of(definition)) == {definition.name: definition}


@given(definitions())
def test_declares_the_same_table_whatever_it_is(definition: TableDefinition) -> None:
    assert tables(source_of(definition)) == {definition.name: definition}


def ruff(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ruff", *arguments, "--isolated"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@given(definitions())
@settings(max_examples=15)
def test_is_laid_out_as_ruff_does_it(tmp_path_factory: pytest.TempPathFactory, definition: object) -> None:
    assert isinstance(definition, TableDefinition)
    file = tmp_path_factory.mktemp("layout") / "models.py"
    file.write_text(source_of(definition), "utf-8")
    found = ruff("format", "--diff", str(file))
    assert found.returncode == 0, found.stdout
    found = ruff("check", "--select", "E4,E7,E9,F,I,N8,UP", str(file))
    assert found.returncode == 0, found.stdout


ITEMS = [
    {
        "movieId": {"N": "1"},
        "title": {"S": "Brazil"},
        "rating": {"N": "7.9"},
        "genres": {"SS": ["Comedy", "Drama"]},
        "cast": {"L": [{"M": {"name": {"S": "Jonathan"}, "billing": {"N": "1"}}}]},
        "studio": {"M": {"name": {"S": "Embassy"}, "Country": {"S": "UK"}}},
        "votes": {"M": {"de": {"N": "1"}}},
        "poster": {"B": b"\x00\x01"},
        "isGood": {"BOOL": True},
        "oddity": {"S": "x"},
        "gone": {"NULL": True},
        "anything": {"L": []},
    },
    {
        "movieId": {"N": "2"},
        "title": {"S": "Alien"},
        "rating": {"N": "8"},
        "genres": {"SS": ["Horror"]},
        "cast": {"L": [{"M": {"name": {"S": "Sigourney"}, "billing": {"N": "1"}, "as": {"S": "Ripley"}}}]},
        "studio": {"M": {"name": {"S": "Fox"}, "Country": {"S": "US"}, "since": {"N": "1935"}}},
        "votes": {"M": {"fr-FR": {"N": "1"}, "it": {"N": "4"}}},
        "poster": {"B": b""},
        "isGood": {"BOOL": False},
        "oddity": {"N": "3"},
    },
]
MOVIES = table(name="Movies", key=key("movieId", movieId="N"))


def test_types_come_from_samples() -> None:
    movie = classes(source_of(MOVIES, *ITEMS))["Movie"]
    types = {name: field.value.types for name, field in schema_of(movie).codec.fields.items()}
    assert types["rating"] == {"N"}
    assert types["genres"] == {"SS"}
    assert types["oddity"] == {"S", "N"}
    source = source_of(MOVIES, *ITEMS)
    for line in (
        'movie_id: Attr[int] = attribute("movieId")',
        "rating: Attr[Decimal] = attribute()",
        "cast: Attr[list[dict[str, int | str]]] = attribute()",  # `as` is no name in Python
        "studio: Attr[MoviesStudio] = attribute()",
        "since: int | None = None",
        "votes: Attr[dict[str, int]] = attribute()",
        "gone: Attr[Any] = attribute(null=True, default=None)",
    ):
        assert line in source
    for item in ITEMS:
        schema = schema_of(movie)
        assert schema.item_of(schema.decode(item), {}).keys() >= item.keys()


FACETS = (
    Facet(
        "customer",
        items=({"PK": {"S": "c#1"}, "SK": {"S": "c#1"}, "kind": {"S": "customer"}, "id": {"S": "1"}},),
    ),
    Facet(
        "order",
        items=(
            {
                "PK": {"S": "c#1"},
                "SK": {"S": "o#9"},
                "kind": {"S": "order"},
                "customer": {"S": "1"},
                "id": {"S": "9"},
                "GSI1PK": {"S": "day#2020"},
                "date": {"S": "2020"},
            },
        ),
    ),
)


def shop(*facets: Facet, **projection: Projection) -> Imported:
    index = global_index("GSI1", "GSI1PK", **projection)
    return Imported((ImportedTable(table(index, name="Shop", key=key("PK", "SK")), facets=facets),))


def test_facets_become_classes_that_build_their_keys() -> None:
    source = python_source(shop(*FACETS))
    assert 'primary_key(key("c", customer), key("o", id))' in source.replace("\n", "")
    assert 'global_index("GSI1", key("day", date))' in source
    found = classes(source)
    order = found["Order"]
    item = FACETS[1].items[0]
    read = schema_of(order).decode(item)
    assert read.put().request().parameters["Item"] == item  # type: ignore[attr-defined]
    assert not schema_of(found["Customer"]).owns(item)


def test_keys_that_attributes_do_not_tell_stay_as_they_are() -> None:
    lone = Facet("customer", items=({"PK": {"S": "c#1"}, "SK": {"S": "c#1"}, "kind": {"S": "customer"}},))
    source = python_source(shop(lone, FACETS[1]))
    assert 'Table("Shop", discriminator="kind")' in source
    assert "primary_key(pk, sk)" in source
    assert "stored as they are" in source


def test_a_discriminator_that_an_index_lacks_is_none() -> None:
    source = python_source(shop(*FACETS, projection=Projection.KEYS_ONLY))
    assert list(classes(source)) == ["Shop"]
    assert "Its facets were customer, order" in source


def test_samples_that_fit_no_class_leave_the_types_open() -> None:
    wrong = [{"movieId": {"N": "1"}, "x": {"S": "a"}}, {"title": {"S": "no key"}}]
    assert "x: Attr[Any]" in source_of(MOVIES, *wrong)


def test_notes_stand_in_a_comment_and_can_be_no_code() -> None:
    notes = ("a: b", "x\nimport os\r\u2028raise SystemExit")
    source = python_source(Imported((ImportedTable(MOVIES),), notes))
    assert "# - a: b" in source
    assert "os" not in run(source)


def test_refuses_what_is_no_module() -> None:
    with pytest.raises(DeclarationError, match="has no table"):
        python_source(Imported(()))
    with pytest.raises(DeclarationError, match="twice"):
        python_source(Imported((ImportedTable(MOVIES), ImportedTable(MOVIES))))


def test_passes_mypy(tmp_path: Path) -> None:
    whole = {
        "all.py": python_source(
            Imported(
                tuple(
                    ImportedTable(
                        TableDefinition(
                            f"table-{n}", each.key, each.local_indexes, each.global_indexes, each.settings
                        )
                    )
                    for n, each in enumerate(
                        case.definition for case in ALL if len(case.definition.name) < 99
                    )
                )
            )
        ),
        "movies.py": source_of(MOVIES, *ITEMS),
        "shop.py": python_source(shop(*FACETS)),
    }
    for name, source in whole.items():
        (tmp_path / name).write_text(source, "utf-8")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--cache-dir",
        str(tmp_path / "cache"),
        "--config-file",
        "",
        ".",
    ]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("name", ['a"""+str(seen.append(1))+"""', "a\nimport os", "a#b"])
def test_a_name_is_never_code(name: str) -> None:
    from dynamodel.errors import DeclarationError
    from dynamodel.infra.importing import from_description
    from dynamodel.schema import KeyAttribute, KeySchema, TableDefinition

    hostile = TableDefinition(name, KeySchema((KeyAttribute("id", "S"),)))
    with pytest.raises(DeclarationError, match="3 to 255"):
        python_source(from_description(hostile))


@pytest.mark.parametrize(
    "items",
    [
        [{"pk": {"S": "a"}, "sk": {"S": "b"}}],
        [{"pk": {"S": "acme"}, "sk": {"S": f"DOC#{n}"}, "n": {"S": str(n)}} for n in range(3)],
    ],
)
def test_what_all_samples_share_is_no_constant(items: list[dict[str, dict[str, str]]]) -> None:
    from dynamodel.infra.importing import from_description
    from dynamodel.schema import KeyAttribute, KeySchema, TableDefinition

    key = KeySchema((KeyAttribute("pk", "S"),), (KeyAttribute("sk", "S"),))
    assert "primary_key(pk, sk)" in python_source(from_description(TableDefinition("Notes", key), items))
