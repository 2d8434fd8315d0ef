"""Unique constraints: the claim that an item makes on a value.

A claim is an item of its own in the same table, whose key is built from the entity, the constraint and the
value. Guarantee: two values never have the same claim, and no claim has the key of an entity's item, since
no tag of an entity can have the sign that begins the tag of claims.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import attrs

from dynamodel.errors import MarshalError, MarshalFault
from dynamodel.keys import ESCAPE, PARTITION_KEY_BYTES, KeyTemplate, PartType
from dynamodel.types import AttributeValue, Item

if TYPE_CHECKING:
    from dynamodel.attribute_value import FieldCodec

__all__ = ["CLAIM_TAG", "OWNER", "UniqueConstraint"]

CLAIM_TAG = f"{ESCAPE}unique"
"""The tag of claims' keys."""

OWNER = "_owner"
"""The stored name of the key of the item that makes a claim."""


@attrs.frozen(eq=False, repr=False)
class UniqueConstraint:
    """That no two items of an entity have the same values of some attributes."""

    name: str
    """`User.by_email`."""
    entity: str
    """What tells the entity's claims from those of others: its discriminator."""
    sources: tuple[FieldCodec, ...]

    @property
    def source_names(self) -> tuple[str, ...]:
        """The stored names of its attributes."""
        return tuple(codec.field.stored_name for codec in self.sources)

    def claim(self, item: Mapping[str, AttributeValue], key_names: tuple[str, ...]) -> Item | None:
        """The key of the claim that an item makes; None: it lacks one of the attributes, and makes none.

        Args:
            item: the item's attributes.
            key_names: the names of the table's key attributes.

        Raises:
            MarshalError: the key would be too long.
        """
        if not all(name in item for name in self.source_names):
            return None
        values = [item[name] for name in self.source_names]
        # Stored names, which do not change when something is renamed in Python.
        names = [{"S": name} for name in (self.entity, *self.source_names)]
        types = ["S"] * len(names) + [next(iter(value)) for value in values]
        template = KeyTemplate(CLAIM_TAG, cast("tuple[PartType, ...]", tuple(types)))
        text = template.text([*names, *values])
        if len(text.encode()) > PARTITION_KEY_BYTES:
            rule = f"a unique value is part of a key, which has at most {PARTITION_KEY_BYTES} bytes"
            raise MarshalError(MarshalFault(self.name, "", rule))
        return {name: {"S": text} for name in key_names[:1]} | {
            name: {"S": CLAIM_TAG} for name in key_names[1:]
        }
