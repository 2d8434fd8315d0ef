"""Cursors: what they hold, to what they are bound, and that no other one is accepted."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel import (
    Attr,
    Client,
    CursorError,
    Entity,
    Request,
    RequestError,
    Table,
    attribute,
    connect,
    key,
    primary_key,
)
from dynamodel.operations import cursors
from dynamodel.operations.base import Settings
from dynamodel.operations.cursors import cursor_scope, open_cursor, peek_cursor, seal_cursor

from .fakes import Pieces
from .models import Recorded, Sample, Song, recording_client

if TYPE_CHECKING:
    from collections.abc import Mapping

OPEN = Settings()
SECRET = Settings((b"a secret",))
SCOPE = cursor_scope("page", "Song", Request("Query", {"TableName": "songs"}))

KEYS = st.dictionaries(
    st.text(st.characters(codec="utf-8"), max_size=5),
    st.one_of(
        st.builds(lambda text: {"S": text}, st.text(st.characters(codec="utf-8"), max_size=5)),
        st.builds(lambda number: {"N": str(number)}, st.integers()),
        st.builds(lambda raw: {"B": raw}, st.binary(max_size=5)),
    ),
    max_size=4,
)
BOTH = pytest.mark.parametrize("settings", [OPEN, SECRET], ids=["without a key", "with a key"])


class Silent:
    """A transport to which nothing may be sent."""

    def send(self, request: Request) -> Mapping[str, Any]:
        raise AssertionError("it was sent")

    def close(self) -> None:
        pass


def refused(operation: Any, words: str | None = None, **settings: Any) -> None:
    with connect(transport=Silent(), **settings) as db, pytest.raises(CursorError, match=words) as caught:
        db.run(operation)
    assert isinstance(caught.value, RequestError)


# --- what is in them ---


@BOTH
@given(positions=st.lists(st.none() | KEYS, max_size=4))
def test_what_is_sealed_comes_back(settings, positions):
    cursor = seal_cursor(settings, SCOPE, positions)
    assert open_cursor(settings, SCOPE, cursor, len(positions)) == positions
    assert peek_cursor(cursor, len(positions)) == positions
    assert cursor.replace("-", "").replace("_", "").isalnum()
    for count in (len(positions) - 1, len(positions) + 1):
        with pytest.raises(CursorError):
            open_cursor(settings, SCOPE, cursor, count)


SEALED = {
    settings: seal_cursor(settings, SCOPE, [{"artist": {"S": "Bébé"}, "at": {"B": b"\x00\xff"}}])
    for settings in (OPEN, SECRET)
}
RAW = {settings: base64.urlsafe_b64decode(text + "==") for settings, text in SEALED.items()}


def is_refused(settings: Settings, cursor: str) -> bool:
    try:
        open_cursor(settings, SCOPE, cursor, 1)
    except CursorError:
        return True
    return False


@BOTH
@given(data=st.data())
def test_any_changed_byte_is_refused(settings, data):
    raw = bytearray(RAW[settings])
    for position in data.draw(st.sets(st.integers(0, len(raw) - 1), min_size=1)):
        raw[position] ^= data.draw(st.integers(1, 255))
    assert is_refused(settings, base64.urlsafe_b64encode(raw).rstrip(b"=").decode())


@BOTH
@given(data=st.data())
def test_any_changed_character_is_refused(settings, data):
    text = SEALED[settings]
    position = data.draw(st.integers(0, len(text)))
    tail = data.draw(st.integers(position, len(text)))
    changed = text[:position] + data.draw(st.text(max_size=5)) + text[tail:]
    assert is_refused(settings, changed) == (changed != text)


@BOTH
@given(raw=st.binary(max_size=200))
def test_no_bytes_are_a_cursor_by_chance(settings, raw):
    assert is_refused(settings, base64.urlsafe_b64encode(raw).rstrip(b"=").decode())


@BOTH
@pytest.mark.parametrize(
    ("position", "bit"), [(position, bit) for position in range(len(RAW[OPEN])) for bit in (1, 128)]
)
def test_each_single_bit_counts(settings, position, bit):
    raw = bytearray(RAW[settings])
    raw[position] ^= bit
    assert is_refused(settings, base64.urlsafe_b64encode(raw).rstrip(b"=").decode())


# --- keys of the client ---


@pytest.mark.parametrize(
    ("made", "opened", "is_open"),
    [
        ((b"old",), (b"old",), True),
        ((b"old",), (b"new", b"old"), True),  # the old one opens still
        ((b"new", b"old"), (b"new",), True),  # and the first one signs
        ((b"new", b"old"), (b"old",), False),
        ((b"old",), (b"new",), False),
        ((b"",), (b"new",), False),
        ((b"new",), (b"",), False),
    ],
)
def test_rotation(made, opened, is_open):
    cursor = seal_cursor(Settings(made), SCOPE, [None])
    assert is_refused(Settings(opened), cursor) != is_open


def test_rotation_through_the_client():
    query = Song.by_artist.query("a")
    before = connect(transport=Pieces(5, set(), set(), 9), cursor_key=b"old")
    between = connect(transport=Pieces(5, set(), set(), 9), cursor_key=[b"new", b"old"])
    after = connect(transport=Pieces(5, set(), set(), 9), cursor_key=(b"new",))
    old = before.run(query.page(size=2)).cursor
    new = between.run(query.page(size=2, after=old)).cursor
    assert [song.title for song in after.run(query.page(size=2, after=new)).items] == ["4"]
    refused(query.page(size=2, after=old), "another query, context or client", cursor_key=b"new")


@pytest.mark.parametrize(
    "wrong", ["text", b"", 7, bytearray(b"a"), [], (), [b""], [b"a", b""], [b"a", "b"], ["a"], [None]]
)
def test_cursor_keys_that_are_refused(wrong):
    with pytest.raises(RequestError, match=r"connect\(cursor_key=\)"):
        connect(transport=Silent(), cursor_key=wrong)


# --- lifetime ---


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The wall clock, in milliseconds."""
    now = [1_800_000_000_000]
    monkeypatch.setattr(cursors, "wall_clock", lambda: now[0])
    return now


@pytest.mark.parametrize(
    ("lifetime", "passed", "is_valid"),
    [
        (timedelta(minutes=5), 0, True),
        (timedelta(minutes=5), 300_000, True),
        (timedelta(minutes=5), 300_001, False),
        (timedelta(milliseconds=1), 1, True),
        (timedelta(milliseconds=1), 2, False),
        (timedelta(days=1), -60_000, True),  # the clock of another machine may be behind
        (None, 10**13, True),
    ],
)
def test_cursors_expire(clock, lifetime, passed, is_valid):
    cursor = seal_cursor(SECRET, SCOPE, [None])  # made by a client without a lifetime
    clock[0] += passed
    settings = attrs.evolve(SECRET, cursor_lifetime=lifetime)
    assert is_refused(settings, cursor) != is_valid


def test_an_expired_cursor_says_so(clock):
    query = Song.by_artist.query("a")
    settings = {"cursor_key": b"secret", "cursor_lifetime": timedelta(seconds=90)}
    cursor = connect(transport=Pieces(5, set(), set(), 9), **settings).run(query.page(size=2)).cursor
    clock[0] += 91_000
    refused(query.page(size=2, after=cursor), "has expired: it was valid for 90 seconds", **settings)
    refused(query.page(size=2, after=cursor), "changed", cursor_key=b"other", cursor_lifetime=timedelta(1))


def test_the_moment_of_making_is_signed(clock):
    early = base64.urlsafe_b64decode(seal_cursor(OPEN, SCOPE, [None]) + "==")
    later = early.replace(b"1800000000000", b"1900000000000")
    assert later != early
    assert is_refused(OPEN, base64.urlsafe_b64encode(later).rstrip(b"=").decode())


@pytest.mark.parametrize("wrong", [timedelta(0), timedelta(seconds=-1), 60, 1.5, "1h"])
def test_lifetimes_that_are_refused(wrong):
    with pytest.raises(RequestError, match=r"connect\(cursor_lifetime=\)"):
        connect(transport=Silent(), cursor_lifetime=wrong)


# --- context ---

CONTEXTS = [None, "", "tenant-1", "tenant-2", "null", '"tenant-1"', "ténant"]


@pytest.mark.parametrize("made", CONTEXTS)
@pytest.mark.parametrize("asked", CONTEXTS)
def test_a_cursor_belongs_to_its_context(made, asked):
    query = Song.by_artist.query("a")
    transport = Pieces(5, set(), set(), 9)
    db = connect(transport=transport)
    cursor = db.run(query.page(size=2, context=made)).cursor
    again = query.page(size=2, after=cursor, context=asked)
    if made == asked:
        assert [song.title for song in db.run(again).items] == ["2", "3"]
    else:
        refused(again, "context")
    assert asked is None or not asked or asked not in repr(again)


@pytest.mark.parametrize("wrong", [1, b"tenant", ["tenant"], "\ud800"])
def test_contexts_that_are_refused(wrong):
    with pytest.raises(RequestError, match=r"page\(context=\)"):
        Song.by_artist.query("a").page(size=1, context=wrong)


# --- entities and keys ---


SHARED = Table("operations.shared", partition_key="pk", sort_key="sk")


class Parent(Entity, table=SHARED):
    name: Attr[str] = attribute()
    number: Attr[int] = attribute(default=0)
    main = primary_key(key("PARENT", name), key("P", number))


def other_song() -> type[Song]:
    class Cover(Entity, table=Song.by_artist._schema.table):
        artist: Attr[str] = attribute()
        title: Attr[str] = attribute("songTitle")
        by_artist = primary_key(artist, title)

    return Cover


def test_a_cursor_belongs_to_its_entity():
    other = other_song().by_artist.query("a")
    assert other.request() == Song.by_artist.query("a").request()
    cursor = connect(transport=Pieces(5, set(), set(), 9)).run(other.page(size=2)).cursor
    refused(Song.by_artist.query("a").page(size=2, after=cursor))


S, N, B = {"S": "a"}, {"N": "1"}, {"B": b"a"}


@pytest.mark.parametrize(
    ("operation", "right", "wrong"),
    [
        (
            Song.by_artist.query("a"),
            {"artist": S, "songTitle": S},
            [
                {},
                {"artist": S},
                {"artist": S, "songTitle": S, "year": N},
                {"artist": S, "title": S},
                {"artist": S, "songTitle": N},
                {"artist": S, "songTitle": {"S": "a", "N": "1"}},
                {"artist": S, "songTitle": {}},
                {"artist": S, "songTitle": {"M": {}}},
                {"artist": S, "songTitle": {"S": 1}},
                {"artist": S, "songTitle": S, "more": {}},
                {"artist": S, "songTitle": S, "more": {"S": "a", "N": "1"}},
            ],
        ),
        (
            Song.by_genre.query("a"),
            {"artist": S, "songTitle": S, "genre": S, "year": N},
            [{"artist": S, "songTitle": S}, {"genre": S, "year": N}],
        ),
        (
            Song.by_year.scan(),
            {"artist": S, "songTitle": S, "year": N},
            [{"artist": S, "songTitle": S}, {"artist": S, "songTitle": S, "year": S}],
        ),
        (Sample.by_device.query(1), {"device": N, "at": B}, [{"device": N, "at": S}, {"device": S, "at": B}]),
        (Sample.by_batch.scan(), {"device": N, "at": B, "batch": B, "value": N}, [{"device": N, "at": B}]),
        (Parent.main.query("a"), {"pk": S, "sk": S}, [{"name": S, "number": N}, {"pk": S}]),
    ],
)
def test_the_key_in_a_cursor_is_exactly_that_of_the_table_and_index(operation, right, wrong):
    """Without a key of the client's own anybody can sign; DynamoDB would take any key for a Scan."""
    scope = cursor_scope("page", operation.entity, operation.request())
    for key_ in wrong:
        refused(operation.page(size=1, after=seal_cursor(OPEN, scope, [key_])), "does not hold a key of")
    for positions in ([], [right, right]):
        with pytest.raises(CursorError):
            operation.page(size=1, after=seal_cursor(OPEN, scope, positions))
    refused(operation.page(size=1, after=seal_cursor(OPEN, scope, [None])), "does not hold a key of")
    sent = Recorded(Answer())
    connect(transport=sent).run(operation.page(size=1, after=seal_cursor(OPEN, scope, [right])))
    assert sent.requests[0].parameters["ExclusiveStartKey"] == right


class Answer:
    """There is nothing."""

    def send(self, request: Request) -> Mapping[str, Any]:
        return {"Items": [], "Count": 0, "ScannedCount": 0}

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    "payload",
    [
        b"[]",
        b'["1", null]',
        b"[1.5, null]",
        b"[null, null]",
        b'[1, "S"]',
        b"[1, [1]]",
        b'[1, {"a": 1}]',
        b'[1, {"a": "S"}]',
        b'[1, {"a": {"B": 1}}]',
        b'[1, {"a": {"B": "*"}}]',
    ],
)
def test_what_is_signed_but_no_cursor(payload):
    """Nobody makes these but who knows how to sign."""
    raw = cursors._signature(b"", SCOPE, payload) + payload
    assert is_refused(OPEN, base64.urlsafe_b64encode(raw).rstrip(b"=").decode())


# --- on the engines ---


@pytest.mark.parametrize(
    "make",
    [
        Song.by_artist.query,
        Song.by_year.query,
        Song.by_length.query,
        Song.by_genre.query,
        Song.genre_some.query,
    ],
)
def test_contexts_and_keys_on_the_engines(engine, artist, make, clock):
    db, _ = engine
    for number in range(5):
        db.run(Song(artist=artist, title=f"{number}", genre=artist, year=number, length=number).put())
    mine, sent = recording_client(db._transport.inner._client.meta.endpoint_url, cursor_key=b"secret")
    mine = Client(sent, attrs.evolve(mine.settings, cursor_lifetime=timedelta(minutes=1)))
    query = make(artist)
    titles, cursor = [], None
    while not titles or cursor is not None:
        page = mine.run(query.page(size=2, after=cursor, context="tenant-1"))
        titles += [song.title for song in page.items]
        if page.cursor is not None:
            refused(query.page(size=2, after=page.cursor, context="tenant-2"), cursor_key=b"secret")
        cursor = page.cursor
    assert titles == ["0", "1", "2", "3", "4"]
