"""What a function declares, field by field. `Function` adds the checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar

from attrs import field, frozen

from dynamodel.infra.functions.destinations import Destination, DestinationKind
from dynamodel.infra.functions.settings import (
    Architecture,
    AsynchronousInvocation,
    Code,
    FunctionUrl,
    LogGroup,
    Permission,
    ProvisionedConcurrency,
    Runtime,
    Tracing,
    listed,
    texts,
)
from dynamodel.infra.functions.sources import KinesisSource, QueueSource, StreamSource
from dynamodel.infra.iam import Pattern, Statement
from dynamodel.operations.patterns import DeclaredHandler
from dynamodel.schema.references import Reference, ResourceValue, Text

__all__ = ["Declaration"]


def _patterns(given: Sequence[Pattern]) -> tuple[Pattern, ...]:
    """`listed`, for type checkers, which do not see through a generic converter."""
    return listed(given)


def _statements(
    given: Sequence[Mapping[str, object] | Statement],
) -> tuple[Mapping[str, object] | Statement, ...]:
    """As `_patterns`."""
    return listed(given)


def _permissions(given: Sequence[Permission]) -> tuple[Permission, ...]:
    """As `_patterns`."""
    return listed(given)


def _sources(
    given: Sequence[StreamSource | QueueSource | KinesisSource],
) -> tuple[StreamSource | QueueSource | KinesisSource, ...]:
    """As `_patterns`."""
    return listed(given)


@frozen(eq=False, repr=False)
class Declaration(Destination):
    """The fields of a function."""

    kind: ClassVar[DestinationKind] = "lambda"

    name: str
    """1 to 64 of a-z A-Z 0-9 - _."""
    code: Code = field(kw_only=True)
    handler: str | DeclaredHandler | None = field(default=None, kw_only=True)
    """`module.function`, at most 128 characters; or a handler of `dynamodel.aws_lambda` itself, which knows
    its name, and what it does with the tables. An image has none."""
    runtime: Runtime | None = field(default=None, kw_only=True)
    """None: Python 3.13. An image has none."""
    memory: int | None = field(default=None, kw_only=True)
    """MB, 128 to 10,240; processors come in proportion, one at 1,769 MB. None: 128."""
    timeout: timedelta | None = field(default=None, kw_only=True)
    """1 to 900 seconds; None: 3 seconds."""
    architecture: Architecture | None = field(default=None, kw_only=True)
    """None: X86_64."""
    environment: Mapping[str, Text] = field(factory=dict, kw_only=True)
    """Variables; names and values have at most 4 KB together."""
    description: str | None = field(default=None, kw_only=True)
    """At most 256 characters."""
    layers: tuple[Text, ...] = field(default=(), converter=texts, kw_only=True)
    """The ARNs of at most five versions of layers."""
    ephemeral_storage: int | None = field(default=None, kw_only=True)
    """MB of /tmp, 512 to 10,240; None: 512."""
    tracing: Tracing | None = field(default=None, kw_only=True)
    patterns: tuple[Pattern, ...] = field(default=(), converter=_patterns, kw_only=True)
    """What the function does with the tables, beside what its handler says that it does; its role allows that
    and no more. See `policy`."""
    statements: tuple[Mapping[str, object] | Statement, ...] = field(
        default=(), converter=_statements, kw_only=True
    )
    """What the role allows beside: statements of IAM, or those of a `Policy`."""
    url: FunctionUrl | None = field(default=None, kw_only=True)
    permissions: tuple[Permission, ...] = field(default=(), converter=_permissions, kw_only=True)
    """Who else may invoke the function."""
    reserved_concurrency: int | None = field(default=None, kw_only=True)
    """The most invocations at once, set aside for this function; 0 stops it. None: what the account has."""
    provisioned: ProvisionedConcurrency | None = field(default=None, kw_only=True)
    asynchronous: AsynchronousInvocation | None = field(default=None, kw_only=True)
    dead_letter_queue: Destination | str | Reference | None = field(default=None, kw_only=True)
    """A standard queue or topic for asynchronous events that failed."""
    sources: tuple[StreamSource | QueueSource | KinesisSource, ...] = field(
        default=(), converter=_sources, kw_only=True
    )
    """Streams and queues from which Lambda reads for the function."""
    log_group: LogGroup | None = field(default=None, kw_only=True)
    """None: `/aws/lambda/` and the name, kept for ever, and deleted with the stack."""
    tags: Mapping[str, Text] = field(factory=dict, kw_only=True)
    """Of the function, its role and its event source mappings; at most 50."""
    deployed_name: Text | None = field(default=None, kw_only=True)
    """The name in templates, where it is another one, such as `Sub("hello-${Stage}", Stage=stage)`."""

    @property
    def target(self) -> Text:
        """The function's ARN, in the template that holds it."""
        return ResourceValue(self, "Arn")

    @property
    def entry_point(self) -> str | None:
        """The handler as Lambda names it.

        Raises:
            DeclarationError: it is an object that does not stand at the top of its module.
        """
        return self.handler.entry_point if isinstance(self.handler, DeclaredHandler) else self.handler

    @property
    def access_patterns(self) -> tuple[Pattern, ...]:
        """What the function does with the tables: what its handler says, and what is declared beside."""
        told = self.handler.patterns if isinstance(self.handler, DeclaredHandler) else ()
        return (*told, *self.patterns)

    @property
    def place(self) -> str:
        """How faults call it."""
        return f"Function {self.name!r}"

    @property
    def template_name(self) -> Text:
        """The name in templates."""
        return self.name if self.deployed_name is None else self.deployed_name

    def __repr__(self) -> str:
        return f"Function({self.name!r})"
