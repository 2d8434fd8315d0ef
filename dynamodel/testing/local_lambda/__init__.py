"""A double of AWS Lambda on this machine, for tests and for `dynamodel dev`.

It runs handlers in AWS's own runtime for Python, one process for each execution environment, and around them
what the service does: concurrency, timeouts, queues with retries, function URLs, event sources. It needs the
extra `local`, and Linux.
"""

from __future__ import annotations

from dynamodel.testing.local_lambda.asynchronous import Finished
from dynamodel.testing.local_lambda.concurrency import EnvironmentCounts
from dynamodel.testing.local_lambda.engine import REGION, QueueMessage
from dynamodel.testing.local_lambda.invocation import (
    HandlerFailedError,
    Invocation,
    InvocationRefusedError,
    Invoke,
    TooManyRequestsError,
)
from dynamodel.testing.local_lambda.service import LocalLambda
from dynamodel.testing.local_lambda.signatures import LOCAL_CREDENTIALS, Credentials
from dynamodel.testing.local_lambda.sources.problems import SettleTimeoutError

__all__ = [
    "LOCAL_CREDENTIALS",
    "REGION",
    "Credentials",
    "EnvironmentCounts",
    "Finished",
    "HandlerFailedError",
    "Invocation",
    "InvocationRefusedError",
    "Invoke",
    "LocalLambda",
    "QueueMessage",
    "SettleTimeoutError",
    "TooManyRequestsError",
]
