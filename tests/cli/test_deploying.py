"""`diff` and `deploy` against DynamoDB Local: the exit codes, the questions, and what is done."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.dynamodb_local

MODULE = """
from dynamodel import *

orders = Table({name!r}{settings})

class Order(Entity, table=orders):
    number: Attr[{number}] = attribute()
    customer: Attr[str] = attribute()
    day: Attr[str] = attribute()
    by_number = primary_key(number)
    {index}
"""
BY_CUSTOMER = 'by_customer = global_index("byCustomer", customer, day)'
BY_DAY = 'by_day = global_index("byDay", day)'


class Shop:
    """A module in the current directory, in several versions, and the engine that has its table."""

    def __init__(self, folder: Path, client: DynamoDBClient, cli: Callable[..., object]) -> None:
        self._folder = folder
        self.client = client
        self._cli = cli
        self._version = 0

    def write(self, *, index: str = "", settings: str = "", number: str = "int") -> None:
        self._version += 1
        text = MODULE.format(name="CliOrders", settings=settings, number=number, index=index)
        (self._folder / f"shop{self._version}.py").write_text(text)

    def __call__(self, command: str, *more: str):
        endpoint = ("--endpoint-url", self.client.meta.endpoint_url, "--region", self.client.meta.region_name)
        return self._cli(command, f"shop{self._version}", *endpoint, *more)

    def indexes(self, table: str = "CliOrders") -> set[str]:
        described = self.client.describe_table(TableName=table)["Table"]
        return {index["IndexName"] for index in described.get("GlobalSecondaryIndexes", ())}


@pytest.fixture
def shop(folder, dynamodb_local_client, cli, monkeypatch):
    keys = {"AWS_ACCESS_KEY_ID": "cli", "AWS_SECRET_ACCESS_KEY": "cli"}
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    yield Shop(folder, dynamodb_local_client, cli)
    for name in ("CliOrders", "CliOrders-dev"):
        try:
            dynamodb_local_client.delete_table(TableName=name)
        except ClientError:
            continue


@pytest.fixture
def terminal(monkeypatch):
    """Stdin as a terminal at which somebody types."""

    def typed(answer: str) -> None:
        stdin = io.StringIO(f"{answer}\n")
        stdin.isatty = lambda: True  # type: ignore[method-assign]
        monkeypatch.setattr(sys, "stdin", stdin)

    return typed


def test_from_nothing_to_no_difference(shop):
    shop.write(index=BY_CUSTOMER)
    done = shop("diff")
    assert (done.code, done.out) == (1, "Table CliOrders  is not there yet\n")

    done = shop("deploy", "--dry-run")
    assert done.code == 0
    assert shop("diff").code == 1

    done = shop("deploy")
    assert (done.code, done.out.splitlines()[-1]) == (0, "created: CliOrders")
    assert shop.indexes() == {"byCustomer"}

    done = shop("diff")
    assert done.code == 0
    assert done.out.startswith("Table CliOrders  is as declared\n")
    done = shop("deploy")
    assert done.code == 0
    assert "updated" not in done.out


def test_what_loses_nothing_is_not_asked_about(shop):
    shop.write()
    shop("deploy")
    shop.write(index=BY_CUSTOMER, settings=", stream=StreamViewType.NEW_IMAGE")
    done = shop("diff")
    assert done.code == 1
    assert "  change   stream: none -> NEW_IMAGE" in done.out
    assert "byCustomer" in done.out

    done = shop("deploy")
    assert done.code == 0
    assert done.out.endswith("updated: CliOrders\n")
    assert shop("diff").code == 0


def test_what_loses_data_needs_a_yes(shop, terminal):
    shop.write(index=BY_CUSTOMER)
    shop("deploy")
    shop.write(index=BY_DAY)

    done = shop("deploy")  # nobody is at a terminal
    assert done.code == 2
    assert "warning: CliOrders: global_indexes['byCustomer']: it is deleted" in done.err
    assert "hint: --yes agrees" in done.err
    assert shop.indexes() == {"byCustomer"}

    terminal("n")
    done = shop("deploy")
    assert done.code == 1
    assert "nothing was done" in done.err
    assert shop.indexes() == {"byCustomer"}

    terminal("y")
    done = shop("deploy")
    assert done.code == 0
    assert shop.indexes() == {"byDay"}
    assert shop("diff").code == 0

    shop.write()
    assert shop("deploy", "--yes").code == 0
    assert shop.indexes() == set()


def test_no_table_is_replaced(shop):
    shop.write(index=BY_CUSTOMER)
    shop("deploy")
    shop.write(number="str")
    done = shop("deploy", "--yes")
    assert done.code == 1
    assert "  replace  key: partition key 'number' (N)" in done.out
    assert "no table is replaced here; nothing was done" in done.err
    assert "copy the items" in done.err
    assert shop.indexes() == {"byCustomer"}
    assert shop("diff").code == 1


STAGED = ', deployed_name=Sub("CliOrders-${Stage}", Stage=Parameter("Stage", allowed_values=("dev", "prod")))'


def test_parameters(shop):
    shop.write(settings=STAGED)
    done = shop("deploy", "--parameter", "Stage=dev")
    assert (done.code, done.out.splitlines()[-1]) == (0, "created: CliOrders-dev")
    assert shop("diff", "--parameter", "Stage=dev", "--table", "CliOrders").code == 0
    assert shop("diff", "--parameter", "Stage=prod").code == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param((), "the parameter 'Stage' has no default", id="left out"),
        pytest.param(("--parameter", "Stage=test"), "does not take the value given", id="a wrong value"),
        pytest.param(("--parameter", "Stge=dev"), "hint: did you mean Stage?", id="a wrong name"),
        pytest.param(("--parameter", "Other=dev"), "hint: there are: Stage", id="another name"),
        pytest.param(("--parameter", "dev"), "--parameter takes NAME=VALUE, found 'dev'", id="no name"),
        pytest.param(("--table", "CliOrder"), "hint: did you mean CliOrders?", id="a wrong table"),
    ],
)
@pytest.mark.parametrize("command", ["diff", "deploy"])
def test_wrong_arguments(shop, command, arguments, said):
    shop.write(settings=STAGED)
    done = shop(command, *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize("command", ["diff", "deploy"])
def test_no_engine(shop, cli, command):
    shop.write()
    done = cli(command, "shop1", "--endpoint-url", "http://127.0.0.1:9", "--region", "us-east-1")
    assert (done.code, done.out) == (2, "")
    assert "DescribeTable on CliOrders: EndpointConnectionError" in done.err
    assert "hint: is the endpoint right, and is it running?" in done.err


def test_no_region(shop, cli, monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    shop.write()
    done = cli("diff", "shop1", "--endpoint-url", "http://127.0.0.1:9")
    assert done.code == 2
    assert "hint: for example: --region us-east-1" in done.err


def test_no_credentials(shop, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    shop.write()
    done = shop("diff")
    assert done.code == 2
    assert "hint: DynamoDB Local takes any: AWS_ACCESS_KEY_ID=local" in done.err
