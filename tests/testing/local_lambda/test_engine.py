"""The services around functions."""

import os
import sys
import urllib.request

import boto3
import pytest

from dynamodel.errors import MissingExtraError, RequestError
from dynamodel.testing.local_lambda.engine import Engine


@pytest.fixture(scope="module")
def engine():
    engine = Engine()
    engine.start()
    yield engine
    engine.stop()


def arn(engine, service, name):
    return f"arn:aws:{service}:us-east-1:{engine.account}:{name}"


CREATED = {
    "sqs": ("jobs", lambda client: client.list_queues()["QueueUrls"], "jobs"),
    "a FIFO queue": ("jobs.fifo", lambda client: client.list_queues()["QueueUrls"], "jobs.fifo"),
    "sns": ("news", lambda client: client.list_topics()["Topics"], "news"),
    "s3": ("box", lambda client: client.list_buckets()["Buckets"], "box"),
    "events": ("event-bus/ours", lambda client: client.list_event_buses()["EventBuses"], "ours"),
    "kinesis": ("stream/flow", lambda client: client.list_streams()["StreamNames"], "flow"),
}


@pytest.mark.parametrize("kind", CREATED)
def test_what_an_arn_names_is_created_once(engine, kind):
    name, listed, expected = CREATED[kind]
    service = "sqs" if kind.startswith("a ") else kind
    whole = f"arn:aws:s3:::{name}" if service == "s3" else arn(engine, service, name)
    engine.create(whole)
    engine.create(whole)
    found = str(listed(engine.client(service)))
    assert found.count(f"{expected}'") >= 1
    engine.create(arn(engine, "lambda", "function:f"))
    engine.create(arn(engine, "events", "event-bus/default"))


def test_the_visibility_timeout_of_a_source_counts_whoever_names_the_queue_first(engine):
    queue = arn(engine, "sqs", "seen")
    engine.create(queue)
    engine.create(queue, visibility_seconds=77)
    sqs = engine.client("sqs")
    url = sqs.get_queue_url(QueueName="seen")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    assert attributes == {"VisibilityTimeout": "77"}


def test_messages_are_seen_and_not_taken(engine):
    engine.create(arn(engine, "sqs", "letters"))
    sqs = engine.client("sqs")
    url = sqs.get_queue_url(QueueName="letters")["QueueUrl"]
    attribute = {"DataType": "Number", "StringValue": "5"}
    for number in range(15):
        sqs.send_message(QueueUrl=url, MessageBody=str(number), MessageAttributes={"A": attribute})
    for name in ("letters", arn(engine, "sqs", "letters")):
        messages = engine.messages(name)
        assert [message.body for message in messages] == [str(number) for number in range(15)]
        assert messages[0].attributes == {"A": "5"}
    with pytest.raises(RequestError, match="no queue 'others'"):
        engine.messages("others")


def test_a_stream_that_is_not_there_is_an_error(engine):
    assert not engine.has_table("Nothing")
    with pytest.raises(RequestError, match=r"no stream of Nothing yet; call create_tables\(\)"):
        engine.stream_arn("Nothing")


def test_boto3_in_this_process_sees_the_same(engine):
    engine.create(arn(engine, "sqs", "both"))
    assert boto3.client("sqs").get_queue_url(QueueName="both")["QueueUrl"].endswith("/both")


def test_two_at_once_share_nothing(engine):
    engine.create(arn(engine, "sqs", "mine"))
    other = Engine()
    other.start()
    with pytest.raises(RequestError):
        other.messages("mine")
    other.stop()
    assert engine.messages("mine") == ()


def test_the_environment_is_as_it_was(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "mine")
    before = dict(os.environ)
    engine = Engine()
    engine.start()
    assert "AWS_PROFILE" not in os.environ
    variables = engine.variables()
    engine.stop()
    assert dict(os.environ) == before
    assert variables["AWS_CONFIG_FILE"] == variables["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert variables["AWS_ENDPOINT_URL_DYNAMODB"] == variables["AWS_ENDPOINT_URL"]


def test_a_proxy_of_the_developer_is_passed_by(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "example.com")
    before = dict(os.environ)
    engine = Engine()
    engine.start()
    assert not engine.has_table("Nothing")
    assert urllib.request.proxy_bypass("example.com")
    engine.stop()
    assert dict(os.environ) == before


@pytest.mark.parametrize("there", ["nobody", "another program"])
def test_where_no_dynamodb_answers_it_says_so(engine, there):
    url = "http://127.0.0.1:9" if there == "nobody" else f"{engine.url}/moto-api"
    other = Engine(url)
    other.start()
    for ask in (other.has_table, other.stream_arn):
        with pytest.raises(RequestError, match=f"{url} does not answer as a DynamoDB does"):
            ask("Movies")
    other.stop()


def test_dynamodb_may_be_elsewhere():
    engine = Engine("http://localhost:8000")
    engine.start()
    assert engine.variables()["AWS_ENDPOINT_URL_DYNAMODB"] == "http://localhost:8000"
    assert engine.variables()["AWS_ENDPOINT_URL"] == engine.url
    for service in ("dynamodb", "dynamodbstreams"):
        assert engine.client(service).meta.endpoint_url == "http://localhost:8000"
    assert engine.client("sqs").meta.endpoint_url == engine.url
    engine.stop()


@pytest.mark.parametrize("missing", ["moto", "moto.moto_server.werkzeug_app"])
def test_without_the_extra_it_says_so(monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    before = dict(os.environ)
    with pytest.raises(MissingExtraError, match=r"dynamodel-orm\[local\]"):
        Engine().start()
    assert dict(os.environ) == before
