"""`describe` and `--help`: everything that is declared is there to be read."""

from __future__ import annotations

import pytest

from dynamodel.cli.describe import type_text


def rows(text: str) -> list[list[str]]:
    """The columns of each line: two blanks or more part them."""
    return [[cell for cell in line.strip().split("  ") if cell] for line in text.splitlines()]


def test_tables_entities_and_indexes(cli, shop):
    done = cli("describe", "shop")
    assert (done.code, done.err) == (0, "")
    found = [[cell.strip() for cell in row] for row in rows(done.out)]
    for expected in (
        ["Table Shop", "on demand, time to live expires"],
        ["(table)", "primary", "pk (S)", "sk (S)", "all attributes"],
        ["byState", "global", "byStatepk (S)", "byStatesk (S)", "keys only"],
        ["Entity Customer", "_type = Customer"],
        ["Customer.main", "pk = CUSTOMER#{name}", "sk = #META"],
        ["Order.by_state (byState)", "byStatepk = STATE#{state}", "byStatesk = ORDER#{number}"],
        ["city", "homeTown", "str | None", "S"],
        ["number", "number", "int", "N", "in main, in by_state"],
        ["state", "state", "str", "S", "in by_state, default 'new'"],
        ["Customer.main.get(name)", "Customer | None", "GetItem"],
        ["Customer.main.query(name)", "at most one Customer", "Query"],
        ["Order.main.query(customer)", "many Order, by number", "Query"],
        ["Order.by_state.query(state)", "many Order, by number", "Query on byState"],
        ["history.query(name)", "many Customer | Order", "Query"],
        ["Table Logs", "on demand"],
        ["(table)", "primary", "day (S)", "second (N)", "all attributes"],
        ["Line.by_day.get(day, second)", "Line | None", "GetItem"],
    ):
        assert expected in found


EVERYTHING = """
from datetime import datetime
from decimal import Decimal
from dynamodel import *

table = Table(
    "Every",
    partition_key="pk",
    sort_key="sk",
    billing_mode=BillingMode.PROVISIONED,
    throughput=Throughput(5, 6),
    stream=StreamViewType.NEW_IMAGE,
    point_in_time_recovery=PointInTimeRecovery(7),
    deletion_protection=True,
    encryption=Encryption.customer_managed(Parameter("Key")),
    tags={"team": "a"},
    deployed_name=Sub("Every-${Stage}", Stage=Parameter("Stage")),
)


class Each(Entity, table=table):
    a: Attr[str] = attribute()
    parts: Attr[list[Decimal]] = attribute(factory=list)
    version: Attr[int] = attribute(version=True)
    made: Attr[datetime] = attribute(created=True)
    email: Attr[str] = attribute()
    upper: Attr[str] = computed(str.upper, a)
    main = primary_key(key("A", a), key("#META"))
    by_email = unique(email)
"""


def test_settings_and_notes(cli, folder):
    (folder / "every.py").write_text(EVERYTHING)
    done = cli("describe", "every")
    assert (done.code, done.err) == (0, "")
    first = done.out.splitlines()[0]
    for text in (
        "provisioned",
        "throughput read 5 write 6",
        "stream NEW_IMAGE",
        "point in time recovery days 7",
        "deletion protection",
        "key ${Key}",
        "Every-${Stage}",
    ):
        assert text in first
    found = [[cell.strip() for cell in row] for row in rows(done.out)]
    for expected in (
        ["parts", "parts", "list[Decimal]", "L"],
        ["version", "version", "int", "N", "version"],
        ["made", "made", "datetime", "S", "created"],
        ["email", "email", "str", "S", "unique (Each.by_email)"],
        ["upper", "upper", "str", "S", "computed"],
        ["Each(...).put()", "None", "TransactWriteItems"],
    ):
        assert expected in found


def test_a_table_without_entities(cli, folder):
    (folder / "lone.py").write_text("from dynamodel import Table\nlone = Table('Lone')\n")
    done = cli("describe", "lone")
    assert done.code == 0
    assert "no entity class says what its key is" in done.out


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (int, "int"),
        (list[int], "list[int]"),
        (str | None, "str | None"),
        (dict[str, list[bytes]], "dict[str, list[bytes]]"),
    ],
)
def test_types(annotation, text):
    assert type_text(annotation) == text


COMMANDS = ["synth", "check", "describe", "iam", "diff", "deploy", "backfill", "import", "export"]


def test_help_names_every_command(cli):
    done = cli("--help")
    assert done.code == 0
    for command in COMMANDS:
        assert f" {command} " in done.out


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(cli, command):
    done = cli(command, "--help")
    assert done.code == 0
    assert f" dynamodel {command} " in done.out


def test_no_command(cli):
    done = cli()
    assert "Usage: dynamodel" in done.out + done.err


def test_version(cli):
    done = cli("--version")
    assert done.code == 0
    assert done.out.startswith("dynamodel ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("snth", "shop"), "synth", id="a command"),
        pytest.param(("synth", "shop", "--fromat", "sam"), "--format", id="an option"),
        pytest.param(("synth", "shop", "--format", "terraform"), "cloudformation", id="a format"),
        pytest.param(("synth",), "MODULE", id="no module"),
        pytest.param(("synth", "shop", "more"), "more", id="too much"),
        pytest.param(("deploy", "shop", "--parameter"), "--parameter", id="no value"),
    ],
)
def test_wrong_arguments(cli, shop, arguments, said):
    done = cli(*arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "Traceback" not in done.err


WITH_HANDLER = """
from shop import Order
from dynamodel.aws_lambda import handler
from dynamodel.infra import Code, Function

@handler(patterns=[Order.main.get, Order.by_state.query])
def lambda_handler(event, context): ...

orders = Function("orders", handler=lambda_handler, code=Code.folder("build"), patterns=[Order.main.get])
"""


def test_what_a_handler_does(cli, shop, folder):
    (folder / "app.py").write_text(WITH_HANDLER)
    done = cli("describe", "app")
    assert done.code == 0
    told = done.out[done.out.index("Functions") :].splitlines()
    assert told[2].split() == ["orders", "app.lambda_handler", "128", "MB", "3", "s", "-"]
    assert told[3] == "Access patterns of functions  what their roles allow"
    assert [line.split() for line in told[5:]] == [
        ["orders", "Order.main.get", "GetItem", "on", "Shop"],
        ["orders", "Order.by_state.query", "Query", "on", "Shop,", "byState"],
    ]
