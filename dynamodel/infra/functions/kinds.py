"""The Python types of a function's settings: a `str` in place of a `timedelta` is a fault, no AttributeError.

The types are those of the annotations. Every other rule is asked only about fields whose type is right.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from attrs import AttrsInstance, fields, has

from dynamodel.errors import Fault
from dynamodel.infra.filters import Changes
from dynamodel.infra.functions.destinations import Destination
from dynamodel.operations.patterns import DeclaredHandler
from dynamodel.schema.references import Reference
from dynamodel.schema.table import Table

__all__ = ["wrong_kinds"]

_CHECKED_BY_THEMSELVES = (Changes, DeclaredHandler, Destination, Reference, Table)


def wrong_kinds(value: AttrsInstance, place: str) -> tuple[list[Fault], frozenset[str]]:
    """Checks the types of all fields, and of the values in them.

    Returns:
        The faults, and the names of the value's own fields that have any.
    """
    faults: list[Fault] = []
    broken: set[str] = set()
    for name, expected in _hints(type(value)).items():
        found = list(_faults(getattr(value, name), expected, f"{place}.{name}"))
        if found:
            faults += found
            broken.add(name)
    return faults, frozenset(broken)


@cache
def _hints(cls: type[AttrsInstance]) -> dict[str, Any]:
    hints = get_type_hints(cls)
    return {each.name: hints[each.name] for each in fields(cls)}


def _faults(value: object, expected: Any, place: str) -> Iterable[Fault]:
    kinds = list(_kinds(expected))
    fitting = [kind for kind in kinds if _fits(value, kind)]
    if not fitting:
        allowed = " or ".join(dict.fromkeys(_described(kind) for kind in kinds))
        yield Fault(place, f"must be {allowed}, found {type(value).__name__}{_suggestion(value, kinds)}")
        return
    kind = fitting[0]
    if get_origin(kind) is tuple:
        for number, each in enumerate(cast("tuple[object, ...]", value)):
            yield from _faults(each, get_args(kind)[0], f"{place}[{number}]")
    elif has(type(value)) and not isinstance(value, _CHECKED_BY_THEMSELVES):
        yield from wrong_kinds(cast("AttrsInstance", value), place)[0]
    elif isinstance(value, timedelta) and (value < timedelta(0) or value.microseconds):
        yield Fault(place, f"must be whole seconds, found {value.total_seconds()}; round it")


def _kinds(expected: Any) -> Iterable[Any]:
    """The members of a union."""
    if get_origin(expected) in (Union, UnionType):
        for each in get_args(expected):
            yield from _kinds(each)
    else:
        yield expected


def _fits(value: object, kind: Any) -> bool:
    origin = get_origin(kind)
    if kind is Any:
        return True
    if origin is Literal:
        return value in get_args(kind)
    if origin is type:
        [expected] = get_args(kind)
        return isinstance(value, type) and issubclass(value, expected)
    # bool is an int to Python, but never a number of MB or seconds.
    plain = origin or kind
    return isinstance(value, plain) and not (isinstance(value, bool) and plain is int)


def _described(kind: Any) -> str:
    plain = get_origin(kind) or kind
    if kind is NoneType:
        return "None"
    if plain is tuple:
        return "a list or tuple"
    if plain is type:
        return "an entity class"
    name = "str" if plain is Reference else getattr(plain, "__name__", str(plain))
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def _suggestion(value: object, kinds: Iterable[Any]) -> str:
    """What to write in place of a word of an enum, of a number of seconds, or of a plain function."""
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, Enum):
            for member in kind:
                if value == member.value:
                    return f"; write {kind.__name__}.{member.name}"
        if kind is timedelta and isinstance(value, int | float):
            return f"; write timedelta(seconds={value})"
        if kind is DeclaredHandler and callable(value):
            return "; decorate it with @handler(), or name it: 'module.function'"
    return ""
