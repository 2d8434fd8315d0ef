"""The examples run, and find what their data says; on both engines, since their models are the same."""

import pytest

from examples.forum import __main__ as forum_tour
from examples.forum import data as forum_data
from examples.forum.models import Thread, threads
from examples.movies import __main__ as movies_tour
from examples.movies import data as movies_data
from examples.movies.models import CastMember, Movie, movie_cast, movies
from examples.show import console


@pytest.fixture(params=["embedded_db", pytest.param("dynamodb_local_db", marks=pytest.mark.dynamodb_local)])
def db(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize(
    ("tour", "words"), [(movies_tour, "Bob Hoskins"), (forum_tour, "2015-02-31:13:14:21")]
)
def test_tours(tour, words):
    with console.capture() as shown:
        tour.main()
    assert words in shown.get()


def test_movies(db):
    db.create_table(movies)
    db.create_table(movie_cast)
    rows = movies_data.read_movies()
    assert len(rows) >= 40
    for movie, cast in rows:
        assert cast
        db.run(movie.create())
        for member in cast:
            db.run(member.create())
    assert sorted(db.run(Movie.scan()), key=lambda movie: movie.movie_id) == sorted(
        (movie for movie, _ in rows), key=lambda movie: movie.movie_id
    )
    bobs = db.run(CastMember.by_movie.query(1234).sort(CastMember.actor_name.begins_with("Bob")))
    assert [(bob.actor_name, bob.role) for bob in bobs] == [("Bob Hoskins", "Spoor")]


@pytest.fixture
def s3(db):
    db.create_table(threads)
    for thread in forum_data.THREADS:
        db.run(thread.create())
    return db


def subjects(db, query):
    return "".join(thread.subject[0] for thread in db.run(query))


def test_forum(s3):
    by_last_post = Thread.by_last_post.query("S3")
    assert subjects(s3, Thread.by_subject.query("S3")) == "abcd"
    assert subjects(s3, by_last_post) == "dbca"
    assert subjects(s3, by_last_post.reverse()) == "acbd"
    assert subjects(s3, by_last_post.sort(Thread.last_post.between("2015-01-20", "2015-03-01"))) == "bc"
    assert subjects(s3, by_last_post.filter(Thread.replies >= 9)) == "da"
    assert subjects(s3, Thread.by_subject.query("EC2").filter(Thread.replies > 0)) == "y"
