"""Traps 32 to 50: reads, pages and cursors, batches and transactions, and what is stored and read back."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dynamodel import (
    Attr,
    BatchWriteError,
    Client,
    ConditionFailedError,
    CursorError,
    DeclarationError,
    Entity,
    MarshalError,
    RequestError,
    Table,
    TransactionCanceledError,
    UnreadableItemError,
    UnreadableItemsError,
    attribute,
    batch_get,
    batch_write,
    collection,
    connect,
    key,
    primary_key,
    transaction,
    transaction_get,
    unknown_attributes,
)

from .models import LATER, NOON, Draft, Flag, Info, Reply, Scripted, Shop, Song, Thread, User

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamodel import Condition, Put, Query, Request
    from dynamodel.types import Item

    from .models import Stored

SUBJECTS = ("a", "b", "b2", "c")


@pytest.fixture
def forum(db: Client) -> Client:
    """Replies 1 and 2 of each subject, and its thread, in one partition."""
    for subject in SUBJECTS:
        db.run(Thread(forum="f", subject=subject, posted_by="ann").put())
        for number in (1, 2):
            db.run(Reply(forum="f", subject=subject, number=number, posted_by="ann").put())
    return db


# --- ranges ---


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Reply.subject > "b", ("b2", "c")),
        (Reply.subject >= "b", ("b", "b2", "c")),
        (Reply.subject < "b", ("a",)),
        (Reply.subject <= "b", ("a", "b")),
        (Reply.subject.between("b", "b2"), ("b", "b2")),
        (Reply.subject == "b", ("b",)),
    ],
    ids=[">", ">=", "<", "<=", "between", "=="],
)
def test_trap_32_a_partial_key_is_compared_as_its_part_is(
    forum: Client, condition: Condition, expected: tuple[str, ...]
) -> None:
    """`> b` included the keys below `b`, since they are longer texts, and `<= b` left them out."""
    found = [(reply.subject, reply.number) for reply in forum.run(Reply.main.query("f").sort(condition))]
    assert found == [(subject, number) for subject in expected for number in (1, 2)]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        (Thread.main.query("f"), 4),
        (Thread.main.query("f").sort(Thread.subject < "\U0010ffff"), 4),
        (Thread.main.query("f").sort(Thread.subject >= ""), 4),
        (Reply.main.query("f"), 8),
        (Reply.main.query("f").sort(Reply.subject > "b"), 4),
        (Reply.main.query("f").sort(Reply.subject == "c", Reply.number > 1), 1),
        (Reply.by_user.query("ann").sort(Reply.posted_at >= NOON), 8),
        (Thread.by_user.query("ann").sort(Thread.last_post_at <= NOON), 4),
    ],
    ids=["threads", "threads <", "threads >=", "replies", "replies >", "a reply >", "index >=", "index <="],
)
def test_trap_33_a_range_reads_only_its_own_entity(
    forum: Client, dynamodb_local_client: DynamoDBClient, query: Query[Any], count: int
) -> None:
    """`>` had no upper bound and `<` no lower one: items of other entities came, too, and were paid for."""
    assert len(forum.run(query)) == count
    answer = dynamodb_local_client.query(**query.request().parameters)
    assert answer["ScannedCount"] == count


# --- pages and cursors ---


def test_trap_34_a_page_is_full_whatever_is_filtered_out(db: Client) -> None:
    """DynamoDB's limit counts before the filter: pages were short, and a query stopped at an empty one."""
    db.run(batch_write(*(numbered(number, replies=int(number > 55)) for number in range(60))))
    query = Thread.main.query("f").filter(Thread.replies == 1)
    page = db.run(query.page(size=3))
    assert [thread.subject for thread in page.items] == ["56", "57", "58"]
    last = db.run(query.page(size=3, after=page.cursor))
    assert [thread.subject for thread in last.items] == ["59"]


def test_trap_34_an_empty_page_is_not_the_end() -> None:
    """DynamoDB reads 1 MB before the filter, and says that there is more; such a page was taken for the end.

    It is played here: DynamoDB Local counts its 1 MB after the filter.
    """
    last = numbered(59, replies=1).request().parameters["Item"]
    starts = [{"pk": last["pk"], "sk": {"S": f"THREAD#{number}"}} for number in (20, 40)]
    empty = {"Items": [], "Count": 0, "ScannedCount": 20}
    answers = [
        {**empty, "LastEvaluatedKey": starts[0]},
        {**empty, "LastEvaluatedKey": starts[1]},
        {"Items": [last], "Count": 1, "ScannedCount": 20},
    ]
    query = Thread.main.query("f").filter(Thread.replies == 1)
    for read in (query, query.page(size=1), query.count()):
        transport = Scripted(*[lambda _, answer=answer: answer for answer in answers])
        with connect(transport=transport) as db:
            result: Any = db.run(read)
            assert result == 1 or [thread.subject for thread in getattr(result, "items", result)] == ["59"]
        asked = [request.parameters.get("ExclusiveStartKey") for request in transport.requests]
        assert asked == [None, *starts]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 11, 12, 13])
@pytest.mark.parametrize("condition", [None, Thread.replies == 1], ids=["all", "filtered"])
def test_trap_35_no_page_skips_an_item(db: Client, size: int, condition: Condition | None) -> None:
    """A cursor that was taken in the middle of a page went on behind the page, and lost the items between."""
    db.run(batch_write(*(numbered(number, replies=number % 2) for number in range(12))))
    query = Thread.main.query("f")
    expected = [f"{number:02}" for number in range(12)]
    if condition is not None:
        query, expected = query.filter(condition), expected[1::2]
    found: list[str] = []
    cursor = None
    while not found or cursor is not None:
        page = db.run(query.page(size=size, after=cursor))
        found += [thread.subject for thread in page.items]
        cursor = page.cursor
    assert found == expected


def numbered(number: int, replies: int) -> Put[Thread, None]:
    return Thread(forum="f", subject=f"{number:02}", replies=replies).put()


@pytest.mark.parametrize(
    "other",
    [
        Thread.main.query("g"),
        Thread.main.query("f").filter(Thread.replies == 0),
        Thread.main.query("f").sort(Thread.subject > "b"),
        Thread.main.query("f").reverse(),
        Thread.latest.query("f"),
        Reply.main.query("f"),
        Thread.scan(),
    ],
    ids=["partition", "filter", "sort", "order", "index", "entity", "scan"],
)
def test_trap_36_a_cursor_is_refused_elsewhere(forum: Client, other: Query[Any]) -> None:
    """A cursor of one partition was taken for another one's, and led to somebody else's items."""
    cursor = forum.run(Thread.main.query("f").page(size=2)).cursor
    assert cursor is not None
    with connect(transport=Scripted()) as silent, pytest.raises(CursorError):
        silent.run(other.page(size=2, after=cursor))
    changed = ("B" if cursor[0] == "A" else "A") + cursor[1:]
    with connect(transport=Scripted()) as silent, pytest.raises(CursorError):
        silent.run(Thread.main.query("f").page(size=2, after=changed))


def test_trap_37_a_cursor_of_a_global_index_holds_both_keys(forum: Client) -> None:
    """A start key for a global index needs the table's key, too; many items have the same index key."""
    query = Thread.by_user.query("ann")  # all at noon
    first = forum.run(query.page(size=1))
    after = query.page(size=1, after=first.cursor).request().parameters["ExclusiveStartKey"]
    assert after.keys() == {"pk", "sk", "gsi1pk", "gsi1sk"}
    subjects, cursor = [thread.subject for thread in first.items], first.cursor
    while cursor is not None:
        page = forum.run(query.page(size=1, after=cursor))
        subjects, cursor = subjects + [thread.subject for thread in page.items], page.cursor
    assert sorted(subjects) == list(SUBJECTS)


# --- operations are values ---


def test_trap_38_operations_are_immutable_values(forum: Client) -> None:
    """Filters and placeholders piled up when a builder was used again; a second call did its work twice."""
    query = Thread.main.query("f")
    before = query.request()
    filtered = query.filter(Thread.replies == 1)
    query.sort(Thread.subject > "b").reverse().project(Thread.replies)
    assert query.request() == before
    assert filtered.request() == query.filter(Thread.replies == 1).request() == filtered.request()
    filtered.request().parameters.clear()
    assert forum.run(filtered) == []
    addition = Thread.main.update("f", "a").apply(Thread.replies.add(1)).must_exist()
    addition.apply(Thread.status.remove()).when(Thread.replies == 7)
    for count in (1, 2):
        forum.run(addition)
        thread = forum.run(Thread.main.get("f", "a"))
        assert thread is not None
        assert (thread.replies, thread.status) == (count, "open")


# --- values stay values ---


def test_trap_39_equal_looking_values_have_placeholders_of_their_own(db: Client) -> None:
    """`true` and `"true"` shared a placeholder, and a condition compared with the wrong one."""
    db.run(Flag(name="f", is_on=True, label="true", count=1).put())
    update = Flag.main.update("f").must_exist()
    both = (Flag.is_on == True) & (Flag.label == "true") & (Flag.count == 1)
    db.run(update.apply(Flag.label.set("1"), Flag.count.set(2)).given(Flag.is_on == True).when(both))
    flag = db.run(Flag.main.get("f"))
    assert flag == Flag(name="f", is_on=True, label="1", count=2)


@pytest.mark.parametrize(
    "text", ["hello {world} ${status}", "{}", "{0}", ":v1", "#n0", "replies", "%s", "\\1 $1"]
)
def test_trap_39_a_value_is_never_syntax(db: Client, stored: Stored, text: str) -> None:
    """A value with braces became part of the expression; so did one that looks like a placeholder."""
    update = Thread.main.update("f", "s").must_exist().given(Thread.last_post_at == NOON)
    db.run(Thread(forum="f", subject="s", words=[text], moderator=text).put())
    db.run(update.apply(Thread.words.append(text), Thread.posted_by.set(text)).when(Thread.moderator == text))
    [item] = stored()
    assert (item["words"], item["posted_by"]) == ({"L": [{"S": text}] * 2}, {"S": text})
    query = Thread.main.query("f").filter(Thread.words.contains(text), Thread.posted_by.begins_with(text))
    assert len(db.run(query)) == 1
    assert text not in query.request().parameters["FilterExpression"].replace("#n0", "").split()


def test_trap_39_the_tenth_placeholder_is_not_the_first(db: Client, stored: Stored) -> None:
    """`:v1` was replaced within `:v10`."""
    labels = [f"{number}" for number in range(25)]
    db.run(Thread(forum="f", subject="s", words=labels).put())
    actions = [Thread.words[number].set(f"new {number}") for number in range(25)]
    db.run(Thread.main.update("f", "s").apply(*actions).must_exist().when(Thread.words == labels))
    assert stored()[0]["words"] == {"L": [{"S": f"new {number}"} for number in range(25)]}


# --- batches and transactions ---


def test_trap_40_batches_of_any_size(db: Client, stored: Stored) -> None:
    """More than 100 keys, or 25 writes, were sent at once and refused."""
    db.run(batch_write(*(Song(artist="a", title=f"{number}").put() for number in range(120))))
    assert len(stored(table="traps.songs")) == 120
    songs = db.run(batch_get(*(Song.main.get("a", f"{number}") for number in range(121))))
    assert [song and song.title for song in songs] == [*(f"{number}" for number in range(120)), None]


def test_trap_40_what_is_left_unprocessed_is_sent_again(no_pause: None) -> None:
    """The rest of a batch of gets was looked for under `UnprocessedItems`, and lost; so were writes."""
    items = [{"artist": {"S": "a"}, "title": {"S": title}} for title in "xy"]
    rest: dict[str, Any] = {"traps.songs": {"Keys": items[1:]}}
    gets = Scripted(
        lambda _: {"Responses": {"traps.songs": items[:1]}, "UnprocessedKeys": rest},
        lambda _: {"Responses": {"traps.songs": items[1:]}, "UnprocessedKeys": {}},
    )
    with connect(transport=gets) as db:
        songs = db.run(batch_get(Song.main.get("a", "x"), Song.main.get("a", "y")))
    assert songs == [Song(artist="a", title="x"), Song(artist="a", title="y")]
    writes = Scripted(*[lambda request: {"UnprocessedItems": request.parameters["RequestItems"]}] * 50)
    put = Song(artist="a", title="x").put()
    with connect(transport=writes) as db, pytest.raises(BatchWriteError) as caught:
        db.run(batch_write(put))
    assert caught.value.unwritten == (put,)
    assert len(writes.requests) > 1


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dynamodel.client.sync.time.sleep", lambda _: None)


def test_trap_40_an_exception_commits_nothing(db: Client, stored: Stored) -> None:
    """A batch that was being filled was sent although the code that filled it had failed."""

    def writes() -> Iterator[Put[Song, None]]:
        for number in range(60):
            yield Song(artist="a", title=f"{number}").put()
        raise LookupError

    with pytest.raises(LookupError):
        db.run(batch_write(*writes()))
    assert stored(table="traps.songs") == []


def test_trap_41_an_empty_set_is_stored_as_absence(db: Client, stored: Stored) -> None:
    """An empty set was sent, which DynamoDB refuses, or stored as NULL, to which nothing can be added."""
    db.run(Thread(forum="f", subject="s", tags={"x"}).put())
    update = Thread.main.update("f", "s").must_exist()
    for write in (
        Thread(forum="f", subject="s", tags=set()).put(),
        Thread(forum="f", subject="s", tags=set()).upsert(),
        update.apply(Thread.tags.set(set())),
        update.apply(Thread.tags.delete({"a"})),
    ):
        db.run(write)
        assert "tags" not in stored()[0]
        thread = db.run(Thread.main.get("f", "s"))
        assert thread is not None
        assert thread.tags == set()
        db.run(update.apply(Thread.tags.add({"a"})))
        assert stored()[0]["tags"] == {"SS": ["a"]}


def test_trap_42_a_canceled_transaction_raises(db: Client, stored: Stored) -> None:
    """A transaction that was canceled came back like one that was done."""
    db.run(Thread(forum="f", subject="s").create())
    before = stored()
    draft = Draft(draft_id="d")
    with pytest.raises(TransactionCanceledError) as caught:
        db.run(
            transaction(
                draft.create(),
                Thread.main.update("f", "s")
                .apply(Thread.replies.add(1))
                .when(Thread.replies == 5)
                .must_exist(),
                User(name="ann").create(),
            )
        )
    assert [type(reason) for reason in caught.value.reasons] == [type(None), ConditionFailedError, type(None)]
    assert stored() == before
    assert draft.version == 0


def test_trap_42_a_missing_item_in_a_transaction_is_none(db: Client) -> None:
    """It was a KeyError."""
    thread = Thread(forum="f", subject="s")
    db.run(thread.create())
    gets = (Thread.main.get("f", "none"), Thread.main.get("f", "s"), User.main.get("none"))
    assert db.run(transaction_get(*gets)) == (None, thread, None)


# --- what is read ---


def test_trap_43_no_find_becomes_a_scan() -> None:
    """A find without its key scanned the whole table, without a word."""

    def answer(request: Request) -> Mapping[str, Any]:
        return {"Items": [], "Count": 0, "ScannedCount": 0}

    query = Thread.main.query("f").filter(Thread.replies == 1)
    activity = collection(Thread.by_user, Reply.by_user).query("ann")
    reads: list[Any] = [
        query,
        query.page(size=2),
        query.count(),
        query.hydrate(),
        activity,
        activity.page(size=2),
    ]
    transport = Scripted(*[answer] * len(reads))
    with connect(transport=transport) as db:
        for read in reads:
            result = db.run(read)
            assert not result or result.cursor is None  # which fetches what is lazy
    assert [request.operation for request in transport.requests] == ["Query"] * len(reads)
    shops: Any = Shop.main
    for partition in ((), ("c",), ("c", None), ("c", "d", "e")):
        with pytest.raises((RequestError, MarshalError)):
            shops.query(*partition)


def test_trap_44_a_collection_drops_nothing(forum: Client, dynamodb_local_client: DynamoDBClient) -> None:
    """Items of entities that are not listed were dropped, without a word."""
    [thread] = forum.run(Thread.main.query("f").sort(Thread.subject == "a"))
    for kind in ("Poll", None):  # between the keys of replies and those of threads
        item = thread.put().request().parameters["Item"] | {"_type": {"S": kind}, "sk": {"S": f"S#{kind}"}}
        if kind is None:
            del item["_type"]
        dynamodb_local_client.put_item(TableName="traps.app", Item=item)
    read = collection(Thread.main, Reply.main).query("f")
    found = forum.run(read)
    assert [type(entity) for entity in found] == [Reply] * 8 + [Thread] * 4
    assert [item["sk"]["S"] for item in found.unknown] == ["S#None", "S#Poll"]
    page = forum.run(read.page(size=12))
    assert (len(page.items), [item["sk"]["S"] for item in page.unknown]) == (12, ["S#None", "S#Poll"])


def test_trap_44_a_class_may_change_its_name(forum: Client) -> None:
    """Where the discriminator followed the name of the class, a new name found nothing."""
    later = Table("traps.app", partition_key="pk", sort_key="sk")

    class Topic(Entity, table=later, discriminator="Thread"):
        forum: Attr[str] = attribute()
        subject: Attr[str] = attribute()
        main = primary_key(key("FORUM", forum), key("THREAD", subject))

    class Answer(Entity, table=later, discriminator="Reply"):
        forum: Attr[str] = attribute()
        number: Attr[int] = attribute()
        subject: Attr[str] = attribute()
        main = primary_key(key("FORUM", forum), key("REPLY", subject, number))

    found = forum.run(collection(Topic.main, Answer.main).query("f"))
    assert [type(entity) for entity in found] == [Answer] * 8 + [Topic] * 4
    assert found.unknown == ()


CONDITIONS = [
    Thread.last_post_at == NOON,
    Thread.last_post_at > NOON - timedelta(days=1),
    Thread.last_post_at.between(NOON, LATER),
    Thread.last_post_at.in_(NOON, LATER),
    Thread.open_since == NOON,
    Thread.info == Info(rank=3),
    Thread.info[Info.rank] == 3,
    Thread.tags == {"a", "b"},
    Thread.tags.contains("a"),
    Thread.words == ["a"],
]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_trap_45_values_in_conditions_are_marshalled(db: Client, condition: Condition) -> None:
    """A datetime in a filter was a TypeError: values in conditions went another way than those of items."""
    thread = Thread(forum="f", subject="s", tags={"b", "a"}, words=["a"], info=Info(rank=3))
    db.run(thread.put())
    assert db.run(Thread.main.query("f").filter(condition)) == [thread]
    assert db.run(Thread.main.query("f").filter(~condition)) == []
    db.run(Thread.main.delete("f", "s").when(condition).must_exist())


@pytest.mark.parametrize(
    "damage", [{"replies": {"S": "private"}}, {"subject": None}, {"lastPost": {"S": "x"}}], ids=str
)
def test_trap_46_one_item_that_does_not_fit_is_reported_alone(
    forum: Client, dynamodb_local_client: DynamoDBClient, damage: dict[str, Any]
) -> None:
    """It became half an object without an error; or it broke the whole page, and hid the good items."""
    table_key = {"pk": {"S": "FORUM#f"}, "sk": {"S": "THREAD#b"}}
    item = item_at(dynamodb_local_client, table_key) | damage
    bad = {name: value for name, value in item.items() if value is not None}
    dynamodb_local_client.put_item(TableName="traps.app", Item=bad)
    with pytest.raises(UnreadableItemError) as one:
        forum.run(Thread.main.get("f", "b"))
    assert (one.value.item, "private" in str(one.value)) == (bad, False)
    with pytest.raises(UnreadableItemsError) as many:
        list(forum.run(Thread.main.query("f")))
    assert [error.item for error in many.value.unreadable] == [bad]
    assert subjects_of(many.value) == ["a", "b2", "c"]
    with pytest.raises(UnreadableItemsError) as page:
        forum.run(Thread.main.query("f").page(size=3))
    assert subjects_of(page.value) == ["a", "b2"]
    rest = forum.run(Thread.main.query("f").page(size=3, after=page.value.cursor))
    assert [thread.subject for thread in rest.items] == ["c"]


def item_at(wire: DynamoDBClient, table_key: Item) -> Item:
    item: Any = wire.get_item(TableName="traps.app", Key=table_key).get("Item")
    return dict(item)


def subjects_of(error: UnreadableItemsError) -> list[str]:
    return [thread.subject for thread in error.items if isinstance(thread, Thread)]


def test_trap_46_a_put_keeps_unknown_attributes(
    forum: Client, stored: Stored, dynamodb_local_client: DynamoDBClient
) -> None:
    """`save()` dropped the attributes that the class did not declare."""
    table_key = {"pk": {"S": "FORUM#f"}, "sk": {"S": "THREAD#a"}}
    more: dict[str, Any] = {"new": {"M": {"a": {"NS": ["1", "2"]}}}, "empty": {"NULL": True}}
    item = item_at(dynamodb_local_client, table_key) | more
    dynamodb_local_client.put_item(TableName="traps.app", Item=item)
    thread = forum.run(Thread.main.get("f", "a"))
    assert thread is not None
    assert unknown_attributes(thread) == more
    thread.replies = 7
    for write in (thread.put(), thread.upsert()):
        forum.run(write)
        after = item_at(dynamodb_local_client, table_key)
        assert after == item | {"replies": {"N": "7"}}


# --- classes ---


def test_trap_47_no_default_is_shared() -> None:
    """A list given as default belonged to all instances."""
    one, other = (Thread(forum="f", subject="s") for _ in range(2))
    one.words.append("a")
    one.tags.add("a")
    assert (other.words, other.tags) == ([], set())
    defaults: list[Any] = [[], {}, set(), Info()]
    for default in defaults:
        with pytest.raises(DeclarationError, match="factory="):

            class Shared(Entity, table=Table("traps.shared")):
                name: Attr[str] = attribute()
                own: Attr[Any] = attribute(default=default)
                main = primary_key(name)


def test_trap_47_an_unknown_argument_is_refused() -> None:
    """An argument with a typing error was ignored, and its value lost."""
    for wrong in ("sbject", "lastPost", "pk", "gsi1pk", "_type", "open_since"):
        arguments: dict[str, Any] = {"forum": "f", "subject": "s", wrong: "x"}
        with pytest.raises(TypeError, match=wrong):
            Thread(**arguments)


NUMBERS = [
    "0.1",
    "12345678901234567890123456789012345678",
    "-1.2345678901234567890123456789012345678",
    "1E-130",
    "9E125",
]


@pytest.mark.parametrize("text", NUMBERS)
def test_trap_48_no_digit_is_lost(db: Client, stored: Stored, text: str) -> None:
    """Numbers passed through float: of 38 digits, 17 were left."""
    number = Decimal(text)
    db.run(Song(artist="a", title="t", length=number).put())
    [item] = stored(table="traps.songs")
    assert Decimal(item["length"]["N"]) == number
    song = db.run(Song.main.get("a", "t"))
    assert song is not None
    assert (song.length, type(song.length)) == (number, Decimal)
    assert db.run(Song.main.query("a").filter(Song.length == number)) == [song]
    whole = 10**37 + 1
    db.run(Thread(forum="f", subject="s", replies=whole).put())
    thread = db.run(Thread.main.get("f", "s"))
    assert thread is not None
    assert (thread.replies, type(thread.replies)) == (whole, int)


NAMES = [
    "it's",
    'say "so"',
    "'] = __import__('sys').exit() #",
    "'''\n\"\"\"",
    "back\\slash\\",
    "two\nlines\r",
    "{x} ${y} %s",
    "a.b[0]",
    "#n0",
    "self",
    "size",
    "é\U0010ffff\x00",
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_trap_49_a_stored_name_is_never_code(dynamodb_local_db: Client, stored: Stored, name: str) -> None:
    """`it's` was a SyntaxError in generated code, and another name ran."""

    class Quoted(Entity, table=Table("traps.quoted", partition_key="pk", sort_key="sk")):
        own: Attr[str] = attribute()
        text: Attr[str | None] = attribute(name)
        main = primary_key(key("Q", own), key("Q"))

    db = dynamodb_local_db
    db.create_table(Quoted)
    quoted = Quoted(own="a", text="one")
    db.run(quoted.create().when(Quoted.text.not_exists()))
    assert stored(table="traps.quoted")[0][name] == {"S": "one"}
    assert db.run(Quoted.main.query("a").filter(Quoted.text == "one").project(Quoted.text))[0].text == "one"
    db.run(Quoted.main.update("a").apply(Quoted.text.set("two")).when(Quoted.text == "one"))
    assert stored(table="traps.quoted")[0][name] == {"S": "two"}
    assert db.run(Quoted.main.get("a")) == Quoted(own="a", text="two")


PROGRAM = """
from traps.models import LATER, NOON, Draft, Flag, Info, Thread
words = {"alpha", "beta", "gamma", "delta", "epsilon"}
update = Thread.main.update("f", "s").must_exist()
for operation in (
    Thread(forum="f", subject="s", tags=words).put(),
    Thread(forum="f", subject="s", tags=words).upsert(),
    Thread(forum="f", subject="s").upsert(),
    update.apply(Thread.posted_by.remove(), Thread.moderator.remove(), Thread.tags.remove()),
    update.apply(Thread.tags.delete(words)).when(Thread.moderator.in_(words), Thread.tags == words),
    Flag.main.update("f").apply(Flag.is_on.remove(), Flag.count.set(1)),
    Thread.main.query("f").filter(Thread.tags == words).project(Thread.tags, Thread.words, Thread.replies),
    Thread.by_user.query("ann").sort(Thread.last_post_at.between(NOON, LATER)),
):
    print(operation.request())
"""


def test_trap_50_requests_are_the_same_in_every_process() -> None:
    """The order of clauses came from a set, and varied with PYTHONHASHSEED."""
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    [output] = outputs
    assert output.count("Request(") == 8
