"""Which wheels a runtime of Lambda can run."""

from __future__ import annotations

import sys

import pytest
from packaging.tags import parse_tag

from dynamodel.infra.functions import Architecture, Runtime
from dynamodel.packaging import PackagingError, Target

X86, ARM = Architecture.X86_64, Architecture.ARM_64
P311, P313 = Runtime.PYTHON_3_11, Runtime.PYTHON_3_13


@pytest.mark.parametrize(
    ("runtime", "architecture", "tag", "fits"),
    [
        (P313, X86, "py3-none-any", True),
        (P313, X86, "py2.py3-none-any", True),
        (P313, X86, "py2-none-any", False),
        (P313, X86, "cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64", True),
        (P313, X86, "cp313-cp313-manylinux2014_x86_64", True),
        (P313, X86, "cp39-abi3-manylinux_2_28_x86_64", True),
        (P313, X86, "cp313-cp313-manylinux_2_34_x86_64", True),
        (P313, X86, "cp313-cp313-manylinux_2_35_x86_64", False),  # newer than Amazon Linux 2023
        (P311, X86, "cp311-cp311-manylinux_2_26_x86_64", True),
        (P311, X86, "cp311-cp311-manylinux_2_28_x86_64", False),  # newer than Amazon Linux 2
        (P313, X86, "cp312-cp312-manylinux2014_x86_64", False),
        (P313, X86, "cp313-cp313t-manylinux2014_x86_64", False),
        (P313, X86, "cp313-cp313-manylinux2014_aarch64", False),
        (P313, X86, "cp313-cp313-musllinux_1_2_x86_64", False),
        (P313, X86, "cp313-cp313-linux_x86_64", False),  # built on some machine, against its libraries
        (P313, X86, "cp313-cp313-macosx_11_0_arm64", False),
        (P313, X86, "cp313-cp313-win_amd64", False),
        (P313, ARM, "cp313-cp313-manylinux2014_aarch64", True),
        (P313, ARM, "cp313-cp313-manylinux_2_17_aarch64", True),
        (P313, ARM, "cp313-cp313-manylinux2014_x86_64", False),
    ],
)
def test_wheels(runtime, architecture, tag, fits):
    assert bool(parse_tag(tag) & Target(runtime, architecture).tags) is fits


@pytest.mark.parametrize("runtime", [Runtime.NODEJS_22_X, Runtime.PROVIDED_AL2023, Runtime.PYTHON_3_10])
def test_runtimes_that_cannot_run_it(runtime):
    with pytest.raises(PackagingError, match=r"there are: python3\.11, "):
        Target(runtime, X86)


def test_this_python():
    target = Target.of_this_python()
    assert (target.version, target.architecture) == (sys.version_info[:2], X86)
    assert target.interpreter == sys.executable


def test_an_interpreter_of_another_version(tmp_path, monkeypatch):
    other = Runtime.PYTHON_3_14 if sys.version_info[:2] != (3, 14) else P313
    target = Target(other, X86)
    script = tmp_path / other.value
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    def installed(prints: str) -> str | None:
        script.write_text(f"#!/bin/sh\necho {prints}\n")
        script.chmod(0o755)
        return Target(other, X86).interpreter

    assert target.interpreter != sys.executable
    assert installed("cpython {} {}".format(*target.version)) == str(script)
    assert installed("pypy {} {}".format(*target.version)) is None
    assert installed("cpython 3 9") is None  # as a shim that starts another version
