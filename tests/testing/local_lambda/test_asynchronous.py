"""The asynchronous queue, over a function that is made up."""

import json
import threading
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel.testing.local_lambda.asynchronous import AsynchronousQueue, RetryRules
from dynamodel.testing.local_lambda.deployed import LATEST
from dynamodel.testing.local_lambda.invocation import (
    Invocation,
    InvocationRefusedError,
    TooManyRequestsError,
)
from dynamodel.testing.local_lambda.records import dead_letter, invocation_record

LONG = 60
AWS = RetryRules(2, timedelta(hours=6))


def answer(request_id, error=None, payload=b"null"):
    return Invocation(
        request_id=request_id,
        payload=payload,
        error=error,
        is_cold=False,
        init_seconds=None,
        seconds=0.0,
        log="",
    )


class Function:
    """Does what a script says for each attempt of an event, and then succeeds."""

    def __init__(self, script):
        self.script = script
        self.attempts = Counter()
        self.ids = {}
        self.lock = threading.Lock()

    def __call__(self, payload, qualifier, request_id):
        with self.lock:
            number = self.attempts[payload]
            self.attempts[payload] += 1
            self.ids.setdefault(payload, set()).add(request_id)
        steps = self.script(payload)
        step = steps[number] if number < len(steps) else "done"
        if step == "throttled":
            raise TooManyRequestsError("f")
        if step == "unwell":
            raise InvocationRefusedError("ServiceException", 500, "unwell")
        if step == "bug":
            raise KeyError("a fault of ours")
        return answer(request_id, None if step == "done" else "Unhandled")


def run(function, payloads, rules=AWS, workers=10):
    """Has events run until all are finished."""
    finished = []
    all_done = threading.Event()

    def finish(each):
        finished.append(each)
        if len(finished) == len(payloads):
            all_done.set()

    queue = AsynchronousQueue(function, lambda _: rules, finish, workers, time_scale=0.0)
    ids = [queue.put(payload, None) for payload in payloads]
    assert all_done.wait(LONG)
    queue.stop()
    assert queue.join() == 0
    return finished, ids


STORIES = {
    # what attempts do: condition, attempts that ran, attempts in all
    "succeeds": ([], "Success", 1, 1),
    "fails once": (["fail"], "Success", 2, 2),
    "fails twice": (["fail"] * 2, "Success", 3, 3),
    "fails three times": (["fail"] * 3, "RetriesExhausted", 3, 3),
    "is throttled first": (["throttled"] * 5, "Success", 1, 6),
    "meets an unwell system": (["unwell"] * 3 + ["fail"], "Success", 2, 5),
    "meets a fault of ours": (["bug"], "Success", 1, 2),
    # 1 + 2 + ... + 256 seconds after nine refusals, then 300 each: 71 more waits are too long for six hours
    "is throttled for ever": (["throttled"] * 1000, "EventAgeExceeded", 0, 80),
}


@pytest.mark.parametrize("story", STORIES)
def test_an_event_is_tried_as_lambda_tries(story):
    steps, condition, ran, in_all = STORIES[story]
    function = Function(lambda _: steps)
    [finished], [request_id] = run(function, [b"1"])
    assert (finished.condition, finished.attempts) == (condition, ran)
    assert function.attempts[b"1"] == in_all
    assert function.ids[b"1"] == {request_id} == {finished.request_id}


@pytest.mark.parametrize(
    ("steps", "rules", "condition", "ran", "in_all"),
    [
        (["fail"], RetryRules(0, AWS.max_age), "RetriesExhausted", 1, 1),
        (["fail"] * 2, RetryRules(1, AWS.max_age), "RetriesExhausted", 2, 2),
        # Throttled at 0, 1, 3, 7, 15 and 31 seconds; the next attempt would be after 63.
        (["throttled"] * 99, RetryRules(2, timedelta(seconds=60)), "EventAgeExceeded", 0, 6),
        # A second attempt comes after one minute, a third one after three.
        (["fail"] * 3, RetryRules(2, timedelta(seconds=100)), "EventAgeExceeded", 2, 2),
    ],
)
def test_rules_limit_attempts_and_age(steps, rules, condition, ran, in_all):
    function = Function(lambda _: steps)
    [finished], _ = run(function, [b"1"], rules)
    assert (finished.condition, finished.attempts) == (condition, ran)
    assert function.attempts[b"1"] == in_all


SCRIPTS = st.lists(st.sampled_from(["fail", "throttled", "unwell", "done"]), max_size=6)


@given(scripts=st.lists(SCRIPTS, min_size=1, max_size=20), workers=st.integers(1, 20))
def test_each_event_is_finished_once(scripts, workers):
    payloads = [str(number).encode() for number in range(len(scripts))]
    finished, ids = run(Function(lambda payload: scripts[int(payload)]), payloads, workers=workers)
    assert Counter(each.request_id for each in finished) == Counter(ids)
    for each in finished:
        steps = [step for step in scripts[int(each.payload)] if step in ("fail", "done")]
        failures = [*steps, "done"].index("done")
        assert each.condition == ("Success" if failures < 3 else "RetriesExhausted")


def test_no_more_events_are_at_work_than_may_run():
    at_once, most = set(), []
    lock, two = threading.Lock(), threading.Barrier(2)

    def attempt(payload, qualifier, request_id):
        with lock:
            at_once.add(payload)
            most.append(len(at_once))
        two.wait(LONG)
        with lock:
            at_once.discard(payload)
        return answer(request_id)

    run(attempt, [str(number).encode() for number in range(200)], workers=2)
    assert max(most) == 2


def test_where_nothing_may_run_an_event_is_finished_at_once():
    function, finished = Function(lambda _: ["throttled"] * 1000), threading.Event()
    told = []
    queue = AsynchronousQueue(
        function, lambda _: AWS, lambda each: (told.append(each), finished.set()), 0, 1.0
    )
    queue.put(b"a", None)
    assert finished.wait(LONG)
    queue.stop()
    assert queue.join() == 0
    assert [(each.condition, each.attempts) for each in told] == [("ZeroReservedConcurrency", 0)]


def test_at_the_end_nothing_is_lost():
    started, release = threading.Event(), threading.Event()
    finished = []

    def attempt(payload, qualifier, request_id):
        started.set()
        release.wait(LONG)
        return answer(request_id, "Unhandled")

    queue = AsynchronousQueue(attempt, lambda _: RetryRules(0, AWS.max_age), finished.append, 1, 0.0)
    for number in range(3):
        queue.put(str(number).encode(), None)
    assert started.wait(LONG)
    queue.stop()
    release.set()
    assert queue.join() == 3, "what failed while all was stopped was not tried"
    assert finished == []
    with pytest.raises(InvocationRefusedError, match="stopped"):
        queue.put(b"1", None)


def finished_of(last, qualifier=None, attempts=3, payload=b'{"a": 1}'):
    from dynamodel.testing.local_lambda.asynchronous import Finished

    return Finished("id", payload, qualifier, "RetriesExhausted", attempts, last)


FAILED = answer("id", "Unhandled", b'{"errorType": "ValueError", "errorMessage": "no"}')


@pytest.mark.parametrize(
    ("last", "code", "message"),
    [
        (FAILED, 200, "no"),
        (TooManyRequestsError("f"), 429, "Rate Exceeded: all of the concurrency of f is in use"),
        (InvocationRefusedError("ServiceException", 500, "unwell"), 500, "unwell"),
        (answer("id", "Unhandled", b'{"errorMessage": ""}'), 200, None),
        (answer("id", "Unhandled", b"no JSON"), 200, None),
    ],
)
def test_a_dead_letter_is_the_event_with_its_reason(last, code, message):
    sent = dead_letter(finished_of(last), "f", "arn:f")
    assert json.loads(sent.text) == {"a": 1}
    reason = {} if message is None else {"ErrorMessage": message}
    assert sent.attributes == {"RequestID": "id", "ErrorCode": code, **reason}


@pytest.mark.parametrize(
    ("qualifier", "suffix", "version"),
    [(None, LATEST, LATEST), (LATEST, LATEST, LATEST), ("live", "live", "1")],
)
def test_a_record_tells_which_version_ran(qualifier, suffix, version):
    sent = invocation_record(finished_of(FAILED, qualifier), "f", "arn:f")
    record = json.loads(sent.text)
    assert record["version"] == "1.0"
    assert record["requestContext"]["functionArn"] == f"arn:f:{suffix}"
    assert record["responseContext"] == {
        "statusCode": 200,
        "executedVersion": version,
        "functionError": "Unhandled",
    }
    assert record["responsePayload"]["errorMessage"] == "no"
    assert not sent.is_success


def test_a_record_of_what_never_ran_has_no_response():
    sent = invocation_record(finished_of(TooManyRequestsError("f"), attempts=0), "f", "arn:f")
    record = json.loads(sent.text)
    assert record["requestPayload"] == {"a": 1}
    assert record["requestContext"]["approximateInvokeCount"] == 0
    assert not record.keys() & {"responseContext", "responsePayload"}
