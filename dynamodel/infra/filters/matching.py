"""Whether a filter pattern of Lambda lets a record through: the language, evaluated here.

The rules are those of the Lambda developer guide ("Control which events Lambda sends to your function")
and of the open source engine behind it (github.com/aws/event-ruler). The ones that surprise:

- A pattern speaks of leaves alone. `exists` on something that holds more JSON finds nothing there, so that
  `{"exists": false}` holds (seen on AWS by LocalStack's validated tests of stream filters).
- Texts and numbers are different things: `numeric` never matches a text, and DynamoDB's streams carry
  numbers as texts, `{"N": "12"}` (the same tests saw that on AWS).
- A leaf that is a list matches if one of its elements does.
"""

from __future__ import annotations

import base64
import operator
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dynamodel.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["matches", "require_pattern"]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}


def matches(pattern: Mapping[str, object], record: Mapping[str, object]) -> bool:
    """Whether Lambda would pass the record on to the function.

    Args:
        pattern: a filter pattern, as a mapping.
        record: a record of a DynamoDB stream, as Lambda gives it to a function, or as boto3's client
            `dynamodbstreams` returns it (with bytes as its binary values).

    Raises:
        RequestError: Lambda would refuse the pattern.
    """
    require_pattern(pattern)
    return _object(pattern, _json(record))


def _json(value: object) -> Any:
    """The value as it stands in the JSON that Lambda filters."""
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, Mapping):
        return {name: _json(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_json(each) for each in value]
    return value


# --- is it a pattern? ---


def require_pattern(pattern: object, place: str = "pattern") -> None:
    """Refuses what Lambda would refuse as a filter's pattern.

    Raises:
        RequestError: with the place in the pattern, and the rule.
    """
    if not isinstance(pattern, Mapping) or not pattern:
        raise RequestError(f"{place}: must be an object with at least one name in it")
    for name, part in pattern.items():
        at = f"{place}.{name}"
        if _is_or(name, part):
            for number, choice in enumerate(part):
                require_pattern(choice, f"{at}[{number}]")
        elif isinstance(part, list):
            _check_leaf(part, at)
        else:
            require_pattern(part, at)


def _is_or(name: str, part: object) -> bool:
    """Under any other circumstances `$or` is a name like others."""
    return name == "$or" and isinstance(part, list) and len(part) > 1


def _check_leaf(choices: Sequence[object], place: str) -> None:
    if not choices:
        raise RequestError(f"{place}: an empty list matches nothing; give at least one value")
    for choice in choices:
        if isinstance(choice, Mapping):
            if len(choice) != 1 or next(iter(choice)) not in _OPERATORS:
                rule = (
                    f"one of {', '.join(_OPERATORS)} is needed, found {', '.join(map(str, choice)) or 'none'}"
                )
                raise RequestError(f"{place}: {rule}")
            [(name, operand)] = choice.items()
            if not _takes(name, operand):
                raise RequestError(f"{place}: {name!r} does not take {type(operand).__name__} {operand!r}")
        elif not (choice is None or isinstance(choice, str | int | float)):
            raise RequestError(f"{place}: a value or an operator is needed, found {type(choice).__name__}")


def _takes(name: str, operand: object) -> bool:
    if name == "exists":
        return isinstance(operand, bool)
    if name == "numeric":
        return isinstance(operand, list) and _is_numeric(operand)
    if name == "anything-but":
        values = operand if isinstance(operand, list) else [operand]
        kinds = {str if isinstance(value, str) else float for value in values}
        return len(kinds) == 1 and all(isinstance(value, str) or _is_number(value) for value in values)
    return isinstance(operand, str)


def _is_numeric(operand: list[object]) -> bool:
    operators, numbers = operand[::2], operand[1::2]
    return (
        len(operand) in {2, 4}
        and all(each in _COMPARE for each in operators)
        and all(_is_number(number) for number in numbers)
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# --- does it match? ---


def _object(pattern: Mapping[str, Any], found: object) -> bool:
    """All parts of a pattern's object; if there is an array of objects, one of them has to match whole."""
    if isinstance(found, list) and any(isinstance(each, dict | list) for each in found):
        return any(_object(pattern, each) for each in found)
    inside: Mapping[str, object] = found if isinstance(found, Mapping) else {}
    return all(_part(name, part, inside) for name, part in pattern.items())


def _part(name: str, part: Any, found: Mapping[str, object]) -> bool:
    if _is_or(name, part):
        return any(_object(choice, found) for choice in part)
    if isinstance(part, list):
        leaves = list(_leaves(found[name])) if name in found else []
        return any(_choice(choice, leaves) for choice in part)
    return _object(part, found.get(name))


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif not isinstance(value, Mapping):
        yield value


def _choice(choice: object, leaves: Sequence[object]) -> bool:
    if not isinstance(choice, Mapping):
        return any(_equal(choice, leaf) for leaf in leaves)
    [(name, operand)] = choice.items()
    if name == "exists":
        return bool(leaves) is operand
    return any(_OPERATORS[name](operand, leaf) for leaf in leaves)


def _equal(one: object, other: object) -> bool:
    """Equal as JSON texts: neither is 1 true, nor is it 1.0."""
    return type(one) is type(other) and one == other


def _anything_but(operand: Any, leaf: object) -> bool:
    excluded = operand if isinstance(operand, list) else [operand]
    return not any(_equal(each, leaf) for each in excluded)


def _numeric(operand: Sequence[Any], leaf: object) -> bool:
    if not _is_number(leaf):
        return False
    pairs = zip(operand[::2], operand[1::2], strict=True)
    return all(_COMPARE[compare](leaf, number) for compare, number in pairs)


def _text(test: Callable[[str, str], bool]) -> Callable[[Any, object], bool]:
    return lambda operand, leaf: isinstance(leaf, str) and test(leaf, operand)


_OPERATORS: dict[str, Callable[[Any, object], bool]] = {
    "exists": lambda _operand, _leaf: True,  # asked of the leaf as a whole, before
    "prefix": _text(str.startswith),
    "suffix": _text(str.endswith),
    "equals-ignore-case": _text(lambda leaf, operand: leaf.casefold() == operand.casefold()),
    "anything-but": _anything_but,
    "numeric": _numeric,
}
"""Those of the table in the Lambda developer guide; EventBridge has more."""
