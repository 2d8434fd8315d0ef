"""Entries of stored maps that a document's class does not declare: kept beside the object, by identity.

An entity keeps its unknown attributes itself. A nested document is an object of the user's own class,
often slotted or frozen, so its unknown entries are kept here until the object is gone, and written back
when this object is. The limits: a copied or evolved object (`attrs.evolve`, `copy.copy`, pickling) starts
without them, and for an object that cannot be weakly referenced they are dropped.
"""

from __future__ import annotations

import weakref
from typing import Any

from dynamodel.attribute_value.binary import plain_binary
from dynamodel.types import AttributeValue, Item

__all__ = ["UnknownEntries", "keep_unknown", "kept_unknown", "unknown_entries"]

_kept: dict[int, tuple[weakref.ref[Any], dict[str, AttributeValue]]] = {}


class UnknownEntries(dict[str, AttributeValue]):
    """Entries that came from a stored item. The type tells them from what a caller makes up."""


def unknown_entries(entries: Item, known: frozenset[str]) -> UnknownEntries:
    """The entries that are not `known`, with bytes as binary values."""
    return UnknownEntries((name, plain_binary(value)) for name, value in entries.items() if name not in known)


def keep_unknown(document: object, entries: dict[str, AttributeValue]) -> None:
    """Remember unknown entries for as long as the document lives."""
    key = id(document)
    try:
        reference = weakref.ref(document, lambda _: _kept.pop(key, None))
    except TypeError:
        return
    _kept[key] = reference, entries


def kept_unknown(document: object) -> dict[str, AttributeValue] | None:
    """The unknown entries of a document; None if there are none."""
    found = _kept.get(id(document))
    return found[1] if found is not None and found[0]() is document else None
