"""Definitions without references: parameters and placeholders replaced by what they have in one deployment.

boto3 takes plain texts only. Guarantee: a definition that comes out of here has no reference in a setting
that boto3 is sent, or `RequestError` names every setting whose text is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

import attrs

from dynamodel.errors import RequestError
from dynamodel.schema.references import Parameter, Ref, Reference, Sub

if TYPE_CHECKING:
    from dynamodel.schema.definition import TableDefinition
    from dynamodel.schema.settings import TableSettings

__all__ = ["resolved", "sendable"]


def resolved(definition: TableDefinition, values: Mapping[str, str] | None = None) -> TableDefinition:
    """The definition as boto3 can deploy it with these values.

    A table with a `deployed_name` gets it as its name. An import source is left out: boto3 sends none.

    Args:
        definition: the table, with or without references.
        values: by the parameters' names, and by those of pseudo parameters such as `AWS::Region`; a
            parameter that is not among them has its default.

    Raises:
        RequestError: a reference whose text is not known before the deployment, or a value that its
            parameter does not take; all of them at once.
    """
    faults: list[str] = []
    sent = attrs.evolve(definition, settings=attrs.evolve(definition.settings, import_source=None))
    settings = _settings(sent, values or {}, faults)
    if faults:
        raise RequestError("\n".join(faults))
    name = definition.name if settings.deployed_name is None else str(settings.deployed_name)
    return attrs.evolve(definition, name=name, settings=attrs.evolve(settings, deployed_name=None))


def sendable(definition: TableDefinition) -> TableDefinition:
    """The definition as boto3 can create it, under the name that the program uses.

    Raises:
        RequestError: a setting with a reference whose text is not known; `resolved` takes values for them.
    """
    settings = attrs.evolve(definition.settings, deployed_name=None)
    return resolved(attrs.evolve(definition, settings=settings))


def _settings(definition: TableDefinition, values: Mapping[str, str], faults: list[str]) -> TableSettings:
    resolver = _Resolver(values, faults)
    settings: TableSettings = resolver.whole(definition.settings, f"Table {definition.name!r}")
    return settings


class _Resolver:
    """Replaces references at any depth, and notes those that it cannot."""

    def __init__(self, values: Mapping[str, str], faults: list[str]) -> None:
        self._values = values
        self._faults = faults

    def whole(self, value: Any, place: str) -> Any:
        """The value with the text of each reference in its place."""
        if isinstance(value, Reference):
            return self._text(value, place)
        if isinstance(value, Mapping):
            return {key: self.whole(part, f"{place}[{key!r}]") for key, part in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self.whole(part, f"{place}[{number}]") for number, part in enumerate(value))
        if attrs.has(type(value)) and not isinstance(value, Enum):
            parts = {
                field.name: self.whole(getattr(value, field.name), f"{place}.{field.name}")
                for field in attrs.fields(type(value))
            }
            return attrs.evolve(value, **parts)
        return value

    def _text(self, value: str | Reference, place: str) -> str:
        match value:
            case str():
                return value
            case Parameter():
                return self._parameter(value, place)
            case Ref(name) if name in self._values:
                return self._values[name]
            case Sub():
                return value.filled(lambda name: self._placeholder(value, name, place))
        self._faults.append(
            f"{place}: {_named(value)} is known to CloudFormation only, and boto3 needs a text; give the text"
        )
        return ""

    def _placeholder(self, text: Sub, name: str, place: str) -> str:
        return self._text(text.values[name] if name in text.values else Ref(name), place)

    def _parameter(self, parameter: Parameter, place: str) -> str:
        value = self._values.get(parameter.name, parameter.default)
        if value is None:
            rule = f"the parameter {parameter.name!r} has no default; give its value"
            self._faults.append(f"{place}: {rule}")
            return ""
        # The value itself stays out of the message: a parameter may be secret (no_echo).
        if any(parameter.value_faults(value, place)):
            self._faults.append(f"{place}: the parameter {parameter.name!r} does not take the value given")
        return value


def _named(value: Reference) -> str:
    return f"{type(value).__name__} of {value.name!r}" if isinstance(value, Ref) else type(value).__name__
