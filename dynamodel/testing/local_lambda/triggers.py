"""What invokes functions by itself: their URLs and event sources.

Guarantee: `stop` returns once nothing of it runs any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from dynamodel.infra.functions import QueueSource, StartingPosition, StreamSource
from dynamodel.testing.local_lambda.destinations import Clients
from dynamodel.testing.local_lambda.engine import REGION
from dynamodel.testing.local_lambda.invocation import InvocationRefusedError
from dynamodel.testing.local_lambda.sources import EventSourceMapping, Poller, poller_of
from dynamodel.testing.local_lambda.urls import UrlServer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dynamodel.infra.functions import Source
    from dynamodel.testing.local_lambda.deployed import DeployedFunction
    from dynamodel.testing.local_lambda.engine import Engine
    from dynamodel.testing.local_lambda.invocation import Invocation, Invoke
    from dynamodel.testing.local_lambda.resolving import Resolver

__all__ = ["Triggers"]

_DEFAULT_VISIBILITY_SECONDS = 30
"""Amazon SQS API reference, CreateQueue."""


class Triggers:
    """URLs and sources of all functions.

    Args:
        engine: has the streams and queues.
        resolver: of the sources' references.
        invoke: invokes a function, whose name may end in `:QUALIFIER`.
        send_to: invokes a function asynchronously.
        time_scale: multiplies what sources wait.
    """

    def __init__(
        self,
        engine: Engine,
        resolver: Resolver,
        invoke: Invoke,
        send_to: Callable[[str, bytes], object],
        time_scale: float,
    ) -> None:
        self._engine = engine
        self._resolver = resolver
        self._invoke = invoke
        self._send_to = send_to
        self._time_scale = time_scale
        self._urls: dict[str, UrlServer] = {}
        self._pollers: dict[tuple[str, int], Poller] = {}
        self._is_first = True

    @property
    def activity(self) -> int:
        """Grows with every batch that is handled."""
        return sum(poller.activity for poller in self._pollers.values())

    def start(self, functions: Sequence[DeployedFunction]) -> None:
        """Starts what is not started: all URLs, and the sources that are there.

        A stream whose table comes later is read from its beginning, also with LATEST: Lambda's mapping
        would have been there before.

        Raises:
            SourceError: a source cannot be read.
        """
        for deployed in functions:
            self._start_url(deployed)
            for number, source in enumerate(deployed.declaration.sources):
                if source.enabled and (deployed.name, number) not in self._pollers:
                    self._start_source(deployed, number, source)
        self._is_first = False

    def url(self, deployed: DeployedFunction) -> str:
        """The address of a function's URL.

        Raises:
            InvocationRefusedError: it has none.
        """
        server = self._urls.get(deployed.name)
        if server is None:
            message = f"{deployed.declaration.place} has no URL; declare it with url=FunctionUrl(...)"
            raise InvocationRefusedError("ResourceNotFoundException", 404, message)
        return server.url

    def settle(self, timeout: float) -> None:
        """Waits until all that was written to sources before is handled.

        Args:
            timeout: in seconds.

        Raises:
            SettleTimeoutError: it is not, in this time.
            DynamodelError: what went wrong in a source.
        """
        for poller in self._pollers.values():
            poller.settle(timeout)

    def stop(self) -> None:
        """Stops all of them."""
        for server in self._urls.values():
            server.stop()
        for poller in self._pollers.values():
            poller.stop()

    def _start_url(self, deployed: DeployedFunction) -> None:
        function = deployed.declaration
        if function.url is None or deployed.name in self._urls:
            return
        alias = function.url.alias
        end = "" if alias is None else f":{alias}"

        def invoke(function: str, payload: bytes) -> Invocation:
            return self._invoke(function + end, payload)

        server = UrlServer(function, invoke)
        server.start()
        self._urls[deployed.name] = server

    def _start_source(self, deployed: DeployedFunction, number: int, source: Source) -> None:
        place = f"{deployed.declaration.place}.sources[{number}]"
        if isinstance(source, StreamSource):
            if not self._engine.has_table(self._resolver.table_name(source.table)):
                return
            if not self._is_first:
                source = evolve(source, starting_position=StartingPosition.TRIM_HORIZON)
        arn = self._resolver.local(source.arn, place)
        if isinstance(source, QueueSource):
            self._engine.create(arn, _visibility_seconds(source, deployed))
        else:
            self._engine.create(arn)
        poller = poller_of(self._mapping(deployed, source, arn, place), self._invoke, self._clients(source))
        poller.start()
        self._pollers[deployed.name, number] = poller

    def _mapping(
        self, deployed: DeployedFunction, source: Source, arn: str, place: str
    ) -> EventSourceMapping:
        to = None if isinstance(source, QueueSource) else source.on_failure
        on_failure = None if to is None else self._resolver.destination(to, f"{place}.on_failure")
        if on_failure is not None:
            self._engine.create(on_failure)
        end = "" if source.alias is None else f":{source.alias}"
        return EventSourceMapping(
            source=source,
            source_arn=arn,
            function=deployed.name + end,
            function_arn=deployed.arn + end,
            on_failure=on_failure,
            region=REGION,
            time_scale=self._time_scale,
        )

    def _clients(self, source: Source) -> Clients:
        """Those that it needs; where it may send failures, all that it might."""
        client = self._engine.client
        if isinstance(source, QueueSource):
            return Clients(sqs=client("sqs"))
        failures = source.on_failure is not None
        is_change = isinstance(source, StreamSource)
        return Clients(
            dynamodbstreams=client("dynamodbstreams") if is_change else None,
            kinesis=None if is_change else client("kinesis"),
            sqs=client("sqs") if failures else None,
            sns=client("sns") if failures else None,
            s3=client("s3") if failures else None,
            invoke_asynchronously=self._send_to,
        )


def _visibility_seconds(source: QueueSource, deployed: DeployedFunction) -> int:
    """As declared; else SQS's default, or the function's timeout where it is longer: Lambda demands that."""
    declared = source.visibility_timeout
    if declared is not None:
        return int(declared.total_seconds())
    return max(_DEFAULT_VISIBILITY_SECONDS, int(deployed.timeout.total_seconds()))
