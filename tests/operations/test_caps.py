"""Page and item caps of iterations and counts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel import Client, ReadCapError, RequestError, Results, UnreadableItemsError, connect
from dynamodel.operations.caps import MAX_ITEMS, MAX_PAGES

from .fakes import Pieces
from .models import Song

SONGS = Song.by_artist.query("a")


def run(
    operation: Any, count: int, at_once: int, bad: set[int] | None = None
) -> tuple[Results[Song], Pieces]:
    transport = Pieces(count, bad or set(), set(), at_once)
    return connect(transport=transport).run(operation), transport


def numbers(results: Results[Song]) -> tuple[list[int], Exception | None]:
    """What an iteration yields before it ends, and with which error."""
    seen: list[int] = []
    try:
        for song in results:
            seen.append(int(song.title))  # noqa: PERF401 - a comprehension would lose them to the error
    except (ReadCapError, UnreadableItemsError) as error:
        return seen, error
    return seen, None


@pytest.mark.parametrize(
    ("caps", "count", "seen", "requests", "reached"),
    [
        ({"pages": 2}, 10, 6, 2, "2 pages"),
        ({"pages": 1}, 10, 3, 1, "1 page"),
        ({"pages": 2}, 5, 5, 2, None),  # the end was seen
        ({"pages": 2}, 6, 6, 2, "2 pages"),  # it was not: DynamoDB gave a last evaluated key
        ({"items": 4}, 10, 4, 2, "4 items"),
        ({"items": 3}, 10, 3, 1, "3 items"),
        ({"items": 1}, 10, 1, 1, "1 item"),
        ({"items": 5}, 5, 5, 2, None),
        ({"items": 4}, 5, 4, 2, "4 items"),  # the fifth is on the last page, and beyond the cap
        ({"items": 4, "pages": 1}, 10, 3, 1, "1 page"),
        ({"items": 2, "pages": 1}, 10, 2, 1, "2 items"),
        ({"items": 100, "pages": 100}, 10, 10, 4, None),
    ],
)
def test_an_iteration_stops_at_its_caps(caps, count, seen, requests, reached):
    results, transport = run(SONGS.cap(**caps), count, at_once=3)
    found, error = numbers(results)
    assert found == list(range(seen))
    assert len(transport.requests) == requests
    if reached is None:
        assert error is None
        assert len(results) == seen
        return
    assert isinstance(error, RuntimeError)
    assert str(error).startswith(f"Song: the cap of {reached} is reached")
    assert f".cap({'items' if 'item' in reached else 'pages'}=" in str(error)
    assert ".page(" in str(error)
    # What was fetched stays there, and nobody takes it for all there is.
    assert [int(song.title) for song in results[:seen]] == found
    assert numbers(results)[0] == found
    assert bool(results)
    for whole in (lambda: len(results), lambda: results[-1], lambda: list(results), lambda: results[seen]):
        with pytest.raises(ReadCapError):
            whole()
    assert len(transport.requests) == requests


@given(
    count=st.integers(0, 20),
    at_once=st.integers(1, 7),
    pages=st.none() | st.integers(1, 5),
    items=st.none() | st.integers(1, 20),
    bad=st.sets(st.integers(0, 19)),
)
def test_caps_are_never_passed_and_never_silent(count, at_once, pages, items, bad):
    results, transport = run(SONGS.cap(pages=pages, items=items), count, at_once, bad)
    found, error = numbers(results)
    assert len(transport.requests) <= (pages or MAX_PAGES)
    read = min(count, items or MAX_ITEMS, at_once * (pages or MAX_PAGES))
    assert found == [number for number in range(read) if number not in bad]
    met = sorted(number for number in bad if number < read)
    cause = error.__cause__ if isinstance(error, ReadCapError) else error
    unreadable = cause.unreadable if isinstance(cause, UnreadableItemsError) else ()
    assert [int(one.item["songTitle"]["S"]) for one in unreadable] == met
    if read < count:
        assert isinstance(error, ReadCapError)


def test_a_count_stops_at_its_page_cap():
    query = SONGS.filter(Song.genre == "x")
    transport = Pieces(10, set(), set(range(10)), at_once=3)
    db: Client = connect(transport=transport)
    assert db.run(query.cap(pages=4, items=1).count()) == 10  # its items are not handed out
    transport.requests.clear()
    with pytest.raises(ReadCapError, match=r"3 pages .*\.cap\(pages="):
        db.run(query.cap(pages=3).count())
    assert len(transport.requests) == 3


def test_a_cap_is_part_of_a_new_operation():
    capped = SONGS.cap(pages=2).cap(items=7)
    assert (capped.caps.pages, capped.caps.items) == (2, 7)
    assert (SONGS.caps.pages, SONGS.caps.items) == (1_000, 1_000_000)
    assert capped.request() == SONGS.request()
    assert (capped.max_requests, capped.count().max_requests) == (2, 2)
    narrowed = capped.filter(Song.plays > 1).reverse()
    assert narrowed.caps == capped.caps
    assert Song.scan().cap(items=3).caps.items == 3


def test_the_page_cap_is_there_unless_told_otherwise():
    results, transport = run(SONGS, 1_001, at_once=1)
    found, error = numbers(results)
    assert len(found) == len(transport.requests) == 1_000
    assert isinstance(error, ReadCapError)
    results, transport = run(SONGS.cap(pages=1_002), 1_001, at_once=1)
    assert len(results) == 1_001


def test_a_page_has_its_own_budget():
    transport = Pieces(10, set(), set(), at_once=1)
    page = connect(transport=transport).run(SONGS.cap(pages=1, items=1).page(size=5))
    assert len(page.items) == 5


@pytest.mark.parametrize("caps", [{"pages": 0}, {"items": 0}, {"pages": -1}, {"items": True}, {"pages": 1.5}])
def test_caps_that_are_refused(caps):
    with pytest.raises(RequestError, match=rf"cap\({next(iter(caps))}=\)"):
        SONGS.cap(**caps)


def test_caps_on_the_engines(engine, artist):
    db, sent = engine
    for number in range(5):
        db.run(Song(artist=artist, title=f"{number}").put())
    sent.requests.clear()
    query = Song.by_artist.query(artist)
    assert len(db.run(query.cap(items=5, pages=1))) == 5
    found, error = numbers(db.run(query.cap(items=4)))
    assert (found, type(error)) == ([0, 1, 2, 3], ReadCapError)
    assert db.run(query.cap(pages=1).count()) == 5
    assert sent.count == 3
