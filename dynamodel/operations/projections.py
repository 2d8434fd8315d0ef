"""What a projected read asks for, and which attributes the entity then has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from dynamodel.errors import RequestError
from dynamodel.expressions.nodes import DocumentPath
from dynamodel.expressions.path import Path
from dynamodel.expressions.projection import render_projection

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dynamodel.entity.access import AccessPath
    from dynamodel.entity.schema import EntitySchema
    from dynamodel.expressions.placeholders import Placeholders

__all__ = ["Projected", "projected", "require_held"]


@attrs.frozen
class Projected:
    """The paths of a projection expression."""

    paths: tuple[DocumentPath, ...]
    wanted: frozenset[str]
    """The Python names of the attributes that are read whole. An attribute of which only a part is read is
    not set at all if the item lacks that part, since that says nothing about the rest of it."""

    def parameters(self, placeholders: Placeholders) -> dict[str, Any]:
        """The request's `ProjectionExpression`."""
        return placeholders.text("ProjectionExpression", render_projection(self.paths, placeholders))


def projected(schema: EntitySchema[Any], access: AccessPath, paths: Sequence[object]) -> Projected:
    """A projection of these paths and of all key attributes, which identify the item and its place.

    Raises:
        RequestError: something else than paths of this entity, or what a global index does not hold
            (DynamoDB: "Global secondary index ... does not project ...").
    """
    nodes: list[DocumentPath] = []
    for path in paths:
        if not isinstance(path, Path):
            raise RequestError(
                f"project() takes attributes such as {schema.name}.{next(iter(schema.codec.fields))}, "
                f"not {type(path).__name__}",
            )
        nodes.append(path.node)
    schema.require_own(nodes)
    # Of a local index, DynamoDB fetches from the table what it does not hold.
    held = schema.held(access) if access.is_global else None
    asked = nodes
    if held is not None:
        told = schema.key_names(access)  # by the keys, whether the index holds them or not
        asked = [n for n in nodes if n.attribute in held or schema.names.get(n.attribute) not in told]
        require_held(schema, access, asked)
    keys = dict.fromkeys((*schema.primary.key.stored_names, *access.key.stored_names, *schema.stamps))
    added = [DocumentPath(schema.cls, (name,)) for name in keys if held is None or name in held]
    whole = frozenset(
        schema.names[node.attribute]
        for node in (*nodes, *added)
        if len(node.steps) == 1 and node.attribute in schema.names
    )
    return Projected((*asked, *added), whole)


def require_held(schema: EntitySchema[Any], access: AccessPath, paths: Iterable[DocumentPath]) -> None:
    """Refuse paths to what an index does not hold.

    Raises:
        RequestError: names the paths and the index.
    """
    held = schema.held(access)
    if held is None:
        return
    missing = sorted({str(path) for path in paths if path.attribute not in held})
    if missing:
        raise RequestError(f"{access.name}: the index does not hold {', '.join(missing)}")
