"""Texts as parameters: what each type takes, and what it does not."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal, NewType
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel.attribute_value.numbers import number_text
from dynamodel.aws_lambda.http_parameters import Between, UnfitTextError, text_type
from tests.attribute_value.test_roundtrip import DECIMALS, INTS


class Colour(Enum):
    RED = "red"
    ONE = 1


class Level(IntEnum):
    LOW = 1


MovieId = NewType("MovieId", int)

FIT: list[tuple[Any, str, object]] = [
    (str, "", ""),
    (str, "1", "1"),
    (str, "true", "true"),
    (str, " ä😀\n", " ä😀\n"),
    (str | None, "null", "null"),
    (int, "12", 12),
    (int, "-0", 0),
    (int, "1.0", 1),
    (int, "1e3", 1000),
    (int, "9" * 38, 10**38 - 1),
    (Decimal, "0.10", Decimal("0.1")),
    (float, "0.1", 0.1),
    (bool, "true", True),
    (bool | None, "false", False),
    (MovieId, "7", 7),
    (UUID, "00000000-0000-0000-0000-000000000001", UUID(int=1)),
    (date, "2026-01-02", date(2026, 1, 2)),
    (datetime, "2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5)),
    (time, "03:04", time(3, 4)),
    (timedelta, "1.5", timedelta(seconds=1.5)),
    (Colour, "red", Colour.RED),
    (Colour, "1", Colour.ONE),
    (Level, "1", Level.LOW),
    (Literal["1", 2, True], "1", "1"),
    (Literal["1", 2, True], "2", 2),
    (Literal["1", 2, True], "true", True),
    (int | str, "1", 1),
    (int | str, "01", "01"),
    (Annotated[int, Between(1, 3)], "3", 3),
    (Annotated[Decimal, "other", Between(Decimal("0.5"), 1)], "0.5", Decimal("0.5")),
]

UNFIT: list[tuple[Any, str, str]] = [
    *(
        (int, text, "int is needed")
        for text in (
            "", " 1", "1 ", "1\n", "+1", "01", "1_000", "٣", "1,5", "1.", ".5", "1.5", "0x1", "1e", "NaN",
            "inf", "true", "9" * 39, "1e126", "1e999999999999999999999", "1" * 10_000, "1e-1",
        )
    ),
    (Decimal, "Infinity", "Decimal is needed"),
    (float, "0.1000000000000000000001", "float is needed"),
    *((bool, text, "bool is needed") for text in ("True", "1", "yes", "", "on", " true")),
    (UUID, "1", "UUID is needed"),
    (date, "2026-02-30", "date is needed"),
    (datetime, "yesterday", "datetime is needed"),
    (Colour, "RED", "Colour is needed"),
    (Level, "2", "Level is needed"),
    (Literal["a"], "b", "typing.Literal['a'] is needed"),
    (int | None, "", "int is needed"),
    (int | None, "null", "int is needed"),
    (Annotated[int, Between(1, 3)], "0", "a number from 1 to 3 is needed"),
    (Annotated[int, Between(1, 3)], "4", "a number from 1 to 3 is needed"),
    (Annotated[int, Between(1, 3)], "x", "int is needed"),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "text", "value"), FIT)
def test_texts_that_fit(type_: Any, text: str, value: object) -> None:
    found = text_type(type_).value(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(("type_", "text", "rule"), UNFIT)
def test_texts_that_do_not_fit(type_: Any, text: str, rule: str) -> None:
    with pytest.raises(UnfitTextError) as caught:
        text_type(type_).value(text)
    assert caught.value.rule == rule


@given(INTS)
def test_every_int_has_a_text(number: int) -> None:
    assert text_type(int).value(str(number)) == number


@given(DECIMALS)
def test_every_decimal_has_a_text(number: Decimal) -> None:
    assert text_type(Decimal).value(number_text(number)) == number


@given(st.text())
def test_a_text_is_itself_and_an_int_is_what_python_prints(text: str) -> None:
    assert text_type(str).value(text) == text
    try:
        value = text_type(int).value(text)
    except UnfitTextError:
        return
    assert Decimal(text) == value
    assert text.isascii()


@attrs.define
class Document:
    a: int


@pytest.mark.parametrize(
    "type_", [bytes, list[str], set[int], dict[str, str], Document, None, Any, int | list[int]]
)
def test_types_that_no_text_can_be(type_: Any) -> None:
    with pytest.raises(UnfitTextError, match="declare str, bool, a number"):
        text_type(type_)


@pytest.mark.parametrize(
    "type_",
    [
        Annotated[int, Between(1, 9)],
        Annotated[int | None, Between(1, 9)],
        Annotated[int, Between(1, 9)] | None,
        Annotated[Annotated[int, Between(1, 9)] | None, "how many"],
    ],
)
def test_bounds_count_wherever_they_stand(type_: Any) -> None:
    assert text_type(type_).value("9") == 9
    with pytest.raises(UnfitTextError, match="a number from 1 to 9 is needed"):
        text_type(type_).value("10")


@pytest.mark.parametrize(
    ("bounds", "rule"),
    [
        (Between, "needs its bounds"),
        (Between(2, 1), "nothing lies between"),
        (Between("1", "9"), "are int or Decimal"),  # type: ignore[arg-type]  # wrong
    ],
)
def test_bounds_that_are_none(bounds: Any, rule: str) -> None:
    with pytest.raises(UnfitTextError, match=rule):
        text_type(Annotated[int, bounds])


def test_bounds_are_for_numbers() -> None:
    with pytest.raises(UnfitTextError, match=r"Between\(\) is for numbers"):
        text_type(Annotated[str, Between(1, 2)])
