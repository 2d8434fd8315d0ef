"""Bad uses: every line that ends with the mark must be rejected by both checkers, and no other line."""

from __future__ import annotations

from decimal import Decimal

from models import NOW, Award, CastMember, Info, Movie, Note, Thread

from dynamodel import Attr, Entity, Table, attribute, connect, global_index, primary_key

db = connect(region="eu-central-1")

# constructors
Movie(movie_id=1)  # error
Movie(movie_id="1", title="a")  # error
Movie(movie_id=1, title="a", titel="b")  # error
Movie(1, "a")  # error
Movie(movie_id=1, title="a", rating=7.5)  # error
Movie(movie_id=1, title="a", state="secret")  # error
Movie(movieId=1, title="a")  # error
movie = Movie(movie_id=1, title="a")
movie.title = 3  # error
movie.titel  # error
Movie.titel  # error
movie.by_id  # error

# keys
Movie.by_id.get("1234")  # error
Movie.by_id.get()  # error
Movie.by_id.get(1, "a")  # error
Movie.by_id.update("1")  # error
Movie.by_id.delete(None)  # error
CastMember.by_movie.get(1)  # error
CastMember.by_movie.get("Bob", 1)  # error
CastMember.by_movie.query("1")  # error
CastMember.by_movie.query(1, "Bob")  # error
CastMember.by_role.query(1)  # error
CastMember.by_role.get("a")  # error
Thread.by_user.query("ann")  # error
Thread.by_user.query("ann", "3")  # error
Thread.latest.query()  # error
Note.by_kind.query(1)  # error
Note.by_kind.query()  # error
Note(note_id=1)  # error

# operators that the type does not have
Thread.replies.begins_with("a")  # error
Thread.subject.add(1)  # error
Movie.title.append("a")  # error
Movie.title.delete({"a"})  # error
Movie.votes.contains(1)  # error
Movie.votes.size()  # error
Movie.actors > ["a"]  # error
Movie.genres.begins_with("a")  # error
Movie.genres < {"a"}  # error
Movie.labels.contains("a")  # error
Movie.released.begins_with("2026")  # error
Movie.info.between(1, 2)  # error
Movie.title + "a"  # error
Movie.seen.append(True)  # error
Movie.votes.set(Movie.score + 0.5)  # error
Movie.genres.append("a")  # error
Movie.imdb.add(1)  # error

# operands of another type
Thread.replies >= "3"  # error
Thread.subject < 3  # error
Thread.last_post_at >= "2026"  # error
Thread.replies.between(1, "9")  # error
Thread.subject.begins_with(1)  # error
Movie.poster.begins_with("a")  # error
Thread.subject.in_(1, 2)  # error
Thread.replies < Thread.subject  # error
Movie.genres.contains(1)  # error
Movie.actors.contains(1)  # error
Movie.title.size() > "3"  # error
Movie.title.is_type("STRING")  # error
Movie.title.set(3)  # error
Movie.title.set(None)  # error
Movie.votes.set_if_not_exists("a")  # error
Movie.votes.add("1")  # error
Movie.genres.add({1})  # error
Movie.genres.delete({1})  # error
Movie.actors.append(1)  # error
Movie.rating.add(0.5)  # error
Movie.votes.set(Movie.title)  # error
Movie.votes + "1"  # error

# a comparison with a wrong type falls back to bool, which filters and conditions refuse
Thread.main.query("S3").filter(Thread.replies == "3")  # error
Thread.main.query("S3").sort(Thread.subject == 3)  # error
Movie.by_id.update(1).when(Movie.title == 3)  # error
Movie.scan().filter(Movie.title != 3)  # error
Movie.scan().filter(True)  # error
Movie.scan().filter(Movie.title)  # error
Movie.scan().filter("title = :t")  # error
Movie.by_id.update(1).apply(Movie.title == "a")  # error
Movie.by_id.update(1).apply("SET title = :t")  # error

# nested paths
Movie.title[0]  # error
Movie.actors["a"]  # error
Movie.labels[0]  # error
Movie.info[Info.rank].set("a")  # error
Movie.info[Info.plot] > 3  # error
Movie.info[Info.rnak]  # error
Movie.info[Info.awards][0][Award.year].begins_with("a")  # error
Movie.votes["a"]  # error

# operations
db.run(movie)  # error
db.run(Movie.by_id)  # error
Movie.by_id.get(1).page(size=3)  # error
Movie.by_id.get(1).filter(Movie.votes > 1)  # error
Movie.by_id.update(1).apply(Movie.votes.add(1)).returning("ALL")  # error
movie.put().returning("ALL_NEW")  # error
Thread.main.query("S3").page()  # error
Thread.main.query("S3").page(size="3")  # error
Thread.main.query("S3").page(size=3, after=3)  # error
Thread.main.query("S3").project("Subject")  # error
for name in db.run(Thread.main.query("S3")):
    name.titel  # error
found = db.run(Movie.by_id.get(1))
found.title  # error
db.create_table("Movies")  # error

# declarations
Table(3)  # error
Table("Movies", removal="DESTROY")  # error
Table("Movies", removal_policy="DESTROY")  # error


class Wrong(Entity, table=Table("Wrong")):
    number: Attr[int] = attribute(default="a")  # error
    text: Attr[str] = attribute(default=None)  # error
    items: Attr[list[str]] = attribute(factory=set)  # error
    text_key = primary_key("text")  # error
    three = primary_key(number, text, text)  # error
    index = global_index("ByText", (number, text, number, text, number))  # error
