"""What conditions render to: text, names and values."""

import re
from datetime import UTC, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import attrs
import pytest

from dynamodel import Attr, Entity, MarshalError, RequestError, Table, attribute, primary_key
from dynamodel.expressions.placeholders import Placeholders

from .rendering import filled_in


@attrs.define(slots=False)
class Info:
    rank: int
    notes: list[str]


@attrs.define
class Slotted:
    rank: int


class Film(Entity, table=Table("Film")):
    film_id: Attr[int] = attribute("id")
    title: Attr[str] = attribute()
    rating: Attr[Decimal | None] = attribute(default=None)
    poster: Attr[bytes] = attribute(default=b"")
    seen: Attr[bool] = attribute(default=False)
    tags: Attr[set[str]] = attribute(factory=set)
    years: Attr[set[int]] = attribute(factory=set)
    actors: Attr[list[str]] = attribute(factory=list)
    labels: Attr[dict[str, int]] = attribute(factory=dict)
    info: Attr[Info | None] = attribute(default=None)
    slotted: Attr[Slotted | None] = attribute(default=None)
    released: Attr[datetime | None] = attribute(default=None)
    note: Attr[str | None] = attribute(default=None, null=True)
    starts: Attr[time | None] = attribute(default=None)
    extra: Attr[Any] = attribute(default=None)
    by_id = primary_key(film_id)


NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
NINE = time(9, tzinfo=UTC)
EIGHT_IN_THE_WEST = time(8, tzinfo=timezone(timedelta(hours=-3)))  # later than nine, but its text is less
ENDLESS: list[Any] = []
ENDLESS.append(ENDLESS)


def rendered(condition):
    placeholders = Placeholders()
    return filled_in(condition.render(placeholders), placeholders)


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (Film.title == "a", "title = S:a"),
        (Film.title != "a", "title <> S:a"),
        (Film.title < "a", "title < S:a"),
        (Film.rating <= Decimal("7.50"), "rating <= N:7.5"),
        (Film.film_id > 3, "id > N:3"),
        (Film.released >= NOON, "released >= S:2026-01-02T12:00:00.000000Z"),
        (Film.starts > time(9), "starts > S:09:00:00.000000"),
        (Film.starts.between(time(8), time(9)), "starts BETWEEN S:08:00:00.000000 AND S:09:00:00.000000"),
        (Film.starts == NINE, "starts = S:09:00:00.000000+00:00"),
        (Film.starts.in_(NINE, time(9)), "starts IN (S:09:00:00.000000+00:00, S:09:00:00.000000)"),
        (Film.film_id.between(1, 9), "id BETWEEN N:1 AND N:9"),
        (Film.title.in_("a", "b"), "title IN (S:a, S:b)"),
        (Film.title.in_(["a", "b"]), "title IN (S:a, S:b)"),
        (Film.actors.in_(["a", "b"]), "actors IN (L:[{'S': 'a'}, {'S': 'b'}])"),
        (Film.title.exists(), "attribute_exists(title)"),
        (Film.title.not_exists(), "attribute_not_exists(title)"),
        (Film.title.is_type("S"), "attribute_type(title, S:S)"),
        (Film.title.begins_with("a"), "begins_with(title, S:a)"),
        (Film.poster.begins_with(b"a"), "begins_with(poster, B:b'a')"),
        (Film.title.contains("a"), "contains(title, S:a)"),
        (Film.tags.contains("a"), "contains(tags, S:a)"),
        (Film.years.contains(1985), "contains(years, N:1985)"),
        (Film.actors.contains("a"), "contains(actors, S:a)"),
        (Film.title.size() >= 3, "size(title) >= N:3"),
        (Film.tags.size().between(1, 3), "size(tags) BETWEEN N:1 AND N:3"),
        (Film.title == Film.note, "title = note"),
        (Film.seen == True, "seen = BOOL:True"),
        (Film.rating == None, "attribute_not_exists(rating)"),
        (Film.rating != None, "attribute_exists(rating)"),
        (Film.tags == set(), "attribute_not_exists(tags)"),
        (Film.note == None, "note = NULL:True"),
        (Film.actors[0] == "a", "actors[0] = S:a"),
        (Film.labels["de"] == 3, "labels.de = N:3"),
        (Film.info[Info.rank] > 3, "info.rank > N:3"),
        (Film.info[Info.notes][2].begins_with("a"), "begins_with(info.notes[2], S:a)"),
        (Film.slotted[Slotted.rank] > 3, "slotted.rank > N:3"),
        (Film.info[attrs.fields(Info).rank] > 3, "info.rank > N:3"),
        (
            (Film.title == "a") & (Film.seen == True) & (Film.film_id > 1),
            "title = S:a AND seen = BOOL:True AND id > N:1",
        ),
        (
            (Film.title == "a") | (Film.title == "b") & (Film.film_id > 1),
            "title = S:a OR (title = S:b AND id > N:1)",
        ),
        (~((Film.title == "a") | (Film.title == "b")), "NOT (title = S:a OR title = S:b)"),
        (~(Film.title == "a") & Film.note.exists(), "NOT (title = S:a) AND attribute_exists(note)"),
    ],
)
def test_rendering(condition, text):
    assert rendered(condition) == text


def test_one_alias_for_a_name_and_one_placeholder_for_each_value():
    placeholders = Placeholders()
    condition = (Film.seen == True) & (Film.film_id == 1) & (Film.title == "true") & (Film.seen != True)
    assert condition.render(placeholders) == "#n0 = :v0 AND #n1 = :v1 AND #n2 = :v2 AND #n0 <> :v3"
    assert placeholders.parameters()["ExpressionAttributeValues"] == {
        ":v0": {"BOOL": True},
        ":v1": {"N": "1"},
        ":v2": {"S": "true"},
        ":v3": {"BOOL": True},
    }


def test_values_never_become_syntax():
    hostile = "a = :v0 OR {0} ${x} #n0"
    placeholders = Placeholders()
    assert (Film.title == hostile).render(placeholders) == "#n0 = :v0"
    assert placeholders.parameters()["ExpressionAttributeValues"] == {":v0": {"S": hostile}}


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda: Film.title == 3, MarshalError, "title"),
        (lambda: Film.rating >= 1.5, MarshalError, "rating"),
        (lambda: Film.labels["de"] == "x", MarshalError, "labels.de"),
        (lambda: Film.info[Info.rank] == "x", MarshalError, "info.rank"),
        (lambda: Film.rating > None, RequestError, "None"),
        (lambda: Film.tags > {"a"}, RequestError, "SS"),
        (lambda: Film.seen > True, RequestError, "BOOL"),
        (lambda: Film.film_id.begins_with("1"), RequestError, "begins_with"),
        (Film.film_id.size, RequestError, "size"),
        (lambda: Film.film_id.between(9, 1), RequestError, "low bound"),
        (lambda: Film.title.size().between(9, 1), RequestError, "low bound"),
        (lambda: Film.title.size() > "a", MarshalError, "int"),
        (lambda: Film.title.size() > True, MarshalError, "int"),
        (lambda: Film.title.size() > 10**400, MarshalError, "size(): DynamoDB's numbers"),
        (lambda: Film.title.size().between(0, 10**400), MarshalError, "size(): DynamoDB's numbers"),
        (lambda: Film.starts > NINE, RequestError, "starts: "),
        (lambda: Film.starts <= NINE, RequestError, "naive time"),
        (lambda: Film.starts.between(NINE, EIGHT_IN_THE_WEST), RequestError, "naive time"),
        (lambda: Film.starts.between(Film.starts, NINE), RequestError, "naive time"),
        (lambda: Film.extra == {Decimal("NaN"), Decimal(1)}, MarshalError, "extra: DynamoDB has neither NaN"),
        (lambda: Film.extra == ENDLESS, MarshalError, "extra: the value contains itself"),
        (lambda: Film.extra.set(ENDLESS), MarshalError, "extra: the value contains itself"),
        (Film.title.in_, RequestError, "1 to 100"),
        (lambda: Film.film_id.in_(range(101)), MarshalError, "id"),
        (lambda: Film.film_id.in_(list(range(101))), RequestError, "1 to 100"),
        (lambda: Film.title.is_type("STRING"), RequestError, "is_type"),
        (lambda: Film.title.begins_with(b"a"), MarshalError, "type of the attribute"),
        (lambda: Film.title.begins_with(1), MarshalError, "str or bytes"),
        (lambda: Film.title == "\ud800", MarshalError, "title"),
        (lambda: Film.title == Film.title, RequestError, "itself"),
        (lambda: Film.title < Film.title, RequestError, "itself"),
        (lambda: Film.title.between(Film.title, "z"), RequestError, "itself"),
        (lambda: Film.title.in_("a", Film.title), RequestError, "itself"),
        (lambda: Film.released.between(NOON, NOON.replace(tzinfo=None)), RequestError, "low bound"),
        (lambda: Film.title[0], RequestError, "list"),
        (lambda: Film.actors[-1], RequestError, "0 or more"),
        (lambda: Film.actors["a"], RequestError, "map"),
        (lambda: Film.labels[0], RequestError, "list"),
        (lambda: Film.info["rank"], RequestError, "Info.rank"),
        (lambda: Film.info[Slotted.rank], RequestError, "not a field"),
        (lambda: Film.slotted[Info.rank], RequestError, "not a field"),
        (lambda: Film.info[1.5], RequestError, "through its class"),
        (lambda: Film.actors[1.5], RequestError, "index"),
        (lambda: Film.actors[True], RequestError, "index"),
        (lambda: (Film.title == "a") & True, RequestError, "condition is needed"),
        (lambda: True | (Film.title == "a"), TypeError, ""),
        (lambda: bool(Film.title == "a"), TypeError, "&, | and ~"),
        (lambda: iter(Film.actors), TypeError, ""),
    ],
)
def test_refused_where_it_is_written(build, error, words):
    with pytest.raises(error, match=re.escape(words) if words else None):
        build()


def test_limits_of_expressions():
    many = Film.film_id == 0
    for number in range(149):
        many = many | (Film.film_id == number)
    assert many.operators == 299
    Placeholders().expression("FilterExpression", many)
    with pytest.raises(RequestError, match="301 operators"):
        Placeholders().expression("FilterExpression", many | (Film.film_id == 1))
    long = Film.title.in_([str(n) for n in range(100)])
    for _ in range(9):
        long = long | Film.title.in_([str(n) for n in range(100)])
    with pytest.raises(RequestError, match="4096"):
        Placeholders().expression("FilterExpression", long)


def test_a_class_without_slots_still_reads_its_instances():
    info = Info(rank=3, notes=[])
    assert (info.rank, attrs.asdict(info)) == (3, {"rank": 3, "notes": []})
