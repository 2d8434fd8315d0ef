"""What routes return, as JSON.

An entity becomes an object of its attributes under their stored names, without what dynamodel adds (keys
that are built, the discriminator, the mark of a version); a page becomes `{"items": [...], "cursor": ...}`;
documents, dicts, lists and scalars become what they are. Numbers keep all their digits.

Guarantees: attributes that a projection left out, and those that the class does not declare, do not go
out; the cursor of a page goes out only if it is signed with a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import TypeGuard

import orjson

from dynamodel.attribute_value import ValueCodec, compile_value
from dynamodel.attribute_value.dynamic import DYNAMIC
from dynamodel.attribute_value.json_form import Json, fields_to_json, to_json
from dynamodel.aws_lambda.http_faults import UnanswerableError
from dynamodel.aws_lambda.shared import db
from dynamodel.entity.attributes import codec_of
from dynamodel.errors import DeclarationError, MarshalError, RequestError
from dynamodel.model.entity import Entity
from dynamodel.operations.pages import Page
from dynamodel.operations.results import Results

__all__ = ["json_text", "require_cursor_key"]

_DYNAMIC = (bytes, int, Decimal)
_TOO_DEEP = "it contains itself, or has too many levels"


def json_text(value: object) -> str:
    """The JSON text of what a route returned.

    Raises:
        UnanswerableError: it has none, or a value in it is not of its attribute's type.
        RequestError: it is a page with a cursor that anybody could forge.
    """
    try:
        json = _json(value)
    except (MarshalError, DeclarationError) as error:
        raise _unanswerable(value, str(error)) from None
    except RecursionError:
        raise _unanswerable(value, _TOO_DEEP) from None
    try:
        return orjson.dumps(json).decode()
    except orjson.JSONEncodeError:  # what it says may quote the data
        raise _unanswerable(value, f"a text in it is not Unicode, or {_TOO_DEEP}") from None


def _unanswerable(value: object, reason: str) -> UnanswerableError:
    return UnanswerableError(f"what a route returned, {type(value).__name__}, is no JSON: {reason}")


def require_cursor_key() -> None:
    """Refuse to go on if clients could forge cursors.

    Raises:
        RequestError: the shared client has no secret.
    """
    if b"" in db.settings.cursor_keys:
        raise RequestError(
            "the cursors of pages that leave over HTTP need a secret, or anybody could read from anywhere: "
            "db.configure(cursor_key=...) at the top of the handler's module"
        )


def _json(value: object) -> Json:
    if value is None or isinstance(value, bool) or type(value) is str:
        return value
    if isinstance(value, Entity):
        return _entity(value)
    if isinstance(value, Page):
        if value.cursor is not None:
            require_cursor_key()
        return {"items": [_json(item) for item in value.items], "cursor": value.cursor}
    if isinstance(value, list | tuple | Results) or _is_empty_set(value):
        return [_json(element) for element in value]
    if isinstance(value, Mapping):
        return {_key(name): _json(entry) for name, entry in value.items()}
    return to_json(_codec(value), value)


def _is_empty_set(value: object) -> TypeGuard[AbstractSet[object]]:
    """Which cannot be stored, and has no codec where nothing tells its elements' type."""
    return isinstance(value, AbstractSet) and not value


def _key(name: object) -> str:
    if not isinstance(name, str):
        raise UnanswerableError(
            f"the names in a dict that a route returned are str, not {type(name).__name__}"
        )
    return str.__str__(name)


def _entity(entity: Entity) -> Json:
    codec = codec_of(type(entity))
    assert codec is not None  # of a class that has instances
    state = vars(entity)

    def value_of(name: str) -> object:
        if name in state:
            return state[name]
        try:
            return getattr(entity, name)  # a computed one
        except AttributeError as error:
            if error.obj is entity:
                raise  # it, or what it is computed from, was not read
            raise UnanswerableError(f"{type(entity).__name__}.{name} cannot be computed") from error

    return dict(fields_to_json(codec.fields, value_of))


def _codec(value: object) -> ValueCodec:
    if isinstance(value, AbstractSet) or type(value) in _DYNAMIC:
        return DYNAMIC
    found = _codecs.get(type(value))
    if found is None:
        found = _codecs[type(value)] = compile_value(type(value))
    return found


_codecs: dict[type, ValueCodec] = {}
