"""`Attr` and `attribute`: how an entity class declares its attributes.

`Attr[T]` is a descriptor: on the class it gives a typed `Path[T]`, on an instance the plain value. It is a
non-data descriptor at run time, so reading an instance's attribute is a plain dictionary read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

import attrs

from dynamodel.expressions.nodes import DocumentPath
from dynamodel.expressions.path import Path

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamodel.attribute_value import ItemCodec

__all__ = ["CODEC", "Attr", "attribute", "codec_of"]

T = TypeVar("T")

CODEC = "__dynamodel_codec__"
"""Where an entity class keeps its compiled codec."""


def codec_of(cls: type) -> ItemCodec[Any] | None:
    """The class's own codec; None while the class is being made."""
    codec: ItemCodec[Any] | None = vars(cls).get(CODEC)
    return codec


class Attr(Generic[T]):
    """An attribute of type T. Declare it as `title: Attr[str] = attribute()`.

    On the class, `Movie.title` is a `Path[str]` that builds expressions; on an instance, `movie.title`
    is the value.
    """

    def __init__(
        self,
        stored_name: str | None = None,
        default: object = attrs.NOTHING,
        factory: Callable[[], object] | None = None,
        null: bool = False,
    ) -> None:
        self.name = ""
        self.stored_name = stored_name
        self.default = default
        self.factory = factory
        self.null = null

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> Path[T]: ...
    @overload
    def __get__(self, instance: object, owner: type[Any]) -> T: ...
    def __get__(self, instance: object | None, owner: type[Any]) -> Any:
        codec = codec_of(owner)
        if instance is not None:
            raise AttributeError(
                f"{owner.__name__}.{self.name} was not loaded: the projection of the query or of its "
                "index leaves it out",
                name=self.name,
                obj=instance,
            )
        if codec is None:
            return self
        field = codec.fields[self.name]
        node = DocumentPath(owner, (field.field.stored_name,), self.name)
        return Path(node, field.value, field.encode)

    if TYPE_CHECKING:

        def __set__(self, instance: Any, value: T) -> None: ...


@overload
def attribute(name: str | None = None, *, default: T, null: bool = False) -> Attr[T]: ...
@overload
def attribute(name: str | None = None, *, factory: Callable[[], T], null: bool = False) -> Attr[T]: ...
@overload
def attribute(name: str | None = None, *, null: bool = False) -> Any: ...
def attribute(
    name: str | None = None,
    *,
    default: Any = attrs.NOTHING,
    factory: Callable[[], Any] | None = None,
    null: bool = False,
) -> Any:
    """Declares an attribute of an entity.

    Args:
        name: the name it is stored under; the Python name if left out. 1 to 65,535 bytes of UTF-8, and
            at most 255 for a key (AWS developer guide, Limits).
        default: its value where none is given, and where a stored item has none. (An absent attribute
            that may be None reads as None, since that is how None is stored.)
        factory: makes the default; for lists, sets, maps and other mutable values.
        null: store None as NULL. Without it, None is stored as absence.
    """
    return Attr(name, default, factory, null)
