"""Traps 1 to 14: how keys are built. DynamoDB Local decides about order; what is stored is read by boto3."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from dynamodel import (
    Attr,
    Entity,
    MarshalError,
    RequestError,
    Table,
    attribute,
    collection,
    computed,
    global_index,
    key,
    primary_key,
)

from .models import NOON, Flag, Reply, Sample, Shop, Song, Thread, index_key

if TYPE_CHECKING:
    from dynamodel import Client
    from dynamodel.types import Item

    from .models import Stored

ESCAPED = [
    ("1#c_2", "3"),
    ("1", "2#c_3"),
    ("1#2", "3"),
    ("1", "2#3"),
    ("1#2$", "3"),
    ("a#", "b"),
    ("a", "#b"),
    ("$", "#"),
    ("$#", ""),
]


def test_trap_01_two_values_never_build_the_same_key(db: Client, stored: Stored) -> None:
    """A delimiter within a value made two pairs of values one key, so that one item replaced the other."""
    for one, other in ESCAPED:
        db.run(Shop(country=one, city=other, street="s", name="n").create())
        db.run(Shop(country="c", city="c", street=one, name=other).create())
    assert len({(item["pk"]["S"], item["sk"]["S"]) for item in stored()}) == 2 * len(ESCAPED)
    for one, other in ESCAPED:
        found = db.run(Shop.main.query(one, other))
        assert [(shop.country, shop.city) for shop in found] == [(one, other)]


def test_trap_02_keys_keep_their_case(db: Client, stored: Stored) -> None:
    """Keys were lowercased: `ABC` and `abc` were one item, and an id in base64 could not be read back."""
    names = ["ABC", "abc", "aGVsbG8/d29ybGQ+", "AGVSBG8/D29YBGQ+", "ß", "SS"]
    for name in names:
        db.run(Song(artist=name, title=name).create())
        db.run(Thread(forum=name, subject=name, posted_by=name).create())
    assert {(item["artist"]["S"], item["title"]["S"]) for item in stored(table="traps.songs")} == {
        (name, name) for name in names
    }
    assert {index_key(item, "gsi1")[0] for item in stored("gsi1")} == {f"USER#{name}" for name in names}


def test_trap_03_numbers_in_keys_keep_their_order(db: Client, stored: Stored) -> None:
    """Numbers went into keys as they print: 9 behind 10, and `1e+21` somewhere."""
    numbers = [Decimal(text) for text in ("0", "2", "9", "10", "11", "99", "100", "1E21", "2E21", "1E125")]
    for number in random.Random(3).sample(numbers, len(numbers)):
        db.run(Sample(device="d", value=number).create())
    assert [sample.value for sample in db.run(Sample.main.query("d"))] == numbers
    assert not any("e+" in item["sk"]["S"].lower() for item in stored())


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_trap_03_what_is_no_number_is_in_no_key(text: str) -> None:
    """NaN became the key `n_nan`."""
    with pytest.raises(MarshalError):
        Sample(device="d", value=Decimal(text)).put()
    with pytest.raises(MarshalError):
        Sample.main.get("d", Decimal(text))


PADDED = [
    Decimal(text) for text in ("-1E30", "-10", "-9", "-5", "-1.5", "-0.5", "0", "0.001", "1.25", "1.5", "15")
] + [
    Decimal(10**37),
    Decimal(10**37 + 1),
]


def test_trap_04_negative_broken_and_long_numbers_keep_their_order(db: Client) -> None:
    """Padding with zeros made `000-5` of -5 and `001.5` of 1.5, and long numbers grew out of their width."""
    for number in random.Random(4).sample(PADDED, len(PADDED)):
        db.run(Sample(device="d", value=number).create())
    query = Sample.main.query("d")
    assert [sample.value for sample in db.run(query)] == PADDED
    for bound in PADDED:
        below = [sample.value for sample in db.run(query.sort(Sample.value < bound))]
        above = [sample.value for sample in db.run(query.sort(Sample.value >= bound))]
        assert below == [number for number in PADDED if number < bound]
        assert above == [number for number in PADDED if number >= bound]


def test_trap_05_a_number_has_no_beginning() -> None:
    """`begins(1)` on a padded number asked for `00001`, which is another question."""
    value: Any = Sample.value
    for prefix in (1, "1", Decimal(1)):
        with pytest.raises(RequestError, match="begins_with"):
            value.begins_with(prefix)


def test_trap_06_zero_empty_and_false_are_values(db: Client, stored: Stored) -> None:
    """0, "" and False were taken for missing, so that the item was in no index."""
    db.run(Flag(name="false", is_on=False, count=0, label="").create())
    db.run(Flag(name="none").create())
    assert [item["name"]["S"] for item in stored("gsi1")] == ["false"]
    query = Flag.by_state.query(False).sort(Flag.count == 0, Flag.label == "")
    assert [flag.name for flag in db.run(query)] == ["false"]
    assert [flag.name for flag in db.run(Flag.by_state.query(False).sort(Flag.count == 0))] == ["false"]


@pytest.mark.parametrize("missing", [{"is_on": None}, {"count": None}, {"label": None}])
def test_trap_07_a_put_without_an_index_attribute_writes_no_part_of_the_key(
    db: Client, stored: Stored, missing: dict[str, None]
) -> None:
    """A put without it wrote half a key, such as `USER#`, under which a query found the item."""
    values: dict[str, Any] = {"is_on": True, "count": 1, "label": "a"} | missing
    db.run(Flag(name="f", **values).put())
    [item] = stored()
    assert not item.keys() & {"gsi1pk", "gsi1sk"}
    assert stored("gsi1") == []


def test_trap_08_no_key_is_built_from_a_missing_value(db: Client, stored: Stored) -> None:
    """A key function wrote `status#undefined`: the text of a missing value became part of a key."""
    db.run(Thread(forum="f", subject="s", status="closed").put())  # open_since is computed, and None
    [item] = stored()
    assert not item.keys() & {"open_since", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk"}
    anything: Any = None
    for build in (
        lambda: Thread(forum="f", subject=anything).put(),
        lambda: Thread.main.get("f", anything),
        lambda: Thread.main.update(anything, "s"),
        lambda: Thread.by_user.query(anything),
    ):
        with pytest.raises((MarshalError, RequestError)):
            build()


def test_trap_09_an_empty_text_in_an_index_key(db: Client, stored: Stored) -> None:
    """DynamoDB refuses an empty index key: built keys have a tag before it, others are refused here."""
    db.run(Thread(forum="f", subject="s", posted_by="").put())
    assert [index_key(item, "gsi1")[0] for item in stored("gsi1")] == ["USER#"]
    assert [thread.posted_by for thread in db.run(Thread.by_user.query(""))] == [""]
    with pytest.raises(MarshalError, match="genre: a key attribute must not be empty"):
        Song(artist="a", title="t", genre="").put()
    with pytest.raises(MarshalError, match=r"genre.*: a key attribute must not be empty"):
        Song.main.update("a", "t").apply(Song.genre.set("")).request()


def test_trap_10_a_whole_sort_key_is_asked_for_by_equality(db: Client) -> None:
    """`begins_with` for a whole sort key also found the longer keys that begin with it."""
    for subject in ("a", "ab", "a b", "a#b", "a$"):
        db.run(Thread(forum="f", subject=subject).create())
    query = Thread.main.query("f").sort(Thread.subject == "a")
    assert [thread.subject for thread in db.run(query)] == ["a"]
    assert "begins_with" not in query.request().parameters["KeyConditionExpression"]
    static = Flag.main.query("f").request().parameters  # its sort key is a tag alone
    assert "begins_with" not in static["KeyConditionExpression"]


def test_trap_11_a_partial_sort_key_ends_at_a_delimiter(db: Client) -> None:
    """`f34` as the first part of a sort key also found `f340`."""
    for subject in ("f3", "f34", "f34#", "f34 0", "f340"):
        db.run(Reply(forum="f", subject=subject, number=1, posted_by="ann").create())
        db.run(Reply(forum="f", subject=subject, number=2, posted_by="ann").create())
    found = db.run(Reply.main.query("f").sort(Reply.subject == "f34"))
    assert [(reply.subject, reply.number) for reply in found] == [("f34", 1), ("f34", 2)]
    begin = db.run(Reply.main.query("f").sort(Reply.subject.begins_with("f34")))
    assert {reply.subject for reply in begin} == {"f34", "f34#", "f34 0", "f340"}


def test_trap_12_times_in_keys_sort_as_time(db: Client, stored: Stored) -> None:
    """Texts of mixed width, or of mixed offsets from UTC, do not sort as the times that they tell."""
    ends = [timezone(timedelta(hours=hours)) for hours in (-11, 0, 5, 14)]
    moments = [
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(999, 12, 31, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2001, 9, 9, 1, 46, 39, 999000, tzinfo=UTC),  # where epoch milliseconds get one more digit
        datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC),
        *(NOON + timedelta(microseconds=n) for n in (0, 1, 10, 100_000, 1_000_000)),
    ]
    for number, moment in enumerate(random.Random(12).sample(moments, len(moments))):
        local = moment.astimezone(ends[number % 4]) if moment.year > 1 else moment
        db.run(Thread(forum="f", subject=f"{number}", posted_by="ann", last_post_at=local).create())
    for query in (Thread.latest.query("f"), Thread.by_user.query("ann")):
        assert [thread.last_post_at for thread in db.run(query)] == moments
    assert len({len(item["lastPost"]["S"]) for item in stored()}) == 1


def test_trap_13_keys_are_built_after_defaults_and_computed_attributes(db: Client, stored: Stored) -> None:
    """Keys were built first, from attributes that had no value yet."""
    db.run(Thread(forum="f", subject="s", posted_by="ann").put())  # the time and the status are defaults
    db.run(Thread(forum="f", subject="t").upsert())
    for item in stored():
        assert item["open_since"] == {"S": "2026-05-01T12:00:00.000000Z"}
        assert index_key(item, "gsi2") == ("OPEN#f", "SINCE#2026-05-01T12:00:00.000000Z")
    [item] = stored("gsi1")
    assert index_key(item, "gsi1") == ("USER#ann", "THREAD#2026-05-01T12:00:00.000000Z")


def test_trap_14_an_entity_more_changes_no_keys() -> None:
    """In a collection with one entity more, the keys of the others were built differently."""
    before, after = (thread_item(is_alone=is_alone) for is_alone in (True, False))
    assert before == after
    assert {name: value["S"] for name, value in before.items() if name[-2:] in {"pk", "sk"}} == {
        "pk": "FORUM#f",
        "sk": "THREAD#s",
        "gsi1pk": "USER#ann",
        "gsi1sk": "THREAD#s",
    }


def thread_item(*, is_alone: bool) -> Item:
    """The item of an entity that is alone in its table, or in a collection with another one."""
    table = Table("traps.growing", partition_key="pk", sort_key="sk")

    class Thread(Entity, table=table):
        forum: Attr[str] = attribute()
        subject: Attr[str] = attribute()
        posted_by: Attr[str] = attribute()
        main = primary_key(key("FORUM", forum), key("THREAD", subject))
        by_user = global_index("gsi1", key("USER", posted_by), key("THREAD", subject))

    if not is_alone:

        class Reply(Entity, table=table):
            forum: Attr[str] = attribute()
            number: Attr[int] = attribute()
            posted_by: Attr[str] = attribute()
            lower: Attr[str] = computed(str.lower, posted_by)
            main = primary_key(key("FORUM", forum), key("REPLY", number))
            by_user = global_index("gsi1", key("USER", posted_by), key("REPLY", number))
            by_lower = global_index("gsi2", key("USER", lower))

        collection(Thread.by_user, Reply.by_user)
        collection(Thread.main, Reply.main)
    item: Item = Thread(forum="f", subject="s", posted_by="ann").put().request().parameters["Item"]
    return item
