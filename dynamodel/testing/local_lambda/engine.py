"""The services around the functions: moto's server in this process, and DynamoDB Local if there is one.

Guarantees: an engine begins empty, whatever else uses moto in this process, because it has an AWS account of
its own; while it is open, nobody's moto empties it, and nothing that uses boto3 reaches AWS, since all of
boto3 is mocked with its account (as `dynamodel.testing.embedded` has it); what it tells a function is enough
to reach all of it, and nothing of the developer's own account.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from itertools import count
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from attrs import frozen

from dynamodel.errors import MissingExtraError, RequestError
from dynamodel.testing.environment import changed_environment, offline_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from werkzeug.serving import BaseWSGIServer

    from dynamodel.client import Client
    from dynamodel.testing.local_lambda.destinations import Boto3Client

__all__ = ["REGION", "Engine", "QueueMessage"]

REGION = "us-east-1"
"""Of everything."""

_HOST = "127.0.0.1"
_accounts = count(220_000_000_000)
"""Never moto's own 123456789012, nor those of `dynamodel.testing.embedded`."""

_DYNAMODB = ("dynamodb", "dynamodbstreams")


@frozen
class QueueMessage:
    """A message that waits in a queue."""

    body: str
    attributes: Mapping[str, str]
    """The texts of its message attributes, by name."""


class Engine:
    """The local services.

    Args:
        dynamodb_url: the endpoint of a DynamoDB Local, for DynamoDB and its streams; None: moto has them.

    Raises:
        MissingExtraError: moto or what its server needs is not installed (when it starts).
    """

    def __init__(self, dynamodb_url: str | None = None) -> None:
        self.account = str(next(_accounts))
        self.url = ""
        """The endpoint of all services but DynamoDB; empty while it is not started."""
        self._dynamodb_url = dynamodb_url
        self._credentials: dict[str, str] = {}
        self._clients: dict[str, Boto3Client] = {}
        self._created: set[str] = set()
        self._open = ExitStack()

    @property
    def dynamodb_url(self) -> str:
        """The endpoint of DynamoDB and its streams."""
        return self._dynamodb_url or self.url

    def start(self) -> None:
        """Starts the server on a free port."""
        try:
            from moto import mock_aws

            server = _server()
        except ImportError as error:
            raise MissingExtraError("The local Lambda", "local") from error
        with ExitStack() as opened:
            opened.enter_context(changed_environment(offline_settings(REGION)))
            # moto's first mock empties all of moto, and so does the end of the last one; this is both.
            mock = mock_aws()
            mock.start(reset=False)
            opened.callback(mock.stop)
            opened.enter_context(patch("boto3.DEFAULT_SESSION", None))
            self.url = f"http://{_HOST}:{server.port}"
            opened.enter_context(_serving(server))
            with _session_lock:
                self._credentials = _own_account(self.url, self.account)
            opened.enter_context(changed_environment(self._credentials))
            opened.callback(self._close_clients)
            self._open = opened.pop_all()

    def stop(self) -> None:
        """Stops the server. What it held is gone."""
        self._open.close()

    def client(self, service: str) -> Boto3Client:
        """The boto3 client of a service; it is shared by all threads, and closed with the engine.

        Args:
            service: as boto3 names it.
        """
        with _session_lock:
            if service not in self._clients:
                url = self.dynamodb_url if service in _DYNAMODB else self.url
                self._clients[service] = _client(service, url, self._credentials)
            return self._clients[service]

    def connect(self) -> Client:
        """A dynamodel client of the engine's DynamoDB; the caller closes it."""
        from dynamodel.client import connect

        return connect(endpoint_url=self.dynamodb_url, region=REGION)

    def variables(self) -> dict[str, str]:
        """The environment variables with which boto3 finds the engine, and no account of the developer."""
        return {
            **self._credentials,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ENDPOINT_URL_DYNAMODB": self.dynamodb_url,
            "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": self.dynamodb_url,
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def stream_arn(self, table: str) -> str:
        """The ARN of a table's stream.

        Raises:
            RequestError: there is no such table, or it has no stream.
        """
        arn = (self._described(table) or {}).get("LatestStreamArn")
        if arn is None:
            raise RequestError(f"there is no stream of {table} yet; call create_tables()")
        return str(arn)

    def has_table(self, table: str) -> bool:
        """Whether a table is there.

        Raises:
            RequestError: no DynamoDB answers at the endpoint that was given.
        """
        return self._described(table) is not None

    def create(self, arn: str, visibility_seconds: int | None = None) -> None:
        """Creates what a local ARN names, if it is a queue, topic, bucket, event bus or Kinesis stream.

        Args:
            arn: with the engine's own account and region.
            visibility_seconds: of a queue; None: SQS's default of 30.
        """
        service, name = arn.split(":")[2], arn.split(":", 5)[5]
        is_new = arn not in self._created
        self._created.add(arn)
        if service == "sqs":
            self._create_queue(name, visibility_seconds, is_new=is_new)
        elif is_new:
            self._create_other(service, name)

    def _create_other(self, service: str, name: str) -> None:
        match service:
            case "sns":
                attributes = {"FifoTopic": "true"} if name.endswith(".fifo") else {}
                self._call("sns", "create_topic", Name=name, Attributes=attributes)
            case "s3":
                self._call("s3", "create_bucket", Bucket=name)
            case "events" if name != "event-bus/default":
                self._call("events", "create_event_bus", Name=name.removeprefix("event-bus/"))
            case "kinesis":
                self._call("kinesis", "create_stream", StreamName=name.split("/")[1], ShardCount=1)
            case _:
                pass  # functions and the default event bus are there

    def messages(self, queue: str) -> tuple[QueueMessage, ...]:
        """What waits in a queue, without taking it.

        Args:
            queue: its name or ARN.

        Raises:
            RequestError: there is no such queue.
        """
        from moto.sqs.models import sqs_backends

        name = queue.rpartition(":")[2]
        # SQS itself tells no message without hiding it for a while, and counts that.
        queues = sqs_backends[self.account][REGION].queues
        if name not in queues:
            raise RequestError(f"there is no queue {name!r}; those declared as sources or destinations are")
        return tuple(
            QueueMessage(
                message.body,
                {key: str(value.get("StringValue", "")) for key, value in message.message_attributes.items()},
            )
            for message in list(queues[name].messages)
        )

    def _described(self, table: str) -> Mapping[str, Any] | None:
        from botocore.exceptions import BotoCoreError, ClientError

        from dynamodel.testing.local_lambda.destinations import error_code

        try:
            described: Mapping[str, Any] = self.client("dynamodb").describe_table(TableName=table)["Table"]
        except (ClientError, BotoCoreError, KeyError) as error:  # KeyError: an answer of another program
            code = error_code(error)
            if code == "ResourceNotFoundException":
                return None
            rule = f"does not answer as a DynamoDB does: {code}; start DynamoDB Local there, or name none"
            raise RequestError(f"{self.dynamodb_url} {rule}") from error
        return described

    def _close_clients(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def _create_queue(self, name: str, visibility_seconds: int | None, *, is_new: bool) -> None:
        sqs = self.client("sqs")
        if is_new:
            attributes = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
            sqs.create_queue(QueueName=name, Attributes=attributes)
        if visibility_seconds is not None:
            url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(visibility_seconds)})

    def _call(self, service: str, operation: str, **parameters: object) -> None:
        getattr(self.client(service), operation)(**parameters)


def _server() -> BaseWSGIServer:
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server

    class Quiet(MotoRequestHandler):
        """Does not write a line for each request."""

        def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
            pass

    app = DomainDispatcherApplication(create_backend_app)
    return make_server(_HOST, 0, app, threaded=True, request_handler=Quiet)


@contextmanager
def _serving(server: BaseWSGIServer) -> Iterator[None]:
    # Every half second the standard library looks whether it shall stop; tests want to wait less.
    serve = partial(server.serve_forever, poll_interval=0.05)
    thread = threading.Thread(target=serve, name="local-lambda-engine", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


_ANYBODY: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
}

_session_lock = threading.Lock()
"""A session is for one thread at a time, its clients are for all (boto3 guide, Session)."""


@cache
def _session() -> Any:
    """The session of all engines: making one, and its first client, takes 0.1 s. Its stubs know services by
    literal names only.
    """
    import boto3

    return boto3.Session(region_name=REGION)


def _client(service: str, url: str, credentials: Mapping[str, str]) -> Boto3Client:
    return _session().client(
        service,
        endpoint_url=url,
        aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=credentials["AWS_SESSION_TOKEN"],
    )


def _own_account(url: str, account: str) -> dict[str, str]:
    """Credentials of an account that nobody else uses: moto keeps the accounts' data apart."""
    sts = _client("sts", url, _ANYBODY)
    role = f"arn:aws:iam::{account}:role/local-lambda"
    credentials = sts.assume_role(RoleArn=role, RoleSessionName="local-lambda")["Credentials"]
    sts.close()
    return {
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["SessionToken"],
    }
