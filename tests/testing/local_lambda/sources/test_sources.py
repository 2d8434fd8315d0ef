"""Starting all sources of a service together."""

from __future__ import annotations

import threading

import pytest

from dynamodel.infra.functions import QueueSource
from dynamodel.testing.local_lambda.sources import SourceError, start_sources
from dynamodel.testing.local_lambda.sources.poller import backoff_seconds

from .fakes import FakeFunction, mapping_of, settle

NOWHERE = "arn:aws:sqs:us-east-1:123456789012:nowhere"


def test_enabled_sources_are_read_and_others_are_not(aws, queues):
    on, off = queues.create("on"), queues.create("off")
    function = FakeFunction(lambda event: None)
    mappings = [mapping_of(QueueSource(on), on), mapping_of(QueueSource(off, enabled=False), off)]
    pollers = start_sources(mappings, function, aws)
    assert [poller.activity for poller in pollers] == [0]
    queues.send(on, "a")
    queues.send(off, "b")
    for poller in pollers:
        settle(poller)
    assert [poller.activity for poller in pollers] == [1]
    for poller in pollers:
        poller.stop()
        poller.stop()  # twice is once
    assert [batch[0]["body"] for batch in function.batches] == ["a"]
    assert queues.bodies(off) == ["b"]


def test_all_or_none_is_started(aws, queues):
    there = queues.create("there")
    mappings = [mapping_of(QueueSource(arn), arn) for arn in (there, NOWHERE)]
    before = threading.active_count()
    with pytest.raises(SourceError, match="nowhere"):
        start_sources(mappings, FakeFunction(lambda event: None), aws)
    assert threading.active_count() == before


def test_an_invoke_that_breaks_is_told_and_loses_no_message(aws, queues):
    arn = queues.create("work")

    def broken(function, payload):
        raise ZeroDivisionError

    [poller] = start_sources([mapping_of(QueueSource(arn), arn)], broken, aws)
    queues.send(arn, "a")
    with pytest.raises(SourceError, match="ZeroDivisionError"):
        settle(poller)
    poller.stop()
    assert queues.bodies(arn) == ["a"]


@pytest.mark.parametrize(
    ("attempt", "seconds"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (100_000, 60)]
)
def test_backoff_doubles_up_to_a_minute(attempt, seconds):
    assert backoff_seconds(attempt, 1.0) == seconds
    assert backoff_seconds(attempt, 0.001) == pytest.approx(seconds / 1000)
