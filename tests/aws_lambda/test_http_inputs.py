"""What a request says about an entity, without HTTP."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamodel import Attr, Entity, RequestError, Table, attribute, global_index, primary_key
from dynamodel.attribute_value.json_form import MAX_FAULTS
from dynamodel.aws_lambda.http import Input, InputError
from dynamodel.aws_lambda.http_events import json_body
from dynamodel.aws_lambda.http_output import json_text
from tests.attribute_value.test_json_form import CASES
from tests.aws_lambda.http_app import NOW, Mood, Picture, Thread, User


def rules(call: Any, *arguments: Any, **named: Any) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        call(*arguments, **named)
    return [(fault.place, fault.rule) for fault in caught.value.faults]


def test_what_a_request_says_can_be_looked_at() -> None:
    said: Input[Thread] = Input(Thread, {"postedBy": "ann", "score": None})
    assert Thread.posted_by in said
    assert "score" in said
    assert Thread.mood not in said
    assert "postedBy" not in said  # names are Python's
    assert said[Thread.posted_by] == said["posted_by"] == "ann"
    assert said.values == {"posted_by": "ann", "score": None}
    assert repr(said) == "Input[Thread](posted_by, score)"
    with pytest.raises(KeyError):
        said[Thread.mood]


def test_a_path_that_no_request_says_is_a_mistake() -> None:
    said: Input[Thread] = Input(Thread, {"postedBy": "ann", "picture": {"data": "", "width": 1}})
    with pytest.raises(RequestError, match=r"User\.email is not an attribute of Thread"):
        User.email in said
    part: Any = Thread.picture
    with pytest.raises(RequestError, match=r"picture\.width is a part of an attribute"):
        said[part[Picture.width]]


def test_the_route_has_the_last_word() -> None:
    said = Input(Thread, {"postedBy": "eve", "mood": "angry"})
    made = said.build(forum="S3", subject="a", last_post_at=NOW, posted_by="ann", replies=3)
    assert (made.posted_by, made.mood, made.replies, made.version) == ("ann", Mood.ANGRY, 3, 0)


def test_what_the_route_forgot_is_no_fault_of_the_request() -> None:
    said = Input(Thread, {"postedBy": "ann"})
    with pytest.raises(TypeError, match="last_post_at"):
        said.build(forum="S3", subject="a")
    with pytest.raises(TypeError, match="no_such"):
        said.build(forum="S3", subject="a", last_post_at=NOW, no_such=1)


class Loose(Entity, table=Table("HttpLoose")):
    id_: Attr[str] = attribute("id")
    needed: Attr[int] = attribute("Needed", writable=True)
    maybe: Attr[int | None] = attribute(writable=True)
    null: Attr[int | None] = attribute(null=True, writable=True)
    tags: Attr[set[str]] = attribute(writable=True)
    text: Attr[str] = attribute(default="d", writable=True)
    made: Attr[list[int]] = attribute(factory=lambda: [1], writable=True)
    indexed: Attr[str | None] = attribute(default=None, writable=True)
    at: Attr[datetime | None] = attribute(default=None, writable=True)
    by_id = primary_key(id_)
    by_text = global_index("by_text", indexed, at)


def test_what_is_left_out_is_what_a_stored_item_without_it_has() -> None:
    made = Input(Loose, {"Needed": 1, "null": None}).build(id_="x")
    assert made == Loose(id_="x", needed=1, maybe=None, null=None, tags=set(), text="d", made=[1])
    assert rules(Input(Loose, {}).build, id_="x") == [("body.Needed", "is needed")]


def test_keys_of_indexes_have_their_rules() -> None:
    found = dict(rules(Input, Loose, {"indexed": "", "at": "2026-01-01T00:00:00", "Needed": "1"}))
    assert found == {
        "body.Needed": "int is needed, found string",
        "body.indexed": "a key attribute must not be empty, found str",
        "body.at": "a key needs an aware datetime, or its order is not that of time, found datetime",
    }
    assert "at most 2048 bytes" in rules(Input, Loose, {"indexed": "x" * 2049})[0][1]


def test_actions() -> None:
    said = Input(Loose, {"Needed": 2, "maybe": None, "null": None, "tags": [], "text": "t", "made": []})
    actions = [(str(action.path), action.clause) for action in said.actions()]
    assert actions == [
        ("needed", "SET"),
        ("maybe", "REMOVE"),
        ("null", "SET"),
        ("tags", "REMOVE"),
        ("text", "SET"),
        ("made", "SET"),
    ]
    update = Loose.by_id.update("x").apply(*said.actions()).request().parameters
    assert update["ExpressionAttributeValues"] == {
        ":v0": {"N": "2"}, ":v1": {"NULL": True}, ":v2": {"S": "t"}, ":v3": {"L": []}
    }  # fmt: skip
    assert rules(Input(Loose, {}).actions) == [("body", "it changes nothing")]


@pytest.mark.parametrize("json", [None, [], "x", 1, True])
def test_a_body_is_an_object(json: Any) -> None:
    assert rules(Input, Loose, json) == [("body", "a JSON object is needed")]


def test_a_hostile_body_has_so_many_faults() -> None:
    assert len(rules(Input, Thread, dict.fromkeys(map(str, range(100_000)), 1))) == MAX_FAULTS


def test_names_of_requests_are_printable() -> None:
    assert rules(Input, Loose, {"\ud800": 1, "": 2}) == [
        ("body.\\ud800", "there is no such attribute"),
        ("body.", "there is no such attribute"),
    ]


# --- everything that goes out comes back in ---

namespace: dict[str, Any] = {
    "__module__": __name__,
    "__annotations__": {
        "id_": Attr[str],
        **{f"f{index}": Attr[type_] for index, (type_, _) in enumerate(CASES)},
    },
    "id_": attribute("id"),
    **{f"f{index}": attribute(f"stored {index}", writable=True) for index in range(len(CASES))},
}
namespace["by_id"] = primary_key(namespace["id_"])
All: Any = type(Entity)("All", (Entity,), namespace, table=Table("HttpAll"))
OBJECTS = st.fixed_dictionaries({f"f{index}": values for index, (_, values) in enumerate(CASES)})


@settings(max_examples=12)
@given(OBJECTS)
def test_entities_of_all_types_come_back(values: dict[str, Any]) -> None:
    entity = All(id_="x", **values)
    text = json_text(entity)
    body: Any = json_body({"body": text})
    assert body.pop("id") == "x"
    assert Input(All, body).build(id_="x") == entity
    assert orjson.loads(text).keys() == body.keys() | {"id"}


def test_digits_are_kept() -> None:
    number = Decimal("-0.00012345678901234567890123456789012345678")
    body: Any = json_body({"body": json_text({"score": number})})
    assert Input(Thread, body)[Thread.score] == number
