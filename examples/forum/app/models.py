"""Four entities in one table. What is read together lies in one partition:

- `FORUM#<name>`: the forum, then its threads by subject; by their last post in the local index
- `THREAD#<forum>#<subject>`: the replies to a thread, by time
- `USER#<name>`: the user; in the index gsi1, what the user wrote
"""

from __future__ import annotations

from datetime import datetime

from dynamodel import (
    Attr,
    Entity,
    RemovalPolicy,
    Table,
    attribute,
    collection,
    global_index,
    key,
    local_index,
    primary_key,
    unique,
)

app = Table(
    "ForumApp",
    partition_key="pk",
    sort_key="sk",
    time_to_live="expires",  # of what handlers have done already
    removal_policy=RemovalPolicy.DESTROY,
)


class Forum(Entity, table=app):
    """One forum. `#` sorts before all letters, so that it comes before its threads."""

    name: Attr[str] = attribute()
    about: Attr[str] = attribute()
    main = primary_key(key("FORUM", name), key("#META"))


class Thread(Entity, table=app):
    """One thread of a forum. Its author is the user who opened it."""

    forum: Attr[str] = attribute()
    subject: Attr[str] = attribute()
    posted_by: Attr[str] = attribute()
    last_post_at: Attr[datetime] = attribute("LastPostDateTime")
    replies: Attr[int] = attribute(default=0)
    main = primary_key(key("FORUM", forum), key("THREAD", subject))
    latest = local_index("LastPostIndex", main, last_post_at)
    by_user = global_index("gsi1", key("USER", posted_by), key("THREAD", last_post_at))


class Reply(Entity, table=app):
    """One reply to a thread. Its key has the user's name, too: two users may reply at the same moment."""

    forum: Attr[str] = attribute()
    subject: Attr[str] = attribute()
    posted_at: Attr[datetime] = attribute()
    posted_by: Attr[str] = attribute()
    message: Attr[str] = attribute(writable=True)
    main = primary_key(key("THREAD", forum, subject), key("REPLY", posted_at, posted_by))
    by_user = global_index("gsi1", key("USER", posted_by), key("REPLY", posted_at))


class User(Entity, table=app):
    """One user. No two have the same e-mail address."""

    name: Attr[str] = attribute()
    email: Attr[str] = attribute()
    main = primary_key(key("USER", name), key("#META"))
    by_email = unique(email)


forum_page = collection(Forum.main, Thread.main)
"""A forum and its threads, by one query."""

activity = collection(Thread.by_user, Reply.by_user)
"""What a user wrote, by one query: replies, then threads, each by time."""
