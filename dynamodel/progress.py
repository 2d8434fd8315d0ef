"""A progress bar for work that goes through a whole table. Needs the extra `cli`."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from dynamodel.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynamodel.operations.backfill import BackfillReport

__all__ = ["backfill_bar"]


@contextmanager
def backfill_bar(title: str = "Backfill") -> Iterator[Callable[[BackfillReport], None]]:
    """A bar for `backfill(..., progress=bar)`.

    ```
    with backfill_bar("Threads") as bar:
        report = db.run(backfill(Thread, progress=bar))
    ```

    Args:
        title: what stands before the bar.

    Raises:
        MissingExtraError: rich is not installed.
    """
    try:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingExtraError("a progress bar", "cli") from None

    counts = TextColumn("{task.fields[counts]}")
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), counts, TimeRemainingColumn()
    ) as progress:
        task = progress.add_task(title, total=None, counts="")

        def show(report: BackfillReport) -> None:
            # The count of DescribeTable is up to six hours old: the bar never runs over its end.
            total = max(report.total, report.scanned)
            progress.update(task, completed=report.scanned, total=total, counts=str(report))

        yield show
