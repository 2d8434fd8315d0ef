"""Several entities with one query, on DynamoDB Local: order, filters, pages, and what belongs to nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dynamodel import (
    Attr,
    Client,
    CursorError,
    Entity,
    Projection,
    RequestError,
    Table,
    UnreadableItemsError,
    attribute,
    batch_write,
    collection,
    global_index,
    key,
    primary_key,
)

from .single_table import filled_in, fresh_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamodel.testing import DynamoDBLocal
    from dynamodel.types import Item

forum = Table("together.forum", partition_key="pk", sort_key="sk")


class Head(Entity, table=forum):
    topic: Attr[str] = attribute()
    title: Attr[str] = attribute(default="")
    author: Attr[str] = attribute(default="ann")
    main = primary_key(key("TOPIC", topic), key("HEAD"))
    by_author = global_index("gsi1", key("AUTHOR", author), key("HEAD", topic))
    keys = global_index("gsi2", key("AUTHOR", author), key("HEAD", topic), projection=Projection.KEYS_ONLY)


class Post(Entity, table=forum):
    topic: Attr[str] = attribute()
    number: Attr[int] = attribute()
    likes: Attr[int] = attribute(default=0)
    text: Attr[str] = attribute(default="")
    author: Attr[str] = attribute(default="ann")
    main = primary_key(key("TOPIC", topic), key("POST", number))
    by_author = global_index("gsi1", key("AUTHOR", author), key("POST", number))
    keys = global_index("gsi2", key("AUTHOR", author), key("POST", number), projection=Projection.KEYS_ONLY)


class Vote(Entity, table=forum):
    topic: Attr[str] = attribute()
    voter: Attr[str] = attribute()
    weight: Attr[int] = attribute(default=1)
    author: Attr[str] = attribute(default="ann")
    main = primary_key(key("TOPIC", topic), key("VOTE", voter))
    by_author = global_index("gsi1", key("AUTHOR", author), key("VOTE", voter))
    keys = global_index("gsi2", key("AUTHOR", author), key("VOTE", voter), projection=Projection.KEYS_ONLY)


everything = collection(Head.main, Post.main, Vote.main)
some = collection(Head.main, Vote.main)
authored = collection(Head.by_author, Vote.by_author)
authored_keys = collection(Head.keys, Vote.keys)

HEAD = Head(topic="t", title="Tea")
POSTS = [Post(topic="t", number=n, likes=n * 10, text="x" * n) for n in (-1, 0, 2, 10)]
VOTES = [Vote(topic="t", voter=voter, weight=weight) for voter, weight in (("a", 1), ("b", 5))]
FAR = [Head(topic="u", author="bob"), Post(topic="u", number=1, author="bob")]


@pytest.fixture(scope="module")
def engine(dynamodb_local: DynamoDBLocal) -> Iterator[tuple[Client, DynamoDBClient]]:
    for client, wire in fresh_table(dynamodb_local, forum):
        client.run(batch_write(*(entity.put() for entity in [HEAD, *POSTS, *VOTES, *FAR])))
        yield client, wire


@pytest.fixture
def db(engine: tuple[Client, DynamoDBClient]) -> Client:
    return engine[0]


@pytest.fixture
def strangers(engine: tuple[Client, DynamoDBClient]) -> Iterator[list[Item]]:
    """Items among those of the topic that no entity has written."""
    items: list[Item] = [
        {"pk": {"S": "TOPIC#t"}, "sk": {"S": "MARK#1"}, "_type": {"S": "Mark"}},
        {"pk": {"S": "TOPIC#t"}, "sk": {"S": "POST#renamed"}, "_type": {"S": "Article"}, "likes": {"N": "1"}},
        {"pk": {"S": "TOPIC#t"}, "sk": {"S": "VOTE#aa"}, "weight": {"N": "1"}},
    ]
    for item in items:
        engine[1].put_item(TableName=forum.name, Item=item)
    yield items
    for item in items:
        engine[1].delete_item(TableName=forum.name, Key={name: item[name] for name in ("pk", "sk")})


# --- order ---


def test_all_of_them_in_the_order_of_the_key(db):
    found = db.run(everything.query("t"))
    assert list(found) == [HEAD, *POSTS, *VOTES]
    assert list(found.unknown) == []
    assert list(db.run(everything.query("t").reverse())) == [HEAD, *POSTS, *VOTES][::-1]
    assert list(db.run(everything.query("t").reverse().reverse())) == list(found)
    assert list(db.run(everything.query("nobody"))) == []
    assert list(db.run(everything.query("t").consistent())) == list(found)


def test_the_order_of_the_declaration_does_not_matter(db):
    turned = collection(Vote.main, Post.main, Head.main)
    assert list(db.run(turned.query("t"))) == [HEAD, *POSTS, *VOTES]


def test_an_index(db):
    assert list(db.run(authored.query("ann"))) == [HEAD, *VOTES]
    assert list(db.run(authored.query("bob"))) == [FAR[0]]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (everything.query("t"), "pk = S:TOPIC#t AND sk BETWEEN S:HEAD AND S:VOTE$"),
        (collection(Post.main, Vote.main).query("t"), "pk = S:TOPIC#t AND sk BETWEEN S:POST# AND S:VOTE$"),
        (collection(Vote.main, Post.main).query("t"), "pk = S:TOPIC#t AND sk BETWEEN S:POST# AND S:VOTE$"),
        (authored.query("a#b"), "gsi1pk = S:AUTHOR#a$#b AND gsi1sk BETWEEN S:HEAD# AND S:VOTE$"),
    ],
)
def test_the_key_condition_goes_from_the_first_key_to_the_last(found, expected):
    assert filled_in(found.request(), "KeyConditionExpression") == expected


# --- what belongs to nobody ---


def test_unknown_items_are_told_by_the_results(db, strangers):
    found = db.run(everything.query("t"))
    assert list(found) == [HEAD, *POSTS, *VOTES]
    assert list(found.unknown) == strangers
    assert "3 unknown" in repr(found)


def test_items_of_entities_that_are_not_in_the_collection_are_unknown(db):
    found = db.run(some.query("t"))
    assert list(found) == [HEAD, *VOTES]
    assert [item["_type"]["S"] for item in found.unknown] == ["Post"] * len(POSTS)


def test_an_index_of_keys(db):
    found = db.run(authored_keys.query("ann"))
    assert [(type(entity), entity.topic) for entity in found] == [(Head, "t"), (Vote, "t"), (Vote, "t")]
    assert [entity.voter for entity in found if isinstance(entity, Vote)] == ["a", "b"]
    assert [item["sk"]["S"][:5] for item in found.unknown] == ["POST#"] * len(POSTS)
    with pytest.raises(AttributeError):
        found[0].title


def test_an_entity_that_was_renamed(engine):
    """With its old discriminator it finds its items; without it, they are told as unknown."""
    client, wire = engine
    written = dict(Vote(topic="renamed", voter="a").put().item) | {"_type": {"S": "Ballot"}}
    wire.put_item(TableName=forum.name, Item=written)
    lost = client.run(some.query("renamed"))
    assert (list(lost), list(lost.unknown)) == ([], [written])

    class Kept(
        Entity, table=Table("together.forum", partition_key="pk", sort_key="sk"), discriminator="Ballot"
    ):
        topic: Attr[str] = attribute()
        voter: Attr[str] = attribute()
        main = primary_key(key("TOPIC", topic), key("VOTE", voter))

    class Other(Entity, table=Kept.main._schema.table):
        topic: Attr[str] = attribute()
        main = primary_key(key("TOPIC", topic), key("OTHER"))

    found = client.run(collection(Kept.main, Other.main).query("renamed"))
    assert [(type(entity), entity.topic) for entity in found] == [(Kept, "renamed")]
    assert list(found.unknown) == []


def test_an_item_that_does_not_fit_its_entity(engine):
    client, wire = engine
    bad = dict(Vote(topic="bad", voter="b").put().item) | {"weight": {"S": "private"}}
    good = [Head(topic="bad"), Vote(topic="bad", voter="c")]
    client.run(batch_write(*(entity.put() for entity in good)))
    wire.put_item(TableName=forum.name, Item=bad)
    with pytest.raises(UnreadableItemsError) as caught:
        list(client.run(some.query("bad")))
    assert list(caught.value.items) == good
    assert [error.item for error in caught.value.unreadable] == [bad]
    assert "private" not in str(caught.value)
    assert "Vote" in str(caught.value)


# --- filters ---


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        pytest.param([Post.likes >= 20], [HEAD, *POSTS[2:], *VOTES], id="of one entity"),
        pytest.param([Vote.weight == 5], [HEAD, *POSTS, VOTES[1]], id="of another"),
        pytest.param([Post.likes >= 20, Vote.weight == 5], [HEAD, *POSTS[2:], VOTES[1]], id="of two"),
        pytest.param([Post.likes >= 0, Post.likes < 100], [HEAD, *POSTS[1:3], *VOTES], id="two of one"),
        pytest.param([(Post.likes == 0) | (Post.text == "xx")], [HEAD, *POSTS[1:3], *VOTES], id="or"),
        pytest.param([~(Post.likes == 0)], [HEAD, POSTS[0], *POSTS[2:], *VOTES], id="not"),
        pytest.param([Head.title == "Coffee"], [*POSTS, *VOTES], id="none of an entity"),
        pytest.param([Post.likes.not_exists()], [HEAD, *VOTES], id="an attribute that others have not"),
        pytest.param([Post.author == "bob"], [HEAD, *VOTES], id="an attribute that all have"),
    ],
)
def test_filters(db, strangers, conditions, expected):
    found = db.run(everything.query("t").filter(*conditions))
    assert list(found) == expected
    assert list(found.unknown) == strangers  # no filter touches them
    assert everything.query("t").filter(*conditions).is_filtered
    one_by_one = everything.query("t")
    for condition in conditions:
        one_by_one = one_by_one.filter(condition)
    assert list(db.run(one_by_one)) == expected


class Apart(Entity, table=Table("together.apart", partition_key="pk", sort_key="sk")):
    topic: Attr[str] = attribute()
    main = primary_key(key("TOPIC", topic), key("APART"))


@pytest.mark.parametrize(
    ("found", "condition"),
    [
        pytest.param(some.query("t"), Post.likes == 1, id="an entity that is not in it"),
        pytest.param(some.query("t"), Apart.topic == "x", id="an entity of another table"),
        pytest.param(everything.query("t"), (Post.likes == 1) & (Vote.weight == 1), id="two entities"),
        pytest.param(everything.query("t"), True, id="a bool"),
        pytest.param(everything.query("t"), Post.likes.add(1), id="an action"),
        pytest.param(authored_keys.query("ann"), Vote.weight == 1, id="not in the index"),
        pytest.param(authored_keys.query("ann"), Vote.voter == "a", id="an index that mixes"),
    ],
)
def test_filters_that_are_refused(found, condition):
    with pytest.raises(RequestError):
        found.filter(condition)


@pytest.mark.parametrize("method", ["project", "hydrate"])
def test_what_a_collection_does_not_do(method):
    with pytest.raises(RequestError, match=r"Head \| Vote"):
        getattr(some.query("t"), method)()


def test_a_builder_is_a_value():
    query = everything.query("t")
    before = query.request()
    query.filter(Post.likes == 1)
    query.reverse()
    assert query.request() == before


# --- pages ---


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8, 100])
@pytest.mark.parametrize("is_reversed", [False, True])
def test_pages_are_full_whatever_lies_between(db, strangers, size, is_reversed):
    query = everything.query("t").reverse() if is_reversed else everything.query("t")
    expected = [HEAD, *POSTS, *VOTES]
    items: list[Any] = []
    unknown: list[Item] = []
    cursor = None
    while True:
        page = db.run(query.page(size=size, after=cursor))
        items += page.items
        unknown += page.unknown
        cursor = page.cursor
        if cursor is None:
            break
        assert len(page.items) == size
    assert items == (expected[::-1] if is_reversed else expected)
    assert unknown == (strangers[::-1] if is_reversed else strangers)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_with_a_filter(db, strangers, size):
    query = everything.query("t").filter(Post.likes >= 20, Vote.weight == 5)
    items: list[Any] = []
    unknown: list[Item] = []
    cursor, pages = None, 0
    while pages == 0 or cursor is not None:
        page = db.run(query.page(size=size, after=cursor))
        assert len(page.items) == size or page.cursor is None
        items += page.items
        unknown += page.unknown
        cursor, pages = page.cursor, pages + 1
    assert items == [HEAD, *POSTS[2:], VOTES[1]]
    assert unknown == strangers


def test_a_page_shows_no_unknown_item_in_its_text(db, strangers):
    page = db.run(everything.query("t").page(size=100))
    assert "unknown=<3>" in repr(page)


def test_a_budget_that_is_spent_on_unknown_items(db):
    page = db.run(some.query("t").page(size=2, max_requests=1))
    assert (page.items, len(page.unknown)) == ((HEAD,), 2)
    assert page.cursor is not None
    rest = db.run(some.query("t").page(size=5, after=page.cursor))
    assert (list(rest.items), len(rest.unknown)) == (VOTES, 2)


def test_cursors_of_other_queries_are_refused(db):
    cursor = db.run(everything.query("t").page(size=1)).cursor
    for other in (
        everything.query("u"),
        everything.query("t").reverse(),
        some.query("t"),
        Head.main.query("t"),
    ):
        with pytest.raises(CursorError):
            db.run(other.page(size=1, after=cursor))


def test_the_count_is_that_of_the_items(db, strangers):
    """Unknown items are told, but they are no items of the collection."""
    assert db.run(everything.query("t").count()) == len(db.run(everything.query("t"))) == 7


def test_unknown_items_beside_unreadable_ones_are_not_lost(db, engine, strangers):
    """They are on the error, and the results tell them as if nothing was wrong."""
    bad = dict(Vote(topic="t", voter="bad").put().item) | {"weight": {"S": "?"}, "raw": {"B": b"\xff\x00"}}
    engine[1].put_item(TableName=forum.name, Item=bad)
    try:
        found = db.run(everything.query("t"))
        assert list(found.unknown) == strangers
        with pytest.raises(UnreadableItemsError) as of_results:
            list(found)
        with pytest.raises(UnreadableItemsError) as of_page:
            db.run(everything.query("t").page(size=100))
    finally:
        engine[1].delete_item(TableName=forum.name, Key={name: bad[name] for name in ("pk", "sk")})
    for caught in (of_results, of_page):
        assert list(caught.value.unknown) == strangers
        assert list(caught.value.items) == [HEAD, *POSTS, *VOTES]
        [error] = caught.value.unreadable
        assert error.item == bad  # boto3 takes it as it is


def test_unknown_items_are_as_boto3_takes_them(db, engine):
    item: Item = {"pk": {"S": "TOPIC#raw"}, "sk": {"S": "MARK#1"}, "raw": {"L": [{"B": b"\xff\x00"}]}}
    engine[1].put_item(TableName=forum.name, Item=item)
    assert list(db.run(everything.query("raw")).unknown) == [item]
    assert list(db.run(everything.query("raw").page(size=5)).unknown) == [item]


def test_what_an_index_of_keys_can_be_asked(db):
    """It holds the keys that are built from attributes, not the attributes."""
    with pytest.raises(RequestError, match="does not hold topic"):
        Head.keys.query("bob").filter(Head.topic == "u")
    with pytest.raises(RequestError, match="does not hold topic"):
        Head.keys.scan().filter(Head.topic == "u")
    for operation in (Head.keys.query("bob"), Head.keys.query("bob").project(Head.topic)):
        [found] = db.run(operation)
        assert found.topic == "u"
        assert found.author == "bob"
