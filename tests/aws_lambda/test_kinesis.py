"""Handlers of Kinesis data streams: typed data, order, and where Lambda goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import pytest

from dynamodel.aws_lambda.event_errors import EventError
from dynamodel.aws_lambda.kinesis import Record, RecordHandler, on_record
from tests.aws_lambda.models import Context
from tests.aws_lambda.samples import event_of, failed, kinesis_record, sample

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
DONE = failed()


@attrs.frozen
class Click:
    """The data of a record."""

    page: str


def collecting(
    data: type[T], fails: Callable[[Record[T]], bool] = lambda _: False
) -> tuple[RecordHandler[T], list[Record[T]]]:
    """A handler that keeps what it gets, and raises for some."""
    found: list[Record[T]] = []

    @on_record(data)
    def keep(record: Record[T], context: Any) -> None:
        if fails(record):
            raise KeyError("poison")
        found.append(record)

    return keep, found


def test_the_sample_of_aws() -> None:
    handler, found = collecting(str)
    assert handler(sample("sam/Kinesis.json"), Context()) == DONE
    number = "49545115243490985018280067714973144582180062593244200961"
    assert found == [
        Record(
            data="Hello, this is a test 123.",
            event_id=f"shardId-000000000000:{number}",
            partition_key="partitionKey-03",
            sequence_number=number,
            at=datetime(2015, 4, 9, tzinfo=UTC),
        )
    ]
    assert "Hello" not in repr(found)


@pytest.mark.parametrize(
    ("type_", "data", "value"),
    [
        (bytes, b"\x00\xff", b"\x00\xff"),
        (str, "ü".encode(), "ü"),
        (Click, b'{"page": "/", "added": 1}', Click("/")),
        (dict[str, int], b'{"a": 1}', {"a": 1}),
    ],
)
def test_data(type_: Any, data: bytes, value: Any) -> None:
    handler, found = collecting(type_)
    assert handler(event_of(kinesis_record(1, data)), Context()) == DONE
    assert [record.data for record in found] == [value]


@pytest.mark.parametrize(
    ("data", "told"),
    [(b"\xff\xfe", "Click is read from text in UTF-8"), (b"{}", "Click.page"), (b"s3cr3t", "no JSON")],
)
def test_data_that_do_not_fit_stop_the_batch(
    data: bytes, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    handler, found = collecting(Click)
    good = b'{"page": "/"}'
    event = event_of(kinesis_record(1, good), kinesis_record(2, data), kinesis_record(3, good))
    assert handler(event, Context()) == failed(2)
    assert [record.sequence_number for record in found] == ["1"]
    assert "record 2 failed" in caplog.text
    assert told in caplog.text
    assert "s3cr3t" not in caplog.text


def test_a_batch_out_of_order_is_run_in_order_up_to_the_first_failure() -> None:
    handler, found = collecting(str, lambda record: record.sequence_number == "1000")
    event = event_of(*(kinesis_record(number, b"x") for number in (2000, 999, 1000, 5)))
    assert handler(event, Context()) == failed(1000)
    assert [record.sequence_number for record in found] == ["5", "999"]


@pytest.mark.parametrize(
    "change",
    [{"data": "not base64!"}, {"data": None}, {"partitionKey": None}, {"approximateArrivalTimestamp": "x"}],
)
def test_a_malformed_record_fails(change: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    handler, _ = collecting(str)
    record = kinesis_record(1, b"x")
    record["kinesis"] |= change
    assert handler(event_of(record), Context()) == failed(1)
    assert "EventError" in caplog.text


def test_an_event_of_another_source_is_refused_whole() -> None:
    handler, _ = collecting(str)
    for event in ({}, sample("sam/Sqs.json"), {"Records": [{"eventSource": "aws:kinesis"}]}):
        with pytest.raises(EventError):
            handler(event, Context())
