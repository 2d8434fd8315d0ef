"""Projection expressions: which attributes, or parts of them, a read returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynamodel.expressions.nodes import DocumentPath
    from dynamodel.expressions.placeholders import Placeholders

__all__ = ["render_projection"]


def render_projection(paths: Iterable[DocumentPath], placeholders: Placeholders) -> str:
    """The paths, comma-separated; one that is within another is left out, since DynamoDB refuses overlaps."""
    kept: list[DocumentPath] = []
    for path in paths:
        if any(len(other.steps) <= len(path.steps) and other.overlaps(path) for other in kept):
            continue
        kept = [other for other in kept if not path.overlaps(other)]
        kept.append(path)
    return ", ".join(path.render(placeholders) for path in kept)
