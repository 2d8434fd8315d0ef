"""Who runs what: over environments that are made up."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel.testing.local_lambda.concurrency import Environments, Slots
from dynamodel.testing.local_lambda.invocation import InvocationRefusedError

LONG = 60


class FakeEnvironment:
    """Starts at once; whether it is usable is said from outside."""

    def __init__(self, log=None, error=None):
        self.is_usable = False
        self.is_closed = self.is_killed = False
        self._error = error

    def start(self):
        if self._error is not None:
            raise self._error
        self.is_usable = True

    def kill(self):
        self.is_killed = True
        self.is_usable = False

    def close(self):
        self.is_closed = True
        self.is_usable = False


def counted(environments):
    counts = environments.counts
    return counts.alive, counts.started, counts.cold_starts


@given(st.integers(0, 5), st.lists(st.booleans(), max_size=40))
def test_slots_are_never_more_than_their_limit(limit, steps):
    slots, taken = Slots(limit), 0
    for takes in steps:
        if takes:
            assert slots.take() == (taken < limit)
            taken = min(taken + 1, limit)
        elif taken:
            slots.give_back()
            taken -= 1


def test_the_free_environment_that_ran_last_is_taken_first():
    environments = Environments(FakeEnvironment, 10)
    (first, cold), (second, also_cold) = environments.take(), environments.take()
    assert cold
    assert also_cold
    environments.give_back(first)
    environments.give_back(second)
    assert environments.take() == (second, False)
    assert environments.take() == (first, False)
    assert counted(environments) == (2, 2, 2)


def test_a_provisioned_environment_makes_no_cold_start():
    environments = Environments(FakeEnvironment, 10)
    ready = environments.provision()
    environments.give_back(ready)
    assert environments.take() == (ready, False)
    assert counted(environments) == (1, 1, 0)


def test_what_cannot_be_used_is_closed_and_replaced():
    environments = Environments(FakeEnvironment, 10)
    broken, _ = environments.take()
    broken.is_usable = False
    environments.give_back(broken)
    assert broken.is_closed
    died_later, _ = environments.take()
    environments.give_back(died_later)
    died_later.is_usable = False
    fresh, cold = environments.take()
    assert died_later.is_closed
    assert cold
    assert fresh is not died_later
    assert counted(environments) == (1, 3, 3)


@pytest.mark.parametrize("end", ["free", "broken"])
def test_beyond_the_most_an_invocation_waits(end):
    environments = Environments(FakeEnvironment, 1)
    only, _ = environments.take()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(environments.take)
        assert not waiting.done()
        only.is_usable = end == "free"
        environments.give_back(only)
        environment, cold = waiting.result(LONG)
    assert (environment is only, cold) == (end == "free", end == "broken")


def test_a_process_that_cannot_be_started_is_an_error_of_the_service():
    environments = Environments(lambda: FakeEnvironment(error=OSError(11, "no more processes")), 1)
    for _ in range(2):
        with pytest.raises(InvocationRefusedError, match="no more processes") as refused:
            environments.take()
        assert refused.value.status == 500
    assert environments.counts.alive == 0


def test_after_a_change_of_the_code_new_ones_are_started():
    environments = Environments(FakeEnvironment, 10)
    (busy, _), (free, _) = environments.take(), environments.take()
    environments.give_back(free)
    environments.retire()
    assert free.is_closed
    assert not busy.is_closed, "its invocation ends first"
    new, is_cold = environments.take()
    assert is_cold
    environments.give_back(busy)
    assert busy.is_closed
    environments.give_back(new)
    assert environments.take() == (new, False)
    assert counted(environments) == (1, 3, 3)


def test_at_the_end_all_are_ended():
    environments = Environments(FakeEnvironment, 2)
    (busy, _), (free, _) = environments.take(), environments.take()
    environments.give_back(free)
    environments.stop()
    assert free.is_closed
    assert busy.is_killed
    assert not busy.is_closed, "it is somebody's, who gives it back"
    environments.give_back(busy)
    assert busy.is_closed
    assert environments.counts.alive == 0
    for call in (environments.take, environments.provision):
        with pytest.raises(InvocationRefusedError, match="stopped"):
            call()


def test_whoever_waits_is_told_of_the_end():
    environments = Environments(FakeEnvironment, 1)
    environments.take()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(environments.take)
        environments.stop()
        with pytest.raises(InvocationRefusedError, match="stopped"):
            waiting.result(LONG)


def test_many_threads_never_share_one():
    environments = Environments(FakeEnvironment, 5)
    in_use, lock, shared = set(), threading.Lock(), []

    def use(_):
        environment, _ = environments.take()
        with lock:
            shared.append(environment in in_use)
            in_use.add(environment)
        with lock:
            in_use.discard(environment)
        environments.give_back(environment)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(use, range(500)))
    assert not any(shared)
    assert environments.counts.started <= 5
