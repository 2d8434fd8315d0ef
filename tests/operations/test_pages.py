"""Pages against a transport that stops where a test wants: the end, the cut and the items that do not fit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel import Client, Request, UnreadableItemError, UnreadableItemsError, connect

from .models import Song


class Pieces:
    """Answers a query as DynamoDB does, at most `at_once` items a request: so many make its 1 MB.

    It gives a last evaluated key whenever it stopped before the end was seen, also if nothing comes behind
    (AWS developer guide, Query: the only way to know the end is that the key is missing).
    """

    def __init__(self, count: int, bad: set[int], matching: set[int], at_once: int) -> None:
        self.items = [
            {"artist": {"S": "a"}, "songTitle": {"S": str(i)}, "plays": {"S" if i in bad else "N": "1"}}
            for i in range(count)
        ]
        self.matching = matching
        self.at_once = at_once
        self.requests: list[Request] = []

    def send(self, request: Request) -> dict[str, Any]:
        self.requests.append(request)
        parameters = request.parameters
        start = parameters.get("ExclusiveStartKey")
        first = int(start["songTitle"]["S"]) + 1 if start else 0
        most = min(parameters.get("Limit", self.at_once), self.at_once)
        read = self.items[first : first + most]
        is_filtered = "FilterExpression" in parameters
        found = [item for item in read if not is_filtered or int(item["songTitle"]["S"]) in self.matching]
        answer = {"Items": found, "Count": len(found)}
        if len(read) == most:
            return answer | {"LastEvaluatedKey": {name: read[-1][name] for name in ("artist", "songTitle")}}
        return answer

    def close(self) -> None:
        pass


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
