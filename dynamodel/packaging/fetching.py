"""Distributions for another platform or Python than this one: wheels, which pip finds and unpacks.

Guarantee: nothing is built from source, and nothing that was fetched is executed.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Final

from dynamodel.packaging.installed import Distribution, Environment
from dynamodel.packaging.problems import PackagingError

if TYPE_CHECKING:
    from pathlib import Path

    from dynamodel.packaging.target import Target

__all__ = ["fetch"]

_SECONDS: Final = 300.0


def fetch(requirement: str, target: Target, folder: Path) -> Distribution:
    """Unpacks the wheel of one distribution for a target.

    pip's own settings apply: its index, proxies and caches.

    Args:
        requirement: what pip is to find, such as `orjson==3.11.4`.
        target: where it is to run.
        folder: an empty one; it has the files afterwards.

    Raises:
        PackagingError: there is no such wheel; or there is no pip, or it cannot reach its index.
    """
    options = ["--no-deps", "--no-compile", "--only-binary=:all:", "--implementation", "cp"]
    for name in target.platforms:
        options += ["--platform", name]
    options += ["--python-version", target.dotted, "--target", str(folder)]
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", "install"]
    try:
        done = subprocess.run(  # noqa: S603 - pip of this Python, and a requirement of what is installed here
            [*pip, *options, requirement],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PackagingError(f"pip did not fetch {requirement} within {_SECONDS:.0f} seconds") from None
    if done.returncode != 0:
        raise _refusal(requirement, target, done.stderr)
    [found] = Environment([str(folder)]).distributions.values()
    return found


def _refusal(requirement: str, target: Target, said: str) -> PackagingError:
    if "after connection broken" in said:
        text = f"pip cannot reach its index, to fetch {requirement} for {target}"
        return PackagingError(text, "is there a network? PIP_INDEX_URL and `pip config` name another index")
    text = f"there is no wheel of {requirement} for {target}"
    lines = [line for line in said.strip().splitlines() if line.startswith("ERROR")]
    last = lines[-1].removeprefix("ERROR: ") if lines else said.strip().rpartition("\n")[2]
    if "No module named pip" in said:
        return PackagingError(
            f"{requirement} has to be fetched for {target}", "python -m ensurepip installs pip"
        )
    return PackagingError(text, f"pip says: {last}. --exclude leaves it out, such as for a layer that has it")
