"""What becomes of a batch of a stream after an invocation: pure logic, without input and output.

Guarantee: no record is lost and none changes its place: those that are done, those that are tried again and
those that are dropped are together the batch, in its order.

Sources: AWS Lambda developer guide, "Configuring partial batch response with DynamoDB and Lambda" and "Retain
discarded records for a DynamoDB event source in Lambda"; answers of functions that are no proper partial
response as LocalStack's tests saw them on AWS (test_lambda_integration_dynamodbstreams.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from attrs import frozen

__all__ = ["Batch", "RetryRules", "Step", "failed_items", "first_failed", "next_step", "without_expired"]

R = TypeVar("R")


@frozen
class Batch(Generic[R]):
    """Records that are given to the function together."""

    records: tuple[R, ...]
    retries: int = 0
    """How many of the permitted retries are used up."""
    invocations: int = 0
    """How often the function got these records."""


@frozen
class RetryRules:
    """What an event source mapping says of failures."""

    bisect_on_error: bool = False
    max_retries: int | None = None
    """None: no limit."""


@frozen
class Step(Generic[R]):
    """What follows an invocation."""

    done: tuple[R, ...] = ()
    again: tuple[Batch[R], ...] = ()
    """In this order, before any later record."""
    dropped: Batch[R] | None = None
    """Its retries are exhausted."""


def failed_items(answer: bytes, ids: Sequence[str]) -> frozenset[str]:
    """The items of a batch that failed, as the function says by its answer.

    Nothing failed: null, an empty list, an object without `batchItemFailures`, or with null or an empty list
    there. Everything failed: an answer that is no JSON, or of any other shape, an identifier that is null,
    empty, missing, or of no item of the batch.

    Args:
        answer: what the function returned, as JSON.
        ids: those of the batch: sequence numbers, or message ids.
    """
    everything = frozenset(ids)
    try:
        found: object = json.loads(answer)
    except ValueError:
        return everything
    if found is None or found == []:
        return frozenset()
    if not isinstance(found, dict):
        return everything
    told = found.get("batchItemFailures")
    if told is None:
        return frozenset()
    if not isinstance(told, list) or not all(isinstance(each, dict) for each in told):
        return everything
    named = [each.get("itemIdentifier") for each in told]
    is_proper = all(isinstance(name, str) and name in everything for name in named)
    return frozenset(named) if is_proper else everything


def first_failed(failed: frozenset[str], ids: Sequence[str]) -> int:
    """The position of the first item that failed; the number of items, if none did."""
    return next((place for place, each in enumerate(ids) if each in failed), len(ids))


def next_step(batch: Batch[R], failed_at: int, rules: RetryRules) -> Step[R]:
    """What follows an invocation that got a batch.

    The records before the first failed one are done; that one and all after it are tried again, as the order
    demands. With bisection a partial response splits the batch there; otherwise it is halved, as long as
    it has two records. Splitting uses up no retry.

    Args:
        batch: what the function got.
        failed_at: the position of the first failed record; 0: the whole batch failed, or the function did;
            the number of records: all is well.
        rules: those of the mapping.
    """
    done, rest = batch.records[:failed_at], batch.records[failed_at:]
    retries, invocations = batch.retries, batch.invocations + 1
    if not rest:
        return Step(done)
    if rules.bisect_on_error and done:
        return Step(done, (Batch(rest, retries, invocations),))
    if rules.bisect_on_error and len(rest) > 1:
        half = len(rest) // 2
        halves = (Batch(part, retries, invocations) for part in (rest[:half], rest[half:]))
        return Step(again=tuple(halves))
    if rules.max_retries is not None and retries >= rules.max_retries:
        return Step(done, dropped=Batch(rest, retries, invocations))
    return Step(done, (Batch(rest, retries + 1, invocations),))


def without_expired(batch: Batch[R], is_expired: Callable[[R], bool]) -> tuple[Batch[R], Batch[R]]:
    """The part of a batch that is too old, and the rest; each may have no records.

    The first record is the oldest, so that what is too old stands in front.
    """
    records = batch.records
    count = next((place for place, each in enumerate(records) if not is_expired(each)), len(records))
    old, rest = records[:count], records[count:]
    return Batch(old, batch.retries, batch.invocations), Batch(rest, batch.retries, batch.invocations)
