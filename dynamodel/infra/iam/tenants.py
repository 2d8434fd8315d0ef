"""Binding to a tenant: which partition keys a need may name, as patterns of `StringLike`.

A pattern holds no wildcard but those that stand here for whole parts of a key: what a tag or a value has of
`*`, `?` and `${` is escaped (IAM user guide, Policy variables: `${*}`). Guarantee: a key that a pattern
matches begins with the tenant's own value, as long as that has neither `#`, `$`, `*` nor `?`; so only
variables are taken whose values AWS keeps free of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from dynamodel.entity.access import BuiltKey
from dynamodel.entity.uniques import CLAIM_TAG, UniqueConstraint
from dynamodel.errors import DeclarationError, Fault
from dynamodel.expressions.path import Path
from dynamodel.keys.parts import DELIMITER, part_text

if TYPE_CHECKING:
    from dynamodel.attribute_value import FieldCodec
    from dynamodel.infra.iam.needs import Need

__all__ = ["Tenants", "leading_keys", "tenants_of"]

Tenants: TypeAlias = Mapping[type, Mapping[str, str]]
"""By entity class, the stored names of the tenant's attributes, with the tenant's values."""

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_SAFE_VARIABLE = re.compile(
    r"aws:PrincipalTag/[^,'*?$#{}]+|aws:username|aws:userid|aws:PrincipalAccount|aws:SourceIdentity"
    r"|cognito-identity\.amazonaws\.com:(?:sub|aud)|(?:accounts\.google\.com:sub)"
    r"|(?:www\.amazon\.com:user_id)|(?:graph\.facebook\.com:id)"
)
"""Tags have letters, digits, blanks and `_.:/=+-@` (IAM user guide, Tags for IAM resources; STS: session
tags, the same); names of users and sessions `_+=,.@-` and letters and digits; the others are identifiers."""


def tenants_of(given: Mapping[Any, str]) -> Tenants:
    """What binds to a tenant, by entity.

    Raises:
        DeclarationError: what is no attribute of an entity, or a variable whose value could open other
            tenants' keys.
    """
    faults: list[Fault] = []
    tenants: dict[type, dict[str, str]] = {}
    for path, value in given.items():
        if not isinstance(path, Path) or len(path.node.steps) > 1:
            rule = "takes whole attributes of entities, such as {Thread.forum: '${aws:PrincipalTag/tenant}'}"
            faults.append(Fault("policy(tenant=)", f"{rule}, found {path!r}"))
            continue
        place = f"policy(tenant={{{path.node.owner.__name__}.{path.node}: ...}})"
        faults += [Fault(place, rule) for rule in _value_faults(value)]
        tenants.setdefault(path.node.owner, {})[path.node.attribute] = value
    if faults:
        raise DeclarationError(faults)
    return tenants


def _value_faults(value: object) -> Iterator[str]:
    if not isinstance(value, str) or not value:
        yield f"the tenant is a text, mostly a policy variable, found {value!r}"
        return
    for name in _VARIABLE.findall(value):
        if not _SAFE_VARIABLE.fullmatch(name):
            yield (
                f"the value of ${{{name}}} may have any character, or it is no policy variable; take one "
                "whose value is restricted, such as ${aws:PrincipalTag/tenant}, without a default"
            )
    if "${" in _VARIABLE.sub("", value):
        yield f"a policy variable ends with a brace, found {value!r}"


def leading_keys(need: Need, tenants: Tenants) -> list[str]:
    """The patterns of the partition keys that a need may name.

    Raises:
        DeclarationError: it cannot be bound to the tenant.
    """
    if need.action == "Scan":
        rule = "Scan names no keys, so no tenant binds it; query, or leave the pattern out"
        raise DeclarationError([Fault(need.place, rule)])
    attributes = tenants.get(need.schema.cls)
    if attributes is None:
        rule = f"policy(tenant=) names no attribute of {need.schema.name}, so nothing binds it; name one"
        raise DeclarationError([Fault(need.place, rule)])
    if need.constraints:
        return [_claims(constraint, attributes) for constraint in need.constraints]
    if need.action == "DescribeTable":  # which names no keys, and shows no items
        return []
    return [_partition(need, attributes)]


def _partition(need: Need, attributes: Mapping[str, str]) -> str:
    side = need.access.key.partition
    first, *more = side.fields if side.fields else (None,)
    if first is None or first.field.stored_name not in attributes:
        names = ", ".join(sorted(need.schema.names.get(name, name) for name in attributes))
        rule = f"the partition key of {need.access.name} does not begin with {names}, so it binds no tenant"
        raise DeclarationError([Fault(need.place, f"{rule}; give it a key that does")])
    if not _is_text(first):
        rule = f"{first.field.name} is no String, and tenants are texts; make the partition key of a String"
        raise DeclarationError([Fault(need.place, rule)])
    value = attributes[first.field.stored_name]
    if not isinstance(side, BuiltKey):
        if more:
            rule = "a partition key of several attributes cannot be bound by its leading key; build one key"
            raise DeclarationError([Fault(need.place, rule)])
        return _escaped_around_variables(value)
    parts = [_key_text(value, is_last=not more)]
    return DELIMITER.join([_literal(side.template.tag), *parts, *("*" for _ in more[:1])])


def _claims(constraint: UniqueConstraint, attributes: Mapping[str, str]) -> str:
    """The keys of claims: of the tenant's own values, where these are among what is unique."""
    names = [_key_text_of_name(name) for name in (constraint.entity, *constraint.source_names)]
    values = list(_claimed_values(constraint.sources, attributes))
    while len(values) > 1 and values[-2:] == ["*", "*"]:
        values.pop()  # one stands for all that follows
    return DELIMITER.join([_literal(CLAIM_TAG), *names, *values])


def _claimed_values(sources: Sequence[FieldCodec], attributes: Mapping[str, str]) -> Iterator[str]:
    for position, codec in enumerate(sources):
        value = attributes.get(codec.field.stored_name)
        is_bound = value is not None and _is_text(codec)
        yield _key_text(str(value), is_last=position == len(sources) - 1) if is_bound else "*"


def _is_text(codec: FieldCodec) -> bool:
    return codec.value.types - {"NULL"} == {"S"}


# --- texts of keys, escaped for StringLike ---


def _key_text_of_name(name: str) -> str:
    return _literal(part_text({"S": name}, is_last=False))


def _key_text(value: str, *, is_last: bool) -> str:
    """A value as a part of a built key has it; variables stay as they are."""
    return _around_variables(value, lambda text: _literal(part_text({"S": text}, is_last=is_last)))


def _escaped_around_variables(value: str) -> str:
    return _around_variables(value, _literal)


def _around_variables(value: str, escaped: Any) -> str:
    pieces = re.split(f"({_VARIABLE.pattern.replace('(', '(?:')})", value)
    return "".join(piece if position % 2 else escaped(piece) for position, piece in enumerate(pieces))


def _literal(text: str) -> str:
    """The text without a meaning of its own in a pattern, or in a place of policy variables."""
    return re.sub(r"[*?]|\$(?=\{|\Z)", r"${\g<0>}", text)
