"""References as they are on this machine."""

import pytest

from dynamodel import Table
from dynamodel.errors import RequestError
from dynamodel.infra import arn_of, name_of, stream_arn_of
from dynamodel.infra.functions import Code, Function, Queue, Topic
from dynamodel.schema.references import GetAtt, ImportValue, Parameter, Ref, Sub
from dynamodel.testing.local_lambda.resolving import Resolver

TABLE = Table("Movies", deployed_name=Sub("Movies-${Stage}", Stage=Parameter("Stage")))
FUNCTION = Function("hello", code=Code.folder("x"), handler="a.b")


class Engine:
    account = "999999999999"

    def stream_arn(self, table):
        return f"the stream of {table}"


@pytest.fixture
def resolver():
    return Resolver(Engine(), {"Stage": "dev", "AWS::StackName": "mine"})


ARN = "arn:aws:sqs:us-east-1:999999999999:jobs"

TEXTS = [
    ("plain", "plain"),
    (Parameter("Stage"), "dev"),
    (Parameter("Other", default="x"), "x"),
    (Ref("AWS::Region"), "us-east-1"),
    (Ref("AWS::AccountId"), "999999999999"),
    (Ref("AWS::StackName"), "mine"),
    (Sub("${AWS::Partition}-${S}-${!x}", S=Parameter("Stage")), "aws-dev-${x}"),
    (name_of(TABLE), "Movies-dev"),
    (arn_of(TABLE), "arn:aws:dynamodb:us-east-1:999999999999:table/Movies-dev"),
    (stream_arn_of(TABLE), "the stream of Movies-dev"),
    (name_of(FUNCTION), "hello"),
    (arn_of(FUNCTION), "arn:aws:lambda:us-east-1:999999999999:function:hello"),
]


@pytest.mark.parametrize(("value", "text"), TEXTS)
def test_a_reference_has_its_text(resolver, value, text):
    assert resolver.text(value, "here") == text


@pytest.mark.parametrize(
    ("value", "local"),
    [
        ("arn:aws:sqs:eu-west-1:123456789012:jobs", ARN),
        ("arn:aws-cn:sqs:cn-north-1:123456789012:jobs", ARN),
        (Sub("arn:aws:sqs:${AWS::Region}:123456789012:jobs"), ARN),
        ("arn:aws:s3:::bucket", "arn:aws:s3:::bucket"),
        (  # of DynamoDB Local, which knows its streams by these names alone
            "arn:aws:dynamodb:ddblocal:000000000000:table/Movies/stream/2026-11-27T07:57:27.790",
            "arn:aws:dynamodb:ddblocal:000000000000:table/Movies/stream/2026-11-27T07:57:27.790",
        ),
        ("see arn:aws:sqs:eu-west-1:123456789012:jobs", "see arn:aws:sqs:eu-west-1:123456789012:jobs"),
        ("jobs", "jobs"),
    ],
)
def test_arns_become_local(resolver, value, local):
    assert resolver.local(value, "here") == local


def test_destinations_have_local_arns(resolver):
    assert resolver.destination(Queue("arn:aws:sqs:eu-west-1:123456789012:jobs"), "here") == ARN
    topic = Topic(Sub("arn:aws:sns:us-east-1:${A}:t", A=Ref("AWS::AccountId")))
    assert resolver.destination(topic, "here") == "arn:aws:sns:us-east-1:999999999999:t"
    assert resolver.destination(FUNCTION, "here") == "arn:aws:lambda:us-east-1:999999999999:function:hello"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (GetAtt("Other", "Arn"), "here: GetAtt.*is known to CloudFormation only"),
        (ImportValue("x"), "here: ImportValue of 'x' is known to CloudFormation only"),
        (Ref("Other"), "here: Ref of 'Other' is known to CloudFormation only"),
        (Parameter("Missing"), "here: the parameter 'Missing' has no default"),
        (Sub("${X}", X=Parameter("Missing")), "here: the parameter 'Missing' has no default"),
        (Parameter("Stage", allowed_values=["prod"]), "here: the parameter 'Stage' does not take the value"),
    ],
)
def test_what_only_a_deployment_knows_is_an_error(resolver, value, message):
    with pytest.raises(RequestError, match=message) as error:
        resolver.text(value, "here")
    assert "dev" not in str(error.value)
