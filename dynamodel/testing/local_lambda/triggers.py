"""What invokes functions by itself: their URLs and event sources.

Guarantee: `stop` returns once nothing of it runs any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamodel.infra.functions import QueueSource, StreamSource
from dynamodel.testing.local_lambda.destinations import Clients
from dynamodel.testing.local_lambda.invocation import InvocationRefusedError
from dynamodel.testing.local_lambda.urls import UrlServer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dynamodel.testing.local_lambda.deployed import DeployedFunction
    from dynamodel.testing.local_lambda.engine import Engine
    from dynamodel.testing.local_lambda.invocation import Invoke
    from dynamodel.testing.local_lambda.resolving import Resolver
    from dynamodel.testing.local_lambda.sources.poller import Poller

__all__ = ["Triggers"]


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
        self._is_prepared = False

    @property
    def activity(self) -> int:
        """Grows with every batch that is handled."""
        return sum(poller.activity for poller in self._pollers.values())

    def start(self, functions: Sequence[DeployedFunction]) -> None:
        """Starts what is not started: all URLs, and the sources that are there."""
        for deployed in functions:
            self._start_url(deployed)

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
        qualified = deployed.name if alias is None else f"{deployed.name}:{alias}"
        server = UrlServer(function, lambda _, payload: self._invoke(qualified, payload))
        server.start()
        self._urls[deployed.name] = server
