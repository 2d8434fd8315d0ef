"""Values as plain JSON, such as an HTTP API speaks it, guided by the codecs of their types.

Text is a JSON string, and so is whatever is stored as S; numbers are JSON numbers with all their digits;
binary data is base64 text; lists and sets are arrays, maps and documents are objects, under their stored
names; None is null. A union of documents shows the entry that tells them apart, as it is stored.

Guarantees: what `to_json` makes of a value, `from_json` reads as the same value, of every type but those
that JSON cannot tell apart: where nothing but the value says its type (Any, or a union that has both) a
string is text and not binary data, and an array is a list and not a set. A number never passes through
float. Nothing that the type does not declare comes in, and nothing that it does not declare goes out:
unknown entries of stored documents stay where they are. The faults of a value are found at once, a hundred
of them: JSON of megabytes may have millions. No message has a value in it.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from types import MemberDescriptorType
from typing import Any, TypeAlias

import attrs
import orjson

from dynamodel.attribute_value.choices import Tag
from dynamodel.attribute_value.dynamic import DYNAMIC
from dynamodel.attribute_value.numbers import number_text
from dynamodel.attribute_value.sizes import check_value
from dynamodel.attribute_value.value_codec import Faults, FieldCodec, UnionMembers, ValueCodec, type_name
from dynamodel.errors import MarshalError, MarshalFault
from dynamodel.types import AttributeType, AttributeValue

__all__ = ["MAX_FAULTS", "Json", "document_to_json", "fields_to_json", "from_json", "to_json"]

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | Decimal | bool | orjson.Fragment | None"
"""Parsed JSON, numbers as int or Decimal; or JSON to be written by orjson, numbers as fragments."""

MAX_CONTAINERS = 31
"""DynamoDB takes at most 31 lists and maps inside each other (see `check_item`)."""

MAX_FAULTS = 100
"""After so many faults of a list, set or map the rest of it is not read."""

_TOO_DEEP = f"DynamoDB takes at most {MAX_CONTAINERS} lists and maps inside each other"
_UNKNOWN = "there is no such attribute"
_NO_NULL = "a value is needed"
_NO_BASE64 = "base64 text is needed"
_DUPLICATES = "two elements of this set are the same"


# --- out ---


def to_json(codec: ValueCodec, value: object) -> Json:
    """The JSON of a value, to be written by orjson.

    Raises:
        MarshalError: the value is not of the codec's type.
    """
    if codec.present is not None:
        return None if value is None else to_json(codec.present, value)
    if codec.union is not None:
        return _member_to_json(codec.union, codec, value)
    if not codec.accepts(value):
        return _plain(codec.encode(value))  # which tells what is wrong
    if codec.empty is not None and not value:
        return []
    if codec.fields is not None:
        return document_to_json(codec.fields, value)
    return _container_to_json(codec, value)


def _container_to_json(codec: ValueCodec, value: Any) -> Json:
    if codec.parts:
        pairs = list(zip(codec.parts, value, strict=True))
        return _elements(lambda pair: to_json(pair[0], pair[1]), pairs)
    element = codec.element
    if element is None or codec.empty is not None:
        return _plain(codec.encode(value))
    if "L" in codec.types:
        return _elements(lambda one: to_json(element, one), value)
    if not all(isinstance(name, str) for name in value):
        return _plain(codec.encode(value))  # as above
    return _entries(lambda _, one: to_json(element, one), value)


def _member_to_json(union: UnionMembers, codec: ValueCodec, value: object) -> Json:
    member = next((member for member in union.members if member.accepts(value)), None)
    if member is None:
        return _plain(codec.encode(value))  # as above
    json = to_json(member, value)
    if union.is_entry_written and isinstance(json, dict):
        json[union.entry] = type(value).__name__
    return json


def document_to_json(fields: Mapping[str, FieldCodec], document: object) -> dict[str, Json]:
    """The JSON object of a document, without the fields that a projection left out.

    Raises:
        MarshalError: with all its faults.
    """
    return fields_to_json(fields, lambda name: _held(document, name))


def _held(document: object, name: str) -> object:
    """The document's own value; a default of its class is none.

    Raises:
        KeyError: there is none.
        AttributeError: there is none.
    """
    if isinstance(getattr(type(document), name, None), MemberDescriptorType):
        return getattr(document, name)
    return vars(document)[name]


def fields_to_json(fields: Mapping[str, FieldCodec], value_of: Callable[[str], object]) -> dict[str, Json]:
    """The JSON object of attributes or fields, under their stored names.

    Args:
        fields: their codecs, by Python name.
        value_of: gives a value by Python name; a KeyError or AttributeError means that it was not read, and
            leaves it out.

    Raises:
        MarshalError: with all faults.
    """
    values: dict[str, Json] = {}
    faults = Faults()
    for name, field in fields.items():
        try:
            value = value_of(name)
        except (KeyError, AttributeError):
            continue
        try:
            values[field.field.stored_name] = to_json(field.value, value)
        except MarshalError as error:
            faults.add(name, error)
    faults.check()
    return values


def _plain(value: AttributeValue) -> Json:
    """The JSON of an AttributeValue by itself."""
    [(tag, content)] = value.items()
    return _PLAIN[tag](content)


_PLAIN: dict[str, Callable[[Any], Json]] = {
    "S": lambda text: text,
    "N": orjson.Fragment,  # canonical text of `number_text`, which is JSON
    "B": lambda data: b64encode(data).decode(),
    "BOOL": lambda content: content,
    "NULL": lambda _: None,
    "SS": list,
    "NS": lambda texts: [orjson.Fragment(text) for text in texts],
    "BS": lambda blocks: [b64encode(data).decode() for data in blocks],
    "L": lambda elements: [_plain(element) for element in elements],
    "M": lambda entries: {name: _plain(entry) for name, entry in entries.items()},
}


# --- in ---


@attrs.frozen
class _Level:
    """How JSON is read somewhere in a value."""

    depth: int
    """So many containers may lie inside each other here."""
    ignores_unknown: bool

    def inner(self) -> _Level:
        return _Level(self.depth - 1, self.ignores_unknown)


def from_json(codec: ValueCodec, json: Json, *, ignore_unknown: bool = False) -> Any:
    """The value that a client's JSON says.

    Args:
        codec: that of its type.
        json: as it was parsed, numbers as int or Decimal.
        ignore_unknown: leave out what documents do not declare; it is refused otherwise.

    Raises:
        MarshalError: with its faults; paths are made of stored names, and each fault says which kind of
            JSON was found.
    """
    try:
        value = _stored(codec, json, _Level(MAX_CONTAINERS, ignore_unknown))
        check_value(value)
        return codec.decode(value)
    except MarshalError as error:
        faults = error.faults
    raise MarshalError(*(fault._replace(value_type=_found(fault.value_type)) for fault in faults))


def _found(value_type: str) -> str:
    """The kind of JSON, where a codec told of the form that is stored, or of Python's."""
    return _STORED_KINDS.get(value_type, value_type)


def _stored(codec: ValueCodec, json: Json, level: _Level) -> AttributeValue:
    """The AttributeValue that JSON says."""
    if json is None:
        if "NULL" in codec.types:
            return {"NULL": True}
        raise _wrong(json, _NO_NULL)
    if codec.present is not None:
        return _stored(codec.present, json, level)
    if codec.union is not None and codec.union.entry:
        return _stored_document(codec.union, codec, json, level)
    tags: list[AttributeType] = [tag for tag in _TAGS.get(_kind(json), ()) if tag in codec.types]
    if not tags:
        raise _needed(codec, json)
    return _fitting(codec, tags, json, level)


def _fitting(codec: ValueCodec, tags: list[AttributeType], json: Json, level: _Level) -> AttributeValue:
    """The first form that fits: a type such as `bytes | str` may have several for one kind of JSON."""
    first: MarshalError | None = None
    for tag in tags:
        member = codec.union.by_descriptor[tag] if codec.union is not None else codec
        try:
            if member is not codec:
                return _stored(member, json, level)
            value = _FORMS[tag](codec, json, level)
            if len(tags) > 1:
                codec.decode(value)
        except MarshalError as error:
            first = first or error
        else:
            return value
    assert first is not None
    raise first


def _text(codec: ValueCodec, json: Any, _: _Level) -> AttributeValue:
    return _checked(codec, {"S": json}, json)


def _number(codec: ValueCodec, json: Any, _: _Level) -> AttributeValue:
    return _checked(codec, {"N": number_text(json)}, json)


def _bool(codec: ValueCodec, json: Any, _: _Level) -> AttributeValue:
    return _checked(codec, {"BOOL": json}, json)


def _binary(codec: ValueCodec, json: Any, _: _Level) -> AttributeValue:
    try:
        data = b64decode(json, validate=True)
    except (ValueError, binascii.Error):
        raise _wrong(json, _NO_BASE64) from None
    return _checked(codec, {"B": data}, json)


def _checked(codec: ValueCodec, value: AttributeValue, json: Json) -> AttributeValue:
    """The scalar, if the type has it. What a codec says of stored values would mislead a client."""
    try:
        codec.decode(value)
    except MarshalError:
        raise _needed(codec, json) from None
    return value


def _list(codec: ValueCodec, json: Any, level: _Level) -> AttributeValue:
    _require_depth(json, level)
    inner = level.inner()
    if codec.parts:
        if len(json) != len(codec.parts):
            raise _wrong(json, f"{type_name(codec.python_type)} is needed, an array of {len(codec.parts)}")
        pairs = list(zip(codec.parts, json, strict=True))
        return {"L": _elements(lambda pair: _stored(pair[0], pair[1], inner), pairs)}
    element = codec.element or DYNAMIC
    return {"L": _elements(lambda one: _stored(element, one, inner), json)}


def _map(codec: ValueCodec, json: Any, level: _Level) -> AttributeValue:
    _require_depth(json, level)
    if codec.fields is not None:
        return {"M": _stored_fields(codec.fields, json, level)}
    element = codec.element or DYNAMIC
    inner = level.inner()
    return {"M": _entries(lambda _, one: _stored(element, one, inner), json)}


def _stored_fields(
    fields: Mapping[str, FieldCodec], json: Mapping[str, Json], level: _Level
) -> dict[str, Any]:
    by_stored_name = {field.field.stored_name: field.value for field in fields.values()}
    inner = level.inner()

    def part(name: str, one: Json) -> AttributeValue:
        if name not in by_stored_name:
            raise MarshalError(MarshalFault("", "", _UNKNOWN))
        return _stored(by_stored_name[name], one, inner)

    if level.ignores_unknown:
        json = {name: one for name, one in json.items() if name in by_stored_name}
    return _entries(part, json)


def _set_of(tag: AttributeType, single: AttributeType) -> Callable[[ValueCodec, Any, _Level], AttributeValue]:
    def take(codec: ValueCodec, json: Any, level: _Level) -> AttributeValue:
        element = codec.element if codec.element is not None else DYNAMIC

        def one(part: Json) -> Any:
            if single not in _TAGS.get(_kind(part), ()):
                raise _needed(element, part)
            return _FORMS[single](element, part, level)[single]

        contents = _elements(one, json)
        if len(set(contents)) != len(contents):
            raise _wrong(json, _DUPLICATES)
        return {tag: contents}

    return take


_FORMS: Mapping[AttributeType, Callable[[ValueCodec, Any, _Level], AttributeValue]] = {
    "S": _text,
    "N": _number,
    "BOOL": _bool,
    "B": _binary,
    "L": _list,
    "M": _map,
    "SS": _set_of("SS", "S"),
    "NS": _set_of("NS", "N"),
    "BS": _set_of("BS", "B"),
}
_TAGS: Mapping[str, tuple[AttributeType, ...]] = {
    "string": ("S", "B"),
    "number": ("N",),
    "boolean": ("BOOL",),
    "array": ("L", "SS", "NS", "BS"),
    "object": ("M",),
}
"""What each kind of JSON may stand for, the likeliest first."""
_STORED_KINDS: Mapping[str, str] = {
    **{tag: kind for kind, tags in _TAGS.items() for tag in tags},
    "int": "number",
    "Decimal": "number",
    "str": "string",
}


def _stored_document(union: UnionMembers, codec: ValueCodec, json: Json, level: _Level) -> AttributeValue:
    if not isinstance(json, dict):
        raise _needed(codec, json)
    _require_depth(json, level)
    entry = json.get(union.entry)
    tag = next((tag for tag in _tags_of(entry) if tag in union.by_tag), None)
    if tag is None:
        rule = f"this tells which of {type_name(codec.python_type)} it is, and names none of them"
        raise _wrong(entry, rule).under(union.entry)
    member = union.by_tag[tag]
    if not union.is_entry_written:
        return _stored(member, json, level)
    stored = _stored(member, {name: part for name, part in json.items() if name != union.entry}, level)
    return {"M": {**stored["M"], union.entry: {"S": tag[1]}}}


def _tags_of(json: Json) -> Iterator[Tag]:
    """The tags that a scalar may stand for."""
    kind = _kind(json)
    if kind == "boolean":
        yield "BOOL", json
    elif kind == "number":
        yield "N", json
    elif isinstance(json, str):
        yield "S", json
        try:
            yield "B", b64decode(json, validate=True)
        except (ValueError, binascii.Error):
            return


def _entries(make: Callable[[str, Any], Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    """What the function makes of each entry of a map; or its faults."""
    entries: dict[str, Any] = {}
    faults = Faults()
    for name, part in parts.items():
        try:
            entries[str.__str__(name)] = make(name, part)
        except MarshalError as error:
            faults.add(_printable(name), error)
            if len(faults.found) >= MAX_FAULTS:
                break
    faults.check()
    return entries


def _elements(make: Callable[[Any], Any], parts: Sequence[Any]) -> list[Any]:
    """The same of the elements of an array."""
    elements: list[Any] = []
    faults = Faults()
    for index, part in enumerate(parts):
        try:
            elements.append(make(part))
        except MarshalError as error:
            faults.add(f"[{index}]", error)
            if len(faults.found) >= MAX_FAULTS:
                break
    faults.check()
    return elements


def _printable(name: str) -> str:
    return name.encode(errors="backslashreplace").decode()


def _require_depth(json: Json, level: _Level) -> None:
    if level.depth == 0:
        raise _wrong(json, _TOO_DEEP)


def _kind(json: object) -> str:
    """What JSON calls it."""
    if json is None:
        return "null"
    if isinstance(json, bool):
        return "boolean"
    if isinstance(json, int | Decimal):
        return "number"
    for type_, kind in ((str, "string"), (list, "array"), (dict, "object")):
        if isinstance(json, type_):
            return kind
    return f"{type(json).__name__}, which is no JSON"


def _needed(codec: ValueCodec, json: Json) -> MarshalError:
    return _wrong(json, f"{type_name(codec.python_type)} is needed")


def _wrong(json: Json, rule: str) -> MarshalError:
    return MarshalError(MarshalFault("", _kind(json), rule))
