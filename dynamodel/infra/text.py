"""Templates as text: JSON and YAML out; JSON and YAML with CloudFormation's short tags in.

YAML needs the extra `cli`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from dynamodel.errors import DeclarationError, Fault, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

__all__ = ["read_template", "to_json", "to_yaml"]


_LIKE_A_NUMBER = re.compile(r"[-+]?\.?[0-9][\w.+-]*")
"""An account's id that begins with 0 is a text to PyYAML, and a number to other readers of YAML."""

# fmt: off
_SHORT_TAGS = frozenset((
    "And", "Base64", "Cidr", "Condition", "Equals", "FindInMap", "GetAtt", "GetAZs", "If", "ImportValue",
    "Join", "Length", "Not", "Or", "Ref", "Select", "Split", "Sub", "ToJsonString", "Transform",
))
# fmt: on
"""CloudFormation template reference, Intrinsic functions."""


def to_json(template: Mapping[str, Any]) -> str:
    """The template as JSON, indented, with a newline at its end."""
    return json.dumps(template, indent=2, ensure_ascii=False) + "\n"


def to_yaml(template: Mapping[str, Any]) -> str:
    """The template as YAML, in the order of its sections; intrinsic functions in their long form.

    Raises:
        MissingExtraError: PyYAML is not installed.
    """
    yaml = _yaml()

    class Dumper(yaml.SafeDumper):  # type: ignore[misc, name-defined]  # imported when needed
        def ignore_aliases(self, data: object) -> bool:
            """CloudFormation's readers should see each value where it stands."""
            return True

    def text_node(dumper: Any, value: str) -> Any:
        style = "|" if "\n" in value else None  # a block, as people write code and policies
        if _LIKE_A_NUMBER.fullmatch(value):
            style = "'"
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text_node)
    text: str = yaml.dump(template, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100)
    return text


def read_template(text: str) -> dict[str, Any]:
    """A template from JSON or YAML; short tags such as `!Ref` and `!GetAtt` become their long form.

    Raises:
        MissingExtraError: it is not JSON, and PyYAML is not installed.
        DeclarationError: it is neither, or not an object.
    """
    try:
        template = _read_json(text)
    except RecursionError:
        raise DeclarationError([Fault("template", "is nested too deeply, or holds itself")]) from None
    if not isinstance(template, dict):
        rule = f"must be an object with Resources, found {type(template).__name__}"
        raise DeclarationError([Fault("template", rule)])
    return template


def _read_json(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_unrepeated)
    except ValueError:
        return _read_yaml(text)


def _unrepeated(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    """An object; JSON and YAML would take the last of two values under one name, and lose the other."""
    for name, count in Counter(name for name, _ in pairs).items():
        if count > 1:
            raise DeclarationError(
                [Fault("template", f"has {name!r} {count} times in one object; remove one")]
            )
    return dict(pairs)


def _read_yaml(text: str) -> object:
    yaml = _yaml()

    class Loader(yaml.SafeLoader):  # type: ignore[misc, name-defined]  # imported when needed
        """Dates stay texts: `2012-10-17` is the version of a policy."""

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def intrinsic(loader: Any, suffix: str, node: Any) -> dict[str, Any]:
        if suffix not in _SHORT_TAGS:
            raise yaml.constructor.ConstructorError(None, None, f"unknown tag !{suffix}", node.start_mark)
        name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
        if isinstance(node, yaml.ScalarNode):
            value: Any = loader.construct_scalar(node)
            # `!GetAtt Table.Arn` is the short form of two elements; the first dot parts them.
            return {name: value.split(".", 1) if suffix == "GetAtt" else value}
        if isinstance(node, yaml.SequenceNode):
            return {name: loader.construct_sequence(node, deep=True)}
        return {name: loader.construct_mapping(node, deep=True)}

    def mapping(loader: Any, node: Any) -> dict[Any, Any]:
        _unrepeated([(loader.construct_object(name, deep=True), None) for name, _ in node.value])
        whole: dict[Any, Any] = loader.construct_mapping(node, deep=True)
        return whole

    Loader.add_multi_constructor("!", intrinsic)
    Loader.add_constructor("tag:yaml.org,2002:map", mapping)
    try:
        return yaml.load(text, Loader=Loader)
    except yaml.YAMLError as error:
        raise DeclarationError([Fault("template", f"is neither JSON nor YAML: {error}")]) from None


def _yaml() -> ModuleType:
    try:
        import yaml  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingExtraError("YAML", "cli") from None
    return yaml
