"""Declarations of routes: every fault is told when the module is imported, all of a route at once."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext as PowertoolsContext

from dynamodel import Attr, DeclarationError, Entity, Page, attribute
from dynamodel.aws_lambda import LambdaContext, LambdaHandler
from dynamodel.aws_lambda.http import Api, Input
from dynamodel.infra.functions import Code, Function
from tests.aws_lambda import http_app
from tests.aws_lambda.http_app import Move, Thread
from tests.aws_lambda.http_requests import ask
from tests.aws_lambda.models import Movie

RULE = "a path begins with / and has steps of ASCII letters"


class Base(Entity):
    a: Attr[str] = attribute(writable=True)


def faults(method: str, path: str, function: Any) -> list[str]:
    with pytest.raises(DeclarationError) as caught:
        getattr(Api(__name__), method)(path)(function)
    assert {fault.place for fault in caught.value.faults} == {f"{method.upper()} {path}"}
    return [fault.rule for fault in caught.value.faults]


def test_all_faults_of_a_route_at_once() -> None:
    def wrong(a, b: list[str], c: bytes, /, d: Input[Thread], *e: int, f: Move, **g: int):
        """."""

    found = faults("post", "/x/<missing>/<b>", wrong)
    for rule in (
        "its parameter a cannot be given by its name",
        "its parameter e cannot be given by its name",
        "its parameter g cannot be given by its name",
        "its path has <missing>, and the function no parameter of this name",
        "a request has one body, and several parameters are bodies",
        "needs the type that it returns",
    ):
        assert sum(one.startswith(rule) for one in found) == 1, rule


def untyped(a) -> None: ...
def a_list(a: list[str]) -> None: ...
def a_dict(a: dict[str, int]) -> None: ...
def unknown_type(a: object) -> None: ...
def unheard_of(a: complex) -> None: ...
def a_whole_entity(a: Thread) -> None: ...
def an_input(a: Input[Thread]) -> None: ...
def a_bare_input(a: Input) -> None: ...  # type: ignore[type-arg]  # wrong
def an_input_of_a_base(a: Input[Base]) -> None: ...
def an_input_of_no_entity(a: Input[int]) -> None: ...  # type: ignore[type-var]  # wrong
def an_input_that_says_nothing(a: Input[Movie]) -> None: ...
def no_return(a: int): ...
def nothing() -> None: ...
def unresolved(a: NotThere) -> None: ...  # type: ignore[name-defined]  # noqa: F821 - wrong
async def coroutine() -> None: ...
def generator() -> Iterator[int]:
    yield 1


NO_ENTITY = "its parameter a needs an entity with a table: Input[Movie]"


@pytest.mark.parametrize(
    ("method", "path", "function", "rule"),
    [
        ("get", "/x", untyped, "its parameter a needs a type"),
        ("get", "/x", a_list, "its parameter a is no text: declare str, bool, a number, a date"),
        ("post", "/x", a_dict, "not dict[str, int]; a body is an attrs class, a dataclass or Input[Movie]"),
        ("get", "/x/<a>", unknown_type, "its parameter a is no text: declare str"),
        ("get", "/x/<a>", unheard_of, "its parameter a is no text: dynamodel does not know how"),
        ("post", "/x", a_whole_entity, "would let a request set all of Thread: declare Input[Thread]"),
        ("get", "/x", an_input, "its parameter a would be a body, which GET does not have"),
        ("delete", "/x", an_input, "its parameter a would be a body, which DELETE does not have"),
        ("post", "/x/<a>", an_input, "its parameter a stands in the path, so it cannot be the body"),
        ("post", "/x", a_bare_input, NO_ENTITY),
        ("post", "/x", an_input_of_a_base, NO_ENTITY),
        ("post", "/x", an_input_of_no_entity, NO_ENTITY),
        ("put", "/x", an_input_that_says_nothing, "lets a request set nothing: Movie has no attr"),
        ("get", "/x", no_return, "needs the type that it returns: None answers 204"),
        ("get", "/x", unresolved, "its annotations cannot be resolved at run time (name 'NotThere'"),
        ("get", "/x", coroutine, "its function is a coroutine function, which would not run"),
        ("get", "/x", generator, "its function is a generator function, which would not run"),
        ("get", "x", nothing, RULE),
        ("get", "", nothing, RULE),
        ("get", "/x/", nothing, RULE),
        ("get", "/x//y", nothing, RULE),
        ("get", "/größe", nothing, RULE),
        ("get", "/a b", nothing, RULE),
        ("get", "/(.*)", nothing, RULE),
        ("get", "/x-<a>", no_return, RULE),
        ("get", "/<a>/<a>", untyped, "has the parameter <a> twice"),
    ],
)  # fmt: skip
def test_each_fault(method: str, path: str, function: Any, rule: str) -> None:
    assert any(rule in found for found in faults(method, path, function))


def test_the_context_of_powertools_is_one() -> None:
    api = Api(__name__)

    @api.get("/left")
    def left(context: PowertoolsContext) -> int:
        return context.get_remaining_time_in_millis()

    assert ask(api, "GET", "/left").body == 3_000


def test_a_source_is_one_of_three() -> None:
    with pytest.raises(DeclarationError, match="is one of HttpSource: FUNCTION_URL, REST_API, HTTP_API"):
        Api(__name__, source="REST_API")  # type: ignore[arg-type]  # wrong


def test_a_route_is_declared_once() -> None:
    api = Api(__name__)

    def one(a: str) -> None: ...
    def other(b: str) -> None: ...

    api.get("/x/<a>")(one)
    api.post("/x/<b>")(other)
    with pytest.raises(DeclarationError, match=r"^GET /x/<b>: is declared twice$"):
        api.get("/x/<b>")(other)


def test_a_decorated_function_stays_what_it_is() -> None:
    api = Api(__name__)

    def plain(a: int, context: LambdaContext) -> Page[Thread]:
        raise NotImplementedError

    assert api.get("/x/<a>")(plain) is plain
    assert list(inspect.signature(plain).parameters) == ["a", "context"]


def test_classes_of_a_function_are_found() -> None:
    @attrs.define
    class Local:
        a: int

    api = Api(__name__)

    @api.post("/x")
    def post(body: Local) -> None: ...


def test_an_api_is_a_handler() -> None:
    assert isinstance(http_app.api, LambdaHandler)
    assert http_app.api.entry_point == "tests.aws_lambda.http_app.api"
    get = Movie.by_id.get
    assert Api(__name__, patterns=[get]).patterns == (get,)
    function = Function("Forum", code=Code.folder("build"), handler=http_app.api)
    assert function.handler is http_app.api
