"""HTTP APIs: functions that answer function URLs and API Gateway, with models in and out.

```
api = Api(__name__, patterns=[Movie.by_id.get, Thread.main.update])

@api.get("/movies/<movie_id>")
def movie(movie_id: int) -> Movie | None:
    return db.run(Movie.by_id.get(movie_id))

@api.patch("/threads/<forum>/<subject>")
def change(forum: str, subject: str, changes: Input[Thread]) -> None:
    db.run(Thread.main.update(forum, subject).apply(*changes.actions()).must_exist())
```

`api` is the handler. Routing, CORS, compression and middlewares are those of Powertools' resolvers (the
extra `lambda`); what a request says is read, and what a route returns is written, by dynamodel's codecs.

Guarantees: arguments are of their declared types, or the route is not called and the answer is a 400 that
names what is wrong, not the values; a request sets nothing but writable attributes; errors of the program
and unreadable items are raised, so that Lambda counts them and answers 502, and no answer shows them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from dynamodel.aws_lambda.handlers import Event, LambdaHandler
from dynamodel.aws_lambda.http_arguments import Incoming
from dynamodel.aws_lambda.http_events import HttpSource, routable
from dynamodel.aws_lambda.http_faults import InputError, UnanswerableError
from dynamodel.aws_lambda.http_inputs import Input
from dynamodel.aws_lambda.http_output import json_text, require_cursor_key
from dynamodel.aws_lambda.http_parameters import Between
from dynamodel.aws_lambda.http_routes import Method, Route, declare_route
from dynamodel.aws_lambda.http_statuses import ANSWERED, answer_to
from dynamodel.errors import DeclarationError, DynamodelError, Fault, MissingExtraError
from dynamodel.model.entity import Entity

try:
    from aws_lambda_powertools.event_handler import (
        APIGatewayHttpResolver,
        APIGatewayRestResolver,
        CORSConfig,
        LambdaFunctionUrlResolver,
        Response,
    )
    from aws_lambda_powertools.event_handler.exceptions import NotFoundError
except ImportError as missing:
    raise MissingExtraError("dynamodel.aws_lambda.http", "lambda") from missing

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver
    from aws_lambda_powertools.utilities.typing import LambdaContext as PowertoolsContext

    from dynamodel.aws_lambda.context import LambdaContext
    from dynamodel.operations.patterns import Pattern

__all__ = ["Api", "Between", "HttpSource", "Input", "InputError", "UnanswerableError"]

F = TypeVar("F", bound=Callable[..., object])

_JSON = "application/json"

_RESOLVERS: dict[HttpSource, type[ApiGatewayResolver]] = {
    HttpSource.FUNCTION_URL: LambdaFunctionUrlResolver,
    HttpSource.REST_API: APIGatewayRestResolver,
    HttpSource.HTTP_API: APIGatewayHttpResolver,
}


class Api(LambdaHandler):
    """A handler of HTTP requests, with a route for each function that it decorates.

    What a route returns is the JSON of the answer, with status 200; a `POST` that returns an entity answers
    201, one that returns None 204, and 404 where the function says that it returns `X | None`. A `Response`
    of Powertools is taken as it is. `http_statuses` has the statuses of errors; Powertools' own errors
    (`NotFoundError`, `UnauthorizedError`, ...) may be raised as well.

    A route that returns pages needs `db.configure(cursor_key=...)`: a cursor that comes back from a client
    tells where to read, and must be one that was handed out.

    Lambda takes requests, and answers, of up to 6 MB (AWS Lambda developer guide, Lambda quotas).

    Args:
        module: the name of the module in which it stands, at its top: `__name__`.
        patterns: the operations that its routes run: see `LambdaHandler`.
        source: what calls it.
        cors: which other origins may call it; none if left out. Of a function URL that has a CORS
            configuration of its own, leave it out.

    Raises:
        DeclarationError: the source is no `HttpSource`.
    """

    def __init__(
        self,
        module: str,
        patterns: Sequence[Pattern] = (),
        *,
        source: HttpSource = HttpSource.FUNCTION_URL,
        cors: CORSConfig | None = None,
    ) -> None:
        if not isinstance(source, HttpSource):
            rule = f"is one of HttpSource: {', '.join(each.name for each in HttpSource)}"
            raise DeclarationError([Fault(f"Api of {module}.source", rule)])
        super().__init__(module, patterns)
        self.source = source
        self.event_source = source.value
        # Its debug mode, which an environment variable turns on, prints events and answers with tracebacks.
        self.resolver: ApiGatewayResolver = _RESOLVERS[source](cors=cors, debug=False, serializer=json_text)
        """The resolver of Powertools, for what it offers beside: middlewares, the current event, handlers of
        other exceptions."""
        self._routes: list[Route] = []
        self.resolver.not_found(self._not_found)
        self.resolver.exception_handler(list(ANSWERED))(_answer_error)

    def handle(self, event: Event, context: LambdaContext) -> dict[str, Any]:
        """The answer to a request.

        Raises:
            RequestError: this is no event of the source.
        """
        # Powertools' class is what its resolvers use of the context: the same attributes.
        return self.resolver.resolve(routable(event, self.source), cast("PowertoolsContext", context))

    # --- routes ---

    def get(self, path: str, *, compress: bool = False, cache_control: str | None = None) -> Callable[[F], F]:
        """Answers `GET`: see `Api` for what the function returns, and `http_routes` for what it takes.

        Args:
            path: `/movies/<movie_id>`: what stands in brackets is a parameter of the function.
            compress: compress the answer for clients that accept gzip.
            cache_control: the header of answers with status 200.

        Raises:
            DeclarationError: with all that is wrong with the path and the function.
        """
        return self._route("GET", path, compress=compress, cache_control=cache_control)

    def post(self, path: str, *, compress: bool = False) -> Callable[[F], F]:
        """Answers `POST`, as `get`; 201 if the function returns an entity."""
        return self._route("POST", path, compress=compress)

    def put(self, path: str, *, compress: bool = False) -> Callable[[F], F]:
        """Answers `PUT`, as `get`."""
        return self._route("PUT", path, compress=compress)

    def patch(self, path: str, *, compress: bool = False) -> Callable[[F], F]:
        """Answers `PATCH`, as `get`."""
        return self._route("PATCH", path, compress=compress)

    def delete(self, path: str) -> Callable[[F], F]:
        """Answers `DELETE`, as `get`."""
        return self._route("DELETE", path)

    def _route(
        self, method: Method, path: str, *, compress: bool = False, cache_control: str | None = None
    ) -> Callable[[F], F]:
        def decorate(function: F) -> F:
            frame = sys._getframe(1)
            around = {} if frame.f_locals is frame.f_globals else frame.f_locals
            route = declare_route(method, path, function, around)
            self._require_new(route)
            self._routes.append(route)
            # Powertools makes a regular expression of the path, in which a dot is any character.
            register = self.resolver.route(
                path.replace(".", r"\."), method, compress=compress, cache_control=cache_control
            )
            register(self._answering(route))
            return function

        return decorate

    def _require_new(self, route: Route) -> None:
        for other in self._routes:
            if other.method == route.method and other.shape == route.shape:
                raise DeclarationError([Fault(f"{route.method} {route.rule}", "is declared twice")])

    def _answering(self, route: Route) -> Callable[..., Response[Any]]:
        def answer(**path: str) -> Response[Any]:
            if route.hands_out_cursors:
                require_cursor_key()
            event, context = self.resolver.current_event.raw_event, self.resolver.lambda_context
            result = route.answer(Incoming(event, cast("LambdaContext", context), path))
            return _response(route, result)

        answer.__name__ = getattr(route.function, "__name__", "route")
        return answer

    def _not_found(self, error: NotFoundError) -> Response[Any]:
        """No route has this path and method; or a route raised it."""
        event = self.resolver.current_event
        # Powertools ignores a slash at the end for REST APIs alone.
        path = event.path.rstrip("/") or "/" if self.source is HttpSource.REST_API else event.path
        methods = sorted({route.method for route in self._routes if route.matches(path)})
        if event.http_method in methods or not methods:
            return _json_response(404, {"statusCode": 404, "message": error.msg})
        body = {"statusCode": 405, "message": "Method not allowed"}
        return _json_response(405, body, {"Allow": ", ".join(methods)})


def _response(route: Route, result: object) -> Response[Any]:
    if isinstance(result, Response):
        return result
    if result is None:
        if route.may_be_missing:
            raise NotFoundError
        return Response(status_code=204)
    status = 201 if route.method == "POST" and isinstance(result, Entity) else 200
    return Response(status_code=status, content_type=_JSON, body=json_text(result))


def _answer_error(error: DynamodelError) -> Response[Any]:
    answer = answer_to(error)
    if answer is None:
        raise error
    return _json_response(int(answer.status), answer.body, answer.headers)


def _json_response(
    status: int, body: dict[str, object], headers: dict[str, str] | None = None
) -> Response[Any]:
    return Response(status_code=status, content_type=_JSON, body=json_text(body), headers=dict(headers or {}))
