"""The rules about event source mappings and their filters.

Sources: AWS Lambda API reference, CreateEventSourceMapping, ScalingConfig, Filter; developer guide, the
pages on DynamoDB, SQS and Kinesis, and on event filtering.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from dynamodel.errors import DeclarationError, Fault, RequestError
from dynamodel.infra.filters import (
    MAX_FILTERS,
    MAX_PATTERN_CHARACTERS,
    Changes,
    pattern_text,
    require_pattern,
)
from dynamodel.infra.functions.destinations import destination
from dynamodel.infra.functions.sources import (
    KinesisSource,
    QueueSource,
    Source,
    StartingPosition,
    StreamSource,
)
from dynamodel.schema.references import is_cdk_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamodel.schema.references import Text

__all__ = ["destination_faults", "range_fault", "source_faults"]

_QUEUE = re.compile(r"arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,75}(\.fifo)?")
_KINESIS = re.compile(
    r"arn:aws[a-z-]*:kinesis:[a-z0-9-]+:\d{12}:stream/[A-Za-z0-9_.-]{1,128}"
    r"(/consumer/[A-Za-z0-9_.-]{1,128}:\d+)?"
)


def source_faults(source: Source, place: str, timeout: timedelta | None) -> Iterator[Fault]:
    """Every rule that one source breaks, whose types are right.

    Args:
        source: the source.
        place: where it stands.
        timeout: the function's; None: Lambda's default.
    """
    yield from range_fault(source.window, 0, 300, f"{place}.window")
    yield from _filter_faults(source, f"{place}.filters")
    if isinstance(source, QueueSource):
        yield from _queue_faults(source, place, timeout)
        return
    yield from range_fault(source.batch_size, 1, 10_000, f"{place}.batch_size")
    yield from range_fault(source.max_retries, 0, 10_000, f"{place}.max_retries", "None is for no limit")
    yield from range_fault(source.max_age, 60, 604_800, f"{place}.max_age", "None is for no limit")
    yield from range_fault(source.parallelisation, 1, 10, f"{place}.parallelisation")
    yield from range_fault(source.tumbling_window, 1, 900, f"{place}.tumbling_window", "None is for none")
    if source.tumbling_window is not None and source.partial_batch_responses:
        rule = "cannot go with a tumbling_window: the answer is its state; remove one of them"
        yield Fault(f"{place}.partial_batch_responses", rule)
    if source.on_failure is not None:
        yield from destination_faults(source.on_failure, ("sqs", "sns", "s3"), f"{place}.on_failure")
    yield from _start_faults(source, place)


def _start_faults(source: StreamSource | KinesisSource, place: str) -> Iterator[Fault]:
    at_time = source.starting_position is StartingPosition.AT_TIMESTAMP
    if isinstance(source, StreamSource):
        if at_time:
            rule = (
                "a DynamoDB stream is read from LATEST or TRIM_HORIZON, found AT_TIMESTAMP; take one of them"
            )
            yield Fault(f"{place}.starting_position", rule)
        if source.table.settings.stream is None:
            rule = f"{source.table.place} has no stream; declare it with stream=StreamViewType..."
            yield Fault(f"{place}.source", rule)
        return
    yield from _arn_faults(source.arn, _KINESIS, "arn:aws:kinesis:REGION:ACCOUNT:stream/NAME", f"{place}.arn")
    start = source.starting_time
    if at_time and start is None:
        yield Fault(f"{place}.starting_time", "AT_TIMESTAMP needs a time, found None; give a datetime")
    if start is not None and not at_time:
        rule = f"only AT_TIMESTAMP has a time, found {source.starting_position.value}; remove one of them"
        yield Fault(f"{place}.starting_time", rule)
    if start is not None and start.tzinfo is None:
        yield Fault(f"{place}.starting_time", "needs a time zone, found none; give tzinfo=UTC")


def _queue_faults(source: QueueSource, place: str, timeout: timedelta | None) -> Iterator[Fault]:
    yield from _arn_faults(source.arn, _QUEUE, "arn:aws:sqs:REGION:ACCOUNT:NAME", f"{place}.arn")
    fifo = isinstance(source.arn, str) and source.arn.endswith(".fifo")
    most = 10 if fifo else 10_000
    yield from range_fault(source.batch_size, 1, most, f"{place}.batch_size")
    size, window = source.batch_size or 10, source.window or timedelta()
    if fifo and source.window is not None:
        yield Fault(f"{place}.window", "a FIFO queue has no window; remove it")
    elif not fifo and size > 10 and window < timedelta(seconds=1):
        rule = f"a batch_size of {size}, more than 10, needs at least 1 second, found {_seconds(window)}"
        yield Fault(f"{place}.window", rule)
    yield from range_fault(
        source.max_concurrency, 2, 1_000, f"{place}.max_concurrency", "None is for no limit"
    )
    visible, least = source.visibility_timeout, timeout or timedelta(seconds=3)
    if visible is not None and visible < least:
        rule = (
            f"must be at least the function's timeout, {_seconds(least)} seconds, found {_seconds(visible)}; "
            "AWS recommends six times the timeout"
        )
        yield Fault(f"{place}.visibility_timeout", rule)


def _arn_faults(arn: Text, pattern: re.Pattern[str], form: str, place: str) -> Iterator[Fault]:
    if isinstance(arn, str) and not (is_cdk_token(arn) or pattern.fullmatch(arn)):
        hint = "; what deployment fills in is Sub('...${X}', X=...)" if "${" in arn else ""
        yield Fault(place, f"must be an ARN {form!r}, found {arn!r}{hint}")


def destination_faults(
    given: object,
    kinds: Sequence[str],
    place: str,
) -> Iterator[Fault]:
    """Whether events can be sent to a destination. Of queues and topics Lambda takes the standard ones only.

    Args:
        given: the destination as declared.
        kinds: the services that are possible there, as in ARNs.
        place: where it stands.
    """
    try:
        to = destination(cast("Text", given))
    except DeclarationError as error:
        yield from (Fault(place, fault.rule) for fault in error.faults)
        return
    if to.kind not in kinds:
        rule = f"must be of {', '.join(kinds)}, found one of {to.kind}; Lambda cannot send there from here"
        yield Fault(place, rule)
    elif getattr(to, "is_fifo", False):
        yield Fault(place, f"must be a standard queue or topic, found {to.target!r}, which is FIFO")


# --- filters ---


def _filter_faults(source: Source, place: str) -> Iterator[Fault]:
    count = 0
    for number, given in enumerate(source.filters):
        here = f"{place}[{number}]"
        if isinstance(given, Changes):
            count += len(given.patterns())
            if isinstance(source, StreamSource) and given.table is not source.table:
                rule = (
                    f"is about {given.table.place}, but the stream is that of {source.table.place}; remove it"
                )
                yield Fault(here, rule)
        else:
            count += 1
            yield from _pattern_faults(given, here)
    if count > MAX_FILTERS:
        yield Fault(
            place, f"has at most {MAX_FILTERS} patterns, found {count}; join some with lists of values"
        )


def _pattern_faults(pattern: Mapping[str, object], place: str) -> Iterator[Fault]:
    try:
        text = pattern_text(pattern)
        json.loads(text, parse_constant=_no_constant)
    except (TypeError, ValueError) as error:
        yield Fault(place, f"must be a pattern that JSON can hold: {error}")
        return
    if len(text) > MAX_PATTERN_CHARACTERS:
        rule = f"has at most {MAX_PATTERN_CHARACTERS} characters, found {len(text)}; split it into several"
        yield Fault(place, rule)
    try:
        require_pattern(pattern, place)
    except RequestError as error:
        at, _, rule = str(error).partition(": ")
        yield Fault(at, rule)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def range_fault(
    found: int | timedelta | None,
    least: int,
    most: int,
    place: str,
    hint: str = "",
) -> Iterator[Fault]:
    """A number, or a time in seconds, from the least to the most; None: AWS's default."""
    if found is None:
        return
    unit = " seconds" if isinstance(found, timedelta) else ""
    number = _seconds(found) if isinstance(found, timedelta) else found
    if not least <= number <= most:
        rule = f"must be {least:,} to {most:,}{unit}, found {number:,}"
        yield Fault(place, f"{rule}; {hint}" if hint else rule)


def _seconds(time: timedelta) -> int:
    return int(time.total_seconds())
