"""From types to codecs: annotations are resolved, and the codec for each is put together.

Guarantees: a type that would not come back as it was written is refused when it is declared, with what to
do instead; all bad attributes of a class are reported at once. Choices and unions are loaded by the first
type that is one: many a program has none.
"""

from __future__ import annotations

import types
import typing
from collections.abc import (
    Callable,
    Hashable,
    Mapping,
    MutableMapping,
    MutableSequence,
    MutableSet,
    Sequence,
)
from collections.abc import Set as AbstractSet
from decimal import Decimal
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

import attrs

from dynamodel.attribute_value.containers import (
    dict_codec,
    list_codec,
    optional_codec,
    tuple_codec,
)
from dynamodel.attribute_value.converted import converted_codec, has_hook, with_decimals
from dynamodel.attribute_value.documents import document_codec
from dynamodel.attribute_value.dynamic import DYNAMIC
from dynamodel.attribute_value.fields import field_codec
from dynamodel.attribute_value.items import ItemCodec
from dynamodel.attribute_value.scalars import EITHER_NUMBER, scalar_codec
from dynamodel.attribute_value.sets import set_codec
from dynamodel.attribute_value.shapes import Slot, is_document, slots_of
from dynamodel.attribute_value.value_codec import (
    Field,
    FieldCodec,
    UnsupportedTypeError,
    ValueCodec,
    finish,
    late,
    type_name,
    unfinished,
)
from dynamodel.errors import DeclarationError, Fault
from dynamodel.types import AttributeType

if TYPE_CHECKING:
    from cattrs import Converter

__all__ = ["compile_item", "compile_value"]

E = TypeVar("E")

_LISTS: Mapping[object, type] = {list: list, MutableSequence: list, Sequence: Sequence}
_SETS: Mapping[object, Callable[..., Any]] = {
    set: set,
    MutableSet: set,
    frozenset: frozenset,
    AbstractSet: frozenset,
}
_DICTS = (dict, Mapping, MutableMapping)
_BARE: Mapping[object, Any] = {
    None: types.NoneType,
    list: list[Any],
    dict: dict[str, Any],
    typing.List: list[Any],  # noqa: UP006 - as a user may write it
    typing.Dict: dict[str, Any],  # noqa: UP006 - as a user may write it
}
_ALIAS: Any = getattr(typing, "TypeAliasType", ())
"""The class of `type X = ...`, from Python 3.12 on."""

_NEED_ARGUMENTS = (tuple, set, frozenset, typing.Tuple, typing.Set, typing.FrozenSet)  # noqa: UP006 - as above
_NO_CODEC = (
    "dynamodel does not know how to store this type; give its class a converter with hooks for it: "
    "class X(Entity, table=..., converter=cattrs.Converter())"
)


def compile_value(type_: object, *, converter: Converter | None = None) -> ValueCodec:
    """The codec of one type.

    Args:
        type_: a type or annotation, not a string.
        converter: the user's cattrs converter, for types that dynamodel does not know and for those with
            hooks of the user's.

    Raises:
        UnsupportedTypeError: the type cannot be stored; the error says what to do.
    """
    return _Compiler(converter).codec(type_)


def compile_item(
    cls: type[E],
    fields: Sequence[Field],
    *,
    converter: Converter | None = None,
    ignored: frozenset[str] = frozenset(),
) -> ItemCodec[E]:
    """The codec of an entity class.

    Args:
        cls: an attrs class with `slots=False`, whose objects have their attributes in `__dict__`.
        fields: its attributes.
        converter: the user's cattrs converter, see `compile_value`.
        ignored: stored names that are neither attributes nor unknown: dynamodel writes them itself.

    Raises:
        DeclarationError: with one fault for each attribute that cannot be stored.
    """
    compiler = _Compiler(converter)
    codecs: dict[str, FieldCodec] = {}
    faults: list[Fault] = []
    for field in fields:
        try:
            codecs[field.name] = compiler.field(field)
        except UnsupportedTypeError as error:
            faults.append(Fault(f"{cls.__name__}.{field.name}", f"{type_name(field.type)}: {error.rule}"))
    if faults:
        raise DeclarationError(faults)
    return ItemCodec(cls, codecs, ignored)


class _Compiler:
    """Compiles the types of one item; documents and recursive aliases are compiled once."""

    def __init__(self, converter: Converter | None) -> None:
        self.converter = converter
        self.made: dict[object, ValueCodec] = {}

    @cached_property
    def decimal_converter(self) -> Converter:
        """The user's converter, which it takes a copy to complete."""
        return with_decimals(cast("Converter", self.converter))

    def field(self, field: Field) -> FieldCodec:
        return field_codec(
            field, self.codec(field.type, key=field.key_limit is not None or field.is_key_part)
        )

    def codec(self, type_: Any, *, key: bool = False) -> ValueCodec:
        """The codec of a type; in keys, the order of dates and times matters."""
        if isinstance(type_, (str, typing.ForwardRef)):
            raise UnsupportedTypeError(type_, "this annotation is a string that could not be resolved")
        if self.converter is not None and has_hook(self.converter, type_):
            return self._converted(type_)
        type_ = _BARE.get(type_, type_) if isinstance(type_, Hashable) else type_
        if type_ is Any or type_ is object:
            return DYNAMIC
        found = scalar_codec(type_, key=key)
        if found is not None:
            return found
        if isinstance(type_, type) and typing.get_origin(type_) is None:
            return self._class(type_)
        return self._form(type_, key)

    def _class(self, type_: type) -> ValueCodec:
        if issubclass(type_, Enum):
            from dynamodel.attribute_value.choices import enum_codec  # noqa: PLC0415 - see the top

            return enum_codec(type_)
        return self._document(type_) if is_document(type_) else self._other(type_)

    def _form(self, type_: Any, key: bool) -> ValueCodec:
        origin, arguments = typing.get_origin(type_), typing.get_args(type_)
        if isinstance(type_, typing.NewType) or origin is typing.Annotated:
            return self.codec(getattr(type_, "__supertype__", None) or arguments[0], key=key)
        if isinstance(type_, _ALIAS) or isinstance(origin, _ALIAS):
            value = origin.__value__[arguments] if arguments else type_.__value__
            return self._alias(type_, value, key)
        if origin is Literal:
            return self._literal(type_, arguments)
        if origin is typing.Union or origin is types.UnionType:
            return self._union(type_, arguments, key)
        return self._container(type_, origin, arguments)

    def _container(self, type_: Any, origin: Any, arguments: tuple[Any, ...]) -> ValueCodec:
        if is_document(type_):
            return self._document(type_)
        if origin is tuple and type_ is not typing.Tuple:  # noqa: UP006 - as a user may write it
            return self._tuple(type_, arguments)
        if arguments and origin in _LISTS:
            return list_codec(type_, self.codec(arguments[0]), _LISTS[origin])
        if arguments and origin in _SETS:
            return set_codec(type_, self.codec(arguments[0]), _SETS[origin])
        if arguments and origin in _DICTS:
            if self.codec(arguments[0]).python_type is not str:
                raise UnsupportedTypeError(type_, "the keys of a map are str")
            return dict_codec(type_, self.codec(arguments[1]))
        return self._other(type_)

    def _tuple(self, type_: Any, arguments: tuple[Any, ...]) -> ValueCodec:
        if len(arguments) == 2 and arguments[1] is ...:
            return list_codec(type_, self.codec(arguments[0]), tuple)
        return tuple_codec(type_, [self.codec(argument) for argument in arguments])

    def _other(self, type_: Any) -> ValueCodec:
        if type_ in _NEED_ARGUMENTS:
            raise UnsupportedTypeError(type_, f"say what it holds: {type_name(type_)}[...]")
        if isinstance(type_, TypeVar):
            raise UnsupportedTypeError(type_, "a type variable cannot be stored; declare a type")
        if self.converter is None:
            raise UnsupportedTypeError(type_, _NO_CODEC)
        return self._converted(type_)

    def _converted(self, type_: Any) -> ValueCodec:
        return converted_codec(self.decimal_converter, type_, DYNAMIC.types - {"NULL"})

    def _literal(self, type_: Any, choices: tuple[Any, ...]) -> ValueCodec:
        present = tuple(choice for choice in choices if choice is not None)
        if not present:
            return self.codec(None)
        from dynamodel.attribute_value.choices import literal_codec  # noqa: PLC0415 - see the top

        codec = literal_codec(type_, present)
        return codec if len(present) == len(choices) else optional_codec(type_, codec)

    def _union(self, type_: Any, arguments: tuple[Any, ...], key: bool) -> ValueCodec:
        members = [self.codec(argument, key=key) for argument in arguments]
        if DYNAMIC in members:
            return DYNAMIC
        present = [member.present or member for member in members if member.types != {"NULL"}]
        if not all(member.types for member in present):
            raise UnsupportedTypeError(type_, "a recursive alias cannot be a member of its own union")
        codec = self._present(type_, present)
        return optional_codec(type_, codec) if any(member.nullable for member in members) else codec

    def _present(self, type_: Any, members: list[ValueCodec]) -> ValueCodec:
        """The codec of a union without None."""
        kinds = [member.python_type for member in members]
        if int in kinds and Decimal in kinds:
            members = [EITHER_NUMBER, *(m for m in members if m.python_type not in (int, Decimal))]
        if len(members) == 1:
            return members[0]
        from dynamodel.attribute_value.unions import documents_codec, union_codec  # noqa: PLC0415 - see the top

        documents = [member for member in members if is_document(member.python_type)]
        if len(documents) > 1:
            literals = [self._literals(member.python_type) for member in documents]
            together = documents_codec(type_, documents, literals)
            members = [together, *(m for m in members if m not in documents)]
        return members[0] if len(members) == 1 else union_codec(type_, members)

    def _literals(self, type_: Any) -> dict[str, tuple[object, ...]]:
        # From the annotations: of a recursive class there are no codecs yet.
        return {slot.name: _literal_choices(slot.type) for slot in slots_of(type_)}

    def _document(self, type_: Any) -> ValueCodec:
        return self._once(type_, lambda: self._new_document(type_), "M")

    def _new_document(self, type_: Any) -> ValueCodec:
        slots = slots_of(type_)
        fields: dict[str, FieldCodec] = {}
        faults: list[str] = []
        for slot in slots:
            try:
                fields[slot.name] = self.field(_field(slot))
            except UnsupportedTypeError as error:
                faults.append(f"{type_name(type_)}.{slot.name}: {error.rule}")
        if faults:
            raise UnsupportedTypeError(type_, "; ".join(faults))
        return document_codec(type_, slots, fields)

    def _alias(self, type_: Any, value: Any, key: bool) -> ValueCodec:
        def make() -> ValueCodec:
            made = self.codec(value, key=key)
            # Source that is put in place would never end where the alias is recursive.
            write = late(made.write, "encoder of an alias").inline
            return attrs.evolve(made, write=write, read=late(made.read, "decoder of an alias").inline)

        return self._once((type_, key), make)

    def _once(self, name: Any, make: Callable[[], ValueCodec], *types_: AttributeType) -> ValueCodec:
        found = self.made.get(name)
        if found is None:
            found = self.made[name] = unfinished(name, *types_)
            try:
                finish(found, make())
            except UnsupportedTypeError:
                del self.made[name]
                raise
        return found


def _literal_choices(type_: Any) -> tuple[object, ...]:
    """The choices of a Literal; none for another type, or if None is one of them."""
    if isinstance(type_, _ALIAS):
        return _literal_choices(type_.__value__)
    if typing.get_origin(type_) is typing.Annotated:
        return _literal_choices(typing.get_args(type_)[0])
    choices = typing.get_args(type_) if typing.get_origin(type_) is Literal else ()
    return () if None in choices else choices


def _field(slot: Slot) -> Field:
    if slot.type is None:
        raise UnsupportedTypeError(slot.type, "this field has no annotation")
    return Field(
        name=slot.name,
        stored_name=slot.name,
        type=slot.type,
        default=slot.default,
        factory=_made_by_the_class if slot.needs_self else slot.factory,
    )


def _made_by_the_class() -> object:
    return attrs.NOTHING
