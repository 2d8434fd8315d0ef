"""Engines to run a program or its tests against, with no AWS account and no network.

`embedded()` is moto inside this process: at once there, empty each time, lenient where DynamoDB is strict.
`dynamodb_local()` is DynamoDB Local, Amazon's own Java engine, as a process that this one starts and stops:
it needs Java, takes a second or two to start, and refuses nearly all that DynamoDB refuses.

The pytest plugin in `dynamodel.testing.pytest_plugin` has both as fixtures; pytest finds it by itself.
Guarantee: importing this package imports neither boto3 nor moto nor pytest.
"""

from __future__ import annotations

from dynamodel.testing.embedded_engine import embedded
from dynamodel.testing.java_engine import DynamoDBLocal, dynamodb_local
from dynamodel.testing.java_location import find_dynamodb_local
from dynamodel.testing.problems import EngineNotFoundError, EngineStartError

__all__ = [
    "DynamoDBLocal",
    "EngineNotFoundError",
    "EngineStartError",
    "dynamodb_local",
    "embedded",
    "find_dynamodb_local",
]
