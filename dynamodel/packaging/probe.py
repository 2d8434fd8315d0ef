"""A program, run in a process of its own: imports a handler and tells which modules that brought along.

It is run by its path, with nothing but the standard library, so that what it finds is what the handler needs:

    python -P probe.py FOLDER MODULE FUNCTION ANSWER

The answer is a JSON object in the file ANSWER. What the handler prints stays on stdout and stderr.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType

__all__: list[str] = []


def _main(folder: str, module: str, function: str, answer: str) -> None:
    sys.path.insert(0, folder)
    before = set(sys.modules)
    found = _imported(module, function)
    # What was there before the handler is the interpreter's and of `.pth` files, which Lambda does not read.
    modules = [_described(name, value) for name, value in list(sys.modules.items()) if name not in before]
    found |= {"modules": [each for each in modules if each], "path": sys.path}
    Path(answer).write_text(json.dumps(found), "utf-8")


def _imported(module: str, function: str) -> dict[str, Any]:
    try:
        loaded = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and (module == error.name or module.startswith(f"{error.name}.")):
            return {"problem": "no module", "name": error.name}
        return _stopped(error) | {"missing": error.name}
    except BaseException as error:
        return _stopped(error)
    return _judged(loaded, function)


def _judged(loaded: ModuleType, function: str) -> dict[str, Any]:
    value = getattr(loaded, function, None)
    if value is None:
        names = [name for name, each in vars(loaded).items() if callable(each) and not isinstance(each, type)]
        return {"problem": "no function", "names": [name for name in names if not name.startswith("_")]}
    if not callable(value):
        return {"problem": "not callable", "type": type(value).__name__}
    if inspect.iscoroutinefunction(value):
        return {"problem": "coroutine"}
    return {"problem": None}


def _stopped(error: BaseException) -> dict[str, Any]:
    frames = [
        f"{frame.filename}, line {frame.lineno}: {frame.line}"
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith("<") and frame.filename not in {importlib.__file__, __file__}
    ]
    if isinstance(error, SyntaxError) and error.filename is not None:
        frames.append(f"{error.filename}, line {error.lineno}: {(error.text or '').strip()}")
    found = {"problem": "stopped", "said": f"{type(error).__name__}: {error}", "frames": frames[-5:]}
    last = traceback.extract_tb(error.__traceback__)[-1]
    if isinstance(error, KeyError) and last.filename in {"<frozen os>", os.__file__}:
        found["variable"] = error.args[0]
    return found


def _described(name: str, module: Any) -> dict[str, Any] | None:
    file = getattr(module, "__file__", None)
    folders = getattr(module, "__path__", None)
    if not isinstance(file, str) or not Path(file).is_file():
        file = None
    # A namespace package has no file; what a program puts into sys.modules by itself may have neither.
    if file is None and folders is None:
        return None
    return {"name": name, "file": file, "is_package": folders is not None}


if __name__ == "__main__":
    _main(*sys.argv[1:])
