"""What an attrs class or dataclass says about its fields, in one form for both.

Guarantee: an object is read by its fields' names and built through its own class, so that its converters,
validators, defaults and hooks run.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from dynamodel.attribute_value.value_codec import UnsupportedTypeError

__all__ = ["Slot", "has_own_init", "is_document", "slots_of"]


@attrs.frozen(eq=False, repr=False)
class Slot:
    """One field of a class that its constructor takes."""

    name: str
    argument: str
    """The constructor's keyword."""
    type: Any
    default: Any
    """`attrs.NOTHING` if there is none."""
    factory: Callable[[], object] | None
    needs_self: bool
    """The default is made from the half-built object, so only the class can make it."""
    keyword_only: bool


def is_document(type_: object) -> bool:
    """Whether the type is an attrs class or a dataclass, or a generic one with its arguments."""
    cls = typing.get_origin(type_) or type_
    return isinstance(cls, type) and (attrs.has(cls) or dataclasses.is_dataclass(cls))


def slots_of(type_: Any) -> list[Slot]:
    """The fields that the constructor of a class takes, in its order.

    Args:
        type_: the class, or a generic class with its arguments.

    Raises:
        UnsupportedTypeError: an annotation cannot be resolved.
    """
    cls = typing.get_origin(type_) or type_
    try:
        # A class inside a function cannot see itself among its module's names.
        hints = typing.get_type_hints(cls, localns={cls.__name__: cls}, include_extras=True)
    except Exception as error:
        rule = f"its annotations cannot be resolved ({error}); define what they name at the module's level"
        raise UnsupportedTypeError(cls, rule) from error
    slots = _attrs_slots(cls, hints) if attrs.has(cls) else _dataclass_slots(cls, hints)
    bound = _bound_variables(type_)
    return [attrs.evolve(slot, type=_substituted(slot.type, bound)) for slot in slots]


def _bound_variables(type_: Any) -> dict[Any, Any]:
    """The type variables of a generic class, and of those that it inherits from, with their types."""
    cls = typing.get_origin(type_) or type_
    own = dict(zip(getattr(cls, "__parameters__", ()), typing.get_args(type_), strict=False))
    inherited: dict[Any, Any] = {}
    for base in vars(cls).get("__orig_bases__", cls.__bases__):
        if typing.get_origin(base) is not typing.Generic and base is not object:
            for variable, bound in _bound_variables(base).items():
                inherited[variable] = _substituted(bound, own)
    return {**inherited, **own}


def _substituted(type_: Any, bound: dict[Any, Any]) -> Any:
    generic: Any = type_
    if isinstance(type_, typing.TypeVar):
        return bound.get(type_, type_)
    variables = getattr(type_, "__parameters__", ())
    if not variables or (isinstance(type_, type) and typing.get_origin(type_) is None):
        return type_
    return generic[tuple(bound.get(variable, variable) for variable in variables)]


def _attrs_slots(cls: type, hints: dict[str, Any]) -> Iterator[Slot]:
    for attribute in attrs.fields(cls):
        if not attribute.init:
            continue
        default: Any = attribute.default
        factory, needs_self = None, False
        # attrs.Factory is a class at run time, whatever its stubs say.
        if isinstance(default, typing.cast("type[Any]", attrs.Factory)):
            factory, needs_self, default = default.factory, default.takes_self, attrs.NOTHING
        yield Slot(
            name=attribute.name,
            argument=attribute.alias or attribute.name,
            type=hints.get(attribute.name, attribute.type),
            default=default,
            factory=factory,
            needs_self=needs_self,
            keyword_only=attribute.kw_only,
        )


def _dataclass_slots(cls: type, hints: dict[str, Any]) -> Iterator[Slot]:
    for field in dataclasses.fields(cls):
        if not field.init:
            continue
        missing = dataclasses.MISSING
        yield Slot(
            name=field.name,
            argument=field.name,
            type=hints[field.name],
            default=attrs.NOTHING if field.default is missing else field.default,
            factory=None if field.default_factory is missing else field.default_factory,
            needs_self=False,
            keyword_only=field.kw_only is True,
        )


def has_own_init(cls: type) -> bool:
    """Whether the class, or one it inherits from, has an `__init__` that attrs did not write."""
    for base in cls.__mro__:
        if "__init__" in vars(base):
            # Where a class has its own, attrs calls the one that it writes `__attrs_init__`.
            return "__attrs_attrs__" not in vars(base) or "__attrs_init__" in vars(base)
    return True
