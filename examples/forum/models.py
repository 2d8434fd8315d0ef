"""Threads of a forum: a classic table with a local index on the last post."""

from __future__ import annotations

from dynamodel import Attr, Entity, RemovalPolicy, Table, attribute, local_index, primary_key

threads = Table("Thread", removal_policy=RemovalPolicy.DESTROY)


class Thread(Entity, table=threads):
    """One thread. Its last post is a text: one of the dates in the data does not exist."""

    forum_name: Attr[str] = attribute("ForumName")
    subject: Attr[str] = attribute("Subject")
    last_post: Attr[str] = attribute("LastPostDateTime")
    replies: Attr[int] = attribute("Replies", default=0)
    by_subject = primary_key(forum_name, subject)
    by_last_post = local_index("LastPostIndex", by_subject, last_post)
