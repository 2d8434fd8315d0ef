"""A program that runs a backfill, for the tests that kill it: `python -m tests.backfill_process URL [STATE]`.

It prints the state after each request, and the report in the end, each as a line of JSON. Its pages have a
few items each, as those of a table of large items have.
"""

from __future__ import annotations

import json
import sys
from time import sleep
from typing import TYPE_CHECKING, Any

from dynamodel import (
    Attr,
    Entity,
    Request,
    Table,
    attribute,
    backfill,
    computed,
    connect,
    global_index,
    key,
    primary_key,
    upgrade_from,
)
from dynamodel.transport.boto3_transport import Boto3Transport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel.operations.backfill import BackfillReport

SEGMENTS = 2
PAGE_ITEMS = 25

desk = Table("backfill.desk", partition_key="pk", sort_key="sk")


class Ticket(Entity, table=desk):
    """Version 1 had `who` in place of `owner`, and neither the computed attribute nor the indexes."""

    number: Attr[int] = attribute()
    title: Attr[str] = attribute()
    owner: Attr[str | None] = attribute(default=None)
    hits: Attr[int] = attribute(default=0)
    slug: Attr[str] = computed(str.lower, title)
    version: Attr[int] = attribute(version=True)
    main = primary_key(key("TICKET", number), key("TICKET"))
    by_owner = global_index("gsi1", key("OWNER", owner), key("TICKET", number))
    by_slug = global_index("gsi2", key("SLUG", slug))

    @upgrade_from(1)
    @staticmethod
    def name_the_owner(values: dict[str, Any]) -> dict[str, Any]:
        if "who" in values:
            values["owner"] = values.pop("who")
        return values


class Note(Entity, table=desk):
    """Not backfilled."""

    number: Attr[int] = attribute()
    text: Attr[str] = attribute(default="")
    main = primary_key(key("TICKET", number), key("NOTE"))


class Distant:
    """Sends requests, asks for small pages, and takes its time to write, so that others come in between."""

    def __init__(self, inner: Boto3Transport) -> None:
        self.inner = inner

    def send(self, request: Request) -> Mapping[str, Any]:
        if request.operation == "Scan":
            request = Request("Scan", {**request.parameters, "Limit": PAGE_ITEMS})
        if request.operation == "UpdateItem":
            sleep(0.004)
        return self.inner.send(request)

    def close(self) -> None:
        self.inner.close()


def tell(**what: object) -> None:
    print(json.dumps(what), flush=True)


def show(report: BackfillReport) -> None:
    tell(state=report.state)


def main(endpoint_url: str, state: str | None = None) -> None:
    with connect(transport=Distant(Boto3Transport.open(endpoint_url, "us-east-1"))) as db:
        tell(started=True)
        report = db.run(backfill(Ticket, segments=SEGMENTS, after=state, progress=show))
    counts = {outcome.value: count for outcome, count in report.outcomes.items()}
    tell(counts=counts, unreadable=len(report.unreadable), is_complete=report.is_complete)


if __name__ == "__main__":
    main(*sys.argv[1:])
