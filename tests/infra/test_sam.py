"""A stack as a SAM template: the functions under SAM's names, everything else as it was."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from dynamodel import Parameter, Table
from dynamodel.infra import (
    Code,
    Function,
    FunctionUrl,
    Queue,
    Stack,
    Topic,
    Tracing,
    UrlAuth,
    cloudformation,
    name_of,
    sam,
)

if TYPE_CHECKING:
    from collections.abc import Callable

notes = Table("Notes", partition_key="pk")
INLINE = Code.inline("def handler(event, context): pass\n")


def function(**settings: Any) -> Function:
    given: dict[str, Any] = {"handler": "index.handler", "code": INLINE} | settings
    return Function("notes", **given)


def serverless(**settings: Any) -> dict[str, Any]:
    template = sam(Stack(notes, function(**settings)))
    body: dict[str, Any] = template["Resources"]["NotesFunction"]
    assert body["Type"] == "AWS::Serverless::Function"
    properties: dict[str, Any] = body["Properties"]
    return properties


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (INLINE, {"InlineCode": "def handler(event, context): pass\n"}),
        (Code.folder("build"), {"CodeUri": "build"}),
        (
            Code.s3("builds", "app.zip", "7"),
            {"CodeUri": {"Bucket": "builds", "Key": "app.zip", "Version": "7"}},
        ),
    ],
)
def test_where_the_code_is(code: Code, expected: dict[str, Any]) -> None:
    properties = serverless(code=code)
    assert "Code" not in properties
    assert expected.items() <= properties.items()


def test_names_that_differ() -> None:
    properties = serverless(tags={"a": "b"}, tracing=Tracing.ACTIVE)
    assert properties["Tags"] == {"a": "b"}
    assert properties["Tracing"] == "Active"
    assert "TracingConfig" not in properties


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("arn:aws:sqs:eu-west-1:123456789012:lost", "SQS"),
        (Queue(Parameter("Arn")), "SQS"),
        (Topic(Parameter("Arn")), "SNS"),
    ],
)
def test_a_dead_letter_queue_says_what_it_is(target: Any, kind: str) -> None:
    assert serverless(dead_letter_queue=target)["DeadLetterQueue"]["Type"] == kind


def test_everything_else_stays_as_it_is(lint: Callable[[dict[str, Any]], list[str]]) -> None:
    stack = Stack(
        notes,
        function(
            environment={"NOTES_TABLE": name_of(notes)},
            timeout=timedelta(seconds=9),
            url=FunctionUrl(UrlAuth.NONE),
            tags={"a": "b"},
            dead_letter_queue=Queue(Parameter("Arn")),
        ),
    )
    template, plain = sam(stack), cloudformation(stack)
    assert template["Transform"] == "AWS::Serverless-2016-10-31"
    assert {**template["Resources"], "NotesFunction": 0} == {**plain["Resources"], "NotesFunction": 0}
    assert lint(template) == []
