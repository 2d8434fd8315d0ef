"""The synchronous client. It knows nothing of what it runs: it drives flows over a transport."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar, cast

from dynamodel.entity.schema import schema_of
from dynamodel.errors import RequestError, ServiceError
from dynamodel.model.entity import Entity
from dynamodel.operations.base import Exchange, Operation, Settings
from dynamodel.operations.reads import Items
from dynamodel.operations.results import LazyChunks, Results
from dynamodel.operations.tables import CreateTable, DeleteTable
from dynamodel.schema.table import Table
from dynamodel.types import Flow, Pause, Request, Response

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from dynamodel.transport.protocol import Transport

__all__ = ["Client", "connect"]

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

    def run(self, operation: Operation[R]) -> R:
        """Send the operation's requests and return its result.

        The result of a query or scan is lazy: pages are fetched when the iteration comes to them.

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
        raise RequestError(f"run() takes an operation such as Movie.by_id.get(1), not {_what(operation)}")

    def _results(self, operation: Items[E]) -> Results[E]:
        return Results(LazyChunks(lambda start: self._drive(operation.chunk(start))))

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
            time.sleep(step.seconds)
            return flow.send({})
        try:
            response: Response = self._transport.send(step)
        except ServiceError as error:
            return flow.throw(error)
        return flow.send(response)

    def create_table(self, table: Table | type[Entity]) -> None:
        """Create the table with its indexes and settings, and wait until it is active.

        Args:
            table: the table, or an entity class of it.

        Raises:
            DeclarationError: no entity says what its key is.
            TableInUseError: it exists already.
        """
        self.run(CreateTable(_table(table).definition))

    def delete_table(self, table: Table | type[Entity]) -> None:
        """Delete the table with all its items, and wait until it is gone.

        Raises:
            TableNotFoundError: there is no such table.
        """
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
    cursor_key: bytes = b"",
) -> Client:
    """Opens a client.

    Args:
        endpoint_url: another endpoint than AWS's, such as DynamoDB Local's `http://localhost:8000`.
        region: an AWS region; by default as boto3 finds it, and so are the credentials.
        transport: sends the requests; by default a boto3 client with the two settings above.
        cursor_key: signs the cursors of pages. Give a secret, the same to all clients that share
            cursors, where a cursor comes back from somebody who is not trusted.

    Raises:
        RequestError: no region is configured, or a transport is given together with its settings.
    """
    if transport is None:
        from dynamodel.transport.boto3_transport import Boto3Transport  # noqa: PLC0415 - boto3 takes long to import

        transport = Boto3Transport.open(endpoint_url, region)
    elif endpoint_url is not None or region is not None:
        raise RequestError("connect(): endpoint_url and region belong to the default transport")
    if not isinstance(cursor_key, bytes):
        raise RequestError(f"connect(cursor_key=) takes bytes, not {_what(cursor_key)}")
    return Client(transport, Settings(cursor_key))


def _table(table: object) -> Table:
    if isinstance(table, Table):
        return table
    if isinstance(table, type) and issubclass(table, Entity):
        return schema_of(table).table
    raise RequestError(f"a Table or an entity class is needed, not {_what(table)}")


def _what(value: object) -> str:
    return value.__name__ if isinstance(value, type) else type(value).__name__
