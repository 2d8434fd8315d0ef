"""Caps of a reading: how many pages and items one iteration, or one count, may take.

Reading on without an end would be paid for without an end. Guarantee: no request goes beyond the page cap,
no item is handed out beyond the item cap, and whoever comes to a cap is told by a `ReadCapError`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

import attrs

from dynamodel.errors import ReadCapError, RequestError

if TYPE_CHECKING:
    from typing import Self

__all__ = ["MAX_ITEMS", "MAX_PAGES", "MAX_PAGE_REQUESTS", "Caps", "Meter", "require_count"]

MAX_PAGES = 1_000
"""The page cap unless told otherwise; a page is one request, and reads up to 1 MB."""

MAX_ITEMS = 1_000_000
"""The item cap unless told otherwise."""

MAX_PAGE_REQUESTS = 100
"""How many requests one `page()` may take unless told otherwise; each reads up to 1 MB before the filter."""

T = TypeVar("T")


@attrs.frozen
class Caps:
    """The most pages (requests) and items of one reading."""

    pages: int = MAX_PAGES
    items: int = MAX_ITEMS

    def changed(self, pages: int | None, items: int | None) -> Self:
        """The same with another cap; None: as it was.

        Raises:
            RequestError: a cap below 1.
        """
        given = {name: value for name, value in (("pages", pages), ("items", items)) if value is not None}
        for name, value in given.items():
            require_count(f"cap({name}=)", value)
        return attrs.evolve(self, **given)


class Meter:
    """Counts the pages and items of one reading, and stops it at its caps."""

    def __init__(self, entity: str, caps: Caps) -> None:
        self._entity = entity
        self._caps = caps
        self._pages = 0
        self._items = 0

    @property
    def pages_left(self) -> int:
        """How many pages may still be read."""
        return self._caps.pages - self._pages

    def take(self, entries: Sequence[T]) -> Sequence[T]:
        """Count a page; of its entries, those that the item cap allows."""
        taken = entries[: self._caps.items - self._items]
        self._pages += 1
        self._items += len(taken)
        return taken

    def require_room(self) -> None:
        """Refuse to go on where a cap is reached.

        Raises:
            ReadCapError: names the cap, and how to raise it.
        """
        if self._items >= self._caps.items:
            raise self._error("items", self._caps.items)
        if self._pages >= self._caps.pages:
            raise self._error("pages", self._caps.pages)

    def _error(self, what: str, cap: int) -> ReadCapError:
        reached = f"the cap of {cap:,} {what if cap != 1 else what[:-1]} is reached, and there may be more"
        return ReadCapError(
            f"{self._entity}: {reached}; raise it with .cap({what}=...), or go through them with .page(...)"
        )


def require_count(place: str, value: object) -> None:
    """Refuse what is no whole number of 1 or more.

    Raises:
        RequestError: names the place.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise RequestError(f"{place}: a whole number of 1 or more is needed")
