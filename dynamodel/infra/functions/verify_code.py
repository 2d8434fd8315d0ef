"""The rules about a function's code and its handler.

Sources: AWS Lambda API reference, CreateFunction; CloudFormation user guide, AWS::Lambda::Function Code;
developer guide, the pages on partial batch responses.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dynamodel.errors import DeclarationError, Fault
from dynamodel.infra.functions.settings import Runtime
from dynamodel.operations.patterns import URL_EVENTS, DeclaredHandler
from dynamodel.schema.references import Reference, is_cdk_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamodel.infra.functions.declaration import Declaration
    from dynamodel.schema.references import Text

__all__ = ["code_faults", "fits", "handler_source_faults"]

_IMAGE = re.compile(r"\d{12}\.dkr\.ecr[a-z.-]*\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/[^\s:@]+([:@]\S+)?")
_INLINE_BYTES = 4 * 1024 * 1024
_INLINE = ("python", "nodejs")
_WHAT = {"inline": "source text", "folder": "path", "s3": "bucket"}


def fits(pattern: re.Pattern[str], text: Text | None) -> bool:
    """Whether a text is right, or known at deployment only."""
    return text is None or isinstance(text, Reference) or is_cdk_token(text) or bool(pattern.fullmatch(text))


def code_faults(function: Declaration, place: str) -> Iterator[Fault]:
    """Every rule that the code and the handler break together."""
    code = function.code
    if code.kind == "image":
        yield from _image(function, place)
        return
    try:
        handler = function.entry_point
    except DeclarationError as error:
        yield from (Fault(f"{place}.handler", str(fault)) for fault in error.faults)
        return
    yield from _handler(function.runtime or Runtime.PYTHON_3_13, handler, f"{place}.handler")
    if not isinstance(code.place, Reference) and not code.place:
        yield Fault(f"{place}.code", f"Code.{code.kind}(...) is empty; give the {_WHAT[code.kind]}")
    if code.kind == "s3" and code.key == "":
        yield Fault(f"{place}.code", "Code.s3(...) needs the key of a zip file, found an empty one")
    if code.kind == "inline":
        yield from _inline(function, handler, place)


def _image(function: Declaration, place: str) -> Iterator[Fault]:
    for name in ("handler", "runtime", "layers"):
        if getattr(function, name):
            rule = "an image has its own handler, runtime and layers; remove it"
            yield Fault(f"{place}.{name}", rule)
    if not fits(_IMAGE, function.code.place):
        rule = f"must be the URI of an image in ECR, found {function.code.place!r}; push it there"
        yield Fault(f"{place}.code", rule)


def _handler(runtime: Runtime, handler: str | None, place: str) -> Iterator[Fault]:
    if handler is None:
        yield Fault(place, "is needed for code that is no image, found None; write 'module.function'")
    elif not re.fullmatch(r"\S{1,128}", handler):
        yield Fault(place, f"has 1 to 128 characters and no blank, found {handler!r}; change it")
    elif runtime.value.startswith(_INLINE) and not re.fullmatch(r"[^.].*\.[^.]+", handler):
        yield Fault(place, f"of {runtime.value} must be 'module.function', found {handler!r}")


def _inline(function: Declaration, handler: str | None, place: str) -> Iterator[Fault]:
    """Developer guide: CloudFormation makes an `index` file of inline code."""
    runtime, code = function.runtime or Runtime.PYTHON_3_13, function.code
    if not runtime.value.startswith(_INLINE):
        rule = (
            f"Code.inline(...) is for Python and Node.js, found {runtime.value}; use Code.folder or Code.s3"
        )
        yield Fault(f"{place}.code", rule)
    elif handler is not None and "." in handler and not handler.startswith("index."):
        yield Fault(f"{place}.handler", f"of inline code must be 'index.NAME', found {handler!r}; rename it")
    size = len(str(code.place).encode())
    if size > _INLINE_BYTES:
        yield Fault(f"{place}.code", f"Code.inline(...) has at most 4 MiB, found {size:,} bytes")


def handler_source_faults(function: Declaration, place: str) -> Iterator[Fault]:
    """The handler takes what the sources give, and Lambda takes what it answers.

    Developer guide: without `ReportBatchItemFailures` Lambda takes every answer for success.
    """
    handler = function.handler
    if not isinstance(handler, DeclaredHandler):
        return
    if function.url is not None and handler.event_source not in ("", URL_EVENTS):
        yield Fault(f"{place}.url", f"has requests, and the handler is for events of {handler.event_source}")
    for number, source in enumerate(function.sources):
        if handler.event_source not in ("", source.service):
            rule = f"gives events of {source.service}, and the handler is for those of {handler.event_source}"
            yield Fault(f"{place}.sources[{number}]", rule)
        elif handler.partial_batch_responses and not source.partial_batch_responses:
            rule = (
                "must be True: the handler answers which records failed, and Lambda would take the answer "
                "for success, so that they would be lost"
            )
            yield Fault(f"{place}.sources[{number}].partial_batch_responses", rule)
