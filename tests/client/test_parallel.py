"""The threads of a parallel scan: that they work at once, wait for the reader, and are gone at the end."""

from __future__ import annotations

import threading
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest

from dynamodel import (
    Attr,
    Client,
    CursorError,
    Entity,
    ReadCapError,
    RequestError,
    Table,
    ThrottledError,
    attribute,
    connect,
    primary_key,
)
from dynamodel.client.parallel import MAX_THREADS
from tests.operations.fakes import Segmented
from tests.operations.models import Song

if TYPE_CHECKING:
    from collections.abc import Callable


def run(segmented: Segmented, scan: Any = None, **more: Any) -> Any:
    scan = Song.scan() if scan is None else scan
    return connect(transport=segmented).run(scan.parallel(segments=len(segmented.counts), **more))


def place(song: Song) -> tuple[int, int]:
    return int(song.artist), int(song.title)


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("dynamodel-scan")]


def eventually(holds: Callable[[], object], seconds: float = 5.0) -> bool:
    """Whether it comes true, for what another thread does."""
    end = monotonic() + seconds
    while not holds():
        if monotonic() > end:
            return False
        sleep(0.005)
    return True


@pytest.fixture(autouse=True)
def no_thread_is_left():
    yield
    assert threads() == []


def test_all_items_of_all_segments():
    transport = Segmented([10, 0, 3, 7])
    results = run(transport)
    assert transport.requests == []  # lazy
    assert sorted(map(place, results)) == [(s, n) for s, c in enumerate([10, 0, 3, 7]) for n in range(c)]
    assert results.scanned == 20
    assert list(results) == []


def test_segments_are_read_at_the_same_time():
    barrier = threading.Barrier(4, timeout=10)
    transport = Segmented([5] * 4, before=lambda segment, first: first == 0 and barrier.wait())
    assert len(list(run(transport))) == 20  # a single thread would break the barrier
    assert transport.most_at_once == 4


def test_no_more_threads_than_the_limit():
    transport = Segmented([4] * 100, before=lambda segment, first: sleep(0.001))
    assert len(list(run(transport))) == 400
    assert 1 < transport.most_at_once <= MAX_THREADS == 32
    # Segments are read to their end before others are begun, so that few are under way.
    begun = [request.parameters["Segment"] for request in transport.requests]
    assert sorted(set(begun)) == list(range(100))


def test_a_segment_waits_for_its_reader():
    """The next chunk of a segment is asked for when the one before was handed out."""
    transport = Segmented([9, 9], at_once=3)
    iteration = iter(run(transport))
    first = next(iteration)
    assert eventually(lambda: len(transport.requests) == 2)  # one of each segment
    sleep(0.05)
    assert len(transport.requests) == 2
    for _ in range(2):
        assert next(iteration).artist == first.artist
    sleep(0.05)
    assert len(transport.requests) == 2  # who has the last item may still be at work with it
    next(iteration)
    assert eventually(lambda: len(transport.requests) == 3)
    iteration.close()


@pytest.mark.parametrize("how", ["break", "close the iteration", "with", "close", "error"])
def test_leaving_ends_the_threads(how):
    transport = Segmented([50] * 5, at_once=3)
    results = run(transport)
    if how == "break":
        for _ in results:
            break
    elif how == "close the iteration":
        iteration = iter(results)
        next(iteration)
        iteration.close()
    elif how == "with":
        with results as same:
            held = iter(same)
            next(held)
            assert threads()
    elif how == "close":
        held = iter(results)
        next(held)
        results.close()
        results.close()
    else:
        with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the loop is left by it
            for _ in results:
                raise ZeroDivisionError
    assert threads() == []
    count = len(transport.requests)
    sleep(0.02)
    assert len(transport.requests) == count
    # Who comes back gets the rest.
    assert len(set(map(place, results))) == 250


def test_a_result_that_is_never_iterated_has_no_threads():
    transport = Segmented([3])
    with run(transport):
        assert threads() == []
    assert transport.requests == []


def test_an_error_of_one_segment_is_raised_and_loses_nothing():
    failures = [ThrottledError("ThrottlingException", "slow down", "Scan")]

    def fail(segment: int, first: int) -> None:
        if (segment, first) == (1, 3) and failures:
            raise failures.pop()

    transport = Segmented([7, 7, 7], before=fail)
    results = run(transport)
    seen = []
    with pytest.raises(ThrottledError, match="Scan on Song"):  # noqa: PT012 - it comes after others
        for song in results:
            seen.append(place(song))  # noqa: PERF401 - a comprehension would lose them to the error
    assert threads() == []
    assert (1, 3) not in seen
    again = run(Segmented([7, 7, 7]), after=results.state)
    rest = list(map(place, again))
    assert sorted(seen + rest) == [
        (s, n) for s in range(3) for n in range(7)
    ]  # the error came between chunks
    assert sorted(seen + list(map(place, results))) == sorted(seen + rest)


def test_caps_stop_the_threads():
    transport = Segmented([50] * 4, at_once=3)
    results = run(transport, Song.scan().cap(pages=5))
    seen = []
    with pytest.raises(ReadCapError, match=r"5 pages .*\.cap\(pages="):  # noqa: PT012 - it comes after the items
        for song in results:
            seen.append(place(song))  # noqa: PERF401 - a comprehension would lose them to the error
    assert len(seen) == 15
    assert len(transport.requests) == 5
    results = run(Segmented([50] * 4), Song.scan().cap(items=7))
    with pytest.raises(ReadCapError, match="7 items"):
        list(results)


def test_progress_is_called_in_the_thread_that_iterates():
    calls: list[tuple[int, threading.Thread]] = []
    transport = Segmented([6, 6, 6])
    list(run(transport, progress=lambda scanned: calls.append((scanned, threading.current_thread()))))
    assert [scanned for scanned, _ in calls][-1] == 18
    assert len(calls) == len(transport.requests)
    assert {thread for _, thread in calls} == {threading.current_thread()}


def test_a_wrong_state_is_refused_before_anything_is_sent():
    transport = Segmented([3, 3])
    with pytest.raises(CursorError):
        run(transport, after="AAAA")
    state = run(transport).state
    with pytest.raises(CursorError):
        run(transport, Song.scan().filter(Song.plays > 1), after=state)
    assert transport.requests == []


def test_a_client_that_is_closed():
    transport = Segmented([3, 3])
    with connect(transport=transport) as db:
        results = db.run(Song.scan().parallel(segments=2))
    with pytest.raises(RequestError, match="closed"):
        list(results)


# --- on the engines ---


class Reading(Entity, table=Table("client.readings")):
    device: Attr[int] = attribute()
    number: Attr[int] = attribute()
    load: Attr[bytes] = attribute(default=b"")
    by_device = primary_key(device, number)


@pytest.fixture(params=[pytest.param("dynamodb_local_db", marks=pytest.mark.dynamodb_local), "embedded_db"])
def db(request: pytest.FixtureRequest) -> Client:
    client: Client = request.getfixturevalue(request.param)
    client.create_table(Reading)
    return client


ALL = [(device, number) for device in range(20) for number in range(3)]


def put_all(db: Client, size: int) -> None:
    for device, number in ALL:
        db.run(Reading(device=device, number=number, load=b"x" * size).put())


def key_of(reading: Reading) -> tuple[int, int]:
    return reading.device, reading.number


@pytest.mark.parametrize("segments", [1, 4, 50])
def test_a_parallel_scan_of_a_table(db, segments):
    put_all(db, 1)
    scan = Reading.scan()
    results = db.run(scan.parallel(segments=segments))
    assert sorted(map(key_of, results)) == ALL
    assert results.scanned == len(ALL)
    odd = db.run(scan.filter(Reading.number == 1).parallel(segments=segments))
    assert sorted(map(key_of, odd)) == [(device, 1) for device in range(20)]
    assert odd.scanned == len(ALL)


def test_going_on_in_the_middle_of_a_table(db):
    put_all(db, 150_000)  # 9 MB: several requests a segment
    results = db.run(Reading.scan().parallel(segments=3))
    seen = []
    for reading in results:
        seen.append(key_of(reading))
        if len(seen) == 17:
            break
    again = db.run(Reading.scan().parallel(segments=3, after=results.state))
    rest = list(map(key_of, again))
    assert sorted(set(seen) | set(rest)) == ALL
    assert len(rest) < len(ALL)  # it did not begin anew
    assert len(rest) == len(set(rest))
