"""`synth`: each format prints what its compiler makes, and nothing else."""

from __future__ import annotations

import json
import shutil

import pytest
import yaml

from dynamodel.infra import Stack, boto3_requests, cloudformation, sam


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


@pytest.fixture
def cdk(monkeypatch):
    if shutil.which("node") is None:
        pytest.skip("node is not installed; the CDK needs it: https://nodejs.org")
    monkeypatch.setenv("CDK_VALIDATION", "false")
    monkeypatch.setenv("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
    pytest.importorskip("aws_cdk")


def test_cdk(cli, stack, cdk):
    from dynamodel.infra.cdk import synthesise

    done = cli("synth", "shop", "--format", "cdk", "--output", "json")
    assert done.code == 0
    assert json.loads(done.out) == synthesise(stack)
