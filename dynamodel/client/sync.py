"""The synchronous client. It knows nothing of what it runs: it drives flows over a transport."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar, cast

from dynamodel.entity.schema import schema_of
from dynamodel.errors import DynamodelError, RequestError
from dynamodel.model.entity import Entity
from dynamodel.operations.base import Exchange, Operation, Settings
from dynamodel.operations.caps import Meter
from dynamodel.operations.reads import Items
from dynamodel.operations.results import Results
from dynamodel.schema.table import Table
from dynamodel.types import Flow, Pause, Request, Response

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from dynamodel.drift.diff import TableDiff
    from dynamodel.transport.protocol import Transport

__all__ = ["Client", "connect", "settings_of"]

E = TypeVar("E")
R = TypeVar("R")


class Client:
    """Runs operations. One client serves a whole program, and several threads at once.

    The lazy results of a query or scan belong to one thread each.
    """

    def __init__(self, transport: Transport, settings: Settings | None = None) -> None:
        self._transport = transport
        self._settings = settings or Settings()
        self._is_closed = False

    @property
    def settings(self) -> Settings:
        """What operations know of this client."""
        return self._settings

    @property
    def transport(self) -> Transport:
        """What sends its requests."""
        return self._transport

    def run(self, operation: Operation[R]) -> R:
        """Send the operation's requests and return its result.

        The result of a query or scan is lazy: pages are fetched when the iteration comes to them. Only the
        result of a parallel scan has threads of its own, while it is iterated.

        Raises:
            RequestError: DynamoDB would refuse it; nothing was sent.
            ServiceError: DynamoDB refused it, or no answer came.
            MarshalError: a stored item does not fit its entity.
        """
        if isinstance(operation, Exchange):
            flow: Flow[R] = operation.flow(self._settings)
            return self._drive(flow)
        if isinstance(operation, Items):
            return cast("R", self._results(operation))  # an Items[E] is an Operation[Results[E]]
        if isinstance(operation, Operation):
            from dynamodel.client.parallel import run_in_threads  # noqa: PLC0415 - a handler rarely needs threads

            return run_in_threads(operation, self._drive, self._settings)
        raise RequestError(f"run() takes an operation such as Movie.by_id.get(1), not {_what(operation)}")

    def _results(self, operation: Items[E]) -> Results[E]:
        meter = Meter(operation.entity, operation.caps)
        return Results(lambda start: self._drive(operation.chunk(start)), meter)

    def _drive(self, flow: Flow[R]) -> R:
        """Send what a flow asks for until it has its result."""
        if self._is_closed:
            raise RequestError("this client is closed: connect() gives another one")
        try:
            step = next(flow)
            while True:
                step = self._go_on(flow, step)
        except StopIteration as end:
            result: R = end.value
            return result

    def _go_on(self, flow: Flow[R], step: Request | Pause) -> Request | Pause:
        if isinstance(step, Pause):
            self._wait(step.seconds)
            return flow.send({})
        try:
            response: Response = self._transport.send(step)
        except DynamodelError as error:
            return flow.throw(error)
        return flow.send(response)

    def _wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def create_table(self, table: Table | type[Entity]) -> None:
        """Create the table with its indexes and settings, and wait until it is active.

        Args:
            table: the table, or an entity class of it.

        Raises:
            DeclarationError: no entity says what its key is.
            TableInUseError: it exists already.
        """
        from dynamodel.operations.tables import CreateTable  # noqa: PLC0415 - a handler never needs it

        self.run(CreateTable(_table(table).definition))

    def diff_table(self, table: Table | type[Entity]) -> TableDiff:
        """How the deployed table differs from the model: what to change in place, what to replace.

        The result is true if anything differs, and its text tells what. Nothing is changed.

        Args:
            table: the table, or an entity class of it.

        Raises:
            TableNotFoundError: there is no such table.
            RequestError: a setting whose text is known to CloudFormation only.
        """
        from dynamodel.operations.table_update import diff_table  # noqa: PLC0415 - a handler never needs it

        return self.run(diff_table(_table(table)))

    def update_table(self, table: Table | type[Entity]) -> TableDiff:
        """Change the deployed table until it is as the model says, and return what differed.

        Global indexes that the model does not have are deleted, those with another key or projection are
        built again. Whatever `diff_table(table).warnings` tells then happens.

        Args:
            table: the table, or an entity class of it.

        Raises:
            RequestError: something that differs needs a new table; nothing was sent.
            TableNotFoundError: there is no such table.
            ServiceError: DynamoDB refused a change; a note tells how many requests were done before.
        """
        from dynamodel.operations.table_update import update_table  # noqa: PLC0415 - a handler never needs it

        return self.run(update_table(_table(table)))

    def delete_table(self, table: Table | type[Entity]) -> None:
        """Delete the table with all its items, and wait until it is gone.

        Raises:
            TableNotFoundError: there is no such table.
        """
        from dynamodel.operations.tables import DeleteTable  # noqa: PLC0415 - a handler never needs it

        self.run(DeleteTable(_table(table).name))

    def close(self) -> None:
        """Release the connections and run nothing more; also done at the end of a `with` block."""
        self._is_closed = True
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def connect(
    *,
    endpoint_url: str | None = None,
    region: str | None = None,
    transport: Transport | None = None,
    cursor_key: bytes | Sequence[bytes] | None = None,
    cursor_lifetime: timedelta | None = None,
) -> Client:
    """Opens a client.

    Args:
        endpoint_url: another endpoint than AWS's, such as DynamoDB Local's `http://localhost:8000`.
        region: an AWS region; by default as boto3 finds it, and so are the credentials.
        transport: sends the requests; by default a boto3 client with the two settings above. `LeanTransport`
            needs no boto3, where the environment has the credentials.
        cursor_key: signs the cursors of pages and the states of parallel scans. Give a secret, the same
            to all clients that share cursors, where a cursor comes back from somebody who is not trusted.
            Of several, the first one signs, and all of them open: to change the secret, go from `old` to
            `[old, new]` on all clients, then to `[new, old]`, then to `new`.
        cursor_lifetime: how long cursors are valid; without limit if left out. All clients with the same
            secret should have the same clock.

    Raises:
        RequestError: no region is configured, or a transport is given together with its settings; or a
            cursor key or lifetime that cannot be one.
    """
    if transport is None:
        from dynamodel.transport.boto3_transport import Boto3Transport  # noqa: PLC0415 - boto3 takes long to import

        transport = Boto3Transport.open(endpoint_url, region)
    elif endpoint_url is not None or region is not None:
        raise RequestError("connect(): endpoint_url and region belong to the default transport")
    return Client(transport, settings_of(cursor_key, cursor_lifetime))


def settings_of(
    cursor_key: bytes | Sequence[bytes] | None, cursor_lifetime: timedelta | None, call: str = "connect"
) -> Settings:
    """The settings of a client, from those of `connect()`.

    Args:
        cursor_key: as of `connect()`.
        cursor_lifetime: as of `connect()`.
        call: who is told of a fault.

    Raises:
        RequestError: a key or lifetime that cannot be one.
    """
    return Settings(_cursor_keys(cursor_key, call), _cursor_lifetime(cursor_lifetime, call))


def _cursor_keys(given: object, call: str) -> tuple[bytes, ...]:
    if given is None:
        return (b"",)
    keys: list[bytes] = []
    for key in given if isinstance(given, Sequence) and not isinstance(given, bytes) else [given]:
        if not isinstance(key, bytes):
            raise RequestError(f"{call}(cursor_key=) takes bytes, or several of them, not {_what(key)}")
        keys.append(key)
    if not keys or b"" in keys:  # as of a variable that is not set: everybody could sign
        raise RequestError(f"{call}(cursor_key=): no key is empty, and of several there is at least one")
    return tuple(keys)


def _cursor_lifetime(given: object, call: str) -> timedelta | None:
    if given is None:
        return None
    if not isinstance(given, timedelta) or given <= timedelta(0):
        raise RequestError(f"{call}(cursor_lifetime=) takes a timedelta above zero")
    return given


def _table(table: object) -> Table:
    if isinstance(table, Table):
        return table
    if isinstance(table, type) and issubclass(table, Entity):
        return schema_of(table).table
    raise RequestError(f"a Table or an entity class is needed, not {_what(table)}")


def _what(value: object) -> str:
    return value.__name__ if isinstance(value, type) else type(value).__name__
