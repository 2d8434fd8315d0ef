"""What every handler is: a function of an event and a context, with the operations that it runs.

Guarantees: the name by which Lambda finds a handler follows from the object, wherever it stands in its
module; a function that would do nothing when it is called, as a coroutine function, is refused where it is
declared.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

from dynamodel.aws_lambda.context import LambdaContext
from dynamodel.aws_lambda.shared import db
from dynamodel.errors import DeclarationError, Fault
from dynamodel.operations.patterns import DeclaredHandler, Pattern

__all__ = [
    "Event",
    "FunctionHandler",
    "LambdaHandler",
    "PlainHandler",
    "handler",
    "not_plain",
    "require_plain",
]

Event: TypeAlias = dict[str, Any]
"""An event as Lambda gives it to a handler: the parsed JSON."""

R = TypeVar("R")


class LambdaHandler(DeclaredHandler):
    """What Lambda calls. It shares the client `db`, and gives it the deadline of each invocation.

    Args:
        module: the name of the module in which it stands, at its top: `__name__`.
        patterns: the operations that it runs: methods, named and not called, as `Movie.by_id.get`; a
            `Function` that is declared with this handler allows them, and nothing beside them.

    Raises:
        DeclarationError: the patterns are no list or tuple.
    """

    def __init__(self, module: str, patterns: Sequence[Pattern] = ()) -> None:
        if not isinstance(patterns, list | tuple):
            rule = "takes a list of operations: [Movie.by_id.get]"
            raise DeclarationError([Fault(f"{type(self).__name__} of {module}.patterns", rule)])
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


class FunctionHandler(LambdaHandler):
    """A handler that stands where a function stood.

    Args:
        function: takes what it handles, and the context.
        patterns: see `LambdaHandler`.

    Raises:
        DeclarationError: see `require_plain`.
    """

    def __init__(self, function: Callable[[Any, LambdaContext], object], patterns: Sequence[Pattern]) -> None:
        require_plain(function)
        super().__init__(function.__module__, patterns)
        self.__doc__ = function.__doc__


class PlainHandler(FunctionHandler, Generic[R]):
    """A function of an event and a context, as it is."""

    def __init__(self, function: Callable[[Event, LambdaContext], R], patterns: Sequence[Pattern]) -> None:
        super().__init__(function, patterns)
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

    Raises:
        DeclarationError: see `require_plain`.
    """

    def made(function: Callable[[Event, LambdaContext], R]) -> PlainHandler[R]:
        return PlainHandler(function, patterns)

    return made


def require_plain(function: Callable[[Any, LambdaContext], object]) -> None:
    """Refuse what is no function of a value and a context, or would do nothing when it is called.

    Of a coroutine or generator function Lambda would take the call for success, and what it was called for
    would be lost.

    Raises:
        DeclarationError: names the function.
    """
    name = getattr(function, "__qualname__", None)
    rule = "is no function" if name is None else not_plain(function) or _other_arguments(function)
    if rule is not None:
        place = f"{function.__module__}.{name or type(function).__name__}"
        raise DeclarationError([Fault(place, f"{rule}; a handler takes what it handles, and the context")])


def not_plain(function: Callable[..., object]) -> str | None:
    """What is wrong with a function that does nothing when it is called; None: it does."""
    for is_such, kind in (
        (inspect.iscoroutinefunction, "a coroutine function"),
        (inspect.isgeneratorfunction, "a generator function"),
        (inspect.isasyncgenfunction, "an asynchronous generator function"),
    ):
        if is_such(function):
            return f"is {kind}, which would not run: Lambda calls plain functions"
    return None


def _other_arguments(function: Callable[..., object]) -> str | None:
    try:
        inspect.signature(function).bind(None, None)
    except TypeError as error:
        return f"does not take two arguments ({error})"
    return None
