"""`synth`: each format prints what its compiler makes, and nothing else."""

from __future__ import annotations

import json

import pytest
import yaml

from dynamodel.infra import Stack, boto3_requests, cloudformation, sam
from tests.infra.conftest import cdk

__all__ = ["cdk"]  # a fixture


@pytest.fixture
def stack(shop, folder, monkeypatch):
    monkeypatch.syspath_prepend(folder)
    import shop as module

    return Stack(module.shop, module.logs)


@pytest.mark.parametrize(("output", "read"), [("yaml", yaml.safe_load), ("json", json.loads)])
@pytest.mark.parametrize(("format_", "compiled"), [("cloudformation", cloudformation), ("sam", sam)])
def test_templates(cli, stack, format_, compiled, output, read):
    done = cli("synth", "shop", "--format", format_, "--output", output)
    assert (done.code, done.err) == (0, "")
    assert json.dumps(read(done.out), default=str) == json.dumps(compiled(stack), default=str)


def test_cloudformation_in_yaml_is_the_default(cli, stack):
    assert cli("synth", "shop") == cli("synth", "shop", "--format", "cloudformation", "--output", "yaml")


def test_boto3(cli, stack):
    done = cli("synth", "shop", "--format", "boto3", "--output", "json")
    requests = [(each["Operation"], each["Parameters"]) for each in json.loads(done.out)]
    assert requests == [(name, dict(parameters)) for name, parameters in boto3_requests(stack)]
    assert [name for name, _ in requests].count("CreateTable") == 2


def test_cdk(cli, stack, cdk):
    from dynamodel.infra.cdk import synthesise

    done = cli("synth", "shop", "--format", "cdk", "--output", "json")
    assert done.code == 0
    assert json.loads(done.out) == synthesise(stack)


GLOBE = """
from dynamodel import Encryption, Parameter, Replica, Sub, Table

globe = Table(
    "Globe",
    partition_key="pk",
    replicas=[Replica("eu-west-1")],
    deployed_name=Sub("Globe-${Stage}", Stage=Parameter("Stage")),
)
"""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "cdk"], "--region gives it"),
        (["--region", "us-east-1"], "--region is for --format cdk"),
        (["--parameter", "Stage=dev"], "--parameter is for --format boto3"),
        (["--format", "boto3"], "the parameter 'Stage' has no default"),
        (["--format", "boto3", "--parameter", "Stgae=dev"], "did you mean Stage?"),
    ],
)
def test_what_a_format_needs(cli, folder, cdk, arguments, said):
    (folder / "globe.py").write_text(GLOBE)
    done = cli("synth", "globe", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in " ".join(done.err.split())


def test_the_value_of_a_parameter(cli, folder):
    (folder / "globe.py").write_text(GLOBE)
    done = cli("synth", "globe", "--format", "boto3", "--parameter", "Stage=dev", "--output", "json")
    assert [each["Parameters"]["TableName"] for each in json.loads(done.out)] == ["Globe-dev"] * 2
