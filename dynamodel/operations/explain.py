"""Explaining an operation before it is run: how it finds its items, what it reads or writes at most."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs

from dynamodel.types import Request

__all__ = ["Explanation", "explain"]

_EXPRESSIONS = ("KeyConditionExpression", "FilterExpression", "ConditionExpression", "UpdateExpression")
_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"})
_PAGE_BYTES = 1024 * 1024
"""AWS developer guide, Query and Scan: one request reads up to 1 MB, before the filter."""
_ITEM_BYTES = 400 * 1024
"""AWS developer guide, Limits: the size of an item."""


@attrs.frozen
class Explanation:
    """What an operation will do. Its text shows names and expressions, but no value; `request` has them."""

    operation: str
    """The API operation: `Query`."""
    table: str
    """The table; of several, their names with commas."""
    index: str | None
    """The index; None: the table itself."""
    key_condition: str | None
    """Which keys are read: `pk = :v0 AND begins_with(sk, :v1)`."""
    filter: str | None
    """What is left out after it was read, and paid for."""
    condition: str | None
    """What must hold for a write."""
    update: str | None
    """What an update does."""
    is_scan: bool
    """It reads the whole table or index."""
    max_requests: int | None
    """How many requests it may take; None: as many as what it finds takes."""
    max_items: int | None
    """How many items it may read, or write, in all; None: as many as fit into its bytes."""
    max_bytes: int | None
    """How many bytes it may read, or write, in all; None: all there are."""
    request: Request = attrs.field(repr=False)
    """The exact request; of several, the first."""

    def __str__(self) -> str:
        where = f"index {self.index} of table {self.table}" if self.index else f"table {self.table}"
        lines = [f"{self.operation} on {where}"]
        shown = {
            "key condition": self.key_condition,
            "filter": self.filter and f"{self.filter} (what it leaves out was read, and is paid for)",
            "condition": self.condition,
            "update": self.update,
            f"{self._verb()} at most": self._most(),
            "scan": "yes: it reads the whole table or index" if self.is_scan else "no",
        }
        lines += [f"  {name:<14} {text}" for name, text in shown.items() if text]
        return "\n".join(lines)

    def about(self, items: int) -> Explanation:
        """The same for so many items, of which the first request has only some."""
        return attrs.evolve(self, max_items=items, max_bytes=items * _ITEM_BYTES)

    def _verb(self) -> str:
        return "writes" if self.operation in _WRITES else "reads"

    def _most(self) -> str:
        if self.max_requests is None or self.max_bytes is None:
            return "what it finds, in as many requests as that takes"
        requests = "1 request" if self.max_requests == 1 else f"{self.max_requests:,} requests"
        items = "" if self.max_items is None else f"{self.max_items:,} items, "
        items = "1 item, " if self.max_items == 1 else items
        size = _PAGE_BYTES if self.max_bytes >= _PAGE_BYTES else 1024
        return f"{items}{self.max_bytes / size:,.0f} {'MB' if size > 1024 else 'KB'} in {requests}"


def explain(request: Request, max_requests: int | None) -> Explanation:
    """The explanation of a request, of which so many may follow each other."""
    parameters = request.parameters
    parts = _parts(parameters)
    is_page = request.operation in {"Query", "Scan"}
    # A page without a filter asks for what it still lacks, and no more; one with a filter may read on and on.
    limit = None if "FilterExpression" in parameters else parameters.get("Limit")
    texts = [_readable(parts[0][1], name) if len(parts) == 1 else None for name in _EXPRESSIONS]
    return Explanation(
        operation=request.operation,
        table=", ".join(dict.fromkeys(table for table, _ in parts)),
        index=parameters.get("IndexName"),
        key_condition=texts[0],
        filter=texts[1],
        condition=texts[2],
        update=texts[3],
        is_scan=request.operation == "Scan",
        max_requests=max_requests,
        max_items=limit if is_page else len(parts),
        max_bytes=_page_bytes(max_requests) if is_page else len(parts) * _ITEM_BYTES,
        request=request,
    )


def _page_bytes(max_requests: int | None) -> int | None:
    return None if max_requests is None else max_requests * _PAGE_BYTES


def _parts(parameters: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """The single items, or the query, that a request is about: the table and the parameters of each."""
    if "TransactItems" in parameters:
        actions = [next(iter(action.values())) for action in parameters["TransactItems"]]
        return [(action["TableName"], action) for action in actions]
    if "RequestItems" in parameters:
        return [
            (table, {})
            for table, asked in parameters["RequestItems"].items()
            for _ in (asked["Keys"] if isinstance(asked, dict) else asked)
        ]
    return [(parameters["TableName"], parameters)]


def _readable(parameters: Mapping[str, Any], name: str) -> str | None:
    """An expression with the names in place of their aliases."""
    names = parameters.get("ExpressionAttributeNames", {})
    text = parameters.get(name)
    return None if text is None else re.sub(r"#\w+", lambda alias: str(names[alias[0]]), text)
