"""What of a distribution is left out: what no handler reads.

Guarantee: what is left out is stubs, tests, caches and lists of files, and of botocore what describes
services that the handler does not call.
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["BOTOCORE_DATA", "ENDPOINTS", "is_needed", "only_of_services"]

_METADATA: Final = frozenset({"METADATA", "entry_points.txt", "top_level.txt"})
"""What `importlib.metadata` reads for versions, requirements and plugins."""

_NO_FOLDERS: Final = frozenset({"__pycache__", "tests"})
_NO_SUFFIXES: Final = frozenset({".c", ".h", ".pth", ".pxd", ".pyc", ".pyi", ".pyx"})
_NO_NAMES: Final = frozenset({"py.typed"})

_DATA: Final = ("botocore", "data")
_RESOURCES: Final = ("boto3", "data")
_EXAMPLES: Final = "examples-1.json"

BOTOCORE_DATA: Final = "botocore/data"

ENDPOINTS: Final = "botocore/data/endpoints.json"
"""The hosts of all services in all regions. botocore reads it whole for its first client (measured with
botocore 1.44: 16 ms of CPU for its 1.25 MB, 0.1 ms for one service's part)."""


def is_needed(name: str, services: Collection[str], loaded: Collection[str]) -> bool:
    """Whether a file of a distribution goes into a package.

    Args:
        name: its name, relative to the folder from which modules are imported.
        services: the AWS services that are called, as botocore names them.
        loaded: the names of the modules that the handler's import loaded.
    """
    path = PurePosixPath(name)
    parts = path.parts
    if path.is_absolute() or ".." in parts or path.suffix in _NO_SUFFIXES or path.name in _NO_NAMES:
        return False
    if parts[0].endswith((".dist-info", ".egg-info")):
        return len(parts) == 2 and path.name in _METADATA
    if not _NO_FOLDERS.isdisjoint(parts[:-1]):
        return ".".join(parts[:-1]) in loaded and "__pycache__" not in parts
    if parts[:2] in (_DATA, _RESOURCES) and len(parts) > 3:
        return parts[2] in services and path.name != _EXAMPLES
    return parts[:2] != ("boto3", "examples")


def only_of_services(endpoints: bytes, prefixes: Collection[str]) -> bytes:
    """Botocore's endpoints of some services; the regions, and the rule for all other services, stay.

    Args:
        endpoints: the text of `endpoints.json`.
        prefixes: the names of those services there.
    """
    known = json.loads(endpoints)
    for partition in known["partitions"]:
        every = partition["services"]
        partition["services"] = {name: every[name] for name in every if name in prefixes}
    return json.dumps(known, separators=(",", ":")).encode()
