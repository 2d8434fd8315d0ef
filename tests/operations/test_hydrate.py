"""Hydrating on DynamoDB Local: whole items in the order of the index, whatever happened to them since."""

from __future__ import annotations

from itertools import count as endless
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from dynamodel import (
    Attr,
    Client,
    CursorError,
    Entity,
    Projection,
    Request,
    Table,
    ThrottledError,
    UnreadableItemsError,
    attribute,
    batch_write,
    connect,
    global_index,
    key,
    primary_key,
)
from dynamodel.errors import BatchGetError

from .single_table import fresh_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamodel.testing import DynamoDBLocal

pytestmark = pytest.mark.dynamodb_local

store = Table("hydrated.store", partition_key="pk", sort_key="sk")


class Photo(Entity, table=store):
    number: Attr[int] = attribute()
    album: Attr[str] = attribute()
    title: Attr[str] = attribute(default="")
    data: Attr[bytes] = attribute(default=b"")
    main = primary_key(key("PHOTO", number), key("PHOTO"))
    by_album = global_index(
        "gsi1", key("ALBUM", album), key("PHOTO", number), projection=Projection.KEYS_ONLY
    )
    shared = global_index("gsi2", album, include=[title])


class Film(Entity, table=store):
    number: Attr[int] = attribute()
    album: Attr[str] = attribute()
    title: Attr[str] = attribute(default="")
    main = primary_key(key("FILM", number), key("FILM"))
    shared = global_index("gsi2", album, include=[title])


class Watched:
    """Passes requests on and keeps them; something may happen before each of them."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.requests: list[Request] = []
        self.before: Callable[[Request], object] = lambda request: None

    def send(self, request: Request) -> Mapping[str, Any]:
        self.requests.append(request)
        self.before(request)
        return self.inner.send(request)

    def close(self) -> None:
        """The client beneath goes on."""

    @property
    def operations(self) -> list[str]:
        return [request.operation for request in self.requests]


@pytest.fixture(scope="module")
def engine(dynamodb_local: DynamoDBLocal) -> Iterator[tuple[Client, DynamoDBClient]]:
    yield from fresh_table(dynamodb_local, store)


@pytest.fixture
def watched(engine: tuple[Client, DynamoDBClient]) -> Watched:
    return Watched(engine[0]._transport)


@pytest.fixture
def db(watched: Watched) -> Client:
    return connect(transport=watched)


@pytest.fixture
def album(request: pytest.FixtureRequest) -> str:
    """Of one test alone."""
    return request.node.name


NUMBERS = endless()


def filled(engine: tuple[Client, DynamoDBClient], album: str, count: int) -> list[Photo]:
    numbers = islice(NUMBERS, count)
    photos = [Photo(number=n, album=album, title=f"title {n}", data=bytes([n % 256])) for n in numbers]
    engine[0].run(batch_write(*(photo.put() for photo in photos)))
    return photos


# --- what comes ---


@pytest.mark.parametrize("count", [0, 1, 7, 230])
def test_whole_items_in_the_order_of_the_index(engine, db, watched, album, count):
    photos = filled(engine, album, count)
    query = Photo.by_album.query(album)
    assert list(db.run(query.hydrate())) == photos
    assert list(db.run(query.hydrate().reverse())) == photos[::-1]
    assert list(db.run(query.reverse().hydrate())) == photos[::-1]
    assert set(watched.operations) <= {"Query", "BatchGetItem"}
    gets = -(-count // 100)  # 100 keys each
    assert watched.operations.count("BatchGetItem") == 3 * gets


def test_without_it_the_index_tells_what_it_holds(engine, db, album):
    [photo] = filled(engine, album, 1)
    [found] = db.run(Photo.by_album.query(album))
    assert found.number == photo.number
    with pytest.raises(AttributeError):
        found.title


def test_a_scan(engine, db, album):
    photos = filled(engine, album, 5)
    found = [photo for photo in db.run(Photo.by_album.scan().hydrate()) if photo.album == album]
    assert sorted(found, key=lambda photo: photo.number) == photos


def test_a_filter_is_that_of_the_index(engine, db, album):
    photos = filled(engine, album, 5)
    wanted = photos[3].title
    [found] = db.run(Photo.shared.query(album).filter(Photo.title == wanted).hydrate())
    assert found == photos[3]


def test_items_of_others_in_the_index(engine, db, watched, album):
    photos = filled(engine, album, 3)
    db.run(batch_write(*(Film(number=photo.number, album=album).put() for photo in photos)))
    watched.requests.clear()
    found = list(db.run(Photo.shared.query(album).hydrate()))
    assert sorted(found, key=lambda photo: photo.number) == photos
    [request] = [request for request in watched.requests if request.operation == "BatchGetItem"]
    assert len(request.parameters["RequestItems"][store.name]["Keys"]) == 3


def test_hydrating_the_table_itself(engine, db, album):
    [photo] = filled(engine, album, 1)
    assert list(db.run(Photo.main.query(photo.number).hydrate())) == [photo]


def test_a_projection_has_no_effect(engine, db, album):
    [photo] = filled(engine, album, 1)
    assert list(db.run(Photo.shared.query(album).project(Photo.title).hydrate())) == [photo]


# --- what happened since ---


def between(watched: Watched, change: Callable[[], object]) -> None:
    """Somebody else does something after the index was read."""
    changes = iter([change])

    def before(request: Request) -> None:
        if request.operation == "BatchGetItem":
            next(changes, lambda: None)()

    watched.before = before


def test_deleted_items_are_left_out(engine, db, watched, album):
    photos = filled(engine, album, 5)
    between(watched, lambda: [engine[0].run(photos[n].delete()) for n in (0, 3)])
    assert list(db.run(Photo.by_album.query(album).hydrate())) == [photos[1], photos[2], photos[4]]


def test_what_is_stored_now_is_read(engine, db, watched, album):
    photos = filled(engine, album, 3)
    photos[1].title = "new"
    between(watched, lambda: engine[0].run(photos[1].put()))
    assert list(db.run(Photo.by_album.query(album).hydrate())) == photos


def test_unreadable_items(engine, db, watched, album):
    _, wire = engine
    photos = filled(engine, album, 4)
    bad = dict(photos[2].put().item) | {"title": {"N": "1"}}
    wire.put_item(TableName=store.name, Item=bad)
    query = Photo.by_album.query(album).hydrate()
    with pytest.raises(UnreadableItemsError) as caught:
        list(db.run(query))
    assert list(caught.value.items) == [photos[0], photos[1], photos[3]]
    assert [error.item["pk"] for error in caught.value.unreadable] == [bad["pk"]]
    with pytest.raises(UnreadableItemsError) as caught:
        db.run(query.page(size=3))
    assert list(caught.value.items) == photos[:2]
    assert db.run(query.page(size=3, after=caught.value.cursor)).items == (photos[3],)


# --- pages ---


@pytest.mark.parametrize("deleted", [[], [0], [1, 2], [6], [0, 1, 2, 3, 4, 5, 6]])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_pages_are_full_although_items_are_gone(engine, db, watched, album, size, deleted):
    """The index still has them, as a global index has for a while: the answers of the gets lack them."""
    photos = filled(engine, album, 7)
    gone = [photos[n].put().key for n in deleted]
    inner = watched.inner

    class Lagging:
        def send(self, request: Request) -> Mapping[str, Any]:
            answer = dict(inner.send(request))
            if request.operation == "BatchGetItem":
                found = answer["Responses"][store.name]
                kept = [item for item in found if {name: item[name] for name in ("pk", "sk")} not in gone]
                answer["Responses"] = {store.name: kept}
            return answer

    watched.inner = Lagging()
    query = Photo.by_album.query(album).hydrate()
    items: list[Photo] = []
    cursor = None
    while True:
        page = db.run(query.page(size=size, after=cursor))
        items += page.items
        cursor = page.cursor
        if cursor is None:
            break
        assert len(page.items) == size
    assert items == [photo for n, photo in enumerate(photos) if n not in deleted]


def test_cursors_of_a_hydrated_query(engine, db, album):
    filled(engine, album, 3)
    query = Photo.by_album.query(album)
    cursor = db.run(query.hydrate().page(size=1)).cursor
    assert len(db.run(query.hydrate().page(size=5, after=cursor)).items) == 2
    with pytest.raises(CursorError):
        db.run(query.hydrate().reverse().page(size=1, after=cursor))


def test_items_that_cannot_be_read_are_no_deleted_ones(engine, db, watched, album, monkeypatch):
    """Where the gets fail, nobody is told that there is nothing."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    filled(engine, album, 3)

    def refuse(request: Request) -> None:
        if request.operation == "BatchGetItem":
            raise ThrottledError("ProvisionedThroughputExceededException", "slower", "BatchGetItem")

    watched.before = refuse
    results = db.run(Photo.by_album.query(album).hydrate())
    with pytest.raises(BatchGetError) as caught:
        list(results)
    assert len(caught.value.unread) == 3
    watched.before = lambda request: None
    assert len(list(results)) == 3  # the same page is asked for again


# --- the request ---


def test_the_request_is_that_of_the_index():
    query = Photo.by_album.query("a")
    assert query.hydrate().request() == query.request()
    assert not query.is_hydrated
    assert query.hydrate().hydrate() == query.hydrate()


def test_a_count_reads_no_whole_items(engine, db, watched, album):
    filled(engine, album, 3)
    assert db.run(Photo.by_album.query(album).hydrate().count()) == 3
    assert watched.operations == ["Query"]


# --- keys of bytes, consistency, capacity ---


class Blob(Entity, table=Table("hydrated.blobs")):
    digest: Attr[bytes] = attribute()
    kind: Attr[str] = attribute()
    size: Attr[int] = attribute()
    main = primary_key(digest)
    by_kind = global_index("kind", kind, projection=Projection.KEYS_ONLY)


@pytest.fixture(scope="module")
def blobs(engine: tuple[Client, DynamoDBClient]) -> list[Blob]:
    client, _ = engine
    client.create_table(Blob)
    found = [Blob(digest=bytes([0, 255, n]), kind="k", size=n) for n in range(3)]
    client.run(batch_write(*(blob.put() for blob in found)))
    return found


def test_keys_of_bytes(db, blobs):
    """The transport gives them as text, which is no key."""
    query = Blob.by_kind.query("k").hydrate()
    assert sorted(db.run(query), key=lambda blob: blob.size) == blobs
    first = db.run(query.page(size=2))
    rest = db.run(query.page(size=2, after=first.cursor))
    assert sorted((*first.items, *rest.items), key=lambda blob: blob.size) == blobs


def test_whole_items_are_read_consistently(db, watched, blobs):
    """A replica may lack an item that is there, and it would be left out as a deleted one."""
    list(db.run(Blob.by_kind.query("k").hydrate()))
    [request] = [request for request in watched.requests if request.operation == "BatchGetItem"]
    [asked] = request.parameters["RequestItems"].values()
    assert asked["ConsistentRead"] is True
    assert "ReturnConsumedCapacity" not in request.parameters


def test_a_page_tells_the_capacity_of_the_whole_items_too(db, blobs):
    query = Blob.by_kind.query("k")
    without = db.run(query.page(size=3)).consumed_capacity
    page = db.run(query.hydrate().page(size=3))
    assert len(page.items) == 3
    assert page.consumed_capacity == without + 3  # a consistent read of up to 4 KB takes 1 unit
