"""`policy`: the IAM policy of some access patterns, and nothing beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attrs import frozen

from dynamodel.entity.schema import schema_of
from dynamodel.errors import DeclarationError, Fault
from dynamodel.infra.iam.columns import columns_of
from dynamodel.infra.iam.needs import Need, needs_of
from dynamodel.infra.iam.statements import Bounds, Statement, key_statements, merged, stream_access
from dynamodel.infra.iam.tenants import tenants_of
from dynamodel.model.entity import Entity

if TYPE_CHECKING:
    from dynamodel.expressions.path import Path
    from dynamodel.infra.iam.resources import Arns
    from dynamodel.operations.patterns import Pattern
    from dynamodel.schema.table import Table

__all__ = [
    "INLINE_POLICY_CHARACTERS",
    "MANAGED_POLICY_CHARACTERS",
    "Policy",
    "policy",
    "stream_statements",
]

MANAGED_POLICY_CHARACTERS = 6_144
"""IAM user guide, IAM and AWS STS quotas: a managed policy, white space not counted."""

INLINE_POLICY_CHARACTERS = 10_240
"""The same: all inline policies of a role together."""


@frozen
class Policy:
    """What some access patterns need."""

    statements: tuple[Statement, ...]

    def document(self, arns: Arns, *, limit: int = MANAGED_POLICY_CHARACTERS) -> dict[str, Any]:
        """The policy as JSON, for IAM or for a template.

        Args:
            arns: `fixed_arns(region, account)`, or `template_arns(scope)`.
            limit: the most characters, without white space, that the place has to which it goes.

        Raises:
            DeclarationError: it is longer, or has no statement; or an ARN is known at deployment only, and
                `arns` are fixed.
        """
        if not self.statements:  # IAM takes no document without a statement
            raise DeclarationError([Fault("policy", "allows nothing, found no patterns; leave it out")])
        statements = [statement.to_dict(arns) for statement in self.statements]
        document = {"Version": "2012-10-17", "Statement": statements}
        found = len(json.dumps(document, separators=(",", ":"), ensure_ascii=False))
        if found > limit:
            rule = (
                f"has at most {limit:,} characters there, found {found:,}; divide its patterns into several"
            )
            raise DeclarationError([Fault("policy", rule)])
        return document


def policy(
    patterns: Iterable[Pattern],
    *,
    tenant: Mapping[Path[Any], str] | None = None,
    attributes: Sequence[Path[Any]] | None = None,
) -> Policy:
    """The actions that access patterns need, on the tables and indexes where they need them.

    ```
    policy([Movie.by_id.get, Movie.put, CastMember.by_movie.query(1).page(size=20)])
    ```

    A pattern is an operation, whose values do not count, or a method that builds one, named without calling
    it. `Scan` is allowed only where a pattern scans. Writes of unique values need their claims, too, and a
    table with a customer managed key needs that key.

    Args:
        patterns: what a program does.
        tenant: the attribute with which the partition keys of an entity begin, and its value for the
            principal: `{Thread.forum: "${aws:PrincipalTag/tenant}"}`. Only such keys are allowed. Where a key
            has more parts behind it, a tenant whose name has a blank is not let in.
        attributes: the only attributes that may be named; keys and what dynamodel keeps are added.

    Raises:
        DeclarationError: what is no pattern, or cannot be bound to the tenant or the attributes; all faults
            at once.
    """
    faults: list[Fault] = []
    needs: list[Need] = []
    for pattern in patterns:
        with _noting(faults):
            needs += needs_of(pattern)
    tenants, columns = None, None
    with _noting(faults):
        tenants = None if tenant is None else tenants_of(tenant)
    with _noting(faults):
        columns = None if attributes is None else columns_of(attributes)
    bounds = Bounds(tenants, columns)
    faults += _unused("tenant", bounds.tenants or {}, needs)
    faults += _unused("attributes", bounds.columns or {}, needs)
    statements: list[Statement] = []
    with _noting(faults):
        statements = [*merged(needs, bounds), *key_statements(needs)]
    if faults:
        raise DeclarationError(list(dict.fromkeys(faults)))
    return Policy(tuple(statements))


@contextmanager
def _noting(faults: list[Fault]) -> Iterator[None]:
    """Keeps the faults of what fails, so that the rest is looked at as well."""
    try:
        yield
    except DeclarationError as error:
        faults += error.faults


def _unused(name: str, bound: Mapping[type, object], needs: Sequence[Need]) -> Iterator[Fault]:
    """A bound on an entity of which there is no pattern is a mistake."""
    used = {need.schema.cls for need in needs}
    for entity in bound:
        if entity not in used:
            yield Fault(
                f"policy({name}=)", f"names {entity.__name__}, of which there is no pattern; leave it out"
            )


def stream_statements(table: Table | type[Entity]) -> tuple[Statement, ...]:
    """What a reader of a table's stream needs.

    Args:
        table: a table with a stream, or an entity class of it.

    Raises:
        DeclarationError: the table has no stream.
    """
    declared = schema_of(table).table if isinstance(table, type) else table
    if declared.definition.settings.stream is None:
        rule = "has no stream; declare it with stream=StreamViewType..."
        raise DeclarationError([Fault(f"Table {declared.name!r}", rule)])
    return tuple(stream_access(declared))
