"""The size of a value in conditions: what `Movie.title.size()` is.

Guarantee: it is compared with numbers that DynamoDB takes, and with nothing else.
"""

from __future__ import annotations

from dynamodel.attribute_value import number_text
from dynamodel.errors import MarshalError, MarshalFault, RequestError
from dynamodel.expressions.nodes import Call, Condition, DocumentPath, Predicate, Value

__all__ = ["Size"]


class Size:
    """`Movie.title.size()`: compare it with an int."""

    __slots__ = ("_node",)
    __hash__ = object.__hash__

    def __init__(self, path: DocumentPath) -> None:
        self._node = Call("size({})", (path,))

    # `==` and `!=` build conditions and take one type only, which `object`'s do not: hence the ignores.

    def __eq__(self, other: int) -> Condition:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._comparison("=", other)

    def __ne__(self, other: int) -> Condition:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._comparison("<>", other)

    def __lt__(self, other: int) -> Condition:
        return self._comparison("<", other)

    def __le__(self, other: int) -> Condition:
        return self._comparison("<=", other)

    def __gt__(self, other: int) -> Condition:
        return self._comparison(">", other)

    def __ge__(self, other: int) -> Condition:
        return self._comparison(">=", other)

    def between(self, low: int, high: int) -> Condition:
        """Within both bounds, which belong to it."""
        if low > high:
            raise RequestError("size().between: the low bound is above the high one")
        return Predicate("BETWEEN", (self._node, _size_value(low), _size_value(high)))

    def _comparison(self, operator: str, other: int) -> Condition:
        return Predicate(operator, (self._node, _size_value(other)))


def _size_value(number: object) -> Value:
    if not isinstance(number, int) or isinstance(number, bool):
        raise MarshalError(MarshalFault("size()", type(number).__name__, "an int is needed"))
    try:
        return Value({"N": number_text(number)})
    except MarshalError as error:
        raise error.under("size()") from None
