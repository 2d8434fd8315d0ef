"""The autoscaling of a table against what the CDK's own `Table` construct makes of the same settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dynamodel.errors import DeclarationError
from dynamodel.infra.scaling import scaling_resources
from dynamodel.infra.tables import table_resources
from dynamodel.infra.template import Scope
from dynamodel.schema import AutoScaling, BillingMode, Replica, Table, TableDefinition, Throughput
from tests.schema.cases import PROVISIONED, global_index, local_index, table

from .l2_tables import declared, l2_table
from .oracles import modulo_ids, references, synthesise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
FOLLOWING = Throughput(AutoScaling(2, 50, 60), AutoScaling(5, 500, 90, initial=10, scale_in_cooldown=60))


def provisioned(*indexes: Any, throughput: Throughput = FOLLOWING, **settings: Any) -> TableDefinition:
    return table(*indexes, billing_mode=BillingMode.PROVISIONED, throughput=throughput, **settings)


CASES: dict[str, TableDefinition] = {
    "reads and writes": provisioned(),
    "reads alone": provisioned(throughput=Throughput(AutoScaling(2, 50), 5)),
    "writes alone": provisioned(throughput=Throughput(5, AutoScaling(1, 1, scale_out_cooldown=0))),
    "nothing follows the load": table(global_index(), **PROVISIONED),
    "on demand": table(global_index()),
    "indexes": provisioned(
        local_index(),
        global_index("gsi-1", "a", throughput=Throughput(3, AutoScaling(1, 9, 20, scale_out_cooldown=7))),
        global_index("as.the_table", "b"),
    ),
    "an index alone": provisioned(
        global_index(throughput=Throughput(AutoScaling(1, 2), 1)), throughput=Throughput(1, 1)
    ),
}


def ours(whole: Table, owner: str = "Table") -> dict[str, dict[str, Any]]:
    """The table and its autoscaling, by their logical ids."""
    scope = Scope({whole: owner})
    resources = table_resources(whole, scope) | scaling_resources(whole, scope)
    return {name: resource.to_dict() for name, resource in resources.items()}


def compared(definitions: Sequence[TableDefinition]) -> list[tuple[str, str]]:
    """For each table its resources as text: in our form, and in that of the CDK."""
    whole = [declared(evolve(each, name=f"Table{n}")) for n, each in enumerate(definitions)]
    template = synthesise(lambda stack: [l2_table(stack, each.name, each.definition) for each in whole])
    return [(shown(ours(each)), shown(_part(template["Resources"], each.name))) for each in whole]


def _part(resources: dict[str, Any], name: str) -> dict[str, Any]:
    """A table of that name and what refers to it, directly or not."""
    part = {key for key, body in resources.items() if body["Properties"].get("TableName") == name}
    for _ in ("targets", "policies"):
        part |= {key for key, body in resources.items() if part & set(references(body))}
    return {key: resources[key] for key in sorted(part)}


def shown(resources: dict[str, Any]) -> str:
    return json.dumps(modulo_ids({"Resources": resources}), indent=1, sort_keys=True)


@pytest.fixture(scope="module")
def all_compared(cdk: ModuleType) -> dict[str, tuple[str, str]]:
    return dict(zip(CASES, compared(list(CASES.values())), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_autoscaling_is_as_the_cdk_makes_it(case: str, all_compared: dict[str, tuple[str, str]]) -> None:
    found, expected = all_compared[case]
    assert found == expected


@pytest.mark.parametrize("case", CASES)
def test_cfn_lint_finds_nothing(case: str, lint: Callable[[dict[str, Any]], list[str]]) -> None:
    assert lint({"Resources": ours(declared(CASES[case]))}) == []


def test_a_global_table_has_its_autoscaling_inside() -> None:
    whole = declared(provisioned(replicas=(Replica("eu-west-1"),)))
    assert scaling_resources(whole, Scope({whole: "Table"})) == {}


def test_a_table_outside_of_the_template_is_refused() -> None:
    with pytest.raises(DeclarationError, match="not part of this template"):
        scaling_resources(declared(provisioned()), Scope({}))


def test_logical_ids_say_what_scales() -> None:
    whole = declared(provisioned(global_index("by-title.2"), throughput=Throughput(AutoScaling(1, 2), 1)))
    assert list(ours(whole, "MoviesTable")) == [
        "MoviesTable",
        "MoviesTableReadScalingTarget",
        "MoviesTableReadScalingTargetTracking",
        "MoviesTableIndexByTitle2ReadScalingTarget",
        "MoviesTableIndexByTitle2ReadScalingTargetTracking",
    ]


def test_index_names_that_differ_in_signs_only_have_ids_that_do_not_depend_on_the_order() -> None:
    names = ("by.title", "by-title", "by_title", "ByTitle", "bytitle")
    ids = [
        set(ours(declared(provisioned(*(global_index(name, name) for name in order)))))
        for order in (names, names[::-1])
    ]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 1 + 2 * 2 * (1 + len(names))


def test_logical_ids_have_at_most_255_characters() -> None:
    names = ("x" * 250 + "-1", "x" * 250 + "-2")
    whole = ours(declared(provisioned(*(global_index(name, name[-1]) for name in names))), "Table" * 10)
    assert len(whole) == 1 + 2 * 2 * 3
    assert max(map(len, whole)) <= 255
    paths = {body["Properties"]["ResourceId"]["Fn::Sub"] for body in whole.values() if body["Type"] == TARGET}
    assert paths == {f"table/${{{'Table' * 10}}}", *(f"table/${{{'Table' * 10}}}/index/{n}" for n in names)}


_NUMBERS = st.integers(1, 40_000)
_COOLDOWNS = st.none() | st.integers(0, 3600)
_UNITS = _NUMBERS | st.builds(
    lambda least, more, target, down, up: AutoScaling(
        least, least + more, target, initial=least, scale_in_cooldown=down, scale_out_cooldown=up
    ),
    _NUMBERS,
    _NUMBERS,
    st.integers(20, 90),
    _COOLDOWNS,
    _COOLDOWNS,
)
_THROUGHPUT = st.builds(Throughput, _UNITS, _UNITS)
_INDEXES = st.lists(
    st.builds(
        lambda name, own: global_index(name, throughput=own), st.text("aBc._-", min_size=3), _THROUGHPUT
    ),
    max_size=4,
    unique_by=lambda index: index.name,
)
_TABLES = st.builds(lambda own, indexes: provisioned(*indexes, throughput=own), _THROUGHPUT, _INDEXES)


@hypothesis_settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=st.lists(_TABLES, min_size=10, max_size=10))
def test_any_autoscaling_is_as_the_cdk_makes_it(drawn: list[TableDefinition], cdk: ModuleType) -> None:
    # Many tables to a stack, for each synthesis takes its time.
    for found, expected in compared(drawn):
        assert found == expected
