"""Real, dirty data through an entity: each bad row gives one clear error, and no good row is lost."""

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from dynamodel import Attr, Entity, MarshalError, Table, attribute, primary_key

ROWS = json.loads(
    Path(__file__).with_name("data").joinpath("movies.json").read_text("utf-8"), parse_float=Decimal
)


class Film(Entity, table=Table("Films")):
    film_id: Attr[int] = attribute("id")
    title: Attr[str] = attribute("Title")
    gross: Attr[int | None] = attribute("US Gross")
    released: Attr[date] = attribute("Release Date")
    rating: Attr[Decimal | None] = attribute("IMDB Rating")
    genre: Attr[str | None] = attribute("Major Genre")
    director: Attr[str | None] = attribute("Director", null=True)
    by_id = primary_key(film_id)


def film(number, row):
    return Film(
        film_id=number,
        title=row["Title"],
        gross=row["US Gross"],
        released=datetime.strptime(row["Release Date"], "%b %d %Y").date(),
        rating=None if row["IMDB Rating"] is None else Decimal(row["IMDB Rating"]),
        genre=row["Major Genre"],
        director=row["Director"],
    )


@pytest.fixture(params=["embedded_db", pytest.param("dynamodb_local_db", marks=pytest.mark.dynamodb_local)])
def db(request):
    db = request.getfixturevalue(request.param)
    db.create_table(Film)
    return db


def test_load(db):
    good, errors = [], []
    for number, row in enumerate(ROWS):
        entity = film(number, row)
        try:
            db.run(entity.create())
            good.append(entity)
        except MarshalError as error:
            errors.append((row["Title"], error))

    assert len(good) + len(errors) == len(ROWS)
    assert [title for title, _ in errors] == [
        row["Title"] for row in ROWS if not isinstance(row["Title"], str)
    ]
    assert len(errors) == 10
    for title, error in errors:
        assert (error.path, error.value_type, error.owner) == ("title", type(title).__name__, "Film")
        assert "Title" in error.rule
        assert str(title) not in str(error) or title is None  # no item data in a message

    stored = sorted(db.run(Film.scan()), key=lambda found: found.film_id)
    assert stored == good
    assert db.run(Film.scan().filter(Film.director == None).count()) == sum(
        entity.director is None for entity in good
    )
    assert db.run(Film.scan().filter(Film.genre == None).count()) == sum(
        entity.genre is None for entity in good
    )
