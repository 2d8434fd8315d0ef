"""References in settings, and the texts that they have in one deployment."""

from __future__ import annotations

from typing import Any

import pytest

from dynamodel import RequestError
from dynamodel.schema import (
    Encryption,
    GetAtt,
    ImportValue,
    KinesisStream,
    Parameter,
    Ref,
    Replica,
    Sub,
)
from dynamodel.schema.references import references_in
from dynamodel.schema.resolve import resolved, sendable

from .cases import KMS, RIGHT, Right, table

STAGE = Parameter("Stage", allowed_values=("dev", "prod"), default="dev")


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("plain", {}, "plain"),
        (STAGE, {}, "dev"),
        (STAGE, {"Stage": "prod"}, "prod"),
        (Sub("at-${Stage}", Stage=STAGE), {"Stage": "prod"}, "at-prod"),
        (Sub("${A}${!A}", A=Sub("<${Stage}>", Stage=STAGE)), {}, "<dev>${A}"),
        (Sub("in-${AWS::Region}"), {"AWS::Region": "eu-west-1"}, "in-eu-west-1"),
        (Ref("AWS::Region"), {"AWS::Region": "eu-west-1"}, "eu-west-1"),
    ],
)
def test_texts(text: Any, values: dict[str, str], expected: str) -> None:
    assert resolved(table(tags={"t": text}), values).settings.tags == {"t": expected}


def test_every_place() -> None:
    arn = Sub("arn:aws:kinesis:us-east-1:123456789012:stream/${Stage}", Stage=STAGE)
    definition = table(
        encryption=Encryption.customer_managed(Parameter("Key", default=KMS)),
        kinesis_stream=KinesisStream(arn),
        resource_policy={"Statement": [{"Resource": [STAGE, "x"]}]},
        replicas=(Replica("eu-west-1", tags={"stage": STAGE}),),
    )
    settings = resolved(definition).settings
    assert settings.encryption == Encryption.customer_managed(KMS)
    assert settings.kinesis_stream == KinesisStream("arn:aws:kinesis:us-east-1:123456789012:stream/dev")
    assert settings.resource_policy == {"Statement": [{"Resource": ["dev", "x"]}]}
    assert settings.replicas == (Replica("eu-west-1", tags={"stage": "dev"}),)


def test_the_deployed_name_becomes_the_name() -> None:
    definition = table(deployed_name=Sub("Forum-${Stage}", Stage=STAGE))
    found = resolved(definition, {"Stage": "prod"})
    assert (found.name, found.settings.deployed_name) == ("Forum-prod", None)
    assert sendable(definition).name == "Forum"


def test_all_faults_at_once_and_no_secret_value() -> None:
    secret = Parameter("Secret", allowed_pattern="[a-z]+", no_echo=True)
    tags = {
        "a": Parameter("None"),
        "b": GetAtt("Queue", "Arn"),
        "c": ImportValue("x"),
        "d": secret,
        "e": Sub("${AWS::Region}"),
    }
    with pytest.raises(RequestError) as caught:
        resolved(table(tags=tags), {"Secret": "HUSH"})
    text = str(caught.value)
    assert [line.split(":")[0] for line in text.splitlines()] == [
        f"Table 'Forum'.tags[{name!r}]" for name in "abcde"
    ]
    assert "HUSH" not in text
    assert "'AWS::Region'" in text


@pytest.mark.parametrize("case", RIGHT, ids=lambda case: case.id)
def test_what_has_no_reference_stays(case: Right) -> None:
    assert not list(references_in(case.definition.settings.tags))
    assert resolved(case.definition) == case.definition
