"""The settings of a function, as values. Words and limits are AWS's.

The values check nothing when they are made: `Function` checks all of them together, so that a
declaration reports every fault at once. `None` means "AWS's default", so a compiler leaves it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Literal, TypeAlias, TypeVar, cast

from attrs import field, frozen

from dynamodel.infra.functions.destinations import Destination
from dynamodel.schema.references import Reference, Text
from dynamodel.schema.settings import RemovalPolicy

__all__ = [
    "Architecture",
    "AsynchronousInvocation",
    "Code",
    "Cors",
    "FunctionUrl",
    "InvokeMode",
    "LogGroup",
    "Permission",
    "ProvisionedConcurrency",
    "Runtime",
    "Tracing",
    "UrlAuth",
    "listed",
    "texts",
]


_Each = TypeVar("_Each")


def listed(given: Sequence[_Each]) -> tuple[_Each, ...]:
    """A tuple in place of a list; what is neither stays, for the checks to see."""
    return tuple(given) if isinstance(given, list) else cast("tuple[_Each, ...]", given)


def _strs(given: Sequence[str]) -> tuple[str, ...]:
    """`listed`, for type checkers, which do not see through a generic converter."""
    return listed(given)


def texts(given: Sequence[Text]) -> tuple[Text, ...]:
    """As `_strs`."""
    return listed(given)


class Runtime(StrEnum):
    """The runtimes with which Lambda creates functions today (AWS Lambda developer guide, Runtimes)."""

    PYTHON_3_10 = "python3.10"
    PYTHON_3_11 = "python3.11"
    PYTHON_3_12 = "python3.12"
    PYTHON_3_13 = "python3.13"
    PYTHON_3_14 = "python3.14"
    NODEJS_22_X = "nodejs22.x"
    NODEJS_24_X = "nodejs24.x"
    JAVA_17 = "java17"
    JAVA_21 = "java21"
    JAVA_25 = "java25"
    DOTNET_8 = "dotnet8"
    DOTNET_10 = "dotnet10"
    RUBY_3_3 = "ruby3.3"
    RUBY_3_4 = "ruby3.4"
    PROVIDED_AL2023 = "provided.al2023"


class Architecture(StrEnum):
    """The processor."""

    X86_64 = "x86_64"
    ARM_64 = "arm64"


class Tracing(StrEnum):
    """Which requests X-Ray sees."""

    ACTIVE = "Active"
    """A sample of all."""
    PASS_THROUGH = "PassThrough"  # noqa: S105 - no password
    """Those that the caller traces; AWS's default."""


class UrlAuth(StrEnum):
    """Who may call a function's URL."""

    AWS_IAM = "AWS_IAM"
    """Principals whose policies allow it; requests are signed."""
    NONE = "NONE"
    """Everybody."""


class InvokeMode(StrEnum):
    """When a URL's answer begins to be sent."""

    BUFFERED = "BUFFERED"
    RESPONSE_STREAM = "RESPONSE_STREAM"


CodeKind: TypeAlias = Literal["inline", "folder", "s3", "image"]


@frozen
class Code:
    """A function's code: `Code.inline(...)`, `.folder(...)`, `.s3(...)` or `.image(...)`."""

    kind: CodeKind
    place: Text
    """The source text, the path, the bucket, or the image's URI."""
    key: Text | None = None
    version: Text | None = None

    @classmethod
    def inline(cls, source: str) -> Code:
        """Source text in the template, for Python and Node.js: at most 4 MiB; the handler is `index.NAME`."""
        return cls("inline", source)

    @classmethod
    def folder(cls, path: str) -> Code:
        """A folder or a zip file beside the template, which `aws cloudformation package` or SAM uploads."""
        return cls("folder", path)

    @classmethod
    def s3(cls, bucket: Text, key: Text, version: Text | None = None) -> Code:
        """A zip file in S3, and perhaps the object's version."""
        return cls("s3", bucket, key, version)

    @classmethod
    def image(cls, uri: Text) -> Code:
        """A container image in ECR, which has its own runtime and handler."""
        return cls("image", uri)


@frozen
class Cors:
    """What browsers let pages of other origins do with a function's URL."""

    origins: tuple[str, ...] = field(default=(), converter=_strs)
    """At most 100, such as `https://example.com`, or `*`."""
    methods: tuple[str, ...] = field(default=(), converter=_strs)
    """Of GET, PUT, HEAD, POST, PATCH, DELETE; or `*`."""
    headers: tuple[str, ...] = field(default=(), converter=_strs)
    """That a request may have; at most 100."""
    exposed_headers: tuple[str, ...] = field(default=(), converter=_strs)
    """That a page may read; at most 100."""
    credentials: bool | None = None
    """Whether cookies are sent."""
    max_age: timedelta | None = None
    """For how long a browser keeps all this; at most a day."""


@frozen
class FunctionUrl:
    """An HTTPS address of a function."""

    auth: UrlAuth = UrlAuth.AWS_IAM
    callers: tuple[Text, ...] = field(default=(), converter=texts, kw_only=True)
    """With AWS_IAM: accounts or ARNs of principals that the function itself lets in."""
    cors: Cors | None = field(default=None, kw_only=True)
    invoke_mode: InvokeMode | None = field(default=None, kw_only=True)
    """None: BUFFERED."""
    alias: str | None = field(default=None, kw_only=True)
    """Calls the alias that `provisioned` declares; None: the latest code."""


@frozen
class Permission:
    """A statement of the function's resource-based policy: who may invoke it."""

    principal: Text
    """A service (`s3.amazonaws.com`), an account, the ARN of a role or user, or `*`."""
    action: str = field(default="lambda:InvokeFunction", kw_only=True)
    source_arn: Text | None = field(default=None, kw_only=True)
    """The only bucket, topic, rule ... for which a service may."""
    source_account: Text | None = field(default=None, kw_only=True)
    organization: Text | None = field(default=None, kw_only=True)
    """With the principal `*`: only this AWS organization, `o-...`."""
    alias: str | None = field(default=None, kw_only=True)
    """May invoke the alias that `provisioned` declares; None: the latest code."""


@frozen
class ProvisionedConcurrency:
    """Environments that are kept ready, for a version that is published under an alias."""

    alias: str
    """1 to 128 letters, digits, `-` and `_`; no number, and never `$LATEST`."""
    executions: int
    """At least 1, and no more than the reserved concurrency."""


@frozen(kw_only=True)
class AsynchronousInvocation:
    """What becomes of events that the function gets through Lambda's own queue."""

    max_retries: int | None = None
    """0 to 2; None: 2."""
    max_age: timedelta | None = None
    """How long an event waits at most, 60 seconds to 6 hours; None: 6 hours."""
    on_success: Destination | str | Reference | None = None
    """A queue, topic, event bus or function."""
    on_failure: Destination | str | Reference | None = None
    """A queue, topic, event bus, bucket or function."""
    alias: str | None = None
    """For events to the alias that `provisioned` declares; None: for those to the latest code."""


@frozen
class LogGroup:
    """Where a function's logs go."""

    retention_days: int | None = None
    """One of the numbers that CloudWatch Logs knows, such as 7, 30, 365; None: for ever."""
    name: Text | None = field(default=None, kw_only=True)
    """None: `/aws/lambda/` and the function's name."""
    removal_policy: RemovalPolicy = field(default=RemovalPolicy.DESTROY, kw_only=True)
    """What becomes of the logs when the stack goes."""
