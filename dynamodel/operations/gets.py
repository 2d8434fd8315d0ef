"""Reading one item by its key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from dynamodel.entity.schema import EntitySchema
from dynamodel.expressions.placeholders import Placeholders
from dynamodel.operations.base import Exchange, Settings, exchange, shown_name
from dynamodel.operations.projections import Projected, projected
from dynamodel.types import Flow, Item, Request

if TYPE_CHECKING:
    from typing import Self

    from dynamodel.expressions.path import Path

__all__ = ["Get"]

E = TypeVar("E")


@attrs.frozen
class Get(Exchange[E | None], Generic[E]):
    """Read one item by its key: the entity, or None."""

    schema: EntitySchema[E] = attrs.field(repr=shown_name)
    key: Item = attrs.field(repr=False)
    is_consistent: bool = False
    projection: Projected | None = None

    def consistent(self) -> Self:
        """Read what was last written, at twice the read capacity."""
        return attrs.evolve(self, is_consistent=True)

    def project(self, *paths: Path[Any]) -> Self:
        """Read only these attributes, or parts of them, and the key.

        The others are not set on the entity: reading one raises `AttributeError`.
        """
        return attrs.evolve(self, projection=projected(self.schema, self.schema.primary, paths))

    def request(self) -> Request:
        """A `GetItem` request."""
        parameters = self.parameters()
        if self.is_consistent:
            parameters["ConsistentRead"] = True
        return Request("GetItem", parameters)

    def parameters(self) -> dict[str, Any]:
        """What the request says, but for its consistency, of which transactions and batches decide."""
        parameters: dict[str, Any] = {"TableName": self.schema.table.name, "Key": dict(self.key)}
        if self.projection:
            placeholders = Placeholders()
            parameters |= self.projection.parameters(placeholders) | placeholders.parameters()
        return parameters

    def flow(self, settings: Settings) -> Flow[E | None]:
        """One round trip."""
        response = yield from exchange(self.request(), self.schema.name)
        return self.read(response.get("Item"))

    def read(self, item: Item | None) -> E | None:
        """The entity of what was stored under the key.

        Raises:
            UnreadableItemError: it does not fit.
        """
        if item is None:
            return None
        wanted = self.projection.wanted if self.projection else None
        return self.schema.decoder(self.schema.primary, wanted)(item)
