"""Update expressions: actions grouped by clause, refused when two of them touch the same place."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, get_args

from dynamodel.errors import RequestError
from dynamodel.expressions.nodes import Action, Clause
from dynamodel.expressions.placeholders import MAX_OPERATORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynamodel.expressions.placeholders import Placeholders

__all__ = ["render_update", "require_actions"]


def require_actions(actions: Sequence[object]) -> tuple[Action, ...]:
    """The actions, if they can stand in one update expression.

    Raises:
        RequestError: one is not an update action, or two of them overlap (DynamoDB: "Two document
            paths overlap with each other").
    """
    checked: list[Action] = []
    for action in actions:
        if not isinstance(action, Action):
            raise RequestError(
                f"apply() takes update actions such as Thread.replies.add(1), not {type(action).__name__}",
            )
        checked.append(action)
    for one, other in combinations(checked, 2):
        if one.path.overlaps(other.path):
            raise RequestError(f"two actions on one place: {one.path} and {other.path}")
    return tuple(checked)


def render_update(actions: Sequence[Action], placeholders: Placeholders) -> str:
    """`SET ... REMOVE ... ADD ... DELETE ...`: each clause once, the actions in the order given.

    Raises:
        RequestError: more than 300 operators.
    """
    operators = sum(action.operators for action in actions)
    if operators > MAX_OPERATORS:
        raise RequestError(f"the update has {operators} operators; DynamoDB allows {MAX_OPERATORS}")
    clauses = []
    for clause in get_args(Clause):
        texts = [action.render(placeholders) for action in actions if action.clause == clause]
        if texts:
            clauses.append(f"{clause} {', '.join(texts)}")
    return " ".join(clauses)
