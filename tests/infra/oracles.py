"""The CDK as an oracle: what its own constructs synthesise, in a form in which two templates can be compared.

`modulo_ids` keeps every property of every resource. What it takes away is what two right templates may
differ in: logical ids (renamed by what the resource is and what it refers to), the names that are made of
them, the order of what AWS treats as a set, and whether a text with references is an `Fn::Join` or `Fn::Sub`.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import aws_cdk

_PLACEHOLDER = re.compile(r"\$\{([^!}][^}]*)\}")
_SETS = frozenset(("AttributeDefinitions", "Tags"))
_MADE_NAMES = {
    "AWS::IAM::Policy": ("PolicyName",),
    "AWS::ApplicationAutoScaling::ScalingPolicy": ("PolicyName",),
}
_STATEMENT_SETS = ("Action", "NotAction", "Resource", "NotResource")


def synthesise(build: Callable[[aws_cdk.Stack], object], region: str | None = None) -> dict[str, Any]:
    """The template of a CDK stack that a function fills.

    Args:
        build: adds constructs to the stack.
        region: the stack's region, with the account 123456789012; None: a stack for any region.
    """
    import aws_cdk

    with tempfile.TemporaryDirectory() as folder:
        app = aws_cdk.App(outdir=folder, analytics_reporting=False)
        environment = None if region is None else aws_cdk.Environment(account="123456789012", region=region)
        stack = aws_cdk.Stack(app, "Stack", env=environment, synthesizer=aws_cdk.BootstraplessSynthesizer())
        build(stack)
        template: dict[str, Any] = app.synth().get_stack_artifact(stack.artifact_id).template
        return template


def modulo_ids(template: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The resources of a template under canonical ids: `AWS::DynamoDB::Table 1`, in canonical form.

    Two templates with equal results have the same resources, property for property, and the same references
    between them. Resources that differ in nothing, not even in what refers to them, are interchangeable.
    """
    resources = {name: _canonical(body, body["Type"]) for name, body in template["Resources"].items()}
    users: dict[str, list[str]] = {name: [] for name in resources}
    for name, body in resources.items():
        for used in references(body):
            if used in users and used != name:
                users[used].append(name)
    colours = {name: body["Type"] for name, body in resources.items()}
    while True:
        refined = {
            name: _digest([_resorted(_renamed(body, colours)), sorted(colours[user] for user in users[name])])
            for name, body in resources.items()
        }
        settled = len(set(refined.values())) == len(set(colours.values()))
        colours = refined
        if settled:
            break
    order = sorted(resources, key=lambda name: (resources[name]["Type"], colours[name]))
    names: dict[str, str] = {}
    counts: dict[str, int] = {}
    for name in order:
        kind = resources[name]["Type"]
        counts[kind] = counts.get(kind, 0) + 1
        names[name] = f"{kind} {counts[kind]}"
    return {names[name]: _resorted(_renamed(resources[name], names)) for name in order}


def properties_of(template: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The properties of the only resource of a type, in canonical form."""
    (found,) = (body for body in modulo_ids(template).values() if body["Type"] == kind)
    properties: dict[str, Any] = found["Properties"]
    return properties


def references(value: Any) -> Iterator[str]:
    """The logical ids and parameters that a value refers to."""
    if isinstance(value, list):
        for part in value:
            yield from references(part)
    elif isinstance(value, dict):
        if set(value) == {"Ref"}:
            yield value["Ref"]
        elif set(value) == {"Fn::GetAtt"}:
            yield value["Fn::GetAtt"][0]
        for part in value.values():
            yield from references(part)


def _canonical(body: Mapping[str, Any], kind: str) -> dict[str, Any]:
    kept = {key: value for key, value in body.items() if key not in ("Metadata", "Properties", "DependsOn")}
    properties = {
        key: "<made of the logical id>" if key in _MADE_NAMES.get(kind, ()) else canonical(value, key)
        for key, value in body.get("Properties", {}).items()
    }
    depends = body.get("DependsOn", [])
    kept["DependsOn"] = [{"Ref": name} for name in ([depends] if isinstance(depends, str) else depends)]
    return {**kept, "Properties": properties}


def canonical(value: Any, key: str = "") -> Any:
    """One value in canonical form; what is a set stands in the order of its JSON."""
    if isinstance(value, list):
        parts = [canonical(part) for part in value]
        return sorted(parts, key=_json) if key in _SETS else parts
    if not isinstance(value, dict):
        return value
    if set(value) == {"Fn::Join"} and value["Fn::Join"][0] == "":
        return _text(value["Fn::Join"][1])
    if set(value) == {"Fn::Sub"}:
        return _text(_sub_parts(value["Fn::Sub"]))
    if set(value) == {"Fn::GetAtt"} and isinstance(value["Fn::GetAtt"], str):
        return {"Fn::GetAtt": value["Fn::GetAtt"].split(".", 1)}
    if "Statement" in value and "Version" in value:
        return {**value, "Statement": _statements(value["Statement"])}
    return {name: canonical(part, name) for name, part in value.items()}


def _statements(given: Any) -> list[Any]:
    """The statements of a policy: one for each resource and action set, in no order."""
    statements = [given] if isinstance(given, dict) else given
    return sorted((_statement(statement) for statement in statements), key=_json)


def _statement(statement: Mapping[str, Any]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for name, part in statement.items():
        if name in _STATEMENT_SETS:
            parts = [canonical(each) for each in (part if isinstance(part, list) else [part])]
            whole[name] = sorted((each for each in parts if each != {"Ref": "AWS::NoValue"}), key=_json)
        else:
            whole[name] = canonical(part)
    return whole


def _sub_parts(given: Any) -> list[Any]:
    text, values = (given, {}) if isinstance(given, str) else given
    parts: list[Any] = []
    at = 0
    for found in _PLACEHOLDER.finditer(text):
        parts.append(text[at : found.start()])
        at = found.end()
        name = found[1]
        if name in values:
            parts.append(values[name])
        else:
            parts.append({"Fn::GetAtt": name.split(".", 1)} if "." in name else {"Ref": name})
    return [*parts, text[at:]]


def _text(parts: list[Any]) -> Any:
    """A text with references: neighbouring literals joined, nested texts taken apart."""
    flat: list[Any] = []
    for part in parts:
        formed = canonical(part)
        nested = formed["text"] if isinstance(formed, dict) and set(formed) == {"text"} else [formed]
        for each in nested:
            if isinstance(each, str) and flat and isinstance(flat[-1], str):
                flat[-1] += each
            elif each != "":
                flat.append(each)
    return flat[0] if len(flat) == 1 else {"text": flat}


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """The value with each reference to a resource under the resource's other name."""
    if isinstance(value, list):
        return [_renamed(part, names) for part in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"} and value["Ref"] in names:
        return {"Ref": names[value["Ref"]]}
    if set(value) == {"Fn::GetAtt"} and value["Fn::GetAtt"][0] in names:
        name, *attribute = value["Fn::GetAtt"]
        return {"Fn::GetAtt": [names[name], *attribute]}
    return {key: _renamed(part, names) for key, part in value.items()}


def _resorted(body: dict[str, Any]) -> dict[str, Any]:
    """The body with its sets in the order of their new names."""
    ordered = canonical(body["Properties"])
    return {**body, "Properties": ordered, "DependsOn": sorted(body["DependsOn"], key=_json)}


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _digest(value: Any) -> str:
    return hashlib.sha256(_json(value).encode()).hexdigest()
