"""Writes as plain values, which can be shown and done again; and how dynamodel does them.

A step is one write alone, or several in a transaction or a batch. `do` gives a verdict for each write:
`done`, `failed` (its condition), `taken` (a unique value), `invalid` (DynamoDB refused it otherwise; of a
transaction it does not say which write); or `refused` for a step that was not sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import attrs

from dynamodel import (
    BatchWriteError,
    Client,
    ConditionFailedError,
    RequestError,
    ServiceError,
    TransactionCanceledError,
    UniqueConstraintError,
    batch_write,
    transaction,
)

from .entities import ENTITIES
from .rules import RULES, Values

__all__ = ["INSTANCE_FORMS", "REFUSED", "Action", "Step", "Term", "Verdicts", "Write", "do", "simpler"]

REFUSED = "refused"
Verdicts: TypeAlias = str | tuple[str, ...]

INSTANCE_FORMS = ("put", "create", "upsert", "delete_instance")


@attrs.frozen
class Term:
    """A term of a condition."""

    word: str
    """`when` or `given`."""
    name: str
    operator: str
    """`==`, `!=`, `<`, `>=`, `exists`, `not_exists`; `either`: the one value or the other."""
    value: Any = None


@attrs.frozen
class Action:
    """What an update does to an attribute."""

    name: str
    verb: str
    """`set`, `remove`, `add`, `delete`, `set_if_not_exists`; `copy`: set from another attribute; `plus`: set
    from itself and a number."""
    value: Any = None


@attrs.frozen
class Write:
    """A write of one item."""

    form: str
    """One of `INSTANCE_FORMS`, or `update`, `delete`, `check`."""
    entity: str
    key: tuple[Any, ...]
    values: Values = attrs.field(factory=dict)
    """Of an instance."""
    version: int = 0
    """Of an instance: what its writer has seen."""
    actions: tuple[Action, ...] = ()
    terms: tuple[Term, ...] = ()
    must: str = ""
    """`must_exist` or `must_not_exist`."""


@attrs.frozen
class Step:
    """What is run at once."""

    way: str
    """`alone`, `transaction` or `batch`."""
    writes: tuple[Write, ...]


def simpler(step: Step) -> Iterator[Step]:
    """What to try where a step goes wrong: the step with a write, an action, a term or a value less."""
    for position, write in enumerate(step.writes):
        before, after = step.writes[:position], step.writes[position + 1 :]
        if before or after:
            yield Step(step.way, (*before, *after))
        for less in _simpler_writes(write):
            yield Step(step.way, (*before, less, *after))


def _simpler_writes(write: Write) -> Iterator[Write]:
    if write.must and write.form != "check":
        yield attrs.evolve(write, must="")
    for name in write.values:
        yield attrs.evolve(write, values={other: v for other, v in write.values.items() if other != name})
    for term in write.terms:
        yield attrs.evolve(write, terms=tuple(other for other in write.terms if other is not term))
    for action in write.actions[1:]:
        yield attrs.evolve(write, actions=tuple(other for other in write.actions if other is not action))
    if len(write.actions) > 1:
        yield attrs.evolve(write, actions=write.actions[1:])


def do(db: Client, step: Step) -> tuple[Verdicts, str]:
    """Run a step, and tell why it was refused.

    Fails if an instance has another version afterwards than the verdict says.
    """
    instances = [_instance(write) if write.form in INSTANCE_FORMS else None for write in step.writes]
    verdicts, reason = _do(db, step, instances)
    is_whole = step.way == "batch" or set(verdicts) == {"done"}
    for position, (write, instance) in enumerate(zip(step.writes, instances, strict=True)):
        if instance is not None and RULES[write.entity].version:
            bumped = is_whole and verdicts[position] == "done" and write.form != "delete_instance"
            assert instance.version == write.version + bumped, f"the version of the instance of {write}"
    return verdicts, reason


def _do(db: Client, step: Step, instances: list[Any]) -> tuple[Verdicts, str]:
    operations: list[Any] = []
    try:
        for write, instance in zip(step.writes, instances, strict=True):
            operations.append(_operation(write, instance))
        if step.way == "alone":
            db.run(operations[0])
        else:
            several: Any = transaction if step.way == "transaction" else batch_write
            db.run(several(*operations))
    except RequestError as error:
        return REFUSED, str(error)
    except TransactionCanceledError as error:
        return tuple(map(_verdict, error.reasons)), ""
    except BatchWriteError as error:
        reasons = {id(write): reason for write, reason in zip(error.unwritten, error.reasons, strict=True)}
        return tuple(_verdict(reasons.get(id(operation))) for operation in operations), ""
    except ServiceError as error:
        return (_verdict(error),), ""
    return ("done",) * len(operations), ""


def _verdict(reason: BaseException | None) -> str:
    match reason:
        case None:
            return "done"
        case UniqueConstraintError():
            return "taken"
        case ConditionFailedError():
            return "failed"
        case ServiceError(code="ValidationException" | "ValidationError"):
            return "invalid"
    raise reason


def _instance(write: Write) -> Any:
    rules = RULES[write.entity]
    instance = ENTITIES[write.entity](**dict(zip(rules.key, write.key, strict=True)), **write.values)
    if rules.version:
        setattr(instance, rules.version, write.version)
    return instance


def _operation(write: Write, instance: Any) -> Any:
    entity = ENTITIES[write.entity]
    if instance is not None:
        operation = getattr(instance, write.form.removesuffix("_instance"))()
    else:
        operation = getattr(entity.main, write.form)(*write.key)
    if write.form == "update":
        operation = operation.apply(*(_action(entity, action) for action in write.actions))
    for term in write.terms:
        operation = getattr(operation, term.word)(_condition(entity, term))
    return getattr(operation, write.must)() if write.must else operation


def _action(entity: Any, action: Action) -> Any:
    path = getattr(entity, action.name)
    match action.verb:
        case "remove":
            return path.remove()
        case "copy":
            return path.set(getattr(entity, action.value))
        case "plus":
            return path.set(path + action.value)
        case verb:
            return getattr(path, verb)(action.value)


def _condition(entity: Any, term: Term) -> Any:
    path = getattr(entity, term.name)
    match term.operator:
        case "==":
            return path == term.value
        case "!=":
            return path != term.value
        case "<":
            return path < term.value
        case ">=":
            return path >= term.value
        case "either":
            one, other = term.value
            return (path == one) | (path == other)
        case operator:
            return getattr(path, operator)()
