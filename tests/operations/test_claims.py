"""Unique constraints: no two items have one value, whichever write tries; and what is given up is free."""

from __future__ import annotations

import pytest

from dynamodel import (
    Attr,
    ConditionFailedError,
    Entity,
    RequestError,
    Table,
    UniqueConstraintError,
    attribute,
    computed,
    global_index,
    key,
    primary_key,
    transaction,
    unique,
)
from dynamodel.types import Pause

from .single_table import fresh_table, raw

app = Table("claims.app", partition_key="pk", sort_key="sk")


class User(Entity, table=app):
    name: Attr[str] = attribute()
    email: Attr[str | None] = attribute("mail", default=None)
    country: Attr[str | None] = attribute(default=None)
    passport: Attr[int | None] = attribute(default=None)
    logins: Attr[int] = attribute(default=0)
    words: Attr[list[str]] = attribute(factory=list)
    main = primary_key(key("USER", name), key("USER"))
    by_email = unique(email)
    by_passport = unique(country, passport)
    by_country = global_index("gsi1", key("COUNTRY", country), key("LOGINS", logins))


class Page(Entity, table=app):
    """What is unique follows from another attribute."""

    name: Attr[str] = attribute()
    title: Attr[str] = attribute()
    slug: Attr[str] = computed(str.lower, title)
    main = primary_key(key("PAGE", name), key("PAGE"))
    by_slug = unique(slug)


class Locked(Entity, table=app):
    name: Attr[str] = attribute()
    email: Attr[str] = attribute()
    version: Attr[int] = attribute(version=True)
    main = primary_key(key("LOCKED", name), key("LOCKED"))
    by_email = unique(email)


@pytest.fixture(scope="module")
def shared(dynamodb_local):
    yield from fresh_table(dynamodb_local, app)


@pytest.fixture
def engine(shared):
    """The table, empty."""
    _, wire = shared
    for item in wire.scan(TableName=app.name, ConsistentRead=True)["Items"]:
        wire.delete_item(TableName=app.name, Key={name: item[name] for name in ("pk", "sk")})
    return shared


def claims(wire) -> dict[str, str]:
    """The claims in the table: the key, and whose it is."""
    items = wire.scan(TableName=app.name, ConsistentRead=True)["Items"]
    return {i["pk"]["S"]: i["_owner"]["M"]["pk"]["S"] for i in items if i["sk"]["S"] == "$unique"}


ANN = "$unique#User#mail#ann@x"
BOB = "$unique#User#mail#bob@x"


# --- what is sent ---


def test_a_new_item_and_its_claims():
    operation = User(name="1", email="ann@x", country="DE", passport=7).create()
    own, *made = operation.actions()
    assert own.kind == "Put"
    assert [(action.kind, action.constraint) for action in made] == [
        ("Put", "User.by_email"),
        ("Put", "User.by_passport"),
    ]
    assert made[0].parameters == {
        "TableName": "claims.app",
        "Item": {
            "pk": {"S": ANN},
            "sk": {"S": "$unique"},
            "_owner": {"M": {"pk": {"S": "USER#1"}, "sk": {"S": "USER"}}},
            "_type": {"S": "$unique"},
        },
        "ConditionExpression": "attribute_not_exists(#n0) OR #n1 = :v0",
        "ExpressionAttributeNames": {"#n0": "pk", "#n1": "_owner"},
        "ExpressionAttributeValues": {":v0": {"M": {"pk": {"S": "USER#1"}, "sk": {"S": "USER"}}}},
    }
    assert made[1].parameters["Item"]["pk"] == {"S": "$unique#User#country#passport#DE#p500.7"}


def test_an_item_without_a_value_claims_nothing():
    assert len(User(name="1").create().actions()) == 1
    assert len(User(name="1", country="DE").create().actions()) == 1


def test_an_update_of_something_else_is_a_plain_update():
    operation = User.main.update("1").apply(User.logins.add(1)).given(User.country.not_exists())
    assert [action.kind for action in operation.actions()] == ["Update"]
    assert operation.request().operation == "UpdateItem"


def test_the_request_of_a_write_that_claims_is_a_transaction():
    request = User(name="1", email="ann@x").create().request()
    assert request.operation == "TransactWriteItems"


def test_what_is_stored_must_be_known_in_a_transaction():
    update = User.main.update("1").apply(User.email.set("bob@x"))
    with pytest.raises(RequestError, match=r"email .* not known.*\.when\(User\.email == \.\.\.\)"):
        update.actions()
    kinds = [(a.kind, a.constraint) for a in update.when(User.email == "ann@x").actions()]
    assert kinds == [("Update", ""), ("Delete", "User.by_email"), ("Put", "User.by_email")]
    with pytest.raises(RequestError, match="is not known"):
        User(name="1", email="ann@x").put().actions()


def test_an_update_may_change_other_attributes_as_well():
    update = User.main.update("1").apply(User.email.set("bob@x"), User.words.append("a"))
    kinds = [(a.kind, a.constraint) for a in update.when(User.email == "ann@x").actions()]
    assert kinds == [("Update", ""), ("Delete", "User.by_email"), ("Put", "User.by_email")]


def test_a_write_with_claims_returns_nothing():
    with pytest.raises(RequestError, match="returns nothing"):
        User(name="1", email="ann@x").create().returning("ALL_OLD").actions()


# --- on the engine ---


@pytest.mark.dynamodb_local
@pytest.mark.parametrize("write", ["put", "create", "upsert"])
def test_no_write_of_an_instance_takes_a_value_of_another_item(engine, write):
    db, wire = engine
    db.run(getattr(User(name="1", email="ann@x"), write)())
    assert claims(wire) == {ANN: "USER#1"}
    with pytest.raises(UniqueConstraintError) as caught:
        db.run(getattr(User(name="2", email="ann@x"), write)())
    assert (caught.value.constraint, caught.value.entity) == ("User.by_email", "User")
    assert "ann" not in str(caught.value)
    assert isinstance(caught.value, ConditionFailedError)
    assert raw(wire, app, "USER#2", "USER") is None
    assert claims(wire) == {ANN: "USER#1"}
    db.run(getattr(User(name="2", email="bob@x"), write)())
    assert claims(wire) == {ANN: "USER#1", BOB: "USER#2"}


@pytest.mark.dynamodb_local
def test_an_update_does_not_take_it_either(engine):
    db, wire = engine
    db.run(User(name="1", email="ann@x").put())
    db.run(User(name="2", email="bob@x").put())
    with pytest.raises(UniqueConstraintError):
        db.run(User.main.update("2").apply(User.email.set("ann@x")))
    assert db.run(User.main.get("2")).email == "bob@x"
    assert claims(wire) == {ANN: "USER#1", BOB: "USER#2"}


@pytest.mark.dynamodb_local
@pytest.mark.parametrize(
    "give_up",
    [
        lambda: User.main.update("1").apply(User.email.set("new@x")),
        lambda: (
            User.main.update("1")
            .apply(User.email.set("new@x"), User.logins.set(3))
            .given(User.country == None)
        ),
        lambda: User.main.update("1").apply(User.email.remove()),
        lambda: User(name="1", email="new@x").put(),
        lambda: User(name="1").put(),
        lambda: User(name="1").upsert(),
        lambda: User.main.delete("1"),
        lambda: User(name="1").delete(),
    ],
    ids=[
        "update",
        "update of two",
        "remove",
        "put",
        "put of None",
        "upsert of None",
        "delete by key",
        "delete",
    ],
)
def test_what_is_given_up_is_free(engine, give_up):
    db, wire = engine
    db.run(User(name="1", email="ann@x").put())
    db.run(give_up())
    assert ANN not in claims(wire)
    db.run(User(name="2", email="ann@x").put())
    assert claims(wire)[ANN] == "USER#2"


@pytest.mark.dynamodb_local
def test_an_item_may_be_written_again_with_its_own_value(engine):
    db, wire = engine
    user = User(name="1", email="ann@x")
    db.run(user.put())
    user.logins = 5
    db.run(user.put())
    db.run(user.upsert())
    db.run(User.main.update("1").apply(User.email.set("ann@x")))
    assert claims(wire) == {ANN: "USER#1"}
    assert db.run(User.main.get("1")).logins == 5


@pytest.mark.dynamodb_local
def test_an_item_from_before_the_constraint_gets_its_claim(engine):
    db, wire = engine
    item = User(name="1", email="ann@x").put().item
    wire.put_item(TableName=app.name, Item=item)
    db.run(User.main.update("1").apply(User.email.set("ann@x")))
    assert claims(wire) == {ANN: "USER#1"}


@pytest.mark.dynamodb_local
def test_values_together_and_values_with_delimiters(engine):
    db, wire = engine
    db.run(User(name="1", country="DE", passport=7).put())
    db.run(User(name="2", country="DE", passport=8).put())
    db.run(User(name="3", country="FR", passport=7).put())
    db.run(User(name="4", country="DE#p500", passport=7).put())
    assert len(claims(wire)) == 4
    with pytest.raises(UniqueConstraintError) as caught:
        db.run(User(name="5", country="DE", passport=7).put())
    assert caught.value.constraint == "User.by_passport"


@pytest.mark.dynamodb_local
def test_a_computed_value_is_unique_in_every_write(engine):
    db, wire = engine
    db.run(Page(name="1", title="Hi").put())
    with pytest.raises(UniqueConstraintError):
        db.run(Page(name="2", title="HI").put())
    db.run(Page(name="2", title="Other").put())
    with pytest.raises(UniqueConstraintError):
        db.run(Page.main.update("2").apply(Page.title.set("hI")))
    assert db.run(Page.main.get("2")).title == "Other"
    db.run(Page.main.update("2").apply(Page.title.set("New")))
    assert set(claims(wire)) == {"$unique#Page#slug#hi", "$unique#Page#slug#new"}


@pytest.mark.dynamodb_local
def test_its_own_condition_is_told_from_that_of_a_claim(engine):
    db, wire = engine
    stored = User(name="1", email="ann@x", logins=3)
    db.run(stored.put())
    with pytest.raises(ConditionFailedError) as caught:
        db.run(User(name="1", email="bob@x").create())
    assert type(caught.value) is ConditionFailedError
    assert caught.value.old_item == stored
    with pytest.raises(ConditionFailedError) as caught:
        db.run(User.main.update("1").apply(User.email.set("bob@x")).when(User.logins == 4))
    assert type(caught.value) is ConditionFailedError
    assert claims(wire) == {ANN: "USER#1"}


@pytest.mark.dynamodb_local
def test_a_version_counts_in_a_transaction_as_well(engine):
    db, wire = engine
    one = Locked(name="1", email="ann@x")
    db.run(one.put())
    other = db.run(Locked.main.get("1"))
    one.email = "bob@x"
    db.run(one.put())
    assert (one.version, other.version) == (2, 1)
    other.email = "eve@x"
    for write in (other.put, other.upsert, other.delete):
        with pytest.raises(ConditionFailedError) as caught:
            db.run(write())
        assert caught.value.old_item == one
    assert other.version == 1
    assert list(claims(wire)) == ["$unique#Locked#email#bob@x"]


@pytest.mark.dynamodb_local
def test_who_changes_the_value_in_between_does_not_leave_a_claim_behind(engine):
    """A write reads what is stored, and asks for it; if it has changed by then, it reads again."""
    db, wire = engine
    db.run(User(name="1", email="ann@x").put())
    flow = User.main.update("1").apply(User.email.set("new@x")).flow(None)
    request = next(flow)
    assert request.operation == "GetItem"
    read = db._transport.send(request)
    db.run(User.main.update("1").apply(User.email.set("bob@x")))
    request, sent = flow.send(read), []
    while True:
        if isinstance(request, Pause):
            request = flow.send({})
            continue
        sent.append(request.operation)
        try:
            response = db._transport.send(request)
        except Exception as error:
            request = flow.throw(error)
            continue
        try:
            request = flow.send(response)
        except StopIteration:
            break
    assert sent == ["TransactWriteItems", "GetItem", "TransactWriteItems"]
    assert claims(wire) == {"$unique#User#mail#new@x": "USER#1"}


@pytest.mark.dynamodb_local
def test_claims_are_no_items_of_any_entity(engine):
    db, _ = engine
    user = User(name="1", email="ann@x")
    db.run(user.put())
    assert list(db.run(User.scan())) == [user]
    assert list(db.run(Page.scan())) == []


class Place(Entity, table=app):
    name: Attr[str] = attribute()
    country: Attr[str] = attribute()
    main = primary_key(key("PLACE", name), key("PLACE"))
    one_in_a_country = unique(country, name)


@pytest.mark.dynamodb_local
def test_a_part_of_the_key_is_known_to_every_write(engine):
    db, wire = engine
    db.run(Place(name="Rome", country="IT").create())
    db.run(transaction(Place.main.delete("Rome").when(Place.country == "IT")))
    assert claims(wire) == {}


@pytest.mark.dynamodb_local
def test_of_two_items_older_than_the_constraint_each_can_be_changed(engine):
    """They have one value, and one claim at most: the other has none to give up."""
    db, wire = engine
    first, second = User(name="1", email="ann@x"), User(name="2", email="ann@x")
    db.run(first.create())
    wire.put_item(TableName=app.name, Item=second.put().item)
    db.run(User.main.update("2").apply(User.email.set("bob@x")))
    assert claims(wire) == {ANN: "USER#1", BOB: "USER#2"}
    wire.put_item(TableName=app.name, Item=User(name="3", email="ann@x").put().item)
    db.run(User.main.delete("3"))
    assert claims(wire) == {ANN: "USER#1", BOB: "USER#2"}
