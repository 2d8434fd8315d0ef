"""Good uses: no checker complains, and each `reveal_type` gives what the comment says."""

from __future__ import annotations

from decimal import Decimal

from models import NOW, Award, CastMember, Info, Movie, Note, Thread, UserId

from dynamodel import Projection, RemovalPolicy, Table, connect, item_size

db = connect(region="eu-central-1")

# instances and classes
movie = Movie(movie_id=1234, title="Brazil")
reveal_type(movie.title)  # str
reveal_type(movie.rating)  # Decimal | None
reveal_type(movie.actors)  # list[str]
reveal_type(movie.info)  # Info | None
reveal_type(Movie.title)  # Path[str]
reveal_type(Movie.rating)  # Path[Decimal | None]
movie.title = "Brazil (1985)"
full = Movie(
    movie_id=1,
    title="a",
    rating=Decimal("7.9"),
    votes=3,
    actors=["b"],
    genres={"c"},
    labels={"de": "d"},
    info=Info(rank=1),
    released=NOW,
    state="public",
    owner=UserId("ann"),
)
reveal_type(item_size(full))  # int

# one item
reveal_type(db.run(movie.put()))  # None
reveal_type(db.run(movie.create()))  # None
reveal_type(db.run(movie.delete()))  # None
reveal_type(db.run(movie.put().when(Movie.votes < 5).returning("ALL_OLD")))  # Movie | None
reveal_type(db.run(Movie.by_id.get(1234)))  # Movie | None
reveal_type(db.run(Movie.by_id.get(1234).consistent().project(Movie.title, Movie.votes)))  # Movie | None
reveal_type(db.run(CastMember.by_movie.get(1234, "Bob Hoskins")))  # CastMember | None
reveal_type(db.run(Movie.by_id.delete(1234)))  # None
reveal_type(db.run(Movie.by_id.delete(1234).must_exist().returning("ALL_OLD")))  # Movie | None
update = Movie.by_id.update(1234).apply(Movie.votes.add(1)).when(Movie.title == "Brazil").must_exist()
reveal_type(db.run(update))  # None
reveal_type(db.run(update.returning("ALL_NEW")))  # Movie
reveal_type(db.run(update.returning("UPDATED_OLD")))  # Movie | None

# queries
bobs = db.run(CastMember.by_movie.query(1234).sort(CastMember.actor_name.begins_with("Bob")))
reveal_type(bobs)  # Results[CastMember]
reveal_type(bobs[0])  # CastMember
for bob in bobs:
    reveal_type(bob)  # CastMember
    reveal_type(bob.actor_name)  # str
query = Thread.latest.query("S3").sort(Thread.last_post_at >= NOW).filter(Thread.replies >= 3)
page = db.run(query.reverse().consistent().page(size=20, after=None))
reveal_type(page)  # Page[Thread]
reveal_type(page.cursor)  # str | None
for thread in page.items:
    reveal_type(thread)  # Thread
reveal_type(db.run(query.count()))  # int
for thread in db.run(Thread.by_user.query("ann", 3).sort(Thread.last_post_at.between(NOW, NOW))):
    reveal_type(thread.last_post_at)  # datetime
reveal_type(db.run(Movie.scan().filter(Movie.seen == True)))  # Results[Movie]  # noqa: E712
reveal_type(db.run(CastMember.by_role.scan().page(size=5)))  # Page[CastMember]
reveal_type(db.run(CastMember.by_role.query("Spoor")))  # Results[CastMember]

# a base class gives its attributes, which may be keys of indexes
reveal_type(Note(note_id=1, created=NOW).created)  # datetime
reveal_type(db.run(Note.by_kind.query("a").sort(Note.created > NOW)))  # Results[Note]

# conditions of all types
reveal_type(Movie.title == "a")  # Condition
reveal_type(Movie.title != "a")  # Condition
reveal_type(Movie.rating == None)  # Condition  # noqa: E711
reveal_type(Movie.title.in_("a", "b"))  # Condition
reveal_type(Movie.title.in_(["a", "b"]))  # Condition
reveal_type(Movie.title.exists() & ~Movie.poster.not_exists() | Movie.title.is_type("S"))  # Condition
reveal_type(Movie.title > "a")  # Condition
reveal_type(Movie.title < Movie.state)  # Condition
reveal_type(Movie.rating >= Decimal(7))  # Condition
reveal_type(Movie.poster <= b"a")  # Condition
reveal_type(Movie.released > NOW)  # Condition
reveal_type(Movie.score.between(1.5, 2.5))  # Condition
reveal_type(Movie.poster.begins_with(b"a"))  # Condition
reveal_type(Movie.owner.begins_with("a"))  # Condition
reveal_type(Movie.state.contains("d"))  # Condition
reveal_type(Movie.actors.contains("a"))  # Condition
reveal_type(Movie.genres.contains("a"))  # Condition
reveal_type(Movie.years.contains(1985))  # Condition
reveal_type(Movie.title.size() > 3)  # Condition
reveal_type(Movie.genres.size() == 3)  # Condition
reveal_type(Movie.state == "public")  # Condition

# nested paths
reveal_type(Movie.actors[0])  # Path[str]
reveal_type(Movie.labels["de"])  # Path[str]
reveal_type(Movie.info[Info.rank])  # Path[int]
reveal_type(Movie.info[Info.plot])  # Path[str | None]
reveal_type(Movie.info[Info.awards][0][Award.year])  # Path[int]
reveal_type(Movie.info[Info.rank] > 3)  # Condition

# update actions
reveal_type(Movie.title.set("a"))  # Action
reveal_type(Movie.rating.set(None))  # Action
reveal_type(Movie.title.set_if_not_exists("a"))  # Action
reveal_type(Movie.title.remove())  # Action
reveal_type(Movie.votes.add(1))  # Action
reveal_type(Movie.rating.add(Decimal("0.1")))  # Action
reveal_type(Movie.score.add(0.5))  # Action
reveal_type(Movie.genres.add({"a"}))  # Action
reveal_type(Movie.genres.delete({"a"}))  # Action
reveal_type(Movie.years.add({1985}))  # Action
reveal_type(Movie.actors.append("a", "b"))  # Action
reveal_type(Movie.actors.prepend("a"))  # Action
reveal_type(Movie.votes.set(Movie.votes + 1))  # Action
reveal_type(Movie.votes.set(Movie.votes - Movie.votes))  # Action
reveal_type(Movie.rating.set(Movie.rating + 1))  # Action
reveal_type(Movie.score.set(Movie.score - 0.5))  # Action
reveal_type(Movie.budget.set(Movie.budget + 1))  # Action
reveal_type(Movie.budget.add(1))  # Action
reveal_type(Movie.amount.set(Movie.amount + Decimal("0.5")))  # Action
reveal_type(Movie.amount.add(Decimal("0.5")))  # Action
reveal_type(Movie.info[Info.rank].set(1))  # Action

# tables
table = Table("Other", removal_policy=RemovalPolicy.DESTROY)
reveal_type(db.create_table(table))  # None
reveal_type(db.delete_table(Movie))  # None
reveal_type(Projection.KEYS_ONLY)  # Projection
