"""The synchronous client: flows, tables, threads, and what it refuses."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from dynamodel import (
    Attr,
    Client,
    ConditionFailedError,
    CursorError,
    Entity,
    PointInTimeRecovery,
    Request,
    RequestError,
    ServiceError,
    StreamViewType,
    Table,
    TableInUseError,
    TableNotFoundError,
    ThrottledError,
    attribute,
    connect,
    global_index,
    primary_key,
)
from dynamodel.errors import service_error
from dynamodel.operations import tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Event(Entity, table=Table("client.events", time_to_live="expires")):
    day: Attr[str] = attribute()
    number: Attr[int] = attribute()
    kind: Attr[str | None] = attribute(default=None)
    expires: Attr[int | None] = attribute(default=None)
    by_day = primary_key(day, number)
    by_kind = global_index("by-kind", kind, number)


class Scripted:
    """A transport that answers from a list; a ServiceError in it is raised."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []
        self.closed = 0

    def send(self, request: Request) -> Mapping[str, Any]:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        self.closed += 1

    @property
    def operations(self) -> list[str]:
        return [request.operation for request in self.requests]


def scripted(*answers: Any) -> tuple[Client, Scripted]:
    transport = Scripted(*answers)
    return connect(transport=transport), transport


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the client would have slept."""
    slept: list[float] = []
    monkeypatch.setattr("dynamodel.client.sync.time.sleep", slept.append)
    return slept


# --- running ---


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (None, "NoneType"),
        (Event, "Event"),
        (Event(day="a", number=1), "Event"),
        (Event.by_day, "BoundPrimaryKey"),
        (Event.by_day.get, "method"),
        (Event.day == "a", "Predicate"),
        (Event.number.add(1), "Action"),
        ("GetItem", "str"),
        ([Event.by_day.get("a", 1)], "list"),
    ],
)
def test_run_takes_operations_only(wrong, words):
    db, transport = scripted()
    with pytest.raises(RequestError, match=words):
        db.run(wrong)
    assert transport.requests == []


def test_one_request_and_its_result():
    db, transport = scripted({"Item": {"day": {"S": "a"}, "number": {"N": "1"}}}, {})
    get = Event.by_day.get("a", 1)
    assert db.run(get) == Event(day="a", number=1)
    assert db.run(get) is None
    assert transport.requests == [get.request()] * 2


def test_errors_carry_operation_and_entity():
    fault = service_error("ThrottlingException", "slow down", "GetItem")
    db, _ = scripted(fault)
    with pytest.raises(ThrottledError) as caught:
        db.run(Event.by_day.get("secret", 1))
    assert caught.value is fault
    assert str(caught.value) == "GetItem on Event: ThrottlingException: slow down"


def test_a_condition_that_failed_without_the_old_item():
    db, _ = scripted(service_error("ConditionalCheckFailedException", "no", "PutItem"))
    with pytest.raises(ConditionFailedError) as caught:
        db.run(Event(day="a", number=1).create())
    assert caught.value.old_item is None


def test_an_error_in_the_middle_of_an_iteration():
    item = {"day": {"S": "a"}, "number": {"N": "1"}}
    fault = service_error("ThrottlingException", "slow down", "Query")
    db, transport = scripted(
        {"Items": [item], "Count": 1, "LastEvaluatedKey": item},
        fault,
        {"Items": [{**item, "number": {"N": "2"}}], "Count": 1},
    )
    results = db.run(Event.by_day.query("a"))
    iterator = iter(results)
    assert next(iterator).number == 1
    with pytest.raises(ThrottledError):
        next(iterator)
    # What came is still there, and whoever tries again gets the rest: never a short list.
    assert [event.number for event in results] == [1, 2]
    assert transport.requests[-1].parameters["ExclusiveStartKey"] == item


def test_empty_requests_before_the_end_are_not_the_end():
    key = {"day": {"S": "a"}, "number": {"N": "1"}}
    empty = {"Items": [], "Count": 0, "LastEvaluatedKey": key}
    last = {"Items": [{**key, "number": {"N": "2"}}], "Count": 1}
    query = Event.by_day.query("a").filter(Event.expires > 3)
    for answers in ([empty, empty, last], [last]):
        db, transport = scripted(*answers)
        assert [event.number for event in db.run(query)] == [2]
        assert len(transport.requests) == len(answers)
        db, _ = scripted(*answers)
        assert [event.number for event in db.run(query.page(size=1)).items] == [2]
        db, _ = scripted(*answers)
        assert db.run(query.count()) == 1
    db, _ = scripted(empty, last)
    assert db.run(query)
    db, _ = scripted(empty, empty)
    page = db.run(query.page(size=1, max_requests=2))
    assert (page.items, page.cursor is not None) == ((), True)


def test_a_client_is_closed_with_its_block():
    db, transport = scripted()
    with db as same:
        assert same is db
    assert transport.closed == 1
    for late in (lambda: db.run(Event.by_day.get("a", 1)), lambda: list(db.run(Event.scan()))):
        with pytest.raises(RequestError, match="closed"):
            late()
    assert transport.requests == []


def test_settings_of_a_transport_given():
    for settings in ({"endpoint_url": "http://x"}, {"region": "eu-west-1"}):
        with pytest.raises(RequestError, match="default transport"):
            connect(transport=Scripted(), **settings)


def test_cursors_before_anything_is_sent():
    db, transport = scripted()
    with pytest.raises(CursorError):
        db.run(Event.by_day.query("a").page(size=1, after="AAAA"))
    assert transport.requests == []


# --- tables ---

ACTIVE = {"Table": {"TableStatus": "ACTIVE", "GlobalSecondaryIndexes": [{"IndexStatus": "ACTIVE"}]}}


def test_create_table_waits_until_all_of_it_is_active(pauses):
    db, transport = scripted(
        {},
        {"Table": {"TableStatus": "CREATING"}},
        {"Table": {"TableStatus": "ACTIVE", "GlobalSecondaryIndexes": [{"IndexStatus": "CREATING"}]}},
        ACTIVE,
        {},
    )
    db.create_table(Event)
    assert transport.operations == ["CreateTable", *["DescribeTable"] * 3, "UpdateTimeToLive"]
    assert transport.requests[-1].parameters["TimeToLiveSpecification"] == {
        "Enabled": True,
        "AttributeName": "expires",
    }
    assert len(pauses) == 2
    assert pauses == sorted(pauses)


def test_create_table_takes_a_table_as_well(pauses):
    db, transport = scripted({}, ACTIVE, {})
    db.create_table(Event.by_day._schema.table)
    assert transport.requests[0].parameters["TableName"] == "client.events"


def test_the_policy_of_the_stream_follows_with_its_arn(pauses):
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "dynamodb:GetRecords", "Resource": "*"}
        ],
    }
    stream = "arn:aws:dynamodb:eu-west-1:1:table/client.streamed/stream/2026"
    active = {"Table": {"TableStatus": "ACTIVE", "LatestStreamArn": stream}}
    db, transport = scripted({}, active, {})
    db.create_table(
        Table(
            "client.streamed",
            partition_key="pk",
            stream=StreamViewType.NEW_IMAGE,
            stream_resource_policy=policy,
        )
    )
    assert transport.operations == ["CreateTable", "DescribeTable", "PutResourcePolicy"]
    sent = transport.requests[-1].parameters
    assert (sent["ResourceArn"], json.loads(sent["Policy"])) == (stream, policy)


def test_a_fault_behind_the_creation_is_told(pauses):
    table = Table("client.backed", partition_key="pk", point_in_time_recovery=PointInTimeRecovery())
    db, transport = scripted(
        {}, ACTIVE, service_error("AccessDeniedException", "no", "UpdateContinuousBackups")
    )
    with pytest.raises(ServiceError, match=r"UpdateContinuousBackups on client\.backed"):
        db.create_table(table)
    assert transport.operations[-1] == "UpdateContinuousBackups"


def test_delete_table_waits_until_it_is_gone(pauses):
    missing = service_error("ResourceNotFoundException", "no", "DescribeTable")
    db, transport = scripted({}, {"Table": {"TableStatus": "DELETING"}}, missing)
    db.delete_table(Event)
    assert transport.operations == ["DeleteTable", "DescribeTable", "DescribeTable"]
    assert len(pauses) == 1


def test_a_table_that_is_not_seen_yet_is_waited_for(pauses):
    """AWS API reference, DescribeTable: right after CreateTable it may still find nothing."""
    unseen = service_error("ResourceNotFoundException", "no", "DescribeTable")
    db, transport = scripted({}, unseen, unseen, ACTIVE, {})
    db.create_table(Event)
    assert transport.operations == ["CreateTable", *["DescribeTable"] * 3, "UpdateTimeToLive"]
    assert len(pauses) == 2


def test_backups_that_are_not_ready_yet_are_asked_for_again(pauses):
    table = Table("client.backed", partition_key="pk", point_in_time_recovery=PointInTimeRecovery())
    early = service_error("ContinuousBackupsUnavailableException", "later", "UpdateContinuousBackups")
    db, transport = scripted({}, ACTIVE, early, early, {})
    db.create_table(table)
    assert transport.operations == ["CreateTable", "DescribeTable", *["UpdateContinuousBackups"] * 3]
    assert len(pauses) == 2


DELETING = {"Table": {"TableStatus": "DELETING"}}
CREATING_INDEX = {
    "Table": {
        "TableStatus": "ACTIVE",
        "GlobalSecondaryIndexes": [{"IndexName": "by-kind", "IndexStatus": "CREATING"}],
    }
}
NO_BACKUPS = service_error("ContinuousBackupsUnavailableException", "later", "UpdateContinuousBackups")
MISSING = service_error("ResourceNotFoundException", "no", "DescribeTable")


@pytest.mark.parametrize(
    ("act", "first", "always", "words"),
    [
        ("create_table", [{}], {"Table": {"TableStatus": "CREATING"}}, ["the table is CREATING"]),
        ("create_table", [{}], CREATING_INDEX, ["index by-kind is CREATING", "delete"]),
        ("create_table", [{}], MISSING, ["DescribeTable does not find", "delete"]),
        ("create_table", [{}, ACTIVE], NO_BACKUPS, ["ContinuousBackupsUnavailableException", "again"]),
        ("delete_table", [{}], DELETING, ["the table is DELETING", "goes on"]),
    ],
)
def test_waiting_has_an_end_and_says_where(pauses, monkeypatch, act, first, always, words):
    monkeypatch.setattr(tables, "MAX_WAIT_SECONDS", 20.0)
    backed = Table("client.backed", partition_key="pk", point_in_time_recovery=PointInTimeRecovery())
    db, transport = scripted(*first, *[always] * 50)
    with pytest.raises(ServiceError, match=r"on client\.backed: WaitTimeout: ") as caught:
        getattr(db, act)(backed)
    assert caught.value.code == "WaitTimeout"
    assert caught.value.operation == transport.operations[-1]
    for word in (*words, "20 seconds"):
        assert word in str(caught.value)
    assert 20 <= sum(pauses) < 40


@pytest.mark.parametrize("wrong", [None, "client.events", Event(day="a", number=1), Event.by_day, int])
def test_neither_a_table_nor_an_entity(wrong):
    db, transport = scripted()
    calls: list[Callable[[Any], None]] = [db.create_table, db.delete_table]
    for call in calls:
        with pytest.raises(RequestError, match="Table or an entity class"):
            call(wrong)
    assert transport.requests == []


def both_engines(test: Any) -> Any:
    local = pytest.param("dynamodb_local_db", marks=pytest.mark.dynamodb_local)
    return pytest.mark.parametrize("engine", [local, "embedded_db"])(test)


@both_engines
def test_tables_in_the_engines(engine, request):
    db = request.getfixturevalue(engine)
    db.create_table(Event)
    description = db._transport._client.describe_table(TableName="client.events")["Table"]
    assert description["TableStatus"] == "ACTIVE"
    expiry = db._transport._client.describe_time_to_live(TableName="client.events")["TimeToLiveDescription"]
    assert (expiry["TimeToLiveStatus"], expiry["AttributeName"]) == ("ENABLED", "expires")
    with pytest.raises(TableInUseError) as in_use:
        db.create_table(Event)
    assert in_use.value.entity == "client.events"
    db.run(Event(day="a", number=1).put())
    db.delete_table(Event)
    with pytest.raises(TableNotFoundError) as missing:
        db.delete_table(Event)
    assert isinstance(missing.value, LookupError)
    for operation in (Event.by_day.get("a", 1), Event.by_day.query("a").count(), Event.by_day.delete("a", 1)):
        with pytest.raises(TableNotFoundError) as caught:
            db.run(operation)
        assert caught.value.entity == "Event"


@both_engines
def test_one_client_serves_several_threads(engine, request):
    db = request.getfixturevalue(engine)
    db.create_table(Event)
    query = Event.by_day.query("shared")

    def work(thread: int) -> list[int]:
        for number in range(5):
            db.run(Event(day=f"{thread}", number=number).create())
            db.run(Event.by_day.update("shared", 0).apply(Event.expires.add(1)))
        assert len(db.run(query)) == 1
        return [event.number for event in db.run(Event.by_day.query(f"{thread}"))]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8))) == [[0, 1, 2, 3, 4]] * 8
    # moto has no locks of its own, so that it may lose an update
    if engine == "dynamodb_local_db":
        assert db.run(Event.by_day.get("shared", 0)).expires == 40
