"""The forum in one table: what its writes do and its queries find, on both engines."""

from uuid import uuid4

import boto3
import pytest

from dynamodel import (
    ConditionFailedError,
    RequestError,
    TransactionCanceledError,
    UniqueConstraintError,
)
from examples.forum.app import tour as steps
from examples.forum.app.data import FORUMS, REPLIES, THREADS, USERS, at
from examples.forum.app.models import Forum, Reply, Thread, User, activity, app, forum_page
from examples.forum.app.writes import hand_over, post_reply
from examples.picture import stored_items
from examples.show import console

LSI = ("DynamoDB", "LSI or GSI?")


@pytest.fixture
def embedded_engine(embedded_db):
    return embedded_db, boto3.client("dynamodb")


@pytest.fixture
def dynamodb_local_engine(dynamodb_local, dynamodb_local_db):
    dynamodb = dynamodb_local.boto3_client()
    yield dynamodb_local_db, dynamodb
    dynamodb.close()


@pytest.fixture(
    params=["embedded_engine", pytest.param("dynamodb_local_engine", marks=pytest.mark.dynamodb_local)]
)
def engine(request):
    """A client of dynamodel, and one of boto3 that sees the same tables."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def db(engine):
    """A forum as the tour begins with it."""
    db, _ = engine
    with console.capture():
        steps.create_and_load(db)
    return db


@pytest.fixture
def dynamodb(engine):
    return engine[1]


def reply_to(thread, user, time, message="?"):
    return Reply(
        forum=thread.forum, subject=thread.subject, posted_at=at(time), posted_by=user, message=message
    )


def test_the_whole_tour(engine):
    with console.capture() as shown:
        steps.tour(*engine)
    text = shown.get()
    for words in [
        "6 replies",
        "before  gsi1pk = USER#ann  gsi1sk = THREAD#2025-03-04T08:00:00.000000Z",
        "after   gsi1pk = USER#bob  gsi1sk = THREAD#2025-03-04T08:00:00.000000Z",
        "page 2  bob: But 10 GB for a partition key.",
        "daniel: refused by User.by_email",
        "stored of daniel: None",
        "Table ForumApp, by pk and sk",
        "Local index LastPostIndex, by pk and LastPostDateTime",
        "Global index gsi1, by gsi1pk and gsi1sk",
    ]:
        assert words in text


def test_what_is_loaded(db):
    assert {user.name for user in db.run(User.scan())} == {user.name for user in USERS}
    assert len(list(db.run(Forum.scan()))) == len(FORUMS)
    threads = list(db.run(Thread.scan()))
    assert len(threads) == len(THREADS)
    for thread in threads:
        replies = [r for r in REPLIES if (r.forum, r.subject) == (thread.forum, thread.subject)]
        opened = [t.last_post_at for t in THREADS if (t.forum, t.subject) == (thread.forum, thread.subject)]
        assert db.run(Reply.main.query(thread.forum, thread.subject)) == replies
        assert thread.replies == len(replies)
        assert thread.last_post_at == max(opened + [reply.posted_at for reply in replies])


def test_a_reply_and_its_thread_change_together(db):
    thread = steps.read_thread(db, *LSI)
    reply = reply_to(thread, "cleo", "2025-04-01 10:00")
    db.run(post_reply(thread, reply))
    after = steps.read_thread(db, *LSI)
    assert (after.replies, after.last_post_at) == (5, reply.posted_at)
    assert [t.subject for t in db.run(Thread.latest.query("DynamoDB"))][-1] == thread.subject
    assert [t.subject for t in db.run(Thread.by_user.query("ann"))][-1] == thread.subject

    with pytest.raises(TransactionCanceledError) as refused:
        db.run(post_reply(after, reply))
    assert [type(reason) for reason in refused.value.reasons] == [ConditionFailedError, type(None)]
    assert steps.read_thread(db, *LSI) == after


@pytest.mark.dynamodb_local
def test_the_same_token_posts_once(dynamodb_local_db):
    with console.capture():
        steps.create_and_load(dynamodb_local_db)
    thread = steps.read_thread(dynamodb_local_db, *LSI)
    reply = reply_to(thread, "cleo", "2025-04-01 10:00")
    post = post_reply(thread, reply, token=str(uuid4()))  # the engine outlives the test, and knows old tokens
    dynamodb_local_db.run(post)
    dynamodb_local_db.run(post)
    assert steps.read_thread(dynamodb_local_db, *LSI).replies == thread.replies + 1


def test_no_reply_where_the_author_is_another_by_now(db):
    thread = steps.read_thread(db, *LSI)
    db.run(hand_over(thread, "bob"))
    reply = reply_to(thread, "cleo", "2025-04-01 10:00")
    with pytest.raises(TransactionCanceledError) as refused:
        db.run(post_reply(thread, reply))
    _, reason = refused.value.reasons
    assert reason.old_item.posted_by == "bob"
    assert db.run(Reply.main.get(*LSI, reply.posted_at, "cleo")) is None


def test_the_author_is_needed_for_the_index_key():
    update = Thread.main.update(*LSI).apply(Thread.last_post_at.set(at("2025-04-01 10:00")))
    with pytest.raises(RequestError, match=r"by_user follows from posted_by"):
        update.request()


def test_a_forum_comes_before_its_threads(db):
    first, *threads = db.run(forum_page.query("DynamoDB"))
    assert isinstance(first, Forum)
    assert [thread.subject for thread in threads] == ["Item size limit?", "LSI or GSI?", "Why one table?"]


def test_activity_is_of_one_user(db):
    wrote = list(db.run(activity.query("cleo")))
    assert [(type(item), item.subject) for item in wrote] == [
        (Reply, "LSI or GSI?"),
        (Thread, "Are reads consistent?"),
    ]


def test_a_thread_changes_hands(db, dynamodb):
    thread = steps.read_thread(db, *LSI)
    assert db.run(hand_over(thread, "cleo")).posted_by == "cleo"
    assert thread.subject not in {found.subject for found in db.run(Thread.by_user.query("ann"))}
    assert thread.subject in {found.subject for found in db.run(Thread.by_user.query("cleo"))}
    assert steps.index_keys(dynamodb, thread) == (
        "gsi1pk = USER#cleo  gsi1sk = THREAD#2025-03-04T07:30:00.000000Z"
    )


def test_no_thread_changes_hands_with_a_post_in_between(db):
    thread = steps.read_thread(db, *LSI)
    db.run(post_reply(thread, reply_to(thread, "bob", "2025-04-01 10:00")))
    with pytest.raises(ConditionFailedError):
        db.run(hand_over(thread, "cleo"))
    assert steps.read_thread(db, *LSI).posted_by == "ann"


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_pages_are_the_replies(db, size):
    replies = Reply.main.query(*LSI)
    page = db.run(replies.page(size=size))
    found = list(page.items)
    while page.cursor is not None:
        assert len(page.items) == size
        page = db.run(replies.page(size=size, after=page.cursor))
        found += page.items
    assert found == db.run(replies)


def test_nothing_is_stored_of_a_second_user_with_an_email(db, dynamodb):
    before = by_key(stored_items(dynamodb, app.name))
    with pytest.raises(UniqueConstraintError) as refused:
        db.run(User(name="daniel", email="ann@example.com").create())
    assert refused.value.constraint == "User.by_email"
    assert by_key(stored_items(dynamodb, app.name)) == before


def by_key(items):
    return {(item["pk"]["S"], item["sk"]["S"]): item for item in items}
