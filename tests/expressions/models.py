"""The entity of these tests: attributes of every type, of which most may be absent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs

from dynamodel import Attr, Entity, Table, attribute, primary_key


@attrs.define
class Doc:
    rank: int | None = None
    names: list[str] = attrs.field(factory=list)
    inner: Doc | None = None


class Box(Entity, table=Table("expressions.boxes")):
    name: Attr[str] = attribute()
    n: Attr[int | None] = attribute(default=None)
    m: Attr[Decimal | None] = attribute(default=None)
    s: Attr[str | None] = attribute(default=None)
    t: Attr[str | None] = attribute("size", default=None)
    b: Attr[bytes | None] = attribute(default=None)
    flag: Attr[bool | None] = attribute(default=None)
    words: Attr[set[str]] = attribute(factory=set)
    nums: Attr[set[int]] = attribute(factory=set)
    blobs: Attr[set[bytes]] = attribute(factory=set)
    xs: Attr[list[int]] = attribute(factory=list)
    mp: Attr[dict[str, int]] = attribute(factory=dict)
    doc: Attr[Doc | None] = attribute(default=None)
    anything: Attr[Any] = attribute(default=None)
    touched: Attr[int] = attribute(default=0)
    by_name = primary_key(name)
