"""Where the arguments of a route come from: the path, the query string, the body, the invocation.

Guarantee: an argument is of its declared type, or `InputError` tells the name and the rule, not the value.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import attrs

from dynamodel.attribute_value import ValueCodec, compile_value
from dynamodel.attribute_value.json_form import from_json
from dynamodel.aws_lambda.context import LambdaContext
from dynamodel.aws_lambda.handlers import Event
from dynamodel.aws_lambda.http_events import BODY, json_body, path_value, query_values
from dynamodel.aws_lambda.http_faults import InputError, faults_of
from dynamodel.aws_lambda.http_inputs import Input
from dynamodel.aws_lambda.http_parameters import TextType, UnfitTextError
from dynamodel.errors import Fault, MarshalError
from dynamodel.model.entity import Entity

__all__ = [
    "Argument",
    "BodyArgument",
    "ContextArgument",
    "Incoming",
    "InputArgument",
    "PathArgument",
    "QueryArgument",
]


@attrs.frozen
class Incoming:
    """A request to a route."""

    event: Event
    context: LambdaContext
    path: Mapping[str, str]
    """The parameters of the path, percent-encoded."""

    @cached_property
    def query(self) -> Mapping[str, Sequence[str]]:
        """The parameters of the query string, decoded, with all values of each."""
        return query_values(self.event)


@attrs.frozen
class Argument:
    """Where an argument of the function comes from."""

    name: str

    def value(self, incoming: Incoming) -> Any:
        """What the request says.

        Raises:
            InputError: it does not fit.
        """
        raise NotImplementedError

    def refused(self, rule: str) -> InputError:
        """The error of this argument."""
        return InputError([Fault(self.name, rule)])


@attrs.frozen
class ContextArgument(Argument):
    """The context of the invocation."""

    def value(self, incoming: Incoming) -> LambdaContext:
        """What the request says."""
        return incoming.context


@attrs.frozen
class PathArgument(Argument):
    """A part of the path."""

    type: TextType

    def value(self, incoming: Incoming) -> Any:
        """What the request says."""
        try:
            return self.type.value(path_value(incoming.path[self.name]))
        except UnfitTextError as error:
            raise self.refused(error.rule) from None
        except ValueError:
            raise self.refused("this part of the path is not UTF-8") from None


@attrs.frozen
class QueryArgument(Argument):
    """A parameter of the query string."""

    type: TextType
    default: Any
    """`inspect.Parameter.empty` if there is none."""

    def value(self, incoming: Incoming) -> Any:
        """What the request says."""
        texts = incoming.query.get(self.name, ())
        if len(texts) > 1:
            raise self.refused("is given several times")
        if texts:
            try:
                return self.type.value(texts[0])
            except UnfitTextError as error:
                raise self.refused(error.rule) from None
        if self.default is inspect.Parameter.empty:
            raise self.refused("is needed in the query string")
        return self.default


@attrs.frozen
class InputArgument(Argument):
    """What the body says about an entity."""

    entity: type[Entity]

    def value(self, incoming: Incoming) -> Input[Any]:
        """What the request says."""
        return Input(self.entity, json_body(incoming.event))  # type: ignore[arg-type]  # it checks what it is


@attrs.frozen(slots=False)
class BodyArgument(Argument):
    """The body, as an attrs class or dataclass."""

    document: Any

    @cached_property
    def codec(self) -> ValueCodec:
        """Compiled by the first request."""
        return compile_value(self.document)

    def value(self, incoming: Incoming) -> Any:
        """What the request says."""
        try:
            return from_json(self.codec, json_body(incoming.event))
        except MarshalError as error:
            raise InputError(faults_of(error, BODY)) from None
