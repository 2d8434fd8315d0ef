"""Binding to attributes: which attribute names a need may name.

AWS developer guide, Using IAM policy conditions for fine-grained access control: with
`dynamodb:Attributes`, the names of all keys must be listed, too; `dynamodb:Select` keeps a read from asking
for whole items, and `dynamodb:ReturnValues` a write from returning one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from dynamodel.entity.schema import WRITE_ID
from dynamodel.entity.uniques import OWNER
from dynamodel.errors import DeclarationError, Fault
from dynamodel.expressions.path import Path
from dynamodel.infra.iam.needs import READS

if TYPE_CHECKING:
    from dynamodel.entity.schema import EntitySchema
    from dynamodel.infra.iam.needs import Need

__all__ = ["Columns", "attribute_names", "columns_of"]

Columns: TypeAlias = Mapping[type, frozenset[str]]
"""By entity class, the stored names of the attributes to which a policy is bound."""


def columns_of(given: Sequence[object]) -> Columns:
    """The attributes, by entity.

    Raises:
        DeclarationError: what is no whole attribute of an entity; or none at all.
    """
    wrong = [path for path in given if not isinstance(path, Path) or len(path.node.steps) > 1]
    if wrong or not given:
        rule = "takes whole attributes of entities, such as [Movie.title], "
        found = ", ".join(map(repr, wrong)) or "none"
        raise DeclarationError([Fault("policy(attributes=)", f"{rule}found {found}")])
    columns: dict[type, frozenset[str]] = {}
    for path in given:
        assert isinstance(path, Path)
        owner = path.node.owner
        columns[owner] = columns.get(owner, frozenset()) | {path.node.attribute}
    return columns


def attribute_names(need: Need, columns: Columns) -> frozenset[str]:
    """The names that a need may name: those given, and those that dynamodel adds by itself.

    Raises:
        DeclarationError: it cannot be bound to attributes.
    """
    schema = need.schema
    if need.action == "DescribeTable":
        return frozenset()
    if need.reads_whole:
        rule = f"{need.reads_whole}; such a pattern cannot be bound to attributes"
        raise DeclarationError([Fault(need.place, rule)])
    keys = frozenset((*schema.primary.key.stored_names, *need.access.key.stored_names))
    if need.constraints:
        return keys | {OWNER} | schema.discriminator.keys()
    own = columns.get(schema.cls)
    if own is None:
        rule = f"policy(attributes=) names no attribute of {schema.name}; name those that it may use"
        raise DeclarationError([Fault(need.place, rule)])
    own |= keys | schema.stamps.keys()
    if need.action == "PutItem":
        whole = {codec.field.stored_name for codec in schema.codec.fields.values()}
        left = sorted(whole - own - _written(schema))
        if left:
            rule = f"writes whole items, and so needs {', '.join(left)} as well; name them, or update instead"
            raise DeclarationError([Fault(need.place, rule)])
    return own if need.action in READS else own | _written(schema)


def _written(schema: EntitySchema[Any]) -> frozenset[str]:
    """What writes name beside the attributes that a user changes."""
    kept = {codec.field.stored_name for codec in schema.roles.values()}
    kept.update(codec.field.stored_name for codec in schema.primary.key.fields)
    kept.update(name for each in schema.uniques for name in each.source_names)
    marks = {WRITE_ID} if schema.version is not None else set()
    return schema.built_names.union(kept, marks)
