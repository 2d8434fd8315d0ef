"""What the forum begins with: users, forums, threads, and replies in the order of their time."""

from __future__ import annotations

from datetime import UTC, datetime

from examples.forum.app.models import Forum, Reply, Thread, User

__all__ = ["FORUMS", "REPLIES", "THREADS", "USERS", "at"]


def at(text: str) -> datetime:
    """A moment in UTC: `at("2025-03-03 09:15")`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


USERS = [User(name=name, email=f"{name}@example.com") for name in ("ann", "bob", "cleo")]

FORUMS = [
    Forum(name="DynamoDB", about="Tables, keys and indexes"),
    Forum(name="S3", about="Buckets and objects"),
]

_THREADS = """
DynamoDB | LSI or GSI?            | ann  | 2025-03-03 09:00
DynamoDB | Item size limit?       | bob  | 2025-03-03 10:30
DynamoDB | Why one table?         | ann  | 2025-03-04 08:00
S3       | Are reads consistent?  | cleo | 2025-03-04 16:20
"""

_REPLIES = """
DynamoDB | LSI or GSI?            | bob  | 2025-03-03 09:20 | Same partition key? Then an LSI.
DynamoDB | LSI or GSI?            | cleo | 2025-03-03 09:45 | An LSI is made with its table only.
DynamoDB | Item size limit?       | ann  | 2025-03-03 11:00 | 400 KB, with the names.
DynamoDB | LSI or GSI?            | ann  | 2025-03-03 14:10 | And reads may be consistent!
DynamoDB | LSI or GSI?            | bob  | 2025-03-04 07:30 | But 10 GB for a partition key.
S3       | Are reads consistent?  | ann  | 2025-03-04 16:25 | Since December 2020, yes.
"""


def _rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


THREADS = [
    Thread(forum=forum, subject=subject, posted_by=user, last_post_at=at(moment))
    for forum, subject, user, moment in _rows(_THREADS)
]

REPLIES = [
    Reply(forum=forum, subject=subject, posted_by=user, posted_at=at(moment), message=message)
    for forum, subject, user, moment, message in _rows(_REPLIES)
]
