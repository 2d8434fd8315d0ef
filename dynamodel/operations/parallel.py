"""Parallel scans: the segments of a scan, their state, and the results that come of them.

Free of threads: a client fetches the chunks of all segments as it likes, the chunks of one segment one
after the other, and `ParallelResults` hands them out.

Guarantee: the state holds only what has been handed out whole, so that a scan that is continued from it
never skips an item; it may repeat those of a chunk that was handed out in part.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import attrs

from dynamodel.errors import RequestError, UnreadableItemError, UnreadableItemsError
from dynamodel.operations.base import Operation
from dynamodel.operations.caps import Meter, require_count
from dynamodel.operations.chunks import Chunk, Source, sorted_out
from dynamodel.operations.cursors import cursor_scope, open_cursor, peek_cursor, seal_cursor
from dynamodel.types import Flow, Item, Request

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from dynamodel.operations.base import Settings

__all__ = ["MAX_SEGMENTS", "ParallelResults", "ParallelScan", "Segment", "parallel_scan", "require_segments"]

E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)

MAX_SEGMENTS = 1_000_000
"""AWS API reference, Scan: TotalSegments."""

_DONE: Item = {}
"""The position of a segment that has been read to its end. That of one that was not begun is None."""


@attrs.frozen
class Segment:
    """A segment of which more is to be read."""

    number: int
    start: Item | None = attrs.field(repr=False)  # a key
    """Where its next request begins; None: at its beginning."""


Fetch: TypeAlias = Callable[[Iterable[Segment], int], Generator[tuple[Segment, Chunk[E]], None, None]]
"""How a client fetches chunks of segments, and at most so many.

The next chunk of a segment is fetched when the one before was handed out. Closing ends it.
"""


@attrs.frozen
class ParallelScan(Operation["ParallelResults[E]"], Generic[E]):
    """A scan in several segments, which are read at once."""

    source: Source[E]
    segments: int
    after: str | None = attrs.field(repr=False)  # has keys of items in it
    progress: Callable[[int], object] | None = attrs.field(repr=False)

    @property
    def max_requests(self) -> int | None:
        """The page cap, over all segments; None where whole items are read as well."""
        return self.source.max_requests

    def request(self) -> Request:
        """The first request of the first segment."""
        return self.source.request_from(None, **self._named(0))

    def chunk(self, segment: Segment) -> Flow[Chunk[E]]:
        """The next items of a segment."""
        return self.source.chunk(segment.start, **self._named(segment.number))

    def positions(self, settings: Settings) -> list[Item | None]:
        """Where each segment begins.

        Raises:
            CursorError: `after` was changed, has expired, or belongs to another scan.
        """
        if self.after is None:
            return [None] * self.segments
        positions = open_cursor(settings, self._scope(), self.after, self.segments)
        for position in positions:
            if position:
                self.source.check_start(position)
        return positions

    def state(self, settings: Settings, positions: Sequence[Item | None]) -> str:
        """The text from which `positions` come again."""
        return seal_cursor(settings, self._scope(), positions)

    def _named(self, segment: int) -> dict[str, Any]:
        return {"Segment": segment, "TotalSegments": self.segments}

    def _scope(self) -> bytes:
        return cursor_scope(f"{self.segments} segments", self.source.entity, self.source.request())


class ParallelResults(Generic[E_co]):
    """The items of a parallel scan, in no order, as they come; nothing is remembered.

    Each iteration goes on where the last one ended, also after an error. Leaving one ends its threads;
    `close()`, or the end of a `with` block, does so at once. One result belongs to one thread, and has one
    iteration at a time.

    Attributes:
        scanned: how many items were read so far, before the filter (DynamoDB's ScannedCount).

    Raises:
        ReadCapError: behind the last item that the caps of the scan allow, over all segments.
        UnreadableItemsError: at the end, after all readable items, if some were not readable. It has
            these only, since the others were handed out.
    """

    def __init__(self, scan: ParallelScan[E_co], settings: Settings, fetch: Fetch[E_co]) -> None:
        self.scanned = 0
        self._scan = scan
        self._settings = settings
        self._fetch = fetch
        self._meter = Meter(scan.source.entity, scan.source.caps)
        self._positions = scan.positions(settings)
        self._open = sum(position != _DONE for position in self._positions)
        self._unreadable: list[UnreadableItemError] = []
        self._iteration: Callable[[], Generator[E_co, None, None] | None] = lambda: None

    @property
    def state(self) -> str:
        """What `scan().parallel(after=...)` takes to go on from here; opaque and signed, as a cursor."""
        return self._scan.state(self._settings, self._positions)

    @property
    def unreadable(self) -> tuple[UnreadableItemError, ...]:
        """The items that are not readable in what was handed out whole; for who stops before the end."""
        return tuple(self._unreadable)

    def __iter__(self) -> Iterator[E_co]:
        iteration = self._hand_out()
        self._iteration = weakref.ref(iteration)  # a loop that is left alone holds it
        return iteration

    def close(self) -> None:
        """End the iteration and its threads; a later one goes on from the state."""
        iteration = self._iteration()
        if iteration is not None:
            iteration.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _hand_out(self) -> Generator[E_co, None, None]:
        self._require_room()
        with closing(self._fetch(self._open_segments(), self._meter.pages_left)) as chunks:
            for segment, chunk in chunks:
                self.scanned += chunk.scanned
                entries = self._meter.take(chunk.entries)
                items, unreadable, _ = sorted_out(entries)
                yield from items
                if len(entries) == len(chunk.entries):
                    self._settle(segment, chunk, unreadable)
                if self._scan.progress is not None:
                    self._scan.progress(self.scanned)
                self._require_room()
        if self._unreadable:
            raise UnreadableItemsError(self._unreadable)

    def _require_room(self) -> None:
        if self._open:
            self._meter.require_room()

    def _settle(
        self, segment: Segment, chunk: Chunk[E_co], unreadable: Sequence[UnreadableItemError]
    ) -> None:
        """The chunk was handed out whole: the state is behind it."""
        self._unreadable += unreadable
        self._positions[segment.number] = chunk.last_key or _DONE
        self._open -= chunk.last_key is None

    def _open_segments(self) -> Iterator[Segment]:
        for number, start in enumerate(self._positions):
            if start != _DONE:
                yield Segment(number, start)


def parallel_scan(
    source: Source[E], segments: int, after: str | None, progress: Callable[[int], object] | None
) -> ParallelScan[E]:
    """A scan in several segments; arguments and errors as of `Scan.parallel`."""
    require_segments(segments)
    if after is not None:
        peek_cursor(after, segments)
    return ParallelScan(source, segments, after, progress)


def require_segments(segments: object) -> None:
    """Refuse a number of segments that DynamoDB does not take.

    Raises:
        RequestError: names the limits.
    """
    require_count("parallel(segments=)", segments)
    if isinstance(segments, int) and segments > MAX_SEGMENTS:
        raise RequestError(f"parallel(segments=): DynamoDB takes at most {MAX_SEGMENTS:,} segments")
