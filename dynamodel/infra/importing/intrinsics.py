"""Turns CloudFormation's intrinsic functions into references, and parameters into `Parameter`.

Guarantee: what becomes a reference says the same as before; what cannot be said by one becomes
`Unreadable`, which every reader reports. `AWS::NoValue` is absence, as in CloudFormation.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dynamodel.errors import DeclarationError, Fault
from dynamodel.infra.importing.reading import Unreadable
from dynamodel.schema.references import GetAtt, ImportValue, Parameter, Ref, Reference, Sub, Text

if TYPE_CHECKING:
    from dynamodel.infra.importing.reading import Report, Section

__all__ = ["Intrinsics"]

_NO_VALUE = "AWS::NoValue"
_PLACEHOLDER = re.compile(r"\$\{(?!!)([^}]*)\}")
_NOT_KEPT = ("ConstraintDescription", "MinLength", "MaxLength", "MinValue", "MaxValue")


class Intrinsics:
    """The intrinsic functions of one template."""

    def __init__(self, template: Section, report: Report) -> None:
        self._report = report
        found = template.optional("Parameters")
        self._declared = found
        self._parameters: dict[str, Parameter] = {}

    def parameter(self, name: str) -> Parameter | None:
        """A parameter of the template; None: the name is something else's."""
        if self._declared is None or name not in self._declared:
            return None
        if name not in self._parameters:
            self._parameters[name] = self._read(self._declared.section(name), name)
        return self._parameters[name]

    def _read(self, section: Section, name: str) -> Parameter:
        default = section.get("Default")
        no_echo = section.flag("NoEcho")
        for limit in _NOT_KEPT:
            if section.get(limit) is not None:
                self._report.note(section.at(limit), "is not part of a Parameter, and left out")
        given = section.get("AllowedValues")
        allowed: Any = [_text(value) for value in given] if isinstance(given, list) else []
        try:
            found = Parameter(
                name,
                type=section.text("Type"),
                default=None if default is None else _text(default),
                allowed_values=allowed,
                allowed_pattern=section.plain_text("AllowedPattern"),
                description=section.plain_text("Description"),
                no_echo=bool(no_echo),
            )
        except DeclarationError as error:
            self._report.faults.extend(Fault(section.place, fault.rule) for fault in error.faults)
            found = Parameter("Wrong")
        section.close()
        return found

    def translated(self, value: object) -> Any:
        """A JSON value in which references stand for intrinsic functions; None: AWS::NoValue."""
        if isinstance(value, list):
            parts = [self.translated(part) for part in value]
            return [
                part for part, given in zip(parts, value, strict=True) if part is not None or given is None
            ]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            [(name, argument)] = value.items()
            if name == "Ref" or (isinstance(name, str) and name.startswith("Fn::")):
                return None if argument == _NO_VALUE else self._function(name, argument)
        return {name: self.translated(part) for name, part in value.items()}

    def _function(self, name: str, argument: object) -> Reference | Unreadable | str:
        found: Reference | str | None = None
        match name, self.translated(argument):
            case "Ref", str(target):
                found = self._named(target)
            case "Fn::GetAtt", [str(target), str(attribute)]:
                found = GetAtt(target, attribute)
            case "Fn::GetAtt", str(path) if "." in path:
                found = GetAtt(*path.split(".", 1))
            case "Fn::ImportValue", str() | Reference() as export:
                found = ImportValue(export)
            case "Fn::Sub", str(text):
                found = self._sub(text, {})
            case "Fn::Sub", [str(text), Mapping() as values]:
                found = self._sub(text, values)
            case "Fn::Join", [str(delimiter), list(parts)]:
                found = _joined(delimiter, parts)
        return Unreadable(name) if found is None else found

    def _named(self, name: str) -> Reference:
        return self.parameter(name) or Ref(name)

    def _sub(self, text: str, values: Mapping[str, object]) -> Reference | None:
        """The text with placeholders that are keywords of `Sub`: `${Queue.Arn}` becomes `${QueueArn}`."""
        given: dict[str, Text] = {}

        def renamed(found: re.Match[str]) -> str:
            name = found[1].strip()
            if name.startswith("AWS::"):
                return f"${{{name}}}"
            value = values.get(name)
            if name not in values:
                value = GetAtt(*name.split(".", 1)) if "." in name else self._named(name)
            argument = _argument(name)
            given[argument] = value  # type: ignore[assignment]  # what is no Text is refused below
            return f"${{{argument}}}"

        whole = _PLACEHOLDER.sub(renamed, text)
        if not all(name.isidentifier() and isinstance(given[name], str | Reference) for name in given):
            return None
        return _checked(whole, given)


def _joined(delimiter: str, parts: list[object]) -> Reference | str | None:
    """`Fn::Join` as a `Sub`."""
    values: dict[str, Text] = {}
    texts: list[str] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part.replace("${", "${!"))
        elif isinstance(part, Ref) and part.name.startswith("AWS::"):
            texts.append(f"${{{part.name}}}")
        elif isinstance(part, Reference):
            name = _name_of(part, len(values))
            while name in values and values[name] != part:
                name += "x"
            values[name] = part
            texts.append(f"${{{name}}}")
        else:
            return None
    text = delimiter.replace("${", "${!").join(texts)
    if not values and not _PLACEHOLDER.search(text):
        return text.replace("${!", "${")
    return _checked(text, values)


def _name_of(reference: Reference, number: int) -> str:
    match reference:
        case Parameter(name) | Ref(name):
            wanted = name
        case GetAtt(target, attribute):
            wanted = f"{target}{attribute}"
        case _:
            wanted = f"Part{number + 1}"
    return _argument(wanted) or f"Part{number + 1}"


def _argument(name: str) -> str:
    """The name as an argument of `Sub`: letters and digits, and no word of Python's own."""
    plain = re.sub(r"[^A-Za-z0-9]", "", name)
    return f"{plain}Value" if keyword.iskeyword(plain) else plain


def _checked(text: str, values: Mapping[str, Text]) -> Sub | None:
    try:
        return Sub(text, **values)
    except DeclarationError:  # a pseudo parameter that is no text, such as AWS::NoValue
        return None


def _text(value: object) -> str:
    """A parameter's default or allowed value, which CloudFormation takes as number, too."""
    return str(value).lower() if isinstance(value, bool) else str(value)
