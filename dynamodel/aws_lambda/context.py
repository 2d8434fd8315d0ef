"""`LambdaContext`: what Lambda tells a handler about an invocation, as far as handlers here use it.

A protocol, so that nothing has to be imported for it: the context of Lambda's runtime fits, that of
Powertools' types, and an object of a test.
"""

from __future__ import annotations

from typing import Protocol

__all__ = ["LambdaContext", "is_context"]


class LambdaContext(Protocol):
    """The context of one invocation (AWS Lambda developer guide, Python context object)."""

    @property
    def aws_request_id(self) -> str:
        """The id of the invocation; retries of an asynchronous event have the same."""
        ...

    @property
    def function_name(self) -> str:
        """The function's name."""
        ...

    def get_remaining_time_in_millis(self) -> int:
        """How many milliseconds are left until Lambda ends the invocation."""
        ...


def is_context(annotation: object) -> bool:
    """Whether it is the class of a context: this one, or one of another library that fits."""
    return isinstance(annotation, type) and hasattr(
        annotation, LambdaContext.get_remaining_time_in_millis.__name__
    )
