"""The bar of a backfill: what it shows, and what is said where rich is missing."""

from __future__ import annotations

import sys

import pytest

from dynamodel import MissingExtraError
from dynamodel.operations.backfill import BackfillReport
from dynamodel.operations.rewrite import Outcome
from dynamodel.progress import backfill_bar


def report(scanned: int, total: int, **counts: int) -> BackfillReport:
    outcomes = {Outcome[name.upper()]: count for name, count in counts.items()}
    return BackfillReport(outcomes, (), scanned, total, "state")


@pytest.mark.parametrize(
    ("last", "shown"),
    [
        pytest.param(report(0, 0), ["0/0", "no items"], id="nothing"),
        pytest.param(report(5, 20, rewritten=3, current=2), ["5/20", "3 rewritten, 2 current"], id="half"),
        pytest.param(report(20, 20, rewritten=1), ["20/20", "1 rewritten"], id="all"),
        pytest.param(report(25, 20, rewritten=1), ["25/25"], id="more than DynamoDB counted"),
        pytest.param(report(3, 0, current=3), ["3/3"], id="a new table"),
    ],
)
def test_the_bar(capsys, monkeypatch, last, shown):
    monkeypatch.setenv("COLUMNS", "200")
    with backfill_bar("Tickets") as show:
        show(report(0, 20))
        show(last)
    printed = capsys.readouterr().out
    assert "Tickets" in printed
    for text in shown:
        assert text in printed


def test_the_bar_ends_with_an_error(capsys):
    with pytest.raises(ZeroDivisionError), backfill_bar() as show:
        show(report(1, 2 // 0))
    assert "Backfill" in capsys.readouterr().out


def test_without_rich(monkeypatch):
    monkeypatch.setitem(sys.modules, "rich.progress", None)
    with pytest.raises(MissingExtraError, match=r"dynamodel-orm\[cli\]") as caught, backfill_bar():
        pass
    assert caught.value.extra == "cli"
