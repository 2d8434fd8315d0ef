"""Typed bodies: what a message, a record or an event carries, as a value of the handler's type.

Text stays text, and bytes stay bytes; everything else is JSON, read by the codecs of the library, so that
numbers keep all their digits. Guarantees: names that the type does not declare are ignored, since whoever
sends events adds to them; whatever else does not fit is refused with all its faults, and no error has data of
a body.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from dynamodel.attribute_value import compile_value
from dynamodel.attribute_value.json_form import from_json
from dynamodel.attribute_value.value_codec import Faults, type_name
from dynamodel.aws_lambda.event_errors import EventError
from dynamodel.aws_lambda.strict_json import StrictJsonError, parsed_json
from dynamodel.entity.schema import schema_of
from dynamodel.errors import MarshalError
from dynamodel.model.entity import Entity

if TYPE_CHECKING:
    from dynamodel.attribute_value import ValueCodec
    from dynamodel.types import Item

__all__ = ["Body"]

T = TypeVar("T")


class Body(Generic[T]):
    """Reads bodies of one type.

    Args:
        type_: `str` (the text), `bytes` (the text in UTF-8, or the data), an attrs class, an entity (its
            attributes under their stored names), or another type that an attribute could have, such as
            `dict[str, Any]`.

    Raises:
        DeclarationError: a type that dynamodel does not know.
    """

    def __init__(self, type_: type[T]) -> None:
        self._type = type_
        self._name = type_name(type_)
        self._codec: ValueCodec | None = None
        self._is_entity = isinstance(type_, type) and issubclass(type_, Entity)
        if self._is_entity:
            schema_of(type_)
        elif type_ not in (str, bytes):
            self._codec = compile_value(type_)

    def of_text(self, text: str) -> T:
        """The body that a text has.

        Raises:
            EventError: it is no JSON, or refused by `strict_json`.
            MarshalError: it does not fit the type.
        """
        if self._type is str:
            return cast("T", text)
        return cast("T", text.encode()) if self._type is bytes else self._read(_parsed(text))

    def of_data(self, data: bytes) -> T:
        """The body that bytes have; errors as for `of_text`, also if it needs UTF-8 and they are none."""
        if self._type is bytes:
            return cast("T", data)
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = None
        if text is None:
            raise EventError(f"{self._name} is read from text in UTF-8; declare bytes to get the data")
        return self.of_text(text)

    def of_parsed(self, value: object) -> T:
        """The body that was parsed already, with floats, of which it gets the digits that they show.

        Raises:
            MarshalError: it does not fit the type.
        """
        return self.of_text(json.dumps(value, ensure_ascii=False))

    def _read(self, value: Any) -> T:
        try:
            if self._codec is None:
                return self._read_entity(value)
            found: T = from_json(self._codec, value, ignore_unknown=True)
        except MarshalError as error:
            faults = error.faults
        else:
            return found
        raise MarshalError(*faults, owner=self._name)

    def _read_entity(self, value: Any) -> T:
        schema = schema_of(self._type)
        if not isinstance(value, dict):
            raise EventError(f"{self._name} is read from a JSON object")
        item: Item = {}
        faults = Faults()
        for stored_name, name in schema.names.items():
            if stored_name not in value:
                continue
            field = schema.codec.fields[name]
            try:
                encoded = field.encode(from_json(field.value, value[stored_name], ignore_unknown=True))
            except MarshalError as error:
                faults.add(name, error)
            else:
                item |= {} if encoded is None else {stored_name: encoded}
        faults.check()
        return schema.codec.decode(item)


def _parsed(text: str) -> Any:
    try:
        return parsed_json(text)
    except StrictJsonError as error:
        raise EventError(f"the body {error.rule}") from None
