"""The one error of packaging: what is wrong, and what to do about it."""

from __future__ import annotations

from dynamodel.errors import DynamodelError

__all__ = ["PackagingError"]


class PackagingError(DynamodelError, RuntimeError):
    """A deployment package cannot be built, or would not run."""

    def __init__(self, text: str, hint: str = "") -> None:
        self.text = text
        """What is wrong."""
        self.hint = hint
        """What to do; empty if there is nothing to advise."""
        super().__init__(f"{text}; {hint}" if hint else text)
