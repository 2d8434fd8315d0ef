"""Policy documents: grouping, ARNs, keys of KMS, streams, the limit; and what cfn-lint says of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dynamodel import (
    Attr,
    DeclarationError,
    Encryption,
    Entity,
    Parameter,
    StreamViewType,
    Sub,
    Table,
    attribute,
    primary_key,
)
from dynamodel.infra.iam import fixed_arns, policy, stream_statements, template_arns
from dynamodel.infra.template import Scope
from dynamodel.schema.references import GetAtt, Ref, Text

from .models import Draft, Song
from .simulator import ACCOUNT, REGION

ARNS = fixed_arns(REGION, ACCOUNT)
SONGS = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/Songs"


def test_no_cross_products() -> None:
    patterns = [Song.by_artist.get, Draft.by_id.get, Song.put, Song.titled.query, Song.by_plays.query]
    document = policy(patterns).document(ARNS)
    assert document == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["dynamodb:GetItem"],
                "Resource": [SONGS.replace("Songs", "Drafts")],
            },
            {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": [SONGS]},
            {
                "Effect": "Allow",
                "Action": ["dynamodb:Query"],
                "Resource": [f"{SONGS}/index/ByPlays", f"{SONGS}/index/ByTitle"],
            },
        ],
    }
    assert policy(reversed(patterns)).document(ARNS) == document


def keyed(key: Text) -> type[Any]:
    class Secret(Entity, table=Table("Secrets", encryption=Encryption.customer_managed(key))):
        name: Attr[str] = attribute()
        by_name = primary_key(name)

    return Secret


KEY_ID = "0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY_ID}"
ALL_KEYS = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/*"

KEYED: dict[str, tuple[Text, str, str | None]] = {
    "id": (KEY_ID, KEY_ARN, None),
    "ARN": (KEY_ARN, KEY_ARN, None),
    "alias": ("alias/app", ALL_KEYS, "alias/app"),
    "alias ARN": (f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/app", ALL_KEYS, "alias/app"),
    "parameter, id": (Parameter("Key", default=KEY_ID), KEY_ARN, None),
    "parameter, ARN": (Parameter("Key", default=KEY_ARN), KEY_ARN, None),
    "parameter, alias": (Parameter("Key", default="alias/a"), ALL_KEYS, "alias/a"),
    "sub, alias": (Sub("alias/${AWS::Region}"), ALL_KEYS, f"alias/{REGION}"),
    "sub, id": (Sub("${K}", K=Parameter("Key", default=KEY_ID)), KEY_ARN, None),
}


@pytest.mark.parametrize("name", KEYED)
def test_customer_managed_keys(name: str) -> None:
    key, arn, alias = KEYED[name]
    secret = keyed(key)
    read = policy([secret.by_name.get]).document(ARNS)["Statement"][-1]
    write = policy([secret.by_name.get, secret.put]).document(ARNS)["Statement"][-1]
    assert read["Action"] == ["kms:Decrypt"]
    assert write["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert read["Resource"] == [arn]
    expected = {"StringLike": {"kms:ViaService": f"dynamodb.{REGION}.amazonaws.com"}}
    if alias:
        expected["ForAnyValue:StringEquals"] = {"kms:ResourceAliases": alias}
    assert read["Condition"] == expected


@pytest.mark.parametrize("key", [Ref("Key"), GetAtt("Key", "Arn"), Parameter("Key")])
def test_fixed_arns_know_no_deployment(key: Text) -> None:
    with pytest.raises(DeclarationError, match="known at deployment only"):
        policy([keyed(key).by_name.get]).document(ARNS)


def test_streams() -> None:
    table = Table("Flowing", stream=StreamViewType.NEW_IMAGE)

    class Flow(Entity, table=table):
        name: Attr[str] = attribute()
        by_name = primary_key(name)

    first, second = stream_statements(Flow)
    assert first.to_dict(ARNS)["Resource"] == [f"{SONGS.replace('Songs', 'Flowing')}/stream/*"]
    assert second.actions == ("dynamodb:ListStreams",)
    assert second.to_dict(ARNS)["Resource"] == ["*"]
    assert stream_statements(table) == (first, second)
    with pytest.raises(DeclarationError, match="has no stream"):
        stream_statements(Song)


def test_a_policy_that_is_too_long() -> None:
    whole = policy([Song.by_artist.get])
    size = len(json.dumps(whole.document(ARNS), separators=(",", ":")))
    assert whole.document(ARNS, limit=size)
    with pytest.raises(DeclarationError, match="divide its patterns"):
        whole.document(ARNS, limit=size - 1)


def test_cfn_lint_takes_it() -> None:
    from cfnlint import api, core

    secret = keyed(Parameter("KeyArn"))
    tables = {each.__dynamodel_schema__.table: each.__name__ for each in (Song, Draft, secret)}  # type: ignore[attr-defined]
    scope = Scope({table: f"{name}Table" for table, name in tables.items()})
    patterns = [Song.titled.query, Song.put, Song.by_artist.get, secret.put]
    own = policy(patterns)
    bound = policy([Song.by_artist.query], tenant={Song.artist: "${aws:PrincipalTag/tenant}"})
    documents = {"Own": own.document(template_arns(scope)), "Bound": bound.document(template_arns(scope))}
    resources: dict[str, Any] = {
        f"{name}Policy": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}
        for name, document in documents.items()
    }
    for table, name in tables.items():
        resources[f"{name}Table"] = {
            "Type": "AWS::DynamoDB::Table",
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Delete",
            "Properties": {
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            },
        }
        assert table.name
    template = {"Parameters": scope.parameters_section(), "Resources": resources}
    assert {"Fn::Join": ["", [{"Fn::GetAtt": ["SongTable", "Arn"]}, "/index/ByTitle"]]} in [
        resource for statement in documents["Own"]["Statement"] for resource in statement["Resource"]
    ]
    found = api.lint(json.dumps(template), core.get_rules([], [], []), [REGION])
    assert [str(match) for match in found] == []
