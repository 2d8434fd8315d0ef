"""The same tables in both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dynamodel.testing import embedded

from .models import Recorded, Sample, Song, Visit, recording_client
from .several_models import Faulty, faulty_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamodel import Client
    from dynamodel.testing import DynamoDBLocal


@pytest.fixture(scope="module")
def local(dynamodb_local: DynamoDBLocal) -> Iterator[tuple[Client, Recorded]]:
    """DynamoDB Local with the tables, and what was sent to it. Each test has its own partition keys."""
    client, recorded = recording_client(dynamodb_local.endpoint_url)
    before = dynamodb_local.table_names()
    with client:
        client.create_table(Song)
        client.create_table(Sample)
        yield client, recorded
    dynamodb_local.reset(keep=before)


@pytest.fixture
def db(local: tuple[Client, Recorded]) -> Client:
    return local[0]


@pytest.fixture
def sent(local: tuple[Client, Recorded]) -> Recorded:
    local[1].requests.clear()
    return local[1]


@pytest.fixture(scope="module")
def moto() -> Iterator[tuple[Client, Recorded]]:
    """The embedded engine with the same tables."""
    with embedded():
        client, recorded = recording_client()
        with client:
            client.create_table(Song)
            client.create_table(Sample)
            client.create_table(Visit)
            yield client, recorded


@pytest.fixture(params=[pytest.param("local", marks=pytest.mark.dynamodb_local), "moto"])
def engine(request: pytest.FixtureRequest) -> tuple[Client, Recorded]:
    """Each of the two engines in turn."""
    client, recorded = request.getfixturevalue(request.param)
    recorded.requests.clear()
    return client, recorded


@pytest.fixture(scope="module")
def faulty_engine(dynamodb_local: DynamoDBLocal) -> Iterator[tuple[Client, Faulty]]:
    """DynamoDB Local behind a transport with faults to order."""
    before = dynamodb_local.table_names()
    with faulty_client(dynamodb_local.endpoint_url) as opened:
        yield opened
    dynamodb_local.reset(keep=before)


@pytest.fixture
def faulty(faulty_engine: tuple[Client, Faulty], pauses: list[float]) -> tuple[Client, Faulty]:
    """The same, without a fault and with nothing sent yet; its client does not sleep."""
    client, sent = faulty_engine
    sent.requests.clear()
    sent.faults.clear()
    return client, sent


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the client would have slept."""
    slept: list[float] = []
    monkeypatch.setattr("dynamodel.client.sync.time.sleep", slept.append)
    return slept


@pytest.fixture
def owner(request: pytest.FixtureRequest) -> str:
    """A partition key of one test alone."""
    return request.node.nodeid


@pytest.fixture
def artist(request: pytest.FixtureRequest) -> str:
    """A partition key of one test alone."""
    return request.node.nodeid
