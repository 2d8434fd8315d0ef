"""Parallel scans without threads: the requests, the state, and that no item is skipped whatever happens."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel import CursorError, ReadCapError, RequestError, UnreadableItemsError
from dynamodel.operations.base import Settings
from dynamodel.operations.chunks import Chunk
from dynamodel.operations.cursors import cursor_scope, seal_cursor
from dynamodel.operations.parallel import ParallelResults, ParallelScan, Segment

from .fakes import Segmented
from .models import Sample, Song

SETTINGS = Settings((b"secret",))


def fetched(transport: Segmented, scan: ParallelScan[Song], choose: Any = lambda open_: 0) -> Any:
    """What a client does, in one thread and in the order of the test's choice."""

    def fetch(segments: Any, at_most: int) -> Any:
        waiting = list(segments)
        for _ in range(at_most):
            if not waiting:
                return
            segment = waiting.pop(choose(len(waiting)))
            flow = scan.chunk(segment)
            answer = transport.send(next(flow))
            chunk: Chunk[Song]
            try:
                flow.send(answer)
            except StopIteration as end:
                chunk = end.value
            yield segment, chunk
            if chunk.last_key is not None:
                waiting.append(Segment(segment.number, chunk.last_key))

    return fetch


def results_of(transport: Segmented, scan: ParallelScan[Song], choose: Any = lambda open_: 0) -> Any:
    return ParallelResults(scan, SETTINGS, fetched(transport, scan, choose))


def place(song: Song) -> tuple[int, int]:
    return int(song.artist), int(song.title)


def everything(counts: list[int]) -> list[tuple[int, int]]:
    return [(segment, number) for segment, count in enumerate(counts) for number in range(count)]


# --- requests ---


def test_requests():
    scan = Song.by_genre.scan().filter(Song.artist == "a").cap(pages=7)
    operation = scan.parallel(segments=4)
    assert operation.request() == (
        "Scan",
        {**scan.request().parameters, "Segment": 0, "TotalSegments": 4},
    )
    assert operation.max_requests == 7
    transport = Segmented([2, 7, 0])
    list(results_of(transport, Song.scan().parallel(segments=3)))
    sent = [
        (request.parameters["Segment"], request.parameters.get("ExclusiveStartKey", {}).get("songTitle"))
        for request in transport.requests
    ]
    assert sent == [(0, None), (1, None), (2, None), (1, {"S": "2"}), (1, {"S": "5"})]


@pytest.mark.parametrize("segments", [0, -1, 1_000_001, 1.0, True, "4", None])
def test_segments_that_are_refused(segments):
    with pytest.raises(RequestError, match=r"parallel\(segments=\)"):
        Song.scan().parallel(segments=segments)


@pytest.mark.parametrize("segments", [1, 2, 1_000_000])
def test_segments_that_dynamodb_takes(segments):
    assert Song.scan().parallel(segments=segments).request().parameters["TotalSegments"] == segments


# --- handing out and going on ---


@given(
    counts=st.lists(st.integers(0, 10), min_size=1, max_size=5),
    at_once=st.integers(1, 4),
    stops=st.lists(st.integers(0, 12), max_size=5),
    same=st.booleans(),
    data=st.data(),
)
def test_going_on_skips_nothing_and_repeats_one_chunk_at_most(counts, at_once, stops, same, data):
    """Leave the iteration some times, and go on: with the same results, or with new ones from the state."""

    def choose(open_: int) -> int:
        return data.draw(st.integers(0, open_ - 1))

    transport = Segmented(counts, at_once)
    scan = Song.scan()
    results = results_of(transport, scan.parallel(segments=len(counts)), choose)
    seen: list[tuple[int, int]] = []
    for stop in stops:
        seen += map(place, islice(iter(results), stop))
        if not same:
            again = scan.parallel(segments=len(counts), after=results.state)
            results = results_of(transport, again, choose)
    seen += map(place, results)
    assert sorted(set(seen)) == everything(counts)
    # What was left whole does not come again; of a chunk that was left in part, all of it does.
    assert len(seen) - len(set(seen)) <= len(stops) * at_once
    assert list(results) == []
    done = scan.parallel(segments=len(counts), after=results.state)
    requests = len(transport.requests)
    assert list(results_of(transport, done)) == []
    assert len(transport.requests) == requests


def test_the_state_is_behind_what_was_handed_out_whole():
    transport = Segmented([4], at_once=2)
    results = results_of(transport, Song.scan().parallel(segments=1))
    states = [results.state]
    iteration = iter(results)
    for _ in range(3):
        next(iteration)
        states.append(results.state)
    starts = [Song.scan().parallel(segments=1, after=state).positions(SETTINGS)[0] for state in states]
    at_2 = {"artist": {"S": "0"}, "songTitle": {"S": "1"}}
    assert starts == [None, None, None, at_2]  # the second item may yet be lost with its reader


def test_progress_and_scanned():
    seen: list[int] = []
    scan = Song.scan().parallel(segments=2, progress=seen.append)
    results = results_of(Segmented([4, 3], at_once=3), scan)
    assert (results.scanned, seen) == (0, [])
    list(results)
    assert results.scanned == 7
    assert seen == [3, 6, 7, 7]


def test_an_error_of_progress_loses_nothing():
    def stop(scanned: int) -> None:
        if scanned == 6:
            raise KeyboardInterrupt

    transport = Segmented([9], at_once=3)
    results = results_of(transport, Song.scan().parallel(segments=1, progress=stop))
    seen = []
    with pytest.raises(KeyboardInterrupt):
        seen.extend(map(place, iter(results)))
    seen = [(0, number) for number in range(6)]  # extend() lost them; they were handed out
    seen += map(place, results)
    assert seen == everything([9])


# --- items that do not fit, and caps ---


def test_unreadable_items_come_last_and_are_known_before():
    bad = frozenset({(0, 0), (1, 1), (1, 2)})
    transport = Segmented([3, 3], at_once=2, bad=bad)
    results = results_of(transport, Song.scan().parallel(segments=2))
    seen = []
    with pytest.raises(UnreadableItemsError) as caught:  # noqa: PT012 - it comes after the good ones
        for song in results:
            seen.append(place(song))
            if len(seen) == 2:
                # Handed out whole: the first chunk of the first segment.
                assert [error.item["songTitle"]["S"] for error in results.unreadable] == ["0"]
    assert sorted(seen) == sorted(set(everything([3, 3])) - bad)
    assert len(caught.value.unreadable) == len(results.unreadable) == 3
    assert "private" not in str(caught.value)
    with pytest.raises(UnreadableItemsError):  # whoever asks again is told again
        list(results)


@pytest.mark.parametrize(
    ("caps", "seen", "requests", "words"),
    [
        ({"pages": 3}, 6, 3, "3 pages"),
        ({"items": 5}, 5, 3, "5 items"),
        ({"items": 4}, 4, 2, "4 items"),
        ({"items": 10, "pages": 10}, 10, 7, None),
        ({"pages": 7}, 10, 7, None),
    ],
)
def test_caps_hold_over_all_segments(caps, seen, requests, words):
    transport = Segmented([5, 5], at_once=2)
    scan = Song.scan().cap(**caps)
    results = results_of(transport, scan.parallel(segments=2))
    found: list[Any] = []
    error = None
    try:
        for song in results:
            found.append(place(song))  # noqa: PERF401 - a comprehension would lose them to the error
    except ReadCapError as caught:
        error = caught
    assert len(found) == len(set(found)) == seen
    if words is None:
        assert error is None
        return
    assert words in str(error)
    assert len(transport.requests) == requests
    with pytest.raises(ReadCapError):
        list(results)
    assert len(transport.requests) == requests
    # A new run goes on from there, with caps of its own.
    rest = results_of(transport, Song.scan().parallel(segments=2, after=results.state))
    assert set(found) | set(map(place, rest)) == set(everything([5, 5]))


# --- states that are refused ---


def a_state(scan: Any, segments: int) -> str:
    results = results_of(Segmented([5] * segments), scan.parallel(segments=segments))
    next(iter(results))
    return str(results.state)


def refused(operation: ParallelScan[Any], settings: Settings = SETTINGS) -> None:
    with pytest.raises(CursorError):
        operation.positions(settings)


def test_a_state_belongs_to_its_scan():
    state = a_state(Song.scan(), 3)
    assert len(Song.scan().parallel(segments=3, after=state).positions(SETTINGS)) == 3
    assert Song.scan().consistent().cap(items=3).parallel(segments=3, after=state).positions(SETTINGS)
    for other in (
        Song.scan().filter(Song.plays > 1),
        Song.scan().project(Song.plays),
        Song.by_genre.scan(),
        Sample.scan(),
    ):
        refused(other.parallel(segments=3, after=state))
    refused(Song.scan().parallel(segments=3, after=state), Settings((b"other",)))
    for segments in (2, 4):
        with pytest.raises(CursorError):
            Song.scan().parallel(segments=segments, after=state)


def test_neither_is_a_cursor_a_state_nor_a_state_a_cursor():
    scan = Song.scan()
    key = {"artist": {"S": "a"}, "songTitle": {"S": "b"}}
    cursor = seal_cursor(SETTINGS, cursor_scope("page", "Song", scan.request()), [key])
    refused(scan.parallel(segments=1, after=cursor))
    state = seal_cursor(SETTINGS, cursor_scope("1 segments", "Song", scan.request()), [key])
    assert scan.parallel(segments=1, after=state).positions(SETTINGS) == [key]
    with pytest.raises(CursorError):
        next(scan.page(size=1, after=state).flow(SETTINGS))


@given(data=st.data())
def test_a_changed_state_is_refused(data):
    state = a_state(Song.scan(), 2)
    position = data.draw(st.integers(0, len(state) - 1))
    changed = state[:position] + data.draw(st.characters(codec="ascii")) + state[position + 1 :]
    if changed == state:
        return
    with pytest.raises(CursorError):
        Song.scan().parallel(segments=2, after=changed).positions(SETTINGS)


@pytest.mark.parametrize("key", [{"artist": {"S": "a"}}, {"artist": {"S": "a"}, "songTitle": {"N": "1"}}])
def test_the_keys_in_a_state_are_those_of_the_table(key):
    scope = cursor_scope("2 segments", "Song", Song.scan().request())
    refused(Song.scan().parallel(segments=2, after=seal_cursor(SETTINGS, scope, [None, key])))


def test_a_segment_does_not_show_its_key():
    assert "secret" not in repr(Segment(0, {"artist": {"S": "secret"}}))
