"""Clients of the services that event sources read: moto's, and DynamoDB Local's streams."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from dynamodel.testing import DynamoDBLocal
from dynamodel.testing.environment import changed_environment, offline_settings
from dynamodel.testing.local_lambda.destinations import Clients


class Streams:
    """Tables with streams, in one of the engines."""

    def __init__(self, dynamodb: Any, streams: Any) -> None:
        self.dynamodb = dynamodb
        self.streams = streams

    def create(self) -> tuple[str, str]:
        """The name of a new table, and its stream's ARN."""
        name = f"Things-{uuid.uuid4()}"
        answer = self.dynamodb.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "thing_id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "thing_id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        return name, answer["TableDescription"]["LatestStreamArn"]

    def put(self, table: str, thing_id: str, number: int = 0, **also: Any) -> None:
        item = {"thing_id": {"S": thing_id}, "number": {"N": str(number)}, **also}
        self.dynamodb.put_item(TableName=table, Item=item)


@pytest.fixture
def aws() -> Iterator[Clients]:
    """moto, with nothing in it."""
    with changed_environment(offline_settings("us-east-1")), mock_aws():
        session = boto3.Session(region_name="us-east-1")
        # moto 5.2.5 does not know the account's own endpoint of streams, botocore's first choice.
        plain = Config(account_id_endpoint_mode="disabled")
        names = ("dynamodbstreams", "sqs", "kinesis", "sns", "s3", "events")
        yield Clients(**{name: session.client(name, config=plain) for name in names})


@pytest.fixture(params=["moto", pytest.param("local", marks=pytest.mark.dynamodb_local)])
def streams(request: pytest.FixtureRequest, aws: Clients) -> Iterator[Streams]:
    """Tables in moto, and in DynamoDB Local."""
    if request.param == "moto":
        yield Streams(boto3.client("dynamodb", region_name="us-east-1"), aws.dynamodbstreams)
    else:
        yield from _local(request.getfixturevalue("dynamodb_local"))


@pytest.fixture
def local_streams(dynamodb_local: DynamoDBLocal, aws: Clients) -> Iterator[Streams]:
    """Tables in DynamoDB Local."""
    yield from _local(dynamodb_local)


def _local(engine: DynamoDBLocal) -> Iterator[Streams]:
    before = engine.table_names()
    client = engine.boto3_client()
    session = boto3.Session(
        aws_access_key_id="dynamodbLocal", aws_secret_access_key="dynamodbLocal", region_name="us-east-1"
    )
    streams = session.client("dynamodbstreams", endpoint_url=engine.endpoint_url)
    yield Streams(client, streams)
    engine.reset(keep=before)
    client.close()
    streams.close()


class Queues:
    """Queues of moto."""

    def __init__(self, sqs: Any) -> None:
        self.sqs = sqs

    def create(self, name: str, **attributes: str) -> str:
        """The ARN of a new queue."""
        if name.endswith(".fifo"):
            attributes |= {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
        url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        answer = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return answer["Attributes"]["QueueArn"]

    def url(self, arn: str) -> str:
        return self.sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]

    def send(self, arn: str, body: str, **also: Any) -> None:
        self.sqs.send_message(QueueUrl=self.url(arn), MessageBody=body, **also)

    def receive(self, arn: str) -> list[dict[str, Any]]:
        """All messages, which are gone then."""
        found: list[dict[str, Any]] = []
        while True:
            answer = self.sqs.receive_message(
                QueueUrl=self.url(arn),
                MaxNumberOfMessages=10,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            if not answer.get("Messages"):
                return found
            found += answer["Messages"]
            for message in answer["Messages"]:
                self.sqs.delete_message(QueueUrl=self.url(arn), ReceiptHandle=message["ReceiptHandle"])

    def bodies(self, arn: str) -> list[str]:
        return [message["Body"] for message in self.receive(arn)]


@pytest.fixture
def queues(aws: Clients) -> Queues:
    return Queues(aws.sqs)
