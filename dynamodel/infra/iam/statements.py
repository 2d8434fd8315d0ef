"""Statements: needs brought together, so that none allows an action on a resource where no need has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from dynamodel.errors import DeclarationError, Fault
from dynamodel.infra.iam.columns import Columns, attribute_names
from dynamodel.infra.iam.needs import READS, WRITES, Need
from dynamodel.infra.iam.resources import (
    AnyResource,
    Arns,
    IndexResource,
    KeyResource,
    Resource,
    StreamResource,
    TableResource,
)
from dynamodel.infra.iam.tenants import Tenants, leading_keys
from dynamodel.schema.references import GetAtt, Parameter, Ref, ResourceValue, Sub, Text
from dynamodel.schema.settings import EncryptionKey
from dynamodel.schema.table import Table

__all__ = ["Bounds", "Condition", "Statement", "key_statements", "merged", "stream_access"]

Condition: TypeAlias = Mapping[str, Mapping[str, object]]
"""By operator and condition key, the values: `{"StringLike": {"kms:ViaService": [...]}}`."""


@frozen
class Statement:
    """What is allowed; all actions on all resources, under one condition."""

    actions: tuple[str, ...]
    """With their service, sorted: `dynamodb:GetItem`."""
    resources: tuple[Resource, ...]
    condition: Condition = field(factory=dict)
    """Empty: none."""

    def to_dict(self, arns: Arns) -> dict[str, Any]:
        """The statement as IAM's JSON has it."""
        whole: dict[str, Any] = {
            "Effect": "Allow",
            "Action": list(self.actions),
            "Resource": [resource.render(arns) for resource in self.resources],
        }
        if self.condition:
            whole["Condition"] = {
                operator: {name: _rendered(value, arns) for name, value in keys.items()}
                for operator, keys in self.condition.items()
            }
        return whole


def _rendered(value: Any, arns: Arns) -> Any:
    return [arns.text(each) for each in value] if isinstance(value, tuple) else arns.text(value)


@frozen
class Bounds:
    """To what a policy is bound; None: it is not."""

    tenants: Tenants | None = None
    columns: Columns | None = None


@frozen
class _Names:
    """What one action on one resource may name."""

    keys: frozenset[str] | None
    attributes: frozenset[str] | None

    def __or__(self, other: _Names) -> _Names:
        return _Names(_union(self.keys, other.keys), _union(self.attributes, other.attributes))


def _union(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    return None if one is None or other is None else one | other


def merged(needs: Iterable[Need], bounds: Bounds) -> list[Statement]:
    """The statements of needs, in a fixed order.

    First what one action may name on one resource is joined: a batch of two entities names the keys of both
    in one request, which one statement must allow. Then actions with the same resource and condition go
    together, then resources with the same actions and condition.

    Raises:
        DeclarationError: with what cannot be bound so; all faults at once.
    """
    found: dict[tuple[Resource, str], _Names] = {}
    faults: dict[Fault, None] = {}
    for need in needs:
        try:
            names = _names_of(need, bounds)
        except DeclarationError as error:
            faults.update(dict.fromkeys(error.faults))
            continue
        place = (_resource_of(need), need.action)
        found[place] = found[place] | names if place in found else names
    if faults:
        raise DeclarationError(list(faults))
    by_resource: dict[tuple[Resource, _Names, _Kind], list[str]] = {}
    for (resource, action), names in found.items():
        kind = "" if names.attributes is None else _kind_of(action)
        by_resource.setdefault((resource, names, kind), []).append(f"dynamodb:{action}")
    by_actions: dict[tuple[tuple[str, ...], _Names, _Kind], list[Resource]] = {}
    for (resource, names, kind), actions in by_resource.items():
        by_actions.setdefault((tuple(sorted(actions)), names, kind), []).append(resource)
    statements = [
        Statement(actions, tuple(sorted(resources, key=_place)), _condition(names, kind))
        for (actions, names, kind), resources in by_actions.items()
    ]
    return sorted(statements, key=lambda each: ([*map(_place, each.resources)], each.actions))


def _resource_of(need: Need) -> Resource:
    table, index = need.schema.table, need.access.index
    return TableResource(table) if index is None else IndexResource(table, index.name)


def _place(resource: Resource) -> tuple[str, str]:
    match resource:
        case TableResource(table):
            return table.name, ""
        case IndexResource(table, index):
            return table.name, index
    raise TypeError(f"no place of items: {resource!r}")


def _names_of(need: Need, bounds: Bounds) -> _Names:
    keys = None if bounds.tenants is None else frozenset(leading_keys(need, bounds.tenants))
    attributes = None if bounds.columns is None else attribute_names(need, bounds.columns)
    if need.action == "DescribeTable":
        return _Names(None, None)
    return _Names(keys, attributes)


_Kind: TypeAlias = Literal["", "read", "write", "check"]


def _kind_of(action: str) -> _Kind:
    if action in READS:
        return "read"
    return "write" if action in WRITES else "check"


def _condition(names: _Names, kind: _Kind) -> Condition:
    """The condition under which a request names only this.

    `ForAllValues` is also true of a request that names nothing, so `Null` asks for leading keys.
    """
    condition: dict[str, dict[str, object]] = {}
    if names.keys is not None:
        condition["ForAllValues:StringLike"] = {"dynamodb:LeadingKeys": tuple(sorted(names.keys))}
        condition["Null"] = {"dynamodb:LeadingKeys": "false"}
    if names.attributes is not None:
        condition["ForAllValues:StringEquals"] = {"dynamodb:Attributes": tuple(sorted(names.attributes))}
    if kind == "read":
        condition["StringEqualsIfExists"] = {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}
    elif kind == "write":
        returned = ("NONE", "UPDATED_NEW", "UPDATED_OLD")
        condition["StringEqualsIfExists"] = {"dynamodb:ReturnValues": returned}
    return condition


# --- keys of KMS, and streams ---


def key_statements(needs: Iterable[Need]) -> list[Statement]:
    """What the customer managed keys of the tables must allow: reading, and for writes a new data key."""
    actions: dict[Table, set[str]] = {}
    for need in needs:
        if need.action != "DescribeTable":
            own = actions.setdefault(need.schema.table, {"kms:Decrypt"})
            own |= {"kms:GenerateDataKey"} if need.action in WRITES else set()
    ordered = sorted(actions.items(), key=lambda each: each[0].name)
    found = [statement for table, own in ordered for statement in _of_key(table, tuple(sorted(own)))]
    return list({repr(statement): statement for statement in found}.values())


def _of_key(table: Table, actions: tuple[str, ...]) -> list[Statement]:
    """For requests that DynamoDB makes, and only with this key.

    A policy cannot name an alias as its resource (AWS KMS developer guide, Using aliases to control access):
    a condition does.
    """
    encryption = table.definition.settings.encryption
    if encryption.key_owner is not EncryptionKey.CUSTOMER_MANAGED or encryption.key is None:
        return []
    via: Condition = {"StringLike": {"kms:ViaService": Sub("dynamodb.${AWS::Region}.amazonaws.com")}}
    alias = _alias_of(encryption.key)
    if alias is not None:
        named = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}}
        return [Statement(actions, (KeyResource(Sub(f"{_KEYS}/*")),), {**via, **named})]
    return [Statement(actions, (KeyResource(_key_arn(encryption.key)),), via)]


_KEYS = "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key"


def _alias_of(key: Text) -> Text | None:
    """The name of an alias, `alias/...`; None: it is a key."""
    text = _text_of(key)
    start = text.find("alias/")
    if start < 0 or not (start == 0 or text.startswith("arn:")):
        return None
    if isinstance(key, Sub):
        alias = text[start:]
        used = {name: value for name, value in key.values.items() if f"${{{name}}}" in alias}
        return Sub(alias, **used) if "${" in alias else alias
    return key if isinstance(key, Parameter) and start == 0 else text[start:]


def _text_of(key: Text) -> str:
    """What is known of the text."""
    match key:
        case str():
            return key
        case Parameter(default=str(default)):
            return default
        case Sub(text=text):
            return text
    return ""


def _key_arn(key: Text) -> Text:
    """The ARN. A reference whose text is not known is taken for the ARN; `Ref` gives the key's id."""
    match key:
        case str() if not key.startswith("arn:"):
            return Sub(f"{_KEYS}/{key}")
        case Parameter(default=str(default)) if not default.startswith("arn:"):
            return Sub(f"{_KEYS}/${{KeyId}}", KeyId=key)
        case Ref() | ResourceValue(attribute="Ref") | GetAtt(attribute="KeyId"):
            return Sub(f"{_KEYS}/${{KeyId}}", KeyId=key)
        case Sub(text=text) if not text.startswith("arn:"):
            return Sub(f"{_KEYS}/{text}", **key.values)
    return key


def stream_access(table: Table) -> list[Statement]:
    """Reading the table's stream. ListStreams knows no resource (IAM service authorization reference)."""
    read = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
    return [
        Statement(read, (StreamResource(table),)),
        Statement(("dynamodb:ListStreams",), (AnyResource(),)),
        *_of_key(table, ("kms:Decrypt",)),
    ]
