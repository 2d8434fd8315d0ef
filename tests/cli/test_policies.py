"""`iam`: which patterns are in the policies, and in which form they are printed."""

from __future__ import annotations

import json

import pytest

READS = {"dynamodb:GetItem", "dynamodb:Query"}
WRITES = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}
ARN = "arn:aws:dynamodb:eu-central-1:123456789012:table/"


def allowed(document):
    """The actions on each resource."""
    found = {}
    for statement in document["Statement"]:
        assert statement["Effect"] == "Allow"
        for resource in statement["Resource"]:
            found.setdefault(resource, set()).update(statement["Action"])
    return found


PLACE = ("--region", "eu-central-1", "--account", "123456789012")


@pytest.mark.parametrize(
    ("options", "on_tables", "on_index"),
    [
        ((), READS | WRITES, {"dynamodb:Query"}),
        (("--read-only",), READS, {"dynamodb:Query"}),
        (("--scan",), READS | WRITES | {"dynamodb:Scan"}, {"dynamodb:Query", "dynamodb:Scan"}),
        (("--read-only", "--scan"), READS | {"dynamodb:Scan"}, {"dynamodb:Query", "dynamodb:Scan"}),
    ],
)
def test_the_policy_of_the_entities(cli, shop, options, on_tables, on_index):
    done = cli("iam", "shop", *PLACE, *options)
    assert (done.code, done.err) == (0, "")
    document = json.loads(done.out)
    assert document["Version"] == "2012-10-17"
    assert allowed(document) == {
        f"{ARN}Shop": on_tables,
        f"{ARN}Logs": on_tables,
        f"{ARN}Shop/index/byState": on_index,
    }


def test_where_it_is_not_exact_it_says_so(cli, shop):
    done = cli("iam", "shop")
    assert done.code == 0
    assert "--region and --account" in done.err
    assert "arn:aws:dynamodb:*:*:table/Shop" in allowed(json.loads(done.out))


def test_no_entities(cli, shop, folder):
    (folder / "bare.py").write_text("from shop import logs\n")
    done = cli("iam", "bare")
    assert (done.code, done.out) == (2, "")
    assert "bare has no entity classes at its top" in done.err


FUNCTIONS = """
from shop import Line, Order
from dynamodel.infra import Code, Function

CODE = Code.inline("def handler(event, context): ...")
reader = Function("reader", handler="index.handler", code=CODE, patterns=[Order.by_state.query])
writer = Function("writer", handler="index.handler", code=CODE, patterns=[Line.put])
idle = Function("idle", handler="index.handler", code=CODE)
"""


@pytest.fixture
def functions(shop, folder):
    (folder / "functions.py").write_text(FUNCTIONS)


def test_one_policy_for_each_function(cli, functions):
    done = cli("iam", "functions", *PLACE)
    assert done.code == 0
    assert done.err == "idle uses no table, and needs no policy for one\n"
    documents = json.loads(done.out)
    assert {name: allowed(document) for name, document in documents.items()} == {
        "reader": {f"{ARN}Shop/index/byState": {"dynamodb:Query"}},
        "writer": {f"{ARN}Logs": {"dynamodb:PutItem"}},
    }


def test_one_function(cli, functions):
    done = cli("iam", "functions", *PLACE, "--function", "writer")
    assert allowed(json.loads(done.out)) == {f"{ARN}Logs": {"dynamodb:PutItem"}}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--function", "wrter"), "hint: did you mean writer?"),
        (("--function", "writer", "--scan"), "--read-only and --scan are for the policy of the entities"),
    ],
)
def test_wrong_functions(cli, functions, arguments, said):
    done = cli("iam", "functions", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_entities_of_a_module_with_functions(cli, functions):
    done = cli("iam", "functions", *PLACE, "--read-only")
    assert allowed(json.loads(done.out))[f"{ARN}Logs"] == READS


@pytest.mark.parametrize("arguments", [["--account", "12"], ["--region", "nowhere"]])
def test_a_place_that_is_none(cli, shop, arguments):
    done = cli("iam", "shop", *arguments)
    assert (done.code, done.out) == (2, "")
    assert f"found '{arguments[1]}'" in done.err
