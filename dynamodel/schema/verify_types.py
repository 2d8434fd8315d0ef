"""The Python types of settings, and names. A `str` in place of a `Throughput` is a fault, no AttributeError.

A field that has its default is of a right type: so nothing is loaded for settings that are left out.
Every other rule is asked only about fields whose type is right. So a wrong type gives one fault, and
no rule has to guard itself against it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TypeAlias, cast

from attrs import AttrsInstance, fields, has

from dynamodel.errors import Fault
from dynamodel.schema.common_settings import (
    BillingMode,
    Encryption,
    EncryptionKey,
    MultiRegionConsistency,
    PointInTimeRecovery,
    RemovalPolicy,
    StreamViewType,
    TableClass,
)
from dynamodel.schema.indexes import IndexDefinition, Projection
from dynamodel.schema.keys import KeySchema
from dynamodel.schema.table_settings import TableSettings

__all__ = ["attribute_name_faults", "key_type_faults", "name_faults", "projection_faults", "wrong_types"]

_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")

_Types: TypeAlias = tuple[type, ...]
_NoneType = type(None)

_COMMON: dict[type, dict[str, _Types]] = {
    TableSettings: {
        "billing_mode": (BillingMode,),
        "removal_policy": (RemovalPolicy,),
        "time_to_live": (str, _NoneType),
        "stream": (StreamViewType, _NoneType),
        "stream_resource_policy": (Mapping, _NoneType),
        "point_in_time_recovery": (PointInTimeRecovery, _NoneType),
        "deletion_protection": (bool,),
        "encryption": (Encryption,),
        "table_class": (TableClass,),
        "resource_policy": (Mapping, _NoneType),
        "tags": (Mapping,),
        "stream_tags": (Mapping,),
        "replicas": (tuple,),
        "multi_region_consistency": (MultiRegionConsistency, _NoneType),
        "witness_region": (str, _NoneType),
    },
    IndexDefinition: {"name": (str,), "kind": (str,), "key": (KeySchema,), "projection": (Projection,)},
    Projection: {"type": (str,), "names": (tuple,)},
    PointInTimeRecovery: {"days": (int,)},
    Encryption: {"key_owner": (EncryptionKey,)},
}
"""By class and field, what nearly every table has; the rest is in `setting_types`."""


def wrong_types(value: AttrsInstance, place: str) -> tuple[list[Fault], frozenset[str]]:
    """Checks the types of the fields of one of this layer's values, and of the values in them.

    Returns:
        The faults, and the names of the value's own fields that have any.
    """
    faults: list[Fault] = []
    broken: set[str] = set()
    for attribute in fields(type(value)):
        name, given = attribute.name, getattr(value, attribute.name)
        if given is attribute.default:  # which is of a right type
            continue
        found = _field_faults(given, _expected(type(value), name), f"{place}.{name}")
        if found:
            faults += found
            broken.add(name)
    return faults, frozenset(broken)


def _expected(owner: type, name: str) -> _Types:
    """The types of a field."""
    common = _COMMON.get(owner, {}).get(name)
    return _other_types()[owner][name] if common is None else common


def _other_types() -> dict[type, dict[str, _Types]]:
    from dynamodel.schema.setting_types import SETTING_TYPES  # noqa: PLC0415 - few tables have such settings

    return SETTING_TYPES


def _field_faults(value: object, expected: _Types, place: str) -> list[Fault]:
    # bool is an int to Python, but never a number of capacity units or days.
    if not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected):
        return [Fault(place, _type_rule(value, expected))]
    kind = type(value)
    if kind in _COMMON or (has(kind) and kind in _other_types()):
        return wrong_types(cast("AttrsInstance", value), place)[0]
    return []


def _type_rule(value: object, expected: _Types) -> str:
    allowed = " or ".join("None" if kind is _NoneType else _described(kind) for kind in expected)
    return f"must be {allowed}, found {type(value).__name__}{_suggestion(value, expected)}"


def _described(kind: type) -> str:
    name = kind.__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def _suggestion(value: object, expected: _Types) -> str:
    """The enum's member whose word was given as plain text: `BillingMode.PROVISIONED`."""
    for kind in expected:
        if issubclass(kind, Enum) and isinstance(value, str) and value.upper() in kind.__members__:
            return f"; write {kind.__name__}.{value.upper()}"
    return ""


def key_type_faults(key: KeySchema, place: str) -> list[Fault]:
    """Checks the names and types of the attributes of a key."""
    faults: list[Fault] = []
    for attribute in key.attributes:
        faults += attribute_name_faults(attribute.name, place, "key attribute")
        if attribute.type not in ("S", "N", "B"):
            rule = (
                f"key attribute {attribute.name!r} must be a String (S), Number (N) or Binary (B), "
                f"found {attribute.type}; only these scalars can be keys"
            )
            faults.append(Fault(place, rule))
    return faults


def name_faults(name: object, place: str, what: str = "table") -> list[Fault]:
    """The name of a table or index (AWS developer guide: naming rules)."""
    if isinstance(name, str) and _NAME.fullmatch(name):
        return []
    if isinstance(name, str):
        found = f"{len(name)} characters" if not 3 <= len(name) <= 255 else repr(name)
    else:
        found = type(name).__name__
    article = "an" if what == "index" else "a"
    return [Fault(place, f"the name of {article} {what} has 3 to 255 of a-z A-Z 0-9 _ . -, found {found}")]


def attribute_name_faults(name: object, place: str, role: str) -> list[Fault]:
    """Checks the name of an attribute in a key, a projection or as time to live: 1 to 255 bytes.

    AWS counts bytes, not characters (measured on DynamoDB Local 1.25.1: 200 two-byte characters are
    refused).
    """
    if not isinstance(name, str):
        return [Fault(place, f"the name of a {role} must be a str, found {type(name).__name__}")]
    size = len(name.encode(errors="surrogatepass"))
    if not 1 <= size <= 255:
        shown = f"{name[:40]}..." if len(name) > 40 else name
        return [Fault(place, f"the name of a {role} has 1 to 255 bytes, found {size}: {shown!r}")]
    return []


def projection_faults(projection: Projection, place: str) -> Iterator[Fault]:
    """AWS API reference: Projection. A key attribute among the names is needless, but accepted."""
    place = f"{place}.projection"
    names = projection.names
    if projection.type not in ("ALL", "KEYS_ONLY", "INCLUDE"):
        yield Fault(place, f"a projection is ALL, KEYS_ONLY or INCLUDE, found {projection.type!r}")
        return
    if projection.type != "INCLUDE":
        if names:
            rule = f"only Projection.include(...) has names, found {len(names)} with {projection.type}"
            yield Fault(place, rule)
        return
    if not 1 <= len(names) <= 20:
        rule = f"Projection.include(...) takes 1 to 20 names, found {len(names)}; or use KEYS_ONLY or ALL"
        yield Fault(place, rule)
    for name in names:
        yield from attribute_name_faults(name, place, "projected attribute")
    for name, count in Counter(name for name in names if isinstance(name, str)).items():
        if count > 1:
            yield Fault(place, f"a name is projected once, found {name!r} {count} times; remove one")
