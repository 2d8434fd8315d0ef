"""Methods that know their class when they are named on it: `Movie.put`, not called.

Policies are derived from such names. Guarantee: on an instance the method is the plain bound one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from types import MethodType
from typing import TYPE_CHECKING, Any, TypeVar, cast

__all__ = ["NamedMethod", "knows_its_class"]

F = TypeVar("F", bound=Callable[..., Any])


class NamedMethod:
    """A method named on a class, as in `Movie.put`; called with an instance, it does what the method does."""

    def __init__(self, function: Callable[..., Any], owner: type) -> None:
        update_wrapper(self, function)
        self.owner = owner
        self._function = function

    @property
    def name(self) -> str:
        """The method's name: `put`."""
        return self._function.__name__

    def __call__(self, *args: object, **named: object) -> Any:
        """The method of the instance that comes first."""
        return self._function(*args, **named)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NamedMethod):
            return NotImplemented
        return self._function is other._function and self.owner is other.owner

    def __hash__(self) -> int:
        return hash((self._function, self.owner))

    def __repr__(self) -> str:
        return f"<method {self.owner.__name__}.{self.name}>"


class _Method:
    """The descriptor of such a method."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.__wrapped__ = function  # for what reads signatures
        self.__doc__ = function.__doc__

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        if instance is not None:
            return MethodType(self._function, instance)
        assert owner is not None  # Python gives one of both
        return NamedMethod(self._function, owner)


def knows_its_class(method: F) -> F:
    """Makes a method know its class where it is named on it. Type checkers see the method as it is."""
    if TYPE_CHECKING:
        return method
    return cast("F", _Method(method))
