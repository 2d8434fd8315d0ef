"""`Input[E]`: what the JSON body of a request says about an entity.

Guarantees: a request sets only attributes that are declared `attribute(writable=True)`, never keys of the
table, versions, tenants or anything else; their values are of their types; what is wrong is told at once
(see `json_form`), by stored names, without the values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Generic, TypeVar, overload

import attrs

from dynamodel.attribute_value import FieldCodec
from dynamodel.attribute_value.json_form import MAX_FAULTS, Json, from_json
from dynamodel.aws_lambda.http_events import BODY
from dynamodel.aws_lambda.http_faults import InputError, faults_of
from dynamodel.entity.schema import schema_of
from dynamodel.errors import Fault, MarshalError, RequestError
from dynamodel.expressions.nodes import Action
from dynamodel.expressions.path import Path
from dynamodel.model.entity import Entity

__all__ = ["Input"]

E = TypeVar("E", bound=Entity)
T = TypeVar("T")


class Input(Generic[E]):
    """What a request says about an entity: `body: Input[Thread]` as a parameter of a route.

    `Thread.subject in body` tells whether the request says it, `body[Thread.subject]` gives it; a path of
    another class, or to a part of an attribute, is a RequestError.

    Args:
        entity: the class.
        json: a JSON object, under stored names; numbers as int or Decimal. Tests of a route may give it.

    Raises:
        InputError: it says something that is not writable, or not of its type.
    """

    def __init__(self, entity: type[E], json: Mapping[str, Json]) -> None:
        self.entity = entity
        self.values: Mapping[str, object] = _checked(entity, json)
        """What the request says, by Python names."""

    def __contains__(self, attribute: Path[Any] | str) -> bool:
        return self._name(attribute) in self.values

    @overload
    def __getitem__(self, attribute: Path[T]) -> T: ...
    @overload
    def __getitem__(self, attribute: str) -> object: ...
    def __getitem__(self, attribute: Path[Any] | str) -> object:
        return self.values[self._name(attribute)]

    def _name(self, attribute: Path[Any] | str) -> str:
        if isinstance(attribute, str):
            return attribute
        node = attribute.node
        schema_of(self.entity).require_own([node])
        if len(node.steps) > 1:
            raise RequestError(f"{node} is a part of an attribute; a request says {node.name}, whole")
        return node.name

    def __repr__(self) -> str:
        """The names alone: the values are data."""
        return f"Input[{self.entity.__name__}]({', '.join(self.values)})"

    def build(self, **rest: Any) -> E:
        """An instance of the entity, of what the request says and what the route adds.

        Args:
            rest: arguments of the entity's constructor. They win over what the request says.

        Raises:
            InputError: the request leaves out an attribute that it could set and that is needed.
            TypeError: the route left out one that the request cannot set, or gave one that there is not.
        """
        given = {**self.values, **rest}
        faults: list[Fault] = []
        for name, codec in _writable(self.entity):
            if name in given or not _is_required(codec):
                continue
            if codec.absent is not None:  # as a stored item without it would be read
                given[name] = codec.absent()
            else:
                faults.append(Fault(f"{BODY}.{codec.field.stored_name}", "is needed"))
        if faults:
            raise InputError(faults)
        return self.entity(**given)

    def actions(self) -> list[Action]:
        """What the request changes, for `update(...).apply(*changes.actions())`.

        Values are set; null removes an attribute that may be None, unless it is stored as NULL.

        Raises:
            InputError: the request changes nothing, or an attribute that is set once, when the item is made
                (`read_only=True`).
        """
        if not self.values:
            raise InputError([Fault(BODY, "it changes nothing")])
        schema = schema_of(self.entity)
        fixed = [
            codec.field.stored_name
            for name, codec in _writable(self.entity)
            if name in self.values and codec.field.stored_name in schema.read_only
        ]
        if fixed:
            rule = "is set when the item is made, and never changed"
            raise InputError([Fault(f"{BODY}.{stored_name}", rule) for stored_name in fixed])
        return [_path(self.entity, name).set(value) for name, value in self.values.items()]


def _path(entity: type[Entity], name: str) -> Path[Any]:
    path: Path[Any] = getattr(entity, name)
    return path


def _writable(entity: type[Entity]) -> Iterator[tuple[str, FieldCodec]]:
    """The attributes that requests may set, by Python name, in their order."""
    schema = schema_of(entity)
    for name, codec in schema.codec.fields.items():
        if codec.field.stored_name in schema.writable:
            yield name, codec


def _is_required(codec: FieldCodec) -> bool:
    """Whether the entity's constructor needs it."""
    return codec.field.default is attrs.NOTHING and codec.field.factory is None


def _checked(entity: type[Entity], json: object) -> dict[str, object]:
    if not isinstance(json, Mapping):
        raise InputError([Fault(BODY, "a JSON object is needed")])
    schema = schema_of(entity)
    values: dict[str, object] = {}
    faults = [
        Fault(f"{BODY}.{name.encode(errors='backslashreplace').decode()}", _why_not(name, schema.names))
        for name in islice((name for name in json if name not in schema.writable), MAX_FAULTS)
    ]
    for name, codec in _writable(entity):
        stored_name = codec.field.stored_name
        if stored_name in json:
            try:
                values[name] = from_json(codec.value, json[stored_name])
                codec.encode(values[name])  # the limits of a key of an index
            except MarshalError as error:
                faults += faults_of(error, f"{BODY}.{stored_name}")
    if faults:
        raise InputError(faults)
    return values


def _why_not(name: str, names: Mapping[str, str]) -> str:
    return "cannot be set by a request" if name in names else "there is no such attribute"
