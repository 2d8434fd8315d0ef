"""Two tours on the embedded engine: the table Thread, listed in every way; then a forum in one table."""

from __future__ import annotations

import boto3

from dynamodel import Client, Query
from dynamodel.testing import embedded
from examples.forum.app.tour import tour
from examples.forum.data import THREADS
from examples.forum.models import Thread, threads
from examples.show import console, entities, step


def main() -> None:
    """Both tours."""
    with embedded() as db:
        step("Create the table Thread and put its items", "db.create_table(threads); db.run(thread.put())")
        db.create_table(threads)
        for thread in THREADS:
            db.run(thread.put())
        console.print(f"{len(THREADS)} threads")
        list_forums(db)
        tour(db, boto3.client("dynamodb"))


def list_forums(db: Client) -> None:
    """By subject with the table's key; by last post with the local index."""
    show(db, "The forum S3 by subject", 'Thread.by_subject.query("S3")', Thread.by_subject.query("S3"))

    by_last_post = Thread.by_last_post.query("S3")
    show(db, "By last post", 'Thread.by_last_post.query("S3")', by_last_post)
    show(db, "By last post, newest first", "....reverse()", by_last_post.reverse())
    show(
        db,
        "Between two dates",
        '....sort(Thread.last_post.between("2015-01-20", "2015-03-01"))',
        by_last_post.sort(Thread.last_post.between("2015-01-20", "2015-03-01")),
    )
    show(
        db,
        "RDS threads since March with more than 10 replies",
        'Thread.by_last_post.query("RDS").sort(Thread.last_post >= "2015-03-01").filter(Thread.replies > 10)',
        Thread.by_last_post.query("RDS").sort(Thread.last_post >= "2015-03-01").filter(Thread.replies > 10),
    )


def show(db: Client, title: str, code: str, query: Query[Thread]) -> None:
    """One query: its code, and what it finds."""
    step(title, code)
    entities(db.run(query), Forum="forum_name", Subject="subject", Last_post="last_post", Replies="replies")


if __name__ == "__main__":
    main()
