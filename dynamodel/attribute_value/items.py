"""The codec of a whole item: one attrs class, one pass in each direction, compiled once.

Guarantees: attributes that the class does not declare stay with the object and are written back; every
fault of an object or item is reported at once; the fast code decides nothing, since whatever it does not
take goes to the exact code.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import Any, Generic, TypeVar

from dynamodel._codegen import Source, compile_functions, quote
from dynamodel.attribute_value.documents import decode_fields, encode_fields, write_entries
from dynamodel.attribute_value.fields import read_field
from dynamodel.attribute_value.shapes import has_own_init
from dynamodel.attribute_value.unknown import unknown_entries
from dynamodel.attribute_value.value_codec import ENDLESS, Faults, FieldCodec, wrong_value
from dynamodel.errors import MarshalError, MarshalFault, UnreadableItemError
from dynamodel.types import Item

__all__ = ["UNKNOWN_ATTRIBUTES", "ItemCodec"]

E = TypeVar("E")

UNKNOWN_ATTRIBUTES = "_unknown_attributes"
"""Where an entity keeps the stored attributes that its class does not declare."""

_HOOKS = ("__attrs_pre_init__", "__attrs_post_init__")


class ItemCodec(Generic[E]):
    """How the objects of one entity class become items and come back."""

    def __init__(
        self, cls: type[E], fields: Mapping[str, FieldCodec], ignored: frozenset[str] = frozenset()
    ) -> None:
        self.cls = cls
        self.fields: Mapping[str, FieldCodec] = fields
        """The codecs of the attributes by Python name."""
        self._stored = {name: codec for name, codec in fields.items() if not codec.field.is_computed}
        """Those that an object holds; the computed ones are made of them."""
        self._names = {codec.field.stored_name: name for name, codec in self._stored.items()}
        self._known = ignored.union(codec.field.stored_name for codec in fields.values())
        self._through_constructor = has_own_init(cls) or any(hasattr(cls, hook) for hook in _HOOKS)

    def encode(self, obj: E) -> Item:
        """The item of an object.

        Raises:
            MarshalError: with all the faults of the object.
        """
        try:
            return self._fast_encode(obj)
        except Exception:  # noqa: S110 - the exact form finds out what it was
            pass
        # Out of the handler: the first exception's text may quote the data, and would be its context.
        return self._encode(obj)

    def decode(self, item: Item) -> E:
        """The object of an item.

        Raises:
            UnreadableItemError: with all the faults of the item.
        """
        try:
            return self._fast_decode(item)
        except Exception:  # noqa: S110 - as above
            pass
        return self._decode(item)

    def decode_partial(self, item: Item, wanted: Collection[str]) -> E:
        """The object of an item of which a projection returned a part; it is made without `__init__`.

        Args:
            item: the part.
            wanted: the Python names of the attributes that were read whole; the others stay unset unless
                the item has parts of them.

        Raises:
            UnreadableItemError: with all the faults of the item.
        """
        try:
            return self._fast_decode_partial(item, wanted)
        except Exception:  # noqa: S110 - as above
            pass
        return self._decode_partial(item, wanted)

    def _fast_decode_partial(self, item: Item, wanted: Collection[str]) -> E:
        obj = object.__new__(self.cls)
        state = vars(obj)
        for name, read in self._readers.items():
            if name in wanted:
                state[name] = read(item)
        for stored_name, value in item.items():
            part_of = self._names.get(stored_name)
            if part_of is not None and part_of not in state:
                state[part_of] = self.fields[part_of].value.decode_partial(value)
        return self._with_unknown(obj, item)

    def _decode_partial(self, item: Item, wanted: Collection[str]) -> E:
        expected = {
            name: codec
            for name, codec in self._stored.items()
            if name in wanted or codec.field.stored_name in item
        }
        faults = Faults()
        values = decode_fields(expected, item, faults, in_part=expected.keys() - wanted)
        self._raise_unreadable(faults, item)
        obj = object.__new__(self.cls)
        vars(obj).update(values)
        return self._with_unknown(obj, item)

    def _encode(self, obj: E) -> Item:
        if not isinstance(obj, self.cls):
            raise wrong_value(obj, f"{self.cls.__name__} is needed")
        faults = Faults()
        state = vars(obj)
        try:
            item = encode_fields(self._stored, state.__getitem__, faults)
        except RecursionError:
            item = {}
            faults.add("", MarshalError(MarshalFault("", "", ENDLESS)))
        if faults.found:
            raise MarshalError(*self._with_stored_names(faults), owner=self.cls.__name__)
        return _merged(state.get(UNKNOWN_ATTRIBUTES) or {}, item, self._known)

    def _decode(self, item: Item) -> E:
        faults = Faults()
        values = decode_fields(self._stored, item, faults)
        self._raise_unreadable(faults, item)
        return self._with_unknown(self._built(values, item), item)

    def _built(self, values: dict[str, Any], item: Item) -> E:
        if not self._through_constructor:
            obj = object.__new__(self.cls)
            vars(obj).update(values)
            return obj
        try:
            return self.cls(**values)
        except Exception as error:  # whatever a hook raises; its text may quote the data
            fault = MarshalFault(
                "", "", f"{self.cls.__name__} refused these values with {type(error).__name__}"
            )
            raise UnreadableItemError(fault, owner=self.cls.__name__, item=item) from None

    def _with_unknown(self, obj: E, item: Item) -> E:
        if not item.keys() <= self._known:
            vars(obj)[UNKNOWN_ATTRIBUTES] = unknown_entries(item, self._known)
        return obj

    def _raise_unreadable(self, faults: Faults, item: Item) -> None:
        if faults.found:
            raise UnreadableItemError(
                *self._with_stored_names(faults), owner=self.cls.__name__, item=item
            ) from None

    def _with_stored_names(self, faults: Faults) -> list[MarshalFault]:
        """The faults, each with the stored name of its attribute where that is another one."""
        named: list[MarshalFault] = []
        for fault in faults.found:
            codec = self.fields.get(fault.path.partition(".")[0].partition("[")[0])
            if codec is not None and codec.field.stored_name != codec.field.name:
                rule = f"{fault.rule} (stored as {codec.field.stored_name!r})"
                named.append(fault._replace(rule=rule))
            else:
                named.append(fault)
        return named

    # Many a program uses only some of these, so each is generated when it is first used.

    @cached_property
    def _fast_encode(self) -> Callable[[E], Item]:
        source = Source(f"encoder of {self.cls.__name__}")
        source.line("def encode(obj):")
        source.line(f"if not isinstance(obj, {source.bind(self.cls, 'cls')}):", 1)
        source.line("raise TypeError", 2)
        source.line("state = obj.__dict__", 1)
        variables = {name: source.variable() for name in self._stored}
        for name, variable in variables.items():
            source.line(f"{variable} = state[{quote(name)}]", 1)
        write_entries(self._stored, variables, "item", source)
        source.line(f"if unknown := state.get({quote(UNKNOWN_ATTRIBUTES)}):", 1)
        merged, known = source.bind(_merged, "merged"), source.bind(self._known, "known")
        source.line(f"return {merged}(unknown, item, {known})", 2)
        source.line("return item", 1)
        return compile_functions(source)["encode"]

    @cached_property
    def _fast_decode(self) -> Callable[[Item], E]:
        source = Source(f"decoder of {self.cls.__name__}")
        source.line("def decode(item):")
        source.line("get = item.get", 1)
        source.line("state = {", 1)
        for name, codec in self._stored.items():
            source.line(f"{quote(name)}: {read_field(codec, 'item', 'get', source)},", 2)
        source.line("}", 1)
        self._write_object(source)
        source.line("return obj", 1)
        return compile_functions(source)["decode"]

    @cached_property
    def _readers(self) -> dict[str, Callable[[Item], Any]]:
        """For each attribute, by Python name: what reads it from an item."""
        source = Source(f"attributes of {self.cls.__name__}")
        for index, codec in enumerate(self._stored.values()):
            source.line(f"def attribute_{index}(item):")
            source.line("get = item.get", 1)
            source.line(f"return {read_field(codec, 'item', 'get', source)}", 1)
        functions = compile_functions(source)
        return {name: functions[f"attribute_{index}"] for index, name in enumerate(self._stored)}

    def _write_object(self, source: Source) -> None:
        cls, known = source.bind(self.cls, "cls"), source.bind(self._known, "known")
        unknown = source.bind(unknown_entries, "unknown_entries")
        keep = f"[{quote(UNKNOWN_ATTRIBUTES)}] = {unknown}(item, {known})"
        if self._through_constructor:
            source.line(f"obj = {cls}(**state)", 1)
            source.line(f"if not item.keys() <= {known}:", 1)
            source.line(f"obj.__dict__{keep}", 2)
        else:
            source.line(f"if not item.keys() <= {known}:", 1)
            source.line(f"state{keep}", 2)
            source.line(f"obj = {source.bind(object.__new__, 'new')}({cls})", 1)
            # A class that checks assignments (attrs.define) would check this one, too.
            source.line(f"{source.bind(object.__setattr__, 'set_attribute')}(obj, '__dict__', state)", 1)


def _merged(unknown: Item, item: Item, known: frozenset[str]) -> Item:
    """The item with its unknown attributes; what the class declares is only taken from the class."""
    for name, value in unknown.items():
        if name not in known:
            item[name] = value
    return item
