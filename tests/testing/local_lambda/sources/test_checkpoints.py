"""What follows an invocation: nothing is lost, nothing changes places, poison ends alone."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel.testing.local_lambda.sources.checkpoints import (
    Batch,
    RetryRules,
    failed_items,
    first_failed,
    next_step,
    without_expired,
)

IDS = ["100", "101", "102"]


def named(*ids: object) -> dict[str, object]:
    return {"batchItemFailures": [{"itemIdentifier": each} for each in ids]}


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        # nothing failed
        (None, set()),
        ([], set()),
        ({}, set()),
        ({"batchItemFailures": []}, set()),
        ({"batchItemFailures": None}, set()),
        ({"statusCode": 200}, set()),
        # some did
        (named("101"), {"101"}),
        (named("102", "100"), {"100", "102"}),
        (named("101", "101"), {"101"}),
        # the answer says nothing that Lambda understands
        (named(""), set(IDS)),
        (named(None), set(IDS)),
        (named(101), set(IDS)),
        (named("999"), set(IDS)),
        (named("101", "999"), set(IDS)),
        ({"batchItemFailures": [{"foo": "101"}]}, set(IDS)),
        ({"batchItemFailures": ["101"]}, set(IDS)),
        ({"batchItemFailures": {"itemIdentifier": "101"}}, set(IDS)),
        ({"batchItemFailures": "101"}, set(IDS)),
        (["101"], set(IDS)),
        ("done", set(IDS)),
        (7, set(IDS)),
    ],
    # sorted, so that each process of a test run has the same names
    ids=lambda value: str(sorted(value)) if isinstance(value, set) else repr(value),
)
def test_failed_items(answer, failed):
    assert failed_items(json.dumps(answer).encode(), IDS) == failed


def test_an_answer_that_is_no_json_fails_everything():
    assert failed_items(b"", IDS) == set(IDS)
    assert failed_items(b"<html>", IDS) == set(IDS)


@pytest.mark.parametrize(
    ("failed", "place"), [(set(), 3), ({"100"}, 0), ({"102", "101"}, 1), ({"102"}, 2), (set(IDS), 0)]
)
def test_the_lowest_failed_one_is_the_checkpoint(failed, place):
    assert first_failed(frozenset(failed), IDS) == place


def test_success_is_done():
    step = next_step(Batch((1, 2)), 2, RetryRules())
    assert (step.done, step.again, step.dropped) == ((1, 2), (), None)


def test_a_failed_batch_is_retried_until_its_retries_are_used_up():
    rules = RetryRules(max_retries=2)
    batch = Batch((1, 2))
    for retries in (1, 2):
        step = next_step(batch, 0, rules)
        assert step.dropped is None
        [batch] = step.again
        assert (batch.records, batch.retries) == ((1, 2), retries)
    step = next_step(batch, 0, rules)
    assert step.again == ()
    assert step.dropped == Batch((1, 2), 2, invocations=3)


def test_no_retries_means_one_attempt():
    assert next_step(Batch((1,)), 0, RetryRules(max_retries=0)).dropped == Batch((1,), 0, invocations=1)


def test_without_a_limit_it_is_retried_for_ever():
    [again] = next_step(Batch((1,), retries=10_000), 0, RetryRules()).again
    assert again.retries == 10_001


def test_a_partial_response_retries_from_the_checkpoint_on():
    step = next_step(Batch((1, 2, 3, 4)), 2, RetryRules(max_retries=1))
    assert step.done == (1, 2)
    assert [(each.records, each.retries) for each in step.again] == [((3, 4), 1)]


def test_a_partial_response_with_used_up_retries_drops_only_the_rest():
    step = next_step(Batch((1, 2, 3), retries=1), 1, RetryRules(max_retries=1))
    assert step.done == (1,)
    assert step.dropped is not None
    assert step.dropped.records == (2, 3)


def test_bisecting_halves_in_order_and_uses_up_no_retry():
    step = next_step(Batch((1, 2, 3, 4, 5)), 0, RetryRules(bisect_on_error=True, max_retries=0))
    assert [(each.records, each.retries) for each in step.again] == [((1, 2), 0), ((3, 4, 5), 0)]
    assert step.dropped is None


def test_bisecting_a_partial_response_splits_at_the_checkpoint():
    step = next_step(Batch((1, 2, 3, 4)), 1, RetryRules(bisect_on_error=True, max_retries=0))
    assert step.done == (1,)
    assert [(each.records, each.retries) for each in step.again] == [((2, 3, 4), 0)]


def test_one_record_is_not_bisected():
    step = next_step(Batch((1,)), 0, RetryRules(bisect_on_error=True, max_retries=1))
    assert [(each.records, each.retries) for each in step.again] == [((1,), 1)]


batches = st.integers(1, 30).flatmap(
    lambda count: st.tuples(
        st.just(Batch(tuple(range(count))))
        | st.builds(Batch, st.just(tuple(range(count))), st.integers(0, 3)),
        st.integers(0, count),
    )
)
rules = st.builds(RetryRules, st.booleans(), st.none() | st.integers(0, 3))


@given(batches, rules)
def test_a_step_keeps_every_record_in_its_place(given_batch, rule):
    batch, failed_at = given_batch
    step = next_step(batch, failed_at, rule)
    rest = tuple(record for each in step.again for record in each.records)
    dropped = step.dropped.records if step.dropped else ()
    assert step.done + rest + dropped == batch.records
    assert not (rest and dropped)
    assert all(each.records for each in step.again)
    assert all(each.invocations == batch.invocations + 1 for each in step.again)


@given(st.integers(1, 40), st.sets(st.integers(0, 39)), rules, st.booleans())
def test_running_a_batch_to_its_end(count, poison, rule, is_partial):
    """A function that fails for good at some records: all others come through, in order."""
    if rule.max_retries is None:
        return
    pending, done, dropped, calls = [Batch(tuple(range(count)))], [], [], 0
    while pending:
        calls += 1
        assert calls <= 8 * count + 20, "it never ends"
        batch = pending.pop(0)
        bad = [place for place, each in enumerate(batch.records) if each in poison]
        failed_at = len(batch.records) if not bad else bad[0] if is_partial else 0
        step = next_step(batch, failed_at, rule)
        done += step.done
        dropped += step.dropped.records if step.dropped else ()
        pending[:0] = step.again
    assert sorted(done + dropped) == list(range(count))
    assert done == sorted(done)
    assert poison.isdisjoint(done)
    assert poison & set(range(count)) <= set(dropped)
    if rule.bisect_on_error:
        assert set(dropped) == poison & set(range(count))


@given(st.lists(st.integers(0, 9), max_size=20), st.integers(0, 10))
def test_what_is_too_old_stands_in_front(ages, limit):
    oldest_first = tuple(sorted(ages, reverse=True))
    old, rest = without_expired(Batch(oldest_first, 2, 3), lambda age: age > limit)
    assert old.records == tuple(age for age in oldest_first if age > limit)
    assert old.records + rest.records == oldest_first
    assert (old.retries, rest.retries, old.invocations, rest.invocations) == (2, 2, 3, 3)
