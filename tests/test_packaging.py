"""The distribution as users get it: built, installed on its own, without the extras.

Nothing is downloaded: the empty environment gets the core dependencies, and theirs in turn, as links to
what is installed here; the declared dependencies decide which these are.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
import zipfile
from email.parser import HeaderParser
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from email.message import Message

ROOT = Path(__file__).parent.parent
CORE = {"attrs", "boto3", "cattrs", "orjson"}


class Built(NamedTuple):
    names: list[str]
    metadata: Message
    python: Path
    """The Python of an environment with dynamodel and its core dependencies, and nothing else."""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("packaging")
    wheel = build(folder)
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (header,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        parsed = HeaderParser().parsestr(archive.read(header).decode())
    return Built(names, parsed, install(wheel, core_requirements(parsed), folder / "venv"))


def build(folder: Path) -> Path:
    """The wheel, made from the source distribution, so that the latter is known to be whole."""
    source = folder / "source"
    ignored = shutil.ignore_patterns(".*", "node_modules", "__pycache__")
    shutil.copytree(ROOT, source, ignore=ignored)
    run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder / "dist"), str(source)],
        folder,
    )
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


def install(wheel: Path, requirements: Iterable[Requirement], folder: Path) -> Path:
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    (site,) = folder.glob("lib/python*/site-packages")
    for name in closure(requirements):
        files = metadata.distribution(name).files or ()
        for top in {file.parts[0] for file in files} - {"..", "__pycache__"}:
            (site / top).symlink_to(Path(str(metadata.distribution(name).locate_file(top))))
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(python)]
    run([*pip, "install", "--no-index", str(wheel)], folder)  # fails if a dependency is missing
    return python


def closure(requirements: Iterable[Requirement]) -> set[str]:
    """The distributions that these requirements bring along, here and now."""
    found: set[str] = set()
    waiting = list(requirements)
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        if name not in found and is_needed(wanted):
            found.add(name)
            waiting += map(Requirement, metadata.requires(name) or ())
    return found


def is_needed(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def core_requirements(header: Message) -> list[Requirement]:
    return [r for r in map(Requirement, header.get_all("Requires-Dist", [])) if is_needed(r)]


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_name_licence_and_dependencies(built: Built) -> None:
    header = built.metadata
    assert header["Name"] == "dynamodel-orm"
    assert header["License-Expression"] == "Apache-2.0"
    assert header["Requires-Python"] == ">=3.11"
    assert {r.name for r in core_requirements(header)} == CORE
    assert {"local", "cli"} <= set(header.get_all("Provides-Extra", []))


def test_the_wheel_has_the_package_and_nothing_else(built: Built) -> None:
    sources = {str(path.relative_to(ROOT)) for path in (ROOT / "dynamodel").rglob("*.py")}
    inside = {name for name in built.names if ".dist-info/" not in name}
    assert inside == sources | {"dynamodel/py.typed"}
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in built.names)


def test_it_works_away_from_its_source(built: Built, tmp_path: Path) -> None:
    program = (
        "import dynamodel, sys, importlib.metadata as metadata\n"
        "print(dynamodel.__file__, metadata.version('dynamodel-orm'))\n"
        "assert not [m for m in ('moto', 'pytest', 'rich', 'mypy_boto3_dynamodb') if m in sys.modules]\n"
    )
    path, version = run([str(built.python), "-I", "-c", program], tmp_path).split()
    assert Path(path).is_relative_to(built.python.parent.parent)
    assert version == built.metadata["Version"]


def test_every_module_needs_only_the_core_dependencies(built: Built, tmp_path: Path) -> None:
    """Or they name their extra; but for the pytest plugin, which is pytest's to import."""
    program = (
        "import dynamodel, importlib, pkgutil\n"
        "names = [m.name for m in pkgutil.walk_packages(dynamodel.__path__, 'dynamodel.', lambda _: None)]\n"
        "extras = ('dynamodel.cli', 'dynamodel.infra.cdk', 'dynamodel.__main__')\n"
        "wanting = set()\n"
        "for name in names:\n"
        "    if name.startswith(extras) or name.endswith('pytest_plugin'):\n"
        "        continue\n"
        "    try:\n"
        "        importlib.import_module(name)\n"
        "    except dynamodel.MissingExtraError as error:\n"
        "        wanting.add('.'.join(name.split('.')[:2]) + ':' + error.extra)\n"
        "print(len(names) > 200, *sorted(wanting))"
    )
    said = run([str(built.python), "-I", "-c", program], tmp_path)
    assert said.split() == ["True", "dynamodel.aws_lambda:lambda", "dynamodel.packaging:cli"]


def test_the_embedded_engine_names_its_extra(built: Built, tmp_path: Path) -> None:
    program = (
        "from dynamodel import MissingExtraError\n"
        "from dynamodel.testing import embedded\n"
        "try:\n"
        "    embedded().__enter__()\n"
        "except MissingExtraError as error:\n"
        "    print(error)"
    )
    said = run([str(built.python), "-I", "-c", program], tmp_path)
    assert said == "The embedded engine needs the extra 'local': pip install 'dynamodel-orm[local]'\n"


def test_pytest_finds_the_plugin(built: Built, tmp_path: Path) -> None:
    program = (
        "import importlib.metadata as metadata\n"
        "print(*(point.value for point in metadata.entry_points(group='pytest11')))"
    )
    assert run([str(built.python), "-I", "-c", program], tmp_path) == "dynamodel.testing.pytest_plugin\n"
