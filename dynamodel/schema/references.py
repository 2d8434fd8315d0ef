"""Values that are known only when a stack is deployed: parameters, `Ref`, `Fn::GetAtt`, `Fn::Sub`.

A setting that takes a `Text` takes one of these in place of a `str`. Templates have them as
CloudFormation's intrinsic functions, so no string only looks as if something were filled in.
Guarantee: every placeholder of a `Sub` has a value, and a `Parameter` accepts its own default.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from attrs import field, fields, frozen, has

from dynamodel.errors import DeclarationError, Fault

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "GetAtt",
    "ImportValue",
    "Parameter",
    "Ref",
    "Reference",
    "ResourceAttribute",
    "ResourceValue",
    "Sub",
    "Text",
    "is_cdk_token",
    "references_in",
]

_PLACEHOLDER = re.compile(r"\$\{(?!!)([^}]*)\}")
_CDK_TOKEN = re.compile(r"\$\{Token\[[^\]]*\]\}")
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", re.ASCII)
_LOGICAL_ID = re.compile(r"[A-Za-z0-9]{1,255}", re.ASCII)

PSEUDO_PARAMETERS = frozenset(
    f"AWS::{name}"
    for name in ("AccountId", "NotificationARNs", "Partition", "Region", "StackId", "StackName", "URLSuffix")
)
"""CloudFormation user guide, Pseudo parameters reference. AWS::NoValue is no text."""

_PARAMETER_TYPE = re.compile(
    r"String|Number|CommaDelimitedList|List<(?:Number|String|AWS::[A-Za-z0-9:]+)>|AWS::[A-Za-z0-9:]+"
    r"(?:<[A-Za-z0-9:<>]+>)?"
)


class Reference:
    """A text that is known when the stack is deployed."""

    __slots__ = ()


Text: TypeAlias = str | Reference
"""A text, or what gives it when the stack is deployed."""


def _listed(values: Iterable[str]) -> tuple[str, ...]:
    """A tuple; a single text stays as it is, for the checks to find."""
    return cast("tuple[str, ...]", values) if isinstance(values, str) else tuple(values)


@frozen
class Parameter(Reference):
    """A parameter of the template, whose value is given at deployment.

    Used as a value, it is the `Ref` of itself: `Encryption.customer_managed(Parameter("Key"))`. A
    template declares the parameters that its resources use.

    Raises:
        DeclarationError: with each broken rule (CloudFormation user guide, Parameters).
    """

    name: str
    """1 to 255 letters and digits."""
    type: str = field(default="String", kw_only=True)
    """CloudFormation's: `String`, `Number`, `AWS::SSM::Parameter::Value<String>` ..."""
    default: str | None = field(default=None, kw_only=True)
    allowed_values: tuple[str, ...] = field(default=(), kw_only=True, converter=_listed)
    allowed_pattern: str | None = field(default=None, kw_only=True)
    """A regular expression that the whole value must match."""
    description: str | None = field(default=None, kw_only=True)
    """At most 4,000 characters."""
    no_echo: bool = field(default=False, kw_only=True)
    """Whether consoles and logs hide the value."""

    def __attrs_post_init__(self) -> None:
        faults = list(self._faults())
        if faults:
            raise DeclarationError(faults)

    def _faults(self) -> Iterator[Fault]:
        place = f"Parameter {self.name!r}"
        if not _LOGICAL_ID.fullmatch(self.name):
            yield Fault(place, f"its name has 1 to 255 letters and digits, found {self.name!r}")
        if not _PARAMETER_TYPE.fullmatch(self.type):
            yield Fault(f"{place}.type", f"must be a parameter type such as 'String', found {self.type!r}")
        if self.description is not None and len(self.description) > 4000:
            found = len(self.description)
            yield Fault(f"{place}.description", f"has at most 4000 characters, found {found}; shorten it")
        if isinstance(self.allowed_values, str):
            rule = f"must be several texts, found {self.allowed_values!r}; write ({self.allowed_values!r},)"
            yield Fault(f"{place}.allowed_values", rule)
        try:
            re.compile(self.allowed_pattern or "")
        except re.error as error:
            yield Fault(f"{place}.allowed_pattern", f"must be a regular expression: {error}")
            return
        if self.default is not None and not isinstance(self.default, str):
            yield Fault(f"{place}.default", f"must be a str, found {type(self.default).__name__}")
        elif self.default is not None:
            yield from self.value_faults(self.default, f"{place}.default")

    def value_faults(self, value: str, place: str) -> Iterator[Fault]:
        """Whether the parameter can have this value."""
        if self.allowed_values and value not in self.allowed_values:
            rule = f"must be one of {', '.join(map(repr, self.allowed_values))}, found {value!r}"
            yield Fault(place, rule)
        if self.type == "Number" and not _NUMBER.fullmatch(value):
            yield Fault(place, f"must be a number, found {value!r}")
        if self.allowed_pattern is not None and not re.fullmatch(self.allowed_pattern, value):
            yield Fault(place, f"must match {self.allowed_pattern!r}, found {value!r}")


@frozen
class Ref(Reference):
    """The value of something else in the template: a pseudo parameter (`AWS::Region`) or a logical id.

    Raises:
        DeclarationError: it is neither.
    """

    name: str

    def __attrs_post_init__(self) -> None:
        if self.name not in PSEUDO_PARAMETERS and not _LOGICAL_ID.fullmatch(self.name):
            rule = f"must be such as 'AWS::Region', or letters and digits, found {self.name!r}"
            raise DeclarationError([Fault("Ref", rule)])


@frozen
class GetAtt(Reference):
    """An attribute of a resource that another part of the template declares.

    Raises:
        DeclarationError: a logical id that is none, or no attribute.
    """

    logical_id: str
    attribute: str
    """As CloudFormation names it: `Arn`."""

    def __attrs_post_init__(self) -> None:
        if not _LOGICAL_ID.fullmatch(self.logical_id):
            rule = f"a logical id has letters and digits, found {self.logical_id!r}"
            raise DeclarationError([Fault("GetAtt", rule)])
        if not re.fullmatch(r"[A-Za-z0-9.:_-]+", self.attribute):
            rule = f"must be an attribute such as 'Arn', found {self.attribute!r}"
            raise DeclarationError([Fault("GetAtt", rule)])


@frozen
class ImportValue(Reference):
    """What another stack exports under this name."""

    name: Text


ResourceAttribute: TypeAlias = Literal["Ref", "Arn", "StreamArn"]
"""What CloudFormation tells of a table or function: its name (`Ref`), its ARN, its stream's ARN."""


@frozen
class ResourceValue(Reference):
    """What CloudFormation tells of a declared table or function once it is deployed."""

    target: object = field(repr=lambda target: getattr(target, "name", repr(target)))
    attribute: ResourceAttribute


@frozen(init=False)
class Sub(Reference):
    """A text in which placeholders are filled in: `Sub("Movies-${Stage}", Stage=stage)`.

    `${AWS::Region}` and the other pseudo parameters need no value; `${!x}` stays as `${x}`.

    Raises:
        DeclarationError: a placeholder without a value, or a value that is not used.
    """

    text: str
    values: Mapping[str, Text] = field(hash=False)  # a mapping has no hash; the text tells enough

    def __init__(self, text: str, /, **values: Text) -> None:
        object.__setattr__(self, "text", text)  # the attributes are frozen
        object.__setattr__(self, "values", MappingProxyType(dict(values)))
        faults = list(self._faults())
        if faults:
            raise DeclarationError(faults)

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names between `${` and `}`, each once."""
        return tuple(dict.fromkeys(_PLACEHOLDER.findall(self.text)))

    def filled(self, value_of: Callable[[str], str]) -> str:
        """The text with each placeholder replaced by what a function gives for its name."""
        return _PLACEHOLDER.sub(lambda found: value_of(found[1]), self.text).replace("${!", "${")

    def _faults(self) -> Iterator[Fault]:
        place = f"Sub {self.text!r}"
        for name in self.placeholders:
            if name not in self.values and name not in PSEUDO_PARAMETERS:
                rule = f"${{{name}}} has no value; give it as a keyword: Sub(..., {name}=Parameter({name!r}))"
                yield Fault(place, rule)
        for name in self.values.keys() - set(self.placeholders):
            yield Fault(place, f"the value {name!r} is not used; write ${{{name}}}, or leave it out")


def is_cdk_token(text: str) -> bool:
    """Whether the text holds a token of the CDK, which the CDK fills in when it synthesises."""
    return _CDK_TOKEN.search(text) is not None


def references_in(value: object) -> Iterator[Reference]:
    """Every reference in settings or in a value like JSON's, those in a Sub's values included."""
    if isinstance(value, Reference):
        yield value
        if isinstance(value, Sub):
            yield from references_in(value.values)
        elif isinstance(value, ImportValue):
            yield from references_in(value.name)
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from references_in(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from references_in(part)
    elif has(settings := type(value)):
        for attribute in fields(settings):
            yield from references_in(getattr(value, attribute.name))
