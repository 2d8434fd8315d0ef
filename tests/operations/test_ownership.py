"""Whose items a read meets: when it filters by the discriminator, and when it need not."""

from __future__ import annotations

from typing import Any

import pytest

from dynamodel import (
    Attr,
    Entity,
    Projection,
    RequestError,
    Table,
    attribute,
    global_index,
    key,
    local_index,
    primary_key,
)
from dynamodel.entity.schema import schema_of
from dynamodel.operations.ownership import has_own_key, holds_discriminator, is_mixed, own_condition_of

from .single_table import filled_in

shared = Table("ownership.shared", partition_key="pk", sort_key="sk")
marked = Table("ownership.marked", partition_key="pk", sort_key="sk", discriminator="kind")
alone = Table("ownership.alone", partition_key="pk", sort_key="sk")


class Customer(Entity, table=shared):
    name: Attr[str] = attribute()
    city: Attr[str | None] = attribute(default=None)
    joined: Attr[str | None] = attribute(default=None)
    main = primary_key(key("CUSTOMER", name), key("PROFILE"))
    by_city = global_index("gsi1", key("CITY", city), key("CUSTOMER", name))
    by_join = global_index("gsi2", joined)
    keys = global_index("gsi3", key("CITY", city), joined, projection=Projection.KEYS_ONLY)


class Invoice(Entity, table=shared):
    name: Attr[str] = attribute()
    number: Attr[int] = attribute()
    city: Attr[str | None] = attribute(default=None)
    joined: Attr[str | None] = attribute(default=None)
    main = primary_key(key("CUSTOMER", name), key("INVOICE", number))
    by_city = global_index("gsi1", key("CITY", city), key("INVOICE", number))
    by_join = global_index("gsi2", joined)
    keys = global_index("gsi3", key("CITY", city), joined, projection=Projection.KEYS_ONLY)
    by_number = global_index("gsi4", key("INVOICE", number))
    latest = local_index("lsi1", main, joined)


class Parcel(Entity, table=marked, discriminator="Package"):
    name: Attr[str] = attribute()
    main = primary_key(key("PARCEL", name), key("PARCEL"))
    all = global_index("gsi1", name)


class Letter(Entity, table=marked):
    name: Attr[str] = attribute()
    main = primary_key(key("LETTER", name), key("LETTER"))
    all = global_index("gsi1", name)


class Only(Entity, table=alone):
    name: Attr[str] = attribute()
    main = primary_key(key("ONLY", name), key("ONLY"))
    by_name = global_index("gsi1", name)


class Plain(Entity, table=Table("ownership.plain")):
    name: Attr[str] = attribute()
    main = primary_key(name)


class Unmarked(Entity, table=Table("ownership.unmarked", partition_key="pk", discriminator=False)):
    name: Attr[str] = attribute()
    main = primary_key(key("UNMARKED", name))


QUERIES: list[Any] = [
    # an operation, and what it filters by
    pytest.param(Customer.main.query("ann"), None, id="the sort key has a tag"),
    pytest.param(Customer.by_city.query("Rome"), None, id="an index with tags"),
    pytest.param(Customer.by_join.query("2020"), "_type = S:Customer", id="an index without tags"),
    pytest.param(Invoice.by_number.query(1), None, id="an index of one entity"),
    pytest.param(Invoice.latest.query("ann"), "_type = S:Invoice", id="a local index without a tag"),
    pytest.param(Customer.keys.query("Rome"), None, id="no discriminator in the index"),
    pytest.param(Parcel.main.query("a"), None, id="other partitions"),
    pytest.param(Parcel.all.query("a"), "kind = S:Package", id="its own name of the discriminator"),
    pytest.param(Only.by_name.query("a"), "_type = S:Only", id="others that the program does not know"),
    pytest.param(Only.main.query("a"), None, id="alone under its tags"),
    pytest.param(Plain.main.query("a"), None, id="a classic table"),
    pytest.param(
        Customer.by_join.query("2020").filter(Customer.city == "Rome"),
        "city = S:Rome AND _type = S:Customer",
        id="and the user's filter",
    ),
    pytest.param(
        Customer.by_join.query("2020").filter((Customer.city == "a") | (Customer.city == "b")),
        "(city = S:a OR city = S:b) AND _type = S:Customer",
        id="and a filter with OR",
    ),
    pytest.param(
        Customer.main.query("ann").filter(Customer.city == "Rome"), "city = S:Rome", id="the user's alone"
    ),
    pytest.param(Customer.scan(), "_type = S:Customer", id="a scan"),
    pytest.param(Customer.by_city.scan(), "_type = S:Customer", id="a scan of an index"),
    pytest.param(Customer.keys.scan(), None, id="a scan of an index without the discriminator"),
    pytest.param(Only.scan(), "_type = S:Only", id="claims, and whatever else, may be there"),
    pytest.param(Plain.scan(), None, id="a scan of a classic table"),
    pytest.param(Unmarked.scan(), None, id="a scan without a discriminator"),
]


@pytest.mark.parametrize(("operation", "expected"), QUERIES)
def test_filters(operation, expected):
    request = operation.request()
    if expected is None:
        assert "FilterExpression" not in request.parameters
    else:
        assert filled_in(request, "FilterExpression") == expected
    assert operation.is_filtered is (expected is not None)


@pytest.mark.parametrize(("operation", "expected"), QUERIES)
def test_counts_and_pages_filter_in_the_same_way(operation, expected):
    wanted = operation.request().parameters.get("FilterExpression")
    assert operation.page(size=3).request().parameters.get("FilterExpression") == wanted
    if operation.access.name not in {"Customer.keys"}:
        assert operation.count().request().parameters.get("FilterExpression") == wanted


@pytest.mark.parametrize("operation", [Customer.keys.query("Rome"), Customer.keys.scan()])
def test_what_does_not_tell_whose_an_item_is_is_not_counted(operation):
    with pytest.raises(RequestError, match=r"Customer\.keys"):
        operation.count()


@pytest.mark.parametrize(
    ("entity", "name", "mixed", "holds"),
    [
        (Customer, "main", False, True),
        (Customer, "by_city", False, True),
        (Customer, "by_join", True, True),
        (Customer, "keys", True, False),
        (Invoice, "by_number", False, True),
        (Invoice, "latest", True, True),
        (Parcel, "main", False, True),
        (Parcel, "all", True, True),
        (Only, "by_name", True, True),
        (Only, "main", False, True),
        (Unmarked, "main", False, True),
    ],
)
def test_mixed_access_paths(entity, name, mixed, holds):
    schema = schema_of(entity)
    assert is_mixed(schema, schema.paths[name]) is mixed
    assert holds_discriminator(schema, schema.paths[name]) is holds


def test_an_entity_that_comes_later_is_seen():
    """Entities that share tags: what a query meets is asked when it is run."""
    table = Table("ownership.later", partition_key="pk", sort_key="sk")

    class First(Entity, table=table):
        name: Attr[str] = attribute()
        main = primary_key(key("FIRST", name), key("FIRST"))
        all = global_index("gsi1", key("ALL"), key("NAME", name))

    query = First.all.query()
    assert "FilterExpression" not in query.request().parameters

    class Second(Entity, table=table):
        name: Attr[str] = attribute()
        main = primary_key(key("SECOND", name), key("SECOND"))
        all = global_index("gsi1", key("ALL"), key("NAME", name))

    assert filled_in(query.request(), "FilterExpression") == "_type = S:First"


@pytest.mark.parametrize(
    ("entity", "partition", "sort", "own"),
    [
        (Customer, "CUSTOMER#ann", "PROFILE", True),
        (Customer, "CUSTOMER#ann", "PROFILE#", False),
        (Customer, "CUSTOMER#ann", "INVOICE#1", False),
        (Customer, "CUSTOMER", "PROFILE", False),
        (Customer, "CUSTOMERS#ann", "PROFILE", False),
        (Customer, "customer#ann", "PROFILE", False),
        (Invoice, Invoice(name="ann", number=-3).put().item["pk"]["S"], "PROFILE", False),
        (Invoice, "CUSTOMER#ann", Invoice(name="ann", number=-3).put().item["sk"]["S"], True),
        (Invoice, "CUSTOMER#ann", "INVOICE#no number", False),
    ],
)
def test_own_keys(entity, partition, sort, own):
    item = {"pk": {"S": partition}, "sk": {"S": sort}}
    assert has_own_key(schema_of(entity), item) is own


def test_the_condition_of_an_entity():
    schema = schema_of(Parcel)
    [path] = own_condition_of(schema).paths()
    assert (path.owner, path.attribute) == (Parcel, "kind")
