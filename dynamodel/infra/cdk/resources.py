"""Compiled resources as constructs of the CDK, and references as its tokens.

The compilers give plain resources; `CfnInclude` of the CDK makes typed constructs (`CfnTable` ...) of them,
so that no property is written twice.
"""

from __future__ import annotations

import json
import os
import tempfile
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

import aws_cdk
import jsii
from aws_cdk import cloudformation_include

from dynamodel.errors import DeclarationError, Fault
from dynamodel.infra.template import Resource, Scope
from dynamodel.schema.references import (
    ImportValue,
    Parameter,
    Reference,
    ResourceAttribute,
    ResourceValue,
    Sub,
)

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from constructs import Construct

__all__ = ["MAIN", "CdkScope", "Declared", "include", "register", "tokens"]

MAIN = "Resource"
"""The id of a construct's main resource; the CDK leaves it out of the logical id, as in its constructs."""

_HIDDEN = "Default"
"""The id of a construct that does not show in the logical ids of what it holds."""


class Declared(Protocol):
    """A construct that stands for a declared table or function."""

    def value_of(self, attribute: ResourceAttribute) -> str:
        """What CloudFormation tells of it, as a token."""
        ...


_declared: WeakKeyDictionary[aws_cdk.Stack, dict[object, Declared]] = WeakKeyDictionary()
"""For each stack the constructs of its tables and functions, so that they find each other."""


def register(construct: Construct, target: object, declared: Declared) -> None:
    """Makes a construct the one that references to a table or function mean, in its stack.

    Raises:
        DeclarationError: the stack has the table or function already.
    """
    known = _declared.setdefault(aws_cdk.Stack.of(construct), {})
    if target in known:
        place = getattr(target, "place", repr(target))
        rule = f"is in this stack already; found it again at {construct.node.path!r}; use the first construct"
        raise DeclarationError([Fault(place, rule)])
    known[target] = declared


@jsii.implements(aws_cdk.IStableStringProducer)
class _Later:
    """A value of another construct, which need not be there yet."""

    def __init__(self, scope: CdkScope, target: object, attribute: ResourceAttribute) -> None:
        self._scope = scope
        self._target = target
        self._attribute: ResourceAttribute = attribute

    def produce(self) -> str:
        """The value, as a token."""
        return self._scope.declared(self._target).value_of(self._attribute)


class CdkScope(Scope):
    """The scope of one construct: references become tokens, which the CDK resolves when it synthesises.

    Args:
        construct: the construct whose resources are compiled.
        ids: the ids of what it declares itself.
        others: constructs that stand for other tables and functions, beside those of the same stack.
    """

    def __init__(
        self,
        construct: Construct,
        ids: Mapping[object, str],
        others: Mapping[Any, Declared] | None = None,
    ) -> None:
        super().__init__(ids)
        self._ids_here = ids
        self._stack = aws_cdk.Stack.of(construct)
        self._others: Mapping[Any, Declared] = others or {}

    def render(self, value: object) -> Any:
        """The value with its references, at any depth, as tokens or intrinsic functions."""
        return self._token(value) if isinstance(value, Reference) else super().render(value)

    def _token(self, value: Reference) -> Any:
        token: Any = None
        match value:
            case Parameter():
                token = aws_cdk.Token.as_string(self._parameter(value).value)
            case ImportValue(name):
                token = aws_cdk.Fn.import_value(self.render(name))
            case ResourceValue(target, attribute) if target not in self._ids_here:
                known = self._found(target)
                # Its construct may be made after this one: then it is asked when the CDK synthesises.
                token = (
                    aws_cdk.Lazy.string(_Later(self, target, attribute))
                    if known is None
                    else known.value_of(attribute)
                )
            case Sub():
                token = self._filled(value)
        return super().render(value) if token is None else token

    def declared(self, target: object) -> Declared:
        """The construct of another table or function.

        Raises:
            DeclarationError: it has none in this stack.
        """
        known = self._found(target)
        if known is None:
            rule = "is used here, but has no construct in this stack; add one"
            raise DeclarationError([Fault(getattr(target, "place", repr(target)), rule)])
        return known

    def _found(self, target: object) -> Declared | None:
        return self._others.get(target) or _declared.get(self._stack, {}).get(target)

    def _filled(self, value: Sub) -> Any:
        rendered = {name: self.render(part) for name, part in value.values.items()}
        if any(isinstance(part, dict) for part in rendered.values()):  # of this construct: not yet a token
            return {"Fn::Sub": [value.text, rendered]}
        # A parameter is declared in the stack under its own name, and so needs no entry of its own.
        own = {
            name for name, part in value.values.items() if isinstance(part, Parameter) and part.name == name
        }
        named = {name: part for name, part in rendered.items() if name not in own}
        return aws_cdk.Fn.sub(value.text, named or None)

    def _parameter(self, parameter: Parameter) -> aws_cdk.CfnParameter:
        """The stack's parameter of that name, which is declared when it is first used."""
        known = self._stack.node.try_find_child(parameter.name)
        if known is None:
            return aws_cdk.CfnParameter(
                self._stack,
                parameter.name,
                type=parameter.type,
                default=parameter.default,
                allowed_values=list(parameter.allowed_values) or None,
                allowed_pattern=parameter.allowed_pattern,
                description=parameter.description,
                no_echo=parameter.no_echo or None,
            )
        if isinstance(known, aws_cdk.CfnParameter):
            return known
        found = f"{type(known).__name__} {known.node.path!r}"
        rule = f"needs its name in the stack, found that the {found} has it; rename one of them"
        raise DeclarationError([Fault(f"Parameter {parameter.name!r}", rule)])


def tokens(value: Any, own: Container[str] = ()) -> Any:
    """The value with each `Ref` and `Fn::GetAtt` of something outside of a construct as a token.

    Args:
        value: plain JSON, with tokens or not.
        own: the ids of what is inside.
    """
    match value:
        case {"Ref": str(name), **rest} if not rest:
            return value if name in own else aws_cdk.Fn.ref(name)
        case {"Fn::GetAtt": [str(name), str(attribute)], **rest} if not rest:
            return value if name in own else aws_cdk.Fn.get_att(name, attribute).to_string()
        case dict():
            return {key: tokens(part, own) for key, part in value.items()}
        case list():
            return [tokens(part, own) for part in value]
    return value


def include(construct: Construct, resources: Mapping[str, Resource]) -> dict[str, aws_cdk.CfnResource]:
    """The resources as typed constructs under a construct; `MAIN` becomes its default child.

    Args:
        construct: the parent.
        resources: by their ids; references between them are `Ref` and `Fn::GetAtt` of those ids.
    """
    whole = {name: tokens(resource.to_dict(), resources) for name, resource in resources.items()}
    handle, path = tempfile.mkstemp(suffix=".json")  # CfnInclude reads files only, and at once
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"Resources": whole}, file)
        included = cloudformation_include.CfnInclude(
            construct, _HIDDEN, template_file=path, preserve_logical_ids=False
        )
    finally:
        os.unlink(path)
    constructs = {name: included.get_resource(name) for name in resources}
    construct.node.default_child = constructs[MAIN]
    return constructs
