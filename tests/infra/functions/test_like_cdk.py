"""Functions equal, property for property, what the CDK's own constructs make of the same settings.

Roles apart, which are narrower; and the log group, which the CDK makes only where it is asked to.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from dynamodel import RemovalPolicy
from dynamodel.infra.functions import (
    Architecture,
    AsynchronousInvocation,
    Code,
    Cors,
    Function,
    FunctionUrl,
    InvokeMode,
    KinesisSource,
    LogGroup,
    Permission,
    ProvisionedConcurrency,
    QueueSource,
    Runtime,
    StartingPosition,
    StreamSource,
    Tracing,
    UrlAuth,
)
from dynamodel.schema.references import ResourceValue
from tests.infra.functions.models import (
    BUCKET,
    BUS,
    DEAD,
    IMAGE,
    LAYER,
    QUEUE,
    SHARDS,
    TOPIC,
    hello,
    movies,
    template_of,
)
from tests.infra.oracles import synthesise

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

SOURCE = "def handle(event, context):\n    print(event)\n"
ROLE = "arn:aws:iam::111111111111:role/caller"


class Cdk:
    """The constructs of one stack, and what several cases need of it."""

    def __init__(self, stack: Any) -> None:
        from aws_cdk import Duration, aws_lambda, aws_lambda_event_sources

        self.stack, self.lambda_, self.sources, self.seconds = (
            stack,
            aws_lambda,
            aws_lambda_event_sources,
            Duration.seconds,
        )

    def function(self, **settings: Any) -> Any:
        plain: dict[str, Any] = {
            "function_name": "hello",
            "code": self.lambda_.Code.from_inline(SOURCE),
            "handler": "index.handle",
            "runtime": self.lambda_.Runtime.PYTHON_3_13,
        }
        return self.lambda_.Function(self.stack, "F", **plain | settings)

    def table(self) -> Any:
        from aws_cdk import aws_dynamodb as dynamodb

        return dynamodb.Table(
            self.stack,
            "T",
            table_name="Movies",
            partition_key=dynamodb.Attribute(name="movie_id", type=dynamodb.AttributeType.NUMBER),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
        )

    def queue(self, arn: str = QUEUE) -> Any:
        from aws_cdk import aws_sqs

        return aws_sqs.Queue.from_queue_arn(self.stack, arn, arn)

    def topic(self) -> Any:
        from aws_cdk import aws_sns

        return aws_sns.Topic.from_topic_arn(self.stack, "Topic", TOPIC)

    def bucket(self) -> Any:
        from aws_cdk import aws_s3

        return aws_s3.Bucket.from_bucket_arn(self.stack, "Bucket", BUCKET)

    def shards(self) -> Any:
        from aws_cdk import aws_kinesis

        return aws_kinesis.Stream.from_stream_arn(self.stack, "Shards", SHARDS)


def plain(cdk: Cdk) -> None:
    cdk.function()


def every_setting(cdk: Cdk) -> None:
    from aws_cdk import RemovalPolicy as Removal
    from aws_cdk import Size, Tags, aws_logs

    group = aws_logs.LogGroup(
        cdk.stack,
        "L",
        log_group_name="/aws/lambda/hello",
        retention=aws_logs.RetentionDays.ONE_WEEK,
        removal_policy=Removal.DESTROY,
    )
    layer = cdk.lambda_.LayerVersion.from_layer_version_arn(cdk.stack, "Layer", LAYER)
    function = cdk.function(
        memory_size=256,
        timeout=cdk.seconds(30),
        architecture=cdk.lambda_.Architecture.ARM_64,
        environment={"TABLE": cdk.table().table_name, "STAGE": "dev"},
        description="Greets.",
        layers=[layer],
        ephemeral_storage_size=Size.mebibytes(1024),
        tracing=cdk.lambda_.Tracing.ACTIVE,
        reserved_concurrent_executions=5,
        dead_letter_queue=cdk.queue(DEAD),
        log_group=group,
    )
    Tags.of(function).add("team", "films")


def every_default_said(cdk: Cdk) -> None:
    cdk.function(
        memory_size=128,
        timeout=cdk.seconds(3),
        architecture=cdk.lambda_.Architecture.X86_64,
        reserved_concurrent_executions=0,
        dead_letter_topic=cdk.topic(),
    )


def from_s3(cdk: Cdk) -> None:
    from aws_cdk import aws_s3

    bucket = aws_s3.Bucket.from_bucket_name(cdk.stack, "B", "builds")
    cdk.function(
        code=cdk.lambda_.Code.from_bucket_v2(bucket, "app.zip", object_version="v7"),
    )


def image(cdk: Cdk) -> None:
    from aws_cdk import aws_iam, aws_lambda

    service: Any = aws_iam.ServicePrincipal("lambda.amazonaws.com")
    aws_lambda.CfnFunction(  # the L2 construct of an image needs a repository or Docker
        cdk.stack,
        "F",
        function_name="hello",
        role=aws_iam.Role(cdk.stack, "R", assumed_by=service).role_arn,
        package_type="Image",
        code=aws_lambda.CfnFunction.CodeProperty(image_uri=IMAGE),
    )


def open_url(cdk: Cdk) -> None:
    lambda_ = cdk.lambda_
    cdk.function().add_function_url(
        auth_type=lambda_.FunctionUrlAuthType.NONE,
        cors=lambda_.FunctionUrlCorsOptions(
            allowed_origins=["https://example.com"],
            allowed_methods=[lambda_.HttpMethod.GET],
            allowed_headers=["x-a"],
            exposed_headers=["x-b"],
            allow_credentials=True,
            max_age=cdk.seconds(60),
        ),
        invoke_mode=lambda_.InvokeMode.RESPONSE_STREAM,
    )


def private_url(cdk: Cdk) -> None:
    cdk.function().add_function_url()


def url_for_a_role(cdk: Cdk) -> None:
    from aws_cdk import aws_iam

    cdk.function().add_function_url().grant_invoke_url(aws_iam.ArnPrincipal(ROLE))


def url_of_an_alias(cdk: Cdk) -> None:
    alias = cdk.function().add_alias("live", provisioned_concurrent_executions=2)
    alias.add_function_url(auth_type=cdk.lambda_.FunctionUrlAuthType.NONE)


def permissions(cdk: Cdk) -> None:
    from aws_cdk import aws_iam

    function = cdk.function()
    service = aws_iam.ServicePrincipal("s3.amazonaws.com")
    function.add_permission("A", principal=service, source_arn=BUCKET, source_account="1" * 12)
    function.add_permission("B", principal=aws_iam.AccountPrincipal("2" * 12))
    function.add_permission("C", principal=aws_iam.OrganizationPrincipal("o-1234567890"))


def asynchronous(cdk: Cdk) -> None:
    from aws_cdk import aws_events, aws_lambda_destinations

    bus = aws_events.EventBus.from_event_bus_arn(cdk.stack, "Bus", BUS)
    cdk.function(
        retry_attempts=0,
        max_event_age=cdk.seconds(60),
        on_failure=aws_lambda_destinations.SqsDestination(cdk.queue(DEAD)),
        on_success=aws_lambda_destinations.EventBridgeDestination(bus),
    )


def asynchronous_to_sns_and_s3(cdk: Cdk) -> None:
    from aws_cdk import aws_lambda_destinations

    cdk.function(
        on_failure=aws_lambda_destinations.S3Destination(cdk.bucket()),
        on_success=aws_lambda_destinations.SnsDestination(cdk.topic()),
    )


def stream(cdk: Cdk) -> None:
    latest = cdk.lambda_.StartingPosition.LATEST
    cdk.function().add_event_source(cdk.sources.DynamoEventSource(cdk.table(), starting_position=latest))


def stream_with_everything(cdk: Cdk) -> None:
    from aws_cdk import Tags

    lambda_ = cdk.lambda_
    function = cdk.function()
    function.add_event_source(
        cdk.sources.DynamoEventSource(
            cdk.table(),
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=10,
            max_batching_window=cdk.seconds(5),
            bisect_batch_on_error=True,
            retry_attempts=3,
            max_record_age=cdk.seconds(60),
            parallelization_factor=2,
            report_batch_item_failures=True,
            on_failure=cdk.sources.SqsDlq(cdk.queue(DEAD)),
            enabled=False,
            filters=[
                lambda_.FilterCriteria.filter(
                    {
                        "eventName": lambda_.FilterRule.is_equal("INSERT"),
                        "dynamodb": {"NewImage": {"title": {"S": lambda_.FilterRule.begins_with("A")}}},
                    }
                )
            ],
        )
    )
    Tags.of(function).add("team", "films")


def queue(cdk: Cdk) -> None:
    cdk.function().add_event_source(cdk.sources.SqsEventSource(cdk.queue()))


def queue_with_everything(cdk: Cdk) -> None:
    cdk.function().add_event_source(
        cdk.sources.SqsEventSource(
            cdk.queue(),
            batch_size=50,
            max_batching_window=cdk.seconds(5),
            max_concurrency=5,
            report_batch_item_failures=True,
            filters=[cdk.lambda_.FilterCriteria.filter({"body": {"kind": ["new"]}})],
        )
    )


def shards(cdk: Cdk) -> None:
    cdk.function().add_event_source(
        cdk.sources.KinesisEventSource(
            cdk.shards(),
            starting_position=cdk.lambda_.StartingPosition.AT_TIMESTAMP,
            starting_position_timestamp=1767225600,
            tumbling_window=cdk.seconds(60),
            on_failure=cdk.sources.SnsDlq(cdk.topic()),
        )
    )


def provisioned(cdk: Cdk) -> None:
    cdk.function().add_alias("live", provisioned_concurrent_executions=2)


CASES: list[tuple[Callable[[Cdk], None], dict[str, Any]]] = [
    (plain, {}),
    (
        every_setting,
        {
            "memory": 256,
            "timeout": timedelta(seconds=30),
            "architecture": Architecture.ARM_64,
            "environment": {"TABLE": ResourceValue(movies, "Ref"), "STAGE": "dev"},
            "description": "Greets.",
            "layers": [LAYER],
            "ephemeral_storage": 1024,
            "tracing": Tracing.ACTIVE,
            "reserved_concurrency": 5,
            "dead_letter_queue": DEAD,
            "log_group": LogGroup(7, removal_policy=RemovalPolicy.DESTROY),
            "tags": {"team": "films"},
        },
    ),
    (
        every_default_said,
        {
            "memory": 128,
            "timeout": timedelta(seconds=3),
            "architecture": Architecture.X86_64,
            "reserved_concurrency": 0,
            "dead_letter_queue": TOPIC,
        },
    ),
    (from_s3, {"code": Code.s3("builds", "app.zip", "v7")}),
    (image, {"code": Code.image(IMAGE), "handler": None}),
    (
        open_url,
        {
            "url": FunctionUrl(
                UrlAuth.NONE,
                cors=Cors(
                    ["https://example.com"],
                    methods=["GET"],
                    headers=["x-a"],
                    exposed_headers=["x-b"],
                    credentials=True,
                    max_age=timedelta(seconds=60),
                ),
                invoke_mode=InvokeMode.RESPONSE_STREAM,
            )
        },
    ),
    (private_url, {"url": FunctionUrl()}),
    (url_for_a_role, {"url": FunctionUrl(callers=[ROLE])}),
    (
        url_of_an_alias,
        {"url": FunctionUrl(UrlAuth.NONE, alias="live"), "provisioned": ProvisionedConcurrency("live", 2)},
    ),
    (
        permissions,
        {
            "permissions": [
                Permission("s3.amazonaws.com", source_arn=BUCKET, source_account="1" * 12),
                Permission("2" * 12),
                Permission("*", organization="o-1234567890"),
            ]
        },
    ),
    (
        asynchronous,
        {
            "asynchronous": AsynchronousInvocation(
                max_retries=0, max_age=timedelta(seconds=60), on_failure=DEAD, on_success=BUS
            )
        },
    ),
    (
        asynchronous_to_sns_and_s3,
        {"asynchronous": AsynchronousInvocation(on_failure=BUCKET, on_success=TOPIC)},
    ),
    (stream, {"sources": [StreamSource(movies)]}),
    (
        stream_with_everything,
        {
            "tags": {"team": "films"},
            "sources": [
                StreamSource(
                    movies,
                    starting_position=StartingPosition.TRIM_HORIZON,
                    batch_size=10,
                    window=timedelta(seconds=5),
                    bisect_on_error=True,
                    max_retries=3,
                    max_age=timedelta(seconds=60),
                    parallelisation=2,
                    partial_batch_responses=True,
                    on_failure=DEAD,
                    enabled=False,
                    filters=[
                        {
                            "eventName": ["INSERT"],
                            "dynamodb": {"NewImage": {"title": {"S": [{"prefix": "A"}]}}},
                        }
                    ],
                )
            ],
        },
    ),
    (queue, {"sources": [QueueSource(QUEUE)]}),
    (
        queue_with_everything,
        {
            "sources": [
                QueueSource(
                    QUEUE,
                    batch_size=50,
                    window=timedelta(seconds=5),
                    max_concurrency=5,
                    partial_batch_responses=True,
                    filters=[{"body": {"kind": ["new"]}}],
                )
            ]
        },
    ),
    (
        shards,
        {
            "sources": [
                KinesisSource(
                    SHARDS,
                    starting_position=StartingPosition.AT_TIMESTAMP,
                    starting_time=datetime(2026, 1, 1, tzinfo=UTC),
                    tumbling_window=timedelta(seconds=60),
                    on_failure=TOPIC,
                )
            ]
        },
    ),
    (provisioned, {"provisioned": ProvisionedConcurrency("live", 2)}),
]


@pytest.mark.parametrize(("build", "settings"), CASES, ids=[build.__name__ for build, _ in CASES])
def test_as_the_cdk_has_it(cdk: ModuleType, build: Callable[[Cdk], None], settings: dict[str, Any]) -> None:
    theirs = synthesise(lambda stack: build(Cdk(stack)))
    ours = template_of(hello(**settings))
    said = "log_group" in settings
    assert _lambda_resources(ours, logs=said) == _lambda_resources(theirs, logs=said)


def test_a_function_as_destination(cdk: ModuleType) -> None:
    def build(stack: Any) -> None:
        from aws_cdk import aws_lambda_destinations

        given = Cdk(stack)
        receiver = given.lambda_.Function(
            stack,
            "R",
            function_name="receiver",
            code=given.lambda_.Code.from_inline(SOURCE),
            handler="index.handle",
            runtime=given.lambda_.Runtime.PYTHON_3_13,
        )
        given.function(on_success=aws_lambda_destinations.LambdaDestination(receiver))

    receiver = Function(
        "receiver", code=Code.inline(SOURCE), handler="index.handle", runtime=Runtime.PYTHON_3_13
    )
    sender = hello(asynchronous=AsynchronousInvocation(on_success=receiver))
    assert _lambda_resources(template_of(receiver, sender)) == _lambda_resources(synthesise(build))


def _lambda_resources(template: dict[str, Any], *, logs: bool = False) -> list[str]:
    """The resources of Lambda, and the log group if asked for, under names that both templates share.

    A resource is called by its type and by the name that it has in AWS, if any.
    """
    names = {name: _shared_name(each) for name, each in template["Resources"].items()}
    kinds = ("AWS::Lambda::", "AWS::Logs::") if logs else ("AWS::Lambda::",)
    found = []
    for each in template["Resources"].values():
        if each["Type"].startswith(kinds):
            text = json.dumps([each["Type"], each.get("DeletionPolicy"), each["Properties"]], sort_keys=True)
            for name, shared in names.items():
                text = re.sub(rf'"{name}"', json.dumps(shared), text)
            found.append(text)
    return sorted(found)


def _shared_name(resource: dict[str, Any]) -> str:
    properties = resource.get("Properties", {})
    given = [properties.get(name) for name in ("FunctionName", "TableName", "Name")]
    return " ".join([resource["Type"], *(each for each in given if isinstance(each, str))])
