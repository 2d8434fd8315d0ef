"""Batches of records: what the handlers of streams, queues and Kinesis have in common.

They run on Powertools' batch processors (the extra `lambda`) and answer with the records that failed.
Guarantees: each failure is logged, without data of the record; an event that is not of the handler's source,
or has a record without its id, is refused before anything is done, since Lambda could not be told which
record failed.
"""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dynamodel.aws_lambda.event_errors import EventError
from dynamodel.aws_lambda.event_records import EventHandler, EventRecord, log_failure, records_of
from dynamodel.aws_lambda.handlers import Event
from dynamodel.errors import MissingExtraError

try:
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, SqsFifoPartialProcessor
    from aws_lambda_powertools.utilities.batch.exceptions import SQSFifoMessageGroupCircuitBreakerError
except ImportError as error:
    raise MissingExtraError("A handler of streams, queues or Kinesis", "lambda") from error

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch import ExceptionInfo, FailureResponse, SuccessResponse
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.common import DictWrapper

    from dynamodel.aws_lambda.context import LambdaContext

__all__ = [
    "BatchHandler",
    "EachRecord",
    "GroupedRecords",
    "LoggingProcessor",
    "OrderedHandler",
    "UntilFailure",
]

_log = logging.getLogger(__name__)

_EVENT_TYPES = {
    "aws:dynamodb": EventType.DynamoDBStreams,
    "aws:kinesis": EventType.KinesisDataStreams,
    "aws:sqs": EventType.SQS,
}
"""What Powertools calls the sources."""


class BatchHandler(EventHandler):
    """Runs a function for each record of a batch; the answer tells which records failed."""

    partial_batch_responses = True

    def handle(self, event: Event, context: LambdaContext) -> PartialItemFailureResponse:
        """The answer that Lambda expects: `{"batchItemFailures": [{"itemIdentifier": ...}]}`.

        Raises:
            EventError: the event is not of this handler's source; nothing was done.
        """
        records = self.ordered(records_of(event, self.event_source, self.identifier))
        processor = self.processor(records)

        def run(record: DictWrapper) -> None:
            self.run(record.raw_event, context)

        with processor(records=records, handler=run):
            processor.process()
        return processor.response()

    @abstractmethod
    def identifier(self, record: EventRecord) -> object:
        """By what an answer names a record; KeyError or TypeError if the record does not have it."""

    def ordered(self, records: list[EventRecord]) -> list[EventRecord]:
        """The records in the order in which they are run."""
        return records

    @abstractmethod
    def processor(self, records: list[EventRecord]) -> LoggingProcessor:
        """What runs them.

        Raises:
            EventError: they cannot be run in their order; nothing was done.
        """

    @abstractmethod
    def run(self, record: EventRecord, context: LambdaContext) -> None:
        """Run one record; whatever it raises is the failure of that record."""

    def name_of(self, record: EventRecord) -> str:
        """How the log calls a record; without data of it."""
        return f"record {self.identifier(record)}"


class OrderedHandler(BatchHandler):
    """A batch handler of records with sequence numbers: it stops at the first failure.

    Lambda tries everything from the lowest failed sequence number again (AWS Lambda developer guide,
    Configuring partial batch response with DynamoDB and Lambda; the same for Kinesis), so that whatever ran
    after it would be done twice, and out of order. A batch that is not in the order of its sequence numbers
    is brought into it first.
    """

    def ordered(self, records: list[EventRecord]) -> list[EventRecord]:
        """By sequence number: those of one shard grow (they are digits without fixed width)."""
        try:
            return sorted(records, key=lambda record: int(str(self.identifier(record))))
        except ValueError:
            rule = f"a sequence number that is no number, in an event of {self.event_source}"
            raise EventError(rule) from None

    def processor(self, records: list[EventRecord]) -> LoggingProcessor:
        """One that stops."""
        return UntilFailure(self.event_source, self.name_of)


class LoggingProcessor(BatchProcessor):
    """Powertools' processor, which logs each failure, and leaves it to the answer to tell of them."""

    def __init__(self, source: str, name_of: Callable[[EventRecord], str]) -> None:
        super().__init__(_EVENT_TYPES[source], raise_on_entire_batch_failure=False)
        self.name_of = name_of

    def failure_handler(self, record: DictWrapper, exception: ExceptionInfo) -> FailureResponse:
        """Keeps the record as one that failed."""
        log_failure(self.name_of(record.raw_event), exception[1])
        return super().failure_handler(record, exception)


class EachRecord(LoggingProcessor):
    """Runs every record, whatever becomes of the others."""


class UntilFailure(LoggingProcessor):
    """Runs records in their order, up to the first that fails."""

    def process(self) -> list[tuple[Any, ...]]:
        """What became of each record that was run."""
        entries: list[SuccessResponse | FailureResponse] = []
        for record in self.records:
            entries.append(self._process_record(record))
            if self.fail_messages:
                break
        return [*entries]


class GroupedRecords(LoggingProcessor, SqsFifoPartialProcessor):
    """Runs messages of a FIFO queue: after a failure, none of the same message group."""

    def __init__(self, name_of: Callable[[EventRecord], str]) -> None:
        SqsFifoPartialProcessor.__init__(self, skip_group_on_error=True)
        self.raise_on_entire_batch_failure = False
        self.name_of = name_of

    def failure_handler(self, record: DictWrapper, exception: ExceptionInfo) -> FailureResponse:
        """Keeps the record as one that failed, or was not run."""
        if exception[0] is SQSFifoMessageGroupCircuitBreakerError:
            _log.warning("%s was not run: an earlier one of its group failed", self.name_of(record.raw_event))
            return SqsFifoPartialProcessor.failure_handler(self, record, exception)
        return super().failure_handler(record, exception)
