"""Attempts: how many, how long the pauses are, and when there is no time for another."""

from __future__ import annotations

import pytest

from dynamodel import DeadlineError, ServiceError, ThrottledError, UnreachableError
from dynamodel.transport import lean_retries
from dynamodel.transport.lean_retries import SHORTEST_ATTEMPT, Attempts

RESET = UnreachableError("ConnectionClosedError", "", "GetItem")
NOT_SENT = UnreachableError("EndpointConnectionError", "", "GetItem")
THROTTLED = ThrottledError("ThrottlingException", "", "GetItem")
REFUSED = ServiceError("ValidationException", "", "GetItem")


class Clock:
    """Time that goes on only while somebody waits."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(lean_retries, "time", clock)
    monkeypatch.setattr(lean_retries.random, "uniform", lambda low, high: high)
    return clock


def fails(attempts: Attempts, error: ServiceError, status: int | None = None) -> None:
    attempts.begin()
    attempts.failed(error, status)


@pytest.mark.parametrize(
    ("error", "status", "pauses"),
    [
        (RESET, None, [0.025, 0.05, 0.1]),
        (ServiceError("500", ""), 500, [0.025, 0.05, 0.1]),
        (THROTTLED, 400, [1, 2, 4]),
        (ServiceError("429", ""), 429, [1, 2, 4]),
    ],
)
def test_pauses_double(clock, error, status, pauses):
    attempts = Attempts("GetItem", 4, None)
    for _ in range(3):
        fails(attempts, error, status)
    with pytest.raises(ServiceError) as last:
        fails(attempts, error, status)
    assert last.value is error
    assert clock.pauses == pauses


def test_pauses_have_a_longest(clock):
    attempts = Attempts("GetItem", 9, None)
    for _ in range(8):
        fails(attempts, THROTTLED, 400)
    assert max(clock.pauses) == 20


def test_pauses_are_drawn_from_nothing_to_the_longest(monkeypatch):
    drawn: list[tuple[float, float]] = []
    monkeypatch.setattr(lean_retries, "time", Clock())
    monkeypatch.setattr(lean_retries.random, "uniform", lambda *limits: drawn.append(limits) or 0.0)
    fails(Attempts("GetItem", 2, None), RESET)
    assert drawn == [(0, 0.025)]


def test_a_refusal_ends_it(clock):
    with pytest.raises(ServiceError) as caught:
        fails(Attempts("GetItem", 3, None), REFUSED, 400)
    assert caught.value is REFUSED
    assert clock.pauses == []


def test_without_a_deadline_an_attempt_ends_too(clock):
    assert Attempts("GetItem", 3, None).begin() == clock.now + 60
    assert Attempts("GetItem", 3, clock.now + 600).begin() == clock.now + 60
    assert Attempts("GetItem", 3, clock.now + 5).begin() == clock.now + 5


@pytest.mark.parametrize(("error", "was_sent"), [(RESET, True), (NOT_SENT, False)])
def test_without_time_for_another_attempt_the_deadline_is_told(clock, error, was_sent):
    attempts = Attempts("PutItem", 3, clock.now + 5)
    attempts.begin()
    clock.now += 5 - SHORTEST_ATTEMPT
    with pytest.raises(DeadlineError) as late:
        attempts.failed(error)
    assert late.value.was_sent is was_sent
    assert late.value.operation == "PutItem"
    assert clock.pauses == []


def test_what_was_sent_once_stays_sent(clock):
    attempts = Attempts("PutItem", 3, clock.now + 5)
    fails(attempts, RESET)
    attempts.begin()
    clock.now += 5
    with pytest.raises(DeadlineError) as late:
        attempts.failed(NOT_SENT)
    assert late.value.was_sent


def test_a_pause_does_not_go_beyond_the_deadline(clock):
    attempts = Attempts("GetItem", 3, clock.now + 1)
    attempts.begin()
    with pytest.raises(ThrottledError):
        attempts.failed(THROTTLED, 400)
    assert clock.pauses == []


def test_the_last_attempt_tells_what_became_of_it(clock):
    attempts = Attempts("GetItem", 1, clock.now + 5)
    attempts.begin()
    with pytest.raises(UnreachableError) as caught:
        attempts.failed(RESET)
    assert not isinstance(caught.value, DeadlineError)


def test_no_time_at_all(clock):
    with pytest.raises(DeadlineError) as late:
        Attempts("GetItem", 3, clock.now + SHORTEST_ATTEMPT / 2).begin()
    assert not late.value.was_sent
