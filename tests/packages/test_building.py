"""Packages of real handlers: what is in them, that they run alone, and what they refuse."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import zipfile
from importlib import metadata

import pytest

from dynamodel.entity.schema import schema_of
from dynamodel.packaging import PackagingError
from dynamodel.packaging import archive as archive_module
from tests.packages.conftest import HERE, MODELS, names, packaged, write


def test_a_handler_of_the_standard_library_is_alone(hello, invoke):
    cached = {name for name in names(hello) if name.endswith(".pyc")}
    assert names(hello) - cached == {"hello.py"}
    assert cached == {f"__pycache__/hello.cpython-{HERE.version[0]}{HERE.version[1]}.pyc"}
    assert invoke(hello, {"name": "Ann"})[0] == json.dumps({"hello": "Ann"})
    assert hello.size < 2000


def test_own_modules_are_taken_one_by_one(plain):
    own = {name for name in names(plain) if name.startswith("app/") and "__pycache__" not in name}
    assert own == {
        "app/__init__.py",
        "app/models.py",
        "app/plain.py",
        "app/late.py",  # a function imports it
        "app/words.json",
        "app/posters/list.txt",
    }


def test_distributions(plain):
    tops = {name.partition("/")[0] for name in names(plain)}
    assert tops >= {"dynamodel", "attr", "attrs", "orjson", "boto3", "botocore", "urllib3", "jmespath"}
    assert tops & {"moto", "pytest", "rich", "typer", "cryptography", "aws_cdk"} == set()
    parts = {part.name: part.version for part in plain.parts}
    assert parts["botocore"] == metadata.version("botocore")
    assert f"botocore-{parts['botocore']}.dist-info/METADATA" in names(plain)


def test_dynamodel_without_what_is_for_other_times(plain):
    packages = {name.split("/")[1] for name in names(plain) if name.startswith("dynamodel/")}
    assert {"aws_lambda", "client", "transport", "operations"} <= packages
    assert packages & {"cli", "infra", "packaging", "testing"} == set()


def test_botocore_has_the_services_that_are_called(plain):
    described = {name.split("/")[2] for name in names(plain) if name.startswith("botocore/data/")}
    assert (
        {name for name in described if not name.endswith(".json")}
        == {"dynamodb"}
        == set(plain.selection.services)
    )
    assert plain.unzipped < 20 * 1024 * 1024


def test_it_runs_alone(plain, invoke, dynamodb_local):
    """Against the real engine, in a process that has nothing else on its path."""
    namespace: dict = {"__name__": "models"}
    exec(MODELS, namespace)
    movie = namespace["Movie"]
    with dynamodb_local.connect() as db:
        db.create_table(schema_of(movie).table)
        try:
            db.run(movie(movie_id=1, title="Brazil").put())
            answer, _ = invoke(plain, {"movieId": 1}, dynamodb_local.endpoint_url)
        finally:
            db.delete_table(schema_of(movie).table)
    assert answer == {"title": "BRAZIL", "opened": 1}


def test_bytecode_is_used_whatever_the_time_stamps_are(plain, tmp_path):
    """A source that was changed after it was compiled is not looked at: Lambda never changes one."""
    folder = tmp_path / "changed"
    with zipfile.ZipFile(plain.output) as archive:
        archive.extractall(folder)
    source = folder / "app" / "late.py"
    source.write_text("raise SystemError('compiled anew')\n")
    os.utime(source, (2_000_000_000, 2_000_000_000))
    program = (
        f"import sys; sys.path.insert(0, {str(folder)!r}); import app.late; print(app.late.shouted('a'))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout == "A\n", done.stderr


def test_every_module_is_compiled(plain):
    sources = {name for name in names(plain) if name.endswith(".py")}
    compiled = {name for name in names(plain) if name.endswith(".pyc")}
    assert len(compiled) == len(sources)
    assert plain.has_bytecode


def test_the_import_profile(plain):
    profile = plain.profile
    assert profile is not None
    packages = {package.name: package for package in profile.packages}
    assert {"app", "dynamodel", "attr", "(standard library)"} <= packages.keys()
    assert sum(package.share for package in profile.packages) == pytest.approx(1)
    times = [package.milliseconds for package in profile.packages]
    assert times == sorted(times, reverse=True)
    assert profile.uncompiled == 0
    assert 0 < packages["app"].modules <= 4
    assert profile.cpu_ms > 1 < profile.wall_ms


def test_the_same_input_gives_the_same_bytes(tmp_path):
    write(
        tmp_path,
        {"m.py": "import attrs, dateutil.tz\nSET = {'a', 'b', 'c'}\ndef handler(event, context): ...\n"},
    )
    first, second = (packaged(tmp_path, "m:handler", tmp_path / f"{number}.zip") for number in (1, 2))
    assert first.files > 50
    assert first.output.read_bytes() == second.output.read_bytes()


def test_files_have_fixed_times_and_permissions(plain):
    with zipfile.ZipFile(plain.output) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 & 0o777 for entry in entries} <= {0o644, 0o755}


def test_with_powertools_and_without_what_a_layer_has(app, plain, tmp_path):
    built = packaged(app, "app.api:handler", tmp_path / "api.zip", exclude=("boto3",))
    tops = {name.partition("/")[0] for name in names(built)}
    assert tops & {"boto3", "botocore", "s3transfer", "urllib3", "pydantic"} == set()
    # jmespath is not boto3's alone.
    assert {
        "dynamodel",
        "orjson",
        "attr",
        "aws_lambda_powertools",
        "jmespath",
        "typing_extensions.py",
    } <= tops
    assert {part.name for part in built.selection.excluded} >= {"boto3", "botocore", "urllib3"}
    assert "pydantic" in built.selection.optional
    assert built.size < plain.size
    assert built.profile is not None  # measured with what was left out, in a folder beside


def test_more_is_included_by_name(app, tmp_path):
    write(tmp_path, {"more/data/film.txt": "x", "more/__init__.py": "", "more/a.py": "import colorsys\n"})
    write(tmp_path, {"hello.py": "def handler(event, context): ...\n", "notes.txt": "x", "sub/b.csv": "1"})
    include = ("notes.txt", "more", "sub", "six", "jmespath")
    built = packaged(tmp_path, "hello:handler", tmp_path / "p.zip", include=include)
    own = {name for name in names(built) if "__pycache__" not in name and "dist-info" not in name}
    expected = {
        "notes.txt",
        "more/__init__.py",
        "more/a.py",
        "more/data/film.txt",
        "sub/b.csv",
        "hello.py",
        "six.py",
    }
    assert expected <= own
    assert "jmespath/__init__.py" in own


@pytest.mark.parametrize(
    ("files", "handler", "wishes", "said"),
    [
        ({}, "helo:handler", {}, "there is no module 'helo'; did you mean hello?"),
        ({}, "hello:handel", {}, "hello has no function 'handel'; did you mean handler?"),
        ({}, "hello:json", {}, "hello.json is no function: it is of the type module"),
        ({}, "hello", {}, "'hello' does not name a handler"),
        ({}, "hello.py:handler", {}, "named as in an import: hello:handler"),
        ({"m.py": "async def handler(e, c): ..."}, "m:handler", {}, "a coroutine function"),
        ({"m.py": "import nosuch\n"}, "m:handler", {}, "ModuleNotFoundError: No module named 'nosuch'"),
        ({"m.py": "x = 1/0\n"}, "m:handler", {}, "m.py, line 1: x = 1/0\n  ZeroDivisionError"),
        ({"m.py": "def handler(:\n"}, "m:handler", {}, "SyntaxError"),
        ({"m.py": "import sys; sys.exit(3)\n"}, "m:handler", {}, "SystemExit: 3"),
        ({"m.py": "import os; os._exit(3)\n"}, "m:handler", {}, "ended Python; with the exit code 3"),
        (
            {"m.py": "import os\nT = os.environ['TABLE']\n"},
            "m:handler",
            {},
            "KeyError: 'TABLE'; the environment of this command is the handler's: set TABLE in it",
        ),
        ({}, "hello:handler", {"include": ("nosuch",)}, "no module, distribution, file or folder 'nosuch'"),
        ({}, "hello:handler", {"include": ("..",)}, "'..' is not below the root"),
        ({}, "hello:handler", {"include": ("/etc/passwd",)}, "'/etc/passwd' is not below the root"),
        ({}, "hello:handler", {"services": ("sqs",)}, "without botocore, no AWS service can be called"),
        ({}, "hello:handler", {"exclude": ("boto3",)}, "'boto3' would not be in the package"),
        ({"m.py": "import boto3\nhandler = print"}, "m:handler", {"services": ("sqz",)}, "did you mean sqs?"),
    ],
)
def test_what_is_refused(app, tmp_path, files, handler, wishes, said):
    write(tmp_path, {"hello.py": (app / "hello.py").read_text(), **files})
    output = tmp_path / "out" / "refused.zip"
    output.parent.mkdir()
    with pytest.raises(PackagingError) as refused:
        packaged(tmp_path, handler, output, **wishes)
    assert said in str(refused.value)
    assert list(output.parent.iterdir()) == []


def test_a_file_that_is_read_at_import_and_missing(tmp_path):
    """Without it the package is not whole, and what was under its name stays."""
    source = "from pathlib import Path\nTEXT = Path(__file__).with_name('words.txt').read_text()\n"
    write(tmp_path, {"words.txt": "x", "m.py": f"{source}def handler(event, context): ...\n"})
    output = tmp_path / "package.zip"
    with zipfile.ZipFile(output, "w") as older:
        older.writestr("older", "")
    before = output.read_bytes()
    with pytest.raises(PackagingError, match="from its package alone: FileNotFoundError"):
        packaged(tmp_path, "m:handler", output)
    assert output.read_bytes() == before
    assert packaged(tmp_path, "m:handler", output, include=("words.txt",)).profile is not None
    assert {path.name for path in tmp_path.iterdir()} == {"words.txt", "m.py", "package.zip"}


def test_a_module_that_only_a_computed_name_imports(tmp_path):
    source = "import importlib\nimportlib.import_module('sec' + 'ond')\ndef handler(event, context): ...\n"
    write(tmp_path, {"m.py": source, "second.py": "import third_party_free\n", "third_party_free.py": ""})
    built = packaged(tmp_path, "m:handler", tmp_path / "p.zip")  # it was loaded, so it is found
    assert {"m.py", "second.py", "third_party_free.py"} <= names(built)


def test_an_import_that_cannot_be_found_is_told(tmp_path):
    optional = "    try:\n        import other\n    except ImportError: ...\n"
    source = f"def handler(event, context):\n    import nosuch\n{optional}"
    write(tmp_path, {"m.py": source})
    built = packaged(tmp_path, "m:handler", tmp_path / "p.zip")
    assert built.selection.missing == ("nosuch, imported by m in line 2",)


def test_an_import_of_ones_own_package_that_cannot_be_found_is_told(tmp_path):
    lines = [
        "import app.nosuch",
        "from app.other import x",
        "from xml import nosuch",
        "import six.moves.queue",
    ]
    source = "\n    ".join(["def handler(event, context):", *lines])
    write(tmp_path, {"app/__init__.py": "", "app/m.py": source})
    built = packaged(tmp_path, "app.m:handler", tmp_path / "p.zip")
    assert built.selection.missing == (
        "app.nosuch, imported by app.m in line 2",
        "app.other, imported by app.m in line 3",
    )


def test_namespace_packages(tmp_path):
    write(tmp_path, {"ns/inner/m.py": "def handler(event, context):\n    from ns.inner import late\n"})
    write(
        tmp_path,
        {"ns/inner/late.py": "", "ns/inner/unused.py": "", "ns/inner/words.json": "", "ns/no.txt": ""},
    )
    built = packaged(tmp_path, "ns.inner.m:handler", tmp_path / "p.zip")
    own = {name for name in names(built) if not name.endswith(".pyc")}
    assert own == {"ns/inner/m.py", "ns/inner/late.py", "ns/inner/words.json"}


def test_modules_named_as_those_of_the_standard_library(tmp_path, invoke):
    """In Lambda a package is searched before it, as the root is here."""
    handler = (
        "import colorsys\ndef handler(event, context):\n    import profile\n    return colorsys.a + profile.b"
    )
    files = {
        "m.py": handler,
        "colorsys.py": "import calendar\na = 1",
        "profile.py": "b = 2",
        "time.py": "c = 3",
    }
    write(tmp_path, files)
    built = packaged(tmp_path, "m:handler", tmp_path / "p.zip")
    assert {name for name in names(built) if name.endswith(".py")} == {"m.py", "colorsys.py", "profile.py"}
    assert invoke(built, {})[0] == 3


def test_symbolic_links(tmp_path, invoke):
    source = "from linked.more import a\ndef handler(event, context):\n    return a"
    write(tmp_path, {"elsewhere/source.py": source, "elsewhere/more.py": "a = 1", "root/notes.txt": ""})
    (tmp_path / "root" / "m.py").symlink_to(tmp_path / "elsewhere" / "source.py")
    (tmp_path / "root" / "linked").symlink_to(tmp_path / "elsewhere")
    built = packaged(tmp_path / "root", "m:handler", tmp_path / "p.zip")
    assert {name for name in names(built) if name.endswith(".py")} == {"m.py", "linked/more.py"}
    assert invoke(built, {})[0] == 1


def test_a_module_whose_file_is_not_there(tmp_path):
    made = "import sys, types\nmade = types.ModuleType('made')\nmade.__file__ = '/nosuch/made.py'\n"
    source = f"{made}sys.modules['made'] = made\ndef handler(event, context): ...\n"
    write(tmp_path, {"m.py": source})
    assert "m.py" in names(packaged(tmp_path, "m:handler", tmp_path / "p.zip"))


def test_it_is_not_written_beyond_lambdas_limit(app, tmp_path, monkeypatch):
    monkeypatch.setattr("dynamodel.packaging.building.MAX_UNZIPPED", 100)
    with pytest.raises(PackagingError, match="unzipped, the package has"):
        packaged(app, "hello:handler", tmp_path / "p.zip")
    assert list(tmp_path.iterdir()) == []
    assert archive_module.MAX_UNZIPPED == 262_144_000  # the number in Lambda's own error message


def test_folders(app, tmp_path):
    with pytest.raises(PackagingError, match="there is no folder"):
        packaged(app, "hello:handler", tmp_path / "nosuch" / "p.zip")
    with pytest.raises(PackagingError, match="is a folder"):
        packaged(app, "hello:handler", tmp_path)


def test_a_name_that_no_file_can_have(app, tmp_path):
    with pytest.raises(PackagingError, match=r"ppp\.zip: File name too long"):
        packaged(app, "hello:handler", tmp_path / f"{'p' * 300}.zip")


def test_a_full_disk(app, tmp_path, monkeypatch):
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("dynamodel.packaging.building.write_zip", full)
    with pytest.raises(PackagingError, match=r"p\.zip: No space left on device"):
        packaged(app, "hello:handler", tmp_path / "p.zip")
    assert list(tmp_path.iterdir()) == []


def test_nothing_else_than_a_zip_is_replaced(tmp_path):
    write(tmp_path, {"app/__init__.py": "", "app/m.py": "def handler(event, context): ...\n"})
    with pytest.raises(PackagingError, match=r"m\.py is there already, and is no zip"):
        packaged(tmp_path, "app.m:handler", tmp_path / "app" / "m.py")
    packaged(tmp_path, "app.m:handler", tmp_path / "app" / "p.zip")
    with pytest.raises(PackagingError, match=r"p\.zip would be in the package itself"):
        packaged(tmp_path, "app.m:handler", tmp_path / "app" / "p.zip")
