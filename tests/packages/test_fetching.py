"""Wheels for another platform, which pip finds in a folder; nothing is asked from the network."""

from __future__ import annotations

import hashlib
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from dynamodel.infra.functions import Architecture, Runtime
from dynamodel.packaging import PackagingError, Target
from dynamodel.packaging.fetching import fetch
from tests.packages.conftest import names, packaged, write

if TYPE_CHECKING:
    from pathlib import Path

ELSEWHERE = Target(
    Runtime.PYTHON_3_13 if sys.version_info[:2] != (3, 13) else Runtime.PYTHON_3_12, Architecture.ARM_64
)
CPYTHON = f"cp{ELSEWHERE.version[0]}{ELSEWHERE.version[1]}"


def wheel(folder: Path, name: str, tag: str, files: dict[str, str], requires: str = "") -> None:
    """A wheel as a build would make it."""
    info = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{requires}"
    contents = {
        **files,
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: {tag}\n",
    }
    record = "".join(f"{path},sha256=,\n" for path in contents) + f"{info}/RECORD,,\n"
    with zipfile.ZipFile(folder / f"{name}-1.0-{tag}.whl", "w") as archive:
        for path, text in {**contents, f"{info}/RECORD": record}.items():
            archive.writestr(path, text)


def install(folder: Path, name: str, tag: str, files: dict[str, str], requires: str = "") -> None:
    """What is installed here: another wheel's files, unpacked."""
    wheel(folder, name, tag, files, requires)
    with zipfile.ZipFile(folder / f"{name}-1.0-{tag}.whl") as archive:
        archive.extractall(folder)
    (folder / f"{name}-1.0-{tag}.whl").unlink()


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed distributions, in the path of the handler's process."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


HANDLER = {"m.py": "import fast\ndef handler(event, context): ...\n"}


def test_a_compiled_distribution_is_fetched_for_the_target(wheels, site, tmp_path):
    install(site, "fast", "cp311-cp311-win_amd64", {"fast.py": "HERE = 1\n"})
    wheel(wheels, "fast", f"{CPYTHON}-{CPYTHON}-manylinux2014_aarch64", {"fast.py": "THERE = 1\n"})
    built = packaged(write(tmp_path / "app", HANDLER), "m:handler", tmp_path / "p.zip", target=ELSEWHERE)
    with zipfile.ZipFile(built.output) as archive:
        assert archive.read("fast.py") == b"THERE = 1\n"
    assert built.profile is None


def test_a_pure_one_is_copied(wheels, site, tmp_path):
    install(site, "fast", "py3-none-any", {"fast.py": "HERE = 1\n"})
    built = packaged(write(tmp_path / "app", HANDLER), "m:handler", tmp_path / "p.zip", target=ELSEWHERE)
    assert "fast.py" in names(built)


def test_what_only_the_target_needs(wheels, site, tmp_path):
    """A requirement that does not apply here, of one that is installed here; and its own requirement."""
    marker = f'python_version == "{ELSEWHERE.dotted}" and platform_machine == "aarch64"'
    requires = f"Requires-Dist: backport; {marker}\nRequires-Dist: winonly; sys_platform == 'win32'\n"
    install(site, "fast", "py3-none-any", {"fast.py": ""}, requires)
    wheel(wheels, "backport", "py3-none-any", {"backport.py": ""}, "Requires-Dist: deeper\n")
    wheel(wheels, "deeper", "py3-none-any", {"deeper.py": ""})
    built = packaged(write(tmp_path / "app", HANDLER), "m:handler", tmp_path / "p.zip", target=ELSEWHERE)
    assert {"fast.py", "backport.py", "deeper.py"} <= names(built)


def test_no_wheel_for_the_target(wheels, site, tmp_path):
    install(site, "fast", "cp311-cp311-win_amd64", {"fast.py": ""})
    wheel(wheels, "fast", f"{CPYTHON}-{CPYTHON}-manylinux2014_x86_64", {"fast.py": ""})
    with pytest.raises(PackagingError, match=r"there is no wheel of fast==1\.0 for Python .*arm64.*pip says"):
        packaged(write(tmp_path / "app", HANDLER), "m:handler", tmp_path / "p.zip", target=ELSEWHERE)
    assert not (tmp_path / "p.zip").exists()


def test_no_network(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(PackagingError, match=r"pip cannot reach its index, to fetch nosuch==1\.0 for Python"):
        fetch("nosuch==1.0", ELSEWHERE, tmp_path / "fetched")


def test_a_source_distribution_is_not_built(wheels, tmp_path):
    (wheels / "fast-1.0.tar.gz").write_bytes(hashlib.sha256(b"").digest())
    with pytest.raises(PackagingError, match="there is no wheel of fast"):
        fetch("fast", ELSEWHERE, tmp_path / "fetched")
