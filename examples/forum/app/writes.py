"""The writes of the forum. Each is a value: `db.run(post_reply(...))` sends it."""

from __future__ import annotations

from dynamodel import Transaction, Update, transaction
from examples.forum.app.models import Reply, Thread

__all__ = ["hand_over", "post_reply"]


def post_reply(thread: Thread, reply: Reply, token: str | None = None) -> Transaction:
    """Creates the reply, and counts it in its thread: both, or neither.

    The time of the last post is part of an index key, together with the thread's author. So the update must
    know the author, and it is refused if the thread has another one by now.

    Args:
        thread: the thread, as it was read.
        reply: the new reply.
        token: the same for each attempt to post this reply, so that it is posted only once.
    """
    return transaction(
        reply.create(),
        Thread.main.update(thread.forum, thread.subject)
        .apply(Thread.last_post_at.set(reply.posted_at), Thread.replies.add(1))
        .given(Thread.posted_by == thread.posted_by),
        token=token,
    )


def hand_over(thread: Thread, user: str) -> Update[Thread, Thread]:
    """Makes another user the author of the thread; the keys of the index by_user follow.

    Args:
        thread: the thread, as it was read. If there was a post since then, the update is refused.
        user: the new author's name.
    """
    return (
        Thread.main.update(thread.forum, thread.subject)
        .apply(Thread.posted_by.set(user))
        .given(Thread.last_post_at == thread.last_post_at)
        .returning("ALL_NEW")
    )
