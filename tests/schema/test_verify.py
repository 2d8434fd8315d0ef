"""The rules of tables and indexes: every wrong definition gives its one fault, every right one none."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from dynamodel.schema import (
    BillingMode,
    Projection,
    TableDefinition,
    TableSettings,
    Throughput,
    index_faults,
    table_faults,
)

from .cases import (
    RIGHT,
    RIGHT_IN_TEMPLATES,
    RIGHT_UNASKED,
    Right,
    global_index,
    key,
    local_index,
    names,
    table,
)
from .wrong_cases import INDEX, WRONG, Wrong


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.id)
def test_a_wrong_definition_gives_one_fault_with_place_and_rule(case: Wrong) -> None:
    faults = table_faults(case.definition)
    assert [fault.place for fault in faults] == [case.place]
    assert case.rule in faults[0].rule


@pytest.mark.parametrize("case", [*RIGHT, *RIGHT_UNASKED, *RIGHT_IN_TEMPLATES], ids=lambda case: case.id)
def test_a_right_definition_gives_none(case: Right) -> None:
    assert table_faults(case.definition) == []


def test_all_faults_come_together() -> None:
    definition = table(
        local_index("l", sort="", projection=Projection.include()),
        global_index(partition="", throughput=Throughput(0, 0)),
        name="x",
        key=key("a", "a"),
        time_to_live="",
        tags={"aws:a": "&"},
    )
    faults = table_faults(definition)
    assert len(set(faults)) == len(faults)
    assert {fault.place.removeprefix("Table 'x'") for fault in faults} == {
        "",
        ".key",
        ".time_to_live",
        ".tags['aws:a']",
        ".local_indexes[0] (l)",
        ".local_indexes[0] (l).projection",
        ".global_indexes[0] (gsi1)",
        ".global_indexes[0] (gsi1).throughput",
        ".global_indexes[0] (gsi1).throughput.read",
        ".global_indexes[0] (gsi1).throughput.write",
    }


def test_one_index_alone() -> None:
    faults = index_faults(local_index(), key=key("pk"), settings=TableSettings(), place="Thread.latest")
    assert [fault.place for fault in faults] == ["Thread.latest"]
    assert index_faults(local_index(), key=key("pk", "sk"), settings=TableSettings(), place="") == []


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("throughput", "5", "must be a Throughput or None, found str"),
        ("throughput", (5, 5), "found tuple"),
        ("billing_mode", "PROVISIONED", "found str; write BillingMode.PROVISIONED"),
        ("billing_mode", "cheap", "must be a BillingMode, found str"),
        ("removal_policy", None, "found NoneType"),
        ("stream", "NEW_IMAGE", "write StreamViewType.NEW_IMAGE"),
        ("stream", BillingMode.PROVISIONED, "found BillingMode"),
        ("deletion_protection", 1, "must be a bool, found int"),
        ("time_to_live", b"ttl", "must be a str or None, found bytes"),
        ("tags", [("a", "b")], "must be a Mapping, found list"),
        ("encryption", "aws", "must be an Encryption, found str"),
        ("resource_policy", "{}", "must be a Mapping or None, found str"),
        ("point_in_time_recovery", True, "found bool"),
    ],
)
def test_a_setting_of_a_wrong_type_is_a_fault_and_breaks_no_other_rule(
    field: str, value: object, found: str
) -> None:
    settings: dict[str, Any] = {field: value}
    definition = table(**settings)
    (fault,) = table_faults(definition)
    assert fault.place == f"Table 'Forum'.{field}"
    assert found in fault.rule


@pytest.mark.parametrize(
    ("throughput", "place"),
    [
        (Throughput("1", 1), "throughput.read"),
        (Throughput(1, None), "throughput.write"),
        (Throughput(1, True), "throughput.write"),
        (Throughput(1.0, 1), "throughput.read"),
    ],
)
def test_a_wrong_type_inside_a_setting(throughput: Throughput, place: str) -> None:
    definition = table(billing_mode=BillingMode.PROVISIONED, throughput=throughput)
    assert [fault.place for fault in table_faults(definition)] == [f"Table 'Forum'.{place}"]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"name": 5}, ".name"),
        ({"name": ["gsi1"]}, ".name"),
        ({"kind": None}, ".kind"),
        ({"kind": "both"}, ""),
        ({"projection": "ALL"}, ".projection"),
        ({"projection": Projection("INCLUDE", ["a"])}, ".projection.names"),
        ({"projection": Projection.include("a", 5)}, ".projection"),
        ({"throughput": 5}, ".throughput"),
    ],
)
def test_an_index_of_wrong_types(changes: dict[str, Any], place: str) -> None:
    index = evolve(global_index(), **changes)
    faults = index_faults(index, key=key("pk", "sk"), settings=TableSettings(), place=INDEX)
    assert [fault.place for fault in faults] == [INDEX + place]
    whole = table_faults(TableDefinition("Forum", key("pk", "sk"), (), (index, global_index("gsi2"))))
    assert INDEX.replace("gsi1", str(index.name)) + place in {fault.place for fault in whole}


def test_tags_of_wrong_types() -> None:
    faults = table_faults(table(tags={5: "a", "b": 6, "c": "d"}))
    assert [fault.place for fault in faults] == ["Table 'Forum'.tags", "Table 'Forum'.tags['b']"]


def test_no_message_shows_the_value_of_a_tag_or_policy() -> None:
    faults = table_faults(table(tags={"k": "s3cret" * 60}, resource_policy={"Allow": "s3cret"}))
    assert len(faults) == 2
    assert "s3cret" not in str(faults)


def test_long_names_are_cut_short_in_messages() -> None:
    (fault,) = table_faults(table(time_to_live="".join(names(9999))))
    assert len(fault.rule) < 200


def test_a_message_reads_well() -> None:
    (short,) = table_faults(table(name="M"))
    assert (
        str(short) == "Table 'M': the name of a table has 3 to 255 of a-z A-Z 0-9 _ . -, found 1 characters"
    )
    (index,) = table_faults(table(global_index("by at")))
    assert index.rule == "the name of an index has 3 to 255 of a-z A-Z 0-9 _ . -, found 'by at'"
