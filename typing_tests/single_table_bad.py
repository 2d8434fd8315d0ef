"""Bad uses of single-table design: every line with the mark must be rejected by both checkers, and no other."""

from __future__ import annotations

from models import NOW, CastMember, Movie, Person, Post, Thread, app

from dynamodel import (
    Attr,
    Entity,
    attribute,
    backfill,
    batch_get,
    batch_write,
    collection,
    computed,
    connect,
    global_index,
    key,
    primary_key,
    transaction,
    transaction_get,
    unique,
    upgrade_from,
)

db = connect(region="eu-central-1")
post = Post(forum="S3", subject="a b", number=1, posted_by="ann", posted_at=NOW)

# attributes that dynamodel keeps are no arguments
Post(forum="S3", subject="a", number=1, posted_by="ann", posted_at=NOW, version=3)  # error
Post(forum="S3", subject="a", number=1, posted_by="ann", posted_at=NOW, created=NOW)  # error
Post(forum="S3", subject="a", number=1, posted_by="ann", posted_at=NOW, updated=NOW)  # error
Post(forum="S3", subject="a", number=1, posted_by="ann", posted_at=NOW, slug="a")  # error
Post(forum="S3", subject="a", number="1", posted_by="ann", posted_at=NOW)  # error

# keys: the number of parts, and their types
Post.main.get("S3", "a")  # error
Post.main.get("S3", "a", 1, 2)  # error
Post.main.get("S3", "a", "1")  # error
Post.main.get("S3", 1, 1)  # error
Post.main.query("S3")  # error
Post.main.query("S3", 1)  # error
Post.main.update("S3", "a")  # error
Post.main.delete("S3", "a", None)  # error
Post.main.check(1, "a", 1)  # error
Person.main.get("ann", "b")  # error
Person.main.query()  # error
Post.by_user.query(3)  # error
Post.by_user.query("ann", NOW)  # error
Post.by_user.get("ann")  # error
Post.popular.query("S3")  # error
Post.main.query("S3", "a").sort(Post.number == "1")  # error
Post.main.query("S3", "a").sort(Post.number.begins_with("1"))  # error
Post.slug.add(1)  # error

# writes
Post.main.update("S3", "a", 1).given("ann")  # error
Post.main.update("S3", "a", 1).given(Post.posted_by == 3)  # error
Post.main.check("S3", "a", 1).apply(Post.likes.add(1))  # error
post.upsert("a")  # error
post.put().must_exist()  # error

# collections: their partition keys must have the same types
collection(Post.main, Person.main)  # error
collection(Post.by_user, Thread.by_user)  # error
collection(Post, Person)  # error
collection(Post.by_user)  # error
both = collection(Post.by_user, Person.by_user)
both.query()  # error
both.query(3)  # error
both.query("ann", "a")  # error
for entity in db.run(both.query("ann")):
    entity.subject  # error
both.query("ann").filter("likes > 3")  # error
both.query("ann").sort(Post.posted_at > NOW)  # error

# transactions and batches
batch_write(Movie.by_id.update(1))  # error
batch_write(post.put().returning("ALL_OLD"))  # error
batch_write(Movie.by_id.get(1))  # error
batch_get(post.put())  # error
batch_get(Movie.scan())  # error
batch_get(Movie.by_id.get(1), 3)  # error
transaction(post.put().returning("ALL_OLD"))  # error
transaction(Movie.by_id.get(1))  # error
transaction(post)  # error
transaction(post.put(), token=3)  # error
transaction_get(post.put())  # error
one, two = db.run(transaction_get(Movie.by_id.get(1), CastMember.by_movie.get(1, "Bob")))
one.title  # error
one, two, three = db.run(transaction_get(Movie.by_id.get(1), CastMember.by_movie.get(1, "Bob")))  # error

# the rest
Movie.by_id.get(1).hydrate()  # error
Movie.scan().parallel()  # error
Movie.scan().parallel(segments="4")  # error
Post.by_user.query("ann").parallel(segments=4)  # error
Movie.scan().page(size=3, context=3)  # error
Movie.scan().cap(pages="3")  # error
backfill("Movie")  # error
backfill(Movie, segments="4")  # error
connect(cursor_key="secret")  # error


class Wrong(Entity, table=app):
    name: Attr[str] = attribute()
    number: Attr[int] = attribute()
    count: Attr[str] = attribute(version=True)  # error
    made: Attr[str] = attribute(created=True)  # error
    both_roles: Attr[int] = attribute(version=True, created=True)  # error
    late: Attr[int] = computed(len, number)  # error
    upper: Attr[int] = computed(str.upper, name)  # error
    no_tag = key(name)  # error
    text_part = key("A", "name")  # error
    main = primary_key(key("A", name), "b")  # error
    index = global_index("gsi1", key("A", name), "b")  # error
    by_text = unique("name")  # error
    tag_alone = primary_key("A")  # error

    @upgrade_from("1")  # error
    @staticmethod
    def upgrade(values: dict[str, object]) -> dict[str, object]:
        return values
