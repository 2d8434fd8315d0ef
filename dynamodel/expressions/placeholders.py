"""The names and values of one request, and the limits of its expressions.

Every attribute name gets an alias (`#n0`), so none of the reserved words matters, and every value its
own placeholder (`:v0`), so that equal-looking values (`1`, `True`) never share one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from dynamodel.errors import RequestError

if TYPE_CHECKING:
    from dynamodel.types import AttributeValue

__all__ = ["MAX_EXPRESSION_BYTES", "MAX_OPERATORS", "Node", "Placeholders"]

MAX_EXPRESSION_BYTES = 4096
"""AWS developer guide, Limits: the maximum length of any expression string is 4 KB."""

MAX_OPERATORS = 300
"""AWS developer guide, Limits: operators or functions in one expression."""


class Node(Protocol):
    """A part of an expression."""

    @property
    def operators(self) -> int:
        """How many operators and functions DynamoDB counts in it."""
        ...

    def render(self, placeholders: Placeholders) -> str:
        """Its text, with its names and values put into the placeholders."""
        ...


class Placeholders:
    """Collects the names and values of all expressions of one request."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: list[AttributeValue] = []

    def name(self, stored_name: str) -> str:
        """The alias of an attribute name; the same name has one alias in a request."""
        return self._names.setdefault(stored_name, f"#n{len(self._names)}")

    def value(self, value: AttributeValue) -> str:
        """A new placeholder for a value."""
        self._values.append(value)
        return f":v{len(self._values) - 1}"

    def expression(self, parameter: str, node: Node) -> dict[str, Any]:
        """The request's parameter with the node's text, if that is within DynamoDB's limits.

        Raises:
            RequestError: the expression is longer than 4096 bytes or has more than 300 operators.
        """
        if node.operators > MAX_OPERATORS:
            raise RequestError(
                f"{parameter} has {node.operators} operators; DynamoDB allows {MAX_OPERATORS}",
            )
        return self.text(parameter, node.render(self))

    def text(self, parameter: str, text: str) -> dict[str, Any]:
        """The request's parameter with a text that was rendered with these placeholders."""
        if len(text) > MAX_EXPRESSION_BYTES:  # aliases and placeholders are ASCII: characters are bytes
            raise RequestError(
                f"{parameter} is {len(text)} bytes long; DynamoDB allows {MAX_EXPRESSION_BYTES}",
            )
        return {parameter: text}

    def parameters(self) -> dict[str, Any]:
        """`ExpressionAttributeNames` and `ExpressionAttributeValues`; an empty one is left out."""
        parameters: dict[str, Any] = {}
        if self._names:
            parameters["ExpressionAttributeNames"] = {alias: name for name, alias in self._names.items()}
        if self._values:
            parameters["ExpressionAttributeValues"] = {
                f":v{number}": value for number, value in enumerate(self._values)
            }
        return parameters
