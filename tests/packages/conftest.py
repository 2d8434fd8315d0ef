"""Programs to package, packages that were built of them, and the way to run one as Lambda would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from dynamodel.infra.functions import Architecture
from dynamodel.packaging import Built, EntryPoint, Recipe, Target, Wishes, build

if TYPE_CHECKING:
    from collections.abc import Mapping

HELLO = """
import json, logging
def handler(event, context):
    return json.dumps({"hello": event["name"]})
"""

MODELS = """
from dynamodel import Attr, Entity, Table, attribute, primary_key

class Movie(Entity, table=Table("Movies")):
    movie_id: Attr[int] = attribute("movieId")
    title: Attr[str] = attribute()
    by_id = primary_key(movie_id)
"""

PLAIN = """
from app.models import Movie
from dynamodel.aws_lambda import db, handler

@handler(patterns=[Movie.by_id.get])
def get_movie(event, context):
    from app.late import shouted
    from dynamodel import transaction  # a name that nothing has asked for before
    assert transaction(Movie.by_id.delete(0)).request()
    movie = db.run(Movie.by_id.get(event["movieId"]))
    return {"title": shouted(movie.title) if movie else None, "opened": db.times_opened}
"""

API = """
from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver
from app.models import Movie
from dynamodel.aws_lambda import db

app = LambdaFunctionUrlResolver()

@app.get("/movies/<movie_id>")
def get_movie(movie_id):
    return {"title": db.run(Movie.by_id.get(int(movie_id))).title}

def handler(event, context):
    return app.resolve(event, context)
"""

FILES = {
    "hello.py": HELLO,
    "app/__init__.py": "",
    "app/models.py": MODELS,
    "app/plain.py": PLAIN,
    "app/api.py": API,
    "app/late.py": "def shouted(text):\n    return text.upper()\n",
    "app/other.py": "import pytest\n",
    "app/words.json": "{}",
    "app/.env": "SECRET=1",
    "app/posters/list.txt": "Brazil",
    "app/tests/__init__.py": "",
    "app/tests/test_plain.py": "import pytest\n",
}

HERE = Target.of_this_python(
    Architecture.ARM_64 if os.uname().machine in {"aarch64", "arm64"} else Architecture.X86_64
)
"""The target that this machine can run."""


def write(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def packaged(
    root: Path, handler: str, output: Path, *, target: Target = HERE, **wishes: tuple[str, ...]
) -> Built:
    return build(Recipe(EntryPoint.of(handler), root, target, Wishes(**wishes), runs=1), output)


def names(built: Built) -> set[str]:
    with zipfile.ZipFile(built.output) as archive:
        return set(archive.namelist())


INVOKE = """
import json, sys
folder, handler, endpoint = sys.argv[1:4]
sys.path.insert(0, folder)
module, _, function = handler.rpartition(".")
class Context:
    aws_request_id, function_name, memory_limit_in_mb = "1", "packaged", 128
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:packaged"
    def get_remaining_time_in_millis(self):
        return 60000
__import__(module)
answer = getattr(sys.modules[module], function)(json.loads(sys.argv[4]), Context())
outside = [m for m in sys.modules.values() if "site-packages" in str(getattr(m, "__file__", ""))]
print(json.dumps({"answer": answer, "outside": len(outside)}))
"""


class Invoke(Protocol):
    def __call__(self, built: Built, event: object, endpoint: str = ..., *extra: str) -> Any: ...


@pytest.fixture
def invoke(tmp_path: Path) -> Invoke:
    """Unpacks a package, and runs its handler with nothing else on the path than the standard library."""

    def run(built: Built, event: object, endpoint: str = "", *extra: str) -> Any:
        folder = tmp_path / "unpacked"
        with zipfile.ZipFile(built.output) as archive:
            archive.extractall(folder)
        environment = {
            "AWS_ACCESS_KEY_ID": "dynamodbLocal",
            "AWS_SECRET_ACCESS_KEY": "dynamodbLocal",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
        }
        arguments = [str(folder), str(built.entry_point), endpoint, json.dumps(event)]
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-B", *extra, "-c", INVOKE, *arguments],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout.splitlines()[-1])
        assert found["outside"] == 0
        return found["answer"], done.stderr

    return run


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with handlers and what is beside them."""
    return write(tmp_path_factory.mktemp("app"), FILES)


@pytest.fixture(scope="session")
def hello(app: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A package without any dependency."""
    return packaged(app, "hello:handler", tmp_path_factory.mktemp("hello") / "hello.zip")


@pytest.fixture(scope="session")
def plain(app: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A package with dynamodel and boto3."""
    return packaged(app, "app.plain:get_movie", tmp_path_factory.mktemp("plain") / "plain.zip")
