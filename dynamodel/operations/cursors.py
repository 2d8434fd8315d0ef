"""Cursors: where a page or a parallel scan stopped, as an opaque text that only the same reading accepts.

A cursor is the moment when it was made and the last key (of a parallel scan, that of each segment), with a
signature (HMAC-SHA-256) over both and over what it belongs to, its scope: the entity; table, index, key
condition, filter, projection and order, as in the query's own request, which has no limit and no start
key; and the caller's context. A changed cursor, or one of another query, is refused before anything is
sent; DynamoDB itself accepts any well-formed start key for a Scan. Without a key of the client's own the
signature still detects damage and mistakes, but not a forger.
"""

from __future__ import annotations

import hmac
import time
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from dynamodel.errors import CursorError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynamodel.operations.base import Settings
    from dynamodel.types import Item, Request

__all__ = ["cursor_scope", "open_cursor", "peek_cursor", "seal_cursor", "wall_clock"]

_SIGNATURE_BYTES = 16


def wall_clock() -> int:
    """Milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


def cursor_scope(kind: str, entity: str, request: Request, context: str | None = None) -> bytes:
    """What a cursor belongs to.

    Args:
        kind: what stopped: a page, or a scan of so many segments.
        entity: the entity's name.
        request: the whole query or scan. Its consistency may change from page to page.
        context: whom the caller made it for.
    """
    shape = {name: value for name, value in request.parameters.items() if name != "ConsistentRead"}
    parts = [kind, entity, context, request.operation, shape]
    return orjson.dumps(parts, default=_base64, option=orjson.OPT_SORT_KEYS)


def seal_cursor(settings: Settings, scope: bytes, positions: Sequence[Item | None]) -> str:
    """The cursor for a reading that stopped at these keys, signed with the first of the client's keys."""
    payload = orjson.dumps([wall_clock(), *positions], default=_base64)
    return _text(_signature(settings.cursor_keys[0], scope, payload) + payload)


def open_cursor(settings: Settings, scope: bytes, cursor: str, count: int) -> list[Item | None]:
    """The keys at which the reading stopped, so many of them.

    Raises:
        CursorError: the cursor is damaged, was changed, has expired, or belongs to something else.
    """
    signature, payload = _parts(cursor)
    expected = (_signature(key, scope, payload) for key in settings.cursor_keys)
    if not any(hmac.compare_digest(signature, each) for each in expected):
        raise CursorError("the cursor was changed, or belongs to another query, context or client")
    made, positions = _read(payload, count)
    lifetime = settings.cursor_lifetime
    if lifetime is not None and wall_clock() - made > lifetime / timedelta(milliseconds=1):
        raise CursorError(f"the cursor has expired: it was valid for {lifetime.total_seconds():g} seconds")
    return positions


def peek_cursor(cursor: str, count: int) -> list[Item | None]:
    """The keys in a cursor whose signature was not checked; to show a request, never to send it."""
    return _read(_parts(cursor)[1], count)[1]


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _parts(cursor: str) -> tuple[bytes, bytes]:
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (ValueError, TypeError) as error:
        raise CursorError("this is no cursor") from error
    if _text(raw) != cursor:  # several texts have the same bytes; only one of them is ours
        raise CursorError("the cursor was changed")
    return raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]


def _read(payload: bytes, count: int) -> tuple[int, list[Item | None]]:
    try:
        made, *positions = orjson.loads(payload)
        keys = [position if position is None else _key(position) for position in positions]
    except (ValueError, TypeError, AttributeError) as error:
        raise CursorError("the cursor is damaged") from error
    if not isinstance(made, int) or len(keys) != count:
        raise CursorError("the cursor is damaged")
    return made, keys


def _key(position: dict[str, dict[str, Any]]) -> Item:
    return {
        name: {
            tag: b64decode(content, validate=True) if tag == "B" else content
            for tag, content in value.items()
        }
        for name, value in position.items()
    }


def _signature(key: bytes, scope: bytes, payload: bytes) -> bytes:
    return hmac.digest(key, len(scope).to_bytes(8) + scope + payload, "sha256")[:_SIGNATURE_BYTES]


def _base64(value: object) -> str:
    assert isinstance(value, bytes)
    return b64encode(value).decode()
