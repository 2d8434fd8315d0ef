"""The errors of event sources, as opposed to those of the functions that they invoke."""

from __future__ import annotations

from dynamodel.errors import DynamodelError

__all__ = ["SettleTimeoutError", "SourceError", "UnsupportedSourceError"]


class SourceError(DynamodelError, RuntimeError):
    """A stream or queue cannot be read; or a record could not be handled as Lambda would."""


class UnsupportedSourceError(DynamodelError, NotImplementedError):
    """The local Lambda leaves out what a source asks for."""


class SettleTimeoutError(DynamodelError, TimeoutError):
    """Something that was written is still not handled after the time that was given."""
