"""Where what failed is sent to: queues, topics, buckets, event buses and other functions, by plain ARNs.

Guarantee: `send` returns once the service has taken the message, or raises. Shapes of messages are those of
the AWS Lambda developer guide: "Capturing records of Lambda asynchronous invocations" (message attributes of
dead-letter queues, events of EventBridge, names of objects) and "Retain discarded records for a DynamoDB
event source in Lambda".
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from attrs import Factory, field, frozen
from botocore.exceptions import BotoCoreError, ClientError

from dynamodel.errors import DynamodelError

__all__ = [
    "Attributes",
    "Boto3Client",
    "Clients",
    "DeliveryError",
    "InvokeAsynchronously",
    "Message",
    "error_code",
    "queue_url",
    "send",
]

Boto3Client: TypeAlias = Any
"""A client of boto3, which makes its classes when it runs."""

Attributes: TypeAlias = Mapping[str, str | int]
"""Message attributes: texts become String, numbers become Number."""

InvokeAsynchronously: TypeAlias = Callable[[str, bytes], object]
"""Takes a function's ARN or name and an event, and returns once the event is in the function's queue."""

_MAX_ATTRIBUTE_BYTES = 1024
"""Lambda cuts `ErrorMessage` at 1 KB (the page on dead-letter queues)."""


class DeliveryError(DynamodelError, RuntimeError):
    """A destination did not take a message; on AWS it would be lost but for a metric."""


@frozen(kw_only=True)
class Clients:
    """boto3 clients of the local services. Those that no source or destination needs may be missing."""

    dynamodbstreams: Boto3Client | None = None
    sqs: Boto3Client | None = None
    kinesis: Boto3Client | None = None
    sns: Boto3Client | None = None
    s3: Boto3Client | None = None
    events: Boto3Client | None = None
    invoke_asynchronously: InvokeAsynchronously | None = None
    """For destinations that are functions."""

    def of(self, service: str) -> Boto3Client:
        """The client of a service, by boto3's name.

        Raises:
            DeliveryError: it was not given.
        """
        found: Boto3Client | None = getattr(self, service, None)
        if found is None:
            raise DeliveryError(f"the local Lambda has no client of {service!r}; give one to Clients(...)")
        return found


@frozen(kw_only=True)
class Message:
    """What is sent to a destination."""

    text: str = field(repr=False)
    """A queue, a topic and a function get it as it is, an object holds it, an event has it as its detail."""
    function_arn: str
    """The function whose invocation it is about."""
    folder: str
    """The part of an object's name after `aws/lambda/`: `async/FUNCTION`, or `MAPPING_ID/SHARD_ID`."""
    attributes: Attributes = Factory(dict)
    """Of a dead-letter queue or topic: `RequestID`, `ErrorCode`, `ErrorMessage`."""
    is_success: bool = False
    """Whether the invocation succeeded; an event's type says so."""


def send(arn: str, message: Message, clients: Clients) -> None:
    """Sends a message to a queue, topic, bucket, event bus or function.

    Args:
        arn: of the destination; no reference that only a deployment can resolve.
        message: what is sent.
        clients: of the local services.

    Raises:
        DeliveryError: the destination is not there, did not take the message, or is of none of these kinds.
    """
    service = (arn.split(":") + [""] * 3)[2]
    sender = _SENDERS.get(service)
    if sender is None:
        raise DeliveryError(f"{arn}: must be of {', '.join(_SENDERS)}; Lambda can send to no other service")
    try:
        sender(arn, message, clients)
    except (ClientError, BotoCoreError) as error:
        raise DeliveryError(f"{arn} did not take a message: {error_code(error)}") from error


def error_code(error: Exception) -> str:
    """The service's code in an error of boto3, such as `ResourceNotFoundException`; or its class."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "unknown"))
    return type(error).__name__


def queue_url(sqs: Boto3Client, arn: str) -> str:
    """The URL of a queue, by its ARN.

    Raises:
        ClientError: there is no such queue.
    """
    url: str = sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
    return url


def _to_queue(arn: str, message: Message, clients: Clients) -> None:
    sqs = clients.of("sqs")
    attributes = _attributes(message.attributes)
    sqs.send_message(QueueUrl=queue_url(sqs, arn), MessageBody=message.text, MessageAttributes=attributes)


def _to_topic(arn: str, message: Message, clients: Clients) -> None:
    attributes = _attributes(message.attributes)
    clients.of("sns").publish(TopicArn=arn, Message=message.text, MessageAttributes=attributes)


def _attributes(given: Attributes) -> dict[str, dict[str, str]]:
    return {
        name: {
            "DataType": "Number" if isinstance(value, int) else "String",
            "StringValue": str(value).encode()[:_MAX_ATTRIBUTE_BYTES].decode(errors="ignore"),
        }
        for name, value in given.items()
    }


def _to_bucket(arn: str, message: Message, clients: Clients) -> None:
    now = datetime.now(UTC)
    name = f"aws/lambda/{message.folder}/{now:%Y/%m/%d}/{now:%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
    clients.of("s3").put_object(Bucket=arn.rpartition(":")[2], Key=name, Body=message.text.encode())


def _to_event_bus(arn: str, message: Message, clients: Clients) -> None:
    entry = {
        "Source": "lambda",
        "DetailType": f"Lambda Function Invocation Result - {'Success' if message.is_success else 'Failure'}",
        "Resources": [arn, message.function_arn],
        "Detail": message.text,
        "EventBusName": arn,
    }
    answer = clients.of("events").put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise DeliveryError(f"{arn} did not take an event: {answer['Entries'][0].get('ErrorCode')}")


def _to_function(arn: str, message: Message, clients: Clients) -> None:
    if clients.invoke_asynchronously is None:
        raise DeliveryError(f"{arn}: no function can be invoked; give invoke_asynchronously to Clients(...)")
    json.loads(message.text)  # an event is JSON: what is not, Lambda refuses
    clients.invoke_asynchronously(arn, message.text.encode())


_SENDERS: dict[str, Callable[[str, Message, Clients], None]] = {
    "sqs": _to_queue,
    "sns": _to_topic,
    "s3": _to_bucket,
    "events": _to_event_bus,
    "lambda": _to_function,
}
