"""`db`: the one client of an execution environment, shared by all its invocations.

Guarantees: importing this module opens nothing. In Lambda the client is opened once, while the environment
initialises, by the first handler that is declared; elsewhere, such as in a test or while a template is made,
by the first request. Requests of an invocation end before the invocation does.

In Lambda requests go over `LeanTransport`, which needs no boto3: a cold start is then much shorter.
Elsewhere, and where HTTPS_PROXY is set, they go over boto3. `db.configure(transport=...)` chooses another
one: a `Boto3Transport` with a client of yours is for what hangs on boto3, such as tracing with X-Ray, or a
role that the handler assumes.
"""

from __future__ import annotations

import random
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dynamodel.aws_lambda.deadline import DeadlineTransport, initialization_type
from dynamodel.client.sync import Client, settings_of
from dynamodel.errors import RequestError
from dynamodel.operations.base import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta

    from dynamodel.aws_lambda.context import LambdaContext
    from dynamodel.transport.protocol import Transport

__all__ = ["SharedClient", "db"]


class SharedClient(Client):
    """A client that opens itself, knows the deadline of the invocation, and survives freezing.

    A program has one, `db`. It runs operations as every other client does.
    """

    def __init__(self) -> None:
        self._own = DeadlineTransport()
        self._configured = self._replacing = Settings()
        super().__init__(self._own)

    def configure(
        self,
        *,
        endpoint_url: str | None = None,
        region: str | None = None,
        transport: Transport | None = None,
        cursor_key: bytes | Sequence[bytes] | None = None,
        cursor_lifetime: timedelta | None = None,
    ) -> None:
        """Settings as those of `connect()`; to be given at the top of a module, before any handler.

        Those that are left out stay as they are.

        Args:
            endpoint_url: another endpoint than AWS's.
            region: an AWS region.
            transport: sends the requests, in place of the one that is chosen. Each attempt of the lean one
                ends before the invocation does; give boto3's timeouts and attempts that fit into it
                (`botocore.config.Config`).
            cursor_key: as of `connect()`.
            cursor_lifetime: as of `connect()`.

        Raises:
            RequestError: a setting that cannot be one; an endpoint, region or transport after the client was
                opened; or a transport together with one of the other two.
        """
        given = settings_of(cursor_key, cursor_lifetime, "db.configure")
        if not (endpoint_url is None and region is None and transport is None):
            self._choose(endpoint_url, region, transport)
        self._configured = _overlaid(self._configured, given)
        self._settings = _overlaid(self._configured, self._replacing)

    def _choose(self, endpoint_url: str | None, region: str | None, transport: Transport | None) -> None:
        own = self._own
        if own.is_open:
            raise RequestError("db.configure(): the client is open already; configure it before any handler")
        endpoint_url = own.endpoint_url if endpoint_url is None else endpoint_url
        region = own.region if region is None else region
        transport = transport or own.given
        if transport is not None and not (endpoint_url is None and region is None):
            raise RequestError(
                "db.configure(): endpoint_url and region belong to the transport that is chosen"
            )
        own.endpoint_url, own.region, own.given = endpoint_url, region, transport

    @property
    def times_opened(self) -> int:
        """How many times a transport was opened in this process: once, however many invocations there are."""
        return self._own.times_opened

    @property
    def seconds_left(self) -> float | None:
        """How long the invocation that runs may still take; None: none runs."""
        return None if self._own.deadline is None else self._own.deadline - time.monotonic()

    def open(self) -> None:
        """Open the client now, if it is not open."""
        self._own.open()

    def initialise(self) -> None:
        """Open the client if this is Lambda's init phase; handlers do it when they are declared.

        A connection is opened as well, except before a snapshot: the first invocation then has no handshake
        to wait for, and Lambda gives more CPU to the init phase than to most functions later.
        """
        kind = initialization_type()
        if kind is None or self._own.is_open:
            return
        self.open()
        if kind == "snap-start":
            self._survive_snapshots()
        else:
            self._own.connect()

    @contextmanager
    def invocation(self, context: LambdaContext | None) -> Iterator[None]:
        """Within the `with`, requests end before the invocation does; handlers do it for each event.

        Args:
            context: what Lambda gave to the handler; None, as many a test has it: there is no deadline.
        """
        before = self._own.deadline
        if context is not None:
            self._own.deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000
        try:
            yield
        finally:
            self._own.deadline = before

    @contextmanager
    def replaced(self, client: Client) -> Iterator[None]:
        """Within the `with`, everything runs on another client: for tests.

        Args:
            client: such as that of `dynamodel.testing.embedded()`. Settings that it was not given are those
                of `configure()`.
        """
        before = self._transport, self._replacing
        self._replace(client.transport, client.settings)
        try:
            yield
        finally:
            self._replace(*before)

    def _replace(self, transport: Transport, settings: Settings) -> None:
        self._transport, self._replacing = transport, settings
        self._settings = _overlaid(self._configured, settings)

    def close(self) -> None:
        """Close the connections; the next request opens a new one, since the next invocation needs it."""
        self._own.close()

    def prepare_snapshot(self) -> None:
        """What is done before a SnapStart snapshot: everything is loaded, and no connection is open."""
        self.open()
        self._own.close()

    def restored(self) -> None:
        """What is done after a restore: connections, credentials and random numbers of the snapshot go."""
        self._own.close()
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


def _overlaid(kept: Settings, given: Settings) -> Settings:
    """Those that are given; where one was left out, the one that is kept."""
    default = Settings()
    return Settings(
        kept.cursor_keys if given.cursor_keys == default.cursor_keys else given.cursor_keys,
        kept.cursor_lifetime if given.cursor_lifetime is None else given.cursor_lifetime,
    )


db = SharedClient()
"""The client of this execution environment."""
