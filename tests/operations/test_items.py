"""Operations on one item: what they send, what they return, and that they are values."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from dynamodel import (
    ConditionFailedError,
    MarshalError,
    RequestError,
    UnreadableItemError,
    item_size,
    unknown_attributes,
)
from dynamodel.operations.base import Settings
from dynamodel.operations.cursors import cursor_scope, seal_cursor
from dynamodel.types import Item

from .models import Credit, Sample, Song, Visit, plain_client

BRAZIL = {"artist": {"S": "Ary"}, "songTitle": {"S": "Brazil"}}
FULL = Song(
    artist="Ary",
    title="Brazil",
    year=1939,
    genre="samba",
    length=Decimal("3.50"),
    plays=7,
    tags={"b", "a"},
    credits=[Credit("Ary", "text"), Credit("Bob")],
    labels={"de": "Brasil", "": "empty"},
    lead=Credit("Carmen"),
    added=datetime(2026, 1, 2, tzinfo=UTC),
    cover=b"\x00\xff",
)
FULL_ITEM = {
    **BRAZIL,
    "year": {"N": "1939"},
    "genre": {"S": "samba"},
    "length": {"N": "3.5"},
    "plays": {"N": "7"},
    "tags": {"SS": ["a", "b"]},
    "credits": {
        "L": [
            {"M": {"name": {"S": "Ary"}, "part": {"S": "text"}}},
            {"M": {"name": {"S": "Bob"}}},
        ]
    },
    "labels": {"M": {"de": {"S": "Brasil"}, "": {"S": "empty"}}},
    "lead": {"M": {"name": {"S": "Carmen"}}},
    "added": {"S": "2026-01-02T00:00:00.000000Z"},
    "cover": {"B": b"\x00\xff"},
}
FULL.labels.pop("")
FULL_ITEM["labels"]["M"].pop("")
PLAIN_ITEM = {**BRAZIL, "plays": {"N": "0"}, "credits": {"L": []}, "labels": {"M": {}}, "cover": {"B": b""}}
TABLE = {"TableName": "operations.songs"}
SEEN = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def key(artist: str = "Ary"):
    return Song.by_artist.get(artist, "Brazil")


def update(*actions):
    return Song.by_artist.update("Ary", "Brazil").apply(*actions)


def plain(**more) -> Song:
    return Song(artist="Ary", title="Brazil", **more)


# --- requests ---


def test_get_requests():
    assert key().request() == ("GetItem", {**TABLE, "Key": BRAZIL})
    assert key().consistent().request() == ("GetItem", {**TABLE, "Key": BRAZIL, "ConsistentRead": True})
    projected = key().project(Song.plays, Song.lead[Credit.name], Song.credits[0][Credit.part])
    assert projected.request().parameters == {
        **TABLE,
        "Key": BRAZIL,
        "ProjectionExpression": "#n0, #n1.#n2, #n3[0].#n4, #n5, #n6",
        "ExpressionAttributeNames": {
            "#n0": "plays",
            "#n1": "lead",
            "#n2": "name",
            "#n3": "credits",
            "#n4": "part",
            "#n5": "artist",
            "#n6": "songTitle",
        },
    }


@pytest.mark.parametrize(
    ("paths", "expression"),
    [
        ((Song.lead, Song.lead[Credit.name]), "#n0, #n1, #n2"),
        ((Song.lead[Credit.name], Song.lead), "#n0, #n1, #n2"),
        ((Song.plays, Song.plays), "#n0, #n1, #n2"),
        ((Song.artist, Song.title), "#n0, #n1"),
        ((), "#n0, #n1"),
        ((Song.credits[1], Song.credits[10], Song.credits[1][Credit.name]), "#n0[1], #n0[10], #n1, #n2"),
    ],
)
def test_a_projection_never_overlaps_itself(paths, expression):
    assert key().project(*paths).request().parameters["ProjectionExpression"] == expression


def test_put_and_create_requests():
    assert FULL.put().request() == ("PutItem", {**TABLE, "Item": FULL_ITEM})
    # An empty set and None are stored as absence; an empty text, list, map or binary is not.
    assert plain().put().request() == ("PutItem", {**TABLE, "Item": PLAIN_ITEM})
    assert plain().create().request().parameters == {
        **TABLE,
        **SEEN,
        "Item": PLAIN_ITEM,
        "ConditionExpression": "attribute_not_exists(#n0)",
        "ExpressionAttributeNames": {"#n0": "artist"},
    }
    conditional = plain().put().when(Song.plays < 3, Song.genre.not_exists()).returning("ALL_OLD")
    assert conditional.request().parameters == {
        **TABLE,
        **SEEN,
        "Item": PLAIN_ITEM,
        "ReturnValues": "ALL_OLD",
        "ConditionExpression": "#n0 < :v0 AND attribute_not_exists(#n1)",
        "ExpressionAttributeNames": {"#n0": "plays", "#n1": "genre"},
        "ExpressionAttributeValues": {":v0": {"N": "3"}},
    }


def test_delete_requests():
    expected = ("DeleteItem", {**TABLE, "Key": BRAZIL})
    assert Song.by_artist.delete("Ary", "Brazil").request() == expected
    assert FULL.delete().request() == expected
    conditional = FULL.delete().must_exist().when(Song.plays == 7).returning("ALL_OLD")
    assert conditional.request().parameters == {
        **TABLE,
        **SEEN,
        "Key": BRAZIL,
        "ReturnValues": "ALL_OLD",
        "ConditionExpression": "attribute_exists(#n0) AND #n1 = :v0",
        "ExpressionAttributeNames": {"#n0": "artist", "#n1": "plays"},
        "ExpressionAttributeValues": {":v0": {"N": "7"}},
    }


def test_update_requests():
    operation = (
        update(Song.plays.add(1), Song.genre.set("samba"), Song.lead.remove(), Song.tags.delete({"b", "a"}))
        .when((Song.plays < 3) | (Song.genre == "jazz"))
        .must_exist()
        .returning("UPDATED_NEW")
    )
    assert operation.request() == (
        "UpdateItem",
        {
            **TABLE,
            **SEEN,
            "Key": BRAZIL,
            "ReturnValues": "UPDATED_NEW",
            "UpdateExpression": "SET #n0 = :v0 REMOVE #n1 ADD #n2 :v1 DELETE #n3 :v2",
            "ConditionExpression": "(#n2 < :v3 OR #n0 = :v4) AND attribute_exists(#n4)",
            "ExpressionAttributeNames": {
                "#n0": "genre",
                "#n1": "lead",
                "#n2": "plays",
                "#n3": "tags",
                "#n4": "artist",
            },
            "ExpressionAttributeValues": {
                ":v0": {"S": "samba"},
                ":v1": {"N": "1"},
                ":v2": {"SS": ["a", "b"]},
                ":v3": {"N": "3"},
                ":v4": {"S": "jazz"},
            },
        },
    )


def test_binary_and_number_keys():
    assert Sample.by_device.get(-5, b"\x00").request().parameters["Key"] == {
        "device": {"N": "-5"},
        "at": {"B": b"\x00"},
    }


PROGRAM = """
import json, sys
from tests_models import Song, Credit
from dynamodel import *
words = {"red", "green", "blue", "white", "black"}
song = Song(artist="a", title="b", tags=words, labels={"x": "1", "y": "2"})
update = Song.by_artist.update("a", "b").apply(
    Song.tags.add(words), Song.genre.remove(), Song.lead.remove(), Song.labels.set({"x": "1", "y": "2"})
)
query = Song.by_artist.query("a").filter(Song.genre.in_(words), Song.tags == words)
query = query.project(Song.tags, Song.lead)
for operation in (song.put(), song.create(), update, query, query.page(size=2), query.count(), Song.scan()):
    print(repr(operation.request()))
print(Song.by_genre.query("samba").request())
"""


def test_requests_do_not_depend_on_the_hash_seed(tmp_path):
    source = Path(__file__).with_name("models.py").read_text(encoding="utf-8")
    (tmp_path / "tests_models.py").write_text(source, encoding="utf-8")
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    running = [
        subprocess.Popen(
            [sys.executable, "program.py"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    first, second = (process.communicate(timeout=60)[0] for process in running)
    assert [process.returncode for process in running] == [0, 0]
    assert first == second
    assert first.count("Request(") == 8


# --- operations are values ---


def test_a_put_is_a_snapshot():
    song = plain(credits=[Credit("a")], labels={"x": "1"}, tags={"t"})
    operation = song.put()
    before = repr(operation.request())
    song.plays = 99
    song.credits[0].name = "changed"
    song.credits.append(Credit("b"))
    song.labels["y"] = "2"
    song.tags.add("u")
    assert repr(operation.request()) == before
    assert repr(song.put().request()) != before


def test_an_operand_is_a_snapshot():
    labels = {"x": "1"}
    action = Song.labels.set(labels)
    condition = Song.labels == labels
    before = repr(update(action).when(condition).request())
    labels["y"] = "2"
    assert repr(update(action).when(condition).request()) == before


@pytest.mark.parametrize(
    ("operation", "builders"),
    [
        (key, [lambda o: o.consistent(), lambda o: o.project(Song.plays)]),
        (lambda: plain().put(), [lambda o: o.when(Song.plays == 1), lambda o: o.returning("ALL_OLD")]),
        (
            lambda: Song.by_artist.delete("Ary", "Brazil"),
            [lambda o: o.when(Song.plays == 1), lambda o: o.must_exist(), lambda o: o.returning("ALL_OLD")],
        ),
        (
            lambda: update(Song.plays.add(1)),
            [
                lambda o: o.apply(Song.genre.set("x")),
                lambda o: o.when(Song.plays == 1),
                lambda o: o.must_exist(),
                lambda o: o.returning("ALL_NEW"),
            ],
        ),
        (
            lambda: Song.by_artist.query("a"),
            [
                lambda o: o.sort(Song.title >= "b"),
                lambda o: o.filter(Song.plays == 1),
                lambda o: o.project(Song.plays),
                lambda o: o.reverse(),
                lambda o: o.consistent(),
            ],
        ),
        (Song.scan, [lambda o: o.filter(Song.plays == 1), lambda o: o.consistent()]),
    ],
)
def test_builders_change_nothing_and_can_be_used_again(operation, builders):
    original = operation()
    before = repr(original.request())
    for build in builders:
        once, again = build(original), build(original)
        assert repr(once.request()) == repr(again.request()) != before
        assert repr(once.request()) == repr(once.request())
        assert repr(original.request()) == before


def test_operations_refuse_assignment():
    for operation in (key(), plain().put(), update(Song.plays.add(1)), Song.by_artist.query("a")):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            operation.schema = None


def test_a_request_can_be_changed_without_changing_the_operation():
    for operation in (plain().put(), FULL.put(), key(), FULL.delete(), update(Song.labels.set({"a": "b"}))):
        before = repr(operation.request())
        parameters = operation.request().parameters
        for value in parameters.values():
            if isinstance(value, dict):
                value.clear()
        parameters.clear()
        assert repr(operation.request()) == before


# --- refused before anything is sent ---


def wrong_uses():
    yield "a key attribute is updated", lambda: update(Song.artist.set("x")), RequestError, "key"
    yield "the same place twice", lambda: update(Song.plays.add(1), Song.plays.set(3)), RequestError, "plays"
    yield (
        "a place and a part of it",
        lambda: update(Song.lead.remove(), Song.lead[Credit.name].set("x")),
        RequestError,
        "lead",
    )
    yield "no action", lambda: Song.by_artist.update("a", "b").request(), RequestError, "apply"
    yield "a condition as an action", lambda: update(Song.plays == 1), RequestError, "actions"
    yield "a bool as a condition", lambda: FULL.put().when(True), RequestError, "condition"
    yield "None as a condition", lambda: FULL.put().when(None), RequestError, "condition"
    yield "an action as a condition", lambda: FULL.put().when(Song.plays.add(1)), RequestError, "condition"
    yield (
        "another entity's condition",
        lambda: FULL.put().when(Sample.note == "a"),
        RequestError,
        "Sample.note",
    )
    yield "another entity's action", lambda: update(Sample.note.set("a")), RequestError, "Sample.note"
    yield "another entity's operand", lambda: update(Song.genre.set(Sample.note)), RequestError, "Sample.note"
    yield "another entity's projection", lambda: key().project(Sample.note), RequestError, "Sample.note"
    yield "a name for a path", lambda: key().project("plays"), RequestError, "project"
    yield "too few keys", lambda: Song.by_artist.get("a"), RequestError, "artist, title"
    yield "too many keys", lambda: Song.by_artist.get("a", "b", "c"), RequestError, "artist, title"
    yield "None as a key", lambda: Visit.by_id.get(None), (RequestError, MarshalError), "visit_id"
    yield "an empty key", lambda: Song.by_artist.get("", "b"), MarshalError, "artist"
    yield "an empty binary key", lambda: Sample.by_device.get(1, b""), MarshalError, "at"
    yield "a long partition key", lambda: Song.by_artist.get("é" * 1025, "b"), MarshalError, "2048"
    yield "a long sort key", lambda: Song.by_artist.get("a", "é" * 513), MarshalError, "1024"
    yield "a key of a wrong type", lambda: Song.by_artist.get(1, "b"), MarshalError, "artist"
    yield "a key with a surrogate", lambda: Song.by_artist.get("\ud800", "b"), MarshalError, "Unicode"
    yield "a bool for a number", lambda: Sample.by_device.get(True, b"a"), MarshalError, "device"
    yield "an unknown return", lambda: FULL.put().returning("ALL_NEW"), RequestError, "ALL_OLD"
    yield (
        "an unknown return of an update",
        lambda: update(Song.plays.add(1)).returning("NONE"),
        RequestError,
        "ALL_NEW",
    )
    yield (
        "an unknown return of a delete",
        lambda: FULL.delete().returning("UPDATED_OLD"),
        RequestError,
        "ALL_OLD",
    )
    yield "an empty index key", lambda: plain(genre="").put(), MarshalError, "genre"
    yield "a wrong value", lambda: plain(plays="many").put(), MarshalError, "plays"
    yield "a float for a Decimal", lambda: plain(length=1.5).put(), MarshalError, "length"
    yield (
        "a wrong nested value",
        lambda: plain(credits=[Credit("a"), Credit(3)]).put(),
        MarshalError,
        r"credits\[1\].name",
    )
    yield "too large an item", lambda: plain(cover=b"x" * 409_600).put(), MarshalError, "409600"
    yield "a text with a surrogate", lambda: plain(genre="\ud800").put(), MarshalError, "genre"


@pytest.mark.parametrize(
    ("build", "error", "words"), [case[1:] for case in wrong_uses()], ids=[case[0] for case in wrong_uses()]
)
def test_refused_before_it_is_sent(build, error, words):
    with pytest.raises(error, match=words) as caught:
        build()
    assert isinstance(caught.value, ValueError)


def test_messages_hold_no_values():
    secret = "s3cret"
    for build in (
        lambda: Song.by_artist.get("a", secret * 1000),
        lambda: plain(plays=secret).put(),
        lambda: plain(credits=[Credit(3), secret]).put(),
        lambda: update(Song.plays.add(secret)),
        lambda: Song.length == secret,
        lambda: Sample.by_device.get(secret, b"a"),
    ):
        with pytest.raises(MarshalError) as caught:
            build()
        assert secret not in "".join(map(str, (caught.value, repr(caught.value), caught.value.__cause__)))


def test_an_operation_shows_itself_without_the_data_of_items():
    secret = "s3cret"
    query = Song.by_artist.query(secret).sort(Song.title > secret)
    labelled = update(Song.genre.set(secret), Song.labels["de"].set(secret)).when(Song.genre == secret)
    of_a_key = Song.by_artist.get(secret, secret), Song.by_artist.delete(secret, secret).must_exist()
    start: Item = {"artist": {"S": secret}, "songTitle": {"S": secret}}
    after = seal_cursor(Settings(), cursor_scope("page", "Song", query.request()), [start])
    for operation in (
        *of_a_key,
        plain(genre=secret).put().when(Song.genre.in_(secret, "a")),
        labelled,
        query.filter(Song.genre == secret).project(Song.plays),
        query.count(),
        query.page(size=3, after=after),
        Song.scan().filter(Song.genre.begins_with(secret)),
    ):
        shown = repr(operation)
        assert secret not in shown
        assert after not in shown
        assert "Song" in shown
        assert "Codec" not in shown
        assert len(shown) < 800
    assert repr(of_a_key[0]) == "Get(schema=Song, is_consistent=False, projection=None)"
    assert "access=Song.by_artist" in repr(query)


def test_all_faults_of_an_item_at_once():
    with pytest.raises(MarshalError) as caught:
        plain(plays="x", length=1.5, credits=[Credit(1)]).put()
    assert {fault.path for fault in caught.value.faults} == {"plays", "length", "credits[0].name"}


def test_the_largest_item_is_accepted(db):
    room = 409_600 - item_size(plain())
    largest = plain(cover=b"x" * room)
    assert item_size(largest) == 409_600
    db.run(largest.put())
    assert db.run(key()) == largest
    with pytest.raises(MarshalError, match="409600"):
        plain(cover=b"x" * (room + 1)).put()
    db.run(largest.delete())


# --- against the engines ---


def stored(artist: str, **more) -> Song:
    return attrs.evolve(FULL, artist=artist, **more)


def test_put_get_delete(engine, artist):
    db, sent = engine
    song = stored(artist)
    assert db.run(Song.by_artist.get(artist, "Brazil")) is None
    assert db.run(song.put()) is None
    assert db.run(Song.by_artist.get(artist, "Brazil")) == song
    assert db.run(Song.by_artist.get(artist, "Brazil").consistent()) == song
    bare = Song(artist=artist, title="Brazil")
    assert db.run(bare.put().returning("ALL_OLD")) == song
    assert db.run(Song.by_artist.get(artist, "Brazil")) == bare
    assert db.run(bare.delete().returning("ALL_OLD")) == bare
    assert db.run(bare.delete().returning("ALL_OLD")) is None
    assert db.run(bare.put().returning("ALL_OLD")) is None
    assert db.run(bare.delete()) is None
    assert sent.count == 10


def test_create_does_not_overwrite(engine, artist):
    db, _ = engine
    first = stored(artist)
    assert db.run(first.create()) is None
    with pytest.raises(ConditionFailedError) as caught:
        db.run(attrs.evolve(first, plays=1).create())
    assert caught.value.old_item == first
    assert caught.value.code == "ConditionalCheckFailedException"
    assert (caught.value.operation, caught.value.entity) == ("PutItem", "Song")
    assert artist not in str(caught.value)
    assert db.run(Song.by_artist.get(artist, "Brazil")) == first
    db.run(attrs.evolve(first, title="Other").create())


def test_conditions_carry_the_old_item(engine, artist):
    db, _ = engine
    song = stored(artist)
    db.run(song.put())
    this = Song.by_artist
    for operation in (
        song.put().when(Song.plays == 0),
        song.delete().when(Song.plays == 0),
        this.update(artist, "Brazil").apply(Song.plays.add(1)).when(Song.plays == 0),
    ):
        with pytest.raises(ConditionFailedError) as caught:
            db.run(operation)
        assert caught.value.old_item == song
    for operation in (
        this.delete(artist, "None").must_exist(),
        this.update(artist, "None").apply(Song.plays.add(1)).must_exist(),
        attrs.evolve(song, title="None").put().when(Song.plays >= 0),
    ):
        with pytest.raises(ConditionFailedError) as caught:
            db.run(operation)
        assert caught.value.old_item is None
    assert db.run(song.put().when(Song.plays == 7, Song.tags.contains("a"))) is None


def test_an_update_makes_the_item_unless_told_otherwise(engine, artist):
    db, _ = engine
    operation = Song.by_artist.update(artist, "New").apply(Song.plays.add(1))
    assert db.run(operation) is None
    assert db.run(operation.must_exist().returning("ALL_NEW")) == Song(artist=artist, title="New", plays=2)


def test_what_an_update_returns(engine, artist):
    db, _ = engine
    song = stored(artist)
    db.run(song.put())
    operation = Song.by_artist.update(artist, "Brazil").apply(Song.plays.add(1), Song.genre.remove())
    assert db.run(operation.returning("ALL_OLD")) == song
    old = db.run(operation.apply(Song.year.set(1940)).returning("UPDATED_OLD"))
    assert (old.plays, old.year) == (8, 1939)
    new = db.run(operation.returning("UPDATED_NEW"))
    assert new.plays == 10
    with pytest.raises(AttributeError, match="was not loaded"):
        new.length
    assert db.run(operation.returning("ALL_NEW")) == attrs.evolve(song, plays=11, genre=None, year=1940)
    fresh = Song.by_artist.update(artist, "Fresh").apply(Song.plays.add(1))
    assert db.run(fresh.returning("ALL_OLD")) is None
    assert (
        db.run(Song.by_artist.update(artist, "Fresh2").apply(Song.plays.add(1)).returning("UPDATED_OLD"))
        is None
    )


def test_a_document_that_was_set_returns_whole(engine, artist):
    db, _ = engine
    operation = Song.by_artist.update(artist, "x").apply(Song.lead.set(Credit("Carmen")))
    new = db.run(operation.returning("UPDATED_NEW"))
    assert new.lead == Credit("Carmen", part=None)


def test_nothing_updated_returns_nothing(engine, artist):
    db, _ = engine
    db.run(Song(artist=artist, title="x").put())
    removed = Song.by_artist.update(artist, "x").apply(Song.genre.remove())
    assert db.run(removed.returning("UPDATED_NEW")) is None


def test_projected_gets(engine, artist):
    db, _ = engine
    song = stored(artist)
    db.run(song.put())
    this = Song.by_artist.get(artist, "Brazil")
    part = db.run(this.project(Song.plays, Song.genre))
    assert (part.artist, part.title, part.plays, part.genre) == (artist, "Brazil", 7, "samba")
    for name in ("year", "lead", "tags"):
        with pytest.raises(AttributeError, match="was not loaded"):
            getattr(part, name)
    nested = db.run(this.project(Song.lead[Credit.name], Song.labels["de"]))
    assert nested.lead.name == "Carmen"
    assert nested.labels == {"de": "Brasil"}
    with pytest.raises(AttributeError):
        nested.lead.part
    with pytest.raises(MarshalError, match="not read"):
        part.put()
    assert part.delete().request().parameters["Key"]["songTitle"] == {"S": "Brazil"}
    # What was asked for and is not there has its default.
    db.run(Song(artist=artist, title="Bare").put())
    bare = db.run(Song.by_artist.get(artist, "Bare").project(Song.genre, Song.tags, Song.lead[Credit.name]))
    assert (bare.genre, bare.tags) == (None, set())
    assert db.run(Song.by_artist.get(artist, "Missing").project(Song.genre)) is None


def test_a_second_projection_replaces_or_extends_but_never_breaks(engine, artist):
    db, _ = engine
    db.run(stored(artist).put())
    part = db.run(Song.by_artist.get(artist, "Brazil").project(Song.plays).project(Song.genre))
    assert part.genre == "samba"


def test_an_item_that_does_not_fit(engine, artist):
    db, _ = engine
    item = {
        "artist": {"S": artist},
        "songTitle": {"S": "bad"},
        "plays": {"S": "many"},
        "extra": {"S": "kept"},
    }
    raw_put(db, item)
    with pytest.raises(UnreadableItemError) as caught:
        db.run(Song.by_artist.get(artist, "bad"))
    assert caught.value.item == item
    assert caught.value.owner == "Song"
    assert [fault.path for fault in caught.value.faults] == ["plays"]
    assert "many" not in str(caught.value)
    with pytest.raises(ConditionFailedError) as failed:  # it failed for its condition, not for its data
        db.run(Song(artist=artist, title="bad").create())
    assert failed.value.details["Item"] == item
    assert failed.value.old_item is None  # and yet there is one:
    assert isinstance(failed.value.unreadable, UnreadableItemError)
    assert failed.value.unreadable.item["artist"] == {"S": artist}


def test_unknown_attributes_are_written_back(engine, artist):
    db, _ = engine
    unknown = {
        "colour": {"S": "blue"},
        "blob": {"B": b"\x00\x01"},
        "deep": {"M": {"l": {"L": [{"B": b"\x02"}, {"BS": [b"\x03"]}, {"NULL": True}]}, "n": {"N": "1"}}},
        "nums": {"NS": ["1", "2"]},
    }
    lead = {"M": {"name": {"S": "Carmen"}, "hat": {"S": "fruit"}}}
    item = {**PLAIN_ITEM, "artist": {"S": artist}, **unknown, "lead": lead}
    raw_put(db, item)
    song = db.run(Song.by_artist.get(artist, "Brazil"))
    assert unknown_attributes(song) == unknown
    song.plays = 5
    db.run(song.put())
    expected = {**item, "plays": {"N": "5"}}
    assert raw_get(db, artist) == expected
    evolved = attrs.evolve(db.run(Song.by_artist.get(artist, "Brazil")), plays=6)
    assert unknown_attributes(evolved) == unknown
    db.run(evolved.put())
    assert raw_get(db, artist) == {**item, "plays": {"N": "6"}}
    found = list(db.run(Song.by_artist.query(artist)))
    assert unknown_attributes(found[0]) == unknown
    assert item_size(found[0]) == item_size(evolved)


def raw_put(db, item):
    plain_client(db).put_item(TableName="operations.songs", Item=item)


def raw_get(db, artist):
    wanted = {**BRAZIL, "artist": {"S": artist}}
    return plain_client(db).get_item(TableName="operations.songs", Key=wanted)["Item"]
