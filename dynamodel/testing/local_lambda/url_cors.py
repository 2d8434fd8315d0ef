"""Cross-origin resource sharing at a function URL, as its `Cors` says.

Guarantees: a preflight request is answered by the URL itself, before any signature is asked for, because
browsers sign none; every other answer gets the headers of the configuration beside those of the function,
even where both have the same ones, so that a function that sets them too fails here as it fails on AWS.

Sources: AWS Lambda developer guide, "Creating and managing Lambda function URLs", on CORS; that the origin
comes back even where all are allowed shows aws-powertools/powertools-lambda-python#4163.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from dynamodel.testing.local_lambda.url_events import Headers, UrlAnswer, UrlRequest

if TYPE_CHECKING:
    from dynamodel.infra.functions import Cors

__all__ = ["preflight_of", "shared"]


def preflight_of(request: UrlRequest, cors: Cors | None) -> UrlAnswer | None:
    """The answer to a preflight request; None: it is none, or there is no CORS, and the function answers."""
    asks = request.header("access-control-request-method")
    if cors is None or request.method != "OPTIONS" or asks is None or request.header("origin") is None:
        return None
    headers = _common(request, cors)
    if headers:
        headers += _listed("access-control-allow-methods", cors.methods)
        headers += _listed("access-control-allow-headers", cors.headers)
        if cors.max_age is not None:
            headers += (("access-control-max-age", str(int(cors.max_age.total_seconds()))),)
    return UrlAnswer(status=200, headers=headers)


def shared(answer: UrlAnswer, request: UrlRequest, cors: Cors | None) -> UrlAnswer:
    """An answer with the headers by which a browser hands it to the page of another origin."""
    if cors is None:
        return answer
    headers = _common(request, cors)
    if headers:
        headers += _listed("access-control-expose-headers", cors.exposed_headers)
    return evolve(answer, headers=answer.headers + headers)


def _common(request: UrlRequest, cors: Cors) -> Headers:
    """The origin and the credentials; nothing for an origin that is not allowed, or where there is none."""
    origin = request.header("origin")
    if origin is None or not ("*" in cors.origins or origin in cors.origins):
        return ()
    headers: Headers = (("access-control-allow-origin", origin), ("vary", "Origin"))
    if cors.credentials:
        headers += (("access-control-allow-credentials", "true"),)
    return headers


def _listed(name: str, values: tuple[str, ...]) -> Headers:
    return ((name, ",".join(values)),) if values else ()
