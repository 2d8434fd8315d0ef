"""The size of items in bytes, and what DynamoDB asks of a whole item: size, depth, names, Unicode.

Guarantee: `item_bytes` is the number that DynamoDB compares with its limit, to the byte (measured on
DynamoDB Local 1.25.1 with items at the limit). An item that passes `check_item` is not refused for its
size, its nesting, its attributes' names or its text.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Any

from dynamodel.attribute_value.numbers import number_size
from dynamodel.errors import MarshalError, MarshalFault
from dynamodel.types import AttributeValue, Item

__all__ = ["MAX_ITEM_BYTES", "MAX_NAME_BYTES", "check_item", "check_value", "item_bytes"]

# AWS developer guide, "Service, account, and table quotas": items and names; 32 levels of nesting.
MAX_ITEM_BYTES = 409_600
MAX_NAME_BYTES = 65_535
_MAX_CONTAINERS = 31

_TOO_LARGE = f"an item has at most {MAX_ITEM_BYTES} bytes, names included; store large parts elsewhere"
_TOO_DEEP = "DynamoDB takes at most 31 lists and maps inside each other"
_NOT_UNICODE = "text must be valid Unicode; a lone surrogate has no UTF-8 form"
_LONG_NAME = f"an attribute's name has at most {MAX_NAME_BYTES} bytes of UTF-8"
_EMPTY_NAME = "an attribute's name must not be empty"


class _RefusedError(Exception):
    """The item breaks a rule; `_faults` finds out which, and where."""


def item_bytes(item: Item) -> int:
    """The size of an item in bytes: its attributes' names and values.

    Raises:
        MarshalError: text in the item is not valid Unicode and so has no size.
    """
    return _measured(item, depth_limit=1 << 30)


def check_item(item: Item) -> int:
    """Check a whole item before it is sent; return its size in bytes.

    Raises:
        MarshalError: the item has more than 409,600 bytes, 32 or more containers inside each other, text
            that is not valid Unicode, or a name that is empty or has more than 65,535 bytes. Paths are
            made of stored names.
    """
    total = _measured(item, _MAX_CONTAINERS)
    if total > MAX_ITEM_BYTES:
        raise MarshalError(MarshalFault("", "", f"{_TOO_LARGE}; this one has {total}"))
    return total


def check_value(value: AttributeValue) -> None:
    """Check one value of an expression before it is sent: the rules of `check_item`, for one value.

    Raises:
        MarshalError: as `check_item`.
    """
    try:
        total = _size(value, _MAX_CONTAINERS)
    except (_RefusedError, UnicodeEncodeError):
        raise MarshalError(*_faults("", value, _MAX_CONTAINERS)) from None
    if total > MAX_ITEM_BYTES:
        raise MarshalError(MarshalFault("", "", f"{_TOO_LARGE}; this value has {total}"))


def _measured(item: Item, depth_limit: int) -> int:
    total = 0
    try:
        for name, value in item.items():
            total += _name_size(name) + _size(value, depth_limit)
    except (_RefusedError, UnicodeEncodeError):
        raise MarshalError(*_entry_faults("", item, depth_limit)) from None
    return total


def _text_size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _name_size(name: str) -> int:
    size = _text_size(name)
    if not 0 < size <= MAX_NAME_BYTES:
        raise _RefusedError
    return size


def _binary_size(data: bytes | str) -> int:
    return len(b64decode(data)) if isinstance(data, str) else len(data)


# AWS developer guide, "DynamoDB item sizes and formats"; sets have no overhead.
_SIZE_OF: dict[str, Callable[[Any], int]] = {
    "B": _binary_size,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
    "SS": lambda texts: sum(map(_text_size, texts)),
    "NS": lambda texts: sum(map(number_size, texts)),
    "BS": lambda blocks: sum(map(_binary_size, blocks)),
}


def _size(value: AttributeValue, depth: int) -> int:
    """The bytes of one value, in which at most `depth` containers may lie inside each other."""
    # The two most frequent first: this runs for every value that is written.
    if "S" in value:
        return _text_size(value["S"])
    if "N" in value:
        return number_size(value["N"])
    [tag] = value
    content = value[tag]
    size_of = _SIZE_OF.get(tag)
    if size_of is not None:
        return size_of(content)
    if depth == 0:
        raise _RefusedError
    # 3 bytes for a list or map and 1 for each element, beside the element itself.
    total = 3 + len(content)
    if tag == "L":
        for element in content:
            total += _size(element, depth - 1)
    else:
        for name, element in content.items():
            total += _name_size(name) + _size(element, depth - 1)
    return total


def _entry_faults(path: str, entries: Item, depth: int) -> Iterator[MarshalFault]:
    for name, value in entries.items():
        place = f"{path}.{name}" if path else name
        # A fault's path is printed, so it must be printable itself.
        place = place.encode(errors="backslashreplace").decode()
        if not name:
            yield MarshalFault(path, "", _EMPTY_NAME)
        elif len(name.encode(errors="surrogatepass")) > MAX_NAME_BYTES:
            yield MarshalFault(path, "", _LONG_NAME)
        elif not _is_unicode(name):
            yield MarshalFault(place, "", _NOT_UNICODE)
        yield from _faults(place, value, depth)


def _faults(path: str, value: AttributeValue, depth: int) -> Iterator[MarshalFault]:
    [(tag, content)] = value.items()
    if (tag == "S" and not _is_unicode(content)) or (tag == "SS" and not all(map(_is_unicode, content))):
        yield MarshalFault(path, tag, _NOT_UNICODE)
    elif tag in ("L", "M") and depth == 0:
        yield MarshalFault(path, tag, _TOO_DEEP)
    elif tag == "L":
        for index, element in enumerate(content):
            yield from _faults(f"{path}[{index}]", element, depth - 1)
    elif tag == "M":
        yield from _entry_faults(path, content, depth - 1)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
