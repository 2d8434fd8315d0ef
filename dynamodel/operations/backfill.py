"""Backfills: bringing all stored items of an entity up to date, by a parallel scan.

Each item is rewritten by itself, if it needs it (see `rewrite`). So a backfill can be stopped at any moment
and run again, from its last state or from the beginning, and beside other writers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import attrs

from dynamodel.entity.schema import EntitySchema, schema_of
from dynamodel.errors import UnreadableItemError, UnreadableItemsError
from dynamodel.operations.base import Operation, exchange
from dynamodel.operations.caps import Caps
from dynamodel.operations.chunks import Chunk, answer, last_key_of
from dynamodel.operations.parallel import ParallelScan, require_segments
from dynamodel.operations.reads import Scan
from dynamodel.operations.rewrite import Outcome, rewrite
from dynamodel.types import Flow, Item, Request

if TYPE_CHECKING:
    from dynamodel.operations.parallel import ParallelResults

__all__ = ["Backfill", "BackfillReport", "backfill"]

_NO_CAPS = Caps(pages=2**62, items=2**62)
"""A backfill goes through all items, however many: whoever starts one has asked for that."""


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
    def max_requests(self) -> int:
        """As many as the table has pages, and one for each item that is rewritten."""
        return self.scan.max_requests

    def request(self) -> Request:
        """The first request of the first segment."""
        return self.scan.request()

    def item_count(self) -> Flow[int]:
        """About how many items the table has."""
        request = self.scan.request()
        table = request.parameters["TableName"]
        described = yield from exchange(Request("DescribeTable", {"TableName": table}), table)
        return int(described["Table"].get("ItemCount", 0))

    def drain(self, results: ParallelResults[Outcome], total: int) -> BackfillReport:
        """Go through the results, and tell of the progress after each request."""
        outcomes: Counter[Outcome] = Counter()

        def report() -> BackfillReport:
            unreadable, scanned = results.unreadable, results.scanned
            return BackfillReport(dict(outcomes), unreadable, scanned, total, results.state)

        told = results.scanned
        with results, suppress(UnreadableItemsError):  # which is raised at the end, and is in the report
            for outcome in results:
                outcomes[outcome] += 1
                if self.progress is not None and results.scanned != told:
                    told = results.scanned
                    self.progress(report())
        if self.progress is not None:
            self.progress(report())
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
        progress: is called after each request, with the report so far; `dynamodel.progress` has a bar.

    Raises:
        DeclarationError: the class has no table.
        RequestError: a number of segments that DynamoDB does not take.
    """
    require_segments(segments)
    schema = schema_of(entity)
    source = _Rewriting(schema, Scan(schema, schema.primary, is_consistent=True, caps=_NO_CAPS), dry_run)
    return Backfill(ParallelScan(source, segments, after, None), progress)


@attrs.frozen
class _Rewriting:
    """A scan whose items are brought up to date as they come."""

    schema: EntitySchema[Any]
    scan: Scan[Any]
    is_dry_run: bool

    @property
    def entity(self) -> str:
        return f"backfill of {self.schema.name}"

    @property
    def caps(self) -> Caps:
        return self.scan.caps

    @property
    def is_filtered(self) -> bool:
        return self.scan.is_filtered

    def request(self) -> Request:
        return self.scan.request()

    def request_from(self, start: Item | None, **more: Any) -> Request:
        return self.scan.request_from(start, **more)

    def last_key(self, item: Item) -> Item:
        return self.scan.last_key(item)

    def check_start(self, key: Item) -> None:
        self.scan.check_start(key)

    def chunk(self, start: Item | None, **more: Any) -> Flow[Chunk[Outcome]]:
        response = yield from answer(self.request_from(start, **more), self.entity)
        entries: list[tuple[Outcome | UnreadableItemError, Item]] = []
        for item in response["Items"]:
            try:
                outcome = yield from rewrite(self.schema, item, is_dry_run=self.is_dry_run)
            except UnreadableItemError as error:
                entries.append((error, item))
            else:
                entries.append((outcome, item))
        scanned = int(response.get("ScannedCount", response["Count"]))
        return Chunk(entries, last_key_of(response), scanned, None)
