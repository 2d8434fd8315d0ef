"""What the CDK is no oracle of: the role, the log group, references, versions; and cfn-lint's word."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from dynamodel import Parameter, Sub
from dynamodel.errors import DeclarationError
from dynamodel.infra.filters import Changes, matches
from dynamodel.infra.functions import (
    AsynchronousInvocation,
    Bucket,
    Code,
    Cors,
    FunctionUrl,
    KinesisSource,
    LogGroup,
    Permission,
    ProvisionedConcurrency,
    Queue,
    QueueSource,
    StreamSource,
    Tracing,
    UrlAuth,
)
from dynamodel.infra.functions.compiling import filter_texts
from dynamodel.infra.iam import policy
from dynamodel.schema.references import ResourceValue
from tests.infra.functions.models import (
    BUCKET,
    BUS,
    DEAD,
    LAYER,
    QUEUE,
    SHARDS,
    TOPIC,
    Movie,
    hello,
    movies,
    only,
    template_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

LOGS = {
    "Effect": "Allow",
    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
    "Resource": [{"Fn::GetAtt": ["Function0Logs", "Arn"]}],
}
TABLE = {"Fn::GetAtt": ["MoviesTable", "Arn"]}
STREAM = {"Fn::GetAtt": ["MoviesTable", "StreamArn"]}
EXTRA = {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}


def statements(**settings: Any) -> list[dict[str, Any]]:
    """What the role allows beside the function's logs."""
    role = only(template_of(hello(**settings)), "AWS::IAM::Role")
    assert "ManagedPolicyArns" not in role
    [inline] = role["Policies"]
    first, *others = inline["PolicyDocument"]["Statement"]
    assert first == LOGS
    return others


def allowed(actions: str, resource: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions.split(), "Resource": [resource]}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, []),
        ({"patterns": [Movie.by_id.get]}, [allowed("dynamodb:GetItem", TABLE)]),
        (
            {"sources": [StreamSource(Movie)]},
            [
                allowed("dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator", STREAM),
                allowed("dynamodb:ListStreams", "*"),
            ],
        ),
        (
            {"sources": [QueueSource(QUEUE)]},
            [allowed("sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage", QUEUE)],
        ),
        ({"dead_letter_queue": TOPIC}, [allowed("sns:Publish", TOPIC)]),
        (
            {
                "dead_letter_queue": DEAD,
                "asynchronous": AsynchronousInvocation(on_success=BUS, on_failure=DEAD),
            },
            [allowed("sqs:SendMessage", DEAD), allowed("events:PutEvents", BUS)],
        ),
        (
            {"asynchronous": AsynchronousInvocation(on_failure=BUCKET)},
            [allowed("s3:ListBucket", BUCKET), allowed("s3:PutObject", f"{BUCKET}/*")],
        ),
        (
            {"tracing": Tracing.ACTIVE},
            [allowed("xray:PutTelemetryRecords xray:PutTraceSegments", "*")],
        ),
        ({"statements": [EXTRA]}, [EXTRA]),
        ({"statements": policy([Movie.by_id.delete]).statements}, [allowed("dynamodb:DeleteItem", TABLE)]),
    ],
    ids=lambda value: "-".join(value) or "nothing" if isinstance(value, dict) else "",
)
def test_the_role_allows_what_is_declared(settings: dict[str, Any], expected: list[dict[str, Any]]) -> None:
    assert statements(**settings) == expected


def test_a_consumer_of_a_kinesis_stream() -> None:
    stream, consumer = statements(sources=[KinesisSource(f"{SHARDS}/consumer/me:12")])
    assert stream["Resource"] == [SHARDS]
    assert consumer == allowed("kinesis:SubscribeToShard", f"{SHARDS}/consumer/me:12")


def test_only_lambda_has_the_role() -> None:
    role = only(template_of(hello()), "AWS::IAM::Role")
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
        }
    ]


def test_the_log_group_is_there_before_the_function() -> None:
    template = template_of(hello())
    assert only(template, "AWS::Logs::LogGroup") == {"LogGroupName": "/aws/lambda/hello"}
    assert template["Resources"]["Function0"]["DependsOn"] == ["Function0Logs"]


def test_what_deployment_fills_in() -> None:
    stage = Parameter("Stage")
    dead = Queue(Parameter("DeadArn"))
    function = hello(
        deployed_name=Sub("hello-${Stage}", Stage=stage),
        environment={"TABLE": ResourceValue(movies, "Ref"), "STAGE": stage},
        dead_letter_queue=dead,
        asynchronous=AsynchronousInvocation(on_failure=Bucket(Parameter("BucketArn"))),
    )
    template = template_of(function)
    properties = only(template, "AWS::Lambda::Function")
    assert list(template["Parameters"]) == ["DeadArn", "BucketArn", "Stage"]
    assert properties["FunctionName"] == {"Fn::Sub": "hello-${Stage}"}
    assert properties["Environment"]["Variables"] == {
        "TABLE": {"Ref": "MoviesTable"},
        "STAGE": {"Ref": "Stage"},
    }
    assert properties["DeadLetterConfig"] == {"TargetArn": {"Ref": "DeadArn"}}
    assert only(template, "AWS::Logs::LogGroup")["LogGroupName"] == {
        "Fn::Sub": ["/aws/lambda/${Name}", {"Name": {"Fn::Sub": "hello-${Stage}"}}]
    }


def test_another_version_has_another_id() -> None:
    def version(**settings: Any) -> str:
        template = template_of(hello(provisioned=ProvisionedConcurrency("live", 1), **settings))
        kinds = {each["Type"]: name for name, each in template["Resources"].items()}
        return kinds["AWS::Lambda::Version"]

    assert version() == version()
    assert version() != version(memory=256)
    assert version() != version(code=Code.s3("builds", "app.zip", "v2"))


def test_a_filter_is_what_it_says() -> None:
    changes = Changes(Movie, kinds=["INSERT"], new=Movie.title == "Brazil")
    source = StreamSource(Movie, filters=[changes])
    assert len(filter_texts(source)) == 1
    record = {"eventName": "INSERT", "dynamodb": {"NewImage": {"title": {"S": "Brazil"}}}}
    [pattern] = changes.patterns()
    assert matches(pattern, record)


def test_a_table_that_is_not_in_the_template() -> None:
    from dynamodel import StreamViewType, Table

    other = Table("Other", partition_key="pk", stream=StreamViewType.KEYS_ONLY)
    with pytest.raises(DeclarationError, match="Other"):
        template_of(hello(sources=[StreamSource(other)]))


def test_cfn_lint_has_nothing_to_say(lint: Callable[[dict[str, Any]], list[str]]) -> None:
    receiver = hello(name="receiver", url=FunctionUrl())
    full = hello(
        name="full",
        memory=1769,
        timeout=timedelta(seconds=30),
        layers=[LAYER],
        environment={"TABLE": ResourceValue(movies, "Ref")},
        patterns=[Movie.by_id.get, Movie.put],
        url=FunctionUrl(UrlAuth.NONE, cors=Cors(["*"], methods=["GET"]), alias="live"),
        permissions=[Permission("s3.amazonaws.com", source_arn=BUCKET, source_account="1" * 12)],
        reserved_concurrency=5,
        provisioned=ProvisionedConcurrency("live", 2),
        asynchronous=AsynchronousInvocation(max_retries=1, on_success=receiver, on_failure=BUCKET),
        dead_letter_queue=DEAD,
        sources=[
            StreamSource(
                Movie,
                filters=[Changes(Movie, kinds=["INSERT"], new=Movie.rating >= 3)],
                partial_batch_responses=True,
                on_failure=DEAD,
            ),
            QueueSource(QUEUE, max_concurrency=5, alias="live"),
            KinesisSource(SHARDS, tumbling_window=timedelta(seconds=60)),
        ],
        log_group=LogGroup(30),
        tags={"team": "films"},
    )
    assert lint(template_of(receiver, full)) == []
