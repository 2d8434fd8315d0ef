"""Binary values: `bytes`, or base64 text where a response was parsed from plain JSON.

Guarantee: what these return has bytes only.
"""

from __future__ import annotations

from base64 import b64decode

from dynamodel.types import AttributeValue, Item

__all__ = ["plain_binary", "plain_item", "read_binary"]


def read_binary(stored: bytes | str) -> bytes:
    """The bytes of a B."""
    if type(stored) is bytes:
        return stored
    return b64decode(stored, validate=True) if isinstance(stored, str) else bytes(stored)


def plain_binary(value: AttributeValue) -> AttributeValue:
    """The same AttributeValue, with bytes wherever binary values are base64 text."""
    [(tag, stored)] = value.items()
    if tag == "B":
        return {"B": read_binary(stored)}
    if tag == "BS":
        return {"BS": [read_binary(data) for data in stored]}
    if tag == "L":
        return {"L": [plain_binary(element) for element in stored]}
    if tag == "M":
        return {"M": {name: plain_binary(element) for name, element in stored.items()}}
    return value


def plain_item(item: Item) -> Item:
    """The same item or key, with bytes wherever binary values are base64 text."""
    return {name: plain_binary(value) for name, value in item.items()}
