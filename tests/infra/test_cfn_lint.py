"""cfn-lint finds nothing in the templates of tables, as CloudFormation and as SAM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from dynamodel.infra import Stack, cloudformation, sam
from tests.schema.cases import RIGHT, RIGHT_UNASKED

from .l2_tables import declared
from .test_tables_like_cdk import CASES

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamodel.schema import TableDefinition

_LINT: dict[str, TableDefinition] = CASES | {case.id: case.definition for case in (*RIGHT, *RIGHT_UNASKED)}


@pytest.mark.parametrize("compiled", [cloudformation, sam], ids=["CloudFormation", "SAM"])
def test_cfn_lint_finds_nothing(
    compiled: Callable[[Stack], dict[str, Any]], lint: Callable[[dict[str, Any]], list[str]]
) -> None:
    # All in one template: the time goes into each run, not into each table.
    named = [evolve(definition, name=f"Table{n}") for n, definition in enumerate(_LINT.values())]
    assert lint(compiled(Stack(*map(declared, named)))) == []
