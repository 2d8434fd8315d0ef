"""What all pollers have in common."""

from __future__ import annotations

import pytest

from dynamodel.infra.functions import QueueSource
from dynamodel.testing.local_lambda.sources import SourceError, poller_of
from dynamodel.testing.local_lambda.sources.poller import backoff_seconds

from .fakes import mapping_of, settle


def test_an_invoke_that_breaks_is_told_and_loses_no_message(aws, queues):
    arn = queues.create("work")

    def broken(function, payload):
        raise ZeroDivisionError

    poller = poller_of(mapping_of(QueueSource(arn), arn), broken, aws)
    poller.start()
    queues.send(arn, "a")
    with pytest.raises(SourceError, match="ZeroDivisionError"):
        settle(poller)
    poller.stop()
    poller.stop()  # twice is once
    assert queues.bodies(arn) == ["a"]


@pytest.mark.parametrize(
    ("attempt", "seconds"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (100_000, 60)]
)
def test_backoff_doubles_up_to_a_minute(attempt, seconds):
    assert backoff_seconds(attempt, 1.0) == seconds
    assert backoff_seconds(attempt, 0.001) == pytest.approx(seconds / 1000)
