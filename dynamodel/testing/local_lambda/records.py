"""What Lambda tells of an asynchronous event that is finished: invocation records and dead letters.

Source of the shapes: AWS Lambda developer guide, Capturing records of Lambda asynchronous invocations.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dynamodel.testing.local_lambda.deployed import LATEST, PUBLISHED
from dynamodel.testing.local_lambda.destinations import Message
from dynamodel.testing.local_lambda.invocation import InvocationRefusedError

if TYPE_CHECKING:
    from dynamodel.testing.local_lambda.asynchronous import Finished

__all__ = ["dead_letter", "invocation_record"]


def invocation_record(finished: Finished, name: str, arn: str) -> Message:
    """What a destination of successes or failures gets.

    Args:
        finished: the event.
        name: of the function.
        arn: of the function, without a qualifier.
    """
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    qualified = f"{arn}:{finished.qualifier or LATEST}"
    record: dict[str, Any] = {
        "version": "1.0",
        "timestamp": now,
        "requestContext": {
            "requestId": finished.request_id,
            "functionArn": qualified,
            "condition": finished.condition,
            "approximateInvokeCount": finished.attempts,
        },
        "requestPayload": json.loads(finished.payload),
    }
    last = finished.last
    if not isinstance(last, InvocationRefusedError):
        is_latest = finished.qualifier in (None, LATEST)
        context = {"statusCode": 200, "executedVersion": LATEST if is_latest else PUBLISHED}
        record["responseContext"] = (
            context if last.error is None else {**context, "functionError": last.error}
        )
        record["responsePayload"] = _json(last.payload)
    return Message(
        text=json.dumps(record),
        function_arn=qualified,
        folder=f"async/{name}",
        is_success=finished.condition == "Success",
    )


def dead_letter(finished: Finished, name: str, arn: str) -> Message:
    """What a dead-letter queue gets: the event itself, and in message attributes why it is there.

    Args:
        finished: the event.
        name: of the function.
        arn: of the function, without a qualifier.
    """
    last = finished.last
    if isinstance(last, InvocationRefusedError):
        code, message = last.status, last.message
    else:
        answer = _json(last.payload)
        code, message = 200, str(answer.get("errorMessage", "")) if isinstance(answer, dict) else ""
    attributes: dict[str, str | int] = {"RequestID": finished.request_id, "ErrorCode": code}
    if message:  # SQS takes no empty attribute
        attributes["ErrorMessage"] = message
    return Message(
        text=finished.payload.decode(), function_arn=arn, folder=f"async/{name}", attributes=attributes
    )


def _json(payload: bytes) -> Any:
    """A payload as a value; handlers that return bytes may return what is no JSON."""
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode(errors="replace")
