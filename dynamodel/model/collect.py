"""Reads an entity class: its attributes with their resolved types, and its indexes.

Nothing raises here: what is wrong is returned as faults, so that a class's faults are told together.
"""

from __future__ import annotations

import sys
import typing
from collections.abc import Callable, Iterator, Mapping
from inspect import get_annotations
from types import SimpleNamespace
from typing import Any, ClassVar, get_args, get_origin

import attrs

from dynamodel.attribute_value import Field
from dynamodel.attribute_value.sizes import MAX_NAME_BYTES
from dynamodel.entity.attributes import Attr, Computed
from dynamodel.entity.upgrades import UpgradeFrom
from dynamodel.errors import Fault
from dynamodel.expressions.path import Path
from dynamodel.model.indexes import Index, PrimaryKey
from dynamodel.model.keys import Key
from dynamodel.model.unique import Unique

__all__ = ["Declared", "collect"]


@attrs.frozen(eq=False, repr=False)
class Declared:
    """What an entity class declares."""

    cls: type
    attributes: Mapping[str, Attr[Any]]
    types: Mapping[str, object]
    """The resolved types of the attributes; Any where one could not be resolved."""
    primary_keys: Mapping[str, PrimaryKey[Any, Any]]
    """By their names in the class; an entity has one."""
    indexes: Mapping[str, Index[Any]]
    """By their names in the class."""
    uniques: Mapping[str, Unique]
    """The unique constraints, by their names in the class."""
    upgrades: Mapping[str, UpgradeFrom]
    """The upgrade functions, by their names in the class."""

    @property
    def accesses(self) -> Mapping[str, PrimaryKey[Any, Any] | Index[Any]]:
        """The primary keys and the indexes."""
        return {**self.primary_keys, **self.indexes}

    @property
    def place(self) -> str:
        """The class's name."""
        return self.cls.__name__

    def name_of(self, part: object) -> str | None:
        """The Python name of an attribute of this class, which a base class shows as a path."""
        if isinstance(part, Path):
            is_own = issubclass(self.cls, part.node.owner) and len(part.node.steps) == 1
            return part.node.name if is_own else None
        found = (name for name, own in self.attributes.items() if own is part)
        return next(found, None)

    def stored_name(self, name: str) -> str:
        """The name under which an attribute is stored."""
        stored_name = self.attributes[name].stored_name
        return name if stored_name is None else stored_name

    def stored_names(self, of: Callable[[Attr[Any]], bool]) -> frozenset[str]:
        """The names under which the attributes are stored of which this is true."""
        return frozenset(
            self.stored_name(name) for name, attribute in self.attributes.items() if of(attribute)
        )

    @property
    def key_parts(self) -> frozenset[str]:
        """The Python names of the attributes from which keys are built."""
        sides = (side for access in self.accesses.values() for side in (access.partition, access.sort))
        parts = [part for side in sides if isinstance(side, Key) for part in side.parts]
        parts += [part for constraint in self.uniques.values() for part in constraint.parts]
        return frozenset(name for name in map(self.name_of, parts) if name is not None)

    def fields(self, key_limits: Mapping[str, int]) -> list[Field]:
        """The attributes, for the codec compiler."""
        key_parts = self.key_parts
        return [
            Field(
                name=name,
                stored_name=self.stored_name(name),
                type=self.types[name],
                default=attribute.default,
                # A stored item without its timestamp was not created now.
                factory=attribute.factory if attribute.role is None else None,
                null=attribute.null,
                key_limit=key_limits.get(name),
                is_key_part=name in key_parts,
                is_computed=isinstance(attribute, Computed),
            )
            for name, attribute in self.attributes.items()
        ]


def collect(
    cls: type, reserved: frozenset[str], namespace: Mapping[str, Any]
) -> tuple[Declared, list[Fault]]:
    """What the class and its bases declare, and what is wrong with it.

    Args:
        cls: the entity class.
        reserved: names that attributes and indexes cannot have.
        namespace: the local names where the class stands, for its annotations.
    """
    faults: list[Fault] = []
    attributes: dict[str, Attr[Any]] = {}
    types: dict[str, object] = {}
    primary_keys: dict[str, PrimaryKey[Any, Any]] = {}
    indexes: dict[str, Index[Any]] = {}
    uniques: dict[str, Unique] = {}
    upgrades: dict[str, UpgradeFrom] = {}
    for base in reversed(cls.__mro__):
        if not hasattr(base, "__dynamodel_entity__"):
            continue
        _adopt_bare_annotations(base)
        annotations = get_annotations(base)
        for name, value in list(vars(base).items()):
            if isinstance(value, Attr):
                attributes[name] = value
                types[name] = _resolve(base, name, annotations, namespace, cls.__name__, faults)
            elif isinstance(value, PrimaryKey):
                primary_keys[name] = value
            elif isinstance(value, Index):
                indexes[name] = value
            elif isinstance(value, Unique):
                uniques[name] = value
            elif isinstance(value, UpgradeFrom):
                upgrades[name] = value
        faults.extend(_plain_annotations(base, annotations, cls.__name__))
    declared = Declared(cls, attributes, types, primary_keys, indexes, uniques, upgrades)
    faults.extend(
        Fault(f"{cls.__name__}.{name}", "is a name that Entity uses itself; choose another one")
        for name in (*attributes, *declared.accesses, *uniques, *upgrades)
        if name in reserved
    )
    faults.extend(_attribute_faults(declared))
    return declared, faults


def _adopt_bare_annotations(cls: type) -> None:
    """`title: Attr[str]` alone declares an attribute as `title: Attr[str] = attribute()` does."""
    for name, annotation in get_annotations(cls).items():
        if name not in vars(cls) and _mentions_attr(annotation):
            bare: Attr[Any] = Attr()
            bare.__set_name__(cls, name)
            setattr(cls, name, bare)


def _mentions_attr(annotation: object) -> bool:
    if isinstance(annotation, str):
        return annotation.split("[")[0].rsplit(".")[-1].strip() == "Attr"
    return get_origin(annotation) is Attr


def _resolve(
    base: type,
    name: str,
    annotations: Mapping[str, object],
    namespace: Mapping[str, Any],
    place: str,
    faults: list[Fault],
) -> object:
    if name not in annotations:
        faults.append(Fault(f"{place}.{name}", f"needs its type: {name}: Attr[...] = attribute(...)"))
        return Any
    try:
        annotation = _evaluate(base, annotations[name], namespace)
    except (NameError, SyntaxError, TypeError, AttributeError) as error:
        rule = f"its annotation cannot be resolved at run time ({error}); import what it names at run time"
        faults.append(Fault(f"{place}.{name}", rule))
        return Any
    if get_origin(annotation) is not Attr:
        faults.append(Fault(f"{place}.{name}", f"needs an annotation of the form {name}: Attr[...]"))
        return Any
    type_ = get_args(annotation)[0]
    if isinstance(type_, Attr):
        rule = "its type is hidden by the attribute of the same name; import the type under another name"
        faults.append(Fault(f"{place}.{name}", rule))
        return Any
    return type_


def _evaluate(base: type, annotation: object, namespace: Mapping[str, Any]) -> object:
    """The annotation with its names replaced by what they stand for, where the class was made."""
    module = sys.modules.get(base.__module__)
    own = {name: value for name, value in vars(base).items() if not isinstance(value, Attr)}
    names = {**own, **namespace, base.__name__: base}
    holder = SimpleNamespace(__annotations__={"it": annotation})
    hints = typing.get_type_hints(holder, vars(module) if module else {}, names, include_extras=True)
    return hints["it"]


def _plain_annotations(base: type, annotations: Mapping[str, object], place: str) -> Iterator[Fault]:
    """`title: str` looks like an attribute, to a type checker too, but it would not be stored."""
    for name, annotation in annotations.items():
        if name.startswith("_") or isinstance(vars(base).get(name), Attr):
            continue
        text = annotation if isinstance(annotation, str) else ""
        if "ClassVar" in text or get_origin(annotation) is ClassVar or annotation is ClassVar:
            continue
        yield Fault(f"{place}.{name}", f"is no attribute: declare {name}: Attr[...], or ClassVar[...]")


def _attribute_faults(declared: Declared) -> Iterator[Fault]:
    stored: dict[str, str] = {}
    for name, attribute in declared.attributes.items():
        place = f"{declared.place}.{name}"
        yield from _name_faults(place, declared.stored_name(name))
        other = stored.setdefault(declared.stored_name(name), name)
        if other != name:
            yield Fault(place, f"is stored as {declared.stored_name(name)!r}, and so is {other}")
        yield from _default_faults(place, attribute)


def _name_faults(place: str, stored_name: object) -> Iterator[Fault]:
    if not isinstance(stored_name, str):
        yield Fault(place, f"its stored name must be a str, not {type(stored_name).__name__}")
    # AWS developer guide, Limits; the names of keys, which are shorter, are checked with the table.
    elif not 1 <= len(stored_name.encode(errors="replace")) <= MAX_NAME_BYTES:
        yield Fault(place, f"its stored name must have 1 to {MAX_NAME_BYTES} bytes")
    elif any("\ud800" <= character <= "\udfff" for character in stored_name):
        yield Fault(place, "its stored name must be valid Unicode; a lone surrogate has no UTF-8 form")


def _default_faults(place: str, attribute: Attr[Any]) -> Iterator[Fault]:
    if type(attribute.default).__hash__ is None:  # what can change has no hash
        kind = type(attribute.default).__name__
        factory = (
            kind if isinstance(attribute.default, list | dict | set | bytearray) else f"lambda: {kind}(...)"
        )
        yield Fault(place, f"a {kind} as default would be shared by all instances; use factory={factory}")
    if attribute.factory is not None and attribute.default is not attrs.NOTHING:
        yield Fault(place, "has a default and a factory; give one of them")
    if attribute.factory is not None and not callable(attribute.factory):
        yield Fault(place, "its factory must be callable without arguments")
