"""`Pattern`: how an access pattern is said, wherever one is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from dynamodel.operations.base import Operation

__all__ = ["Pattern"]

Pattern: TypeAlias = Operation[Any] | Callable[..., Operation[Any]]
"""An operation, or a method that builds one, named but not called: `Movie.by_id.get`, `Movie.put`."""
