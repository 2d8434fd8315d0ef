"""The pieces of a CloudFormation template, and the scope in which references become intrinsic functions.

Guarantee: what comes out of `Scope.render` is plain JSON; a reference to a table or function that is not in
the template is an error. `Ref` and `GetAtt` name what others put into the template, and are not checked.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from dynamodel.errors import DeclarationError, Fault
from dynamodel.schema.references import (
    GetAtt,
    ImportValue,
    Parameter,
    Ref,
    Reference,
    ResourceValue,
    Sub,
    references_in,
)
from dynamodel.schema.settings import RemovalPolicy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Resource", "Scope", "digest", "fitting", "logical_id", "parameter_faults", "words"]

_LONGEST_ID = 200

_REMOVAL = {
    RemovalPolicy.DESTROY: ("Delete", "Delete"),
    RemovalPolicy.RETAIN: ("Retain", "Retain"),
    RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE: ("RetainExceptOnCreate", "Retain"),
}
"""What becomes of a resource when its stack goes, and when it is replaced (CloudFormation user guide,
DeletionPolicy and UpdateReplacePolicy)."""


@frozen
class Resource:
    """One resource of a template; its properties are plain JSON."""

    type: str
    """Such as `AWS::DynamoDB::Table`."""
    properties: Mapping[str, Any] = field(factory=dict)
    removal: RemovalPolicy | None = None
    """None: CloudFormation's default, which is to delete it."""
    depends_on: tuple[str, ...] = ()
    """The logical ids of resources that must be there first."""

    def to_dict(self) -> dict[str, Any]:
        """The resource as it stands in a template."""
        whole: dict[str, Any] = {"Type": self.type}
        if self.properties:
            whole["Properties"] = dict(self.properties)
        if self.removal is not None:
            whole["DeletionPolicy"], whole["UpdateReplacePolicy"] = _REMOVAL[self.removal]
        if self.depends_on:
            whole["DependsOn"] = list(self.depends_on)
        return whole


class Scope:
    """What a template knows while it is compiled: logical ids, and the parameters that are used."""

    def __init__(self, ids: Mapping[object, str]) -> None:
        """Args: ids: the logical id of each declared table and function."""
        self._ids = ids
        self._parameters: dict[str, Parameter] = {}

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """The parameters that were rendered, by name, in the order of their first use."""
        return self._parameters

    def id_of(self, target: object) -> str:
        """The logical id of a declared table or function.

        Raises:
            DeclarationError: it is not part of this template.
        """
        try:
            return self._ids[target]
        except (KeyError, TypeError):
            shown = f"{type(target).__name__} {getattr(target, 'name', target)!r}"
            rule = "is used here, but is not part of this template; add it to the stack"
            raise DeclarationError([Fault(shown, rule)]) from None

    def render(self, value: object) -> Any:
        """The value with its references, at any depth, as intrinsic functions."""
        if isinstance(value, Reference):
            return self._reference(value)
        if isinstance(value, Mapping):
            return {key: self.render(part) for key, part in value.items()}
        if isinstance(value, list | tuple):
            return [self.render(part) for part in value]
        return value

    def _reference(self, value: Reference) -> dict[str, Any]:
        match value:
            case Parameter(name) | Ref(name):
                if isinstance(value, Parameter):
                    self._parameters.setdefault(name, value)
                return {"Ref": name}
            case GetAtt():
                return {"Fn::GetAtt": [value.logical_id, value.attribute]}
            case ImportValue():
                return {"Fn::ImportValue": self.render(value.name)}
            case ResourceValue(target, attribute):
                name = self.id_of(target)
                return {"Ref": name} if attribute == "Ref" else {"Fn::GetAtt": [name, attribute]}
            case Sub():
                return self._sub(value)
        raise TypeError(f"no reference that a template can have: {type(value).__name__}")

    def _sub(self, value: Sub) -> dict[str, Any]:
        values = {name: self.render(part) for name, part in value.values.items()}
        # What has the name of its placeholder needs no entry of its own.
        named = {name: part for name, part in values.items() if part != {"Ref": name}}
        return {"Fn::Sub": [value.text, named] if named else value.text}

    def parameters_section(self) -> dict[str, Any]:
        """The template's `Parameters`."""
        return {name: _declared(parameter) for name, parameter in self._parameters.items()}


def _declared(parameter: Parameter) -> dict[str, Any]:
    section: dict[str, Any] = {"Type": parameter.type}
    if parameter.default is not None:
        section["Default"] = parameter.default
    if parameter.allowed_values:
        section["AllowedValues"] = list(parameter.allowed_values)
    if parameter.allowed_pattern is not None:
        section["AllowedPattern"] = parameter.allowed_pattern
    if parameter.description is not None:
        section["Description"] = parameter.description
    if parameter.no_echo:
        section["NoEcho"] = True
    return section


def parameter_faults(values: Iterable[object]) -> Iterator[Fault]:
    """Two parameters of one name must be the same: a template has only one of them."""
    known: dict[str, Parameter] = {}
    for reference in references_in(list(values)):
        if isinstance(reference, Parameter) and known.setdefault(reference.name, reference) != reference:
            rule = "is declared twice, with different settings; declare it once and use that object"
            yield Fault(f"Parameter {reference.name!r}", rule)


def logical_id(name: str, suffix: str) -> str:
    """A logical id from a name: `my-app.users` and `Table` give `MyAppUsersTable`."""
    return fitting(words(name), suffix) + suffix


def words(name: str) -> str:
    """The name in letters and digits: `my-app.users` gives `MyAppUsers`."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", name))


def fitting(name: str, suffix: str) -> str:
    """The beginning of a logical id, cut so that it fits with its suffix.

    Some room is left: of a table and a function more ids are made (CloudFormation: at most 255 characters).
    """
    most = _LONGEST_ID - len(suffix)
    return name if len(name) <= most else f"{name[: most - 8]}{digest(name)}"


def digest(name: str) -> str:
    """Eight characters that stand for a name."""
    return hashlib.sha256(name.encode()).hexdigest()[:8]
