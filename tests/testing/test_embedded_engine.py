"""The embedded engine: empty each time, and nothing of it left afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress

import boto3
import pytest
from moto import mock_aws

from dynamodel import Table
from dynamodel.errors import DynamodelError, MissingExtraError
from dynamodel.testing import embedded

notes = Table("Notes", partition_key="pk")


def table_names(region: str = "us-east-1") -> list[str]:
    """What boto3 itself sees, with the credentials that it finds now."""
    return boto3.Session().client("dynamodb", region_name=region).list_tables()["TableNames"]


def test_boto3_sees_the_tables_of_the_engine() -> None:
    with embedded() as db:
        db.create_table(notes)
        assert table_names() == ["Notes"]
        assert boto3.client("dynamodb", region_name="us-east-1").list_tables()["TableNames"] == ["Notes"]


def test_each_one_starts_empty() -> None:
    for _ in range(2):
        with embedded() as db:
            assert table_names() == []
            db.create_table(notes)


def test_one_inside_another_is_empty_and_leaves_the_outer_one_alone() -> None:
    with embedded() as outer:
        outer.create_table(notes)
        for name in ("First", "Second"):
            with embedded() as inner:
                assert table_names() == []
                inner.create_table(Table(name, partition_key="pk"))
                assert table_names() == [name]
        assert table_names() == ["Notes"]
        outer.delete_table(notes)
        assert table_names() == []


def test_it_is_empty_and_discreet_in_a_test_that_uses_moto_itself() -> None:
    with mock_aws():
        boto3.client("dynamodb", region_name="us-east-1").create_table(
            TableName="Mine",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        with embedded() as db:
            assert table_names() == []
            db.create_table(notes)
        assert table_names() == ["Mine"]


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
def test_the_region_is_that_of_the_tables(region: str) -> None:
    with embedded(region) as db:
        db.create_table(notes)
        assert table_names(region) == ["Notes"]
        arn = boto3.client("dynamodb").describe_table(TableName="Notes")["Table"]["TableArn"]
        assert arn.split(":")[3] == region


@pytest.mark.parametrize(
    "before",
    [
        {},
        {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
        {"AWS_PROFILE": "a-profile-that-is-not-there", "AWS_REGION": "eu-west-3"},
        {"AWS_ENDPOINT_URL": "http://elsewhere.invalid", "AWS_ACCOUNT_ID": "111122223333"},
    ],
)
def test_the_environment_does_not_reach_in_and_is_as_it_was(
    monkeypatch: pytest.MonkeyPatch, before: dict[str, str]
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in before.items():
        monkeypatch.setenv(name, value)
    everything = dict(os.environ)
    session = boto3.DEFAULT_SESSION
    with suppress(ZeroDivisionError), embedded() as db:
        db.create_table(notes)
        with embedded() as inner:
            inner.create_table(notes)
        raise ZeroDivisionError
    assert dict(os.environ) == everything
    assert boto3.DEFAULT_SESSION is session


def test_the_fixture_is_one_of_them(embedded_db: object) -> None:
    assert type(embedded_db).__name__ == "Client"
    assert table_names() == []


def test_without_moto_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "moto", None)
    with pytest.raises(MissingExtraError, match=r"dynamodel-orm\[local\]") as caught, embedded():
        pytest.fail("there is no engine")
    assert isinstance(caught.value, DynamodelError)
    assert caught.value.extra == "local"


def test_importing_the_engines_is_cheap() -> None:
    """pytest imports them, through the plugin, in every run of whoever has dynamodel installed."""
    program = (
        "import sys, dynamodel.testing.pytest_plugin; "
        "print(*({'boto3', 'botocore', 'moto', 'hypothesis', 'cattrs'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
