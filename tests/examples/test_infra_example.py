"""The infrastructure of the movies example: the template is up to date, and the roles allow no more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dynamodel.cli import main
from dynamodel.infra import cloudformation, read_template
from examples.movies.handlers.hello import handler
from examples.movies.infra import __main__ as tour
from examples.movies.infra import hello_function
from examples.movies.infra.stack import stack
from examples.show import console

TEMPLATE = Path(tour.__file__).with_name("template.yaml")


def resources(kind: str) -> dict[str, dict]:
    found = cloudformation(stack)["Resources"].items()
    return {name: resource["Properties"] for name, resource in found if resource["Type"] == kind}


def test_the_template_is_what_synth_prints(capsys):
    assert main(["synth", "examples.movies.infra"]) == 0
    assert capsys.readouterr().out == TEMPLATE.read_text("utf-8"), (
        "make it again: python -m dynamodel synth examples.movies.infra > examples/movies/infra/template.yaml"
    )


def test_the_template_is_the_stack():
    assert read_template(TEMPLATE.read_text("utf-8"))["Resources"] == cloudformation(stack)["Resources"]


def test_each_role_writes_its_own_log_alone():
    roles = resources("AWS::IAM::Role")
    assert len(roles) == len(resources("AWS::Lambda::Function")) == 3
    for name, role in roles.items():
        assert "ManagedPolicyArns" not in role
        [inline] = role["Policies"]
        [statement] = inline["PolicyDocument"]["Statement"]
        assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
        [resource] = statement["Resource"]
        assert resource["Fn::GetAtt"][0].startswith(name.removesuffix("Role"))


def test_the_urls():
    urls = resources("AWS::Lambda::Url")
    assert {url["AuthType"] for url in urls.values()} == {"NONE", "AWS_IAM"}
    permissions = resources("AWS::Lambda::Permission").values()
    assert all("Open" in json.dumps(permission["FunctionName"]) for permission in permissions)
    assert sorted(permission["Action"] for permission in permissions) == [
        "lambda:InvokeFunction",
        "lambda:InvokeFunctionUrl",
    ]


def test_the_handler(caplog):
    answer = handler({"rawPath": "/hello"}, None)
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"message": "Hello, world!"})
    assert '{"rawPath": "/hello"}' in caplog.text
    assert hello_function.handler == "index.handler"


def test_the_head_is_printed():
    with console.capture() as shown:
        tour.main()
    assert "AWS::DynamoDB::Table" in shown.get()
    assert "MovieCast" in shown.get()


def test_cfn_lint_has_nothing_to_say():
    api = pytest.importorskip("cfnlint.api")
    assert api.lint(TEMPLATE.read_text("utf-8"), regions=["us-east-1"]) == []
