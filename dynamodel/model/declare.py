"""Makes an entity of a class: constructor, codec, keys and indexes, and what its table hears of it.

Every fault of the class is found and told at once: those of its attributes, of its keys and indexes, and
of the table together with what other entities of the table said before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from dynamodel.attribute_value import ItemCodec, compile_item, compile_value
from dynamodel.attribute_value.items import UNKNOWN_ATTRIBUTES
from dynamodel.attribute_value.unknown import UnknownEntries
from dynamodel.entity.attributes import CODEC, Attr, Computed
from dynamodel.entity.schema import SCHEMA
from dynamodel.errors import DeclarationError, Fault
from dynamodel.expressions.steps import make_steppable
from dynamodel.keys import ESCAPE
from dynamodel.model.build import (
    build_contribution,
    build_schema,
    built_name_faults,
    hidden_names,
    key_limits,
)
from dynamodel.model.collect import Declared, collect
from dynamodel.model.verify import StoredTypes, codec_faults, declared_faults
from dynamodel.schema.contribution import EntityContribution
from dynamodel.schema.table import Table

if TYPE_CHECKING:
    from cattrs import Converter

__all__ = ["Options", "declare"]


@attrs.frozen(eq=False, repr=False)
class Options:
    """What the line `class X(Entity, ...)` says."""

    table: object
    """The table of its items; None for a base class of shared attributes."""
    converter: Converter | None
    """For types that the codec does not know."""
    discriminator: str | None
    """What marks its items in a table of many entities; None: the name of the class."""


def declare(cls: type, options: Options, reserved: frozenset[str], namespace: Mapping[str, Any]) -> None:
    """Make an entity class of `cls`, and tell its table about it.

    Args:
        cls: the class, with its `Attr`s and indexes.
        options: what its first line says.
        reserved: names that attributes and indexes cannot have.
        namespace: the local names where the class stands, for its annotations.

    Raises:
        DeclarationError: with all faults.
    """
    declared, faults = collect(cls, reserved, namespace)
    table, converter = _checked(options, declared, faults)
    _give_constructor(cls, {n: a for n, a in declared.attributes.items() if n not in reserved})
    mark = options.discriminator or cls.__name__
    codec: ItemCodec[Any] | None = None
    hidden = hidden_names(declared, table)
    faults.extend(_hidden_faults(declared, hidden))
    faults.extend(built_name_faults(declared, table))
    try:
        fields = declared.fields(key_limits(declared))
        codec = compile_item(cls, fields, converter=converter, ignored=hidden)
    except DeclarationError as error:
        faults.extend(error.faults)
    if codec is not None:
        faults.extend(codec_faults(declared, codec))
    types = _stored_types(declared, codec, converter)
    faults.extend(declared_faults(declared, types, options.table))
    contribution = build_contribution(declared, types, table, mark)
    if contribution is not None and table is not None:
        faults.extend(_tell(table, contribution, faults))
    if faults or codec is None:
        raise DeclarationError(list(dict.fromkeys(faults)))
    setattr(cls, CODEC, codec)
    for field in codec.fields.values():
        make_steppable(field.value)
    if table is not None and contribution is not None:
        setattr(cls, SCHEMA, build_schema(cls, table, declared, codec, contribution))


def _checked(
    options: Options, declared: Declared, faults: list[Fault]
) -> tuple[Table | None, Converter | None]:
    """The table and the converter, if they are such; what they are else is a fault."""
    converter = options.converter
    if converter is not None and not hasattr(converter, "get_structure_hook"):
        rule = f"converter= takes a cattrs converter, not {type(converter).__name__}"
        faults.append(Fault(declared.place, rule))
        converter = None
    mark = options.discriminator
    if mark is not None and (not isinstance(mark, str) or not mark or mark.startswith(ESCAPE)):
        rule = f"discriminator= takes a text that is not empty, and does not begin with {ESCAPE!r}"
        faults.append(Fault(declared.place, rule))
    return options.table if isinstance(options.table, Table) else None, converter


def _hidden_faults(declared: Declared, hidden: frozenset[str]) -> Iterator[Fault]:
    for name in declared.attributes:
        stored = declared.stored_name(name)
        if stored in hidden:
            rule = f"is stored as {stored!r}, which dynamodel writes itself; give it another stored name"
            yield Fault(f"{declared.place}.{name}", rule)


def _tell(table: Table, contribution: EntityContribution, faults: Sequence[Fault]) -> Sequence[Fault]:
    """Add the contribution to the table, unless the class or the table has faults; those of the table."""
    if faults:
        return table.faults(contribution)
    try:
        table.add(contribution)
    except DeclarationError as error:
        return error.faults
    return ()


def _give_constructor(cls: type, attributes: Mapping[str, Attr[Any]]) -> None:
    """Let attrs write `__init__`, with keywords only, and make its tools (`attrs.evolve`) work."""
    these: dict[str, Any] = {
        name: attrs.field(factory=attribute.factory, alias=name)  # as type checkers see it: not stripped of _
        if callable(attribute.factory)
        else attrs.field(default=attribute.default, alias=name)
        for name, attribute in attributes.items()
        if not isinstance(attribute, Computed)
    }
    these[UNKNOWN_ATTRIBUTES] = attrs.field(default=None, alias=UNKNOWN_ATTRIBUTES, converter=_only_stored)
    attrs.define(
        cls,
        these=these,
        slots=False,
        kw_only=True,
        repr=False,
        eq=False,
        auto_attribs=False,
        on_setattr=attrs.setters.NO_OP,  # assignments stay plain; values are checked when they are written
    )


def _only_stored(unknown: object) -> object:
    """`attrs.evolve` hands them on; a request's body (`Movie(**body)`) must not smuggle attributes in."""
    if unknown is not None and not isinstance(unknown, UnknownEntries):
        raise TypeError(f"{UNKNOWN_ATTRIBUTES} is not an argument: unknown attributes come from stored items")
    return unknown


def _stored_types(
    declared: Declared,
    codec: ItemCodec[Any] | None,
    converter: Converter | None,
) -> StoredTypes:
    """The descriptors of each attribute's type; none for a type that has no codec."""
    if codec is not None:
        return {name: field.value.types for name, field in codec.fields.items()}
    types: StoredTypes = {}
    for name, type_ in declared.types.items():
        try:
            types[name] = compile_value(type_, converter=converter).types
        except DeclarationError:  # told with the other faults of the class
            types[name] = frozenset()
    return types
