"""Where DynamoDB Local and Java are on this machine.

Guarantee: looking runs no program and changes nothing. The jar that `DYNAMODB_LOCAL_JAR` names is the only
one considered when that variable is set, so that a slip in it shows instead of another version being used.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from dynamodel.testing.problems import EngineNotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["HOW_TO_INSTALL", "JAR_VARIABLE", "find_dynamodb_local", "find_java", "locate"]

JAR_VARIABLE = "DYNAMODB_LOCAL_JAR"
"""The environment variable with the path of DynamoDBLocal.jar, or of its folder."""

HOW_TO_INSTALL = (
    "npm install --no-save --prefix .dynamodb-local amplify-dynamodb-simulator "
    f"(and Java 17 or later), or set {JAR_VARIABLE}"
)
"""How to get the engine, in one line."""

_JAR = "DynamoDBLocal.jar"
_IN_NPM_PACKAGE = Path("amplify-dynamodb-simulator", "emulator", _JAR)


def find_dynamodb_local() -> Path | None:
    """The path of DynamoDBLocal.jar, or None if it is not found.

    Looked at, in this order: the environment variable DYNAMODB_LOCAL_JAR (the jar or its folder; nothing
    else if it is set); the npm package amplify-dynamodb-simulator in `node_modules` or in
    `.dynamodb-local/node_modules` of the current folder and of each folder above it; npm's global packages.
    """
    named = os.environ.get(JAR_VARIABLE)
    if named:
        path = Path(named).expanduser()
        candidates = [path / _JAR if path.is_dir() else path]
    else:
        candidates = [root / _IN_NPM_PACKAGE for root in _npm_roots()]
    return next((jar.resolve() for jar in candidates if jar.is_file()), None)


def _npm_roots() -> Iterator[Path]:
    here = Path.cwd()
    for folder in (here, *here.parents):
        yield folder / "node_modules"
        yield folder / ".dynamodb-local" / "node_modules"
    for folder_name in filter(None, os.environ.get("NODE_PATH", "").split(os.pathsep)):
        yield Path(folder_name)
    # npm's global folder hangs on its prefix, which is one above the folder of node's programs.
    for program in filter(None, (shutil.which("npm"), shutil.which("node"))):
        yield Path(program).parent.parent / "lib" / "node_modules"
        yield Path(program).parent / "node_modules"  # Windows
    yield Path("/usr/local/lib/node_modules")


def find_java() -> str | None:
    """The `java` program: that of JAVA_HOME if it is set, otherwise the first on the PATH."""
    home = os.environ.get("JAVA_HOME")
    at_home = shutil.which("java", path=str(Path(home, "bin"))) if home else None
    return at_home or shutil.which("java")


def locate() -> tuple[str, Path]:
    """The programs to run: `java` and the jar.

    Raises:
        EngineNotFoundError: one of them is missing; the message says which, and how to get it.
    """
    jar, java = find_dynamodb_local(), find_java()
    if jar is None:
        named = os.environ.get(JAR_VARIABLE)
        where = (
            f"at {JAR_VARIABLE}={named}" if named else "in node_modules here or above, or among npm's globals"
        )
        raise EngineNotFoundError(f"DynamoDB Local is not {where}. To get it: {HOW_TO_INSTALL}")
    if java is None:
        raise EngineNotFoundError(
            f"DynamoDB Local is at {jar}, but there is no java program. "
            "Install Java 17 or later (Debian: apt-get install default-jre-headless), or set JAVA_HOME"
        )
    return java, jar
