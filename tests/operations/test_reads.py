"""Queries and scans: key conditions, indexes, laziness, pages, cursors, counts, and items that do not fit."""

from __future__ import annotations

import base64
from decimal import Decimal
from itertools import pairwise
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynamodel import (
    Attr,
    Client,
    CursorError,
    Entity,
    MarshalError,
    Page,
    RequestError,
    Table,
    TableNotFoundError,
    UnreachableError,
    UnreadableItemsError,
    attribute,
    connect,
    primary_key,
    unknown_attributes,
)
from dynamodel.operations.base import Settings

from .models import Credit, Recorded, Sample, Song, Visit, plain_client, recording_client

TABLE = {"TableName": "operations.songs"}
ARTIST = {"#n0": "artist"}
A = {":v0": {"S": "a"}}


def pages_of(db: Client, query: Any, size: int, **more: Any) -> list[Page[Any]]:
    pages, cursor = [], None
    while True:
        pages.append(db.run(query.page(size=size, after=cursor, **more)))
        cursor = pages[-1].cursor
        if cursor is None:
            return pages
        assert len(pages) < 200


def titles(songs: Any) -> list[str]:
    return [song.title for song in songs]


def put_songs(db: Client, *songs: Song) -> None:
    """In batches, which are no part of what is tested here."""
    client = plain_client(db)
    items = [{"PutRequest": {"Item": song.put().item}} for song in songs]
    for start in range(0, len(items), 25):
        answer = client.batch_write_item(RequestItems={"operations.songs": items[start : start + 25]})
        assert not answer["UnprocessedItems"]


# --- requests ---


def query(artist: str = "a"):
    return Song.by_artist.query(artist)


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        (
            query(),
            {
                "KeyConditionExpression": "#n0 = :v0",
                "ExpressionAttributeNames": ARTIST,
                "ExpressionAttributeValues": A,
            },
        ),
        (
            query().reverse().consistent(),
            {
                "KeyConditionExpression": "#n0 = :v0",
                "ExpressionAttributeNames": ARTIST,
                "ExpressionAttributeValues": A,
                "ScanIndexForward": False,
                "ConsistentRead": True,
            },
        ),
        (
            query().reverse().reverse(),
            {
                "KeyConditionExpression": "#n0 = :v0",
                "ExpressionAttributeNames": ARTIST,
                "ExpressionAttributeValues": A,
            },
        ),
        (
            Song.by_genre.query("samba")
            .sort(Song.year.between(1930, 1940))
            .filter(Song.plays > 3)
            .filter(Song.lead[Credit.name] == "x")
            .project(Song.plays),
            {
                "IndexName": "by-genre",
                "KeyConditionExpression": "#n0 = :v0 AND #n1 BETWEEN :v1 AND :v2",
                "FilterExpression": "#n2 > :v3 AND #n3.#n4 = :v4",
                "ProjectionExpression": "#n2, #n5, #n6, #n0, #n1",
                "ExpressionAttributeNames": {
                    "#n0": "genre",
                    "#n1": "year",
                    "#n2": "plays",
                    "#n3": "lead",
                    "#n4": "name",
                    "#n5": "artist",
                    "#n6": "songTitle",
                },
                "ExpressionAttributeValues": {
                    ":v0": {"S": "samba"},
                    ":v1": {"N": "1930"},
                    ":v2": {"N": "1940"},
                    ":v3": {"N": "3"},
                    ":v4": {"S": "x"},
                },
            },
        ),
    ],
)
def test_query_requests(operation, parameters):
    assert operation.request() == ("Query", {**TABLE, **parameters})


@pytest.mark.parametrize(
    ("condition", "text", "values"),
    [
        (Song.title == "b", "#n1 = :v1", [{"S": "b"}]),
        (Song.title < "b", "#n1 < :v1", [{"S": "b"}]),
        (Song.title <= "b", "#n1 <= :v1", [{"S": "b"}]),
        (Song.title > "b", "#n1 > :v1", [{"S": "b"}]),
        (Song.title >= "b", "#n1 >= :v1", [{"S": "b"}]),
        (Song.title.between("b", "c"), "#n1 BETWEEN :v1 AND :v2", [{"S": "b"}, {"S": "c"}]),
        (Song.title.begins_with("b"), "begins_with(#n1, :v1)", [{"S": "b"}]),
    ],
)
def test_sort_requests(condition, text, values):
    parameters = query().sort(condition).request().parameters
    assert parameters["KeyConditionExpression"] == f"#n0 = :v0 AND {text}"
    assert parameters["ExpressionAttributeNames"] == {"#n0": "artist", "#n1": "songTitle"}
    assert list(parameters["ExpressionAttributeValues"].values()) == [{"S": "a"}, *values]


VISITS = Visit.by_place.query("NO", "Oslo")


@pytest.mark.parametrize(
    ("operation", "text"),
    [
        (VISITS, ""),
        (VISITS.sort(Visit.year == 2026), " AND #n2 = :v2"),
        (VISITS.sort(Visit.year >= 2026), " AND #n2 >= :v2"),
        (VISITS.sort(Visit.year == 2026, Visit.month > 3), " AND #n2 = :v2 AND #n3 > :v3"),
        (VISITS.sort((Visit.year == 2026) & (Visit.month > 3)), " AND #n2 = :v2 AND #n3 > :v3"),
        (VISITS.sort(Visit.year == 2026).sort(Visit.month > 3), " AND #n2 = :v2 AND #n3 > :v3"),
        (
            VISITS.sort(Visit.year == 2026, Visit.month == 3, Visit.place.begins_with("a")),
            " AND #n2 = :v2 AND #n3 = :v3 AND begins_with(#n4, :v4)",
        ),
    ],
)
def test_an_index_with_several_attributes(operation, text):
    parameters = operation.request().parameters
    assert parameters["KeyConditionExpression"] == "#n0 = :v0 AND #n1 = :v1" + text
    names = list(parameters["ExpressionAttributeNames"].values())
    assert names == ["country", "city", "year", "month", "place"][: len(names)]


def test_page_count_and_scan_requests():
    assert query().page(size=3).request().parameters["Limit"] == 4
    counted = query().filter(Song.plays > 1).project(Song.plays).count().request().parameters
    assert counted["Select"] == "COUNT"
    assert "ProjectionExpression" not in counted
    assert Song.scan().request() == ("Scan", TABLE)
    assert Song.by_artist.scan().request() == ("Scan", TABLE)
    assert Song.by_genre.scan().request() == ("Scan", {**TABLE, "IndexName": "by-genre"})
    filtered = Song.scan().filter(Song.artist == "a").request().parameters
    assert filtered["FilterExpression"] == "#n0 = :v0"


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: query().sort(Song.title != "a"), "sort"),
        (lambda: query().sort(Song.title.contains("a")), "sort"),
        (lambda: query().sort(Song.title.in_("a", "b")), "sort"),
        (lambda: query().sort(Song.title.exists()), "sort"),
        (lambda: query().sort(Song.title.size() > 3), "sort"),
        (lambda: query().sort(~(Song.title == "a")), "sort"),
        (lambda: query().sort((Song.title == "a") | (Song.title == "b")), "sort"),
        (lambda: query().sort(Song.title == Song.genre), "value"),
        (lambda: query().sort(Song.artist == "a"), "title"),
        (lambda: query().sort(Song.plays == 1), "title"),
        (lambda: query().sort(Song.title > "a", Song.title < "c"), "between"),
        (lambda: query().sort(Song.title > "a").sort(Song.title < "c"), "between"),
        (lambda: query().sort(Song.title.begins_with("")), "empty"),
        (lambda: query().sort(Sample.note == "a"), "Sample"),
        (lambda: query().sort(True), "condition"),
        (lambda: query().sort(None), "condition"),
        (lambda: Song.genre_keys.query("a").sort(Song.year == 1), "no sort key"),
        (lambda: Song.by_year.query("a").sort(Song.title == "a"), "year"),
        (lambda: VISITS.sort(Visit.month == 3), "from the left"),
        (lambda: VISITS.sort(Visit.month == 3, Visit.year == 2026), "from the left"),
        (lambda: VISITS.sort(Visit.year > 2026, Visit.month == 3), "last"),
        (lambda: VISITS.sort(Visit.year > 2026).sort(Visit.month == 3), "last"),
        (lambda: Visit.by_place.query("NO"), "country, city"),
        (lambda: Visit.by_place.query("NO", None), "city"),
        (lambda: query().filter(Song.artist == "a"), "sort"),
        (lambda: query().filter(Song.title == "a"), "sort"),
        (lambda: query().filter((Song.plays == 1) | ~(Song.title == "a")), "sort"),
        (lambda: query().filter(Song.genre == Song.title), "sort"),
        (lambda: query().filter(Song.title.size() > 3), "sort"),
        (lambda: Song.by_year.query("a").filter(Song.year.exists()), "sort"),
        (lambda: query().filter(False), "condition"),
        (lambda: Song.scan().filter(Sample.note == "a"), "Sample"),
        (lambda: query().project(Sample.note), "Sample"),
        (lambda: query().project("plays"), "project"),
        (lambda: Song.by_genre.query("a").consistent(), "consistent"),
        (lambda: Song.by_genre.scan().consistent(), "consistent"),
        (lambda: Song.genre_keys.query("a").project(Song.plays), "hold"),
        (lambda: Song.genre_some.query("a").project(Song.year), "hold"),
        (lambda: Song.genre_keys.query("a").filter(Song.plays == 1), "does not hold plays"),
        (
            lambda: Song.genre_some.query("a").filter(Song.lead[Credit.name] == "a", Song.year > 1),
            "hold year",
        ),
        (lambda: Song.by_length.query("a").filter(Song.plays == 1), "does not hold plays"),
        (lambda: Song.by_length.query("a").project(Song.plays).filter(Song.plays == 1), "hold plays"),
        (lambda: Song.genre_keys.scan().filter(Song.plays.not_exists()), "does not hold plays"),
        (Song.by_artist.query, "artist"),
        (lambda: Song.by_artist.query("a", "b"), "artist"),
        (lambda: Song.by_genre.query(None), "genre"),
        (lambda: query().page(size=0), "size"),
        (lambda: query().page(size=True), "size"),
        (lambda: query().page(size=1.5), "size"),
        (lambda: query().page(size=1, max_requests=0), "max_requests"),
    ],
)
def test_refused_before_it_is_sent(build, words):
    with pytest.raises(RequestError, match=words):
        build()


@pytest.mark.parametrize(
    "build",
    [
        lambda: Song.by_artist.query(1),
        lambda: Song.by_artist.query(""),
        lambda: Song.by_genre.query(""),
        lambda: query().sort(Song.title == 1),
        lambda: query().sort(Song.title == ""),
        lambda: query().sort(Song.title.between("", "b")),
        lambda: Song.by_year.query("a").sort(Song.year >= "x"),
        lambda: Sample.by_device.query(True),
        lambda: Sample.by_device.query("1"),
    ],
)
def test_values_of_a_wrong_type(build):
    with pytest.raises(MarshalError):
        build()


# --- what is found ---

SONGS = [
    ("abc", 1990, "rock", Decimal("1.5"), 1),
    ("abd", 1980, "rock", Decimal("-2"), 2),
    ("b", 1970, None, None, 3),
    ("bb", None, "rock", Decimal(10), 4),
    ("c#d", 1985, "pop", Decimal(9), 5),
]


@pytest.fixture
def songs(engine, artist):
    """The engine's client, and the partition key of five songs; its genres are its own as well."""
    db, sent = engine
    put_songs(
        db,
        *(
            Song(
                artist=artist,
                title=title,
                year=year,
                genre=genre and artist + genre,
                length=length,
                plays=plays,
            )
            for title, year, genre, length, plays in SONGS
        ),
    )
    sent.requests.clear()
    return db, artist


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, ["abc", "abd", "b", "bb", "c#d"]),
        (Song.title == "b", ["b"]),
        (Song.title == "zz", []),
        (Song.title < "b", ["abc", "abd"]),
        (Song.title <= "b", ["abc", "abd", "b"]),
        (Song.title > "b", ["bb", "c#d"]),
        (Song.title >= "b", ["b", "bb", "c#d"]),
        (Song.title.between("abd", "bb"), ["abd", "b", "bb"]),
        (Song.title.begins_with("ab"), ["abc", "abd"]),
        (Song.title.begins_with("c#"), ["c#d"]),
    ],
)
def test_the_table_by_its_sort_key(songs, condition, expected):
    db, artist = songs
    found = query(artist) if condition is None else query(artist).sort(condition)
    assert titles(db.run(found)) == expected
    assert titles(db.run(found.reverse())) == expected[::-1]
    assert titles(db.run(found.consistent())) == expected
    assert db.run(found.count()) == len(expected)


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (Song.by_year.query, ["b", "abd", "c#d", "abc"]),
        (lambda a: Song.by_year.query(a).sort(Song.year >= 1980), ["abd", "c#d", "abc"]),
        (lambda a: Song.by_year.query(a).sort(Song.year.between(1970, 1980)), ["b", "abd"]),
        (lambda a: Song.by_year.query(a).sort(Song.year == 1985).consistent(), ["c#d"]),
        (lambda a: Song.by_year.query(a).filter(Song.title > "b"), ["c#d"]),
        (Song.by_length.query, ["abd", "abc", "c#d", "bb"]),
        (
            lambda a: Song.by_length.query(a).sort(Song.length < Decimal("9.1")).reverse(),
            ["c#d", "abc", "abd"],
        ),
        (lambda a: Song.by_genre.query(a + "rock"), ["abd", "abc"]),
        (lambda a: Song.by_genre.query(a + "rock").sort(Song.year < 1985), ["abd"]),
        (lambda a: Song.by_genre.query(a + "rock").filter(Song.artist == a, Song.plays > 1), ["abd"]),
        (lambda a: Song.genre_some.query(a + "rock").sort(Song.title.begins_with("b")), ["bb"]),
        (lambda a: Song.genre_some.query(a + "none"), []),
        (lambda a: query(a).filter(Song.plays > 1, ~(Song.plays == 3)), ["abd", "bb", "c#d"]),
        (lambda a: query(a).filter(Song.genre == None).filter(Song.plays < 9), ["b"]),
        (lambda a: query(a).sort(Song.title > "abc").filter(Song.plays.in_({2, 4})).reverse(), ["bb", "abd"]),
    ],
)
def test_indexes_and_filters(songs, operation, expected):
    db, artist = songs
    found = operation(artist)
    assert titles(db.run(found)) == expected
    assert db.run(found.count()) == len(expected)
    assert titles(song for page in pages_of(db, found, 2) for song in page.items) == expected


def test_a_document_that_an_index_holds_is_whole(engine, artist):
    db, _ = engine
    db.run(Song(artist=artist, title="a", genre=artist, lead=Credit("Carmen")).put())
    [song] = db.run(Song.genre_some.query(artist))
    assert song.lead == Credit("Carmen", part=None)


def test_an_index_without_sort_key(songs):
    db, artist = songs
    assert sorted(titles(db.run(Song.genre_keys.query(artist + "rock")))) == ["abc", "abd", "bb"]
    assert sorted(titles(db.run(Song.scan().filter(Song.artist == artist, Song.plays > 3)))) == ["bb", "c#d"]
    in_index = Song.by_genre.scan().filter(Song.artist == artist)
    assert sorted(titles(db.run(in_index))) == ["abc", "abd", "c#d"]
    assert db.run(in_index.count()) == 3


def is_loaded(song: Song) -> set[str]:
    return {
        name for name in ("artist", "title", "year", "genre", "length", "plays", "lead") if name in vars(song)
    }


@pytest.mark.parametrize(
    ("operation", "loaded"),
    [
        (lambda a: Song.genre_keys.query(a + "pop"), {"artist", "title", "genre"}),
        (lambda a: Song.genre_some.query(a + "pop"), {"artist", "title", "genre", "plays", "lead"}),
        (lambda a: Song.by_length.query(a).filter(Song.title == "c#d"), {"artist", "title", "length"}),
        (
            lambda a: Song.by_length.query(a).project(Song.plays).filter(Song.title == "c#d"),
            {"artist", "title", "length", "plays"},
        ),
        (
            lambda a: Song.genre_some.query(a + "pop").project(Song.plays),
            {"artist", "title", "genre", "plays"},
        ),
        (lambda a: query(a).sort(Song.title == "c#d").project(Song.genre), {"artist", "title", "genre"}),
        (lambda a: Song.genre_keys.scan().filter(Song.genre == a + "pop"), {"artist", "title", "genre"}),
        (
            lambda a: query(a).sort(Song.title == "c#d"),
            {"artist", "title", "year", "genre", "length", "plays", "lead"},
        ),
    ],
)
def test_partial_entities_have_what_was_read(songs, operation, loaded):
    db, artist = songs
    [song] = db.run(operation(artist))
    assert is_loaded(song) == loaded
    if "year" not in loaded:
        with pytest.raises(AttributeError, match="was not loaded"):
            song.year
        assert "year" not in repr(song)
        with pytest.raises(MarshalError, match="year: this attribute was not read"):
            song.put()
    assert song.delete().request().parameters["Key"] == {"artist": {"S": artist}, "songTitle": {"S": "c#d"}}
    [paged] = db.run(operation(artist).page(size=1)).items
    assert paged == song


def test_several_attributes_in_one_index(moto):
    """DynamoDB Local 1.25.1 refuses such a table; moto has it, and AWS since 2025."""
    db, _ = moto
    for number, (month, place) in enumerate([(1, "b"), (3, "a"), (3, "b")]):
        db.run(
            Visit(visit_id=str(number), country="NO", city="Oslo", year=2026, month=month, place=place).put()
        )
    db.run(Visit(visit_id="x", country="NO", city="Bergen", year=2026, month=3, place="a").put())
    db.run(Visit(visit_id="sparse", country="NO", city="Oslo", year=2026).put())
    found = db.run(VISITS.sort(Visit.year == 2026, Visit.month >= 3))
    assert sorted(visit.visit_id for visit in found) == ["1", "2"]


# --- laziness ---


@pytest.fixture(scope="module")
def large(local: tuple[Client, Recorded]) -> tuple[Client, Recorded]:
    """Seven songs of 300 KB each: a request of 1 MB brings three or four of them."""
    db, _ = local
    for number in range(7):
        db.run(Song(artist="large", title=f"t{number}", plays=number, cover=b"x" * 300_000).put())
    return local


LARGE = Song.by_artist.query("large")


@pytest.fixture
def sent_for_large(large: tuple[Client, Recorded]) -> Recorded:
    large[1].requests.clear()
    return large[1]


def test_an_iteration_fetches_only_what_it_needs(large, sent_for_large):
    db, sent = large
    results = db.run(LARGE)
    assert sent.count == 0
    assert repr(results) == "<Results: 0 fetched, more to come>"
    iterator = iter(results)
    assert next(iterator).title == "t0"
    assert sent.count == 1
    assert titles(iterator) == [f"t{number}" for number in range(1, 7)]
    count = sent.count
    assert count >= 2
    assert titles(results) == [f"t{number}" for number in range(7)]  # what was fetched is remembered
    assert (len(results), results[-1].title, bool(results)) == (7, "t6", True)
    assert sent.count == count
    starts = [request.parameters.get("ExclusiveStartKey") for request in sent.requests]
    assert starts[0] is None
    assert None not in starts[1:]


def test_an_index_or_a_truth_value_fetches_one_request(large, sent_for_large):
    db, sent = large
    assert db.run(LARGE)[0].title == "t0"
    assert bool(db.run(LARGE))
    assert titles(db.run(LARGE)[:2]) == ["t0", "t1"]
    assert sent.count == 3
    assert titles(db.run(LARGE)[-2:]) == ["t5", "t6"]
    with pytest.raises(IndexError):
        db.run(LARGE)[7]
    assert not db.run(Song.by_artist.query("nobody at all"))
    assert db.run(Song.by_artist.query("nobody at all")) == []
    assert db.run(LARGE) == db.run(LARGE)


def test_two_iterators_over_one_result(large, sent_for_large):
    db, _ = large
    results = db.run(LARGE)
    one, other = iter(results), iter(results)
    pairs = list(zip(one, other, strict=True))
    assert len(pairs) == 7
    assert all(first is second for first, second in pairs)


def test_running_twice_reads_twice(engine, artist):
    db, sent = engine
    operation = query(artist)
    assert list(db.run(operation)) == []
    db.run(Song(artist=artist, title="a").put())
    sent.requests.clear()
    assert titles(db.run(operation)) == ["a"]
    assert sent.count == 1


def test_counts_and_pages_go_on_behind_one_megabyte(large, sent_for_large):
    db, sent = large
    assert db.run(LARGE.count()) == 7
    assert sent.count >= 2
    assert db.run(LARGE.filter(Song.plays > 4).count()) == 2
    assert [len(page.items) for page in pages_of(db, LARGE, 5)] == [5, 2]
    assert [len(page.items) for page in pages_of(db, LARGE, 7)] == [7]
    assert [len(page.items) for page in pages_of(db, LARGE, 100)] == [7]
    assert [len(page.items) for page in pages_of(db, LARGE.reverse(), 6)] == [6, 1]


def test_a_budget_of_requests(large, sent_for_large):
    db, sent = large
    page = db.run(LARGE.page(size=7, max_requests=1))
    assert sent.count == 1
    assert 1 <= len(page.items) < 7
    assert page.cursor is not None
    rest = db.run(LARGE.page(size=7, after=page.cursor))
    assert titles((*page.items, *rest.items)) == [f"t{number}" for number in range(7)]
    rare = LARGE.filter(Song.plays == 6)
    pages = pages_of(db, rare, 1, max_requests=1)
    assert [titles(page.items) for page in pages if page.items] == [["t6"]]
    assert len(pages) > 1
    assert titles(db.run(rare.page(size=1)).items) == ["t6"]


# --- pages ---

COUNT = 13


@pytest.fixture(scope="module")
def numbered(local, moto) -> dict[str, tuple[Client, Recorded]]:
    """In both engines, for each n up to 13, n songs of the artist `n`: plays and year count them."""
    for db, _ in (local, moto):
        put_songs(
            db,
            *(
                Song(artist=f"{n}", title=f"t{i:02}", year=i, genre=f"g{n}", plays=i, length=Decimal(-i))
                for n in range(COUNT + 1)
                for i in range(n)
            ),
        )
    return {"local": local, "moto": moto}


ACCESS = {
    "table": (lambda n: Song.by_artist.query(f"{n}"), 1),
    "local": (lambda n: Song.by_year.query(f"{n}"), 1),
    "local, backwards": (lambda n: Song.by_length.query(f"{n}"), -1),
    "global": (lambda n: Song.by_genre.query(f"g{n}"), 1),
}


PIECES = {
    "n": st.integers(0, COUNT),
    "access": st.sampled_from(sorted(ACCESS)),
    "chosen": st.none() | st.sets(st.integers(0, COUNT - 1), max_size=COUNT),
    "is_reversed": st.booleans(),
    "sizes": st.lists(st.integers(1, COUNT + 2), min_size=1, max_size=4),
    "max_requests": st.sampled_from([100, 100, 2, 1]),
}


@given(**PIECES)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.dynamodb_local
def test_pages_are_the_query_in_pieces(numbered, **pieces):
    check_pages(numbered["local"][0], **pieces)


@given(**PIECES)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.dynamodb_local
def test_pages_are_the_query_in_pieces_on_moto(numbered, **pieces):
    check_pages(numbered["moto"][0], **pieces)


def check_pages(db, n, access, chosen, is_reversed, sizes, max_requests):
    make, direction = ACCESS[access]
    operation = make(n)
    if chosen is not None:
        # The title, since an index of KEYS_ONLY has no other attribute that is not its own key.
        chosen_titles = {f"t{i:02}" for i in chosen} or {"none"}
        in_table = access == "table"  # whose key it is
        operation = operation.filter(
            Song.plays.in_(chosen or {-1}) if in_table else Song.title.in_(chosen_titles)
        )
    if is_reversed:
        operation = operation.reverse()
    expected = [i for i in range(n) if chosen is None or i in chosen][
        :: -direction if is_reversed else direction
    ]
    assert [int(song.title[1:]) for song in db.run(operation)] == expected
    assert db.run(operation.count()) == len(expected)
    found, cursor, pages = [], None, []
    while not pages or cursor is not None:
        size = sizes[len(pages) % len(sizes)]
        page = db.run(operation.page(size=size, after=cursor, max_requests=max_requests))
        found += [int(song.title[1:]) for song in page.items]
        cursor = page.cursor
        pages.append(page)
        assert len(page.items) <= size
        if cursor is not None and max_requests == 100:
            assert len(page.items) == size
        if chosen is None:  # without a filter the end is known exactly
            assert (cursor is None) == (len(found) == len(expected))
        assert len(pages) < 50
    assert found == expected


@pytest.mark.parametrize("size", [1, 2, 5])
def test_pages_of_a_scan(engine, artist, size):
    db, _ = engine
    put_songs(db, *(Song(artist=artist, title=f"t{i}", genre=artist) for i in range(5)))
    pages = pages_of(db, Song.scan().filter(Song.artist == artist), size)
    assert sorted(titles(song for page in pages for song in page.items)) == [f"t{i}" for i in range(5)]
    pages = pages_of(db, Song.by_genre.scan(), size)
    assert artist not in {song.artist for page in pages for song in page.items}  # without a year: sparse


# --- cursors ---


def put_samples(db: Client, device: int, count: int, **more: Any) -> list[bytes]:
    keys = [bytes([0, 255 - number, 10]) for number in range(count)]
    for number, at in enumerate(keys):
        db.run(
            Sample(
                device=device, at=at, value=Decimal(f"{number}.5"), batch=b"\xff\x00%d" % device, **more
            ).put()
        )
    return sorted(keys)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_number_and_binary_keys_in_cursors(engine, size):
    db, _ = engine
    expected = put_samples(db, -7, 5)
    pages = pages_of(db, Sample.by_device.query(-7), size)
    assert [sample.at for page in pages for sample in page.items] == expected
    pages = pages_of(db, Sample.by_batch.query(b"\xff\x00-7"), size)
    assert [sample.value for page in pages for sample in page.items] == [Decimal(f"{n}.5") for n in range(5)]
    pages = pages_of(db, Sample.by_device.query(-7).sort(Sample.at.begins_with(b"\x00")).reverse(), size)
    assert [sample.at for page in pages for sample in page.items] == expected[::-1]


def test_binary_keys_from_request_to_request(engine):
    db, sent = engine
    expected = put_samples(db, 8, 7, note="x" * 380_000)
    sent.requests.clear()
    assert [sample.at for sample in db.run(Sample.by_device.query(8))] == expected
    assert sent.count >= 2
    assert db.run(Sample.by_device.query(8).count()) == 7
    by_batch = db.run(Sample.by_batch.query(b"\xff\x008").sort(Sample.value >= Decimal("0.5")))
    assert len(by_batch) == 7
    in_scan = {sample.at for sample in db.run(Sample.scan()) if sample.device == 8}
    assert in_scan == set(expected)
    for at in expected:
        db.run(Sample.by_device.delete(8, at))


def refused(db: Client, sent: Recorded, operation: Any, cursor: Any) -> None:
    sent.requests.clear()
    with pytest.raises(CursorError):
        db.run(operation.page(size=2, after=cursor))
    assert sent.count == 0


def test_foreign_cursors_are_refused(songs, engine):
    db, artist = songs
    _, sent = engine
    mine = query(artist).filter(Song.plays > 0)
    cursor = db.run(mine.page(size=2)).cursor
    assert cursor is not None
    for other in (
        query("somebody else").filter(Song.plays > 0),
        query(artist),
        query(artist).filter(Song.plays > 1),
        query(artist).filter(Song.plays >= 0),
        mine.reverse(),
        mine.sort(Song.title > "a"),
        Song.by_year.query(artist).filter(Song.plays > 0),
        Song.by_genre.query(artist).filter(Song.plays > 0),
        Song.scan().filter(Song.plays > 0),
        Sample.by_device.query(1),
        Sample.scan(),
    ):
        refused(db, sent, other, cursor)
    # The same question asked in another way, or with another size, is the same query.
    again = query(artist).filter(Song.plays > 0).consistent().page(size=1, after=cursor)
    assert titles(db.run(again).items) == ["b"]
    assert titles(db.run(mine.page(size=2, after=cursor)).items) == ["b", "bb"]
    assert titles(db.run(mine.page(size=10, after=cursor)).items) == ["b", "bb", "c#d"]


def forged(payload: bytes) -> str:
    return base64.urlsafe_b64encode(b"\0" * 16 + payload).decode()


def test_changed_cursors_are_refused(songs, engine):
    db, artist = songs
    _, sent = engine
    cursor = db.run(query(artist).page(size=2)).cursor
    assert cursor is not None
    for position in range(len(cursor)):
        swapped = "A" if cursor[position] != "A" else "B"
        refused(db, sent, query(artist), cursor[:position] + swapped + cursor[position + 1 :])
    for same_bytes in (cursor + "=", cursor + "!", cursor[:5] + "\n" + cursor[5:]):
        refused(db, sent, query(artist), same_bytes)
    for length in range(0, len(cursor), 7):
        refused(db, sent, query(artist), cursor[:length])
    for wrong in (
        "",
        "x",
        "é" * 20,
        "*" * 40,
        cursor + cursor,
        cursor.encode(),
        7,
        {"artist": {"S": artist}},
        forged(b""),
        forged(b"[]"),
        forged(b"3"),
        forged(b'{"a": 1}'),
        forged(b'{"a": {"B": 1}}'),
        forged(b'{"artist": {"S": "a"}, "songTitle": {"S": "b"}}'),
        forged(b"\xff\xfe"),
        forged(b"[" * 5000),
    ):
        refused(db, sent, query(artist), wrong)


@given(text=st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_text_is_a_cursor_error(text):
    operation = query()
    with pytest.raises(CursorError):
        next(operation.page(size=1, after=text).flow(Settings()))


def test_the_cursor_key_separates_clients(songs, engine):
    db, artist = songs
    endpoint = db._transport.inner._client.meta.endpoint_url
    one, _ = recording_client(endpoint, cursor_key=b"first secret")
    other, sent = recording_client(endpoint, cursor_key=b"other secret")
    same, _ = recording_client(endpoint, cursor_key=b"first secret")
    cursor = one.run(query(artist).page(size=2)).cursor
    refused(other, sent, query(artist), cursor)
    refused(db, engine[1], query(artist), cursor)
    assert titles(same.run(query(artist).page(size=9, after=cursor)).items) == ["b", "bb", "c#d"]
    assert "secret" not in repr(one.settings)


def test_a_cursor_is_opaque_text(songs):
    db, artist = songs
    cursor = db.run(query(artist).page(size=2)).cursor
    assert isinstance(cursor, str)
    assert cursor.isascii()
    assert cursor.replace("-", "").replace("_", "").isalnum()  # fit for a URL


def test_the_item_of_a_cursor_may_be_gone(songs):
    db, artist = songs
    cursor = db.run(query(artist).page(size=2)).cursor
    db.run(Song.by_artist.delete(artist, "abd"))
    assert titles(db.run(query(artist).page(size=2, after=cursor)).items) == ["b", "bb"]


def test_resuming_in_the_middle(engine, artist):
    """A page that needs a part of what a request brought goes on behind its own last item."""
    db, _ = engine
    put_songs(db, *(Song(artist=artist, title=f"t{i:02}", plays=i % 2) for i in range(40)))
    odd = query(artist).filter(Song.plays == 1)
    pages = pages_of(db, odd, 3)
    assert [len(page.items) for page in pages if page.items] == [3] * 6 + [2]
    assert titles(song for page in pages for song in page.items) == [f"t{i:02}" for i in range(1, 40, 2)]
    assert all(page.cursor != following.cursor for page, following in pairwise(pages))


# --- items that do not fit ---


@pytest.fixture
def mixed(engine, artist):
    """Good items, and those that do not fit: `bad1` and `bad2` have texts for numbers."""
    db, sent = engine
    put_songs(db, *(Song(artist=artist, title=title, genre=artist, year=1) for title in ("a", "c", "e")))
    for title in ("bad1", "bad2"):
        item = {
            "artist": {"S": artist},
            "songTitle": {"S": title},
            "plays": {"S": "private"},
            "genre": {"S": artist},
            "year": {"N": "1"},
        }
        plain_client(db).put_item(TableName="operations.songs", Item=item)
    sent.requests.clear()
    return db, artist


def test_a_bad_item_among_good_ones_in_an_iteration(mixed):
    db, artist = mixed
    seen = []
    with pytest.raises(UnreadableItemsError) as caught:  # noqa: PT012 - it comes after the good ones
        for song in db.run(query(artist)):
            seen.append(song.title)  # noqa: PERF401 - a comprehension would lose them to the error
    assert seen == ["a", "c", "e"]
    assert [error.item["songTitle"]["S"] for error in caught.value.unreadable] == ["bad1", "bad2"]
    assert titles(caught.value.items) == ["a", "c", "e"]
    assert "private" not in str(caught.value)
    assert "plays" in str(caught.value)
    assert caught.value.cursor is None
    assert db.run(query(artist).count()) == 5


def test_results_can_still_be_indexed(mixed):
    db, artist = mixed
    results = db.run(query(artist))
    assert results[0].title == "a"
    assert bool(results)
    with pytest.raises(UnreadableItemsError):
        len(results)
    with pytest.raises(UnreadableItemsError):
        list(results)
    assert results[2].title == "e"


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("is_filtered", [False, True])
def test_a_bad_item_on_a_page_loses_nothing(mixed, size, is_filtered):
    db, artist = mixed
    operation = query(artist).filter(Song.year == 1) if is_filtered else query(artist)
    good, bad, cursor = [], set(), None
    for _ in range(10):
        try:
            page = db.run(operation.page(size=size, after=cursor))
            good += titles(page.items)
            cursor = page.cursor
        except UnreadableItemsError as error:
            good += titles(error.items)
            bad |= {unreadable.item["songTitle"]["S"] for unreadable in error.unreadable}
            cursor = error.cursor
        if cursor is None:
            break
    assert (good, bad, cursor) == (["a", "c", "e"], {"bad1", "bad2"}, None)


def test_a_bad_item_in_scans_indexes_and_projections(mixed):
    db, artist = mixed
    for operation in (
        Song.scan().filter(Song.artist == artist),
        Song.by_genre.query(artist),
        query(artist).project(Song.plays),
        Song.genre_some.query(artist),
    ):
        with pytest.raises(UnreadableItemsError) as caught:
            list(db.run(operation))
        assert sorted(titles(caught.value.items)) == ["a", "c", "e"]
        assert len(caught.value.unreadable) == 2
    # What is not read cannot be at fault.
    assert len(db.run(query(artist).project(Song.genre))) == 5
    assert len(db.run(Song.genre_keys.query(artist))) == 5


def test_a_wrong_type_is_not_a_partial_object(engine, artist):
    db, _ = engine
    plain_client(db).put_item(
        TableName="operations.samples",
        Item={"device": {"N": "99"}, "at": {"B": b"a"}, "note": {"BOOL": True}},
    )
    with pytest.raises(UnreadableItemsError, match="note"):
        list(db.run(Sample.by_device.query(99)))
    db.run(Sample.by_device.delete(99, b"a"))


def test_what_numbers_dynamodb_returns_is_readable(engine, artist):
    db, _ = engine
    client = plain_client(db)
    texts = [
        "1E50",
        "9.9999999999999999999999999999999999999E+125",
        "1E-130",
        "-0.1",
        "123456789012345678901234567890",
    ]
    for number, text in enumerate(texts):
        item = {"artist": {"S": artist}, "songTitle": {"S": f"{number}"}, "length": {"N": text}}
        client.put_item(TableName="operations.songs", Item=item)
    assert [song.length for song in db.run(query(artist))] == [Decimal(text) for text in texts]


def test_unknown_attributes_of_queried_items(engine, artist):
    db, _ = engine
    item = {"artist": {"S": artist}, "songTitle": {"S": "a"}, "more": {"BS": [b"\x01"]}}
    plain_client(db).put_item(TableName="operations.songs", Item=item)
    [song] = db.run(query(artist))
    assert unknown_attributes(song) == {"more": {"BS": [b"\x01"]}}
    [paged] = db.run(query(artist).page(size=1)).items
    assert unknown_attributes(attrs.evolve(paged, plays=3)) == {"more": {"BS": [b"\x01"]}}
    assert paged == song


class Missing(Entity, table=Table("operations.missing")):
    name: Attr[str] = attribute()
    by_name = primary_key(name)


def test_a_missing_table_says_which(engine):
    db, _ = engine

    for operation in (Missing.by_name.get("a"), Missing.by_name.query("a").count(), Missing(name="a").put()):
        with pytest.raises(TableNotFoundError) as caught:
            db.run(operation)
        assert caught.value.entity == "Missing"


class EmptyAnswers:
    """A transport whose answers were cut to nothing, as a proxy may do."""

    def send(self, request):
        return {}

    def close(self):
        pass


@pytest.mark.parametrize("operation", [Song.scan(), Song.scan().count(), Song.scan().page(size=1)])
def test_an_empty_answer_is_not_the_end_of_the_table(operation):
    with connect(transport=EmptyAnswers()) as db, pytest.raises(UnreachableError, match="cut short"):
        list(db.run(operation))
