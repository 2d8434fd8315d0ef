"""Handlers: what Lambda calls, what a declaration learns from it, and what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from dynamodel import DeclarationError, Table
from dynamodel.aws_lambda import LambdaContext, LambdaHandler, PlainHandler, db, handler
from dynamodel.aws_lambda.events import on_event, on_notification, on_object
from dynamodel.aws_lambda.http import Api, HttpSource
from dynamodel.aws_lambda.idempotency import IdempotencyStore
from dynamodel.aws_lambda.kinesis import on_record
from dynamodel.aws_lambda.queues import on_message
from dynamodel.aws_lambda.streams import on_change
from dynamodel.infra import Stack, cloudformation
from dynamodel.infra.functions import Code, Function, FunctionUrl, KinesisSource, QueueSource, StreamSource
from tests.aws_lambda import models
from tests.aws_lambda.models import Context, Movie, batches, movies, title_of

if TYPE_CHECKING:
    from dynamodel import Client


def function(**settings: Any) -> Function:
    return Function("f", code=Code.folder("build"), **settings)


def test_a_handler_runs_on_the_shared_client(embedded_db: Client) -> None:
    embedded_db.create_table(movies)
    embedded_db.run(Movie(movie_id=1, title="Brazil").put())
    with db.replaced(embedded_db):
        assert title_of({"movieId": 1}, Context()) == "Brazil"
        assert title_of({"movieId": 2}, Context()) is None
        assert title_of({"movieId": 1}, None) == "Brazil"  # type: ignore[arg-type]  # as tests without a context do


def test_what_the_function_raises_is_raised() -> None:
    @handler()
    def broken(event: Any, context: Any) -> None:
        raise KeyError("movieId")

    with pytest.raises(KeyError, match="movieId"):
        broken({}, Context())


def test_the_entry_point_is_where_the_handler_stands() -> None:
    assert title_of.entry_point == "tests.aws_lambda.models.title_of"
    assert title_of.__doc__ == "The title of a movie."


def test_a_handler_that_stands_nowhere_is_refused() -> None:
    inner: PlainHandler[None] = handler()(lambda event, context: None)
    with pytest.raises(DeclarationError, match="stands nowhere at the top of the module"):
        inner.entry_point
    with pytest.raises(DeclarationError) as refused:
        function(handler=inner)
    assert [fault.place for fault in refused.value.faults] == ["Function 'f'.handler"]


def test_a_handler_under_another_name_has_that_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "lambda_handler", models.title_of, raising=False)
    monkeypatch.delattr(models, "title_of")
    assert title_of.entry_point == "tests.aws_lambda.models.lambda_handler"


def test_a_handler_has_to_do_something() -> None:
    with pytest.raises(NotImplementedError):
        LambdaHandler(__name__)({}, Context())


def test_a_function_takes_name_and_patterns_from_its_handler() -> None:
    declared = function(handler=title_of, patterns=[Movie.put])
    assert declared.entry_point == "tests.aws_lambda.models.title_of"
    assert declared.access_patterns == (*title_of.patterns, Movie.put)
    resources = cloudformation(Stack(movies, declared))["Resources"]
    assert resources["FFunction"]["Properties"]["Handler"] == "tests.aws_lambda.models.title_of"
    [policy] = resources["FFunctionRole"]["Properties"]["Policies"]
    allowed = [each["Action"] for each in policy["PolicyDocument"]["Statement"]]
    assert allowed[1:] == [["dynamodb:GetItem", "dynamodb:PutItem"]]


def test_a_batch_handler_needs_partial_batch_responses() -> None:
    with pytest.raises(DeclarationError) as refused:
        function(handler=batches, sources=[StreamSource(movies)])
    [fault] = refused.value.faults
    assert fault.place == "Function 'f'.sources[0].partial_batch_responses"
    assert "would be lost" in fault.rule
    function(handler=batches, sources=[StreamSource(movies, partial_batch_responses=True)])


_SOURCES = (
    StreamSource(movies, partial_batch_responses=True),
    QueueSource("arn:aws:sqs:eu-central-1:123456789012:q", partial_batch_responses=True),
    KinesisSource("arn:aws:kinesis:eu-central-1:123456789012:stream/s", partial_batch_responses=True),
)


def takes(value: Any, context: LambdaContext) -> None: ...


def at_the_top(made: LambdaHandler, monkeypatch: pytest.MonkeyPatch) -> LambdaHandler:
    """The handler, where Lambda finds it."""
    monkeypatch.setattr(models, "made", made, raising=False)
    monkeypatch.setattr(made, "__module__", models.__name__)
    return made


@pytest.mark.parametrize(
    ("decorator", "right"),
    [
        (on_change(Movie), StreamSource),
        (on_message(str), QueueSource),
        (on_record(str), KinesisSource),
        (on_event(str, store=IdempotencyStore(Table("Done", partition_key="pk", time_to_live="at"))), None),
        (on_object(store=IdempotencyStore(Table("Done", partition_key="pk", time_to_live="at"))), None),
        (
            on_notification(
                str, store=IdempotencyStore(Table("Done", partition_key="pk", time_to_live="at"))
            ),
            None,
        ),
    ],
)
def test_a_source_gives_what_its_handler_takes(
    decorator: Any, right: type | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    taking = at_the_top(decorator(takes), monkeypatch)
    for source in _SOURCES:
        if isinstance(source, right or ()):
            function(handler=taking, sources=[source])
            continue
        with pytest.raises(
            DeclarationError, match=r"Function 'f'\.sources\[0\]: gives events of aws:"
        ) as refused:
            function(handler=taking, sources=[source])
        assert len(refused.value.faults) == 1


@pytest.mark.parametrize(
    ("made", "is_right"),
    [
        (Api(models.__name__), True),
        (Api(models.__name__, source=HttpSource.REST_API), False),
        (Api(models.__name__, source=HttpSource.HTTP_API), False),
        (on_message(str)(takes), False),
        (handler()(takes), True),
    ],
)
def test_a_url_sends_what_its_handler_takes(
    made: LambdaHandler, is_right: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_the_top(made, monkeypatch)
    if is_right:
        function(handler=made, url=FunctionUrl())
        return
    with pytest.raises(
        DeclarationError, match=r"Function 'f'\.url: has requests, and the handler"
    ) as refused:
        function(handler=made, url=FunctionUrl())
    assert len(refused.value.faults) == 1


def test_an_api_reads_no_source(monkeypatch: pytest.MonkeyPatch) -> None:
    made = at_the_top(Api(models.__name__), monkeypatch)
    with pytest.raises(
        DeclarationError, match="gives events of aws:sqs, and the handler is for those of a function"
    ):
        function(handler=made, sources=[_SOURCES[1]])


@pytest.mark.parametrize("wrong", [movies, Movie(movie_id=1, title="Brazil"), "Movie", takes])
def test_changes_are_of_an_entity_class(wrong: Any) -> None:
    with pytest.raises(DeclarationError, match=r"has no table: class X\(Entity, table=\.\.\.\)"):
        on_change(wrong)(takes)


@pytest.mark.parametrize("wrong", [Movie.by_id.get, "Movie.by_id.get", Movie])
def test_patterns_are_a_list(wrong: Any) -> None:
    with pytest.raises(DeclarationError, match=r"patterns: takes a list of operations"):
        handler(patterns=wrong)(takes)
    with pytest.raises(DeclarationError, match=r"patterns: takes a list of operations"):
        on_message(str, patterns=wrong)(takes)


def test_a_function_that_is_no_handler_is_told_how_to_become_one() -> None:
    with pytest.raises(DeclarationError, match=r"handler: .*found function; decorate it with @handler\(\)"):
        function(handler=takes)


def test_a_stack_holds_no_handlers() -> None:
    with pytest.raises(DeclarationError, match=r"a handler: declare it as Function\(name, handler=\.\.\.\)"):
        Stack(movies, title_of)  # type: ignore[arg-type]  # the test is about what is no part of a stack


async def coroutine(event: Any, context: LambdaContext) -> None: ...
async def asynchronous_generator(event: Any, context: LambdaContext) -> AsyncIterator[int]:
    yield 1


def generator(event: Any, context: LambdaContext) -> Iterator[int]:
    yield 1


def one_argument(event: Any) -> None: ...
def another_argument(event: Any, context: LambdaContext, more: int) -> None: ...


class Callee:
    def __call__(self, event: Any, context: LambdaContext) -> None: ...


store = IdempotencyStore(Table("Done", partition_key="pk", time_to_live="expires"))
changes = on_change(Movie)(lambda change, context: None)
DECORATORS: dict[str, Any] = {
    "handler": handler(),
    "on_change": on_change(Movie),
    "on_unknown": changes.on_unknown,
    "on_message": on_message(str),
    "on_record": on_record(str),
    "on_event": on_event(str, store=store),
    "on_object": on_object(store=store),
    "on_notification": on_notification(str, store=store),
}


@pytest.mark.parametrize("name", DECORATORS)
@pytest.mark.parametrize(
    ("function", "rule"),
    [
        (coroutine, "is a coroutine function, which would not run"),
        (generator, "is a generator function, which would not run"),
        (asynchronous_generator, "is an asynchronous generator function, which would not run"),
        (one_argument, "does not take two arguments (too many positional arguments)"),
        (another_argument, "does not take two arguments (missing a required argument: 'more')"),
        (Callee(), "is no function"),
        (title_of, "is no function"),
    ],
)
def test_a_function_that_would_do_nothing_is_refused(name: str, function: Any, rule: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        DECORATORS[name](function)
    [fault] = refused.value.faults
    assert fault.rule.startswith(rule)


def test_another_object_is_no_handler() -> None:
    with pytest.raises(DeclarationError, match="must be a str or a DeclaredHandler or None, found function"):
        function(handler=lambda event, context: None)
