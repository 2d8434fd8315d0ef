"""Sample items in JSON: checked on the way in, with binary values as bytes; as base64 text on the way out."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, cast, get_args

from dynamodel.types import AttributeType, AttributeValue, Item

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynamodel.infra.importing.reading import Report, Section

__all__ = ["TYPES", "checked_items", "json_items", "read_items"]

TYPES: tuple[AttributeType, ...] = get_args(AttributeType)
_PYTHON: dict[str, tuple[type, ...]] = {
    "S": (str,),
    "N": (str,),
    "B": (str, bytes),
    "BOOL": (bool,),
    "NULL": (bool,),
    "L": (list, tuple),
    "M": (dict,),
    "SS": (list, tuple, set),
    "NS": (list, tuple, set),
    "BS": (list, tuple, set),
}


def read_items(section: Section, name: str) -> tuple[Item, ...]:
    """A list of items, such as `TableData`; absent: none."""
    return checked_items((each.entries for each in section.sections(name)), section.at(name), section.report)


def checked_items(items: Iterable[object], place: str, report: Report) -> tuple[Item, ...]:
    """Items whose form is right; faults for the others."""
    found: list[Item] = []
    for number, item in enumerate(items):
        at = f"{place}[{number}]"
        if isinstance(item, dict):
            found.append({str(name): _value(value, f"{at}.{name}", report) for name, value in item.items()})
        else:
            report.fault(at, f"must be an item, found a {type(item).__name__}")
    return tuple(found)


def _value(value: object, place: str, report: Report) -> AttributeValue:
    if not isinstance(value, dict) or len(value) != 1:
        report.fault(place, 'must be an AttributeValue such as {"S": "text"}, found something else')
        return {"NULL": True}
    [(kind, content)] = value.items()
    if kind not in _PYTHON or not isinstance(content, _PYTHON[kind]):
        report.fault(
            place, f"must be a value of one of {', '.join(TYPES)}, found {kind!r} with another value"
        )
        return {"NULL": True}
    return {kind: _content(kind, content, place, report)}


def _content(kind: str, content: Any, place: str, report: Report) -> Any:
    if kind == "M":
        return {str(name): _value(part, f"{place}.{name}", report) for name, part in content.items()}
    if kind == "L":
        return [_value(part, f"{place}[{number}]", report) for number, part in enumerate(content)]
    if kind == "B":
        return _binary(content, place, report)
    if kind == "BS":
        return [_binary(part, place, report) for part in content]
    if kind in ("SS", "NS"):
        if not all(isinstance(part, str) for part in content):
            report.fault(place, f"a set of type {kind} holds texts in JSON, found something else")
        return list(content)
    return content


def _binary(content: object, place: str, report: Report) -> bytes:
    if isinstance(content, bytes):
        return content
    try:
        return base64.b64decode(cast("str", content), validate=True)
    except (binascii.Error, ValueError, TypeError):
        report.fault(place, "a Binary is base64 in JSON, found something else")
        return b""


def json_items(items: Iterable[Item]) -> list[Item]:
    """Items as JSON can hold them."""
    return [_json(item) for item in items]


def _json(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: _json(part) for name, part in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(_json(part) for part in value)
    return [_json(part) for part in value] if isinstance(value, list | tuple) else value
