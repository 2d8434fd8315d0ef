"""Which AWS services a handler calls: botocore has descriptions of several hundred, of 21 MB."""

from __future__ import annotations

import gzip
import json
import re
from typing import TYPE_CHECKING, Final

from dynamodel.packaging.problems import PackagingError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

__all__ = ["called_services", "endpoint_prefixes"]

_NAMED: Final = re.compile(
    r"""(?:\.(?:client|resource)\(\s*(?:service_name\s*=\s*)?|\bservice_name\s*=\s*)["']([a-z0-9-]+)["']"""
)


def called_services(data: Path, sources: Iterable[Path], wished: Collection[str]) -> tuple[str, ...]:
    """The services that some modules name in `boto3.client("NAME")`, `session.resource("NAME")` and the like.

    DynamoDB is always one of them.

    Args:
        data: the folder `botocore/data`.
        sources: the files of the modules.
        wished: the names of others.

    Raises:
        PackagingError: botocore does not know one that is wished.
    """
    known = {path.name for path in data.iterdir() if path.is_dir()}
    for service in wished:
        if service not in known:
            hint = did_you_mean(service, known, "boto3.client() takes the same names")
            raise PackagingError(f"botocore knows no service {service!r}", hint)
    named = {"dynamodb", *wished}
    for source in sources:
        if source.suffix == ".py":
            named.update(_NAMED.findall(source.read_text("utf-8", errors="replace")))
    return tuple(sorted(named & known))


def endpoint_prefixes(data: Path, services: Collection[str]) -> set[str]:
    """How botocore's list of endpoints names services: CloudWatch, `cloudwatch`, is `monitoring` there.

    Args:
        data: the folder `botocore/data`.
        services: as boto3.client() takes them.
    """
    found = set(services)
    for service in services:
        for path in data.glob(f"{service}/*/service-2.json*"):
            text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            found.add(json.loads(text)["metadata"]["endpointPrefix"])
    return found
