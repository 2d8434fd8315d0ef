"""Backfills: bringing all stored items of an entity up to date, by a parallel scan.

Each item is rewritten by itself, if it needs it (see `rewrite`). So a backfill can be stopped at any moment
and run again, from its last state or from the beginning, and beside other writers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from dynamodel.attribute_value.binary import plain_item
from dynamodel.entity.schema import schema_of
from dynamodel.errors import UnreadableItemError, UnreadableItemsError
from dynamodel.operations.base import Operation, exchange
from dynamodel.operations.caps import Caps
from dynamodel.operations.chunks import Chunk, answer, last_key_of
from dynamodel.operations.parallel import ParallelScan, require_segments
from dynamodel.operations.reads import Scan
from dynamodel.operations.retries import persistently
from dynamodel.operations.rewrite import Outcome, rewrite
from dynamodel.types import Flow, Item, Request

if TYPE_CHECKING:
    from dynamodel.operations.parallel import ParallelResults

__all__ = ["Backfill", "BackfillReport", "backfill"]

_NO_CAPS = Caps(pages=2**62, items=2**62)
"""A backfill goes through all items, however many: whoever starts one has asked for that."""


Start: TypeAlias = "Callable[[ParallelScan[Outcome]], ParallelResults[Outcome]]"


@attrs.frozen
class BackfillReport:
    """How far a backfill has come."""

    outcomes: Mapping[Outcome, int]
    """How many items became what."""
    unreadable: tuple[UnreadableItemError, ...]
    """The items that could not be brought up to date, and why."""
    scanned: int
    """How many items of the table were read, of other entities, too."""
    total: int
    """About how many items the table has: DynamoDB counts them every six hours."""
    state: str = attrs.field(repr=False)
    """From where `backfill(after=...)` goes on."""

    @property
    def rewritten(self) -> int:
        """How many items were, or in a dry run would be, rewritten."""
        return self.outcomes.get(Outcome.REWRITTEN, 0)

    @property
    def is_complete(self) -> bool:
        """No item is left that needs it: none was contended, and none unreadable."""
        return not self.outcomes.get(Outcome.CONTENDED) and not self.unreadable

    def __str__(self) -> str:
        counts = {outcome.value: count for outcome, count in self.outcomes.items()}
        counts["unreadable"] = len(self.unreadable)
        return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "no items"


@attrs.frozen
class Backfill(Operation[BackfillReport]):
    """Brings all items of an entity up to date; made by `backfill`."""

    scan: ParallelScan[Outcome]
    progress: Callable[[BackfillReport], object] | None = attrs.field(repr=False)

    @property
    def max_requests(self) -> None:
        """As many as the table has pages, and one for each item that is rewritten."""
        return None

    def request(self) -> Request:
        """The first request of the first segment."""
        return self.scan.request()

    def item_count(self) -> Flow[int]:
        """About how many items the table has."""
        request = self.scan.request()
        table = request.parameters["TableName"]
        describe = Request("DescribeTable", {"TableName": table})
        described = yield from persistently(lambda: exchange(describe, table))
        return int(described["Table"].get("ItemCount", 0))

    def drain(self, start: Start, total: int) -> BackfillReport:
        """Go through all results, and tell of the progress after each request.

        Args:
            start: how a client runs the scan.
            total: about how many items the table has.
        """
        outcomes: Counter[Outcome] = Counter()

        def report() -> BackfillReport:
            unreadable, scanned = results.unreadable, results.scanned
            return BackfillReport(dict(outcomes), unreadable, scanned, total, results.state)

        def tell(_: int) -> None:
            if self.progress is not None:
                self.progress(report())

        results = start(attrs.evolve(self.scan, progress=tell))
        with results, suppress(UnreadableItemsError):  # which is raised at the end, and is in the report
            for outcome in results:
                outcomes[outcome] += 1
        return report()


def backfill(
    entity: type[Any],
    *,
    segments: int = 4,
    dry_run: bool = False,
    after: str | None = None,
    progress: Callable[[BackfillReport], object] | None = None,
) -> Backfill:
    """Brings all stored items of an entity up to date: to its current version, with all its index keys.

    `db.run(backfill(Thread))` reads the whole table, and writes the items that are not as they should be,
    each on the condition that it is as it was read. Run it after you have added an index, a computed
    attribute or an `upgrade_from` function. It is safe to stop it and to run it again.

    Args:
        entity: an entity class.
        segments: how many parts of the table are worked on at once; at most 32 at a time.
        dry_run: write nothing; the report tells what would be rewritten.
        after: the state of an earlier run, with as many segments, that was stopped.
        progress: is called after each request of the scan, once its items are up to date, with the report
            so far; `dynamodel.progress` has a bar.

    Raises:
        DeclarationError: the class has no table.
        RequestError: a number of segments that DynamoDB does not take.
    """
    require_segments(segments)
    schema = schema_of(entity)
    source = _Rewriting(schema, schema.primary, is_consistent=True, caps=_NO_CAPS, is_dry_run=dry_run)
    return Backfill(ParallelScan(source, segments, after, None), progress)


@attrs.frozen
class _Rewriting(Scan[Any]):
    """A scan whose items are brought up to date as they come: it gives their outcomes."""

    is_dry_run: bool = attrs.field(kw_only=True)

    @property
    def entity(self) -> str:
        """What it is, for messages, and for the states, which no other scan has."""
        return f"{'dry run of a ' if self.is_dry_run else ''}backfill of {self.schema.name}"

    def chunk(self, start: Item | None, **more: Any) -> Flow[Chunk[Any]]:
        """One request's items, each brought up to date. A failure that may pass does not end it."""
        request = self.request_from(start, **more)
        response = yield from persistently(lambda: answer(request, self.entity))
        entries: list[tuple[Outcome | UnreadableItemError, Item]] = []
        for item in map(plain_item, response["Items"]):
            try:
                outcome = yield from rewrite(self.schema, item, is_dry_run=self.is_dry_run)
            except UnreadableItemError as error:
                entries.append((error, item))
            else:
                entries.append((outcome, item))
        scanned = int(response.get("ScannedCount", response["Count"]))
        return Chunk(entries, last_key_of(response), scanned, None)
