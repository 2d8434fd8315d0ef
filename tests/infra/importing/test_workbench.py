"""NoSQL Workbench: published models are read whole, and what we write is read back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given

from dynamodel import (
    Attr,
    DeclarationError,
    Entity,
    Table,
    attribute,
    global_index,
    key,
    local_index,
    primary_key,
)
from dynamodel.entity.schema import schema_of
from dynamodel.infra.importing import Imported, ImportedTable, from_workbench, python_source, to_workbench
from dynamodel.schema import AutoScaling, BillingMode, TableDefinition, TableSettings, Throughput

from .modules import classes, definitions, tables

MODELS = sorted((Path(__file__).parents[2] / "data" / "workbench").glob("*.json"))


def load(name: str) -> Any:
    return json.loads(next(path for path in MODELS if path.stem == name).read_text("utf-8"))


def complete(model: Any) -> Any:
    """A model in the form of version 3.0, which says what older ones leave out."""
    model["ModelMetadata"].setdefault("AWSService", "Amazon DynamoDB")
    for table in model["DataModel"]:
        table.setdefault("TableFacets", [])
        table.setdefault("TableData", [])
        table.setdefault("BillingMode", "PAY_PER_REQUEST")
    return model


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_published_models_come_back_whole(path: Path) -> None:
    model = json.loads(path.read_text("utf-8"))
    imported = from_workbench(model)
    assert imported.notes == ()
    assert to_workbench(imported) == complete(model)
    assert tables(python_source(imported)) == {
        table.definition.name: table.definition for table in imported.tables
    }


def test_facets_with_a_common_mark_become_classes() -> None:
    imported = from_workbench(load("online_shop"))
    source = python_source(imported)
    found = classes(source)
    assert list(found) == ["Customer", "Product", "Warehouse", "WarehouseItem"]
    assert 'Table("OnlineShop", discriminator="EntityType")' in source
    for facet in imported.tables[0].facets:
        for item in facet.items:
            [owner] = [each for each in found.values() if schema_of(each).owns(item)]
            assert schema_of(owner).item_of(schema_of(owner).decode(item), {}) == item


def test_capacity() -> None:
    [table] = from_workbench(load("basic_table")).tables
    scaling = AutoScaling(1, 10, 70, 5)
    assert table.definition.settings.throughput == Throughput(scaling, scaling)
    assert {index.throughput for index in table.definition.global_indexes} == {Throughput(scaling, scaling)}
    assert table.items[0]["photo"] == {"B": b"\x00\x01\x02"}


def held(definition: TableDefinition) -> TableDefinition:
    """What the format can hold of a table."""
    settings = definition.settings
    return TableDefinition(
        definition.name,
        definition.key,
        global_indexes=tuple(
            evolve(index, on_demand_throughput=None, contributor_insights=None)
            for index in definition.global_indexes
            if len(index.key.partition) == 1 and len(index.key.sort) <= 1
        ),
        settings=TableSettings(billing_mode=settings.billing_mode, throughput=settings.throughput),
    )


@given(definitions())
def test_what_we_write_is_read_back(definition: TableDefinition) -> None:
    model = json.loads(json.dumps(to_workbench(Imported((ImportedTable(definition),)))))
    imported = from_workbench(model)
    [table] = imported.tables
    assert table.definition == held(definition)
    assert imported.notes == ()
    about = model["ModelMetadata"]["Description"]
    for index in definition.local_indexes:
        assert f"the local index {index.name} of {definition.name}" in about
    assert from_workbench(to_workbench(imported)) == imported


def test_entities_are_facets() -> None:
    app = Table("Forum", partition_key="pk", sort_key="sk")

    class Thread(Entity, table=app):
        forum: Attr[str] = attribute()
        subject: Attr[str] = attribute("Subject")
        replies: Attr[int] = attribute(default=0)
        main = primary_key(key("FORUM", forum), key("THREAD", subject))
        latest = local_index("byReplies", main, replies)

    class User(Entity, table=app):
        name: Attr[str] = attribute()
        photo: Attr[bytes | None] = attribute(default=None)
        main = primary_key(key("USER", name), key("USER"))
        by_name = global_index("gsi1", key("NAME", name))

    samples: list[Entity] = [
        Thread(forum="S3", subject="Why?", replies=1),
        Thread(forum="S3", subject="How?"),
        User(name="ann", photo=b"\xff"),
        User(name="bob"),
    ]
    at = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    model = to_workbench([app], name="forum", author="me", samples=samples, at=at)
    [table] = model["DataModel"]
    assert model["ModelMetadata"]["DateCreated"] == "Jan 02, 2026, 03:04 AM"
    assert [facet["FacetName"] for facet in table["TableFacets"]] == ["Thread", "User"]
    assert table["TableFacets"][0]["KeyAttributeAlias"] == {
        "PartitionKeyAlias": "FORUM#forum",
        "SortKeyAlias": "THREAD#subject",
    }
    assert table["TableFacets"][1]["TableData"][0]["photo"] == {"B": "/w=="}
    assert {"AttributeName": "replies", "AttributeType": "N"} in table["NonKeyAttributes"]
    assert {"AttributeName": "_type", "AttributeType": "S"} in table["NonKeyAttributes"]
    assert to_workbench([User, Thread, app], name="forum", author="me", samples=samples, at=at) == model

    # And back: the classes build the same keys as ours.
    source = python_source(from_workbench(model))
    for line in (
        'Table("Forum", partition_key="pk", sort_key="sk", discriminator="_type")',
        'main = primary_key(key("FORUM", forum), key("THREAD", subject))',
        'main = primary_key(key("USER", name), key("USER"))',
        'gsi1 = global_index("gsi1", key("NAME", name))',
    ):
        assert line in source


WRONG: list[tuple[Any, str]] = [
    ([], "must be an object"),
    ({}, "DataModel: must be the list"),
    ({"DataModel": 3}, "DataModel: must be a list, found 3"),
    ({"DataModel": [{"KeyAttributes": {}}]}, r"DataModel\[0\].TableName"),
    (
        {"DataModel": [{"TableName": "Movies"}]},
        r"DataModel\[0\].KeyAttributes: must be an object, found nothing",
    ),
    (
        {
            "DataModel": [
                {
                    "TableName": "Movies",
                    "KeyAttributes": {"PartitionKey": {"AttributeName": "a", "AttributeType": "M"}},
                }
            ]
        },
        r"PartitionKey.AttributeType: a key attribute is",
    ),
    (
        {"DataModel": [{"NonKeyAttributes": [{"AttributeName": "a", "AttributeType": "X"}]}]},
        r"NonKeyAttributes\[0\].AttributeType: must be one of S, N",
    ),
    ({"DataModel": [{"TableData": [{"a": "b"}]}]}, r"TableData\[0\].a: must be an AttributeValue"),
    ({"DataModel": [{"TableData": [{"a": {"N": 1}}]}]}, r"TableData\[0\].a: must be a value"),
    (
        {"DataModel": [{"TableData": [{"a": {"L": [{"B": "?"}]}}]}]},
        r"TableData\[0\].a\[0\]: a Binary is base64",
    ),
]


@pytest.mark.parametrize(("model", "message"), WRONG)
def test_faults_have_their_places(model: Any, message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        from_workbench(model)


def test_notes_name_what_is_not_known() -> None:
    model = load("device_state_log")
    model["DataModel"][0] |= {"LocalSecondaryIndexes": [], "BillingMode": "PROVISIONED"}
    imported = from_workbench(model)
    assert len(imported.notes) == 2
    assert imported.tables[0].definition.settings.billing_mode is BillingMode.PROVISIONED
    assert "LocalSecondaryIndexes" in "".join(imported.notes)


def test_refuses_what_is_no_table() -> None:
    with pytest.raises(DeclarationError, match="takes tables and entity classes"):
        to_workbench([3])  # type: ignore[list-item]


def test_a_set_that_may_be_absent_is_an_empty_set() -> None:
    from examples.movies import movie_cast, movies

    source = python_source(from_workbench(to_workbench([movies, movie_cast], name="Movies", author="ann")))
    assert "genres: Attr[set[str]] = attribute(factory=set)" in source
