"""The tour of the table ForumApp: one function for each thing that a single table is good for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from dynamodel import Client, UniqueConstraintError
from examples.forum.app.data import FORUMS, REPLIES, THREADS, USERS, at
from examples.forum.app.models import Forum, Reply, Thread, User, activity, app, forum_page
from examples.forum.app.writes import hand_over, post_reply
from examples.picture import pictures
from examples.show import console, entities, step

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["tour"]


def tour(db: Client, dynamodb: DynamoDBClient) -> None:
    """All of it.

    Args:
        db: a client of an engine that has no table ForumApp yet.
        dynamodb: a plain one, which shows what is stored.
    """
    create_and_load(db)
    reply_in_a_transaction(db)
    show_forum_page(db)
    show_activity(db)
    hand_over_a_thread(db, dynamodb)
    page_through_replies(db)
    refuse_a_second_email(db)
    draw_the_table(dynamodb)


def create_and_load(db: Client) -> None:
    """One table for everything; each reply is counted in its thread as it is posted."""
    step("Create the table ForumApp: forums, threads, replies and users", "db.create_table(app)")
    db.create_table(app)
    for entity in (*USERS, *FORUMS, *THREADS):
        db.run(entity.create())
    threads = {(thread.forum, thread.subject): thread for thread in THREADS}
    for reply in REPLIES:
        db.run(post_reply(threads[reply.forum, reply.subject], reply))
    console.print(f"{len(USERS)} users, {len(FORUMS)} forums, {len(THREADS)} threads, {len(REPLIES)} replies")


def reply_in_a_transaction(db: Client) -> None:
    """The reply and its thread's count are written together."""
    step(
        "Post a reply: create it and update its thread, in one transaction",
        "transaction(\n"
        "    reply.create(),\n"
        "    Thread.main.update(thread.forum, thread.subject)\n"
        "        .apply(Thread.last_post_at.set(reply.posted_at), Thread.replies.add(1))\n"
        "        .given(Thread.posted_by == thread.posted_by),\n"
        "    token=request_id)",
    )
    before = read_thread(db, "DynamoDB", "Item size limit?")
    reply = Reply(
        forum=before.forum,
        subject=before.subject,
        posted_at=at("2025-03-05 09:00"),
        posted_by="cleo",
        message="item_size(entity) tells.",
    )
    db.run(post_reply(before, reply, token=str(uuid4())))
    after = read_thread(db, before.forum, before.subject)
    entities([before, after], Subject="subject", Replies="replies", Last_post="last_post_at")


def show_forum_page(db: Client) -> None:
    """Two entities from one partition; each item has its own type, which type checkers know."""
    step(
        "A forum's page: the forum and its threads, by one query",
        'forum_page = collection(Forum.main, Thread.main)\nforum_page.query("DynamoDB")',
    )
    for item in db.run(forum_page.query("DynamoDB")):
        match item:
            case Forum():
                console.print(f"{item.name}: {item.about}")
            case Thread():
                console.print(f"    {item.subject}  ({item.replies} replies, opened by {item.posted_by})")


def show_activity(db: Client) -> None:
    """Threads and replies share the index gsi1."""
    step(
        "What ann wrote: replies and threads, by one query of an index that they share",
        'activity = collection(Thread.by_user, Reply.by_user)\nactivity.query("ann")',
    )
    for item in db.run(activity.query("ann")):
        match item:
            case Reply():
                console.print(f'{item.posted_at:%d %B %H:%M}  reply to "{item.subject}": {item.message}')
            case Thread():
                console.print(f'{item.last_post_at:%d %B %H:%M}  last post in "{item.subject}"')


def hand_over_a_thread(db: Client, dynamodb: DynamoDBClient) -> None:
    """The keys of an index follow the attributes from which they are built."""
    step(
        "Hand a thread over to another user: the keys of the index follow",
        'Thread.main.update(thread.forum, thread.subject).apply(Thread.posted_by.set("bob"))\n'
        "    .given(Thread.last_post_at == thread.last_post_at)",
    )
    thread = read_thread(db, "DynamoDB", "Why one table?")
    console.print(f"before  {index_keys(dynamodb, thread)}")
    thread = db.run(hand_over(thread, "bob"))
    console.print(f"after   {index_keys(dynamodb, thread)}")


def page_through_replies(db: Client) -> None:
    """Pages of two, each with a cursor to the next."""
    step(
        "Page through the replies to a thread",
        'Reply.main.query("DynamoDB", "LSI or GSI?").page(size=2, after=cursor)',
    )
    replies = Reply.main.query("DynamoDB", "LSI or GSI?")
    page = db.run(replies.page(size=2))
    number = 1
    while True:
        for reply in page.items:
            console.print(f"page {number}  {reply.posted_by}: {reply.message}")
        if page.cursor is None:
            break
        console.print(f"[dim]cursor  {page.cursor}[/dim]", highlight=False, soft_wrap=True)
        page = db.run(replies.page(size=2, after=page.cursor))
        number += 1


def refuse_a_second_email(db: Client) -> None:
    """A unique value is claimed by an item of its own, in one transaction with the user."""
    step(
        "Two users with the same e-mail address",
        'by_email = unique(email)\nUser(name="dan", email="dan@example.com").create()',
    )
    db.run(User(name="dan", email="dan@example.com").create())
    console.print("dan: created")
    try:
        db.run(User(name="daniel", email="dan@example.com").create())
    except UniqueConstraintError as error:
        console.print(f"daniel: refused by {error.constraint}")
    console.print(f"stored of daniel: {db.run(User.main.get('daniel'))}")


def draw_the_table(dynamodb: DynamoDBClient) -> None:
    """Everything that is stored by now."""
    step("The table as it lies, and its indexes")
    for drawn in pictures(dynamodb, app.definition):
        console.print(drawn)
        console.print()


def read_thread(db: Client, forum: str, subject: str) -> Thread:
    """A thread that is there."""
    thread = db.run(Thread.main.get(forum, subject))
    assert thread is not None
    return thread


def index_keys(dynamodb: DynamoDBClient, thread: Thread) -> str:
    """The keys of the index gsi1, as they are stored."""
    get = Thread.main.get(thread.forum, thread.subject)
    item: Mapping[str, Any] = dict(dynamodb.get_item(**get.request().parameters).get("Item", {}))
    return f"gsi1pk = {item['gsi1pk']['S']}  gsi1sk = {item['gsi1sk']['S']}"
