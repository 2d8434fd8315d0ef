"""Creates the two tables on the embedded engine, loads the movies, and reads them in every way."""

from __future__ import annotations

from decimal import Decimal

from dynamodel import Client
from dynamodel.testing import embedded
from examples.movies.data import read_movies
from examples.movies.models import CastMember, Movie, movie_cast, movies
from examples.show import console, entities, step, track

BRAZIL = 1234


def main() -> None:
    """The whole tour."""
    with embedded() as db:
        create_and_load(db)
        get_and_update(db)
        find_actors(db)
        scan_with_filter(db)
        page_through(db)


def create_and_load(db: Client) -> None:
    """Two tables, and one `put` for each movie and actor."""
    step("Create the tables Movies and MovieCast", "db.create_table(movies); db.create_table(movie_cast)")
    db.create_table(movies)
    db.create_table(movie_cast)
    rows = read_movies()
    for movie, cast in track(rows, description="Loading movies", console=console):
        db.run(movie.put())
        for member in cast:
            db.run(member.put())
    console.print(f"{len(rows)} movies, {sum(len(cast) for _, cast in rows)} actors")


def get_and_update(db: Client) -> None:
    """One item by its key, changed in place."""
    step("Get a movie", "Movie.by_id.get(1234)")
    movie = db.run(Movie.by_id.get(BRAZIL))
    entities([movie] if movie else [], Id="movie_id", Title="title", Year="year", Rating="rating")

    step(
        "Update it, if it is what we think it is",
        'Movie.by_id.update(1234).apply(Movie.rating.set(...), Movie.genres.add({"Satire"}))\n'
        '    .when(Movie.title == "Brazil").returning("ALL_NEW")',
    )
    update = (
        Movie.by_id.update(BRAZIL)
        .apply(Movie.rating.set(Decimal("7.9")), Movie.genres.add({"Satire"}))
        .when(Movie.title == "Brazil")
        .returning("ALL_NEW")
    )
    entities([db.run(update)], Title="title", Rating="rating", Genres="genres")


def find_actors(db: Client) -> None:
    """A query on the sort key."""
    step(
        'The actors of movie 1234 whose name begins with "Bob"',
        'CastMember.by_movie.query(1234).sort(CastMember.actor_name.begins_with("Bob"))',
    )
    bobs = db.run(CastMember.by_movie.query(BRAZIL).sort(CastMember.actor_name.begins_with("Bob")))
    entities(bobs, Actor="actor_name", Role="role")


def scan_with_filter(db: Client) -> None:
    """A scan says so: it reads the whole table."""
    step(
        "Scan for long movies with a high rating",
        'Movie.scan().filter((Movie.runtime_minutes >= 150) & (Movie.rating >= Decimal("8.5")))',
    )
    scan = Movie.scan().filter((Movie.runtime_minutes >= 150) & (Movie.rating >= Decimal("8.5")))
    found = sorted(db.run(scan), key=lambda movie: movie.year)
    entities(found, Title="title", Year="year", Minutes="runtime_minutes", Rating="rating")


def page_through(db: Client) -> None:
    """Pages of exactly five, with a cursor to the next."""
    step("Page through the cast of a movie", "CastMember.by_movie.query(1234).page(size=5, after=cursor)")
    cursor: str | None = None
    number = 0
    while number == 0 or cursor is not None:
        page = db.run(CastMember.by_movie.query(BRAZIL).page(size=5, after=cursor))
        number += 1
        cursor = page.cursor
        names = ", ".join(member.actor_name for member in page.items)
        console.print(f"page {number}: {names}")
        console.print(f"[dim]        cursor: {cursor}[/dim]", highlight=False, soft_wrap=True)


if __name__ == "__main__":
    main()
