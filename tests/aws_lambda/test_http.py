"""HTTP APIs as clients see them: answers to events of all three sources."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from aws_lambda_powertools.event_handler import CORSConfig, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError, UnauthorizedError

from dynamodel import (
    Attr,
    Client,
    Entity,
    Page,
    RequestError,
    Table,
    UnreadableItemError,
    attribute,
    primary_key,
)
from dynamodel.aws_lambda import db
from dynamodel.aws_lambda.http import Api, HttpSource, UnanswerableError
from dynamodel.client.sync import settings_of
from dynamodel.operations.base import Settings
from dynamodel.types import Request
from tests.aws_lambda.http_app import NOW, Mood, Picture, Thread, User, api, forum, make
from tests.aws_lambda.http_requests import Answer, answer_to, ask, request
from tests.aws_lambda.models import Context

if TYPE_CHECKING:
    from collections.abc import Iterator

APIS = {source: make(source) for source in HttpSource}
SECRET = "correct horse battery staple"
"""A value that must never be in an answer that is an error."""


@pytest.fixture
def store(embedded_db: Client) -> Iterator[Client]:
    """An empty forum, on which the shared client works."""
    yield from with_forum(embedded_db)


@pytest.fixture
def strict_store(dynamodb_local_db: Client) -> Iterator[Client]:
    """The same on the engine that decides."""
    yield from with_forum(dynamodb_local_db)


def with_forum(engine: Client) -> Iterator[Client]:
    engine.create_table(forum)
    with db.replaced(Client(engine.transport, settings_of(b"secret", None))):
        yield engine


def thread(subject: str = "a b", **more: Any) -> Thread:
    return Thread(**{"forum": "S3", "subject": subject, "posted_by": "ann", "last_post_at": NOW, **more})


def refused(answer: Answer) -> list[tuple[str, str]]:
    assert answer.status == 400
    assert answer.body["statusCode"] == 400
    assert SECRET not in answer.text
    return [(fault["place"], fault["rule"]) for fault in answer.body["faults"]]


# --- what goes out ---


@pytest.mark.parametrize("api", APIS.values(), ids=[source.name for source in APIS])
def test_an_entity_goes_out_with_its_own_attributes_alone(api: Api, store: Client) -> None:
    digits = Decimal("0.12345678901234567890123456789012345678")
    store.run(thread(score=digits, tags={"b", "a"}, picture=Picture(b"\x00\xff")).put())
    answer = ask(api, "GET", "/threads/S3/a%20b")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.body == {
        "forum": "S3",
        "subject": "a b",
        "postedBy": "ann",
        "lastPostAt": "2026-03-09T12:00:00.000000Z",
        "origin": None,
        "mood": "calm",
        "score": digits,
        "tags": ["a", "b"],
        "picture": {"data": "AP8=", "width": None},
        "answeredBy": None,
        "replies": 0,
        "version": 1,
        "upper": "A B",
    }
    assert str(digits) in answer.text


def test_what_is_not_there_is_404(store: Client) -> None:
    answer = ask(api, "GET", "/threads/S3/none")
    assert (answer.status, answer.body) == (404, {"statusCode": 404, "message": "Not found"})


def test_pages_and_their_cursors(strict_store: Client) -> None:
    for number in range(5):
        strict_store.run(thread(f"t{number}").put())
    subjects: list[str] = []
    cursor = ""
    for size in (2, 2, 1):
        answer = ask(api, "GET", f"/threads/S3?size=2{cursor}")
        assert answer.status == 200
        assert len(answer.body["items"]) == size
        subjects += [item["subject"] for item in answer.body["items"]]
        cursor = f"&cursor={answer.body['cursor']}"
    assert subjects == ["t0", "t1", "t2", "t3", "t4"]
    assert answer.body["cursor"] is None


def test_a_cursor_is_for_its_query_alone(store: Client) -> None:
    for number in range(3):
        store.run(thread(f"t{number}").put())
    cursor = ask(api, "GET", "/threads/S3?size=1").body["cursor"]
    for wrong in (
        f"/threads/EC2?cursor={cursor}",
        "/threads/S3?cursor=x",
        "/threads/S3?cursor=",
        "/threads/S3?cursor=%C3%A9",
    ):
        [(place, rule)] = refused(ask(api, "GET", wrong))
        assert place == "cursor"
        assert "cursor" in rule


def test_without_a_secret_no_cursor_leaves_and_none_is_taken(
    embedded_db: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "_configured", Settings())  # other modules may have given it one
    embedded_db.create_table(forum)
    with db.replaced(embedded_db), pytest.raises(RequestError, match=r"db\.configure\(cursor_key=\.\.\.\)"):
        ask(api, "GET", "/threads/S3")
    hidden = Api(__name__)

    @hidden.get("/all")
    def everything() -> object:
        return db.run(Thread.main.query("S3").page(size=1))

    with db.replaced(embedded_db):
        assert ask(hidden, "GET", "/all").body == {"items": [], "cursor": None}
        for number in range(2):
            embedded_db.run(thread(f"t{number}").put())
        with pytest.raises(RequestError, match="need a secret"):
            ask(hidden, "GET", "/all")


def test_a_projection_goes_out_in_part(store: Client) -> None:
    partly = Api(__name__)

    @partly.get("/subjects")
    def subjects() -> list[Thread]:
        return list(db.run(Thread.main.query("S3").project(Thread.score)))

    store.run(thread().put())
    assert ask(partly, "GET", "/subjects").body == [
        {"forum": "S3", "subject": "a b", "score": None, "upper": "A B"}
    ]


def test_unknown_attributes_of_an_item_stay_in_the_store(store: Client) -> None:
    item = {**thread().put().item, "hidden": {"S": SECRET}}
    store.transport.send(Request("PutItem", {"TableName": forum.name, "Item": item}))
    answer = ask(api, "GET", "/threads/S3/a%20b")
    assert answer.status == 200
    assert SECRET not in answer.text


def test_a_dict_and_a_body_of_ones_own() -> None:
    answer = ask(api, "POST", "/moves", {"to": "x"})
    assert answer.status == 200
    assert answer.text == '{"to":"x","count":1,"half":0.5,"on":"2026-01-02"}'
    assert refused(ask(api, "POST", "/moves", {"to": 1, "other": SECRET})) == [
        ("body.to", "str is needed, found number"),
        ("body.other", "there is no such attribute"),
    ]


# --- what comes in ---

TEXTS = [
    "a",
    "a b",
    "a+b",
    "a/b",
    "ä ö",
    "日本",
    "😀",
    "a%2Fb",
    "50%",
    '"quoted"',
    "a\nb",
    "line\n",
    "#?&=",
    "..",
    "<x>",
    "\x00",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("source", HttpSource, ids=lambda source: source.name)
def test_every_text_comes_through_a_path(source: HttpSource, text: str) -> None:
    answer = ask(APIS[source], "GET", f"/echo/{quote(text, safe='')}")
    if source is HttpSource.HTTP_API and "/" in text:
        assert answer.status == 404  # AWS decodes the path: the slash is one of the path
    else:
        assert (answer.status, answer.body) == (200, [text])


def test_the_stage_of_an_http_api_is_no_part_of_the_path() -> None:
    event = request("GET", "/echo/x%20y", source=HttpSource.HTTP_API)
    event["requestContext"]["stage"] = "test"
    event["rawPath"] = "/test" + event["rawPath"]
    assert answer_to(APIS[HttpSource.HTTP_API], event).body == ["x y"]


def test_payload_format_1_of_an_http_api_is_decoded_by_aws() -> None:
    event = request("GET", "/echo/x", source=HttpSource.REST_API) | {"version": "1.0", "path": "/echo/50%25"}
    assert answer_to(APIS[HttpSource.REST_API], event).body == ["50%25"]
    del event["version"]
    assert answer_to(APIS[HttpSource.REST_API], event).body == ["50%"]


def test_a_path_that_is_not_utf_8() -> None:
    assert refused(ask(api, "GET", "/echo/%ff")) == [("text", "this part of the path is not UTF-8")]


def test_typed_parameters() -> None:
    uuid = "00000000-0000-0000-0000-000000000001"
    answer = ask(api, "GET", f"/typed/1.50/1/{uuid}?flag=true&mood=angry&at=2026-01-02T03:04:05Z&either=07")
    assert answer.body == [
        "Decimal('1.5')",
        "1",
        f"UUID('{uuid}')",
        "True",
        "<Mood.ANGRY: 'angry'>",
        "datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)",
        "'07'",
    ]
    answer = ask(api, "GET", f"/typed/-1e2/a/{uuid}")
    assert answer.body[:2] == ["Decimal('-100')", "'a'"]
    assert answer.body[3:] == ["False", "<Mood.CALM: 'calm'>", "None", "0"]


@pytest.mark.parametrize("source", HttpSource, ids=lambda source: source.name)
def test_all_faults_of_parameters_at_once(source: HttpSource) -> None:
    target = f"/typed/{SECRET}/{SECRET}/{SECRET}?flag=1&mood={SECRET}&at={SECRET}&either=1&either=2".replace(
        " ", "%20"
    )
    assert refused(ask(APIS[source], "GET", target)) == [
        ("number", "Decimal is needed"),
        ("kind", "typing.Literal['a', 1] is needed"),
        ("id_", "UUID is needed"),
        ("flag", "bool is needed"),
        ("mood", "Mood is needed"),
        ("at", "datetime is needed"),
        ("either", "is given several times"),
    ]


def test_sizes_of_pages_are_bounded(store: Client) -> None:
    for size in ("0", "51", "-1"):
        answer = ask(api, "GET", f"/threads/S3?size={size}")
        assert refused(answer) == [("size", "a number from 1 to 50 is needed")]
    for size in ("1_0", "٣", "1.5", "", "%201", "1e1000000000", "9" * 5000):
        assert refused(ask(api, "GET", f"/threads/S3?size={size}")) == [("size", "int is needed")]


def test_a_needed_parameter_of_the_query() -> None:
    one = Api(__name__)

    @one.get("/one")
    def needed(q: str, other: int) -> str:
        return q

    assert refused(ask(one, "GET", "/one?q=1,2")) == [("other", "is needed in the query string")]
    assert ask(one, "GET", "/one?q=1,2&other=3&more=4").body == "1,2"
    nothing = request("GET", "/one")
    for name in ("queryStringParameters", "rawQueryString"):
        nothing[name] = None
    assert len(refused(answer_to(one, nothing))) == 2


# --- bodies ---

BODIES: list[tuple[str | bytes | None, str]] = [
    (None, "a JSON body is needed"),
    ("", "a JSON body is needed"),
    (b"", "a JSON body is needed"),
    ("{", "it is no JSON: Expecting property name enclosed in double quotes (character 1)"),
    (SECRET, "it is no JSON: Expecting value (character 0)"),
    ("{}{}", "it is no JSON: Extra data (character 2)"),
    ("\ufeff{}", "it is no JSON: Expecting value (character 0)"),
    (b"\xff{}", "it is not UTF-8"),
    ('{"a": 1, "a": 2}', "it has an object with two entries of one name"),
    ('{"tags": [{"a": 1, "a": 2}]}', "it has an object with two entries of one name"),
    ('{"score": NaN}', "it has NaN or Infinity, which are no JSON"),
    ('{"score": -Infinity}', "it has NaN or Infinity, which are no JSON"),
    ('{"score": ' + "1" * 400 + "}", "it has a number of more digits than those of DynamoDB"),
    ('{"score": 1.' + "1" * 1_000_000 + "}", "it has a number of more digits than those of DynamoDB"),
    ('{"score": 1e99999999999999999999}', "it has a number beyond those of DynamoDB"),
    ("[" * 100_000, "it is nested too deeply"),
    ('{"a":' * 100_000, "it is nested too deeply"),
    ("[]", "a JSON object is needed"),
    ('"text"', "a JSON object is needed"),
    ("null", "a JSON object is needed"),
    ("{}", "it changes nothing"),
]


@pytest.mark.parametrize(("body", "rule"), BODIES, ids=[str(body)[:20] for body, _ in BODIES])
def test_malformed_bodies(body: str | bytes | None, rule: str) -> None:
    assert refused(ask(api, "PATCH", "/threads/S3/a", body)) == [("body", rule)]


def test_a_huge_body_with_any_number_of_faults() -> None:
    names: dict[str, object] = {f"name {number}": [] for number in range(100_000)}
    answer = ask(api, "PATCH", "/threads/S3/a", {"x" * 1_000_000: 1} | names)
    assert answer.status == 400
    assert len(answer.body["faults"]) == 20
    assert len(answer.text) < 10_000


def test_base64_that_is_none() -> None:
    event = request("PATCH", "/threads/S3/a", "{}") | {"body": "{}", "isBase64Encoded": True}
    assert refused(answer_to(api, event)) == [("body", "it is not UTF-8")]


@pytest.mark.parametrize("source", HttpSource, ids=lambda source: source.name)
def test_an_entity_is_made_of_a_body(source: HttpSource, store: Client) -> None:
    body = {
        "postedBy": "bob",
        "mood": "angry",
        "score": 1.5,
        "tags": ["x"],
        "picture": {"data": "AP8="},
        "origin": "web",
    }
    answer = ask(APIS[source], "POST", "/threads/S3/new", json.dumps(body).encode())
    assert answer.status == 201
    assert answer.body["postedBy"] == "bob"
    assert answer.body["version"] == 1
    stored = store.run(Thread.main.get("S3", "new"))
    assert stored is not None
    assert (stored.posted_by, stored.mood, stored.score) == ("bob", Mood.ANGRY, Decimal("1.5"))
    assert (stored.tags, stored.picture, stored.origin) == ({"x"}, Picture(b"\x00\xff"), "web")
    assert (stored.last_post_at, stored.replies) == (NOW, 6)


def test_a_request_sets_nothing_but_what_is_writable() -> None:
    hostile = {
        "forum": SECRET, "subject": "x", "pk": "FORUM#x", "sk": "x", "gsi1pk": "USER#x", "version": 99,
        "replies": 5, "lastPostAt": "2026-01-01T00:00:00Z", "_type": "User", "_write": "x",
        "_unknown_attributes": {}, "upper": "X", "posted_by": "by the Python name", "self": 1, "mood": SECRET,
    }  # fmt: skip
    for method in ("POST", "PATCH"):
        faults = dict(refused(ask(api, method, "/threads/S3/a", hostile)))
        assert faults.pop("body.mood") == "Mood is needed, found string"
        own = {"forum", "subject", "version", "replies", "lastPostAt", "upper"}
        assert faults == {
            f"body.{name}": "cannot be set by a request" if name in own else "there is no such attribute"
            for name in hostile.keys() - {"mood"}
        }


def test_what_is_needed_and_left_out() -> None:
    assert refused(ask(api, "POST", "/threads/S3/a", {"mood": "calm"})) == [("body.postedBy", "is needed")]


def test_changes_of_a_body(strict_store: Client) -> None:
    strict_store.run(thread(score=Decimal(1), tags={"x"}, answered_by="bob").put())
    body = {
        "score": None,
        "tags": [],
        "answeredBy": None,
        "mood": "angry",
        "picture": {"data": "", "width": 3},
    }
    answer = ask(api, "PATCH", "/threads/S3/a%20b", body)
    assert (answer.status, answer.text) == (204, "")
    response = strict_store.transport.send(Thread.main.get("S3", "a b").request())
    item = response["Item"]
    assert "score" not in item
    assert "tags" not in item
    assert item["answeredBy"] == {"NULL": True}
    assert item["mood"] == {"S": "angry"}
    assert item["picture"]["M"]["width"] == {"N": "3"}
    assert item["version"] == {"N": "2"}


def test_an_index_key_follows_a_change_of_a_body(strict_store: Client) -> None:
    strict_store.run(thread().put())
    assert [found["subject"] for found in ask(api, "GET", "/users/ann/threads").body] == ["a b"]
    assert ask(api, "PATCH", "/threads/S3/a%20b", {"postedBy": "bob"}).status == 204
    assert ask(api, "GET", "/users/ann/threads").body == []
    assert [found["postedBy"] for found in ask(api, "GET", "/users/bob/threads").body] == ["bob"]


def test_what_is_set_once_is_not_changed() -> None:
    assert refused(ask(api, "PATCH", "/threads/S3/a", {"origin": SECRET, "mood": "calm"})) == [
        ("body.origin", "is set when the item is made, and never changed")
    ]


def test_a_value_that_an_item_cannot_have(store: Client) -> None:
    [(place, rule)] = refused(ask(api, "POST", "/threads/S3/a", {"postedBy": SECRET * 20_000}))
    assert rule.startswith("an item has at most 409600 bytes")
    assert place == "body.postedBy"
    [(place, rule)] = refused(ask(api, "POST", f"/threads/S3/{'x' * 1100}", {"postedBy": "a"}))
    assert "1024" in rule


# --- errors ---


def test_conflicts(strict_store: Client) -> None:
    body = {"postedBy": SECRET}
    assert ask(api, "POST", "/threads/S3/a", body).status == 201
    for answer in (
        ask(api, "POST", "/threads/S3/a", body),  # it is there already
        ask(api, "PATCH", "/threads/S3/none", {"mood": "calm"}),  # must_exist
        ask(api, "DELETE", "/threads/S3/a"),  # when(...)
        ask(api, "POST", "/transactions/x"),
    ):
        assert answer.body == {"statusCode": 409, "message": "What is stored does not allow it"}
        assert answer.status == 409


def test_a_value_that_is_taken(strict_store: Client) -> None:
    assert ask(api, "PUT", "/users/ann", {"email": "a@example.com"}).status == 200
    answer = ask(api, "PUT", "/users/bob", {"email": "a@example.com"})
    assert answer.body == {"statusCode": 409, "message": "A value that must be unique is taken"}
    assert strict_store.run(User.main.get("bob")) is None


@pytest.mark.parametrize("api", APIS.values(), ids=[source.name for source in APIS])
def test_unknown_routes_and_other_methods(api: Api) -> None:
    for target in (
        "/",
        "/threads",
        "/threads//x",
        "/threads/a/b/c",
        "/THREADS/a",
        "/files/listXjson",
        "/%2e%2e/x",
    ):
        answer = ask(api, "GET", target)
        assert (answer.status, answer.body["message"]) == (404, "Not found")
    for method, target, allowed in (
        ("PUT", "/threads/a/b%20c", "DELETE, GET, PATCH, POST"),
        ("HEAD", "/files/list.json", "GET"),
        ("OPTIONS", "/moves", "POST"),
        ("BREW", "/users/x", "PUT"),
    ):
        answer = ask(api, method, target)
        assert (answer.status, answer.headers["Allow"]) == (405, allowed)
        assert answer.body == {"statusCode": 405, "message": "Method not allowed"}
    assert ask(api, "GET", "/files/list.json").body == {"a": 1}


@pytest.mark.parametrize("debug", ["", "true"])
def test_errors_of_the_program_are_raised_and_shown_to_nobody(
    store: Client, debug: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POWERTOOLS_DEV", debug)
    broken = Api(__name__)

    @broken.get("/bug")
    def bug() -> None:
        raise KeyError("bug")

    @broken.get("/stored")
    def stored() -> Thread | None:
        return db.run(Thread.main.get("S3", "a b"))

    @broken.get("/output")
    def output() -> Thread:
        wrong: Any = thread()
        wrong.score = SECRET
        return wrong  # type: ignore[no-any-return]  # the test is about a wrong one

    @broken.get("/request")
    def bad_request() -> None:
        db.run(Thread.main.update("S3", "x"))

    item = {**thread().put().item, "replies": {"S": SECRET}}
    store.transport.send(Request("PutItem", {"TableName": forum.name, "Item": item}))
    for path, error in (
        ("/bug", KeyError),
        ("/stored", UnreadableItemError),
        ("/output", UnanswerableError),
        ("/request", RequestError),
    ):
        with pytest.raises(error) as caught:
            ask(broken, "GET", path)
        assert SECRET not in str(caught.value)
    printed = capsys.readouterr()
    assert SECRET not in printed.out + printed.err


def test_an_error_of_ours_leaves_no_data_in_the_log(store: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        ask(api, "POST", "/threads/S3/a", {"postedBy": SECRET, "score": SECRET})
        ask(api, "GET", f"/threads/S3?size={SECRET.replace(' ', '')}")
    assert SECRET not in caplog.text
    assert SECRET.replace(" ", "") not in caplog.text


def test_errors_of_powertools_and_handlers_of_ones_own(store: Client) -> None:
    own = Api(__name__)

    @own.get("/gone/<name>")
    def gone(name: str) -> None:
        raise NotFoundError(f"no {name}")

    @own.get("/secret")
    def secret() -> None:
        raise UnauthorizedError("who are you?")

    @own.get("/teapot")
    def teapot() -> None:
        raise ZeroDivisionError

    @own.resolver.exception_handler(ZeroDivisionError)
    def short(error: ZeroDivisionError) -> Response[Any]:
        return Response(status_code=418, content_type="application/json", body=thread(score=Decimal("1.10")))

    assert ask(own, "GET", "/gone/x").body == {"statusCode": 404, "message": "no x"}
    assert ask(own, "GET", "/secret").status == 401
    answer = ask(own, "GET", "/teapot")
    assert (answer.status, answer.body["score"]) == (418, Decimal("1.1"))


# --- Powertools' own ---


def test_cors_compression_caching_middlewares() -> None:
    public = Api(__name__, cors=CORSConfig(allow_origin="https://example.com", max_age=5))

    @public.get("/large", compress=True, cache_control="max-age=3")
    def large() -> list[str]:
        return ["x" * 1000]

    @public.post("/large")
    def refuse(q: int) -> None: ...

    seen: list[str] = []

    def middleware(app: Any, next_middleware: Any) -> Any:
        seen.append(app.current_event.path)
        return next_middleware(app)

    public.resolver.use(middlewares=[middleware])
    origin = {"origin": "https://example.com"}
    answer = ask(public, "GET", "/large", headers=origin | {"accept-encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Cache-Control"] == "max-age=3"
    assert answer.headers["Access-Control-Allow-Origin"] == "https://example.com"
    assert seen == ["/large"]
    preflight = ask(public, "OPTIONS", "/large", headers=origin)
    assert preflight.status == 204
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET,OPTIONS,POST"
    for wrong in (
        ask(public, "POST", "/large", headers=origin),
        ask(public, "PUT", "/large", headers=origin),
    ):
        assert wrong.status in (400, 405)
        assert wrong.headers["Access-Control-Allow-Origin"] == "https://example.com"


def test_a_response_of_ones_own() -> None:
    own = Api(__name__)

    @own.post("/login")
    def login() -> Response[str]:
        return Response(status_code=302, headers={"Location": "/"})

    answer = ask(own, "POST", "/login")
    assert (answer.status, answer.headers["Location"]) == (302, "/")


def test_an_event_of_something_else() -> None:
    for wrong in ({}, {"Records": []}, {"rawPath": 3}, {"path": "/x"}):
        with pytest.raises(RequestError, match="this is no event of a function URL"):
            api(wrong, Context())
    with pytest.raises(RequestError, match="this is no event of a REST API"):
        APIS[HttpSource.REST_API](request("GET", "/x"), Context())


def test_a_path_that_is_no_text() -> None:
    for source, each in APIS.items():
        event = request("GET", "/echo/x", source=source)
        name = "path" if source is HttpSource.REST_API else "rawPath"
        assert each(event | {name: "/echo/\ud800"}, Context())["statusCode"] == 200


def test_an_entity_with_its_own_names(store: Client) -> None:
    class Odd(Entity, table=Table("HttpOdd")):
        id_: Attr[str] = attribute("id")
        x: Attr[str] = attribute("odd name", default="d")
        by_id = primary_key(id_)

    odd = Api(__name__)

    @odd.get("/odd")
    def get() -> tuple[Odd, Page[Odd]]:
        made = Odd(id_="1")
        return made, Page((made,), None)

    one = {"id": "1", "odd name": "d"}
    assert ask(odd, "GET", "/odd").body == [one, {"items": [one], "cursor": None}]


def test_it_needs_the_extra() -> None:
    program = (
        "import sys; sys.modules['aws_lambda_powertools'] = None\n"
        "import dynamodel.aws_lambda\n"
        "try:\n    import dynamodel.aws_lambda.http\n"
        "except ImportError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "needs the extra 'lambda'" in done.stdout
