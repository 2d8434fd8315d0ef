"""The one error of packaging: what is wrong, and what to do about it."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from dynamodel.errors import DynamodelError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PackagingError", "did_you_mean"]


class PackagingError(DynamodelError, RuntimeError):
    """A deployment package cannot be built, or would not run."""

    def __init__(self, text: str, hint: str = "") -> None:
        self.text = text
        """What is wrong."""
        self.hint = hint
        """What to do; empty if there is nothing to advise."""
        super().__init__(f"{text}; {hint}" if hint else text)


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """A hint: the known name that is most like one that is wrong, or what is said if none is."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]}?" if near else otherwise
