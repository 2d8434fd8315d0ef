"""Names: what becomes of stored names in Python."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel.infra.importing.layout import text
from dynamodel.infra.importing.naming import Namespace, class_name, snake_case


@pytest.mark.parametrize(
    ("stored", "python"),
    [
        ("movieId", "movie_id"),
        ("LastPostDateTime", "last_post_date_time"),
        ("userID", "user_id"),
        ("HTTPStatus", "http_status"),
        ("State#Date", "state_date"),
        ("GSI1-PK", "gsi1_pk"),
        ("_type", "type"),
        ("2fa", "attribute_2fa"),
        ("#", "attribute"),
    ],
)
def test_attributes(stored: str, python: str) -> None:
    assert snake_case(stored, "attribute") == python


@pytest.mark.parametrize(
    ("stored", "python"),
    [
        ("Movies", "Movie"),
        ("my-app.categories", "MyAppCategory"),
        ("user_addresses", "UserAddress"),
        ("boxes", "Box"),
        ("status", "Status"),
        ("MovieCast", "MovieCast"),
        ("ORDERS", "Order"),
        ("2020", "Item2020"),
    ],
)
def test_classes(stored: str, python: str) -> None:
    assert class_name(stored, "Item", singular=True) == python


@given(st.lists(st.text(max_size=8), max_size=8))
def test_names_are_identifiers_and_differ(stored: list[str]) -> None:
    namespace = Namespace(frozenset({"key", "Entity"}))
    names = [namespace.name(snake_case(each, "attribute")) for each in [*stored, "key", "class", "None"]]
    names += [namespace.name(class_name(each, "Item")) for each in [*stored, "Entity", "None", "entity"]]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() and not keyword.iskeyword(name) for name in names)
    assert not {"key", "Entity"} & set(names)


@given(st.text())
def test_texts_are_what_they_were(value: str) -> None:
    assert eval(text(value)) == value
