"""One step of a document path: into a field of a nested class, an element of a list, a value of a map.

A field is named through its class, `Info.rank`. A class with slots has a descriptor there already; an attrs
class with a `__dict__` gets one (`FieldStep`) when an entity that holds it is declared. A dataclass without
slots gets none: it has the defaults of its fields there.
"""

from __future__ import annotations

from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any, TypeAlias, cast, get_origin

import attrs

from dynamodel.attribute_value.dynamic import DYNAMIC
from dynamodel.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamodel.attribute_value import ValueCodec
    from dynamodel.types import AttributeValue

__all__ = ["FieldStep", "make_steppable", "step_into"]


class FieldStep:
    """What `Info.rank` is on an attrs class without slots. A non-data descriptor: instances do not see it."""

    def __init__(self, owner: type, name: str) -> None:
        self.__objclass__ = owner
        self.__name__ = name

    def __get__(self, instance: object | None, owner: type) -> FieldStep:
        if instance is not None:
            message = f"{owner.__name__}.{self.__name__} is not set"
            raise AttributeError(message, name=self.__name__, obj=instance)
        return self


Step: TypeAlias = "tuple[str | int, ValueCodec, Callable[[Any], AttributeValue | None] | None]"
Named: TypeAlias = "FieldStep | MemberDescriptorType | attrs.Attribute[Any]"


def make_steppable(codec: ValueCodec) -> None:
    """Let the fields of the nested classes without slots be named through their class."""
    pending, done = [codec], set[int]()
    while pending:
        current = _present(pending.pop())
        if id(current) in done:
            continue
        done.add(id(current))
        pending.extend(current.parts if current.element is None else [current.element])
        for name, field in (current.fields or {}).items():
            pending.append(field.value)
            class_ = _document_class(current)
            # A dataclass would take the step for the default of a subclass's field.
            if attrs.has(class_) and not hasattr(class_, name):
                setattr(class_, name, FieldStep(class_, name))


def _present(codec: ValueCodec) -> ValueCodec:
    """The codec without None. Only it knows the fields of a class that holds itself, as `Doc | None`."""
    return codec.present or codec


def _document_class(codec: ValueCodec) -> type:
    """The class of a codec with fields; of a generic class with its arguments, the class alone."""
    return cast("type", get_origin(codec.python_type) or codec.python_type)


def step_into(
    codec: ValueCodec,
    step: object,
    path: str,
) -> Step:
    """The step's key in the stored document, and the codec (and attribute encoder) of what is there.

    Args:
        codec: of the value that is stepped into.
        step: an index, a map's key, or a field of a nested class as `Info.rank`.
        path: where the value stands, for messages.

    Raises:
        RequestError: the value has no such part.
    """
    codec = _present(codec)
    if isinstance(step, FieldStep | MemberDescriptorType | attrs.Attribute):
        return _field(codec, step, path)
    if codec.fields is not None:
        name = _document_class(codec).__name__
        raise RequestError(
            f"{path}: name a field through its class, as {name}.{next(iter(codec.fields), 'field')}; "
            "a dataclass needs slots=True for that"
        )
    if isinstance(step, bool) or not isinstance(step, int | str):
        raise RequestError(f"{path}[...]: an index, a key or a field of a nested class is needed")
    if isinstance(step, int):
        if step < 0 or "L" not in codec.types:
            raise RequestError(f"{path}[{step}]: a list and an index of 0 or more are needed")
        return step, _element(codec, step, path), None
    if "M" not in codec.types:
        raise RequestError(f"{path}[{step!r}]: only a map has keys")
    return step, codec.element or DYNAMIC, None


def _field(codec: ValueCodec, step: Named, path: str) -> Step:
    name: str = step.name if isinstance(step, attrs.Attribute) else step.__name__
    owner = None if isinstance(step, attrs.Attribute) else step.__objclass__
    field = (codec.fields or {}).get(name)
    if field is None or not (owner is None or issubclass(_document_class(codec), owner)):
        raise RequestError(f"{path}: {name} is not a field of this document")
    return field.field.stored_name, field.value, field.encode


def _element(codec: ValueCodec, position: int, path: str) -> ValueCodec:
    if codec.parts and position >= len(codec.parts):
        raise RequestError(f"{path}[{position}]: the tuple has {len(codec.parts)} elements")
    return codec.parts[position] if codec.parts else codec.element or DYNAMIC
