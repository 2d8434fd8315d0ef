"""Destinations: each kind gets its message, and one that is not there is told."""

from __future__ import annotations

import json

import boto3
import pytest
from moto import mock_aws

from dynamodel.testing.environment import changed_environment, offline_settings
from dynamodel.testing.local_lambda.destinations import Clients, DeliveryError, Message, send

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:handler"
MESSAGE = Message(
    text='{"a": "ü"}',
    function_arn=FUNCTION,
    folder="async/handler",
    attributes={"RequestID": "42", "ErrorCode": 200, "ErrorMessage": "ä" * 2000},
)


@pytest.fixture
def clients():
    with changed_environment(offline_settings("us-east-1")), mock_aws():
        session = boto3.Session(region_name="us-east-1")
        yield Clients(**{name: session.client(name) for name in ("sqs", "sns", "s3", "events")})


def queue(clients, name="dead"):
    url = clients.sqs.create_queue(QueueName=name)["QueueUrl"]
    attributes = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    return url, attributes["QueueArn"]


def received(clients, url):
    answer = clients.sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])
    [message] = answer["Messages"]
    return message


def test_a_queue_gets_the_text_with_its_attributes(clients):
    url, arn = queue(clients)
    send(arn, MESSAGE, clients)
    message = received(clients, url)
    assert message["Body"] == '{"a": "ü"}'
    attributes = message["MessageAttributes"]
    assert attributes["RequestID"] == {"DataType": "String", "StringValue": "42"}
    assert attributes["ErrorCode"] == {"DataType": "Number", "StringValue": "200"}
    assert attributes["ErrorMessage"]["StringValue"] == "ä" * 512, "1 KB of UTF-8"


def test_a_topic_publishes_it(clients):
    url, arn = queue(clients)
    topic = clients.sns.create_topic(Name="news")["TopicArn"]
    clients.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    send(topic, MESSAGE, clients)
    envelope = json.loads(received(clients, url)["Body"])
    assert envelope["Message"] == '{"a": "ü"}'
    assert envelope["MessageAttributes"]["RequestID"] == {"Type": "String", "Value": "42"}


def test_a_bucket_keeps_it_under_the_day(clients):
    clients.s3.create_bucket(Bucket="failures")
    send("arn:aws:s3:::failures", MESSAGE, clients)
    send("arn:aws:s3:::failures", MESSAGE, clients)
    names = [each["Key"] for each in clients.s3.list_objects_v2(Bucket="failures")["Contents"]]
    assert len(names) == 2
    for name in names:
        assert name.startswith("aws/lambda/async/handler/2")
        assert clients.s3.get_object(Bucket="failures", Key=name)["Body"].read() == MESSAGE.text.encode()


@pytest.mark.parametrize(("is_success", "end"), [(True, "Success"), (False, "Failure")])
def test_an_event_bus_gets_an_event_of_lambda(clients, is_success, end):
    bus = clients.events.create_event_bus(Name="main")["EventBusArn"]
    sent = []
    clients.events.meta.events.register(
        "provide-client-params.events.PutEvents", lambda params, **_: sent.extend(params["Entries"])
    )
    message = Message(text='{"a": 1}', function_arn=FUNCTION, folder="x", is_success=is_success)
    send(bus, message, clients)
    [event] = sent
    assert event["EventBusName"] == bus
    assert event["Source"] == "lambda"
    assert event["DetailType"] == f"Lambda Function Invocation Result - {end}"
    assert json.loads(event["Detail"]) == {"a": 1}
    assert FUNCTION in event["Resources"]


def test_a_function_gets_it_as_its_event():
    calls = []
    clients = Clients(invoke_asynchronously=lambda function, event: calls.append((function, event)))
    send(FUNCTION, MESSAGE, clients)
    assert calls == [(FUNCTION, MESSAGE.text.encode())]


@pytest.mark.parametrize(
    ("arn", "told"),
    [
        ("arn:aws:sqs:us-east-1:123456789012:nowhere", "did not take a message"),
        ("arn:aws:sns:us-east-1:123456789012:nowhere", "did not take a message"),
        ("arn:aws:s3:::nowhere", "did not take a message: NoSuchBucket"),
        (FUNCTION, "no function can be invoked"),
        ("arn:aws:dynamodb:us-east-1:123456789012:table/a", "must be of sqs, sns"),
        ("nonsense", "must be of sqs, sns"),
    ],
)
def test_what_cannot_be_delivered_is_told_without_the_text(clients, arn, told):
    with pytest.raises(DeliveryError, match=told) as raised:
        send(arn, MESSAGE, clients)
    assert "ü" not in str(raised.value)


def test_a_client_that_is_missing_is_named():
    with pytest.raises(DeliveryError, match="'sqs'"):
        send("arn:aws:sqs:us-east-1:123456789012:dead", MESSAGE, Clients())
