"""Where DynamoDB Local is looked for, and what is said if it is not there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from dynamodel.errors import DynamodelError
from dynamodel.testing import EngineNotFoundError, find_dynamodb_local
from dynamodel.testing.java_location import find_java, locate

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "amplify-dynamodb-simulator/emulator"


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with nothing on it but what a test puts there."""
    for name in ("DYNAMODB_LOCAL_JAR", "NODE_PATH", "JAVA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "npm" / "bin"))
    (tmp_path / "project" / "tests").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project" / "tests")


def make_jar(folder: Path) -> Path:
    folder.mkdir(parents=True)
    jar = folder / "DynamoDBLocal.jar"
    jar.touch()
    return jar.resolve()


def make_program(path: Path) -> Path:
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    "root",
    [
        "project/tests/node_modules",
        "project/node_modules",
        "project/.dynamodb-local/node_modules",
        "node_modules",
    ],
)
def test_npm_packages_here_and_above(tmp_path: Path, root: str) -> None:
    assert find_dynamodb_local() != tmp_path / root / PACKAGE / "DynamoDBLocal.jar"
    jar = make_jar(tmp_path / root / PACKAGE)
    assert find_dynamodb_local() == jar


def test_npm_global_packages(tmp_path: Path) -> None:
    make_program(tmp_path / "npm" / "bin" / "npm")
    jar = make_jar(tmp_path / "npm" / "lib" / "node_modules" / PACKAGE)
    assert find_dynamodb_local() == jar


def test_node_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jar = make_jar(tmp_path / "second" / PACKAGE)
    monkeypatch.setenv("NODE_PATH", os.pathsep.join([str(tmp_path / "first"), "", str(tmp_path / "second")]))
    assert find_dynamodb_local() == jar


def test_the_nearest_one_wins(tmp_path: Path) -> None:
    make_jar(tmp_path / "node_modules" / PACKAGE)
    near = make_jar(tmp_path / "project" / "node_modules" / PACKAGE)
    assert find_dynamodb_local() == near


@pytest.mark.parametrize("named", ["DynamoDBLocal.jar", "."])
def test_the_variable_names_the_jar_or_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    make_jar(tmp_path / "project" / "node_modules" / PACKAGE)
    jar = make_jar(tmp_path / "own")
    monkeypatch.setenv("DYNAMODB_LOCAL_JAR", str(tmp_path / "own" / named))
    assert find_dynamodb_local() == jar


@pytest.mark.parametrize("named", ["absent", "absent/DynamoDBLocal.jar", "empty"])
def test_a_wrong_variable_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    make_jar(tmp_path / "project" / "node_modules" / PACKAGE)
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("DYNAMODB_LOCAL_JAR", str(tmp_path / named))
    assert find_dynamodb_local() is None
    with pytest.raises(EngineNotFoundError, match=f"DYNAMODB_LOCAL_JAR=.*{named}"):
        locate()


def test_no_jar() -> None:
    with pytest.raises(EngineNotFoundError) as caught:
        locate()
    assert isinstance(caught.value, DynamodelError)
    assert isinstance(caught.value, FileNotFoundError)
    for part in ("DYNAMODB_LOCAL_JAR", "npm install", "amplify-dynamodb-simulator", "Java"):
        assert part in str(caught.value)


def test_no_java(tmp_path: Path) -> None:
    make_jar(tmp_path / "node_modules" / PACKAGE)
    with pytest.raises(EngineNotFoundError, match="no java"):
        locate()


def test_java_home_comes_before_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_path = make_program(tmp_path / "npm" / "bin" / "java")
    assert find_java() == str(on_path)
    at_home = make_program(tmp_path / "jdk" / "bin" / "java")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    assert find_java() == str(at_home)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "removed"))
    assert find_java() == str(on_path)
