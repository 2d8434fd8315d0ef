"""The execution role of one function: what it does, and nothing beside it.

Not AWS's managed policy AWSLambdaBasicExecutionRole, which allows to write to every log group.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dynamodel.errors import DeclarationError, Fault
from dynamodel.infra.functions.destinations import Bucket, Destination, destination
from dynamodel.infra.functions.sources import KinesisSource, QueueSource, StreamSource
from dynamodel.infra.iam import Statement, policy, stream_statements, template_arns
from dynamodel.infra.iam.policy import INLINE_POLICY_CHARACTERS
from dynamodel.infra.template import Resource
from dynamodel.schema import shapes
from dynamodel.schema.references import GetAtt, Sub, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamodel.infra.functions.declaration import Declaration
    from dynamodel.infra.functions.sources import Source
    from dynamodel.infra.template import Scope

__all__ = ["destinations_of", "role_resource", "role_statements", "table_statements"]

_SEND = {
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "events": "events:PutEvents",
    "s3": "s3:PutObject",
    "lambda": "lambda:InvokeFunction",
}
"""AWS Lambda developer guide: permissions for destinations, and for dead-letter queues."""

_RECEIVE = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
"""The same: using Lambda with Amazon SQS, execution role permissions."""

_READ_KINESIS = (
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
)
"""The same: Kinesis. A consumer has its own action, SubscribeToShard, beside them."""

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
        }
    ],
}


def role_resource(function: Declaration, scope: Scope, log_group: str) -> Resource:
    """The role, with its statements inline.

    Args:
        function: whose role it is.
        scope: of the template.
        log_group: the logical id of the function's log group.
    """
    statements = role_statements(function, scope, log_group)
    properties: dict[str, Any] = {
        "AssumeRolePolicyDocument": _TRUST,
        "Policies": [
            {
                "PolicyName": "function",
                "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
            }
        ],
    }
    if function.tags:
        properties["Tags"] = scope.render(shapes.tags(function.tags))
    return Resource("AWS::IAM::Role", properties)


def role_statements(function: Declaration, scope: Scope, log_group: str) -> list[dict[str, Any]]:
    """What the role allows, each statement once."""
    arns = template_arns(scope)
    found: list[dict[str, Any]] = []
    for given in (*_own_statements(function, log_group), *function.statements):
        rendered = given.to_dict(arns) if isinstance(given, Statement) else scope.render(given)
        if rendered not in found:
            found.append(rendered)
    size = len(json.dumps(found, separators=(",", ":")))
    if size > INLINE_POLICY_CHARACTERS:
        rule = (
            f"a role's own policies have at most {INLINE_POLICY_CHARACTERS:,} characters, found about "
            f"{size:,}; divide the function"
        )
        raise DeclarationError([Fault(f"Function {function.name!r}.patterns", rule)])
    return found


def _own_statements(function: Declaration, log_group: str) -> Iterator[Statement | dict[str, Any]]:
    # The ARN that CloudFormation gives for a log group ends in `:*`: all of its log streams.
    yield _allow(("logs:CreateLogStream", "logs:PutLogEvents"), GetAtt(log_group, "Arn"))
    if function.tracing is not None:
        yield _allow(("xray:PutTelemetryRecords", "xray:PutTraceSegments"), "*")
    yield from table_statements(function)
    for source in function.sources:
        yield from _source_statements(source)
    for each in destinations_of(function):
        yield from _send_statements(each)


def _allow(actions: tuple[str, ...], resource: Text) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": [resource]}


def table_statements(function: Declaration) -> tuple[Statement, ...]:
    """What the function needs of tables and their streams: for its patterns, and for its event sources."""
    statements = list(policy(function.access_patterns).statements)
    for source in function.sources:
        if isinstance(source, StreamSource):
            statements += [each for each in stream_statements(source.table) if each not in statements]
    return tuple(statements)


def _source_statements(source: Source) -> Iterator[dict[str, Any]]:
    match source:
        case QueueSource():
            yield _allow(_RECEIVE, source.arn)
        case KinesisSource(arn=str(arn)) if "/consumer/" in arn:
            yield _allow(_READ_KINESIS, arn.split("/consumer/")[0])
            yield _allow(("kinesis:SubscribeToShard",), arn)
        case KinesisSource():
            yield _allow(_READ_KINESIS, source.arn)


def destinations_of(function: Declaration) -> Iterator[Destination]:
    """To what Lambda sends in the function's name."""
    given = [function.dead_letter_queue]
    if function.asynchronous is not None:
        given += [function.asynchronous.on_success, function.asynchronous.on_failure]
    given += [source.on_failure for source in function.sources if not isinstance(source, QueueSource)]
    for each in given:
        if each is not None:
            yield destination(each)


def _send_statements(to: Destination) -> Iterator[dict[str, Any]]:
    if isinstance(to, Bucket):
        yield _allow(("s3:ListBucket",), to.target)
        objects = f"{to.arn}/*" if isinstance(to.arn, str) else Sub("${Bucket}/*", Bucket=to.arn)
        yield _allow((_SEND["s3"],), objects)
    else:
        yield _allow((_SEND[to.kind],), to.target)
