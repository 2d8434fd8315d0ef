"""What a codec is: how values of one Python type become AttributeValues and come back.

Guarantees: every codec raises only `MarshalError`, with paths relative to its value, and collects the
faults of all its parts; only a value that contains itself ends in a RecursionError, which whoever encodes
a whole item or operand turns into the fault `ENDLESS`. Each has two forms. The exact form (`encode`,
`decode`) finds out what is wrong and where. The fast form is source text (`write`, `read`) for the
generated code of an item or a document; it may raise anything, upon which the exact form has the last
word. For values of any kind, and for AttributeValues in DynamoDB's form, the two agree whenever the fast
form does not raise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, get_args

import attrs

from dynamodel._codegen import Source, compile_functions
from dynamodel.errors import DeclarationError, Fault, MarshalError, MarshalFault
from dynamodel.types import AttributeType, AttributeValue

__all__ = ["Field", "FieldCodec", "UnionMembers", "UnsupportedTypeError", "ValueCodec"]

Inline: TypeAlias = Callable[[str, Source], str]
"""Given the name of a variable, and the source that it stands in: an expression."""


ENDLESS = "the value contains itself, or is nested far deeper than DynamoDB allows"
"""The rule that a value breaks on which a codec recurses without end."""


class UnsupportedTypeError(DeclarationError):
    """A type that dynamodel cannot store, or not without being told how. `rule` says what to do."""

    def __init__(self, type_: object, rule: str) -> None:
        self.rule = rule
        super().__init__([Fault(type_name(type_), rule)])


@attrs.frozen(eq=False, repr=False, kw_only=True)
class ValueCodec:
    """How values of one Python type become AttributeValues and come back."""

    python_type: Any
    """The type, its annotations resolved."""
    types: frozenset[AttributeType]
    """The descriptors that it may write."""
    encode: Callable[[Any], AttributeValue]
    """Makes an AttributeValue, or raises MarshalError with paths relative to the value."""
    decode: Callable[[AttributeValue], Any]
    """Makes a value, or raises MarshalError with paths relative to the value."""
    accepts: Callable[[object], bool]
    """Whether a value belongs to this type, as far as its outside shows."""
    element: ValueCodec | None = None
    """The codec of what a list, a set, a tuple[X, ...] or a dict holds."""
    parts: tuple[ValueCodec, ...] = ()
    """The codecs of the places of a tuple[A, B]."""
    fields: Mapping[str, FieldCodec] | None = None
    """The fields of an attrs document by their Python names."""
    empty: Callable[[], Any] | None = None
    """Makes the empty set, if this is a type of sets."""
    present: ValueCodec | None = None
    """The codec of the values other than None, if this is an Optional type."""
    union: UnionMembers | None = None
    """The members of a union, None left out."""
    decode_partial: Callable[[AttributeValue], Any] = attrs.field(
        default=attrs.Factory(lambda self: self.decode, takes_self=True)
    )
    """As `decode`, but the documents inside may lack fields, since a projection left them out."""
    write: Inline = attrs.field(
        default=attrs.Factory(lambda self: inline_call(self.encode, "encode"), takes_self=True)
    )
    """The fast form of `encode`."""
    read: Inline = attrs.field(
        default=attrs.Factory(lambda self: inline_call(self.decode, "decode"), takes_self=True)
    )
    """The fast form of `decode`; it uses the variable once, unless None is a value of the type."""

    @property
    def nullable(self) -> bool:
        """Whether None is a value of the type."""
        return "NULL" in self.types


@attrs.frozen(eq=False, repr=False, kw_only=True)
class UnionMembers:
    """The members of a union, and what tells them apart: their descriptors, or an entry of their maps."""

    members: Sequence[ValueCodec]
    by_descriptor: Mapping[str, ValueCodec] = attrs.field(factory=dict)
    """Empty for a union of documents alone, which are told apart by an entry."""
    entry: str = ""
    by_tag: Mapping[tuple[str, Any], ValueCodec] = attrs.field(factory=dict)
    """By the descriptor and the content of this entry."""
    is_entry_written: bool = False
    """The entry is no field of the documents: their class's name is written there."""


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Field:
    """What the declaration of an attribute says."""

    name: str
    stored_name: str
    type: Any
    default: Any = attrs.field(factory=lambda: attrs.NOTHING)
    """`attrs.NOTHING` if there is none."""
    factory: Callable[[], object] | None = None
    null: bool = False
    """None is stored as NULL instead of absence."""
    key_limit: int | None = None
    """The most bytes that it may have as a key of the table or of an index; None if it is no key."""
    is_key_part: bool = False
    """A key is built from it, so that its values need an order that is that of their texts."""
    is_computed: bool = False
    """Objects do not hold it: it is made of other attributes when an item is written."""


@attrs.frozen(eq=False, repr=False, kw_only=True)
class FieldCodec:
    """How one attribute of an item, or one field of a document, is stored."""

    field: Field
    value: ValueCodec
    encode: Callable[[Any], AttributeValue | None]
    """Makes an AttributeValue, or None if the value is stored as absence."""
    decode: Callable[[AttributeValue], Any]
    absent: Callable[[], Any] | None
    """Makes the value of an absent attribute; None if the attribute is required. The result
    `attrs.NOTHING` means that the document's class makes the default itself."""


def inline_call(function: Callable[[Any], Any], hint: str) -> Inline:
    """Source that calls the function with the value."""
    return lambda variable, source: f"{source.bind(function, hint)}({variable})"


class Late:
    """A function that is generated when it is first used: many a program never uses it.

    While it is being generated, a recursive type meets it again and binds the `Late` itself.
    """

    def __init__(self, generate: Callable[[], Callable[[Any], Any]]) -> None:
        self._generate = generate
        self._function: Callable[[Any], Any] | None = None
        self._generating = False

    def __call__(self, value: Any) -> Any:
        return self.function(value)

    @property
    def function(self) -> Callable[[Any], Any]:
        """The function itself."""
        if self._function is None:
            self._generating = True
            try:
                self._function = self._generate()
            finally:
                self._generating = False
        return self._function

    def inline(self, variable: str, source: Source) -> str:
        """Source that calls the function."""
        function = self if self._generating else self.function
        return f"{source.bind(function, 'late')}({variable})"


def late(inline: Inline, about: str) -> Late:
    """The function of one expression."""

    def generate() -> Callable[[Any], Any]:
        source = Source(about)
        expression = inline("value", source)
        source.line("def convert(value):")
        source.line(f"return {expression}", 1)
        return compile_functions(source)["convert"]

    return Late(generate)


def unfinished(python_type: object, *types: AttributeType) -> ValueCodec:
    """A codec that stands for itself while the codec of a recursive type is being made."""

    def encode(value: Any) -> AttributeValue:
        return codec.encode(value)

    def decode(value: AttributeValue) -> Any:
        return codec.decode(value)

    def decode_partial(value: AttributeValue) -> Any:
        return codec.decode_partial(value)

    def accepts(value: object) -> bool:
        return codec.accepts(value)

    codec = ValueCodec(
        python_type=python_type,
        types=frozenset(types),
        encode=encode,
        decode=decode,
        accepts=accepts,
        decode_partial=decode_partial,
    )
    return codec


def finish(codec: ValueCodec, made: ValueCodec) -> ValueCodec:
    """Turn an unfinished codec into the one that was made; whoever holds it sees the change."""
    for field in attrs.fields(ValueCodec):
        object.__setattr__(codec, field.name, getattr(made, field.name))
    return codec


def type_name(type_: object) -> str:
    """The type as its annotation shows it."""
    return type_.__qualname__ if isinstance(type_, type) and not hasattr(type_, "__args__") else str(type_)


def wrong_value(value: object, rule: str) -> MarshalError:
    """The error for a value that is not of the attribute's type."""
    return MarshalError(MarshalFault("", type(value).__qualname__, rule))


def wrong_stored(value: object, rule: str) -> MarshalError:
    """The error for an AttributeValue that does not fit the attribute's type."""
    return MarshalError(MarshalFault("", descriptor(value), rule))


_DESCRIPTORS = frozenset(get_args(AttributeType))


def descriptor(value: object) -> str:
    """The type descriptor of an AttributeValue; if it is none, a text that says so."""
    if isinstance(value, dict) and len(value) == 1 and value.keys() <= _DESCRIPTORS:
        return str(next(iter(value)))
    return "no AttributeValue"


def content(value: AttributeValue, tag: AttributeType, name: str) -> Any:
    """What an AttributeValue holds, if it has the descriptor `tag`.

    Raises:
        MarshalError: it has another one; `name` is the Python type that asked.
    """
    if descriptor(value) != tag:
        raise wrong_stored(value, f"{name} is stored as {tag}")
    return value[tag]


class Faults:
    """The faults of a composed value, while its parts are worked through."""

    def __init__(self) -> None:
        self.found: list[MarshalFault] = []

    def add(self, step: str, error: MarshalError) -> None:
        """Keep the faults of one part; `step` leads to it: a name, or `[3]`."""
        self.found.extend(error.under(step).faults)

    def check(self) -> None:
        """Raise what was found, if anything."""
        if self.found:
            raise MarshalError(*self.found)
