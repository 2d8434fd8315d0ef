"""What is stored beside the attributes that a user sets: index keys, and computed attributes.

A derivation makes some stored attributes (`targets`) from others (`sources`). Guarantee: from the same
sources it makes the same targets, all of them or none; so what is stored is right as long as every write
that touches a source writes the targets too, which `operations.update_plan` sees to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from dynamodel.attribute_value.sizes import check_value
from dynamodel.errors import MarshalError, MarshalFault
from dynamodel.types import AttributeValue, Item

if TYPE_CHECKING:
    from dynamodel.attribute_value import FieldCodec
    from dynamodel.entity.access import AccessPath, BuiltKey

__all__ = ["ComputedAttribute", "Derivation", "IndexKey"]


class Derivation(Protocol):
    """How some stored attributes follow from others."""

    @property
    def name(self) -> str:
        """What it is, for messages: `Thread.by_user`."""
        ...

    @property
    def sources(self) -> tuple[FieldCodec, ...]:
        """The attributes from which it is made."""
        ...

    @property
    def targets(self) -> tuple[str, ...]:
        """The stored names of what it makes."""
        ...

    @property
    def needs_all(self) -> bool:
        """Without one of the sources there are no targets."""
        ...

    def of(self, item: Mapping[str, AttributeValue]) -> Item:
        """The targets; without a source that it needs, none of them.

        Raises:
            MarshalError: the sources make no valid targets.
        """
        ...


def _sources_of(key: IndexKey) -> tuple[FieldCodec, ...]:
    built = (codec for side in key.sides for codec in side.fields)
    return tuple({codec.field.name: codec for codec in (*built, *key.stored)}.values())


@attrs.frozen(eq=False, repr=False)
class IndexKey:
    """The built key attributes of one index: whole, or not there (a sparse index)."""

    access: AccessPath
    sides: tuple[BuiltKey, ...]
    """Its built sides, without one that the table's own key builds."""
    stored: tuple[FieldCodec, ...] = ()
    """Attributes that are part of its key as they are. Without them, the built side is not there, either."""
    sources: tuple[FieldCodec, ...] = attrs.field(
        init=False,
        default=attrs.Factory(_sources_of, takes_self=True),
    )
    """The attributes from which the index's keys are built."""
    targets: tuple[str, ...] = attrs.field(
        init=False,
        default=attrs.Factory(lambda self: tuple(side.name for side in self.sides), takes_self=True),
    )
    """The key attributes' names."""
    needs_all = True

    @property
    def name(self) -> str:
        """`Thread.by_user`."""
        return self.access.name

    def of(self, item: Mapping[str, AttributeValue]) -> Item:
        """The key attributes."""
        if not all(codec.field.stored_name in item for codec in self.sources):
            return {}
        made: Item = {}
        for side in self.sides:
            made |= side.of(item)
        return made


@attrs.frozen(eq=False, repr=False)
class ComputedAttribute:
    """An attribute that a function of the user's makes from others."""

    owner: str
    codec: FieldCodec
    function: Callable[..., Any]
    sources: tuple[FieldCodec, ...]
    needs_all = False

    @property
    def name(self) -> str:
        """`Thread.slug`."""
        return f"{self.owner}.{self.codec.field.name}"

    @property
    def targets(self) -> tuple[str, ...]:
        """The attribute's stored name."""
        return (self.codec.field.stored_name,)

    def of(self, item: Mapping[str, AttributeValue]) -> Item:
        """The attribute; nothing if it is None, or if a source that has no default is not there."""
        values: list[object] = []
        for source in self.sources:
            stored = item.get(source.field.stored_name)
            if stored is not None:
                values.append(source.decode(stored))
            elif source.absent is not None:
                values.append(source.absent())
            else:
                return {}
        try:
            encoded = self.codec.encode(self._computed(values))
            if encoded is not None:
                check_value(encoded)
        except MarshalError as error:
            raise error.under(self.codec.field.name) from None
        return {} if encoded is None else {self.targets[0]: encoded}

    def _computed(self, values: list[object]) -> object:
        try:
            return self.function(*values)
        except Exception as error:  # whatever it raises: its text may quote the data
            rule = f"its function raised {type(error).__name__}"
            raise MarshalError(MarshalFault("", "", rule)) from None
