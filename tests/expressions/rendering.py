"""Rendered expressions in a form that a person can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dynamodel.expressions.placeholders import Placeholders


def filled_in(text: str, placeholders: Placeholders) -> str:
    """The text with names and values put in: `title = S:a`."""
    parameters = placeholders.parameters()
    for alias, name in reversed(parameters.get("ExpressionAttributeNames", {}).items()):
        text = text.replace(alias, name)
    for alias, value in reversed(parameters.get("ExpressionAttributeValues", {}).items()):
        [(kind, content)] = value.items()
        text = text.replace(alias, f"{kind}:{content}")
    return text
