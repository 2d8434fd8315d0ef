"""Codecs of nested documents: attrs classes (and dataclasses) as M, by code generated for each class.

Guarantees: an object is built through its class; entries that the class does not declare are kept and
written back (see `unknown`); every fault of every field is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, get_origin

import attrs

from dynamodel._codegen import Source, compile_functions, quote
from dynamodel.attribute_value.fields import read_field, write_field
from dynamodel.attribute_value.shapes import Slot, has_own_init
from dynamodel.attribute_value.unknown import keep_unknown, kept_unknown, unknown_entries
from dynamodel.attribute_value.value_codec import (
    Faults,
    FieldCodec,
    Late,
    ValueCodec,
    content,
    inline_call,
    type_name,
    wrong_stored,
    wrong_value,
)
from dynamodel.errors import MarshalError, MarshalFault
from dynamodel.types import AttributeValue, Item

__all__ = ["decode_fields", "document_codec", "encode_fields", "write_entries"]

MISSING = "this required attribute is missing"
UNSET = "this attribute was not read (the item came from a projection); read the whole item to write it"


def encode_fields(fields: Mapping[str, FieldCodec], values: Callable[[str], Any], faults: Faults) -> Item:
    """The entries of a document or item, field by field; what is wrong is added to `faults`.

    Args:
        fields: the codecs by Python name.
        values: gives the value by Python name; a KeyError or AttributeError means that it was never set.
        faults: where faults go.
    """
    entries: Item = {}
    for name, codec in fields.items():
        try:
            value = values(name)
        except (KeyError, AttributeError):
            faults.add(name, MarshalError(MarshalFault("", "", UNSET)))
            continue
        try:
            encoded = codec.encode(value)
        except MarshalError as error:
            faults.add(name, error)
        else:
            if encoded is not None:
                entries[codec.field.stored_name] = encoded
    return entries


def decode_fields(
    fields: Mapping[str, FieldCodec], entries: Item, faults: Faults, *, in_part: Collection[str] = ()
) -> dict[str, Any]:
    """The values of a document or item by Python name, defaults included; faults are added to `faults`.

    Args:
        fields: the codecs by Python name.
        entries: what is stored.
        faults: where faults go.
        in_part: the Python names of those that a projection read in part.
    """
    values: dict[str, Any] = {}
    for name, codec in fields.items():
        stored = entries.get(codec.field.stored_name)
        try:
            if stored is not None:
                decode = codec.value.decode_partial if name in in_part else codec.decode
                values[name] = decode(stored)
            elif codec.absent is not None:
                values[name] = codec.absent()
            else:
                raise MarshalError(MarshalFault("", "", MISSING))
        except MarshalError as error:
            faults.add(name, error)
    return values


def document_codec(python_type: Any, slots: Sequence[Slot], fields: Mapping[str, FieldCodec]) -> ValueCodec:
    """The codec of an attrs class or dataclass.

    Args:
        python_type: the class, or a generic class with its arguments.
        slots: the fields that its constructor takes.
        fields: their codecs, by Python name.
    """
    known = frozenset(codec.field.stored_name for codec in fields.values())
    cls = get_origin(python_type) or python_type
    form = _DocumentForm(cls=cls, slots=slots, fields=fields, known=known)
    return attrs.evolve(form.codec(), python_type=python_type)


@attrs.frozen(eq=False, repr=False, kw_only=True)
class _DocumentForm:
    """How the objects of one attrs class or dataclass are stored."""

    cls: type[Any]
    slots: Sequence[Slot]
    """The fields that its constructor takes."""
    fields: Mapping[str, FieldCodec]
    """Their codecs, by Python name."""
    known: frozenset[str]
    """The names of the entries that it declares."""

    def accepts(self, value: object) -> bool:
        return type(value) is self.cls

    def encode(self, value: Any) -> AttributeValue:
        if type(value) is not self.cls:
            raise wrong_value(value, f"{type_name(self.cls)} itself is needed, no subclass")
        faults = Faults()
        entries = encode_fields(self.fields, lambda name: getattr(value, name), faults)
        faults.check()
        return {"M": {**(kept_unknown(value) or {}), **entries}}

    def decode(self, value: AttributeValue) -> Any:
        entries = content(value, "M", type_name(self.cls))
        faults = Faults()
        values = decode_fields(self.fields, entries, faults)
        faults.check()
        arguments = {
            slot.argument: values[slot.name] for slot in self.slots if values[slot.name] is not attrs.NOTHING
        }
        try:
            document = self.cls(**arguments)
        except Exception as error:  # whatever a validator raises; its text may quote the data
            rule = f"{type_name(self.cls)} refused these values with {type(error).__name__}"
            raise wrong_stored(value, rule) from None
        return self._with_unknown(document, entries)

    def decode_partial(self, value: AttributeValue) -> Any:
        entries = content(value, "M", type_name(self.cls))
        document = object.__new__(self.cls)
        faults = Faults()
        for name, codec in self.fields.items():
            stored = entries.get(codec.field.stored_name)
            if stored is None:
                continue
            try:
                part = codec.value.decode_partial(stored)
            except MarshalError as error:
                faults.add(name, error)
            else:
                object.__setattr__(document, name, part)  # the own one of a frozen class refuses
        faults.check()
        return self._with_unknown(document, entries)

    def _with_unknown(self, document: object, entries: Item) -> object:
        if not entries.keys() <= self.known:
            keep_unknown(document, unknown_entries(entries, self.known))
        return document

    def codec(self) -> ValueCodec:
        # A default that only the class can make leaves its argument out, which the exact form does.
        by_hand = any(slot.needs_self for slot in self.slots)
        return ValueCodec(
            python_type=self.cls,
            types=frozenset(["M"]),
            encode=self.encode,
            decode=self.decode,
            accepts=self.accepts,
            fields=self.fields,
            decode_partial=self.decode_partial,
            write=Late(self._writer).inline,
            read=inline_call(self.decode, "decode") if by_hand else Late(self._reader).inline,
        )

    def _reader(self) -> Callable[[AttributeValue], Any]:
        source = Source(f"decoder of {self.cls.__name__}")
        source.line("def decode(value):")
        source.line('entries = value["M"]', 1)
        source.line("get = entries.get", 1)
        source.line(f"document = {source.bind(self.cls, 'cls')}(", 1)
        self._write_arguments(source)
        source.line(")", 1)
        known = source.bind(self.known, "known")
        source.line(f"if not entries.keys() <= {known}:", 1)
        keep = source.bind(keep_unknown, "keep_unknown")
        unknown = source.bind(unknown_entries, "unknown_entries")
        source.line(f"{keep}(document, {unknown}(entries, {known}))", 2)
        source.line("return document", 1)
        return compile_functions(source)["decode"]

    def _write_arguments(self, source: Source) -> None:
        by_keyword = has_own_init(self.cls)
        named: list[str] = []
        for slot in self.slots:
            part = read_field(self.fields[slot.name], "entries", "get", source)
            if slot.keyword_only or by_keyword:
                named.append(f"{quote(slot.argument)}: {part},")
            else:
                source.line(f"{part},", 2)
        if named:
            source.line("**{", 2)
            for line in named:
                source.line(line, 3)
            source.line("},", 2)

    def _writer(self) -> Callable[[Any], AttributeValue]:
        source = Source(f"encoder of {self.cls.__name__}")
        source.line("def encode(document):")
        source.line(f"if type(document) is not {source.bind(self.cls, 'cls')}:", 1)
        source.line("raise TypeError", 2)
        variables = {name: source.variable() for name in self.fields}
        for name, variable in variables.items():
            source.line(f"{variable} = getattr(document, {quote(name)})", 1)
        write_entries(self.fields, variables, "entries", source)
        source.line(f"unknown = {source.bind(kept_unknown, 'kept_unknown')}(document)", 1)
        source.line('return {"M": entries if unknown is None else {**unknown, **entries}}', 1)
        return compile_functions(source)["encode"]


def write_entries(
    fields: Mapping[str, FieldCodec], variables: Mapping[str, str], target: str, source: Source
) -> None:
    """Source that puts the AttributeValues of the variables into a new dict called `target`."""
    sometimes: list[tuple[str, str, str]] = []
    source.line(f"{target} = {{", 1)
    for name, variable in variables.items():
        stored_name = quote(fields[name].field.stored_name)
        test, expression = write_field(fields[name], variable, source)
        if test:
            sometimes.append((test, stored_name, expression))
        else:
            source.line(f"{stored_name}: {expression},", 2)
    source.line("}", 1)
    for test, stored_name, expression in sometimes:
        source.line(f"if {test}:", 1)
        source.line(f"{target}[{stored_name}] = {expression}", 2)
