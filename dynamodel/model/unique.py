"""`unique`: how an entity class declares that no two of its items have the same value."""

from __future__ import annotations

from typing import Any

from dynamodel.model.keys import Part

__all__ = ["Unique", "unique"]


class Unique:
    """A unique constraint; made by `unique`."""

    def __init__(self, parts: tuple[object, ...]) -> None:
        self.parts = parts


def unique(attribute: Part[Any], /, *more: Part[Any]) -> Unique:
    """Declares that no two items of the entity have the same value of an attribute, or of several together.

    ```
    class User(Entity, table=app):
        email: Attr[str] = attribute()
        by_email = unique(email)
    ```

    DynamoDB knows no such thing. So a value is claimed by an item of its own in the same table, and each
    write that touches it is a transaction of both (at twice the write capacity). Items without one of the
    attributes claim nothing. It needs a table with generic keys.
    """
    return Unique((attribute, *more))
