"""Pages against a transport that stops where a test wants: the end, the cut and the items that do not fit.

And on the engines: what a page costs.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel import Client, UnreadableItemError, UnreadableItemsError, connect

from .fakes import Pieces
from .models import Song

Read = tuple[list[int], list[int], str | None]


def read_page(db: Client, operation: Any) -> Read:
    """The numbers of the readable items of a page and of the others, and its cursor."""
    try:
        page = db.run(operation)
    except UnreadableItemsError as error:
        good, bad, cursor = error.items, error.unreadable, error.cursor
    else:
        good, bad, cursor = page.items, (), page.cursor
    return [int(song.title) for song in good], [int(one.item["songTitle"]["S"]) for one in bad], cursor


def read_pages(transport: Pieces, size: int, is_filtered: bool) -> list[Read]:
    operation = Song.by_artist.query("a")
    if is_filtered:
        operation = operation.filter(Song.genre == "x")
    pages: list[Read] = []
    with connect(transport=transport) as db:
        while not pages or pages[-1][2] is not None:
            after = pages[-1][2] if pages else None
            pages.append(read_page(db, operation.page(size=size, after=after)))
            assert len(pages) < 100
    return pages


def numbers(pages: list[Read]) -> list[tuple[list[int], list[int]]]:
    return [(good, bad) for good, bad, _ in pages]


def test_a_cut_exactly_behind_the_page_is_not_yet_a_next_page():
    assert numbers(read_pages(Pieces(2, set(), set(), at_once=2), 2, False)) == [([0, 1], [])]
    pages = read_pages(Pieces(4, set(), set(), at_once=2), 2, False)
    assert numbers(pages) == [([0, 1], []), ([2, 3], [])]


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        ({0}, [([1], [0]), ([2], [])]),
        ({1}, [([0], [1]), ([2], [])]),
        ({2}, [([0, 1], []), ([], [2])]),
        ({0, 1, 2}, [([], [0, 1]), ([], [2])]),
    ],
)
def test_an_unreadable_item_has_its_place_on_one_page(bad, expected):
    assert numbers(read_pages(Pieces(3, bad, set(), at_once=100), 2, False)) == expected


def test_an_unreadable_item_behind_the_cut_of_a_filtered_page_is_reported_once():
    pages = read_pages(Pieces(10, {7}, {1, 5, 7, 8}, at_once=100), 2, True)
    assert numbers(pages) == [([1, 5], []), ([8], [7]), ([], [])]  # the second was full with item 8 of 10


def test_a_filtered_page_does_not_search_for_one_match_more():
    transport = Pieces(1000, set(), {0, 1}, at_once=3)
    with connect(transport=transport) as db:
        operation = Song.by_artist.query("a").filter(Song.genre == "x").page(size=2)
        good, _, cursor = read_page(db, operation)
    assert good == [0, 1]
    assert cursor is not None  # what comes behind has not been read
    assert len(transport.requests) == 1


@given(
    count=st.integers(0, 12),
    bad=st.sets(st.integers(0, 11)),
    matching=st.none() | st.sets(st.integers(0, 11)),
    at_once=st.integers(1, 13),
    size=st.integers(1, 13),
)
def test_pages_lose_nothing_and_repeat_nothing(count, bad, matching, at_once, size):
    is_filtered = matching is not None
    transport = Pieces(count, bad, matching or set(), at_once)
    pages = read_pages(transport, size, is_filtered)
    expected = [i for i in range(count) if not is_filtered or i in matching]
    assert [i for good, _, _ in pages for i in good] == [i for i in expected if i not in bad]
    assert [i for _, found_bad, _ in pages for i in found_bad] == [i for i in expected if i in bad]
    lengths = [len(good) + len(found_bad) for good, found_bad, _ in pages]
    assert all(length == size for length in lengths[:-1])
    if is_filtered:
        assert 0 <= lengths[-1] <= size
    else:  # the last page is empty only if there is nothing at all
        assert (lengths[-1] > 0) == (count > 0)


def test_chunks_serve_any_kind_of_client():
    """Each request has a flow of its own, so that who drives them decides when the next one is sent."""
    transport = Pieces(5, {3}, set(), at_once=2)
    operation = Song.by_artist.query("a")
    entries, start = [], None
    for requests_so_far in (1, 2, 3):
        flow = operation.chunk(start)
        answer = transport.send(next(flow))
        with pytest.raises(StopIteration) as end:
            flow.send(answer)
        entries += [entry for entry, _ in end.value.value.entries]
        start = end.value.value.last_key
        assert len(transport.requests) == requests_so_far
    assert start is None
    assert [type(entry) for entry in entries] == [Song, Song, Song, UnreadableItemError, Song]


# --- consumed capacity ---


@pytest.mark.parametrize(
    ("units", "expected"), [([0.5, 1.0, 2.5], 4.0), ([0.5, 1.0], None), ([], None), ([0.0, 0.0, 0.0], 0.0)]
)
def test_the_capacity_of_a_page_is_that_of_all_its_requests(units, expected):
    transport = Pieces(10, set(), set(), at_once=2)
    transport.units = units
    with connect(transport=transport) as db:
        page = db.run(Song.by_artist.query("a").page(size=5))
    assert len(transport.requests) == 3
    assert page.consumed_capacity == expected


def test_the_request_of_a_page_asks_for_its_capacity():
    parameters = Song.by_artist.query("a").page(size=5).request().parameters
    assert parameters["ReturnConsumedCapacity"] == "TOTAL"
    assert "ReturnConsumedCapacity" not in Song.by_artist.query("a").request().parameters


@pytest.mark.dynamodb_local
@pytest.mark.parametrize(("bytes_each", "units"), [(1_000, 1.0), (3_000, 2.0), (300_000, 147.0)])
def test_the_capacity_of_a_page_in_the_engine(db, artist, bytes_each, units):
    """AWS developer guide, Read consumption: half a unit for each 4 KB that begin, over a request's items."""
    for number in range(4):
        db.run(Song(artist=artist, title=f"{number}", cover=b"x" * bytes_each).put())
    assert db.run(Song.by_artist.query(artist).page(size=3)).consumed_capacity == pytest.approx(units, abs=1)
    consistent = Song.by_artist.query(artist).consistent().page(size=3)
    assert db.run(consistent).consumed_capacity == pytest.approx(2 * units, abs=2)
