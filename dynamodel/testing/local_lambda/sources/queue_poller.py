"""A queue of SQS: receives messages, gives them to the function, deletes those that are done.

Guarantees: a message is deleted only after the function handled it, or because no filter wants it; all others
become visible again, so that the queue's own redrive policy moves those that always fail to its dead-letter
queue. Of a FIFO queue, messages of one group are given to the function in order, and one batch at a time.

Messages are asked for in short polls, once a second when nothing comes: a long poll would hold
up `stop`, and moto answers one no sooner.

Source: AWS Lambda developer guide, "Using Lambda with Amazon SQS" and "Handling errors for an SQS event
source in Lambda".
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from botocore.exceptions import BotoCoreError, ClientError

from dynamodel.infra.functions.sources import QueueSource
from dynamodel.testing.local_lambda.destinations import error_code, queue_url
from dynamodel.testing.local_lambda.invocation import InvocationRefusedError, TooManyRequestsError
from dynamodel.testing.local_lambda.sources.checkpoints import failed_items
from dynamodel.testing.local_lambda.sources.events import (
    Record,
    count_that_fits,
    event_of,
    is_wanted_message,
    json_text,
    queue_message,
)
from dynamodel.testing.local_lambda.sources.poller import Pauses, Poller, backoff_seconds
from dynamodel.testing.local_lambda.sources.problems import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dynamodel.testing.local_lambda.destinations import Clients
    from dynamodel.testing.local_lambda.invocation import Invoke
    from dynamodel.testing.local_lambda.sources.mapping import EventSourceMapping

__all__ = ["QueuePoller"]

_MAX_RECEIVED = 10
"""Of one request (SQS API reference, ReceiveMessage); the same for deletions and changes."""

_CONCURRENCY = 5
"""With as many invocations at once Lambda begins (developer guide, "Using Lambda with Amazon SQS")."""

_COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
)

_MARGIN_SECONDS = 0.25
"""So much before SQS would, a failed message is made visible: when several of a FIFO group become visible by
time, moto 5.2.5 hands out the last one first (measured)."""


@frozen
class _Message:
    """A message in hand. Times are those of the monotonic clock."""

    id: str
    receipt: str = field(repr=False)
    text: str = field(repr=False)
    visible_at: float
    """When it is to be visible again, should it fail."""
    lost_at: float
    """When SQS makes it visible by itself, and others may have it."""


class QueuePoller(Poller):
    """Reads a queue for one function.

    Args:
        mapping: the queue and the function.
        invoke: invokes the function.
        clients: of the local services.
    """

    def __init__(self, mapping: EventSourceMapping, invoke: Invoke, clients: Clients) -> None:
        super().__init__(mapping, invoke, clients)
        source = mapping.source
        assert isinstance(source, QueueSource)
        self._batch_size = source.batch_size or _MAX_RECEIVED
        self._concurrency = source.max_concurrency or _CONCURRENCY
        self._is_fifo = mapping.source_arn.endswith(".fifo")
        self._is_partial = source.partial_batch_responses
        self._patterns = mapping.patterns
        self._sqs = clients.of("sqs")
        self._url = ""
        self._visibility_seconds = 0.0
        self._gathered: list[_Message] = []
        self._gathering_until = 0.0
        self._failed: list[_Message] = []
        self._running = 0
        self._finished = 0
        self._settled = -1
        self._pauses = Pauses()

    # --- state ---

    @property
    def is_idle(self) -> bool:
        """Whether the queue is empty, and nothing is in hand."""
        return not (self._running or self._gathered or self._failed or sum(self._counts()))

    def is_settled(self, asked: int) -> bool:
        """Whether a later look found the queue empty."""
        return self._settled >= asked

    def describe_rest(self) -> str:
        """The messages, by what they wait for."""
        attributes = self._attributes()
        visible, delayed, hidden = (int(attributes.get(name, 0)) for name in _COUNTS)
        rest = f"{visible} messages visible, {delayed} delayed, {hidden} given to a consumer and not deleted"
        if "RedrivePolicy" not in attributes:
            rest += "; with no redrive policy, a message that always fails comes back for ever"
        return rest

    def _counts(self) -> tuple[int, ...]:
        attributes = self._attributes()
        return tuple(int(attributes.get(name, 0)) for name in _COUNTS)

    def _attributes(self) -> Mapping[str, str]:
        answer = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["All"])
        attributes: Mapping[str, str] = answer["Attributes"]
        return attributes

    # --- the thread ---

    def _open(self) -> None:
        try:
            self._url = queue_url(self._sqs, self.mapping.source_arn)
            answer = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["VisibilityTimeout"])
        except (ClientError, BotoCoreError) as error:
            rule = "create it before the sources start"
            raise SourceError(
                f"{self.mapping.source_arn} cannot be read: {error_code(error)}; {rule}"
            ) from error
        self._visibility_seconds = float(answer["Attributes"]["VisibilityTimeout"])

    def _run(self) -> None:
        with ThreadPoolExecutor(self._concurrency, f"{self.mapping.function}-queue") as pool:
            while not self.is_stopping:
                try:
                    self._round(pool)
                except (ClientError, BotoCoreError) as error:
                    self.retry_later(error_code(error))

    def _round(self, pool: ThreadPoolExecutor) -> None:
        """One look at the queue."""
        asked, finished = self.asked, self._finished
        self._release(lambda message: message.visible_at <= time.monotonic())
        came = self._running < self._concurrency and self._receive()
        self._hand_over(pool)
        if came:
            self._pauses.reset()
            return
        if self._settled < asked and self.is_idle:
            self._settled = asked
            self.note()
        self.wait(self._pause_seconds(), wakes=lambda: self.asked > asked or self._finished > finished)

    def _pause_seconds(self) -> float:
        """Until the next look, which is not later than what is due."""
        due = [message.visible_at for message in self._failed]
        if self._gathered:
            due.append(self._gathering_until)
        seconds = self._pauses.next()
        return min(seconds, max(min(due) - time.monotonic(), 0.001)) if due else seconds

    def _receive(self) -> bool:
        """Whether there was a message, wanted or not."""
        if not self._gathered:
            self._gathering_until = time.monotonic() + self.mapping.window_seconds
        received_at = time.monotonic()
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
            MaxNumberOfMessages=min(_MAX_RECEIVED, max(self._batch_size - len(self._gathered), 1)),
            WaitTimeSeconds=0,
        )
        found = answer.get("Messages", [])
        unwanted: list[_Message] = []
        for raw in found:
            record = queue_message(raw, self.mapping.source_arn, self.mapping.region)
            wanted = is_wanted_message(record, self._patterns)
            message = self._message(raw, record, received_at)
            (self._gathered if wanted else unwanted).append(message)
        self._delete(unwanted)
        return bool(found)

    def _message(self, raw: dict[str, Any], record: Record, received_at: float) -> _Message:
        lost_at = received_at + self._visibility_seconds
        visible_at = received_at + self._visibility_seconds * self.mapping.time_scale
        return _Message(
            id=raw["MessageId"],
            receipt=raw["ReceiptHandle"],
            text=json_text(record),
            visible_at=min(visible_at, lost_at - _MARGIN_SECONDS),
            lost_at=lost_at,
        )

    def _hand_over(self, pool: ThreadPoolExecutor) -> None:
        """Gives complete batches to the function: full ones, and others when nothing more comes in time."""
        is_over = time.monotonic() >= self._gathering_until
        while self._gathered and self._running < self._concurrency:
            count = count_that_fits([len(each.text) for each in self._gathered], self._batch_size)
            is_full = count == self._batch_size or count < len(self._gathered)
            if not (is_full or is_over):
                return
            batch, self._gathered = self._gathered[:count], self._gathered[count:]
            if self._is_fifo:  # what does not fit must not overtake it, should it fail
                self._put_back()
            with self.changed:
                self._running += 1
            pool.submit(self._work, batch)

    def _put_back(self) -> None:
        """Makes visible what is gathered and not handed over."""
        messages, self._gathered = self._gathered, []
        self._make_visible(messages)

    def _close(self) -> None:
        """What is in hand goes back to the queue."""
        try:
            self._put_back()
            self._release(lambda _: True)
        except (ClientError, BotoCoreError):
            self._failed = []  # they become visible by themselves, at the end of the visibility timeout

    # --- a batch ---

    def _work(self, batch: Sequence[_Message]) -> None:
        self._guarded(lambda: self._handle(batch))
        with self.changed:
            self._running -= 1
            self._finished += 1
            self.changed.notify_all()

    def _handle(self, batch: Sequence[_Message]) -> None:
        """Gives a batch to the function, and deletes what it handled."""
        failed = frozenset(message.id for message in batch)
        try:
            failed = self._invoke(batch)
            self._delete([message for message in batch if message.id not in failed])
        finally:
            with self.changed:
                self._failed += [message for message in batch if message.id in failed]
            self.count_batch()

    def _invoke(self, batch: Sequence[_Message]) -> frozenset[str]:
        """The ids of the messages that failed. While throttled it tries again, until they become visible."""
        ids = [message.id for message in batch]
        event = event_of([message.text for message in batch])
        attempt = 0
        while True:
            try:
                invocation = self.invoke(self.mapping.function, event)
            except InvocationRefusedError as error:
                attempt += 1
                seconds = backoff_seconds(attempt, self.mapping.time_scale)
                is_late = time.monotonic() + seconds >= batch[0].lost_at - _MARGIN_SECONDS
                if is_late or self.is_stopping or not isinstance(error, TooManyRequestsError):
                    return frozenset(ids)
                self.wait(seconds)
                continue
            if invocation.error is not None:
                return frozenset(ids)
            return failed_items(invocation.payload, ids) if self._is_partial else frozenset()

    def _delete(self, messages: Sequence[_Message]) -> None:
        """Removes messages from the queue; reports those that are still there."""
        for entries in _entries(messages):
            answer = self._sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)
            refused = answer.get("Failed", [])
            if refused:
                codes = ", ".join(sorted({str(each.get("Code")) for each in refused}))
                rule = f"{len(refused)} messages that were handled could not be deleted: {codes}"
                self.report(SourceError(f"{self.mapping.source_arn}: {rule}; they will come again"))

    def _release(self, is_due: Callable[[_Message], bool]) -> None:
        """Makes failed messages visible again whose time has come."""
        with self.changed:
            due = [message for message in self._failed if is_due(message)]
            self._failed = [message for message in self._failed if not is_due(message)]
        self._make_visible([message for message in due if time.monotonic() < message.lost_at])

    def _make_visible(self, messages: Sequence[_Message]) -> None:
        for entries in _entries(messages):
            visible = [{**entry, "VisibilityTimeout": 0} for entry in entries]
            self._sqs.change_message_visibility_batch(QueueUrl=self._url, Entries=visible)


def _entries(messages: Sequence[_Message]) -> list[list[dict[str, Any]]]:
    """The entries of requests about messages, as many as one request takes."""
    entries = [{"Id": str(place), "ReceiptHandle": each.receipt} for place, each in enumerate(messages)]
    return [entries[place : place + _MAX_RECEIVED] for place in range(0, len(entries), _MAX_RECEIVED)]
