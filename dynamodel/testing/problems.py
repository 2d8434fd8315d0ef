"""The errors of the engines themselves, as opposed to DynamoDB's answers."""

from __future__ import annotations

from dynamodel.errors import DynamodelError

__all__ = ["EngineNotFoundError", "EngineStartError"]


class EngineNotFoundError(DynamodelError, FileNotFoundError):
    """DynamoDB Local, or the Java it runs on, is not on this machine. The message says how to get it."""


class EngineStartError(DynamodelError, RuntimeError):
    """DynamoDB Local was found but does not answer. The message has what it printed."""
