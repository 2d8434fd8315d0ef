"""`LocalLambda`: functions, their queues, URLs and event sources on this machine, as a double of AWS Lambda.

Guarantees: within the `with`, what is invoked runs in AWS's own runtime for Python, in processes of this
program, which are gone when the program is; nothing reaches AWS; two of them share nothing. At the end
everything is stopped in good order, and events that are not finished are counted (`unfinished`) and logged.

What it leaves out: IAM (every function may do everything), memory limits, freezing between invocations,
the 10 seconds of the init phase, extensions, layers, VPCs, X-Ray, streamed answers, versions but the one
under the alias of `provisioned` (which runs the same files), Lambda's own API (no function is invoked by
boto3), and code from S3 or images. Environments are kept until the end.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import math
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from dynamodel.errors import MissingExtraError, RequestError
from dynamodel.infra import Stack
from dynamodel.infra.functions import Function
from dynamodel.operations.tables import CreateTable
from dynamodel.schema.resolve import resolved
from dynamodel.testing.local_lambda.asynchronous import AsynchronousQueue, Finished
from dynamodel.testing.local_lambda.concurrency import ACCOUNT_CONCURRENCY, Slots
from dynamodel.testing.local_lambda.delivery import Delivery
from dynamodel.testing.local_lambda.deployed import DeployedFunction
from dynamodel.testing.local_lambda.engine import Engine
from dynamodel.testing.local_lambda.invocation import (
    MAX_ASYNCHRONOUS_BYTES,
    MAX_PAYLOAD_BYTES,
    InvocationRefusedError,
)
from dynamodel.testing.local_lambda.resolving import Resolver
from dynamodel.testing.local_lambda.sources.problems import SettleTimeoutError
from dynamodel.testing.local_lambda.triggers import Triggers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from dynamodel.client import Client
    from dynamodel.infra.functions import Queue
    from dynamodel.model.entity import Entity
    from dynamodel.schema.table import Table
    from dynamodel.testing.local_lambda.concurrency import EnvironmentCounts
    from dynamodel.testing.local_lambda.destinations import Boto3Client
    from dynamodel.testing.local_lambda.engine import QueueMessage
    from dynamodel.testing.local_lambda.invocation import Invocation

__all__ = ["LocalLambda"]

_LOG = logging.getLogger("dynamodel.testing.local_lambda")
"""What functions print is logged here, at INFO; failures at WARNING."""

_NOT_RUNNING = "this LocalLambda is not running: use it within `with LocalLambda(...)`"

_LOOK_SECONDS = 0.01

_GRACE_SECONDS = 3.0
"""For the invocations of sources and URLs, at the end."""


class LocalLambda:
    """AWS Lambda on this machine, for the length of a `with`.

    ```
    with LocalLambda(Stack(Movie, hello)) as service:
        service.create_tables()
        assert service.invoke("hello", {"name": "Ann"}).result == "Hello Ann"
    ```

    Args:
        declared: a stack; or functions, tables and entity classes, which then are one.
        root: the folder from which the handlers of `Code.folder` are imported, and in which they run.
        parameters: values of the stack's parameters, by name.
        dynamodb_url: the endpoint of a DynamoDB Local; None: moto is the DynamoDB, too.
        time_scale: multiplies what Lambda waits between attempts; 0.001 makes a minute 60 ms.

    Raises:
        MissingExtraError: the extra `local` is not installed, or this is not Linux.
        DeclarationError: what is declared does not fit together.
        RequestError: there is no such folder; no such time scale; a reference that only a deployment knows;
            a function that cannot run here.
        HandlerFailedError: the init code of a provisioned environment failed.
    """

    def __init__(
        self,
        *declared: Stack | Table | type[Entity] | Function,
        root: Path | str = ".",
        parameters: Mapping[str, str] | None = None,
        dynamodb_url: str | None = None,
        time_scale: float = 1.0,
    ) -> None:
        self._stack = _stack(declared)
        self._root = Path(root).resolve()
        if not self._root.is_dir():
            raise RequestError(
                f"LocalLambda(root={str(root)!r}): there is no such folder; give the handlers' own"
            )
        if not isinstance(time_scale, int | float) or not 0 <= time_scale < math.inf:
            raise RequestError(
                f"LocalLambda(time_scale={time_scale!r}): takes a number from 0, where nothing waits"
            )
        self._engine = Engine(dynamodb_url)
        self._resolver = Resolver(self._engine, parameters or {})
        self._time_scale = time_scale
        self._functions: dict[str, DeployedFunction] = {}
        self._queues: dict[str, AsynchronousQueue] = {}
        self._closing = ExitStack()
        self._db: Client | None = None
        self._invocations = 0
        self._lock = threading.Lock()
        self._delivery = Delivery(self._engine, self._resolver, self._send_to)
        self._triggers = Triggers(self._engine, self._resolver, self.invoke, self._send_to, time_scale)
        self.unfinished = 0
        """How many asynchronous events were left at the end."""

    # --- starting and stopping ---

    def __enter__(self) -> Self:
        if importlib.util.find_spec("awslambdaric") is None:
            raise MissingExtraError("The local Lambda", "local")
        if self._functions:
            raise RequestError("a LocalLambda runs once; make another one")
        with ExitStack() as opened:
            self._engine.start()
            opened.callback(self._engine.stop)
            self._db = opened.enter_context(self._engine.connect())
            folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="local-lambda-")))
            self._deploy(folder)
            opened.callback(self._stop)
            for function in self._deployed:
                function.provision()
            self._triggers.start(self._deployed)
            self._closing = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db = None
        self._closing.close()

    def _deploy(self, folder: Path) -> None:
        set_aside = sum(_set_aside(function) for function in self._stack.functions)
        unreserved = Slots(ACCOUNT_CONCURRENCY - set_aside)
        for function in self._stack.functions:
            root = _inline_folder(function, folder) if function.code.kind == "inline" else self._root
            deployed = DeployedFunction(function, root, self._engine, self._resolver, unreserved)
            self._functions[function.name] = self._functions[deployed.name] = deployed
            self._queues[deployed.name] = self._queue(deployed)
            self._delivery.prepare(function)

    def _queue(self, deployed: DeployedFunction) -> AsynchronousQueue:
        def attempt(payload: bytes, qualifier: str | None, request_id: str) -> Invocation:
            return self._invoked(deployed, payload, qualifier, request_id)

        def finish(finished: Finished) -> None:
            self._delivery.deliver(deployed, finished)

        function = deployed.declaration
        return AsynchronousQueue(
            attempt,
            lambda qualifier: self._delivery.rules(function, qualifier),
            finish,
            deployed.most_at_once,
            self._time_scale,
        )

    def _stop(self) -> None:
        """Nobody waits for long for an invocation that runs: it gets some time, and is then ended."""
        stopping = threading.Thread(target=self._triggers.stop, name="local-lambda-stop", daemon=True)
        stopping.start()
        for queue in self._queues.values():
            queue.stop()
        stopping.join(_GRACE_SECONDS)
        for function in self._deployed:
            function.stop()
        stopping.join()
        for name, queue in self._queues.items():
            left = queue.join()
            self.unfinished += left
            if left:
                _LOG.warning("asynchronous events of %s that are left: %d", name, left)

    @property
    def _deployed(self) -> list[DeployedFunction]:
        return list(dict.fromkeys(self._functions.values()))

    # --- DynamoDB and its surroundings ---

    @property
    def db(self) -> Client:
        """A client of the DynamoDB that the functions see.

        Raises:
            RequestError: outside of the `with`.
        """
        if self._db is None:
            raise RequestError(_NOT_RUNNING)
        return self._db

    def create_tables(self) -> None:
        """Creates the tables of the stack that are not there, and begins to read their streams.

        Raises:
            RequestError: outside of the `with`; there is no DynamoDB where one should be.
        """
        db = self.db
        for table in self._stack.tables:
            if not self._engine.has_table(self._resolver.table_name(table)):
                db.run(CreateTable(resolved(table.definition, self._resolver.values)))
        self._triggers.start(self._deployed)

    def boto3_client(self, service: str) -> Boto3Client:
        """A boto3 client of the local SQS, SNS, S3, Kinesis, EventBridge or DynamoDB; it is not to be closed.

        Args:
            service: as boto3 names it.
        """
        return self._engine.client(service)

    @property
    def variables(self) -> Mapping[str, str]:
        """By which environment variables another program, such as the AWS CLI, reaches the local DynamoDB,
        SQS and so on: endpoints, region, and the credentials to which tables and queues belong.

        Raises:
            RequestError: outside of the `with`.
        """
        if self._db is None:
            raise RequestError(_NOT_RUNNING)
        return self._engine.variables()

    def messages(self, queue: Queue | str) -> tuple[QueueMessage, ...]:
        """What waits in a queue; it stays there.

        Args:
            queue: the queue, its ARN or its name.

        Raises:
            RequestError: there is no such queue.
        """
        text = queue if isinstance(queue, str) else self._resolver.destination(queue, "messages()")
        return self._engine.messages(text)

    # --- invocations ---

    def invoke(self, function: Function | str, payload: object, qualifier: str | None = None) -> Invocation:
        """One synchronous invocation.

        Args:
            function: the function, its name or its ARN; both may end in `:QUALIFIER`.
            payload: the event: what JSON can hold, or its bytes.
            qualifier: the alias or the number of the published version; None: the latest code.

        Raises:
            TooManyRequestsError: all of its concurrency is in use.
            InvocationRefusedError: there is no such function; the event is too large, or is no JSON.
        """
        deployed, qualifier = self._found(function, qualifier)
        event = _encoded(payload, MAX_PAYLOAD_BYTES)
        return self._invoked(deployed, event, qualifier, str(uuid4()))

    def send(self, function: Function | str, payload: object, qualifier: str | None = None) -> str:
        """One asynchronous invocation: Lambda answers 202, and keeps the event in a queue.

        Args:
            function: as of `invoke`.
            payload: as of `invoke`.
            qualifier: as of `invoke`.

        Returns:
            The request id of its invocation, which all attempts have.

        Raises:
            InvocationRefusedError: there is no such function; the event is too large, or is no JSON.
        """
        deployed, qualifier = self._found(function, qualifier)
        deployed.require_qualifier(qualifier)
        event = _encoded(payload, MAX_ASYNCHRONOUS_BYTES)
        return self._queues[deployed.name].put(event, qualifier)

    def url(self, function: Function | str) -> str:
        """The address of a function's URL.

        Raises:
            InvocationRefusedError: there is no such function, or it has no URL.
        """
        return self._triggers.url(self._found(function, None)[0])

    def environments(self, function: Function | str) -> EnvironmentCounts:
        """How many environments of a function there are, and were.

        Raises:
            InvocationRefusedError: there is no such function.
        """
        return self._found(function, None)[0].counts

    def reload(self) -> None:
        """After a change of the handlers' files: further invocations run in new environments, which import
        them anew. Those that run now end as they are.
        """
        for function in self._deployed:
            function.reload()

    @property
    def discarded(self) -> tuple[Finished, ...]:
        """The asynchronous events that failed, and that no destination and no dead-letter queue took."""
        return self._delivery.discarded

    def settle(self, timeout: float = 60.0) -> None:
        """Waits until nothing is queued, retried, read from a source, or running.

        Args:
            timeout: in seconds.

        Raises:
            SettleTimeoutError: something still is, after that time.
            DynamodelError: what went wrong in a source.
        """
        until = time.monotonic() + timeout
        self._triggers.start(self._deployed)  # the streams of tables that have come since
        while True:
            before = self._activity
            self._wait_for_queues(until)
            self._triggers.settle(max(0.0, until - time.monotonic()))
            # What was read from a source may have sent events, and these have filled a source again.
            if self._activity == before and not self._busy():
                return

    # --- within ---

    @property
    def _activity(self) -> tuple[int, int]:
        return self._invocations, self._triggers.activity

    def _busy(self) -> int:
        """How many events and invocations there are."""
        queued = sum(queue.left for queue in self._queues.values())
        return queued + sum(function.running for function in self._deployed)

    def _wait_for_queues(self, until: float) -> None:
        while busy := self._busy():
            if time.monotonic() >= until:
                message = f"events and invocations that are not finished: {busy}; give settle() more time"
                raise SettleTimeoutError(message)
            time.sleep(_LOOK_SECONDS)

    def _found(self, function: Function | str, qualifier: str | None) -> tuple[DeployedFunction, str | None]:
        """The function, and the qualifier that was given or stands in its name."""
        name = function.name if isinstance(function, Function) else function
        if name.startswith("arn:"):
            name = name.split(":", 6)[-1]
        name, _, stated = name.partition(":")
        found = self._functions.get(name)
        if found is None:
            message = f"Function not found: {name}"
            raise InvocationRefusedError("ResourceNotFoundException", 404, message)
        return found, qualifier or stated or None

    def _invoked(
        self, deployed: DeployedFunction, payload: bytes, qualifier: str | None, request_id: str
    ) -> Invocation:
        with self._lock:
            self._invocations += 1
        invocation = deployed.invoke(payload, qualifier, request_id)
        _report(deployed.name, invocation)
        return invocation

    def _send_to(self, function: str, payload: bytes) -> str:
        return self.send(function, payload)


def _stack(declared: Sequence[Stack | Table | type[Entity] | Function]) -> Stack:
    match declared:
        case [Stack() as stack]:
            return stack
        case _:
            parts = [each for each in declared if not isinstance(each, Stack)]
            if len(parts) < len(declared):
                raise RequestError(
                    "a LocalLambda has one stack, or parts that are none; join them in a Stack"
                )
            return Stack(*parts)


def _set_aside(function: Function) -> int:
    """What others cannot use of the account's concurrency; provisioned environments are part of it."""
    if function.reserved_concurrency is not None:
        return function.reserved_concurrency
    return 0 if function.provisioned is None else function.provisioned.executions


def _report(name: str, invocation: Invocation) -> None:
    for line in invocation.log.splitlines():
        _LOG.info("%s: %s", name, line)
    level = logging.INFO if invocation.error is None else logging.WARNING
    outcome = "succeeded" if invocation.error is None else "failed"
    cold = " after a cold start" if invocation.is_cold else ""
    milliseconds = invocation.seconds * 1000
    why = "" if invocation.error is None else f": {_reason(invocation)}"
    _LOG.log(level, "%s: %s %s in %.1f ms%s%s", name, invocation.request_id, outcome, milliseconds, cold, why)


def _reason(invocation: Invocation) -> str:
    """The class of what the handler raised; or what Lambda itself says, whose error types have a dot."""
    error = json.loads(invocation.payload)
    kind = str(error.get("errorType"))
    return f"{kind}: {error.get('errorMessage')}" if "." in kind else kind


def _inline_folder(function: Function, folder: Path) -> Path:
    own = folder / function.name
    own.mkdir()
    assert isinstance(function.code.place, str)
    (own / "index.py").write_text(function.code.place, encoding="utf-8")
    return own


def _no_constant(name: str) -> None:
    raise ValueError(name)  # NaN and infinities: Python has them in JSON, and nobody else


def _encoded(event: object, most: int) -> bytes:
    try:
        if isinstance(event, bytes):
            json.loads(event.decode(), parse_constant=_no_constant)
            encoded = event
        else:
            encoded = json.dumps(event, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        message = f"Could not parse request body into json: {type(error).__name__}"
        raise InvocationRefusedError("InvalidRequestContentException", 400, message) from error
    if len(encoded) > most:
        message = f"Request must be smaller than {most} bytes for the InvokeFunction operation"
        raise InvocationRefusedError("RequestEntityTooLargeException", 413, message)
    return encoded
