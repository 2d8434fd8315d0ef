"""`dynamodel dev`: functions that answer until they are interrupted."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import boto3
import pytest

import dynamodel
from dynamodel.testing.environment import changed_environment

ROOT = str(Path(dynamodel.__file__).parents[1])

APP = """
from dynamodel import Attr, Entity, Table, attribute, primary_key
from dynamodel.aws_lambda import db
from dynamodel.aws_lambda.http import Api
from dynamodel import Sub
from dynamodel.infra import Code, Function, FunctionUrl, QueueSource, UrlAuth

class Note(Entity, table=Table("Notes")):
    name: Attr[str] = attribute()
    by_name = primary_key(name)

api = Api(__name__, patterns=[Note.by_name.get])

@api.get("/notes/<name>")
def note(name: str) -> Note:
    print("asked for", name)
    return db.run(Note.by_name.get(name)) or Note(name="none")

notes = Function("notes", handler=api, code=Code.folder("build"), url=FunctionUrl(UrlAuth.NONE))
signed = Function("signed", handler=api, code=Code.folder("build"), url=FunctionUrl())

def import_notes(event, context): ...

imports = Function(
    "imports",
    handler="app.import_notes",
    code=Code.folder("build"),
    sources=[QueueSource(Sub("arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:new-notes"))],
)
"""


@pytest.fixture
def app(folder: Path) -> Path:
    (folder / "app.py").write_text(APP)
    return folder


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_ended(app: Path, ended_by: signal.Signals) -> None:
    pytest.importorskip("awslambdaric", reason="AWS's runtime is there for Linux only")
    environment = {**os.environ, "PYTHONPATH": ROOT, "DYNAMODB_LOCAL_JAR": "/nowhere"}
    process = subprocess.Popen(
        [sys.executable, "-m", "dynamodel", "dev", "app"],
        cwd=app,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        url = ""
        exported: dict[str, str | None] = {}
        printed = []
        for line in process.stdout:
            printed.append(line)
            if found := re.search(r"notes +(http://\S+)", line):
                url = found[1]
            if found := re.match(r"  export (\w+)=(\S+)", line):
                exported[found[1]] = found[2]
            if "AWS_DEFAULT_REGION" in exported:
                break
        assert any(re.match(r"  imports +- +the queue new-notes$", line.rstrip()) for line in printed)
        with changed_environment({**exported, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": None}):
            tables = boto3.Session().client("dynamodb").list_tables()["TableNames"]
        assert tables == ["Notes"], "as any other program sees it"
        assert urlopen(f"{url}notes/a").read() == b'{"name":"none"}'
        (app / "app.py").write_text(APP.replace('"none"', '"nothing yet"'))
        assert process.stderr is not None
        told = ""
        while "changed" not in told:
            told += process.stderr.readline()
        assert urlopen(f"{url}notes/a").read() == b'{"name":"nothing yet"}'
        process.send_signal(ended_by)
        told += process.communicate(timeout=60)[1]
        assert process.returncode == 0
    assert "moto is the DynamoDB" in told
    assert "notes: asked for a" in told
    assert len(re.findall(r"notes: \S+ succeeded in [\d.]+ ms after a cold start", told)) == 2
    assert "app.py changed: functions start anew; what is declared needs a restart" in told


def test_a_module_without_functions(cli, shop) -> None:
    done = cli("dev", "shop")
    assert (done.code, done.err) == (
        2,
        "error: shop has no functions at its top\nhint: name the module that declares them\n",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["dev", "nothing"], "there is no module 'nothing'"),
        (["dev", "app", "--root", "nowhere"], "--root: there is no folder nowhere"),
        (["dev", "app", "--dynamodb-url", "http://127.0.0.1:9"], "http://127.0.0.1:9 does not answer"),
        (["dev", "app", "--parameter", "X=1"], "there is no parameter 'X'"),
    ],
)
def test_wrong_arguments(cli, app: Path, arguments: list[str], said: str) -> None:
    done = cli(*arguments)
    assert done.code == 2
    assert said in done.err
