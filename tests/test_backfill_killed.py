"""A backfill that is killed at random moments, while others write the same items: nothing is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from random import Random
from threading import Event, Thread
from time import sleep
from typing import TYPE_CHECKING, Any

import pytest

from dynamodel import ConditionFailedError, backfill
from dynamodel.operations.rewrite import Outcome
from tests.backfill_process import Note, Ticket, desk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamodel import Client
    from dynamodel.testing import DynamoDBLocal
    from dynamodel.types import Item

ITEMS = 400
KILLS = 3


# --- what is stored ---


def number(value: int) -> dict[str, str]:
    return {"N": str(value)}


def old_item(n: int) -> Item:
    """What an earlier program wrote: version 1, or version 2 before the class had indexes."""
    item: Item = {
        "pk": {"S": Ticket(number=n, title="").put().item["pk"]["S"]},
        "sk": {"S": "TICKET"},
        "_type": {"S": "Ticket"},
        "number": number(n),
        "title": {"S": f"Title {n}"},
        "hits": number(0),
        "version": number(7),
        "_write": {"S": f"mark {n}"},
        "legacy": {"S": f"kept {n}"},
    }
    if n % 2:
        item["_schema"] = number(2)
    if n % 3:
        item["owner" if n % 2 else "who"] = {"S": f"owner {n % 10}"}
    return item


def note_item(n: int) -> Item:
    item = dict(Note(number=n, text="as it is").put().item)
    del item["text"]
    return item | {"gsi2pk": {"S": "SLUG#note"}}  # which no backfill of tickets mends


def fill(wire: DynamoDBClient, items: list[Item]) -> None:
    for start in range(0, len(items), 25):
        puts: Any = [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]
        assert not wire.batch_write_item(RequestItems={desk.name: puts})["UnprocessedItems"]


def stored(wire: DynamoDBClient, kind: str) -> dict[int, Any]:
    pages = wire.get_paginator("scan").paginate(TableName=desk.name, ConsistentRead=True)
    items = [item for page in pages for item in page["Items"] if item["_type"] == {"S": kind}]
    return {int(item["number"]["N"]): item for item in items}


@pytest.fixture
def wire(dynamodb_local: DynamoDBLocal, dynamodb_local_db: Client) -> Iterator[DynamoDBClient]:
    dynamodb_local_db.create_table(desk)
    client = dynamodb_local.boto3_client()
    fill(client, [*map(old_item, range(ITEMS)), *map(note_item, range(0, ITEMS, 20))])
    yield client
    client.close()


# --- who writes beside the backfill ---


class Writer(Thread):
    """Changes random items until it is stopped, and remembers what must be stored."""

    def __init__(self, db: Client) -> None:
        super().__init__()
        self.db = db
        self.random = Random(11)
        self.stopped = Event()
        self.hits: dict[int, int] = dict.fromkeys(range(ITEMS), 0)
        self.writes: dict[int, int] = dict.fromkeys(range(ITEMS), 0)
        self.owners: dict[int, str] = {}
        self.new: set[int] = set()
        self.conflicts = 0
        self.failure: Exception | None = None

    def run(self) -> None:
        try:
            while not self.stopped.is_set():
                self.random.choices(
                    [self.add, self.own, self.put, self.delete, self.create], [2, 6, 2, 2, 2]
                )[0]()
                sleep(0.0005)
        except Exception as error:
            self.failure = error

    def pick(self) -> int:
        return self.random.choice(list(self.hits))

    def add(self) -> None:
        """An update; of an old item it is refused, and the item is put."""
        n = self.pick()
        try:
            self.db.run(Ticket.main.update(n).apply(Ticket.hits.add(1)).must_exist())
        except ConditionFailedError:
            self.put(n)
        else:
            self.hits[n] += 1
            self.writes[n] += 1

    def own(self) -> None:
        """An update that changes an index key; of an old item it is refused, and the item is put."""
        n, owner = self.pick(), f"new {self.random.randrange(100)}"
        try:
            self.db.run(Ticket.main.update(n).apply(Ticket.owner.set(owner)).must_exist())
        except ConditionFailedError:
            self.put(n, owner)
        else:
            self.owners[n] = owner
            self.writes[n] += 1

    def put(self, n: int | None = None, owner: str | None = None) -> None:
        n = self.pick() if n is None else n
        while True:
            ticket = self.db.run(Ticket.main.get(n).consistent())
            assert ticket is not None
            ticket.hits += 1
            ticket.owner = owner or ticket.owner
            try:
                self.db.run(ticket.put())
            except ConditionFailedError:
                self.conflicts += 1
            else:
                self.hits[n] += 1
                self.writes[n] += 1
                self.owners |= {n: owner} if owner else {}
                return

    def delete(self) -> None:
        n = self.pick()
        self.db.run(Ticket.main.delete(n))
        for known in (self.hits, self.writes, self.owners):
            known.pop(n, None)
        self.new.discard(n)

    def create(self) -> None:
        n = ITEMS + self.random.randrange(10**6)
        if n not in self.hits:
            self.db.run(Ticket(number=n, title=f"Title {n}", owner="new").create())
            self.hits[n], self.writes[n], self.owners[n] = 0, 1, "new"
            self.new.add(n)


# --- the backfill, as a process of its own ---


def start(url: str, state: str | None) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.backfill_process", url, *([state] if state else [])]
    root = Path(__file__).parent.parent
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True, env=dict(os.environ))


def killed_after(process: subprocess.Popen[str], requests: int, seconds: float) -> list[dict[str, Any]]:
    """What it told, if it is killed so many seconds after so many lines."""
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(1 + requests)]
    sleep(seconds)
    process.send_signal(signal.SIGKILL)
    told += process.stdout.read().splitlines(keepends=True)
    process.stdout.close()
    process.wait()
    return [json.loads(line) for line in told if line.endswith("\n")]  # the last one may be cut


def finished(process: subprocess.Popen[str]) -> dict[str, Any]:
    lines, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    report: dict[str, Any] = json.loads(lines.splitlines()[-1])
    return report


def last_state(told: list[dict[str, Any]], before: str | None) -> str | None:
    return ([before] + [line["state"] for line in told if "state" in line])[-1]


def test_a_backfill_that_is_killed_while_others_write(dynamodb_local, dynamodb_local_db, wire):
    url, random, state = dynamodb_local.endpoint_url, Random(5), None
    notes = stored(wire, "Note")
    writer = Writer(dynamodb_local_db)
    writer.start()
    ends = []
    try:
        for kill in range(KILLS):
            after = state if kill % 2 else None  # else from the beginning
            process = start(url, after)
            told = killed_after(process, random.randrange(1, 5), random.uniform(0, 0.03))
            ends.append(process.returncode)
            state = last_state(told, after)
        report = finished(start(url, state))
    finally:
        writer.stopped.set()
        writer.join()
    assert writer.failure is None
    assert ends == [-signal.SIGKILL] * KILLS  # none of them came to its end
    assert report["is_complete"]
    check(wire, writer)
    assert stored(wire, "Note") == notes
    again = dynamodb_local_db.run(backfill(Ticket))
    assert (again.outcomes, again.unreadable) == ({Outcome.CURRENT: len(writer.hits)}, ())


def check(wire: DynamoDBClient, writer: Writer) -> None:
    """Every item is there, in today's form and with the keys that follow from it, and no write was lost."""
    items = stored(wire, "Ticket")
    assert items.keys() == writer.hits.keys()
    assert sum(writer.writes.values()) > 50
    for n, item in items.items():
        was = {} if n in writer.new else old_item(n)
        owner = writer.owners.get(n, was.get("owner", was.get("who", {})).get("S"))
        expected = {
            "pk": item["pk"],
            "sk": {"S": "TICKET"},
            "_type": {"S": "Ticket"},
            "_schema": number(2),
            "number": number(n),
            "title": {"S": f"Title {n}"},
            "slug": {"S": f"title {n}"},
            "gsi2pk": {"S": f"SLUG#title {n}"},
            "hits": number(writer.hits[n]),
            "version": number((7 if was else 0) + writer.writes[n]),
            "_write": was["_write"] if was and not writer.writes[n] else item["_write"],
        }
        if was:
            expected["legacy"] = was["legacy"]
        if owner is not None:
            expected |= {"owner": {"S": owner}, "gsi1pk": {"S": f"OWNER#{owner}"}}
            expected["gsi1sk"] = {"S": item["pk"]["S"]}  # both are TICKET and the number
        assert item == expected
