"""Good uses of single-table design: no checker complains, and each type is the one that the comment says."""

from __future__ import annotations

from datetime import timedelta

from models import NOW, CastMember, Movie, Person, Post, Thread

from dynamodel import (
    BatchGetError,
    BatchWriteError,
    TransactionCanceledError,
    backfill,
    batch_get,
    batch_write,
    collection,
    connect,
    transaction,
    transaction_get,
)

db = connect(region="eu-central-1", cursor_key=[b"new", b"old"], cursor_lifetime=timedelta(hours=1))

# attributes that dynamodel keeps are no arguments
post = Post(forum="S3", subject="a b", number=1, posted_by="ann", posted_at=NOW)
reveal_type(post.slug)  # str
reveal_type(post.version)  # int
reveal_type(post.created)  # datetime
reveal_type(post.updated)  # datetime
reveal_type(Post.slug)  # Path[str]
reveal_type(Post.slug.begins_with("a"))  # Condition
reveal_type(Post.posted_at > NOW)  # Condition

# keys of several parts, and static ones
reveal_type(db.run(Post.main.get("S3", "a b", 1)))  # Post | None
reveal_type(db.run(Person.main.get("ann")))  # Person | None
reveal_type(db.run(Post.main.query("S3", "a b").sort(Post.number > 3)))  # Results[Post]
query = Post.by_user.query("ann").sort(Post.posted_at.between(NOW, NOW)).hydrate()
reveal_type(db.run(query))  # Results[Post]
reveal_type(db.run(Post.popular.query("S3", "a b").reverse().page(size=3, context="tenant")))  # Page[Post]

# writes
reveal_type(db.run(post.upsert()))  # None
reveal_type(db.run(post.upsert().returning("ALL_NEW")))  # Post
update = Post.main.update("S3", "a b", 1).apply(Post.likes.add(1)).given(Post.posted_by == "ann")
reveal_type(db.run(update))  # None
reveal_type(db.run(Post.main.check("S3", "a b", 1).when(Post.likes > 3)))  # None
reveal_type(Post.main.update("S3", "a b", 1).explain().is_scan)  # bool

# collections
everything = collection(Post.by_user, Person.by_user)
reveal_type(everything)  # Collection[Post | Person, tuple[str]]
reveal_type(db.run(everything.query("ann")))  # Results[Post | Person]
reveal_type(db.run(everything.query("ann").filter(Post.likes > 3).page(size=20)))  # Page[Post | Person]
for entity in db.run(everything.query("ann").reverse()):
    reveal_type(entity)  # Post | Person
    if isinstance(entity, Post):
        reveal_type(entity)  # Post
reveal_type(db.run(everything.query("ann").count()))  # int

# transactions and batches
reveal_type(db.run(transaction(post.create(), Person.main.delete("ann"), token="a")))  # None
reveal_type(db.run(transaction(post.put(), Person.main.check("ann").must_exist())))  # None
movie, member = Movie.by_id.get(1), CastMember.by_movie.get(1, "Bob")
reveal_type(db.run(transaction_get(movie)))  # tuple[Movie | None]
reveal_type(db.run(transaction_get(movie, member)))  # tuple[Movie | None, CastMember | None]
reveal_type(db.run(transaction_get(*[movie, movie])))  # tuple[Movie | None, ...]
reveal_type(db.run(batch_get(movie, movie)))  # list[Movie | None]
reveal_type(db.run(batch_get(*[Movie.by_id.get(n) for n in range(3)])))  # list[Movie | None]
reveal_type(db.run(batch_get(movie, member)))  # list[Movie | CastMember | None]
thread = Thread.main.get("a", "b")
reveal_type(db.run(batch_get(movie, member, movie, thread)))  # list[Movie | CastMember | Thread | None]
reveal_type(db.run(batch_write(post.put(), Movie.by_id.delete(1))))  # None
try:
    db.run(batch_write(*[post.put()]))
except TransactionCanceledError as canceled:
    reveal_type(canceled.reasons)  # tuple[ServiceError | None, ...]
except BatchWriteError as failed:
    db.run(batch_write(*failed.unwritten))
except BatchGetError as unread:
    reveal_type(len(unread.unread))  # int

# reading and mending everything
reveal_type(db.run(Movie.scan().cap(pages=3).parallel(segments=4)))  # ParallelResults[Movie]
for found in db.run(Movie.scan().parallel(segments=4)):
    reveal_type(found)  # Movie
reveal_type(db.run(backfill(Person, dry_run=True)))  # BackfillReport
reveal_type(db.run(backfill(Person)).rewritten)  # int
