"""What follows from attributes: keys of indexes, whole or not at all, and computed attributes."""

from __future__ import annotations

import pytest

from dynamodel import (
    Attr,
    Entity,
    MarshalError,
    Table,
    attribute,
    computed,
    global_index,
    key,
    local_index,
    primary_key,
)

app = Table("derivations.app", partition_key="pk", sort_key="sk")


def price(net: int, rate: int | None, tags: set[str]) -> int | None:
    return None if rate is None else net * rate + len(tags)


def inverse(net: int) -> int:
    return 100 // net


class Order(Entity, table=app):
    number: Attr[str] = attribute("no")
    customer: Attr[str | None] = attribute(default=None)
    city: Attr[str | None] = attribute(default=None)
    net: Attr[int] = attribute(default=1)
    rate: Attr[int | None] = attribute(default=None)
    tags: Attr[set[str]] = attribute(factory=set)
    gross: Attr[int | None] = computed(price, net, rate, tags, name="g")
    share: Attr[int] = computed(inverse, net)
    twice: Attr[int] = computed(lambda share: share * 2, share)
    main = primary_key(key("ORDER", number), key("ORDER"))
    by_customer = global_index("gsi1", key("CUSTOMER", customer), key("CITY", city))
    by_gross = global_index("gsi2", key("GROSS", gross))
    by_city = local_index("lsi1", main, key("CITY", city, net))
    plain = local_index("lsi2", main, city)


SCHEMA = Order.main._schema
DERIVATIONS = {derivation.name: derivation for derivation in SCHEMA.derivations}


def order(**values) -> dict:
    return Order(number="1", **values).put().item


def test_what_is_derived_and_from_what():
    told = {name: ([codec.field.name for codec in d.sources], d.targets) for name, d in DERIVATIONS.items()}
    assert told == {
        "Order.gross": (["net", "rate", "tags"], ("g",)),
        "Order.share": (["net"], ("share",)),
        "Order.twice": (["share"], ("twice",)),
        "Order.by_customer": (["customer", "city"], ("gsi1pk", "gsi1sk")),
        "Order.by_gross": (["gross"], ("gsi2pk",)),
        "Order.by_city": (["city", "net"], ("lsi1sk",)),  # its partition is the table's
    }


@pytest.mark.parametrize(
    ("values", "keys"),
    [
        ({}, {}),
        ({"customer": "ann"}, {}),
        ({"city": "Rome"}, {"lsi1sk": "CITY#Rome#p500.1"}),
        (
            {"customer": "ann", "city": "Rome"},
            {"gsi1pk": "CUSTOMER#ann", "gsi1sk": "CITY#Rome", "lsi1sk": "CITY#Rome#p500.1"},
        ),
        (
            {"customer": "", "city": "A", "net": -1},  # neither an empty text nor zero is "missing"
            {"gsi1pk": "CUSTOMER#", "gsi1sk": "CITY#A", "lsi1sk": "CITY#A#n499.8~"},
        ),
        ({"rate": 0}, {"gsi2pk": "GROSS#o"}),
        ({"rate": 3, "tags": {"x"}}, {"gsi2pk": "GROSS#p500.4"}),
    ],
)
def test_an_index_key_is_whole_or_not_there(values, keys):
    item = order(**values)
    found = {name: item[name]["S"] for name in ("gsi1pk", "gsi1sk", "gsi2pk", "lsi1sk") if name in item}
    assert found == keys


def test_a_key_that_the_table_builds_is_not_derived_again():
    assert not any("pk" in derivation.targets for derivation in SCHEMA.derivations)


# --- computed attributes ---


def test_a_computed_attribute_is_read_written_and_never_assigned():
    made = Order(number="1", net=4, rate=2, tags={"x"})
    assert (made.gross, made.share, made.twice) == (9, 25, 50)
    made.net = 5
    assert (made.gross, made.share, made.twice) == (11, 20, 40)
    item = made.put().item
    assert (item["g"], item["share"], item["twice"]) == ({"N": "11"}, {"N": "20"}, {"N": "40"})
    with pytest.raises(AttributeError, match=r"Order\.gross is computed"):
        made.gross = 3
    with pytest.raises(TypeError, match="gross"):
        Order(number="1", gross=3)


def test_a_computed_attribute_that_is_none_is_absent():
    assert "g" not in order(net=3)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"net": {"N": "2"}, "rate": {"N": "3"}}, {"g": {"N": "6"}}),
        ({"rate": {"N": "3"}}, {"g": {"N": "3"}}),  # net has a default
        ({"net": {"N": "2"}}, {}),
        ({}, {}),
        ({"net": {"N": "2"}, "rate": {"N": "3"}, "tags": {"SS": ["a", "b"]}}, {"g": {"N": "8"}}),
    ],
)
def test_absent_sources_have_what_a_read_gives_them(item, expected):
    assert DERIVATIONS["Order.gross"].of(item) == expected


def test_a_source_without_a_default_that_is_absent_makes_nothing():
    class Strict(Entity, table=Table("derivations.strict")):
        name: Attr[str] = attribute()
        title: Attr[str] = attribute()
        slug: Attr[str] = computed(str.lower, title)
        main = primary_key(name)

    [derivation] = Strict.main._schema.derivations
    assert derivation.of({"name": {"S": "a"}}) == {}
    assert derivation.of({"title": {"S": "A"}}) == {"slug": {"S": "a"}}


def test_a_function_that_fails_is_told_without_the_data():
    with pytest.raises(MarshalError) as caught:
        order(net=0, customer="s3cret")
    assert str(caught.value) == "Order.share: its function raised ZeroDivisionError"


def test_a_computed_value_of_a_wrong_type_is_refused():
    class Wrong(Entity, table=Table("derivations.wrong")):
        name: Attr[str] = attribute()
        size: Attr[int] = computed(lambda name: name, name)
        main = primary_key(name)

    with pytest.raises(MarshalError, match=r"Wrong\.size: int is needed, found str"):
        Wrong(name="a").put()


def test_a_put_drops_an_index_key_that_is_stored_no_longer():
    stored = order(customer="ann", city="Rome")
    read = SCHEMA.decode(stored)
    read.city = None
    assert not read.put().item.keys() & {"gsi1pk", "gsi1sk", "lsi1sk", "city"}


def test_a_stale_key_is_mended_by_a_put():
    stored = order(customer="ann", city="Rome") | {"gsi1pk": {"S": "CUSTOMER#bob"}, "share": {"N": "9"}}
    assert SCHEMA.decode(stored).put().item == order(customer="ann", city="Rome")
