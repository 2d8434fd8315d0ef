"""`Attr`, `attribute` and `computed`: how an entity class declares its attributes.

`Attr[T]` is a descriptor: on the class it gives a typed `Path[T]`, on an instance the plain value. It is a
non-data descriptor at run time, so reading an instance's attribute is a plain dictionary read; only read-only
and computed attributes are data descriptors, since they refuse assignments.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

import attrs

from dynamodel.errors import DeclarationError, Fault
from dynamodel.expressions.nodes import DocumentPath
from dynamodel.expressions.path import Path

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamodel.attribute_value import ItemCodec
    from dynamodel.entity.schema import Role

__all__ = ["CODEC", "Attr", "Computed", "attribute", "codec_of", "computed", "now"]

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")

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
        *,
        read_only: bool = False,
        role: Role | None = None,
    ) -> None:
        self.name = ""
        self.stored_name = stored_name
        self.default = default
        self.factory = factory
        self.null = null
        self.read_only = read_only
        self.writable = False
        self.role: Role | None = role

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


class _ReadOnly(Attr[T]):
    """An attribute that is set once for each instance."""

    if not TYPE_CHECKING:

        def __get__(self, instance: object | None, owner: type[Any]) -> Any:
            if instance is not None and self.name in vars(instance):
                return vars(instance)[self.name]
            return super().__get__(instance, owner)

        def __set__(self, instance: object, value: object) -> None:
            if self.name in vars(instance):
                message = f"{type(instance).__name__}.{self.name} is read-only"
                raise AttributeError(message, name=self.name, obj=instance)
            vars(instance)[self.name] = value


class Computed(Attr[T]):
    """An attribute that follows from others: computed whenever it is read, and whenever it is written."""

    def __init__(self, function: Callable[..., T], sources: tuple[object, ...], name: str | None) -> None:
        super().__init__(name)
        self.function = function
        self.sources = sources

    if not TYPE_CHECKING:

        def __get__(self, instance: object | None, owner: type[Any]) -> Any:
            if instance is None:
                return super().__get__(instance, owner)
            names = (source.name if isinstance(source, Attr) else source.node.name for source in self.sources)
            return self.function(*(getattr(instance, name) for name in names))

        def __set__(self, instance: object, value: object) -> None:
            message = f"{type(instance).__name__}.{self.name} is computed"
            raise AttributeError(message, name=self.name, obj=instance)


def now() -> datetime:
    """The moment that timestamps get: now, in UTC."""
    return datetime.now(UTC)


# mypy takes the last overload for one that it cannot match (`default=None`): it must be a plain one.
@overload
def attribute(
    name: str | None = None, *, version: Literal[True], default: Literal[0] = 0, init: Literal[False] = False
) -> Attr[int]: ...
@overload
def attribute(
    name: str | None = None, *, created: Literal[True], init: Literal[False] = False
) -> Attr[datetime]: ...
@overload
def attribute(
    name: str | None = None, *, updated: Literal[True], init: Literal[False] = False
) -> Attr[datetime]: ...
@overload
def attribute(
    name: str | None = None,
    *,
    default: T,
    null: bool = False,
    read_only: bool = False,
    writable: bool = False,
) -> Attr[T]: ...
@overload
def attribute(
    name: str | None = None,
    *,
    factory: Callable[[], T],
    null: bool = False,
    read_only: bool = False,
    writable: bool = False,
) -> Attr[T]: ...
@overload
def attribute(
    name: str | None = None, *, null: bool = False, read_only: bool = False, writable: bool = False
) -> Any: ...
def attribute(  # noqa: PLR0913 - one keyword for each thing that an attribute can be
    name: str | None = None,
    *,
    default: Any = attrs.NOTHING,
    factory: Callable[[], Any] | None = None,
    null: bool = False,
    read_only: bool = False,
    writable: bool = False,
    version: bool = False,
    created: bool = False,
    updated: bool = False,
    init: Literal[False] = False,  # noqa: ARG001 - what type checkers read
) -> Any:
    """Declares an attribute of an entity.

    Args:
        name: the name it is stored under; the Python name if left out. 1 to 65,535 bytes of UTF-8, and
            at most 255 for a key (AWS developer guide, Limits).
        default: its value where none is given, and where a stored item has none. (An absent attribute
            that may be None reads as None, since that is how None is stored.)
        factory: makes the default; for lists, sets, maps and other mutable values.
        null: store None as NULL. Without it, None is stored as absence.
        read_only: set when an instance is made, and never after; no update changes it.
        writable: requests of clients may set it (`dynamodel.aws_lambda.http.Input`), which may set nothing
            else. Not for keys of the table, nor for what dynamodel keeps itself.
        version: the attribute counts the writes of the item, for optimistic locking: 0 before the first.
        created: the attribute tells when the item was first written; an aware datetime.
        updated: the attribute tells when it was last written; an aware datetime.
        init: for type checkers: whether the constructor takes it. Do not give it.
    """
    roles: dict[Role, bool] = {"version": version, "created": created, "updated": updated}
    chosen: list[Role] = [role for role, wanted in roles.items() if wanted]
    if len(chosen) > 1:
        raise DeclarationError([Fault("attribute()", f"is either {' or '.join(chosen)}, not both")])
    if not chosen:
        made: Attr[Any] = (_ReadOnly if read_only else Attr)(
            name, default, factory, null, read_only=read_only
        )
        made.writable = writable
        return made
    if writable:
        rule = f"{chosen[0]}=True is written by dynamodel itself, and cannot be writable by requests"
        raise DeclarationError([Fault("attribute()", rule)])
    if default not in (attrs.NOTHING, 0) or factory is not None:
        raise DeclarationError([Fault("attribute()", f"{chosen[0]}=True has a value of its own: no default")])
    if chosen == ["version"]:
        return Attr(name, 0, role="version")
    return Attr(name, factory=now, role=chosen[0])


@overload
def computed(
    function: Callable[[A], T],
    a: Attr[A] | Path[A],
    /,
    *,
    name: str | None = None,
    init: Literal[False] = False,
) -> Attr[T]: ...
@overload
def computed(
    function: Callable[[A, B], T],
    a: Attr[A] | Path[A],
    b: Attr[B] | Path[B],
    /,
    *,
    name: str | None = None,
    init: Literal[False] = False,
) -> Attr[T]: ...
@overload
def computed(
    function: Callable[[A, B, C], T],
    a: Attr[A] | Path[A],
    b: Attr[B] | Path[B],
    c: Attr[C] | Path[C],
    /,
    *,
    name: str | None = None,
    init: Literal[False] = False,
) -> Attr[T]: ...
def computed(
    function: Callable[..., Any],
    /,
    *sources: Any,
    name: str | None = None,
    init: Literal[False] = False,  # noqa: ARG001 - what type checkers read
) -> Any:
    """Declares an attribute that follows from others.

    `slug: Attr[str] = computed(slugify, title)`. It is stored, so that filters and keys can use it, and
    every write that touches one of its sources writes it, too. It cannot be assigned.

    Args:
        function: makes its value from those of the sources; the same from the same.
        sources: up to three attributes.
        name: the name it is stored under; the Python name if left out.
        init: for type checkers: whether the constructor takes it. Do not give it.
    """
    return Computed(function, sources, name)
