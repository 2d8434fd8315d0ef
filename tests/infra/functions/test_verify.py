"""Wrong functions are refused with their rule, at once; their right neighbours are not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from dynamodel import Parameter, Sub
from dynamodel.errors import DeclarationError
from dynamodel.infra.filters import Changes
from dynamodel.infra.functions import (
    Architecture,
    AsynchronousInvocation,
    Bucket,
    Code,
    Cors,
    EventBus,
    FunctionUrl,
    KinesisSource,
    LogGroup,
    Permission,
    ProvisionedConcurrency,
    Queue,
    QueueSource,
    Runtime,
    StartingPosition,
    StreamSource,
    Topic,
    UrlAuth,
    together_faults,
)
from dynamodel.schema.references import ResourceValue
from tests.infra.functions.models import (
    BUCKET,
    BUS,
    DEAD,
    IMAGE,
    LAYER,
    QUEUE,
    SHARDS,
    TOPIC,
    Movie,
    hello,
    movies,
    still,
)


class Case(NamedTuple):
    name: str
    wrong: dict[str, Any]
    right: dict[str, Any]
    place: str
    rule: str


def s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def _stream(name: str, wrong: Any, right: Any, rule: str, **also: Any) -> Case:
    return Case(
        f"stream {name}",
        {"sources": [StreamSource(movies, **also, **{name: wrong})]},
        {"sources": [StreamSource(movies, **also, **{name: right})]},
        f"sources[0].{name}",
        rule,
    )


def _queue(name: str, wrong: Any, right: Any, rule: str, arn: str = QUEUE, **also: Any) -> Case:
    return Case(
        f"queue {name} {wrong}",
        {"sources": [QueueSource(arn, **also, **{name: wrong})]},
        {"sources": [QueueSource(arn, **also, **{name: right})]},
        f"sources[0].{name}",
        rule,
    )


def _field(name: str, wrong: Any, right: Any, rule: str, place: str | None = None, **also: Any) -> Case:
    shown = f"{name} {wrong!r}"[:40]
    return Case(shown, {name: wrong, **also}, {name: right, **also}, name if place is None else place, rule)


def _filters(wrong: Any, rule: str, under: str = "") -> Case:
    right = [{"eventName": ["INSERT", {"prefix": "M"}]}]
    case = _stream("filters", [wrong], right, rule)
    return case._replace(name=f"filter {wrong!r}"[:60], place=f"sources[0].filters[0]{under}")


FIFO = f"{QUEUE}.fifo"
ALLOWED = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
TWO_LIVE = ProvisionedConcurrency("live", 2)

ASYNCHRONOUS: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    ({"max_retries": 3}, {"max_retries": 2}, "0 to 2", "asynchronous.max_retries"),
    ({"max_age": s(59)}, {"max_age": s(60)}, "60 to 21,600", "asynchronous.max_age"),
    ({"max_age": s(21_601)}, {"max_age": s(21_600)}, "60 to 21,600", "asynchronous.max_age"),
    ({"on_success": BUCKET}, {"on_failure": BUCKET}, "found one of s3", "asynchronous.on_success"),
    ({"on_success": FIFO}, {"on_success": EventBus(BUS)}, "FIFO", "asynchronous.on_success"),
    (
        {"on_failure": Parameter("Dead")},
        {"on_failure": Queue(Parameter("Dead"))},
        r"write Queue\(",
        "asynchronous.on_failure",
    ),
    ({"alias": "live"}, {}, "alias of", "asynchronous.alias"),
]
KINESIS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (
        {"starting_position": StartingPosition.AT_TIMESTAMP},
        {
            "starting_position": StartingPosition.AT_TIMESTAMP,
            "starting_time": datetime(2026, 1, 1, tzinfo=UTC),
        },
        "needs a time",
    ),
    ({"starting_time": datetime(2026, 1, 1, tzinfo=UTC)}, {}, "only AT_TIMESTAMP"),
    (
        {
            "starting_position": StartingPosition.AT_TIMESTAMP,
            "starting_time": datetime(2026, 1, 1),  # the fault
        },
        {},
        "time zone",
    ),
]

CASES = [
    _field("name", "my function", "my-function", "1 to 64"),
    _field("name", "f" * 65, "f" * 64, "1 to 64"),
    _field("deployed_name", "hello-${Stage}", Sub("hello-${AWS::Region}"), "1 to 64"),
    _field("description", "d" * 257, "d" * 256, "256"),
    _field("memory", 127, 128, "128 to 10,240"),
    _field("memory", 10_241, 10_240, "128 to 10,240"),
    _field("memory", "256", 256, "must be an int or None, found str"),
    _field("memory", True, 128, "found bool"),
    _field("timeout", s(0), s(1), "1 to 900"),
    _field("timeout", s(901), s(900), "1 to 900"),
    _field("timeout", s(1.5), s(2), "whole seconds"),
    _field("timeout", 30, s(30), r"timedelta\(seconds=30\)"),
    _field("runtime", "python3.13", Runtime.PYTHON_3_13, "Runtime.PYTHON_3_13"),
    _field("architecture", "arm64", Architecture.ARM_64, "Architecture.ARM_64"),
    _field("ephemeral_storage", 511, 512, "512 to 10,240"),
    _field("ephemeral_storage", 10_241, 10_240, "512 to 10,240"),
    _field("handler", None, "index.h", "is needed"),
    _field("handler", "handle", "index.handle", "module.function"),
    _field("handler", "app.handle", "index.handle", "index.NAME"),
    _field("handler", "index.h x", "index.hx", "no blank"),
    _field("code", Code.inline("x" * (4 * 2**20 + 1)), Code.inline("x" * 4 * 2**20), "4 MiB"),
    _field("code", Code.inline(""), Code.inline("1"), "is empty"),
    _field("code", Code.s3("bucket", ""), Code.s3("bucket", "key"), "key of a zip file"),
    _field("runtime", Runtime.JAVA_21, Runtime.NODEJS_22_X, "Python and Node.js", "code"),
    _field("code", Code.image("app:1"), Code.image(IMAGE), "ECR", handler=None),
    _field("handler", "a.b", None, "an image has its own", code=Code.image(IMAGE)),
    _field("layers", [LAYER] * 6, [LAYER] * 5, "at most 5"),
    _field("layers", ["tools"], [LAYER], "layer's version", "layers[0]"),
    _field("environment", {"A": "1"}, {"AB": "1"}, "two or more", "environment['A']"),
    _field("environment", {"1A": "1"}, {"A1": "1"}, "begins with a letter", "environment['1A']"),
    _field(
        "environment", {"AWS_REGION": "x"}, {"MY_REGION": "x"}, "Lambda sets", "environment['AWS_REGION']"
    ),
    _field("environment", {"AB": "x" * 4095}, {"AB": "x" * 4094}, "4,096 bytes"),
    _field("environment", {"AB": 1}, {"AB": "1"}, "found int", "environment['AB']"),
    _field("reserved_concurrency", -1, 0, "0 or more"),
    _field(
        "provisioned", ProvisionedConcurrency("$LATEST", 1), TWO_LIVE, "never .LATEST", "provisioned.alias"
    ),
    _field("provisioned", ProvisionedConcurrency("12", 1), TWO_LIVE, "no number", "provisioned.alias"),
    _field(
        "provisioned", ProvisionedConcurrency("live", 0), TWO_LIVE, "at least 1", "provisioned.executions"
    ),
    _field(
        "reserved_concurrency", 1, 2, "at most the reserved", "provisioned.executions", provisioned=TWO_LIVE
    ),
    _field("url", FunctionUrl(alias="live"), FunctionUrl(), "alias of `provisioned`", "url.alias"),
    _field(
        "url",
        FunctionUrl(UrlAuth.NONE, callers=["123456789012"]),
        FunctionUrl(callers=["123456789012"]),
        "everybody",
        "url.callers",
    ),
    _field("url", FunctionUrl(callers=["ann"]), FunctionUrl(UrlAuth.NONE), "an account", "url.callers[0]"),
    _field("url", UrlAuth.NONE, FunctionUrl(UrlAuth.NONE), "must be a FunctionUrl"),
    *(
        _field("url", FunctionUrl(cors=wrong), FunctionUrl(cors=right), rule, f"url.cors.{name}")
        for wrong, right, rule, name in (
            (Cors(methods=["OPTIONS"]), Cors(methods=["GET"]), "answered by Lambda", "methods"),
            (Cors(methods=["GET"] * 7), Cors(methods=["GET"] * 6), "at most 6", "methods"),
            (Cors(["https://a"] * 101), Cors(["https://a"] * 100), "at most 100", "origins"),
            (Cors(["example.com"]), Cors(["*"]), "https://HOST", "origins"),
            (Cors(headers=["x" * 1025]), Cors(headers=["x" * 1024]), "1024", "headers"),
            (Cors(max_age=s(86_401)), Cors(max_age=s(86_400)), "86,400", "max_age"),
        )
    ),
    *(
        _field("permissions", [wrong], [right], rule, f"permissions[0].{name}")
        for wrong, right, rule, name in (
            (Permission("bob"), Permission("s3.amazonaws.com"), "a service", "principal"),
            (Permission("*", action="s3:Get"), Permission("*", action="lambda:*"), "an action", "action"),
            (
                Permission("*", source_account="1"),
                Permission("*", source_account="1" * 12),
                "12",
                "source_account",
            ),
            (
                Permission("*", organization="x"),
                Permission("*", organization="o-1234567890"),
                "o-",
                "organization",
            ),
            (
                Permission("1" * 12, organization="o-1234567890"),
                Permission("*", organization="o-1234567890"),
                "goes with",
                "organization",
            ),
            (Permission("*", source_arn="b"), Permission("*", source_arn=BUCKET), "an ARN", "source_arn"),
            (Permission("*", alias="x"), Permission("*"), "alias of", "alias"),
        )
    ),
    *(
        _field("asynchronous", AsynchronousInvocation(**wrong), AsynchronousInvocation(**right), rule, place)
        for wrong, right, rule, place in ASYNCHRONOUS
    ),
    _field("dead_letter_queue", BUS, TOPIC, "of sqs, sns"),
    _field("dead_letter_queue", f"{DEAD}.fifo", DEAD, "FIFO"),
    _field("dead_letter_queue", "dead", Topic(TOPIC), "must be the ARN"),
    _field("log_group", LogGroup(8), LogGroup(7), "must be of 1, 3", "log_group.retention_days"),
    _field("log_group", LogGroup(name="a b"), LogGroup(name="/a/b"), "1 to 512", "log_group.name"),
    _field("tags", {"aws:x": "1"}, {"x": "1"}, "aws:", "tags['aws:x']"),
    _field("patterns", ["GetItem"], [Movie.by_id.get], "pattern", "patterns[0]"),
    _field("statements", [{"Action": "*", "Resource": "*"}], [ALLOWED], "Effect", "statements[0]"),
    _field("statements", [{"Effect": "Allow", "Resource": "*"}], [ALLOWED], "Action", "statements[0]"),
    _field("statements", [ALLOWED | {"Principal": "*"}], [ALLOWED], "has only", "statements[0]"),
    _stream("batch_size", 0, 1, "1 to 10,000"),
    _stream("batch_size", 10_001, 10_000, "1 to 10,000"),
    _stream("window", s(301), s(300), "0 to 300"),
    _stream("max_retries", -1, 0, "None is for no limit"),
    _stream("max_retries", 10_001, 10_000, "0 to 10,000"),
    _stream("max_age", s(59), s(60), "60 to 604,800"),
    _stream("max_age", s(604_801), s(604_800), "60 to 604,800"),
    _stream("parallelisation", 11, 10, "1 to 10"),
    _stream("tumbling_window", s(901), s(900), "1 to 900"),
    _stream("partial_batch_responses", True, False, "tumbling_window", tumbling_window=s(60)),
    _stream("starting_position", StartingPosition.AT_TIMESTAMP, StartingPosition.TRIM_HORIZON, "LATEST or"),
    _stream("starting_position", None, StartingPosition.LATEST, "must be a StartingPosition"),
    _stream("on_failure", BUS, Bucket(BUCKET), "of sqs, sns, s3"),
    _stream("alias", "live", None, "alias of"),
    _stream("filters", [{"a": [1]}] * 21, [{"a": [1]}] * 20, "at most 20"),
    _filters({}, "at least one name"),
    _filters({"eventName": "INSERT"}, "must be an object", ".eventName"),
    _filters({"eventName": []}, "an empty list", ".eventName"),
    _filters({"eventName": [{"begins": "I"}]}, "one of exists", ".eventName"),
    _filters({"eventName": [{"prefix": "I", "suffix": "T"}]}, "one of exists", ".eventName"),
    _filters({"$or": [{"a": [1]}]}, "one of exists", ".$or"),
    _filters({"a": [float("nan")]}, "JSON"),
    _filters({"a": [b"x"]}, "JSON"),
    _filters({"a": ["x" * 4096]}, "4096 characters"),
    Case(
        "a table without a stream",
        {"sources": [StreamSource(still)]},
        {"sources": [StreamSource(Movie)]},
        "sources[0].source",
        "has no stream",
    ),
    Case(
        "a stream twice",
        {"sources": [StreamSource(movies), StreamSource(Movie)]},
        {"sources": [StreamSource(movies), QueueSource(QUEUE)]},
        "sources[0]",
        "once",
    ),
    _queue("batch_size", 10_001, 10_000, "1 to 10,000", window=s(1)),
    _queue("window", None, s(1), "at least 1 second", batch_size=11),
    _queue("window", s(0), s(1), "at least 1 second", batch_size=11),
    _queue("batch_size", 11, 10, "1 to 10", arn=FIFO),
    _queue("window", s(1), None, "FIFO", arn=FIFO),
    _queue("max_concurrency", 1, 2, "2 to 1,000"),
    _queue("max_concurrency", 1001, 1000, "2 to 1,000"),
    _queue("visibility_timeout", s(2), s(3), "at least the function's timeout"),
    Case(
        "queue arn",
        {"sources": [QueueSource("work")]},
        {"sources": [QueueSource(Parameter("QueueArn"))]},
        "sources[0].arn",
        "arn:aws:sqs",
    ),
    Case(
        "Kinesis arn",
        {"sources": [KinesisSource(QUEUE)]},
        {"sources": [KinesisSource(f"{SHARDS}/consumer/me:12")]},
        "sources[0].arn",
        "arn:aws:kinesis",
    ),
    *(
        Case(
            f"Kinesis time {number}",
            {"sources": [KinesisSource(SHARDS, **wrong)]},
            {"sources": [KinesisSource(SHARDS, **right)]},
            "sources[0].starting_time",
            rule,
        )
        for number, (wrong, right, rule) in enumerate(KINESIS)
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_wrong_function_is_refused(case: Case) -> None:
    with pytest.raises(DeclarationError, match=case.rule) as caught:
        hello(**case.wrong)
    name = case.wrong.get("name", "hello")
    assert [fault.place for fault in caught.value.faults] == [f"Function {name!r}.{case.place}"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_its_right_neighbour_is_not(case: Case) -> None:
    hello(**case.right)


def test_all_faults_come_at_once() -> None:
    with pytest.raises(DeclarationError) as caught:
        hello(memory=1, timeout=5, sources=[StreamSource(still, batch_size=0)], url=FunctionUrl(alias="x"))
    assert len(caught.value.faults) == 5


def test_what_a_stack_has_to_hold() -> None:
    sender = hello(name="sender")
    function = hello(
        patterns=[Movie.by_id.get],
        sources=[StreamSource(movies, filters=[Changes(Movie)])],
        environment={"SENDER": ResourceValue(sender, "Ref")},
        asynchronous=AsynchronousInvocation(on_success=sender),
    )
    assert together_faults([function, sender], [movies]) == []
    faults = together_faults([function], [])
    assert [fault.place for fault in faults] == [
        "Function 'hello'.sources[0]",
        "Function 'hello'.patterns",
        "Function 'hello'",
    ]


def test_names_differ() -> None:
    [fault] = together_faults([hello(), hello()], [])
    assert fault.place == "Function 'hello'"


def test_a_hundred_executions_stay_unreserved() -> None:
    one, other = hello(name="one", reserved_concurrency=450), hello(name="other", reserved_concurrency=450)
    assert together_faults([one, other], []) == []
    [fault] = together_faults([one, other, hello(reserved_concurrency=1)], [])
    assert "at most 900" in fault.rule


def test_a_function_is_itself_alone() -> None:
    one, same = hello(), hello()
    assert one != same
    assert len({one, same, one}) == 2
