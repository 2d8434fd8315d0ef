"""Cursors: where a page ended, as an opaque text that only the same query accepts.

A cursor is the last key of the page with a signature (HMAC-SHA-256) over the key and over the query's
shape: table, index, key condition, filter, projection and order, as in the query's own request, which has
no limit and no start key. A changed cursor, or one of another query, is refused before anything is sent;
DynamoDB itself accepts any well-formed start key for a Scan. Without the client's `cursor_key` the
signature still detects damage and mistakes, but not a forger.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any

import orjson

from dynamodel.errors import CursorError

if TYPE_CHECKING:
    from dynamodel.types import Item, Request

__all__ = ["open_cursor", "peek_cursor", "seal_cursor"]

_SIGNATURE_BYTES = 16


def seal_cursor(key: bytes, request: Request, last_key: Item) -> str:
    """The cursor for a page of this query that ended at `last_key`."""
    payload = orjson.dumps(last_key, default=_base64)
    return _text(_signature(key, request, payload) + payload)


def open_cursor(key: bytes, request: Request, cursor: str) -> Item:
    """The key at which the page ended.

    Raises:
        CursorError: the cursor is damaged, was changed, or was made by another query.
    """
    signature, payload = _parts(cursor)
    if not hmac.compare_digest(signature, _signature(key, request, payload)):
        raise CursorError("the cursor was changed, or belongs to another query")
    return _key(payload)


def peek_cursor(cursor: str) -> Item:
    """The key in a cursor whose signature was not checked; to show a request, never to send it."""
    return _key(_parts(cursor)[1])


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _parts(cursor: str) -> tuple[bytes, bytes]:
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (ValueError, TypeError) as error:
        raise CursorError("this is not a cursor of a page") from error
    if _text(raw) != cursor:  # several texts have the same bytes; only one of them is ours
        raise CursorError("the cursor was changed")
    return raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]


def _key(payload: bytes) -> Item:
    try:
        key: Item = orjson.loads(payload)
        return {name: _binary(value) for name, value in key.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise CursorError("the cursor is damaged") from error


def _binary(value: dict[str, Any]) -> dict[str, Any]:
    return {"B": b64decode(value["B"])} if "B" in value else value


def _signature(key: bytes, request: Request, payload: bytes) -> bytes:
    shape = {name: value for name, value in request.parameters.items() if name != "ConsistentRead"}
    text = orjson.dumps([request.operation, shape], default=_base64, option=orjson.OPT_SORT_KEYS)
    return hmac.digest(key, len(text).to_bytes(8) + text + payload, "sha256")[:_SIGNATURE_BYTES]


def _base64(value: object) -> str:
    assert isinstance(value, bytes)
    return b64encode(value).decode()
