"""What routes may return, and what has no JSON."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from dynamodel import Page
from dynamodel.aws_lambda.http import UnanswerableError
from dynamodel.aws_lambda.http_output import json_text
from tests.attribute_value.models import Cat, Data, Level, Suit
from tests.attribute_value.models import Page as Generic
from tests.aws_lambda.http_app import NOW, Mood, Picture, Thread

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        ("ä", '"ä"'),
        (10**37, "1" + "0" * 37),
        (Decimal("1E+3"), "1000"),
        (0.1, "0.1"),
        (b"\xff", '"/w=="'),
        (Level.HIGH, "2"),
        (Suit.HEARTS, '"h"'),
        (Mood.CALM, '"calm"'),
        (date(2026, 1, 2), '"2026-01-02"'),
        (datetime(2026, 1, 2, tzinfo=UTC), '"2026-01-02T00:00:00.000000Z"'),
        (UUID(int=0), '"00000000-0000-0000-0000-000000000000"'),
        ({3, 1}, "[1,3]"),
        (set(), "[]"),
        (frozenset({"a"}), '["a"]'),
        ((1, [None, {"a": Decimal("1.10")}]), '[1,[null,{"a":1.1}]]'),
        ({Suit.HEARTS: 1}, '{"h":1}'),
        (Cat(9), '{"lives":9}'),
        ([Data(1, [2])], '[{"a":1,"b":[2]}]'),
        (Picture(b""), '{"data":"","width":null}'),
        (Page((Cat(1), 2), "next"), '{"items":[{"lives":1},2],"cursor":"next"}'),
    ],
)  # fmt: skip
def test_values(value: Any, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dynamodel.aws_lambda.http_output.require_cursor_key", lambda: None)
    assert json_text(value) == text


def cyclic() -> list[Any]:
    found: list[Any] = []
    found.append(found)
    return found


def wrong_thread() -> Thread:
    wrong: Any = Thread(forum="a", subject="b", posted_by="c", last_post_at=NOW)
    wrong.last_post_at = SECRET
    return wrong  # type: ignore[no-any-return]  # the test is about wrong ones


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1j, "^what a route returned, complex, is no JSON: complex: dynamodel does not know how"),
        (float("nan"), "neither NaN nor Infinity"),
        (Decimal("1E+200"), "below 1E"),
        ({1: SECRET}, "the names in a dict that a route returned are str, not int"),
        ({"a": "\ud800" + SECRET}, "^what a route returned, dict, is no JSON: a text in it is not Unicode"),
        (cyclic(), "^what a route returned, list, is no JSON: it contains itself"),
        (wrong_thread(), r"last_post_at: datetime is needed, found str"),
        (Generic([SECRET]), "a type variable cannot be stored"),
        (lambda: SECRET, "^what a route returned, function, is no JSON: function: dynamodel"),
    ],
)
def test_what_has_no_json(value: Any, words: str) -> None:
    with pytest.raises(UnanswerableError, match=words) as caught:
        json_text(value)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
