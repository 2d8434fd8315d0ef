"""Running what takes threads: parallel scans, and backfills. One thread for each segment, 32 at most.

Guarantees: the chunks of a segment come one after the other, and the next one is asked for only when the
one before was handed out, so that no more than 32 wait in memory; an error of any segment reaches the
caller; when the generator is closed, no thread is left, and no request goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from itertools import chain, islice
from typing import Protocol, TypeVar, cast

from dynamodel.errors import RequestError
from dynamodel.operations.backfill import Backfill
from dynamodel.operations.base import Operation, Settings
from dynamodel.operations.chunks import Chunk
from dynamodel.operations.parallel import ParallelResults, ParallelScan, Segment
from dynamodel.transport.protocol import MAX_AT_ONCE
from dynamodel.types import Flow

__all__ = ["MAX_THREADS", "fetch_segments", "run_in_threads"]

E = TypeVar("E")
R = TypeVar("R")

MAX_THREADS = MAX_AT_ONCE
"""How many segments are read at a time."""


class Drive(Protocol):
    """How a client sends what a flow asks for."""

    def __call__(self, flow: Flow[R], /) -> R:
        """The flow's result."""
        ...


def run_in_threads(operation: Operation[R], drive: Drive, settings: Settings) -> R:
    """The result of a parallel scan or of a backfill.

    Args:
        operation: one of these.
        drive: how the client drives a flow; several threads call it at once.
        settings: the client's.

    Raises:
        RequestError: it is another operation, which no client knows how to run.
    """

    def results(scan: ParallelScan[E]) -> ParallelResults[E]:
        def fetch(segment: Segment) -> Chunk[E]:
            return drive(scan.chunk(segment))

        return ParallelResults(scan, settings, partial(fetch_segments, fetch))

    if isinstance(operation, ParallelScan):
        return cast("R", results(operation))  # a ParallelScan[E] is an Operation[ParallelResults[E]]
    if isinstance(operation, Backfill):
        total = drive(operation.item_count())
        return cast("R", operation.drain(results, total))
    raise RequestError(f"no client knows how to run {type(operation).__name__}")


def fetch_segments(
    fetch: Callable[[Segment], Chunk[E]],
    segments: Iterable[Segment],
    at_most: int,
) -> Generator[tuple[Segment, Chunk[E]], None, None]:
    """The chunks of all segments, as they come.

    Args:
        fetch: reads the next chunk of a segment.
        segments: those to be read. They are begun in this order, and read to their end before others are
            begun where there are more than threads.
        at_most: how many chunks are read at most.
    """
    waiting = iter(segments)
    begun: list[Segment] = []
    running: dict[Future[Chunk[E]], Segment] = {}
    with ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="dynamodel-scan") as threads:
        while True:
            free = min(MAX_THREADS - len(running), at_most)
            for segment in islice(chain(begun, waiting), free):
                running[threads.submit(fetch, segment)] = segment
                at_most -= 1
            if not running:
                return
            done = next(iter(wait(running, return_when=FIRST_COMPLETED).done))
            segment, chunk = running.pop(done), done.result()
            yield segment, chunk
            begun = [] if chunk.last_key is None else [Segment(segment.number, chunk.last_key)]
