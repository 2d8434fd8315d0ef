"""`package`: what it prints, and what it says of wrong arguments."""

from __future__ import annotations

import os
import sys
import zipfile

import pytest

from dynamodel.infra.functions import Runtime

HERE = f"python{sys.version_info[0]}.{sys.version_info[1]}"
OTHER = Runtime.PYTHON_3_13 if HERE != "python3.13" else Runtime.PYTHON_3_12
MACHINE = "arm64" if os.uname().machine in {"aarch64", "arm64"} else "x86_64"
HELLO = "import colorsys\ndef handler(event, context):\n    return 'hello'\n"


@pytest.fixture
def hello(folder):
    (folder / "hello.py").write_text(HELLO)
    return folder


def test_a_package_and_its_profile(cli, hello):
    done = cli("package", "hello:handler", "--architecture", MACHINE, "--runs", "1")
    assert done.code == 0, done.err
    with zipfile.ZipFile(hello / "hello.zip") as archive:
        assert "hello.py" in archive.namelist()
    lines = done.out.splitlines()
    assert lines[0].startswith("hello.zip  ")
    assert lines[0].endswith("handler hello.handler")
    rows = {line.split()[0]: line.split() for line in lines[1:] if line.strip()}
    assert rows["hello"][1] == "1"  # one module
    assert "(standard" in rows
    assert "all with .pyc files" in done.out
    assert done.err == ""


def test_where_it_is_written(cli, hello):
    (hello / "build").mkdir()
    assert (
        cli("package", "hello.handler", "-o", "build/h.zip", "--architecture", MACHINE, "--runs", "1").code
        == 0
    )
    assert [path.name for path in (hello / "build").iterdir()] == ["h.zip"]
    again = cli("package", "hello:handler", "--output", "nosuch/h.zip")
    assert (again.code, again.out) == (2, "")
    assert again.err == "error: there is no folder nosuch\nhint: mkdir -p nosuch\n"


def test_another_folder(cli, hello, tmp_path):
    (hello / "src").mkdir()
    (hello / "hello.py").rename(hello / "src" / "hello.py")
    assert "did you mean" not in (failed := cli("package", "hello:handler")).err
    assert "--root names another folder" in failed.err
    done = cli("package", "hello:handler", "--root", "src", "--architecture", MACHINE, "--runs", "1")
    assert done.code == 0, done.err


def test_a_target_that_cannot_be_run_here(cli, hello, monkeypatch):
    monkeypatch.setenv("PATH", str(hello))
    done = cli("package", "hello:handler", "--runtime", OTHER.value)
    assert done.code == 0
    assert (hello / "hello.zip").exists()
    assert "it has no .pyc files" in done.err
    assert "that it is whole was not tried" in done.err
    assert "Cold-start" not in done.out


def test_above_what_can_be_uploaded(cli, hello, monkeypatch):
    monkeypatch.setattr("dynamodel.packaging.building.MAX_UPLOAD", 100)
    done = cli("package", "hello:handler", "--architecture", MACHINE, "--runs", "1")
    assert done.code == 0
    assert "only by way of S3" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["helo:handler"], "did you mean hello?"),
        (["hello:handel"], "did you mean handler?"),
        (["hello.py"], "a module is named as in an import: hello:handler"),
        (["hello:handler", "--runtime", "pyhton3.13"], "did you mean python3.13?"),
        (["hello:handler", "--runtime", "nodejs22.x"], "cannot run dynamodel"),
        (["hello:handler", "--architecture", "arm"], "did you mean arm64?"),
        (["hello:handler", "--root", "nosuch"], "there is no folder nosuch"),
        (["hello:handler", "--include", "nosuch"], "no module, distribution, file or folder 'nosuch'"),
        (["hello:handler", "--exclude", "boto3"], "would not be in the package"),
    ],
)
def test_wrong_arguments(cli, hello, arguments, said):
    done = cli("package", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "Traceback" not in done.err
    assert [path.name for path in hello.iterdir()] == ["hello.py"]
