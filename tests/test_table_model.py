"""Random writes of several entities of one table, against DynamoDB Local and against a plain model.

What is guaranteed: whatever is written in whatever way, each index holds exactly the items whose attributes
say so, in their order, with whole keys; what is refused, and what fails, leaves everything as it was; and
everything reads back as it was written. A failure shows the shortest sequence of steps that was found.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from time import monotonic
from typing import TYPE_CHECKING, TypeAlias

import pytest
from table_model.checking import check_table
from table_model.drawing import draw_step
from table_model.entities import TABLE, app
from table_model.plain import PlainTable
from table_model.steps import INSTANCE_FORMS, REFUSED, Step, do, simpler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamodel import Client
    from dynamodel.testing import DynamoDBLocal

    Engine: TypeAlias = tuple[Client, DynamoDBClient]
    """dynamodel, and boto3 beside it."""

SEEDS = range(8)
STEPS = 100
BETWEEN_CHECKS = 20
SECONDS_TO_SHORTEN = 20

FORMS = (*INSTANCE_FORMS, "update", "delete")
WAYS = ("alone", "transaction", "batch")
VERBS = ("set", "set to None", "remove", "add", "delete", "set_if_not_exists", "copy", "plus")
LEAST = 3

counted: Counter[str] = Counter()
"""How often what came of which form, over all seeds."""


class DifferenceError(AssertionError):
    """dynamodel and the model do not agree."""


@pytest.fixture(scope="module")
def engine(dynamodb_local: DynamoDBLocal) -> Iterator[Engine]:
    before = dynamodb_local.table_names()
    raw = dynamodb_local.boto3_client()
    with dynamodb_local.connect() as db:
        db.create_table(app)
        yield db, raw
    raw.close()
    dynamodb_local.reset(keep=before)


@pytest.mark.parametrize("seed", SEEDS)
def test_writes_do_what_the_model_says(engine: Engine, seed: int) -> None:
    random, table, steps = Random(seed), PlainTable(), list[Step]()
    _empty(engine[1])
    try:
        for count in range(1, STEPS + 1):
            steps.append(draw_step(random, table))
            _run(engine, table, steps[-1], counted)
            if count % BETWEEN_CHECKS == 0:
                check_table(engine[1], engine[0], table)
    except Exception as error:
        shortest = _shortest(engine, steps)
        told = "\n".join(map(str, shortest))
        pytest.fail(f"{_problem(engine, shortest) or error!r}\nafter these steps:\n{told}")


def test_every_form_was_done_and_failed_and_was_refused() -> None:
    """In the runs above; so the model and the library did not agree by refusing everything."""
    if counted["steps"] < len(SEEDS) * STEPS:
        pytest.skip("not all of the random runs were made, in this process")
    needed = [f"{form} {verdict}" for form in FORMS for verdict in ("done", "failed")]
    needed += [f"{way} {verdict}" for way in WAYS for verdict in ("done", "failed", REFUSED)]
    needed += [f"{name} done" for name in (*VERBS, "given", "when", "must_exist")]
    needed += [f"{form} taken" for form in ("put", "create", "upsert", "update")]
    needed += [f"update {REFUSED}", "update invalid", "check done", "check failed"]
    seldom = {name: counted[name] for name in needed if counted[name] < LEAST}
    assert not seldom, "seldom or never"


def _run(engine: Engine, table: PlainTable, step: Step, counted: Counter[str]) -> None:
    wanted = table.do(step)
    found, reason = do(engine[0], step)
    if found != wanted:
        raise DifferenceError(f"{found}, and by the model {wanted}. {reason}")
    counted.update(_outcomes(step, found))


def _outcomes(step: Step, verdicts: str | tuple[str, ...]) -> Iterator[str]:
    """What a step adds to the counts."""
    yield "steps"
    if isinstance(verdicts, str):
        yield f"{step.way} {REFUSED}"
        if len(step.writes) == 1:
            yield f"{step.writes[0].form} {REFUSED}"
        return
    is_done = set(verdicts) == {"done"}
    yield f"{step.way} {'done' if is_done else 'failed'}"
    # Of a transaction that is invalid there is one verdict for all.
    for write, verdict in zip(step.writes, verdicts, strict=verdicts != ("invalid",)):
        if verdict == "done" and not is_done and step.way == "transaction":
            continue
        yield f"{write.form} {verdict}"
        for action in write.actions:
            is_none = action.verb == "set" and action.value is None
            yield f"{'set to None' if is_none else action.verb} {verdict}"
        for word in {term.word for term in write.terms} | {write.must} - {""}:
            yield f"{word} {verdict}"


# --- a failure, told shortly ---


def _empty(raw: DynamoDBClient) -> None:
    for item in raw.scan(TableName=TABLE)["Items"]:
        raw.delete_item(TableName=TABLE, Key={name: item[name] for name in ("pk", "sk")})


def _problem(engine: Engine, steps: list[Step]) -> Exception | None:
    """What goes wrong with these steps, on an empty table."""
    _empty(engine[1])
    table = PlainTable()
    try:
        for step in steps:
            _run(engine, table, step, Counter())
        check_table(engine[1], engine[0], table)
    except Exception as error:
        return error
    return None


def _shortest(engine: Engine, steps: list[Step]) -> list[Step]:
    """Leaves out what is not needed for something to go wrong: many steps at once, then parts of each."""
    deadline = monotonic() + SECONDS_TO_SHORTEN

    def is_wrong(fewer: list[Step]) -> bool:
        return monotonic() < deadline and _problem(engine, fewer) is not None

    size = len(steps) // 2
    while size:
        before = len(steps)
        for start in range(before - size, -1, -size):
            fewer = steps[:start] + steps[start + size :]
            steps = fewer if is_wrong(fewer) else steps
        if size > 1 or len(steps) == before:
            size //= 2
    for position in range(len(steps)):
        tries = simpler(steps[position])
        while less := next(
            (t for t in tries if is_wrong([*steps[:position], t, *steps[position + 1 :]])), None
        ):
            steps[position] = less
            tries = simpler(less)
    return steps
