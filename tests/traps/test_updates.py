"""Traps 15 to 31: what writes do to keys, versions and unique values, on DynamoDB Local; read by boto3."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from dynamodel import (
    Attr,
    BatchWriteError,
    ConditionFailedError,
    DeclarationError,
    Entity,
    MarshalError,
    RequestError,
    ServiceError,
    Table,
    UniqueConstraintError,
    attribute,
    batch_write,
    global_index,
    key,
    primary_key,
)

from .models import LATER, NOON, Draft, Flag, Info, Sample, Thread, User, index_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamodel import Action, Client, Update

    from .models import Stored

ANN_AT_NOON = ("USER#ann", "THREAD#2026-05-01T12:00:00.000000Z")
BOB_AT_NOON = ("USER#bob", "THREAD#2026-05-01T12:00:00.000000Z")


def update() -> Update[Thread, None]:
    return Thread.main.update("f", "s").must_exist()


@pytest.fixture
def thread(db: Client) -> Thread:
    """Stored: ann's, at noon."""
    thread = Thread(forum="f", subject="s", posted_by="ann", last_post_at=NOON)
    db.run(thread.put())
    return thread


def test_trap_15_changing_one_part_of_a_key_changes_the_key(
    db: Client, stored: Stored, thread: Thread
) -> None:
    """An update of the user alone left the index key as it was: the thread stayed with the former user."""
    with pytest.raises(RequestError, match=r"by_user follows from last_post_at.*given\(Thread.last_post_at"):
        db.run(update().apply(Thread.posted_by.set("bob")))
    assert [index_key(item, "gsi1") for item in stored("gsi1")] == [ANN_AT_NOON]
    db.run(update().apply(Thread.posted_by.set("bob")).given(Thread.last_post_at == NOON))
    assert [index_key(item, "gsi1") for item in stored("gsi1")] == [BOB_AT_NOON]
    assert [found.posted_by for found in db.run(Thread.by_user.query("bob"))] == ["bob"]


def test_trap_15_what_is_given_is_also_a_condition(db: Client, stored: Stored, thread: Thread) -> None:
    """A key that is built from what somebody else has changed meanwhile would be wrong."""
    with pytest.raises(ConditionFailedError):
        db.run(update().apply(Thread.posted_by.set("bob")).given(Thread.last_post_at == LATER))
    [item] = stored()
    assert (item["posted_by"]["S"], index_key(item, "gsi1")) == ("ann", ANN_AT_NOON)


def test_trap_16_no_way_leads_around_the_keys(db: Client, stored: Stored) -> None:
    """Raw update expressions, and values of another form, wrote past the code that builds the keys."""
    name: Any = "gsi1pk"
    with pytest.raises(AttributeError):
        getattr(Thread, name)
    arguments: dict[str, Any] = {"forum": "f", "subject": "s", name: "USER#bob"}
    with pytest.raises(TypeError, match="gsi1pk"):
        Thread(**arguments)
    with pytest.raises(DeclarationError, match="gsi1pk"):

        class Sly(Entity, table=Table("traps.sly", partition_key="pk", sort_key="sk")):
            name: Attr[str] = attribute()
            own: Attr[str] = attribute("gsi1pk")
            main = primary_key(key("SLY", name), key("SLY"))
            by_own = global_index("gsi1", key("OWN", name))


def test_trap_16_a_key_that_others_wrote_does_not_survive_a_put(
    db: Client, stored: Stored, thread: Thread, dynamodb_local_client: DynamoDBClient
) -> None:
    """Unknown attributes are kept; an index key, which follows from the item, is not one of them."""
    [item] = stored()
    del item["posted_by"]  # and the index key is still there
    dynamodb_local_client.put_item(TableName="traps.app", Item=item | {"other": {"S": "kept"}})
    read = db.run(Thread.main.get("f", "s"))
    assert read is not None
    db.run(read.put())
    [item] = stored()
    assert (index_key(item, "gsi1"), item["other"]) == ((None, None), {"S": "kept"})


def test_trap_17_adding_to_a_part_of_a_key_writes_the_sum(db: Client, stored: Stored) -> None:
    """`ADD score 1` wrote the key of 1, whatever the score was."""
    one = Decimal(1)
    db.run(Sample(device="d", value=one, score=4).put())
    [before] = stored()
    addition = Sample.main.update("d", one).apply(Sample.score.add(1))
    with pytest.raises(RequestError, match="by_score follows from score"):
        db.run(addition)
    assert stored() == [before]
    db.run(addition.given(Sample.score == 4))
    [item] = stored("gsi1")
    assert item == Sample(device="d", value=one, score=5).put().request().parameters["Item"]


def test_trap_18_if_not_exists_keeps_the_key_with_the_attribute(
    db: Client, stored: Stored, thread: Thread
) -> None:
    """`if_not_exists` kept the attribute that was there, while the key was overwritten."""
    action = Thread.posted_by.set_if_not_exists("bob")
    at_noon = update().given(Thread.last_post_at == NOON)
    with pytest.raises(RequestError, match="posted_by"):
        db.run(at_noon.apply(action))
    db.run(at_noon.given(Thread.posted_by == "ann").apply(action))
    [item] = stored("gsi1")
    assert (item["posted_by"]["S"], index_key(item, "gsi1")) == ("ann", ANN_AT_NOON)
    db.run(Thread(forum="f", subject="s").put())
    db.run(at_noon.given(Thread.posted_by.not_exists()).apply(action))
    [item] = stored("gsi1")
    assert (item["posted_by"]["S"], index_key(item, "gsi1")) == ("bob", BOB_AT_NOON)


def test_trap_19_a_value_from_another_attribute_reaches_the_key(db: Client, stored: Stored) -> None:
    """`SET posted_by = moderator` changed the attribute and left the key."""
    db.run(Thread(forum="f", subject="s", posted_by="ann", moderator="bob").put())
    action = Thread.posted_by.set(Thread.moderator)
    at_noon = update().given(Thread.last_post_at == NOON)
    with pytest.raises(RequestError, match="posted_by"):
        db.run(at_noon.given(Thread.posted_by == "ann").apply(action))
    db.run(at_noon.given(Thread.moderator == "bob").apply(action))
    [item] = stored("gsi1")
    assert (item["posted_by"]["S"], index_key(item, "gsi1")) == ("bob", BOB_AT_NOON)


def test_trap_20_an_upsert_without_an_attribute_writes_no_empty_key(
    db: Client, stored: Stored, thread: Thread
) -> None:
    """An upsert that left an attribute out rewrote its index key to the bare template, `USER#`."""
    db.run(Thread(forum="f", subject="s").upsert())
    db.run(Thread(forum="f", subject="new").upsert())
    db.run(Flag.main.update("made").apply(Flag.count.set(1)).given(Flag.is_on.not_exists()))
    assert len(stored()) == 3
    assert not any(item.keys() & {"posted_by", "gsi1pk", "gsi1sk"} for item in stored())


@pytest.mark.parametrize("action", [Thread.posted_by.remove(), Thread.posted_by.set(None)], ids=str)
def test_trap_21_without_its_source_a_key_is_gone_whole(
    db: Client, stored: Stored, thread: Thread, action: Action
) -> None:
    """Removing the attribute left the sparse key, or half of it, and the item in the index."""
    db.run(update().apply(action))
    [item] = stored()
    assert not item.keys() & {"posted_by", "gsi1pk", "gsi1sk"}
    assert stored("gsi1") == []


def test_trap_22_an_unrelated_update_touches_no_index_key(db: Client, stored: Stored, thread: Thread) -> None:
    """Every update wrote all index keys, from whatever values it had."""
    unrelated = update().apply(Thread.replies.add(1), Thread.info.set(Info()))
    assert set(unrelated.request().parameters["ExpressionAttributeNames"].values()) == {
        "replies",
        "info",
        "pk",
    }
    [before] = stored()
    db.run(unrelated)
    [after] = stored()
    assert {name for name in after if after[name] != before.get(name)} == {"replies", "info"}


def test_trap_22_not_even_one_that_may_make_the_item(db: Client, stored: Stored, thread: Thread) -> None:
    """It writes the parts of the table's key, too, but as they are: no index key changes by it."""
    [before] = stored()
    db.run(Thread.main.update("f", "s").apply(Thread.replies.add(1)))
    [after] = stored()
    assert {name for name in after if after[name] != before.get(name)} == {"replies"}


def test_trap_23_a_sparse_index_follows_its_condition(db: Client, stored: Stored, thread: Thread) -> None:
    """The condition of a sparse index saw stale values, or none, and kept a closed thread in the index."""
    close, reopen = (update().apply(Thread.status.set(status)) for status in ("closed", "open"))
    assert len(stored("gsi2")) == 1
    with pytest.raises(RequestError, match="open_since follows from last_post_at"):
        db.run(close)
    db.run(close.given(Thread.last_post_at == NOON))
    assert stored("gsi2") == []
    assert not stored()[0].keys() & {"open_since", "gsi2pk", "gsi2sk"}
    db.run(reopen.given(Thread.last_post_at == NOON))
    [item] = stored("gsi2")
    assert index_key(item, "gsi2") == ("OPEN#f", "SINCE#2026-05-01T12:00:00.000000Z")


def test_trap_24_no_update_sets_a_path_twice(db: Client, stored: Stored) -> None:
    """An upsert set the same path twice, or an attribute of the table's key, which DynamoDB refuses."""
    for upsert in (Thread(forum="f", subject="s", posted_by="ann").upsert(), Draft(draft_id="d").upsert()):
        expression = upsert.request().parameters["UpdateExpression"]
        names = upsert.request().parameters["ExpressionAttributeNames"]
        assigned = [names[alias] for alias in re.findall(r"(?<!\()(#\w+)(?: =|,|$)", expression)]
        assert len(set(assigned)) == len(assigned) > 5
        assert not {"pk", "sk"} & set(assigned)
        db.run(upsert)
    assert len(stored()) == 2
    with pytest.raises(RequestError, match="two actions on one place"):
        update().apply(Thread.replies.set(1), Thread.replies.add(1))
    with pytest.raises(RequestError, match="part of the table's key"):
        update().apply(Thread.subject.set("t"))


def test_trap_25_an_item_made_by_an_update_is_whole(db: Client, stored: Stored) -> None:
    """An item that an update made had no discriminator, and no query of its entity returned it."""
    db.run(Draft.main.update("d").apply(Draft.text.set("a")))
    [item] = stored()
    assert item["_type"] == {"S": "Draft"}
    assert item["draft_id"] == {"S": "d"}
    draft = db.run(Draft.main.get("d"))
    assert draft is not None
    assert (draft.draft_id, draft.text, draft.version) == ("d", "a", 1)
    assert db.run(Draft.main.query("d")) == [draft]
    assert db.run(Draft.scan()) == [draft]


def test_trap_26_the_time_of_creation_stays(db: Client, stored: Stored) -> None:
    """An upsert overwrote `createdAt`."""
    draft = Draft(draft_id="d")
    db.run(draft.upsert())
    [first] = stored()
    again = Draft(draft_id="d", text="b")
    again.version, again.created = 1, NOON - timedelta(days=1)
    db.run(again.upsert())
    db.run(Draft.main.update("d").apply(Draft.text.set("c")))
    [last] = stored()
    assert last["created"] == first["created"]
    assert last["updated"]["S"] > first["updated"]["S"]


def test_trap_27_a_value_in_a_map_that_is_not_there(db: Client, stored: Stored, thread: Thread) -> None:
    """`SET info.rank` without `info`: DynamoDB refuses it, which must be heard, and nothing is written."""
    [before] = stored()
    rank = update().apply(Thread.info[Info.rank].set(3))
    with pytest.raises(ServiceError) as caught:
        db.run(rank)
    assert (caught.value.code, caught.value.entity) == ("ValidationException", "Thread")
    assert stored() == [before]
    db.run(update().apply(Thread.info.set_if_not_exists(Info())))
    db.run(rank)
    [after] = stored()
    assert after["info"] == {"M": {"rank": {"N": "3"}, "note": {"S": ""}}}


CHANGES: list[Callable[[], Any]] = [
    lambda: User(name="bob", email="ann@x").create(),
    lambda: User(name="bob", email="ann@x").put(),
    lambda: User(name="bob", email="ann@x").upsert(),
    lambda: User.main.update("bob").apply(User.email.set("ann@x")),
    lambda: User.main.update("bob").apply(User.email.set_if_not_exists("ann@x")),
    lambda: batch_write(User(name="bob", email="ann@x").put()),
]


@pytest.mark.parametrize("change", CHANGES)
def test_trap_28_no_write_makes_a_duplicate(db: Client, stored: Stored, change: Callable[[], Any]) -> None:
    """Only `create` kept a value unique: an update took the value of another item."""
    db.run(User(name="ann", email="ann@x").create())
    before = stored()
    with pytest.raises((UniqueConstraintError, BatchWriteError)):
        db.run(change())
    assert stored() == before


@pytest.mark.parametrize(
    "release",
    [
        lambda: User(name="ann", email="ann@x").delete(),
        lambda: User.main.delete("ann"),
        lambda: User.main.update("ann").apply(User.email.set("new@x")),
        lambda: User.main.update("ann").apply(User.email.remove()),
        lambda: User(name="ann").put(),
        lambda: User(name="ann", email="new@x").upsert(),
        lambda: batch_write(User.main.delete("ann")),
    ],
)
def test_trap_28_what_is_given_up_is_free(db: Client, stored: Stored, release: Callable[[], Any]) -> None:
    """Deleting, or changing the value, did not release it: nobody could have it again."""
    db.run(User(name="ann", email="ann@x").create())
    db.run(release())
    db.run(User(name="bob", email="ann@x").create())
    owners = [item["name"]["S"] for item in stored() if item.get("email") == {"S": "ann@x"}]
    assert owners == ["bob"]


def test_trap_29_a_save_gives_the_instance_its_version(db: Client, stored: Stored) -> None:
    """The object kept its old version after a save, and the next save failed."""
    draft = Draft(draft_id="d")
    for version, save in enumerate((draft.create, draft.put, draft.upsert, draft.put), 1):
        db.run(save())
        assert (draft.version, stored()[0]["version"]) == (version, {"N": f"{version}"})
    db.run(Draft.main.update("d").apply(Draft.text.set("b")))
    assert stored()[0]["version"] == {"N": "5"}
    with pytest.raises(ConditionFailedError):  # somebody has written it since
        db.run(draft.put())
    assert draft.version == 4


@pytest.mark.parametrize(
    "write",
    [
        lambda draft: draft.put(),
        lambda draft: draft.upsert(),
        lambda draft: draft.delete(),
        lambda draft: batch_write(draft.put()),
        lambda draft: batch_write(draft.delete()),
    ],
)
def test_trap_29_no_write_ignores_the_version(
    db: Client, stored: Stored, write: Callable[[Draft], Any]
) -> None:
    """A delete took no notice of the version, and a batch rolled it back."""
    mine = Draft(draft_id="d", text="mine")
    db.run(mine.create())
    theirs = db.run(Draft.main.get("d"))
    assert theirs is not None
    theirs.text = "theirs"
    db.run(theirs.put())
    before = stored()
    for _ in range(2):  # a second attempt with the same instance is as wrong as the first
        with pytest.raises((ConditionFailedError, BatchWriteError)):
            db.run(write(mine))
    assert stored() == before
    assert mine.version == 1


def test_trap_30_a_wrong_value_is_refused_before_it_is_stored(
    db: Client, stored: Stored, thread: Thread
) -> None:
    """An update stored a wrong type first and raised then; the item could not be read any more."""
    before = stored()
    wrong: Any = "many"
    with pytest.raises(MarshalError, match="replies"):
        db.run(update().apply(Thread.replies.set(wrong)))
    with pytest.raises(MarshalError, match="replies"):
        db.run(update().apply(Thread.replies.add(wrong)))
    thread.replies = wrong
    for write in (thread.put, thread.create, thread.upsert):
        with pytest.raises(MarshalError, match="replies"):
            db.run(write())
    assert stored() == before


def test_trap_31_a_failed_condition_raises(db: Client, stored: Stored, thread: Thread) -> None:
    """An update whose condition did not hold returned as if all was well."""
    before = stored()
    for write in (
        update().apply(Thread.replies.set(9)).when(Thread.replies == 5),
        Thread.main.delete("f", "s").when(Thread.replies == 5),
        thread.put().when(Thread.replies == 5),
        thread.create(),
    ):
        with pytest.raises(ConditionFailedError) as caught:
            db.run(write)
        assert caught.value.old_item == thread
    with pytest.raises(ConditionFailedError) as caught:
        db.run(Thread.main.update("f", "none").apply(Thread.replies.set(9)).must_exist())
    assert caught.value.old_item is None
    assert stored() == before
