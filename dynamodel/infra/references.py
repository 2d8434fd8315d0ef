"""References to declared tables and functions: their names and ARNs, as they are known after deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamodel.entity.schema import schema_of
from dynamodel.model.entity import Entity
from dynamodel.schema.references import ResourceValue

if TYPE_CHECKING:
    from dynamodel.infra.functions import Function
    from dynamodel.schema.table import Table

__all__ = ["arn_of", "name_of", "stream_arn_of"]


def name_of(declared: Table | type[Entity] | Function) -> ResourceValue:
    """What gives a table's or function's name, such as for a variable of a function's environment."""
    return ResourceValue(_target(declared), "Ref")


def arn_of(declared: Table | type[Entity] | Function) -> ResourceValue:
    """What gives the ARN of a table or function."""
    return ResourceValue(_target(declared), "Arn")


def stream_arn_of(table: Table | type[Entity]) -> ResourceValue:
    """What gives the ARN of a table's stream; the table must have one."""
    return ResourceValue(_target(table), "StreamArn")


def _target(declared: object) -> object:
    if isinstance(declared, type) and issubclass(declared, Entity):
        return schema_of(declared).table
    return declared
