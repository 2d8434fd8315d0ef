"""Queries of a collection: the items of several entities in one partition."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import attrs

from dynamodel.entity.access import AccessPath
from dynamodel.entity.schema import EntitySchema
from dynamodel.operations.reads import Query

E = TypeVar("E")


@attrs.frozen
class Member:
    """One entity of a collection."""

    schema: EntitySchema[Any]
    access: AccessPath


@attrs.frozen
class CollectionQuery(Query[E], Generic[E]):
    members: tuple[Member, ...] = attrs.field(kw_only=True)
