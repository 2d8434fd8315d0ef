"""The claim that an item makes on a unique value: one for each value, and never an entity's key."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel import Attr, DeclarationError, Entity, MarshalError, Table, attribute, key, primary_key, unique

app = Table("uniques.app", partition_key="pk", sort_key="sk")


class User(Entity, table=app, discriminator="person"):
    name: Attr[str] = attribute()
    email: Attr[str | None] = attribute("mail", default=None)
    country: Attr[str | None] = attribute(default=None)
    passport: Attr[int | None] = attribute(default=None)
    born: Attr[datetime | None] = attribute(default=None)
    main = primary_key(key("USER", name), key("USER"))
    by_email = unique(email)
    by_passport = unique(country, passport)
    by_birth = unique(born)


BY_EMAIL, BY_PASSPORT, BY_BIRTH = User.main._schema.uniques
NAMES = ("pk", "sk")


def test_what_a_constraint_knows():
    assert (BY_EMAIL.name, BY_EMAIL.source_names) == ("User.by_email", ("mail",))
    assert (BY_PASSPORT.name, BY_PASSPORT.source_names) == ("User.by_passport", ("country", "passport"))


def test_the_key_of_a_claim():
    """It is built from the discriminator, so that the class may be renamed."""
    assert BY_EMAIL.claim({"mail": {"S": "a b#c"}}, NAMES) == {
        "pk": {"S": "$unique#person#mail#a b$#c"},
        "sk": {"S": "$unique"},
    }
    assert BY_EMAIL.claim({"mail": {"S": "a"}}, ("id",)) == {"id": {"S": "$unique#person#mail#a"}}
    several = {"country": {"S": "DE"}, "passport": {"N": "7"}}
    assert BY_PASSPORT.claim(several, NAMES)["pk"] == {"S": "$unique#person#country#passport#DE#p500.7"}
    moment = User(name="a", born=datetime(2000, 1, 2, tzinfo=UTC)).put().item
    assert BY_BIRTH.claim(moment, NAMES)["pk"] == {"S": "$unique#person#born#2000-01-02T00:00:00.000000Z"}


@pytest.mark.parametrize("item", [{}, {"country": {"S": "DE"}}, {"passport": {"N": "7"}}])
def test_no_claim_without_all_values(item):
    assert BY_PASSPORT.claim(item, NAMES) is None


TEXTS = st.text("ab#$ é\x00", max_size=5)
PAIRS = st.tuples(TEXTS, st.integers(-99, 99))


@given(PAIRS, PAIRS)
def test_one_claim_for_each_value(one, other):
    claims = [
        BY_PASSPORT.claim({"country": {"S": country}, "passport": {"N": str(number)}}, NAMES)
        for country, number in (one, other)
    ]
    assert (claims[0] == claims[1]) == (one == other)


@given(TEXTS)
def test_two_constraints_never_share_a_claim(text):
    class Other(Entity, table=Table("uniques.other", partition_key="pk", sort_key="sk")):
        email: Attr[str] = attribute()
        mail: Attr[str] = attribute()
        main = primary_key(key("OTHER", email), key("OTHER"))
        by_email = unique(email)
        by_mail = unique(mail)

    item = {"email": {"S": text}, "mail": {"S": text}}
    claims = [c.claim(item, NAMES)["pk"]["S"] for c in (*Other.main._schema.uniques, BY_EMAIL)]
    assert len(set(claims)) == 3


def test_the_name_of_a_constraint_may_change():
    class Renamed(
        Entity, table=Table("uniques.renamed", partition_key="pk", sort_key="sk"), discriminator="person"
    ):
        name: Attr[str] = attribute()
        mailbox: Attr[str] = attribute("mail")
        main = primary_key(key("USER", name), key("USER"))
        one_for_each = unique(mailbox)

    [constraint] = Renamed.main._schema.uniques
    item = {"mail": {"S": "a"}}
    assert constraint.claim(item, NAMES) == BY_EMAIL.claim(item, NAMES)


def test_no_entity_can_have_the_key_of_a_claim():
    with pytest.raises(DeclarationError, match=r"tag of key\(\) cannot have '\$'"):

        class Wrong(Entity, table=Table("uniques.wrong", partition_key="pk", sort_key="sk")):
            name: Attr[str] = attribute()
            main = primary_key(key("$unique", name), key("$unique"))


def test_a_value_that_is_too_long_for_a_key_is_refused():
    room = 2048 - len("$unique#person#mail#")
    assert BY_EMAIL.claim({"mail": {"S": "x" * room}}, NAMES) is not None
    with pytest.raises(MarshalError, match="2048") as caught:
        BY_EMAIL.claim({"mail": {"S": "x" * (room + 1)}}, NAMES)
    assert caught.value.path == "User.by_email"
    assert "xxx" not in str(caught.value)
