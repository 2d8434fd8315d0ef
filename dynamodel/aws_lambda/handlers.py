"""What every handler is: a function of an event and a context, with the operations that it runs.

Guarantee: the name by which Lambda finds a handler follows from the object, wherever it stands in its module.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

from dynamodel.aws_lambda.context import LambdaContext
from dynamodel.aws_lambda.shared import db
from dynamodel.errors import DeclarationError, Fault
from dynamodel.operations.patterns import DeclaredHandler, Pattern

__all__ = ["Event", "LambdaHandler", "PlainHandler", "handler"]

Event: TypeAlias = dict[str, Any]
"""An event as Lambda gives it to a handler: the parsed JSON."""

R = TypeVar("R")


class LambdaHandler(DeclaredHandler):
    """What Lambda calls. It shares the client `db`, and gives it the deadline of each invocation.

    Args:
        module: the name of the module in which it stands, at its top: `__name__`.
        patterns: the operations that it runs: methods, named and not called, as `Movie.by_id.get`; a
            `Function` that is declared with this handler allows them, and nothing beside them.
    """

    def __init__(self, module: str, patterns: Sequence[Pattern] = ()) -> None:
        self.__module__ = module
        self.patterns: tuple[Pattern, ...] = tuple(patterns)
        db.initialise()

    def __call__(self, event: Event, context: LambdaContext) -> Any:
        """One invocation."""
        with db.invocation(context):
            return self.handle(event, context)

    def handle(self, event: Event, context: LambdaContext) -> Any:
        """What it does with an event."""
        raise NotImplementedError

    @property
    def entry_point(self) -> str:
        """How Lambda names it: `module.name`.

        Raises:
            DeclarationError: it does not stand at the top of its module.
        """
        module = sys.modules.get(self.__module__)
        for name, value in vars(module).items() if module is not None else ():
            if value is self:
                return f"{self.__module__}.{name}"
        rule = f"stands nowhere at the top of the module {self.__module__}, where Lambda looks for it"
        raise DeclarationError([Fault(f"{type(self).__name__} of {self.__module__}", rule)])


class PlainHandler(LambdaHandler, Generic[R]):
    """A function of an event and a context, as it is."""

    def __init__(self, function: Callable[[Event, LambdaContext], R], patterns: Sequence[Pattern]) -> None:
        super().__init__(function.__module__, patterns)
        self.__doc__ = function.__doc__
        self._function = function

    def __call__(self, event: Event, context: LambdaContext) -> R:
        """One invocation."""
        with db.invocation(context):
            return self._function(event, context)


def handler(
    *, patterns: Sequence[Pattern] = ()
) -> Callable[[Callable[[Event, LambdaContext], R]], PlainHandler[R]]:
    """Makes a handler of a function that takes the event as it is.

    ```
    @handler(patterns=[Movie.by_id.get])
    def lambda_handler(event: Event, context: LambdaContext) -> str | None:
        movie = db.run(Movie.by_id.get(event["movieId"]))
        return movie and movie.title
    ```

    Args:
        patterns: the operations that it runs: see `LambdaHandler`.
    """

    def made(function: Callable[[Event, LambdaContext], R]) -> PlainHandler[R]:
        return PlainHandler(function, patterns)

    return made
