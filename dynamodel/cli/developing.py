"""`dev`: the tables and functions of a module on this machine, until Ctrl-C."""

from __future__ import annotations

import logging
import signal
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, assert_never

import typer

from dynamodel.cli.console import Output, note
from dynamodel.cli.modules import load
from dynamodel.cli.options import Parameters, parameter_values
from dynamodel.cli.problems import Problem
from dynamodel.cli.watching import WatchedFolder
from dynamodel.infra import KinesisSource, QueueSource, StreamSource, UrlAuth
from dynamodel.schema.references import Sub
from dynamodel.testing import EngineNotFoundError, dynamodb_local
from dynamodel.testing.java_location import HOW_TO_INSTALL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType
    from typing import NoReturn

    from dynamodel.infra import Function, Source, Stack
    from dynamodel.schema.references import Text
    from dynamodel.testing.local_lambda import LocalLambda

__all__ = ["dev"]

_TOLD_VARIABLES = (
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_DEFAULT_REGION",
)
"""No session token: it is long, and none of the local services asks for it."""

_LOOK_SECONDS = 0.5

_LOOK_SHARE = 0.01
"""Of the time may be spent on looks at a folder that is large."""


def dev(
    module: Annotated[
        str, typer.Argument(metavar="MODULE", help="A module with functions at its top", show_default=False)
    ],
    *,
    root: Annotated[
        Path,
        typer.Option(
            help="The folder from which handlers are imported", metavar="FOLDER", show_default=False
        ),
    ] = Path(),
    dynamodb_url: Annotated[
        str | None,
        typer.Option(
            help="A DynamoDB Local that runs already, such as http://localhost:8000",
            metavar="URL",
            show_default=False,
        ),
    ] = None,
    parameter: Parameters = None,
) -> None:
    """Run the functions of MODULE on this machine, with their URLs, streams and queues.

    Nothing reaches AWS: handlers run in AWS's own runtime, in processes of this one. Tables are those of
    DynamoDB Local where it is installed, else of moto; they are made at the start and gone at the end. What
    the functions print, and how each invocation went, is told on stderr. After a change of a Python file
    in the folder, functions start anew. Ctrl-C ends it.

        dynamodel dev examples.movies.handlers.stack
    """
    from dynamodel.testing.local_lambda import LocalLambda  # noqa: PLC0415 - needs the extra local

    declared = load(module)
    if not declared.functions:
        raise Problem(f"{module} has no functions at its top", "name the module that declares them")
    stack = declared.stack()
    if not root.is_dir():
        raise Problem(f"--root: there is no folder {root}")
    values = parameter_values(parameter or (), stack)
    with ExitStack() as opened:
        url = dynamodb_url or _own_dynamodb(opened)
        given = LocalLambda(stack, root=root, parameters=values, dynamodb_url=url)
        service = opened.enter_context(given)
        opened.enter_context(_told())
        service.create_tables()
        _show(stack, service)
        _until_interrupted(service, root)
        note("stopping")


def _own_dynamodb(opened: ExitStack) -> str | None:
    """The address of a DynamoDB Local that runs until the end, or None where it is not installed."""
    try:
        return opened.enter_context(dynamodb_local()).endpoint_url
    except EngineNotFoundError:
        note("DynamoDB Local is not installed: moto is the DynamoDB, which is more lenient than AWS's")
        note(f"To get it: {HOW_TO_INSTALL}")
        return None


@contextmanager
def _told() -> Iterator[None]:
    """What the service logs goes to stderr, a line each."""
    log = logging.getLogger("dynamodel.testing.local_lambda")
    lines = _Lines()
    log.addHandler(lines)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(lines)


class _Lines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        note(record.getMessage())


def _show(stack: Stack, service: LocalLambda) -> None:
    """What there is to call."""
    output = Output()
    output.heading("Functions", "Ctrl-C ends them")
    output.table(("Function", "URL", "Reads"), (_row(function, service) for function in stack.functions))
    if any(function.url and function.url.auth is UrlAuth.AWS_IAM for function in stack.functions):
        from dynamodel.testing.local_lambda import LOCAL_CREDENTIALS, REGION  # noqa: PLC0415 - as above

        user = f"{LOCAL_CREDENTIALS.access_key}:{LOCAL_CREDENTIALS.secret_key}"
        output.line(f'Signed requests: curl --aws-sigv4 "aws:amz:{REGION}:lambda" --user {user} URL')
    output.line("For the AWS CLI and other programs that shall see the same tables and queues:")
    for name in _TOLD_VARIABLES:
        output.line(f"  export {name}={service.variables[name]}")


def _row(function: Function, service: LocalLambda) -> tuple[str, str, str]:
    if function.url is None:
        url = "-"
    else:
        signed = " (signed)" if function.url.auth is UrlAuth.AWS_IAM else ""
        url = f"{service.url(function)}{signed}"
    return function.name, url, ", ".join(map(_read, function.sources)) or "-"


def _read(source: Source) -> str:
    match source:
        case StreamSource():
            return f"the stream of {source.table.name}"
        case QueueSource(arn=arn):
            return f"the queue {_name(arn)}".rstrip()
        case KinesisSource(arn=arn):
            return f"the Kinesis stream {_name(arn)}".rstrip()
        case _:
            assert_never(source)


def _name(arn: Text) -> str:
    """The end of an ARN; empty where only a deployment knows it."""
    text = arn.text if isinstance(arn, Sub) else arn
    name = text.rpartition(":")[2].rpartition("/")[2] if isinstance(text, str) else ""
    return "" if "${" in name else name


def _until_interrupted(service: LocalLambda, root: Path) -> None:
    """Has functions follow their code, until Ctrl-C, or the end that a supervisor asks for."""

    def end(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        _follow(service, root)
    except KeyboardInterrupt:
        return
    finally:
        signal.signal(signal.SIGTERM, before)


def _follow(service: LocalLambda, root: Path) -> NoReturn:
    """Has functions start anew after each change of a file."""
    watched = WatchedFolder(root)
    seconds = _LOOK_SECONDS
    while True:
        time.sleep(seconds)
        begun = time.monotonic()
        changed = watched.changed()
        seconds = max(_LOOK_SECONDS, (time.monotonic() - begun) / _LOOK_SHARE)
        if changed:
            service.reload()
            more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
            note(f"{changed[0]}{more} changed: functions start anew; what is declared needs a restart")
