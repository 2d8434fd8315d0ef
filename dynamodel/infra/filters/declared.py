"""The types that an entity class declares for what a document path leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from dynamodel.types import AttributeType

if TYPE_CHECKING:
    from dynamodel.attribute_value import FieldCodec, ValueCodec
    from dynamodel.entity.schema import EntitySchema
    from dynamodel.expressions.nodes import DocumentPath

__all__ = ["declared_types"]

_ALL_TYPES: frozenset[AttributeType] = frozenset(get_args(AttributeType))


def declared_types(schema: EntitySchema[Any], path: DocumentPath) -> frozenset[AttributeType]:
    """The type descriptors under which the value may be stored.

    A None that is stored as absence does not count.
    """
    field = schema.codec.fields[schema.names[path.attribute]]
    types, codec = _stored(field), field.value
    for step in path.steps[1:]:
        codec = codec.present or codec
        inner = _field(codec, step)
        if inner is not None:
            types, codec = _stored(inner), inner.value
        elif codec.element is not None:
            codec = codec.element
            types = codec.types
        else:
            return _ALL_TYPES
    return types


def _stored(field: FieldCodec) -> frozenset[AttributeType]:
    return field.value.types if field.field.null else field.value.types - {"NULL"}


def _field(codec: ValueCodec, step: str | int) -> FieldCodec | None:
    fields = (codec.fields or {}).values()
    return next((each for each in fields if each.field.stored_name == step), None)
