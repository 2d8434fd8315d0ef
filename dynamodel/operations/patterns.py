"""How access patterns are said, and who says them, wherever they are asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, TypeAlias

from dynamodel.operations.base import Operation

__all__ = ["URL_EVENTS", "DeclaredHandler", "Pattern"]

Pattern: TypeAlias = Operation[Any] | Callable[..., Operation[Any]]
"""An operation, or a method that builds one, named but not called: `Movie.by_id.get`, `Movie.put`."""

URL_EVENTS = "a function URL"
"""The source of the requests of a function URL, whose events have no name for it."""


class DeclaredHandler(ABC):
    """A handler of a Lambda function that says what it does, so that a declaration need not repeat it."""

    patterns: tuple[Pattern, ...]
    """The operations that it runs."""

    partial_batch_responses: ClassVar[bool] = False
    """Whether it answers with the records of a batch that failed, so that its event source has to ask for
    `ReportBatchItemFailures`: without, Lambda takes the answer for success, and the records are lost."""

    event_source: str = ""
    """Where its events come from, as they call it: `aws:sqs`, or `URL_EVENTS`; empty: from anywhere."""

    @property
    @abstractmethod
    def entry_point(self) -> str:
        """How Lambda names it: `module.name`.

        Raises:
            DeclarationError: it does not stand at the top of its module.
        """
