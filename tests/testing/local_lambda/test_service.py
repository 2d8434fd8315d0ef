"""The local Lambda as a whole: real processes, moto's server, DynamoDB Local."""

import json
import re
import sys
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import boto3
import pytest

from dynamodel import StreamViewType, Table
from dynamodel.errors import MissingExtraError, RequestError
from dynamodel.infra import Stack, name_of
from dynamodel.infra.functions import (
    AsynchronousInvocation,
    Code,
    Function,
    FunctionUrl,
    ProvisionedConcurrency,
    Queue,
    QueueSource,
    Runtime,
    StartingPosition,
    StreamSource,
    UrlAuth,
)
from dynamodel.schema.references import GetAtt, Parameter, Ref, Sub
from dynamodel.testing import embedded
from dynamodel.testing.local_lambda import (
    HandlerFailedError,
    InvocationRefusedError,
    LocalLambda,
    SettleTimeoutError,
    TooManyRequestsError,
)

HANDLERS = Path(__file__).parent / "handlers"
LONG = 60
DEAD = "arn:aws:sqs:us-east-1:123456789012:dead"


def function(name, handler, **settings):
    settings.setdefault("timeout", timedelta(seconds=LONG))
    return Function(name, code=Code.folder("build/unused"), handler=handler, **settings)


def service_of(*declared, **settings):
    settings.setdefault("time_scale", 0.001)
    return LocalLambda(Stack(*declared), root=HANDLERS, **settings)


@pytest.fixture(scope="module")
def service():
    """One for the tests that only look."""
    functions = [
        function("count", "plain.count"),
        function("echo", "plain.echo"),
        function("fail", "plain.fail"),
        function("large", "plain.large"),
        function("leave", "plain.leave"),
        function("busy", "plain.wait", reserved_concurrency=10),
        function("stopped", "plain.echo", reserved_concurrency=0),
        function("slow", "plain.sleep", timeout=timedelta(seconds=1)),
        function("public", "plain.echo", url=FunctionUrl(UrlAuth.NONE)),
    ]
    with service_of(*functions) as service:
        yield service


# --- invocations ---


def test_the_first_invocation_is_cold_and_the_next_ones_are_not(service):
    first, second = service.invoke("count", {}), service.invoke("count", {})
    assert (first.result, first.is_cold) == (1, True)
    assert (second.result, second.is_cold) == (2, False)
    counts = service.environments("count")
    assert (counts.alive, counts.started, counts.cold_starts) == (1, 1, 1)


def test_an_environment_that_ended_is_replaced(service):
    failed = service.invoke("leave", 3)
    assert failed.error == "Unhandled"
    with pytest.raises(HandlerFailedError, match="exit status 3"):
        _ = failed.result
    assert service.environments("leave").alive == 0
    assert service.invoke("leave", 4).is_cold
    assert service.environments("leave").started == 2


def test_a_function_is_named_in_many_ways(service):
    arn = service.invoke("public", None) and "arn:aws:lambda:us-east-1:1:function:echo"
    for name in (function("echo", "plain.echo"), "echo", "echo:$LATEST", arn, f"{arn}:$LATEST"):
        assert service.invoke(name, [1]).result == [1]


@pytest.mark.parametrize("name", ["nobody", "echo:live", "echo:1", "arn:aws:lambda:us-east-1:1:function:x"])
def test_what_is_not_there_is_not_found(service, name):
    for call in (service.invoke, service.send):
        with pytest.raises(InvocationRefusedError) as refused:
            call(name, None)
        assert (refused.value.code, refused.value.status) == ("ResourceNotFoundException", 404)


@pytest.mark.parametrize(
    "event", [b"{", b"", {1, 2}, object(), float("nan"), b"[NaN]", "{}".encode("utf-16")]
)
def test_what_is_no_json_is_refused(service, event):
    for call in (service.invoke, service.send):
        with pytest.raises(InvocationRefusedError) as refused:
            call("echo", event)
        assert (refused.value.code, refused.value.status) == ("InvalidRequestContentException", 400)


@pytest.mark.parametrize(("call", "most"), [("invoke", 6 * 1024 * 1024), ("send", 1024 * 1024)])
def test_events_have_a_largest_size(service, call, most):
    event = "x" * (most - 2)
    getattr(service, call)("echo", event)
    with pytest.raises(InvocationRefusedError) as refused:
        getattr(service, call)("echo", event + "x")
    assert (refused.value.code, refused.value.status) == ("RequestEntityTooLargeException", 413)
    service.settle()


def test_a_change_of_the_code_is_seen_after_a_reload(tmp_path):
    (tmp_path / "code.py").write_text("def handler(event, context): return 'old'")
    declared = Function("f", code=Code.folder("unused"), handler="code.handler")
    with LocalLambda(declared, root=tmp_path) as service:
        assert service.invoke("f", None).result == "old"
        (tmp_path / "code.py").write_text("def handler(event, context): return 'another'")
        assert service.invoke("f", None).result == "old"
        service.reload()
        again = service.invoke("f", None)
        assert (again.result, again.is_cold) == ("another", True)
        assert service.environments("f").alive == 1


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("fail", r": ValueError$"),
        ("slow", r": Sandbox.Timedout: RequestId: \S+ Error: Task timed out after 1\.00 seconds$"),
    ],
)
def test_why_an_invocation_failed_is_logged(service, caplog, name, why):
    service.invoke(name, {"secret": 1})
    line = caplog.messages[-1]
    assert re.search(why, line)


def test_a_timeout_is_lambdas(service):
    invocation = service.invoke("slow", None)
    error = json.loads(invocation.payload)
    assert error["errorType"] == "Sandbox.Timedout"
    assert error["errorMessage"] == (
        f"RequestId: {invocation.request_id} Error: Task timed out after 1.00 seconds"
    )
    assert service.environments("slow").alive == 0


# --- concurrency ---


def test_exactly_the_surplus_is_throttled(service, tmp_path):
    go = tmp_path / "go"
    refused = []
    all_refused = threading.Event()

    def call(_):
        try:
            return service.invoke("busy", {"until": str(go)}).result
        except TooManyRequestsError as error:
            refused.append(error)
            if len(refused) == 190:
                all_refused.set()
            return error.status

    with ThreadPoolExecutor(200) as pool:
        answers = pool.map(call, range(200))
        assert all_refused.wait(LONG)
        go.touch()
        results = list(answers)
    assert results.count("waited") == 10
    assert results.count(429) == 190
    assert service.environments("busy").started == 10
    assert service.invoke("busy", {"until": str(go)}).result == "waited"
    assert service.environments("busy").started == 10


def test_without_concurrency_nothing_runs(service):
    with pytest.raises(TooManyRequestsError, match="concurrency of stopped is in use"):
        service.invoke("stopped", {})
    assert service.environments("stopped").started == 0


def test_parallel_invocations_have_environments_of_their_own(service):
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda number: service.invoke("echo", number).result, range(200)))
    assert answers == list(range(200))


def test_provisioned_environments_are_ready(tmp_path):
    ready = ProvisionedConcurrency("live", 2)
    with service_of(
        function("count", "plain.count", provisioned=ready),
        function("full", "plain.describe", provisioned=ready, reserved_concurrency=2),
        function("wait", "plain.wait", provisioned=ready, reserved_concurrency=3),
    ) as service:
        assert service.environments("count").started == 2
        assert service.environments("count").cold_starts == 0
        first = service.invoke("count", {}, "live")
        assert not first.is_cold
        assert first.init_seconds > 0
        assert service.invoke("count", {}).is_cold, "the latest code has no provisioned environment"

        seen = service.invoke("full:live", {}).result
        assert seen["environment"]["AWS_LAMBDA_INITIALIZATION_TYPE"] == "provisioned-concurrency"
        assert seen["environment"]["AWS_LAMBDA_FUNCTION_VERSION"] == "1"
        assert seen["arn"].endswith(":function:full:live")
        with pytest.raises(TooManyRequestsError):
            service.invoke("full", {})

        go = tmp_path / "go"
        with ThreadPoolExecutor(3) as pool:
            event = {"until": str(go)}
            running = [pool.submit(service.invoke, "wait", event, "live") for _ in range(3)]
            while service.environments("wait").cold_starts < 1:
                time.sleep(0.01)
            with pytest.raises(TooManyRequestsError):
                service.invoke("wait", event, "live")
            go.touch()
        assert sorted(each.result().is_cold for each in running) == [False, False, True]


def test_a_provisioned_environment_that_fails_is_told_of():
    declared = function("broken", "broken.x", provisioned=ProvisionedConcurrency("live", 1))
    with pytest.raises(HandlerFailedError, match=r"Function 'broken'.*a_module_that_nobody_has"):
        service_of(declared).__enter__()


# --- what functions see ---


def test_a_function_sees_lambdas_variables_and_its_own(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("SECRET", "mine")
    table, stage = (
        Table("Movies", deployed_name=Sub("Movies-${Stage}", Stage=Parameter("Stage"))),
        Parameter("Stage"),
    )
    seen_by = function(
        "describe",
        "plain.describe",
        memory=512,
        runtime=Runtime.PYTHON_3_12,
        deployed_name=Sub("describe-${Stage}", Stage=stage),
        environment={
            "TABLE": name_of(table),
            "STAGE": stage,
            "REGION": Ref("AWS::Region"),
            "QUEUE": Sub("arn:aws:sqs:eu-west-1:${AWS::AccountId}:jobs"),
            "PLAIN": "a ${b}",
        },
        dead_letter_queue=DEAD,
    )
    from dynamodel import Attr, Entity, attribute, primary_key

    class Movie(Entity, table=table):
        number: Attr[int] = attribute()
        by_number = primary_key(number)

    with service_of(table, seen_by, parameters={"Stage": "dev"}) as service:
        service.create_tables()
        service.create_tables()
        seen = service.invoke("describe", None).result
        names = service.boto3_client("dynamodb").list_tables()["TableNames"]
        queue = service.boto3_client("sqs").list_queues()["QueueUrls"][0]
    assert names == ["Movies-dev"]
    account = queue.split("/")[-2]
    variables = seen["environment"]
    own = {name: variables[name] for name in ("TABLE", "STAGE", "REGION", "QUEUE", "PLAIN")}
    assert own == {
        "TABLE": "Movies-dev",
        "STAGE": "dev",
        "REGION": "us-east-1",
        "QUEUE": f"arn:aws:sqs:us-east-1:{account}:jobs",
        "PLAIN": "a ${b}",
    }
    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == "describe-dev"
    assert variables["AWS_LAMBDA_FUNCTION_VERSION"] == "$LATEST"
    assert variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "512"
    assert variables["AWS_LAMBDA_INITIALIZATION_TYPE"] == "on-demand"
    assert variables["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/describe-dev"
    assert variables["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.12"
    assert variables["_HANDLER"] == "plain.describe"
    assert variables["LAMBDA_TASK_ROOT"] == str(HANDLERS)
    assert variables["AWS_REGION"] == variables["AWS_DEFAULT_REGION"] == "us-east-1"
    assert seen["arn"] == f"arn:aws:lambda:us-east-1:{account}:function:describe-dev"
    assert not variables.keys() & {"AWS_PROFILE", "SECRET", "HOME"}


REFUSED = {
    "code in S3": ({"code": Code.s3("bucket", "key")}, "found s3"),
    "another language": ({"runtime": Runtime.NODEJS_24_X}, "runs Python, found nodejs24.x"),
    "a parameter without a value": ({"environment": {"NAME": Parameter("X")}}, "give LocalLambda"),
    "an unknown reference": ({"environment": {"NAME": GetAtt("Other", "Arn")}}, "CloudFormation only"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_run_here_is_refused(case):
    settings, message = REFUSED[case]
    declared = Function("x", **{"code": Code.folder("x"), "handler": "plain.echo", **settings})
    with pytest.raises(RequestError, match=f"Function 'x'.*{message}"):
        service_of(declared).__enter__()


def test_inline_code_runs():
    source = "def handle(event, context):\n    return 'inline ' + event"
    with LocalLambda(Function("x", code=Code.inline(source), handler="index.handle")) as service:
        assert service.invoke("x", "code").result == "inline code"


def test_the_shared_client_is_opened_once_in_each_environment():
    sys.path.insert(0, str(HANDLERS))
    try:
        import shared_client
    finally:
        sys.path.remove(str(HANDLERS))
    declared = function("write", shared_client.write)
    with service_of(shared_client.Note, declared) as service:
        service.create_tables()
        opened = [service.invoke("write", {"number": number}) for number in range(4)]
        assert [each.result for each in opened] == [1, 1, 1, 1]
        assert [each.is_cold for each in opened] == [True, False, False, False]
        assert sorted(note.number for note in service.db.run(shared_client.Note.scan())) == [0, 1, 2, 3]
    with service_of(shared_client.Note, declared) as service:
        service.create_tables()
        again = service.invoke("write", {"number": 7})
        assert (again.result, again.is_cold) == (1, True)
        assert [note.number for note in service.db.run(shared_client.Note.scan())] == [7], (
            "a data set of its own"
        )


def test_with_dynamodb_local(dynamodb_local, dynamodb_local_db):
    sys.path.insert(0, str(HANDLERS))
    try:
        import shared_client
    finally:
        sys.path.remove(str(HANDLERS))
    with service_of(
        shared_client.Note,
        function("write", "shared_client.write"),
        dynamodb_url=dynamodb_local.endpoint_url,
    ) as service:
        service.create_tables()
        assert service.invoke("write", {"number": 1}).result == 1
        assert [note.number for note in dynamodb_local_db.run(shared_client.Note.scan())] == [1]


# --- engines beside ---


def test_moto_outside_and_inside_does_not_touch_it():
    with embedded():
        boto3.client("sqs").create_queue(QueueName="outer")
        with service_of(function("echo", "plain.echo", dead_letter_queue=DEAD)) as service:
            assert service.invoke("echo", 1).result == 1
            with embedded():
                assert "QueueUrls" not in boto3.client("sqs").list_queues()
            assert service.messages("dead") == ()
        assert len(boto3.client("sqs").list_queues()["QueueUrls"]) == 1


def test_moto_inside_alone_does_not_touch_it():
    with service_of(function("echo", "plain.echo", dead_letter_queue=DEAD)) as service:
        with embedded():
            boto3.client("sqs").create_queue(QueueName="inner")
        assert service.messages("dead") == ()
        with pytest.raises(RequestError, match="no queue 'inner'"):
            service.messages("inner")


def test_one_after_the_other_sees_nothing_of_it():
    for _ in range(2):
        with service_of(function("echo", "plain.echo", dead_letter_queue=DEAD)) as service:
            sqs = service.boto3_client("sqs")
            assert service.messages(Queue(DEAD)) == ()
            sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="dead")["QueueUrl"], MessageBody="x")
            assert [message.body for message in service.messages(DEAD)] == ["x"]


def test_where_the_runtime_is_missing_it_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "awslambdaric", None)
    with pytest.raises(MissingExtraError, match="local"):
        service_of(function("echo", "plain.echo")).__enter__()


def test_what_is_declared_may_be_a_stack_or_parts():
    echo, count = function("echo", "plain.echo"), function("count", "plain.count")
    for declared in ([Stack(echo, count)], [echo, count]):
        with LocalLambda(*declared, root=HANDLERS) as service:
            assert service.invoke(count, None).result == 1
    with pytest.raises(RequestError, match="join them"):
        LocalLambda(Stack(echo), count)
    with pytest.raises(RequestError, match="no such folder"):
        LocalLambda(echo, root="nowhere")
    for scale in (-1, float("nan"), float("inf"), "0.1"):
        with pytest.raises(RequestError, match=r"time_scale=.*takes a number from 0"):
            LocalLambda(echo, time_scale=scale)


def assert_that_it_says_not_running(service):
    for name in ("db", "variables"):
        with pytest.raises(RequestError, match="not running"):
            getattr(service, name)
    with pytest.raises(RequestError, match="not running"):
        service.create_tables()


def test_one_object_runs_once():
    service = service_of(function("echo", "plain.echo"))
    assert_that_it_says_not_running(service)
    with service:
        assert service.variables["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert_that_it_says_not_running(service)
    with pytest.raises(RequestError, match="runs once"):
        service.__enter__()


# --- URLs and sources ---


def test_a_url_is_served(service):
    with urllib.request.urlopen(f"{service.url('public')}some/path?a=1") as response:
        event = json.load(response)
    assert (event["rawPath"], event["queryStringParameters"]) == ("/some/path", {"a": "1"})
    with pytest.raises(InvocationRefusedError, match="has no URL"):
        service.url("echo")


def test_the_url_of_an_alias_uses_what_is_provisioned():
    declared = function(
        "public",
        "plain.echo",
        provisioned=ProvisionedConcurrency("live", 1),
        url=FunctionUrl(UrlAuth.NONE, alias="live"),
    )
    with service_of(declared) as service:
        urllib.request.urlopen(service.url("public")).read()
        counts = service.environments("public")
        assert (counts.started, counts.cold_starts) == (1, 0)


def notes(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.mark.parametrize("start", [StartingPosition.LATEST, StartingPosition.TRIM_HORIZON])
@pytest.mark.parametrize("creates", ["the service", "the user"])
def test_a_stream_invokes_its_function(tmp_path, start, creates):
    assert_that_a_stream_invokes(tmp_path, start, creates)


def test_a_stream_of_dynamodb_local_invokes_its_function(tmp_path, dynamodb_local, dynamodb_local_db):
    url = dynamodb_local.endpoint_url
    assert_that_a_stream_invokes(tmp_path, StartingPosition.TRIM_HORIZON, "the service", dynamodb_url=url)


def assert_that_a_stream_invokes(tmp_path, start, creates, **settings):
    from dynamodel import Attr, Entity, attribute, primary_key

    table = Table("Changed", stream=StreamViewType.NEW_IMAGE)

    class Changed(Entity, table=table):
        number: Attr[int] = attribute()
        by_number = primary_key(number)

    path = tmp_path / "notes"
    listens = function(
        "listen",
        "plain.note",
        environment={"NOTES": str(path)},
        sources=[StreamSource(table, starting_position=start)],
    )
    with service_of(table, listens, **settings) as service:
        if creates == "the service":
            service.create_tables()
        else:
            service.db.create_table(table)
        for number in range(5):
            service.db.run(Changed(number=number).put())
        service.settle()
    records = [record for event in notes(path) for record in event["Records"]]
    numbers = [record["dynamodb"]["Keys"]["number"]["N"] for record in records]
    assert sorted(numbers) == list("01234"), "each once; DynamoDB orders the changes of one item"


def test_a_queue_invokes_its_function_and_poison_ends_in_its_dead_letter_queue(tmp_path):
    jobs = "arn:aws:sqs:us-east-1:123456789012:jobs"
    done = tmp_path / "done"
    source = (
        "import json\n"
        "def handle(event, context):\n"
        "    [record] = event['Records']\n"
        "    number = json.loads(record['body'])\n"
        "    if number == 3: raise ValueError('poison')\n"
        f"    open({str(done)!r}, 'a').write(f'{{number}}\\n')\n"
    )
    works = Function(
        "work",
        code=Code.inline(source),
        handler="index.handle",
        timeout=timedelta(seconds=LONG),
        sources=[QueueSource(jobs, batch_size=1)],
        dead_letter_queue=DEAD,
    )
    with LocalLambda(works, time_scale=0.001) as service:
        sqs = service.boto3_client("sqs")
        url = sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
        [arn] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"].values()
        redrive = {"deadLetterTargetArn": arn.replace("jobs", "dead"), "maxReceiveCount": 2}
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(redrive)})
        for number in range(6):
            sqs.send_message(QueueUrl=url, MessageBody=str(number))
        service.settle()
        assert sorted(done.read_text().split()) == ["0", "1", "2", "4", "5"]
        assert [message.body for message in service.messages("dead")] == ["3"]
        assert service.messages("jobs") == ()


# --- asynchronous invocations ---


def test_an_asynchronous_storm_loses_nothing(tmp_path):
    done = tmp_path / "done"
    declared = function("poison", "plain.poison", reserved_concurrency=2, dead_letter_queue=DEAD)
    with service_of(declared) as service:
        for number in range(100):
            event = {"number": number, "bad": number % 10 == 0, "done": str(done)}
            service.send("poison", event)
        service.settle()
        dead = service.messages("dead")
        assert service.discarded == ()
        assert service.environments("poison").started <= 2
    assert sorted(map(int, done.read_text().split())) == [n for n in range(100) if n % 10]
    assert sorted(json.loads(message.body)["number"] for message in dead) == list(range(0, 100, 10))
    assert {message.attributes["ErrorMessage"] for message in dead} == {"poison"}
    assert service.unfinished == 0


def test_what_may_never_run_ends_in_the_dead_letter_queue_at_once():
    declared = function(
        "stopped",
        "plain.echo",
        reserved_concurrency=0,
        dead_letter_queue=DEAD,
        asynchronous=AsynchronousInvocation(on_failure="arn:aws:sqs:us-east-1:123456789012:bad"),
    )
    with service_of(declared, time_scale=1) as service:
        request_id = service.send("stopped", {"a": 1})
        service.settle()
        [dead], [bad] = service.messages("dead"), service.messages("bad")
    context = json.loads(bad.body)["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("ZeroReservedConcurrency", 0)
    assert json.loads(dead.body) == {"a": 1}
    assert dead.attributes == {
        "RequestID": request_id,
        "ErrorCode": "429",
        "ErrorMessage": "Rate Exceeded: all of the concurrency of stopped is in use",
    }


def test_destinations_get_records_of_successes_and_failures():
    told = {"on_success": "arn:aws:sqs:us-east-1:1:good", "on_failure": "arn:aws:sqs:us-east-1:1:bad"}
    told = {name: arn.replace(":1:", ":123456789012:") for name, arn in told.items()}
    settings = {"asynchronous": AsynchronousInvocation(**told)}
    with service_of(
        function("echo", "plain.echo", **settings), function("fail", "plain.fail", **settings)
    ) as service:
        ids = [service.send("echo", [1]), service.send("fail", [2])]
        service.settle()
        [good], [bad] = service.messages("good"), service.messages("bad")
    good, bad = json.loads(good.body), json.loads(bad.body)
    assert [each["requestContext"]["requestId"] for each in (good, bad)] == ids
    assert [each["requestContext"]["condition"] for each in (good, bad)] == ["Success", "RetriesExhausted"]
    assert [each["requestContext"]["approximateInvokeCount"] for each in (good, bad)] == [1, 3]
    assert [each["requestPayload"] for each in (good, bad)] == [[1], [2]]
    assert good["responsePayload"] == [1]
    assert good["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}
    assert bad["responseContext"]["functionError"] == "Unhandled"
    assert bad["responsePayload"]["errorType"] == "ValueError"


def test_a_function_is_the_destination_of_another(tmp_path):
    path = tmp_path / "notes"
    hears = function("hear", "plain.note", environment={"NOTES": str(path)})
    fails = function("fail", "plain.fail", asynchronous=AsynchronousInvocation(on_failure=hears))
    with service_of(hears, fails) as service:
        service.send("fail", "x")
        service.settle()
    [record] = notes(path)
    assert record["requestPayload"] == "x"


def test_what_nobody_is_told_of_is_discarded_visibly(caplog):
    with service_of(function("fail", "plain.fail")) as service:
        request_id = service.send("fail", {"secret": 1})
        service.settle()
        [discarded] = service.discarded
    assert (discarded.request_id, discarded.condition, discarded.attempts) == (
        request_id,
        "RetriesExhausted",
        3,
    )
    assert f"the event {request_id} of fail is discarded" in caplog.text
    assert "secret" not in caplog.text


# --- the end ---


def test_the_end_waits_for_nobody_and_counts_what_is_left(caplog):
    with service_of(function("sleep", "plain.sleep", reserved_concurrency=1)) as service:
        for _ in range(3):
            service.send("sleep", {})
        while service.environments("sleep").started < 1:
            time.sleep(0.01)
        with pytest.raises(SettleTimeoutError, match="not finished"):
            service.settle(timeout=0.1)
        begun = time.monotonic()
    assert time.monotonic() - begun < 30, "the handler sleeps for a minute"
    assert service.unfinished == 3
    assert "asynchronous events of sleep that are left: 3" in caplog.text


def test_a_synchronous_caller_is_told_of_the_end(tmp_path):
    service = service_of(function("sleep", "plain.sleep"))
    with ThreadPoolExecutor(1) as pool:
        with service:
            running = pool.submit(service.invoke, "sleep", {})
            while service.environments("sleep").started < 1:
                time.sleep(0.01)
        assert json.loads(running.result(LONG).payload)["errorType"] == "Runtime.ExitError"
    with pytest.raises(InvocationRefusedError, match="stopped"):
        service.invoke("sleep", {})
