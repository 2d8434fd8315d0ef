"""Routes: which function answers which path, and where its arguments come from.

A parameter is, by its annotation and name: `LambdaContext`, the context of the invocation; `Input[E]`, or an
attrs class or dataclass, the JSON body; a name in the path, that part of it; any other, a parameter of the
query string.

Guarantees: all that is wrong with a route is told at once, when it is declared; all that is wrong with a
request is told at once, before the function is called. Codecs of bodies are compiled by the first request.
"""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, get_args, get_origin

import attrs

from dynamodel.attribute_value import UnsupportedTypeError
from dynamodel.attribute_value.shapes import is_document
from dynamodel.aws_lambda.context import is_context
from dynamodel.aws_lambda.handlers import not_plain
from dynamodel.aws_lambda.http_arguments import (
    Argument,
    BodyArgument,
    ContextArgument,
    Incoming,
    InputArgument,
    PathArgument,
    QueryArgument,
)
from dynamodel.aws_lambda.http_faults import InputError
from dynamodel.aws_lambda.http_inputs import Input
from dynamodel.aws_lambda.http_parameters import TextType, UnfitTextError, text_type
from dynamodel.entity.schema import SCHEMA, schema_of
from dynamodel.errors import DeclarationError, Fault
from dynamodel.model.entity import Entity
from dynamodel.operations.pages import Page

__all__ = ["Method", "Route", "declare_route"]

Method: TypeAlias = typing.Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

_STEP = re.compile(r"<([A-Za-z_]\w*)>|([A-Za-z0-9._~-]+)", re.ASCII)
_WITHOUT_BODY: tuple[Method, ...] = ("GET", "DELETE")  # RFC 9110: a body there has no meaning


@attrs.frozen
class Route:
    """A function, and the requests that it answers."""

    method: Method
    rule: str
    """The path, with `<name>` for its parameters."""
    function: Callable[..., object]
    arguments: tuple[Argument, ...]
    returns: Any
    """The annotation, resolved."""

    def answer(self, incoming: Incoming) -> object:
        """What the function makes of a request.

        Raises:
            InputError: with all that is wrong with the request.
        """
        values: dict[str, object] = {}
        faults: list[Fault] = []
        for argument in self.arguments:
            try:
                values[argument.name] = argument.value(incoming)
            except InputError as error:
                faults += error.faults
        if faults:
            raise InputError(faults)
        return self.function(**values)

    @property
    def hands_out_cursors(self) -> bool:
        """Whether it says that it returns pages."""
        return any(get_origin(part) is Page or part is Page for part in _parts(self.returns))

    @property
    def may_be_missing(self) -> bool:
        """Whether it says that None is one of several answers: there is no such thing."""
        parts = _parts(self.returns)
        return type(None) in parts and len(parts) > 1

    @property
    def shape(self) -> str:
        """The path without the names of its parameters."""
        return re.sub(r"<\w+>", "<>", self.rule)

    def matches(self, path: str) -> bool:
        """Whether its path is this one, percent-encoded."""
        pattern = re.escape(self.shape).replace("<>", "[^/]+")
        return re.fullmatch(pattern, path) is not None


def _parts(annotation: Any) -> tuple[Any, ...]:
    """The members of a union; of anything else, itself."""
    if get_origin(annotation) in (typing.Union, types.UnionType):
        return get_args(annotation)
    return (type(None) if annotation is None else annotation,)


# --- declarations ---


def declare_route(
    method: Method, rule: str, function: Callable[..., object], namespace: Mapping[str, Any]
) -> Route:
    """The route of a function.

    Args:
        method: of HTTP.
        rule: `/movies/<movie_id>/cast`: steps of ASCII letters, digits, `-`, `.`, `_`, `~`, or parameters.
        function: takes its arguments by name.
        namespace: the local names where it stands, for its annotations.

    Raises:
        DeclarationError: with all that is wrong with it.
    """
    place = f"{method} {rule}"
    rule_of_function = not_plain(function)
    if rule_of_function is not None:
        raise DeclarationError([Fault(place, f"its function {rule_of_function}")])
    try:
        hints = typing.get_type_hints(function, localns=dict(namespace), include_extras=True)
    except (NameError, SyntaxError, TypeError, AttributeError) as error:
        reason = (
            f"its annotations cannot be resolved at run time ({error}); import what they name at run time"
        )
        raise DeclarationError([Fault(place, reason)]) from None
    reader = _Reader(place, method, _path_names(rule), hints)
    arguments = tuple(reader.arguments(inspect.signature(function)))
    faults = [*_rule_faults(place, rule), *reader.faults]
    if faults:
        raise DeclarationError(faults)
    return Route(method, rule, function, arguments, hints["return"])


def _path_names(rule: str) -> list[str]:
    return re.findall(r"<(\w+)>", rule)


def _rule_faults(place: str, rule: str) -> Iterator[Fault]:
    steps = rule[1:].split("/") if rule != "/" else []
    if not rule.startswith("/") or not all(_STEP.fullmatch(step) for step in steps):
        yield Fault(
            place,
            "a path begins with / and has steps of ASCII letters, digits, - . _ ~, or parameters: "
            "/movies/<movie_id>/cast",
        )
    names = _path_names(rule)
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield Fault(place, f"has the parameter <{name}> twice")


class _UnfitError(Exception):
    """A parameter that no request can fill; `rule` says why."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        super().__init__(rule)


class _Reader:
    """Reads the signature of a function, and notes what is wrong with it."""

    def __init__(
        self, place: str, method: Method, path_names: Sequence[str], hints: Mapping[str, Any]
    ) -> None:
        self.place = place
        self.method = method
        self.path_names = path_names
        self.hints = hints
        self.faults: list[Fault] = []

    def arguments(self, signature: inspect.Signature) -> list[Argument]:
        """Where the arguments come from."""
        found: list[Argument] = []
        for name, parameter in signature.parameters.items():
            try:
                found.append(self._argument(parameter))
            except _UnfitError as error:
                self._fault(f"its parameter {name} {error.rule}")
        for name in self.path_names:
            if name not in signature.parameters:
                self._fault(f"its path has <{name}>, and the function no parameter of this name")
        if sum(isinstance(argument, InputArgument | BodyArgument) for argument in found) > 1:
            self._fault("a request has one body, and several parameters are bodies")
        if "return" not in self.hints:
            self._fault("needs the type that it returns: None answers 204, and None of `X | None` 404")
        return found

    def _fault(self, rule: str) -> None:
        self.faults.append(Fault(self.place, rule))

    def _argument(self, parameter: inspect.Parameter) -> Argument:
        name, kinds = parameter.name, inspect.Parameter
        if parameter.kind not in (kinds.POSITIONAL_OR_KEYWORD, kinds.KEYWORD_ONLY):
            raise _UnfitError("cannot be given by its name")
        if name not in self.hints:
            raise _UnfitError("needs a type")
        annotation = self.hints[name]
        if is_context(annotation):
            return ContextArgument(name)
        if annotation is Input or get_origin(annotation) is Input or is_document(annotation):
            return self._body(name, annotation)
        text = self._text_type(annotation)
        if name in self.path_names:
            return PathArgument(name, text)
        return QueryArgument(name, text, parameter.default)

    def _text_type(self, annotation: Any) -> TextType:
        try:
            return text_type(annotation)
        except (UnfitTextError, UnsupportedTypeError) as error:
            bodies = "; a body is an attrs class, a dataclass or Input[Movie]"
            hint = "" if self.method in _WITHOUT_BODY else bodies
            raise _UnfitError(f"is no text: {error.rule}{hint}") from None

    def _body(self, name: str, annotation: Any) -> Argument:
        if name in self.path_names:
            raise _UnfitError("stands in the path, so it cannot be the body")
        if self.method in _WITHOUT_BODY:
            raise _UnfitError(f"would be a body, which {self.method} does not have")
        if annotation is Input or get_origin(annotation) is Input:
            return InputArgument(name, _writable_entity(annotation))
        if isinstance(annotation, type) and issubclass(annotation, Entity):
            entity = annotation.__name__
            raise _UnfitError(f"would let a request set all of {entity}: declare Input[{entity}]")
        return BodyArgument(name, annotation)


def _writable_entity(annotation: Any) -> type[Entity]:
    entity = next(iter(get_args(annotation)), None)
    if not (isinstance(entity, type) and issubclass(entity, Entity) and SCHEMA in vars(entity)):
        raise _UnfitError("needs an entity with a table: Input[Movie]")
    if not schema_of(entity).writable:
        raise _UnfitError(f"lets a request set nothing: {entity.__name__} has no attribute(writable=True)")
    return entity
