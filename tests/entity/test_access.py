"""Access paths: keys that are stored as they are, and keys that a template builds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel import (
    Attr,
    Entity,
    MarshalError,
    RequestError,
    Table,
    attribute,
    global_index,
    key,
    local_index,
    primary_key,
)
from dynamodel.entity.access import BuiltKey, StoredKey

app = Table("access.app", partition_key="pk", sort_key="sk")


class Colour(Enum):
    RED = "red"


class Reply(Entity, table=app):
    forum: Attr[str] = attribute("f")
    subject: Attr[str] = attribute("s")
    number: Attr[int] = attribute("n")
    author: Attr[str | None] = attribute(default=None)
    at: Attr[datetime | None] = attribute(default=None)
    main = primary_key(key("THREAD", forum, subject), key("REPLY", number))
    by_author = global_index("gsi1", key("AUTHOR", author), key("AT", at))
    latest = local_index("lsi1", main, at)
    in_order = local_index("lsi2", main, key("AT", at, number))


class Typed(Entity, table=app):
    text: Attr[str] = attribute()
    number: Attr[Decimal] = attribute()
    raw: Attr[bytes] = attribute()
    flag: Attr[bool] = attribute()
    when: Attr[datetime] = attribute()
    uuid: Attr[UUID] = attribute()
    colour: Attr[Colour] = attribute()
    main = primary_key(key("TYPED", text, number, raw), key("TYPED", flag, when, uuid, colour))


SCHEMA = Reply.main._schema
MAIN, BY_AUTHOR, LATEST, IN_ORDER = (SCHEMA.paths[n] for n in ("main", "by_author", "latest", "in_order"))


def test_the_names_of_built_keys():
    assert MAIN.key.stored_names == ("pk", "sk")
    assert BY_AUTHOR.key.stored_names == ("gsi1pk", "gsi1sk")
    assert LATEST.key.stored_names == ("pk", "at")
    assert IN_ORDER.key.stored_names == ("pk", "lsi2sk")
    assert [type(side) for side in (LATEST.key.partition, LATEST.key.sort)] == [BuiltKey, StoredKey]
    assert [side.name for side in LATEST.key.built] == ["pk"]


def test_keys_are_built_from_their_parts():
    assert MAIN.marshal_key(("S3", "a#b", 7)) == {"pk": {"S": "THREAD#S3#a$#b"}, "sk": {"S": "REPLY#p500.7"}}
    assert MAIN.marshal_partition(("S3", "aaa")) == {"pk": {"S": "THREAD#S3#aaa"}}
    assert MAIN.marshal_parts(("S3", "aaa", 7)) == {"f": {"S": "S3"}, "s": {"S": "aaa"}, "n": {"N": "7"}}
    assert BY_AUTHOR.marshal_partition(("ann",)) == {"gsi1pk": {"S": "AUTHOR#ann"}}
    assert LATEST.marshal_partition(("S3", "aaa")) == {"pk": {"S": "THREAD#S3#aaa"}}


def test_each_type_of_a_part():
    moment = datetime(2026, 5, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    made = Typed.main._access.marshal_key(
        ("a b", Decimal("-1.50"), b"\x00\xff", True, moment, UUID(int=7), Colour.RED)
    )
    assert made == {
        "pk": {"S": "TYPED#a$ b#n499.84~#00ff"},
        "sk": {
            "S": "TYPED#true#2026-05-01T12:00:00.000000Z#00000000-0000-0000-0000-000000000007#red",
        },
    }


@pytest.mark.parametrize(
    ("marshal", "values", "error", "words"),
    [
        (
            MAIN.marshal_key,
            ("a", "b"),
            RequestError,
            r"Reply\.main\(forum, subject, number\) was given 2 values$",
        ),
        (MAIN.marshal_partition, ("a",), RequestError, r"Reply\.main\(forum, subject\) was given 1 value$"),
        (MAIN.marshal_key, ("a", None, 1), (MarshalError, RequestError), r"Reply\.main.*subject"),
        (MAIN.marshal_key, ("a", "b", "1"), MarshalError, r"Reply\.main\(number\)"),
        (MAIN.marshal_key, ("a", "b", True), MarshalError, r"Reply\.main\(number\)"),
        (MAIN.marshal_key, ("a", "\ud800", 1), MarshalError, r"Reply\.main\(subject\)"),
        (
            BY_AUTHOR.marshal_partition,
            (None,),
            RequestError,
            r"Reply\.by_author: author is part of the key.*None",
        ),
    ],
)
def test_values_that_are_refused(marshal, values, error, words):
    with pytest.raises(error, match=words):
        marshal(values)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (("x" * 2040, "", 1), None),
        (("x" * 2041, "", 1), "f, s: the key that is built from it has at most 2048 bytes"),
        (("é" * 1020, "", 1), None),
        (("é" * 1021, "", 1), "2048"),
        (("#" * 1020, "", 1), None),  # two characters each
        (("#" * 1021, "", 1), "2048"),
    ],
)
def test_a_built_key_has_the_limit_of_a_key(values, words):
    if words is None:
        assert len(MAIN.marshal_key(values)["pk"]["S"].encode()) in {2047, 2048}
        return
    with pytest.raises(MarshalError, match=words) as caught:
        MAIN.marshal_key(values)
    assert str(caught.value).startswith("Reply.main.")


def test_a_sort_key_has_its_own_limit():
    class Long(Entity, table=Table("access.long", partition_key="pk", sort_key="sk")):
        name: Attr[str] = attribute()
        main = primary_key(key("L"), key("L", name))

    assert len(Long(name="x" * 1022).put().item["sk"]["S"]) == 1024
    with pytest.raises(MarshalError, match="1024"):
        Long(name="x" * 1023).put()


def test_an_attribute_that_is_in_both_keys_is_given_twice_the_same():
    class Root(Entity, table=Table("access.root", partition_key="pk", sort_key="sk")):
        name: Attr[str] = attribute()
        main = primary_key(key("ROOT", name), key("ROOT", name))

    assert Root.main.get("a", "a").request().parameters["Key"] == {
        "pk": {"S": "ROOT#a"},
        "sk": {"S": "ROOT#a"},
    }
    with pytest.raises(RequestError, match=r"Root\.main: name was given two different values"):
        Root.main.get("a", "b")


# --- from the key back to its parts ---

TEXTS = st.text("ab#$ \x00é\U0010ffff")


@given(forum=TEXTS, subject=TEXTS)
def test_a_built_key_tells_its_parts(forum, subject):
    side = MAIN.key.partition
    parts = {"f": {"S": forum}, "s": {"S": subject}}
    assert side.parts(side.of(parts)["pk"]) == parts


@pytest.mark.parametrize(
    "foreign",
    [
        {"S": "OTHER#a#b"},
        {"S": "THREAD"},
        {"S": "THREAD#a"},
        {"S": "THREAD#a#b#c"},
        {"S": "thread#a#b"},
        {"N": "1"},
    ],
)
def test_a_key_of_another_template_tells_nothing(foreign):
    assert MAIN.key.partition.parts(foreign) is None


@given(values=st.tuples(TEXTS, TEXTS), others=st.tuples(TEXTS, TEXTS))
def test_two_keys_never_meet(values, others):
    one, other = (MAIN.marshal_partition(pair) for pair in (values, others))
    assert (one == other) == (values == others)


MOMENTS = st.datetimes(timezones=st.just(UTC))
PAIRS = st.tuples(MOMENTS, st.integers(-(10**38) + 1, 10**38 - 1))


@given(PAIRS, PAIRS)
def test_keys_have_the_order_of_their_values(values, others):
    one, other = (
        Reply(forum="", subject="", at=at, number=number).put().item["lsi2sk"]["S"]
        for at, number in (values, others)
    )
    assert (one < other) == (values < others)
