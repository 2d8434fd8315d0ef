"""`db`: the one client of an execution environment, shared by all its invocations.

Guarantees: importing this module opens nothing. In Lambda the client is opened once, while the environment
initialises, by the first handler that is declared; elsewhere, such as in a test or while a template is made,
by the first request. Requests of an invocation end before the invocation does.
"""

from __future__ import annotations

import gc
import os
import random
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dynamodel.aws_lambda.deadline import DeadlineTransport
from dynamodel.client.sync import Client, settings_of
from dynamodel.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta

    from dynamodel.aws_lambda.context import LambdaContext

__all__ = ["SharedClient", "db"]

_INITIALIZATION = "AWS_LAMBDA_INITIALIZATION_TYPE"
"""Lambda sets it: on-demand, provisioned-concurrency or snap-start (AWS Lambda developer guide, Defined
runtime environment variables)."""


class SharedClient(Client):
    """A client that opens itself, knows the deadline of the invocation, and survives freezing.

    A program has one, `db`. It runs operations as every other client does.
    """

    def __init__(self) -> None:
        self._own = DeadlineTransport()
        super().__init__(self._own)

    def configure(
        self,
        *,
        endpoint_url: str | None = None,
        region: str | None = None,
        cursor_key: bytes | Sequence[bytes] | None = None,
        cursor_lifetime: timedelta | None = None,
    ) -> None:
        """Settings as those of `connect()`; to be given at the top of a module, before any handler.

        Raises:
            RequestError: a setting that cannot be one; or an endpoint or region after the client was opened.
        """
        self._settings = settings_of(cursor_key, cursor_lifetime, "db.configure")
        if endpoint_url is None and region is None:
            return
        if self._own.is_open:
            raise RequestError("db.configure(): the client is open already; configure it before any handler")
        self._own.endpoint_url, self._own.region = endpoint_url, region

    @property
    def times_opened(self) -> int:
        """How many times a client was opened in this process: once, however many invocations there are."""
        return self._own.times_opened

    @property
    def seconds_left(self) -> float | None:
        """How long the invocation that runs may still take; None: none runs."""
        return None if self._own.deadline is None else self._own.deadline - time.monotonic()

    def open(self) -> None:
        """Open the client now, if it is not open."""
        self._own.open()

    def initialise(self) -> None:
        """Open the client if this is Lambda's init phase; handlers do it when they are declared."""
        kind = os.environ.get(_INITIALIZATION)
        if kind is None or self._own.is_open:
            return
        with _uncollected():
            self.open()
        if kind == "snap-start":
            self._survive_snapshots()

    @contextmanager
    def invocation(self, context: LambdaContext) -> Iterator[None]:
        """Within the `with`, requests end before the invocation does; handlers do it for each event.

        Args:
            context: what Lambda gave to the handler.
        """
        before = self._own.deadline
        self._own.deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000
        try:
            yield
        finally:
            self._own.deadline = before

    @contextmanager
    def replaced(self, client: Client) -> Iterator[None]:
        """Within the `with`, everything runs on another client: for tests.

        Args:
            client: such as that of `dynamodel.testing.embedded()`.
        """
        before = self._transport, self._settings
        self._transport, self._settings = client.transport, client.settings
        try:
            yield
        finally:
            self._transport, self._settings = before

    def prepare_snapshot(self) -> None:
        """What is done before a SnapStart snapshot: everything is loaded, and no connection is open."""
        self._own.prepare()
        self._own.disconnect()

    def restored(self) -> None:
        """What is done after a restore: connections of the snapshot, and its random numbers, are not used."""
        self._own.disconnect()
        random.seed()

    def _survive_snapshots(self) -> None:
        from snapshot_restore_py import (  # noqa: PLC0415 - it is in Lambda's runtime, not everywhere
            register_after_restore,
            register_before_snapshot,
        )

        register_before_snapshot(self.prepare_snapshot)
        register_after_restore(self.restored)

    def _wait(self, seconds: float) -> None:
        """Wait, but not beyond the deadline: the next request then tells that there is no time left."""
        left = self._own.seconds_left()
        super()._wait(seconds if left is None else min(seconds, max(left, 0.0)))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Within the `with`, Python looks for no cycles in memory; what is there at its end it never visits.

    What an environment loads while it initialises, boto3 above all, stays as long as the environment. The
    collector would walk over it several times while it grows, and again in invocations (measured with
    `bench.cold_start`: a tenth of the processor time of a cold start).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


db = SharedClient()
"""The client of this execution environment."""
