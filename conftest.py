"""Runs the Python blocks of README.md and of the pages in docs/ as tests, with Sybil.

Guarantees: the blocks of one page share one namespace and run in order; `db` in it is a client on an empty
embedded engine, which is closed after the page's last block, with the environment as it was before.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import Any

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

from dynamodel.testing import embedded, find_dynamodb_local
from dynamodel.testing.java_location import find_java

_ENGINE = "_engine"


def _open(namespace: dict[str, Any]) -> None:
    stack = ExitStack()
    namespace["__name__"] = "page"  # the module of the classes that the page makes
    namespace["db"] = stack.enter_context(embedded())
    namespace["without_dynamodb_local"] = _lacks_dynamodb_local()
    namespace[_ENGINE] = stack


def _close(namespace: dict[str, Any]) -> None:
    namespace.pop(_ENGINE).close()


def _lacks_dynamodb_local() -> bool:
    """Whether the blocks for which DynamoDB Local is needed are skipped; never where it is required."""
    is_there = find_dynamodb_local() is not None and find_java() is not None
    return not is_there and os.environ.get("DYNAMODB_LOCAL_REQUIRED") != "1"


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()],
    patterns=["README.md", "docs/*.md", "docs/decisions/*.md"],
    setup=_open,
    teardown=_close,
).pytest()
