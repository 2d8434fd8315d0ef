"""Tables in one account after the other: whatever is deployed becomes whatever is declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve
from hypothesis import given, settings

from dynamodel import (
    Attr,
    BillingMode,
    Client,
    Entity,
    KinesisStream,
    PointInTimeRecovery,
    RequestError,
    ServiceError,
    StreamViewType,
    Table,
    TableNotFoundError,
    Throughput,
    WarmThroughput,
    attribute,
    connect,
    primary_key,
)
from dynamodel.errors import service_error
from dynamodel.operations.table_description import describe_table
from dynamodel.operations.table_update import DiffTable, update_table
from dynamodel.operations.tables import CreateTable
from dynamodel.schema import (
    GetAtt,
    IndexDefinition,
    KeyAttribute,
    KeySchema,
    Parameter,
    Projection,
    Sub,
    TableDefinition,
    TableSettings,
    table_faults,
)

from .control_plane import ControlPlane
from .drawing_tables import pairs

if TYPE_CHECKING:
    from dynamodel.testing import DynamoDBLocal


def opened(plane: ControlPlane) -> Client:
    return connect(transport=plane)


@settings(max_examples=300)
@given(pair=pairs())
def test_any_table_becomes_any_other(pair: tuple[TableDefinition, TableDefinition]) -> None:
    before, after = pair
    assert table_faults(before) == table_faults(after) == []
    plane = ControlPlane()
    db = opened(plane)
    db.run(CreateTable(before))
    assert str(db.run(DiffTable(before))).startswith("Table 'Forum': as declared")
    db.run(update_table(after))
    left = db.run(DiffTable(after))
    assert left.is_empty, str(left)
    assert all("Application Auto Scaling" in each for each in left.unseen.values())
    plane.requests.clear()
    assert db.run(update_table(after)).is_empty
    assert plane.changes == []


# --- DynamoDB Local ---


PROVISIONED: dict[str, Any] = {"billing_mode": BillingMode.PROVISIONED, "throughput": Throughput(1, 2)}
TEXT, NUMBER = KeyAttribute("a", "S"), KeyAttribute("n", "N")


def index(*key: KeyAttribute, name: str = "by-a", **settings: Any) -> IndexDefinition:
    return IndexDefinition(name, "global", KeySchema(key[:1], key[1:]), **settings)


def table(*indexes: IndexDefinition, **settings: Any) -> TableDefinition:
    key = KeySchema((KeyAttribute("pk", "S"),), (KeyAttribute("sk", "S"),))
    return TableDefinition("drift", key, (), indexes, TableSettings(**settings))


CASES = [
    ("an index", table(), table(index(TEXT))),
    (
        "an index of a protected table",
        table(deletion_protection=True),
        table(index(TEXT), deletion_protection=True),
    ),
    ("an index and protection", table(), table(index(TEXT), deletion_protection=True)),
    ("two indexes", table(), table(index(TEXT), index(NUMBER, TEXT, name="by-n"))),
    ("an index less", table(index(TEXT), index(NUMBER, name="by-n")), table(index(NUMBER, name="by-n"))),
    ("another key of an index", table(index(TEXT)), table(index(TEXT, NUMBER))),
    ("another type of an index's key", table(index(TEXT)), table(index(KeyAttribute("a", "N")))),
    (
        "another type in two indexes",
        table(index(TEXT), index(NUMBER, TEXT, name="by-n")),
        table(index(KeyAttribute("a", "N")), index(NUMBER, KeyAttribute("a", "N"), name="by-n")),
    ),
    ("another projection", table(index(TEXT)), table(index(TEXT, projection=Projection.include("x")))),
    ("provisioned", table(), table(**PROVISIONED)),
    (
        "provisioned with an index",
        table(index(TEXT)),
        table(index(TEXT, throughput=Throughput(3, 4)), **PROVISIONED),
    ),
    (
        "provisioned with another index",
        table(index(TEXT)),
        table(index(TEXT, NUMBER, throughput=Throughput(3, 4)), **PROVISIONED),
    ),
    ("on demand", table(index(TEXT, throughput=Throughput(3, 4)), **PROVISIONED), table(index(TEXT))),
    ("throughput", table(**PROVISIONED), table(**PROVISIONED | {"throughput": Throughput(1, 3)})),
    (
        "an index's throughput",
        table(index(TEXT, throughput=Throughput(3, 4)), **PROVISIONED),
        table(index(TEXT, throughput=Throughput(3, 5)), **PROVISIONED),
    ),
    ("a time to live", table(), table(time_to_live="expires")),
    ("another time to live", table(time_to_live="expires"), table(time_to_live="until")),
    ("no time to live", table(time_to_live="expires"), table()),
    ("a stream", table(), table(stream=StreamViewType.NEW_IMAGE)),
    ("no stream", table(stream=StreamViewType.NEW_IMAGE), table()),
    ("protection", table(), table(deletion_protection=True)),
    ("no protection", table(deletion_protection=True), table()),
]
ANOTHER_VIEW = (
    "another view",
    table(stream=StreamViewType.NEW_IMAGE),
    table(stream=StreamViewType.KEYS_ONLY),
)
MOTO_CASES = [
    ("tags", table(tags={"a": "1", "b": "2"}), table(tags={"b": "3", "c": "4"})),
    ("many tags", table(), table(tags={f"k{n}": "v" for n in range(30)})),
    ("recovery", table(), table(point_in_time_recovery=PointInTimeRecovery(7))),
    (
        "recovery of fewer days",
        table(point_in_time_recovery=PointInTimeRecovery()),
        table(point_in_time_recovery=PointInTimeRecovery(7)),
    ),
    ("no recovery", table(point_in_time_recovery=PointInTimeRecovery()), table()),
    ("warm", table(), table(warm_throughput=WarmThroughput(13_000, 5_000))),
    (
        "an index's warm throughput",
        table(index(TEXT)),
        table(index(TEXT, warm_throughput=WarmThroughput(13_000, 4_000))),
    ),
    ("a policy", table(), table(resource_policy={"Version": "2012-10-17", "Statement": []})),
    (
        "several attributes in an index's key",
        table(),
        table(IndexDefinition("by-both", "global", KeySchema((TEXT, NUMBER)))),
    ),
]


def changed(db: Client, before: TableDefinition, after: TableDefinition) -> None:
    db.run(CreateTable(before))
    assert db.run(DiffTable(before)).is_empty
    found = db.run(DiffTable(after))
    assert found.changes
    assert not found.replacements
    assert db.run(update_table(after)) == found
    left = db.run(DiffTable(after))
    assert left.is_empty, str(left)
    assert not left


@pytest.mark.parametrize(("name", "before", "after"), [*CASES, ANOTHER_VIEW], ids=lambda case: str(case)[:40])
def test_a_change_on_dynamodb_local(
    name: str, before: TableDefinition, after: TableDefinition, dynamodb_local: DynamoDBLocal
) -> None:
    with dynamodb_local.connect() as db:
        try:
            changed(db, before, after)
        finally:
            dynamodb_local.reset()


@pytest.mark.parametrize(("name", "before", "after"), [*CASES, *MOTO_CASES], ids=lambda case: str(case)[:40])
def test_a_change_on_moto(
    name: str, before: TableDefinition, after: TableDefinition, embedded_db: Client
) -> None:
    changed(embedded_db, before, after)


# --- what is refused, and what is told ---


def test_a_replacement_is_refused_before_anything_is_sent() -> None:
    plane = ControlPlane()
    db = opened(plane)
    db.run(CreateTable(table(deletion_protection=True)))
    before = len(plane.changes)
    wanted = evolve(table(tags={"a": "b"}), key=KeySchema((KeyAttribute("pk", "N"),)))
    with pytest.raises(RequestError) as caught:
        db.run(update_table(wanted))
    assert len(plane.changes) == before
    for word in (
        "'drift'",
        "nothing was sent",
        "key: ",
        "1,234 items",
        "56,789 bytes",
        "deletion protection",
    ):
        assert word in str(caught.value)


def test_there_must_be_a_table() -> None:
    db = opened(ControlPlane())
    for operation in (DiffTable(table()), update_table(table())):
        with pytest.raises(TableNotFoundError, match="create_table"):
            db.run(operation)
    assert db.run(describe_table("drift")) is None


class Forgetful(ControlPlane):
    """Refuses the second change of a time to live, as AWS does within the hour."""

    def UpdateTimeToLive(self, TableName: str, TimeToLiveSpecification: Any) -> dict[str, Any]:
        if sum(each.operation == "UpdateTimeToLive" for each in self.requests) > 2:
            raise service_error(
                "ValidationException", "multiple times within a fixed interval", "UpdateTimeToLive"
            )
        return super().UpdateTimeToLive(TableName, TimeToLiveSpecification)


def test_an_hour_of_time_to_live_stops_nothing_else() -> None:
    db = opened(Forgetful())
    db.run(CreateTable(table(time_to_live="expires")))
    after = table(index(TEXT), time_to_live="until", tags={"a": "b"})
    assert "an hour" in " ".join(db.run(DiffTable(after)).warnings)
    with pytest.raises(ServiceError, match="fixed interval") as caught:
        db.run(update_table(after))
    assert caught.value.__notes__ == ["3 requests before this one were done"]
    (left,) = db.run(DiffTable(after)).changes
    assert (left.place, left.deployed) == ("time_to_live", None)


def test_what_may_not_be_asked_is_not_seen() -> None:
    class Closed(ControlPlane):
        def GetResourcePolicy(self, ResourceArn: str) -> dict[str, Any]:
            raise service_error("AccessDeniedException", "no", "GetResourcePolicy")

    db = opened(Closed())
    db.run(CreateTable(table()))
    assert db.run(DiffTable(table())).unseen == {
        "resource_policy": "GetResourcePolicy answers AccessDeniedException"
    }


def test_other_refusals_are_raised() -> None:
    class Slow(ControlPlane):
        def DescribeTimeToLive(self, TableName: str) -> dict[str, Any]:
            raise service_error("ThrottlingException", "slow down", "DescribeTimeToLive")

    db = opened(Slow())
    db.run(CreateTable(table()))
    with pytest.raises(ServiceError, match="slow down"):
        db.run(DiffTable(table()))


def test_a_destination_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinesis destinations are changed on their own time, which the table's status does not show."""
    monkeypatch.setattr("dynamodel.client.sync.time.sleep", lambda seconds: None)

    class Slow(ControlPlane):
        left = 3

        def EnableKinesisStreamingDestination(self, **parameters: Any) -> dict[str, Any]:
            self.left -= 1
            if self.left:
                raise service_error(
                    "ResourceInUseException", "DISABLING", "EnableKinesisStreamingDestination"
                )
            return super().EnableKinesisStreamingDestination(**parameters)

    db = opened(Slow())
    arn = "arn:aws:kinesis:us-east-1:123456789012:stream/changes"
    db.run(CreateTable(table()))
    db.run(update_table(table(kinesis_stream=KinesisStream(arn))))
    assert db.run(DiffTable(table(kinesis_stream=KinesisStream(arn)))).is_empty


# --- what deployment fills in ---


def test_references_have_their_defaults() -> None:
    stage = Parameter("Stage", default="dev")
    plane = ControlPlane()
    db = opened(plane)
    declared = table(
        tags={"stage": Sub("at-${Stage}", Stage=stage)}, deployed_name=Sub("x-${Stage}", Stage=stage)
    )
    db.run(CreateTable(declared))
    assert list(plane.tables) == ["drift"]
    assert db.run(DiffTable(declared)).is_empty
    assert db.run(DiffTable(table(tags={"stage": "at-dev"}))).is_empty


def test_what_cloudformation_knows_is_refused() -> None:
    plane = ControlPlane()
    db = opened(plane)
    declared = table(tags={"team": Parameter("Team"), "arn": GetAtt("Queue", "Arn")})
    for operation in (CreateTable(declared), DiffTable(declared), update_table(declared)):
        with pytest.raises(RequestError) as caught:
            db.run(operation)
        assert "tags['team']: the parameter 'Team' has no default" in str(caught.value)
        assert "tags['arn']: GetAtt is known to CloudFormation only" in str(caught.value)
    assert plane.requests == []


def test_the_client_takes_tables_and_entities(embedded_db: Client) -> None:
    class Song(Entity, table=Table("drift.songs", tags={"a": "b"})):
        title: Attr[str] = attribute()
        by_title = primary_key(title)

    embedded_db.create_table(Song)
    assert embedded_db.diff_table(Song).is_empty
    wider = Table("drift.songs", partition_key="title", stream=StreamViewType.KEYS_ONLY)
    found = embedded_db.update_table(wider)
    assert {change.place for change in found.changes} == {"stream", "tags"}
    assert embedded_db.diff_table(wider).is_empty
    with pytest.raises(RequestError, match="entity class is needed"):
        embedded_db.diff_table("drift.songs")  # type: ignore[arg-type]
